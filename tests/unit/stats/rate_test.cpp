// SPDX-License-Identifier: BSL-1.0
// Proportions and rates: against R, for clusters against their limits, and without events.
#include "rapport_test.hpp"

#include <rapport/core/random.hpp>
#include <rapport/stats/rate.hpp>

namespace stats = rapport::stats;
using cluster_list = std::vector<stats::cluster_count<double>>;

namespace {

auto share_of(const cluster_list& of, double level = 0.95) { return stats::clustered_proportion<double>(of, level); }
auto rate_of(const cluster_list& of, double level = 0.95) { return stats::clustered_rate<double>(of, level); }

}  // namespace

TEST_CASE("Wilson's interval is that of prop.test without continuity correction", "[rate]") {
  // R 4.2.2: prop.test(7, 20, correct = FALSE)$conf.int; prop.test(0, 12, correct = FALSE)$conf.int
  const auto seven = stats::wilson_interval(7.0 / 20, 20.0);
  CHECK_CLOSE(seven.lower, 0.18119182410108206, 1e-12);
  CHECK_CLOSE(seven.upper, 0.56714572331476365, 1e-12);
  const auto none = stats::wilson_interval(0.0, 12.0);
  CHECK(none.lower == 0);
  CHECK_CLOSE(none.upper, 0.24249400665524079, 1e-12);
  const auto all = stats::wilson_interval(1.0, 12.0);
  CHECK_CLOSE(all.lower, 1 - 0.24249400665524079, 1e-12);
  CHECK(all.upper == 1);
}

TEST_CASE("the exact Poisson interval is that of poisson.test", "[rate]") {
  // R 4.2.2: poisson.test(10, 4)$conf.int; poisson.test(0, 3, conf.level = .9)$conf.int
  const auto ten = stats::poisson_interval(10.0, 4.0);
  CHECK_CLOSE(ten.lower, 1.1988471740331086, 1e-12);
  CHECK_CLOSE(ten.upper, 4.5975890105044446, 1e-12);
  const auto none = stats::poisson_interval(0.0, 3.0, 0.9);
  CHECK(none.lower == 0);
  CHECK_CLOSE(none.upper, 0.99857742451799669, 1e-12);
}

TEST_CASE("clusters of one trial, or that do not resemble each other, change nothing", "[rate]") {
  cluster_list single;
  for (int i = 0; i < 20; ++i) single.push_back({i < 7 ? 1.0 : 0.0, 1});
  // Between single trials the variance is n / (n - 1) times the binomial one, never more: 20 / 19.
  const auto found = share_of(single).value();
  const auto wanted = stats::wilson_interval(7.0 / 20, 19.0);
  CHECK_CLOSE(found.interval.lower, wanted.lower, 1e-12);
  CHECK_CLOSE(found.interval.upper, wanted.upper, 1e-12);
  const auto even = share_of({{1, 2}, {1, 2}, {1, 2}}).value();
  CHECK_CLOSE(even.interval.upper, stats::wilson_interval(0.5, 6.0).upper, 1e-12);
}

TEST_CASE("clusters that are all or nothing count once each", "[rate]") {
  // Ten trials each, the same outcome in all: two of four clusters. Variance 4 / 3 * 4 * 25, binomial 10: deff 40 / 3.
  const auto found = share_of({{10, 10}, {10, 10}, {0, 10}, {0, 10}}).value();
  CHECK_CLOSE(found.estimate, 0.5);
  CHECK_CLOSE(found.interval.lower, stats::wilson_interval(0.5, 3.0).lower, 1e-12);
  CHECK(found.n == 4);
  const auto never = share_of({{0, 10}, {0, 10}, {0, 0}}).value();
  CHECK_CLOSE(never.interval.upper, stats::wilson_interval(0.0, 2.0).upper, 1e-12);
}

TEST_CASE("rates: events that come together widen the interval", "[rate]") {
  cluster_list spread;
  cluster_list together;
  for (int i = 0; i < 10; ++i) {
    spread.push_back({1, 2});
    together.push_back({i == 0 ? 10.0 : 0.0, 2});
  }
  const auto a = rate_of(spread).value();
  CHECK_CLOSE(a.estimate, 0.5);
  CHECK_CLOSE(a.interval.upper, stats::poisson_interval(10.0, 20.0).upper, 1e-12);
  // Variance 10 / 9 * (81 + 9) = 100, Poisson 10: deff 10, one event in two units.
  const auto b = rate_of(together).value();
  CHECK_CLOSE(b.interval.upper, stats::poisson_interval(1.0, 2.0).upper, 1e-12);
}

TEST_CASE("without trials there is no share and no rate", "[rate]") {
  CHECK_FALSE(share_of({}));
  CHECK_FALSE(share_of({{0, 0}}));
  CHECK_FALSE(rate_of({}));
  const auto one = share_of({{3, 7}}).value();
  CHECK_CLOSE(one.interval.lower, stats::wilson_interval(3.0 / 7, 7.0).lower, 1e-12);
}

TEST_CASE("intervals by client cover where clients differ", "[rate]") {
  // Shares of clients from a two-point distribution around .3, eight trials each: 95 % intervals of the mean share.
  int covered = 0;
  constexpr int n_samples = 2000;
  for (int s = 0; s < n_samples; ++s) {
    rapport::random_stream random(5, static_cast<std::uint64_t>(s));
    cluster_list sample;
    for (int c = 0; c < 40; ++c) {
      const double p = random.chance(0.5) ? 0.1 : 0.5;
      double events = 0;
      for (int k = 0; k < 8; ++k) events += random.chance(p) ? 1 : 0;
      sample.push_back({events, 8});
    }
    covered += share_of(sample).value().interval.contains(0.3) ? 1 : 0;
  }
  // 95 % within four standard errors of a share of 2000.
  CHECK(covered > n_samples * (0.95 - 0.02));
  CHECK(covered < n_samples * (0.95 + 0.02));
}
