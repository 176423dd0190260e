// SPDX-License-Identifier: BSL-1.0
// Scores over sessions: a long table becomes a panel, sorted by client and session.
#include <cstdio>
#include <limits>
#include <vector>

#include <rapport/core/error_message.hpp>
#include <rapport/data/date.hpp>
#include <rapport/data/session_panel.hpp>

namespace rp = rapport;

int main() {
  const double none = std::numeric_limits<double>::quiet_NaN();  // the session took place, but there is no score
  const std::vector<int> client = {2, 2, 2, 10, 10, 10, 10};
  const std::vector<int> session = {1, 2, 4, 3, 1, 2, 4};  // any order; client 2 has no row for session 3
  const std::vector<double> score = {41, 44, 43, none, 38, 40, 45};

  const auto panel = rp::session_panel::make(client, session, score, {.range = {{12, 60, 1}}});
  if (!panel) {
    std::printf("%s\n", rp::message(panel.error()).c_str());
    return 1;
  }
  std::printf("%td clients, %td sessions, %td scores\n", panel->n_clients(), panel->n_rows(), panel->n_observed());
  for (rp::index c = 0; c < panel->n_clients(); ++c) {
    const auto series = panel->series(c);
    std::printf("client %s:", panel->client_id(c).c_str());
    for (rp::index t = 0; t < series.size(); ++t) {
      const auto at = rp::as_size(t);
      if (series.is_observed(t)) {
        std::printf("  session %g = %g", series.session[at], series.score[at]);
      } else {
        std::printf("  session %g without a score", series.session[at]);
      }
    }
    std::printf("\n");
  }

  // What would be wrong silently is refused with its row.
  const auto twice = rp::session_panel::make(client, std::vector{1, 2, 2, 3, 1, 2, 4}, score);
  std::printf("%s\n", rp::message(twice.error()).c_str());

  // Dates become day numbers; subtract the client's first to get days since the first session.
  const double days = *rp::days_from_date("2026-03-12") - *rp::days_from_date("2026-02-26");
  std::printf("%g days between the two sessions\n", days);
}
