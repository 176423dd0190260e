// SPDX-License-Identifier: BSL-1.0
// Text of a fixed capacity: trivially copyable, usable in constant expressions, never allocates, never dangles.
#pragma once

#include <cstddef>
#include <string_view>

namespace rapport {

/// Up to `Capacity` bytes of text, always followed by a NUL.
///
/// What does not fit is cut off at the end; `truncated()` tells. Callers that must not lose text (identifiers,
/// names of subscales) test `fits` first.
template <std::size_t Capacity>
class text {
  static_assert(Capacity > 0 && Capacity < 65535, "a text holds between 1 and 65534 bytes");

 public:
  constexpr text() noexcept = default;

  constexpr text(std::string_view characters) noexcept { append(characters); }  // NOLINT: a text is its characters

  constexpr text(const char* characters) noexcept : text(std::string_view(characters)) {}  // NOLINT

  /// Whether the characters fit without being cut.
  [[nodiscard]] static constexpr bool fits(std::string_view characters) noexcept {
    return characters.size() <= Capacity;
  }

  constexpr text& append(std::string_view characters) noexcept {
    for (const char c : characters) append(c);
    return *this;
  }

  constexpr text& append(char character) noexcept {
    if (size_ < Capacity) {
      data_[size_++] = character;
    } else {
      truncated_ = true;
    }
    return *this;
  }

  [[nodiscard]] constexpr bool truncated() const noexcept { return truncated_; }
  [[nodiscard]] constexpr bool empty() const noexcept { return size_ == 0; }
  [[nodiscard]] constexpr std::size_t size() const noexcept { return size_; }
  [[nodiscard]] constexpr const char* c_str() const noexcept { return data_; }
  [[nodiscard]] constexpr std::string_view view() const noexcept { return {data_, size_}; }
  constexpr operator std::string_view() const noexcept { return view(); }  // NOLINT: a text is its characters

  friend constexpr bool operator==(const text& a, const text& b) noexcept { return a.view() == b.view(); }
  friend constexpr bool operator==(const text& a, std::string_view b) noexcept { return a.view() == b; }
  friend constexpr bool operator==(const text& a, const char* b) noexcept { return a.view() == b; }

 private:
  char data_[Capacity + 1] = {};
  unsigned short size_ = 0;
  bool truncated_ = false;
};

}  // namespace rapport
