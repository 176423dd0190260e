// SPDX-License-Identifier: BSL-1.0
// Tables of forms: every way of storing them against score(), one form at a time.
#include "rapport_test.hpp"

#include <cmath>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <type_traits>
#include <vector>

#include <rapport/core/random.hpp>
#include <rapport/scoring/batch.hpp>

using rapport::errc;
using rapport::index;
using rapport::instrument;
using rapport::score_status;
using rapport::instruments::srs_3;
using rapport::instruments::wai_36_client;
using rapport::instruments::wai_sr_client;

namespace {

bool same(double found, std::optional<double> expected) { return expected ? found == *expected : std::isnan(found); }

/// Where a table and score() differ; empty if nowhere.
template <class T>
std::string difference(const instrument& form, const rapport::form_table<T>& table, const rapport::missing_rule& rule,
                       bool with_combined) {
  const auto n = rapport::as_size(table.n_forms);
  std::vector<double> total(n, -1);
  std::vector<double> subscales(n * rapport::as_size(form.n_subscales()), -1);
  std::vector<double> combined(with_combined ? n * rapport::as_size(form.n_combined()) : 0, -1);
  std::vector<score_status> status(n);
  std::vector<std::uint8_t> n_missing(n);
  const auto summary = rapport::score_batch(
      form, table,
      rapport::batch_scores<double>{
          .total = total, .subscales = subscales, .combined = combined, .status = status, .n_missing = n_missing},
      {.missing = rule});
  if (!summary) return std::string(rapport::message(summary.error()).view());
  index counts[4] = {};
  std::optional<rapport::error> first;
  for (index f = 0; f < table.n_forms; ++f) {
    std::vector<rapport::answer<T>> answers;
    for (index i = 0; i < table.n_items; ++i) {
      const T given = table.answers[rapport::as_size(f * table.form_stride + i * table.item_stride)];
      answers.push_back(table.missing_code == given ? rapport::answer<T>() : rapport::answer<T>(given));
    }
    const auto at = rapport::as_size(f);
    const auto card = rapport::score(form, answers, {.missing = rule});
    const std::string where = "form " + std::to_string(f) + ": ";
    ++counts[static_cast<int>(status[at])];
    if (!card) {
      if (status[at] != score_status::invalid || !std::isnan(total[at])) return where + "is scored";
      if (!first) {
        first = card.error();
        first->row = f;
      }
      continue;
    }
    if (form.has_total() && status[at] != card->total_status()) return where + "status";
    if (n_missing[at] != card->n_missing()) return where + "number of missing answers";
    if (!same(total[at], card->total())) return where + "total";
    for (int s = 0; s < form.n_subscales(); ++s) {
      if (!same(subscales[rapport::as_size(s * table.n_forms + f)], card->subscale(s))) return where + "subscale";
    }
    for (int c = 0; with_combined && c < form.n_combined(); ++c) {
      if (!same(combined[rapport::as_size(c * table.n_forms + f)], card->combined(c))) return where + "combined";
    }
  }
  const bool counted = summary->n_forms == table.n_forms && summary->n_ok == counts[0] &&
                       summary->n_prorated == counts[1] && summary->n_incomplete == counts[2] &&
                       summary->n_invalid == counts[3];
  if (!counted) return "the counts";
  if (first.has_value() != summary->first_invalid.has_value()) return "the first illegal answer is lost";
  if (first && (first->row != summary->first_invalid->row || first->column != summary->first_invalid->column ||
                first->value != summary->first_invalid->value || first->code != summary->first_invalid->code))
    return "the first illegal answer";
  return "";
}

/// Random forms: answers between two numbers, some missing, some illegal.
template <class T>
std::vector<T> random_answers(rapport::random_stream& random, index n, int low, int high, double share_missing, T code,
                              double share_illegal) {
  std::vector<T> out;
  for (index i = 0; i < n; ++i) {
    T one = static_cast<T>(low + static_cast<int>(random.below(high - low + 1)));
    if (random.chance(share_missing)) one = code;
    if (random.chance(share_illegal)) one = static_cast<T>(random.chance(0.5) ? high + 1 : 127);
    out.push_back(one);
  }
  return out;
}

const instrument many[] = {
    wai_sr_client,
    wai_36_client,
    instrument("one", 1, {.min = 0, .max = 1}),
    instrument("sixteen", 16, {.min = 0, .max = 120}).reversed({16}).subscale("a", {1, 16}),
    instrument("mean", 17, {.min = 2, .max = 5})
        .reversed({17, 1})
        .total_as({.kind = rapport::score_kind::mean, .times = 10})
        .subscale("a", {1, 2, 3}, {.times = 0.5})
        .subscale("b", {17, 16, 3}, {.kind = rapport::score_kind::mean})
        .combined("c", {{"a", 2}, {"total", 1}}),
    instrument("no total", 33, {.min = 0, .max = 4}).no_total().subscale("a", {33, 1}).subscale("b", {2, 3, 4}),
    instrument("long", 128, {.min = 1, .max = 7}).unscored({5}).reversed({64, 65, 128}).subscale("a", {127, 128, 1}),
    instrument("gaps", 6, {.min = 0, .max = 6}).legal({0, 1, 5, 6}).reversed({2}),
    instrument("scales", 5, {.min = 0, .max = 6}).item_scale({2}, {.min = 0, .max = 10}).subscale("a", {1, 2}),
    instrument("steps", 5, {.min = 0, .max = 6, .step = 2}).subscale("a", {1, 2}),
};

const rapport::missing_rule rules[] = {rapport::published, rapport::prorate(0.5), rapport::at_least(2),
                                       rapport::at_most_missing(1)};

}  // namespace

TEST_CASE("tables of bytes, in rows and in columns", "[scoring][batch]") {
  rapport::random_stream random(20260701);
  for (const instrument& form : many) {
    for (const index n_forms : {0, 1, 2, 31, 32, 33, 100}) {
      for (const double share_missing : {0.0, 0.05, 0.5}) {
        for (const double share_illegal : {0.0, 0.002}) {
          const auto answers =
              random_answers<std::uint8_t>(random, n_forms * form.n_items(), static_cast<int>(form.min()),
                                           static_cast<int>(form.max()), share_missing, 255, share_illegal);
          const std::span<const std::uint8_t> all(answers);
          const auto& rule = rules[random.below(4)];
          const bool with_combined = random.chance(0.5);
          CAPTURE(std::string(form.id()), n_forms, share_missing, share_illegal);
          CHECK(difference(form, rapport::forms_by_row<std::uint8_t>(all, form.n_items(), 255), rule, with_combined) ==
                "");
          CHECK(difference(form, rapport::forms_by_column<std::uint8_t>(all, form.n_items(), 255), rule,
                           with_combined) == "");
          // Without the code, 255 is an answer that is not legal.
          CHECK(difference(form, rapport::forms_by_row<std::uint8_t>(all, form.n_items()), rule, with_combined) == "");
        }
      }
    }
  }
}

TEST_CASE("tables of integers and real numbers", "[scoring][batch]") {
  rapport::random_stream random(20260702);
  const auto check = [&](auto code) {
    using T = decltype(code);
    for (const instrument& form : many) {
      const auto answers = random_answers<T>(random, 20 * form.n_items(), static_cast<int>(form.min()),
                                             static_cast<int>(form.max()), 0.05, code, 0.001);
      const std::span<const T> all(answers);
      const std::optional<T> missing_code = std::isnan(static_cast<double>(code)) ? std::optional<T>() : code;
      CAPTURE(std::string(form.id()), sizeof(T));
      CHECK(difference(form, rapport::forms_by_row<T>(all, form.n_items(), missing_code), rules[random.below(4)],
                       true) == "");
      CHECK(difference(form, rapport::forms_by_column<T>(all, form.n_items(), missing_code), rules[random.below(4)],
                       true) == "");
    }
  };
  check(std::int8_t{-1});
  check(std::int16_t{-99});
  check(int{-99});
  check(std::int64_t{999});
  check(-99.0F);
  check(std::nan(""));
}

TEST_CASE("a code for missing answers that would be a legal answer", "[scoring][batch]") {
  rapport::random_stream random(20260703);
  const instrument form = instrument("zero", 20, {.min = 0, .max = 4}).reversed({3}).subscale("a", {1, 3, 20});
  const auto answers = random_answers<std::uint8_t>(random, 20 * 50, 0, 4, 0, 255, 0);
  CHECK(difference(form, rapport::forms_by_row<std::uint8_t>(answers, 20, 0), rapport::prorate(0.5), false) == "");
}

TEST_CASE("every byte is either legal or refused", "[scoring][batch]") {
  // Each of the 256 bytes at each place of a form that is complete otherwise.
  std::vector<std::uint8_t> answers;
  for (int value = 0; value < 256; ++value) {
    for (std::size_t item = 0; item < 36; ++item) {
      for (std::size_t i = 0; i < 36; ++i) answers.push_back(static_cast<std::uint8_t>(i == item ? value : 4));
    }
  }
  CHECK(difference(wai_36_client, rapport::forms_by_row<std::uint8_t>(answers, 36), rapport::published, false) == "");
  CHECK(difference(wai_36_client, rapport::forms_by_row<std::uint8_t>(answers, 36, 200), rapport::prorate(0.5),
                   false) == "");
}

TEST_CASE("tenths in a table are exact", "[scoring][batch]") {
  rapport::random_stream random(20260704);
  std::vector<double> answers;
  for (int i = 0; i < 4 * 500; ++i) answers.push_back(static_cast<double>(random.below(101)) / 10);
  CHECK(difference(srs_3, rapport::forms_by_row<double>(answers, 4), rapport::published, false) == "");
}

TEST_CASE("only what is asked for is written", "[scoring][batch]") {
  const std::vector<int> answers(24, 3);
  std::vector<float> total(2);
  const auto summary = rapport::score_batch(wai_sr_client, rapport::forms_by_row<int>(answers, 12),
                                            rapport::batch_scores<float>{.total = total});
  REQUIRE(summary);
  CHECK(total == std::vector<float>{36, 36});
  CHECK(rapport::score_batch(wai_sr_client, rapport::forms_by_row<int>(answers, 12), rapport::batch_scores<double>{})
            .value()
            .n_ok == 2);
}

TEST_CASE("what score_batch refuses", "[scoring][batch]") {
  const std::vector<std::uint8_t> answers(24, 3);
  const std::span<const std::uint8_t> all(answers);
  std::vector<double> two(2);
  std::vector<double> three(3);
  const auto code = [&](const instrument& form, const rapport::form_table<std::uint8_t>& table,
                        const rapport::batch_scores<double>& out, rapport::missing_rule rule = rapport::published) {
    const auto summary = rapport::score_batch(form, table, out, {.missing = rule});
    return summary ? errc{} : summary.error().code;
  };
  const auto table = rapport::forms_by_row(all, 12);
  CHECK(code(wai_sr_client, table, {.total = two}) == errc{});
  CHECK(code(wai_sr_client, table, {.total = three}) == errc::size_mismatch);
  CHECK(code(wai_sr_client, table, {.subscales = three}) == errc::size_mismatch);
  CHECK(code(wai_sr_client, table, {.combined = three}) == errc::size_mismatch);
  CHECK(code(wai_36_client, table, {.total = two}) == errc::wrong_number_of_answers);
  CHECK(code(wai_sr_client, rapport::forms_by_row(all.first(23), 12), {}) == errc::size_mismatch);
  CHECK(code(wai_sr_client, table, {.total = two}, rapport::prorate(2)) == errc::invalid_option);
  CHECK(code(instrument("broken", 12).reversed({13}), table, {.total = two}) == errc::invalid_instrument);
}
