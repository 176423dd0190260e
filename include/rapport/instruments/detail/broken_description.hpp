// SPDX-License-Identifier: BSL-1.0
// The sentences with which a description that contradicts itself fails to compile.
#pragma once

namespace rapport::detail {

// A broken description calls one of these. None is constexpr, so where an instrument is a constant the compiler stops
// here and quotes the name; where it is made at run time the defect is recorded and scoring refuses.
inline void an_identifier_needs_between_1_and_31_characters() {}
inline void an_edition_or_family_has_at_most_31_characters() {}
inline void the_texts_of_an_instrument_have_at_most_768_characters() {}
inline void a_scoring_version_counts_from_1() {}
inline void an_instrument_needs_between_1_and_128_items() {}
inline void this_item_number_does_not_exist_on_the_form() {}
inline void this_item_is_listed_twice() {}
inline void the_largest_answer_must_be_above_the_smallest() {}
inline void the_step_must_be_a_whole_number_or_1_over_one_and_reach_both_ends() {}
inline void the_scales_of_the_items_have_no_common_unit() {}
inline void an_item_has_one_scale() {}
inline void an_instrument_has_at_most_6_scales() {}
inline void a_legal_answer_must_be_a_step_of_the_scale() {}
inline void at_least_two_answers_must_be_legal() {}
inline void a_reversed_item_needs_legal_answers_that_mirror_each_other() {}
inline void an_unscored_item_belongs_to_no_score() {}
inline void a_score_needs_at_least_one_item() {}
inline void a_score_of_this_name_exists_already() {}
inline void an_instrument_has_at_most_12_subscales() {}
inline void an_instrument_has_at_most_6_combined_scores() {}
inline void the_combined_scores_have_at_most_24_parts() {}
inline void a_factor_must_be_a_fraction_with_a_denominator_up_to_1000_and_not_0() {}
inline void this_score_does_not_exist() {}
inline void a_published_rule_says_how_many_answers_are_needed() {}
inline void a_band_must_not_end_before_it_begins() {}
inline void two_bands_of_one_score_overlap() {}
inline void an_instrument_has_at_most_24_bands() {}
inline void an_instrument_has_at_most_8_cutoffs() {}
inline void a_cutoff_must_be_a_number() {}
inline void an_instrument_has_at_most_12_risk_items() {}
inline void a_risk_item_is_endorsed_by_an_answer_within_its_range() {}

}  // namespace rapport::detail
