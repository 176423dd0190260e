// SPDX-License-Identifier: BSL-1.0
// what scoring a form yields: a total and subscales where the rule allows them, and what is missing where it does not.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string_view>

#include <rapport/instruments/instrument.hpp>
#include <rapport/scoring/missing_rule.hpp>

namespace rapport {

/// The scores of one form. Owns all it needs; nothing points to the instrument or the answers.
template <class Scalar>
class basic_score_card {
 public:
  constexpr basic_score_card(const instrument& questionnaire, const missing_rule& rule) noexcept
      : rule_(rule), units_per_point_(questionnaire.units_per_point()), n_subscales_(questionnaire.n_subscales()) {
    total_.n_items = questionnaire.n_items();
    for (int s = 0; s < n_subscales_; ++s) {
      subscales_[s].id = questionnaire.subscale_at(s).id;
      subscales_[s].sum.n_items = questionnaire.subscale_at(s).items.size();
    }
  }

  /// The total; empty if answers are missing and the rule does not bridge them.
  [[nodiscard]] constexpr std::optional<Scalar> total() const noexcept { return sum_of(total_); }
  /// The total divided by the number of items, on the scale of a single answer.
  [[nodiscard]] constexpr std::optional<Scalar> total_mean() const noexcept { return mean_of(total_); }
  [[nodiscard]] constexpr score_status total_status() const noexcept { return status_of(total_); }

  [[nodiscard]] constexpr int n_subscales() const noexcept { return n_subscales_; }
  [[nodiscard]] constexpr std::string_view subscale_id(int position) const noexcept { return subscales_[position].id; }
  [[nodiscard]] constexpr std::optional<Scalar> subscale(int position) const noexcept {
    return sum_of(subscales_[position].sum);
  }
  [[nodiscard]] constexpr std::optional<Scalar> subscale_mean(int position) const noexcept {
    return mean_of(subscales_[position].sum);
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
    for (int s = 0; s < n_subscales_; ++s) {
      if (subscales_[s].id == id) return s;
    }
    return -1;
  }

  /// The rule that decided; its words: to_string(rule()).
  [[nodiscard]] constexpr const missing_rule& rule() const noexcept { return rule_; }
  [[nodiscard]] constexpr int n_items() const noexcept { return total_.n_items; }
  [[nodiscard]] constexpr int n_answered() const noexcept { return total_.n_answered; }
  [[nodiscard]] constexpr int n_missing() const noexcept { return total_.n_items - total_.n_answered; }
  /// The numbers of the items without an answer, skipped ones included.
  [[nodiscard]] constexpr const item_set& missing_items() const noexcept { return missing_; }
  /// The numbers of the items that were skipped on purpose.
  [[nodiscard]] constexpr const item_set& skipped_items() const noexcept { return skipped_; }

  // The two calls with which score() fills a card; `units` is the answer after reversal in units of the step.
  constexpr void add_answer(const instrument& questionnaire, int item, std::int64_t units) noexcept {
    total_.add(units);
    for (int s = 0; s < n_subscales_; ++s) {
      if (questionnaire.subscale_at(s).items.contains(item)) subscales_[s].sum.add(units);
    }
  }
  constexpr void add_missing(int item, bool is_skipped) noexcept {
    missing_.insert(item);
    if (is_skipped) skipped_.insert(item);
  }

 private:
  struct partial_sum {
    std::int64_t units = 0;
    int n_answered = 0;
    int n_items = 0;

    constexpr void add(std::int64_t answer_units) noexcept {
      units += answer_units;
      ++n_answered;
    }
  };
  struct named_sum {
    id_text_type id{};
    partial_sum sum{};
  };

  [[nodiscard]] constexpr score_status status_of(const partial_sum& sum) const noexcept {
    return detail::apply(rule_, sum.n_answered, sum.n_items);
  }
  [[nodiscard]] constexpr std::optional<Scalar> sum_of(const partial_sum& sum) const noexcept {
    switch (status_of(sum)) {
      case score_status::incomplete: return std::nullopt;
      case score_status::ok: return static_cast<Scalar>(sum.units) / static_cast<Scalar>(units_per_point_);
      case score_status::prorated: break;
    }
    // Exact where the product is a number of 64 bits; the finest scales on the longest forms round once more.
    constexpr std::int64_t largest = (std::numeric_limits<std::int64_t>::max)();
    const std::int64_t divisor = units_per_point_ * sum.n_answered;
    const std::int64_t size = sum.units < 0 ? -sum.units : sum.units;
    if (size <= largest / sum.n_items)
      return static_cast<Scalar>(sum.units * sum.n_items) / static_cast<Scalar>(divisor);
    return static_cast<Scalar>(sum.units) / static_cast<Scalar>(divisor) * static_cast<Scalar>(sum.n_items);
  }
  [[nodiscard]] constexpr std::optional<Scalar> mean_of(const partial_sum& sum) const noexcept {
    if (status_of(sum) == score_status::incomplete) return std::nullopt;
    return static_cast<Scalar>(sum.units) / static_cast<Scalar>(units_per_point_ * sum.n_answered);
  }

  missing_rule rule_;
  std::int64_t units_per_point_;
  int n_subscales_;
  partial_sum total_{};
  named_sum subscales_[max_subscales] = {};
  item_set missing_{};
  item_set skipped_{};
};

/// The card that most programs use.
using score_card = basic_score_card<double>;

}  // namespace rapport
