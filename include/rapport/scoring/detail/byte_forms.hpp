// SPDX-License-Identifier: BSL-1.0
// Forms whose answers are stored as bytes: checked, reversed and added up sixteen answers at a time.
#pragma once

#include <cstdint>

#include <rapport/core/index.hpp>
#include <rapport/instruments/instrument.hpp>
#include <rapport/scoring/detail/tally.hpp>

namespace rapport::detail {

/// The key of an instrument for rows of bytes.
///
/// An item counts its distance from one end of the scale: answer - lowest, or highest - answer if it is reversed. For
/// legal answers both are |answer - end|, so that a score is a sum of absolute differences of bytes, which processors add
/// up sixteen at a time in one instruction. Items of other scores are masked out on both sides. The loops below are
/// written so that compilers find that instruction; they are right without it.
class byte_key {
 public:
  using byte = unsigned char;

  /// Whether the forms of an instrument can be scored like that: on one scale of whole numbers between 0 and 127.
  [[nodiscard]] static bool fits(const description& key) noexcept {
    return key.is_plain && key.scales[0].base >= 0 && key.scales[0].base + key.scales[0].n_steps <= 127;
  }

  /// \param blank  the code for a missing answer; null if there is none
  byte_key(const description& key, const int* blank) noexcept
      : key_(key),
        n_blocks_((key.n_items + 15) / 16),
        low_(static_cast<byte>(key.scales[0].base)),
        steps_(static_cast<byte>(key.scales[0].n_steps)),
        has_blank_(blank != nullptr),
        blank_(blank != nullptr ? static_cast<byte>(*blank) : byte{0}) {
    blank_is_legal_ = has_blank_ && is_within(blank_);
    for (int item = 1; item <= key.n_items; ++item) {
      on_form_[item - 1] = 0xff;
      const int end = key.reversed.contains(item) ? low_ + steps_ : low_;
      for (int number = 0; number <= key.legend.n_subscales; ++number) {
        if (!key.scores[number].items.contains(item)) continue;
        scores_[number].mask[item - 1] = 0xff;
        scores_[number].end[item - 1] = static_cast<byte>(end);
      }
    }
    for (int number = 0; number <= key.legend.n_subscales; ++number) {
      const item_score& score = key.scores[number];
      const bool is_sum =
          score.n_items > 0 && score.kind == score_kind::sum && score.times.top == 1 && score.times.bottom == 1;
      const score_status status = score.n_items > 0 ? score_status::ok : score_status::incomplete;
      complete_[number] = {0, score.times, score.kind, status, score.n_items, score.n_items, is_sum};
    }
  }

  /// Whether the subscales share out the items of the total, so that it is their sum.
  [[nodiscard]] bool total_is_sum_of_subscales() const noexcept {
    item_set all;
    int n_items = 0;
    for (int number = 1; number <= key_.legend.n_subscales; ++number) {
      all = all | key_.scores[number].items;
      n_items += key_.scores[number].n_items;
    }
    return all == key_.scores[0].items && n_items == key_.scores[0].n_items;
  }

  /// The number of blocks of sixteen bytes that a form takes up.
  [[nodiscard]] int n_blocks() const noexcept { return n_blocks_; }

  /// Whether all these answers are legal and none of them stands for a missing one.
  [[nodiscard]] bool all_legal(const byte* answers, index n) const noexcept {
    if (blank_is_legal_) return false;
    byte outside = 0;
    for (index i = 0; i < n; ++i) outside |= static_cast<byte>(is_within(answers[i]) ? 0 : 1);
    return outside == 0;
  }

  /// A score of complete forms, one behind the other, whose answers are legal: the units of each. Whole blocks are read.
  template <int Blocks>
  void units(const byte* answers, index n_forms, int number, std::int32_t* out) const noexcept {
    const score_bytes& score = scores_[number];
    const std::int32_t base = complete_[number].n_items * low_;
    for (index f = 0; f < n_forms; ++f) {
      const byte* const form = answers + f * key_.n_items;
      std::int32_t distance = 0;
      for (int i = 0; i < 16 * Blocks; ++i) {
        const byte answer = form[i] & score.mask[i];
        distance += absolute(answer - score.end[i]);
      }
      out[f] = base + distance;
    }
  }

  /// The tally of a score of a complete form, but for the units.
  [[nodiscard]] const tally& complete(int number) const noexcept { return complete_[number]; }

  /// The tallies of a form of which answers may be missing; false if one is neither legal nor missing.
  template <int Blocks>
  [[nodiscard]] bool score(const byte* answers, const missing_rule& rule, tally* out, int& n_blank) const noexcept {
    byte given[as_size(16 * Blocks)];  // 0xff where there is an answer
    byte outside = 0;
    std::uint32_t blanks = 0;
    for (int i = 0; i < 16 * Blocks; ++i) {
      const bool is_blank = has_blank_ && answers[i] == blank_;
      given[i] = is_blank ? byte{0} : byte{0xff};
      outside |= static_cast<byte>((is_within(answers[i]) ? 0 : 0xff) & given[i] & on_form_[i]);
      blanks += static_cast<std::uint32_t>(~given[i] & on_form_[i] & 1);
    }
    if (outside != 0) return false;
    n_blank = static_cast<int>(blanks);
    for (int number = 0; number <= key_.legend.n_subscales; ++number) {
      const score_bytes& score = scores_[number];
      std::int32_t distance = 0;
      std::int32_t n_answered = 0;
      for (int i = 0; i < 16 * Blocks; ++i) {
        const byte mask = score.mask[i] & given[i];
        const byte answer = answers[i] & mask;
        const byte end = score.end[i] & mask;
        distance += absolute(answer - end);
        n_answered += mask & 1;
      }
      tally& t = out[number];
      t = complete_[number];
      t.units = n_answered * low_ + distance;
      t.n_answered = static_cast<std::uint8_t>(n_answered);
      t.is_sum = t.is_sum && n_answered == t.n_items;
    }
    judge(key_, rule, out);
    return true;
  }

 private:
  struct score_bytes {
    byte mask[max_items] = {};  // 0xff for the items of the score
    byte end[max_items] = {};   // the answer that counts 0
  };

  [[nodiscard]] bool is_within(byte answer) const noexcept { return static_cast<byte>(answer - low_) <= steps_; }
  [[nodiscard]] static std::int32_t absolute(std::int32_t x) noexcept { return x < 0 ? -x : x; }

  const description& key_;
  int n_blocks_;
  byte low_;
  byte steps_;
  bool has_blank_;
  byte blank_;
  bool blank_is_legal_;  // the code for a missing answer would otherwise pass for an answer
  byte on_form_[max_items] = {};
  score_bytes scores_[1 + max_subscales];
  tally complete_[1 + max_subscales];
};

}  // namespace rapport::detail
