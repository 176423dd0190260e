// SPDX-License-Identifier: BSL-1.0
// The CORE Outcome Measure and the CORE-10: keys only, no item wording. Sources and licences: instruments/metadata.hpp.
// Made by docs/instruments/generate.py from docs/instruments/catalogue.json; change that.
#pragma once

#include <rapport/instruments/instrument.hpp>

namespace rapport::instruments {

/// CORE-10, 10 items, rated by the client.
/// Reference: Barkham, M., Bewick, B., Mullin, T., et al. (2013). The CORE-10: A short measure of psychological
///            distress for routine use in the psychological therapies. Counselling and Psychotherapy Research, 13,
///            3-13, doi 10.1080/14733145.2012.729069
inline constexpr instrument core_10 =
    instrument("core-10", 10, {.min = 0, .max = 4})
        .edition("2013")
        .family("core-10")
        .better(direction::lower)
        .reversed({2, 3})
        .missing(at_most_missing(1))
        .band("total", "healthy", {.from = 0, .to = 6, .to_open = true})
        .band("total", "low-level problems", {.from = 6, .to = 11, .to_open = true})
        .band("total", "mild distress", {.from = 11, .to = 16, .to_open = true})
        .band("total", "moderate distress", {.from = 16, .to = 21, .to_open = true})
        .band("total", "moderate-to-severe distress", {.from = 21, .to = 26, .to_open = true})
        .band("total", "severe distress", {.from = 26, .to = 40})
        .cutoff("total", "clinical range", {.at = 11, .side = cutoff_side::at_or_above})
        .cutoff("total", "depression likely", {.at = 13, .side = cutoff_side::at_or_above})
        .risk_item(6, 1);

/// CORE Outcome Measure, 34 items, rated by the client.
/// Reference: Evans, C., Connell, J., Barkham, M., et al. (2002). Towards a standardised brief outcome measure:
///            Psychometric properties and utility of the CORE-OM. British Journal of Psychiatry, 180, 51-60, doi
///            10.1192/bjp.180.1.51
inline constexpr instrument core_om =
    instrument("core-om", 34, {.min = 0, .max = 4})
        .edition("2002")
        .family("core-om")
        .better(direction::lower)
        .reversed({3, 4, 7, 12, 19, 21, 31, 32})
        .total_as({.kind = score_kind::mean})
        .subscale("wellbeing", {4, 14, 17, 31}, {.kind = score_kind::mean})
        .subscale("problems", {2, 5, 8, 11, 13, 15, 18, 20, 23, 27, 28, 30}, {.kind = score_kind::mean})
        .subscale("functioning", {1, 3, 7, 10, 12, 19, 21, 25, 26, 29, 32, 33}, {.kind = score_kind::mean})
        .subscale("risk", {6, 9, 16, 22, 24, 34}, {.kind = score_kind::mean})
        .subscale("non_risk", {1,  2,  3,  4,  5,  7,  8,  10, 11, 12, 13, 14, 15, 17,
                               18, 19, 20, 21, 23, 25, 26, 27, 28, 29, 30, 31, 32, 33},
                  {.kind = score_kind::mean})
        .combined("clinical", {{"total", 10}})
        .missing(at_most_missing(3))
        .missing("wellbeing", complete)
        .missing("problems", at_most_missing(1))
        .missing("functioning", at_most_missing(1))
        .missing("risk", complete)
        .missing("non_risk", at_most_missing(2))
        .risk_item(6, 1)
        .risk_item(9, 1)
        .risk_item(16, 1)
        .risk_item(22, 1)
        .risk_item(24, 1)
        .risk_item(34, 1);

}  // namespace rapport::instruments
