// SPDX-License-Identifier: BSL-1.0
// The Patient Health Questionnaire-9 and the Generalized Anxiety Disorder-7: keys only, no item wording. Sources and licences: instruments/metadata.hpp.
// Made by docs/instruments/generate.py from docs/instruments/catalogue.json; change that.
#pragma once

#include <rapport/instruments/instrument.hpp>

namespace rapport::instruments {

/// Patient Health Questionnaire-9, 9 items, rated by the client.
/// Reference: Kroenke, K., Spitzer, R. L., & Williams, J. B. W. (2001). The PHQ-9: Validity of a brief depression
///            severity measure. Journal of General Internal Medicine, 16, 606-613, doi
///            10.1046/j.1525-1497.2001.016009606.x
inline constexpr instrument phq_9 =
    instrument("phq-9", 9, {.min = 0, .max = 3})
        .edition("2001")
        .family("phq")
        .better(direction::lower)
        .band("total", "minimal", {.from = 0, .to = 5, .to_open = true})
        .band("total", "mild", {.from = 5, .to = 10, .to_open = true})
        .band("total", "moderate", {.from = 10, .to = 15, .to_open = true})
        .band("total", "moderately severe", {.from = 15, .to = 20, .to_open = true})
        .band("total", "severe", {.from = 20, .to = 27})
        .cutoff("total", "major depression likely", {.at = 10, .side = cutoff_side::at_or_above})
        .risk_item(9, 1);

/// Generalized Anxiety Disorder-7, 7 items, rated by the client.
/// Reference: Spitzer, R. L., Kroenke, K., Williams, J. B. W., & Lowe, B. (2006). A brief measure for assessing
///            generalized anxiety disorder: The GAD-7. Archives of Internal Medicine, 166, 1092-1097, doi
///            10.1001/archinte.166.10.1092
inline constexpr instrument gad_7 =
    instrument("gad-7", 7, {.min = 0, .max = 3})
        .edition("2006")
        .family("gad")
        .better(direction::lower)
        .band("total", "minimal", {.from = 0, .to = 5, .to_open = true})
        .band("total", "mild", {.from = 5, .to = 10, .to_open = true})
        .band("total", "moderate", {.from = 10, .to = 15, .to_open = true})
        .band("total", "severe", {.from = 15, .to = 21})
        .cutoff("total", "anxiety disorder likely", {.at = 10, .side = cutoff_side::at_or_above});

}  // namespace rapport::instruments
