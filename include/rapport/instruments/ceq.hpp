// SPDX-License-Identifier: BSL-1.0
// The Credibility/Expectancy Questionnaire: keys only, no item wording. Sources and licences: instruments/metadata.hpp.
// Made by docs/instruments/generate.py from docs/instruments/catalogue.json; change that.
#pragma once

#include <rapport/instruments/instrument.hpp>

namespace rapport::instruments {

/// Credibility/Expectancy Questionnaire, 6 items, rated by the client.
/// Reference: Devilly, G. J., & Borkovec, T. D. (2000). Psychometric properties of the credibility/expectancy
///            questionnaire. Journal of Behavior Therapy and Experimental Psychiatry, 31, 73-86, doi
///            10.1016/S0005-7916(00)00012-4
inline constexpr instrument ceq = instrument("ceq", 6, {.min = 1, .max = 9})
                                      .edition("2000")
                                      .family("ceq")
                                      .better(direction::higher)
                                      .item_scale({4, 6}, {.min = 0, .max = 100, .step = 10}, {.min = 1, .max = 9})
                                      .no_total()
                                      .subscale("credibility", {1, 2, 3})
                                      .subscale("expectancy", {4, 5, 6});

}  // namespace rapport::instruments
