// SPDX-License-Identifier: BSL-1.0
// The data of an instrument, and the checks that every part of it passes when it is added.
#pragma once

#include <cstdint>
#include <string_view>
#include <type_traits>

#include <rapport/core/text.hpp>
#include <rapport/instruments/answer_scale.hpp>
#include <rapport/instruments/detail/broken_description.hpp>
#include <rapport/instruments/item_set.hpp>
#include <rapport/instruments/missing_rule.hpp>
#include <rapport/instruments/score_key.hpp>

namespace rapport::detail {

inline constexpr int max_scales = 6;

/// Everything that an instrument says. Scores are numbered as in `legend`.
struct description {
  std::uint8_t n_items;
  std::uint8_t n_scales;
  std::uint8_t n_parts;
  std::uint8_t n_risk_items;
  rapport::perspective rater;
  rapport::direction better;
  bool total_is_listed;  // by total(...) or no_total(); otherwise it is all scored items
  bool is_plain;         // one short scale of whole numbers without gaps
  missing_rule rule;
  std::int64_t units;  // per point
  item_set reversed;
  item_set unscored;
  scale_key scales[max_scales];
  item_set scale_items[max_scales];  // of the scales but the first
  item_score scores[1 + max_subscales];
  combined_score combined[max_combined];
  combined_part parts[max_parts];
  risk_item_key risk_items[max_risk_items];
  text<47> first_defect;
  rapport::detail::legend legend;

  constexpr void defect(std::string_view sentence, void (*broken_rule)()) {
    if (std::is_constant_evaluated()) broken_rule();
    if (first_defect.empty()) first_defect = sentence;
  }

  [[nodiscard]] constexpr const scale_key& scale_of(int item) const noexcept {
    for (int s = 1; s < n_scales; ++s) {
      if (scale_items[s].contains(item)) return scales[s];
    }
    return scales[0];
  }

  constexpr item_set checked_set(list<int> items, const item_set& known) {
    std::uint64_t bits[2] = {known.bits(0), known.bits(1)};
    for (const int item : items) {
      if (item < 1 || item > n_items) {
        defect("an item number does not exist on the form", this_item_number_does_not_exist_on_the_form);
        continue;
      }
      std::uint64_t& half = bits[item > 64 ? 1 : 0];
      const std::uint64_t bit = std::uint64_t{1} << ((item - 1) % 64);
      if ((half & bit) != 0) defect("an item is listed twice", this_item_is_listed_twice);
      half |= bit;
    }
    return item_set::of_bits(bits[0], bits[1]);
  }

  constexpr void set_text(std::string_view words, text_ref& where) {
    if (!legend.texts.add(words, where))
      defect("its texts are too long", the_texts_of_an_instrument_have_at_most_768_characters);
  }

  constexpr void set_short_text(std::string_view words, text_ref& where) {
    if (!id_text_type::fits(words))
      return defect("edition or family is too long", an_edition_or_family_has_at_most_31_characters);
    set_text(words, where);
  }

  constexpr void set_version(int number) {
    if (number < 1 || number > 65535)
      return defect("its scoring version does not count from 1", a_scoring_version_counts_from_1);
    legend.version = static_cast<std::uint16_t>(number);
  }

  constexpr void read_scale(scale_key& scale, const answer_scale& given) {
    if (!(given.min < given.max))
      return defect("the largest answer must be above the smallest", the_largest_answer_must_be_above_the_smallest);
    if (!scale.read(given)) {
      defect("the step must divide 1 and both ends", the_step_must_be_a_whole_number_or_1_over_one_and_reach_both_ends);
    }
  }

  /// What the answers of each scale count, in units that serve all scales.
  constexpr void set_units() {
    units = 1;
    for (int s = 0; s < n_scales; ++s) {
      const std::int64_t needed = units_needed(scales[s]);
      if (needed == 0 || needed > 1'000'000) return no_common_unit();
      units *= needed / greatest_common_divisor(units, needed);
      if (units > 1'000'000) return no_common_unit();
    }
    for (int s = 0; s < n_scales; ++s) {
      scale_key& scale = scales[s];
      const auto per_point = static_cast<double>(units);
      if (scale.counted.min * per_point < -most_units || scale.counted.max * per_point > most_units)
        return no_common_unit();
      scale.base = scale_key::to_whole(scale.counted.min * per_point);
      scale.slope = (scale_key::to_whole(scale.counted.max * per_point) - scale.base) / scale.n_steps;
    }
    const bool is_short = scales[0].base >= -10'000'000 && scales[0].base + scales[0].n_steps <= 10'000'000;
    is_plain = n_scales == 1 && units == 1 && scales[0].stride == 1 && !scales[0].has_gaps && is_short;
  }

  constexpr void no_common_unit() {
    units = 1;
    defect("the scales have no common unit", the_scales_of_the_items_have_no_common_unit);
  }

  constexpr void add_item_scale(list<int> items, const answer_scale& given, const answer_scale& counts_as) {
    if (n_scales == max_scales) return defect("it has more than 6 scales", an_instrument_has_at_most_6_scales);
    const item_set set = checked_set(items, {});
    for (int s = 1; s < n_scales; ++s) {
      if (!(scale_items[s] & set).empty()) return defect("an item has two scales", an_item_has_one_scale);
    }
    scale_key& scale = scales[n_scales];
    read_scale(scale, given);
    if (!(counts_as.min < counts_as.max)) {
      return defect("the largest answer must be above the smallest", the_largest_answer_must_be_above_the_smallest);
    }
    scale.counted = counts_as;
    if (counts_as.min == given.min && counts_as.max == given.max) scale.counted = given;
    scale_items[n_scales++] = set;
    set_units();
  }

  constexpr void set_legal(list<double> answers) {
    scale_key& scale = scales[0];
    scale.gaps[0] = scale.gaps[1] = ~std::uint64_t{0};
    scale.has_gaps = true;
    is_plain = false;
    int n_legal = 0;
    for (const double answer : answers) {
      std::int64_t k = 0;
      while (k <= scale.n_steps && k < 128 && scale.answer(k) != answer) ++k;
      if (k > scale.n_steps || k == 128) {
        return defect("a legal answer is no step of the scale", a_legal_answer_must_be_a_step_of_the_scale);
      }
      if (scale.is_gap(k)) ++n_legal;
      scale.gaps[k / 64] &= ~(std::uint64_t{1} << (k % 64));
    }
    if (scale.n_steps >= 128)
      return defect("a legal answer is no step of the scale", a_legal_answer_must_be_a_step_of_the_scale);
    if (n_legal < 2) return defect("fewer than two answers are legal", at_least_two_answers_must_be_legal);
    check_mirror();
  }

  constexpr void add_reversed(list<int> items) {
    reversed = checked_set(items, reversed);
    check_mirror();
  }

  /// A reversed answer must be a legal answer again.
  constexpr void check_mirror() {
    const scale_key& scale = scales[0];
    if (!scale.has_gaps || reversed.empty()) return;
    for (std::int64_t k = 0; k <= scale.n_steps; ++k) {
      if (scale.is_gap(k) != scale.is_gap(scale.n_steps - k)) {
        return defect("a reversed answer would not be legal",
                      a_reversed_item_needs_legal_answers_that_mirror_each_other);
      }
    }
  }

  constexpr void add_unscored(list<int> items) {
    unscored = checked_set(items, unscored);
    if (!total_is_listed) set_items(scores[0], item_set::first(n_items) - unscored);
    for (int s = 0; s <= legend.n_subscales; ++s) check_scored(scores[s].items);
  }

  constexpr void check_scored(const item_set& items) {
    if (!(items & unscored).empty())
      defect("an unscored item belongs to a score", an_unscored_item_belongs_to_no_score);
  }

  constexpr void set_items(item_score& score, const item_set& items) const {
    score.items = items;
    score.n_items = static_cast<std::uint8_t>(items.size());
  }

  constexpr void set_metric(item_score& score, const score_metric& metric) {
    score.kind = metric.kind;
    score.times = factor(metric.times);
  }

  constexpr ratio factor(double x) {
    const ratio found = to_ratio(x);
    if (found.bottom != 0 && found.top != 0) return found;
    defect("a factor is 0 or no fraction", a_factor_must_be_a_fraction_with_a_denominator_up_to_1000_and_not_0);
    return {1, 1};
  }

  constexpr void set_total(list<int> items, const score_metric& metric) {
    if (items.size() == 0) defect("the total has no items", a_score_needs_at_least_one_item);
    total_is_listed = true;
    set_metric(scores[0], metric);
    set_items(scores[0], checked_set(items, {}));
    check_scored(scores[0].items);
  }

  constexpr void remove_total() {
    total_is_listed = true;
    set_items(scores[0], {});
    bool used = false;
    for (int b = 0; b < legend.n_bands; ++b) used = used || legend.bands[b].score == 0;
    for (int c = 0; c < legend.n_cutoffs; ++c) used = used || legend.cutoffs[c].score == 0;
    for (int p = 0; p < n_parts; ++p) used = used || parts[p].score == 0;
    if (used) unknown_score();
  }

  constexpr void unknown_score() { defect("something names a score that is not there", this_score_does_not_exist); }

  /// Whether a new score may have this id; if so it is the next score's.
  constexpr bool add_score_id(std::string_view id, int number) {
    if (id.empty() || !id_text_type::fits(id)) {
      defect("a score's id needs between 1 and 31 characters", an_identifier_needs_between_1_and_31_characters);
      return false;
    }
    if (id == "total" || legend.find_score(id) >= 0) {
      defect("two scores share a name", a_score_of_this_name_exists_already);
      return false;
    }
    set_text(id, legend.words[legend.first_score + number]);
    return true;
  }

  constexpr void add_subscale(std::string_view id, list<int> items, const score_metric& metric) {
    if (legend.n_subscales == max_subscales)
      return defect("it has more than 12 subscales", an_instrument_has_at_most_12_subscales);
    // Combined scores are numbered behind the subscales.
    const int number = 1 + legend.n_subscales;
    for (int c = legend.n_combined; c > 0; --c)
      legend.words[legend.first_score + number + c] = legend.words[legend.first_score + number + c - 1];
    const auto moved = [number](score_number& each) { each = each < number ? each : score_number(each + 1); };
    for (int p = 0; p < n_parts; ++p) moved(parts[p].score);
    for (int b = 0; b < legend.n_bands; ++b) moved(legend.bands[b].score);
    for (int c = 0; c < legend.n_cutoffs; ++c) moved(legend.cutoffs[c].score);
    legend.words[legend.first_score + number] = {};
    ++legend.n_subscales;
    if (!add_score_id(id, number)) return;
    if (items.size() == 0) defect("a subscale has no items", a_score_needs_at_least_one_item);
    set_metric(scores[number], metric);
    set_items(scores[number], checked_set(items, {}));
    check_scored(scores[number].items);
  }

  constexpr void add_combined(std::string_view id, list<weighted_score> of) {
    if (legend.n_combined == max_combined)
      return defect("it has more than 6 combined scores", an_instrument_has_at_most_6_combined_scores);
    if (of.size() == 0) return defect("a combined score has no parts", a_score_needs_at_least_one_item);
    if (n_parts + of.size() > max_parts)
      return defect("its combined scores have too many parts", the_combined_scores_have_at_most_24_parts);
    combined_score& score = combined[legend.n_combined];
    score.first_part = n_parts;
    for (const weighted_score& each : of) {
      const int number = legend.find_score(each.score);
      if (number < 0 || (number == 0 && scores[0].n_items == 0)) return unknown_score();
      parts[n_parts++] = {static_cast<score_number>(number), factor(each.weight)};
    }
    score.n_parts = static_cast<std::uint8_t>(of.size());
    if (add_score_id(id, legend.n_scores())) ++legend.n_combined;
  }

  /// The number of a score that something speaks of; no_score, and a defect, if it is not there.
  constexpr score_number named_score(std::string_view name) {
    const int number = legend.find_score(name);
    if (number > 0 || (number == 0 && scores[0].n_items > 0)) return static_cast<score_number>(number);
    unknown_score();
    return no_score;
  }

  constexpr bool check_rule(const missing_rule& given) {
    if (given.how != missing_rule::kind::published && is_valid(given)) return true;
    defect("its rule for missing answers is none", a_published_rule_says_how_many_answers_are_needed);
    return false;
  }

  constexpr void set_rule(const missing_rule& given) {
    if (check_rule(given)) rule = given;
  }

  constexpr void set_rule(std::string_view name, const missing_rule& given) {
    const score_number number = named_score(name);
    if (number > legend.n_subscales) return unknown_score();
    if (check_rule(given)) scores[number].rule = given;
  }

  constexpr void add_band(std::string_view name, std::string_view label, const band_range& range) {
    if (legend.n_bands == max_bands) return defect("it has more than 24 bands", an_instrument_has_at_most_24_bands);
    band_key added{range.from, range.to, range.from_open, range.to_open, named_score(name), {}};
    const bool empty = range.from == range.to && (range.from_open || range.to_open);
    if (!(range.from <= range.to) || empty)
      return defect("a band ends before it begins", a_band_must_not_end_before_it_begins);
    for (int b = 0; b < legend.n_bands; ++b) {
      const band_range other = legend.bands[b].range();
      if (legend.bands[b].score != added.score) continue;
      const bool before = range.to < other.from || (range.to == other.from && (range.to_open || other.from_open));
      const bool behind = other.to < range.from || (other.to == range.from && (other.to_open || range.from_open));
      if (!before && !behind) return defect("two bands of a score overlap", two_bands_of_one_score_overlap);
    }
    set_text(label, added.label);
    legend.bands[legend.n_bands++] = added;
  }

  constexpr void add_cutoff(std::string_view name, std::string_view label, const score_cutoff& cutoff) {
    if (legend.n_cutoffs == max_cutoffs)
      return defect("it has more than 8 cut-offs", an_instrument_has_at_most_8_cutoffs);
    if (!(cutoff.at >= -1e12 && cutoff.at <= 1e12)) return defect("a cut-off is no number", a_cutoff_must_be_a_number);
    cutoff_key added{cutoff.at, cutoff.side, named_score(name), {}};
    set_text(label, added.label);
    legend.cutoffs[legend.n_cutoffs++] = added;
  }

  constexpr void add_risk_item(int item, double at_least) {
    if (n_risk_items == max_risk_items)
      return defect("it has more than 12 risk items", an_instrument_has_at_most_12_risk_items);
    item_set known;
    for (int r = 0; r < n_risk_items; ++r) known.insert(risk_items[r].item);
    checked_set({item}, known);
    if (!first_defect.empty()) return;
    const answer_scale& scale = scale_of(item).shown;
    if (!(at_least >= scale.min && at_least <= scale.max)) {
      return defect("a risk item cannot be endorsed like that", a_risk_item_is_endorsed_by_an_answer_within_its_range);
    }
    risk_items[n_risk_items++] = {item, at_least};
  }
};

}  // namespace rapport::detail
