// SPDX-License-Identifier: BSL-1.0
// says: a_factor_must_be_a_fraction_with_a_denominator_up_to_1000_and_not_0
#include <rapport/instruments.hpp>

#if defined(WRONG)
constexpr double times = 3.14159265358979;
#else
constexpr double times = 2.5;
#endif
constexpr auto scale = rapport::instrument("my-scale", 6).total_as({.times = times});
