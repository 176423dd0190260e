// SPDX-License-Identifier: BSL-1.0
// Intervals of fixed effects by the profile likelihood: every value that a likelihood-ratio test would not reject.
#pragma once

#include <algorithm>
#include <cmath>
#include <utility>

#include <rapport/core/estimate.hpp>
#include <rapport/stats/distribution/normal.hpp>
#include <rapport/stats/mixed_model/parametric_bootstrap.hpp>

namespace rapport::stats {

/// The profile interval of a fixed effect: where the ML deviance, all else at its best, exceeds its minimum by the
/// quantile of chi-squared with 1 degree of freedom.
/// \param rows    mixed_model_data or nested_model_data
/// \param column  which fixed effect
/// \param level   confidence level, strictly between 0 and 1
/// \return     the interval; always by ML, as a likelihood ratio of fixed effects needs
/// Errors:     those of the fit; errc::invalid_option for a column that is not there, or the only one;
///             errc::numeric_failure if the deviance does not rise that far
/// Numerics:   each end is a root of the exact profile, by the regula falsi (Illinois), to about 9 digits
/// Reference:  Venzon & Moolgavkar (1988), doi 10.2307/2347496
/// R:          lme4::confint(fit, method = "profile"), which interpolates
template <class Rows>
[[nodiscard]] auto profile_interval(const Rows& rows, index column, double level = 0.95)
    -> result<basic_interval<typename decltype(rows.y)::Scalar>> {
  using Scalar = typename decltype(rows.y)::Scalar;
  using std::abs;
  using std::sqrt;
  if (auto legal = check_level(level, "profile_interval"); !legal) return legal.error();
  const index p = rows.x.cols();
  if (p < 2) {  // without the profiled one none would be left
    return error{.code = errc::invalid_option,
                 .function = "profile_interval",
                 .value = static_cast<double>(p),
                 .lower = 2,
                 .upper = static_cast<double>((std::max)(rows.y.size() - 1, index(2))),
                 .subject = "the number of coefficients, where a profile varies one beside others,"};
  }
  if (column < 0 || column >= p) {
    return error{.code = errc::invalid_option,
                 .function = "profile_interval",
                 .value = static_cast<double>(column),
                 .lower = 0,
                 .upper = static_cast<double>(p - 1),
                 .subject = "the position of a fixed effect"};
  }
  const auto best = fit_rows(rows, likelihood::ml);
  if (!best) return best.error();
  Rows without = rows;
  without.x.resize(rows.x.rows(), p - 1);
  without.x.leftCols(column) = rows.x.leftCols(column);
  without.x.rightCols(p - 1 - column) = rows.x.rightCols(p - 1 - column);
  const Scalar z = normal_quantile(static_cast<Scalar>(1 + level) / 2);
  // The signed root of the deviance is nearly linear in the effect.
  const auto excess = [&](const Scalar& value) -> result<Scalar> {
    without.y = rows.y - value * rows.x.col(column);
    const auto fit = fit_rows(without, likelihood::ml);
    if (!fit) return fit.error();
    const Scalar rise = fit->deviance - best->deviance;
    return Scalar(sqrt(rise > 0 ? rise : Scalar(0)) - z);
  };
  basic_interval<Scalar> out{Scalar(0), Scalar(0), level};
  const Scalar center = best->fixed(column);
  const Scalar step = z * sqrt(best->fixed_covariance(column, column));
  constexpr int most_evaluations = 100;
  for (const int side : {-1, 1}) {
    Scalar near = center;
    Scalar near_excess = -z;
    Scalar far = center;
    Scalar far_excess = -z;
    int evaluations = 0;
    for (Scalar length = step; !(far_excess > 0); length *= Scalar(1.5)) {
      if (++evaluations > most_evaluations) return error{.code = errc::numeric_failure, .function = "profile_interval"};
      near = far;
      near_excess = far_excess;
      far = center + side * length;
      const auto at = excess(far);
      if (!at) return at.error();
      far_excess = *at;
    }
    // The root lies between near and far. Illinois: an end that stays is halved, so that the other moves too.
    const Scalar close_enough = step * Scalar(1e-11);
    int kept = 0;
    while (abs(far - near) > close_enough && abs(far_excess) > Scalar(1e-12) && evaluations++ < most_evaluations) {
      const Scalar middle = far - far_excess * (far - near) / (far_excess - near_excess);
      const auto at = excess(middle);
      if (!at) return at.error();
      if ((*at > 0) == (far_excess > 0)) {
        far = middle;
        far_excess = *at;
        if (kept == 1) near_excess /= 2;
        kept = 1;
      } else {
        near = far;
        near_excess = far_excess;
        far = middle;
        far_excess = *at;
        kept = 0;
      }
    }
    (side < 0 ? out.lower : out.upper) = far;
  }
  return out;
}

}  // namespace rapport::stats
