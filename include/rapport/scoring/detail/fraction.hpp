// SPDX-License-Identifier: BSL-1.0
// Fractions of whole numbers: scores are exact until they are divided once, at the end.
#pragma once

#include <cstdint>
#include <limits>

#include <rapport/instruments/answer_scale.hpp>

namespace rapport::detail {

/// top / bottom, bottom being positive.
struct fraction {
  std::int64_t top = 0;
  std::int64_t bottom = 1;
};

/// a * b; false if it does not fit.
[[nodiscard]] constexpr bool product(std::int64_t a, std::int64_t b, std::int64_t& out) noexcept {
  constexpr std::int64_t most = (std::numeric_limits<std::int64_t>::max)();
  const std::int64_t size_a = a < 0 ? -a : a;
  const std::int64_t size_b = b < 0 ? -b : b;
  if (size_b != 0 && size_a > most / size_b) return false;
  out = a * b;
  return true;
}

/// value * factor, reduced; false if it does not fit.
[[nodiscard]] constexpr bool multiply(fraction& value, const ratio& factor) noexcept {
  const bool fits = product(value.top, factor.top, value.top) && product(value.bottom, factor.bottom, value.bottom);
  if (!fits) return false;
  const std::int64_t common = greatest_common_divisor(value.top, value.bottom);
  value.top /= common;
  value.bottom /= common;
  return true;
}

/// sum + other, reduced; false if it does not fit.
[[nodiscard]] constexpr bool add(fraction& sum, const fraction& other) noexcept {
  const std::int64_t common = greatest_common_divisor(sum.bottom, other.bottom);
  std::int64_t left = 0;
  std::int64_t right = 0;
  std::int64_t bottom = 0;
  const bool fits = product(sum.top, other.bottom / common, left) && product(other.top, sum.bottom / common, right) &&
                    product(sum.bottom, other.bottom / common, bottom);
  constexpr std::int64_t half = (std::numeric_limits<std::int64_t>::max)() / 2;
  if (!fits || left > half || left < -half || right > half || right < -half) return false;
  const std::int64_t top = left + right;
  const std::int64_t divisor = greatest_common_divisor(top, bottom);
  sum = {top / divisor, bottom / divisor};
  return true;
}

}  // namespace rapport::detail
