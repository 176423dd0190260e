// SPDX-License-Identifier: BSL-1.0
// The Hope Scales, state and trait: keys only, no item wording. Sources and licences: instruments/metadata.hpp.
// Made by docs/instruments/generate.py from docs/instruments/catalogue.json; change that.
#pragma once

#include <rapport/instruments/instrument.hpp>

namespace rapport::instruments {

/// Adult State Hope Scale, 6 items, rated by the client.
/// Reference: Snyder, C. R., Sympson, S. C., Ybasco, F. C., Borders, T. F., Babyak, M. A., & Higgins, R. L. (1996).
///            Development and validation of the State Hope Scale. Journal of Personality and Social Psychology, 70,
///            321-335, doi 10.1037/0022-3514.70.2.321
inline constexpr instrument state_hope = instrument("state-hope", 6, {.min = 1, .max = 8})
                                             .edition("1996")
                                             .family("hope-state")
                                             .better(direction::higher)
                                             .subscale("agency", {2, 4, 6})
                                             .subscale("pathways", {1, 3, 5});

/// Adult Hope Scale (trait), 12 items, rated by the client.
/// Reference: Snyder, C. R., Harris, C., Anderson, J. R., et al. (1991). The will and the ways: Development and
///            validation of an individual-differences measure of hope. Journal of Personality and Social Psychology,
///            60, 570-585, doi 10.1037/0022-3514.60.4.570
inline constexpr instrument trait_hope = instrument("trait-hope", 12, {.min = 1, .max = 8})
                                             .edition("1991")
                                             .family("hope-trait")
                                             .better(direction::higher)
                                             .unscored({3, 5, 7, 11})
                                             .subscale("pathways", {1, 4, 6, 8})
                                             .subscale("agency", {2, 9, 10, 12});

}  // namespace rapport::instruments
