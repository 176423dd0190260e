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
#include <fstream>
#include <limits>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include <rapport/core/missing.hpp>
#include <rapport/instruments/from_json.hpp>
#include <rapport/instruments/metadata.hpp>
#include <rapport/scoring/score.hpp>

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

/// Whether the same answers in other types give the same scores.
bool other_types_agree(const rapport::instrument& form, const std::vector<double>& cells,
                       const rapport::missing_rule& rule, const record& wanted) {
  bool whole = true;
  for (const double x : cells) whole = whole && std::nearbyint(x) == x && std::fabs(x) <= 127;
  std::vector<std::optional<double>> optional;
  for (const double x : cells) optional.push_back(std::isnan(x) ? std::nullopt : std::optional(x));
  if (!same(score_one(form, optional, rule), wanted)) return false;
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

std::vector<rapport::instrument> from_file(const char* path) {
  std::vector<rapport::instrument> forms;
  std::ifstream file(path);
  const auto catalogue = nlohmann::json::parse(file);
  for (const auto& entry : catalogue["instruments"]) {
    if (entry["key"].is_null()) continue;
    rapport::field_error why;
    const auto form = rapport::instrument_from_json(entry["key"], &why);
    if (!form) {
      std::fprintf(stderr, "%s: %s %s\n", entry["id"].dump().c_str(), why.field.c_str(), why.reason.c_str());
      return {};
    }
    forms.push_back(*form);
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
