// SPDX-License-Identifier: BSL-1.0
// says: at_least_two_answers_must_be_legal
#include <rapport/instruments.hpp>

#if defined(WRONG)
constexpr double other = 1;
#else
constexpr double other = 2;
#endif
constexpr auto scale = rapport::instrument("my-scale", 6).legal({1, other});
