// SPDX-License-Identifier: BSL-1.0
// says: this_item_is_listed_twice
#include <rapport/instruments.hpp>

#if defined(WRONG)
constexpr int last = 4;
#else
constexpr int last = 6;
#endif
constexpr auto scale = rapport::instrument("my-scale", 6).subscale("task", {4, 5, last});
