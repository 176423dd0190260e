// SPDX-License-Identifier: BSL-1.0
// Maximum likelihood with missing cells: closed forms where there are some, the likelihood as written, its maximum.
#include "rapport_test.hpp"

#include <numbers>

#include <Eigen/LU>

#include <rapport/stats/normal_covariance.hpp>

namespace rp = rapport;

using rapport::errc;
using namespace rapport::stats;

namespace {

constexpr double missing = std::numeric_limits<double>::quiet_NaN();

matrix<double> answers(std::uint64_t seed, rp::index n, rp::index k, double share_missing) {
  rapport::random_stream random(seed);
  matrix<double> x(n, k);
  for (rp::index i = 0; i < n; ++i) {
    const double level = random.normal();
    for (rp::index j = 0; j < k; ++j) {
      const double answer = std::floor(3.5 + level + 0.8 * random.normal());
      x(i, j) = random.chance(share_missing) ? missing : answer;
    }
  }
  return x;
}

/// Row by row, with determinants and inverses.
double naive_log_likelihood(const matrix<double>& x, const vector<double>& mean, const matrix<double>& c) {
  double sum = 0;
  for (rp::index i = 0; i < x.rows(); ++i) {
    std::vector<rp::index> there;
    for (rp::index j = 0; j < x.cols(); ++j) {
      if (!std::isnan(x(i, j))) there.push_back(j);
    }
    if (there.empty()) continue;
    const matrix<double> part = c(there, there);
    const vector<double> d = x.row(i)(there).transpose() - mean(there);
    sum -= (static_cast<double>(there.size()) * std::log(2 * std::numbers::pi) + std::log(part.determinant()) +
            d.dot(part.inverse() * d)) /
           2;
  }
  return sum;
}

}  // namespace

TEST_CASE("complete answers: the usual means and covariances", "[normal_covariance]") {
  const auto x = answers(1, 80, 4, 0);
  const auto found = normal_covariance(x).value();
  const auto usual = covariance(x).value();
  CHECK(found.converged);
  CHECK(found.n_patterns == 1);
  for (rp::index i = 0; i < 4; ++i) {
    CHECK_CLOSE(found.mean(i), usual.mean(i), 1e-12);
    for (rp::index j = 0; j < 4; ++j) CHECK_CLOSE(found.as_sample().covariance(i, j), usual.covariance(i, j), 1e-12);
  }
}

TEST_CASE("one column incomplete: regression on the other gives the maximum in closed form", "[normal_covariance]") {
  auto x = answers(2, 60, 2, 0);
  for (rp::index i = 0; i < 25; ++i) x(i, 1) = missing;
  // Anderson (1957): moments of the first column from all rows, the regression from complete rows.
  const vector<double> first = x.col(0);
  const double mean = first.mean();
  const double variance = (first.array() - mean).square().mean();
  const matrix<double> pairs = x.bottomRows(35);
  const vector<double> a = pairs.col(0).array() - pairs.col(0).mean();
  const vector<double> b = pairs.col(1).array() - pairs.col(1).mean();
  const double slope = a.dot(b) / a.squaredNorm();
  const double residual = (b - slope * a).squaredNorm() / 35;

  const auto found = normal_covariance(x).value();
  CHECK(found.converged);
  CHECK(found.n_patterns == 2);
  CHECK_CLOSE(found.mean(0), mean, 1e-11);
  CHECK_CLOSE(found.mean(1), pairs.col(1).mean() + slope * (mean - pairs.col(0).mean()), 1e-10);
  CHECK_CLOSE(found.covariance(0, 0), variance, 1e-10);
  CHECK_CLOSE(found.covariance(0, 1), slope * variance, 1e-10);
  CHECK_CLOSE(found.covariance(1, 1), residual + slope * slope * variance, 1e-10);
}

TEST_CASE("the likelihood is the one written down, and no step from the estimates raises it", "[normal_covariance]") {
  for (const double share : {0.1, 0.4}) {
    const auto x = answers(3, 120, 4, share);
    const auto found = normal_covariance(x).value();
    INFO(share << " missing, " << found.evaluations << " evaluations");
    REQUIRE(found.converged);
    const double top = naive_log_likelihood(x, found.mean, found.covariance);
    CHECK_CLOSE(found.log_likelihood, top, 1e-11);
    // Differences of the likelihood on both sides: the slope is zero, the curvature negative.
    const double h = 1e-4;
    const auto check = [&](double up, double down) {
      CHECK(std::abs(up - down) / (2 * h) < 1e-4);
      CHECK(up + down - 2 * top < 0);
    };
    for (rp::index i = 0; i < 4; ++i) {
      vector<double> up = found.mean;
      vector<double> down = found.mean;
      up(i) += h;
      down(i) -= h;
      check(naive_log_likelihood(x, up, found.covariance), naive_log_likelihood(x, down, found.covariance));
      for (rp::index j = 0; j <= i; ++j) {
        matrix<double> more = found.covariance;
        matrix<double> less = found.covariance;
        more(i, j) = more(j, i) = more(i, j) + h;
        less(i, j) = less(j, i) = less(i, j) - h;
        check(naive_log_likelihood(x, found.mean, more), naive_log_likelihood(x, found.mean, less));
      }
    }
  }
}

TEST_CASE("order of rows, empty rows, shift and unit change nothing", "[normal_covariance]") {
  const auto x = answers(4, 100, 3, 0.2);
  const auto found = normal_covariance(x).value();
  matrix<double> other(102, 3);
  other << x.colwise().reverse(), matrix<double>::Constant(2, 3, missing);
  const auto again = normal_covariance(other).value();
  CHECK(again.n_empty == found.n_empty + 2);
  const auto moved = normal_covariance(matrix<double>(1000 * (x.array() + 1e6).matrix())).value();
  for (rp::index i = 0; i < 3; ++i) {
    for (rp::index j = 0; j < 3; ++j) {
      CHECK_CLOSE(again.covariance(i, j), found.covariance(i, j), 1e-13, 1e-13);
      CHECK_CLOSE(moved.covariance(i, j), 1e6 * found.covariance(i, j), 1e-10);
    }
  }
}

TEST_CASE("answers missing at random: the mean of the answers is biased, this one is not", "[normal_covariance]") {
  rapport::random_stream random(5);
  matrix<double> x(20000, 2);
  for (rp::index i = 0; i < x.rows(); ++i) {
    x(i, 0) = random.normal();
    x(i, 1) = 0.8 * x(i, 0) + 0.6 * random.normal();
    if (x(i, 0) > 0.5) x(i, 1) = missing;
  }
  const auto found = normal_covariance(x).value();
  CHECK(covariance(x).value().mean(1) < -0.3);
  // Five standard errors.
  CHECK_CLOSE(found.mean(1), 0, 0, 0.06);
  CHECK_CLOSE(found.covariance(1, 1), 1, 0, 0.08);
  CHECK_CLOSE(found.covariance(0, 1), 0.8, 0, 0.06);
}

TEST_CASE("what has no maximum is refused by name", "[normal_covariance]") {
  matrix<double> constant = answers(6, 20, 3, 0);
  constant.col(1).setConstant(2);
  CHECK(normal_covariance(constant).error().code == errc::zero_variance);
  CHECK(normal_covariance(constant).error().column == 1);

  matrix<double> apart = answers(7, 20, 2, 0);
  for (rp::index i = 0; i < 20; ++i) apart(i, i % 2) = missing;
  CHECK(normal_covariance(apart).error().code == errc::no_common_rows);

  matrix<double> copied = answers(8, 30, 3, 0);
  copied.col(2) = copied.col(0) + copied.col(1);
  CHECK(normal_covariance(copied).error().code == errc::not_positive_definite);

  matrix<double> endless = answers(9, 20, 2, 0);
  endless(3, 1) = std::numeric_limits<double>::infinity();
  CHECK(normal_covariance(endless).error().code == errc::not_finite);
  CHECK(normal_covariance(matrix<double>(matrix<double>::Constant(5, 2, missing))).error().code == errc::no_data);
}
