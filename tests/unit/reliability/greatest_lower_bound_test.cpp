// SPDX-License-Identifier: BSL-1.0
// The greatest lower bound against closed forms, a search by hand, and the conditions of its optimum.
#include "rapport_test.hpp"

#include <Eigen/Eigenvalues>

#include <rapport/reliability/greatest_lower_bound.hpp>

namespace rp = rapport;

using rapport::errc;
using rapport::greatest_lower_bound;
using rapport::stats::covariance_estimate;
using rapport::stats::matrix;
using rapport::stats::vector;

namespace {

covariance_estimate<double> given(const matrix<double>& c) {
  covariance_estimate<double> out;
  out.covariance = c;
  out.n_rows = out.n_complete = 100;
  return out;
}

covariance_estimate<double> sample(std::uint64_t seed, rp::index n, rp::index k) {
  rapport::random_stream random(seed);
  matrix<double> x(n, k);
  for (rp::index i = 0; i < n; ++i) {
    const double factor = random.normal();
    for (rp::index j = 0; j < k; ++j)
      x(i, j) = (1 + 0.2 * static_cast<double>(j)) * (0.6 * factor + 0.8 * random.normal());
  }
  return rapport::stats::covariance(x).value();
}

double smallest_eigenvalue(const matrix<double>& a) {
  return Eigen::SelfAdjointEigenSolver<matrix<double>>(a).eigenvalues()(0);
}

}  // namespace

TEST_CASE("two items: both give up variance until their covariance is all that is left", "[glb]") {
  // With no bound in the way (v1 - t1)(v2 - t2) = c^2 with equal factors.
  for (const double covariance : {0.3, -0.3, 0.9}) {
    matrix<double> c(2, 2);
    c << 1, covariance, covariance, 1.5;
    const double common = std::abs(covariance);
    CHECK_CLOSE(greatest_lower_bound(given(c)).value().estimate, 1 - (2.5 - 2 * common) / c.sum(), 1e-9, 1e-9);
  }
  // Here equal factors would ask the first item for more than it has.
  matrix<double> c(2, 2);
  c << 0.5, 0.7, 0.7, 2;
  const double second = 2 - 0.49 / 0.5;
  CHECK_CLOSE(greatest_lower_bound(given(c)).value().estimate, 1 - second / c.sum(), 1e-9);
}

TEST_CASE("one factor holds exactly: the bound is the reliability", "[glb]") {
  vector<double> loading(5);
  loading << 0.5, 0.6, 0.7, 0.8, 0.9;
  vector<double> error(5);
  error << 0.4, 0.9, 0.3, 0.6, 0.5;
  matrix<double> c = loading * loading.transpose();
  c.diagonal() += error;
  const auto found = greatest_lower_bound(given(c)).value();
  CHECK_CLOSE(found.estimate, loading.sum() * loading.sum() / c.sum(), 1e-9);
  for (rp::index i = 0; i < 5; ++i) CHECK_CLOSE(found.error_variance(i), error(i), 1e-6, 1e-6);
}

TEST_CASE("a search over a grid that is refined finds nothing lower", "[glb]") {
  for (const std::uint64_t seed : {1U, 2U, 3U}) {
    const auto c = sample(seed, 60, 3);
    vector<double> best = vector<double>::Zero(3);
    double width = c.covariance.diagonal().maxCoeff();
    for (int round = 0; round < 60; ++round) {
      const vector<double> centre = best;
      for (int code = 0; code < 11 * 11 * 11; ++code) {
        vector<double> t(3);
        t << code % 11, code / 11 % 11, code / 121;
        t = (centre + width * (t.array() - 5).matrix() / 5).cwiseMax(0);
        matrix<double> common = c.covariance;
        common.diagonal() -= t;
        if (t.sum() > best.sum() && smallest_eigenvalue(common) >= 0) best = t;
      }
      width *= 0.8;
    }
    const auto found = greatest_lower_bound(c).value();
    const double searched = 1 - best.sum() / c.covariance.sum();
    CHECK(searched >= found.estimate - found.gap - 1e-12);
    CHECK_CLOSE(searched, found.estimate, 1e-4);  // as near as the grid comes
  }
}

TEST_CASE("the error variances are legal, the gap is small, and every other bound is lower", "[glb]") {
  for (const rp::index k : {2, 3, 5, 8, 12, 20}) {
    const auto c = sample(static_cast<std::uint64_t>(k), 200, k);
    const auto found = greatest_lower_bound(c).value();
    INFO(k << " items, gap " << found.gap);
    CHECK(found.gap <= 1e-9);
    CHECK(found.error_variance.minCoeff() >= 0);
    matrix<double> common = c.covariance;
    common.diagonal() -= found.error_variance;
    CHECK(smallest_eigenvalue(common) >= 0);
    CHECK_CLOSE(found.estimate, 1 - found.error_variance.sum() / c.covariance.sum(), 1e-14);
    CHECK(found.estimate >= rapport::guttman_lambdas(c).value().lambda2 - 1e-9);
    CHECK(found.estimate >= rapport::split_half(c).value().max - 1e-9);
    CHECK(found.estimate <= 1);

    // Neither the unit of the answers nor the order of the items matters.
    CHECK_CLOSE(greatest_lower_bound(given(1e6 * c.covariance)).value().estimate, found.estimate, 1e-9);
    CHECK_CLOSE(greatest_lower_bound(given(c.covariance.reverse())).value().estimate, found.estimate, 1e-9);
  }
}

TEST_CASE("covariances that leave no room for error are refused", "[glb]") {
  matrix<double> one(1, 1);
  one << 1;
  CHECK(greatest_lower_bound(given(one)).error().code == errc::too_few_columns);
  matrix<double> singular(2, 2);
  singular << 1, 1, 1, 1;
  CHECK(greatest_lower_bound(given(singular)).error().code == errc::not_positive_definite);
  matrix<double> constant(2, 2);
  constant << 1, 0, 0, 0;
  CHECK(greatest_lower_bound(given(constant)).error().code == errc::zero_variance);
  matrix<double> opposed(2, 2);
  opposed << 1, -1, -1, 1;
  CHECK(greatest_lower_bound(given(opposed)).error().code == errc::negative_total_variance);
}
