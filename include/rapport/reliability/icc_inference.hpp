// SPDX-License-Identifier: BSL-1.0
// F tests and confidence intervals of the six intraclass correlations.
#pragma once

#include <array>
#include <cmath>
#include <limits>
#include <optional>
#include <string>

#include <rapport/core/estimate.hpp>
#include <rapport/core/failure.hpp>
#include <rapport/core/result.hpp>
#include <rapport/reliability/icc.hpp>
#include <rapport/reliability/measurement_error.hpp>
#include <rapport/stats/distribution/fisher_f.hpp>

namespace rapport {

/// One intraclass correlation with its test.
template <class Scalar>
struct basic_icc : basic_estimate<Scalar> {
  icc_form form{};
  std::optional<Scalar> f{};  ///< of no differences between targets; empty if the error is zero
  Scalar df1{};
  Scalar df2{};
  std::optional<Scalar> p{};
};

/// The six of them, with what they rest on.
template <class Scalar>
struct basic_icc_table {
  std::array<std::optional<basic_icc<Scalar>>, 6> of_form{};  ///< in the order of all_icc_forms; empty: not defined
  stats::two_way_anova<Scalar> anova{};
  index n = 0;             ///< complete targets
  index n_incomplete = 0;  ///< targets left out because a rating is missing

  /// One form.
  [[nodiscard]] const std::optional<basic_icc<Scalar>>& of(icc_form form) const {
    return of_form[static_cast<std::size_t>(form)];
  }
};

namespace detail {

/// The degrees of freedom of Satterthwaite behind McGraw and Wong's interval of absolute agreement.
template <class Scalar>
[[nodiscard]] Scalar icc2_df(const stats::two_way_anova<Scalar>& a, const Scalar& icc) {
  const auto n = static_cast<Scalar>(a.n_rows);
  const auto k = static_cast<Scalar>(a.n_columns);
  // Multiplied through by the error, which may be zero.
  const Scalar raters = k * icc * a.columns.mean_square;
  const Scalar rest = (n * (1 + (k - 1) * icc) - k * icc) * a.residual.mean_square;
  const Scalar sum = raters + rest;
  const Scalar squares = (n - 1) * raters * raters + rest * rest;
  const Scalar df = squares > 0 ? Scalar((k - 1) * (n - 1) * sum * sum / squares) : Scalar(0);
  // A negative estimate can make both parts cancel; it then counts as 0, which leaves the df of the residual.
  return df >= 1 ? df : Scalar((k - 1) * (n - 1));
}

/// Signal over total, or the far end if the total is not positive.
template <class Scalar>
[[nodiscard]] Scalar icc_limit(const Scalar& signal, const Scalar& total) {
  return total > 0 ? Scalar(signal / total) : Scalar(-std::numeric_limits<Scalar>::infinity());
}

template <class Scalar>
[[nodiscard]] basic_interval<Scalar> icc_interval(const stats::two_way_anova<Scalar>& a, icc_form form,
                                                  const Scalar& icc2, double level) {
  const auto n = static_cast<Scalar>(a.n_rows);
  const auto k = static_cast<Scalar>(a.n_columns);
  const Scalar upper_p = (1 + static_cast<Scalar>(level)) / 2;
  const Scalar& targets = a.rows.mean_square;
  const Scalar& raters = a.columns.mean_square;
  const Scalar& error = a.residual.mean_square;
  const bool of_means = is_of_means(form);
  if (form == icc_form::icc2 || form == icc_form::icc2k) {
    const Scalar df = icc2_df(a, icc2);
    const Scalar f_lower = stats::fisher_f_quantile<Scalar>(upper_p, n - 1, df);
    const Scalar f_upper = stats::fisher_f_quantile<Scalar>(upper_p, df, n - 1);
    if (of_means) {
      return {icc_limit<Scalar>(n * (targets - f_lower * error), n * targets + f_lower * (raters - error)),
              icc_limit<Scalar>(n * (f_upper * targets - error), n * f_upper * targets + raters - error), level};
    }
    const Scalar rest = k * raters + (k * n - k - n) * error;
    return {n * (targets - f_lower * error) / (f_lower * rest + n * targets),
            n * (f_upper * targets - error) / (rest + n * f_upper * targets), level};
  }
  const bool one_way = form == icc_form::icc1 || form == icc_form::icc1k;
  const Scalar noise = one_way ? a.mean_square_within() : error;
  const Scalar df1 = n - 1;
  const Scalar df2 = one_way ? n * (k - 1) : (n - 1) * (k - 1);
  const Scalar lower = targets / stats::fisher_f_quantile<Scalar>(upper_p, df1, df2);
  const Scalar upper = targets * stats::fisher_f_quantile<Scalar>(upper_p, df2, df1);
  const Scalar others = of_means ? Scalar(0) : Scalar(k - 1);
  return {icc_limit<Scalar>(lower - noise, lower + others * noise),
          icc_limit<Scalar>(upper - noise, upper + others * noise), level};
}

}  // namespace detail

/// One intraclass correlation with F test and interval, from mean squares.
/// Model:       F = T / W (ICC1, ICC1k) or T / E (the others), of no differences between targets; intervals of ICC1 and
///              ICC3 exact for normal ratings, of ICC2 by Satterthwaite's df (below 1, those of the residual); those of means by Spearman and Brown
/// \param a      of targets x raters
/// \param form   which one
/// \param level  of the interval
/// \return      estimate, F, df, p, interval; a limit that the data do not bound is minus infinity
/// Errors:      errc::invalid_option; errc::zero_variance if the variance that the form is a share of is not there
/// Numerics:    quantiles of F, about 1e-12 relative
/// Not for:     raters who influence each other, or targets that are sessions of few clients: neither is independent
/// Reference:   Shrout & Fleiss (1979), doi 10.1037/0033-2909.86.2.420; McGraw & Wong (1996),
///              doi 10.1037/1082-989X.1.1.30
/// R:           psych::ICC(x, lmer = FALSE)
template <class Scalar>
[[nodiscard]] result<basic_icc<Scalar>> icc_with_interval(const stats::two_way_anova<Scalar>& a, icc_form form,
                                                          double level = 0.95) {
  using std::isfinite;
  if (auto legal = check_level(level, "icc_with_interval"); !legal) return legal.error();
  const auto value = intraclass_correlation(a, form);
  if (!value)
    return error{
        .code = errc::zero_variance, .function = "icc_with_interval", .subject = "the mean rating of the targets"};
  const bool one_way = form == icc_form::icc1 || form == icc_form::icc1k;
  basic_icc<Scalar> out;
  out.form = form;
  out.estimate = *value;
  out.n = a.n_rows;
  out.df1 = static_cast<Scalar>(a.n_rows - 1);
  out.df2 = static_cast<Scalar>((one_way ? a.n_rows : a.n_rows - 1) * (a.n_columns - 1));
  const Scalar noise = one_way ? a.mean_square_within() : a.residual.mean_square;
  out.method = std::string(to_string(form)) + " = " + std::string(mcgraw_wong_name(form)) + ", analysis of variance, " +
               (form == icc_form::icc2 || form == icc_form::icc2k ? "Satterthwaite " : "F ") + detail::percent(level);
  const bool is_perfect = a.residual.mean_square == 0 && a.columns.mean_square == 0;
  if (noise > 0) {
    out.f = a.rows.mean_square / noise;
    out.p = stats::fisher_f_upper_tail<Scalar>(*out.f, out.df1, out.df2);
  } else {
    out.notes.emplace_back("the raters leave no error, so there is no F test");
  }
  if (is_perfect) {
    out.interval = {out.estimate, out.estimate, level};
    return out;
  }
  const auto icc2 = intraclass_correlation(a, icc_form::icc2);
  out.interval = detail::icc_interval<Scalar>(a, form, icc2.value_or(Scalar(0)), level);
  // Where the targets do not differ at all, a limit equals the estimate and can lie a rounding on its other side.
  if (out.interval.lower > out.estimate) out.interval.lower = out.estimate;
  if (out.interval.upper < out.estimate) out.interval.upper = out.estimate;
  if (out.estimate < 0) out.notes.emplace_back("negative: targets differ less than error alone would make them");
  if (!isfinite(out.interval.lower)) out.notes.emplace_back("the data do not bound the lower end of the interval");
  if (out.interval.lower != out.interval.lower || out.interval.upper != out.interval.upper)
    return error{.code = errc::numeric_failure, .function = "icc_with_interval", .subject = "the interval"};
  return out;
}

/// All six intraclass correlations with F tests and intervals.
/// \param x      targets x raters; NaN is missing
/// \param level  of the intervals
/// \return      the six, in the order of all_icc_forms, mean squares and variance components
/// Errors:      errc::too_few_levels below 2 complete targets or 2 raters; errc::not_finite; errc::zero_variance if all
///              ratings are alike; errc::invalid_option
/// Missing:     targets with a missing rating are left out and counted
/// Reference:   Shrout & Fleiss (1979), doi 10.1037/0033-2909.86.2.420
/// R:           psych::ICC(x, lmer = FALSE)
template <class Derived>
[[nodiscard]] auto intraclass_correlations(const Eigen::MatrixBase<Derived>& x, double level = 0.95)
    -> result<basic_icc_table<typename Derived::Scalar>> {
  using Scalar = typename Derived::Scalar;
  if (auto legal = check_level(level, "intraclass_correlations"); !legal) return legal.error();
  stats::matrix<Scalar> kept(x.rows(), x.cols());
  index n = 0;
  for (index i = 0; i < x.rows(); ++i) {
    bool is_complete = true;
    for (index j = 0; j < x.cols(); ++j) {
      using std::isfinite;
      const Scalar value = x(i, j);
      if (is_missing(value)) {
        is_complete = false;
      } else if (!isfinite(value)) {
        return error{.code = errc::not_finite, .function = "intraclass_correlations", .row = i, .column = j};
      }
      kept(n, j) = value;
    }
    if (is_complete) ++n;
  }
  kept.conservativeResize(n, Eigen::NoChange);
  const auto a = stats::detail::two_way<Scalar>(kept, "intraclass_correlations");
  if (!a) return a.error();
  if (!(a->rows.sum_of_squares + a->columns.sum_of_squares + a->residual.sum_of_squares > 0))
    return error{.code = errc::zero_variance, .function = "intraclass_correlations", .subject = "the ratings"};
  basic_icc_table<Scalar> out;
  out.anova = *a;
  out.n = n;
  out.n_incomplete = x.rows() - n;
  for (const icc_form form : all_icc_forms) {
    auto one = icc_with_interval(*a, form, level);
    if (!one && one.error().code == errc::zero_variance) continue;
    if (!one) return one.error();
    if (out.n_incomplete > 0)
      one->notes.push_back(std::to_string(out.n_incomplete) + " targets with missing ratings were left out");
    out.of_form[static_cast<std::size_t>(form)] = *one;
  }
  return out;
}

}  // namespace rapport
