// SPDX-License-Identifier: BSL-1.0
// A researcher asks where alliances ruptured, whether they were repaired, and what chance alone would show.
#include <cstdio>
#include <string>
#include <vector>

#include <rapport/growth.hpp>
#include <rapport/rupture.hpp>
#include <rapport/scoring.hpp>
#include <rapport/simulate.hpp>

namespace rp = rapport;

void show(const rp::detection& found) {
  std::printf("%s (%s): %td episodes; %.1f expected if all clients were stable\n", found.info.name,
              rp::to_string(found.info.trust).data(), found.count(), found.expected_if_stable.value_or(-1));
  for (const rp::episode& e : found.episodes) {
    std::printf("  %s: session %g to %g, depth %.2f, %s, %s; stable series show one this large in %.1f %%\n",
                e.client.c_str(), e.onset, e.nadir, e.depth, rp::to_string(e.status).data(),
                rp::to_string(e.pattern).data(), 100 * e.p_null.value_or(-1));
  }
}

int main() {
  // Simulated forms stand for your data: one row per client and session.
  const auto& form = rp::instruments::wai_sr_client;
  const auto simulated = rp::simulate_therapies(form, {.n_clients = 12, .n_sessions = 14, .rupture_rate = 0.5}).value();
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
  show(rp::detect(panel, rp::innovations(fit.session_model())).value());
  show(rp::detect(panel, rp::gumz_like{.k = 2}).value());

  std::printf("planted:\n");
  for (const auto& r : simulated.ruptures)
    std::printf("  %s: session %td to %td, depth %.2f\n", r.client.c_str(), r.onset, r.nadir, r.depth);
}
