// SPDX-License-Identifier: BSL-1.0
// A set of item numbers, as printed on the form: 1, 2, 3, ...
#pragma once

#include <bit>
#include <cstdint>

#include <rapport/core/config.hpp>

namespace rapport {

/// The most items that a form can have.
inline constexpr int max_items = 128;

/// A set of item numbers between 1 and max_items; iterates in increasing order.
class item_set {
 public:
  constexpr item_set() noexcept = default;

  /// The items whose bits are set, as bits(0) and bits(1) give them.
  [[nodiscard]] static constexpr item_set of_bits(std::uint64_t low, std::uint64_t high) noexcept {
    item_set set;
    set.words_[0] = low;
    set.words_[1] = high;
    return set;
  }

  /// The items 1 to n.
  [[nodiscard]] static constexpr item_set first(int n) noexcept {
    const auto lowest = [](int m) { return m <= 0 ? 0 : m >= 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << m) - 1; };
    return of_bits(lowest(n), lowest(n - 64));
  }

  constexpr void insert(int item) noexcept {
    RAPPORT_ASSERT(item >= 1 && item <= max_items);
    words_[word(item)] |= bit(item);
  }
  constexpr void remove(int item) noexcept { words_[word(item)] &= ~bit(item); }
  [[nodiscard]] constexpr bool contains(int item) const noexcept {
    return item >= 1 && item <= max_items && (words_[word(item)] & bit(item)) != 0;
  }
  [[nodiscard]] constexpr int size() const noexcept { return std::popcount(words_[0]) + std::popcount(words_[1]); }
  [[nodiscard]] constexpr bool empty() const noexcept { return (words_[0] | words_[1]) == 0; }

  /// The items 1 to 64 (half 0) or 65 to 128 (half 1), one bit each, item 1 or 65 being the lowest.
  [[nodiscard]] constexpr std::uint64_t bits(int half) const noexcept { return words_[half]; }

  /// The items of both sets.
  friend constexpr item_set operator&(item_set a, const item_set& b) noexcept {
    a.words_[0] &= b.words_[0];
    a.words_[1] &= b.words_[1];
    return a;
  }
  /// The items of either set.
  friend constexpr item_set operator|(item_set a, const item_set& b) noexcept {
    a.words_[0] |= b.words_[0];
    a.words_[1] |= b.words_[1];
    return a;
  }
  /// The items of the first set that are not in the second.
  friend constexpr item_set operator-(item_set a, const item_set& b) noexcept {
    a.words_[0] &= ~b.words_[0];
    a.words_[1] &= ~b.words_[1];
    return a;
  }

  friend constexpr bool operator==(const item_set&, const item_set&) noexcept = default;

  /// Walks the items in increasing order.
  class iterator {
   public:
    using value_type = int;
    using difference_type = int;

    constexpr iterator() noexcept = default;
    constexpr iterator(const item_set* set, int item) noexcept : set_(set), item_(item) { skip_absent(); }
    [[nodiscard]] constexpr int operator*() const noexcept { return item_; }
    constexpr iterator& operator++() noexcept {
      ++item_;
      skip_absent();
      return *this;
    }
    constexpr iterator operator++(int) noexcept {
      const iterator before = *this;
      ++*this;
      return before;
    }
    friend constexpr bool operator==(const iterator& a, const iterator& b) noexcept { return a.item_ == b.item_; }

   private:
    constexpr void skip_absent() noexcept {
      while (item_ <= max_items && !set_->contains(item_)) ++item_;
    }
    const item_set* set_ = nullptr;
    int item_ = max_items + 1;
  };

  [[nodiscard]] constexpr iterator begin() const noexcept { return {this, 1}; }
  [[nodiscard]] constexpr iterator end() const noexcept { return {this, max_items + 1}; }

 private:
  static constexpr int word(int item) noexcept { return (item - 1) / 64; }
  static constexpr std::uint64_t bit(int item) noexcept { return std::uint64_t{1} << ((item - 1) % 64); }

  std::uint64_t words_[2] = {0, 0};
};

}  // namespace rapport
