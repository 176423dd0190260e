// SPDX-License-Identifier: BSL-1.0
// An app scores a form: no exceptions, no allocation, no Eigen, no Boost.
#include <array>
#include <cstdio>

#include <rapport/scoring.hpp>

namespace rp = rapport;

void show(const std::array<rp::answer<int>, 12>& answers, const rp::score_options& options = {}) {
  const auto card = rp::score(rp::instruments::wai_sr_client, answers, options);  // result<score_card>
  if (!card) {
    std::printf("%s\n", rp::message(card.error()).c_str());
  } else if (const auto total = card->total()) {
    std::printf("total %g, task %g, bond %g, goal %g (%s)\n", *total, *card->subscale("task"), *card->subscale("bond"),
                *card->subscale("goal"), rp::to_string(card->total_status()).data());
  } else {
    std::printf("%d of %d answers are missing: items", card->n_missing(), card->n_items());
    for (const int item : card->missing_items()) std::printf(" %d", item);
    if (const auto bond = card->subscale("bond")) std::printf("; bond is complete: %g", *bond);
    std::printf("\n");
  }
}

int main() {
  show({4, 5, 3, 4, 5, 4, 4, 3, 5, 4, 4, 5});
  show({4, 5, 3, rp::missing, 5, 4, 4, 3, 5, 4, 4, rp::skipped});
  show({4, 5, 3, rp::missing, 5, 4, 4, 3, 5, 4, 4, 5}, {.missing = rp::prorate(0.75)});
  show({4, 5, 7, 4, 5, 4, 4, 3, 5, 4, 4, 5});
}
