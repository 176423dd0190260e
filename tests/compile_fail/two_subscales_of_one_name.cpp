// SPDX-License-Identifier: BSL-1.0
// says: a_score_of_this_name_exists_already
#include <rapport/instruments.hpp>

#if defined(WRONG)
constexpr const char* second = "task";
#else
constexpr const char* second = "bond";
#endif
constexpr auto scale = rapport::instrument("my-scale", 6).subscale("task", {1, 2, 3}).subscale(second, {4, 5, 6});
