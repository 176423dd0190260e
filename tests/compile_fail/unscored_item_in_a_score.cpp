// SPDX-License-Identifier: BSL-1.0
// says: an_unscored_item_belongs_to_no_score
#include <rapport/instruments.hpp>

#if defined(WRONG)
constexpr int filler = 2;
#else
constexpr int filler = 3;
#endif
constexpr auto scale = rapport::instrument("my-scale", 6).unscored({filler}).subscale("bond", {1, 2});
