// SPDX-License-Identifier: BSL-1.0
// Regimes as detectors: planted falls are found where they are, quiet clients stay quiet, degenerate panels.
#include "rapport_test.hpp"

#include <vector>

namespace rp = rapport;
using rapport::errc;

namespace {

constexpr double na = std::numeric_limits<double>::quiet_NaN();

rp::session_panel panel_of(const std::vector<std::vector<double>>& rows) {
  std::vector<int> client;
  std::vector<double> session;
  std::vector<double> score;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    for (std::size_t j = 0; j < rows[i].size(); ++j) {
      client.push_back(static_cast<int>(i) + 1);
      session.push_back(static_cast<double>(j) + 1);
      score.push_back(rows[i][j]);
    }
  }
  return rp::session_panel::make(client, session, score).value();
}

/// Forty clients; every fourth falls by two points, six SD, in sessions 8 to 11.
std::vector<std::vector<double>> clients() {
  rp::random_stream random(61);
  std::vector<std::vector<double>> rows;
  for (int c = 0; c < 40; ++c) {
    const double own = 5 + 0.6 * random.normal();
    std::vector<double> y;
    for (int t = 1; t <= 16; ++t) {
      const bool ruptured = c % 4 == 0 && t >= 8 && t <= 11;
      y.push_back(own + 0.33 * random.normal() - (ruptured ? 2 : 0));
    }
    rows.push_back(y);
  }
  return rows;
}

template <class Detector>
void check_planted(const Detector& detector, rp::index most_false) {
  const auto found = rp::detect(panel_of(clients()), detector, {.null_series = 0}).value();
  rp::index hits = 0;
  rp::index others = 0;
  for (const auto& e : found.episodes) {
    const bool is_planted = e.client_position % 4 == 0 && e.onset >= 7 && e.onset <= 9;
    hits += is_planted ? 1 : 0;
    others += is_planted ? 0 : 1;
    if (is_planted) {
      CHECK(e.repair.value_or(0) >= 11);
      CHECK(e.nadir >= 8);
      CHECK(e.depth > 1);
    }
  }
  CHECK(hits == 10);
  CHECK(others <= most_false);
}

}  // namespace

TEST_CASE("Bayesian online change points find planted falls", "[rupture]") {
  check_planted(rp::online_change_detector{}, 4);
}

TEST_CASE("the hidden Markov model finds planted falls", "[rupture]") {
  check_planted(rp::state_detector{}, 2);
  const auto panel = panel_of(clients());
  const auto ready = rp::state_detector{}.prepared(panel).value();
  CHECK(std::fabs(ready.model().mean[1] - ready.model().mean[0] - 2) < 0.2);
  CHECK(ready.model().sd[0] == ready.model().sd[1]);
  // An episode is exactly a stretch of the most likely path in the lower state.
  const auto found = rp::detect(panel, ready, {.null_series = 0}).value();
  const auto y = panel.series(0);
  std::vector<double> centered(y.score.begin(), y.score.end());
  const double middle = rp::stats::detail::median_of(centered);
  for (double& each : centered) each -= middle;
  const auto states = rp::stats::decode_states<double>(ready.model(), centered).value();
  const auto& e = found.episodes[0];
  for (rp::index t = e.onset_at; t < e.repair_at.value(); ++t) CHECK(states.path[rp::as_size(t)] == 0);
  CHECK(states.path[rp::as_size(e.pre_at)] == 1);
  CHECK(states.path[rp::as_size(*e.repair_at)] == 1);
}

TEST_CASE("regimes on degenerate panels", "[rupture]") {
  const rp::detect_options quick{.null_series = 0};
  const auto constant = panel_of({std::vector<double>(10, 4.0)});
  CHECK(rp::detect(constant, rp::online_change_detector{}, quick).error().code == errc::zero_variance);
  CHECK(rp::detect(constant, rp::state_detector{}, quick).error().code == errc::zero_variance);
  for (const auto& row : {std::vector<double>{5.0}, std::vector<double>{5, 4}, std::vector<double>{5, na, na, na}}) {
    auto rows = clients();
    rows[0] = row;
    const auto panel = panel_of(rows);
    CHECK(rp::detect(panel, rp::online_change_detector{}, quick)->clients[0].not_evaluable != nullptr);
    CHECK(rp::detect(panel, rp::state_detector{}, quick)->clients[0].not_evaluable != nullptr);
  }
  rp::state_detector four;
  four.n_states = 4;
  CHECK(rp::detect(constant, four, quick).error().subject.view() == "n_states");
  rp::online_change_detector sure;
  sure.probability = 1;
  CHECK(rp::detect(constant, sure, quick).error().subject.view() == "probability");
  // A missing score in the middle of a fall leaves it one episode.
  auto rows = clients();
  rows[0][8] = na;
  const auto found = rp::detect(panel_of(rows), rp::state_detector{}, quick).value();
  CHECK(found.episodes[0].client == "1");
  CHECK(found.episodes[0].duration == 3);
}
