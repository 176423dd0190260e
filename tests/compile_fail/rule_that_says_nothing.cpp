// SPDX-License-Identifier: BSL-1.0
// says: a_published_rule_says_how_many_answers_are_needed
#include <rapport/instruments.hpp>

#if defined(WRONG)
constexpr double share = 80;
#else
constexpr double share = 0.8;
#endif
constexpr auto scale = rapport::instrument("my-scale", 6).missing(rapport::prorate(share));
