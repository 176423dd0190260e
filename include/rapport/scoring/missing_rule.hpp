// SPDX-License-Identifier: BSL-1.0
// The rules for missing answers in words, and what they make of a score.
#pragma once

#include <string_view>

#include <rapport/core/number_text.hpp>
#include <rapport/core/text.hpp>
#include <rapport/instruments/instrument.hpp>

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

/// What a rule asks for, in words; long enough for every rule.
using rule_text = text<111>;

/// A rule as it applies to an instrument, in words: "published (at most 2 answers of a score missing, prorated)".
/// \param form  the instrument, whose rule is the published one
/// \param rule  a rule
/// \return    the words
[[nodiscard]] inline rule_text describe(const instrument& form, const missing_rule& rule) noexcept {
  const auto words = [](const missing_rule& said) {
    rule_text out;
    switch (said.how) {
      case missing_rule::kind::prorate:
        out.append("prorated from at least ").append(number_text(said.fraction)).append(" of the items of a score");
        break;
      case missing_rule::kind::at_least:
        out.append("prorated from at least ").append(number_text(said.n)).append(" answers of each subscale");
        break;
      case missing_rule::kind::at_most_missing:
        out.append("at most ").append(number_text(said.n)).append(" answers of a score missing, prorated");
        break;
      case missing_rule::kind::published:
      case missing_rule::kind::complete: out.append("complete forms only"); break;
    }
    return out;
  };
  if (rule.how != missing_rule::kind::published) return words(rule);
  const bool is_known = form.published_rule() != complete;
  rule_text out("published (");
  if (!is_known) out.append("none known: ");
  return out.append(words(form.published_rule())).append(")");
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
