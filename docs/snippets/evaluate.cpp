// SPDX-License-Identifier: BSL-1.0
// Which detector finds more, at equal false alarms? On simulated clients, half of them with a rupture.
#include <cstdio>

#include <rapport/rupture.hpp>
#include <rapport/simulate.hpp>

namespace rp = rapport;

int main() {
  const rp::dyad_options options{.n_clients = 400, .n_sessions = 20, .ruptures = 0.7, .most_ruptures = 1};
  const auto simulated = rp::simulate_dyads(options).value();
  const auto panel = rp::session_panel::from_rows(simulated.client_ratings, {.range = options.range}).value();
  const auto truth = rp::true_episodes(simulated);
  std::printf("%td ruptures in 400 clients\n", std::ssize(truth));

  const std::vector<rp::any_detector> detectors{
      rp::stiles2004_like(), rp::innovations(), rp::pulse_scan(),
      rp::consensus({rp::innovations(), rp::leave_one_out(), rp::pulse_scan()})};
  for (const auto& each : detectors) {
    const auto found = rp::detect(panel, each, {.null_series = 0}).value();
    const auto e = rp::evaluate<double>(panel, found, truth).value();
    const auto& own = *e.sensitivity;
    const auto& matched = *e.matched->sensitivity;
    std::printf("%-15s finds %.0f %% with %4.1f false alarms per 100 sessions; with 2: %.0f %% [%.0f, %.0f]\n",
                each.info.name, 100 * own.estimate, e.false_alarms_per_100->estimate, 100 * matched.estimate,
                100 * matched.interval.lower, 100 * matched.interval.upper);
  }
}
