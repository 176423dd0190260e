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

  /// The items 1 to n.
  [[nodiscard]] static constexpr item_set first(int n) noexcept {
    item_set set;
    for (int item = 1; item <= n; ++item) set.insert(item);
    return set;
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
  [[nodiscard]] constexpr bool empty() const noexcept { return size() == 0; }

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
