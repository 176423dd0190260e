// SPDX-License-Identifier: BSL-1.0
// The card: totals, subscales and means where the rule allows them, and what it says of the rest.
#include "rapport_test.hpp"

#include <array>
#include <string>
#include <type_traits>
#include <vector>

#include <rapport/scoring/score.hpp>
#include <rapport/scoring/score_card.hpp>

using rapport::answer;
using rapport::missing;
using rapport::score_status;
using rapport::skipped;

namespace {

constexpr auto mood = rapport::instrument("mood-6", 6, {.min = 1, .max = 7})
                          .reversed({2, 5})
                          .subscale("trust", {1, 2, 3})
                          .subscale("task", {4, 5, 6});

std::vector<int> listed(const rapport::item_set& set) { return {set.begin(), set.end()}; }

}  // namespace

TEST_CASE("a card owns all it needs", "[scoring][score_card]") {
  STATIC_REQUIRE(std::is_trivially_copyable_v<rapport::score_card>);
  const auto card = [] {
    const std::string id = "a-name-made-at-run-time";
    const auto form = rapport::instrument("short-lived", 2).subscale(id, {1, 2});
    return rapport::score(form, std::vector<int>{2, 3}).value();
  }();
  CHECK(card.subscale_id(0) == "a-name-made-at-run-time");
  CHECK(card.subscale("a-name-made-at-run-time") == 5.0);
}

TEST_CASE("the card of a complete form", "[scoring][score_card]") {
  // Item 2: 8 - 2 = 6; item 5: 8 - 3 = 5. trust 6 + 6 + 7 = 19, task 5 + 5 + 6 = 16, total 35.
  constexpr auto card = *rapport::score(mood, std::array{6, 2, 7, 5, 3, 6});
  STATIC_REQUIRE(card.total() == 35.0);
  STATIC_REQUIRE(card.total_mean() == 35.0 / 6);
  STATIC_REQUIRE(card.total_status() == score_status::ok);
  STATIC_REQUIRE(card.n_subscales() == 2);
  STATIC_REQUIRE(card.subscale_id(0) == "trust");
  STATIC_REQUIRE(card.subscale_id(1) == "task");
  STATIC_REQUIRE(card.subscale("trust") == 19.0);
  STATIC_REQUIRE(card.subscale(0) == 19.0);
  STATIC_REQUIRE(card.subscale_mean(0) == 19.0 / 3);
  STATIC_REQUIRE(card.subscale("task") == 16.0);
  STATIC_REQUIRE(card.subscale(1) == 16.0);
  STATIC_REQUIRE(card.subscale_mean(1) == 16.0 / 3);
  STATIC_REQUIRE(card.find_subscale("task") == 1);
  STATIC_REQUIRE(card.find_subscale("bond") == -1);
  STATIC_REQUIRE(card.n_items() == 6);
  STATIC_REQUIRE(card.n_answered() == 6);
  STATIC_REQUIRE(card.n_missing() == 0);
  STATIC_REQUIRE(card.missing_items().empty());
  STATIC_REQUIRE(card.skipped_items().empty());
  STATIC_REQUIRE(card.rule() == rapport::published);
}

TEST_CASE("the card of an incomplete form still gives the subscales that are complete", "[scoring][score_card]") {
  const std::array<answer<int>, 6> answers = {6, 2, 7, missing, 3, skipped};
  const auto card = rapport::score(mood, answers).value();
  CHECK(!card.total().has_value());
  CHECK(!card.total_mean().has_value());
  CHECK(card.total_status() == score_status::incomplete);
  CHECK(card.subscale("trust") == 19.0);
  CHECK(!card.subscale("task").has_value());
  CHECK(!card.subscale_mean(1).has_value());
  CHECK(card.n_answered() == 4);
  CHECK(card.n_missing() == 2);
  CHECK((listed(card.missing_items()) == std::vector<int>{4, 6}));
  CHECK((listed(card.skipped_items()) == std::vector<int>{6}));
}

TEST_CASE("a prorated score is the mean of the answered items times their number, reversed first",
          "[scoring][score_card]") {
  // Items 3 and 5 are missing. Reversed first, item 2 counts 8 - 2 = 6.
  // trust (6 + 6) / 2 * 3 = 18, task (5 + 7) / 2 * 3 = 18, total (6 + 6 + 5 + 7) / 4 * 6 = 36.
  const std::array<answer<int>, 6> answers = {6, 2, missing, 5, missing, 7};
  const auto card = rapport::score(mood, answers, {.missing = rapport::prorate(0.6)}).value();
  CHECK(card.total() == 36.0);
  CHECK(card.total_mean() == 6.0);
  CHECK(card.total_status() == score_status::prorated);
  CHECK(card.subscale("trust") == 18.0);
  CHECK(card.subscale_mean(0) == 6.0);
  CHECK(card.subscale("task") == 18.0);
  CHECK(card.rule() == rapport::prorate(0.6));
  CHECK((listed(card.missing_items()) == std::vector<int>{3, 5}));
}

TEST_CASE("each score asks for its own share of answers", "[scoring][score_card]") {
  // Two of three on trust are fewer than 0.7, one missing of six on the form is not.
  const std::array<answer<int>, 6> answers = {6, missing, 7, 5, 3, 6};
  const auto card = rapport::score(mood, answers, {.missing = rapport::prorate(0.7)}).value();
  CHECK(card.total_status() == score_status::prorated);
  CHECK_CLOSE(*card.total(), (6 + 7 + 5 + 5 + 6) / 5.0 * 6, 1e-15);
  CHECK(!card.subscale("trust").has_value());
  CHECK(card.subscale("task") == 16.0);
}

TEST_CASE("a prorated score may be a fraction, and is rounded once", "[scoring][score_card]") {
  // (6 + 6 + 7 + 5 + 5) / 5 * 6 = 34.8
  const std::array<answer<int>, 6> answers = {6, 2, 7, 5, 3, missing};
  const auto card = rapport::score(mood, answers, {.missing = rapport::prorate(0.5)}).value();
  CHECK(card.total() == 34.8);
  CHECK(card.total_mean() == 5.8);
  const auto exact = rapport::score<long double>(mood, answers, {.missing = rapport::prorate(0.5)}).value();
  CHECK(exact.total() == 34.8L);
  const auto single = rapport::score<float>(mood, answers, {.missing = rapport::prorate(0.5)}).value();
  CHECK(single.total() == 34.8F);
}

TEST_CASE("nothing answered, nothing scored", "[scoring][score_card]") {
  const std::vector<answer<int>> answers(6);
  for (const auto& rule : {rapport::published, rapport::complete, rapport::prorate(0.001), rapport::prorate(1)}) {
    const auto card = rapport::score(mood, answers, {.missing = rule}).value();
    CHECK(!card.total().has_value());
    CHECK(!card.total_mean().has_value());
    CHECK(!card.subscale(0).has_value());
    CHECK(card.n_answered() == 0);
    CHECK(card.n_missing() == 6);
    CHECK(card.missing_items() == rapport::item_set::first(6));
    CHECK(card.skipped_items().empty());
  }
}
