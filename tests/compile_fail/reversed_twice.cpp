// SPDX-License-Identifier: BSL-1.0
// says: this_item_is_listed_twice
#include <rapport/instruments.hpp>

#if defined(WRONG)
constexpr int second = 2;
#else
constexpr int second = 3;
#endif
constexpr auto scale = rapport::instrument("my-scale", 6).reversed({2}).reversed({second});
