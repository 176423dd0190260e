// SPDX-License-Identifier: BSL-1.0
// says: the_largest_answer_must_be_above_the_smallest
#include <rapport/instruments.hpp>

#if defined(WRONG)
constexpr double largest = 1;
#else
constexpr double largest = 7;
#endif
constexpr auto scale = rapport::instrument("my-scale", 6, {.min = 1, .max = largest});
