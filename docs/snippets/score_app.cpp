// SPDX-License-Identifier: BSL-1.0
// An app built without exceptions and run-time types: risk first, then the score and its band, then the record.
#include <array>
#include <cstdio>

#include <rapport/scoring.hpp>
#include <rapport/scoring/record.hpp>

namespace rp = rapport;

// A made-up distress scale: item 3 asks for thoughts of self-harm.
constexpr auto distress = rp::instrument("distress-4", 4, {.min = 0, .max = 3})
                              .edition("example")
                              .better(rp::direction::lower)
                              .reversed({4})
                              .missing(rp::at_most_missing(1))
                              .band("total", "low", {.to = 4, .to_open = true})
                              .band("total", "high", {.from = 4})
                              .risk_item(3);

void show(const std::array<rp::answer<int>, 4>& answers) {
  const auto card = rp::score(distress, answers);
  if (!card) return static_cast<void>(std::printf("%s\n", rp::message(card.error()).c_str()));
  for (const int item : card->endorsed_risk_items()) std::printf("talk about item %d first; ", item);
  if (const auto total = card->total()) {
    std::printf("total %g, %.*s (%.*s)\n", *total, static_cast<int>(card->band("total").size()),
                card->band("total").data(), static_cast<int>(rp::to_string(card->total_status()).size()),
                rp::to_string(card->total_status()).data());
  } else {
    std::printf("no total: %d of %d answers are missing\n", card->n_missing(), card->n_items());
  }
}

int main() {
  show({0, 1, 0, 3});
  show({2, rp::missing, 1, 1});
  show({rp::missing, rp::skipped, 2, rp::missing});

  const std::array<rp::answer<int>, 4> answers = {2, rp::missing, 1, 1};
  const auto saved = rp::save(*rp::make_record(distress, answers));
  std::printf("%s", saved.c_str());
  const auto again = rp::replay(distress, *rp::parse_record(saved));
  std::printf("replayed: %s\n", again ? "the same" : rp::message(again.error()).c_str());
  const auto other_key = distress.reversed({1});
  std::printf("%s\n", rp::message(rp::replay(other_key, *rp::parse_record(saved)).error()).c_str());
}
