// SPDX-License-Identifier: BSL-1.0
// How far a score may be off: standard error of measurement, smallest detectable change, true score, session error.
#pragma once

#include <cmath>
#include <limits>
#include <span>
#include <string>
#include <string_view>

#include <rapport/core/estimate.hpp>
#include <rapport/core/failure.hpp>
#include <rapport/core/missing.hpp>
#include <rapport/core/number_text.hpp>
#include <rapport/core/result.hpp>
#include <rapport/stats/distribution/normal.hpp>

namespace rapport {

namespace detail {

/// A number that must be finite and lie in [lower, upper], or strictly below upper.
template <class Scalar>
[[nodiscard]] result<void> check_share(const Scalar& x, std::string_view what, const char* function,
                                       bool below_one = false) {
  if (x >= 0 && (below_one ? x < 1 : x <= 1)) return {};
  return error{.code = errc::invalid_option,
               .function = function,
               .value = static_cast<double>(x),
               .lower = 0,
               .upper = 1,
               .subject = what};
}

template <class Scalar>
[[nodiscard]] result<void> check_positive(const Scalar& x, std::string_view what, const char* function) {
  using std::isfinite;
  if (x > 0 && isfinite(x)) return {};
  return error{.code = errc::invalid_option,
               .function = function,
               .value = static_cast<double>(x),
               .lower = 0,
               .upper = (std::numeric_limits<double>::max)(),
               .subject = what};
}

/// A level in words: "95 %".
[[nodiscard]] inline std::string percent(double level) { return std::string(number_text(100 * level, 6)) + " %"; }

/// The normal quantile that leaves (1 - level) / 2 above it.
template <class Scalar>
[[nodiscard]] Scalar two_sided_normal(double level) {
  return stats::normal_quantile<Scalar>((1 + static_cast<Scalar>(level)) / 2);
}

}  // namespace detail

/// The standard error of measurement: how far scores of one unchanged person lie from each other.
/// Model:       sd sqrt(1 - reliability)
/// \param sd           between persons, in points of the score
/// \param reliability  of the score, 0 to 1
/// \return      in points of the score
/// Errors:      errc::invalid_option if sd is not positive or the reliability lies outside 0..1
/// Not for:     changes between sessions of one client: the reliability between persons says little about them
/// Reference:   Lord & Novick (1968), Statistical theories of mental test scores, eq. 3.4.5
template <class Scalar>
[[nodiscard]] result<Scalar> standard_error_of_measurement(const Scalar& sd, const Scalar& reliability) {
  using std::sqrt;
  if (auto legal = detail::check_positive(sd, "the standard deviation", "standard_error_of_measurement"); !legal)
    return legal.error();
  if (auto legal = detail::check_share(reliability, "the reliability", "standard_error_of_measurement"); !legal)
    return legal.error();
  return Scalar(sd * sqrt(1 - reliability));
}

/// The standard error of measurement where the reliability is itself estimated.
/// Model:       sd sqrt(1 - reliability), at the estimate and at both ends of its interval
/// \param sd           between persons, taken as known
/// \param reliability  an estimate with its interval, of alpha or of a test-retest correlation
/// \return      estimate and interval, in points of the score; no standard error
/// Errors:      errc::invalid_option if sd is not positive or the estimate lies outside 0..1
/// Numerics:    closed form; an upper end of the reliability's interval above 1 counts as 1
/// Not for:     small samples whose sd is uncertain too: the interval is then too narrow
template <class Scalar>
[[nodiscard]] result<basic_estimate<Scalar>> standard_error_of_measurement(const Scalar& sd,
                                                                           const basic_estimate<Scalar>& reliability) {
  using std::sqrt;
  const auto sem = standard_error_of_measurement(sd, reliability.estimate);
  if (!sem) return sem.error();
  const auto at = [&](const Scalar& r) { return r < 1 ? Scalar(sd * sqrt(1 - r)) : Scalar(0); };
  basic_estimate<Scalar> out;
  out.estimate = *sem;
  out.interval = {at(reliability.interval.upper), at(reliability.interval.lower), reliability.interval.level};
  out.n = reliability.n;
  out.method = "SD sqrt(1 - reliability), the SD as known; reliability: " + reliability.method;
  out.notes = reliability.notes;
  return out;
}

/// The smallest detectable change: two scores of an unchanged person differ by less in `level` of all cases.
/// Model:       z sqrt(2) SEM, z the normal quantile of the level (1.96 for .95)
/// \param sem    standard error of measurement
/// \param level  share of unchanged persons below it
/// \return      in points of the score
/// Errors:      errc::invalid_option
/// Reference:   de Vet, Terwee, Mokkink & Knol (2011), Measurement in medicine, sec. 8.5.3
template <class Scalar>
[[nodiscard]] result<Scalar> smallest_detectable_change(const Scalar& sem, double level = 0.95) {
  using std::sqrt;
  if (auto legal = check_level(level, "smallest_detectable_change"); !legal) return legal.error();
  if (auto legal = detail::check_positive(sem, "the standard error of measurement", "smallest_detectable_change");
      !legal)
    return legal.error();
  return Scalar(detail::two_sided_normal<Scalar>(level) * sqrt(Scalar(2)) * sem);
}

/// The smallest detectable change of an estimated standard error of measurement, with its interval.
/// \param sem    an estimate with its interval
/// \param level  share of unchanged persons below the change; the interval keeps its own level
/// \return      estimate and interval, in points of the score
/// Errors:      errc::invalid_option
template <class Scalar>
[[nodiscard]] result<basic_estimate<Scalar>> smallest_detectable_change(const basic_estimate<Scalar>& sem,
                                                                        double level = 0.95) {
  const auto change = smallest_detectable_change(sem.estimate, level);
  if (!change) return change.error();
  const Scalar factor = *change / sem.estimate;
  basic_estimate<Scalar> out = sem;
  out.estimate = *change;
  out.interval.lower *= factor;
  out.interval.upper *= factor;
  if (out.standard_error) *out.standard_error *= factor;
  out.method = "z sqrt(2) SEM, z for " + detail::percent(level) + "; SEM: " + sem.method;
  return out;
}

/// What an observed score says about the true score.
/// Model:       mean + r (score - mean), standard error sd sqrt(r (1 - r)), r = reliability
/// \param score        the observed score
/// \param mean         of the group that the person belongs to
/// \param sd           of that group
/// \param reliability  in that group, 0 to 1
/// \param level        of the interval
/// \return      the estimate, drawn towards the mean of the group, with standard error and normal interval; n is 0
/// Errors:      errc::invalid_option; errc::not_finite
/// Not for:     a person of another group than the one that mean and sd describe
/// Reference:   Kelley (1947), Fundamentals of statistics; Lord & Novick (1968), eq. 3.7.1
template <class Scalar>
[[nodiscard]] result<basic_estimate<Scalar>> true_score(const Scalar& score, const Scalar& mean, const Scalar& sd,
                                                        const Scalar& reliability, double level = 0.95) {
  using std::isfinite;
  using std::sqrt;
  if (!isfinite(score) || !isfinite(mean)) return error{.code = errc::not_finite, .function = "true_score"};
  if (auto legal = check_level(level, "true_score"); !legal) return legal.error();
  if (auto legal = detail::check_positive(sd, "the standard deviation", "true_score"); !legal) return legal.error();
  if (auto legal = detail::check_share(reliability, "the reliability", "true_score"); !legal) return legal.error();
  basic_estimate<Scalar> out;
  out.estimate = mean + reliability * (score - mean);
  const Scalar se = sd * sqrt(reliability * (1 - reliability));
  const Scalar z = detail::two_sided_normal<Scalar>(level);
  out.standard_error = se;
  out.interval = {out.estimate - z * se, out.estimate + z * se, level};
  out.method = "regressed towards the mean (Kelley), normal " + detail::percent(level);
  return out;
}

/// The error of a session score from the answers of that one form.
/// Model:       sd of the answers / sqrt(number of answers): the answers as repeated readings of one state
/// \param answers  of one form, reversed items reversed already; NaN is missing
/// \return      in points of the item mean; an upper bound, for items also differ from each other for good
/// Errors:      errc::too_few_columns below 2 answers; errc::not_finite
/// Missing:     left out
template <class Scalar>
[[nodiscard]] result<Scalar> form_measurement_error(std::span<const Scalar> answers) {
  using std::isfinite;
  using std::sqrt;
  Scalar sum(0);
  index n = 0;
  for (index j = 0; j < std::ssize(answers); ++j) {
    const Scalar& answer = answers[as_size(j)];
    if (is_missing(answer)) continue;
    if (!isfinite(answer)) return error{.code = errc::not_finite, .function = "form_measurement_error", .column = j};
    sum += answer;
    ++n;
  }
  if (n < 2)
    return error{.code = errc::too_few_columns,
                 .function = "form_measurement_error",
                 .value = static_cast<double>(n),
                 .lower = 2};
  const Scalar mean = sum / static_cast<Scalar>(n);
  Scalar squares(0);
  for (const Scalar& answer : answers) {
    if (!is_missing(answer)) squares += (answer - mean) * (answer - mean);
  }
  return Scalar(sqrt(squares / static_cast<Scalar>(n - 1) / static_cast<Scalar>(n)));
}

/// Whether one client's score moved between two sessions by more than the error of measurement explains.
template <class Scalar>
struct basic_session_change {
  Scalar change{};    ///< later minus earlier, in points of the score
  Scalar index{};     ///< change over sqrt(2) times the error of one session's score
  Scalar critical{};  ///< what |index| must exceed
  bool exceeds_error = false;
  /// What the test does not say; printed with every result.
  std::string_view note =
      "tests the error of measurement alone, not the ordinary variation between sessions; where that variation is as "
      "large as the error, stable clients exceed it often";
};

/// Compares two sessions of one client.
/// Model:       (later - earlier) / (sqrt(2) e), e = the error of one session's score within a person
/// \param earlier    score of a session
/// \param later      score of a later one
/// \param error_sd   error of one score: sqrt(residual variance / items) of a persons x sessions x items analysis,
///                   or form_measurement_error
/// \param level      share of unchanged states within the limits; two-sided
/// \return      the index, its limit, and a note that belongs to the result
/// Errors:      errc::not_finite; errc::invalid_option
/// Missing:     a missing score is errc::not_finite: there is no change to judge
/// Not for:     ruptures by itself: with an error of .25 and states that vary by .30 without memory, one step in seven of
///              a stable client falls by more than 1.645 sqrt(2) e
/// Reference:   Cranford et al. (2006), doi 10.1177/0146167206287721
template <class Scalar>
[[nodiscard]] result<basic_session_change<Scalar>> session_change(const Scalar& earlier, const Scalar& later,
                                                                  const Scalar& error_sd, double level = 0.90) {
  using std::abs;
  using std::isfinite;
  using std::sqrt;
  if (!isfinite(earlier) || !isfinite(later)) return error{.code = errc::not_finite, .function = "session_change"};
  if (auto legal = check_level(level, "session_change"); !legal) return legal.error();
  if (auto legal = detail::check_positive(error_sd, "the error of a session score", "session_change"); !legal)
    return legal.error();
  basic_session_change<Scalar> out;
  out.change = later - earlier;
  out.index = out.change / (sqrt(Scalar(2)) * error_sd);
  out.critical = detail::two_sided_normal<Scalar>(level);
  out.exceeds_error = abs(out.index) > out.critical;
  return out;
}

}  // namespace rapport
