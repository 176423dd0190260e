// SPDX-License-Identifier: BSL-1.0
// Scoring one form: every answer checked, reversed where the key says so, added up in whole units.
#pragma once

#include <cstdint>
#include <type_traits>
#include <utility>

#include <rapport/core/missing.hpp>
#include <rapport/instruments/instrument.hpp>
#include <rapport/scoring/detail/tally.hpp>
#include <rapport/scoring/score_card.hpp>

namespace rapport {

/// How a form is scored.
struct score_options {
  missing_rule missing = published;  ///< what to do when answers are missing
};

namespace detail {

/// What is wrong with a rule that makes no sense.
[[nodiscard]] constexpr error rule_error(const missing_rule& rule, const char* function) noexcept {
  error out{.code = errc::invalid_option, .function = function};
  if (rule.how == missing_rule::kind::prorate) {
    out.value = rule.fraction;
    out.upper = 1;
    out.subject = "the prorating fraction";
  } else {
    const bool at_least = rule.how == missing_rule::kind::at_least;
    out.value = rule.n;
    out.lower = at_least ? 1 : 0;
    out.upper = max_items;
    out.subject = at_least ? "the number of answers needed" : "the number of answers that may be missing";
  }
  return out;
}

/// Answers that are whole numbers in a row in memory, none of which can be missing.
template <class T>
struct number_row {
  const T* first = nullptr;
  index n = 0;
};

/// Views answers as a row of whole numbers; anything else has no such view.
template <class T, std::size_t N>
  requires(std::is_integral_v<T> && !std::is_same_v<T, bool>)
[[nodiscard]] constexpr number_row<T> as_row(const T (&answers)[N]) noexcept {
  return {answers, static_cast<index>(N)};
}
template <class Answers, class T = std::remove_cvref_t<decltype(*std::declval<const Answers&>().data())>>
  requires(std::is_integral_v<T> && !std::is_same_v<T, bool>)
[[nodiscard]] constexpr auto as_row(const Answers& answers) noexcept
    -> decltype(static_cast<void>(&answers[0]), static_cast<void>(answers.size()), number_row<T>()) {
  const auto n = static_cast<index>(answers.size());
  // A row of a matrix has data() too, but its answers may lie apart: the last one tells.
  const bool in_a_row = n > 0 && &answers[static_cast<decltype(answers.size())>(n - 1)] == answers.data() + (n - 1);
  return {answers.data(), in_a_row ? n : 0};
}

template <class Answers>
concept may_be_a_row = requires(const Answers& answers) {
  as_row(answers);
};

template <class Answers>
[[nodiscard]] constexpr index count_answers(const Answers& answers) noexcept {
  if constexpr (requires { answers.size(); }) {
    return static_cast<index>(answers.size());
  } else {
    index n = 0;
    for ([[maybe_unused]] const auto& each : answers) ++n;
    return n;
  }
}

/// Reads the answers one by one, whatever they are; false, with the reason, if one is not legal.
template <class Answers, class Card>
constexpr bool read_all(const description& key, const Answers& answers, const missing_rule& rule, Card& card,
                        error& why) noexcept {
  std::int64_t units[max_items];
  if (std::is_constant_evaluated()) {
    for (auto& each : units) each = 0;
  }
  item_set answered;
  item_set skipped;
  int item = 0;
  for (const auto& given : answers) {
    ++item;
    const auto one = as_answer(given);
    if (!one.is_given()) {
      if (one.is_skipped()) skipped.insert(item);
      continue;
    }
    const scale_key& scale = key.scale_of(item);
    std::int64_t steps = 0;
    if (!read_answer(scale, one.value(), steps, why)) {
      why.column = item - 1;
      return false;
    }
    answered.insert(item);
    units[item - 1] = counted_units(scale, steps, key.reversed.contains(item));
    for (int r = 0; r < key.n_risk_items; ++r) {
      if (key.risk_items[r].item == item && scale.answer(steps) >= key.risk_items[r].at_least) card.set_endorsed(item);
    }
  }
  card.set_missing(item_set::first(key.n_items) - answered, skipped);
  tally_scores(key, units, answered, rule, card.tallies());
  return true;
}

/// Scores any form, or says why not. Kept apart from score_plain, and each returning one variable, so that the card is
/// made where the caller wants it and nothing of it is written that nobody reads.
template <class Scalar, class Answers>
[[nodiscard]] RAPPORT_NOINLINE constexpr result<basic_score_card<Scalar>> score_any(const instrument& questionnaire,
                                                                                    const Answers& answers,
                                                                                    const missing_rule& rule) noexcept {
  const description& key = questionnaire.description();
  result<basic_score_card<Scalar>> out(std::in_place, questionnaire, rule);
  const index n_answers = count_answers(answers);
  error why{.function = "score"};
  if (!key.first_defect.empty()) {
    out = questionnaire.check().error();
  } else if (!is_valid(rule)) {
    out = rule_error(rule, "score");
  } else if (n_answers != key.n_items) {
    why.code = errc::wrong_number_of_answers;
    why.value = static_cast<double>(n_answers);
    why.lower = static_cast<double>(key.n_items);
    why.subject = questionnaire.id();
    out = why;
  } else if (!read_all(key, answers, rule, *out, why)) {
    out = why;
  }
  return out;
}

/// Whether a form is of the common kind: whole numbers, all of them legal, on one scale of whole numbers.
template <class T>
[[nodiscard]] RAPPORT_INLINE constexpr bool is_plain_form(const description& key, const number_row<T>& answers,
                                                          const missing_rule& rule) noexcept {
  if (!key.is_plain || !key.first_defect.empty() || !is_valid(rule) || answers.n != key.n_items) return false;
  const scale_key& scale = key.scales[0];
  return all_within(answers.first, key.n_items, scale.base, scale.base + scale.n_steps);
}

/// Scores such a form.
template <class Scalar, class T>
[[nodiscard]] RAPPORT_INLINE constexpr result<basic_score_card<Scalar>> score_plain(const instrument& questionnaire,
                                                                                    const T* answers,
                                                                                    const missing_rule& rule) noexcept {
  const description& key = questionnaire.description();
  result<basic_score_card<Scalar>> out(std::in_place, questionnaire, rule);
  tally_plain_from<0>(key, answers, *out);
  for (int r = 0; r < key.n_risk_items; ++r) {
    const risk_item_key& risk = key.risk_items[r];
    if (static_cast<double>(answers[risk.item - 1]) >= risk.at_least) out->set_endorsed(risk.item);
  }
  return out;
}

}  // namespace detail

/// Scores one form.
/// Model:       a score = the sum of its items' answers, or their mean, times a factor; a reversed item counts min + max -
///              answer; a combined score = sum of weight * score
/// \param questionnaire  the instrument, from rapport::instruments or your own
/// \param answers        any range of numbers, std::optional, or rapport::answer, in the order of the items on the form;
///                       missing is `missing`, `skipped`, std::nullopt or NaN, never 0
/// \param options        the rule for missing answers; the default is the instrument's published one, else complete forms
/// \return      a card: scores as std::optional, empty where the rule forbids a number; what is missing; bands, cut-offs
///              and endorsed risk items
/// Errors:      errc::wrong_number_of_answers; errc::answer_out_of_range, errc::answer_off_step or errc::answer_in_gap for
///              the first answer that is not legal (the whole form is refused); errc::invalid_option for a rule that
///              makes no sense; errc::invalid_instrument for an inconsistent description made at run time
/// Missing:     reversed before prorating; an answer that is not there is never counted as a number; each score decides
///              on its own items
/// Numerics:    exact whole numbers, divided once; no allocation, no exceptions, usable in constant expressions
/// Not for:     telling forms of the same length apart: the caller names the instrument
template <class Scalar = double, class Answers>
[[nodiscard]] RAPPORT_INLINE constexpr result<basic_score_card<Scalar>> score(
    const instrument& questionnaire, const Answers& answers, const score_options& options = {}) noexcept {
  if constexpr (detail::may_be_a_row<Answers>) {
    const auto row = detail::as_row(answers);
    if (detail::is_plain_form(questionnaire.description(), row, options.missing))
      return detail::score_plain<Scalar>(questionnaire, row.first, options.missing);
  }
  return detail::score_any<Scalar>(questionnaire, answers, options.missing);
}

}  // namespace rapport
