// SPDX-License-Identifier: BSL-1.0
// says: an_item_has_one_scale
#include <rapport/instruments.hpp>

#if defined(WRONG)
constexpr int item = 4;
#else
constexpr int item = 5;
#endif
constexpr auto scale = rapport::instrument("my-scale", 6)
                           .item_scale({4}, {.min = 0, .max = 100})
                           .item_scale({item}, {.min = 0, .max = 10});
