// SPDX-License-Identifier: BSL-1.0
// Resampling against copied rows, known quantiles, and any number of threads.
#include "rapport_test.hpp"

#include <numeric>

namespace rp = rapport;

using rapport::errc;
using rapport::stats::matrix;
using rapport::stats::missing_cells;
using rapport::stats::replicates;
using rapport::stats::resampled_covariance;
using rapport::stats::vector;

namespace {

constexpr double missing = std::numeric_limits<double>::quiet_NaN();

matrix<double> table(std::uint64_t seed, rp::index n, rp::index k, double share_missing = 0) {
  rapport::random_stream random(seed);
  matrix<double> x(n, k);
  for (rp::index i = 0; i < n; ++i) {
    const double factor = random.normal();
    for (rp::index j = 0; j < k; ++j) x(i, j) = random.chance(share_missing) ? missing : 100 + factor + random.normal();
  }
  return x;
}

/// The resample with its rows copied out.
matrix<double> copied(const matrix<double>& x, const vector<double>& weights, const std::vector<rp::index>& unit) {
  std::vector<rp::index> rows;
  for (rp::index i = 0; i < x.rows(); ++i) {
    for (double w = weights(unit[rp::as_size(i)]); w > 0; w -= 1) rows.push_back(i);
  }
  matrix<double> out(std::ssize(rows), x.cols());
  for (rp::index i = 0; i < out.rows(); ++i) out.row(i) = x.row(rows[rp::as_size(i)]);
  return out;
}

}  // namespace

TEST_CASE("covariances of a resample are those of its copied rows", "[bootstrap]") {
  for (const double share : {0.0, 0.15}) {
    for (const auto handling : {missing_cells::pairwise, missing_cells::listwise}) {
      for (const bool clustered : {false, true}) {
        matrix<double> x = table(3, 40, 4, share);
        if (handling == missing_cells::listwise) {  // the complete rows alone
          rp::index row = 0;
          for (rp::index i = 0; i < 40; ++i) {
            if (!x.row(i).hasNaN()) x.row(row++) = x.row(i).eval();
          }
          x.conservativeResize(row, 4);
        }
        std::vector<rp::index> unit(rp::as_size(x.rows()));
        for (rp::index i = 0; i < x.rows(); ++i) unit[rp::as_size(i)] = clustered ? (i * 7) % 11 : i;
        const auto prepared =
            resampled_covariance<double>::make(x, handling, clustered ? unit : std::vector<rp::index>()).value();
        for (rp::index i = 0; i < x.rows(); ++i) unit[rp::as_size(i)] = prepared.unit_of(i).value();
        CHECK(prepared.n_units() == (clustered ? 11 : x.rows()));
        resampled_covariance<double>::workspace work;
        matrix<double> found;
        rapport::random_stream random(5);
        for (int r = 0; r < 5; ++r) {
          vector<double> weights = vector<double>::Zero(prepared.n_units());
          for (rp::index i = 0; i < prepared.n_units(); ++i) weights(random.below(prepared.n_units())) += 1;
          REQUIRE(prepared.compute(weights, work, found));
          const auto wanted = rapport::stats::covariance(copied(x, weights, unit), handling)->covariance;
          CHECK((found - wanted).cwiseAbs().maxCoeff() < 1e-12);
        }
        for (const rp::index out : {rp::index{0}, prepared.n_units() - 1}) {
          vector<double> weights = vector<double>::Ones(prepared.n_units());
          weights(out) = 0;
          REQUIRE(prepared.compute_without(out, work, found));
          const auto wanted = rapport::stats::covariance(copied(x, weights, unit), handling)->covariance;
          CHECK((found - wanted).cwiseAbs().maxCoeff() < 1e-12);
        }
      }
    }
  }
}

TEST_CASE("a seed draws the same persons and clusters whatever the order of the rows", "[bootstrap]") {
  matrix<double> x = table(6, 60, 5, 0.1);
  x.row(17) = x.row(3);  // two persons who answer alike
  std::vector<rp::index> cluster(60);
  std::vector<rp::index> order(60);
  for (rp::index i = 0; i < 60; ++i) {
    cluster[rp::as_size(i)] = i % 13;
    order[rp::as_size(i)] = (i * 37 + 11) % 60;
  }
  matrix<double> moved(60, 5);
  std::vector<rp::index> moved_cluster(60);
  for (rp::index i = 0; i < 60; ++i) {
    moved.row(i) = x.row(order[rp::as_size(i)]);
    moved_cluster[rp::as_size(i)] = (cluster[rp::as_size(order[rp::as_size(i)])] + 5) % 13;  // other numbers, too
  }
  const auto run = [](const matrix<double>& items, const std::vector<rp::index>& clusters) {
    return rapport::cronbach_alpha(items, {.interval = rapport::bootstrap_bca{.replicates = 99, .clusters = clusters}})
        .value();
  };
  for (const bool clustered : {false, true}) {
    const auto one = run(x, clustered ? cluster : std::vector<rp::index>());
    const auto other = run(moved, clustered ? moved_cluster : std::vector<rp::index>());
    // Decimals add up in another order: 1e-13 of numbers near 1.
    CHECK_CLOSE(other.interval.lower, one.interval.lower, 1e-12);
    CHECK_CLOSE(other.interval.upper, one.interval.upper, 1e-12);
  }
}

TEST_CASE("the same bytes for any number of threads", "[bootstrap]") {
  const auto x = table(4, 60, 5, 0.05);
  const auto run = [&](rp::index threads) {
    return rapport::omega_total(x,
                                {.interval = rapport::bootstrap_bca{.replicates = 333, .seed = 3, .threads = threads}})
        .value();
  };
  const auto one = run(1);
  for (const rp::index threads : {2, 3, 7}) {
    const auto many = run(threads);
    CHECK(one.interval.lower == many.interval.lower);
    CHECK(one.interval.upper == many.interval.upper);
    CHECK(*one.standard_error == *many.standard_error);
  }
  CHECK(one.method == "omega, one-factor maximum likelihood, pairwise, BCa bootstrap (333 replicates, seed 3) 95 %");
  CHECK(one.interval.contains(one.estimate));
}

TEST_CASE("the bootstrap of a mean has the standard error that theory gives", "[bootstrap]") {
  const auto x = table(5, 50, 1);
  const double variance = (x.array() - x.mean()).square().sum() / 50;
  const auto draws = rapport::stats::bootstrap<double>(50, {.replicates = 20000, .threads = 1}, [&] {
    return [&](const vector<double>& w) { return std::optional<double>(w.dot(x.col(0)) / 50); };
  });
  CHECK(draws.n_undefined == 0);
  // The SD of 20000 draws is known to .5 %.
  CHECK_CLOSE(*rapport::stats::replicate_sd(draws), std::sqrt(variance / 50), 0.02);
}

TEST_CASE("percentile and BCa intervals of lists whose quantiles are known", "[bootstrap]") {
  replicates<double> draws;
  for (int i = 1; i <= 999; ++i) draws.values.push_back(i);
  const auto percentile = rapport::stats::percentile_interval(draws, 0.95).value();
  CHECK_CLOSE(percentile.lower, 25, 1e-12);
  CHECK_CLOSE(percentile.upper, 975, 1e-12);
  replicates<double> even;
  even.values = {1, 2, 3, 4, 5};  // symmetric: no acceleration
  const auto unbiased = rapport::stats::bca_interval(draws, even, 500.0, 0.95).value();
  CHECK_CLOSE(unbiased.lower, 25, 1e-9);
  CHECK_CLOSE(unbiased.upper, 975, 1e-9);
  // By hand: z0 = qnorm(.6), a from 0, 0, 3: d = 1, 1, -2.
  replicates<double> skewed;
  skewed.values = {0, 0, 3};
  const double z0 = 0.2533471031357997;
  const double a = (1 + 1 - 8) / (6 * std::pow(6, 1.5));
  const auto rank = [&](double z) {
    const double at = z0 + (z0 + z) / (1 - a * (z0 + z));
    return 1000 * 0.5 * std::erfc(-at / std::sqrt(2));
  };
  const auto bca = rapport::stats::bca_interval(draws, skewed, 599.9, 0.9).value();  // 599 of 999 lie below
  CHECK_CLOSE(bca.lower, rank(-1.6448536269514722), 0.005);                          // 599/999 is not .6
  CHECK_CLOSE(bca.upper, rank(1.6448536269514722), 0.005);
}

TEST_CASE("a bootstrap that carries no interval says so", "[bootstrap]") {
  replicates<double> draws;
  for (int i = 1; i <= 100; ++i) draws.values.push_back(i);
  replicates<double> left_out;
  left_out.values = {1, 2, 3};
  CHECK(rapport::stats::bca_interval(draws, left_out, 200.0).error().code == errc::bootstrap_failed);
  CHECK(rapport::stats::bca_interval(draws, left_out, 99.5).error().code == errc::bootstrap_failed);
  draws.n_undefined = 12;
  CHECK(rapport::stats::percentile_interval(draws).error().code == errc::bootstrap_failed);
  CHECK(rapport::stats::percentile_interval(draws, 0).error().code == errc::invalid_option);
  const auto x = table(6, 30, 3);
  CHECK(rapport::cronbach_alpha(x, {.interval = rapport::bootstrap_bca{.replicates = 10}}).error().code ==
        errc::invalid_option);
  const std::vector<rp::index> short_list(7, 0);
  CHECK(rapport::cronbach_alpha(x, {.interval = rapport::bootstrap_bca{.clusters = short_list}}).error().code ==
        errc::size_mismatch);
  std::vector<rp::index> negative(30, 0);
  negative[3] = -1;
  CHECK(rapport::cronbach_alpha(x, {.interval = rapport::bootstrap_bca{.clusters = negative}}).error().code ==
        errc::invalid_option);
}

TEST_CASE("drawing clusters widens the interval where their members are alike", "[bootstrap]") {
  // Each person is entered four times: drawn one by one the copies look like news.
  const auto persons = table(7, 40, 4);
  matrix<double> x(160, 4);
  std::vector<rp::index> cluster(160);
  for (rp::index i = 0; i < 160; ++i) {
    x.row(i) = persons.row(i / 4);
    cluster[rp::as_size(i)] = i / 4;
  }
  const auto se = [&](std::span<const rp::index> clusters) {
    return *rapport::cronbach_alpha(
                x, {.interval = rapport::bootstrap_percentile{.replicates = 2000, .clusters = clusters}})
                ->standard_error;
  };
  CHECK_CLOSE(se(cluster) / se({}), 2, 0.12);  // sqrt(4); each SD of 2000 draws is known to 2 %
}
