// SPDX-License-Identifier: BSL-1.0
// Stored scores held against the key: each kind of mistake is found by itself, and nothing is found where nothing is.
#include "rapport_test.hpp"

#include <algorithm>
#include <functional>
#include <initializer_list>
#include <numeric>
#include <set>
#include <span>
#include <string>
#include <vector>

#include <rapport/core/random.hpp>
#include <rapport/instruments/dass.hpp>
#include <rapport/instruments/wai.hpp>
#include <rapport/scoring/audit.hpp>

using rapport::errc;
using rapport::instrument;
using rapport::response_matrix;
using rapport::score_audit;
using rapport::instruments::dass_21;
using rapport::instruments::wai_36_client;
using rapport::instruments::wai_sr_client;

namespace {

constexpr double blank = std::numeric_limits<double>::quiet_NaN();

/// Answers of clients who differ in how good their alliance is; reversed items are answered the other way round.
response_matrix simulated(const instrument& form, rapport::index n_forms, std::uint64_t seed) {
  rapport::random_stream random(seed);
  response_matrix answers(n_forms, form.n_items());
  for (rapport::index i = 0; i < n_forms; ++i) {
    const double alliance = random.normal();
    for (int item = 1; item <= form.n_items(); ++item) {
      const double middle = 0.55 * (form.min() + form.max());
      const double exact = std::round(middle + alliance + 1.2 * random.normal());
      const double counted = std::clamp(exact, form.min(), form.max());
      answers(i, item - 1) = form.reversed_items().contains(item) ? form.min() + form.max() - counted : counted;
    }
  }
  return answers;
}

/// What a scoring program does with the answers of one form, a[1] being the first item.
using mistaken_scorer = std::function<double(const std::vector<double>& a)>;

std::vector<double> stored_by(const response_matrix& answers, const mistaken_scorer& scorer) {
  std::vector<double> out;
  for (rapport::index i = 0; i < answers.n_persons(); ++i) {
    std::vector<double> a = {blank};
    for (rapport::index j = 0; j < answers.n_items(); ++j) a.push_back(answers(i, j));
    out.push_back(scorer(a));
  }
  return out;
}

/// The bond score of the WAI-36 as it should be, written out.
double bond(const std::vector<double>& a) {
  return (8 - a[1]) + a[5] + a[8] + a[17] + a[19] + (8 - a[20]) + a[21] + a[23] + a[26] + a[28] + (8 - a[29]) + a[36];
}

/// The task score of the WAI-36, likewise.
double task(const std::vector<double>& a) {
  return a[2] + a[4] + (8 - a[7]) + (8 - a[11]) + a[13] + (8 - a[15]) + a[16] + a[18] + a[24] + (8 - a[31]) +
         (8 - a[33]) + a[35];
}

/// The goal score of the WAI-36, likewise; half of its items are reversed.
double goal(const std::vector<double>& a) {
  return (8 - a[3]) + a[6] + (8 - a[9]) + (8 - a[10]) + (8 - a[12]) + a[14] + a[22] + a[25] + (8 - a[27]) + a[30] +
         a[32] + (8 - a[34]);
}

double total(const std::vector<double>& a) { return task(a) + bond(a) + goal(a); }

score_audit audit(const instrument& form, const char* subscale, const response_matrix& answers,
                  const std::vector<double>& stored) {
  const auto found = rapport::audit_stored_scores(form, subscale, answers, std::span<const double>(stored));
  REQUIRE(found);
  return *found;
}

/// Checks that the audit of a mistaken scorer says this sentence, and that it explains every form.
void check_explanation(const char* subscale, const mistaken_scorer& scorer, const std::string& sentence) {
  const response_matrix answers = simulated(wai_36_client, 150, 20260413);
  const score_audit found = audit(wai_36_client, subscale, answers, stored_by(answers, scorer));
  CAPTURE(subscale);
  CHECK(found.explanation == sentence);
  CHECK(found.n == 150);
  CHECK(found.n_explained == 150);
  CHECK(found.n_equal < 100);
  CHECK(found.max_abs_difference > 0);
}

}  // namespace

TEST_CASE("right scores need no explanation", "[scoring][audit]") {
  const response_matrix answers = simulated(wai_36_client, 100, 1);
  struct expectation {
    const char* subscale;
    mistaken_scorer scorer;
  };
  for (const expectation& each : {expectation{"bond", bond}, {"task", task}, {"goal", goal}, {"", total}}) {
    const score_audit found = audit(wai_36_client, each.subscale, answers, stored_by(answers, each.scorer));
    CAPTURE(each.subscale);
    CHECK(found.n == 100);
    CHECK(found.n_equal == 100);
    CHECK(found.n_explained == 100);
    CHECK(found.n_incomplete == 0);
    CHECK(found.max_abs_difference == 0);
    CHECK(found.explanation == "");
  }
}

TEST_CASE("the mistake that is in circulation is found: item 28 reversed instead of 29", "[scoring][audit]") {
  check_explanation(
      "bond", [](const auto& a) { return bond(a) - (8 - a[29]) + a[29] - a[28] + (8 - a[28]); },
      "item 28 is reversed and item 29 is not reversed");
  check_explanation(
      "", [](const auto& a) { return total(a) - (8 - a[29]) + a[29] - a[28] + (8 - a[28]); },
      "item 28 is reversed and item 29 is not reversed");
}

TEST_CASE("one item's polarity", "[scoring][audit]") {
  check_explanation(
      "bond", [](const auto& a) { return bond(a) - (8 - a[29]) + a[29]; }, "item 29 is not reversed");
  check_explanation(
      "bond", [](const auto& a) { return bond(a) - a[28] + (8 - a[28]); }, "item 28 is reversed");
  check_explanation(
      "", [](const auto& a) { return total(a) - a[36] + (8 - a[36]); }, "item 36 is reversed");
  check_explanation(
      "goal", [](const auto& a) { return goal(a) - (8 - a[3]) + a[3]; }, "item 3 is not reversed");
}

TEST_CASE("two items' polarities", "[scoring][audit]") {
  check_explanation(
      "task", [](const auto& a) { return task(a) - (8 - a[7]) + a[7] - (8 - a[33]) + a[33]; },
      "item 7 is not reversed and item 33 is not reversed");
  check_explanation(
      "task", [](const auto& a) { return task(a) - a[2] + (8 - a[2]) - a[35] + (8 - a[35]); },
      "item 2 is reversed and item 35 is reversed");
}

TEST_CASE("an item left out", "[scoring][audit]") {
  check_explanation(
      "task", [](const auto& a) { return task(a) - a[13]; }, "item 13 is left out");
  check_explanation(
      "task", [](const auto& a) { return task(a) - (8 - a[7]); }, "item 7 is left out");
  check_explanation(
      "", [](const auto& a) { return total(a) - a[36]; }, "item 36 is left out");
}

TEST_CASE("an item added", "[scoring][audit]") {
  check_explanation(
      "task", [](const auto& a) { return task(a) + a[22]; }, "item 22 is added");
  check_explanation(
      "task", [](const auto& a) { return task(a) + (8 - a[34]); }, "item 34 is added, reversed");
  check_explanation(
      "goal", [](const auto& a) { return goal(a) + a[1]; }, "item 1 is added");
}

TEST_CASE("an item in the place of another", "[scoring][audit]") {
  check_explanation(
      "bond", [](const auto& a) { return bond(a) - a[36] + a[35]; }, "item 35 stands in the place of item 36");
  check_explanation(
      "goal", [](const auto& a) { return goal(a) - (8 - a[34]) + (8 - a[33]); },
      "item 33, reversed, stands in the place of item 34");
}

TEST_CASE("means instead of sums", "[scoring][audit]") {
  const std::string sentence = "the stored scores are item means, not sums";
  check_explanation(
      "bond", [](const auto& a) { return bond(a) / 12; }, sentence);
  check_explanation(
      "", [](const auto& a) { return total(a) / 36; }, sentence);
  // Rounded to two decimals, as in a published table.
  check_explanation(
      "goal", [](const auto& a) { return std::round(goal(a) / 12 * 100) / 100; }, sentence);
  check_explanation(
      "", [](const auto& a) { return std::round(total(a) / 36 * 100) / 100; }, sentence);
}

TEST_CASE("answers coded one lower or higher, on a form without reversed items", "[scoring][audit]") {
  const response_matrix answers = simulated(wai_sr_client, 80, 20260414);
  for (const int shift : {-1, 1}) {
    const auto stored = stored_by(answers, [&](const auto& a) {
      double sum = 0;
      for (int item = 1; item <= 12; ++item) sum += a[static_cast<std::size_t>(item)] + shift;
      return sum;
    });
    const score_audit found = audit(wai_sr_client, "", answers, stored);
    CHECK(found.explanation == (shift < 0 ? "the stored scores were computed from answers coded one lower"
                                          : "the stored scores were computed from answers coded one higher"));
    CHECK(found.n_explained == 80);
    CHECK(found.n_equal == 0);
    CHECK(found.max_abs_difference == 12);
  }
}

TEST_CASE("answers coded 0 to 6, reversed by the key for 1 to 7", "[scoring][audit]") {
  // Task has 7 items that count forward and 5 that are reversed: 7 less and 5 more.
  const response_matrix answers = simulated(wai_36_client, 80, 20260415);
  const auto lower = stored_by(answers, [](auto a) {
    for (double& each : a) each -= 1;
    return task(a);
  });
  CHECK(audit(wai_36_client, "task", answers, lower).explanation ==
        "the stored scores were computed from answers coded one lower");
  CHECK(audit(wai_36_client, "task", answers, lower).max_abs_difference == 2);
  const auto higher = stored_by(answers, [](auto a) {
    for (double& each : a) each += 1;
    return total(a);
  });
  CHECK(audit(wai_36_client, "", answers, higher).explanation ==
        "the stored scores were computed from answers coded one higher");
  CHECK(audit(wai_36_client, "", answers, higher).max_abs_difference == 8);
}

TEST_CASE("answers coded 0 to 6, and reversed as 0 to 6", "[scoring][audit]") {
  // Each item counts one less, reversed or not: 12 points less on a subscale, 36 on the total.
  const response_matrix answers = simulated(wai_36_client, 80, 20260415);
  struct expectation {
    const char* subscale;
    mistaken_scorer scorer;
    double n_items;
  };
  for (const expectation& each : {expectation{"task", task, 12}, {"goal", goal, 12}, {"", total, 36}}) {
    const auto stored = stored_by(answers, [&](const auto& a) { return each.scorer(a) - each.n_items; });
    const score_audit found = audit(wai_36_client, each.subscale, answers, stored);
    CAPTURE(each.subscale);
    CHECK(found.max_abs_difference == each.n_items);
    CHECK(found.explanation == "the stored scores were computed from answers coded one lower");
    CHECK(found.n_explained == 80);
  }
}

TEST_CASE("a key without any reversal", "[scoring][audit]") {
  const auto plain = [](std::initializer_list<std::size_t> items) {
    return [items = std::vector<std::size_t>(items)](const auto& a) {
      double sum = 0;
      for (const std::size_t item : items) sum += a[item];
      return sum;
    };
  };
  const auto task_plain = plain({2, 4, 7, 11, 13, 15, 16, 18, 24, 31, 33, 35});
  check_explanation("task", task_plain, "no item is reversed");
  check_explanation(
      "task", [&](const auto& a) { return task_plain(a) / 12; },
      "the stored scores are item means, not sums, and no item is reversed");
  check_explanation(
      "", [](const auto& a) { return std::accumulate(a.begin() + 1, a.end(), 0.0); }, "no item is reversed");
  check_explanation(
      "bond", [](const auto& a) { return 96 - bond(a); },
      "all items are turned round: those of the key count as they stand, the others reversed");
}

TEST_CASE("another score than the one that is named", "[scoring][audit]") {
  check_explanation("task", bond, "the stored scores are those of bond");
  check_explanation("bond", goal, "the stored scores are those of goal");
  check_explanation("goal", total, "the stored scores are those of total");
  check_explanation("", task, "the stored scores are those of task");
  // Subscales of the DASS-21 under each other's name; each is doubled.
  const response_matrix answers = simulated(dass_21, 90, 20260421);
  const auto depression =
      stored_by(answers, [](const auto& a) { return 2 * (a[3] + a[5] + a[10] + a[13] + a[16] + a[17] + a[21]); });
  const auto anxiety =
      stored_by(answers, [](const auto& a) { return 2 * (a[2] + a[4] + a[7] + a[9] + a[15] + a[19] + a[20]); });
  CHECK(audit(dass_21, "depression", answers, depression).n_equal == 90);
  const score_audit one = audit(dass_21, "depression", answers, anxiety);
  const score_audit other = audit(dass_21, "anxiety", answers, depression);
  CHECK(one.explanation == "the stored scores are those of anxiety");
  CHECK(one.score_found == "anxiety");
  CHECK(one.n_explained == 90);
  const rapport::subscale_audit both[] = {{"depression", &one}, {"anxiety", &other}};
  CHECK(rapport::explain_together(both) == "depression and anxiety are exchanged");
}

TEST_CASE("the key makes no score of an illegal answer, whoever did", "[scoring][audit]") {
  response_matrix answers = simulated(wai_36_client, 100, 20260422);
  auto stored = stored_by(answers, bond);
  for (rapport::index i = 0; i < 3; ++i) answers(i, 4) += 50;  // item 5 belongs to bond
  answers(3, 1) = 0;                                           // item 2 does not, and spoils the form all the same
  SECTION("stored before the answers were spoilt") {
    const score_audit found = audit(wai_36_client, "bond", answers, stored);
    CHECK(found.n == 100);
    CHECK(found.n_invalid == 4);
    CHECK(found.n_equal == 96);
    CHECK(found.max_abs_difference == 0);
    CHECK(found.explanation == "");
  }
  SECTION("a few added up as they stand") {
    for (std::size_t i = 0; i < 3; ++i) stored[i] += 50;
    const score_audit found = audit(wai_36_client, "bond", answers, stored);
    CHECK(found.n_equal == 96);
    CHECK(found.n_invalid == 4);
  }
  SECTION("many added up as they stand") {
    for (rapport::index i = 10; i < 40; ++i) answers(i, 4) = 9;
    const score_audit found = audit(wai_36_client, "bond", answers, stored_by(answers, bond));
    CHECK(found.n_invalid == 34);
    CHECK(found.n_equal == 66);
    CHECK(found.n_explained == 100);
    CHECK(found.explanation == "answers that are not legal were counted as they stand");
  }
}

TEST_CASE("a combined score that is another one times its weight", "[scoring][audit]") {
  constexpr auto form = instrument("five", 5, {.min = 0, .max = 5})
                            .subscale("first", {1, 2, 3})
                            .combined("percentage", {{"total", 4}})
                            .combined("tenths", {{"percentage", 0.1}})
                            .combined("both", {{"total", 1}, {"first", 1}});
  const response_matrix answers = simulated(form, 60, 20260425);
  const auto sum = [](const auto& a) { return a[1] + a[2] + a[3] + a[4] + a[5]; };
  CHECK(audit(form, "percentage", answers, stored_by(answers, [&](const auto& a) { return 4 * sum(a); })).n_equal ==
        60);
  CHECK(audit(form, "tenths", answers, stored_by(answers, [&](const auto& a) { return 0.4 * sum(a); })).n_equal == 60);
  const score_audit raw = audit(form, "percentage", answers, stored_by(answers, sum));
  CHECK(raw.explanation == "the stored scores are sums as they are");
  CHECK(raw.n_explained == 60);
  const score_audit flipped = audit(form, "percentage", answers,
                                    stored_by(answers, [&](const auto& a) { return 4 * (sum(a) + 5 - 2 * a[2]); }));
  CHECK(flipped.explanation == "item 2 is reversed");
  const std::vector<double> stored(60, 1.0);
  const auto several = rapport::audit_stored_scores(form, "both", answers, std::span<const double>(stored));
  REQUIRE(!several);
  CHECK(several.error().code == errc::unknown_subscale);
}

TEST_CASE("blanks on items that were not counted say nothing about how blanks were counted", "[scoring][audit]") {
  response_matrix answers = simulated(wai_36_client, 100, 20260424);
  const auto without_29 = stored_by(answers, [](const auto& a) { return bond(a) - (8 - a[29]); });
  const auto of_task = stored_by(answers, task);
  for (rapport::index i = 0; i < 10; ++i) answers(i, 28) = blank;
  const score_audit left_out = audit(wai_36_client, "bond", answers, without_29);
  CHECK(left_out.explanation == "item 29 is left out");
  CHECK(left_out.n_incomplete == 10);
  CHECK(left_out.n_incomplete_explained == 0);
  CHECK(audit(wai_36_client, "bond", answers, of_task).explanation == "the stored scores are those of task");
}

TEST_CASE("answers coded from 0 in the table, scores from 1", "[scoring][audit]") {
  response_matrix answers = simulated(wai_36_client, 100, 20260423);
  const auto stored = stored_by(answers, total);
  for (rapport::index i = 0; i < 100; ++i)
    for (rapport::index j = 0; j < 36; ++j) answers(i, j) -= 1;
  const score_audit found = audit(wai_36_client, "", answers, stored);
  CHECK(found.n_invalid > 50);
  CHECK(found.n_explained == 100);
  CHECK(found.explanation == "the stored scores were computed from answers coded one higher");
}

TEST_CASE("a mistake in some of the forms only", "[scoring][audit]") {
  // A third of the forms was scored with item 29 not reversed.
  const response_matrix answers = simulated(wai_36_client, 150, 20260416);
  auto stored = stored_by(answers, bond);
  const auto wrong = stored_by(answers, [](const auto& a) { return bond(a) - (8 - a[29]) + a[29]; });
  rapport::index n_wrong = 0;
  rapport::index n_differ = 0;
  for (std::size_t i = 0; i < 150; i += 3) {
    n_differ += wrong[i] == stored[i] ? 0 : 1;
    stored[i] = wrong[i];
    ++n_wrong;
  }
  const score_audit found = audit(wai_36_client, "bond", answers, stored);
  CHECK(n_wrong == 50);
  CHECK(found.n_equal == 150 - n_differ);
  // No single change of the key reproduces more than before: most forms are right as they are.
  CHECK(found.explanation == "");
  CHECK(found.n_explained == found.n_equal);
}

TEST_CASE("a mistake that explains most forms is named although some stay open", "[scoring][audit]") {
  const response_matrix answers = simulated(wai_36_client, 150, 20260417);
  auto stored = stored_by(answers, [](const auto& a) { return bond(a) - (8 - a[29]) + a[29]; });
  for (std::size_t i = 0; i < 150; i += 10) stored[i] += 0.37;  // typing errors
  const score_audit found = audit(wai_36_client, "bond", answers, stored);
  CHECK(found.explanation == "item 29 is not reversed");
  CHECK(found.n_explained == 135);
}

TEST_CASE("random noise has no explanation", "[scoring][audit]") {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    const response_matrix answers = simulated(wai_36_client, 200, seed);
    rapport::random_stream random(seed, 99);
    const score_audit found = audit(wai_36_client, "bond", answers,
                                    stored_by(answers, [&](const auto& a) { return bond(a) + random.normal(); }));
    CAPTURE(seed);
    CHECK(found.explanation == "");
    CHECK(found.n_equal == 0);
    CHECK(found.n_explained == 0);
  }
}

TEST_CASE("random noise in whole points has no explanation either", "[scoring][audit]") {
  int n_explained = 0;
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    const response_matrix answers = simulated(wai_36_client, 200, seed);
    rapport::random_stream random(seed, 99);
    const score_audit found =
        audit(wai_36_client, "bond", answers,
              stored_by(answers, [&](const auto& a) { return bond(a) + static_cast<double>(random.below(21) - 10); }));
    n_explained += found.explanation.empty() ? 0 : 1;
  }
  CHECK(n_explained == 0);
}

TEST_CASE("scores that have nothing to do with the answers have no explanation", "[scoring][audit]") {
  int n_explained = 0;
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    const response_matrix answers = simulated(wai_36_client, 200, seed);
    rapport::random_stream random(seed, 99);
    const score_audit found =
        audit(wai_36_client, "bond", answers,
              stored_by(answers, [&](const auto&) { return static_cast<double>(12 + random.below(73)); }));
    n_explained += found.explanation.empty() ? 0 : 1;
  }
  CHECK(n_explained == 0);
}

TEST_CASE("forms are counted as they should be", "[scoring][audit]") {
  // A naive count: which forms have a stored score, which are complete, and how far off the stored score is.
  rapport::random_stream random(20260418);
  for (int repetition = 0; repetition < 50; ++repetition) {
    response_matrix answers = simulated(wai_36_client, 60, 1000 + static_cast<std::uint64_t>(repetition));
    auto stored = stored_by(answers, bond);
    const std::set<rapport::index> bond_items = {1, 5, 8, 17, 19, 20, 21, 23, 26, 28, 29, 36};
    rapport::index n = 0;
    rapport::index n_equal = 0;
    rapport::index n_incomplete = 0;
    double largest = 0;
    for (rapport::index i = 0; i < 60; ++i) {
      const double off = random.chance(0.3) ? static_cast<double>(random.below(9)) / 2 - 2 : 0;
      double& score = stored[rapport::as_size(i)];
      score = random.chance(0.1) ? blank : score + off;
      bool complete = true;
      for (rapport::index item = 1; item <= 36; ++item) {
        if (!random.chance(0.01)) continue;
        answers(i, item - 1) = blank;
        if (bond_items.count(item) == 1) complete = false;  // a missing answer elsewhere does not matter
      }
      if (std::isnan(score)) continue;
      n += complete ? 1 : 0;
      n_incomplete += complete ? 0 : 1;
      n_equal += complete && off == 0 ? 1 : 0;
      if (complete) largest = std::max(largest, std::fabs(off));
    }
    const score_audit found = audit(wai_36_client, "bond", answers, stored);
    CAPTURE(repetition);
    CHECK(found.n == n);
    CHECK(found.n_equal == n_equal);
    CHECK(found.n_incomplete == n_incomplete);
    CHECK(found.max_abs_difference == largest);
    CHECK(found.n_explained >= found.n_equal);
    CHECK(found.n_explained <= found.n);
  }
}

TEST_CASE("an added item that was not answered everywhere explains the forms on which it was", "[scoring][audit]") {
  response_matrix answers = simulated(wai_36_client, 100, 20260419);
  auto stored = stored_by(answers, [](const auto& a) { return task(a) + a[22]; });
  for (rapport::index i = 0; i < 10; ++i) answers(i, 21) = blank;
  const score_audit found = audit(wai_36_client, "task", answers, stored);
  CHECK(found.n == 100);
  CHECK(found.explanation == "item 22 is added");
  CHECK(found.n_explained == 90);
}

TEST_CASE("nothing to compare", "[scoring][audit]") {
  const response_matrix answers = simulated(wai_36_client, 10, 1);
  const score_audit no_scores = audit(wai_36_client, "bond", answers, std::vector<double>(10, blank));
  CHECK(no_scores.n == 0);
  CHECK(no_scores.n_incomplete == 0);
  CHECK(no_scores.explanation == "");
  CHECK(no_scores.max_abs_difference == 0);
  const score_audit all_blank = audit(wai_36_client, "", response_matrix(3, 36), {100, 101, blank});
  CHECK(all_blank.n == 0);
  CHECK(all_blank.n_incomplete == 2);
  CHECK(all_blank.explanation == "");
  const score_audit no_forms = audit(wai_36_client, "", response_matrix(0, 36), {});
  CHECK(no_forms.n == 0);
  CHECK(no_forms.explanation == "");
}

TEST_CASE("scores in float", "[scoring][audit]") {
  rapport::basic_response_matrix<float> answers(30, 12);
  rapport::random_stream random(20260420);
  std::vector<float> stored;
  for (rapport::index i = 0; i < 30; ++i) {
    float sum = 0;
    for (rapport::index j = 0; j < 12; ++j) {
      answers(i, j) = static_cast<float>(1 + random.below(5));
      if (j != 6) sum += answers(i, j);
    }
    stored.push_back(sum);
  }
  const auto found = rapport::audit_stored_scores(wai_sr_client, "", answers, std::span<const float>(stored));
  REQUIRE(found);
  CHECK(found->explanation == "item 7 is left out");
}

TEST_CASE("what an audit refuses", "[scoring][audit]") {
  const response_matrix answers = simulated(wai_36_client, 10, 1);
  const std::vector<double> stored(10, 60);
  const std::span<const double> scores(stored);
  SECTION("another number of items") {
    const auto found = rapport::audit_stored_scores(wai_sr_client, "", answers, scores);
    REQUIRE(!found);
    CHECK(found.error().code == errc::size_mismatch);
    CHECK(found.error().value == 36);
    CHECK(found.error().lower == 12);
  }
  SECTION("another number of scores") {
    const auto found = rapport::audit_stored_scores(wai_36_client, "", answers, scores.first(9));
    REQUIRE(!found);
    CHECK(found.error().code == errc::size_mismatch);
    CHECK(found.error().value == 9);
    CHECK(found.error().lower == 10);
    CHECK(found.error().function == std::string("audit_stored_scores"));
  }
  SECTION("a subscale that does not exist") {
    const auto found = rapport::audit_stored_scores(wai_36_client, "bonds", answers, scores);
    REQUIRE(!found);
    CHECK(found.error().code == errc::unknown_subscale);
    CHECK(found.error().subject == "bonds");
  }
  SECTION("a description that contradicts itself") {
    const instrument broken = instrument("broken", 36).reversed({37});
    const auto found = rapport::audit_stored_scores(broken, "", answers, scores);
    REQUIRE(!found);
    CHECK(found.error().code == errc::invalid_instrument);
  }
}

namespace {

/// Blanks a share of the answers at random.
void blank_some(response_matrix& answers, double share, std::uint64_t seed) {
  rapport::random_stream random(seed, 7);
  for (rapport::index i = 0; i < answers.n_persons(); ++i) {
    for (rapport::index j = 0; j < answers.n_items(); ++j) {
      if (random.chance(share)) answers(i, j) = blank;
    }
  }
}

}  // namespace

TEST_CASE("blanks that were counted as 0", "[scoring][audit]") {
  response_matrix answers = simulated(wai_36_client, 150, 20260601);
  blank_some(answers, 0.03, 1);
  const auto or_0 = [](double x) { return std::isnan(x) ? 0.0 : x; };
  const std::vector<int> forward = {5, 8, 17, 19, 21, 23, 26, 28, 36};
  const std::vector<int> reversed = {1, 20, 29};
  struct expectation {
    const char* sentence;
    double reversed_blank;
  };
  for (const expectation& each : {expectation{"blanks were counted as 0", 0},
                                  {"blanks were counted as 0 and then reversed where the key reverses", 8}}) {
    const auto stored = stored_by(answers, [&](const auto& a) {
      double sum = 0;
      for (const int i : forward) sum += or_0(a[static_cast<std::size_t>(i)]);
      for (const int i : reversed) {
        const double x = a[static_cast<std::size_t>(i)];
        sum += std::isnan(x) ? each.reversed_blank : 8 - x;
      }
      return sum;
    });
    const score_audit found = audit(wai_36_client, "bond", answers, stored);
    CHECK(found.n_equal == found.n);
    CHECK(found.n + found.n_incomplete == 150);
    CHECK(found.n_incomplete > 20);
    if (each.reversed_blank == 0) {
      CHECK(found.explanation == each.sentence);
      CHECK(found.n_incomplete_explained == found.n_incomplete);
    } else {
      // Forms whose blanks are all on forward items fit the other sentence too.
      CHECK(found.n_incomplete_explained > 0);
    }
  }
}

TEST_CASE("blanks that were prorated, on top of a wrong key", "[scoring][audit]") {
  response_matrix answers = simulated(wai_sr_client, 150, 20260602);
  blank_some(answers, 0.03, 2);
  const auto stored = stored_by(answers, [](const auto& a) {
    double sum = 0;
    int n = 0;
    for (std::size_t item = 1; item <= 12; ++item) {
      if (std::isnan(a[item])) continue;
      sum += item == 5 ? 6 - a[item] : a[item];
      ++n;
    }
    return sum / n * 12;
  });
  const score_audit found = audit(wai_sr_client, "", answers, stored);
  CHECK(found.explanation == "item 5 is reversed; scores with blanks were prorated from the answered items");
  CHECK(found.n_explained == found.n);
  CHECK(found.n_incomplete_explained == found.n_incomplete);
  REQUIRE(found.changes.size() == 1);
  CHECK(found.changes[0].item == 5);
}

TEST_CASE("blanks that were counted as the lowest answer", "[scoring][audit]") {
  response_matrix answers = simulated(wai_sr_client, 100, 20260603);
  blank_some(answers, 0.03, 3);
  const auto stored = stored_by(answers, [](const auto& a) {
    double sum = 0;
    for (std::size_t item = 1; item <= 12; ++item) sum += std::isnan(a[item]) ? 1 : a[item];
    return sum;
  });
  CHECK(audit(wai_sr_client, "", answers, stored).explanation == "blanks were counted as the lowest answer");
}

TEST_CASE("reversed from the wrong number", "[scoring][audit]") {
  check_explanation(
      "task", [](const auto& a) { return task(a) - 5; },
      "reversed items were counted as 7 - answer instead of 8 - answer");
  check_explanation(
      "bond", [](const auto& a) { return bond(a) - 3 * 8; },
      "reversed items were counted as 0 - answer instead of 8 - answer");
}

TEST_CASE("sums where the instrument says means, and the other way round with a wrong item", "[scoring][audit]") {
  const auto form = instrument("means", 6, {.min = 0, .max = 4})
                        .reversed({2})
                        .total_as({.kind = rapport::score_kind::mean, .times = 10});
  const response_matrix answers = simulated(form, 120, 20260604);
  const auto sum = [](const auto& a) { return a[1] + (4 - a[2]) + a[3] + a[4] + a[5] + a[6]; };
  CHECK(audit(form, "", answers, stored_by(answers, [&](const auto& a) { return 10 * sum(a) / 6; })).n_equal == 120);
  CHECK(audit(form, "", answers, stored_by(answers, sum)).explanation == "the stored scores are sums, not item means");
  CHECK(audit(form, "", answers, stored_by(answers, [&](const auto& a) { return sum(a) / 6; })).explanation ==
        "the stored scores are item means");
  CHECK(audit(form, "", answers, stored_by(answers, [&](const auto& a) { return 10 * (sum(a) - a[4]) / 5; }))
            .explanation == "item 4 is left out");
  CHECK(audit(wai_36_client, "bond", simulated(wai_36_client, 150, 20260605),
              stored_by(simulated(wai_36_client, 150, 20260605),
                        [](const auto& a) { return (bond(a) - (8 - a[29]) + a[29]) / 12; }))
            .explanation == "the stored scores are item means, not sums, and item 29 is not reversed");
}

TEST_CASE("two mistakes of different kinds", "[scoring][audit]") {
  check_explanation(
      "task", [](const auto& a) { return task(a) - a[2] - (8 - a[7]) + a[7]; },
      "item 2 is left out and item 7 is not reversed");
}

TEST_CASE("items moved and swapped between subscales", "[scoring][audit]") {
  const response_matrix answers = simulated(wai_36_client, 150, 20260606);
  const auto together = [&](const mistaken_scorer& as_task, const mistaken_scorer& as_bond) {
    const score_audit of_task = audit(wai_36_client, "task", answers, stored_by(answers, as_task));
    const score_audit of_bond = audit(wai_36_client, "bond", answers, stored_by(answers, as_bond));
    const rapport::subscale_audit audits[] = {{"task", &of_task}, {"bond", &of_bond}};
    return rapport::explain_together(audits);
  };
  CHECK(together(task, bond) == "");
  CHECK(together([](const auto& a) { return task(a) - a[35]; }, [](const auto& a) { return bond(a) + a[35]; }) ==
        "item 35 is counted in bond instead of task");
  CHECK(together([](const auto& a) { return task(a) + a[36]; }, [](const auto& a) { return bond(a) - a[36]; }) ==
        "item 36 is counted in task instead of bond");
  CHECK(together([](const auto& a) { return task(a) - a[35] + a[36]; },
                 [](const auto& a) { return bond(a) - a[36] + a[35]; }) ==
        "items 35 and 36 are swapped between task and bond");
}

TEST_CASE("a few forms are no evidence", "[scoring][audit]") {
  // Some pair of changes fits any three numbers.
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    const response_matrix answers = simulated(wai_36_client, 3, seed);
    rapport::random_stream random(seed, 3);
    const auto stored =
        stored_by(answers, [&](const auto& a) { return bond(a) + static_cast<double>(random.below(9)) - 4; });
    CHECK(audit(wai_36_client, "bond", answers, stored).explanation == "");
  }
}

TEST_CASE("an instrument without a total has none to audit", "[scoring][audit]") {
  const auto form = wai_36_client.no_total();
  const std::vector<double> stored(10, 100);
  const auto found = rapport::audit_stored_scores(form, "", simulated(form, 10, 1), std::span<const double>(stored));
  CHECK(found.error().code == errc::unknown_subscale);
}
