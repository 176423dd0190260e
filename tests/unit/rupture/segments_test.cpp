// SPDX-License-Identifier: BSL-1.0
// Segments as episodes: steps, dips and stairs by hand, degenerate series.
#include "rapport_test.hpp"

#include <vector>

namespace rp = rapport;
using rapport::errc;

namespace {

constexpr double na = std::numeric_limits<double>::quiet_NaN();

rp::result<rp::detection> run(const std::vector<double>& score, rp::segment_detector detector = {}) {
  detector.spread = rp::chart_spread::own;
  std::vector<double> session;
  for (std::size_t t = 0; t < score.size(); ++t) session.push_back(static_cast<double>(t) + 1);
  const auto panel = rp::session_panel::make(std::vector<int>(score.size(), 1), session, score).value();
  return rp::detect(panel, detector, {.null_series = 0});
}

}  // namespace

TEST_CASE("a dip is an episode from its first low session to the return", "[rupture]") {
  const auto found = run({5, 5.2, 5, 5.2, 5, 3, 3.2, 2.9, 5, 5.2, 5, 5.2}).value();
  REQUIRE(found.count() == 1);
  const auto& e = found.episodes[0];
  CHECK(e.pre == 5);
  CHECK(e.onset == 6);
  CHECK(e.nadir == 8);
  CHECK(e.repair == 9.0);
  CHECK_CLOSE(e.reference, 25.4 / 5);
  const double sigma = (0.2 * 8 + 2 + 0.3 + 2.1) / 11 / 1.128;
  CHECK_CLOSE(e.depth_se.value(), sigma * std::sqrt(1.0 / 5 + 1.0 / 3));
  CHECK_CLOSE(e.score, (25.4 / 5 - 9.1 / 3) / (sigma * std::sqrt(1.0 / 5 + 1.0 / 3)));
}

TEST_CASE("stairs down are one episode, a partial return is none", "[rupture]") {
  rp::segment_detector detector;
  detector.penalty_value = 3;
  const auto stairs = run({6, 6.1, 6, 6.1, 5, 5.1, 5, 5.1, 4, 4.1, 4, 4.1}, detector).value();
  REQUIRE(stairs.count() == 1);
  CHECK(stairs.episodes[0].onset == 5);
  CHECK_FALSE(stairs.episodes[0].repair);
  // Back by a third: not half, so the episode stays open; then fully back, and a second fall from there.
  const auto twice = run({6, 6.1, 6, 6.1, 3, 3.1, 3, 4, 4.1, 4, 6, 6.1, 6, 6.1, 4, 4.1, 4, 4.1}, detector).value();
  REQUIRE(twice.count() == 2);
  CHECK(twice.episodes[0].repair == 11.0);
  CHECK(twice.episodes[1].pre == 14);
  CHECK(twice.episodes[1].onset == 15);
  CHECK(run({3, 3.1, 3, 3.1, 6, 6.1, 6, 6.1}, detector)->count() == 0);
}

TEST_CASE("segments of degenerate series", "[rupture]") {
  for (const auto& score : {std::vector<double>{5},
                            {5, 4},
                            {5, na, na},
                            std::vector<double>(8, 4.2),
                            std::vector<double>{5, na, 4, na, 5, na, 4, na, 5, na, 4, na}}) {
    const auto found = run(score).value();
    CHECK(found.count() == 0);
    CHECK(found.clients[0].not_evaluable != nullptr);
  }
  rp::segment_detector wrong;
  wrong.restored = 0;
  CHECK(run({5, 4}, wrong).error().subject.view() == "restored");
  wrong = {};
  wrong.penalty_value = -1;
  CHECK(run({5, 4}, wrong).error().subject.view() == "penalty");
  const auto panel = rp::session_panel::make(std::vector<int>{1, 1}, std::vector<int>{1, 2}, std::vector<double>{4, 4});
  CHECK(rp::detect(panel.value(), rp::segment_detector{}, {.null_series = 0}).error().code == errc::zero_variance);
}
