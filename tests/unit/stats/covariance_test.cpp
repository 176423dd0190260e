// SPDX-License-Identifier: BSL-1.0
// Covariances with and without missing cells, against the formula as written.
#include "rapport_test.hpp"

#include <algorithm>
#include <boost/multiprecision/cpp_bin_float.hpp>
#include <boost/multiprecision/eigen.hpp>

namespace rp = rapport;

using namespace rapport::stats;

namespace {

constexpr double missing = std::numeric_limits<double>::quiet_NaN();

/// Whole numbers 1 to 5 with a share of missing cells.
matrix<double> answers(std::uint64_t seed, rp::index n, rp::index k, double share_missing) {
  rapport::random_stream random(seed);
  matrix<double> x(n, k);
  for (rp::index i = 0; i < n; ++i) {
    const double level = random.normal();
    for (rp::index j = 0; j < k; ++j) {
      const double answer = std::floor(3.5 + level + 0.8 * random.normal());
      x(i, j) = random.chance(share_missing) ? missing : answer < 1 ? 1 : answer > 5 ? 5 : answer;
    }
  }
  return x;
}

/// The covariance of two columns over the rows chosen, as a textbook writes it.
double naive_covariance(const matrix<double>& x, rp::index a, rp::index b, const std::vector<bool>& use) {
  double mean_a = 0;
  double mean_b = 0;
  double n = 0;
  for (rp::index i = 0; i < x.rows(); ++i) {
    if (!use[rapport::as_size(i)]) continue;
    mean_a += x(i, a);
    mean_b += x(i, b);
    n += 1;
  }
  mean_a /= n;
  mean_b /= n;
  double sum = 0;
  for (rp::index i = 0; i < x.rows(); ++i) {
    if (use[rapport::as_size(i)]) sum += (x(i, a) - mean_a) * (x(i, b) - mean_b);
  }
  return sum / (n - 1);
}

}  // namespace

TEST_CASE("covariances are those of the textbook, pairwise and listwise", "[covariance]") {
  const auto x = answers(1, 2500, 5, 0.1);  // more rows than one block
  const auto pairwise = covariance(x).value();
  const auto listwise = covariance(x, missing_cells::listwise).value();
  std::vector<bool> complete(2500, true);
  rp::index n_complete = 0;
  for (rp::index i = 0; i < 2500; ++i) {
    for (rp::index j = 0; j < 5; ++j) {
      if (std::isnan(x(i, j))) complete[rapport::as_size(i)] = false;
    }
    n_complete += complete[rapport::as_size(i)] ? 1 : 0;
  }
  CHECK(pairwise.n_complete == n_complete);
  CHECK(listwise.n() == n_complete);
  CHECK(pairwise.n() == 2500);
  for (rp::index a = 0; a < 5; ++a) {
    for (rp::index b = 0; b < 5; ++b) {
      std::vector<bool> both(2500);
      for (rp::index i = 0; i < 2500; ++i) both[rapport::as_size(i)] = !std::isnan(x(i, a)) && !std::isnan(x(i, b));
      CHECK_CLOSE(pairwise.covariance(a, b), naive_covariance(x, a, b, both), 1e-11);
      CHECK_CLOSE(listwise.covariance(a, b), naive_covariance(x, a, b, complete), 1e-11);
      CHECK(pairwise.n_pair(a, b) == static_cast<double>(std::count(both.begin(), both.end(), true)));
    }
  }
}

TEST_CASE("whole numbers give the same bits in any order of rows", "[covariance]") {
  const auto x = answers(2, 3000, 4, 0.05);
  matrix<double> shuffled = x;
  rapport::random_stream random(9);
  for (rp::index i = x.rows() - 1; i > 0; --i) shuffled.row(i).swap(shuffled.row(random.below(i + 1)));
  const auto a = covariance(x).value();
  const auto b = covariance(shuffled).value();
  CHECK(a.covariance == b.covariance);
  CHECK(a.mean == b.mean);
}

TEST_CASE("a large mean costs no digits", "[covariance]") {
  rapport::random_stream random(3);
  matrix<double> x(500, 2);
  for (rp::index i = 0; i < 500; ++i) x.row(i) << random.normal(), random.normal();
  const auto near_zero = covariance(x).value();
  const matrix<double> far = x.array() + 1e6;
  const auto far_away = covariance(far).value();
  // Adding 1e6 rounds each number to 1e-10: that much of a covariance near 1 may change, and no more.
  CHECK((near_zero.covariance - far_away.covariance).cwiseAbs().maxCoeff() < 1e-10);
}

TEST_CASE("double agrees with fifty digits", "[covariance]") {
  using big = boost::multiprecision::cpp_bin_float_50;
  const auto x = answers(4, 300, 3, 0.1);
  const auto in_double = covariance(x).value();
  const auto in_big = covariance(x.cast<big>()).value();
  for (rp::index a = 0; a < 3; ++a) {
    for (rp::index b = 0; b < 3; ++b) CHECK_CLOSE(in_double.covariance(a, b), in_big.covariance(a, b), 1e-14);
  }
  const auto in_float = covariance(x.cast<float>()).value();
  CHECK_CLOSE(in_float.covariance(0, 1), in_double.covariance(0, 1), 1e-5);  // float has 7 digits
}

TEST_CASE("tables of responses and blocks of matrices are taken as they are", "[covariance]") {
  const auto x = answers(5, 50, 6, 0.0);
  rapport::response_matrix table(50, 6);
  for (rp::index i = 0; i < 50; ++i) {
    for (rp::index j = 0; j < 6; ++j) table(i, j) = x(i, j);
  }
  CHECK(covariance(table)->covariance == covariance(x)->covariance);
  CHECK(covariance(x.middleCols(2, 3))->covariance == covariance(x)->covariance.block(2, 2, 3, 3));
}

TEST_CASE("what cannot be had is refused with its place", "[covariance]") {
  using rapport::errc;
  matrix<double> x = answers(6, 10, 3, 0.0);
  x(4, 1) = std::numeric_limits<double>::infinity();
  x(7, 0) = -std::numeric_limits<double>::infinity();
  const auto infinite = covariance(x);
  REQUIRE_FALSE(infinite);
  CHECK(infinite.error().code == errc::not_finite);
  CHECK(infinite.error().row == 4);  // the first in reading order
  CHECK(infinite.error().column == 1);

  CHECK(covariance(matrix<double>(5, 0)).error().code == errc::too_few_columns);
  CHECK(covariance(matrix<double>(0, 3)).error().code == errc::no_data);
  CHECK(covariance(matrix<double>(matrix<double>::Constant(4, 2, missing))).error().code == errc::no_data);
  CHECK(covariance(matrix<double>(matrix<double>::Ones(1, 2))).error().code == errc::too_few_rows);

  matrix<double> apart(4, 2);
  apart << 1, missing, 2, missing, missing, 3, missing, 4;
  const auto never_together = covariance(apart);
  CHECK(never_together.error().code == errc::no_common_rows);
  CHECK(never_together.error().row == 0);
  CHECK(never_together.error().column == 1);
  CHECK(covariance(apart, missing_cells::listwise).error().code == errc::too_few_rows);

  matrix<double> constant = answers(7, 10, 3, 0.0);
  constant.col(2).setConstant(3);
  const auto c = covariance(constant).value();
  CHECK(c.covariance(2, 2) == 0);
  CHECK(correlation_from_covariance(c.covariance).error().code == errc::zero_variance);
  CHECK(correlation_from_covariance(c.covariance).error().column == 2);
}
