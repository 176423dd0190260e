// SPDX-License-Identifier: BSL-1.0
// says: a_scoring_version_counts_from_1
#include <rapport/instruments.hpp>

#if defined(WRONG)
constexpr int version = 0;
#else
constexpr int version = 1;
#endif
constexpr auto scale = rapport::instrument("my-scale", 6).scoring_version(version);
