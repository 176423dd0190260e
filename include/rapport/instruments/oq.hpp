// SPDX-License-Identifier: BSL-1.0
// The Outcome Questionnaire, total only: keys only, no item wording. Sources and licences: instruments/metadata.hpp.
// Made by docs/instruments/generate.py from docs/instruments/catalogue.json; change that.
#pragma once

#include <rapport/instruments/instrument.hpp>

namespace rapport::instruments {

/// Outcome Questionnaire 45.2, 45 items, rated by the client. Its total only: the parts are not established.
/// Reference: Lambert, M. J., Hansen, N. B., Umphress, V., et al. (1996). Administration and scoring manual for the
///            OQ-45.2. OQ Measures
inline constexpr instrument oq_45_2 = instrument("oq-45.2", 45, {.min = 0, .max = 4})
                                          .edition("45.2")
                                          .family("oq")
                                          .better(direction::lower)
                                          .reversed({1, 12, 13, 20, 21, 24, 31, 37, 43})
                                          .missing(complete);

}  // namespace rapport::instruments
