// SPDX-License-Identifier: BSL-1.0
// Consensus: its scale, its weights, its false alarms, its chance level, and what it finds that its members do not.
#include "rapport_test.hpp"

#include <algorithm>
#include <array>
#include <numeric>
#include <vector>

#include <rapport/rupture.hpp>

namespace rp = rapport;
namespace stats = rapport::stats;
using rapport::errc;

namespace {

const stats::session_model<double> stable{.center = 1,
                                          .mean_intercept = 5.3,
                                          .intercept_var = 0.64,
                                          .slope_var = 0.015 * 0.015,
                                          .state_var = 0.09,
                                          .state_autocorrelation = 0.3,
                                          .error_var = 0.0625,
                                          .range = {{1, 7, 1.0 / 12}}};

struct sample {
  rp::session_panel panel;
  std::vector<rp::true_episode> truth{};
};

/// Clients with 20 sessions. Of those with a rupture by one point every fourth has one session, three sessions, a ramp, or
/// a step to the end.
sample draw(rp::index n_clients, rp::index n_ruptured, std::uint64_t seed) {
  std::vector<rp::session_row<double>> rows;
  sample out;
  std::vector<double> times(20), scores(20);
  for (std::size_t t = 0; t < 20; ++t) times[t] = static_cast<double>(t + 1);
  auto latent = stable;
  latent.range.reset();
  for (rp::index c = 0; c < n_clients; ++c) {
    rp::random_stream random(seed, static_cast<std::uint64_t>(c));
    stats::draw_stable_series<double>(latent, times, random, scores);
    const auto onset = static_cast<std::size_t>(3 + random.below(14));
    const std::vector<double> shapes[] = {{1}, {1, 1, 1}, {0.5, 1, 0.5}, std::vector<double>(20 - onset, 1.0)};
    const auto& shape = shapes[c % 4];
    const std::string id = std::to_string(c);
    if (c < n_ruptured) {
      for (std::size_t k = 0; k < shape.size(); ++k) scores[onset + k] -= shape[k];
      rp::true_episode one{id, times[onset], {}, 1.0, {}};
      if (onset + shape.size() < 20) one.repair = times[onset + shape.size()];
      out.truth.push_back(one);
    }
    for (std::size_t t = 0; t < 20; ++t)
      rows.push_back({id, times[t], stats::to_legal_score(scores[t], *stable.range), {}});
  }
  out.panel = rp::session_panel::from_rows(rows, {.range = stable.range}).value();
  return out;
}

/// The statistic of all judged sessions.
template <class Detector>
std::vector<double> statistics(const rp::session_panel& panel, const Detector& detector) {
  std::vector<double> out;
  for (const auto& client : rp::detect(panel, detector, {.null_series = 0}).value().clients) {
    for (const auto& each : client.session_score) {
      if (each) out.push_back(*each);
    }
  }
  return out;
}

rp::consensus_options known() { return {.null_models = {stable}}; }

}  // namespace

TEST_CASE("the scale of a statistic is that of a normal variable with its tail", "[consensus]") {
  rp::random_stream random(5);
  std::vector<double> squares(20000);
  for (double& each : squares) each = std::exp(random.normal());  // its normal score is its logarithm
  const rp::detail::stable_scale<double> scale(squares);
  REQUIRE(scale.is_known());
  for (const double z : {0.0, 0.8, 1.3, 2.0, 2.5, 2.8}) CHECK(std::fabs(scale(std::exp(z)) - z) < 0.12);
  for (double x = 0.01; x < 100; x *= 1.3) CHECK(scale(x * 1.3) > scale(x));
  CHECK_FALSE(rp::detail::stable_scale<double>(std::vector<double>(1000, 2.0)).is_known());
  CHECK_FALSE(rp::detail::stable_scale<double>({}).is_known());
}

TEST_CASE("a detector twice is that detector", "[consensus]") {
  const auto of = draw(200, 200, 3).panel;
  const auto one = rp::innovations(stable, {.false_alarms = 1e-9});
  const rp::consensus twice({one, one}, known());
  const auto ready = twice.prepared(of).value();
  CHECK_CLOSE(*ready.members()[0].weight, *ready.members()[1].weight, 1e-9);
  const auto alone = statistics(of, one);
  const auto both = statistics(of, ready);
  REQUIRE(alone.size() == both.size());
  std::vector<std::size_t> order(alone.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(), [&](auto a, auto b) { return alone[a] < alone[b]; });
  CHECK(std::is_sorted(order.begin(), order.end(), [&](auto a, auto b) { return both[a] < both[b] - 1e-12; }));
}

TEST_CASE("stable sessions are called ruptures as often as was asked for", "[consensus]") {
  const auto of = draw(1500, 0, 7).panel;
  const rp::consensus three(
      {rp::innovations(stable, {.false_alarms = 1e-9}), rp::leave_one_out(stable), rp::pulse_scan(stable)}, known());
  const auto ready = three.prepared(of).value();
  const auto all = statistics(of, ready);
  const auto above = std::count_if(all.begin(), all.end(), [&](double s) { return s > ready.threshold(); });
  // 28 500 sessions that resemble each other a little: standard error about .0008, and .0006 of the threshold.
  CHECK(std::fabs(static_cast<double>(above) / static_cast<double>(all.size()) - 0.01) < 0.003);
  double sum = 0;
  double squares = 0;
  for (const double s : all) sum += s, squares += s * s;
  CHECK(std::fabs(sum / static_cast<double>(all.size())) < 0.05);
  CHECK(std::fabs(squares / static_cast<double>(all.size()) - 1) < 0.06);
  double total = 0;
  for (const auto& each : ready.members()) {
    CHECK(*each.weight >= 0);
    total += *each.weight;
  }
  CHECK(total > 0);
}

TEST_CASE("p_null of a consensus is what it says on stable clients", "[consensus]") {
  const auto of = draw(600, 0, 11).panel;
  const rp::consensus three({rp::leave_one_out(stable), rp::pulse_scan(stable), rp::residual_detector{}}, known());
  const auto found = rp::detect(of, three, {.null_series = 99, .null_models = {stable}}).value();
  std::vector<double> least(600, 1.0);
  for (const auto& e : found.episodes) {
    double& p = least[static_cast<std::size_t>(e.client_position)];
    p = (std::min)(p, *e.p_null);
  }
  const auto share = [&](double p) {
    return static_cast<double>(std::count_if(least.begin(), least.end(), [&](double x) { return x <= p; })) / 600;
  };
  // Standard errors .009 and .012.
  CHECK(std::fabs(share(0.05) - 0.05) < 0.027);
  CHECK(std::fabs(share(0.1) - 0.1) < 0.037);
  CHECK(std::fabs(*found.expected_if_stable / static_cast<double>(found.count()) - 1) < 0.2);
}

TEST_CASE("a consensus finds more than its best member when ruptures are of several shapes", "[consensus]") {
  const auto ruptured = draw(4000, 2000, 13);
  const auto found_by = [&](const auto& detector) {
    const auto found = rp::detect(ruptured.panel, detector, {.null_series = 0}).value();
    return rp::evaluate<double>(ruptured.panel, found, ruptured.truth, {.replicates = 99})
        .value()
        .matched->sensitivity->estimate;
  };
  const auto online = rp::innovations(stable, {.false_alarms = 1e-9});
  const auto offline = rp::leave_one_out(stable, {.false_alarms = 1e-9});
  const auto pulse = rp::pulse_scan(stable, {.threshold = 1e5});
  const rp::consensus all({online, offline, pulse}, known());
  const double best = (std::max)({found_by(online), found_by(offline), found_by(pulse)});
  // The difference is about .03, with a standard error of .006.
  CHECK(found_by(all) > best + 0.01);
}

TEST_CASE("a detector in a list finds what it finds alone", "[consensus]") {
  const auto of = draw(60, 60, 19).panel;
  const auto same = [&](const auto& detector) {
    const auto alone = rp::detect(of, detector, {.null_series = 20}).value();
    const std::vector<rp::any_detector> list(2, detector);
    auto held = list[1];
    held = list[0];
    const auto listed = rp::detect(of, held, {.null_series = 20}).value();
    REQUIRE(alone.count() == listed.count());
    CHECK(alone.count() > 0);
    CHECK(listed.info.name == alone.info.name);
    for (std::size_t e = 0; e < alone.episodes.size(); ++e) {
      CHECK(alone.episodes[e].onset == listed.episodes[e].onset);
      CHECK(alone.episodes[e].score == listed.episodes[e].score);
      CHECK(alone.episodes[e].p_null == listed.episodes[e].p_null);
    }
  };
  same(rp::innovations());
  same(rp::stiles2004_like());
  same(rp::sudden_gains());
  same(rp::residual_detector{});
}

TEST_CASE("a consensus refuses what it cannot make one", "[consensus]") {
  const auto of = draw(20, 0, 17).panel;
  const auto fails = [&](const rp::consensus& c) { return c.prepared(of).error(); };
  const std::vector<rp::any_detector> two{rp::drop_repair{}, rp::pulse_scan(stable)};
  CHECK(fails(rp::consensus({rp::drop_repair{}})).subject == "members");
  CHECK(fails(rp::consensus({rp::drop_repair{}, rp::sudden_gains()})).code == errc::invalid_option);
  CHECK(fails(rp::consensus(two, {.false_alarms = 0.6})).subject == "false_alarms");
  CHECK(fails(rp::consensus(two, {.null_series = 10})).subject == "null_series");
  CHECK(fails(rp::consensus({rp::drop_repair{}, rp::pulse_scan(stable, {.threshold = -1})})).subject == "threshold");
  // One session each: nobody can judge, and that is said.
  const auto short_ones =
      rp::session_panel::make(std::vector<int>{1, 1, 1, 1, 1, 2}, std::vector<int>{1, 2, 3, 4, 5, 1},
                              std::vector<double>{5, 6, 5, 4, 5, 5}, {.range = stable.range})
          .value();
  const rp::consensus both({rp::innovations(stable), rp::pulse_scan(stable)}, known());
  const auto found = rp::detect(short_ones, both, {.null_series = 0}).value();
  CHECK(found.clients[0].not_evaluable == nullptr);
  CHECK(std::string(found.clients[1].not_evaluable) == "no member could judge a session");
}
