// SPDX-License-Identifier: BSL-1.0
// The Depression Anxiety Stress Scales: keys only, no item wording. Sources and licences: instruments/metadata.hpp.
// Made by docs/instruments/generate.py from docs/instruments/catalogue.json; change that.
#pragma once

#include <rapport/instruments/instrument.hpp>

namespace rapport::instruments {

/// Depression Anxiety Stress Scales (21 items), 21 items, rated by the client.
/// Reference: Lovibond, S. H., & Lovibond, P. F. (1995). Manual for the Depression Anxiety Stress Scales. Psychology
///            Foundation
inline constexpr instrument dass_21 = instrument("dass-21", 21, {.min = 0, .max = 3})
                                          .edition("1995")
                                          .family("dass")
                                          .better(direction::lower)
                                          .no_total()
                                          .subscale("depression", {3, 5, 10, 13, 16, 17, 21}, {.times = 2})
                                          .subscale("anxiety", {2, 4, 7, 9, 15, 19, 20}, {.times = 2})
                                          .subscale("stress", {1, 6, 8, 11, 12, 14, 18}, {.times = 2})
                                          .band("depression", "normal", {.from = 0, .to = 10, .to_open = true})
                                          .band("depression", "mild", {.from = 10, .to = 14, .to_open = true})
                                          .band("depression", "moderate", {.from = 14, .to = 21, .to_open = true})
                                          .band("depression", "severe", {.from = 21, .to = 28, .to_open = true})
                                          .band("depression", "extremely severe", {.from = 28, .to = 42})
                                          .band("anxiety", "normal", {.from = 0, .to = 8, .to_open = true})
                                          .band("anxiety", "mild", {.from = 8, .to = 10, .to_open = true})
                                          .band("anxiety", "moderate", {.from = 10, .to = 15, .to_open = true})
                                          .band("anxiety", "severe", {.from = 15, .to = 20, .to_open = true})
                                          .band("anxiety", "extremely severe", {.from = 20, .to = 42})
                                          .band("stress", "normal", {.from = 0, .to = 15, .to_open = true})
                                          .band("stress", "mild", {.from = 15, .to = 19, .to_open = true})
                                          .band("stress", "moderate", {.from = 19, .to = 26, .to_open = true})
                                          .band("stress", "severe", {.from = 26, .to = 34, .to_open = true})
                                          .band("stress", "extremely severe", {.from = 34, .to = 42});

}  // namespace rapport::instruments
