// SPDX-License-Identifier: BSL-1.0
// Facts about instruments: where each key comes from, how sure it is, who owns it, norms, reliability.
// Made by docs/instruments/generate.py from docs/instruments/catalogue.json; change that.
#pragma once

#include <rapport/instruments/catalogue_entry.hpp>

namespace rapport::instruments::detail {

inline constexpr published_reliability reliability_of_calpas_p[] = {
    {"four scales", "alpha", "patients in private practice", 147, 0.43, 0.73, verification::single_source},
    {"total", "alpha", "patients in private practice", 147, 0.83, 0.83, verification::single_source},
};

inline constexpr published_reliability reliability_of_ans[] = {
    {"total", "alpha", "Portuguese patients", 120, 0.82, 0.82, verification::single_source},
    {"total", "alpha", "Argentine patients", 147, 0.78, 0.78, verification::single_source},
};

inline constexpr catalogue_entry more_alliance_entries[] = {
    {.id = "br-wai",
     .name = "Brief Revised Working Alliance Inventory",
     .year = 2016,
     .family = "br-wai",
     .perspective = perspective::client,
     .usable = key_use::none,
     .n_items = 16,
     .has_range = true,
     .min = 1,
     .max = 5,
     .verification = verification::unverified,
     .provenance = {.n_items = verification::single_source, .scale = verification::single_source},
     .caveat = "Reversed items come from one weak page, the items of the two scales were not found.",
     .licence = "copyrighted; permission through the Society for Psychotherapy Research",
     .licence_kind = licence_class::permission,
     .licence_provenance = verification::verified,
     .measures = "alliance",
     .sources = "Mallinckrodt, B., & Tekie, Y. T. (2016). Item response theory analysis of Working Alliance "
                "Inventory, revised response format, and new Brief Alliance Inventory. Psychotherapy Research, 26, "
                "694-718\n"
                "Mallinckrodt & Tekie, manuscript: 16 items, two scales of eight, "
                "https://pdfcoffee.com/working-alliance-inventory-pdf-free.html\n"
                "a question-and-answer page on scoring the brief revised WAI (weak), "
                "https://www.kyoto2.org/how-do-you-score-the-working-alliance-inventory/"},
    {.id = "haq-i",
     .name = "Helping Alliance Questionnaire (HAq-I, 11 items)",
     .year = 1983,
     .family = "haq-i",
     .perspective = perspective::client,
     .usable = key_use::none,
     .n_items = 11,
     .verification = verification::unverified,
     .provenance = {.n_items = verification::verified, .reversed = verification::verified},
     .caveat = "Four points in one source, six elsewhere: the range is disputed. Its two types have no established "
               "items.",
     .licence = "said to be free, copyright kept",
     .licence_kind = licence_class::free_restricted,
     .licence_provenance = verification::unverified,
     .measures = "alliance",
     .sources = "Luborsky, L., et al. (1983); Alexander, L. B., & Luborsky, L. (1986). The Penn Helping Alliance "
                "Scales\n"
                "NIDA Data Share: the 11-item form on four points; five of the new items of the HAq-II are negative, "
                "https://datashare.nida.nih.gov/instrument/helping-alliance-questionnaire\n"
                "wongpakaran.com on the HAq-I: 11 items, four points, "
                "https://www.wongpakaran.com/index.php?Id=2147690015&ac=article&lay=show"},
    {.id = "calpas-p",
     .name = "California Psychotherapy Alliance Scales, patient form",
     .year = 1991,
     .family = "calpas",
     .perspective = perspective::client,
     .usable = key_use::none,
     .n_items = 24,
     .verification = verification::unverified,
     .provenance = {.n_items = verification::verified, .reliability = verification::single_source},
     .caveat = "Which item belongs to which of the four scales, and which are reversed, was not found. The published"
               " alphas are low: print them beside any scale score.",
     .licence = "copyrighted; ask the authors",
     .licence_kind = licence_class::permission,
     .licence_provenance = verification::unverified,
     .measures = "alliance first-invested",
     .sources = "Gaston, L. (1991). Reliability and criterion-related validity of the California Psychotherapy "
                "Alliance Scales - Patient version. Psychological Assessment, 3, 68-74, doi 10.1037/1040-3590.3.1.68\n"
                "Gaston (1991), abstract: 24 items; alpha .43 to .73, total .83, "
                "https://www.researchgate.net/publication/232521877",
     .doi = "10.1037/1040-3590.3.1.68",
     .reliability = reliability_of_calpas_p},
    {.id = "calpas-t",
     .name = "California Psychotherapy Alliance Scales, therapist form",
     .year = 1994,
     .family = "calpas",
     .perspective = perspective::therapist,
     .usable = key_use::none,
     .verification = verification::unverified,
     .caveat = "The key was not found.",
     .licence = "copyrighted; ask the authors",
     .licence_kind = licence_class::permission,
     .licence_provenance = verification::unverified,
     .measures = "alliance",
     .sources = "Gaston, L., & Marmar, C. R. (1994). The California Psychotherapy Alliance Scales\n"
                "Gaston (1991), abstract: 24 items; alpha .43 to .73, total .83, "
                "https://www.researchgate.net/publication/232521877"},
    {.id = "arm-28",
     .name = "Agnew Relationship Measure (28 items)",
     .year = 1998,
     .family = "arm",
     .perspective = perspective::client,
     .usable = key_use::none,
     .n_items = 28,
     .has_range = true,
     .min = 1,
     .max = 7,
     .verification = verification::unverified,
     .provenance = {.n_items = verification::single_source, .scale = verification::single_source},
     .caveat = "Five scales are named, their items were not found. The scale of client initiative has a low internal"
               " consistency.",
     .licence = "said to be free with acknowledgement",
     .licence_kind = licence_class::free_restricted,
     .licence_provenance = verification::unverified,
     .measures = "alliance",
     .sources = "Agnew-Davies, R., Stiles, W. B., Hardy, G. E., Barkham, M., & Shapiro, D. A. (1998). Alliance "
                "structure assessed by the Agnew Relationship Measure (ARM). British Journal of Clinical Psychology, "
                "37, 155-172, doi 10.1111/j.2044-8260.1998.tb01291.x\n"
                "Agnew-Davies et al. (1998), abstract: five scales; 95 clients, 1120 sessions, doi "
                "10.1111/j.2044-8260.1998.tb01291.x\n"
                "Mentalyc on the ARM-5: bond, partnership, confidence, "
                "https://www.mentalyc.com/blog/agnew-relationship-measure-5",
     .doi = "10.1111/j.2044-8260.1998.tb01291.x"},
    {.id = "arm-12",
     .name = "Agnew Relationship Measure, short form (ARM-12)",
     .year = 2012,
     .family = "arm",
     .perspective = perspective::client,
     .usable = key_use::none,
     .has_range = true,
     .min = 1,
     .max = 7,
     .verification = verification::unverified,
     .provenance = {.scale = verification::single_source},
     .caveat = "The key was not found.",
     .licence = "said to be free",
     .licence_kind = licence_class::free_restricted,
     .licence_provenance = verification::unverified,
     .measures = "alliance",
     .sources = "Cahill, J., Stiles, W. B., Barkham, M., et al. (2012). Two short forms of the Agnew Relationship "
                "Measure: The ARM-5 and ARM-12. Psychotherapy Research, 22, 241-255\n"
                "Agnew-Davies et al. (1998), abstract: five scales; 95 clients, 1120 sessions, doi "
                "10.1111/j.2044-8260.1998.tb01291.x"},
    {.id = "ans",
     .name = "Alliance Negotiation Scale",
     .year = 2012,
     .family = "ans",
     .perspective = perspective::client,
     .usable = key_use::none,
     .n_items = 12,
     .verification = verification::unverified,
     .provenance = {.n_items = verification::verified, .reliability = verification::single_source},
     .caveat = "Two factors in the original and in Argentina, one in a Portuguese therapist form; neither items nor "
               "reversals were found.",
     .licence = "ask the authors",
     .licence_kind = licence_class::permission,
     .licence_provenance = verification::unverified,
     .measures = "alliance rupture",
     .sources = "Doran, J. M., Safran, J. D., Waizmann, V., Bolger, K., & Muran, J. C. (2012). The Alliance "
                "Negotiation Scale. Psychotherapy Research, 22, 710-719\n"
                "Portuguese adaptation of the ANS, abstract, "
                "https://www.researchinpsychotherapy.org/index.php/rpsy/article/view/349\n"
                "Argentine version of the ANS, abstract, http://revistaclinicapsicologica.com/resumen.php?idt=287",
     .reliability = reliability_of_ans},
    {.id = "gq-30",
     .name = "Group Questionnaire",
     .year = 2013,
     .family = "gq",
     .perspective = perspective::client,
     .usable = key_use::none,
     .verification = verification::unverified,
     .caveat = "Nothing about the form could be read.",
     .licence = "ask the authors",
     .licence_kind = licence_class::unknown,
     .licence_provenance = verification::unverified,
     .measures = "alliance",
     .sources = "Krogel, J., Burlingame, G. M., et al. (2013). The Group Questionnaire: A clinical and empirically "
                "derived measure of group relationship. Psychotherapy Research, 23, 344-354"},
    {.id = "casf-r",
     .name = "Combined Alliance Short Form",
     .year = 2003,
     .family = "casf",
     .perspective = perspective::client,
     .usable = key_use::none,
     .verification = verification::unverified,
     .caveat = "Nothing about the form could be read.",
     .licence = "ask the authors",
     .licence_kind = licence_class::unknown,
     .licence_provenance = verification::unverified,
     .measures = "alliance",
     .sources = "Hatcher, R. L. (1999); Hatcher, R. L., & Barends, A. W. (1996)"},
    {.id = "tbs",
     .name = "Therapeutic Bond Scales",
     .year = 1989,
     .family = "tbs",
     .perspective = perspective::client,
     .usable = key_use::none,
     .verification = verification::unverified,
     .caveat = "Nothing about the form could be read.",
     .licence = "ask the authors",
     .licence_kind = licence_class::unknown,
     .licence_provenance = verification::unverified,
     .measures = "alliance",
     .sources = "Saunders, S. M., Howard, K. I., & Orlinsky, D. E. (1989). The Therapeutic Bond Scales: Psychometric "
                "characteristics and relationship to treatment effectiveness. Psychological Assessment, 1, 323-330, "
                "doi 10.1037/1040-3590.1.4.323",
     .doi = "10.1037/1040-3590.1.4.323"},
    {.id = "ctas-r",
     .name = "Couple Therapy Alliance Scale - Revised",
     .year = 2008,
     .family = "ctas",
     .perspective = perspective::client,
     .usable = key_use::none,
     .verification = verification::unverified,
     .caveat = "Nothing about the form could be read.",
     .licence = "ask the authors",
     .licence_kind = licence_class::unknown,
     .licence_provenance = verification::unverified,
     .measures = "alliance",
     .sources = "Pinsof, W. M., Zinbarg, R., & Knobloch-Fedders, L. M. (2008). Factorial and construct validity of "
                "the revised short form Integrative Psychotherapy Alliance Scales for family, couple, and individual "
                "therapy. Family Process, 47, 281-301"},
    {.id = "ipas",
     .name = "Integrative Psychotherapy Alliance Scales",
     .year = 1986,
     .family = "ipas",
     .perspective = perspective::client,
     .usable = key_use::none,
     .verification = verification::unverified,
     .caveat = "Nothing about the form could be read.",
     .licence = "ask the authors",
     .licence_kind = licence_class::unknown,
     .licence_provenance = verification::unverified,
     .measures = "alliance",
     .sources = "Pinsof, W. M., & Catherall, D. R. (1986). The integrative psychotherapy alliance"},
    {.id = "softa-s",
     .name = "System for Observing Family Therapy Alliances, self-report",
     .year = 2006,
     .family = "softa",
     .perspective = perspective::client,
     .usable = key_use::none,
     .verification = verification::unverified,
     .caveat = "Nothing about the form could be read.",
     .licence = "ask the authors",
     .licence_kind = licence_class::unknown,
     .licence_provenance = verification::unverified,
     .measures = "alliance",
     .sources = "Friedlander, M. L., Escudero, V., & Heatherington, L. (2006). Therapeutic alliances in couple and "
                "family therapy. American Psychological Association"},
};

}  // namespace rapport::instruments::detail
