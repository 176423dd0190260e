// SPDX-License-Identifier: BSL-1.0
// Limits of agreement of two ways of measuring the same thing, after Bland and Altman.
#pragma once

#include <algorithm>
#include <cmath>
#include <optional>
#include <span>
#include <string>

#include <rapport/core/estimate.hpp>
#include <rapport/core/failure.hpp>
#include <rapport/core/result.hpp>
#include <rapport/reliability/measurement_error.hpp>
#include <rapport/reliability/reliable_change.hpp>
#include <rapport/stats/distribution/student_t.hpp>

namespace rapport {

/// How limits of agreement are computed.
struct bland_altman_options {
  double coverage = 0.95;  ///< share of differences between the limits, for normal differences
  double level = 0.95;     ///< of the intervals
};

/// How far two measurements of the same thing differ.
template <class Scalar>
struct basic_bland_altman {
  basic_estimate<Scalar> bias{};   ///< mean of second minus first
  Scalar sd{};                     ///< of the differences, divisor n - 1
  basic_estimate<Scalar> lower{};  ///< limit of agreement
  basic_estimate<Scalar> upper{};
  std::optional<basic_estimate<Scalar>> slope{};  ///< of the difference on the mean of both; not 0: the bias depends on
                                                  ///< the size. Empty below 3 pairs or if the means are all alike
  std::optional<Scalar> intercept{};              ///< of that line
  index n = 0;
  index n_incomplete = 0;  ///< pairs left out because one is missing
};

/// Bias and limits of agreement.
/// Model:       d = second - first; limits mean(d) -+ z sd(d), z the normal quantile of the coverage; standard error of a
///              limit sd sqrt(1 / n + z^2 / (2 (n - 1))), Student's interval with n - 1 df
/// \param first    one measurement per subject; NaN is missing
/// \param second   the other one of the same subjects
/// \param options  coverage of the limits, level of the intervals
/// \return      see basic_bland_altman
/// Errors:      errc::size_mismatch; errc::not_finite; errc::too_few_rows below 2 complete pairs; errc::invalid_option
/// Missing:     incomplete pairs are left out and counted
/// Numerics:    closed form
/// Not for:     several pairs of one subject: the limits are then too narrow. Differences that grow with the size: look at
///              the slope
/// Reference:   Bland & Altman (1986), doi 10.1016/S0140-6736(86)90837-8; (1999), doi 10.1177/096228029900800204
/// R:           blandr or BlandAltmanLeh; lm(d ~ mean) for the slope
template <class Scalar>
[[nodiscard]] result<basic_bland_altman<Scalar>> bland_altman(std::span<const Scalar> first,
                                                              std::span<const Scalar> second,
                                                              const bland_altman_options& options = {}) {
  using std::sqrt;
  constexpr const char* function = "bland_altman";
  if (auto legal = check_level(options.level, function); !legal) return legal.error();
  if (!(options.coverage > 0 && options.coverage < 1))
    return error{.code = errc::invalid_option,
                 .function = function,
                 .value = options.coverage,
                 .lower = 0,
                 .upper = 1,
                 .subject = "the coverage"};
  const auto m = detail::moments_of_pairs(first, second, function);
  if (!m) return m.error();
  const auto n = static_cast<Scalar>(m->n);
  const Scalar df = n - 1;
  basic_bland_altman<Scalar> out;
  out.n = m->n;
  out.n_incomplete = std::ssize(first) - m->n;
  const Scalar shift = m->mean_second - m->mean_first;
  Scalar dd(0);
  Scalar mm(0);
  Scalar md(0);
  const Scalar centre = (m->mean_first + m->mean_second) / 2;
  for (std::size_t i = 0; i < first.size(); ++i) {
    if (is_missing(first[i]) || is_missing(second[i])) continue;
    const Scalar d = (second[i] - first[i]) - shift;
    const Scalar mean = (first[i] + second[i]) / 2 - centre;
    dd += d * d;
    mm += mean * mean;
    md += mean * d;
  }
  out.sd = sqrt(dd / df);
  const Scalar t = stats::student_t_quantile<Scalar>((1 + static_cast<Scalar>(options.level)) / 2, df);
  const auto estimate = [&](const Scalar& value, const Scalar& se, const Scalar& quantile, const char* what) {
    basic_estimate<Scalar> one;
    one.estimate = value;
    one.standard_error = se;
    one.interval = {value - quantile * se, value + quantile * se, options.level};
    one.method = what + (", Student " + detail::percent(options.level));
    one.n = out.n;
    return one;
  };
  const Scalar z = detail::two_sided_normal<Scalar>(options.coverage);
  const Scalar limit_se = out.sd * sqrt(1 / n + z * z / (2 * df));
  const std::string limit = "limit of agreement for " + detail::percent(options.coverage);
  out.bias = estimate(shift, out.sd / sqrt(n), t, "mean of second minus first");
  out.lower = estimate(shift - z * out.sd, limit_se, t, limit.c_str());
  out.upper = estimate(shift + z * out.sd, limit_se, t, limit.c_str());
  if (m->n > 2 && mm > 0) {
    const Scalar slope = md / mm;
    const Scalar left = (std::max)(Scalar(dd - slope * md), Scalar(0)) / (n - 2);
    const Scalar quantile = stats::student_t_quantile<Scalar>((1 + static_cast<Scalar>(options.level)) / 2, n - 2);
    out.slope = estimate(slope, Scalar(sqrt(left / mm)), quantile, "slope of the difference on the mean");
    out.intercept = shift - slope * centre;
  }
  return out;
}

}  // namespace rapport
