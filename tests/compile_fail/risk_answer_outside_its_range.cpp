// SPDX-License-Identifier: BSL-1.0
// says: a_risk_item_is_endorsed_by_an_answer_within_its_range
#include <rapport/instruments.hpp>

#if defined(WRONG)
constexpr double at_least = 6;
#else
constexpr double at_least = 5;
#endif
constexpr auto scale = rapport::instrument("my-scale", 6).risk_item(6, at_least);
