// SPDX-License-Identifier: BSL-1.0
// Every error has a sentence; positions count from 1, and what does not apply is left out.
#include "rapport_test.hpp"

#include <algorithm>
#include <set>
#include <string>
#include <string_view>

#include <rapport/core/error_message.hpp>

using rapport::errc;
using rapport::error;
using rapport::message;

namespace {

struct numbered {
  errc code;
  int number;
};

// The stable numbers once more: whoever renumbers an error breaks programs that store or compare it.
constexpr numbered all_codes[] = {
    // clang-format off
    {errc::invalid_option, 101},
    {errc::size_mismatch, 102},
    {errc::numeric_failure, 103},
    {errc::answer_out_of_range, 201},
    {errc::answer_off_step, 202},
    {errc::wrong_number_of_answers, 203},
    {errc::not_finite, 204},
    {errc::no_data, 205},
    {errc::duplicate_session, 206},
    {errc::missing_id, 207},
    {errc::missing_session, 208},
    {errc::invalid_date, 209},
    {errc::score_out_of_range, 210},
    {errc::answer_in_gap, 211},
    {errc::invalid_instrument, 302},
    {errc::unknown_subscale, 303},
    {errc::invalid_record, 304},
    {errc::record_differs, 305},
    {errc::key_not_established, 308},
    {errc::unknown_instrument, 309},
    {errc::too_few_rows, 401},
    {errc::too_few_columns, 402},
    {errc::no_common_rows, 403},
    {errc::zero_variance, 404},
    {errc::not_positive_definite, 405},
    {errc::collinear, 406},
    {errc::too_few_clusters, 407},
    {errc::no_replication, 408},
    {errc::too_many_factors, 410},
    {errc::bootstrap_failed, 411},
    {errc::too_many_categories, 412},
    {errc::incomplete_design, 421},
    {errc::too_few_levels, 422},
    {errc::too_few_groups, 430},
    {errc::unusable_gap, 431},
    {errc::kenward_roger_refused, 432},
    {errc::not_comparable, 433},
    {errc::missing_value, 440},
    {errc::negative_total_variance, 501},
    {errc::needs_answers, 502},
    {errc::no_clinical_norm, 521},
    {errc::unreliable_difference, 522},
    {errc::one_category, 523},
    {errc::unknown_category, 524},
    {errc::unknown_coefficient, 601},
    {errc::time_before_curve, 602},
    {errc::client_changes_therapist, 603},
    {errc::foreign_state, 701},
    // clang-format on
};

std::string sentence(const error& e) { return std::string(message(e).view()); }

/// The sentence without its last word, the number in brackets.
std::string without_number(const error& e) {
  const std::string whole = sentence(e);
  return whole.substr(0, whole.rfind(" ["));
}

bool mentions(const std::string& whole, std::string_view part) { return whole.find(part) != std::string::npos; }

}  // namespace

TEST_CASE("the numbers of the errors are stable and each has a sentence", "[core][error]") {
  std::set<int> numbers;
  for (const numbered& each : all_codes) {
    CAPTURE(each.number);
    CHECK(static_cast<int>(each.code) == each.number);
    numbers.insert(each.number);
    CHECK(!mentions(sentence({.code = each.code}), "unknown error"));
  }
  // No sentence without a number in the list above, so the list is complete.
  for (int number = 0; number < 1000; ++number) {
    CAPTURE(number);
    const bool has_sentence =
        sentence({.code = static_cast<errc>(number)}) != "unknown error [rapport." + std::to_string(number) + "]";
    CHECK(has_sentence == (numbers.count(number) == 1));
  }
}

TEST_CASE("no sentence shows its pattern, with positions and without", "[core][error]") {
  for (const numbered& each : all_codes) {
    const error full{
        .code = each.code, .function = "f", .row = 3, .column = 4, .value = 1, .lower = 2, .upper = 3, .subject = "S"};
    const error without_position{.code = each.code, .subject = "S"};
    for (const error& e : {full, without_position}) {
      const std::string whole = without_number(e);
      INFO(whole);
      CHECK(!whole.empty());
      CHECK(whole.find_first_of("{}[]") == std::string::npos);
      CHECK(whole.find("  ") == std::string::npos);
      CHECK(whole.find(" ;") == std::string::npos);
      CHECK(whole.find(" ,") == std::string::npos);
      CHECK(whole.front() != ' ');
      CHECK(whole.back() != ' ');
      CHECK(sentence(e) == whole + " [rapport." + std::to_string(each.number) + "]");
    }
    CHECK(without_number(full).substr(0, 3) == "f: ");
  }
}

TEST_CASE("the longest fields fit into every sentence", "[core][error]") {
  const double longest = -2.2250738585072014e-308;
  for (const numbered& each : all_codes) {
    const error e{.code = each.code,
                  .function = "a_function_with_a_rather_long_name",
                  .row = 123456788,
                  .column = 123456788,
                  .value = longest,
                  .lower = longest,
                  .upper = longest,
                  .subject = "a subject as long as a subject can possibly be.."};
    CAPTURE(each.number);
    CHECK(!message(e).truncated());
  }
}

TEST_CASE("positions are printed from 1", "[core][error]") {
  CHECK(sentence({.code = errc::answer_out_of_range,
                  .function = "score",
                  .row = 0,
                  .column = 0,
                  .value = 8,
                  .lower = 1,
                  .upper = 7}) ==
        "score: answer 8 of person 1 to item 1 is outside 1..7; correct it or mark it missing [rapport.201]");
  CHECK(
      sentence(
          {.code = errc::no_common_rows, .function = "covariance", .row = 2, .column = 9, .value = 1, .lower = 2}) ==
      "covariance: too few persons answered both item 3 and item 10: 1, where at least 2 are needed; remove one of the "
      "two items [rapport.403]");
  CHECK(sentence({.code = errc::missing_session, .row = 11}) ==
        "row 12 has no session number or date; every row needs one [rapport.208]");
}

TEST_CASE("large positions are printed in full", "[core][error]") {
  for (const rapport::index row : {99998, 99999, 100000, 999999, 12345678}) {
    CHECK(sentence({.code = errc::missing_session, .row = row}) ==
          "row " + std::to_string(row + 1) + " has no session number or date; every row needs one [rapport.208]");
  }
}

TEST_CASE("what does not apply is left out", "[core][error]") {
  CHECK(
      sentence(
          {.code = errc::answer_out_of_range, .function = "score", .column = 2, .value = 7, .lower = 0, .upper = 3}) ==
      "score: answer 7 to item 3 is outside 0..3; correct it or mark it missing [rapport.201]");
  CHECK(sentence(
            {.code = errc::answer_out_of_range, .function = "alpha", .row = 11, .value = 7, .lower = 0, .upper = 3}) ==
        "alpha: answer 7 of person 12 is outside 0..3; correct it or mark it missing [rapport.201]");
  CHECK(sentence({.code = errc::answer_out_of_range, .value = 7, .lower = 0, .upper = 3}) ==
        "answer 7 is outside 0..3; correct it or mark it missing [rapport.201]");

  CHECK(sentence({.code = errc::wrong_number_of_answers,
                  .function = "score",
                  .value = 11,
                  .lower = 12,
                  .subject = "wai-sr-client"}) ==
        "score: 11 answers were given, but wai-sr-client has 12 items; mark missing answers instead of leaving them "
        "out [rapport.203]");

  CHECK(sentence({.code = errc::not_finite, .row = 1, .column = 2}) ==
        "the number in row 2, column 3 is infinite; correct it or mark it missing (NaN) [rapport.204]");
  CHECK(sentence({.code = errc::not_finite, .row = 1}) ==
        "the number in row 2 is infinite; correct it or mark it missing (NaN) [rapport.204]");

  CHECK(
      sentence({.code = errc::duplicate_session, .function = "session_panel", .row = 6, .value = 3, .subject = "c1"}) ==
      "session_panel: client c1 has two rows for session 3 (the second in row 7); keep one of them [rapport.206]");
  CHECK(sentence({.code = errc::duplicate_session, .value = 3, .subject = "c1"}) ==
        "client c1 has two rows for session 3; keep one of them [rapport.206]");

  CHECK(sentence({.code = errc::zero_variance, .function = "correlation", .column = 4}) ==
        "correlation: column 5 does not vary, so nothing can be estimated from it [rapport.404]");
  CHECK(sentence({.code = errc::zero_variance, .subject = "the score"}) ==
        "the score does not vary, so nothing can be estimated from it [rapport.404]");
  CHECK(sentence({.code = errc::no_data, .function = "alpha", .subject = "a mean"}) ==
        "alpha: there is nothing to compute a mean from: no rows, or every cell is missing [rapport.205]");
  CHECK(sentence({.code = errc::no_data}) ==
        "there is nothing to compute from: no rows, or every cell is missing [rapport.205]");
  CHECK(sentence({.code = errc::too_few_rows, .value = 1, .lower = 2}) ==
        "too few usable rows: 1, where at least 2 are needed [rapport.401]");
  CHECK(sentence({.code = errc::too_few_rows, .value = 1, .lower = 2, .subject = "a trend"}) ==
        "too few usable rows (a trend): 1, where at least 2 are needed [rapport.401]");
}

TEST_CASE("more exact sentences", "[core][error]") {
  CHECK(sentence({.code = errc::collinear, .column = 2, .subject = "of the fixed effects"}) ==
        "predictor 3 of the fixed effects is a combination of the others; leave it out [rapport.406]");
  CHECK(sentence({.code = errc::invalid_option,
                  .function = "score",
                  .value = 1.5,
                  .lower = 0,
                  .upper = 1,
                  .subject = "the prorating fraction"}) ==
        "score: the prorating fraction is 1.5, but must lie between 0 and 1 [rapport.101]");
  CHECK(sentence(
            {.code = errc::size_mismatch, .function = "session_panel", .value = 3, .lower = 4, .subject = "score"}) ==
        "session_panel: score has 3 entries where 4 are needed; give one per row [rapport.102]");
  CHECK(sentence(
            {.code = errc::answer_off_step, .function = "score", .column = 0, .value = 3.5, .lower = 1, .upper = 7}) ==
        "score: answer 3.5 to item 1 is not a legal answer; answers are multiples of 1 [rapport.202]");
  CHECK(sentence({.code = errc::invalid_date, .function = "days_from_date", .subject = "31.3.2026"}) ==
        "days_from_date: '31.3.2026' is not a calendar date; write it as 2026-03-31 [rapport.209]");
  CHECK(sentence({.code = errc::missing_id, .function = "session_panel", .row = 2, .subject = "therapist"}) ==
        "session_panel: row 3 has no therapist; every row needs one [rapport.207]");
  CHECK(sentence({.code = errc::score_out_of_range, .row = 0, .value = 90, .lower = 12, .upper = 84}) ==
        "score 90 in row 1 is outside the range 12..84 that was given; correct one of the two [rapport.210]");
}

TEST_CASE("numbers in a sentence are exact", "[core][error]") {
  const error e{.code = errc::answer_out_of_range, .value = 10.1, .lower = -0.5, .upper = 1e9};
  CHECK(sentence(e) == "answer 10.1 is outside -0.5..1e+09; correct it or mark it missing [rapport.201]");
}

TEST_CASE("braces and brackets in a subject stay as they are", "[core][error]") {
  CHECK(sentence({.code = errc::unknown_subscale, .function = "audit", .subject = "{row} [x]"}) ==
        "audit: there is no subscale called {row} [x] [rapport.303]");
}
