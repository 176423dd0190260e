// SPDX-License-Identifier: BSL-1.0
// says: a_legal_answer_must_be_a_step_of_the_scale
#include <rapport/instruments.hpp>

#if defined(WRONG)
constexpr double largest = 6;
#else
constexpr double largest = 5;
#endif
constexpr auto scale = rapport::instrument("my-scale", 6).legal({1, 2, 4, largest});
