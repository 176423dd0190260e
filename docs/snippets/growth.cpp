// SPDX-License-Identifier: BSL-1.0
// A researcher asks how alliance grows over sessions.
#include <cstdio>
#include <string>
#include <vector>

#include <rapport/growth.hpp>
#include <rapport/scoring.hpp>
#include <rapport/simulate.hpp>

namespace rp = rapport;

int main() {
  // Simulated forms stand for your data: one row per client and session.
  const auto& form = rp::instruments::wai_sr_client;
  const auto simulated = rp::simulate_therapies(form, {.n_clients = 40, .n_sessions = 12, .trend = 0.05}).value();
  std::vector<std::string> client;
  std::vector<rp::index> session;
  std::vector<double> score;
  for (const auto& filled : simulated.forms) {
    const auto card = rp::score(form, filled.answers);
    client.push_back(filled.client);
    session.push_back(filled.session);
    score.push_back(card->total_mean().value_or(rp::missing_value<double>()));
  }

  const auto panel = rp::session_panel::make(client, session, score).value();
  const auto fit = rp::fit_growth(panel, rp::linear{}.centered_at(1).random_slope()).value();
  const bool usable = fit.model().report.status != rp::stats::fit_status::not_converged;
  std::printf("%td scores of %td clients; optimum certified: %s\n", fit.n_obs(), fit.n_clients(),
              usable ? "yes" : "no");

  for (const auto& term : fit.fixed()) {
    std::printf("%-11s %.4f  SE %.4f  df %.1f  t %.2f  95 %% [%.4f, %.4f]\n", term.name.c_str(), term.estimate,
                term.standard_error, term.df, term.t, term.interval.lower, term.interval.upper);
  }
  std::printf("SD between clients: level %.4f, trend %.4f; within clients %.4f\n", fit.random_sd(0), fit.random_sd(1),
              fit.residual_sd());
  std::printf("ICC %.3f, R2 marginal %.3f, conditional %.3f, REML criterion %.4f\n", fit.icc(), fit.r2_marginal(),
              fit.r2_conditional(), fit.criterion());

  for (const auto& line : fit.client_lines()) {
    if (line.id != "C01" && line.id != "C02") continue;
    std::printf("%s, %td scores: level %.3f (SE %.3f), trend %.4f (SE %.4f)\n", line.id.c_str(), line.n, line.intercept,
                line.intercept_se, line.slope, line.slope_se);
  }

  const std::vector<double> new_client = {3.0, 3.25, 3.5};
  const auto next = fit.predict_next(new_client).value();
  std::printf("next score of a new client: %.2f, SD %.2f\n", next.mean, next.sd);
}
