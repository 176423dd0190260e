// SPDX-License-Identifier: BSL-1.0
// What one should know about an instrument beyond its key: where the key comes from, how sure it is, who owns it.
#pragma once

#include <span>
#include <string_view>

#include <rapport/instruments/srs.hpp>
#include <rapport/instruments/wai.hpp>

namespace rapport::instruments {

/// How well a key is established.
enum class verification : unsigned char {
  verified,       ///< at least two independent sources agree
  single_source,  ///< some part rests on one source
  unverified      ///< not checked; never used for scoring
};

/// The word for how well a key is established, as programs print it.
[[nodiscard]] constexpr std::string_view to_string(verification v) noexcept {
  switch (v) {
    case verification::verified: return "verified";
    case verification::single_source: return "single-source";
    case verification::unverified: return "unverified";
  }
  return "unverified";
}

/// The facts about one instrument of the catalogue.
struct catalogue_entry {
  const instrument* key;
  std::string_view name;
  rapport::instruments::verification verification;
  std::string_view caveat;   ///< what a careful user checks first; empty if nothing
  std::string_view licence;  ///< a note, not legal advice
  std::string_view sources;  ///< one per line
};

/// Every instrument that the library can score.
inline constexpr catalogue_entry catalogue[] = {
    {&wai_36_client, "Working Alliance Inventory, client form (36 items)", verification::single_source,
     "Range and reversed items agree in several public copies; which item belongs to which subscale rests on one "
     "explicit scorer, and all twelve WAI-S items fit it. Data with item 28 reversed instead of 29 are in circulation.",
     "copyrighted; permission through the Society for Psychotherapy Research",
     "Horvath & Greenberg (1989), doi 10.1037/0022-0167.36.2.223\n"
     "Paap et al. (2022), systematic review, doi 10.3389/fpsyg.2022.945294"},
    {&wai_36_therapist, "Working Alliance Inventory, therapist form (36 items)", verification::single_source,
     "Key taken from the client form, whose wording it parallels; the therapist form itself was not compared.",
     "copyrighted; permission through the Society for Psychotherapy Research",
     "Horvath & Greenberg (1989), doi 10.1037/0022-0167.36.2.223"},
    {&wai_sr_client, "Working Alliance Inventory - Short Revised, client form", verification::verified,
     "Not the WAI-S: same length, other order, other key, other range.",
     "copyrighted; permission through the Society for Psychotherapy Research",
     "Hatcher & Gillaspy (2006), doi 10.1080/10503300500352500\n"
     "Munder et al. (2010), doi 10.1002/cpp.658"},
    {&srs_3, "Session Rating Scale V.3.0", verification::verified,
     "Sources disagree whether exactly 36 of 40 already calls for a conversation.",
     "copyrighted; free paper licence for individual practitioners, others need a licence",
     "Duncan et al. (2003), Journal of Brief Therapy 3, 3-12"},
};

/// The catalogue's entry for an id.
/// \return null if the id is not in the catalogue
[[nodiscard]] constexpr const catalogue_entry* find(std::string_view id) noexcept {
  for (const catalogue_entry& entry : catalogue) {
    if (entry.key->id() == id) return &entry;
  }
  return nullptr;
}

}  // namespace rapport::instruments
