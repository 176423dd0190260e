// SPDX-License-Identifier: BSL-1.0
// says: the_step_must_divide_1_and_both_ends_of_the_scale
#include <rapport/instruments.hpp>

#if defined(WRONG)
constexpr double largest = 9.75;
#else
constexpr double largest = 9.5;
#endif
constexpr auto scale = rapport::instrument("my-scale", 6, {.min = 0, .max = largest, .step = 0.5});
