// SPDX-License-Identifier: BSL-1.0
// says: this_item_number_does_not_exist_on_the_form
#include <rapport/instruments.hpp>

// Item numbers count from 1, as on the form.
#if defined(WRONG)
constexpr int first = 0;
#else
constexpr int first = 1;
#endif
constexpr auto scale = rapport::instrument("my-scale", 6).reversed({first});
