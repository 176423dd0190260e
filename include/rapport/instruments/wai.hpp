// SPDX-License-Identifier: BSL-1.0
// The Working Alliance Inventory: keys only, no item wording. Sources and licences: instruments/metadata.hpp.
#pragma once

#include <rapport/instruments/instrument.hpp>

namespace rapport::instruments {

/// Working Alliance Inventory, 36 items answered 1 to 7, rated by the client.
/// Reference: Horvath & Greenberg (1989), Development and validation of the Working Alliance Inventory,
///            doi 10.1037/0022-0167.36.2.223
inline constexpr instrument wai_36_client = instrument("wai-36-client", 36, {.min = 1, .max = 7})
                                                .reversed({1, 3, 7, 9, 10, 11, 12, 15, 20, 27, 29, 31, 33, 34})
                                                .subscale("task", {2, 4, 7, 11, 13, 15, 16, 18, 24, 31, 33, 35})
                                                .subscale("bond", {1, 5, 8, 17, 19, 20, 21, 23, 26, 28, 29, 36})
                                                .subscale("goal", {3, 6, 9, 10, 12, 14, 22, 25, 27, 30, 32, 34});

/// Working Alliance Inventory, 36 items answered 1 to 7, rated by the therapist. The key is that of the client form,
/// whose wording it parallels.
inline constexpr instrument wai_36_therapist = instrument("wai-36-therapist", 36, {.min = 1, .max = 7})
                                                   .rated_by(perspective::therapist)
                                                   .reversed({1, 3, 7, 9, 10, 11, 12, 15, 20, 27, 29, 31, 33, 34})
                                                   .subscale("task", {2, 4, 7, 11, 13, 15, 16, 18, 24, 31, 33, 35})
                                                   .subscale("bond", {1, 5, 8, 17, 19, 20, 21, 23, 26, 28, 29, 36})
                                                   .subscale("goal", {3, 6, 9, 10, 12, 14, 22, 25, 27, 30, 32, 34});

/// Working Alliance Inventory - Short Revised, 12 items answered 1 to 5, rated by the client; no item is reversed.
/// Not the WAI-S, which has 12 items too, but another order, another key and answers from 1 to 7.
/// Reference: Hatcher & Gillaspy (2006), Development and validation of a revised short version of the Working
///            Alliance Inventory, doi 10.1080/10503300500352500
inline constexpr instrument wai_sr_client = instrument("wai-sr-client", 12, {.min = 1, .max = 5})
                                                .subscale("task", {1, 2, 10, 12})
                                                .subscale("bond", {3, 5, 7, 9})
                                                .subscale("goal", {4, 6, 8, 11});

}  // namespace rapport::instruments
