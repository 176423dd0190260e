// SPDX-License-Identifier: BSL-1.0
// Numbers as text: shortest form that reads back to the same double, the same in every locale.
#pragma once

#include <charconv>
#include <concepts>
#include <string_view>

#include <rapport/core/text.hpp>

namespace rapport {

/// A number's text; long enough for every double.
using number_text_type = text<31>;

/// The shortest text that reads back to the same number: 0.1, 12, 1e-07.
[[nodiscard]] inline number_text_type number_text(double value) noexcept {
  char digits[32];
  const auto end = std::to_chars(digits, digits + sizeof digits, value);
  return std::string_view(digits, static_cast<std::size_t>(end.ptr - digits));
}

/// A whole number, every digit of it: 100000, where the same number as a double would be 1e+05.
template <std::integral Integer>
[[nodiscard]] number_text_type number_text(Integer value) noexcept {
  char digits[32];
  const auto end = std::to_chars(digits, digits + sizeof digits, value);
  return std::string_view(digits, static_cast<std::size_t>(end.ptr - digits));
}

/// A number rounded to so many significant digits, without trailing zeros: 0.853, 95, 1.2e-05.
[[nodiscard]] inline number_text_type number_text(double value, int significant_digits) noexcept {
  char digits[32];
  const auto end = std::to_chars(digits, digits + sizeof digits, value, std::chars_format::general, significant_digits);
  return std::string_view(digits, static_cast<std::size_t>(end.ptr - digits));
}

}  // namespace rapport
