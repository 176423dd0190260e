// SPDX-License-Identifier: BSL-1.0
// says: -ffast-math removes the checks for missing values
// What a compiler defines under -ffast-math; the test has one command line for all files.
#if defined(WRONG)
#define __FAST_MATH__ 1
#endif
#include <rapport/scoring.hpp>
