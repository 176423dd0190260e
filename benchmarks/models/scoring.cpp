// SPDX-License-Identifier: BSL-1.0
// Scoring: single forms with their subscales, and batches of forms stored as bytes.
#include <array>
#include <cstdint>
#include <ostream>
#include <string>
#include <vector>

#include <rapport/core/random.hpp>
#include <rapport/instruments.hpp>
#include <rapport/scoring.hpp>
#include <rapport/scoring/batch.hpp>
#include "data.hpp"
#include "measure.hpp"

namespace {

using rapport::as_size;
using rapport::index;
namespace instruments = rapport::instruments;

// The keys once more, for the check: Hatcher & Gillaspy (2006) and Horvath & Greenberg (1989).
constexpr int wai_sr_subscales[3][4] = {{1, 2, 10, 12}, {3, 5, 7, 9}, {4, 6, 8, 11}};
constexpr int wai_36_reversed[] = {1, 3, 7, 9, 10, 11, 12, 15, 20, 27, 29, 31, 33, 34};
constexpr std::size_t wai_36_items = 36;

using short_form = std::array<int, 12>;

void score_form(benchmark::State& state) {
  constexpr index n_forms = 1024;
  std::vector<short_form> forms(as_size(n_forms));
  rapport::random_stream random(bench::seed);
  for (auto& form : forms) {
    for (int& answer : form) answer = static_cast<int>(1 + random.below(5));
  }
  for (const auto& form : forms) {
    const auto card = rapport::score(instruments::wai_sr_client, form);
    bench::check(card.has_value(), "a legal form is refused");
    int total = 0;
    for (int s = 0; s < 3; ++s) {
      int sum = 0;
      for (const int item : wai_sr_subscales[s]) sum += form[static_cast<std::size_t>(item - 1)];
      bench::check(card->subscale(s) == sum, "a subscale");
      total += sum;
    }
    bench::check(card->total() == total, "the total");
  }
  auto illegal = forms[0];
  illegal[11] = 6;
  bench::check(!rapport::score(instruments::wai_sr_client, illegal), "an illegal answer is scored");

  bench::compare(
      state, {.n = {{"items", 12}}, .floor = "a plain loop summing the 12 numbers", .operations = n_forms},
      [&] {
        for (const auto& form : forms) {
          const auto card = rapport::score(instruments::wai_sr_client, form);
          std::array<double, 4> scores{*card->total(), *card->subscale(0), *card->subscale(1), *card->subscale(2)};
          benchmark::DoNotOptimize(scores);
        }
      },
      [&] {
        for (const auto& form : forms) {
          int sum = 0;
          for (const int answer : form) sum += answer;
          benchmark::DoNotOptimize(sum);
        }
      });
}

/// Forms of the WAI-36, one behind the other.
std::vector<std::uint8_t> byte_forms(index n_forms) {
  std::vector<std::uint8_t> out(as_size(n_forms) * wai_36_items);
  rapport::random_stream random(bench::seed);
  for (auto& answer : out) answer = static_cast<std::uint8_t>(1 + random.below(7));
  return out;
}

// Horvath & Greenberg (1989), as above.
constexpr int wai_36_subscales[3][12] = {{2, 4, 7, 11, 13, 15, 16, 18, 24, 31, 33, 35},
                                         {1, 5, 8, 17, 19, 20, 21, 23, 26, 28, 29, 36},
                                         {3, 6, 9, 10, 12, 14, 22, 25, 27, 30, 32, 34}};

/// Totals and subscales of forms stored as bytes, checked form by form with the key written out above.
void score_batch(benchmark::State& state) {
  const auto n_forms = static_cast<index>(state.range(0));
  const auto answers = byte_forms(n_forms);
  const auto forms = rapport::forms_by_row<std::uint8_t>(answers, static_cast<index>(wai_36_items));
  std::vector<double> totals(as_size(n_forms));
  std::vector<double> subscales(as_size(3 * n_forms));
  const rapport::batch_scores<double> scores{.total = totals, .subscales = subscales};
  const auto score_all = [&] { return rapport::score_batch(instruments::wai_36_client, forms, scores)->n_ok; };
  bench::check(score_all() == n_forms, "a legal form is refused");
  double mean = 0;
  for (std::size_t f = 0; f < totals.size(); ++f) {
    std::array<int, wai_36_items> value{};
    for (std::size_t i = 0; i < wai_36_items; ++i) value[i] = answers[f * wai_36_items + i];
    for (const int item : wai_36_reversed) {
      int& one = value[static_cast<std::size_t>(item - 1)];
      one = 8 - one;
    }
    int total = 0;
    for (std::size_t s = 0; s < 3; ++s) {
      int sum = 0;
      for (const int item : wai_36_subscales[s]) sum += value[static_cast<std::size_t>(item - 1)];
      bench::check(subscales[s * totals.size() + f] == sum, "a subscale of a form");
      total += sum;
    }
    bench::check(totals[f] == total, "the total of a form");
    mean += total;
  }
  mean /= static_cast<double>(n_forms);

  bench::compare(state,
                 {.n = {{"forms", n_forms}, {"items", wai_36_items}},
                  .floor = "one pass summing the bytes into 32-bit accumulators",
                  .answer = mean},
                 score_all, [&] {
                   std::uint32_t sum = 0;
                   for (const std::uint8_t answer : answers) sum += answer;
                   return sum;
                 });
}

void write_forms(std::ostream& out, index n_forms) {
  const auto answers = byte_forms(n_forms);
  for (std::size_t i = 0; i < wai_36_items; ++i) out << (i == 0 ? "" : ",") << 'i' << i + 1;
  out << '\n';
  for (std::size_t f = 0; f < as_size(n_forms); ++f) {
    for (std::size_t i = 0; i < wai_36_items; ++i)
      out << (i == 0 ? "" : ",") << static_cast<int>(answers[f * wai_36_items + i]);
    out << '\n';
  }
}

const bench::registration add_all([] {
  bench::add("models/score_form/wai_sr", score_form);
  const std::vector<index> sizes{1000, 30000, 1000000};
  bench::add_linear("models/score_batch/wai_36_bytes", "forms", sizes, score_batch);
  for (const index n : sizes) {
    bench::add_table("models/score_batch/wai_36_bytes/forms:" + std::to_string(n), "scoring",
                     "forms_" + std::to_string(n) + ".csv", [n](std::ostream& out) { write_forms(out, n); });
  }
});

}  // namespace
