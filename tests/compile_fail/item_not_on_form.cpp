// SPDX-License-Identifier: BSL-1.0
// says: this_item_number_does_not_exist_on_the_form
#include <rapport/instruments.hpp>

#if defined(WRONG)
constexpr int last = 7;
#else
constexpr int last = 6;
#endif
constexpr auto scale = rapport::instrument("my-scale", 6).subscale("task", {4, 5, last});
