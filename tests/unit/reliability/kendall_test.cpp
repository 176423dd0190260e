// SPDX-License-Identifier: BSL-1.0
// Kendall's W by way of rank correlations, and Bland and Altman's limits by formula and by simulated truth.
#include "rapport_test.hpp"

#include <rapport/reliability/bland_altman.hpp>
#include <rapport/reliability/kendall.hpp>

#include <vector>

namespace rp = rapport;

namespace {

using rapport::errc;
using rapport::stats::matrix;
constexpr double missing = std::numeric_limits<double>::quiet_NaN();

/// One more than how many are smaller, plus half of how many others are equal.
double rank_of(const rapport::stats::vector<double>& x, rp::index i) {
  double rank = 1;
  for (rp::index other = 0; other < x.size(); ++other) {
    if (x(other) < x(i)) rank += 1;
    if (other != i && x(other) == x(i)) rank += 0.5;
  }
  return rank;
}

}  // namespace

TEST_CASE("Kendall's W is the mean rank correlation in another form", "[kendall]") {
  rapport::random_stream random(4);
  matrix<double> x(9, 4);
  for (rp::index i = 0; i < 9; ++i) {
    const double truth = random.normal();
    for (rp::index j = 0; j < 4; ++j) x(i, j) = truth + random.normal();
  }
  const auto found = rapport::kendall_w(x).value();
  CHECK_FALSE(found.has_ties);
  CHECK(found.w == found.w_uncorrected);
  matrix<double> rank(9, 4);
  for (rp::index j = 0; j < 4; ++j) {
    for (rp::index i = 0; i < 9; ++i) rank(i, j) = rank_of(x.col(j), i);
  }
  const auto r = rapport::stats::correlation_from_covariance(rapport::stats::covariance(rank)->covariance).value();
  CHECK_CLOSE(found.mean_rank_correlation, (r.sum() - 4) / 12, 1e-12);
  CHECK_CLOSE(found.chi_squared, 4 * 8 * found.w, 1e-13);

  // With ties: the sum of squares of rank sums over the largest it can be, tie correction written out.
  matrix<double> coarse = (x * 1.5).array().round();
  const auto tied = rapport::kendall_w(coarse).value();
  REQUIRE(tied.has_ties);
  double ties = 0;
  rapport::stats::vector<double> sums = rapport::stats::vector<double>::Zero(9);
  for (rp::index j = 0; j < 4; ++j) {
    for (rp::index i = 0; i < 9; ++i) {
      sums(i) += rank_of(coarse.col(j), i);
      const double t = static_cast<double>((coarse.col(j).array() == coarse(i, j)).count());
      ties += (t * t * t - t) / t;  // each tie of t is met t times
    }
  }
  const double s = (sums.array() - 20).square().sum();
  CHECK_CLOSE(tied.w, 12 * s / (16 * (729 - 9) - 4 * ties), 1e-12);
  CHECK_CLOSE(tied.w_uncorrected, 12 * s / (16 * (729 - 9)), 1e-12);
  CHECK(tied.w > tied.w_uncorrected);
}

TEST_CASE("Kendall's W at its limits", "[kendall]") {
  matrix<double> same(4, 3);
  same << 1, 10, 5, 2, 20, 6, 3, 30, 7, 4, 40, 8;
  CHECK(rapport::kendall_w(same)->w == 1);
  matrix<double> opposite(3, 2);
  opposite << 1, 3, 2, 2, 3, 1;
  CHECK(rapport::kendall_w(opposite)->w == 0);
  CHECK(rapport::kendall_w(opposite)->mean_rank_correlation == -1);
  CHECK(rapport::kendall_w(matrix<double>(matrix<double>::Ones(4, 3))).error().code == errc::zero_variance);
  CHECK(rapport::kendall_w(same.leftCols(1)).error().code == errc::too_few_levels);
  same(1, 1) = missing;
  const auto found = rapport::kendall_w(same).value();
  CHECK(found.n == 3);
  CHECK(found.n_incomplete == 1);
  same.bottomRows(2).setConstant(missing);
  CHECK(rapport::kendall_w(same).error().code == errc::too_few_levels);
  same(0, 2) = std::numeric_limits<double>::infinity();
  CHECK(rapport::kendall_w(same).error().code == errc::not_finite);
}

TEST_CASE("limits of agreement: formulas, and how often their intervals hold the truth", "[bland_altman]") {
  rapport::random_stream random(6);
  int covered = 0;
  constexpr int n_samples = 2000;
  const double true_lower = 0.5 - 1.959963984540054;
  for (int s = 0; s < n_samples; ++s) {
    std::vector<double> a(40);
    std::vector<double> b(40);
    for (std::size_t i = 0; i < 40; ++i) {
      a[i] = 5 * random.normal();
      b[i] = a[i] + 0.5 + random.normal();
    }
    const auto found = rapport::bland_altman<double>(a, b).value();
    covered += found.lower.interval.contains(true_lower);
    if (s > 0) continue;
    double mean = 0;
    for (std::size_t i = 0; i < 40; ++i) mean += (b[i] - a[i]) / 40;
    double squares = 0;
    for (std::size_t i = 0; i < 40; ++i) squares += std::pow(b[i] - a[i] - mean, 2);
    const double sd = std::sqrt(squares / 39);
    CHECK_CLOSE(found.bias.estimate, mean, 1e-12);
    CHECK_CLOSE(found.sd, sd, 1e-12);
    CHECK_CLOSE(found.upper.estimate, mean + 1.959963984540054 * sd, 1e-12);
    const double z2 = 1.959963984540054 * 1.959963984540054;
    CHECK_CLOSE(*found.upper.standard_error, sd * std::sqrt(1.0 / 40 + z2 / 78), 1e-12);
    REQUIRE(found.slope);
    double residual_at_mean = *found.intercept;
    for (std::size_t i = 0; i < 40; ++i) residual_at_mean += found.slope->estimate * (a[i] + b[i]) / 80;
    CHECK_CLOSE(residual_at_mean, mean, 1e-11, 1e-12);  // the line passes through the means
  }
  // 95 % of 2000 is 1900, standard error 9.7; the interval is approximate: a little more than four of them.
  CHECK(covered > 1850);
  CHECK(covered < 1950);
}

TEST_CASE("limits of agreement at their limits", "[bland_altman]") {
  const std::vector<double> a = {1, 2, 3, missing};
  const std::vector<double> b = {2, 3, 4, 5};
  const auto found = rapport::bland_altman<double>(a, b).value();
  CHECK(found.n == 3);
  CHECK(found.n_incomplete == 1);
  CHECK(found.sd == 0);
  CHECK(found.lower.estimate == 1);
  CHECK(found.slope->estimate == 0);
  const std::vector<double> flat = {2, 2, 2, 2};
  CHECK_FALSE(rapport::bland_altman<double>(flat, flat)->slope);
  CHECK(rapport::bland_altman<double>(a, flat, {.coverage = 1}).error().code == errc::invalid_option);
  CHECK(rapport::bland_altman<double>(a, flat, {.level = 0}).error().code == errc::invalid_option);
  CHECK(rapport::bland_altman<double>(a, std::span(flat).first(2)).error().code == errc::size_mismatch);
  CHECK(rapport::bland_altman<double>(std::span(a).first(1), std::span(b).first(1)).error().code == errc::too_few_rows);
}
