// SPDX-License-Identifier: BSL-1.0
// What to do with a form on which answers are missing: rules that an instrument publishes or a caller asks for.
#pragma once

namespace rapport {

/// How many answers a score needs. Whatever the rule, a score of which nothing is answered does not exist, and reversed
/// items are reversed before an answer is missed.
struct missing_rule {
  enum class kind : unsigned char { published, complete, prorate, at_least, at_most_missing };
  kind how = kind::published;
  double fraction = 1;  ///< for prorate: the share of the score's items that must be answered, in (0, 1]
  int n = 0;            ///< for at_least: answers needed; for at_most_missing: answers that may be missing

  friend constexpr bool operator==(const missing_rule&, const missing_rule&) = default;
};

/// The instrument's own published rule; where none is known, `complete`.
inline constexpr missing_rule published{missing_rule::kind::published};
/// A score needs every one of its items.
inline constexpr missing_rule complete{missing_rule::kind::complete};
/// A score is the mean of its answered items times its number of items, if at least this fraction is answered.
/// Reversed items are reversed first. Say so when you use it and the instrument does not publish it.
[[nodiscard]] constexpr missing_rule prorate(double fraction) noexcept {
  return {missing_rule::kind::prorate, fraction};
}
/// Prorated if at least n items of each subscale are answered, all of them where it has no more than n. The total needs
/// that of every subscale that it contains, and n answers if it contains none.
[[nodiscard]] constexpr missing_rule at_least(int n) noexcept { return {missing_rule::kind::at_least, 1, n}; }
/// Prorated if at most n items of the score are missing.
[[nodiscard]] constexpr missing_rule at_most_missing(int n) noexcept {
  return {missing_rule::kind::at_most_missing, 1, n};
}

namespace detail {

/// Whether the numbers of a rule make sense.
[[nodiscard]] constexpr bool is_valid(const missing_rule& rule) noexcept {
  switch (rule.how) {
    case missing_rule::kind::published:
    case missing_rule::kind::complete: return true;
    case missing_rule::kind::prorate: return rule.fraction > 0 && rule.fraction <= 1;
    case missing_rule::kind::at_least: return rule.n >= 1;
    case missing_rule::kind::at_most_missing: return rule.n >= 0;
  }
  return false;
}

/// How many of n_items must be answered.
[[nodiscard]] constexpr int answers_needed(const missing_rule& rule, int n_items) noexcept {
  int needed = n_items;
  if (rule.how == missing_rule::kind::prorate) {
    // The slack keeps 0.7 * 10 from asking for 8 items.
    const double exact = rule.fraction * n_items - 1e-9;
    needed = static_cast<int>(exact);
    if (needed < exact) ++needed;
  } else if (rule.how == missing_rule::kind::at_least) {
    needed = rule.n;
  } else if (rule.how == missing_rule::kind::at_most_missing) {
    needed = n_items - rule.n;
  }
  return needed < 1 ? 1 : needed > n_items ? n_items : needed;
}

}  // namespace detail
}  // namespace rapport
