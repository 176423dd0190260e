// SPDX-License-Identifier: BSL-1.0
// says: an_edition_or_family_has_at_most_31_characters
#include <rapport/instruments.hpp>

#if defined(WRONG)
constexpr auto edition = "the edition of a very long winter";
#else
constexpr auto edition = "the second";
#endif
constexpr auto scale = rapport::instrument("my-scale", 6).edition(edition);
