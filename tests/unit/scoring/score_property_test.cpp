// SPDX-License-Identifier: BSL-1.0
// Random forms against a second, deliberately naive scorer that shares nothing with the library.
#include "rapport_test.hpp"

#include <cstdlib>
#include <map>
#include <optional>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include <rapport/core/random.hpp>
#include <rapport/scoring/score.hpp>

using rapport::answer;
using rapport::instrument;

namespace {

/// One answer as a person wrote it: a number in decimal, "", or "skipped".
using form_type = std::vector<std::string>;

struct naive_scores {
  std::string refused{};                        // "" or why, with the number of the item
  std::map<std::string, double> sum{};          // by the name of the score; none if the rule forbids it
  std::map<std::string, double> mean{};         // likewise
  std::map<std::string, std::string> status{};  // by the name of the score
  std::set<std::string> missing{};
  std::set<std::string> skipped{};
};

/// The questionnaire as its manual lists it.
struct naive_key {
  int n_items;
  double min;
  double max;
  std::set<std::string> legal;                   // every answer that may be written
  std::string reversed;                          // " 1 3 7 "
  std::map<std::string, std::string> subscales;  // name to " 2 4 7 "

  [[nodiscard]] naive_scores score(const form_type& form, bool prorates, double fraction) const {
    naive_scores out;
    std::map<std::string, std::string> items_of = subscales;
    for (int item = 1; item <= n_items; ++item) items_of["(total)"] += " " + std::to_string(item) + " ";
    std::map<std::string, double> value_of;
    for (int item = 1; item <= n_items; ++item) {
      const std::string& written = form[static_cast<std::size_t>(item - 1)];
      const std::string number = std::to_string(item);
      if (written.empty() || written == "skipped") {
        out.missing.insert(number);
        if (written == "skipped") out.skipped.insert(number);
        continue;
      }
      const double value = std::strtod(written.c_str(), nullptr);
      if (legal.count(written) == 0) {
        out.refused = (value < min || value > max ? "range " : "step ") + number;
        return out;
      }
      value_of[number] = reversed.find(" " + number + " ") != std::string::npos ? min + max - value : value;
    }
    for (const auto& [name, items] : items_of) {
      std::istringstream list(items);
      double sum = 0;
      int n = 0;
      int n_answered = 0;
      for (std::string item; list >> item; ++n) {
        if (value_of.count(item) == 0) continue;
        sum += value_of[item];
        ++n_answered;
      }
      const bool enough = n_answered == n || (prorates && n_answered > 0 && n_answered + 1e-9 >= fraction * n);
      out.status[name] = n_answered == n ? "ok" : enough ? "prorated" : "incomplete";
      if (enough) {
        out.mean[name] = sum / n_answered;
        out.sum[name] = sum / n_answered * n;
      }
    }
    return out;
  }
};

std::set<std::string> numbered(const rapport::item_set& items) {
  std::set<std::string> out;
  for (const int item : items) out.insert(std::to_string(item));
  return out;
}

/// Where the library and the naive scorer differ; empty if nowhere.
std::string difference(const instrument& form, const naive_key& key, const form_type& written, bool prorates,
                       double fraction) {
  std::vector<answer<double>> answers;
  for (const std::string& each : written) {
    if (each.empty()) {
      answers.emplace_back(rapport::missing);
    } else if (each == "skipped") {
      answers.emplace_back(rapport::skipped);
    } else {
      answers.emplace_back(std::strtod(each.c_str(), nullptr));
    }
  }
  const rapport::missing_rule rule = prorates ? rapport::prorate(fraction) : rapport::published;
  const auto card = rapport::score(form, answers, {.missing = rule});
  const naive_scores naive = key.score(written, prorates, fraction);
  if (!card) {
    const bool range = card.error().code == rapport::errc::answer_out_of_range;
    const bool step = card.error().code == rapport::errc::answer_off_step;
    if (!range && !step) return "refused for another reason";
    const std::string refused = (range ? "range " : "step ") + std::to_string(card.error().column + 1);
    return refused == naive.refused ? "" : "refused: " + refused + ", naive: " + naive.refused;
  }
  if (!naive.refused.empty()) return "not refused, naive: " + naive.refused;
  if (numbered(card->missing_items()) != naive.missing) return "missing items";
  if (numbered(card->skipped_items()) != naive.skipped) return "skipped items";
  if (card->n_missing() != static_cast<int>(naive.missing.size())) return "number of missing items";
  if (card->n_subscales() != static_cast<int>(key.subscales.size())) return "number of subscales";

  const auto differs = [&](const std::string& name, std::optional<double> sum, std::optional<double> mean) {
    if (sum.has_value() != (naive.sum.count(name) == 1) || mean.has_value() != sum.has_value()) return true;
    // Sums of at most 128 doubles below 100: their rounding errors stay below 1e-11.
    return sum && (std::fabs(*sum - naive.sum.at(name)) > 1e-11 || std::fabs(*mean - naive.mean.at(name)) > 1e-11);
  };
  if (differs("(total)", card->total(), card->total_mean())) return "total";
  if (rapport::to_string(card->total_status()) != naive.status.at("(total)")) return "status of the total";
  for (int s = 0; s < card->n_subscales(); ++s) {
    const std::string name(card->subscale_id(s));
    if (key.subscales.count(name) == 0) return "a subscale called " + name;
    if (differs(name, card->subscale(s), card->subscale_mean(s))) return name;
    if (card->subscale(name) != card->subscale(s)) return name + " by name";
  }
  return "";
}

/// Random forms of every degree of completeness, some with an illegal answer.
std::string first_difference(const instrument& form, const naive_key& key, const std::vector<std::string>& illegal) {
  rapport::random_stream random(20260411, static_cast<std::uint64_t>(key.n_items));
  const std::vector<std::string> legal(key.legal.begin(), key.legal.end());
  const auto any_of = [&](const std::vector<std::string>& list) {
    return list[rapport::as_size(random.below(std::ssize(list)))];
  };
  int n_scored = 0;
  int n_refused = 0;
  for (int repetition = 0; repetition < 20000; ++repetition) {
    const double share_missing = random.chance(0.3) ? 0 : random.uniform() * random.uniform();
    form_type written;
    for (int item = 1; item <= key.n_items; ++item) {
      written.push_back(!random.chance(share_missing) ? any_of(legal) : random.chance(0.3) ? "skipped" : "");
    }
    if (random.chance(0.1)) written[rapport::as_size(random.below(key.n_items))] = any_of(illegal);
    const bool prorates = random.chance(0.6);
    // Fractions exactly at a number of answers, and percentages.
    const double fraction = random.chance(0.5) ? static_cast<double>(1 + random.below(key.n_items)) / key.n_items
                                               : static_cast<double>(1 + random.below(100)) / 100;
    const std::string found = difference(form, key, written, prorates, fraction);
    if (!found.empty()) return "form " + std::to_string(repetition) + ": " + found;
    (key.score(written, prorates, fraction).refused.empty() ? n_scored : n_refused) += 1;
  }
  // The forms must have been of all kinds for the comparison to mean something.
  return n_scored > 15000 && n_refused > 1000 ? "" : "the random forms are too much alike";
}

std::set<std::string> whole_numbers(int first, int last) {
  std::set<std::string> out;
  for (int n = first; n <= last; ++n) out.insert(std::to_string(n));
  return out;
}

std::set<std::string> decimals(int first_tenth, int last_tenth, int step) {
  std::set<std::string> out;
  for (int tenth = first_tenth; tenth <= last_tenth; tenth += step)
    out.insert(std::to_string(tenth / 10) + "." + std::to_string(tenth % 10));
  return out;
}

const std::map<std::string, std::string> wai_36_subscales = {{"task", " 2 4 7 11 13 15 16 18 24 31 33 35 "},
                                                             {"bond", " 1 5 8 17 19 20 21 23 26 28 29 36 "},
                                                             {"goal", " 3 6 9 10 12 14 22 25 27 30 32 34 "}};
const std::string wai_36_reversed = " 1 3 7 9 10 11 12 15 20 27 29 31 33 34 ";
const std::vector<std::string> illegal_whole_numbers = {
    "0", "8", "-1", "99", "1e300", "inf", "-inf", "3.5", "1.001", "7.0000001", "0.5", "6.9999999", "-999", "0x1p70"};

}  // namespace

TEST_CASE("random forms: WAI-36, client", "[scoring][property]") {
  const naive_key key{36, 1, 7, whole_numbers(1, 7), wai_36_reversed, wai_36_subscales};
  CHECK(first_difference(rapport::instruments::wai_36_client, key, illegal_whole_numbers) == "");
}

TEST_CASE("random forms: WAI-36, therapist", "[scoring][property]") {
  const naive_key key{36, 1, 7, whole_numbers(1, 7), wai_36_reversed, wai_36_subscales};
  CHECK(first_difference(rapport::instruments::wai_36_therapist, key, illegal_whole_numbers) == "");
}

TEST_CASE("random forms: WAI-SR", "[scoring][property]") {
  const naive_key key{
      12, 1, 5, whole_numbers(1, 5), "", {{"task", " 1 2 10 12 "}, {"bond", " 3 5 7 9 "}, {"goal", " 4 6 8 11 "}}};
  CHECK(first_difference(rapport::instruments::wai_sr_client, key, {"0", "6", "7", "2.5", "1e300", "inf", "-3"}) == "");
}

TEST_CASE("random forms: SRS", "[scoring][property]") {
  const naive_key key{4, 0, 10, decimals(0, 100, 1), "", {}};
  CHECK(first_difference(
            rapport::instruments::srs_3, key,
            {"-0.1", "10.1", "9.25", "0.30000000000000004", "100", "inf", "5.0000001", "-1e-300", "1e-9"}) == "");
}

TEST_CASE("random forms: halves, reversed items and overlapping subscales", "[scoring][property]") {
  constexpr auto form = instrument("halves", 9, {.min = 0, .max = 4, .step = 0.5})
                            .reversed({1, 4, 9})
                            .subscale("odd", {1, 3, 5, 7, 9})
                            .subscale("first", {1, 2, 3, 4})
                            .subscale("one", {9})
                            .subscale("all", {1, 2, 3, 4, 5, 6, 7, 8, 9});
  const naive_key key{
      9,         0,
      4,         decimals(0, 40, 5),
      " 1 4 9 ", {{"odd", " 1 3 5 7 9 "}, {"first", " 1 2 3 4 "}, {"one", " 9 "}, {"all", " 1 2 3 4 5 6 7 8 9 "}}};
  CHECK(first_difference(form, key, {"-0.5", "4.5", "0.25", "3.75", "1e18", "inf", "-inf", "3.9999999999999996"}) ==
        "");
}

TEST_CASE("a form answered in the mirror has the mirrored score", "[scoring][property]") {
  // Answering 8 - a instead of a turns every total t into 36 * 8 - t, reversed items and prorating or not.
  rapport::random_stream random(20260412);
  bool mirrored = true;
  for (int repetition = 0; repetition < 2000; ++repetition) {
    std::vector<answer<int>> answers(36);
    std::vector<answer<int>> mirror(36);
    for (std::size_t i = 0; i < 36; ++i) {
      if (random.chance(0.1)) continue;
      answers[i] = 1 + static_cast<int>(random.below(7));
      mirror[i] = 8 - answers[i].value();
    }
    const rapport::score_options options{.missing = rapport::prorate(0.5)};
    const auto a = rapport::score<long double>(rapport::instruments::wai_36_client, answers, options);
    const auto b = rapport::score<long double>(rapport::instruments::wai_36_client, mirror, options);
    mirrored = mirrored && a && b && a->total().has_value() && b->total().has_value() &&
               std::fabs(*a->total() + *b->total() - 36 * 8) < 1e-12L;
  }
  CHECK(mirrored);
}
