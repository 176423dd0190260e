// SPDX-License-Identifier: BSL-1.0
// A researcher adds a detector of their own; its chance level, repair and status come for free.
#include <cstdio>
#include <string>
#include <vector>

#include <rapport/rupture.hpp>

namespace rp = rapport;

// Two sessions in a row more than a point below the first.
struct two_bad_sessions {
  static constexpr rp::detector_info info{"two-bad-sessions", "Author 2026", rp::trust::own};

  void operator()(const rp::series& y, rp::episode_sink out) const {
    out.evaluable(y.size() - 2);
    for (rp::index t = 2; t < y.size(); ++t) {
      if (y[t] < y[0] - 1 && y[t - 1] < y[0] - 1) return out.onset_at(t - 1);  // a position, from 0
    }
  }
};

int main() {
  const std::vector<std::vector<double>> courses = {{5.2, 5.4, 3.9, 3.8, 4.6, 5.3, 5.5, 5.4},
                                                    {4.1, 4.3, 4.2, 4.6, 4.4, 4.5, 4.8, 4.6},
                                                    {5.8, 5.7, 5.9, 4.6, 4.2, 4.3, 4.4, 4.1},
                                                    {3.5, 3.9, 3.6, 4.0, 4.3, 4.1, 4.2, 4.5}};
  std::vector<int> client;
  std::vector<int> session;
  std::vector<double> score;
  for (int c = 0; c < 4; ++c) {
    for (int s = 0; s < 8; ++s) {
      client.push_back(c + 1);
      session.push_back(s + 1);
      score.push_back(courses[static_cast<std::size_t>(c)][static_cast<std::size_t>(s)]);
    }
  }
  const auto panel = rp::session_panel::make(client, session, score, {.range = {{1, 7, 0.1}}}).value();

  const auto mine = rp::detect(panel, two_bad_sessions{}).value();
  std::printf("%s: %td episodes, %.1f expected if all clients were stable\n", mine.info.name, mine.count(),
              mine.expected_if_stable.value_or(-1));
  for (const rp::episode& e : mine.episodes) {
    std::printf("client %s: onset in session %g, lowest in %g, depth %.1f, %s", e.client.c_str(), e.onset, e.nadir,
                e.depth, rp::to_string(e.status).data());
    if (e.repair) std::printf(" in session %g", *e.repair);
    std::printf("; stable series show one this deep in %.0f %%\n", 100 * e.p_null.value_or(-1));
  }
}
