// SPDX-License-Identifier: BSL-1.0
// The Satisfaction With Life Scale: keys only, no item wording. Sources and licences: instruments/metadata.hpp.
// Made by docs/instruments/generate.py from docs/instruments/catalogue.json; change that.
#pragma once

#include <rapport/instruments/instrument.hpp>

namespace rapport::instruments {

/// Satisfaction With Life Scale, 5 items, rated by the client.
/// Reference: Diener, E., Emmons, R. A., Larsen, R. J., & Griffin, S. (1985). The Satisfaction With Life Scale. Journal
///            of Personality Assessment, 49, 71-75, doi 10.1207/s15327752jpa4901_13
inline constexpr instrument swls = instrument("swls", 5, {.min = 1, .max = 7})
                                       .edition("1985")
                                       .family("swls")
                                       .better(direction::higher)
                                       .band("total", "extremely dissatisfied", {.from = 5, .to = 10, .to_open = true})
                                       .band("total", "dissatisfied", {.from = 10, .to = 15, .to_open = true})
                                       .band("total", "slightly below average", {.from = 15, .to = 20, .to_open = true})
                                       .band("total", "average", {.from = 20, .to = 25, .to_open = true})
                                       .band("total", "high", {.from = 25, .to = 30, .to_open = true})
                                       .band("total", "very high", {.from = 30, .to = 35});

}  // namespace rapport::instruments
