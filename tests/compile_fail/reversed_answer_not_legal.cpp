// SPDX-License-Identifier: BSL-1.0
// says: a_reversed_item_needs_legal_answers_that_mirror_each_other
#include <rapport/instruments.hpp>

#if defined(WRONG)
constexpr double second = 2;
#else
constexpr double second = 4;
#endif
constexpr auto scale = rapport::instrument("my-scale", 6).legal({1, second, 2, 5}).reversed({3});
