// SPDX-License-Identifier: BSL-1.0
// The rules for missing answers: what they say, and how many answers they ask for.
#include "rapport_test.hpp"

#include <cmath>
#include <string>

#include <rapport/scoring/missing_rule.hpp>

using rapport::missing_rule;
using rapport::prorate;
using rapport::score_status;
using rapport::detail::apply;

TEST_CASE("rules compare and have words", "[scoring][missing_rule]") {
  STATIC_REQUIRE(rapport::published == rapport::published);
  STATIC_REQUIRE(rapport::published != rapport::complete);
  STATIC_REQUIRE(prorate(0.8) == prorate(0.8));
  STATIC_REQUIRE(prorate(0.8) != prorate(0.7));
  STATIC_REQUIRE(prorate(1) != rapport::complete);
  STATIC_REQUIRE(prorate(0.8).fraction == 0.8);
  STATIC_REQUIRE(missing_rule() == rapport::published);
  STATIC_REQUIRE(rapport::to_string(rapport::published) == "published");
  STATIC_REQUIRE(rapport::to_string(rapport::complete) == "complete forms only");
  STATIC_REQUIRE(rapport::to_string(prorate(0.5)) == "prorated from the answered items");
  STATIC_REQUIRE(rapport::to_string(score_status::ok) == "ok");
  STATIC_REQUIRE(rapport::to_string(score_status::prorated) == "prorated");
  STATIC_REQUIRE(rapport::to_string(score_status::incomplete) == "incomplete");
}

TEST_CASE("a complete score is ok under every rule", "[scoring][missing_rule]") {
  for (const missing_rule& rule : {rapport::published, rapport::complete, prorate(0.1), prorate(1)}) {
    for (int n = 1; n <= 128; ++n) CHECK(apply(rule, n, n) == score_status::ok);
  }
}

TEST_CASE("the published rule and the complete one bridge nothing", "[scoring][missing_rule]") {
  // The fraction belongs to prorating; it does not soften the other rules.
  const missing_rule with_fraction{missing_rule::kind::complete, 0.5};
  for (const missing_rule& rule : {rapport::published, rapport::complete, with_fraction}) {
    for (int n_answered = 0; n_answered < 12; ++n_answered)
      CHECK(apply(rule, n_answered, 12) == score_status::incomplete);
  }
}

TEST_CASE("prorating at known thresholds", "[scoring][missing_rule]") {
  // 0.7 * 10 is 7 answers, although the product of the doubles is a little less or more.
  STATIC_REQUIRE(apply(prorate(0.7), 7, 10) == score_status::prorated);
  STATIC_REQUIRE(apply(prorate(0.7), 6, 10) == score_status::incomplete);
  // 0.8 * 12 is 9.6, so 10 answers.
  STATIC_REQUIRE(apply(prorate(0.8), 10, 12) == score_status::prorated);
  STATIC_REQUIRE(apply(prorate(0.8), 9, 12) == score_status::incomplete);
  // 0.75 * 4 is 3.
  STATIC_REQUIRE(apply(prorate(0.75), 3, 4) == score_status::prorated);
  STATIC_REQUIRE(apply(prorate(0.75), 2, 4) == score_status::incomplete);
  STATIC_REQUIRE(apply(prorate(0.751), 3, 4) == score_status::incomplete);
  // The whole form is needed, and no rule makes a score of nothing.
  STATIC_REQUIRE(apply(prorate(1), 127, 128) == score_status::incomplete);
  STATIC_REQUIRE(apply(prorate(1e-12), 1, 128) == score_status::prorated);
  STATIC_REQUIRE(apply(prorate(1e-12), 0, 128) == score_status::incomplete);
}

TEST_CASE("prorating exactly at the edge, for every form and every number of answers", "[scoring][missing_rule]") {
  bool exact = true;
  for (int n = 2; n <= 128; ++n) {
    for (int k = 1; k < n; ++k) {
      const missing_rule rule = prorate(static_cast<double>(k) / n);
      exact = exact && apply(rule, k, n) == score_status::prorated && apply(rule, k - 1, n) == score_status::incomplete;
    }
  }
  CHECK(exact);
}

TEST_CASE("prorating by percent is that of whole numbers", "[scoring][missing_rule]") {
  bool exact = true;
  for (int percent = 1; percent <= 100; ++percent) {
    for (int n = 1; n <= 128; ++n) {
      for (int k = 1; k < n; ++k) {
        const bool enough = 100 * k >= percent * n;
        exact = exact && (apply(prorate(percent / 100.0), k, n) == score_status::prorated) == enough;
      }
    }
  }
  CHECK(exact);
}

TEST_CASE("at least so many answers", "[scoring][missing_rule]") {
  using rapport::at_least;
  STATIC_REQUIRE(apply(at_least(3), 3, 4) == score_status::prorated);
  STATIC_REQUIRE(apply(at_least(3), 2, 4) == score_status::incomplete);
  STATIC_REQUIRE(apply(at_least(3), 4, 4) == score_status::ok);
  STATIC_REQUIRE(apply(at_least(1), 0, 4) == score_status::incomplete);
  // All items, where there are no more than that.
  STATIC_REQUIRE(apply(at_least(3), 3, 3) == score_status::ok);
  STATIC_REQUIRE(apply(at_least(3), 2, 3) == score_status::incomplete);
  STATIC_REQUIRE(apply(at_least(3), 1, 2) == score_status::incomplete);
}

TEST_CASE("at most so many missing", "[scoring][missing_rule]") {
  using rapport::at_most_missing;
  STATIC_REQUIRE(apply(at_most_missing(2), 8, 10) == score_status::prorated);
  STATIC_REQUIRE(apply(at_most_missing(2), 7, 10) == score_status::incomplete);
  STATIC_REQUIRE(apply(at_most_missing(0), 9, 10) == score_status::incomplete);
  STATIC_REQUIRE(apply(at_most_missing(0), 10, 10) == score_status::ok);
  STATIC_REQUIRE(apply(at_most_missing(5), 1, 4) == score_status::prorated);
  STATIC_REQUIRE(apply(at_most_missing(5), 0, 4) == score_status::incomplete);  // nothing is made of nothing
}

TEST_CASE("rules whose numbers make no sense", "[scoring][missing_rule]") {
  using rapport::detail::is_valid;
  STATIC_REQUIRE(is_valid(rapport::published));
  STATIC_REQUIRE(is_valid(rapport::complete));
  STATIC_REQUIRE(is_valid(prorate(1)));
  STATIC_REQUIRE(!is_valid(prorate(0)));
  STATIC_REQUIRE(!is_valid(prorate(1.5)));
  STATIC_REQUIRE(is_valid(rapport::at_least(1)));
  STATIC_REQUIRE(!is_valid(rapport::at_least(0)));
  STATIC_REQUIRE(is_valid(rapport::at_most_missing(0)));
  STATIC_REQUIRE(!is_valid(rapport::at_most_missing(-1)));
}

TEST_CASE("rules in words", "[scoring][missing_rule]") {
  const rapport::instrument plain("x", 10);
  const auto words = [](const rapport::instrument& form, const missing_rule& rule) {
    const auto text = rapport::describe(form, rule);
    CHECK(!text.truncated());
    return std::string(text.view());
  };
  CHECK(words(plain, rapport::published) == "published (none known: complete forms only)");
  CHECK(words(plain, rapport::complete) == "complete forms only");
  CHECK(words(plain, prorate(0.8)) == "prorated from at least 0.8 of the items of a score");
  CHECK(words(plain.missing(rapport::at_most_missing(2)), rapport::published) ==
        "published (at most 2 answers of a score missing, prorated)");
  CHECK(words(plain.missing(rapport::at_least(3)), rapport::published) ==
        "published (prorated from at least 3 answers of each subscale)");
  CHECK(!words(plain.missing(prorate(0.1234567890123456)), rapport::published).empty());
}
