// SPDX-License-Identifier: BSL-1.0
// says: an_identifier_needs_between_1_and_31_characters
#include <rapport/instruments.hpp>

#if defined(WRONG)
constexpr const char* id = "";
#else
constexpr const char* id = "t";
#endif
constexpr auto scale = rapport::instrument("my-scale", 6).subscale(id, {1});
