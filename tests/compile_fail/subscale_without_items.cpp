// SPDX-License-Identifier: BSL-1.0
// says: a_score_needs_at_least_one_item
#include <rapport/instruments.hpp>

#if defined(WRONG)
constexpr auto scale = rapport::instrument("my-scale", 6).subscale("task", {});
#else
constexpr auto scale = rapport::instrument("my-scale", 6).subscale("task", {1});
#endif
