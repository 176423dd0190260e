// SPDX-License-Identifier: BSL-1.0
// Cronbach's alpha, raw and standardized, with Feldt's interval and the normal-theory standard error.
#pragma once

#include <cmath>
#include <string>
#include <utility>

#include <rapport/core/estimate.hpp>
#include <rapport/core/failure.hpp>
#include <rapport/core/number_text.hpp>
#include <rapport/core/result.hpp>
#include <rapport/stats/covariance.hpp>
#include <rapport/stats/distribution/fisher_f.hpp>

namespace rapport {

/// How alpha is estimated.
struct alpha_options {
  stats::missing_cells missing = stats::missing_cells::pairwise;  ///< rows behind each covariance
  double level = 0.95;                                            ///< of the interval, strictly between 0 and 1
};

/// Checks the options.
/// Errors: errc::invalid_option if the level is not strictly between 0 and 1
[[nodiscard]] inline result<void> validate(const alpha_options& options) {
  return check_level(options.level, "cronbach_alpha");
}

namespace detail {

/// k / (k - 1) (1 - trace / total) of a covariance matrix.
template <class Scalar>
[[nodiscard]] Scalar alpha_of(const stats::matrix<Scalar>& c) {
  const auto k = static_cast<Scalar>(c.cols());
  return k / (k - 1) * (1 - c.trace() / c.sum());
}

/// The large-sample variance of alpha times n, for normal items with covariance matrix c.
template <class Scalar>
[[nodiscard]] Scalar alpha_sampling_variance(const stats::matrix<Scalar>& c) {
  const auto k = static_cast<Scalar>(c.cols());
  const Scalar total = c.sum();
  const Scalar trace = c.trace();
  const Scalar trace_of_square = c.squaredNorm();
  const Scalar total_of_square = c.rowwise().sum().squaredNorm();
  return 2 * k * k / ((k - 1) * (k - 1) * total * total * total) *
         (total * (trace_of_square + trace * trace) - 2 * trace * total_of_square);
}

/// What alpha needs of a covariance matrix, or why it cannot be had.
template <class Scalar>
[[nodiscard]] result<void> check_alpha_input(const stats::covariance_estimate<Scalar>& c, const char* function) {
  if (c.n_columns() < 2) {
    return error{
        .code = errc::too_few_columns, .function = function, .value = static_cast<double>(c.n_columns()), .lower = 2};
  }
  if (!(c.covariance.sum() > 0)) {
    return error{
        .code = errc::negative_total_variance, .function = function, .value = static_cast<double>(c.covariance.sum())};
  }
  return {};
}

}  // namespace detail

/// Feldt's confidence interval for alpha.
/// Model:       (1 - alpha) / (1 - alpha_hat) ~ F(n - 1, (n - 1)(k - 1)), exact for normal items of equal variances and
///              covariances
/// \param alpha  the estimate
/// \param n      persons
/// \param k      items
/// \param level  confidence level
/// \return      the interval; both ends at most 1
/// Errors:      errc::too_few_rows below 2 persons; errc::too_few_columns below 2 items; errc::invalid_option
/// Numerics:    two F quantiles; about 1e-12 relative
/// Not for:     items at their floor or ceiling: nominal 95 % then covers about 91 %
/// Reference:   Feldt (1965), doi 10.1007/BF02289499; Feldt, Woodruff & Salih (1987), doi 10.1177/014662168701100107
/// R:           psych::alpha.ci(alpha, n, k)
template <class Scalar>
[[nodiscard]] result<basic_interval<Scalar>> feldt_interval(const Scalar& alpha, index n, index k,
                                                            double level = 0.95) {
  if (auto legal = check_level(level, "feldt_interval"); !legal) return legal.error();
  if (n < 2)
    return error{.code = errc::too_few_rows, .function = "feldt_interval", .value = static_cast<double>(n), .lower = 2};
  if (k < 2)
    return error{
        .code = errc::too_few_columns, .function = "feldt_interval", .value = static_cast<double>(k), .lower = 2};
  const auto df1 = static_cast<Scalar>(n - 1);
  const auto df2 = static_cast<Scalar>((n - 1) * (k - 1));
  const Scalar tail = (1 - static_cast<Scalar>(level)) / 2;
  basic_interval<Scalar> out;
  out.lower = 1 - (1 - alpha) * stats::fisher_f_quantile<Scalar>(1 - tail, df1, df2);
  out.upper = 1 - (1 - alpha) * stats::fisher_f_quantile<Scalar>(tail, df1, df2);
  out.level = level;
  using std::isfinite;
  if (!isfinite(out.lower) || !isfinite(out.upper))
    return error{.code = errc::numeric_failure, .function = "feldt_interval"};
  return out;
}

/// Cronbach's alpha from a covariance matrix.
/// Model:       alpha = k / (k - 1) (1 - sum_i c_ii / sum_ij c_ij), c = covariances of the k items
/// \param c        covariances of the items, reversed items reversed already
/// \param options  the level of the interval; `missing` is not used here
/// \return      estimate; normal-theory standard error; Feldt's interval; n as covariance_estimate::n()
/// Errors:      errc::too_few_columns below 2 items; errc::negative_total_variance if the sum score does not vary;
///              errc::invalid_option
/// Missing:     as the covariances handled it; `method` says how
/// Numerics:    closed form; cost O(k^2)
/// Not for:     evidence of one dimension: alpha is high for many items whatever they measure
/// Reference:   Cronbach (1951), doi 10.1007/BF02310555; standard error: van Zyl, Neudecker & Nel (2000),
///              doi 10.1007/BF02296146
/// R:           psych::alpha(x)$total$raw_alpha and $total$ase
template <class Scalar>
[[nodiscard]] result<basic_estimate<Scalar>> cronbach_alpha(const stats::covariance_estimate<Scalar>& c,
                                                            const alpha_options& options = {}) {
  if (auto legal = validate(options); !legal) return legal.error();
  if (auto usable = detail::check_alpha_input(c, "cronbach_alpha"); !usable) return usable.error();

  basic_estimate<Scalar> out;
  out.estimate = detail::alpha_of(c.covariance);
  out.n = c.n();
  using std::sqrt;
  const Scalar variance = detail::alpha_sampling_variance(c.covariance) / static_cast<Scalar>(c.n());
  // A pairwise matrix can be indefinite, and the formula negative then: no standard error rather than NaN.
  if (variance >= 0) out.standard_error = sqrt(variance);
  auto interval = feldt_interval(out.estimate, c.n(), c.n_columns(), options.level);
  if (!interval) return interval.error();
  out.interval = *interval;

  const bool any_missing = c.n_complete < c.n_rows;
  out.method = std::string("alpha, ") + (c.handling == stats::missing_cells::listwise ? "listwise" : "pairwise") +
               ", Feldt " + std::string(number_text(100 * options.level, 6)) + " %";
  if (any_missing && c.handling == stats::missing_cells::pairwise) {
    out.notes.push_back(std::to_string(c.n_rows - c.n_complete) +
                        " persons left items out; the interval treats them as complete and is too narrow by that much");
  }
  if (any_missing && c.handling == stats::missing_cells::listwise) {
    out.notes.push_back(std::to_string(c.n_rows - c.n_complete) + " persons with missing answers were left out");
  }
  for (index j = 0; j < c.n_columns(); ++j) {
    if (!(c.covariance(j, j) > 0)) out.notes.push_back("item " + std::to_string(j + 1) + " does not vary");
  }
  if (out.estimate < 0) out.notes.emplace_back("alpha is negative: some items may need to be reversed");
  return out;
}

/// Cronbach's alpha of a table of answers; see the form that takes covariances.
/// \param items    persons x items; NaN is missing
/// \param options  rows behind each covariance, level of the interval
/// \return      estimate, standard error, interval, method in words, n, notes
/// Errors:      those of stats::covariance and of the form that takes covariances
/// Missing:     pairwise by default; notes say how many persons left items out
/// Reference:   Cronbach (1951), doi 10.1007/BF02310555
/// R:           psych::alpha(x)
/// Example:     docs/snippets/alpha.cpp
template <class Derived>
[[nodiscard]] auto cronbach_alpha(const Eigen::MatrixBase<Derived>& items, const alpha_options& options = {})
    -> result<basic_estimate<typename Derived::Scalar>> {
  auto c = stats::covariance(items, options.missing);
  if (!c) return c.error();
  return cronbach_alpha(*c, options);
}

/// Cronbach's alpha of a response table.
template <class Scalar>
[[nodiscard]] result<basic_estimate<Scalar>> cronbach_alpha(const basic_response_matrix<Scalar>& items,
                                                            const alpha_options& options = {}) {
  return cronbach_alpha(stats::as_matrix(items), options);
}

/// Standardized alpha: alpha of the items brought to equal variances.
/// Model:       k r / (1 + (k - 1) r), r = mean correlation, from the correlations that go with the covariances given
/// \param c     covariances of the items
/// \return      the coefficient alone; its interval is not Feldt's
/// Errors:      errc::too_few_columns; errc::zero_variance naming an item; errc::negative_total_variance
/// R:           psych::alpha(x)$total$std.alpha
template <class Scalar>
[[nodiscard]] result<Scalar> standardized_alpha(const stats::covariance_estimate<Scalar>& c) {
  if (auto usable = detail::check_alpha_input(c, "standardized_alpha"); !usable) return usable.error();
  auto r = stats::correlation_from_covariance(c.covariance);
  if (!r) return r.error();
  if (!(r->sum() > 0))
    return error{.code = errc::negative_total_variance,
                 .function = "standardized_alpha",
                 .value = static_cast<double>(r->sum())};
  return detail::alpha_of(*r);
}

/// The mean correlation between items, from the correlations that go with the covariances given.
/// Errors:      errc::too_few_columns; errc::zero_variance naming an item; errc::negative_total_variance
/// R:           psych::alpha(x)$total$average_r
template <class Scalar>
[[nodiscard]] result<Scalar> mean_inter_item_correlation(const stats::covariance_estimate<Scalar>& c) {
  if (auto usable = detail::check_alpha_input(c, "mean_inter_item_correlation"); !usable) return usable.error();
  auto r = stats::correlation_from_covariance(c.covariance);
  if (!r) return r.error();
  const auto k = static_cast<Scalar>(c.n_columns());
  return Scalar((r->sum() - k) / (k * (k - 1)));
}

/// The standard error of measurement of the sum score.
/// Model:       sd(sum) sqrt(1 - alpha), the variance of the sum being that of the covariance matrix
/// \param c      covariances of the items
/// \param alpha  the reliability to use
/// \return      in points of the sum score; empty if alpha is above 1
/// R:           sd(rowSums(x)) * sqrt(1 - alpha) for complete data
template <class Scalar>
[[nodiscard]] std::optional<Scalar> standard_error_of_measurement(const stats::covariance_estimate<Scalar>& c,
                                                                  const Scalar& alpha) {
  using std::sqrt;
  const Scalar error_variance = c.covariance.sum() * (1 - alpha);
  if (!(error_variance >= 0)) return std::nullopt;
  return sqrt(error_variance);
}

}  // namespace rapport
