// SPDX-License-Identifier: BSL-1.0
// What to do with a form on which answers are missing. The caller says it; the card repeats it.
#pragma once

#include <rapport/core/result.hpp>

namespace rapport {

/// How many answers a score needs.
struct missing_rule {
  enum class kind : unsigned char { published, complete, prorate };
  kind how = kind::published;
  double fraction = 1;  ///< for prorate: the share of the score's items that must be answered, in (0, 1]

  friend constexpr bool operator==(const missing_rule&, const missing_rule&) = default;
};

/// The instrument's own published rule; where none is known, `complete`.
inline constexpr missing_rule published{missing_rule::kind::published};
/// A score needs every one of its items.
inline constexpr missing_rule complete{missing_rule::kind::complete};
/// A score is the mean of its answered items times its number of items, if at least this fraction is answered.
/// Reversed items are reversed first. Not a published rule of any instrument here: say so when you use it.
[[nodiscard]] constexpr missing_rule prorate(double fraction) noexcept {
  return {missing_rule::kind::prorate, fraction};
}

/// A rule in words, for the card and for reports.
[[nodiscard]] constexpr std::string_view to_string(const missing_rule& rule) noexcept {
  switch (rule.how) {
    case missing_rule::kind::published: return "published (none known: complete forms only)";
    case missing_rule::kind::complete: return "complete forms only";
    case missing_rule::kind::prorate: return "prorated from the answered items";
  }
  return "unknown";
}

/// Whether a score may be computed, and whether it is prorated.
enum class score_status : unsigned char { ok, prorated, incomplete };

/// The word for a status, as programs print it.
[[nodiscard]] constexpr std::string_view to_string(score_status status) noexcept {
  switch (status) {
    case score_status::ok: return "ok";
    case score_status::prorated: return "prorated";
    case score_status::incomplete: return "incomplete";
  }
  return "unknown";
}

namespace detail {

/// The rule applied to a score of n_items of which n_answered have an answer.
[[nodiscard]] constexpr score_status apply(const missing_rule& rule, int n_answered, int n_items) noexcept {
  if (n_answered == n_items) return score_status::ok;
  // The slack keeps 0.7 * 10 from asking for 8 items.
  const double needed = rule.fraction * n_items - 1e-9;
  const bool enough = rule.how == missing_rule::kind::prorate && n_answered > 0 && n_answered >= needed;
  return enough ? score_status::prorated : score_status::incomplete;
}

}  // namespace detail
}  // namespace rapport
