// SPDX-License-Identifier: BSL-1.0
// What value() calls in the parts that are built without exceptions; included first in all of them, as a program must.
#pragma once

[[noreturn]] void leave_with(int code);

#define RAPPORT_FAIL(error) leave_with(static_cast<int>((error).code))
