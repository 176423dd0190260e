// SPDX-License-Identifier: BSL-1.0
// says: this_score_does_not_exist
#include <rapport/instruments.hpp>

#if defined(WRONG)
constexpr auto name = "bonds";
#else
constexpr auto name = "bond";
#endif
constexpr auto scale = rapport::instrument("my-scale", 6).subscale("bond", {1, 2}).cutoff(name, "low", {.at = 4});
