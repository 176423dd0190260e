// SPDX-License-Identifier: BSL-1.0
// says: the_scales_of_the_items_have_no_common_unit
#include <rapport/instruments.hpp>

#if defined(WRONG)
constexpr double step = 1.0 / 997;
#else
constexpr double step = 0.5;
#endif
constexpr auto scale = rapport::instrument("my-scale", 6, {.min = 0, .max = 1, .step = 1.0 / 1024})
                           .item_scale({2}, {.min = 0, .max = 1, .step = step});
