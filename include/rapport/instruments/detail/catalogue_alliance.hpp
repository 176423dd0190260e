// SPDX-License-Identifier: BSL-1.0
// Facts about instruments: where each key comes from, how sure it is, who owns it, norms, reliability.
// Made by docs/instruments/generate.py from docs/instruments/catalogue.json; change that.
#pragma once

#include <rapport/instruments/arm.hpp>
#include <rapport/instruments/catalogue_entry.hpp>
#include <rapport/instruments/haq.hpp>
#include <rapport/instruments/sai.hpp>
#include <rapport/instruments/srs.hpp>
#include <rapport/instruments/tasc.hpp>

namespace rapport::instruments::detail {

inline constexpr published_reliability reliability_of_tasc_r[] = {
    {"total", "alpha", "adolescents", 0, 0.72, 0.74, verification::single_source},
};

inline constexpr catalogue_entry alliance_entries[] = {
    {.id = "sai-6",
     .name = "Session Alliance Inventory",
     .year = 2015,
     .family = "sai",
     .perspective = perspective::client,
     .key = &instruments::sai_6,
     .usable = key_use::all,
     .n_items = 6,
     .verification = verification::single_source,
     .provenance = {.n_items = verification::verified,
                    .scale = verification::single_source,
                    .reversed = verification::single_source,
                    .subscales = verification::single_source},
     .caveat = "Six options are seen in one source; that they are coded 0 to 5, not 1 to 6, is not confirmed there. "
               "Data coded 1 to 6 are refused only when a 6 occurs: check the coding first. One score, the mean of "
               "the six items.",
     .licence = "copyrighted; permission through the Society for Psychotherapy Research",
     .licence_kind = licence_class::permission,
     .licence_provenance = verification::verified,
     .measures = "alliance",
     .sources = "Falkenstrom, F., Hatcher, R. L., Skjulsvik, T., Larsson, M. H., & Holmqvist, R. (2015). Development "
                "and validation of a 6-item working alliance questionnaire for repeated administrations during "
                "psychotherapy. Psychological Assessment, 27, 169-183, doi 10.1037/pas0000038\n"
                "a public experiment script with the SAI: six items, six options, none reversed\n"
                "Falkenstrom et al. (2015), abstract: composite scores of all six items are supported, doi "
                "10.1037/pas0000038",
     .doi = "10.1037/pas0000038"},
    {.id = "srs-3",
     .name = "Session Rating Scale V.3.0",
     .year = 2003,
     .family = "srs",
     .perspective = perspective::client,
     .key = &instruments::srs_3,
     .usable = key_use::all,
     .n_items = 4,
     .verification = verification::verified,
     .provenance = {.n_items = verification::verified,
                    .scale = verification::verified,
                    .reversed = verification::verified,
                    .subscales = verification::verified,
                    .bands = verification::single_source,
                    .cutoffs = verification::single_source},
     .caveat = "Sources disagree whether exactly 36 of 40 already calls for a conversation: one says at or below 36,"
               " the manual is mostly quoted as below 36. The bands are published for whole numbers; here each "
               "reaches up to the next. It is four lines of 10 cm, not a scale of seven points.",
     .licence = "copyrighted; free paper licence for individual practitioners, others and all software need a licence",
     .licence_kind = licence_class::permission,
     .licence_provenance = verification::verified,
     .measures = "alliance first-feel first-understood",
     .sources = "Duncan, B. L., Miller, S. D., Sparks, J. A., et al. (2003). The Session Rating Scale: Preliminary "
                "psychometric properties of a working alliance measure. Journal of Brief Therapy, 3, 3-12\n"
                "CamCOPS, source code and documentation, https://github.com/ucam-department-of-psychiatry/camcops\n"
                "a public scoring program for the WAI-36 that lists subscale and sign of every item; it notes that a "
                "released data set reversed item 28 instead of 29\n"
                "hiboop on the SRS: at or below 36, https://hiboop.com/fr/assessments/srs/\n"
                "C. Hansen on the SRS: bands 0-34, 35-38, 39-40, "
                "https://www.cindyhansencft.com/post/what-is-the-session-rating-scale\n"
                "Duncan et al. (2003), Journal of Brief Therapy 3, 3-12, first page, "
                "https://docslib.org/doc/11782314/"},
    {.id = "lass",
     .name = "Leeds Alliance in Supervision Scale",
     .year = 2010,
     .family = "lass",
     .perspective = perspective::therapist,
     .key = &instruments::lass,
     .usable = key_use::all,
     .n_items = 3,
     .verification = verification::single_source,
     .provenance = {.n_items = verification::single_source,
                    .scale = verification::single_source,
                    .reversed = verification::single_source,
                    .subscales = verification::single_source},
     .caveat = "Rated by the supervised therapist about the supervisor. That the format is the ORS's, three lines of"
               " 10 cm added up, is inferred from a letter that says so in words; the form itself was not seen.",
     .licence = "available through Scott Miller's site",
     .licence_kind = licence_class::unknown,
     .licence_provenance = verification::single_source,
     .measures = "supervision",
     .sources = "Wainwright, N. A. (2010). The development of the Leeds Alliance in Supervision Scale (LASS). "
                "Doctoral thesis, University of Leeds\n"
                "O'Donovan, Halford & Walters (2012), letter: three items, wording and format derived from the ORS, "
                "doi 10.1111/j.1742-9544.2012.00096.x\n"
                "Miller et al. (2003), Journal of Brief Therapy 2, 91-100, first page, "
                "http://www.slideshare.net/barrylduncan/outcome-rating-scale-ors"},
    {.id = "haq-ii-patient",
     .name = "Revised Helping Alliance Questionnaire (HAq-II), patient form",
     .year = 1996,
     .family = "haq-ii",
     .perspective = perspective::client,
     .key = &instruments::haq_ii_patient,
     .usable = key_use::all,
     .n_items = 19,
     .verification = verification::single_source,
     .provenance = {.n_items = verification::verified,
                    .scale = verification::single_source,
                    .reversed = verification::verified,
                    .subscales = verification::verified},
     .caveat = "The range 1 to 6 rests on one source; some papers report the mean of the items instead of the sum.",
     .licence = "said to be free for research and practice, copyright kept",
     .licence_kind = licence_class::free_restricted,
     .licence_provenance = verification::unverified,
     .measures = "alliance first-understood",
     .sources = "Luborsky, L., Barber, J. P., Siqueland, L., et al. (1996). The revised Helping Alliance "
                "Questionnaire (HAq-II): Psychometric properties. Journal of Psychotherapy Practice and Research, 5, "
                "260-271\n"
                "a public copy of the HAq-II, patient and head of the therapist form, from which the direction of "
                "each item can be read, https://scales.arabpsychology.com/s/the-helping-alliance-questionnaire-2/\n"
                "ClientCAST, questionnaire file of the HAq-II: answers 1 to 6, the same five items expected low, "
                "https://github.com/wangjs9/ClientCAST\n"
                "NIDA Data Share: the 11-item form on four points; five of the new items of the HAq-II are negative, "
                "https://datashare.nida.nih.gov/instrument/helping-alliance-questionnaire\n"
                "Luborsky et al. (1996), abstract, https://pubmed.ncbi.nlm.nih.gov/22700294/\n"
                "Le Bloc'h et al. (2006), summary: 14 new items, five of them negative, Schweiz Arch Neurol Psychiatr"
                " 157, 23-28"},
    {.id = "haq-ii-therapist",
     .name = "Revised Helping Alliance Questionnaire (HAq-II), therapist form",
     .year = 1996,
     .family = "haq-ii",
     .perspective = perspective::therapist,
     .key = &instruments::haq_ii_therapist,
     .usable = key_use::all,
     .n_items = 19,
     .verification = verification::single_source,
     .provenance = {.n_items = verification::single_source,
                    .scale = verification::single_source,
                    .reversed = verification::single_source,
                    .subscales = verification::single_source},
     .caveat = "Key taken from the patient form; of the therapist form only the head was seen.",
     .licence = "as the patient form",
     .licence_kind = licence_class::free_restricted,
     .licence_provenance = verification::unverified,
     .measures = "alliance",
     .sources = "Luborsky, L., Barber, J. P., Siqueland, L., et al. (1996). The revised Helping Alliance "
                "Questionnaire (HAq-II): Psychometric properties. Journal of Psychotherapy Practice and Research, 5, "
                "260-271\n"
                "a public copy of the HAq-II, patient and head of the therapist form, from which the direction of "
                "each item can be read, https://scales.arabpsychology.com/s/the-helping-alliance-questionnaire-2/\n"
                "ClientCAST, questionnaire file of the HAq-II: answers 1 to 6, the same five items expected low, "
                "https://github.com/wangjs9/ClientCAST"},
    {.id = "arm-5",
     .name = "Agnew Relationship Measure, short form (ARM-5)",
     .year = 2012,
     .family = "arm",
     .perspective = perspective::client,
     .key = &instruments::arm_5,
     .usable = key_use::all,
     .n_items = 5,
     .verification = verification::single_source,
     .provenance = {.n_items = verification::verified,
                    .scale = verification::single_source,
                    .reversed = verification::single_source,
                    .subscales = verification::single_source},
     .caveat = "Range and the negative item 3 rest on one public form, whose own scorer forgets to reverse it: there"
               " the best possible alliance has 29 of 35. One score, the mean; the content areas have no established"
               " items.",
     .licence = "said to be free",
     .licence_kind = licence_class::free_restricted,
     .licence_provenance = verification::unverified,
     .measures = "alliance",
     .sources = "Cahill, J., Stiles, W. B., Barkham, M., et al. (2012). Two short forms of the Agnew Relationship "
                "Measure: The ARM-5 and ARM-12. Psychotherapy Research, 22, 241-255\n"
                "a public ARM-5 form: five items, seven options, item 3 negative; its scorer does not reverse it\n"
                "Mentalyc on the ARM-5: bond, partnership, confidence, "
                "https://www.mentalyc.com/blog/agnew-relationship-measure-5"},
    {.id = "tasc-r",
     .name = "Therapeutic Alliance Scale for Children - Revised, child form",
     .year = 2003,
     .family = "tasc",
     .perspective = perspective::client,
     .key = &instruments::tasc_r,
     .usable = key_use::total,
     .n_items = 12,
     .verification = verification::single_source,
     .provenance = {.n_items = verification::verified,
                    .scale = verification::verified,
                    .reversed = verification::single_source,
                    .reliability = verification::single_source},
     .caveat = "Only the total is established; the split into bond and task was not found. One vendor describes a "
               "plain sum, another reverses five items, as is done here. Below the age of 11 it did not agree with "
               "observers.",
     .licence = "ask the authors",
     .licence_kind = licence_class::permission,
     .licence_provenance = verification::unverified,
     .measures = "alliance",
     .sources =
         "Shirk, S. R., & Saiz, C. C. (1992); Creed, T. A., & Kendall, P. C. (2005); Shirk, S. R., et al. "
         "(2008)\n"
         "Blueprint on the TASC-r, child and parent pages: five reversed items, "
         "https://ebchelp.blueprint.ai/en/articles/10324574-therapeutic-alliance-scale-for-children-revised-tasc-r"
         "\n"
         "Greenspace on the TASC: range, alpha, "
         "https://greenspacehealth.com/en-ca/therapeutic-alliance-for-youth-and-caregivers-tasc/",
     .reliability = reliability_of_tasc_r},
};

}  // namespace rapport::instruments::detail
