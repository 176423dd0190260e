// SPDX-License-Identifier: BSL-1.0
// KMO, Bartlett, MAP and parallel analysis against regressions, known structure, and chance.
#include "rapport_test.hpp"

#include <Eigen/Cholesky>

namespace rp = rapport;

using rapport::errc;
using rapport::stats::matrix;
using rapport::stats::vector;

namespace {

/// Answers of n persons to k items of m factors, items shared out in turn.
matrix<double> table(std::uint64_t seed, rp::index n, rp::index k, rp::index m, double loading) {
  rapport::random_stream random(seed);
  matrix<double> x(n, k);
  for (rp::index i = 0; i < n; ++i) {
    vector<double> f(m);
    for (rp::index t = 0; t < m; ++t) f(t) = random.normal();
    for (rp::index j = 0; j < k; ++j) x(i, j) = loading * f(j % m) + std::sqrt(1 - loading * loading) * random.normal();
  }
  return x;
}

matrix<double> correlation(const matrix<double>& x) {
  return rapport::stats::correlation_from_covariance(rapport::stats::covariance(x)->covariance).value();
}

/// Correlation of columns a and b, all others held fixed: of the residuals of two regressions.
double partial_correlation(const matrix<double>& x, rp::index a, rp::index b) {
  matrix<double> others(x.rows(), x.cols() - 1);
  others.col(0).setOnes();
  rp::index at = 1;
  for (rp::index j = 0; j < x.cols(); ++j) {
    if (j != a && j != b) others.col(at++) = x.col(j);
  }
  const auto residual = [&](rp::index j) {
    const vector<double> beta = (others.transpose() * others).ldlt().solve(others.transpose() * x.col(j));
    return vector<double>(x.col(j) - others * beta);
  };
  const vector<double> u = residual(a);
  const vector<double> v = residual(b);
  return u.dot(v) / std::sqrt(u.squaredNorm() * v.squaredNorm());
}

}  // namespace

TEST_CASE("KMO from regressions", "[kmo]") {
  const auto x = table(1, 100, 5, 1, 0.7);
  const auto r = correlation(x);
  double simple = 0;
  double partial = 0;
  double first_simple = 0;
  double first_partial = 0;
  for (rp::index a = 0; a < 5; ++a) {
    for (rp::index b = 0; b < 5; ++b) {
      if (a == b) continue;
      const double p = partial_correlation(x, a, b);
      simple += r(a, b) * r(a, b);
      partial += p * p;
      if (a == 0) first_simple += r(a, b) * r(a, b);
      if (a == 0) first_partial += p * p;
    }
  }
  const auto found = rapport::stats::kmo(r).value();
  CHECK_CLOSE(found.overall, simple / (simple + partial), 1e-9);
  CHECK_CLOSE(found.items(0), first_simple / (first_simple + first_partial), 1e-9);
  CHECK(rapport::stats::kmo(matrix<double>(matrix<double>::Identity(3, 3)))->overall == 0);
}

TEST_CASE("Bartlett's test rejects what it should, as often as it should", "[bartlett]") {
  int rejected = 0;
  for (std::uint64_t s = 0; s < 1000; ++s)
    rejected += rapport::stats::bartlett_test(correlation(table(s, 60, 4, 1, 0)), 60)->p < 0.05 ? 1 : 0;
  CHECK(rejected > 15);  // 50 expected, SE 6.9
  CHECK(rejected < 85);
  const auto r = correlation(table(1, 60, 4, 1, 0.7));
  const auto test = rapport::stats::bartlett_test(r, 60).value();
  CHECK(test.p < 1e-6);
  CHECK(test.df == 6);
  const vector<double> d = r.ldlt().vectorD();
  CHECK_CLOSE(test.statistic, -(59 - 13.0 / 6) * d.array().log().sum(), 1e-12);
}

TEST_CASE("MAP and parallel analysis find the factors that are there, and none where none are", "[factor_count]") {
  for (const rp::index m : {1, 2, 3}) {
    const auto r = correlation(table(10 + static_cast<std::uint64_t>(m), 500, 4 * m, m, 0.7));
    CHECK(rapport::stats::minimum_average_partial(r)->n_components == m);
    const auto p = rapport::stats::parallel_analysis(r, 500).value();
    CHECK(p.n_components == m);
    CHECK_CLOSE(p.eigenvalues.sum(), static_cast<double>(4 * m), 1e-10);
    // The mean of eigenvalues is one for any correlation matrix; an upper quantile lies above it.
    CHECK(p.reference.mean() > 1);
  }
  int found = 0;
  for (std::uint64_t s = 0; s < 40; ++s)
    found += rapport::stats::parallel_analysis(correlation(table(100 + s, 80, 6, 1, 0)), 80)->n_components > 0 ? 1 : 0;
  CHECK(found <= 8);  // 2 of 40 expected
  const auto r = correlation(table(3, 100, 6, 1, 0.5));
  const auto map = rapport::stats::minimum_average_partial(r).value();
  matrix<double> off = r;
  off.diagonal().setZero();
  CHECK_CLOSE(map.average[0], off.squaredNorm() / 30, 1e-12);
  const auto one = rapport::stats::parallel_analysis(r, 100, {.threads = 1}).value();
  const auto three = rapport::stats::parallel_analysis(r, 100, {.threads = 3}).value();
  CHECK(one.reference == three.reference);
}

TEST_CASE("questions about factors refuse what they cannot use", "[factor_count]") {
  const matrix<double> one = matrix<double>::Identity(1, 1);
  const matrix<double> two = matrix<double>::Ones(2, 2);
  CHECK(rapport::stats::kmo(one).error().code == errc::too_few_columns);
  CHECK(rapport::stats::kmo(two).error().code == errc::not_positive_definite);
  CHECK(rapport::stats::bartlett_test(one, 20).error().code == errc::too_few_columns);
  CHECK(rapport::stats::bartlett_test(two, 2).error().code == errc::too_few_rows);
  CHECK(rapport::stats::bartlett_test(two, 20).error().code == errc::not_positive_definite);
  CHECK(rapport::stats::minimum_average_partial(one).error().code == errc::too_few_columns);
  CHECK(rapport::stats::minimum_average_partial(two).error().code == errc::not_positive_definite);
  CHECK(rapport::stats::parallel_analysis(one, 20).error().code == errc::too_few_columns);
  CHECK(rapport::stats::parallel_analysis(two, 2).error().code == errc::too_few_rows);
  CHECK(rapport::stats::parallel_analysis(two, 20, {.replicates = 5}).error().code == errc::invalid_option);
  CHECK(rapport::stats::parallel_analysis(two, 20, {.quantile = 1}).error().code == errc::invalid_option);
}
