// SPDX-License-Identifier: BSL-1.0
// The trend of values one step apart, by ranks: Mann and Kendall's test, Sen's slope with the interval of integer ranks.
#pragma once

#include <algorithm>
#include <cmath>
#include <optional>
#include <span>
#include <vector>

#include <rapport/core/result.hpp>
#include <rapport/stats/control_chart.hpp>
#include <rapport/stats/detail/median.hpp>
#include <rapport/stats/distribution/normal.hpp>
#include <rapport/stats/trend.hpp>

namespace rapport::stats {

/// Mann and Kendall's test of values one step apart; see the form that takes times.
/// \param y     values in order, none missing
/// \return   the test
/// Errors:   errc::no_data; errc::too_few_rows below 3; errc::missing_value; errc::not_finite; errc::zero_variance
/// Numerics: O(n^2)
/// Not for:  autocorrelated values: their p is too small
/// R:        trend::mk.test(y)
template <class Scalar>
[[nodiscard]] result<mann_kendall_test<Scalar>> mann_kendall(std::span<const Scalar> y) {
  if (auto legal = detail::check_series(y, "mann_kendall", 3); !legal) return legal.error();
  std::vector<Scalar> step(y.size());
  for (std::size_t i = 0; i < step.size(); ++i) step[i] = static_cast<Scalar>(i);
  return mann_kendall(std::span<const Scalar>(step), y);
}

/// Sen's slope: the median of the slopes between all pairs.
template <class Scalar>
struct sen_slope_estimate {
  Scalar slope{};                 ///< per step
  std::optional<Scalar> lower{};  ///< empty if the series is too short for the level
  std::optional<Scalar> upper{};
};

/// Estimates a trend that outliers hardly move.
/// \param y      values in order, one step apart, none missing
/// \param level  of the interval; in (0, 1)
/// \return    slope and interval
/// Errors:    errc::no_data; errc::too_few_rows below 3; errc::missing_value; errc::not_finite; errc::invalid_option
/// Numerics:  ranks of the interval's ends rounded to the nearest, halves to the even one; O(n^2 log n)
/// Reference: Sen (1968), doi 10.1080/01621459.1968.10480934
/// R:         trend::sens.slope(y, conf.level = level)
template <class Scalar>
[[nodiscard]] result<sen_slope_estimate<Scalar>> sen_slope(std::span<const Scalar> y,
                                                           const Scalar& level = Scalar(0.95)) {
  using std::floor;
  using std::sqrt;
  if (!(level > 0 && level < 1)) return detail::chart_option("sen_slope", "level", static_cast<double>(level), 0, 1);
  const auto test = mann_kendall(y);
  // Values that are all equal have no test, but a slope: 0, with certainty.
  if (!test && test.error().code != errc::zero_variance) return test.error();
  std::vector<Scalar> slopes;
  for (std::size_t i = 0; i < y.size(); ++i) {
    for (std::size_t j = i + 1; j < y.size(); ++j) slopes.push_back((y[j] - y[i]) / static_cast<Scalar>(j - i));
  }
  std::sort(slopes.begin(), slopes.end());
  const auto n = static_cast<Scalar>(std::ssize(slopes));
  const Scalar half = -normal_quantile(Scalar((1 - level) / 2)) * sqrt(test ? test->variance : Scalar(0));
  const auto rounded = [](const Scalar& x) {
    const Scalar below = floor(x);
    const bool up = x - below > Scalar(0.5) || (x - below == Scalar(0.5) && floor(below / 2) * 2 != below);
    return static_cast<index>(below) + (up ? 1 : 0);
  };
  const index low = rounded(Scalar((n - half) / 2));
  const index high = rounded(Scalar((n + half) / 2 + 1));
  sen_slope_estimate<Scalar> out;
  out.slope = detail::median_of(slopes);
  if (low >= 1) out.lower = slopes[as_size(low - 1)];
  if (high <= std::ssize(slopes)) out.upper = slopes[as_size(high - 1)];
  return out;
}

}  // namespace rapport::stats
