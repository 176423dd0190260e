// SPDX-License-Identifier: BSL-1.0
// Cronbach's alpha, raw and standardized, with its intervals and the normal-theory standard error.
#pragma once

#include <cmath>
#include <limits>
#include <optional>
#include <string>
#include <utility>

#include <rapport/core/estimate.hpp>
#include <rapport/core/failure.hpp>
#include <rapport/core/number_text.hpp>
#include <rapport/core/result.hpp>
#include <rapport/reliability/alpha_interval.hpp>
#include <rapport/reliability/interval_choice.hpp>
#include <rapport/reliability/reversed_items.hpp>
#include <rapport/stats/covariance.hpp>

namespace rapport {

/// How alpha is estimated.
struct alpha_options {
  stats::missing_cells missing = stats::missing_cells::pairwise;         ///< rows behind each covariance
  double level = 0.95;                                                   ///< of the interval, strictly between 0 and 1
  interval_choice<alpha_interval> interval = alpha_interval::automatic;  ///< automatic: see alpha_interval
};

/// Below so many persons the notes say that the interval is a rough guide: see docs/coverage.md.
inline constexpr index interval_least_persons = 30;

/// Checks the options.
/// Errors: errc::invalid_option if the level is not strictly between 0 and 1
[[nodiscard]] inline result<void> validate(const alpha_options& options) {
  return check_level(options.level, "cronbach_alpha");
}

namespace detail {

/// A variance of the sum score that is no larger is what rounding leaves where the items cancel each other.
template <class Scalar>
[[nodiscard]] Scalar least_total_variance(const stats::matrix<Scalar>& covariance) {
  return 4096 * std::numeric_limits<Scalar>::epsilon() * covariance.trace();
}

/// What alpha needs of a covariance matrix, or why it cannot be had.
template <class Scalar>
[[nodiscard]] result<void> check_alpha_input(const stats::covariance_estimate<Scalar>& c, const char* function) {
  if (c.n_columns() < 2) {
    return error{
        .code = errc::too_few_columns, .function = function, .value = static_cast<double>(c.n_columns()), .lower = 2};
  }
  if (!(c.covariance.sum() > least_total_variance(c.covariance))) {
    return error{
        .code = errc::negative_total_variance, .function = function, .value = static_cast<double>(c.covariance.sum())};
  }
  return {};
}

}  // namespace detail

namespace detail {

/// Alpha with everything but its interval.
template <class Scalar>
[[nodiscard]] basic_estimate<Scalar> alpha_without_interval(const stats::covariance_estimate<Scalar>& c) {
  using std::sqrt;
  basic_estimate<Scalar> out;
  out.estimate = alpha_of(c.covariance);
  out.n = c.n();
  const Scalar variance = alpha_sampling_variance(c.covariance) / static_cast<Scalar>(c.n());
  // A pairwise matrix can be indefinite, and the formula negative then: no standard error rather than NaN.
  if (variance >= 0) out.standard_error = sqrt(variance);
  if (c.n_complete < c.n_rows && c.handling == stats::missing_cells::listwise) {
    out.notes.push_back(std::to_string(c.n_rows - c.n_complete) + " persons with missing answers were left out");
  }
  for (index j = 0; j < c.n_columns(); ++j) {
    if (!(c.covariance(j, j) > 0)) out.notes.push_back("item " + std::to_string(j + 1) + " does not vary");
  }
  for (const index j : suspected_reversed_items(c.covariance)) {
    out.notes.push_back("item " + std::to_string(j + 1) + " runs against the others: it may need to be reversed");
  }
  if (out.estimate > 1) {
    out.notes.emplace_back(
        "alpha is above 1: covariances of different persons contradict each other; use complete rows (listwise)");
  }
  if (out.estimate < 0) out.notes.emplace_back("alpha is negative: some items may need to be reversed");
  return out;
}

/// The analytic intervals that need no answers.
template <class Scalar>
[[nodiscard]] result<basic_interval<Scalar>> interval_from_covariances(const basic_estimate<Scalar>& alpha, index k,
                                                                       alpha_interval kind, double level) {
  switch (kind) {
    case alpha_interval::automatic:
    case alpha_interval::feldt: return feldt_interval(alpha.estimate, alpha.n, k, level);
    case alpha_interval::bonett: return bonett_interval(alpha.estimate, alpha.n, k, level);
    case alpha_interval::fisher: return fisher_interval(alpha.estimate, alpha.n, k, level);
    case alpha_interval::hakstian_whalen: return hakstian_whalen_interval(alpha.estimate, alpha.n, k, level);
    case alpha_interval::duhachek: {
      if (!alpha.standard_error) return error{.code = errc::numeric_failure, .function = "cronbach_alpha"};
      const Scalar half = two_sided_z<Scalar>(level) * *alpha.standard_error;
      return basic_interval<Scalar>{alpha.estimate - half, alpha.estimate + half, level};
    }
    case alpha_interval::jackknife:
    case alpha_interval::adf: break;
  }
  return error{.code = errc::needs_answers, .function = "cronbach_alpha", .subject = to_string(kind)};
}

template <class Scalar>
void describe_alpha(const stats::covariance_estimate<Scalar>& c, std::string_view kind, double level,
                    basic_estimate<Scalar>& out) {
  out.method = std::string("alpha, ") + (c.handling == stats::missing_cells::listwise ? "listwise" : "pairwise") +
               ", " + std::string(kind) + " " + std::string(number_text(100 * level, 6)) + " %";
}

/// ADF and the bootstrap know of missing cells; the reader is to know of them too.
template <class Scalar>
void add_missing_note(const stats::covariance_estimate<Scalar>& c, basic_estimate<Scalar>& out) {
  if (c.n_complete == c.n_rows || c.handling == stats::missing_cells::listwise) return;
  out.notes.insert(out.notes.begin(), std::to_string(c.n_rows - c.n_complete) +
                                          " persons left items out; each covariance rests on those who answered both "
                                          "items, and the interval knows of it");
}

/// Most intervals do not know of the cells that are missing.
template <class Scalar>
void add_pairwise_note(const stats::covariance_estimate<Scalar>& c, basic_estimate<Scalar>& out) {
  if (c.n_complete == c.n_rows || c.handling == stats::missing_cells::listwise) return;
  out.notes.insert(out.notes.begin(), std::to_string(c.n_rows - c.n_complete) +
                                          " persons left items out; the interval treats them as complete and is too "
                                          "narrow by that much");
}

template <class Scalar>
[[nodiscard]] result<basic_estimate<Scalar>> alpha_with_adf(const stats::matrix_ref<Scalar>& items,
                                                            const stats::covariance_estimate<Scalar>& c, double level) {
  basic_estimate<Scalar> out = alpha_without_interval(c);
  const auto se = adf_standard_error(items, c);
  if (!se) return se.error();
  const Scalar half = two_sided_z<Scalar>(level) * *se;
  out.standard_error = *se;
  out.interval = {out.estimate - half, out.estimate + half, level};
  describe_alpha(c, to_string(alpha_interval::adf), level, out);
  add_missing_note(c, out);
  return out;
}

template <class Scalar>
[[nodiscard]] result<basic_estimate<Scalar>> alpha_with_bootstrap(const stats::matrix_ref<Scalar>& items,
                                                                  const stats::covariance_estimate<Scalar>& c,
                                                                  const bootstrap_bca& settings, bool bca,
                                                                  double level) {
  basic_estimate<Scalar> out = alpha_without_interval(c);
  // A resample of one answer pattern leaves a variance of rounding size, not zero.
  const Scalar least = least_total_variance(c.covariance);
  const auto b = bootstrap_covariance_statistic<Scalar>(items, c.handling, settings, bca, out.estimate, level, [least] {
    return [least](const stats::matrix<Scalar>& s) {
      return s.sum() > least ? std::optional<Scalar>(alpha_of(s)) : std::optional<Scalar>();
    };
  });
  if (!b) return b.error();
  apply_bootstrap(*b, settings.replicates, out);
  describe_alpha(c, bootstrap_name(settings, bca), level, out);
  add_missing_note(c, out);
  return out;
}

template <class Scalar>
[[nodiscard]] result<basic_estimate<Scalar>> alpha_with_jackknife(const stats::matrix_ref<Scalar>& items,
                                                                  const stats::covariance_estimate<Scalar>& c,
                                                                  double level) {
  basic_estimate<Scalar> out = alpha_without_interval(c);
  const Scalar least = least_total_variance(c.covariance);
  const auto left_out = jackknife_covariance_statistic<Scalar>(items, c.handling, out.estimate, level, [least] {
    return [least](const stats::matrix<Scalar>& s) {
      return s.sum() > least ? std::optional<Scalar>(alpha_of(s)) : std::optional<Scalar>();
    };
  });
  if (!left_out) return left_out.error();
  out.interval = left_out->interval;
  out.standard_error = left_out->standard_error;
  describe_alpha(c, to_string(alpha_interval::jackknife), level, out);
  add_missing_note(c, out);
  return out;
}

}  // namespace detail

/// Cronbach's alpha from a covariance matrix.
/// Model:       alpha = k / (k - 1) (1 - sum_i c_ii / sum_ij c_ij), c = covariances of the k items
/// \param c        covariances of the items, reversed items reversed already
/// \param options  level and kind of the interval, Feldt's unless told otherwise; `missing` is not used here
/// \return      estimate; normal-theory standard error; interval; n as covariance_estimate::n()
/// Errors:      errc::too_few_columns below 2 items; errc::negative_total_variance if the sum score does not vary;
///              errc::needs_answers for an interval that covariances cannot give; those of the interval;
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
  if (options.interval.bootstrap()) {
    return error{.code = errc::needs_answers, .function = "cronbach_alpha", .subject = "bootstrap"};
  }
  basic_estimate<Scalar> out = detail::alpha_without_interval(c);
  const auto kind = options.interval.is(alpha_interval::automatic) ? alpha_interval::feldt : options.interval.kind();
  auto interval = detail::interval_from_covariances(out, c.n_columns(), kind, options.level);
  if (!interval) return interval.error();
  out.interval = *interval;
  detail::describe_alpha(c, to_string(kind), options.level, out);
  detail::add_pairwise_note(c, out);
  return out;
}

/// Cronbach's alpha of a table of answers; see the form that takes covariances.
/// \param items    persons x items; NaN is missing
/// \param options  rows behind each covariance, level and kind of the interval
/// \return      estimate, standard error, interval, method in words, n, notes. The automatic interval is the
///              jackknife, from 1000 persons on ADF; where one person decides whether alpha exists it is Feldt's, and a
///              note says so. The standard error goes with the interval: distribution-free with jackknife and ADF, of the
///              replicates with a bootstrap, for normal items otherwise
/// Errors:      those of stats::covariance and of the form that takes covariances
/// Missing:     pairwise by default; notes say how many persons left items out
/// Reference:   Cronbach (1951), doi 10.1007/BF02310555
/// R:           psych::alpha(x)
/// Example:     docs/snippets/alpha.cpp
template <class Derived>
[[nodiscard]] auto cronbach_alpha(const Eigen::MatrixBase<Derived>& items, const alpha_options& options = {})
    -> result<basic_estimate<typename Derived::Scalar>> {
  using Scalar = typename Derived::Scalar;
  if (auto legal = validate(options); !legal) return legal.error();
  auto c = stats::covariance(items, options.missing);
  if (!c) return c.error();
  if (auto usable = detail::check_alpha_input(*c, "cronbach_alpha"); !usable) return usable.error();
  const bool automatic = options.interval.is(alpha_interval::automatic);
  if (options.interval.is(alpha_interval::adf) || (automatic && c->n() >= adf_least_persons))
    return detail::alpha_with_adf<Scalar>(items.derived(), *c, options.level);
  if (options.interval.is(alpha_interval::jackknife))
    return detail::alpha_with_jackknife<Scalar>(items.derived(), *c, options.level);
  if (const auto& settings = options.interval.bootstrap())
    return detail::alpha_with_bootstrap<Scalar>(items.derived(), *c, *settings, options.interval.is_bca(),
                                                options.level);
  if (!automatic) return cronbach_alpha(*c, options);

  auto out = detail::alpha_with_jackknife<Scalar>(items.derived(), *c, options.level);
  if (!out) {
    out = cronbach_alpha(*c, {.missing = options.missing, .level = options.level});
    if (!out) return out;
    out->notes.emplace_back(
        "the jackknife fails on these data, and Feldt's interval does not hold either: read it as a rough guide");
  } else if (c->n() < interval_least_persons) {
    out->notes.push_back("fewer than " + std::to_string(interval_least_persons) +
                         " persons: no interval for alpha is known to hold its level then; read it as a rough guide");
  }
  return out;
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
