// SPDX-License-Identifier: BSL-1.0
// The parts of an instrument's description: subscales, combined scores, bands, cut-offs, and the words that go with them.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <limits>
#include <string_view>

#include <rapport/core/text.hpp>
#include <rapport/instruments/answer_scale.hpp>
#include <rapport/instruments/item_set.hpp>
#include <rapport/instruments/missing_rule.hpp>

namespace rapport {

/// The most subscales that an instrument can have.
inline constexpr int max_subscales = 12;
/// The most combined scores that an instrument can have.
inline constexpr int max_combined = 6;
/// The most bands, over all scores.
inline constexpr int max_bands = 24;
/// The most cut-offs, over all scores.
inline constexpr int max_cutoffs = 8;
/// The most items whose endorsement is reported by itself.
inline constexpr int max_risk_items = 12;

/// The longest identifier of an instrument or subscale.
using id_text_type = text<31>;

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

/// Which scores are the good ones.
enum class direction : unsigned char { none, higher, lower };

/// The word for a direction, as programs print it.
[[nodiscard]] constexpr std::string_view to_string(direction d) noexcept {
  switch (d) {
    case direction::higher: return "higher-better";
    case direction::lower: return "lower-better";
    case direction::none: return "none";
  }
  return "unknown";
}

/// Whether a score adds its items up or is their mean.
enum class score_kind : unsigned char { sum, mean };

/// How a score is made of its items.
struct score_metric {
  score_kind kind = score_kind::sum;
  double times = 1;  ///< the sum or mean is multiplied by this; a whole number or a fraction such as 0.5

  friend constexpr bool operator==(const score_metric&, const score_metric&) noexcept = default;
};

/// A part of a combined score: the id of a subscale, of an earlier combined score, or "total", and its weight.
struct weighted_score {
  std::string_view score{};
  double weight = 1;
};

/// A range of scores. An open end does not belong to the range; without an end it goes on for ever.
struct band_range {
  double from = -std::numeric_limits<double>::infinity();
  double to = std::numeric_limits<double>::infinity();
  bool from_open = false;
  bool to_open = false;

  [[nodiscard]] constexpr bool contains(double score) const noexcept {
    return (from_open ? score > from : score >= from) && (to_open ? score < to : score <= to);
  }
};

/// On which side of its number a cut-off is met.
enum class cutoff_side : unsigned char { at_or_above, above, at_or_below, below };

/// The word for a side, as programs print it.
[[nodiscard]] constexpr std::string_view to_string(cutoff_side side) noexcept {
  switch (side) {
    case cutoff_side::at_or_above: return "at-or-above";
    case cutoff_side::above: return "above";
    case cutoff_side::at_or_below: return "at-or-below";
    case cutoff_side::below: return "below";
  }
  return "unknown";
}

/// A number that parts the scores in two.
struct score_cutoff {
  double at = 0;
  cutoff_side side = cutoff_side::at_or_above;

  [[nodiscard]] constexpr bool is_met_by(double score) const noexcept {
    switch (side) {
      case cutoff_side::at_or_above: return score >= at;
      case cutoff_side::above: return score > at;
      case cutoff_side::at_or_below: return score <= at;
      case cutoff_side::below: return score < at;
    }
    return false;
  }
};

/// An item whose endorsement is reported whatever the scores are, on an incomplete form too.
struct risk_item_key {
  int item;
  double at_least;  ///< the answer, as it stands on the form, from which on it counts as endorsed
};

/// A subscale as its instrument describes it. The id points into the instrument.
struct subscale_key {
  std::string_view id{};
  item_set items{};
  score_metric metric{};
  missing_rule rule{};  ///< `published` if the subscale has no rule of its own
};

/// A combined score as its instrument describes it. The id points into the instrument.
struct combined_key {
  std::string_view id{};
  int n_parts = 0;
};

/// A band of scores as its instrument describes it. The texts point into the instrument or card.
struct band_view {
  std::string_view score{};
  std::string_view label{};
  band_range range{};
};

/// A cut-off as its instrument describes it. The texts point into the instrument or card.
struct cutoff_view {
  std::string_view score{};
  std::string_view label{};
  score_cutoff cutoff{};
};

namespace detail {

// The structs below have no initial values of their own: arrays of them, filled with zeros, cost the compiler next to
// nothing when an instrument is copied at compile time.

/// The place of a text within a text_pool.
struct text_ref {
  std::uint16_t at;
  std::uint16_t size;
};

/// Short texts one behind the other.
template <std::size_t Capacity>
class text_pool {
 public:
  /// \return  false if there is no room
  [[nodiscard]] constexpr bool add(std::string_view words, text_ref& where) noexcept {
    if (words.size() > 255 || used_ + words.size() > Capacity) return false;
    where = {used_, static_cast<std::uint16_t>(words.size())};
    for (const char c : words) characters_[used_++] = c;
    return true;
  }
  [[nodiscard]] constexpr std::string_view operator[](text_ref where) const noexcept {
    return {characters_ + where.at, where.size};
  }
  /// Copies the texts and leaves the rest of the room as it is.
  constexpr void copy_used(const text_pool& other) noexcept {
    static_assert(Capacity % 16 == 0);
    used_ = other.used_;
    for (std::size_t at = 0; at < used_; at += 16) {
      for (std::size_t i = at; i < at + 16; ++i) characters_[i] = other.characters_[i];
    }
  }

 private:
  std::uint16_t used_;
  char characters_[Capacity];
};

/// Numbers a score within its instrument: 0 is the total, then the subscales, then the combined scores.
using score_number = std::uint8_t;
inline constexpr score_number no_score = 255;
inline constexpr int max_scores = 1 + max_subscales + max_combined;

/// A set of items whose answers are added up.
struct item_score {
  score_kind kind;
  std::uint8_t n_items;
  ratio times;
  item_set items;
  missing_rule rule;  // `published`: that of the instrument
};

/// A sum of scores: `n_parts` of the instrument's parts from `first_part` on.
struct combined_score {
  std::uint8_t first_part;
  std::uint8_t n_parts;
};

struct combined_part {
  score_number score;
  ratio weight;
};
inline constexpr int max_parts = 24;

struct band_key {
  double from;
  double to;
  bool from_open;
  bool to_open;
  score_number score;
  text_ref label;

  [[nodiscard]] constexpr band_range range() const noexcept { return {from, to, from_open, to_open}; }
};

struct cutoff_key {
  double at;
  cutoff_side side;
  score_number score;
  text_ref label;

  [[nodiscard]] constexpr score_cutoff cutoff() const noexcept { return {at, side}; }
};

/// What a card repeats of its instrument: the words, and what scores mean.
struct legend {
  // The texts of an instrument are numbered: its id, edition and family, and the ids of its scores.
  static constexpr int id = 0;
  static constexpr int edition = 1;
  static constexpr int family = 2;
  static constexpr int first_score = 3;

  std::uint16_t version;
  std::uint8_t n_subscales;
  std::uint8_t n_combined;
  std::uint8_t n_bands;
  std::uint8_t n_cutoffs;
  text_ref words[24];  // first_score + max_scores, and room for copying in blocks of four
  text_pool<768> texts;
  band_key bands[max_bands];
  cutoff_key cutoffs[max_cutoffs];

  [[nodiscard]] constexpr int n_scores() const noexcept { return 1 + n_subscales + n_combined; }
  [[nodiscard]] constexpr std::string_view score_id(int number) const noexcept {
    return number == 0 ? std::string_view("total") : texts[words[first_score + number]];
  }
  [[nodiscard]] constexpr band_view band_at(int position) const noexcept {
    const band_key& band = bands[position];
    return {score_id(band.score), texts[band.label], band.range()};
  }
  [[nodiscard]] constexpr cutoff_view cutoff_at(int position) const noexcept {
    const cutoff_key& each = cutoffs[position];
    return {score_id(each.score), texts[each.label], each.cutoff()};
  }
  /// Copies what is in use; what is not is left as it is.
  constexpr void copy_used(const legend& other) noexcept {
    version = other.version;
    n_subscales = other.n_subscales;
    n_combined = other.n_combined;
    n_bands = other.n_bands;
    n_cutoffs = other.n_cutoffs;
    for (int w = 0; w < first_score + n_scores(); w += 4) {
      for (int i = w; i < w + 4; ++i) words[i] = other.words[i];
    }
    for (int b = 0; b < n_bands; ++b) bands[b] = other.bands[b];
    for (int c = 0; c < n_cutoffs; ++c) cutoffs[c] = other.cutoffs[c];
    texts.copy_used(other.texts);
  }
  /// The number of a score; -1 if there is none of this name.
  [[nodiscard]] constexpr int find_score(std::string_view name) const noexcept {
    for (int number = 0; number < n_scores(); ++number) {
      if (score_id(number) == name) return number;
    }
    return -1;
  }
};

/// A list in braces, or any contiguous array, as an argument; used within the call alone.
template <class T>
class list {
 public:
  constexpr list() noexcept = default;
  constexpr list(std::initializer_list<T> values) noexcept {  // NOLINT: braces are a list
    first_ = values.begin();  // not an initialiser, of which compilers say that it does not keep the values alive
    size_ = values.size();
  }
  constexpr list(const T* first, std::size_t size) noexcept : first_(first), size_(size) {}
  template <class Array>
    requires requires(const Array& a) { list(a.data(), a.size()); }
  constexpr list(const Array& values) noexcept : list(values.data(), values.size()) {}  // NOLINT: so is an array

  [[nodiscard]] constexpr const T* begin() const noexcept { return first_; }
  [[nodiscard]] constexpr const T* end() const noexcept { return first_ + size_; }
  [[nodiscard]] constexpr std::size_t size() const noexcept { return size_; }

 private:
  const T* first_ = nullptr;
  std::size_t size_ = 0;
};

}  // namespace detail

}  // namespace rapport
