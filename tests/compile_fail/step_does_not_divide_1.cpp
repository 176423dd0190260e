// SPDX-License-Identifier: BSL-1.0
// says: the_step_must_be_a_whole_number_or_1_over_one_and_reach_both_ends
#include <rapport/instruments.hpp>

#if defined(WRONG)
constexpr double step = 0.3;
#else
constexpr double step = 0.5;
#endif
constexpr auto scale = rapport::instrument("my-scale", 6, {.min = 0, .max = 3, .step = step});
