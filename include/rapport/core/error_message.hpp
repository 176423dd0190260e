// SPDX-License-Identifier: BSL-1.0
// The sentence of an error: what is wrong, where, and what to do about it. In a fixed buffer, in any locale alike.
#pragma once

#include <string_view>

#include <rapport/core/error.hpp>
#include <rapport/core/number_text.hpp>

namespace rapport {

/// An error's sentence; long enough for every error of the library.
using message_text = text<319>;

namespace detail {

struct error_pattern {
  errc code;
  std::string_view sentence;
};

// {value} {lower} {upper} {subject} {row} {column}: fields of the error, positions printed 1-based.
// [ ... ]: printed only if the position in it applies (or the subject in it is not empty).
inline constexpr error_pattern error_patterns[] = {
    {errc::invalid_option, "{subject} is {value}, but must lie between {lower} and {upper}"},
    {errc::size_mismatch, "{subject} has {value} entries where {lower} are needed; give one per row"},
    {errc::numeric_failure, "the computation[ of {subject}] gave no finite number; rescale the data"},
    {errc::answer_out_of_range,
     "answer {value}[ of person {row}][ to item {column}] is outside {lower}..{upper}; correct it or mark it missing"},
    {errc::answer_off_step,
     "answer {value}[ of person {row}][ to item {column}] is not a legal answer; answers are multiples of {lower}"},
    {errc::answer_in_gap,
     "answer {value}[ of person {row}][ to item {column}] is not one of the legal answers between {lower} and {upper}; "
     "correct it or mark it missing"},
    {errc::wrong_number_of_answers,
     "{value} answers were given, but [{subject} ]has {lower} items; mark missing answers instead of leaving them out"},
    {errc::not_finite, "the number[ in row {row}][, column {column}] is infinite; correct it or mark it missing (NaN)"},
    {errc::no_data, "there is nothing to compute[ {subject}] from: no rows, or every cell is missing"},
    {errc::duplicate_session,
     "client {subject} has two rows for session {value}[ (the second in row {row})]; keep one of them"},
    {errc::missing_id, "row {row} has no {subject}; every row needs one"},
    {errc::missing_session, "row {row} has no session number or date; every row needs one"},
    {errc::invalid_date, "'{subject}' is not a calendar date; write it as 2026-03-31"},
    {errc::score_out_of_range,
     "score {value}[ in row {row}] is outside the range {lower}..{upper} that was given; correct one of the two"},
    {errc::invalid_instrument, "the description of the instrument is inconsistent: {subject}"},
    {errc::unknown_subscale, "there is no subscale called {subject}"},
    {errc::invalid_record, "this is not the record of a scored form, or not all of it: {subject}"},
    {errc::record_differs, "{subject} of the record does not come out again; the key or the record was changed"},
    {errc::key_not_established, "the key of {subject} is not established here: supply one"},
    {errc::unknown_instrument, "the catalogue has no instrument {subject}"},
    {errc::too_few_rows, "too few usable rows[ ({subject})]: {value}, where at least {lower} are needed"},
    {errc::too_few_columns, "too few items: {value}, where at least {lower} are needed"},
    {errc::no_common_rows,
     "too few persons answered both item {row} and item {column}: {value}, where at least {lower} are needed; remove "
     "one of the two items"},
    {errc::zero_variance, "[{subject} ][column {column} ]does not vary, so nothing can be estimated from it"},
    {errc::not_positive_definite, "the matrix[ of {subject}] is not positive definite"},
    {errc::collinear, "predictor[ {column}] {subject} is a combination of the others; leave it out"},
    {errc::too_few_clusters, "too few clients with scores: {value}, where this model needs at least {lower}"},
    {errc::no_replication,
     "no client has more than {lower} scored sessions, so variation between clients cannot be told from variation "
     "between sessions; drop a random effect or collect more sessions"},
    {errc::too_many_factors, "{value} factors cannot be told apart with {lower} items; extract fewer, at least one"},
    {errc::bootstrap_failed,
     "the bootstrap gives no interval: {value} of {lower} resamples have a value, or nearly all lie on one side of the "
     "estimate; the data are too few or too uniform"},
    {errc::too_few_groups, "too few therapists: {value}, where a variance between them needs at least {lower}"},
    {errc::unusable_gap,
     "two sessions of a client[ (the later in row {row})] are {value} apart, for which this error model has no "
     "correlation; use whole session numbers, or errors that are correlated in continuous time"},
    {errc::kenward_roger_refused,
     "{subject}; Kenward-Roger needs REML and errors that are not autoregressive; use Satterthwaite's df"},
    {errc::missing_value, "value {row} of the series is missing; leave missing values out first"},
    {errc::too_many_categories,
     "[column {column} ]holds more than {lower} different answers; polychoric correlations are for a few categories"},
    {errc::not_comparable, "the two models cannot be compared: {subject}"},
    {errc::negative_total_variance,
     "the sum of the items does not vary (variance {value}); some items may need to be reversed"},
    {errc::needs_answers, "the {subject} interval needs the answers themselves, not covariances alone"},
    {errc::incomplete_design,
     "the cell[ in row {row}][, column {column}] is empty, but the table must be complete; leave out the row or the "
     "column"},
    {errc::too_few_levels, "too few {subject}: {value}, where at least {lower} are needed"},
    {errc::no_clinical_norm,
     "no published clinical norm of {subject} is known, so it has no cut-offs; give mean, SD and source of one"},
    {errc::unreliable_difference,
     "the reliability of the difference scores is {value}, not positive; use another method for this group"},
    {errc::one_category,
     "all ratings fall in one category, so agreement cannot be told from chance; name the categories that could have "
     "been used"},
    {errc::unknown_category, "rating {value}[ in row {row}][, column {column}] is none of the categories"},
    {errc::unknown_coefficient, "the model has no coefficient called {subject}"},
    {errc::time_before_curve,
     "session time {value} of client {subject} lies before {lower}, where this curve begins; move the center"},
    {errc::client_changes_therapist,
     "client {subject} has sessions with two therapists; therapists as a level need one per client"},
    {errc::foreign_state, "the saved state is not of a monitor with this model and these options"},
};

constexpr std::string_view find_sentence(errc code) noexcept {
  for (const error_pattern& entry : error_patterns) {
    if (entry.code == code) return entry.sentence;
  }
  return "unknown error";
}

/// Appends one field of the error; false if it does not apply.
inline bool append_field(message_text& out, const error& e, std::string_view name) noexcept {
  if (name == "value") return out.append(number_text(e.value)), true;
  if (name == "lower") return out.append(number_text(e.lower)), true;
  if (name == "upper") return out.append(number_text(e.upper)), true;
  if (name == "subject") return out.append(e.subject.view()), !e.subject.empty();
  const index position = name == "row" ? e.row : e.column;
  out.append(number_text(position + 1));
  return position >= 0;
}

inline void append_sentence(message_text& out, const error& e, std::string_view pattern) noexcept {
  message_text before_optional;  // what stood when the [ was met; restored if the part does not apply
  bool applies = true;
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    const char c = pattern[i];
    if (c == '[') {
      before_optional = out;
      applies = true;
    } else if (c == ']') {
      if (!applies) out = before_optional;
    } else if (c == '{') {
      const std::size_t end = pattern.find('}', i);
      if (!append_field(out, e, pattern.substr(i + 1, end - i - 1))) applies = false;
      i = end;
    } else {
      out.append(c);
    }
  }
}

}  // namespace detail

/// The sentence of an error, as "cronbach_alpha: answer 7 of person 12 to item 3 is outside 0..3; ... [rapport.201]".
///
/// Numbers print the same in every locale; positions count from 1.
/// \param e     an error returned by any function of the library
/// \return      the sentence in a fixed buffer
[[nodiscard]] inline message_text message(const error& e) noexcept {
  message_text out;
  if (e.function[0] != '\0') out.append(e.function).append(": ");
  detail::append_sentence(out, e, detail::find_sentence(e.code));
  out.append(" [rapport.").append(number_text(static_cast<int>(e.code))).append("]");
  return out;
}

}  // namespace rapport
