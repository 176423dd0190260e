// SPDX-License-Identifier: BSL-1.0
// Scoring one form: every answer checked, reversed where the key says so, added up in whole units.
#pragma once

#include <cstdint>
#include <type_traits>

#include <rapport/core/missing.hpp>
#include <rapport/instruments/instrument.hpp>
#include <rapport/scoring/score_card.hpp>

namespace rapport {

/// How a form is scored.
struct score_options {
  missing_rule missing = published;  ///< what to do when answers are missing
};

namespace detail {

/// An answer in units of the instrument's step, before reversal; or why it is not a legal answer.
template <class T>
[[nodiscard]] constexpr result<std::int64_t> answer_units(const instrument& questionnaire, int item,
                                                          const T& given) noexcept {
  using real = std::conditional_t<std::is_integral_v<T>, double, T>;
  const auto answer = static_cast<real>(given);
  error illegal{.code = errc::answer_out_of_range,
                .function = "score",
                .column = item - 1,
                .value = static_cast<double>(given),
                .lower = questionnaire.min(),
                .upper = questionnaire.max()};
  // Compared as a real number, with half a step to spare: converting a huge or infinite answer to an integer first would
  // be undefined, and in long double the end 0.1 of a scale is not the double 0.1.
  const auto slack = static_cast<real>(questionnaire.step() / 2);
  if (answer < static_cast<real>(questionnaire.min()) - slack ||
      answer > static_cast<real>(questionnaire.max()) + slack) {
    return illegal;
  }
  const auto units_per_point = static_cast<real>(questionnaire.units_per_point());
  const real exact_units = answer * units_per_point;
  const auto units = static_cast<std::int64_t>(exact_units < 0 ? exact_units - real(0.5) : exact_units + real(0.5));
  // The answer is legal if it is the number nearest to a whole number of steps; 0.3 is, 0.30000000000000004 is not.
  if (units < questionnaire.lower_units() || units > questionnaire.upper_units()) return illegal;
  if (static_cast<real>(units) / units_per_point != answer) {
    if (answer < static_cast<real>(questionnaire.min()) || answer > static_cast<real>(questionnaire.max()))
      return illegal;
    illegal.code = errc::answer_off_step;
    illegal.lower = questionnaire.step();
    return illegal;
  }
  return units;
}

}  // namespace detail

/// Scores one form.
/// Model:       total = sum of the answers, a reversed item counting min + max - answer; subscales alike
/// \param questionnaire  the instrument, from rapport::instruments or your own
/// \param answers        any range of numbers, std::optional, or rapport::answer, in the order of the items on the form;
///                       missing is `missing`, `skipped`, std::nullopt or NaN, never 0
/// \param options        the rule for missing answers; the default is the instrument's published one, else complete forms
/// \return      a card: total and subscales as std::optional, empty where the rule forbids a number
/// Errors:      errc::wrong_number_of_answers; errc::answer_out_of_range or errc::answer_off_step for the first answer
///              that is not legal (the whole form is refused); errc::invalid_option for a fraction outside (0, 1];
///              errc::invalid_instrument for an inconsistent description made at run time
/// Missing:     reversed before prorating; an answer that is not there is never counted as a number
/// Numerics:    exact integer sums in units of the step; no allocation, no exceptions, usable in constant expressions
/// Not for:     telling forms of the same length apart: the caller names the instrument
template <class Scalar = double, class Answers>
[[nodiscard]] constexpr result<basic_score_card<Scalar>> score(const instrument& questionnaire, const Answers& answers,
                                                               const score_options& options = {}) noexcept {
  if (auto consistent = questionnaire.check(); !consistent) return consistent.error();
  if (!(options.missing.fraction > 0 && options.missing.fraction <= 1)) {
    return error{.code = errc::invalid_option,
                 .function = "score",
                 .value = options.missing.fraction,
                 .lower = 0,
                 .upper = 1,
                 .subject = "the prorating fraction"};
  }

  int n_answers = 0;
  for ([[maybe_unused]] const auto& each : answers) ++n_answers;
  if (n_answers != questionnaire.n_items()) {
    return error{.code = errc::wrong_number_of_answers,
                 .function = "score",
                 .value = static_cast<double>(n_answers),
                 .lower = static_cast<double>(questionnaire.n_items()),
                 .subject = questionnaire.id()};
  }

  basic_score_card<Scalar> card(questionnaire, options.missing);
  const std::int64_t reversal = questionnaire.lower_units() + questionnaire.upper_units();
  int item = 0;
  for (const auto& given : answers) {
    ++item;
    const auto one = detail::as_answer(given);
    if (!one.is_given()) {
      card.add_missing(item, one.is_skipped());
      continue;
    }
    const auto units = detail::answer_units(questionnaire, item, one.value());
    if (!units) return units.error();
    const bool is_reversed = questionnaire.reversed_items().contains(item);
    card.add_answer(questionnaire, item, is_reversed ? reversal - *units : *units);
  }
  return card;
}

}  // namespace rapport
