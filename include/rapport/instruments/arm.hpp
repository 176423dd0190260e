// SPDX-License-Identifier: BSL-1.0
// The Agnew Relationship Measure, short form: keys only, no item wording. Sources and licences: instruments/metadata.hpp.
// Made by docs/instruments/generate.py from docs/instruments/catalogue.json; change that.
#pragma once

#include <rapport/instruments/instrument.hpp>

namespace rapport::instruments {

/// Agnew Relationship Measure, short form (ARM-5), 5 items, rated by the client.
/// Reference: Cahill, J., Stiles, W. B., Barkham, M., et al. (2012). Two short forms of the Agnew Relationship Measure:
///            The ARM-5 and ARM-12. Psychotherapy Research, 22, 241-255
inline constexpr instrument arm_5 = instrument("arm-5", 5, {.min = 1, .max = 7})
                                        .edition("2012")
                                        .family("arm")
                                        .better(direction::higher)
                                        .reversed({3})
                                        .total_as({.kind = score_kind::mean});

}  // namespace rapport::instruments
