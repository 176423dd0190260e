// SPDX-License-Identifier: BSL-1.0
// Facts about instruments: where each key comes from, how sure it is, who owns it, norms, reliability.
// Made by docs/instruments/generate.py from docs/instruments/catalogue.json; change that.
#pragma once

#include <rapport/instruments/bdi.hpp>
#include <rapport/instruments/catalogue_entry.hpp>
#include <rapport/instruments/core_om.hpp>
#include <rapport/instruments/dass.hpp>
#include <rapport/instruments/k10.hpp>
#include <rapport/instruments/oq.hpp>
#include <rapport/instruments/phq.hpp>
#include <rapport/instruments/srs.hpp>
#include <rapport/instruments/swls.hpp>
#include <rapport/instruments/who_5.hpp>

namespace rapport::instruments::detail {

inline constexpr score_norm norms_of_core_10[] = {
    {"total", "general population, United Kingdom", 535, 4.7, 4.8, verification::single_source},
    {"total", "primary-care counselling, United Kingdom", 1835, 19.7, 7.7, verification::single_source},
};

inline constexpr published_reliability reliability_of_core_10[] = {
    {"total", "alpha", "primary care", 0, 0.9, 0.9, verification::verified},
};

inline constexpr published_change change_of_core_10[] = {
    {"total", 6, "90 % interval", verification::verified},
};

inline constexpr score_norm norms_of_core_om[] = {
    {"functioning", "non-clinical, United Kingdom, women", 0, 0.86, 0.67, verification::single_source},
    {"problems", "non-clinical, United Kingdom, women", 0, 1, 0.76, verification::single_source},
    {"risk", "non-clinical, United Kingdom, women", 0, 0.15, 0.4, verification::single_source},
    {"non_risk", "non-clinical, United Kingdom, women", 0, 0.95, 0.7, verification::single_source},
    {"total", "non-clinical, United Kingdom, women", 0, 0.81, 0.61, verification::single_source},
    {"wellbeing", "non-clinical, United Kingdom, women", 0, 1.1, 0.87, verification::single_source},
    {"functioning", "non-clinical, United Kingdom, men", 0, 0.83, 0.62, verification::single_source},
    {"problems", "non-clinical, United Kingdom, men", 0, 0.78, 0.64, verification::single_source},
    {"risk", "non-clinical, United Kingdom, men", 0, 0.23, 0.47, verification::single_source},
    {"non_risk", "non-clinical, United Kingdom, men", 0, 0.79, 0.59, verification::single_source},
    {"total", "non-clinical, United Kingdom, men", 0, 0.69, 0.53, verification::single_source},
    {"wellbeing", "non-clinical, United Kingdom, men", 0, 0.68, 0.71, verification::single_source},
};

inline constexpr published_change change_of_oq_45_2[] = {
    {"total", 14, "manual", verification::verified},
};

inline constexpr catalogue_entry outcome_entries[] = {
    {.id = "ors",
     .name = "Outcome Rating Scale",
     .year = 2003,
     .family = "ors",
     .perspective = perspective::client,
     .key = &instruments::ors,
     .usable = key_use::all,
     .n_items = 4,
     .verification = verification::verified,
     .provenance = {.n_items = verification::verified,
                    .scale = verification::verified,
                    .reversed = verification::verified,
                    .subscales = verification::verified},
     .caveat = "The cut-offs and the reliable change that circulate could not be confirmed and are left out. A low "
               "score is bad, unlike the symptom scales.",
     .licence = "copyrighted; free paper licence for individual practitioners, others need a licence",
     .licence_kind = licence_class::permission,
     .licence_provenance = verification::verified,
     .measures = "outcome",
     .sources =
         "Miller, S. D., Duncan, B. L., Brown, J., Sparks, J. A., & Claud, D. A. (2003). The Outcome Rating "
         "Scale. Journal of Brief Therapy, 2, 91-100\n"
         "CamCOPS, source code and documentation, https://github.com/ucam-department-of-psychiatry/camcops\n"
         "Miller et al. (2003), Journal of Brief Therapy 2, 91-100, first page, "
         "http://www.slideshare.net/barrylduncan/outcome-rating-scale-ors\n"
         "CORC on the ORS and CORS, "
         "https://corc.uk.net/outcome-experience-measures/outcome-rating-scale-ors-child-outcome-rating-scale-cors"},
    {.id = "phq-9",
     .name = "Patient Health Questionnaire-9",
     .year = 2001,
     .family = "phq",
     .perspective = perspective::client,
     .key = &instruments::phq_9,
     .usable = key_use::all,
     .n_items = 9,
     .verification = verification::verified,
     .provenance = {.n_items = verification::verified,
                    .scale = verification::verified,
                    .reversed = verification::verified,
                    .subscales = verification::verified,
                    .bands = verification::verified,
                    .cutoffs = verification::single_source},
     .caveat = "Item 9 asks for thoughts of death or self-harm: it is shown whenever it is endorsed, whatever else "
               "is missing. The rule for two blanks that is often quoted could not be confirmed; incomplete forms "
               "have no total. Bands are published for whole numbers; here each reaches up to the next, so that a "
               "prorated score has one. A tenth question on difficulty is not scored.",
     .licence = "free; no permission needed",
     .licence_kind = licence_class::free,
     .licence_provenance = verification::verified,
     .measures = "outcome",
     .sources = "Kroenke, K., Spitzer, R. L., & Williams, J. B. W. (2001). The PHQ-9: Validity of a brief depression "
                "severity measure. Journal of General Internal Medicine, 16, 606-613, doi "
                "10.1046/j.1525-1497.2001.016009606.x\n"
                "CamCOPS, source code and documentation, https://github.com/ucam-department-of-psychiatry/camcops\n"
                "awell-score, source code and documentation, https://github.com/awell-health/awell-score",
     .doi = "10.1046/j.1525-1497.2001.016009606.x"},
    {.id = "gad-7",
     .name = "Generalized Anxiety Disorder-7",
     .year = 2006,
     .family = "gad",
     .perspective = perspective::client,
     .key = &instruments::gad_7,
     .usable = key_use::all,
     .n_items = 7,
     .verification = verification::verified,
     .provenance = {.n_items = verification::verified,
                    .scale = verification::verified,
                    .reversed = verification::verified,
                    .subscales = verification::verified,
                    .bands = verification::verified,
                    .cutoffs = verification::single_source},
     .caveat = "Many copies misprint the first answer; the codes are 0 to 3 all the same. Bands are published for "
               "whole numbers; here each reaches up to the next, so that a prorated score has one.",
     .licence = "free; no permission needed",
     .licence_kind = licence_class::free,
     .licence_provenance = verification::verified,
     .measures = "outcome",
     .sources = "Spitzer, R. L., Kroenke, K., Williams, J. B. W., & Lowe, B. (2006). A brief measure for assessing "
                "generalized anxiety disorder: The GAD-7. Archives of Internal Medicine, 166, 1092-1097, doi "
                "10.1001/archinte.166.10.1092\n"
                "CamCOPS, source code and documentation, https://github.com/ucam-department-of-psychiatry/camcops\n"
                "awell-score, source code and documentation, https://github.com/awell-health/awell-score",
     .doi = "10.1001/archinte.166.10.1092"},
    {.id = "core-10",
     .name = "CORE-10",
     .year = 2013,
     .family = "core-10",
     .perspective = perspective::client,
     .key = &instruments::core_10,
     .usable = key_use::all,
     .n_items = 10,
     .verification = verification::verified,
     .provenance = {.n_items = verification::verified,
                    .scale = verification::verified,
                    .reversed = verification::verified,
                    .subscales = verification::verified,
                    .missing = verification::single_source,
                    .bands = verification::single_source,
                    .cutoffs = verification::verified,
                    .norms = verification::single_source,
                    .reliability = verification::verified},
     .caveat = "The published formula is ten times the mean of the answered items. How many blanks it bears could "
               "not be read: one is allowed here, as a caution. One public program returns 0, healthy, for an empty "
               "form. Here an empty form has no score. The reliable change of 6 belongs to a 90 % interval, not to "
               "95 %. Whether 13 itself counts for depression differs between sources. Bands are published for whole"
               " numbers; here each reaches up to the next, so that a prorated score has one.",
     .licence = "free if unchanged; sources disagree whether commercial use is allowed (CC BY-ND or CC BY-NC-ND)",
     .licence_kind = licence_class::free_restricted,
     .licence_provenance = verification::single_source,
     .measures = "outcome",
     .sources =
         "Barkham, M., Bewick, B., Mullin, T., et al. (2013). The CORE-10: A short measure of psychological "
         "distress for routine use in the psychological therapies. Counselling and Psychotherapy Research, 13,"
         " 3-13, doi 10.1080/14733145.2012.729069\n"
         "CamCOPS, source code and documentation, https://github.com/ucam-department-of-psychiatry/camcops\n"
         "Barkham et al. (2013), abstract: cut-offs 11 and 13, reliable change 6 (90 %), alpha .90, doi "
         "10.1080/14733145.2012.729069\n"
         "NovoPsych on the CORE-10: cut-offs, norms, "
         "https://novopsych.com.au/assessments/outcome-monitoring/clinical-outcomes-in-routine-evaluation-10-core-10/"
         "\n"
         "a public page with CORE-10 bands, https://helpineedsomebody.org/c-o-r-e-10-results/\n"
         "an encyclopaedia on the CORE-OM's copyright, http://chaos.owiki.org/wiki/CORE-OM\n"
         "measurely.com.au on the CORE-10: no score with too many blanks, "
         "https://measurely.com.au/outcome-measures/clinical-outcomes-in-routine-evaluation-10",
     .doi = "10.1080/14733145.2012.729069",
     .norms = norms_of_core_10,
     .reliability = reliability_of_core_10,
     .reliable_change = change_of_core_10},
    {.id = "core-om",
     .name = "CORE Outcome Measure",
     .year = 2002,
     .family = "core-om",
     .perspective = perspective::client,
     .key = &instruments::core_om,
     .usable = key_use::all,
     .n_items = 34,
     .verification = verification::verified,
     .provenance = {.n_items = verification::verified,
                    .scale = verification::verified,
                    .reversed = verification::verified,
                    .subscales = verification::verified,
                    .missing = verification::single_source,
                    .norms = verification::single_source},
     .caveat = "One public scoring library reverses nine items instead of eight: item 30 is negative and counts as "
               "it stands. The total is the mean, 0 to 4; `clinical` is ten times that. At most 3 of 34 may be "
               "missing, by one source. For the parts the same share is used, rounded down: 1 of 12, 2 of 28, none "
               "of 4 or 6. The cut-offs and the reliable change that circulate could not be confirmed and are left "
               "out.",
     .licence = "free if unchanged; sources disagree whether commercial use is allowed (CC BY-ND or CC BY-NC-ND)",
     .licence_kind = licence_class::free_restricted,
     .licence_provenance = verification::single_source,
     .measures = "outcome",
     .sources = "Evans, C., Connell, J., Barkham, M., et al. (2002). Towards a standardised brief outcome measure: "
                "Psychometric properties and utility of the CORE-OM. British Journal of Psychiatry, 180, 51-60, doi "
                "10.1192/bjp.180.1.51\n"
                "alkaest2002/mpa, data file of the CORE-OM: eight reversed items, at most three blanks, norms by "
                "gender, https://github.com/alkaest2002/mpa\n"
                "a public data file with the mark of every option of the CORE-OM\n"
                "awell-score, source code and documentation, https://github.com/awell-health/awell-score\n"
                "a public copy of the CORE-OM with values per option, items 1 to 30, "
                "https://scales.arabpsychology.com/s/clinical-outcomes-in-routine-evaluation-core-om/\n"
                "SOCAS resource hub: mean over the completed items, times ten, "
                "https://socasresourcehub.com/section-5b/5b-1-scoring-the-core-outcome-measure/\n"
                "CamCOPS, source code and documentation, https://github.com/ucam-department-of-psychiatry/camcops\n"
                "an encyclopaedia on the CORE-OM's copyright, http://chaos.owiki.org/wiki/CORE-OM",
     .doi = "10.1192/bjp.180.1.51",
     .norms = norms_of_core_om},
    {.id = "oq-45.2",
     .name = "Outcome Questionnaire 45.2",
     .year = 1996,
     .family = "oq",
     .perspective = perspective::client,
     .key = &instruments::oq_45_2,
     .usable = key_use::total,
     .n_items = 45,
     .verification = verification::verified,
     .provenance = {.n_items = verification::verified,
                    .scale = verification::verified,
                    .reversed = verification::verified,
                    .missing = verification::single_source},
     .caveat = "Only the total is established; which items form the three subscales is not. The published rule for "
               "blanks works within subscales and cannot be used here: an incomplete form has no total.",
     .licence = "proprietary (OQ Measures); a licence is said to be needed",
     .licence_kind = licence_class::commercial,
     .licence_provenance = verification::unverified,
     .measures = "outcome",
     .sources = "Lambert, M. J., Hansen, N. B., Umphress, V., et al. (1996). Administration and scoring manual for "
                "the OQ-45.2. OQ Measures\n"
                "roqua/quby_engine, source code of the OQ-45: reversed items, https://github.com/roqua/quby_engine\n"
                "a scoring sheet of the OQ-45: reversed items, rule for blanks, reliable change 14, "
                "https://vi.scribd.com/document/357559782/OQ45-Scoring-doc\n"
                "an encyclopaedia on the OQ-45, "
                "https://a.osmarks.net/content/wikipedia_en_all_maxi_2020-08/A/Outcome_Questionnaire_45",
     .reliable_change = change_of_oq_45_2},
    {.id = "bdi-ii",
     .name = "Beck Depression Inventory II",
     .year = 1996,
     .family = "bdi",
     .perspective = perspective::client,
     .key = &instruments::bdi_ii,
     .usable = key_use::all,
     .n_items = 21,
     .verification = verification::verified,
     .provenance = {.n_items = verification::verified,
                    .scale = verification::verified,
                    .reversed = verification::verified,
                    .subscales = verification::verified,
                    .bands = verification::verified},
     .caveat = "Item 9 asks for suicidal thoughts: it is shown whenever it is endorsed. Bands are published for "
               "whole numbers; here each reaches up to the next, so that a prorated score has one.",
     .licence = "commercial (Pearson); use it only under a licence of your own",
     .licence_kind = licence_class::commercial,
     .licence_provenance = verification::single_source,
     .measures = "outcome",
     .sources = "Beck, A. T., Steer, R. A., & Brown, G. K. (1996). Manual for the Beck Depression Inventory-II. "
                "Psychological Corporation\n"
                "awell-score, source code and documentation, https://github.com/awell-health/awell-score\n"
                "CamCOPS, source code and documentation, https://github.com/ucam-department-of-psychiatry/camcops"},
    {.id = "who-5",
     .name = "WHO-5 Well-Being Index",
     .year = 1998,
     .family = "who-5",
     .perspective = perspective::client,
     .key = &instruments::who_5,
     .usable = key_use::all,
     .n_items = 5,
     .verification = verification::single_source,
     .provenance = {.n_items = verification::single_source,
                    .scale = verification::single_source,
                    .reversed = verification::single_source,
                    .subscales = verification::single_source,
                    .missing = verification::single_source,
                    .cutoffs = verification::single_source},
     .caveat = "The total is the raw sum, 0 to 25; `percentage` is four times that. Below 50 percent by the one "
               "source read; elsewhere 50 itself is included.",
     .licence = "copyright WHO 2024, CC BY-NC-SA 3.0 IGO; commercial use needs the WHO",
     .licence_kind = licence_class::free_restricted,
     .licence_provenance = verification::single_source,
     .measures = "outcome",
     .sources = "World Health Organization (1998; 2024); Topp, C. W., Ostergaard, S. D., Sondergaard, S., & Bech, P. "
                "(2015). The WHO-5 Well-Being Index: A systematic review of the literature. Psychotherapy and "
                "Psychosomatics, 84, 167-176, doi 10.1159/000376585\n"
                "awell-score, source code and documentation, https://github.com/awell-health/awell-score",
     .doi = "10.1159/000376585"},
    {.id = "k10",
     .name = "Kessler Psychological Distress Scale (K10)",
     .year = 2002,
     .family = "k10",
     .perspective = perspective::client,
     .key = &instruments::k10,
     .usable = key_use::all,
     .n_items = 10,
     .verification = verification::verified,
     .provenance = {.n_items = verification::verified,
                    .scale = verification::verified,
                    .reversed = verification::verified,
                    .subscales = verification::verified,
                    .bands = verification::verified},
     .caveat = "Two systems of bands exist and disagree: name the one that is used. The bands of the total are those"
               " of the Australian Bureau of Statistics; `crufad` is the same total with the bands for general "
               "practice. Coded 1 to 5 here; American data are coded 0 to 4, and one Australian survey file is "
               "reversed. Bands are published for whole numbers; here each reaches up to the next, so that a "
               "prorated score has one.",
     .licence = "said to be free",
     .licence_kind = licence_class::free,
     .licence_provenance = verification::unverified,
     .measures = "outcome",
     .sources = "Kessler, R. C., Andrews, G., Colpe, L. J., et al. (2002). Short screening scales to monitor "
                "population prevalences and trends in non-specific psychological distress. Psychological Medicine, "
                "32, 959-976, doi 10.1017/S0033291702006074\n"
                "Australian Bureau of Statistics, 4817.0.55.001, K10 scoring, "
                "http://abs.gov.au/ausstats/abs@.nsf/Lookup/34333D54F054CE51CA2579D50015D786\n"
                "dqref on the K10: the bands for general practice, https://dqref.com/contents/k-10.html",
     .doi = "10.1017/S0033291702006074"},
    {.id = "dass-21",
     .name = "Depression Anxiety Stress Scales (21 items)",
     .year = 1995,
     .family = "dass",
     .perspective = perspective::client,
     .key = &instruments::dass_21,
     .usable = key_use::all,
     .n_items = 21,
     .verification = verification::verified,
     .provenance = {.n_items = verification::verified,
                    .scale = verification::verified,
                    .reversed = verification::verified,
                    .subscales = verification::verified,
                    .bands = verification::single_source},
     .caveat = "Scores are doubled, and the bands belong to the doubled scores. Applying them to plain sums is the "
               "commonest error. One public app exchanges the labels of depression and anxiety. The bands of anxiety"
               " rest on one source. There is no total. Bands are published for whole numbers; here each reaches up "
               "to the next, so that a prorated score has one.",
     .licence = "questionnaire in the public domain; the manual is sold",
     .licence_kind = licence_class::free,
     .licence_provenance = verification::single_source,
     .measures = "outcome",
     .sources = "Lovibond, S. H., & Lovibond, P. F. (1995). Manual for the Depression Anxiety Stress Scales. "
                "Psychology Foundation\n"
                "four public DASS-21 scoring programs with the same key\n"
                "two public programs with the DASS bands, for the doubled scores"},
    {.id = "swls",
     .name = "Satisfaction With Life Scale",
     .year = 1985,
     .family = "swls",
     .perspective = perspective::client,
     .key = &instruments::swls,
     .usable = key_use::all,
     .n_items = 5,
     .verification = verification::verified,
     .provenance = {.n_items = verification::verified,
                    .scale = verification::verified,
                    .reversed = verification::verified,
                    .subscales = verification::verified,
                    .bands = verification::verified},
     .caveat = "The bands are those of Diener (2006). A second system with seven bands is often quoted; it could not"
               " be confirmed and differs above 20. Bands are published for whole numbers; here each reaches up to "
               "the next, so that a prorated score has one.",
     .licence = "said to be free with citation",
     .licence_kind = licence_class::free,
     .licence_provenance = verification::unverified,
     .measures = "outcome",
     .sources = "Diener, E., Emmons, R. A., Larsen, R. J., & Griffin, S. (1985). The Satisfaction With Life Scale. "
                "Journal of Personality Assessment, 49, 71-75, doi 10.1207/s15327752jpa4901_13\n"
                "two public SWLS scoring programs with the same six bands",
     .doi = "10.1207/s15327752jpa4901_13"},
};

}  // namespace rapport::instruments::detail
