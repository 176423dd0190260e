// SPDX-License-Identifier: BSL-1.0
// The rules for missing answers in words, and what they make of a score.
#pragma once

#include <string_view>

#include <rapport/core/text.hpp>
#include <rapport/instruments/missing_rule.hpp>

namespace rapport {

/// A kind of rule in words, for the card and for reports.
[[nodiscard]] constexpr std::string_view to_string(const missing_rule& rule) noexcept {
  switch (rule.how) {
    case missing_rule::kind::published: return "published";
    case missing_rule::kind::complete: return "complete forms only";
    case missing_rule::kind::prorate: return "prorated from the answered items";
    case missing_rule::kind::at_least: return "prorated if enough items of each subscale are answered";
    case missing_rule::kind::at_most_missing: return "prorated if few enough items are missing";
  }
  return "unknown";
}

/// What became of a score: computed, computed although answers are missing, not computed because answers are missing;
/// or, in a table of forms, not computed because an answer of the form is not legal.
enum class score_status : unsigned char { ok, prorated, incomplete, invalid };

/// The word for a status, as programs print it.
[[nodiscard]] constexpr std::string_view to_string(score_status status) noexcept {
  switch (status) {
    case score_status::ok: return "ok";
    case score_status::prorated: return "prorated";
    case score_status::incomplete: return "incomplete";
    case score_status::invalid: return "invalid";
  }
  return "unknown";
}

namespace detail {

/// The rule applied to a score of n_items of which n_answered have an answer.
[[nodiscard]] constexpr score_status apply(const missing_rule& rule, int n_answered, int n_items) noexcept {
  if (n_answered == n_items) return score_status::ok;
  return n_answered >= answers_needed(rule, n_items) ? score_status::prorated : score_status::incomplete;
}

}  // namespace detail
}  // namespace rapport
