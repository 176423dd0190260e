// SPDX-License-Identifier: BSL-1.0
// A part of a program that is built without exceptions: value() must call its own RAPPORT_FAIL here.
#include "fail_hook.hpp"

#include <csetjmp>

#include <rapport/core/failure.hpp>
#include <rapport/scoring.hpp>

namespace {
std::jmp_buf door;
int failure = 0;
}  // namespace

void leave_with(int code) {
  failure = code;
  std::longjmp(door, 1);
}

/// The number of the error that value() reported through RAPPORT_FAIL; 0 if it did not.
int failure_without_exceptions() {
  failure = 0;
  if (setjmp(door) == 0) {
    const rapport::result<int> none(rapport::error{.code = rapport::errc::no_data});
    static_cast<void>(none.value());
  }
  return failure;
}
