// SPDX-License-Identifier: BSL-1.0
// The Consultation and Relational Empathy Measure: keys only, no item wording. Sources and licences: instruments/metadata.hpp.
// Made by docs/instruments/generate.py from docs/instruments/catalogue.json; change that.
#pragma once

#include <rapport/instruments/instrument.hpp>

namespace rapport::instruments {

/// Consultation and Relational Empathy (CARE) Measure, 10 items, rated by the client.
/// Reference: Mercer, S. W., Maxwell, M., Heaney, D., & Watt, G. C. M. (2004). The consultation and relational empathy
///            (CARE) measure. Family Practice, 21, 699-705, doi 10.1093/fampra/cmh621
inline constexpr instrument care = instrument("care", 10, {.min = 1, .max = 5})
                                       .edition("2004")
                                       .family("care")
                                       .better(direction::higher)
                                       .missing(at_most_missing(2));

}  // namespace rapport::instruments
