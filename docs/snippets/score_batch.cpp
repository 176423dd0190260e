// SPDX-License-Identifier: BSL-1.0
// A researcher scores a table of forms at once: bytes, one form after the other, 255 where an answer is missing.
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <span>
#include <vector>

#include <rapport/scoring.hpp>
#include <rapport/scoring/batch.hpp>

namespace rp = rapport;

int main() {
  const std::vector<std::uint8_t> answers = {
      4, 5, 3, 4, 5, 4, 4,   3, 5, 4, 4, 5,  // the first form
      3, 3, 2, 4, 3, 3, 255, 3, 2, 4, 3, 3,  // item 7 is missing
      4, 4, 4, 4, 4, 4, 4,   9, 4, 4, 4, 4,  // item 8 cannot be 9
  };
  const auto forms = rp::forms_by_row<std::uint8_t>(answers, 12, 255);
  std::vector<double> total(3);
  std::vector<double> subscales(9);  // three of task, three of bond, three of goal
  const auto summary = rp::score_batch(rp::instruments::wai_sr_client, forms,
                                       rp::batch_scores<double>{.total = total, .subscales = subscales});
  if (!summary) return 1;
  for (std::size_t f = 0; f < total.size(); ++f) {
    std::printf("form %zu:", f + 1);
    for (const double score : {total[f], subscales[f], subscales[3 + f], subscales[6 + f]}) {
      if (std::isnan(score)) {
        std::printf(" none");
      } else {
        std::printf(" %g", score);
      }
    }
    std::printf("\n");
  }
  std::printf("%td scored, %td incomplete, %td invalid\n", summary->n_ok, summary->n_incomplete, summary->n_invalid);
  std::printf("%s\n", rp::message(*summary->first_invalid).c_str());
}
