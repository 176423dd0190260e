// SPDX-License-Identifier: BSL-1.0
// The Beck Depression Inventory II: keys only, no item wording. Sources and licences: instruments/metadata.hpp.
// Made by docs/instruments/generate.py from docs/instruments/catalogue.json; change that.
#pragma once

#include <rapport/instruments/instrument.hpp>

namespace rapport::instruments {

/// Beck Depression Inventory II, 21 items, rated by the client.
/// Reference: Beck, A. T., Steer, R. A., & Brown, G. K. (1996). Manual for the Beck Depression Inventory-II.
///            Psychological Corporation
inline constexpr instrument bdi_ii = instrument("bdi-ii", 21, {.min = 0, .max = 3})
                                         .edition("II")
                                         .family("bdi")
                                         .better(direction::lower)
                                         .band("total", "minimal", {.from = 0, .to = 14, .to_open = true})
                                         .band("total", "mild", {.from = 14, .to = 20, .to_open = true})
                                         .band("total", "moderate", {.from = 20, .to = 29, .to_open = true})
                                         .band("total", "severe", {.from = 29, .to = 63})
                                         .risk_item(9, 1);

}  // namespace rapport::instruments
