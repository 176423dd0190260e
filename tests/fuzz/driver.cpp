// SPDX-License-Identifier: BSL-1.0
// Scores the sheets that fuzz.py sends and answers with one record per sheet.
// usage: driver constants ID...      the instruments of the headers, numbered in this order
//        driver json CATALOGUE       the instruments of that file, read while the program runs
#include <array>
#include <bit>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <limits>
#include <optional>
#include <span>
#include <vector>

#include <rapport/core/missing.hpp>
#include <rapport/instruments/metadata.hpp>
#include <rapport/scoring/batch.hpp>
#include <rapport/scoring/score.hpp>

#include "catalogue_file.hpp"

namespace {

constexpr double skip_code = -7.25e303;
constexpr std::size_t most_scores = 19;

struct sheet_head {
  std::int32_t instrument;
  std::int32_t rule;
  std::int32_t n;
  std::int32_t n_answers;
  double fraction;
};

struct record {
  std::int32_t code = 0;
  std::int32_t item = 0;
  double value = 0;
  std::uint64_t missing[2] = {0, 0};
  std::uint64_t skipped[2] = {0, 0};
  std::uint64_t risk[2] = {0, 0};
  std::uint32_t bands = 0;
  std::uint32_t cutoffs_met = 0;
  std::uint32_t cutoffs_known = 0;
  std::uint32_t total_status = static_cast<std::uint32_t>(rapport::score_status::incomplete);
  double scores[most_scores];

  record() {
    for (double& each : scores) each = std::numeric_limits<double>::quiet_NaN();
  }
};
static_assert(sizeof(sheet_head) == 24 && sizeof(record) == 16 + 48 + 16 + 8 * most_scores);

void put(std::uint64_t (&bits)[2], const rapport::item_set& items) {
  for (const int item : items) bits[(item - 1) / 64] |= std::uint64_t{1} << ((item - 1) % 64);
}

rapport::missing_rule rule_of(const sheet_head& head) {
  switch (head.rule) {
    case 1: return rapport::complete;
    case 2: return rapport::prorate(head.fraction);
    case 3: return rapport::at_least(head.n);
    case 4: return rapport::at_most_missing(head.n);
    default: return rapport::published;
  }
}

template <class Answers>
record score_one(const rapport::instrument& form, const Answers& answers, const rapport::missing_rule& rule) {
  record out;
  const auto card = rapport::score(form, answers, {.missing = rule});
  if (!card) {
    out.code = static_cast<std::int32_t>(card.error().code);
    out.item = static_cast<std::int32_t>(card.error().column + 1);
    out.value = card.error().value;
    return out;
  }
  put(out.missing, card->missing_items());
  put(out.skipped, card->skipped_items());
  put(out.risk, card->endorsed_risk_items());
  std::size_t at = 0;
  const auto add = [&](const std::optional<double>& score) {
    if (score) out.scores[at] = *score;
    ++at;
  };
  add(card->total());
  for (int s = 0; s < card->n_subscales(); ++s) add(card->subscale(s));
  for (int c = 0; c < card->n_combined(); ++c) add(card->combined(c));
  for (int b = 0; b < form.n_bands(); ++b) {
    const auto band = form.band_at(b);
    if (card->band(band.score) == band.label) out.bands |= 1U << b;
  }
  for (int c = 0; c < card->n_cutoffs(); ++c) {
    const auto met = card->meets_cutoff(c);
    if (met) out.cutoffs_known |= 1U << c;
    if (met.value_or(false)) out.cutoffs_met |= 1U << c;
  }
  if (form.has_total()) out.total_status = static_cast<std::uint32_t>(card->total_status());
  return out;
}

bool same(const record& a, const record& b) { return std::memcmp(&a, &b, sizeof a) == 0; }

bool same_number(double a, double b) { return std::memcmp(&a, &b, sizeof a) == 0 || (std::isnan(a) && std::isnan(b)); }

/// Whether the sheet comes out the same in the first and last place of a table of bytes, a legal form between them.
template <class Byte>
bool table_agrees(const rapport::instrument& form, const std::vector<double>& cells, Byte blank, bool in_rows,
                  const rapport::missing_rule& rule, const record& wanted) {
  constexpr std::size_t n_forms = 5;
  const auto n_items = static_cast<std::size_t>(form.n_items());
  std::vector<Byte> answers(n_forms * n_items);
  for (std::size_t f = 0; f < n_forms; ++f) {
    for (std::size_t i = 0; i < n_items; ++i) {
      const double legal = form.scale_of(static_cast<int>(i) + 1).max;
      const double x = f == 0 || f == n_forms - 1 ? cells[i] : legal;
      answers[in_rows ? f * n_items + i : i * n_forms + f] = std::isnan(x) ? blank : static_cast<Byte>(x);
    }
  }
  const std::span<const Byte> all(answers);
  const auto size = static_cast<rapport::index>(n_items);
  const auto table =
      in_rows ? rapport::forms_by_row<Byte>(all, size, blank) : rapport::forms_by_column<Byte>(all, size, blank);
  const auto n_subscales = static_cast<std::size_t>(form.n_subscales());
  const auto n_combined = static_cast<std::size_t>(form.n_combined());
  std::vector<double> total(n_forms);
  std::vector<double> subscales(n_forms * n_subscales);
  std::vector<double> combined(n_forms * n_combined);
  std::vector<rapport::score_status> status(n_forms);
  const auto done = rapport::score_batch<double>(
      form, table, {.total = total, .subscales = subscales, .combined = combined, .status = status}, {.missing = rule});
  if (!done) return wanted.code == static_cast<std::int32_t>(done.error().code);
  for (const std::size_t f : {std::size_t{0}, n_forms - 1}) {
    if ((status[f] == rapport::score_status::invalid) != (wanted.code != 0)) return false;
    if (form.has_total() && wanted.code == 0 && static_cast<std::uint32_t>(status[f]) != wanted.total_status)
      return false;
    if (!same_number(total[f], wanted.scores[0])) return false;
    for (std::size_t s = 0; s < n_subscales; ++s) {
      if (!same_number(subscales[s * n_forms + f], wanted.scores[1 + s])) return false;
    }
    for (std::size_t c = 0; c < n_combined; ++c) {
      if (!same_number(combined[c * n_forms + f], wanted.scores[1 + n_subscales + c])) return false;
    }
  }
  return true;
}

/// Whether a table of bytes, in rows and in columns, gives the same scores; true where bytes cannot hold the answers.
bool tables_agree(const rapport::instrument& form, const std::vector<double>& cells, const rapport::missing_rule& rule,
                  const record& wanted) {
  bool fits = cells.size() == static_cast<std::size_t>(form.n_items());
  bool negative = false;
  for (const double x : cells) {
    fits = fits && (std::isnan(x) || (std::nearbyint(x) == x && std::fabs(x) < 127));
    negative = negative || x < 0;
  }
  if (!fits) return true;
  const bool as_signed = table_agrees<signed char>(form, cells, -128, true, rule, wanted) &&
                         table_agrees<signed char>(form, cells, -128, false, rule, wanted);
  return as_signed && (negative || (table_agrees<unsigned char>(form, cells, 255, true, rule, wanted) &&
                                    table_agrees<unsigned char>(form, cells, 255, false, rule, wanted)));
}

/// Whether the same answers in other types give the same scores.
bool other_types_agree(const rapport::instrument& form, const std::vector<double>& cells,
                       const rapport::missing_rule& rule, const record& wanted) {
  bool whole = true;
  for (const double x : cells) whole = whole && std::nearbyint(x) == x && std::fabs(x) <= 127;
  std::vector<std::optional<double>> optional;
  for (const double x : cells) optional.push_back(std::isnan(x) ? std::nullopt : std::optional(x));
  if (!same(score_one(form, cells, rule), wanted) || !same(score_one(form, optional, rule), wanted)) return false;
  if (!tables_agree(form, cells, rule, wanted)) return false;
  if (!whole) return true;
  const std::vector<int> ints(cells.begin(), cells.end());
  std::vector<signed char> bytes;
  for (const int x : ints) bytes.push_back(static_cast<signed char>(x));
  const std::vector<float> floats(cells.begin(), cells.end());
  return same(score_one(form, ints, rule), wanted) && same(score_one(form, bytes, rule), wanted) &&
         same(score_one(form, floats, rule), wanted);
}

std::vector<rapport::instrument> from_headers(int n_arguments, char** arguments) {
  std::vector<rapport::instrument> forms;
  for (int i = 2; i < n_arguments; ++i) {
    const auto* entry = rapport::instruments::find(arguments[i]);
    if (entry == nullptr || entry->key == nullptr) {
      std::fprintf(stderr, "%s has no key in the headers\n", arguments[i]);
      return {};
    }
    forms.push_back(*entry->key);
  }
  return forms;
}

}  // namespace

int main(int n_arguments, char** arguments) {
  if (n_arguments < 3) return 2;
  const auto forms = arguments[1][0] == 'j' ? from_file(arguments[2]) : from_headers(n_arguments, arguments);
  if (forms.empty()) return 2;
  sheet_head head{};
  std::vector<double> cells;
  while (std::fread(&head, sizeof head, 1, stdin) == 1) {
    cells.resize(static_cast<std::size_t>(head.n_answers));
    if (std::fread(cells.data(), sizeof(double), cells.size(), stdin) != cells.size()) return 3;
    const rapport::instrument& form = forms.at(static_cast<std::size_t>(head.instrument));
    std::vector<rapport::answer<double>> answers;
    bool skips = false;
    for (const double x : cells) {
      if (x == skip_code) {
        answers.emplace_back(rapport::skipped);
        skips = true;
      } else if (std::isnan(x)) {
        answers.emplace_back(rapport::missing);
      } else {
        answers.emplace_back(x);
      }
    }
    const auto rule = rule_of(head);
    record out = score_one(form, answers, rule);
    if (!skips && !other_types_agree(form, cells, rule, out)) out.code = -1;
    if (std::fwrite(&out, sizeof out, 1, stdout) != 1) return 4;
  }
  return 0;
}
