// SPDX-License-Identifier: BSL-1.0
// The six intraclass correlations of raters and targets, and which of them a design asks for.
#pragma once

#include <limits>
#include <optional>
#include <string_view>

#include <rapport/core/failure.hpp>
#include <rapport/core/result.hpp>
#include <rapport/stats/anova.hpp>

namespace rapport {

/// The six forms of Shrout and Fleiss; McGraw and Wong's names beside them.
enum class icc_form : unsigned char {
  icc1,   ///< ICC(1,1), ICC(1): other raters for every target; one rating
  icc2,   ///< ICC(2,1), ICC(A,1): the same raters, absolute agreement; one rating
  icc3,   ///< ICC(3,1), ICC(C,1): the same raters, consistency; one rating
  icc1k,  ///< ICC(1,k), ICC(k): other raters for every target; mean of k ratings
  icc2k,  ///< ICC(2,k), ICC(A,k): the same raters, absolute agreement; mean of k ratings
  icc3k   ///< ICC(3,k), ICC(C,k): the same raters, consistency; mean of k ratings
};

/// All forms, in the order of the tables.
inline constexpr icc_form all_icc_forms[] = {icc_form::icc1,  icc_form::icc2,  icc_form::icc3,
                                             icc_form::icc1k, icc_form::icc2k, icc_form::icc3k};

/// Short name of a form: ICC1, ICC2, ..., ICC3k.
[[nodiscard]] constexpr std::string_view to_string(icc_form form) noexcept {
  constexpr std::string_view names[] = {"ICC1", "ICC2", "ICC3", "ICC1k", "ICC2k", "ICC3k"};
  return names[static_cast<unsigned>(form)];
}

/// The name of a form after McGraw and Wong (1996).
[[nodiscard]] constexpr std::string_view mcgraw_wong_name(icc_form form) noexcept {
  constexpr std::string_view names[] = {"ICC(1)", "ICC(A,1)", "ICC(C,1)", "ICC(k)", "ICC(A,k)", "ICC(C,k)"};
  return names[static_cast<unsigned>(form)];
}

/// Whether a form speaks of the mean of all ratings.
[[nodiscard]] constexpr bool is_of_means(icc_form form) noexcept { return form >= icc_form::icc1k; }

/// Who rated whom.
enum class rater_assignment : unsigned char {
  same_raters,   ///< every rater rated every target
  other_raters,  ///< every target has raters of its own
};
/// Of whom the result is to speak.
enum class rater_population : unsigned char {
  sample_of_raters,  ///< of raters in general; these are a sample
  these_raters       ///< of these raters alone
};
/// What counts as agreement.
enum class rater_agreement : unsigned char {
  absolute,    ///< the same number
  consistency  ///< the same order and distances; one rater may be stricter throughout
};
/// What will be used later.
enum class rating_use : unsigned char {
  single,  ///< the rating of one rater
  mean     ///< the mean of as many raters as here
};

/// The answers to the four questions of the design.
struct icc_design {
  rater_assignment assignment = rater_assignment::same_raters;
  rater_population population = rater_population::sample_of_raters;
  rater_agreement agreement = rater_agreement::absolute;
  rating_use use = rating_use::single;
};

/// The form that a design asks for, and why.
struct icc_choice {
  icc_form form{};
  std::string_view reason{};
};

/// Which intraclass correlation answers the question.
/// \param design  who rated whom, of whom the result speaks, what counts as agreement, what will be used
/// \return      the form, and the reason in words
/// Reference:   Shrout & Fleiss (1979), doi 10.1037/0033-2909.86.2.420; McGraw & Wong (1996),
///              doi 10.1037/1082-989X.1.1.30
[[nodiscard]] constexpr icc_choice choose_icc(const icc_design& design) noexcept {
  const bool of_means = design.use == rating_use::mean;
  if (design.assignment == rater_assignment::other_raters) {
    return {of_means ? icc_form::icc1k : icc_form::icc1,
            "Every target has raters of its own, so how strict a rater is cannot be told from how high the target "
            "stands; both count as error."};
  }
  if (design.agreement == rater_agreement::absolute) {
    return {of_means ? icc_form::icc2k : icc_form::icc2,
            design.population == rater_population::sample_of_raters
                ? "The same raters rated every target, are a sample of those who will rate, and must give the same "
                  "numbers: differences between raters count as error."
                : "The same raters rated every target and must give the same numbers: differences between raters count "
                  "as error. For these raters alone the formula is the same as for a sample; its meaning is not "
                  "extended to others."};
  }
  return {of_means ? icc_form::icc3k : icc_form::icc3,
          design.population == rater_population::these_raters
              ? "The same raters rated every target, only they matter, and a rater may be stricter throughout: "
                "differences between raters do not count as error."
              : "The same raters rated every target and only order and distances matter: differences between raters do "
                "not count as error. For a sample of raters the formula is the same as for these alone."};
}

namespace detail {

/// Numerator and denominator of a form, on the scale of mean squares.
template <class Scalar>
struct icc_ratio {
  Scalar signal{};
  Scalar total{};
  Scalar size{};  ///< of the parts of the total, signs left out: a total that is far smaller is rounding
};

template <class Scalar>
[[nodiscard]] icc_ratio<Scalar> icc_parts(const stats::two_way_anova<Scalar>& a, icc_form form) {
  const auto n = static_cast<Scalar>(a.n_rows);
  const auto k = static_cast<Scalar>(a.n_columns);
  const Scalar& targets = a.rows.mean_square;
  const Scalar& raters = a.columns.mean_square;
  const Scalar& error = a.residual.mean_square;
  const Scalar within = a.mean_square_within();
  switch (form) {
    case icc_form::icc1: return {targets - within, targets + (k - 1) * within, targets};
    case icc_form::icc2:
      return {targets - error, targets + (k - 1) * error + k * (raters - error) / n,
              targets + (k - 1) * error + k * (raters + error) / n};
    case icc_form::icc3: return {targets - error, targets + (k - 1) * error, targets};
    case icc_form::icc1k: return {targets - within, targets, targets};
    case icc_form::icc2k: return {targets - error, targets + (raters - error) / n, targets + (raters + error) / n};
    case icc_form::icc3k: return {targets - error, targets, targets};
  }
  return {};
}

}  // namespace detail

/// One intraclass correlation from mean squares.
/// Model:       T, R, E, W: mean squares of targets, raters, residual, within targets; n targets, k raters.
///              ICC1 (T - W) / (T + (k - 1) W), ICC2 (T - E) / (T + (k - 1) E + k (R - E) / n),
///              ICC3 (T - E) / (T + (k - 1) E), ICC1k (T - W) / T, ICC2k (T - E) / (T + (R - E) / n), ICC3k (T - E) / T
/// \param a     of targets x raters
/// \param form  which one
/// \return      the estimate; negative where targets differ less than error explains; empty if the denominator is not
///              positive, so that the variance it should be a share of is not there
/// Reference:   Shrout & Fleiss (1979), doi 10.1037/0033-2909.86.2.420
/// R:           psych::ICC(x, lmer = FALSE)$results$ICC
template <class Scalar>
[[nodiscard]] std::optional<Scalar> intraclass_correlation(const stats::two_way_anova<Scalar>& a, icc_form form) {
  const auto parts = detail::icc_parts(a, form);
  if (!(parts.total > 64 * std::numeric_limits<Scalar>::epsilon() * parts.size)) return std::nullopt;
  return Scalar(parts.signal / parts.total);
}

/// The six intraclass correlations of a table of ratings, and the variances behind them.
template <class Scalar>
struct icc_estimates {
  stats::two_way_anova<Scalar> anova{};
  std::optional<Scalar> value[6]{};  ///< in the order of all_icc_forms; see intraclass_correlation for empty ones

  /// The estimate of one form.
  [[nodiscard]] const std::optional<Scalar>& of(icc_form form) const { return value[static_cast<unsigned>(form)]; }
};

/// All six intraclass correlations of a complete table, without intervals.
/// \param x     targets x raters, complete
/// \return      estimates and mean squares
/// Errors:      errc::too_few_levels below 2 targets or raters; errc::incomplete_design naming a missing rating;
///              errc::not_finite; errc::zero_variance if all ratings are alike
/// Missing:     none allowed; icc_inference.hpp leaves incomplete targets out and counts them
/// Numerics:    see stats::analyse_two_way
/// R:           psych::ICC(x, lmer = FALSE)$results$ICC
template <class Derived>
[[nodiscard]] auto estimate_icc(const Eigen::MatrixBase<Derived>& x)
    -> result<icc_estimates<typename Derived::Scalar>> {
  using Scalar = typename Derived::Scalar;
  auto a = stats::detail::two_way<Scalar>(x.derived(), "estimate_icc");
  if (!a) return a.error();
  if (!(a->rows.sum_of_squares + a->columns.sum_of_squares + a->residual.sum_of_squares > 0))
    return error{.code = errc::zero_variance, .function = "estimate_icc", .subject = "the ratings"};
  icc_estimates<Scalar> out;
  out.anova = *a;
  for (const icc_form form : all_icc_forms) out.value[static_cast<unsigned>(form)] = intraclass_correlation(*a, form);
  return out;
}

}  // namespace rapport
