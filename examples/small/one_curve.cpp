// SPDX-License-Identifier: BSL-1.0
// For students: how alliance grows over the sessions of 40 therapies. One model, and what each of its numbers means.
#include <cstdio>
#include <string>
#include <vector>

#include <rapport/growth.hpp>
#include <rapport/scoring.hpp>
#include <rapport/simulate.hpp>

int main() {
  // Simulated forms, scored: who, which session, mean of the answers (1 to 5).
  const auto& form = rapport::instruments::wai_sr_client;
  const auto therapies = rapport::simulate_therapies(form, {.n_clients = 40, .n_sessions = 12, .trend = 0.1}).value();
  std::vector<std::string> client;
  std::vector<rapport::index> session;
  std::vector<double> score;
  for (const auto& filled : therapies.forms) {
    client.push_back(filled.client);
    session.push_back(filled.session);
    score.push_back(rapport::score(form, filled.answers)->total_mean().value_or(rapport::missing_value<double>()));
  }
  const auto panel = rapport::session_panel::make(client, session, score).value();

  // score = level + trend x (session - 1), and each client has a level and a trend of his or her own.
  const auto fit = rapport::fit_growth(panel, rapport::linear{}.centered_at(1).random_slope()).value();

  const auto level = fit.fixed()[0];
  const auto trend = fit.fixed()[1];
  std::printf("At session 1 the mean alliance is %.2f. It changes by %+.3f a session, 95 %% interval [%.3f, %.3f].\n",
              level.estimate, trend.estimate, trend.interval.lower, trend.interval.upper);
  std::printf(
      "Clients differ: the SD of their levels is %.2f, of their trends %.3f. Around a client's own line\n"
      "scores scatter with an SD of %.2f.\n\n",
      fit.random_sd(0), fit.random_sd(1), fit.residual_sd());

  // The mean curve, drawn with characters: each column is a tenth of a point.
  for (int s = 1; s <= 12; ++s) {
    const double y = level.estimate + trend.estimate * (s - 1);
    std::printf("session %2d  %.2f  3.5 |%*s\n", s, y, static_cast<int>(60 * (y - 3.5) + 1.5), "*");
  }
  std::printf("\nThe clients whose trends differ most from it:\n");
  for (const auto& line : fit.client_lines()) {
    if (line.slope - trend.estimate > 0.06 || line.slope - trend.estimate < -0.06)
      std::printf("  %s  %+.3f a session (SE %.3f)\n", line.id.c_str(), line.slope, line.slope_se);
  }
}
