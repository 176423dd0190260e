// SPDX-License-Identifier: BSL-1.0
// The Session Rating Scale: key only, no item wording. Sources and licence: instruments/metadata.hpp.
#pragma once

#include <rapport/instruments/instrument.hpp>

namespace rapport::instruments {

/// Session Rating Scale V.3.0: four 10 cm lines, read to the millimetre, rated by the client. One score, 0 to 40.
/// Reference: Duncan, Miller, Sparks et al. (2003), The Session Rating Scale: preliminary psychometric properties of a
///            "working" alliance measure, Journal of Brief Therapy 3, 3-12 (no DOI)
inline constexpr instrument srs_3 = instrument("srs-3", 4, {.min = 0, .max = 10, .step = 0.1});

}  // namespace rapport::instruments
