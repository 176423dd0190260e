// SPDX-License-Identifier: BSL-1.0
// How forms were answered: measures by hand and by a second computation, and every flag at its threshold.
#include "rapport_test.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>
#include <vector>

#include <rapport/core/random.hpp>
#include <rapport/scoring/response_pattern.hpp>

using rapport::answer;
using rapport::describe_responses;
using rapport::errc;
using rapport::missing;
using rapport::pattern_flag;
using rapport::instruments::wai_36_client;
using rapport::instruments::wai_sr_client;

namespace {

constexpr auto short_form = rapport::instrument("short", 6, {.min = 1, .max = 5}).reversed({2, 5});

}  // namespace

TEST_CASE("a uniform form", "[scoring][response_pattern]") {
  const auto found = describe_responses(wai_sr_client, std::vector<int>(12, 5)).value();
  CHECK(found.has(pattern_flag::uniform));
  CHECK(!found.has(pattern_flag::long_string));  // uniform says it already
  CHECK(found.has(pattern_flag::ceiling));
  CHECK(!found.has(pattern_flag::floor));
  CHECK(!found.has(pattern_flag::even_odd));  // nothing varies, so that there is no consistency
  CHECK(!found.even_odd_consistency.has_value());
  CHECK(found.longest_string == 12);
  CHECK(found.variation == 0.0);
  CHECK(found.ceiling_share == 1.0);
  CHECK(found.floor_share == 0.0);
  CHECK(found.stopped_after == 0);
}

TEST_CASE("a uniform form with reversed items is no ceiling", "[scoring][response_pattern]") {
  const auto found = describe_responses(short_form, std::array{5, 5, 5, 5, 5, 5}).value();
  CHECK(found.has(pattern_flag::uniform));
  CHECK(!found.has(pattern_flag::ceiling));
  CHECK(found.ceiling_share == 4.0 / 6);
  CHECK(found.floor_share == 2.0 / 6);
  const auto best = describe_responses(short_form, std::array{5, 1, 5, 5, 1, 5}).value();
  CHECK(best.has(pattern_flag::ceiling));
  CHECK(!best.has(pattern_flag::uniform));
}

TEST_CASE("blanks", "[scoring][response_pattern]") {
  const std::array<answer<int>, 6> stopped = {3, 3, missing, 3, missing, missing};
  const auto found = describe_responses(short_form, stopped).value();
  CHECK(found.n_answered == 3);
  CHECK(found.missing_items.size() == 3);
  CHECK(found.stopped_after == 4);
  CHECK(found.has(pattern_flag::stopped));
  CHECK(found.has(pattern_flag::uniform));  // all three answers are alike
  CHECK(found.longest_string == 2);         // the blank ends the string
  CHECK(!found.has(pattern_flag::long_string));
  const std::array<answer<int>, 6> one = {missing, 3, missing, missing, missing, missing};
  CHECK(!describe_responses(short_form, one).value().has(pattern_flag::uniform));
  CHECK(!describe_responses(short_form, one).value().variation.has_value());
  const auto nothing = describe_responses(short_form, std::vector<answer<int>>(6)).value();
  CHECK(nothing.n_answered == 0);
  CHECK(nothing.longest_string == 0);
  CHECK(!nothing.ceiling_share.has_value());
  for (const bool raised : nothing.raised) CHECK(!raised);
}

TEST_CASE("a string is long from half of the items on", "[scoring][response_pattern]") {
  CHECK(describe_responses(short_form, std::array{1, 2, 2, 2, 1, 2}).value().has(pattern_flag::long_string));
  CHECK(!describe_responses(short_form, std::array{1, 2, 2, 1, 1, 2}).value().has(pattern_flag::long_string));
  const rapport::pattern_options strict{.longest_string_share = 1.0 / 3};
  CHECK(describe_responses(short_form, std::array{1, 2, 2, 1, 3, 2}, strict).value().has(pattern_flag::long_string));
}

TEST_CASE("even-odd consistency by hand", "[scoring][response_pattern]") {
  // task 1, 2, 10, 12: odd 1 and 10, even 2 and 12; bond 3, 5, 7, 9; goal 4, 6, 8, 11.
  // odd means 5, 3, 1.5; even means 4, 3, 2: r = cov / sd = 3.5 / sqrt(6.1666667 * 2), 2 r / (1 + r).
  const std::array answers = {5, 4, 3, 2, 3, 2, 3, 1, 3, 5, 2, 4};
  const auto found = describe_responses(wai_sr_client, answers).value();
  const double r = 3.5 / std::sqrt(37.0 / 6 * 2);
  REQUIRE(found.even_odd_consistency.has_value());
  CHECK_CLOSE(*found.even_odd_consistency, 2 * r / (1 + r), 1e-14);
  CHECK(!found.has(pattern_flag::even_odd));
  // Odd and even items against each other.
  const auto against = describe_responses(wai_sr_client, std::array{5, 1, 3, 1, 3, 5, 3, 1, 3, 5, 5, 1}).value();
  CHECK_CLOSE(*against.even_odd_consistency, -1.0, 1e-14);
  CHECK(against.has(pattern_flag::even_odd));
}

TEST_CASE("random forms against a second computation", "[scoring][response_pattern]") {
  rapport::random_stream random(20260503);
  for (int repetition = 0; repetition < 2000; ++repetition) {
    std::vector<answer<int>> answers;
    std::vector<double> given;
    std::string symbols;
    int n_top = 0;
    for (int item = 1; item <= 36; ++item) {
      if (random.chance(0.1)) {
        answers.emplace_back(missing);
        symbols += ' ';
        continue;
      }
      const int one = static_cast<int>(random.chance(0.7) ? 6 : 1 + random.below(7));
      answers.emplace_back(one);
      given.push_back(one);
      symbols += static_cast<char>('0' + one);
      n_top += one == (wai_36_client.reversed_items().contains(item) ? 1 : 7) ? 1 : 0;
    }
    std::size_t longest = 0;
    for (char c = '1'; c <= '7'; ++c) {
      for (std::size_t n = longest + 1; symbols.find(std::string(n, c)) != std::string::npos; ++n) longest = n;
    }
    double mean = 0;
    for (const double x : given) mean += x / static_cast<double>(given.size());
    double squares = 0;
    for (const double x : given) squares += (x - mean) * (x - mean);
    const auto found = describe_responses(wai_36_client, answers).value();
    CHECK(found.longest_string == static_cast<int>(longest));
    CHECK(found.n_answered == static_cast<int>(given.size()));
    CHECK_CLOSE(*found.variation, std::sqrt(squares / static_cast<double>(given.size() - 1)), 1e-12);
    CHECK_CLOSE(*found.ceiling_share, n_top / static_cast<double>(given.size()), 1e-15);
  }
}

TEST_CASE("every flag has a word and a source, and none of them says careless", "[scoring][response_pattern]") {
  for (int f = 0; f < rapport::n_pattern_flags; ++f) {
    const auto flag = static_cast<pattern_flag>(f);
    CHECK(to_string(flag) != "unknown");
    CHECK(source_of(flag).size() > 20);
    CHECK(to_string(flag).find("careless") == std::string_view::npos);
  }
}

TEST_CASE("what describe_responses refuses", "[scoring][response_pattern]") {
  const std::vector<int> answers(6, 3);
  const auto code = [&](const rapport::pattern_options& options) {
    const auto found = describe_responses(short_form, answers, options);
    return found ? errc{} : found.error().code;
  };
  CHECK(code({}) == errc{});
  CHECK(code({.longest_string_share = 0}) == errc::invalid_option);
  CHECK(code({.even_odd_below = 1.5}) == errc::invalid_option);
  CHECK(code({.even_odd_below = -1}) == errc{});
  CHECK(code({.variation_below = -1}) == errc::invalid_option);
  CHECK(code({.ceiling_share = 1.1}) == errc::invalid_option);
  CHECK(code({.floor_share = std::nan("")}) == errc::invalid_option);
  const auto illegal = describe_responses(short_form, std::array{1, 2, 3, 4, 5, 6});
  CHECK(illegal.error().code == errc::answer_out_of_range);
  CHECK(illegal.error().column == 5);
  CHECK(describe_responses(short_form, std::vector<int>(5, 1)).error().code == errc::wrong_number_of_answers);
}
