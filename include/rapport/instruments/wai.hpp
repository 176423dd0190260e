// SPDX-License-Identifier: BSL-1.0
// The Working Alliance Inventory: long, short, short revised; client, therapist, observer: keys only, no item wording. Sources and licences: instruments/metadata.hpp.
// Made by docs/instruments/generate.py from docs/instruments/catalogue.json; change that.
#pragma once

#include <rapport/instruments/instrument.hpp>

namespace rapport::instruments {

/// Working Alliance Inventory, client form (36 items), 36 items, rated by the client.
/// Reference: Horvath, A. O., & Greenberg, L. S. (1989). Development and validation of the Working Alliance Inventory.
///            Journal of Counseling Psychology, 36, 223-233, doi 10.1037/0022-0167.36.2.223
inline constexpr instrument wai_36_client = instrument("wai-36-client", 36, {.min = 1, .max = 7})
                                                .edition("1989")
                                                .family("wai-36")
                                                .better(direction::higher)
                                                .reversed({1, 3, 7, 9, 10, 11, 12, 15, 20, 27, 29, 31, 33, 34})
                                                .subscale("task", {2, 4, 7, 11, 13, 15, 16, 18, 24, 31, 33, 35})
                                                .subscale("bond", {1, 5, 8, 17, 19, 20, 21, 23, 26, 28, 29, 36})
                                                .subscale("goal", {3, 6, 9, 10, 12, 14, 22, 25, 27, 30, 32, 34});

/// Working Alliance Inventory, therapist form (36 items), 36 items, rated by the therapist.
/// Reference: Horvath, A. O., & Greenberg, L. S. (1989). Development and validation of the Working Alliance Inventory.
///            Journal of Counseling Psychology, 36, 223-233, doi 10.1037/0022-0167.36.2.223
inline constexpr instrument wai_36_therapist = instrument("wai-36-therapist", 36, {.min = 1, .max = 7})
                                                   .edition("1989")
                                                   .family("wai-36")
                                                   .rated_by(perspective::therapist)
                                                   .better(direction::higher)
                                                   .reversed({1, 3, 7, 9, 10, 11, 12, 15, 20, 27, 29, 31, 33, 34})
                                                   .subscale("task", {2, 4, 7, 11, 13, 15, 16, 18, 24, 31, 33, 35})
                                                   .subscale("bond", {1, 5, 8, 17, 19, 20, 21, 23, 26, 28, 29, 36})
                                                   .subscale("goal", {3, 6, 9, 10, 12, 14, 22, 25, 27, 30, 32, 34});

/// Working Alliance Inventory - Short, client form, 12 items, rated by the client.
/// Reference: Tracey, T. J., & Kokotovic, A. M. (1989). Factor structure of the Working Alliance Inventory.
///            Psychological Assessment, 1, 207-210, doi 10.1037/1040-3590.1.3.207
inline constexpr instrument wai_s_client = instrument("wai-s-client", 12, {.min = 1, .max = 7})
                                               .edition("1989")
                                               .family("wai-s")
                                               .better(direction::higher)
                                               .reversed({4, 10})
                                               .subscale("task", {1, 2, 8, 12})
                                               .subscale("bond", {3, 5, 7, 9})
                                               .subscale("goal", {4, 6, 10, 11});

/// Working Alliance Inventory - Short, therapist form, 12 items, rated by the therapist.
/// Reference: Tracey, T. J., & Kokotovic, A. M. (1989). Factor structure of the Working Alliance Inventory.
///            Psychological Assessment, 1, 207-210, doi 10.1037/1040-3590.1.3.207
inline constexpr instrument wai_s_therapist = instrument("wai-s-therapist", 12, {.min = 1, .max = 7})
                                                  .edition("1989")
                                                  .family("wai-s")
                                                  .rated_by(perspective::therapist)
                                                  .better(direction::higher)
                                                  .reversed({4, 10})
                                                  .subscale("task", {1, 2, 8, 12})
                                                  .subscale("bond", {3, 5, 7, 9})
                                                  .subscale("goal", {4, 6, 10, 11});

/// Working Alliance Inventory - Short Revised, client form, 12 items, rated by the client.
/// Reference: Hatcher, R. L., & Gillaspy, J. A. (2006). Development and validation of a revised short version of the
///            Working Alliance Inventory. Psychotherapy Research, 16, 12-25, doi 10.1080/10503300500352500
inline constexpr instrument wai_sr_client = instrument("wai-sr-client", 12, {.min = 1, .max = 5})
                                                .edition("2006")
                                                .family("wai-sr")
                                                .better(direction::higher)
                                                .subscale("task", {1, 2, 10, 12})
                                                .subscale("bond", {3, 5, 7, 9})
                                                .subscale("goal", {4, 6, 8, 11});

/// Working Alliance Inventory - Short Revised, therapist form (12 items), 12 items, rated by the therapist.
/// Reference: Therapist wording of the WAI-SR, studied in Hatcher, R. L., Lindqvist, K., & Falkenstrom, F. (2020).
///            Psychotherapy Research, 30, 706-717, doi 10.1080/10503307.2019.1677964
inline constexpr instrument wai_sr_therapist = instrument("wai-sr-therapist", 12, {.min = 1, .max = 5})
                                                   .edition("2010")
                                                   .family("wai-sr")
                                                   .rated_by(perspective::therapist)
                                                   .better(direction::higher)
                                                   .subscale("task", {1, 2, 10, 12})
                                                   .subscale("bond", {3, 5, 7, 9})
                                                   .subscale("goal", {4, 6, 8, 11});

/// Working Alliance Inventory - Observer (36 items), 36 items, rated by the observer.
/// Reference: Tichenor, V., & Hill, C. E. (1989). A comparison of six measures of working alliance. Psychotherapy, 26,
///            195-199; Darchuk, A., et al. (2000). WAI-O manual, revision IV
inline constexpr instrument wai_o = instrument("wai-o", 36, {.min = 1, .max = 7})
                                        .edition("1989")
                                        .family("wai-36")
                                        .rated_by(perspective::observer)
                                        .better(direction::higher)
                                        .reversed({1, 3, 7, 9, 10, 11, 12, 15, 20, 27, 29, 31, 33, 34})
                                        .subscale("task", {2, 4, 7, 11, 13, 15, 16, 18, 24, 31, 33, 35})
                                        .subscale("bond", {1, 5, 8, 17, 19, 20, 21, 23, 26, 28, 29, 36})
                                        .subscale("goal", {3, 6, 9, 10, 12, 14, 22, 25, 27, 30, 32, 34})
                                        .missing(complete);

/// Working Alliance Inventory - Observer, short (12 items), 12 items, rated by the observer.
/// Reference: The WAI-S items in observer wording: Raue, P. J., Castonguay, L. G., & Goldfried, M. R. (1993);
///            Andrusyna, T. P., et al. (2001)
inline constexpr instrument wai_o_s = instrument("wai-o-s", 12, {.min = 1, .max = 7})
                                          .edition("1993")
                                          .family("wai-s")
                                          .rated_by(perspective::observer)
                                          .better(direction::higher)
                                          .reversed({4, 10})
                                          .subscale("task", {1, 2, 8, 12})
                                          .subscale("bond", {3, 5, 7, 9})
                                          .subscale("goal", {4, 6, 10, 11});

}  // namespace rapport::instruments
