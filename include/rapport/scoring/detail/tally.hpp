// SPDX-License-Identifier: BSL-1.0
// Answers read by the key of an instrument, and added up score by score.
#pragma once

#include <bit>
#include <cstdint>
#include <limits>
#include <type_traits>

#include <rapport/core/error.hpp>
#include <rapport/instruments/instrument.hpp>
#include <rapport/scoring/missing_rule.hpp>
#include <rapport/scoring/score_card.hpp>

namespace rapport::detail {

/// An answer as a number of steps from the lower end of its scale.
/// \return  false if it is not a legal answer; `why` then says why, but for the function and the item
template <class T>
[[nodiscard]] constexpr bool read_answer(const scale_key& scale, const T& given, std::int64_t& steps,
                                         error& why) noexcept {
  using real = std::conditional_t<std::is_integral_v<T>, double, T>;
  const auto answer = static_cast<real>(given);
  const auto parts = static_cast<real>(scale.parts);
  // The ends are divided in the type of the answer: 0.1 in float is not 0.1 in double.
  const auto end = [&](std::int64_t whole, double in_double) {
    if constexpr (std::is_same_v<real, double>) {
      return in_double;
    } else {
      return static_cast<real>(whole) / parts;
    }
  };
  why.lower = scale.shown.min;
  why.upper = scale.shown.max;
  // Compared as a real number: converting a huge or infinite answer to an integer first would be undefined.
  if (answer < end(scale.first, scale.shown.min) ||
      answer > end(scale.first + scale.n_steps * scale.stride, scale.shown.max)) {
    why.code = errc::answer_out_of_range;
    why.value = static_cast<double>(given);
    return false;
  }
  const real exact = answer * parts;
  const auto whole = static_cast<std::int64_t>(exact < 0 ? exact - real(0.5) : exact + real(0.5));
  // The answer is legal if it is the number nearest to a whole number of steps; 0.3 is, 0.30000000000000004 is not.
  const bool on_step =
      static_cast<real>(whole) / parts == answer && (scale.stride == 1 || (whole - scale.first) % scale.stride == 0);
  if (!on_step) {
    why.code = errc::answer_off_step;
    why.value = static_cast<double>(given);
    why.lower = scale.shown.step;
    return false;
  }
  steps = scale.stride == 1 ? whole - scale.first : (whole - scale.first) / scale.stride;
  if (scale.is_gap(steps)) {
    why.code = errc::answer_in_gap;
    why.value = static_cast<double>(given);
    return false;
  }
  return true;
}

/// What an answer counts, in units.
[[nodiscard]] constexpr std::int64_t counted_units(const scale_key& scale, std::int64_t steps,
                                                   bool is_reversed) noexcept {
  return scale.base + (is_reversed ? scale.n_steps - steps : steps) * scale.slope;
}

/// Adds up what the items of a set count; items without an answer count nothing.
/// \param units  what each item counts
/// \param count  the number of items that were added
template <class Sum, class Units>
[[nodiscard]] RAPPORT_INLINE constexpr Sum sum_over(const item_set& items, const Units& units, int& count) noexcept {
  Sum sum = 0;
  for (int half = 0; half < 2; ++half) {
    for (std::uint64_t left = items.bits(half); left != 0; left &= left - 1) {
      sum += units(64 * half + std::countr_zero(left));
      ++count;
    }
  }
  return sum;
}

/// What the rules make of the scores of items, whose tallies say how many of their items are answered.
constexpr void judge(const description& key, const missing_rule& asked, tally* tallies) noexcept {
  bool is_short = false;  // a subscale within the total has too few answers
  for (int number = key.legend.n_subscales; number >= 0; --number) {
    tally& t = tallies[number];
    if (t.n_items == 0) continue;
    const missing_rule& rule = rule_of(key, number, asked);
    t.status = apply(rule, t.n_answered, t.n_items);
    if (number > 0) {
      if ((key.scores[number].items - key.scores[0].items).empty())
        is_short = is_short || t.n_answered < answers_needed(rule_of(key, 0, asked), t.n_items);
    } else if (rule.how == missing_rule::kind::at_least && is_short) {
      t.status = score_status::incomplete;
    }
  }
}

/// The scores of a form of which some answers may be missing.
/// \param units  what the answer to each item counts, reversed where it is to be; read for answered items alone
constexpr void tally_scores(const description& key, const std::int64_t* units, const item_set& answered,
                            const missing_rule& asked, tally* tallies) noexcept {
  for (int number = 0; number <= key.legend.n_subscales; ++number) {
    const item_score& score = key.scores[number];
    int n_answered = 0;
    tally& t = tallies[number];
    t = {0, score.times, score.kind, score_status::incomplete, score.n_items, 0, false};
    t.units = sum_over<std::int64_t>(
        score.items & answered, [units](int i) { return units[i]; }, n_answered);
    t.n_answered = static_cast<std::uint8_t>(n_answered);
  }
  judge(key, asked, tallies);
}

/// One score of a complete form of whole numbers on a plain scale. Plain scales are short: 32 bits are enough.
template <class T>
[[nodiscard]] RAPPORT_INLINE constexpr tally tally_plain(const description& key, int number,
                                                         const T* answers) noexcept {
  const item_score& score = key.scores[number];
  const auto units = [answers](int i) { return static_cast<std::int32_t>(answers[i]); };
  std::int32_t sum = 0;
  int n = 0;
  if (key.reversed.empty() && score.n_items == key.n_items) {
    RAPPORT_VECTOR_LOOP
    for (int i = 0; i < key.n_items; ++i) sum += units(i);
  } else {
    sum = sum_over<std::int32_t>(score.items - key.reversed, units, n);
  }
  if (!key.reversed.empty()) {
    n = 0;
    sum -= sum_over<std::int32_t>(score.items & key.reversed, units, n);
    sum += n * static_cast<std::int32_t>(2 * key.scales[0].base + key.scales[0].n_steps);
  }
  const score_status status = score.n_items > 0 ? score_status::ok : score_status::incomplete;
  const bool is_sum =
      score.n_items > 0 && score.kind == score_kind::sum && score.times.top == 1 && score.times.bottom == 1;
  return {sum, score.times, score.kind, status, score.n_items, score.n_items, is_sum};
}

/// The scores of such a form, from the one of this number on. The first few are written out, so that what the
/// instrument says is folded into the code where the instrument is a constant.
template <int Number, class T, class Card>
RAPPORT_INLINE constexpr void tally_plain_from(const description& key, const T* answers, Card& card) noexcept {
  if (Number > key.legend.n_subscales) return;
  if constexpr (Number < 4) {
    card.set_tally(Number, tally_plain(key, Number, answers));
    tally_plain_from<Number + 1>(key, answers, card);
  } else {
    for (int number = Number; number <= key.legend.n_subscales; ++number)
      card.set_tally(number, tally_plain(key, number, answers));
  }
}

/// Whether every answer lies within a range of whole numbers.
template <class T>
[[nodiscard]] RAPPORT_INLINE constexpr bool all_within(const T* answers, int n, std::int64_t first,
                                                       std::int64_t last) noexcept {
  bool within = true;
  if constexpr (sizeof(T) <= 4) {
    // Without a branch, and in 32 bits, so that it becomes vector code. Where answer < first or answer > last, one of the
    // two differences has its highest bit set, even if it wraps around.
    const auto low = static_cast<std::uint32_t>(static_cast<std::int32_t>(first));
    const auto high = static_cast<std::uint32_t>(static_cast<std::int32_t>(last));
    if constexpr (std::is_unsigned_v<T> && sizeof(T) == 4) {
      for (int i = 0; i < n; ++i) within = within && answers[i] <= 0x7fffffff;
      if (!within) return false;
    }
    std::uint32_t outside = 0;
    RAPPORT_VECTOR_LOOP
    for (int i = 0; i < n; ++i) {
      const auto answer = static_cast<std::uint32_t>(answers[i]);
      outside |= (answer - low) | (high - answer);
    }
    return outside >> 31 == 0;
  } else {
    for (int i = 0; i < n; ++i) {
      if constexpr (std::is_unsigned_v<T>) {
        within = within && answers[i] <= static_cast<T>((std::numeric_limits<std::int32_t>::max)());
      }
      within =
          within && static_cast<std::int64_t>(answers[i]) >= first && static_cast<std::int64_t>(answers[i]) <= last;
    }
    return within;
  }
}

}  // namespace rapport::detail
