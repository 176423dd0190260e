// SPDX-License-Identifier: BSL-1.0
// A questionnaire as data: its items, their range, which are reversed, which form a subscale.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string_view>
#include <type_traits>

#include <rapport/core/result.hpp>
#include <rapport/instruments/item_set.hpp>

namespace rapport {

/// Who fills in the form.
enum class perspective : unsigned char { client, therapist, observer };

/// The word for a perspective.
[[nodiscard]] constexpr std::string_view to_string(perspective p) noexcept {
  switch (p) {
    case perspective::client: return "client";
    case perspective::therapist: return "therapist";
    case perspective::observer: return "observer";
  }
  return "unknown";
}

/// The legal answers of an item: min, min + step, ..., max.
struct answer_scale {
  double min = 1;   ///< a multiple of step
  double max = 5;   ///< a multiple of step, above min
  double step = 1;  ///< 1 for whole numbers, 0.1 for a 10 cm line read in millimetres; 1 / step is a whole number
};

/// The most subscales that an instrument can have.
inline constexpr int max_subscales = 12;

/// The longest identifier of an instrument or subscale.
using id_text_type = text<31>;

namespace detail {
// A broken description calls one of these. None is constexpr, so where an instrument is a constant the compiler stops
// here and quotes the name; where it is made at run time the defect is recorded and scoring refuses.
inline void an_instrument_needs_between_1_and_128_items() {}
inline void the_largest_answer_must_be_above_the_smallest() {}
inline void the_step_must_divide_1_and_both_ends_of_the_scale() {}
inline void this_item_number_does_not_exist_on_the_form() {}
inline void this_item_is_listed_twice() {}
inline void a_subscale_needs_at_least_one_item() {}
inline void a_subscale_of_this_name_exists_already() {}
inline void an_instrument_has_at_most_12_subscales() {}
inline void an_identifier_needs_between_1_and_31_characters() {}
}  // namespace detail

/// A set of items whose answers are added up.
struct subscale_key {
  id_text_type id{};
  item_set items{};
};

/// The description of a questionnaire: what is needed to score it, and nothing else.
///
/// Built in one expression, each call returning a changed copy:
///
///     constexpr auto my_scale = rapport::instrument("my-scale", 6, {.min = 1, .max = 7})
///                                   .reversed({2, 5})
///                                   .subscale("trust", {1, 2, 3})
///                                   .subscale("task", {4, 5, 6});
///
/// Item numbers are those printed on the form, from 1. A reversed item scores min + max - answer. The total is the sum
/// of all items. A description that contradicts itself does not compile as a constant; made at run time, `check()`
/// tells and scoring refuses.
class instrument {
 public:
  constexpr instrument(std::string_view id, int n_items, answer_scale scale = {}) : id_(id), n_items_(n_items) {
    if (id.empty() || !id_text_type::fits(id)) {
      defect("its id needs between 1 and 31 characters", detail::an_identifier_needs_between_1_and_31_characters);
    }
    if (n_items < 1 || n_items > max_items) {
      n_items_ = 0;
      defect("between 1 and 128 items are needed", detail::an_instrument_needs_between_1_and_128_items);
    }
    if (!(scale.min < scale.max)) {
      defect("the largest answer must be above the smallest", detail::the_largest_answer_must_be_above_the_smallest);
    }
    set_scale(scale);
  }

  /// These items count backwards: min + max - answer.
  [[nodiscard]] constexpr instrument reversed(std::initializer_list<int> items) const {
    instrument changed = *this;
    changed.reversed_ = changed.checked_set(items, reversed_);
    return changed;
  }

  /// These items form a subscale.
  [[nodiscard]] constexpr instrument subscale(std::string_view id, std::initializer_list<int> items) const {
    instrument changed = *this;
    if (id.empty() || !id_text_type::fits(id)) {
      changed.defect("a subscale's id needs 1 to 31 characters",
                     detail::an_identifier_needs_between_1_and_31_characters);
    }
    if (items.size() == 0) changed.defect("a subscale has no items", detail::a_subscale_needs_at_least_one_item);
    if (find_subscale(id) >= 0)
      changed.defect("two subscales share a name", detail::a_subscale_of_this_name_exists_already);
    if (n_subscales_ == max_subscales) {
      changed.defect("it has more than 12 subscales", detail::an_instrument_has_at_most_12_subscales);
      return changed;
    }
    changed.subscales_[changed.n_subscales_++] = {id, changed.checked_set(items, {})};
    return changed;
  }

  /// Who fills in the form; the client unless said otherwise.
  [[nodiscard]] constexpr instrument rated_by(rapport::perspective who) const {
    instrument changed = *this;
    changed.perspective_ = who;
    return changed;
  }

  [[nodiscard]] constexpr std::string_view id() const noexcept { return id_; }
  [[nodiscard]] constexpr int n_items() const noexcept { return n_items_; }
  [[nodiscard]] constexpr rapport::perspective perspective() const noexcept { return perspective_; }
  [[nodiscard]] constexpr double min() const noexcept { return points(lower_units_); }
  [[nodiscard]] constexpr double max() const noexcept { return points(upper_units_); }
  [[nodiscard]] constexpr double step() const noexcept { return points(1); }
  [[nodiscard]] constexpr const item_set& reversed_items() const noexcept { return reversed_; }
  [[nodiscard]] constexpr int n_subscales() const noexcept { return n_subscales_; }
  [[nodiscard]] constexpr const subscale_key& subscale_at(int position) const noexcept { return subscales_[position]; }

  /// The position of a subscale; -1 if there is none of this name.
  [[nodiscard]] constexpr int find_subscale(std::string_view id) const noexcept {
    for (int s = 0; s < n_subscales_; ++s) {
      if (subscales_[s].id == id) return s;
    }
    return -1;
  }

  /// Whether the description is consistent; needed only for instruments made at run time.
  /// Errors: errc::invalid_instrument, its subject naming the contradiction
  [[nodiscard]] constexpr result<void> check() const noexcept {
    if (defect_.empty()) return {};
    return error{.code = errc::invalid_instrument, .function = "instrument", .subject = defect_};
  }

  // Scores are added up in whole units of the step, so that 0.1 + 0.2 is 0.3.
  [[nodiscard]] constexpr std::int64_t units_per_point() const noexcept { return units_; }
  [[nodiscard]] constexpr std::int64_t lower_units() const noexcept { return lower_units_; }
  [[nodiscard]] constexpr std::int64_t upper_units() const noexcept { return upper_units_; }

 private:
  constexpr void defect(std::string_view sentence, void (*broken_rule)()) {
    if (std::is_constant_evaluated()) broken_rule();
    if (defect_.empty()) defect_ = sentence;
  }

  constexpr void set_scale(answer_scale scale) {
    // A step of 1 / units for a whole number of units; both ends must be whole numbers of steps.
    const bool in_bounds = scale.step >= 1e-6 && scale.step <= 1 && scale.min >= -1e9 && scale.min <= 1e9 &&
                           scale.max >= -1e9 && scale.max <= 1e9;
    units_ = in_bounds ? static_cast<std::int64_t>(1.0 / scale.step + 0.5) : 1;
    lower_units_ = in_bounds ? to_units(scale.min) : 0;
    upper_units_ = in_bounds ? to_units(scale.max) : 1;
    const bool exact = in_bounds && step() == scale.step && min() == scale.min && max() == scale.max;
    if (!exact)
      defect("the step must divide 1 and both ends", detail::the_step_must_divide_1_and_both_ends_of_the_scale);
  }

  [[nodiscard]] constexpr double points(std::int64_t units) const noexcept {
    return static_cast<double>(units) / static_cast<double>(units_);
  }

  [[nodiscard]] constexpr std::int64_t to_units(double answer) const noexcept {
    const double exact = answer * static_cast<double>(units_);
    return static_cast<std::int64_t>(exact < 0 ? exact - 0.5 : exact + 0.5);
  }

  constexpr item_set checked_set(std::initializer_list<int> items, item_set set) {
    for (const int item : items) {
      if (item < 1 || item > n_items_) {
        defect("an item number does not exist on the form", detail::this_item_number_does_not_exist_on_the_form);
      } else if (set.contains(item)) {
        defect("an item is listed twice", detail::this_item_is_listed_twice);
      } else {
        set.insert(item);
      }
    }
    return set;
  }

  id_text_type id_{};
  int n_items_ = 0;
  int n_subscales_ = 0;
  rapport::perspective perspective_ = perspective::client;
  std::int64_t units_ = 1;
  std::int64_t lower_units_ = 0;
  std::int64_t upper_units_ = 0;
  item_set reversed_{};
  subscale_key subscales_[max_subscales] = {};
  text<47> defect_{};
};

}  // namespace rapport
