// SPDX-License-Identifier: BSL-1.0
// What can go wrong in a program, by exit status.
#pragma once

#include <stdexcept>
#include <string>

#include <rapport/core/error.hpp>

namespace program {

/// The call is wrong: exit status 1.
struct call_error : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// The data are wrong: exit status 2.
struct data_error : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// A computation could not be completed: exit status 3.
struct computation_error : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// Throws the kind that an error of the library belongs to.
/// \param where  put before the sentence: a file, or empty
[[noreturn]] void raise(const rapport::error& reason, const std::string& where = {});

}  // namespace program
