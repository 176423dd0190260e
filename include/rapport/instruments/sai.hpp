// SPDX-License-Identifier: BSL-1.0
// The Session Alliance Inventory: keys only, no item wording. Sources and licences: instruments/metadata.hpp.
// Made by docs/instruments/generate.py from docs/instruments/catalogue.json; change that.
#pragma once

#include <rapport/instruments/instrument.hpp>

namespace rapport::instruments {

/// Session Alliance Inventory, 6 items, rated by the client.
/// Reference: Falkenstrom, F., Hatcher, R. L., Skjulsvik, T., Larsson, M. H., & Holmqvist, R. (2015). Development and
///            validation of a 6-item working alliance questionnaire for repeated administrations during psychotherapy.
///            Psychological Assessment, 27, 169-183, doi 10.1037/pas0000038
inline constexpr instrument sai_6 = instrument("sai-6", 6, {.min = 0, .max = 5})
                                        .edition("2015")
                                        .family("sai")
                                        .better(direction::higher)
                                        .total_as({.kind = score_kind::mean});

}  // namespace rapport::instruments
