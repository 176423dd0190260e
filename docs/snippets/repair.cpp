// SPDX-License-Identifier: BSL-1.0
// After a rupture: is the level back, how often, how soon, and do alliances grow?
#include <cstdio>

#include <rapport/rupture.hpp>
#include <rapport/simulate.hpp>
#include <rapport/stats/survival.hpp>

namespace rp = rapport;

int main() {
  const rp::dyad_options options{.n_clients = 200, .n_sessions = 20};
  const auto simulated = rp::simulate_dyads(options).value();
  const auto panel = rp::session_panel::from_rows(simulated.client_ratings, {.range = options.range}).value();
  const auto stable = rp::stats::fit_stable_clients(panel).value();
  const auto detector = rp::innovations(stable);
  const auto found = rp::detect(panel, detector, {.null_series = 0}).value();

  const rp::episode& first = found.episodes.front();
  const auto back = rp::level_return_of(stable, panel.series(first.client_position), first, 0.25).value();
  std::printf("client %s, session %g: %s; back to within .25 points with a probability of %.2f (%td sessions)\n",
              first.client.c_str(), first.onset, rp::to_string(first.status).data(), back.probability, back.n_after);

  const auto rates = rp::rates_of(found);
  std::printf("%.1f ruptures per 100 sessions, %.0f %% [%.0f, %.0f] repaired\n", rates.ruptures_per_100->estimate,
              100 * rates.repaired->estimate, 100 * rates.repaired->interval.lower,
              100 * rates.repaired->interval.upper);
  const auto times = rp::times_to_repair(panel, found).value();
  const auto curve = rp::stats::kaplan_meier<double>(times).value();
  std::printf("half are repaired within %g sessions\n", curve.median.value_or(-1));

  const auto grown = rp::growth_after_repair(panel, detector, stable).value();
  std::printf(
      "after repairs %.2f points above the predicted course, %.2f of them by selection: growth %.2f [%.2f, %.2f]\n",
      grown.raw, grown.by_selection, grown.growth.estimate, grown.growth.interval.lower, grown.growth.interval.upper);
}
