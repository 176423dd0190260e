// SPDX-License-Identifier: BSL-1.0
// result<T>: a value, or the error that explains why there is none. The same type with and without exceptions.
#pragma once

#include <optional>
#include <type_traits>
#include <utility>

#include <rapport/core/config.hpp>
#include <rapport/core/error.hpp>

namespace rapport {

namespace detail {

// value() differs between translation units with and without exceptions. Keyed by a tag type, each kind gets a
// symbol of its own, and a program may link both: an ordinary inline member would keep one of the two at random.
#if RAPPORT_HAS_EXCEPTIONS
struct throwing {};
using failure_mode = throwing;
#else
struct aborting {};
using failure_mode = aborting;
#endif

/// Completed by rapport/core/failure.hpp. If the compiler sends you here, include that header: it is what value()
/// needs, and apps that test results with `if` do not pay for it.
template <class Mode>
struct value_needs_include_rapport_core_failure_hpp;

}  // namespace detail

/// A value or an error, returned by every function that can refuse its input.
///
/// Test it with `if`, read the value with `*` or `->`, and the reason with `error()`. `value()` reads in one step and
/// throws `rapport::failure` where exceptions are on, or calls RAPPORT_FAIL where they are off.
template <class T>
class [[nodiscard]] result {
 public:
  using value_type = T;

  constexpr result(T value) : value_(std::move(value)) {}                      // NOLINT: a value is a result
  constexpr result(const rapport::error& reason) noexcept : error_(reason) {}  // NOLINT: so is an error
  /// Makes the value in its place, for values that are large.
  template <class... Arguments>
  constexpr explicit result(std::in_place_t, Arguments&&... arguments)
      : value_(std::in_place, std::forward<Arguments>(arguments)...) {}

  [[nodiscard]] constexpr bool has_value() const noexcept { return value_.has_value(); }
  constexpr explicit operator bool() const noexcept { return value_.has_value(); }

  /// The value; asserted to be there.
  [[nodiscard]] constexpr const T& operator*() const& noexcept {
    RAPPORT_ASSERT(value_.has_value());
    return *value_;
  }
  [[nodiscard]] constexpr T& operator*() & noexcept {
    RAPPORT_ASSERT(value_.has_value());
    return *value_;
  }
  [[nodiscard]] constexpr T&& operator*() && noexcept {
    RAPPORT_ASSERT(value_.has_value());
    return std::move(*value_);
  }
  constexpr const T* operator->() const noexcept { return &**this; }
  constexpr T* operator->() noexcept { return &**this; }

  /// The reason; asserted to be there.
  [[nodiscard]] constexpr const rapport::error& error() const noexcept {
    RAPPORT_ASSERT(!value_.has_value());
    return error_;
  }

  /// The value, or the end of the road: throws `rapport::failure`, or calls RAPPORT_FAIL without exceptions.
  /// Needs <rapport/core/failure.hpp>, which every module but scoring includes.
  template <class Mode = detail::failure_mode>
  [[nodiscard]] constexpr T value() const& {
    if (!has_value()) detail::value_needs_include_rapport_core_failure_hpp<Mode>::stop(error_);
    return *value_;
  }
  template <class Mode = detail::failure_mode>
  [[nodiscard]] constexpr T value() && {
    if (!has_value()) detail::value_needs_include_rapport_core_failure_hpp<Mode>::stop(error_);
    return std::move(*value_);
  }

  template <class U>
  [[nodiscard]] constexpr T value_or(U&& otherwise) const& {
    return has_value() ? *value_ : static_cast<T>(std::forward<U>(otherwise));
  }

  /// Applies `function` to the value; an error passes through.
  template <class Function>
  [[nodiscard]] constexpr auto transform(Function&& function) const
      -> result<std::remove_cvref_t<std::invoke_result_t<Function, const T&>>> {
    if (!has_value()) return error_;
    return std::forward<Function>(function)(*value_);
  }

  /// Like transform, for a function that returns a result itself.
  template <class Function>
  [[nodiscard]] constexpr auto and_then(Function&& function) const
      -> std::remove_cvref_t<std::invoke_result_t<Function, const T&>> {
    if (!has_value()) return error_;
    return std::forward<Function>(function)(*value_);
  }

 private:
  std::optional<T> value_{};
  rapport::error error_{};
};

/// Success, or the error that explains the refusal.
template <>
class [[nodiscard]] result<void> {
 public:
  using value_type = void;

  constexpr result() noexcept = default;
  constexpr result(const rapport::error& reason) noexcept : failed_(true), error_(reason) {}  // NOLINT

  [[nodiscard]] constexpr bool has_value() const noexcept { return !failed_; }
  constexpr explicit operator bool() const noexcept { return !failed_; }

  [[nodiscard]] constexpr const rapport::error& error() const noexcept {
    RAPPORT_ASSERT(failed_);
    return error_;
  }

  template <class Mode = detail::failure_mode>
  constexpr void value() const {
    if (failed_) detail::value_needs_include_rapport_core_failure_hpp<Mode>::stop(error_);
  }

 private:
  bool failed_ = false;
  rapport::error error_{};
};

}  // namespace rapport
