// SPDX-License-Identifier: BSL-1.0
// Missing values: a blank is never a number. `missing`, `skipped`, std::nullopt and NaN say so.
#pragma once

#include <limits>
#include <optional>
#include <type_traits>

namespace rapport {

/// The type of `missing`.
struct missing_t {
  explicit constexpr missing_t(int) noexcept {}
};
/// The type of `skipped`.
struct skipped_t {
  explicit constexpr skipped_t(int) noexcept {}
};

/// No answer was given.
inline constexpr missing_t missing{0};
/// The item was left out on purpose ("does not apply"). Not the same as missing, but no number either.
inline constexpr skipped_t skipped{0};

/// One answer on a form: a number, missing, or skipped.
template <class T>
class answer {
 public:
  using value_type = T;

  constexpr answer() noexcept = default;
  constexpr answer(T value) noexcept : value_(value), state_(state::given) {}  // NOLINT: a number is an answer
  constexpr answer(missing_t) noexcept {}                                      // NOLINT
  constexpr answer(std::nullopt_t) noexcept {}                                 // NOLINT
  constexpr answer(skipped_t) noexcept : state_(state::left_out) {}            // NOLINT

  [[nodiscard]] constexpr bool is_given() const noexcept { return state_ == state::given; }
  [[nodiscard]] constexpr bool is_skipped() const noexcept { return state_ == state::left_out; }

  /// The number; meaningless unless is_given().
  [[nodiscard]] constexpr T value() const noexcept { return value_; }

 private:
  enum class state : unsigned char { absent, left_out, given };
  T value_{};
  state state_ = state::absent;
};

namespace detail {

template <class T>
inline constexpr bool is_answer_type = false;
template <class T>
inline constexpr bool is_answer_type<answer<T>> = true;
template <class T>
inline constexpr bool is_optional_type = false;
template <class T>
inline constexpr bool is_optional_type<std::optional<T>> = true;

/// x as an answer. A floating-point NaN is missing; integers are always given.
template <class T>
[[nodiscard]] constexpr auto as_answer(const T& x) noexcept {
  if constexpr (is_answer_type<T>) {
    using value_type = typename T::value_type;
    if constexpr (std::numeric_limits<value_type>::has_quiet_NaN) {
      return x.is_given() && x.value() != x.value() ? answer<value_type>() : x;
    } else {
      return x;
    }
  } else if constexpr (is_optional_type<T>) {
    using value_type = typename T::value_type;
    return x ? as_answer(answer<value_type>(*x)) : answer<value_type>();
  } else {
    return as_answer(answer<T>(x));
  }
}

}  // namespace detail

/// Whether x stands for a missing value: a NaN. Anything else, infinity included, is a value.
template <class Scalar>
[[nodiscard]] constexpr bool is_missing(const Scalar& x) noexcept {
  return x != x;
}

/// The value that stands for "missing" in tables of floating-point numbers.
template <class Scalar>
[[nodiscard]] constexpr Scalar missing_value() noexcept {
  static_assert(std::numeric_limits<Scalar>::has_quiet_NaN, "tables with missing values hold floating-point numbers");
  return std::numeric_limits<Scalar>::quiet_NaN();
}

}  // namespace rapport
