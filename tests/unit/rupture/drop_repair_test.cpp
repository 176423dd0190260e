// SPDX-License-Identifier: BSL-1.0
// The drop-repair engine against a naive one, its units and gaps, and the presets.
#include "rapport_test.hpp"

#include <map>

namespace rp = rapport;

using rapport::decline_kind;
using rapport::drop_repair;
using rapport::drop_unit;
using rapport::errc;

namespace {

constexpr double missing = std::numeric_limits<double>::quiet_NaN();

rapport::session_panel one_client(const std::vector<double>& score, std::vector<double> session = {}) {
  if (session.empty()) {
    for (std::size_t t = 1; t <= score.size(); ++t) session.push_back(static_cast<double>(t));
  }
  return rapport::session_panel::make(std::vector<int>(score.size(), 1), session, score).value();
}

rapport::detection run(const rapport::session_panel& panel, const drop_repair& rule) {
  return rapport::detect(panel, rule, {.null_series = 0}).value();
}

drop_repair in_points(double k, decline_kind decline) {
  drop_repair rule;
  rule.unit = drop_unit::points;
  rule.k = k;
  rule.decline = decline;
  return rule;
}

/// The engine as one would write it for complete series with neighbouring sessions, in points.
struct naive_episode {
  std::size_t pre;
  std::size_t nadir;
  long repair;
};
std::vector<naive_episode> naive(const std::vector<double>& y, double k, bool monotone, double tolerance) {
  std::vector<naive_episode> out;
  std::size_t t = 1;
  while (t < y.size()) {
    std::size_t low = t - 1;
    if (y[t] < y[t - 1]) low = t;
    while (monotone && low >= t && low + 1 < y.size() && y[low + 1] < y[low]) ++low;
    if (low < t || y[t - 1] - y[low] < k - 1e-12) {
      ++t;
      continue;
    }
    const std::size_t pre = t - 1;
    long repair = -1;
    for (std::size_t s = low + 1; s < y.size(); ++s) {
      if (y[s] < y[low]) {
        low = s;
      } else if (y[s] >= y[pre] - tolerance) {
        repair = static_cast<long>(s);
        break;
      }
    }
    out.push_back({pre, low, repair});
    t = (repair < 0 ? low : static_cast<std::size_t>(repair)) + 1;
  }
  return out;
}

}  // namespace

TEST_CASE("the engine finds what the naive one finds, on random series with ties", "[drop_repair]") {
  rapport::random_stream random(1);
  int n_episodes = 0;
  for (int repeat = 0; repeat < 3000; ++repeat) {
    std::vector<double> y(static_cast<std::size_t>(4 + random.below(12)));
    for (double& score : y) score = static_cast<double>(random.below(7)) / 2;
    const double k = 0.5 * static_cast<double>(1 + random.below(4));
    const bool monotone = random.chance(0.5);
    auto rule = in_points(k, monotone ? decline_kind::monotone : decline_kind::single_session);
    rule.repair_value = 0.5;
    const auto found = run(one_client(y), rule);
    const auto expected = naive(y, k, monotone, 0.5);
    REQUIRE(found.count() == std::ssize(expected));
    for (std::size_t e = 0; e < expected.size(); ++e) {
      CHECK(found.episodes[e].pre_at == static_cast<rp::index>(expected[e].pre));
      CHECK(found.episodes[e].nadir_at == static_cast<rp::index>(expected[e].nadir));
      CHECK(found.episodes[e].repair_at.value_or(-1) == expected[e].repair);
      CHECK(found.episodes[e].score >= k * (1 - 1e-9));
    }
    n_episodes += static_cast<int>(expected.size());
  }
  CHECK(n_episodes > 2000);
}

TEST_CASE("a fall of exactly the threshold counts, whatever the rounding", "[drop_repair]") {
  // Item means of twelve items: 4.25 - 3.75 is .5, and so is 3.9166.. - 3.4166.., up to rounding.
  CHECK(run(one_client({47.0 / 12, 41.0 / 12, 47.0 / 12, 47.0 / 12}), in_points(0.5, decline_kind::single_session))
            .count() == 1);
  CHECK(run(one_client({0.3, 0.2, 0.3, 0.3}), in_points(0.1, decline_kind::single_session)).count() == 1);
}

TEST_CASE("units: the same fall, measured in different SD", "[drop_repair]") {
  // Client 1 swings (SD 2), client 2 is steady (SD .5); pooled within: sqrt((4 + .25) / 2).
  const std::vector<int> client{1, 1, 1, 1, 1, 2, 2, 2, 2, 2};
  const std::vector<int> session{1, 2, 3, 4, 5, 1, 2, 3, 4, 5};
  const std::vector<double> score{5, 7, 5, 3, 5, 5, 5.5, 5, 4.5, 5};
  const auto panel = rapport::session_panel::make(client, session, score).value();
  const auto spread = rapport::stats::spread_of(panel);
  std::map<drop_unit, double> unit{{drop_unit::pooled_sd, *spread.within},
                                   {drop_unit::between_sd, *spread.between},
                                   {drop_unit::grand_sd, *spread.grand}};
  for (const auto& [kind, points] : unit) {
    if (!(points > 0)) continue;
    drop_repair rule;
    rule.unit = kind;
    CHECK(rule.prepared(panel)->unit_points == points);
  }
  drop_repair own;
  own.unit = drop_unit::own_sd;
  own.k = 1;
  const auto found = run(panel, own);
  REQUIRE(found.count() == 2);  // each client's own SD makes the same of a large and a small swing
  CHECK_CLOSE(found.episodes[0].depth_standardized, found.episodes[1].depth_standardized, 1e-12);
  const auto strict = run(panel, rapport::gumz2012(1.0));
  CHECK(strict.count() == 1);  // the larger of own and pooled SD spares the steady client
  CHECK(strict.episodes[0].client == "1");
}

TEST_CASE("sessions that are too far apart are not compared, and not counted", "[drop_repair]") {
  const auto rule = in_points(1, decline_kind::single_session);
  CHECK(run(one_client({5, 3, 5, 5}, {1, 2, 3, 4}), rule).count() == 1);
  const auto gap = run(one_client({5, 3, 5, 5}, {1, 3, 4, 5}), rule);
  CHECK(gap.count() == 0);
  CHECK(gap.n_evaluable() == 2);
  auto lenient = rule;
  lenient.max_gap = 2;
  CHECK(run(one_client({5, 3, 5, 5}, {1, 3, 4, 5}), lenient).count() == 1);
  CHECK(run(one_client({5, missing, 3, 5, 5}), rule).count() == 0);
  CHECK(run(one_client({5, missing, 3, 5, 5}), lenient).count() == 1);
  // Days: a month lies between sessions that can still be compared.
  const auto days = rapport::session_panel::make(std::vector<int>(4, 1), std::vector<double>{0, 28, 57, 64},
                                                 std::vector<double>{5, 3, 5, 2}, {.time = rapport::session_time::days})
                        .value();
  const auto found = run(days, rule);
  CHECK(found.n_evaluable() == 2);
  CHECK(found.count() == 2);
}

TEST_CASE("the highest of several sessions before may be the reference", "[drop_repair]") {
  auto rule = in_points(1.5, decline_kind::single_session);
  const std::vector<double> y{6, 5.5, 4, 4.2, 6};
  rule.reference = rapport::drop_reference::highest_before;
  const auto found = run(one_client(y), rule);
  REQUIRE(found.count() == 1);
  CHECK(found.episodes[0].reference == 6);
  CHECK(found.episodes[0].depth == 2);
  rule.reference_window = 1;
  CHECK(run(one_client(y), rule).episodes[0].reference == 5.5);
}

TEST_CASE("repair: within a tolerance, by a rise, by a share of the fall, in a window", "[drop_repair]") {
  const std::vector<double> y{6, 6, 3, 4, 5, 5.6, 6, 6};
  auto rule = in_points(2, decline_kind::single_session);
  const auto repair_of = [&] { return run(one_client(y), rule).episodes.at(0).repair; };
  rule.repair_value = 0.5;
  CHECK(repair_of() == 6.0);
  rule.repair = rapport::repair_kind::rise;
  rule.repair_value = 2;
  CHECK(repair_of() == 5.0);
  rule.repair = rapport::repair_kind::share;
  rule.repair_value = 0.3;
  CHECK(repair_of() == 4.0);
  rule.repair_value = 1;
  CHECK(repair_of() == 7.0);
  rule.window = 3;
  CHECK_FALSE(repair_of());
}

TEST_CASE("series that cannot be judged say why", "[drop_repair]") {
  const auto short_series = run(one_client({5, 3, 5}), in_points(1, decline_kind::monotone));
  CHECK(short_series.count() == 0);
  CHECK(std::string(short_series.clients[0].not_evaluable) == "too few scored sessions");
  CHECK(short_series.n_evaluable_clients() == 0);
  drop_repair own;
  own.unit = drop_unit::own_sd;
  CHECK(std::string(run(one_client({4, 4, 4, 4, 4}), own).clients[0].not_evaluable) == "the scores do not vary");
  CHECK(rapport::detect(one_client({4, 4, 4, 4, 4}), drop_repair{}).error().code == errc::zero_variance);
}

TEST_CASE("settings outside their range are refused by name", "[drop_repair]") {
  const auto panel = one_client({5, 3, 5, 5, 4});
  const auto refused = [&](auto&& change) {
    drop_repair rule;
    change(rule);
    const auto found = rapport::detect(panel, rule, {.null_series = 0});
    REQUIRE_FALSE(found);
    CHECK(found.error().code == errc::invalid_option);
    return std::string(found.error().subject.view());
  };
  CHECK(refused([](drop_repair& r) { r.k = 0; }) == "k");
  CHECK(refused([](drop_repair& r) { r.k = missing; }) == "k");
  CHECK(refused([](drop_repair& r) { r.repair_value = -1; }) == "repair_value");
  CHECK(refused([](drop_repair& r) { r.hold = 0; }) == "hold");
  CHECK(refused([](drop_repair& r) { r.window = -1; }) == "window");
  CHECK(refused([](drop_repair& r) { r.min_sessions = 1; }) == "min_sessions");
  CHECK(refused([](drop_repair& r) { r.max_gap = -1; }) == "max_gap");
  CHECK(refused([](drop_repair& r) { r.reference_window = 0; }) == "reference_window");
}

TEST_CASE("presets keep their names, sources and codes of trust", "[presets]") {
  CHECK(std::string(rapport::stiles2004_like().info.name) == "stiles2004-like");
  CHECK(rapport::stiles2004_like().info.trust == rapport::trust::inferred);
  CHECK(rapport::strauss2006_like().info.trust == rapport::trust::inferred);
  CHECK(rapport::stevens2007_like().info.trust == rapport::trust::unverified);
  CHECK(rapport::gumz2012().info.trust == rapport::trust::abstract_only);
  const auto panel = one_client({5, 5, 3, 5, 5, 5.5, 5});
  CHECK(rapport::detect(panel, rapport::gumz_like{.k = 1})->count() == run(panel, rapport::gumz2012(1.0)).count());
  CHECK(run(panel, rapport::stevens2007_like()).count() == 1);
}
