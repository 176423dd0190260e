// SPDX-License-Identifier: BSL-1.0
// says: an_identifier_needs_between_1_and_31_characters
#include <rapport/instruments.hpp>

#if defined(WRONG)
constexpr const char* id = "a-name-of-exactly-32-characters-";
#else
constexpr const char* id = "a-name-of-exactly-31-characters";
#endif
constexpr auto scale = rapport::instrument(id, 6);
