// SPDX-License-Identifier: BSL-1.0
// Two levels: the likelihood of the whole covariance matrix, the optimum, simulated truth, and data that say too little.
#include "rapport_test.hpp"

#include <rapport/reliability/two_level_reliability.hpp>

#include <numbers>
#include <vector>

namespace rp = rapport;

namespace {

using rapport::errc;
using rapport::stats::matrix;
using rapport::stats::vector;
constexpr double missing = std::numeric_limits<double>::quiet_NaN();

struct rows {
  matrix<double> x{};
  std::vector<rp::index> client{};
};

/// One factor on each level: loadings .8 within and .6 between, residual variances .5 and .1; 3 to 7 sessions.
rows simulated(rapport::random_stream& random, rp::index clients, rp::index p) {
  std::vector<std::vector<double>> values;
  rows out;
  for (rp::index c = 0; c < clients; ++c) {
    const double level = random.normal();
    std::vector<double> own;
    for (rp::index j = 0; j < p; ++j) own.push_back(0.6 * level + std::sqrt(0.1) * random.normal());
    const rp::index n = 3 + random.below(5);
    for (rp::index s = 0; s < n; ++s) {
      const double state = random.normal();
      out.client.push_back(c);
      values.emplace_back();
      for (rp::index j = 0; j < p; ++j)
        values.back().push_back(10 + own[rapport::as_size(j)] + 0.8 * state + std::sqrt(0.5) * random.normal());
    }
  }
  out.x.resize(std::ssize(values), p);
  for (rp::index i = 0; i < out.x.rows(); ++i) {
    for (rp::index j = 0; j < p; ++j) out.x(i, j) = values[rapport::as_size(i)][rapport::as_size(j)];
  }
  return out;
}

/// -2 log-likelihood from the covariance matrix of all cells, the mean by generalized least squares.
double criterion(const rows& data, const matrix<double>& within, const matrix<double>& between) {
  const rp::index p = data.x.cols();
  const rp::index n = data.x.rows();
  matrix<double> v = matrix<double>::Zero(n * p, n * p);
  matrix<double> design = matrix<double>::Zero(n * p, p);
  vector<double> y(n * p);
  for (rp::index a = 0; a < n; ++a) {
    y.segment(a * p, p) = data.x.row(a).transpose();
    design.block(a * p, 0, p, p).setIdentity();
    for (rp::index b = 0; b < n; ++b) {
      if (data.client[rapport::as_size(a)] == data.client[rapport::as_size(b)]) v.block(a * p, b * p, p, p) += between;
      if (a == b) v.block(a * p, b * p, p, p) += within;
    }
  }
  const auto factor = rapport::stats::cholesky_factor<double>::make(v).value();
  const matrix<double> solved = factor.solve(design);
  const auto normal =
      rapport::stats::cholesky_factor<double>::make(matrix<double>(design.transpose() * solved)).value();
  const vector<double> mean = normal.solve(solved.transpose() * y);
  const vector<double> residual = y - design * mean;
  return static_cast<double>(n * p) * std::log(2 * std::numbers::pi) + factor.log_determinant() +
         residual.dot(vector<double>(factor.solve(residual)));
}

rapport::result<rapport::session_items> table(const rows& data) {
  rapport::response_matrix items(data.x.rows(), data.x.cols());
  std::vector<int> session;
  for (rp::index i = 0; i < data.x.rows(); ++i) {
    session.push_back(static_cast<int>(i));
    for (rp::index j = 0; j < data.x.cols(); ++j) items(i, j) = data.x(i, j);
  }
  return rapport::session_items::make(data.client, session, items);
}

}  // namespace

TEST_CASE("the two-level likelihood is that of the whole covariance matrix", "[two_level]") {
  rapport::random_stream random(1);
  const auto data = simulated(random, 8, 3);
  const auto sums = rapport::stats::sum_two_level<double>(data.x, data.client, 8).value();
  const matrix<double> within = sums.pooled_within();
  matrix<double> between = matrix<double>::Constant(3, 3, 0.2);
  between.diagonal().array() += 0.15;
  const auto at = rapport::stats::detail::two_level_likelihood(sums, within, between).value();
  CHECK_CLOSE(at.value, criterion(data, within, between), 1e-11);
  const double h = 1e-5;
  for (rp::index i = 0; i < 3; ++i) {
    for (rp::index j = 0; j <= i; ++j) {
      matrix<double> direction = matrix<double>::Zero(3, 3);
      direction(i, j) = direction(j, i) = h;
      const double by_within =
          (criterion(data, within + direction, between) - criterion(data, within - direction, between)) / (2 * h);
      const double by_between =
          (criterion(data, within, between + direction) - criterion(data, within, between - direction)) / (2 * h);
      const double twice = i == j ? 1 : 2;
      CHECK_CLOSE(twice * at.by_within(i, j), by_within, 1e-5, 1e-4);
      CHECK_CLOSE(twice * at.by_between(i, j), by_between, 1e-5, 1e-4);
    }
  }
}

TEST_CASE("the fitted covariances are the optimum: their slopes vanish", "[two_level]") {
  rapport::random_stream random(2);
  const auto data = simulated(random, 60, 4);
  const auto sums = rapport::stats::sum_two_level<double>(data.x, data.client, 60).value();
  const auto fitted = rapport::stats::fit_two_level_covariance(sums).value();
  REQUIRE(fitted.converged);
  const auto at = rapport::stats::detail::two_level_likelihood(sums, fitted.within, fitted.between).value();
  // Slopes of -2 log-likelihood by variances of order 1, of about 300 rows: the criterion is within 1e-14 of its least.
  CHECK(at.by_within.cwiseAbs().maxCoeff() < 1e-6);
  CHECK(at.by_between.cwiseAbs().maxCoeff() < 1e-6);
  const auto factor = rapport::stats::fit_two_level_factor(sums, fitted).value();
  CHECK(factor.converged);
  CHECK(factor.log_likelihood <= fitted.log_likelihood + 1e-9);
  CHECK(factor.within_loading.sum() > 0);
}

TEST_CASE("alpha and omega cover the truth that made the data", "[two_level]") {
  rapport::random_stream random(3);
  constexpr int n_samples = 150;
  // Parallel items: alpha is omega on both levels.
  const double within = 16 * 0.64 / (16 * 0.64 + 4 * 0.5);
  const double between = 16 * 0.36 / (16 * 0.36 + 4 * 0.1);
  int covered[4] = {};
  for (int s = 0; s < n_samples; ++s) {
    const auto found = rapport::two_level_reliability(table(simulated(random, 80, 4)).value()).value();
    covered[0] += found.alpha_within.interval.contains(within);
    covered[1] += found.alpha_between.interval.contains(between);
    REQUIRE(found.omega_within);
    covered[2] += found.omega_within->interval.contains(within);
    covered[3] += found.omega_between->interval.contains(between);
  }
  for (const int c : covered) {
    INFO(c << " of 150");
    CHECK(c > 130);  // 95 % is 142.5, standard error 2.7: more than four of them
  }
}

TEST_CASE("two levels: order of rows, missing answers, and too little data", "[two_level]") {
  rapport::random_stream random(4);
  auto data = simulated(random, 30, 3);
  const auto found = rapport::two_level_reliability(table(data).value()).value();
  rows reversed = data;
  reversed.x = data.x.colwise().reverse();
  std::reverse(reversed.client.begin(), reversed.client.end());
  // Sessions are numbered by row here, so reversing also turns every client's sessions round.
  const auto again = rapport::two_level_reliability(table(reversed).value()).value();
  CHECK_CLOSE(again.alpha_within.estimate, found.alpha_within.estimate, 1e-9);
  CHECK_CLOSE(again.omega_between->estimate, found.omega_between->estimate, 1e-7);

  data.x(5, 1) = missing;
  const auto with_missing = rapport::two_level_reliability(table(data).value()).value();
  CHECK(with_missing.n_incomplete == 1);
  CHECK(with_missing.alpha_within.notes.back() == "1 sessions with missing answers were left out");

  auto two_items = data;
  two_items.x = data.x.leftCols(2).eval();
  const auto pair = rapport::two_level_reliability(table(two_items).value()).value();
  CHECK_FALSE(pair.omega_within);
  CHECK(pair.why_no_omega == "omega needs three items");

  auto copied = data;
  copied.x.col(2) = data.x.col(0);
  CHECK(rapport::two_level_reliability(table(copied).value()).error().code == errc::not_positive_definite);
  auto one = data;
  for (auto& client : one.client) client = 0;
  CHECK(rapport::two_level_reliability(table(one).value()).error().code == errc::too_few_clusters);
  auto apart = data;
  for (std::size_t i = 0; i < apart.client.size(); ++i) apart.client[i] = static_cast<rp::index>(i);
  CHECK(rapport::two_level_reliability(table(apart).value()).error().code == errc::no_replication);
  auto single = data;
  single.x = data.x.leftCols(1).eval();
  CHECK(rapport::two_level_reliability(table(single).value()).error().code == errc::too_few_columns);
  CHECK(rapport::two_level_reliability(table(data).value(), 1).error().code == errc::invalid_option);
}
