// SPDX-License-Identifier: BSL-1.0
// A student scores one form.
#include <array>
#include <cstdio>

#include <rapport/scoring.hpp>

int main() {
  const std::array answers = {4, 5, 3, 4, 5, 4, 4, 3, 5, 4, 4, 5};  // items 1 to 12 of a WAI-SR
  const auto card = rapport::score(rapport::instruments::wai_sr_client, answers);
  if (!card) {
    std::printf("%s\n", rapport::message(card.error()).c_str());
    return 1;
  }
  std::printf("total %g, mean answer %.2f\n", *card->total(), *card->total_mean());
  for (int s = 0; s < card->n_subscales(); ++s)
    std::printf("%.4s %g\n", card->subscale_id(s).data(), *card->subscale(s));
}
