// SPDX-License-Identifier: BSL-1.0
// The revised Helping Alliance Questionnaire: keys only, no item wording. Sources and licences: instruments/metadata.hpp.
// Made by docs/instruments/generate.py from docs/instruments/catalogue.json; change that.
#pragma once

#include <rapport/instruments/instrument.hpp>

namespace rapport::instruments {

/// Revised Helping Alliance Questionnaire (HAq-II), patient form, 19 items, rated by the client.
/// Reference: Luborsky, L., Barber, J. P., Siqueland, L., et al. (1996). The revised Helping Alliance Questionnaire
///            (HAq-II): Psychometric properties. Journal of Psychotherapy Practice and Research, 5, 260-271
inline constexpr instrument haq_ii_patient = instrument("haq-ii-patient", 19, {.min = 1, .max = 6})
                                                 .edition("1996")
                                                 .family("haq-ii")
                                                 .better(direction::higher)
                                                 .reversed({4, 8, 11, 16, 19});

/// Revised Helping Alliance Questionnaire (HAq-II), therapist form, 19 items, rated by the therapist.
/// Reference: Luborsky, L., Barber, J. P., Siqueland, L., et al. (1996). The revised Helping Alliance Questionnaire
///            (HAq-II): Psychometric properties. Journal of Psychotherapy Practice and Research, 5, 260-271
inline constexpr instrument haq_ii_therapist = instrument("haq-ii-therapist", 19, {.min = 1, .max = 6})
                                                   .edition("1996")
                                                   .family("haq-ii")
                                                   .rated_by(perspective::therapist)
                                                   .better(direction::higher)
                                                   .reversed({4, 8, 11, 16, 19});

}  // namespace rapport::instruments
