// SPDX-License-Identifier: BSL-1.0
// The shape of every estimate in the library: a number, how sure it is, how it was made, from how much.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include <rapport/core/index.hpp>
#include <rapport/core/result.hpp>

namespace rapport {

/// A confidence interval and its level (.95 for 95 %).
template <class Scalar>
struct basic_interval {
  Scalar lower{};
  Scalar upper{};
  double level = 0.95;

  [[nodiscard]] constexpr bool contains(const Scalar& x) const { return lower <= x && x <= upper; }
};

/// Checks a confidence level.
/// \param level     strictly between 0 and 1
/// \param function  the public function that was called, for the message
/// \return          nothing
/// Errors:          errc::invalid_option
[[nodiscard]] constexpr result<void> check_level(double level, const char* function) noexcept {
  if (level > 0 && level < 1) return {};
  return error{.code = errc::invalid_option,
               .function = function,
               .value = level,
               .lower = 0,
               .upper = 1,
               .subject = "the confidence level"};
}

/// A coefficient with its uncertainty and its origin.
template <class Scalar>
struct basic_estimate {
  Scalar estimate{};
  std::optional<Scalar> standard_error{};  ///< empty where the method has none
  basic_interval<Scalar> interval{};
  std::string method{};              ///< formula, handling of missing values, kind of interval, in words
  index n = 0;                       ///< the persons (or clients) it rests on
  std::vector<std::string> notes{};  ///< what the reader must know before believing the number
};

}  // namespace rapport
