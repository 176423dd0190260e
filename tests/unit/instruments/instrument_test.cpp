// SPDX-License-Identifier: BSL-1.0
// Descriptions of questionnaires: what the builder makes, and every way in which a description can contradict itself.
#include "rapport_test.hpp"

#include <string>
#include <string_view>

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
  CHECK(defect_of_scale({.min = 0, .max = 10, .step = 2}) == bad_step);
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
  CHECK(starts_with(defect(form.subscale("", {1})), "a subscale's id needs"));
  CHECK(starts_with(defect(form.subscale(std::string(32, 'x'), {1})), "a subscale's id needs"));
  CHECK(defect(form.subscale(std::string(31, 'x'), {1})) == "");
  CHECK(defect(form.subscale("a", {})) == "a subscale has no items");
  CHECK(defect(form.subscale("a", {1}).subscale("a", {2})) == "two subscales share a name");
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
