// SPDX-License-Identifier: BSL-1.0
// says: two_bands_of_one_score_overlap
#include <rapport/instruments.hpp>

#if defined(WRONG)
constexpr double first = 9;
#else
constexpr double first = 10;
#endif
constexpr auto scale = rapport::instrument("my-scale", 6)
                           .band("total", "mild", {.from = 5, .to = 9})
                           .band("total", "severe", {.from = first});
