// SPDX-License-Identifier: BSL-1.0
// What instruments can say beyond sums: scales per item, means and factors, combined scores, published rules, bands,
// cut-offs, risk items.
#include "rapport_test.hpp"

#include <array>
#include <optional>
#include <string>
#include <vector>

#include <rapport/scoring/score.hpp>

using rapport::answer;
using rapport::cutoff_side;
using rapport::errc;
using rapport::instrument;
using rapport::missing;
using rapport::score;
using rapport::score_kind;
using rapport::score_status;
using rapport::skipped;

namespace {

// The CORE-OM's key: eight reversed items; means of the completed items, times 10 for the total.
constexpr auto core_om =
    instrument("core-om", 34, {.min = 0, .max = 4})
        .better(rapport::direction::lower)
        .reversed({3, 4, 7, 12, 19, 21, 31, 32})
        .total_as({.kind = score_kind::mean, .times = 10})
        .subscale("wellbeing", {4, 14, 17, 31}, {.kind = score_kind::mean})
        .subscale("problems", {2, 5, 8, 11, 13, 15, 18, 20, 23, 27, 28, 30}, {.kind = score_kind::mean})
        .subscale("functioning", {1, 3, 7, 10, 12, 19, 21, 25, 26, 29, 32, 33}, {.kind = score_kind::mean})
        .subscale("risk", {6, 9, 16, 22, 24, 34}, {.kind = score_kind::mean})
        .missing(rapport::at_most_missing(3))
        .missing("risk", rapport::complete)
        .cutoff("total", "clinical", {.at = 10})
        .risk_item(6)
        .risk_item(9);

constexpr std::array<int, 34> core_answers = {2, 3, 1, 2, 2, 0, 2, 1, 1, 1, 2, 2, 2, 1, 1, 0, 2,
                                              3, 3, 2, 2, 0, 2, 1, 1, 1, 3, 1, 2, 3, 1, 2, 1, 0};

std::vector<answer<int>> with_blanks(const std::array<int, 34>& answers, std::initializer_list<int> items) {
  std::vector<answer<int>> out(answers.begin(), answers.end());
  for (const int item : items) out[static_cast<std::size_t>(item - 1)] = missing;
  return out;
}

}  // namespace

TEST_CASE("means and factors: CORE-OM", "[scoring][score]") {
  constexpr auto card = score(core_om, core_answers);
  STATIC_REQUIRE(card->subscale("wellbeing") == 2.0);
  STATIC_REQUIRE(card->subscale("problems") == 25.0 / 12);
  STATIC_REQUIRE(card->subscale("functioning") == 20.0 / 12);
  STATIC_REQUIRE(card->subscale("risk") == 2.0 / 6);
  STATIC_REQUIRE(card->total() == 550.0 / 34);
  STATIC_REQUIRE(card->total_mean() == 55.0 / 34);
  STATIC_REQUIRE(card->meets_cutoff(0) == true);
  STATIC_REQUIRE(card->cutoff_at(0).label == "clinical");
}

TEST_CASE("a published rule bridges missing answers, and a subscale may have its own", "[scoring][score]") {
  const auto card = score(core_om, with_blanks(core_answers, {7, 27})).value();
  CHECK(card.total() == 15.625);
  CHECK(card.total_status() == score_status::prorated);
  CHECK(card.subscale("functioning") == 18.0 / 11);
  CHECK(card.subscale("problems") == 2.0);
  CHECK(card.subscale("wellbeing") == 2.0);
  CHECK(card.rule() == rapport::published);
  CHECK(card.applied_rule() == rapport::at_most_missing(3));

  CHECK(score(core_om, with_blanks(core_answers, {7, 27, 1})).value().total().has_value());
  CHECK(!score(core_om, with_blanks(core_answers, {7, 27, 1, 2})).value().total().has_value());
  // The risk scale wants all of its items; what the caller says goes before what is published.
  const auto no_risk = with_blanks(core_answers, {24});
  CHECK(!score(core_om, no_risk).value().subscale("risk").has_value());
  CHECK(score(core_om, no_risk).value().total().has_value());
  CHECK(score(core_om, no_risk, {.missing = rapport::prorate(0.5)}).value().subscale("risk") == 1.0 / 5);
  CHECK(!score(core_om, no_risk, {.missing = rapport::complete}).value().total().has_value());
}

TEST_CASE("a prorated sum: items 4 and 9 of CARE do not apply", "[scoring][score]") {
  constexpr auto care = instrument("care", 10).missing(rapport::at_most_missing(2));
  const std::array<answer<int>, 10> two = {5, 4, 5, skipped, 4, 5, 4, 4, skipped, 3};
  const std::array<answer<int>, 10> three = {5, 4, 5, skipped, 4, 5, 4, skipped, skipped, 3};
  CHECK(score(care, two).value().total() == 42.5);
  CHECK(score(care, two).value().skipped_items().size() == 2);
  CHECK(!score(care, three).value().total().has_value());
}

TEST_CASE("at least so many answers of each subscale", "[scoring][score]") {
  constexpr auto wai_s = instrument("wai-s", 12, {.min = 1, .max = 7})
                             .reversed({4, 10})
                             .subscale("task", {1, 2, 8, 12})
                             .subscale("bond", {3, 5, 7, 9})
                             .subscale("goal", {4, 6, 10, 11});
  const rapport::score_options three{.missing = rapport::at_least(3)};
  const std::array<answer<int>, 12> answers = {6, 5, 6, 2, 7, 6, missing, 6, 7, missing, 5, 6};
  const auto card = score(wai_s, answers, three).value();
  CHECK(card.total() == 72.0);
  CHECK(card.subscale("task") == 23.0);
  CHECK(card.subscale("bond") == 80.0 / 3);
  CHECK(card.subscale("goal") == 68.0 / 3);
  CHECK(card.subscale_status(1) == score_status::prorated);
  // One blank more in the bond scale: no bond, and so no total, though ten of twelve answers would be enough for it.
  auto fewer = answers;
  fewer[2] = missing;
  fewer[9] = 3;
  const auto short_card = score(wai_s, fewer, three).value();
  CHECK(!short_card.subscale("bond").has_value());
  CHECK(short_card.subscale("goal") == 22.0);
  CHECK(!short_card.total().has_value());
  CHECK(score(wai_s, fewer, {.missing = rapport::at_least(2)}).value().total().has_value());
  // Without subscales the total asks for its own.
  constexpr auto plain = instrument("plain", 4);
  const std::array<answer<int>, 4> two = {1, 2, missing, missing};
  CHECK(score(plain, two, {.missing = rapport::at_least(2)}).value().total() == 6.0);
  CHECK(!score(plain, two, three).value().total().has_value());
}

TEST_CASE("rules that make no sense are refused", "[scoring][score]") {
  const std::array<int, 34> answers = core_answers;
  for (const auto& rule : {rapport::at_least(0), rapport::at_least(-3), rapport::at_most_missing(-1)}) {
    const auto card = score(core_om, answers, {.missing = rule});
    REQUIRE(!card);
    CHECK(card.error().code == errc::invalid_option);
    CHECK(card.error().value == rule.n);
  }
}

TEST_CASE("items with scales of their own: CEQ", "[scoring][score]") {
  constexpr auto raw = instrument("ceq", 6, {.min = 1, .max = 9})
                           .item_scale({4, 6}, {.min = 0, .max = 100, .step = 10})
                           .no_total()
                           .subscale("credibility", {1, 2, 3});
  constexpr auto card = score(raw, std::array{7, 8, 7, 60, 6, 50});
  STATIC_REQUIRE(card->subscale("credibility") == 22.0);
  STATIC_REQUIRE(!card->total().has_value());
  constexpr auto off = score(raw, std::array{7, 8, 7, 65, 6, 50});
  STATIC_REQUIRE(off.error().code == errc::answer_off_step);
  STATIC_REQUIRE(off.error().lower == 10);
  constexpr auto out = score(raw, std::array{7, 8, 10, 60, 6, 50});
  STATIC_REQUIRE(out.error().column == 2);
  STATIC_REQUIRE(out.error().upper == 9);
  constexpr auto out_of_100 = score(raw, std::array{7, 8, 7, 110, 6, 50});
  STATIC_REQUIRE(out_of_100.error().upper == 100);

  // Percentages counted as 1 to 9: 1 + 8 * 0.6 = 5.8, 1 + 8 * 0.5 = 5.
  constexpr auto rescaled = instrument("ceq", 6, {.min = 1, .max = 9})
                                .item_scale({4, 6}, {.min = 0, .max = 100, .step = 10}, {.min = 1, .max = 9})
                                .no_total()
                                .reversed({6})
                                .subscale("expectancy", {4, 5})
                                .subscale("last", {6});
  constexpr auto linear = score(rescaled, std::array{7, 8, 7, 60, 6, 20});
  STATIC_REQUIRE(linear->subscale("expectancy") == 11.8);
  STATIC_REQUIRE(linear->subscale("last") == 7.4);  // 10 - (1 + 8 * 0.2)
}

TEST_CASE("a scale without 0 is scored as it stands", "[scoring][score]") {
  constexpr auto blri = instrument("blri", 4, {.min = -3, .max = 3}).legal({-3, -2, -1, 1, 2, 3}).reversed({2, 4});
  STATIC_REQUIRE(score(blri, std::array{3, -3, 2, 1})->total() == 7.0);
  const auto refused = score(blri, std::array{3, -3, 0, 1});
  CHECK(refused.error().code == errc::answer_in_gap);
  CHECK(refused.error().column == 2);
  CHECK(std::string(rapport::message(refused.error()).view()) ==
        "score: answer 0 to item 3 is not one of the legal answers between -3 and 3; correct it or mark it missing "
        "[rapport.211]");
  CHECK(score(blri, std::array{3.0, -3.0, 0.0, 1.0}).error().code == errc::answer_in_gap);
}

TEST_CASE("fillers must be legal and count nothing", "[scoring][score]") {
  constexpr auto hope = instrument("hope", 5, {.min = 1, .max = 8})
                            .unscored({3})
                            .subscale("agency", {1, 2})
                            .subscale("pathways", {4, 5})
                            .combined("hope", {{"agency"}, {"pathways"}});
  CHECK(score(hope, std::array{1, 2, 8, 4, 5}).value().total() == 12.0);
  CHECK(score(hope, std::array{1, 2, 8, 4, 5}).value().score("hope") == 12.0);
  CHECK(score(hope, std::array{1, 2, 9, 4, 5}).error().code == errc::answer_out_of_range);
  const std::array<answer<int>, 5> no_filler = {1, 2, missing, 4, 5};
  const auto card = score(hope, no_filler).value();
  CHECK(card.total() == 12.0);
  CHECK(card.total_status() == score_status::ok);
  CHECK(card.n_missing() == 1);
  CHECK(card.missing_items().contains(3));
}

TEST_CASE("combined scores", "[scoring][score]") {
  constexpr auto form = instrument("x", 6, {.min = 0, .max = 3})
                            .no_total()
                            .subscale("a", {1, 2, 3}, {.kind = score_kind::mean})
                            .subscale("b", {4, 5, 6}, {.times = 2})
                            .combined("sum", {{"a", 0.5}, {"b", -1}})
                            .combined("nested", {{"sum", 3}, {"a", 0.1}});
  // a = 4/3, b = 2 * 5 = 10; sum = 2/3 - 10 = -28/3; nested = -28 + 4/30.
  constexpr auto card = score(form, std::array{1, 1, 2, 3, 2, 0});
  STATIC_REQUIRE(card->n_combined() == 2);
  STATIC_REQUIRE(card->combined_id(1) == "nested");
  STATIC_REQUIRE(card->combined(0) == -28.0 / 3);
  STATIC_REQUIRE(card->score("nested") == -836.0 / 30);
  STATIC_REQUIRE(card->status("nested") == score_status::ok);
  const std::array<answer<int>, 6> blank = {1, 1, missing, 3, 2, 0};
  const auto without = score(form, blank).value();
  CHECK(!without.score("sum").has_value());
  CHECK(!without.score("nested").has_value());
  CHECK(without.score("b") == 10.0);
  const auto prorated = score(form, blank, {.missing = rapport::prorate(0.5)}).value();
  CHECK(prorated.score("sum") == 0.5 - 10);
  CHECK(prorated.status("nested") == score_status::prorated);
  CHECK(score<float>(form, std::array{1, 1, 2, 3, 2, 0}).value().score("sum") == -28.0F / 3);
  CHECK(score<long double>(form, std::array{1, 1, 2, 3, 2, 0}).value().score("sum") == -28.0L / 3);
}

TEST_CASE("factors: WHO-5 times 4, DASS-21 times 2", "[scoring][score]") {
  constexpr auto who_5 = instrument("who-5", 5, {.min = 0, .max = 5})
                             .total_as({.times = 4})
                             .cutoff("total", "poor", {.at = 50, .side = cutoff_side::below});
  constexpr auto card = score(who_5, std::array{2, 3, 2, 3, 2});
  STATIC_REQUIRE(card->total() == 48.0);
  STATIC_REQUIRE(card->total_mean() == 2.4);
  STATIC_REQUIRE(card->meets_cutoff(0) == true);
}

TEST_CASE("bands and their ends", "[scoring][score]") {
  constexpr auto gad = instrument("gad", 7, {.min = 0, .max = 3})
                           .band("total", "minimal", {.from = 0, .to = 4})
                           .band("total", "mild", {.from = 5, .to = 9})
                           .band("total", "moderate", {.from = 10, .to = 15, .to_open = true})
                           .band("total", "severe", {.from = 15});
  const auto band = [&](int total) {
    std::array<int, 7> answers{};
    for (int i = 0; total > 0; ++i) {
      answers[static_cast<std::size_t>(i)] = total > 3 ? 3 : total;
      total -= 3;
    }
    return std::string(score(gad, answers).value().band("total"));
  };
  CHECK(band(0) == "minimal");
  CHECK(band(4) == "minimal");
  CHECK(band(5) == "mild");
  CHECK(band(9) == "mild");
  CHECK(band(10) == "moderate");
  CHECK(band(14) == "moderate");
  CHECK(band(15) == "severe");
  CHECK(band(21) == "severe");
  // A prorated score between two closed bands has none; without a score there is none.
  const std::array<answer<int>, 7> blank = {2, 1, 0, 0, 1, 0, missing};
  CHECK(score(gad, blank, {.missing = rapport::prorate(0.5)}).value().total() == 14.0 / 3);
  CHECK(score(gad, blank, {.missing = rapport::prorate(0.5)}).value().band("total").empty());
  CHECK(score(gad, blank).value().band("total").empty());
}

TEST_CASE("the sides of a cut-off, at a score with decimals", "[scoring][score]") {
  constexpr auto srs = instrument("srs", 4, {.min = 0, .max = 10, .step = 0.1})
                           .cutoff("total", "a", {.at = 36, .side = cutoff_side::at_or_below})
                           .cutoff("total", "b", {.at = 36, .side = cutoff_side::below})
                           .cutoff("total", "c", {.at = 36, .side = cutoff_side::at_or_above})
                           .cutoff("total", "d", {.at = 36, .side = cutoff_side::above});
  const auto met = [&](double last) {
    const auto card = score(srs, std::array{9.2, 8.7, 9.0, last}).value();
    std::string out;
    for (int c = 0; c < 4; ++c) out += *card.meets_cutoff(c) ? card.cutoff_at(c).label : "-";
    return out;
  };
  CHECK(met(9.1) == "a-c-");  // 36.0 exactly
  CHECK(met(9.0) == "ab--");
  CHECK(met(9.2) == "--cd");
  const std::array<std::optional<double>, 4> blank = {9.2, std::nullopt, 9.0, 9.1};
  CHECK(!score(srs, blank).value().meets_cutoff(0).has_value());
}

TEST_CASE("endorsed risk items are told on incomplete forms too", "[scoring][score]") {
  constexpr auto phq = instrument("phq", 9, {.min = 0, .max = 3}).risk_item(9).risk_item(2, 3);
  STATIC_REQUIRE(score(phq, std::array{2, 2, 1, 2, 1, 2, 1, 0, 1})->endorsed_risk_items().contains(9));
  STATIC_REQUIRE(score(phq, std::array{2, 2, 1, 2, 1, 2, 1, 0, 0})->endorsed_risk_items().empty());
  STATIC_REQUIRE(score(phq, std::array{2, 3, 1, 2, 1, 2, 1, 0, 0})->endorsed_risk_items().size() == 1);
  std::array<answer<double>, 9> only_risk{};
  only_risk[8] = 1.0;
  const auto card = score(phq, only_risk).value();
  CHECK(!card.total().has_value());
  CHECK(card.endorsed_risk_items().contains(9));
  CHECK(card.endorsed_risk_items().size() == 1);
  only_risk[8] = missing;
  CHECK(score(phq, only_risk).value().endorsed_risk_items().empty());
}

TEST_CASE("a card says which key made it", "[scoring][score]") {
  const auto card = [] {
    const std::string made_at_run_time = "short-lived";
    const auto form = instrument(made_at_run_time, 2)
                          .edition("fourth")
                          .scoring_version(7)
                          .band("total", made_at_run_time + " band", {})
                          .cutoff("total", made_at_run_time + " cutoff", {.at = 1});
    return score(form, std::array{1, 2}).value();
  }();
  CHECK(card.instrument_id() == "short-lived");
  CHECK(card.edition() == "fourth");
  CHECK(card.scoring_version() == 7);
  CHECK(card.band("total") == "short-lived band");
  CHECK(card.cutoff_at(0).label == "short-lived cutoff");
}

TEST_CASE("bytes, integers and real numbers give the same card on every kind of instrument", "[scoring][score]") {
  // The short way for whole numbers against the long one that reads answers one by one.
  constexpr auto form = instrument("both ways", 70, {.min = 0, .max = 6})
                            .reversed({1, 33, 64, 65, 70})
                            .subscale("first", {1, 2, 3, 64, 65})
                            .subscale("mean", {33, 70, 69}, {.kind = score_kind::mean, .times = 2.5})
                            .combined("c", {{"first", 2}, {"mean", 1}})
                            .risk_item(70, 4);
  for (int repetition = 0; repetition < 300; ++repetition) {
    std::array<int, 70> ints{};
    std::vector<signed char> bytes;
    std::vector<std::uint64_t> large;
    std::vector<double> doubles;
    for (std::size_t i = 0; i < 70; ++i) {
      ints[i] = static_cast<int>((i * 31 + static_cast<std::size_t>(repetition) * (i + 7)) % 7);
      bytes.push_back(static_cast<signed char>(ints[i]));
      large.push_back(static_cast<std::uint64_t>(ints[i]));
      doubles.push_back(ints[i]);
    }
    const auto slow = score(form, doubles).value();
    const auto same = [&](const rapport::score_card& card) {
      for (const char* id : {"total", "first", "mean", "c"}) {
        if (card.score(id) != slow.score(id)) return false;
      }
      return card.endorsed_risk_items() == slow.endorsed_risk_items() && card.n_missing() == 0;
    };
    CHECK(same(score(form, ints).value()));
    CHECK(same(score(form, bytes).value()));
    CHECK(same(score(form, large).value()));
  }
}

namespace {

/// A column of a table stored by rows: it has data(), but its answers lie apart.
struct apart {
  const int* first;
  std::size_t n;
  std::size_t stride;

  struct iterator {
    const int* at;
    std::size_t stride;
    const int& operator*() const { return *at; }
    iterator& operator++() {
      at += stride;
      return *this;
    }
    bool operator!=(const iterator& other) const { return at != other.at; }
  };
  [[nodiscard]] const int* data() const { return first; }
  [[nodiscard]] std::size_t size() const { return n; }
  const int& operator[](std::size_t i) const { return first[i * stride]; }
  [[nodiscard]] iterator begin() const { return {first, stride}; }
  [[nodiscard]] iterator end() const { return {first + n * stride, stride}; }
};

}  // namespace

TEST_CASE("answers that lie apart in memory are not taken for a row", "[scoring][score]") {
  constexpr auto form = instrument("six", 6).subscale("first", {1, 2});
  const std::array<int, 18> table = {1, 9, 9, 2, 9, 9, 3, 9, 9, 4, 9, 9, 5, 9, 9, 1, 9, 9};
  const auto card = score(form, apart{table.data(), 6, 3});
  REQUIRE(card);
  CHECK(card->total() == 16.0);
  CHECK(card->subscale("first") == 3.0);
}
