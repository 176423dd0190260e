// SPDX-License-Identifier: BSL-1.0
// Client and therapist rate the same sessions: how far they agree, and whose ratings show a rupture.
#include <cstdio>

#include <rapport/rupture.hpp>
#include <rapport/simulate.hpp>

namespace rp = rapport;

int main() {
  const rp::dyad_options options{.n_clients = 100, .n_sessions = 20};
  const auto simulated = rp::simulate_dyads(options).value();
  const auto client = rp::session_panel::from_rows(simulated.client_ratings, {.range = options.range}).value();
  const auto therapist = rp::session_panel::from_rows(simulated.therapist_ratings, {.range = options.range}).value();

  const auto first = rp::congruence_of(client, therapist).front();
  std::printf("dyad %s: %td sessions, the client %.2f above the therapist, correlation %.2f\n", first.client.c_str(),
              first.n_common, first.mean_difference, first.correlation.value_or(0));

  const auto of_client = rp::detect(client, rp::innovations(), {.null_series = 0}).value();
  const auto of_therapist = rp::detect(therapist, rp::innovations(), {.null_series = 0}).value();
  const auto seen = rp::recognize(of_client, of_therapist).value();
  std::printf("%td + %td episodes; of the clients' ruptures therapists' ratings show %.0f %% [%.0f, %.0f]\n",
              of_client.count(), of_therapist.count(), 100 * seen.recognized->estimate,
              100 * seen.recognized->interval.lower, 100 * seen.recognized->interval.upper);
  for (std::size_t k = 0; k < 3; ++k) {
    const auto& one = seen.ruptures[k];
    std::printf("  dyad %s: %s\n", one.client.c_str(), rp::to_string(one.seen_by).data());
  }
}
