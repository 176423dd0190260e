// SPDX-License-Identifier: BSL-1.0
// Test-retest reliability: correlation and concordance of two measurements, with the error they imply.
#pragma once

#include <cmath>
#include <limits>
#include <optional>
#include <span>
#include <string>

#include <rapport/core/estimate.hpp>
#include <rapport/core/failure.hpp>
#include <rapport/core/result.hpp>
#include <rapport/reliability/measurement_error.hpp>
#include <rapport/reliability/reliable_change.hpp>
#include <rapport/stats/distribution/chi_squared.hpp>
#include <rapport/stats/distribution/student_t.hpp>

namespace rapport {

/// Two measurements of the same persons.
template <class Scalar>
struct basic_retest {
  basic_estimate<Scalar> correlation{};           ///< Pearson's r with Fisher's interval
  std::optional<Scalar> correlation_p{};          ///< of r = 0, two-sided; empty below 3 persons or at |r| = 1
  basic_estimate<Scalar> concordance{};           ///< Lin's coefficient: r lowered by shifts of mean and spread
  basic_estimate<Scalar> mean_change{};           ///< second minus first, with Student's interval
  std::optional<Scalar> mean_change_p{};          ///< of no change, two-sided; empty if every person changed alike
  Scalar standard_error_of_measurement{};         ///< sd of the first sqrt(1 - r)
  basic_estimate<Scalar> error_of_differences{};  ///< sd of the differences / sqrt(2), with the chi-squared interval
  index n = 0;                                    ///< persons measured twice
  index n_incomplete = 0;                         ///< persons left out
};

namespace detail {

/// atanh(x) -+ z se, back-transformed.
template <class Scalar>
[[nodiscard]] basic_interval<Scalar> fisher_interval(const Scalar& r, const Scalar& se_of_z, double level) {
  using std::atanh;
  using std::tanh;
  const Scalar half = two_sided_normal<Scalar>(level) * se_of_z;
  return {tanh(atanh(r) - half), tanh(atanh(r) + half), level};
}

template <class Scalar>
[[nodiscard]] basic_estimate<Scalar> pearson_estimate(const pair_moments<Scalar>& m, double level) {
  using std::abs;
  using std::sqrt;
  basic_estimate<Scalar> out;
  out.estimate = m.covariance / (sqrt(m.var_first) * sqrt(m.var_second));
  // Measurements on a line miss 1 by a few roundings.
  if (1 - abs(out.estimate) < 16 * std::numeric_limits<Scalar>::epsilon()) out.estimate = m.covariance > 0 ? 1 : -1;
  out.n = m.n;
  out.method = "Pearson's r, Fisher " + percent(level);
  out.interval = {Scalar(-1), Scalar(1), level};
  if (m.n < 4) {
    out.notes.emplace_back("fewer than 4 persons: the interval holds every value");
  } else if (abs(out.estimate) < 1) {
    out.interval = fisher_interval(out.estimate, Scalar(1 / sqrt(static_cast<Scalar>(m.n - 3))), level);
  } else {
    out.interval = {out.estimate, out.estimate, level};
    out.notes.emplace_back("the two measurements lie on a line: no interval can be had");
  }
  return out;
}

template <class Scalar>
[[nodiscard]] basic_estimate<Scalar> lin_estimate(const pair_moments<Scalar>& m, const Scalar& r, double level) {
  using std::abs;
  using std::sqrt;
  const auto n = static_cast<Scalar>(m.n);
  // Lin's own moments have divisor n; his variance of atanh(c) is for large samples.
  const Scalar to_n = (n - 1) / n;
  const Scalar shift = m.mean_second - m.mean_first;
  const Scalar var_first = m.var_first * to_n;
  const Scalar var_second = m.var_second * to_n;
  basic_estimate<Scalar> out;
  out.estimate = 2 * m.covariance * to_n / (var_first + var_second + shift * shift);
  out.n = m.n;
  out.method = "Lin's concordance, moments with divisor n, Fisher-transformed " + percent(level);
  out.interval = {Scalar(-1), Scalar(1), level};
  const Scalar& c = out.estimate;
  if (m.n < 4) {
    out.notes.emplace_back("fewer than 4 persons: the interval holds every value");
  } else if (abs(c) < 1 && r != 0) {
    const Scalar u2 = shift * shift / (sqrt(var_first) * sqrt(var_second));
    const Scalar rest = 1 - c * c;
    const Scalar variance = ((1 - r * r) * c * c / (rest * r * r) + 2 * c * c * c * (1 - c) * u2 / (r * rest * rest) -
                             c * c * c * c * u2 * u2 / (2 * r * r * rest * rest)) /
                            (n - 2);
    if (variance >= 0) out.interval = fisher_interval(c, Scalar(sqrt(variance)), level);
  } else if (!(abs(c) < 1)) {
    out.interval = {c, c, level};
    out.notes.emplace_back("every person has the same score twice: no interval can be had");
  }
  return out;
}

}  // namespace detail

/// Test-retest reliability of one score.
/// Model:       r = cov / (s1 s2); concordance = 2 cov / (s1^2 + s2^2 + (m2 - m1)^2), divisor n;
///              SEM = s1 sqrt(1 - r); error of differences = sd(second - first) / sqrt(2)
/// \param first   scores, one per person; NaN is missing
/// \param second  scores of the same persons later
/// \param level   of all intervals
/// \return      see basic_retest
/// Errors:      errc::size_mismatch; errc::not_finite; errc::too_few_rows below 2 complete pairs; errc::zero_variance;
///              errc::invalid_option
/// Missing:     persons without one of the two scores are left out and counted
/// Numerics:    closed form, two passes
/// Not for:     measurements between which the persons changed: r then mixes change with error. r alone does not see that
///              everybody shifted; concordance does
/// Reference:   Fisher (1921); Lin (1989), doi 10.2307/2532051, with the correction of 2000 to the variance
/// R:           cor.test(first, second); sd(second - first) / sqrt(2)
template <class Scalar>
[[nodiscard]] result<basic_retest<Scalar>> test_retest(std::span<const Scalar> first, std::span<const Scalar> second,
                                                       double level = 0.95) {
  using std::sqrt;
  if (auto legal = check_level(level, "test_retest"); !legal) return legal.error();
  const auto m = detail::moments_of_pairs(first, second, "test_retest");
  if (!m) return m.error();
  if (!(m->var_first > 0) || !(m->var_second > 0))
    return error{.code = errc::zero_variance,
                 .function = "test_retest",
                 .subject = m->var_first > 0 ? "the second measurement" : "the first measurement"};

  basic_retest<Scalar> out;
  out.n = m->n;
  out.n_incomplete = std::ssize(first) - m->n;
  const auto n = static_cast<Scalar>(m->n);
  out.correlation = detail::pearson_estimate(*m, level);
  const Scalar& r = out.correlation.estimate;
  if (m->n > 2 && r * r < 1)
    out.correlation_p = stats::student_t_two_sided<Scalar>(r * sqrt((n - 2) / (1 - r * r)), n - 2);
  out.concordance = detail::lin_estimate(*m, r, level);
  out.standard_error_of_measurement = sqrt(m->var_first) * sqrt(1 - r);

  // The variance of differences from the moments loses digits when the two measurements nearly agree: once more.
  const Scalar shift = m->mean_second - m->mean_first;
  Scalar squares(0);
  for (std::size_t i = 0; i < first.size(); ++i) {
    if (is_missing(first[i]) || is_missing(second[i])) continue;
    const Scalar d = (second[i] - first[i]) - shift;
    squares += d * d;
  }
  const Scalar df = n - 1;
  const Scalar sd_difference = sqrt(squares / df);
  const Scalar tail = (1 - static_cast<Scalar>(level)) / 2;
  out.mean_change.estimate = shift;
  out.mean_change.standard_error = sd_difference / sqrt(n);
  const Scalar half = stats::student_t_quantile<Scalar>(1 - tail, df) * *out.mean_change.standard_error;
  out.mean_change.interval = {shift - half, shift + half, level};
  out.mean_change.n = m->n;
  out.mean_change.method = "mean of second minus first, Student " + detail::percent(level);
  if (sd_difference > 0)
    out.mean_change_p = stats::student_t_two_sided<Scalar>(shift / *out.mean_change.standard_error, df);

  auto& error_sd = out.error_of_differences;
  error_sd.estimate = sd_difference / sqrt(Scalar(2));
  error_sd.interval = {error_sd.estimate * sqrt(df / stats::chi_squared_quantile<Scalar>(1 - tail, df)),
                       error_sd.estimate * sqrt(df / stats::chi_squared_quantile<Scalar>(tail, df)), level};
  error_sd.n = m->n;
  error_sd.method = "SD of the differences / sqrt(2), chi-squared " + detail::percent(level);
  return out;
}

}  // namespace rapport
