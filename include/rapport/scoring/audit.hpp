// SPDX-License-Identifier: BSL-1.0
// Stored scores held against the key: do they agree, and if not, which mistake explains them?
#pragma once

#include <algorithm>
#include <cmath>
#include <span>
#include <string>
#include <vector>

#include <rapport/core/missing.hpp>
#include <rapport/core/result.hpp>
#include <rapport/data/response_matrix.hpp>
#include <rapport/instruments/instrument.hpp>

namespace rapport {

/// What an audit of stored scores found.
struct score_audit {
  index n = 0;                    ///< forms with a stored score and all answers of the score
  index n_equal = 0;              ///< of these, stored scores that the key reproduces
  double max_abs_difference = 0;  ///< the largest difference among these, in points
  index n_incomplete = 0;         ///< forms with a stored score although answers are missing
  index n_explained = 0;          ///< stored scores that the changed key below reproduces; n_equal if there is none
  std::string explanation{};      ///< the smallest change of the key that reproduces clearly more; empty if none does
};

namespace detail {

/// One way in which a score may have been computed wrongly: the answers of some items count differently.
struct key_change {
  int first_item = 0;   // the item whose polarity is flipped, or that is left out
  int second_item = 0;  // the item whose polarity is flipped too, or that takes the place
  enum class kind : unsigned char { flip, leave_out, add, add_reversed, exchange, exchange_reversed } how = kind::flip;
};

/// The audit of one score: sums by the key, and what each change of the key would make of them.
template <class Scalar>
class key_search {
 public:
  key_search(const instrument& form, const item_set& items, const basic_response_matrix<Scalar>& answers,
             std::span<const Scalar> stored)
      : form_(form), items_(items), answers_(answers), stored_(stored) {
    for (index row = 0; row < answers.n_persons(); ++row) {
      if (is_missing(stored[as_size(row)])) continue;
      bool complete = true;
      for (const int item : items) complete = complete && !is_missing(answers(row, item - 1));
      (complete ? rows_ : incomplete_).push_back(row);
    }
    for (const index row : rows_) {
      double sum = 0;
      for (const int item : items) sum += counted(row, item, form.reversed_items().contains(item));
      difference_.push_back(static_cast<double>(stored[as_size(row)]) - sum);
    }
  }

  [[nodiscard]] score_audit run() {
    score_audit out;
    out.n = std::ssize(rows_);
    out.n_incomplete = std::ssize(incomplete_);
    for (const double each : difference_) {
      out.n_equal += agrees(each) ? 1 : 0;
      out.max_abs_difference = (std::max)(out.max_abs_difference, std::abs(each));
    }
    out.n_explained = out.n_equal;
    if (out.n_equal == out.n) return out;

    // One change first, then two: the simplest explanation that reproduces most.
    consider_constants(out);
    for (const int a : items_) {
      try_change({a, 0, key_change::kind::flip}, out);
      try_change({a, 0, key_change::kind::leave_out}, out);
    }
    for (int b = 1; b <= form_.n_items(); ++b) {
      if (items_.contains(b)) continue;
      try_change({b, 0, key_change::kind::add}, out);
      try_change({b, 0, key_change::kind::add_reversed}, out);
    }
    if (out.n_explained == out.n) return out;
    for (const int a : items_) {
      for (const int b : items_) {
        if (a < b) try_change({a, b, key_change::kind::flip}, out);
      }
      for (int b = 1; b <= form_.n_items(); ++b) {
        if (items_.contains(b)) continue;
        try_change({a, b, key_change::kind::exchange}, out);
        try_change({a, b, key_change::kind::exchange_reversed}, out);
      }
    }
    return out;
  }

 private:
  static bool agrees(double difference) { return std::abs(difference) < 1e-6; }

  [[nodiscard]] double counted(index row, int item, bool is_reversed) const {
    const auto answer = static_cast<double>(answers_(row, item - 1));
    return is_reversed ? form_.min() + form_.max() - answer : answer;
  }

  /// What the change adds to the sum of a form; NaN if an answer that it needs is missing.
  [[nodiscard]] double effect(const key_change& change, index row) const {
    const auto key = [&](int item) { return counted(row, item, form_.reversed_items().contains(item)); };
    const auto flipped = [&](int item) {
      return counted(row, item, !form_.reversed_items().contains(item)) - key(item);
    };
    switch (change.how) {
      case key_change::kind::flip:
        return flipped(change.first_item) + (change.second_item > 0 ? flipped(change.second_item) : 0);
      case key_change::kind::leave_out: return -key(change.first_item);
      case key_change::kind::add: return counted(row, change.first_item, false);
      case key_change::kind::add_reversed: return counted(row, change.first_item, true);
      case key_change::kind::exchange: return counted(row, change.second_item, false) - key(change.first_item);
      case key_change::kind::exchange_reversed: return counted(row, change.second_item, true) - key(change.first_item);
    }
    return 0;
  }

  void try_change(const key_change& change, score_audit& out) const {
    index explained = 0;
    for (std::size_t i = 0; i < rows_.size(); ++i)
      explained += agrees(difference_[i] - effect(change, rows_[i])) ? 1 : 0;
    if (is_better(explained, out)) {
      out.n_explained = explained;
      out.explanation = words(change);
    }
  }

  /// A change must explain at least half of the forms that the key does not, and a twentieth of all forms more than what
  /// is known already: among so many changes, one that explains a few forms is found by chance.
  [[nodiscard]] static bool is_better(index explained, const score_audit& out) {
    return 2 * (explained - out.n_equal) >= out.n - out.n_equal && 20 * (explained - out.n_explained) >= out.n &&
           explained > out.n_explained;
  }

  /// Scores that are all off by what another code of the same answers would do, or that are item means.
  void consider_constants(score_audit& out) const {
    const int n_reversed = [&] {
      int count = 0;
      for (const int item : items_) count += form_.reversed_items().contains(item) ? 1 : 0;
      return count;
    }();
    const double shift = items_.size() - 2 * n_reversed;
    const double all_shift = items_.size();
    index lower = 0;
    index higher = 0;
    index all_lower = 0;
    index all_higher = 0;
    index as_mean = 0;
    for (std::size_t i = 0; i < rows_.size(); ++i) {
      const auto was = static_cast<double>(stored_[as_size(rows_[i])]);
      const double sum = was - difference_[i];
      lower += agrees(difference_[i] + shift) ? 1 : 0;
      higher += agrees(difference_[i] - shift) ? 1 : 0;
      all_lower += agrees(difference_[i] + all_shift) ? 1 : 0;
      all_higher += agrees(difference_[i] - all_shift) ? 1 : 0;
      as_mean += std::abs(was - sum / items_.size()) < 0.006 ? 1 : 0;
    }
    const auto offer = [&](index explained, const char* sentence) {
      if (!is_better(explained, out)) return;
      out.n_explained = explained;
      out.explanation = sentence;
    };
    offer(as_mean, "the stored scores are item means, not sums");
    if (shift != 0) {
      offer(lower, "the stored scores were computed from answers coded one lower");
      offer(higher, "the stored scores were computed from answers coded one higher");
    }
    // Reversed within the other code too.
    offer(all_lower, "the stored scores were computed from answers coded one lower");
    offer(all_higher, "the stored scores were computed from answers coded one higher");
  }

  [[nodiscard]] std::string words(const key_change& change) const {
    const auto flip_words = [&](int item) {
      return "item " + std::to_string(item) +
             (form_.reversed_items().contains(item) ? " is not reversed" : " is reversed");
    };
    const std::string first = "item " + std::to_string(change.first_item);
    const std::string second = "item " + std::to_string(change.second_item);
    switch (change.how) {
      case key_change::kind::flip:
        return flip_words(change.first_item) + (change.second_item > 0 ? " and " + flip_words(change.second_item) : "");
      case key_change::kind::leave_out: return first + " is left out";
      case key_change::kind::add: return first + " is added";
      case key_change::kind::add_reversed: return first + " is added, reversed";
      case key_change::kind::exchange: return second + " stands in the place of " + first;
      case key_change::kind::exchange_reversed: return second + ", reversed, stands in the place of " + first;
    }
    return {};
  }

  const instrument& form_;
  const item_set& items_;
  const basic_response_matrix<Scalar>& answers_;
  std::span<const Scalar> stored_;
  std::vector<index> rows_{};
  std::vector<index> incomplete_{};
  std::vector<double> difference_{};  // stored minus key
};

}  // namespace detail

/// Compares stored scores with what the key makes of the answers, and looks for the mistake if they differ.
/// Model:       tries, in this order: item means for sums; answers coded one higher or lower; one item's polarity; one
///              item left out or added; two items' polarities; one item in the place of another. The first change that
///              reproduces at least 5 % of the forms more than what was tried before is named
/// \param form      the instrument
/// \param subscale  id of a subscale, or empty for the total
/// \param answers   raw answers, forms x items; NaN is missing
/// \param stored    the stored scores, one per form; NaN where there is none
/// \return       counts and, if the key does not reproduce all, an explanation in words
/// Errors:       errc::size_mismatch; errc::unknown_subscale; errc::invalid_instrument
/// Missing:      forms with missing answers are counted in n_incomplete and not compared
/// Not for:      changing the key: an explanation tells what was done to the data, not what is right
template <class Scalar>
[[nodiscard]] result<score_audit> audit_stored_scores(const instrument& form, std::string_view subscale,
                                                      const basic_response_matrix<Scalar>& answers,
                                                      std::span<const Scalar> stored) {
  if (auto legal = form.check(); !legal) return legal.error();
  error mismatch{.code = errc::size_mismatch,
                 .function = "audit_stored_scores",
                 .value = static_cast<double>(answers.n_items()),
                 .lower = static_cast<double>(form.n_items()),
                 .subject = "the answers of a form"};
  if (answers.n_items() != form.n_items()) return mismatch;
  mismatch.value = static_cast<double>(std::ssize(stored));
  mismatch.lower = static_cast<double>(answers.n_persons());
  mismatch.subject = "the stored scores";
  if (std::ssize(stored) != answers.n_persons()) return mismatch;
  item_set items = item_set::first(form.n_items());
  if (!subscale.empty()) {
    const int position = form.find_subscale(subscale);
    if (position < 0)
      return error{.code = errc::unknown_subscale, .function = "audit_stored_scores", .subject = subscale};
    items = form.subscale_at(position).items;
  }
  return detail::key_search<Scalar>(form, items, answers, stored).run();
}

}  // namespace rapport
