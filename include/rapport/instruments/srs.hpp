// SPDX-License-Identifier: BSL-1.0
// The Session Rating Scale, the Outcome Rating Scale and the Leeds Alliance in Supervision Scale: keys only, no item wording. Sources and licences: instruments/metadata.hpp.
// Made by docs/instruments/generate.py from docs/instruments/catalogue.json; change that.
#pragma once

#include <rapport/instruments/instrument.hpp>

namespace rapport::instruments {

/// Session Rating Scale V.3.0, 4 items, rated by the client.
/// Reference: Duncan, B. L., Miller, S. D., Sparks, J. A., et al. (2003). The Session Rating Scale: Preliminary
///            psychometric properties of a working alliance measure. Journal of Brief Therapy, 3, 3-12
inline constexpr instrument srs_3 =
    instrument("srs-3", 4, {.min = 0, .max = 10, .step = 0.1})
        .edition("V.3.0")
        .family("srs")
        .better(direction::higher)
        .band("total", "poor", {.from = 0, .to = 35, .to_open = true})
        .band("total", "fair", {.from = 35, .to = 39, .to_open = true})
        .band("total", "good", {.from = 39, .to = 40})
        .cutoff("total", "discuss the alliance", {.at = 36, .side = cutoff_side::at_or_below});

/// Outcome Rating Scale, 4 items, rated by the client.
/// Reference: Miller, S. D., Duncan, B. L., Brown, J., Sparks, J. A., & Claud, D. A. (2003). The Outcome Rating Scale.
///            Journal of Brief Therapy, 2, 91-100
inline constexpr instrument ors =
    instrument("ors", 4, {.min = 0, .max = 10, .step = 0.1}).edition("2003").family("ors").better(direction::higher);

/// Leeds Alliance in Supervision Scale, 3 items, rated by the supervisee.
/// Reference: Wainwright, N. A. (2010). The development of the Leeds Alliance in Supervision Scale (LASS). Doctoral
///            thesis, University of Leeds
inline constexpr instrument lass = instrument("lass", 3, {.min = 0, .max = 10, .step = 0.1})
                                       .edition("2010")
                                       .family("lass")
                                       .rated_by(perspective::therapist)
                                       .better(direction::higher);

}  // namespace rapport::instruments
