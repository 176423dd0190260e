// SPDX-License-Identifier: BSL-1.0
// Facts about instruments: where each key comes from, how sure it is, who owns it, norms, reliability.
// Made by docs/instruments/generate.py from docs/instruments/catalogue.json; change that.
#pragma once

#include <rapport/instruments/catalogue_entry.hpp>
#include <rapport/instruments/wai.hpp>

namespace rapport::instruments::detail {

inline constexpr published_reliability reliability_of_wai_36_therapist[] = {
    {"total", "alpha", "Turkish outpatients (21 therapists)", 63, 0.96, 0.96, verification::single_source},
};

inline constexpr published_reliability reliability_of_wai_sr_client[] = {
    {"total", "alpha", "German out- and inpatients; every score above this", 331, 0.8, 1, verification::single_source},
};

inline constexpr catalogue_entry wai_entries[] = {
    {.id = "wai-36-client",
     .name = "Working Alliance Inventory, client form (36 items)",
     .year = 1989,
     .family = "wai-36",
     .perspective = perspective::client,
     .key = &instruments::wai_36_client,
     .usable = key_use::all,
     .n_items = 36,
     .verification = verification::single_source,
     .provenance = {.n_items = verification::verified,
                    .scale = verification::verified,
                    .reversed = verification::verified,
                    .subscales = verification::single_source},
     .caveat = "Range and reversed items agree in several public copies. One public rating program for the WAI-O "
               "moves eight items to other subscales; that grouping contradicts the twelve items of the WAI-S and is"
               " not used. The membership rests on one explicit scorer: confirm it before publishing subscales. Data"
               " with item 28 reversed instead of 29 are in circulation: item 29 is the negative one. No clinical "
               "cut-off is published. Many papers report item means (1 to 7) instead of sums.",
     .licence = "copyrighted; permission through the Society for Psychotherapy Research",
     .licence_kind = licence_class::permission,
     .licence_provenance = verification::verified,
     .measures = "alliance first-understood",
     .sources = "Horvath, A. O., & Greenberg, L. S. (1989). Development and validation of the Working Alliance "
                "Inventory. Journal of Counseling Psychology, 36, 223-233, doi 10.1037/0022-0167.36.2.223\n"
                "a public scoring program for the WAI-36 that lists subscale and sign of every item; it notes that a "
                "released data set reversed item 28 instead of 29\n"
                "a public rating program for the WAI-O; the same 14 reversed items, another grouping into subscales\n"
                "a public copy of the client form, items 1 to 29, from which the direction of each can be read, "
                "http://ravansanji.ir/?9512141259\n"
                "copy of the Rehabilitation Measures entry on the WAI: 36 items, 1 to 7, 36 to 252; requests for "
                "permission go to the Society for Psychotherapy Research, "
                "http://pastesqf.com/rehabilitation-measures/working-alliance-inventory\n"
                "hiboop scoring guide: ranges 36 to 252 and 12 to 84, https://hiboop.com/assessments/wai/\n"
                "Paap et al. (2022), systematic review of the WAI's measurement properties, doi "
                "10.3389/fpsyg.2022.945294",
     .doi = "10.1037/0022-0167.36.2.223"},
    {.id = "wai-36-therapist",
     .name = "Working Alliance Inventory, therapist form (36 items)",
     .year = 1989,
     .family = "wai-36",
     .perspective = perspective::therapist,
     .key = &instruments::wai_36_therapist,
     .usable = key_use::all,
     .n_items = 36,
     .verification = verification::single_source,
     .provenance = {.n_items = verification::verified,
                    .scale = verification::verified,
                    .reversed = verification::single_source,
                    .subscales = verification::single_source,
                    .reliability = verification::single_source},
     .caveat = "Key taken from the client form, whose wording it parallels; the therapist form itself was not "
               "compared. One public rating program for the WAI-O moves eight items to other subscales; that "
               "grouping contradicts the twelve items of the WAI-S and is not used. The membership rests on one "
               "explicit scorer: confirm it before publishing subscales. Data with item 28 reversed instead of 29 "
               "are in circulation: item 29 is the negative one.",
     .licence = "copyrighted; permission through the Society for Psychotherapy Research",
     .licence_kind = licence_class::permission,
     .licence_provenance = verification::verified,
     .measures = "alliance",
     .sources = "Horvath, A. O., & Greenberg, L. S. (1989). Development and validation of the Working Alliance "
                "Inventory. Journal of Counseling Psychology, 36, 223-233, doi 10.1037/0022-0167.36.2.223\n"
                "a public scoring program for the WAI-36 that lists subscale and sign of every item; it notes that a "
                "released data set reversed item 28 instead of 29\n"
                "copy of the Rehabilitation Measures entry on the WAI: 36 items, 1 to 7, 36 to 252; requests for "
                "permission go to the Society for Psychotherapy Research, "
                "http://pastesqf.com/rehabilitation-measures/working-alliance-inventory\n"
                "Turkish validation (2008), Turk Psikiyatri Dergisi 19, 398-408, abstract",
     .doi = "10.1037/0022-0167.36.2.223",
     .reliability = reliability_of_wai_36_therapist},
    {.id = "wai-s-client",
     .name = "Working Alliance Inventory - Short, client form",
     .year = 1989,
     .family = "wai-s",
     .perspective = perspective::client,
     .key = &instruments::wai_s_client,
     .usable = key_use::all,
     .n_items = 12,
     .verification = verification::single_source,
     .provenance = {.n_items = verification::verified,
                    .scale = verification::verified,
                    .reversed = verification::verified,
                    .subscales = verification::single_source},
     .caveat = "Not the WAI-SR: same length, other order, other key, other range. Order, range and reversed items "
               "agree in two public forms; the subscales follow from the key of the 36 items. It is the items 2, 4, "
               "8, 12, 21, 22, 23, 24, 26, 27, 32, 35 of the long form, in this order.",
     .licence = "copyrighted; permission through the Society for Psychotherapy Research",
     .licence_kind = licence_class::permission,
     .licence_provenance = verification::verified,
     .measures = "alliance first-understood",
     .sources = "Tracey, T. J., & Kokotovic, A. M. (1989). Factor structure of the Working Alliance Inventory. "
                "Psychological Assessment, 1, 207-210, doi 10.1037/1040-3590.1.3.207\n"
                "a public web form of the WAI-S: order of the items, answers 1 to 7\n"
                "a second public survey with all twelve WAI-S items in the same order, answers 1 to 7\n"
                "a public scoring program for the WAI-36 that lists subscale and sign of every item; it notes that a "
                "released data set reversed item 28 instead of 29\n"
                "hiboop scoring guide: ranges 36 to 252 and 12 to 84, https://hiboop.com/assessments/wai/",
     .doi = "10.1037/1040-3590.1.3.207"},
    {.id = "wai-s-therapist",
     .name = "Working Alliance Inventory - Short, therapist form",
     .year = 1989,
     .family = "wai-s",
     .perspective = perspective::therapist,
     .key = &instruments::wai_s_therapist,
     .usable = key_use::all,
     .n_items = 12,
     .verification = verification::single_source,
     .provenance = {.n_items = verification::verified,
                    .scale = verification::verified,
                    .reversed = verification::single_source,
                    .subscales = verification::single_source},
     .caveat = "Not the WAI-SR: same length, other order, other key, other range. Key taken from the client form; "
               "the therapist form itself was not compared.",
     .licence = "copyrighted; permission through the Society for Psychotherapy Research",
     .licence_kind = licence_class::permission,
     .licence_provenance = verification::verified,
     .measures = "alliance",
     .sources = "Tracey, T. J., & Kokotovic, A. M. (1989). Factor structure of the Working Alliance Inventory. "
                "Psychological Assessment, 1, 207-210, doi 10.1037/1040-3590.1.3.207\n"
                "a public web form of the WAI-S: order of the items, answers 1 to 7\n"
                "a public scoring program for the WAI-36 that lists subscale and sign of every item; it notes that a "
                "released data set reversed item 28 instead of 29",
     .doi = "10.1037/1040-3590.1.3.207"},
    {.id = "wai-sr-client",
     .name = "Working Alliance Inventory - Short Revised, client form",
     .year = 2006,
     .family = "wai-sr",
     .perspective = perspective::client,
     .key = &instruments::wai_sr_client,
     .usable = key_use::all,
     .n_items = 12,
     .verification = verification::verified,
     .provenance = {.n_items = verification::verified,
                    .scale = verification::verified,
                    .reversed = verification::verified,
                    .subscales = verification::verified,
                    .reliability = verification::single_source},
     .caveat = "Not the WAI-S: same length, other order, other key, other range. Bands that some vendors print carry"
               " no source; no cut-off is published. Do not derive its subscales from the key of the 36 items. A "
               "model with two factors (bond; task and goal together) fits as well.",
     .licence = "copyrighted; permission through the Society for Psychotherapy Research",
     .licence_kind = licence_class::permission,
     .licence_provenance = verification::verified,
     .measures = "alliance first-understood first-invested",
     .sources = "Hatcher, R. L., & Gillaspy, J. A. (2006). Development and validation of a revised short version of "
                "the Working Alliance Inventory. Psychotherapy Research, 16, 12-25, doi 10.1080/10503300500352500\n"
                "public analysis code of a WAI-SR study that names the items of each subscale\n"
                "Blueprint help centre, the WAI-SR key as sums, "
                "https://ebchelp.blueprint.ai/en/articles/5208475-working-alliance-inventory-short-wai\n"
                "Rivet documentation, the same WAI-SR key, 1 to 5, total 12 to 60, "
                "https://docs.getrivet.ca/clinical-templates/specialized/wai-sr\n"
                "Munder et al. (2010), abstract: alpha above .80 in out- and inpatients, doi 10.1002/cpp.658\n"
                "Paap et al. (2022), systematic review of the WAI's measurement properties, doi "
                "10.3389/fpsyg.2022.945294",
     .doi = "10.1080/10503300500352500",
     .reliability = reliability_of_wai_sr_client},
    {.id = "wai-sr-therapist",
     .name = "Working Alliance Inventory - Short Revised, therapist form (12 items)",
     .year = 2010,
     .family = "wai-sr",
     .perspective = perspective::therapist,
     .key = &instruments::wai_sr_therapist,
     .usable = key_use::all,
     .n_items = 12,
     .verification = verification::single_source,
     .provenance = {.n_items = verification::single_source,
                    .scale = verification::single_source,
                    .reversed = verification::single_source,
                    .subscales = verification::single_source},
     .caveat = "Key taken from the client form; the therapist form itself was not compared. The 2020 paper builds "
               "another, psychometrically stronger short form for therapists (wai-srt).",
     .licence = "copyrighted; permission through the Society for Psychotherapy Research",
     .licence_kind = licence_class::permission,
     .licence_provenance = verification::verified,
     .measures = "alliance",
     .sources = "Therapist wording of the WAI-SR, studied in Hatcher, R. L., Lindqvist, K., & Falkenstrom, F. (2020)."
                " Psychotherapy Research, 30, 706-717, doi 10.1080/10503307.2019.1677964\n"
                "Hatcher, Lindqvist & Falkenstrom (2020), first page, doi 10.1080/10503307.2019.1677964\n"
                "public analysis code of a WAI-SR study that names the items of each subscale",
     .doi = "10.1080/10503307.2019.1677964"},
    {.id = "wai-srt",
     .name = "Working Alliance Inventory, therapist short form of 2020 (WAI-SRT)",
     .year = 2020,
     .family = "wai-sr",
     .perspective = perspective::therapist,
     .usable = key_use::none,
     .verification = verification::unverified,
     .caveat = "Only the first page of the paper could be read; the item list is not known here.",
     .licence = "copyrighted; permission through the Society for Psychotherapy Research",
     .licence_kind = licence_class::permission,
     .licence_provenance = verification::verified,
     .measures = "alliance",
     .sources = "Hatcher, R. L., Lindqvist, K., & Falkenstrom, F. (2020). Psychometric evaluation of the Working "
                "Alliance Inventory - Therapist version: Current and new short forms. Psychotherapy Research, 30, "
                "706-717, doi 10.1080/10503307.2019.1677964\n"
                "Hatcher, Lindqvist & Falkenstrom (2020), first page, doi 10.1080/10503307.2019.1677964",
     .doi = "10.1080/10503307.2019.1677964"},
    {.id = "wai-o",
     .name = "Working Alliance Inventory - Observer (36 items)",
     .year = 1989,
     .family = "wai-36",
     .perspective = perspective::observer,
     .key = &instruments::wai_o,
     .usable = key_use::all,
     .n_items = 36,
     .verification = verification::single_source,
     .provenance = {.n_items = verification::verified,
                    .scale = verification::single_source,
                    .reversed = verification::verified,
                    .subscales = verification::single_source,
                    .missing = verification::single_source},
     .caveat = "Two systems of anchors exist: in revision IV every item starts at 4, no evidence. Store which one "
               "was used. One public rating program for the WAI-O moves eight items to other subscales; that "
               "grouping contradicts the twelve items of the WAI-S and is not used. The membership rests on one "
               "explicit scorer: confirm it before publishing subscales. There is no code for a missing rating.",
     .licence = "copyrighted; permission through the Society for Psychotherapy Research",
     .licence_kind = licence_class::permission,
     .licence_provenance = verification::verified,
     .measures = "alliance",
     .sources = "Tichenor, V., & Hill, C. E. (1989). A comparison of six measures of working alliance. Psychotherapy,"
                " 26, 195-199; Darchuk, A., et al. (2000). WAI-O manual, revision IV\n"
                "Darchuk et al. (2000), WAI-O manual, revision IV: anchors 1 to 7, every item starts at 4, "
                "https://scribd.com/document/750364035/WAI-O-Manual-V4\n"
                "a public rating program for the WAI-O; the same 14 reversed items, another grouping into subscales\n"
                "a public scoring program for the WAI-36 that lists subscale and sign of every item; it notes that a "
                "released data set reversed item 28 instead of 29"},
    {.id = "wai-o-s",
     .name = "Working Alliance Inventory - Observer, short (12 items)",
     .year = 1993,
     .family = "wai-s",
     .perspective = perspective::observer,
     .key = &instruments::wai_o_s,
     .usable = key_use::all,
     .n_items = 12,
     .verification = verification::single_source,
     .provenance = {.n_items = verification::single_source,
                    .scale = verification::single_source,
                    .reversed = verification::single_source,
                    .subscales = verification::single_source},
     .caveat = "Key derived from the WAI-S; no short observer form with its key was read. Some raters are told to "
               "turn negative items round themselves: then they must not be reversed again. Store which convention "
               "was used.",
     .licence = "copyrighted; permission through the Society for Psychotherapy Research",
     .licence_kind = licence_class::permission,
     .licence_provenance = verification::verified,
     .measures = "alliance",
     .sources = "The WAI-S items in observer wording: Raue, P. J., Castonguay, L. G., & Goldfried, M. R. (1993); "
                "Andrusyna, T. P., et al. (2001)\n"
                "a public web form of the WAI-S: order of the items, answers 1 to 7\n"
                "Darchuk et al. (2000), WAI-O manual, revision IV: anchors 1 to 7, every item starts at 4, "
                "https://scribd.com/document/750364035/WAI-O-Manual-V4"},
};

}  // namespace rapport::instruments::detail
