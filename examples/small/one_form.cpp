// SPDX-License-Identifier: BSL-1.0
// For students: score one form of the Working Alliance Inventory (short, revised), and see where each number comes from.
#include <array>
#include <cstdio>
#include <optional>
#include <string_view>

#include <rapport/scoring.hpp>

int main() {
  // One answer per item, in the order of the form, from 1 to 5. Item 10 was left blank: that is no answer, and not a 0.
  const std::array<std::optional<int>, 12> answers{4, 5, 3, 4, 5, 4, 4, 3, 5, std::nullopt, 4, 5};
  const auto& form = rapport::instruments::wai_sr_client;

  const auto card = rapport::score(form, answers);
  if (!card) {  // an answer that the form does not have, or too few of them: no score at all, and the reason
    std::printf("%s\n", rapport::message(card.error()).c_str());
    return 1;
  }
  std::printf("%d of %d items are answered.\n", card->n_answered(), card->n_items());
  for (int s = 0; s < form.n_subscales(); ++s) {
    const auto& subscale = form.subscale_at(s);
    const std::string_view name = subscale.id;
    std::printf("%.*s is the sum of items", static_cast<int>(name.size()), name.data());
    for (const int item : subscale.items) std::printf(" %d", item);
    if (const auto score = card->subscale(s)) {
      std::printf(": %g, a mean of %g on the scale of the answers.\n", *score, *card->subscale_mean(s));
    } else {
      std::printf(": no score, since one of them is blank.\n");
    }
  }
  if (!card->total())
    std::printf("So there is no total either. Filling the blank with a guess is for you to decide:\n");
  const auto prorated = rapport::score(form, answers, {.missing = rapport::prorate(0.9)});
  std::printf("the mean of the answered items, times 12, would be %.4g (%s).\n", *prorated->total(),
              rapport::to_string(prorated->rule()).data());
}
