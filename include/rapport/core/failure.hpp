// SPDX-License-Identifier: BSL-1.0
// The throwing door: what result<T>::value() does when there is no value.
#pragma once

#include <rapport/core/error_message.hpp>
#include <rapport/core/result.hpp>

#if RAPPORT_HAS_EXCEPTIONS
#include <stdexcept>
#else
#include <cstdlib>
#endif

namespace rapport {

#if RAPPORT_HAS_EXCEPTIONS

/// What `result<T>::value()` throws: the error, and its sentence as `what()`.
class failure : public std::runtime_error {
 public:
  explicit failure(const rapport::error& reason) : std::runtime_error(message(reason).c_str()), error_(reason) {}

  [[nodiscard]] const rapport::error& error() const noexcept { return error_; }

 private:
  rapport::error error_;
};

namespace detail {
template <>
struct value_needs_include_rapport_core_failure_hpp<throwing> {
  [[noreturn]] static void stop(const rapport::error& reason) { throw failure(reason); }
};
}  // namespace detail

#else

namespace detail {
template <>
struct value_needs_include_rapport_core_failure_hpp<aborting> {
  [[noreturn]] static void stop(const rapport::error& reason) {
    RAPPORT_FAIL(reason);
    std::abort();  // a RAPPORT_FAIL of the user's that returns would be undefined behaviour otherwise
  }
};
}  // namespace detail

#endif

}  // namespace rapport
