// SPDX-License-Identifier: BSL-1.0
// Stored scores of one kind, their forms, and what a change of the key would make of them.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <rapport/core/missing.hpp>
#include <rapport/data/response_matrix.hpp>
#include <rapport/instruments/instrument.hpp>
#include <rapport/scoring/detail/key_hypothesis.hpp>
#include <rapport/scoring/detail/tally.hpp>

namespace rapport::detail {

/// Stored scores of one kind and the forms that they belong to.
template <class Scalar>
class stored_forms {
 public:
  /// \param number  of a score of items: 0 is the total, then the subscales
  /// \param weight  what the stored scores are multiplied by besides
  stored_forms(const instrument& form, int number, double weight, const basic_response_matrix<Scalar>& answers,
               std::span<const Scalar> stored)
      : key_(form.description()), score_(key_.scores[number]), answers_(answers), stored_(stored) {
    own_.as_mean = score_.kind == score_kind::mean;
    own_.times = static_cast<double>(score_.times.top) / score_.times.bottom * weight;
    for (index row = 0; row < answers.n_persons(); ++row) {
      if (is_missing(stored[as_size(row)])) continue;
      bool complete = true;
      for (const int item : score_.items) complete = complete && !is_missing(answers(row, item - 1));
      (complete ? rows_ : incomplete_).push_back(row);
    }
    for (const index row : rows_) {
      sums_.push_back(key_sum(row));
      is_legal_.push_back(legal(row));
    }
  }

  [[nodiscard]] index n_complete() const noexcept { return std::ssize(rows_); }
  [[nodiscard]] index n_invalid() const { return std::count(is_legal_.begin(), is_legal_.end(), false); }
  [[nodiscard]] index n_incomplete() const noexcept { return std::ssize(incomplete_); }
  [[nodiscard]] const key_hypothesis& own() const noexcept { return own_; }

  [[nodiscard]] int n_items() const noexcept { return score_.n_items; }
  /// What a change adds to the sum of complete form i; NaN, which agrees with nothing, if an answer that it needs is missing.
  [[nodiscard]] double effect(const item_change& change, std::size_t i) const {
    const index row = rows_[i];
    switch (change.how) {
      case item_change::kind::flipped:
        return counted(row, change.item, !key_.reversed.contains(change.item)) - by_key(row, change.item);
      case item_change::kind::left_out: return -by_key(row, change.item);
      case item_change::kind::added: return counted(row, change.item, false);
      case item_change::kind::added_reversed: return counted(row, change.item, true);
    }
    return 0;
  }

  /// Whether a hypothesis makes the stored score of complete form i, if its changes leave n items and add `more` to the sum.
  [[nodiscard]] bool fits(const key_hypothesis& h, std::size_t i, int n, double more) const {
    return agrees(h, implied(h, i, n), sums_[i] + h.per_form + more);
  }

  /// Largest difference between what is stored and what the key makes.
  [[nodiscard]] double largest_difference() const {
    double largest = 0;
    for (std::size_t i = 0; i < rows_.size(); ++i) {
      if (is_legal_[i]) largest = (std::max)(largest, std::abs(stored(i) - scaled(own_, sums_[i], n_items())));
    }
    return largest;
  }

  /// How many complete forms a hypothesis reproduces. The key itself makes no score of an illegal answer.
  [[nodiscard]] index explained(const key_hypothesis& h) const {
    const bool is_own = h.words.empty() && h.changes.empty();
    index count = 0;
    for (std::size_t i = 0; i < rows_.size(); ++i) {
      if (is_own && !is_legal_[i]) continue;
      double more = 0;
      for (const item_change& change : h.changes) more += effect(change, i);
      count += fits(h, i, n_items() + items_more(h.changes), more) ? 1 : 0;
    }
    return count;
  }

  /// How scores of forms with blanks came about, in words, and how many of them that reproduces.
  [[nodiscard]] std::pair<std::string, index> blanks(const key_hypothesis& h) const {
    enum { as_0, as_0_reversed, as_lowest, prorated, n_ways };
    constexpr const char* words[n_ways] = {
        "blanks were counted as 0", "blanks were counted as 0 and then reversed where the key reverses",
        "blanks were counted as the lowest answer", "scores with blanks were prorated from the answered items"};
    index count[n_ways] = {};
    index n_blank = 0;
    for (const index row : incomplete_) {
      double sum = 0;
      double reversed_blanks = 0;
      double lowest_blanks = 0;
      int n_answered = 0;
      const int n = n_items() + items_more(h.changes);
      for (int item = 1; item <= key_.n_items; ++item) {
        bool is_counted = score_.items.contains(item);
        bool is_reversed = key_.reversed.contains(item);
        for (const item_change& change : h.changes) {
          if (change.item != item) continue;
          if (change.how == item_change::kind::flipped) is_reversed = !is_reversed;
          if (change.how == item_change::kind::left_out) is_counted = false;
          if (change.how == item_change::kind::added || change.how == item_change::kind::added_reversed) {
            is_counted = true;
            is_reversed = change.how == item_change::kind::added_reversed;
          }
        }
        if (!is_counted) continue;
        if (is_missing(answers_(row, item - 1))) {
          const answer_scale& range = key_.scale_of(item).counted;
          reversed_blanks += is_reversed ? range.min + range.max : 0;
          lowest_blanks += range.min;
        } else {
          sum += counted(row, item, is_reversed);
          ++n_answered;
        }
      }
      if (n_answered == n) continue;  // none of its blanks enters this score
      ++n_blank;
      const auto was = static_cast<double>(stored_[as_size(row)]);
      const auto matches = [&](double total) {
        return agrees(h, h.as_mean ? was / h.times * n : was / h.times, total + h.per_form);
      };
      count[as_0] += matches(sum) ? 1 : 0;
      count[as_0_reversed] += reversed_blanks > 0 && matches(sum + reversed_blanks) ? 1 : 0;
      count[as_lowest] += lowest_blanks != 0 && matches(sum + lowest_blanks) ? 1 : 0;
      count[prorated] += n_answered > 0 && matches(sum / n_answered * n) ? 1 : 0;
    }
    const auto most = std::max_element(count, count + n_ways) - count;
    if (count[most] < 2 || 2 * count[most] < n_blank) return {"", 0};
    return {words[most], count[most]};
  }

 private:
  [[nodiscard]] double stored(std::size_t i) const { return static_cast<double>(stored_[as_size(rows_[i])]); }

  /// The score that a sum makes.
  [[nodiscard]] static double scaled(const key_hypothesis& h, double sum, int n) noexcept {
    return h.as_mean ? sum / n * h.times : sum * h.times;
  }
  /// The sum that a stored score must have come from.
  [[nodiscard]] double implied(const key_hypothesis& h, std::size_t i, int n) const {
    return h.as_mean ? stored(i) / h.times * n : stored(i) / h.times;
  }
  /// Sums agree to rounding; sums behind stored means to what two decimals of a mean can tell.
  [[nodiscard]] bool agrees(const key_hypothesis& h, double implied_sum, double sum) const noexcept {
    const double unit = 1.0 / static_cast<double>(key_.units);
    const double slack = h.as_mean ? (std::min)(0.006 / std::abs(h.times) * n_items(), 0.4 * unit) : 1e-6;
    return std::abs(implied_sum - sum) < slack;
  }

  [[nodiscard]] double counted(index row, int item, bool is_reversed) const {
    const scale_key& scale = key_.scale_of(item);
    const answer_scale& range = scale.counted;
    auto answer = static_cast<double>(answers_(row, item - 1));
    if (!(scale.counted == scale.shown)) {
      const double share = (answer - scale.shown.min) / (scale.shown.max - scale.shown.min);
      answer = range.min + share * (range.max - range.min);
    }
    return is_reversed ? range.min + range.max - answer : answer;
  }
  [[nodiscard]] double by_key(index row, int item) const { return counted(row, item, key_.reversed.contains(item)); }
  /// Whether the key makes scores of a form: one illegal answer, to whichever item, spoils all of them.
  [[nodiscard]] bool legal(index row) const {
    std::int64_t steps = 0;
    error why;
    for (int item = 1; item <= key_.n_items; ++item) {
      const Scalar answer = answers_(row, item - 1);
      if (!is_missing(answer) && !read_answer(key_.scale_of(item), answer, steps, why)) return false;
    }
    return true;
  }
  [[nodiscard]] double key_sum(index row) const {
    double sum = 0;
    for (const int item : score_.items) sum += by_key(row, item);
    return sum;
  }

  const description& key_;
  const item_score& score_;
  const basic_response_matrix<Scalar>& answers_;
  std::span<const Scalar> stored_;
  key_hypothesis own_{};
  std::vector<index> rows_{};        // forms with a stored score and all answers of it
  std::vector<index> incomplete_{};  // forms with a stored score although answers are missing
  std::vector<double> sums_{};       // by the key, one per row
  std::vector<bool> is_legal_{};     // whether the key scores the row
};

}  // namespace rapport::detail
