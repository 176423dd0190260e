// SPDX-License-Identifier: BSL-1.0
// Scoring a form: worked examples, every kind of answer, every way to be refused.
#include "rapport_test.hpp"

#include <array>
#include <cstdint>
#include <deque>
#include <list>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <rapport/scoring/score.hpp>

using rapport::answer;
using rapport::errc;
using rapport::error;
using rapport::instrument;
using rapport::missing;
using rapport::score;
using rapport::skipped;
using rapport::instruments::srs_3;
using rapport::instruments::wai_36_client;
using rapport::instruments::wai_36_therapist;
using rapport::instruments::wai_sr_client;

namespace {

constexpr double not_a_number = std::numeric_limits<double>::quiet_NaN();
constexpr double infinity = std::numeric_limits<double>::infinity();

constexpr auto mood = instrument("mood-6", 6, {.min = 1, .max = 7})
                          .reversed({2, 5})
                          .subscale("trust", {1, 2, 3})
                          .subscale("task", {4, 5, 6});

template <class Answers>
error refusal(const instrument& form, const Answers& answers, const rapport::score_options& options = {}) {
  const auto card = score(form, answers, options);
  REQUIRE(!card);
  return card.error();
}

std::string sentence(const error& e) { return std::string(rapport::message(e).view()); }

/// A form of 6 items answered 4, but for one.
template <class T>
std::array<T, 6> with(int item, T given) {
  std::array<T, 6> answers;
  answers.fill(T(4));
  answers[static_cast<std::size_t>(item - 1)] = given;
  return answers;
}

}  // namespace

TEST_CASE("worked example: WAI-SR", "[scoring][score]") {
  // Task, items 1, 2, 10, 12: 4 + 5 + 4 + 5 = 18. Bond, items 3, 5, 7, 9: 3 + 5 + 4 + 5 = 17.
  // Goal, items 4, 6, 8, 11: 4 + 4 + 3 + 4 = 15. Total 50.
  constexpr auto card = score(wai_sr_client, std::array{4, 5, 3, 4, 5, 4, 4, 3, 5, 4, 4, 5});
  STATIC_REQUIRE(card);
  STATIC_REQUIRE(card->total() == 50.0);
  STATIC_REQUIRE(card->total_mean() == 50.0 / 12);
  STATIC_REQUIRE(card->subscale("task") == 18.0);
  STATIC_REQUIRE(card->subscale("bond") == 17.0);
  STATIC_REQUIRE(card->subscale("goal") == 15.0);
}

TEST_CASE("worked example: WAI-36", "[scoring][score]") {
  // The answers go 1, 2, ..., 7, 1, 2, ... through the form; an (R) counts 8 - answer.
  // Task: 2:2 4:4 7:1(R) 11:4(R) 13:6 15:7(R) 16:2 18:4 24:3 31:5(R) 33:3(R) 35:7                    = 48
  // Bond: 1:7(R) 5:5 8:1 17:3 19:5 20:2(R) 21:7 23:2 26:5 28:7 29:7(R) 36:1                          = 52
  // Goal: 3:5(R) 6:6 9:6(R) 10:5(R) 12:3(R) 14:7 22:1 25:4 27:2(R) 30:2 32:4 34:2(R)                 = 47
  constexpr auto answers = [] {
    std::array<int, 36> a{};
    for (std::size_t i = 0; i < 36; ++i) a[i] = static_cast<int>(i % 7) + 1;
    return a;
  }();
  for (const instrument* form : {&wai_36_client, &wai_36_therapist}) {
    const auto card = score(*form, answers).value();
    CHECK(card.subscale("task") == 48.0);
    CHECK(card.subscale("bond") == 52.0);
    CHECK(card.subscale("goal") == 47.0);
    CHECK(card.total() == 147.0);
    CHECK(card.subscale_mean(0) == 4.0);
  }
}

TEST_CASE("the ends of the WAI-36", "[scoring][score]") {
  // The strongest alliance: 7 where the item counts forward, 1 where it is reversed.
  std::array<int, 36> best{};
  std::array<int, 36> worst{};
  for (int item = 1; item <= 36; ++item) {
    const bool is_reversed = wai_36_client.reversed_items().contains(item);
    best[static_cast<std::size_t>(item - 1)] = is_reversed ? 1 : 7;
    worst[static_cast<std::size_t>(item - 1)] = is_reversed ? 7 : 1;
  }
  CHECK(score(wai_36_client, best).value().total() == 252.0);
  CHECK(score(wai_36_client, worst).value().total() == 36.0);
  CHECK(score(wai_36_client, best).value().subscale("goal") == 84.0);
  CHECK(score(wai_36_client, worst).value().subscale("goal") == 12.0);
  // All answers alike: 22 * a + 14 * (8 - a).
  for (int a = 1; a <= 7; ++a) {
    std::array<int, 36> same{};
    same.fill(a);
    CHECK(score(wai_36_client, same).value().total() == 22 * a + 14 * (8 - a));
  }
}

TEST_CASE("worked examples: SRS, in exact tenths", "[scoring][score]") {
  STATIC_REQUIRE(*score(srs_3, std::array{0.1, 0.2, 0.0, 0.0})->total() == 0.3);
  STATIC_REQUIRE(*score(srs_3, std::array{3.3, 3.3, 3.3, 0.1})->total() == 10.0);
  STATIC_REQUIRE(*score(srs_3, std::array{8.9, 9.4, 7.6, 10.0})->total() == 35.9);
  STATIC_REQUIRE(*score(srs_3, std::array{9.1, 8.7, 9.3, 8.9})->total() == 36.0);
  STATIC_REQUIRE(*score(srs_3, std::array{10, 10, 10, 10})->total() == 40.0);
  STATIC_REQUIRE(*score(srs_3, std::array{0, 0, 0, 0})->total() == 0.0);
  STATIC_REQUIRE(*score(srs_3, std::array{9.1, 8.7, 9.3, 8.9})->total_mean() == 9.0);
  // What a sum of doubles would make of two of them, so that the examples above are worth something.
  CHECK(0.1 + 0.2 + 0.0 + 0.0 != 0.3);
  CHECK(3.3 + 3.3 + 3.3 + 0.1 != 10.0);
}

TEST_CASE("every tenth between 0 and 10 is a legal SRS answer, in every scalar", "[scoring][score]") {
  for (int tenths = 0; tenths <= 100; ++tenths) {
    const auto in_double = static_cast<double>(tenths) / 10;
    const auto in_float = static_cast<float>(tenths) / 10;
    const auto in_long_double = static_cast<long double>(tenths) / 10;
    CAPTURE(tenths);
    CHECK(score(srs_3, std::array{in_double, 0.0, 0.0, 0.0}).value().total() == in_double);
    CHECK(score(srs_3, std::array{in_float, 0.0F, 0.0F, 0.0F}).value().total() == in_double);
    CHECK(score(srs_3, std::array{in_long_double, 0.0L, 0.0L, 0.0L}).value().total() == in_double);
    CHECK(score<float>(srs_3, std::array{in_double, 0.0, 0.0, 0.0}).value().total() == in_float);
    CHECK(score<long double>(srs_3, std::array{in_double, 0.0, 0.0, 0.0}).value().total() == in_long_double);
  }
}

TEST_CASE("every multiple of every step is a legal answer", "[scoring][score]") {
  // Among them 29 hundredths and 1/49, whose product with 100 and 49 is a little less than 29 and 1.
  CHECK(0.29 * 100 < 29);
  for (const int parts : {1, 2, 3, 7, 8, 20, 49, 60, 100, 127, 1000}) {
    const instrument form("fine", 2, {.min = -1, .max = 1, .step = 1.0 / parts});
    bool all_legal = true;
    for (int k = -parts; k <= parts; ++k) {
      const double given = static_cast<double>(k) / parts;
      const auto card = score(form, std::array{given, 0.0});
      all_legal = all_legal && card && card->total() == given;
    }
    CAPTURE(parts);
    CHECK(all_legal);
  }
}

TEST_CASE("answers of every kind give the same card", "[scoring][score]") {
  // Item 2: 8 - 2 = 6; item 5: 8 - 3 = 5; total 6 + 6 + 7 + 5 + 5 + 6 = 35.
  const int as_c_array[] = {6, 2, 7, 5, 3, 6};
  const std::array<unsigned char, 6> bytes = {6, 2, 7, 5, 3, 6};
  const std::array<signed char, 6> signed_bytes = {6, 2, 7, 5, 3, 6};
  const std::array<short, 6> shorts = {6, 2, 7, 5, 3, 6};
  const std::array<unsigned, 6> unsigned_numbers = {6, 2, 7, 5, 3, 6};
  const std::array<std::int64_t, 6> large = {6, 2, 7, 5, 3, 6};
  const std::array<std::uint64_t, 6> unsigned_large = {6, 2, 7, 5, 3, 6};
  const std::array<float, 6> floats = {6, 2, 7, 5, 3, 6};
  const std::array<long double, 6> long_doubles = {6, 2, 7, 5, 3, 6};
  const std::array<std::optional<int>, 6> optionals = {6, 2, 7, 5, 3, 6};
  const std::array<std::optional<double>, 6> optional_doubles = {6, 2, 7, 5, 3, 6};
  const std::array<answer<int>, 6> answers = {6, 2, 7, 5, 3, 6};
  const std::array<answer<float>, 6> float_answers = {6.0F, 2.0F, 7.0F, 5.0F, 3.0F, 6.0F};
  const std::vector<double> vector = {6, 2, 7, 5, 3, 6};
  const std::deque<int> deque = {6, 2, 7, 5, 3, 6};
  const std::list<int> list = {6, 2, 7, 5, 3, 6};

  CHECK(score(mood, as_c_array).value().total() == 35.0);
  CHECK(score(mood, bytes).value().total() == 35.0);
  CHECK(score(mood, signed_bytes).value().total() == 35.0);
  CHECK(score(mood, shorts).value().total() == 35.0);
  CHECK(score(mood, unsigned_numbers).value().total() == 35.0);
  CHECK(score(mood, large).value().total() == 35.0);
  CHECK(score(mood, unsigned_large).value().total() == 35.0);
  CHECK(score(mood, floats).value().total() == 35.0);
  CHECK(score(mood, long_doubles).value().total() == 35.0);
  CHECK(score(mood, optionals).value().total() == 35.0);
  CHECK(score(mood, optional_doubles).value().total() == 35.0);
  CHECK(score(mood, answers).value().total() == 35.0);
  CHECK(score(mood, float_answers).value().total() == 35.0);
  CHECK(score(mood, vector).value().total() == 35.0);
  CHECK(score(mood, deque).value().total() == 35.0);
  CHECK(score(mood, list).value().total() == 35.0);
  CHECK(score(mood, std::span(vector)).value().total() == 35.0);
}

TEST_CASE("a yes or no form takes truth values", "[scoring][score]") {
  constexpr auto form = instrument("yes-no", 3, {.min = 0, .max = 1}).reversed({3});
  CHECK(score(form, std::array{true, false, false}).value().total() == 2.0);
  CHECK(score(form, std::vector<bool>{true, true, true}).value().total() == 2.0);
}

TEST_CASE("scoring is noexcept and works in constant expressions", "[scoring][score]") {
  STATIC_REQUIRE(noexcept(score(mood, std::array{1, 2, 3, 4, 5, 6})));
  constexpr auto card =
      score(mood, std::array<answer<int>, 6>{6, 2, missing, 5, skipped, 7}, {.missing = rapport::prorate(0.6)});
  STATIC_REQUIRE(card->total() == 36.0);  // (6 + 6 + 5 + 7) / 4 * 6
  STATIC_REQUIRE(card->missing_items().size() == 2);
  STATIC_REQUIRE(card->skipped_items().contains(5));
  constexpr auto refused = score(mood, std::array{1, 2, 8, 4, 5, 6});
  STATIC_REQUIRE(refused.error().code == errc::answer_out_of_range);
  STATIC_REQUIRE(refused.error().column == 2);
}

TEST_CASE("missing is said in several ways, and skipped in one", "[scoring][score]") {
  const std::array<double, 6> with_nan = {6, 2, not_a_number, 5, 3, 6};
  const std::array<float, 6> with_float_nan = {6, 2, std::numeric_limits<float>::quiet_NaN(), 5, 3, 6};
  const std::array<long double, 6> with_long_nan = {6, 2, std::numeric_limits<long double>::quiet_NaN(), 5, 3, 6};
  const std::array<std::optional<int>, 6> with_nullopt = {6, 2, std::nullopt, 5, 3, 6};
  const std::array<std::optional<double>, 6> with_optional_nan = {6, 2, not_a_number, 5, 3, 6};
  const std::array<answer<int>, 6> with_missing = {6, 2, missing, 5, 3, 6};
  const std::array<answer<double>, 6> with_answer_nan = {6.0, 2.0, not_a_number, 5.0, 3.0, 6.0};
  const std::array<answer<int>, 6> with_skipped = {6, 2, skipped, 5, 3, 6};
  const auto check = [](const auto& answers, bool is_skipped) {
    const auto card = score(mood, answers).value();
    CHECK(!card.total().has_value());
    CHECK(card.subscale("task") == 16.0);
    CHECK(card.n_answered() == 5);
    CHECK(card.missing_items().size() == 1);
    CHECK(card.missing_items().contains(3));
    CHECK(card.skipped_items().contains(3) == is_skipped);
  };
  check(with_nan, false);
  check(with_float_nan, false);
  check(with_long_nan, false);
  check(with_nullopt, false);
  check(with_optional_nan, false);
  check(with_missing, false);
  check(with_answer_nan, false);
  check(with_skipped, true);
}

TEST_CASE("0 is an answer like any other: legal on the SRS, out of range on the WAI", "[scoring][score]") {
  CHECK(score(srs_3, std::array{0.0, -0.0, 0.0, 0.0}).value().total() == 0.0);
  const error e = refusal(mood, with(3, 0));
  CHECK(e.code == errc::answer_out_of_range);
  CHECK(e.column == 2);
}

TEST_CASE("the wrong number of answers is refused", "[scoring][score]") {
  const error e = refusal(wai_sr_client, std::vector<int>(11, 3));
  CHECK(e.code == errc::wrong_number_of_answers);
  CHECK(e.value == 11);
  CHECK(e.lower == 12);
  CHECK(sentence(e) ==
        "score: 11 answers were given, but wai-sr-client has 12 items; mark missing answers instead of leaving them "
        "out [rapport.203]");
  CHECK(refusal(wai_sr_client, std::vector<int>()).value == 0);
  CHECK(refusal(wai_sr_client, std::vector<int>(13, 3)).value == 13);
  CHECK(refusal(wai_sr_client, std::vector<int>(1000, 99)).code == errc::wrong_number_of_answers);
}

TEST_CASE("an answer outside the range refuses the form and names the first such item", "[scoring][score]") {
  for (int item = 1; item <= 6; ++item) {
    for (const int given : {0, 8, -1, 100, std::numeric_limits<int>::min(), std::numeric_limits<int>::max()}) {
      CAPTURE(item, given);
      const error e = refusal(mood, with(item, given));
      CHECK(e.code == errc::answer_out_of_range);
      CHECK(e.row == -1);
      CHECK(e.column == item - 1);
      CHECK(e.value == given);
      CHECK(e.lower == 1);
      CHECK(e.upper == 7);
    }
  }
  CHECK(refusal(mood, std::array{4, 4, 9, 0, 4, 4}).column == 2);
  CHECK(sentence(refusal(mood, with(3, 9))) ==
        "score: answer 9 to item 3 is outside 1..7; correct it or mark it missing [rapport.201]");
}

TEST_CASE("infinite, huge and nearly legal answers", "[scoring][score]") {
  for (const double given : {infinity, -infinity, 1e300, -1e300, 1.7976931348623157e308, 9.3e18, 7.000000000000001,
                             0.9999999999999999, 1e-320}) {
    CAPTURE(given);
    CHECK(refusal(mood, with(4, given)).code == errc::answer_out_of_range);
    CHECK(refusal(mood, with(4, static_cast<long double>(given))).code == errc::answer_out_of_range);
  }
  CHECK(refusal(mood, with(4, std::numeric_limits<float>::infinity())).code == errc::answer_out_of_range);
  CHECK(refusal(mood, with(4, std::numeric_limits<float>::max())).code == errc::answer_out_of_range);
  CHECK(refusal(mood, with(4, std::numeric_limits<std::uint64_t>::max())).code == errc::answer_out_of_range);
  CHECK(refusal(mood, with(4, std::numeric_limits<std::int64_t>::min())).code == errc::answer_out_of_range);
  CHECK(refusal(mood, with(4, std::numeric_limits<long double>::max())).code == errc::answer_out_of_range);
  CHECK(refusal(srs_3, std::array{-0.1, 0.0, 0.0, 0.0}).code == errc::answer_out_of_range);
  CHECK(refusal(srs_3, std::array{10.1, 0.0, 0.0, 0.0}).code == errc::answer_out_of_range);
  CHECK(refusal(srs_3, std::array{-1e-300, 0.0, 0.0, 0.0}).code == errc::answer_out_of_range);
}

TEST_CASE("an answer between two legal ones is refused", "[scoring][score]") {
  for (const double given : {3.5, 1.0000000000000002, 6.999999999999999, 4.1}) {
    CAPTURE(given);
    const error e = refusal(mood, with(2, given));
    CHECK(e.code == errc::answer_off_step);
    CHECK(e.column == 1);
    CHECK(e.value == given);
    CHECK(e.lower == 1);
  }
  CHECK(sentence(refusal(mood, with(1, 3.5))) ==
        "score: answer 3.5 to item 1 is not a legal answer; answers are multiples of 1 [rapport.202]");
  CHECK(refusal(srs_3, std::array{0.0, 9.25, 0.0, 0.0}).code == errc::answer_off_step);
  CHECK(refusal(srs_3, std::array{0.0, 9.25, 0.0, 0.0}).lower == 0.1);
  CHECK(refusal(srs_3, std::array{0.1 + 0.2, 0.0, 0.0, 0.0}).code == errc::answer_off_step);
  CHECK(refusal(srs_3, std::array{1e-300, 0.0, 0.0, 0.0}).code == errc::answer_off_step);
  // A float that was widened is no longer the nearest number to a tenth.
  CHECK(refusal(srs_3, std::array{static_cast<double>(0.1F), 0.0, 0.0, 0.0}).code == errc::answer_off_step);
}

TEST_CASE("the ends of a scale in tenths are legal answers in every scalar", "[scoring][score]") {
  constexpr auto form = instrument("tenths", 2, {.min = 0.1, .max = 0.3, .step = 0.1}).reversed({2});
  CHECK(score(form, std::array{0.1, 0.1}).value().total() == 0.4);
  CHECK(score(form, std::array{0.3, 0.1}).value().total() == 0.6);
  CHECK(score(form, std::array{0.1F, 0.3F}).value().total() == 0.2);
  CHECK(score(form, std::array{0.3F, 0.2F}).value().total() == 0.5);
  CHECK(score(form, std::array{0.2L, 0.2L}).has_value());
  CHECK(score(form, std::array{0.1L, 0.2L}).has_value());
  CHECK(score(form, std::array{0.3L, 0.2L}).has_value());
  CHECK(score(form, std::array{0.09F, 0.2F}).error().code == errc::answer_out_of_range);
  CHECK(score(form, std::array{0.31L, 0.2L}).error().code == errc::answer_out_of_range);
}

TEST_CASE("scales below zero", "[scoring][score]") {
  constexpr auto form = instrument("polar", 3, {.min = -3, .max = 3}).reversed({3}).subscale("first", {1, 2});
  constexpr auto card = score(form, std::array{-3, 2, 1});
  STATIC_REQUIRE(card->total() == -2.0);  // -3 + 2 - 1
  STATIC_REQUIRE(card->subscale("first") == -1.0);
  constexpr auto halves = instrument("halves", 2, {.min = -1.5, .max = 0.5, .step = 0.5}).reversed({2});
  constexpr auto half_card = score(halves, std::array{-1.5, 0.5});
  STATIC_REQUIRE(half_card->total() == -3.0);  // -1.5 + (-1 - 0.5)
  CHECK(score(halves, std::array{-1.25, 0.5}).error().code == errc::answer_off_step);
  const std::array<answer<double>, 3> partly = {-3.0, missing, 1.0};
  CHECK(score(form, partly, {.missing = rapport::prorate(0.5)}).value().total() == -6.0);  // (-3 - 1) / 2 * 3
}

TEST_CASE("an invalid fraction is refused", "[scoring][score]") {
  for (const double fraction : {0.0, -0.5, 1.0000001, 80.0, infinity, -infinity}) {
    CAPTURE(fraction);
    const error e = refusal(mood, with(1, 4), {.missing = rapport::prorate(fraction)});
    CHECK(e.code == errc::invalid_option);
    CHECK(e.value == fraction);
    CHECK(e.lower == 0);
    CHECK(e.upper == 1);
  }
  CHECK(refusal(mood, with(1, 4), {.missing = rapport::prorate(not_a_number)}).code == errc::invalid_option);
  CHECK(sentence(refusal(mood, with(1, 4), {.missing = rapport::prorate(80)})) ==
        "score: the prorating fraction is 80, but must lie between 0 and 1 [rapport.101]");
  CHECK(score(mood, with(1, 4), {.missing = rapport::prorate(1)}).has_value());
  CHECK(score(mood, with(1, 4), {.missing = rapport::prorate(1e-300)}).has_value());
}

TEST_CASE("an inconsistent description made at run time is refused", "[scoring][score]") {
  int last = 7;  // not a constant
  const instrument broken = instrument("broken", 6).reversed({last});
  CHECK(refusal(broken, with(1, 4)).code == errc::invalid_instrument);
  const instrument empty = instrument("empty", last - 7);
  CHECK(refusal(empty, std::vector<int>()).code == errc::invalid_instrument);
}

TEST_CASE("the largest form", "[scoring][score]") {
  constexpr auto form = instrument("large", 128, {.min = -1e9, .max = 1e9}).subscale("last", {127, 128});
  const auto card = score(form, std::vector<double>(128, 1e9)).value();
  CHECK(card.total() == 128e9);
  CHECK(card.subscale("last") == 2e9);
  std::vector<answer<double>> one_missing(128, answer<double>(1e9));
  one_missing[0] = missing;
  CHECK(score(form, one_missing, {.missing = rapport::prorate(0.9)}).value().total() == 128e9);
  constexpr auto fine = instrument("fine", 128, {.min = -1000, .max = 1000, .step = 1e-6});
  CHECK(score(fine, std::vector<double>(128, 1000)).value().total() == 128e3);
  std::vector<answer<double>> two_missing(128, answer<double>(1000));
  two_missing[0] = two_missing[1] = missing;
  CHECK(score(fine, two_missing, {.missing = rapport::prorate(0.9)}).value().total() == 128e3);
}
