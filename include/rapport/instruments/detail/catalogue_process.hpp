// SPDX-License-Identifier: BSL-1.0
// Facts about instruments: where each key comes from, how sure it is, who owns it, norms, reliability.
// Made by docs/instruments/generate.py from docs/instruments/catalogue.json; change that.
#pragma once

#include <rapport/instruments/catalogue_entry.hpp>
#include <rapport/instruments/ceq.hpp>
#include <rapport/instruments/first_session.hpp>
#include <rapport/instruments/hope.hpp>

namespace rapport::instruments::detail {

inline constexpr catalogue_entry process_entries[] = {
    {.id = "ceq",
     .name = "Credibility/Expectancy Questionnaire",
     .year = 2000,
     .family = "ceq",
     .perspective = perspective::client,
     .key = &instruments::ceq,
     .usable = key_use::all,
     .n_items = 6,
     .verification = verification::single_source,
     .provenance = {.n_items = verification::single_source,
                    .scale = verification::single_source,
                    .reversed = verification::verified,
                    .subscales = verification::single_source},
     .caveat = "The factors do not follow the two parts of the form: the fourth question belongs to expectancy. "
               "Items 4 and 6 are percents. Here each is mapped on 1 to 9 in a straight line, which serves a single "
               "client; studies mostly standardise each item within their sample instead. Say which was done. There "
               "is no total.",
     .licence = "printed in the paper; said to be free with citation",
     .licence_kind = licence_class::free_restricted,
     .licence_provenance = verification::unverified,
     .measures = "hope",
     .sources = "Devilly, G. J., & Borkovec, T. D. (2000). Psychometric properties of the credibility/expectancy "
                "questionnaire. Journal of Behavior Therapy and Experimental Psychiatry, 31, 73-86, doi "
                "10.1016/S0005-7916(00)00012-4\n"
                "Devilly & Borkovec (2000), abstract: which three items form each factor, "
                "https://studylib.net/doc/18530423/\n"
                "a public CEQ survey: items 1, 2, 3, 5 on 1 to 9, items 4 and 6 on 0 to 100 percent in tens\n"
                "a public trial registry of instruments: the CEQ mixes 1 to 9 and 0 to 100 percent",
     .doi = "10.1016/S0005-7916(00)00012-4"},
    {.id = "state-hope",
     .name = "Adult State Hope Scale",
     .year = 1996,
     .family = "hope-state",
     .perspective = perspective::client,
     .key = &instruments::state_hope,
     .usable = key_use::all,
     .n_items = 6,
     .verification = verification::single_source,
     .provenance = {.n_items = verification::single_source,
                    .scale = verification::single_source,
                    .reversed = verification::single_source,
                    .subscales = verification::single_source},
     .caveat = "Rests on one copy with its printed scoring note.",
     .licence = "free for research without asking, by the note printed with the scale",
     .licence_kind = licence_class::free,
     .licence_provenance = verification::single_source,
     .measures = "hope",
     .sources = "Snyder, C. R., Sympson, S. C., Ybasco, F. C., Borders, T. F., Babyak, M. A., & Higgins, R. L. "
                "(1996). Development and validation of the State Hope Scale. Journal of Personality and Social "
                "Psychology, 70, 321-335, doi 10.1037/0022-3514.70.2.321\n"
                "State Hope Scale with its printed scoring note, "
                "https://info.5y1.org/what-are-my-future-goals_1_eac78f.html",
     .doi = "10.1037/0022-3514.70.2.321"},
    {.id = "trait-hope",
     .name = "Adult Hope Scale (trait)",
     .year = 1991,
     .family = "hope-trait",
     .perspective = perspective::client,
     .key = &instruments::trait_hope,
     .usable = key_use::all,
     .n_items = 12,
     .verification = verification::single_source,
     .provenance = {.n_items = verification::verified,
                    .scale = verification::single_source,
                    .reversed = verification::single_source,
                    .subscales = verification::single_source},
     .caveat = "Rests on one copy with its printed scoring note. Items 3, 5, 7, 11 are fillers: answered, but in no "
               "score.",
     .licence = "said to be free for research",
     .licence_kind = licence_class::free_restricted,
     .licence_provenance = verification::unverified,
     .measures = "hope",
     .sources = "Snyder, C. R., Harris, C., Anderson, J. R., et al. (1991). The will and the ways: Development and "
                "validation of an individual-differences measure of hope. Journal of Personality and Social "
                "Psychology, 60, 570-585, doi 10.1037/0022-3514.60.4.570\n"
                "Adult Hope Scale with its printed scoring note, "
                "https://www.scribd.com/document/728386292/M6L2-1-Hope-Scale-PDF-Fillable",
     .doi = "10.1037/0022-3514.60.4.570"},
    {.id = "eps-25",
     .name = "Emotional Processing Scale (EPS-25)",
     .year = 2010,
     .family = "eps",
     .perspective = perspective::client,
     .usable = key_use::none,
     .n_items = 25,
     .verification = verification::unverified,
     .provenance = {.n_items = verification::verified},
     .caveat = "Five scales of five items; the item numbers are not established here. A high score means poor "
               "processing.",
     .licence = "commercial (Hogrefe); qualification needed",
     .licence_kind = licence_class::commercial,
     .licence_provenance = verification::single_source,
     .measures = "emotional-processing",
     .sources = "Baker, R., Thomas, S., Thomas, P. W., et al. (2010). The Emotional Processing Scale: Scale "
                "refinement and abridgement (EPS-25). Journal of Psychosomatic Research, 68, 83-88\n"
                "Hogrefe on the Emotional Processing Scale: five scales of five, "
                "https://www.hogrefe.com/uk/shop/emotional-processing-scale.html"},
    {.id = "hrs-ii",
     .name = "Homework Rating Scale II",
     .year = 2005,
     .family = "hrs",
     .perspective = perspective::client,
     .usable = key_use::none,
     .verification = verification::unverified,
     .caveat = "The key was not found.",
     .licence = "ask the authors",
     .licence_kind = licence_class::permission,
     .licence_provenance = verification::unverified,
     .measures = "practice",
     .sources = "Kazantzis, N., Deane, F. P., & Ronan, K. R. (2004). Assessing compliance with homework assignments. "
                "Journal of Clinical Psychology, 60, 627-641; HRS-II (2005)\n"
                "Kazantzis, Deane & Ronan (2004), abstract, and a thesis on the HRS-II, "
                "https://mro.massey.ac.nz/handle/10179/10118"},
    {.id = "sis",
     .name = "Session Impacts Scale",
     .year = 1994,
     .family = "sis",
     .perspective = perspective::client,
     .usable = key_use::none,
     .has_range = true,
     .min = 1,
     .max = 5,
     .verification = verification::unverified,
     .provenance = {.scale = verification::single_source},
     .caveat = "Understanding, problem solving, relationship and hindering impacts are named; their items were not "
               "found.",
     .licence = "said to be free for non-commercial use",
     .licence_kind = licence_class::free_restricted,
     .licence_provenance = verification::unverified,
     .measures = "new-learning",
     .sources = "Elliott, R., & Wexler, M. M. (1994). Measuring the impact of sessions in process-experiential "
                "therapy of depression: The Session Impacts Scale. Journal of Counseling Psychology, 41, 166-174\n"
                "Stiles et al. (1994), abstract, names the indexes, "
                "https://research-portal.uea.ac.uk/en/publications/"
                "evaluation-and-description-in-measures-of-psychotherapy-session-i"
                "\n"
                "Elliott (1993), Revised Session Reactions Scale, "
                "https://experiential-researchers.org/instruments/elliott/rsrs.html"},
    {.id = "sacip",
     .name = "Scale for the Multiperspective Assessment of General Change Mechanisms (SACiP)",
     .year = 2013,
     .family = "sacip",
     .perspective = perspective::client,
     .usable = key_use::none,
     .verification = verification::unverified,
     .caveat = "The key was not found.",
     .licence = "ask the authors",
     .licence_kind = licence_class::permission,
     .licence_provenance = verification::unverified,
     .measures = "new-learning emotional-processing practice",
     .sources = "Mander, J., Wittorf, A., Schlarb, A., Hautzinger, M., Zipfel, S., & Sammet, I. (2013). Change "
                "mechanisms in psychotherapy: Multiperspective assessment and relation to outcome. Psychotherapy "
                "Research, 23, 105-116"},
    {.id = "rogers-empowerment",
     .name = "Empowerment Scale (Making Decisions)",
     .year = 1997,
     .family = "empowerment",
     .perspective = perspective::client,
     .usable = key_use::none,
     .n_items = 28,
     .has_range = true,
     .min = 1,
     .max = 4,
     .verification = verification::unverified,
     .provenance = {.n_items = verification::verified, .scale = verification::single_source},
     .caveat = "No trustworthy copy of its key was found; one public copy repeats an item. No measure of empowerment"
               " with an established public key is known here.",
     .licence = "disputed: to be purchased by one source, widely reprinted elsewhere",
     .licence_kind = licence_class::unknown,
     .licence_provenance = verification::single_source,
     .measures = "empowerment",
     .sources = "Rogers, E. S., Chamberlin, J., Ellison, M. L., & Crean, T. (1997). A consumer-constructed scale to "
                "measure empowerment among users of mental health services. Psychiatric Services, 48, 1042-1047, doi "
                "10.1176/ps.48.8.1042\n"
                "RTC/OM on the Empowerment Scale: 28 items, four points, must be purchased, "
                "https://rtcom.umn.edu/database/instruments/esr\n"
                "a public copy of the Empowerment Scale that repeats one item and is not usable, "
                "https://scales.arabpsychology.com/s/empowerment-scale/",
     .doi = "10.1176/ps.48.8.1042"},
    {.id = "pei",
     .name = "Patient Enablement Instrument",
     .year = 1998,
     .family = "pei",
     .perspective = perspective::client,
     .usable = key_use::none,
     .verification = verification::unverified,
     .caveat = "Nothing about the form could be read.",
     .licence = "said to be free",
     .licence_kind = licence_class::free_restricted,
     .licence_provenance = verification::unverified,
     .measures = "empowerment",
     .sources = "Howie, J. G. R., Heaney, D. J., Maxwell, M., & Walker, J. J. (1998). A comparison of a Patient "
                "Enablement Instrument (PEI) against two established satisfaction scales. Family Practice, 15, "
                "165-171, doi 10.1093/fampra/15.2.165",
     .doi = "10.1093/fampra/15.2.165"},
    {.id = "seq-5",
     .name = "Session Evaluation Questionnaire, Form 5",
     .year = 2002,
     .family = "seq",
     .perspective = perspective::client,
     .usable = key_use::none,
     .n_items = 21,
     .has_range = true,
     .min = 1,
     .max = 7,
     .verification = verification::unverified,
     .provenance = {.n_items = verification::verified, .scale = verification::verified},
     .caveat = "Depth, smoothness, positivity and arousal are scores of five items each; order and poles of the 21 "
               "items were seen, which item belongs to which score was not. Form 4 has 27 items: do not mix the "
               "forms.",
     .licence = "free by the author's page",
     .licence_kind = licence_class::free_restricted,
     .licence_provenance = verification::single_source,
     .measures = "new-learning first-feel",
     .sources = "Stiles, W. B., Gordon, L. E., & Lani, J. A. (2002). Session evaluation and the Session Evaluation "
                "Questionnaire. In G. S. Tryon (Ed.), Counseling based on process research. Allyn & Bacon\n"
                "Stiles, SEQ structure and use: 21 items, seven points, four indexes, "
                "http://wbstiles.net/session_evaluation_questionnaire.htm\n"
                "ClientCAST, questionnaire file of the SEQ: order and poles of the 21 items, "
                "https://github.com/wangjs9/ClientCAST"},
    {.id = "first-session-4",
     .name = "First-session check-list (unvalidated)",
     .year = 2026,
     .family = "first-session",
     .perspective = perspective::client,
     .key = &instruments::first_session_4,
     .usable = key_use::all,
     .validated = false,
     .n_items = 4,
     .verification = verification::verified,
     .provenance = {.n_items = verification::verified,
                    .scale = verification::verified,
                    .reversed = verification::verified,
                    .subscales = verification::verified},
     .caveat = "Not validated: four questions that a client may ask after a first session, each to be looked at by "
               "itself. There is no total and no cut-off. Validated early signs are the SRS (srs-3) and the WAI-SR "
               "(wai-sr-client) of session 1.",
     .licence = "part of this project, under its licence",
     .licence_kind = licence_class::free,
     .licence_provenance = verification::verified,
     .measures = "first-feel first-understood first-present first-invested",
     .sources = "This project; the wording is its own and free to use"},
};

}  // namespace rapport::instruments::detail
