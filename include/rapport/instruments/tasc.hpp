// SPDX-License-Identifier: BSL-1.0
// The Therapeutic Alliance Scale for Children, total only: keys only, no item wording. Sources and licences: instruments/metadata.hpp.
// Made by docs/instruments/generate.py from docs/instruments/catalogue.json; change that.
#pragma once

#include <rapport/instruments/instrument.hpp>

namespace rapport::instruments {

/// Therapeutic Alliance Scale for Children - Revised, child form, 12 items, rated by the child. Its total only: the
/// parts are not established.
/// Reference: Shirk, S. R., & Saiz, C. C. (1992); Creed, T. A., & Kendall, P. C. (2005); Shirk, S. R., et al. (2008)
inline constexpr instrument tasc_r = instrument("tasc-r", 12, {.min = 1, .max = 4})
                                         .edition("2003")
                                         .family("tasc")
                                         .better(direction::higher)
                                         .reversed({2, 5, 7, 8, 11});

}  // namespace rapport::instruments
