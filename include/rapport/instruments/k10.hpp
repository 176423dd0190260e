// SPDX-License-Identifier: BSL-1.0
// The Kessler Psychological Distress Scale: keys only, no item wording. Sources and licences: instruments/metadata.hpp.
// Made by docs/instruments/generate.py from docs/instruments/catalogue.json; change that.
#pragma once

#include <rapport/instruments/instrument.hpp>

namespace rapport::instruments {

/// Kessler Psychological Distress Scale (K10), 10 items, rated by the client.
/// Reference: Kessler, R. C., Andrews, G., Colpe, L. J., et al. (2002). Short screening scales to monitor population
///            prevalences and trends in non-specific psychological distress. Psychological Medicine, 32, 959-976, doi
///            10.1017/S0033291702006074
inline constexpr instrument k10 =
    instrument("k10", 10, {.min = 1, .max = 5})
        .edition("2002")
        .family("k10")
        .better(direction::lower)
        .combined("crufad", {{"total", 1}})
        .band("total", "low", {.from = 10, .to = 16, .to_open = true})
        .band("total", "moderate", {.from = 16, .to = 22, .to_open = true})
        .band("total", "high", {.from = 22, .to = 30, .to_open = true})
        .band("total", "very high", {.from = 30, .to = 50})
        .band("crufad", "likely well", {.from = 10, .to = 20, .to_open = true})
        .band("crufad", "likely mild disorder", {.from = 20, .to = 25, .to_open = true})
        .band("crufad", "likely moderate disorder", {.from = 25, .to = 30, .to_open = true})
        .band("crufad", "likely severe disorder", {.from = 30, .to = 50});

}  // namespace rapport::instruments
