// SPDX-License-Identifier: BSL-1.0
// The WHO-5 Well-Being Index: keys only, no item wording. Sources and licences: instruments/metadata.hpp.
// Made by docs/instruments/generate.py from docs/instruments/catalogue.json; change that.
#pragma once

#include <rapport/instruments/instrument.hpp>

namespace rapport::instruments {

/// WHO-5 Well-Being Index, 5 items, rated by the client.
/// Reference: World Health Organization (1998; 2024); Topp, C. W., Ostergaard, S. D., Sondergaard, S., & Bech, P.
///            (2015). The WHO-5 Well-Being Index: A systematic review of the literature. Psychotherapy and
///            Psychosomatics, 84, 167-176, doi 10.1159/000376585
inline constexpr instrument who_5 =
    instrument("who-5", 5, {.min = 0, .max = 5})
        .edition("1998")
        .family("who-5")
        .better(direction::higher)
        .combined("percentage", {{"total", 4}})
        .missing(complete)
        .cutoff("percentage", "poor well-being", {.at = 50, .side = cutoff_side::below});

}  // namespace rapport::instruments
