// SPDX-License-Identifier: BSL-1.0
// For students: find the rupture in one therapy, see it, and see how often chance alone shows as much.
#include <cstdio>
#include <vector>

#include <rapport/rupture.hpp>

int main() {
  // Mean of the answers (1 to 7) after each of 16 sessions; session 6 has no form.
  const double none = rapport::missing_value<double>();
  const std::vector<double> score = {4.9, 5.2, 5.0, 5.4, 5.3, none, 5.5, 5.2, 3.1, 3.4, 4.3, 5.2, 5.6, 5.4, 5.5, 5.7};
  std::vector<int> client(score.size(), 1);
  std::vector<int> session;
  for (int s = 1; s <= static_cast<int>(score.size()); ++s) session.push_back(s);
  const auto panel = rapport::session_panel::make(client, session, score).value();

  // What stable clients look like cannot be learned from one client: it is given, in points of the scale.
  const rapport::stats::session_model<double> stable{.center = 1,
                                                     .mean_intercept = 5.2,
                                                     .mean_slope = 0.02,
                                                     .intercept_var = 0.64,
                                                     .slope_var = 0.0009,
                                                     .state_var = 0.09,
                                                     .state_autocorrelation = 0.3,
                                                     .error_var = 0.0625};
  const auto found = rapport::detect(panel, rapport::innovations(stable), {.null_models = {stable}}).value();

  // Each column is a tenth of a point. ( and ) are the ends of what was expected in 95 % of stable clients.
  const auto& watched = found.clients[0];
  for (std::size_t t = 0; t < score.size(); ++t) {
    std::vector<char> row(66, ' ');
    const auto at = [&](double y) -> char& {
      return row[static_cast<std::size_t>((y < 1 ? 0 : y > 7 ? 6 : y - 1) * 10)];
    };
    if (const auto& expected = watched.expected[t]) {
      at(expected->mean - 1.96 * expected->sd) = '(';
      at(expected->mean + 1.96 * expected->sd) = ')';
    }
    if (!rapport::is_missing(score[t])) at(score[t]) = '*';
    std::printf("session %2d |%.*s\n", session[t], static_cast<int>(row.size()), row.data());
  }
  for (const auto& e : found.episodes) {
    std::printf(
        "\nBetween session %g and %g the alliance fell; it was lowest at session %g, %.2f points below what was\n"
        "expected, and is called %s",
        e.pre, e.onset, e.nadir, e.depth, rapport::to_string(e.status).data());
    if (e.repair) std::printf(": the level was back at session %g", *e.repair);
    std::printf(".\nOf therapies as long as this one in which nothing happens, %.1f %% show one as large.\n",
                100 * *e.p_null);
  }
  std::printf("\nA fall of the score is a reason to ask, not a verdict; and a rupture need not lower the score.\n");
}
