// SPDX-License-Identifier: BSL-1.0
// A questionnaire as data: its items, their ranges, which are reversed, which form a score, and what a score means.
#pragma once

#include <cstdint>
#include <string_view>

#include <rapport/core/result.hpp>
#include <rapport/instruments/answer_scale.hpp>
#include <rapport/instruments/detail/description.hpp>
#include <rapport/instruments/item_set.hpp>
#include <rapport/instruments/missing_rule.hpp>
#include <rapport/instruments/score_key.hpp>

namespace rapport {

/// The description of a questionnaire: what is needed to score it, and nothing else.
///
/// Built in one expression, each call returning a changed copy:
///
///     constexpr auto my_scale = rapport::instrument("my-scale", 6, {.min = 1, .max = 7})
///                                   .reversed({2, 5})
///                                   .subscale("trust", {1, 2, 3})
///                                   .subscale("task", {4, 5, 6});
///
/// Item numbers are those printed on the form, from 1. A reversed item scores min + max - answer. The total is the sum
/// of all items that are not `unscored`, unless `total`, `total_as` or `no_total` say otherwise. A score is named before
/// it is used by `combined`, `band`, `cutoff` or `missing`. A description that contradicts itself does not compile as a
/// constant; made at run time, `check()` tells and scoring refuses.
class instrument {
 public:
  constexpr instrument(std::string_view id, int n_items, answer_scale scale = {}) {
    if (id.empty() || !id_text_type::fits(id)) {
      data_.defect("its id needs between 1 and 31 characters", detail::an_identifier_needs_between_1_and_31_characters);
    } else {
      data_.set_text(id, data_.legend.words[data_.legend.id]);
    }
    if (n_items < 1 || n_items > max_items) {
      data_.defect("between 1 and 128 items are needed", detail::an_instrument_needs_between_1_and_128_items);
    } else {
      data_.n_items = static_cast<std::uint8_t>(n_items);
    }
    data_.n_scales = 1;
    data_.legend.version = 1;
    data_.rule = complete;
    data_.scores[0].times = {1, 1};
    data_.set_items(data_.scores[0], item_set::first(data_.n_items));
    data_.read_scale(data_.scales[0], scale);
    data_.set_units();
  }

  /// Which edition or translation of the questionnaire this is, "2002".
  [[nodiscard]] constexpr instrument edition(std::string_view name) const {
    instrument changed = *this;
    changed.data_.set_short_text(name, changed.data_.legend.words[changed.data_.legend.edition]);
    return changed;
  }
  /// Counts up when a key is corrected, so that old scores can be told from new ones; 1 unless said otherwise.
  [[nodiscard]] constexpr instrument scoring_version(int version) const {
    instrument changed = *this;
    changed.data_.set_version(version);
    return changed;
  }
  /// The name that parallel forms of the questionnaire share, "wai-sr".
  [[nodiscard]] constexpr instrument family(std::string_view name) const {
    instrument changed = *this;
    changed.data_.set_short_text(name, changed.data_.legend.words[changed.data_.legend.family]);
    return changed;
  }
  /// Who fills in the form; the client unless said otherwise.
  [[nodiscard]] constexpr instrument rated_by(rapport::perspective who) const {
    instrument changed = *this;
    changed.data_.rater = who;
    return changed;
  }
  /// Which scores are the good ones; none unless said otherwise.
  [[nodiscard]] constexpr instrument better(rapport::direction which) const {
    instrument changed = *this;
    changed.data_.better = which;
    return changed;
  }

  /// These items have a scale of their own.
  [[nodiscard]] constexpr instrument item_scale(detail::list<int> items, answer_scale scale) const {
    return item_scale(items, scale, scale);
  }
  /// The same, the answers being rescaled when they are counted: the ends of `scale` count the ends of `counts_as`, and
  /// what lies between them lies on the line.
  [[nodiscard]] constexpr instrument item_scale(detail::list<int> items, answer_scale scale,
                                                answer_scale counts_as) const {
    instrument changed = *this;
    changed.data_.add_item_scale(items, scale, counts_as);
    return changed;
  }
  /// The legal answers where not every step of the scale is one: {-3, -2, -1, 1, 2, 3}. Items with a scale of their own
  /// keep all their steps.
  [[nodiscard]] constexpr instrument legal(detail::list<double> answers) const {
    instrument changed = *this;
    changed.data_.set_legal(answers);
    return changed;
  }
  /// These items count backwards: min + max - answer.
  [[nodiscard]] constexpr instrument reversed(detail::list<int> items) const {
    instrument changed = *this;
    changed.data_.add_reversed(items);
    return changed;
  }
  /// These items are fillers: they stand on the form and their answers must be legal, but they belong to no score.
  [[nodiscard]] constexpr instrument unscored(detail::list<int> items) const {
    instrument changed = *this;
    changed.data_.add_unscored(items);
    return changed;
  }

  /// The total is made of these items.
  [[nodiscard]] constexpr instrument total(detail::list<int> items, score_metric metric = {}) const {
    instrument changed = *this;
    changed.data_.set_total(items, metric);
    return changed;
  }
  /// The total is made of all scored items, but is their mean, or is multiplied.
  [[nodiscard]] constexpr instrument total_as(score_metric metric) const {
    instrument changed = *this;
    changed.data_.set_metric(changed.data_.scores[0], metric);
    return changed;
  }
  /// There is no total: the subscales are never added up.
  [[nodiscard]] constexpr instrument no_total() const {
    instrument changed = *this;
    changed.data_.remove_total();
    return changed;
  }
  /// These items form a subscale.
  [[nodiscard]] constexpr instrument subscale(std::string_view id, detail::list<int> items,
                                              score_metric metric = {}) const {
    instrument changed = *this;
    changed.data_.add_subscale(id, items, metric);
    return changed;
  }
  /// A score that adds other scores up, each times its weight.
  [[nodiscard]] constexpr instrument combined(std::string_view id, detail::list<weighted_score> of) const {
    instrument changed = *this;
    changed.data_.add_combined(id, of);
    return changed;
  }

  /// The published rule for missing answers; `complete` unless said otherwise.
  [[nodiscard]] constexpr instrument missing(const missing_rule& rule) const {
    instrument changed = *this;
    changed.data_.set_rule(rule);
    return changed;
  }
  /// The published rule of one subscale, or of "total", where it is another than that of the instrument.
  [[nodiscard]] constexpr instrument missing(std::string_view score, const missing_rule& rule) const {
    instrument changed = *this;
    changed.data_.set_rule(score, rule);
    return changed;
  }

  /// What the scores within a range are called. A score between two bands, as a prorated one may be, has no band: leave
  /// one of the neighbouring ends open where scores can be fractions.
  [[nodiscard]] constexpr instrument band(std::string_view score, std::string_view label, band_range range) const {
    instrument changed = *this;
    changed.data_.add_band(score, label, range);
    return changed;
  }
  /// A published cut-off of a score.
  [[nodiscard]] constexpr instrument cutoff(std::string_view score, std::string_view label, score_cutoff where) const {
    instrument changed = *this;
    changed.data_.add_cutoff(score, label, where);
    return changed;
  }
  /// An answer of at least so much, as it stands on the form, is reported whatever the scores are.
  [[nodiscard]] constexpr instrument risk_item(int item, double at_least = 1) const {
    instrument changed = *this;
    changed.data_.add_risk_item(item, at_least);
    return changed;
  }

  [[nodiscard]] constexpr std::string_view id() const noexcept {
    return data_.legend.texts[data_.legend.words[data_.legend.id]];
  }
  [[nodiscard]] constexpr std::string_view edition() const noexcept {
    return data_.legend.texts[data_.legend.words[data_.legend.edition]];
  }
  [[nodiscard]] constexpr std::string_view family() const noexcept {
    return data_.legend.texts[data_.legend.words[data_.legend.family]];
  }
  [[nodiscard]] constexpr int scoring_version() const noexcept { return data_.legend.version; }
  [[nodiscard]] constexpr int n_items() const noexcept { return data_.n_items; }
  [[nodiscard]] constexpr rapport::perspective perspective() const noexcept { return data_.rater; }
  [[nodiscard]] constexpr rapport::direction direction() const noexcept { return data_.better; }

  /// The scale of the items that have none of their own.
  [[nodiscard]] constexpr double min() const noexcept { return data_.scales[0].shown.min; }
  [[nodiscard]] constexpr double max() const noexcept { return data_.scales[0].shown.max; }
  [[nodiscard]] constexpr double step() const noexcept { return data_.scales[0].shown.step; }
  /// The scale of an item.
  [[nodiscard]] constexpr const answer_scale& scale_of(int item) const noexcept { return data_.scale_of(item).shown; }
  /// What the ends of an item's scale count; the scale itself unless the answers are rescaled.
  [[nodiscard]] constexpr const answer_scale& counted_scale_of(int item) const noexcept {
    return data_.scale_of(item).counted;
  }
  /// Whether all items have the same scale.
  [[nodiscard]] constexpr bool has_one_scale() const noexcept { return data_.n_scales == 1; }
  /// Whether this may be the answer to an item.
  [[nodiscard]] constexpr bool is_legal(int item, double answer) const noexcept {
    const detail::scale_key& scale = data_.scale_of(item);
    if (!(answer >= scale.shown.min && answer <= scale.shown.max)) return false;
    const double steps = (answer * static_cast<double>(scale.parts) - static_cast<double>(scale.first)) /
                         static_cast<double>(scale.stride);
    const auto k = static_cast<std::int64_t>(steps + 0.5);
    return scale.answer(k) == answer && !scale.is_gap(k);
  }
  [[nodiscard]] constexpr const item_set& reversed_items() const noexcept { return data_.reversed; }
  [[nodiscard]] constexpr const item_set& unscored_items() const noexcept { return data_.unscored; }

  [[nodiscard]] constexpr bool has_total() const noexcept { return data_.scores[0].n_items > 0; }
  [[nodiscard]] constexpr const item_set& total_items() const noexcept { return data_.scores[0].items; }
  [[nodiscard]] constexpr score_metric total_metric() const noexcept { return metric_of(0); }
  [[nodiscard]] constexpr int n_subscales() const noexcept { return data_.legend.n_subscales; }
  [[nodiscard]] constexpr subscale_key subscale_at(int position) const noexcept {
    const detail::item_score& score = data_.scores[1 + position];
    return {data_.legend.score_id(1 + position), score.items, metric_of(1 + position), score.rule};
  }
  /// The position of a subscale; -1 if there is none of this name.
  [[nodiscard]] constexpr int find_subscale(std::string_view id) const noexcept {
    const int number = id == "total" ? -1 : data_.legend.find_score(id);
    return number < 0 || number > n_subscales() ? -1 : number - 1;
  }
  [[nodiscard]] constexpr int n_combined() const noexcept { return data_.legend.n_combined; }
  [[nodiscard]] constexpr combined_key combined_at(int position) const noexcept {
    return {data_.legend.score_id(1 + n_subscales() + position), data_.combined[position].n_parts};
  }
  /// A part of a combined score.
  [[nodiscard]] constexpr weighted_score combined_part(int position, int part) const noexcept {
    const detail::combined_part& found = data_.parts[data_.combined[position].first_part + part];
    return {data_.legend.score_id(found.score), static_cast<double>(found.weight.top) / found.weight.bottom};
  }

  /// The published rule for missing answers; `complete` where none is known.
  [[nodiscard]] constexpr const missing_rule& published_rule() const noexcept { return data_.rule; }
  [[nodiscard]] constexpr int n_bands() const noexcept { return data_.legend.n_bands; }
  [[nodiscard]] constexpr band_view band_at(int position) const noexcept { return data_.legend.band_at(position); }
  [[nodiscard]] constexpr int n_cutoffs() const noexcept { return data_.legend.n_cutoffs; }
  [[nodiscard]] constexpr cutoff_view cutoff_at(int position) const noexcept {
    return data_.legend.cutoff_at(position);
  }
  [[nodiscard]] constexpr int n_risk_items() const noexcept { return data_.n_risk_items; }
  [[nodiscard]] constexpr risk_item_key risk_item_at(int position) const noexcept { return data_.risk_items[position]; }

  /// Whether the description is consistent; needed only for instruments made at run time.
  /// Errors: errc::invalid_instrument, its subject naming the contradiction
  [[nodiscard]] constexpr result<void> check() const noexcept {
    if (data_.first_defect.empty()) return {};
    return error{.code = errc::invalid_instrument, .function = "instrument", .subject = data_.first_defect};
  }

  // What scoring works with.
  [[nodiscard]] constexpr const detail::description& description() const noexcept { return data_; }
  // Scores are added up in whole units, so that 0.1 + 0.2 is 0.3.
  [[nodiscard]] constexpr std::int64_t units_per_point() const noexcept { return data_.units; }
  [[nodiscard]] constexpr std::int64_t lower_units() const noexcept { return data_.scales[0].base; }
  [[nodiscard]] constexpr std::int64_t upper_units() const noexcept {
    return data_.scales[0].base + data_.scales[0].n_steps * data_.scales[0].slope;
  }

 private:
  [[nodiscard]] constexpr score_metric metric_of(int number) const noexcept {
    const detail::item_score& score = data_.scores[number];
    return {score.kind, static_cast<double>(score.times.top) / score.times.bottom};
  }

  detail::description data_{};
};

}  // namespace rapport
