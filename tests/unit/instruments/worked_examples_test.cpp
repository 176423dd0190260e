// SPDX-License-Identifier: BSL-1.0
// Forms worked by hand: made-up answers, each score added up twice, item by item after reversal and by whole sums. Every
// case while the program is compiled, and again while it runs.
#include "rapport_test.hpp"

#include <array>
#include <optional>
#include <vector>

#include <rapport/instruments.hpp>
#include <rapport/scoring/score.hpp>

namespace instruments = rapport::instruments;
using rapport::score;

namespace {

const double blank = std::numeric_limits<double>::quiet_NaN();
constexpr double none = std::numeric_limits<double>::quiet_NaN();

/// The same answers scored while the program runs give the card that the compiler found.
template <class Card, std::size_t N>
void check_again(const rapport::instrument& form, const std::array<double, N>& answers, const Card& wanted,
                 const rapport::missing_rule& rule = rapport::published) {
  const std::vector<double> again(answers.begin(), answers.end());
  const auto card = score(form, again, {.missing = rule});
  REQUIRE(card);
  CHECK(card->total() == wanted.total());
  REQUIRE(card->n_subscales() == wanted.n_subscales());
  for (int s = 0; s < card->n_subscales(); ++s) CHECK(card->subscale(s) == wanted.subscale(s));
  for (int c = 0; c < card->n_combined(); ++c) CHECK(card->combined(c) == wanted.combined(c));
  CHECK(card->missing_items() == wanted.missing_items());
  CHECK(card->endorsed_risk_items() == wanted.endorsed_risk_items());
}

}  // namespace

TEST_CASE("worked: WAI-36", "[instruments][worked]") {
  constexpr std::array<double, 36> answers = {2, 6, 3, 5, 6, 6, 2, 6, 3, 1, 2, 2, 5, 7, 1, 6, 7, 5,
                                              6, 2, 6, 6, 6, 5, 5, 6, 3, 4, 2, 5, 2, 6, 1, 3, 6, 5};
  constexpr auto card = score(instruments::wai_36_client, answers);
  STATIC_REQUIRE(*card->subscale("task") == 70);
  STATIC_REQUIRE(*card->subscale("bond") == 70);  // 66 with item 28 reversed instead of 29
  STATIC_REQUIRE(*card->subscale("goal") == 68);
  STATIC_REQUIRE(*card->total() == 208);  // 154 without reversal
  STATIC_REQUIRE(*card->total_mean() == 208.0 / 36);
  check_again(instruments::wai_36_client, answers, *card);
  constexpr auto therapist = score(instruments::wai_36_therapist, answers);
  STATIC_REQUIRE(*therapist->total() == 208);
  constexpr auto observer = score(instruments::wai_o, answers);
  STATIC_REQUIRE(*observer->subscale("goal") == 68);
}

TEST_CASE("worked: WAI-S", "[instruments][worked]") {
  constexpr std::array<double, 12> answers = {6, 5, 6, 2, 7, 6, 5, 6, 7, 3, 5, 6};
  constexpr auto card = score(instruments::wai_s_client, answers);
  STATIC_REQUIRE(*card->subscale("task") == 23);  // 20 by the key of the WAI-SR
  STATIC_REQUIRE(*card->subscale("bond") == 25);
  STATIC_REQUIRE(*card->subscale("goal") == 22);
  STATIC_REQUIRE(*card->total() == 70);  // 64 without reversal
  check_again(instruments::wai_s_client, answers, *card);
  constexpr auto observer = score(instruments::wai_o_s, answers);
  STATIC_REQUIRE(*observer->total() == 70);
}

TEST_CASE("worked: WAI-S with items 7 and 10 missing", "[instruments][worked]") {
  constexpr std::array<double, 12> answers = {6, 5, 6, 2, 7, 6, none, 6, 7, none, 5, 6};
  constexpr auto strict = score(instruments::wai_s_client, answers);
  STATIC_REQUIRE(*strict->subscale("task") == 23);
  STATIC_REQUIRE(!strict->subscale("bond"));
  STATIC_REQUIRE(!strict->subscale("goal"));
  STATIC_REQUIRE(!strict->total());
  constexpr auto bridged = score(instruments::wai_s_client, answers, {.missing = rapport::at_least(3)});
  STATIC_REQUIRE(*bridged->subscale("bond") == 20 * 4 / 3.0);
  STATIC_REQUIRE(*bridged->subscale("goal") == 17 * 4 / 3.0);
  STATIC_REQUIRE(*bridged->total() == 72);
  STATIC_REQUIRE(*bridged->total_mean() == 6);
  check_again(instruments::wai_s_client, answers, *strict);
  check_again(instruments::wai_s_client, answers, *bridged, rapport::at_least(3));
}

TEST_CASE("worked: WAI-SR", "[instruments][worked]") {
  constexpr std::array<double, 12> answers = {4, 3, 5, 4, 5, 4, 5, 3, 4, 4, 4, 3};
  constexpr auto card = score(instruments::wai_sr_client, answers);
  STATIC_REQUIRE(*card->subscale("task") == 14);  // 13 by the key of the WAI-S
  STATIC_REQUIRE(*card->subscale("goal") == 15);
  STATIC_REQUIRE(*card->subscale("bond") == 19);
  STATIC_REQUIRE(*card->total() == 48);
  STATIC_REQUIRE(*card->total_mean() == 4);
  check_again(instruments::wai_sr_client, answers, *card);
}

TEST_CASE("worked: SRS, exactly 36", "[instruments][worked]") {
  constexpr std::array<double, 4> answers = {9.2, 8.7, 9.0, 9.1};
  constexpr auto card = score(instruments::srs_3, answers);
  STATIC_REQUIRE(*card->total() == 36);
  STATIC_REQUIRE(card->band("total") == "fair");
  STATIC_REQUIRE(*card->meets_cutoff(0));  // at or below
  check_again(instruments::srs_3, answers, *card);
  constexpr auto above = score(instruments::srs_3, std::array<double, 4>{9.2, 8.7, 9.0, 9.2});
  STATIC_REQUIRE(!*above->meets_cutoff(0));
}

TEST_CASE("worked: HAq-II", "[instruments][worked]") {
  constexpr std::array<double, 19> answers = {6, 5, 6, 2, 5, 5, 5, 1, 6, 5, 2, 6, 6, 6, 5, 3, 4, 5, 2};
  constexpr auto card = score(instruments::haq_ii_patient, answers);
  STATIC_REQUIRE(*card->total() == 100);  // 85 without reversal
  STATIC_REQUIRE(*card->total_mean() == 100.0 / 19);
  check_again(instruments::haq_ii_patient, answers, *card);
}

TEST_CASE("worked: CORE-OM", "[instruments][worked]") {
  constexpr std::array<double, 34> answers = {2, 3, 1, 2, 2, 0, 2, 1, 1, 1, 2, 2, 2, 1, 1, 0, 2,
                                              3, 3, 2, 2, 0, 2, 1, 1, 1, 3, 1, 2, 3, 1, 2, 1, 0};
  constexpr auto card = score(instruments::core_om, answers);
  STATIC_REQUIRE(*card->subscale("wellbeing") == 2);
  STATIC_REQUIRE(*card->subscale("problems") == 25 / 12.0);
  STATIC_REQUIRE(*card->subscale("functioning") == 20 / 12.0);
  STATIC_REQUIRE(*card->subscale("risk") == 2 / 6.0);
  STATIC_REQUIRE(*card->subscale("non_risk") == 53 / 28.0);
  STATIC_REQUIRE(*card->total() == 55 / 34.0);
  STATIC_REQUIRE(*card->score("clinical") == 550 / 34.0);
  STATIC_REQUIRE(card->endorsed_risk_items().size() == 2);
  STATIC_REQUIRE(card->endorsed_risk_items().contains(9));
  STATIC_REQUIRE(card->endorsed_risk_items().contains(24));
  check_again(instruments::core_om, answers, *card);
}

TEST_CASE("worked: CORE-OM with items 7 and 27 missing", "[instruments][worked]") {
  constexpr std::array<double, 34> answers = {2, 3, 1, 2, 2, 0, none, 1, 1, 1,    2, 2, 2, 1, 1, 0, 2,
                                              3, 3, 2, 2, 0, 2, 1,    1, 1, none, 1, 2, 3, 1, 2, 1, 0};
  constexpr auto card = score(instruments::core_om, answers);
  STATIC_REQUIRE(*card->total() == 1.5625);  // 50 of 32, not of 34
  STATIC_REQUIRE(*card->score("clinical") == 15.625);
  STATIC_REQUIRE(card->total_status() == rapport::score_status::prorated);
  STATIC_REQUIRE(*card->subscale("functioning") == 18 / 11.0);
  STATIC_REQUIRE(*card->subscale("problems") == 2);
  STATIC_REQUIRE(*card->subscale("wellbeing") == 2);
  STATIC_REQUIRE(*card->subscale("risk") == 2 / 6.0);
  check_again(instruments::core_om, answers, *card);
  // A fourth blank is one too many; a blank risk item leaves no risk score.
  auto more = answers;
  more[0] = more[5] = blank;
  const auto refused = score(instruments::core_om, more);
  REQUIRE(refused);
  CHECK(!refused->total());
  CHECK(!refused->subscale("risk"));
}

TEST_CASE("worked: CORE-10 with item 9 missing", "[instruments][worked]") {
  constexpr std::array<double, 10> answers = {3, 1, 2, 2, 1, 0, 3, 2, none, 1};
  constexpr auto card = score(instruments::core_10, answers);
  STATIC_REQUIRE(*card->total() == 170 / 9.0);  // 17 if the blank counted as 0
  STATIC_REQUIRE(*card->meets_cutoff(0));
  STATIC_REQUIRE(card->band("total") == "moderate distress");  // 18.9 lies in no band of whole numbers
  STATIC_REQUIRE(card->endorsed_risk_items().empty());
  check_again(instruments::core_10, answers, *card);
  const std::vector<double> empty(10, blank);
  CHECK(!score(instruments::core_10, empty)->total());  // an empty form is not a healthy one
}

TEST_CASE("worked: CARE with answers that do not apply", "[instruments][worked]") {
  constexpr std::array<double, 10> two = {5, 4, 5, none, 4, 5, 4, 4, none, 3};
  constexpr auto bridged = score(instruments::care, two);
  STATIC_REQUIRE(*bridged->total() == 42.5);
  constexpr std::array<double, 10> three = {5, 4, 5, none, 4, 5, 4, none, none, 3};
  constexpr auto refused = score(instruments::care, three);
  STATIC_REQUIRE(!refused->total());
  STATIC_REQUIRE(refused->n_missing() == 3);
  check_again(instruments::care, two, *bridged);
  check_again(instruments::care, three, *refused);
}

TEST_CASE("worked: hope, state and trait", "[instruments][worked]") {
  constexpr std::array<double, 6> answers = {6, 5, 7, 4, 6, 5};
  constexpr auto card = score(instruments::state_hope, answers);
  STATIC_REQUIRE(*card->subscale("agency") == 14);
  STATIC_REQUIRE(*card->subscale("pathways") == 19);
  STATIC_REQUIRE(*card->total() == 33);
  check_again(instruments::state_hope, answers, *card);
  // Fillers 3, 5, 7 and 11 are in no score, answered or not.
  constexpr std::array<double, 12> trait = {8, 7, none, 6, 1, 5, 8, 4, 3, 2, 8, 1};
  constexpr auto scored = score(instruments::trait_hope, trait);
  STATIC_REQUIRE(*scored->subscale("pathways") == 23);
  STATIC_REQUIRE(*scored->subscale("agency") == 13);
  STATIC_REQUIRE(*scored->total() == 36);
  check_again(instruments::trait_hope, trait, *scored);
}

TEST_CASE("worked: CEQ, percents on the line from 1 to 9", "[instruments][worked]") {
  constexpr std::array<double, 6> answers = {7, 8, 7, 60, 6, 50};
  constexpr auto card = score(instruments::ceq, answers);
  STATIC_REQUIRE(*card->subscale("credibility") == 22);
  STATIC_REQUIRE(*card->subscale("expectancy") == 16.8);  // 5.8 + 6 + 5, not 60 + 6 + 50
  STATIC_REQUIRE(!card->total());
  check_again(instruments::ceq, answers, *card);
}

TEST_CASE("worked: DASS-21, doubled", "[instruments][worked]") {
  constexpr std::array<double, 21> answers = {2, 1, 2, 0, 2, 1, 1, 2, 0, 3, 1, 2, 2, 1, 1, 2, 3, 1, 0, 1, 2};
  constexpr auto card = score(instruments::dass_21, answers);
  STATIC_REQUIRE(*card->subscale("depression") == 32);
  STATIC_REQUIRE(*card->subscale("anxiety") == 8);
  STATIC_REQUIRE(*card->subscale("stress") == 20);
  STATIC_REQUIRE(card->band("depression") == "extremely severe");
  STATIC_REQUIRE(card->band("anxiety") == "mild");
  STATIC_REQUIRE(card->band("stress") == "moderate");
  STATIC_REQUIRE(!card->total());
  check_again(instruments::dass_21, answers, *card);
}

TEST_CASE("worked: PHQ-9 with item 9 endorsed", "[instruments][worked]") {
  constexpr std::array<double, 9> answers = {2, 2, 1, 2, 1, 2, 1, 0, 1};
  constexpr auto card = score(instruments::phq_9, answers);
  STATIC_REQUIRE(*card->total() == 12);
  STATIC_REQUIRE(card->band("total") == "moderate");
  STATIC_REQUIRE(card->endorsed_risk_items().contains(9));
  check_again(instruments::phq_9, answers, *card);
  constexpr std::array<double, 9> alone = {none, none, none, none, none, none, none, none, 1};
  constexpr auto incomplete = score(instruments::phq_9, alone);
  STATIC_REQUIRE(!incomplete->total());
  STATIC_REQUIRE(incomplete->endorsed_risk_items().contains(9));
}

TEST_CASE("worked: ARM-5, the best possible alliance", "[instruments][worked]") {
  constexpr std::array<double, 5> answers = {7, 7, 1, 7, 7};
  constexpr auto card = score(instruments::arm_5, answers);
  STATIC_REQUIRE(*card->total() == 7);
  check_again(instruments::arm_5, answers, *card);
}

TEST_CASE("worked: WHO-5, just below the cut-off", "[instruments][worked]") {
  constexpr std::array<double, 5> answers = {2, 3, 2, 3, 2};
  constexpr auto card = score(instruments::who_5, answers);
  STATIC_REQUIRE(*card->total() == 12);
  STATIC_REQUIRE(*card->score("percentage") == 48);
  STATIC_REQUIRE(*card->meets_cutoff(0));
  constexpr auto at_52 = score(instruments::who_5, std::array<double, 5>{3, 3, 2, 3, 2});
  STATIC_REQUIRE(!*at_52->meets_cutoff(0));
  check_again(instruments::who_5, answers, *card);
}

TEST_CASE("worked: OQ-45, total only", "[instruments][worked]") {
  constexpr auto answers = [] {
    std::array<double, 45> out{};
    for (std::size_t i = 0; i < 45; ++i) out[i] = std::array<double, 5>{0, 2, 4, 1, 3}[i % 5];
    return out;
  }();
  constexpr auto card = score(instruments::oq_45_2, answers);
  STATIC_REQUIRE(*card->total() == 94);  // 90 without reversal
  STATIC_REQUIRE(card->n_subscales() == 0);
  check_again(instruments::oq_45_2, answers, *card);
}

TEST_CASE("worked: TASC-r, total only", "[instruments][worked]") {
  constexpr std::array<double, 12> answers = {4, 1, 3, 4, 2, 3, 1, 2, 4, 3, 1, 3};
  constexpr auto card = score(instruments::tasc_r, answers);
  STATIC_REQUIRE(*card->total() == 42);  // 31 without reversal
  STATIC_REQUIRE(card->n_subscales() == 0);
  check_again(instruments::tasc_r, answers, *card);
}

TEST_CASE("worked: K10, one total and two systems of bands", "[instruments][worked]") {
  constexpr std::array<double, 10> answers = {2, 3, 2, 2, 2, 2, 2, 2, 2, 2};
  constexpr auto card = score(instruments::k10, answers);
  STATIC_REQUIRE(*card->total() == 21);
  STATIC_REQUIRE(card->band("total") == "moderate");
  STATIC_REQUIRE(card->band("crufad") == "likely mild disorder");
  check_again(instruments::k10, answers, *card);
}

TEST_CASE("worked: the check-list after a first session has no total and no cut-off", "[instruments][worked]") {
  constexpr auto card = score(instruments::first_session_4, std::array{5, 4, 5, 3});
  STATIC_REQUIRE(!card->total());
  STATIC_REQUIRE(*card->subscale("feeling") == 5);
  STATIC_REQUIRE(*card->subscale("invested") == 3);
  STATIC_REQUIRE(card->n_cutoffs() == 0);
}
