// SPDX-License-Identifier: BSL-1.0
// Therapies with known ruptures, answer by answer.
#include <cstdio>

#include <rapport/instruments.hpp>
#include <rapport/simulate.hpp>

namespace rp = rapport;

int main() {
  const rp::therapy_options options{.n_clients = 6, .n_sessions = 10, .rupture_rate = 1, .seed = 7};
  const auto simulated = rp::simulate_therapies(rp::instruments::wai_sr_client, options).value();

  std::printf("%td forms\n", std::ssize(simulated.forms));
  const auto& first = simulated.forms[0];
  std::printf("client %s, therapist %s, session %td:", first.client.c_str(), first.therapist.c_str(), first.session);
  for (const double answer : first.answers) std::printf(" %g", answer);
  std::printf("\n");

  for (const rp::planted_rupture& r : simulated.ruptures) {
    std::printf("client %s: fall in session %td, lowest in %td, ", r.client.c_str(), r.onset, r.nadir);
    if (r.repair) {
      std::printf("back in %td", *r.repair);
    } else {
      std::printf("not repaired");
    }
    std::printf("; %.2f points of the item mean, %s\n", r.depth, rp::to_string(r.pattern).data());
  }
}
