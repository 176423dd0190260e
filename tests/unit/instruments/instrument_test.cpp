// SPDX-License-Identifier: BSL-1.0
// Descriptions of questionnaires: what the builder makes, and every way in which a description can contradict itself.
#include "rapport_test.hpp"

#include <string>
#include <string_view>
#include <vector>

#include <rapport/instruments/instrument.hpp>

using rapport::answer_scale;
using rapport::errc;
using rapport::instrument;
using rapport::item_set;

namespace {

/// What check() says of an instrument made at run time; empty if it is consistent.
std::string defect(const instrument& questionnaire) {
  const auto checked = questionnaire.check();
  if (checked) return {};
  CHECK(checked.error().code == errc::invalid_instrument);
  CHECK(!checked.error().subject.empty());
  CHECK(!checked.error().subject.truncated());  // the sentence fits
  return std::string(checked.error().subject.view());
}

std::string defect_of_scale(answer_scale scale) { return defect(instrument("form", 3, scale)); }

bool starts_with(const std::string& whole, std::string_view beginning) {
  return whole.substr(0, beginning.size()) == beginning;
}

const char* const bad_step = "the step must divide 1 and both ends";
const char* const not_on_form = "an item number does not exist on the form";
const char* const listed_twice = "an item is listed twice";

constexpr double not_a_number = std::numeric_limits<double>::quiet_NaN();
constexpr double infinity = std::numeric_limits<double>::infinity();

}  // namespace

TEST_CASE("an instrument is built in one expression, at compile time", "[instruments][instrument]") {
  constexpr auto form = instrument("my-scale", 6, {.min = 1, .max = 7})
                            .reversed({2, 5})
                            .subscale("trust", {1, 2, 3})
                            .subscale("task", {4, 5, 6})
                            .rated_by(rapport::perspective::observer);
  STATIC_REQUIRE(form.check());
  STATIC_REQUIRE(form.id() == "my-scale");
  STATIC_REQUIRE(form.n_items() == 6);
  STATIC_REQUIRE(form.min() == 1);
  STATIC_REQUIRE(form.max() == 7);
  STATIC_REQUIRE(form.step() == 1);
  STATIC_REQUIRE(form.perspective() == rapport::perspective::observer);
  STATIC_REQUIRE(form.reversed_items().size() == 2);
  STATIC_REQUIRE(form.reversed_items().contains(2));
  STATIC_REQUIRE(form.reversed_items().contains(5));
  STATIC_REQUIRE(form.n_subscales() == 2);
  STATIC_REQUIRE(form.subscale_at(0).id == "trust");
  STATIC_REQUIRE(form.subscale_at(0).items == item_set::first(3));
  STATIC_REQUIRE(form.subscale_at(1).items.contains(6));
  STATIC_REQUIRE(!form.subscale_at(1).items.contains(3));
  STATIC_REQUIRE(form.find_subscale("task") == 1);
  STATIC_REQUIRE(form.find_subscale("Task") == -1);
  STATIC_REQUIRE(form.find_subscale("") == -1);
  STATIC_REQUIRE(form.find_subscale("tas") == -1);
}

TEST_CASE("what is not said: five points, the client, no reversal, no subscale", "[instruments][instrument]") {
  constexpr instrument form("x", 1);
  STATIC_REQUIRE(form.min() == 1);
  STATIC_REQUIRE(form.max() == 5);
  STATIC_REQUIRE(form.step() == 1);
  STATIC_REQUIRE(form.perspective() == rapport::perspective::client);
  STATIC_REQUIRE(form.reversed_items().empty());
  STATIC_REQUIRE(form.n_subscales() == 0);
}

TEST_CASE("each call returns a changed copy", "[instruments][instrument]") {
  const instrument plain("x", 4);
  const instrument changed =
      plain.reversed({1}).reversed({3}).subscale("a", {1, 2}).rated_by(rapport::perspective::therapist);
  CHECK(plain.reversed_items().empty());
  CHECK(plain.n_subscales() == 0);
  CHECK(plain.perspective() == rapport::perspective::client);
  CHECK(changed.reversed_items().size() == 2);  // the calls add up
  CHECK(changed.n_subscales() == 1);
  CHECK(changed.check());

  const instrument broken = plain.reversed({5});
  CHECK(plain.check());
  CHECK(!broken.check());
}

TEST_CASE("subscales may share items and may leave items out", "[instruments][instrument]") {
  constexpr auto form = instrument("x", 5).subscale("a", {1, 2}).subscale("b", {2, 1}).subscale("c", {5});
  STATIC_REQUIRE(form.check());
  STATIC_REQUIRE(form.subscale_at(0).items == form.subscale_at(1).items);
}

TEST_CASE("scales that are legal", "[instruments][instrument]") {
  struct expectation {
    answer_scale scale;
    std::int64_t per_point;
    std::int64_t lower;
    std::int64_t upper;
  };
  for (const expectation& each : {expectation{{.min = 0, .max = 1}, 1, 0, 1},
                                  {{.min = -3, .max = 3}, 1, -3, 3},
                                  {{.min = -7, .max = -2}, 1, -7, -2},
                                  {{.min = 0, .max = 10, .step = 0.1}, 10, 0, 100},
                                  {{.min = 0.1, .max = 0.3, .step = 0.1}, 10, 1, 3},
                                  {{.min = -0.3, .max = 0.6, .step = 0.1}, 10, -3, 6},
                                  {{.min = 0.5, .max = 2.5, .step = 0.5}, 2, 1, 5},
                                  {{.min = 1, .max = 2, .step = 1.0 / 3}, 3, 3, 6},
                                  {{.min = 0, .max = 100, .step = 0.01}, 100, 0, 10000},
                                  {{.min = 0, .max = 1, .step = 1e-6}, 1000000, 0, 1000000},
                                  {{.min = -1e9, .max = 1e9}, 1, -1000000000, 1000000000}}) {
    const instrument form("form", 3, each.scale);
    CAPTURE(each.scale.min, each.scale.max, each.scale.step);
    CHECK(defect(form) == "");
    CHECK(form.units_per_point() == each.per_point);
    CHECK(form.lower_units() == each.lower);
    CHECK(form.upper_units() == each.upper);
    CHECK(form.min() == each.scale.min);
    CHECK(form.max() == each.scale.max);
    CHECK(form.step() == each.scale.step);
  }
}

TEST_CASE("every step of a whole fraction is legal", "[instruments][instrument]") {
  for (int parts = 1; parts <= 1000; ++parts) {
    const instrument form("form", 1, {.min = -2, .max = 3, .step = 1.0 / parts});
    CAPTURE(parts);
    CHECK(form.check());
    CHECK(form.units_per_point() == parts);
  }
}

TEST_CASE("the largest answer must be above the smallest", "[instruments][instrument]") {
  const char* const sentence = "the largest answer must be above the smallest";
  CHECK(defect_of_scale({.min = 5, .max = 5}) == sentence);
  CHECK(defect_of_scale({.min = 7, .max = 1}) == sentence);
  CHECK(defect_of_scale({.min = not_a_number, .max = 5}) == sentence);
  CHECK(defect_of_scale({.min = 1, .max = not_a_number}) == sentence);
  CHECK(defect_of_scale({.min = infinity, .max = 5}) == sentence);
  CHECK(defect_of_scale({.min = 1e300, .max = 5}) == sentence);
  CHECK(defect_of_scale({.min = 1, .max = -infinity}) == sentence);
}

TEST_CASE("the step must divide 1 and both ends", "[instruments][instrument]") {
  CHECK(defect_of_scale({.min = 0, .max = 10, .step = 0.3}) == bad_step);
  CHECK(defect_of_scale({.min = 0, .max = 10, .step = 2}) == "");
  CHECK(defect_of_scale({.min = 0, .max = 10, .step = 3}) == bad_step);
  CHECK(defect_of_scale({.min = 1, .max = 9, .step = 2}) == bad_step);  // not multiples of 2
  CHECK(defect_of_scale({.min = 0, .max = 10, .step = 2.5}) == bad_step);
  CHECK(defect_of_scale({.min = 0, .max = 100, .step = 10}) == "");
  CHECK(defect_of_scale({.min = 0, .max = 1e6, .step = 1e-6}) == bad_step);  // more steps than are counted exactly
  CHECK(defect_of_scale({.min = 0, .max = 10, .step = 0}) == bad_step);
  CHECK(defect_of_scale({.min = 0, .max = 10, .step = -1}) == bad_step);
  CHECK(defect_of_scale({.min = 0, .max = 10, .step = 1e-7}) == bad_step);
  CHECK(defect_of_scale({.min = 0, .max = 10, .step = not_a_number}) == bad_step);
  CHECK(defect_of_scale({.min = 0, .max = 10, .step = infinity}) == bad_step);
  CHECK(defect_of_scale({.min = 0.5, .max = 10}) == bad_step);
  CHECK(defect_of_scale({.min = 0, .max = 10.5}) == bad_step);
  CHECK(defect_of_scale({.min = 0.05, .max = 10, .step = 0.1}) == bad_step);
  CHECK(defect_of_scale({.min = 0, .max = 10.00001, .step = 0.1}) == bad_step);
  CHECK(defect_of_scale({.min = 0, .max = 0.1 + 0.2, .step = 0.1}) == bad_step);  // 0.30000000000000004
  CHECK(defect_of_scale({.min = -infinity, .max = infinity}) == bad_step);
  CHECK(defect_of_scale({.min = 0, .max = infinity}) == bad_step);
  CHECK(defect_of_scale({.min = 0, .max = 1e300}) == bad_step);
  CHECK(defect_of_scale({.min = -2e9, .max = 0}) == bad_step);
  CHECK(defect_of_scale({.min = 0, .max = 2e9}) == bad_step);
}

TEST_CASE("a form has between 1 and 128 items", "[instruments][instrument]") {
  const char* const sentence = "between 1 and 128 items are needed";
  for (const int n : {0, -1, 129, 1000, std::numeric_limits<int>::min(), std::numeric_limits<int>::max()}) {
    CAPTURE(n);
    CHECK(defect(instrument("form", n)) == sentence);
    CHECK(defect(instrument("form", n).reversed({1}).subscale("a", {1})) == sentence);
  }
  CHECK(defect(instrument("form", 1)) == "");
  CHECK(defect(instrument("form", 128).reversed({128}).subscale("a", {1, 128})) == "");
}

TEST_CASE("an instrument needs an id", "[instruments][instrument]") {
  CHECK(starts_with(defect(instrument("", 3)), "its id needs"));
  CHECK(starts_with(defect(instrument(std::string(32, 'x'), 3)), "its id needs"));
  CHECK(defect(instrument(std::string(31, 'x'), 3)) == "");
}

TEST_CASE("a subscale needs an id of its own, and items", "[instruments][instrument]") {
  const instrument form("form", 20);
  CHECK(starts_with(defect(form.subscale("", {1})), "a score's id needs"));
  CHECK(starts_with(defect(form.subscale(std::string(32, 'x'), {1})), "a score's id needs"));
  CHECK(defect(form.subscale(std::string(31, 'x'), {1})) == "");
  CHECK(defect(form.subscale("a", {})) == "a subscale has no items");
  CHECK(defect(form.subscale("a", {1}).subscale("a", {2})) == "two scores share a name");
  CHECK(defect(form.subscale("a", {1}).subscale("A", {2})) == "");
}

TEST_CASE("items must stand on the form, once", "[instruments][instrument]") {
  const instrument form("form", 6);
  for (const int item : {0, -1, 7, 128, 129, 1000000, std::numeric_limits<int>::min()}) {
    CAPTURE(item);
    CHECK(defect(form.reversed({item})) == not_on_form);
    CHECK(defect(form.subscale("a", {1, item})) == not_on_form);
  }
  CHECK(defect(form.reversed({6})) == "");
  CHECK(defect(form.reversed({2, 2})) == listed_twice);
  CHECK(defect(form.reversed({2}).reversed({2})) == listed_twice);
  CHECK(defect(form.subscale("a", {1, 2, 1})) == listed_twice);
  CHECK(defect(form.reversed({})) == "");  // no reversed items is no contradiction
}

TEST_CASE("an instrument has at most 12 subscales", "[instruments][instrument]") {
  instrument form("form", 6);
  for (int s = 0; s < rapport::max_subscales; ++s) form = form.subscale("s" + std::to_string(s), {1});
  CHECK(defect(form) == "");
  CHECK(form.n_subscales() == 12);
  const instrument broken = form.subscale("one too many", {1});
  CHECK(defect(broken) == "it has more than 12 subscales");
  CHECK(broken.n_subscales() == 12);
}

TEST_CASE("the first defect is the one reported, and it stays", "[instruments][instrument]") {
  CHECK(defect(instrument("form", 6).reversed({9}).subscale("a", {}).subscale("b", {1, 1})) == not_on_form);
  CHECK(defect(instrument("form", 6).reversed({9}).rated_by(rapport::perspective::client)) == not_on_form);
  CHECK(defect(instrument("form", 6, {.step = 0.3}).reversed({9})) == bad_step);
  const auto checked = instrument("form", 6).reversed({9}).check();
  REQUIRE(!checked);
  CHECK(std::string(rapport::message(checked.error()).view()) ==
        "instrument: the description of the instrument is inconsistent: an item number does not exist on the form "
        "[rapport.302]");
}

TEST_CASE("perspectives have words", "[instruments][instrument]") {
  STATIC_REQUIRE(rapport::to_string(rapport::perspective::client) == "client");
  STATIC_REQUIRE(rapport::to_string(rapport::perspective::therapist) == "therapist");
  STATIC_REQUIRE(rapport::to_string(rapport::perspective::observer) == "observer");
}

namespace {

constexpr auto core_like = instrument("core-like", 10, {.min = 0, .max = 4})
                               .edition("2002")
                               .scoring_version(3)
                               .family("core")
                               .better(rapport::direction::lower)
                               .reversed({2, 3})
                               .unscored({10})
                               .subscale("risk", {6, 9}, {.kind = rapport::score_kind::mean, .times = 10})
                               .subscale("rest", {1, 2, 3, 4, 5, 7, 8})
                               .combined("both", {{"risk", 0.5}, {"rest", 2}})
                               .missing(rapport::at_most_missing(1))
                               .missing("risk", rapport::complete)
                               .band("total", "low", {.to = 10, .to_open = true})
                               .band("total", "high", {.from = 10})
                               .cutoff("both", "above 7", {.at = 7, .side = rapport::cutoff_side::above})
                               .risk_item(6, 2)
                               .risk_item(9);

}  // namespace

TEST_CASE("everything that an instrument says can be read back", "[instruments][instrument]") {
  STATIC_REQUIRE(core_like.check());
  STATIC_REQUIRE(core_like.edition() == "2002");
  STATIC_REQUIRE(core_like.family() == "core");
  STATIC_REQUIRE(core_like.scoring_version() == 3);
  STATIC_REQUIRE(core_like.direction() == rapport::direction::lower);
  STATIC_REQUIRE(core_like.has_total());
  STATIC_REQUIRE(core_like.total_items() == item_set::first(9));
  STATIC_REQUIRE(core_like.unscored_items().size() == 1);
  STATIC_REQUIRE(core_like.find_subscale("total") == -1);
  STATIC_REQUIRE(core_like.find_subscale("both") == -1);
  STATIC_REQUIRE(core_like.find_subscale("rest") == 1);
  STATIC_REQUIRE(core_like.subscale_at(0).metric == rapport::score_metric{rapport::score_kind::mean, 10});
  STATIC_REQUIRE(core_like.subscale_at(0).rule == rapport::complete);
  STATIC_REQUIRE(core_like.subscale_at(1).rule == rapport::published);
  STATIC_REQUIRE(core_like.published_rule() == rapport::at_most_missing(1));
  STATIC_REQUIRE(core_like.n_combined() == 1);
  STATIC_REQUIRE(core_like.combined_at(0).id == "both");
  STATIC_REQUIRE(core_like.combined_at(0).n_parts == 2);
  STATIC_REQUIRE(core_like.combined_part(0, 0).score == "risk");
  STATIC_REQUIRE(core_like.combined_part(0, 0).weight == 0.5);
  STATIC_REQUIRE(core_like.combined_part(0, 1).weight == 2);
  STATIC_REQUIRE(core_like.n_bands() == 2);
  STATIC_REQUIRE(core_like.band_at(0).label == "low");
  STATIC_REQUIRE(core_like.band_at(0).score == "total");
  STATIC_REQUIRE(core_like.band_at(0).range.to_open);
  STATIC_REQUIRE(core_like.band_at(1).range.from == 10);
  STATIC_REQUIRE(core_like.n_cutoffs() == 1);
  STATIC_REQUIRE(core_like.cutoff_at(0).score == "both");
  STATIC_REQUIRE(core_like.cutoff_at(0).cutoff.side == rapport::cutoff_side::above);
  STATIC_REQUIRE(core_like.n_risk_items() == 2);
  STATIC_REQUIRE(core_like.risk_item_at(0).at_least == 2);
  STATIC_REQUIRE(core_like.risk_item_at(1).item == 9);
}

TEST_CASE("subscales added behind combined scores do not confuse what speaks of them", "[instruments][instrument]") {
  constexpr auto form = instrument("x", 4)
                            .subscale("a", {1, 2})
                            .combined("a twice", {{"a", 2}})
                            .combined("a four times", {{"a twice", 2}})
                            .band("a twice", "any", {})
                            .cutoff("a four times", "five", {.at = 5})
                            .subscale("b", {3, 4});
  STATIC_REQUIRE(form.subscale_at(1).id == "b");
  STATIC_REQUIRE(form.combined_at(0).id == "a twice");
  STATIC_REQUIRE(form.combined_at(1).id == "a four times");
  STATIC_REQUIRE(form.combined_part(0, 0).score == "a");
  STATIC_REQUIRE(form.combined_part(1, 0).score == "a twice");
  STATIC_REQUIRE(form.band_at(0).score == "a twice");
  STATIC_REQUIRE(form.cutoff_at(0).score == "a four times");
}

TEST_CASE("items may have scales of their own, in common units", "[instruments][instrument]") {
  constexpr auto ceq = instrument("ceq", 6, {.min = 1, .max = 9})
                           .item_scale({4, 6}, {.min = 0, .max = 100, .step = 10})
                           .item_scale({5}, {.min = 0, .max = 1, .step = 0.25});
  STATIC_REQUIRE(ceq.check());
  STATIC_REQUIRE(ceq.units_per_point() == 4);
  STATIC_REQUIRE(!ceq.has_one_scale());
  STATIC_REQUIRE(ceq.scale_of(4) == answer_scale{0, 100, 10});
  STATIC_REQUIRE(ceq.scale_of(1) == answer_scale{1, 9, 1});
  STATIC_REQUIRE(ceq.is_legal(4, 60));
  STATIC_REQUIRE(!ceq.is_legal(4, 65));
  STATIC_REQUIRE(!ceq.is_legal(1, 60));
  STATIC_REQUIRE(ceq.is_legal(5, 0.75));
  constexpr auto rescaled = instrument("ceq", 6, {.min = 1, .max = 9})
                                .item_scale({4, 6}, {.min = 0, .max = 100, .step = 10}, {.min = 1, .max = 9});
  STATIC_REQUIRE(rescaled.units_per_point() == 5);  // ten percent are 0.8 points
  STATIC_REQUIRE(rescaled.counted_scale_of(6).max == 9);
  CHECK(defect(instrument("x", 3).item_scale({1}, {.step = 0.3})) == bad_step);
  CHECK(defect(instrument("x", 3).item_scale({4}, {})) == not_on_form);
  CHECK(defect(instrument("x", 3).item_scale({1, 2}, {}).item_scale({2}, {.max = 7})) == "an item has two scales");
  CHECK(defect(instrument("x", 3, {.min = 0, .max = 1, .step = 1.0 / 1009})
                   .item_scale({1}, {.min = 0, .max = 1, .step = 1.0 / 997})) == "the scales have no common unit");
}

TEST_CASE("a scale without 0", "[instruments][instrument]") {
  constexpr auto blri = instrument("blri", 4, {.min = -3, .max = 3}).legal({-3, -2, -1, 1, 2, 3}).reversed({2});
  STATIC_REQUIRE(blri.is_legal(1, -1));
  STATIC_REQUIRE(!blri.is_legal(1, 0));
  STATIC_REQUIRE(!blri.is_legal(1, 4));
  CHECK(defect(instrument("x", 3).legal({1, 2, 6})) == "a legal answer is no step of the scale");
  CHECK(defect(instrument("x", 3).legal({1, 1})) == "fewer than two answers are legal");
  CHECK(defect(instrument("x", 3).legal({1, 2, 4}).reversed({1})) == "a reversed answer would not be legal");
  CHECK(defect(instrument("x", 3).reversed({1}).legal({1, 2, 4})) == "a reversed answer would not be legal");
  CHECK(defect(instrument("x", 3).legal({1, 2, 4})) == "");
}

TEST_CASE("what contradicts itself in the meaning of scores", "[instruments][instrument]") {
  const instrument form = instrument("x", 6).subscale("a", {1, 2});
  const char* const no_score = "something names a score that is not there";
  const char* const unscored = "an unscored item belongs to a score";
  CHECK(defect(form.unscored({2})) == unscored);
  CHECK(defect(form.unscored({3}).subscale("b", {3})) == unscored);
  CHECK(defect(form.total({3, 4}).unscored({4})) == unscored);
  CHECK(defect(form.unscored({3}).total({3, 4})) == unscored);
  CHECK(defect(form.total({})) == "the total has no items");
  CHECK(defect(form.subscale("total", {1})) == "two scores share a name");
  CHECK(defect(form.combined("a", {{"a"}})) == "two scores share a name");
  CHECK(defect(form.combined("c", {{"b"}})) == no_score);
  CHECK(defect(form.combined("c", {})) == "a combined score has no parts");
  CHECK(defect(form.combined("c", {{"a", 0}})) == "a factor is 0 or no fraction");
  CHECK(defect(form.combined("c", {{"a", 3.14159265358979}})) == "a factor is 0 or no fraction");
  CHECK(defect(form.combined("c", {{"a", not_a_number}})) == "a factor is 0 or no fraction");
  CHECK(defect(form.total_as({.times = infinity})) == "a factor is 0 or no fraction");
  CHECK(defect(form.no_total().combined("c", {{"total"}})) == no_score);
  CHECK(defect(form.combined("c", {{"total"}}).no_total()) == no_score);
  CHECK(defect(form.band("b", "x", {})) == no_score);
  CHECK(defect(form.no_total().band("total", "x", {})) == no_score);
  CHECK(defect(form.band("total", "x", {}).no_total()) == no_score);
  CHECK(defect(form.cutoff("b", "x", {.at = 1})) == no_score);
  CHECK(defect(form.cutoff("total", "x", {.at = infinity})) == "a cut-off is no number");
  CHECK(defect(form.missing("b", rapport::complete)) == no_score);
  CHECK(defect(form.missing(rapport::published)) == "its rule for missing answers is none");
  CHECK(defect(form.missing(rapport::prorate(0))) == "its rule for missing answers is none");
  CHECK(defect(form.missing("a", rapport::at_least(0))) == "its rule for missing answers is none");
  CHECK(defect(form.scoring_version(0)) == "its scoring version does not count from 1");
  CHECK(defect(form.edition(std::string(32, 'x'))) == "edition or family is too long");
  CHECK(defect(form.risk_item(7)) == not_on_form);
  CHECK(defect(form.risk_item(1).risk_item(1)) == listed_twice);
  CHECK(defect(form.risk_item(1, 6)) == "a risk item cannot be endorsed like that");
  CHECK(defect(form.band("total", std::string(256, 'x'), {})) == "its texts are too long");
}

TEST_CASE("bands of one score do not overlap", "[instruments][instrument]") {
  const instrument form = instrument("x", 6).subscale("a", {1, 2}).band("total", "mild", {.from = 5, .to = 9});
  const char* const overlap = "two bands of a score overlap";
  CHECK(defect(form.band("total", "more", {.from = 9, .to = 12})) == overlap);
  CHECK(defect(form.band("total", "more", {.from = 9, .to = 12, .from_open = true})) == "");
  CHECK(defect(form.band("total", "more", {.from = 10, .to = 12})) == "");
  CHECK(defect(form.band("total", "less", {.to = 5})) == overlap);
  CHECK(defect(form.band("total", "less", {.to = 5, .to_open = true})) == "");
  CHECK(defect(form.band("total", "in it", {.from = 6, .to = 6})) == overlap);
  CHECK(defect(form.band("a", "another score", {.from = 6, .to = 6})) == "");
  CHECK(defect(form.band("a", "empty", {.from = 6, .to = 5})) == "a band ends before it begins");
  CHECK(defect(form.band("a", "empty", {.from = 6, .to = 6, .to_open = true})) == "a band ends before it begins");
  CHECK(defect(form.band("a", "none", {.from = not_a_number})) == "a band ends before it begins");
}

TEST_CASE("lists made at run time", "[instruments][instrument]") {
  const std::vector<int> reversed = {2, 5};
  std::vector<rapport::weighted_score> parts;
  {
    const std::string short_lived = "a";
    parts.push_back({"a", 2});
    const instrument form = instrument("x", 6).reversed(reversed).subscale(short_lived, std::vector<int>{1, 2});
    CHECK(form.reversed_items().contains(5));
    CHECK(defect(form.combined("c", parts)) == "");
  }
}
