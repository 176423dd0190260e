// SPDX-License-Identifier: BSL-1.0
// The spread of a series around its changing level, by which it is divided before a penalty for unit variance.
#pragma once

#include <cmath>
#include <span>
#include <utility>
#include <vector>

#include <rapport/core/result.hpp>
#include <rapport/stats/control_chart.hpp>
#include <rapport/stats/detail/median.hpp>

namespace rapport::stats {

/// The SD of a series around its level, whatever changes that makes.
/// Model:     1.4826 median |d - median d| / sqrt(2), d = differences of neighbors
/// \param y   values in order, none missing
/// \return the SD if the values are normal and independent around their level
/// Errors:    errc::no_data; errc::too_few_rows below 2; errc::missing_value; errc::not_finite; errc::zero_variance if
///            more than half of the differences are equal
/// R:         mad(diff(y)) / sqrt(2)
template <class Scalar>
[[nodiscard]] result<Scalar> difference_mad(std::span<const Scalar> y) {
  using std::fabs;
  using std::sqrt;
  if (auto legal = detail::check_series(y, "difference_mad", 2); !legal) return legal.error();
  std::vector<Scalar> d;
  for (std::size_t t = 1; t < y.size(); ++t) d.push_back(y[t] - y[t - 1]);
  const Scalar middle = detail::median_of(d);
  for (Scalar& each : d) each = fabs(each - middle);
  const Scalar mad = Scalar(1.4826) * detail::median_of(std::move(d)) / sqrt(Scalar(2));
  if (!(mad > 0)) return error{.code = errc::zero_variance, .function = "difference_mad", .subject = "the series"};
  return mad;
}

/// The SD of a series, changes included.
/// Errors: errc::no_data; errc::too_few_rows below 2; errc::missing_value; errc::not_finite; errc::zero_variance
/// R:      sd(y)
template <class Scalar>
[[nodiscard]] result<Scalar> series_deviation(std::span<const Scalar> y) {
  const auto base = estimate_chart_baseline(y, {.sigma = chart_sigma::sd});
  if (!base) return base.error();
  const Scalar sd = base->sigma * detail::c4<Scalar>(base->n);
  if (!(sd > 0)) return error{.code = errc::zero_variance, .function = "series_deviation", .subject = "the series"};
  return sd;
}

}  // namespace rapport::stats
