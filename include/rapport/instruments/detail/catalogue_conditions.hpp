// SPDX-License-Identifier: BSL-1.0
// Facts about instruments: where each key comes from, how sure it is, who owns it, norms, reliability.
// Made by docs/instruments/generate.py from docs/instruments/catalogue.json; change that.
#pragma once

#include <rapport/instruments/care.hpp>
#include <rapport/instruments/catalogue_entry.hpp>

namespace rapport::instruments::detail {

inline constexpr published_reliability reliability_of_rri_c[] = {
    {"total", "omega", "adults in psychotherapy, United States", 700, 0.97, 0.97, verification::single_source},
};

inline constexpr published_reliability reliability_of_rri_c_12[] = {
    {"total", "omega", "adults in psychotherapy, United States", 700, 0.95, 0.95, verification::single_source},
};

inline constexpr published_reliability reliability_of_rri_c_sf8[] = {
    {"total", "alpha", "two samples, n = 700 and 434", 700, 0.91, 0.91, verification::single_source},
};

inline constexpr published_reliability reliability_of__3rs[] = {
    {"frequencies", "icc", "sessions of cognitive-behavioural therapy", 42, 0.85, 0.98, verification::single_source},
};

inline constexpr catalogue_entry conditions_entries[] = {
    {.id = "blri-64",
     .name = "Barrett-Lennard Relationship Inventory, 64-item form",
     .year = 1964,
     .family = "blri",
     .perspective = perspective::client,
     .usable = key_use::none,
     .has_range = true,
     .min = -3,
     .max = 3,
     .verification = verification::unverified,
     .provenance = {.scale = verification::single_source},
     .caveat = "Answers are -3, -2, -1, 1, 2, 3: a 0 is not legal, and a reversed item changes its sign. Which items"
               " belong to which scale, and which are negative, is not established here.",
     .licence = "copyrighted; permission needed",
     .licence_kind = licence_class::permission,
     .licence_provenance = verification::unverified,
     .measures = "empathy regard congruence first-understood first-present",
     .sources = "Barrett-Lennard, G. T. (2015). The Relationship Inventory: A complete resource and guide. Wiley\n"
                "Freire & Grafanaki, chapter extract: four scales, six points from -3 to +3 without 0, "
                "http://psychspace.com/psych/viewnews-10655"},
    {.id = "blri-40",
     .name = "Barrett-Lennard Relationship Inventory, 40-item form",
     .year = 1978,
     .family = "blri",
     .perspective = perspective::client,
     .usable = key_use::none,
     .has_range = true,
     .min = -3,
     .max = 3,
     .verification = verification::unverified,
     .provenance = {.scale = verification::single_source},
     .caveat = "Answers are -3, -2, -1, 1, 2, 3: a 0 is not legal, and a reversed item changes its sign. Which items"
               " belong to which scale, and which are negative, is not established here.",
     .licence = "copyrighted; permission needed",
     .licence_kind = licence_class::permission,
     .licence_provenance = verification::unverified,
     .measures = "empathy regard congruence first-understood first-present",
     .sources = "Barrett-Lennard, G. T. (2015). The Relationship Inventory: A complete resource and guide. Wiley\n"
                "Freire & Grafanaki, chapter extract: four scales, six points from -3 to +3 without 0, "
                "http://psychspace.com/psych/viewnews-10655"},
    {.id = "blri-30",
     .name = "Barrett-Lennard Relationship Inventory, 30-item form",
     .year = 1978,
     .family = "blri",
     .perspective = perspective::client,
     .usable = key_use::none,
     .has_range = true,
     .min = -3,
     .max = 3,
     .verification = verification::unverified,
     .provenance = {.scale = verification::single_source},
     .caveat = "Answers are -3, -2, -1, 1, 2, 3: a 0 is not legal, and a reversed item changes its sign. Which items"
               " belong to which scale, and which are negative, is not established here.",
     .licence = "copyrighted; permission needed",
     .licence_kind = licence_class::permission,
     .licence_provenance = verification::unverified,
     .measures = "empathy regard congruence first-understood first-present",
     .sources = "Barrett-Lennard, G. T. (2015). The Relationship Inventory: A complete resource and guide. Wiley\n"
                "Freire & Grafanaki, chapter extract: four scales, six points from -3 to +3 without 0, "
                "http://psychspace.com/psych/viewnews-10655"},
    {.id = "chs",
     .name = "Cultural Humility Scale",
     .year = 2013,
     .family = "chs",
     .perspective = perspective::client,
     .usable = key_use::none,
     .n_items = 12,
     .verification = verification::unverified,
     .provenance = {.n_items = verification::verified},
     .caveat = "Two lists of negative items circulate and contradict each other; neither is supported by a copy of "
               "the form.",
     .licence = "copyrighted by the APA; ask",
     .licence_kind = licence_class::permission,
     .licence_provenance = verification::unverified,
     .measures = "cultural-humility",
     .sources = "Hook, J. N., Davis, D. E., Owen, J., Worthington, E. L., & Utsey, S. O. (2013). Cultural humility: "
                "Measuring openness to culturally diverse clients. Journal of Counseling Psychology, 60, 353-366, doi"
                " 10.1037/a0032595\n"
                "radical-humility.com, measures of cultural humility: 12 items, two facets, "
                "https://radical-humility.com/?p=757\n"
                "Hook et al. (2013), first page, doi 10.1037/a0032595",
     .doi = "10.1037/a0032595"},
    {.id = "rri-c",
     .name = "Real Relationship Inventory - Client (24 items)",
     .year = 2010,
     .family = "rri",
     .perspective = perspective::client,
     .usable = key_use::none,
     .n_items = 24,
     .verification = verification::unverified,
     .provenance = {.n_items = verification::verified, .reliability = verification::single_source},
     .caveat = "Two scales of twelve, genuineness and realism; their items were not found. Correlates .68 with the "
               "WAI: report the overlap.",
     .licence = "copyrighted; permission needed",
     .licence_kind = licence_class::permission,
     .licence_provenance = verification::unverified,
     .measures = "real-relationship congruence first-present",
     .sources = "Kelley, F. A., Gelso, C. J., Fuertes, J. N., Marmarosh, C., & Lanier, S. H. (2010). The Real "
                "Relationship Inventory: Development and psychometric investigation of the client form. "
                "Psychotherapy, 47, 540-553\n"
                "Stefana et al., 24- and 12-item RRI-C, abstract, "
                "https://stage.medifind.com/articles/publication/544257966",
     .reliability = reliability_of_rri_c},
    {.id = "rri-c-12",
     .name = "Real Relationship Inventory - Client, 12-item form",
     .year = 2014,
     .family = "rri",
     .perspective = perspective::client,
     .usable = key_use::none,
     .n_items = 12,
     .verification = verification::unverified,
     .provenance = {.n_items = verification::verified, .reliability = verification::single_source},
     .caveat = "The key was not found.",
     .licence = "copyrighted; permission needed",
     .licence_kind = licence_class::permission,
     .licence_provenance = verification::unverified,
     .measures = "real-relationship congruence first-present",
     .sources = "Hill, C. E., et al. (2014), brief form\n"
                "Stefana et al., 24- and 12-item RRI-C, abstract, "
                "https://stage.medifind.com/articles/publication/544257966",
     .reliability = reliability_of_rri_c_12},
    {.id = "rri-c-sf8",
     .name = "Real Relationship Inventory - Client, short form (8 items)",
     .year = 2025,
     .family = "rri",
     .perspective = perspective::client,
     .usable = key_use::none,
     .n_items = 8,
     .verification = verification::unverified,
     .provenance = {.n_items = verification::verified, .reliability = verification::single_source},
     .caveat = "The structure is known, the item numbers are not. Two versions of the abstract exchange the alphas "
               "of the two scales (.86 and .87).",
     .licence = "copyrighted; permission needed",
     .licence_kind = licence_class::permission,
     .licence_provenance = verification::unverified,
     .measures = "real-relationship congruence first-present",
     .sources = "Stefana, A., Fusar-Poli, P., Vieta, E., Gelso, C. J., & Youngstrom, E. A. (2025). Psychotherapy "
                "Research, 35, 395-411, doi 10.1080/10503307.2024.2320331\n"
                "Stefana et al. (2025), 8-item RRI-C, abstract, doi 10.1080/10503307.2024.2320331",
     .doi = "10.1080/10503307.2024.2320331",
     .reliability = reliability_of_rri_c_sf8},
    {.id = "rri-t",
     .name = "Real Relationship Inventory - Therapist",
     .year = 2005,
     .family = "rri",
     .perspective = perspective::therapist,
     .usable = key_use::none,
     .n_items = 24,
     .verification = verification::unverified,
     .provenance = {.n_items = verification::verified},
     .caveat = "The key was not found.",
     .licence = "copyrighted; permission needed",
     .licence_kind = licence_class::permission,
     .licence_provenance = verification::unverified,
     .measures = "real-relationship congruence",
     .sources = "Gelso, C. J., Kelley, F. A., Fuertes, J. N., et al. (2005). Measuring the real relationship in "
                "psychotherapy: Initial validation of the therapist form. Journal of Counseling Psychology, 52, "
                "640-649, doi 10.1037/0022-0167.52.4.640\n"
                "Gelso et al. (2005), abstract, doi 10.1037/0022-0167.52.4.640",
     .doi = "10.1037/0022-0167.52.4.640"},
    {.id = "psq-rupture",
     .name = "Post-Session Questionnaire, rupture items",
     .year = 1992,
     .family = "psq",
     .perspective = perspective::client,
     .usable = key_use::none,
     .verification = verification::unverified,
     .caveat = "Nothing about the form could be read.",
     .licence = "unpublished; ask the authors",
     .licence_kind = licence_class::permission,
     .licence_provenance = verification::unverified,
     .measures = "rupture",
     .sources = "Muran, J. C., Safran, J. D., Samstag, L. W., & Winston, A. (1992). Patient and therapist postsession"
                " questionnaires. Beth Israel Medical Center"},
    {.id = "rupture-resolution-scale",
     .name = "Rupture Resolution Scale",
     .year = 2000,
     .family = "rrs",
     .perspective = perspective::client,
     .usable = key_use::none,
     .verification = verification::unverified,
     .caveat = "Nothing about the form could be read.",
     .licence = "unpublished; ask the authors",
     .licence_kind = licence_class::permission,
     .licence_provenance = verification::unverified,
     .measures = "rupture",
     .sources = "Winkelman, E., Safran, J. D., & Muran, J. C. (unpublished)"},
    {.id = "3rs",
     .name = "Rupture Resolution Rating System",
     .year = 2015,
     .family = "3rs",
     .perspective = perspective::observer,
     .usable = key_use::none,
     .verification = verification::unverified,
     .provenance = {.reliability = verification::single_source},
     .caveat = "Observers count codes and rate sessions: it is no questionnaire, and no key of that kind exists.",
     .licence = "manual said to be free from the authors; training advised",
     .licence_kind = licence_class::free_restricted,
     .licence_provenance = verification::unverified,
     .measures = "rupture",
     .sources = "Eubanks, C. F., Muran, J. C., & Safran, J. D. (2015). Rupture Resolution Rating System manual; "
                "Eubanks, C. F., Lubitz, J., Muran, J. C., & Safran, J. D. (2019). Psychotherapy Research, 29, "
                "306-319\n"
                "Eubanks, Lubitz, Muran & Safran (2019), abstract, "
                "https://www.biocloudy.com/literatureDetail/ODM0NDA1OA==",
     .reliability = reliability_of__3rs},
    {.id = "care",
     .name = "Consultation and Relational Empathy (CARE) Measure",
     .year = 2004,
     .family = "care",
     .perspective = perspective::client,
     .key = &instruments::care,
     .usable = key_use::all,
     .n_items = 10,
     .verification = verification::verified,
     .provenance = {.n_items = verification::verified,
                    .scale = verification::verified,
                    .reversed = verification::verified,
                    .subscales = verification::verified,
                    .missing = verification::single_source},
     .caveat = "Up to two answers that are missing or do not apply are replaced by the mean of the rest; with more "
               "there is no score. About 50 forms are needed for a reliable mean of one clinician.",
     .licence = "free to use; copyright S. W. Mercer 2004",
     .licence_kind = licence_class::free,
     .licence_provenance = verification::verified,
     .measures = "empathy first-understood",
     .sources = "Mercer, S. W., Maxwell, M., Heaney, D., & Watt, G. C. M. (2004). The consultation and relational "
                "empathy (CARE) measure. Family Practice, 21, 699-705, doi 10.1093/fampra/cmh621\n"
                "notes on the CARE measure: up to two blanks are replaced by the mean of the rest, "
                "https://sites.google.com/site/empathytraininglitreview/measurements/care\n"
                "EMERGE, University of California San Diego, on CARE, https://emerge.ucsd.edu/r_3g8q7wolasi7cjn/\n"
                "Mercer et al. (2005), abstract: about 50 forms per clinician for a reliable mean, doi "
                "10.1093/fampra/cmh730",
     .doi = "10.1093/fampra/cmh621"},
    {.id = "tes",
     .name = "Therapist Empathy Scale (observer)",
     .year = 2014,
     .family = "tes",
     .perspective = perspective::observer,
     .usable = key_use::none,
     .verification = verification::unverified,
     .caveat = "Nothing about the form could be read.",
     .licence = "ask the authors",
     .licence_kind = licence_class::permission,
     .licence_provenance = verification::unverified,
     .measures = "empathy",
     .sources = "Decker, S. E., Nich, C., Carroll, K. M., & Martino, S. (2014). Development of the Therapist Empathy "
                "Scale. Behavioural and Cognitive Psychotherapy, 42, 339-354"},
};

}  // namespace rapport::instruments::detail
