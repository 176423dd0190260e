// SPDX-License-Identifier: BSL-1.0
// says: a_band_must_not_end_before_it_begins
#include <rapport/instruments.hpp>

#if defined(WRONG)
constexpr double last = 4;
#else
constexpr double last = 9;
#endif
constexpr auto scale = rapport::instrument("my-scale", 6).band("total", "mild", {.from = 5, .to = last});
