// SPDX-License-Identifier: BSL-1.0
// What scoring a form yields: scores where the rule allows them, what they mean, and what is missing where it does not.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <type_traits>

#include <rapport/instruments/instrument.hpp>
#include <rapport/scoring/detail/fraction.hpp>
#include <rapport/scoring/missing_rule.hpp>

namespace rapport {

namespace detail {

/// A score of items on one form: the sum of what is answered, in units.
struct tally {
  std::int64_t units;
  ratio times;
  score_kind kind;
  score_status status;
  std::uint8_t n_items;
  std::uint8_t n_answered;
  bool is_sum;  // the score is the units as they are; false says nothing
};

/// A score as a fraction; false if it does not fit into whole numbers of 64 bits.
[[nodiscard]] constexpr bool exact_value(const tally& t, std::int64_t units_per_point, fraction& out) noexcept {
  out.bottom = units_per_point * t.times.bottom * t.n_answered;
  return product(t.units, std::int64_t{t.times.top} * (t.kind == score_kind::sum ? t.n_items : 1), out.top);
}

/// A score that may be computed.
template <class Number>
[[nodiscard]] constexpr Number value_of(const tally& t, std::int64_t units_per_point) noexcept {
  // Nearly always: a plain sum with every item answered.
  if (t.kind == score_kind::sum && t.status == score_status::ok && t.times.top == 1 && t.times.bottom == 1)
    return static_cast<Number>(t.units) / static_cast<Number>(units_per_point);
  fraction exact;
  if (exact_value(t, units_per_point, exact)) return static_cast<Number>(exact.top) / static_cast<Number>(exact.bottom);
  const int n_counted = t.kind == score_kind::sum ? t.n_items : 1;
  return static_cast<Number>(t.units) * static_cast<Number>(t.times.top) * static_cast<Number>(n_counted) /
         static_cast<Number>(exact.bottom);
}

/// The rule for a score: what the caller asked for, or what is published.
[[nodiscard]] constexpr const missing_rule& rule_of(const description& key, int number,
                                                    const missing_rule& asked) noexcept {
  if (asked.how != missing_rule::kind::published) return asked;
  const missing_rule& own = key.scores[number].rule;
  return own.how != missing_rule::kind::published ? own : key.rule;
}

}  // namespace detail

/// The scores of one form. Owns all it needs; nothing points to the instrument or the answers. Texts that a card returns
/// live as long as the card.
template <class Scalar>
class basic_score_card {
 public:
  /// The total; empty if answers are missing and the rule does not bridge them, or if the instrument has none.
  [[nodiscard]] constexpr std::optional<Scalar> total() const noexcept { return item_score(0); }
  /// The mean of the items of the total, on the scale of a single answer.
  [[nodiscard]] constexpr std::optional<Scalar> total_mean() const noexcept { return mean_of(0); }
  [[nodiscard]] constexpr score_status total_status() const noexcept { return tallies_[0].status; }

  [[nodiscard]] constexpr int n_subscales() const noexcept { return legend_.n_subscales; }
  [[nodiscard]] constexpr std::string_view subscale_id(int position) const noexcept {
    return legend_.score_id(1 + position);
  }
  [[nodiscard]] constexpr std::optional<Scalar> subscale(int position) const noexcept {
    return item_score(1 + position);
  }
  [[nodiscard]] constexpr std::optional<Scalar> subscale_mean(int position) const noexcept {
    return mean_of(1 + position);
  }
  [[nodiscard]] constexpr score_status subscale_status(int position) const noexcept {
    return tallies_[1 + position].status;
  }
  /// A subscale by name; empty if it may not be computed. Asserted to exist: a name that no instrument of this kind
  /// has is a mistake in the program, not in the answers.
  [[nodiscard]] constexpr std::optional<Scalar> subscale(std::string_view id) const noexcept {
    const int position = find_subscale(id);
    RAPPORT_ASSERT(position >= 0);
    return position < 0 ? std::nullopt : subscale(position);
  }
  /// The position of a subscale; -1 if there is none of this name.
  [[nodiscard]] constexpr int find_subscale(std::string_view id) const noexcept {
    const int number = legend_.find_score(id);
    return number <= 0 || number > n_subscales() ? -1 : number - 1;
  }

  [[nodiscard]] constexpr int n_combined() const noexcept { return legend_.n_combined; }
  [[nodiscard]] constexpr std::string_view combined_id(int position) const noexcept {
    return legend_.score_id(1 + n_subscales() + position);
  }
  [[nodiscard]] constexpr std::optional<Scalar> combined(int position) const noexcept {
    return value_of(1 + n_subscales() + position);
  }

  /// Any score by name: "total", a subscale, a combined score; empty if it may not be computed. Asserted to exist.
  [[nodiscard]] constexpr std::optional<Scalar> score(std::string_view id) const noexcept {
    const int number = number_of(id);
    return number < 0 ? std::nullopt : value_of(number);
  }
  /// What became of a score; asserted to exist.
  [[nodiscard]] constexpr score_status status(std::string_view id) const noexcept {
    const int number = number_of(id);
    return number < 0 ? score_status::incomplete : status_of(number);
  }

  /// The band that a score lies in, "moderate"; empty if there is no score, or no band around it.
  [[nodiscard]] constexpr std::string_view band(std::string_view score_id) const noexcept {
    const int number = number_of(score_id);
    if (number < 0 || status_of(number) == score_status::incomplete) return {};
    const double score = number_in<double>(number);
    for (int b = 0; b < legend_.n_bands; ++b) {
      if (legend_.bands[b].score == number && legend_.bands[b].range().contains(score))
        return legend_.texts[legend_.bands[b].label];
    }
    return {};
  }
  [[nodiscard]] constexpr int n_cutoffs() const noexcept { return legend_.n_cutoffs; }
  [[nodiscard]] constexpr cutoff_view cutoff_at(int position) const noexcept { return legend_.cutoff_at(position); }
  /// Whether a score lies on the side of a cut-off that its label speaks of; empty if there is no score.
  [[nodiscard]] constexpr std::optional<bool> meets_cutoff(int position) const noexcept {
    const detail::cutoff_key& key = legend_.cutoffs[position];
    if (status_of(key.score) == score_status::incomplete) return std::nullopt;
    return key.cutoff().is_met_by(number_in<double>(key.score));
  }
  /// The risk items that are endorsed, whether or not there are scores.
  [[nodiscard]] constexpr const item_set& endorsed_risk_items() const noexcept { return endorsed_; }

  [[nodiscard]] constexpr std::string_view instrument_id() const noexcept {
    return legend_.texts[legend_.words[legend_.id]];
  }
  [[nodiscard]] constexpr std::string_view edition() const noexcept {
    return legend_.texts[legend_.words[legend_.edition]];
  }
  [[nodiscard]] constexpr int scoring_version() const noexcept { return legend_.version; }
  /// The rule that the caller asked for.
  [[nodiscard]] constexpr const missing_rule& rule() const noexcept { return rule_; }
  /// The rule by which the total was decided: where the published one was asked for, what the instrument publishes.
  [[nodiscard]] constexpr const missing_rule& applied_rule() const noexcept { return applied_; }

  [[nodiscard]] constexpr int n_items() const noexcept { return n_items_; }
  [[nodiscard]] constexpr int n_answered() const noexcept { return n_items_ - missing_.size(); }
  [[nodiscard]] constexpr int n_missing() const noexcept { return missing_.size(); }
  /// The numbers of the items without an answer, skipped ones included.
  [[nodiscard]] constexpr const item_set& missing_items() const noexcept { return missing_; }
  /// The numbers of the items that were skipped on purpose.
  [[nodiscard]] constexpr const item_set& skipped_items() const noexcept { return skipped_; }

  // How score() fills a card. Only what the instrument uses is set: the rest of the room is not worth the time, except
  // in constant expressions, which may not copy what was never set.
  constexpr basic_score_card(const instrument& used, const missing_rule& rule) noexcept {
    const detail::description& key = used.description();
    if (std::is_constant_evaluated()) {
      legend_ = {};
      for (auto& each : tallies_) each = {};
      for (auto& each : combined_) each = {};
      for (auto& each : parts_) each = {};
    }
    legend_.copy_used(key.legend);
    // Field by field: the caller's rule was written a moment ago, in pieces, and is slow to read as a whole.
    rule_.how = rule.how;
    rule_.fraction = rule.fraction;
    rule_.n = rule.n;
    const missing_rule& applied = detail::rule_of(key, 0, rule);
    applied_.how = applied.how;
    applied_.fraction = applied.fraction;
    applied_.n = applied.n;
    n_items_ = key.n_items;
    units_per_point_ = key.units;
    for (int c = 0; c < legend_.n_combined; ++c) combined_[c] = key.combined[c];
    for (int p = 0; p < key.n_parts; ++p) parts_[p] = key.parts[p];
  }
  RAPPORT_INLINE constexpr void set_tally(int number, const detail::tally& counted) noexcept {
    detail::tally& own = tallies_[number];
    own.units = counted.units;
    own.times.top = counted.times.top;
    own.times.bottom = counted.times.bottom;
    own.kind = counted.kind;
    own.status = counted.status;
    own.n_items = counted.n_items;
    own.n_answered = counted.n_answered;
    own.is_sum = counted.is_sum;
  }
  [[nodiscard]] constexpr detail::tally* tallies() noexcept { return tallies_; }
  constexpr void set_missing(const item_set& blank, const item_set& left_out) noexcept {
    missing_ = blank;
    skipped_ = left_out;
  }
  constexpr void set_endorsed(int item) noexcept { endorsed_.insert(item); }

  // Scores by number, for records and tables: 0 is the total, then the subscales, then the combined scores.
  [[nodiscard]] constexpr int n_scores() const noexcept { return legend_.n_scores(); }
  [[nodiscard]] constexpr std::string_view score_id(int number) const noexcept { return legend_.score_id(number); }
  [[nodiscard]] constexpr score_status status_of(int number) const noexcept {
    return is_combined(number) ? combined_status(number) : tallies_[number].status;
  }
  [[nodiscard]] constexpr std::optional<Scalar> value_of(int number) const noexcept {
    if (status_of(number) == score_status::incomplete) return std::nullopt;
    return number_in<Scalar>(number);
  }
  [[nodiscard]] constexpr const detail::tally& tally_of(int number) const noexcept { return tallies_[number]; }
  /// A score as a fraction; false if it does not fit into whole numbers of 64 bits.
  [[nodiscard]] constexpr bool exact_value(int number, detail::fraction& out) const noexcept {
    if (!is_combined(number)) return detail::exact_value(tallies_[number], units_per_point_, out);
    const detail::combined_score& sum = combined_[number - 1 - legend_.n_subscales];
    out = {};
    for (int p = sum.first_part; p < sum.first_part + sum.n_parts; ++p) {
      detail::fraction part;
      if (!exact_value(parts_[p].score, part) || !detail::multiply(part, parts_[p].weight) || !detail::add(out, part))
        return false;
    }
    return true;
  }

 private:
  [[nodiscard]] constexpr int number_of(std::string_view id) const noexcept {
    const int number = legend_.find_score(id);
    RAPPORT_ASSERT(number >= 0);
    return number;
  }
  [[nodiscard]] constexpr bool is_combined(int number) const noexcept { return number > legend_.n_subscales; }

  [[nodiscard]] constexpr score_status combined_status(int number) const noexcept {
    const detail::combined_score& sum = combined_[number - 1 - legend_.n_subscales];
    score_status worst = score_status::ok;
    for (int p = sum.first_part; p < sum.first_part + sum.n_parts; ++p) {
      const int score = parts_[p].score;
      const score_status part = is_combined(score) ? combined_status(score) : tallies_[score].status;
      if (part > worst) worst = part;
    }
    return worst;
  }

  /// A score of items; the common case in few steps.
  [[nodiscard]] RAPPORT_INLINE constexpr std::optional<Scalar> item_score(int number) const noexcept {
    const detail::tally& t = tallies_[number];
    if (t.is_sum) return static_cast<Scalar>(t.units);
    return value_of(number);
  }

  template <class Number>
  [[nodiscard]] constexpr Number number_in(int number) const noexcept {
    return is_combined(number) ? sum_of_scores<Number>(number)
                               : detail::value_of<Number>(tallies_[number], units_per_point_);
  }

  template <class Number>
  [[nodiscard]] constexpr Number sum_of_scores(int number) const noexcept {
    detail::fraction exact;
    if (exact_value(number, exact)) return static_cast<Number>(exact.top) / static_cast<Number>(exact.bottom);
    const detail::combined_score& sum = combined_[number - 1 - legend_.n_subscales];
    Number out(0);
    for (int p = sum.first_part; p < sum.first_part + sum.n_parts; ++p) {
      const detail::combined_part& part = parts_[p];
      out += number_in<Number>(part.score) * static_cast<Number>(part.weight.top) /
             static_cast<Number>(part.weight.bottom);
    }
    return out;
  }

  [[nodiscard]] constexpr std::optional<Scalar> mean_of(int number) const noexcept {
    const detail::tally& t = tallies_[number];
    if (t.status == score_status::incomplete) return std::nullopt;
    return static_cast<Scalar>(t.units) / static_cast<Scalar>(units_per_point_ * t.n_answered);
  }

  missing_rule rule_{};
  missing_rule applied_{};
  int n_items_ = 0;
  std::int64_t units_per_point_ = 1;
  item_set missing_{};
  item_set skipped_{};
  item_set endorsed_{};
  detail::tally tallies_[1 + max_subscales];
  detail::combined_score combined_[max_combined];
  detail::combined_part parts_[detail::max_parts];
  detail::legend legend_;
};

/// The card that most programs use.
using score_card = basic_score_card<double>;

}  // namespace rapport
