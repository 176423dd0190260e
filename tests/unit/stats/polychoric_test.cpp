// SPDX-License-Identifier: BSL-1.0
// Polychoric correlations against numerical integration, a likelihood searched by brute force, and simulated truth.
#include "rapport_test.hpp"

namespace rp = rapport;

using rapport::errc;
using rapport::stats::bivariate_normal_cdf;
using rapport::stats::matrix;
using rapport::stats::missing_cells;
using rapport::stats::vector;

namespace {

double upper_tail(double z) { return 0.5 * std::erfc(z / std::sqrt(2.0)); }

/// P(X <= x, Y <= y) by Simpson's rule over x of the density times the conditional probability.
double naive_cdf(double x, double y, double rho) {
  constexpr int n = 4000;
  const double low = -9;
  if (x <= low) return 0;
  const double h = (x - low) / n;
  double sum = 0;
  for (int i = 0; i <= n; ++i) {
    const double t = low + i * h;
    const double weight = i == 0 || i == n ? 1 : i % 2 == 1 ? 4 : 2;
    sum += weight * std::exp(-t * t / 2) * upper_tail(-(y - rho * t) / std::sqrt(1 - rho * rho));
  }
  return sum * h / 3 / std::sqrt(2 * 3.141592653589793);
}

/// Answers from 1 to 4 of two or more normal variables that correlate rho through one factor.
matrix<double> ordinal(std::uint64_t seed, rp::index n, rp::index k, double rho) {
  rapport::random_stream random(seed);
  matrix<double> x(n, k);
  for (rp::index i = 0; i < n; ++i) {
    const double factor = random.normal();
    for (rp::index j = 0; j < k; ++j) {
      const double y = std::sqrt(rho) * factor + std::sqrt(1 - rho) * random.normal();
      x(i, j) = 1 + (y > -0.8 ? 1 : 0) + (y > 0.3 ? 1 : 0) + (y > 1.4 ? 1 : 0);
    }
  }
  return x;
}

}  // namespace

TEST_CASE("the bivariate normal distribution is its integral", "[bivariate_normal]") {
  for (const double x : {-2.5, -0.7, 0.0, 0.4, 3.0}) {
    for (const double y : {-1.9, -0.3, 0.0, 0.4, 2.2}) {
      for (const double rho : {-0.95, -0.4, 0.0, 0.3, 0.8, 0.99}) {
        INFO(x << " " << y << " " << rho);
        CHECK_CLOSE(bivariate_normal_cdf(x, y, rho), naive_cdf(x, y, rho), 0, 1e-11);
        CHECK_CLOSE(bivariate_normal_cdf(x, y, rho), bivariate_normal_cdf(y, x, rho), 0, 1e-15);
      }
      CHECK_CLOSE(bivariate_normal_cdf(x, y, 1.0), upper_tail(-std::min(x, y)), 1e-13, 1e-15);
      CHECK_CLOSE(bivariate_normal_cdf(x, y, -1.0), std::max(0.0, upper_tail(-x) - upper_tail(y)), 1e-12, 1e-15);
    }
    const double infinity = std::numeric_limits<double>::infinity();
    CHECK_CLOSE(bivariate_normal_cdf(x, infinity, 0.5), upper_tail(-x), 1e-14);
    CHECK(bivariate_normal_cdf(x, -infinity, 0.5) == 0);
  }
  CHECK_CLOSE(bivariate_normal_cdf(0.0, 0.0, 0.5), 1.0 / 3, 1e-15);
  const double h = 1e-4;
  CHECK_CLOSE(rapport::stats::bivariate_normal_density(0.3, -0.6, 0.4),
              (naive_cdf(0.3, -0.6, 0.4 + h) - naive_cdf(0.3, -0.6, 0.4 - h)) / (2 * h), 1e-6);
}

TEST_CASE("the correlation found maximises the likelihood, searched by hand", "[polychoric]") {
  const auto x = ordinal(1, 300, 2, 0.5);
  const auto p = rapport::stats::polychoric(x).value();
  double counts[4][4] = {};
  for (rp::index i = 0; i < 300; ++i) counts[static_cast<int>(x(i, 0)) - 1][static_cast<int>(x(i, 1)) - 1] += 1;
  const auto log_likelihood = [&](double rho) {
    const auto edge = [&](const vector<double>& t, int at) { return at == 0 ? -9.0 : at == 4 ? 9.0 : t(at - 1); };
    double sum = 0;
    for (int a = 0; a < 4; ++a) {
      for (int b = 0; b < 4; ++b) {
        if (counts[a][b] == 0) continue;
        const double x0 = edge(p.thresholds[0], a);
        const double x1 = edge(p.thresholds[0], a + 1);
        const double y0 = edge(p.thresholds[1], b);
        const double y1 = edge(p.thresholds[1], b + 1);
        sum += counts[a][b] * std::log(naive_cdf(x1, y1, rho) - naive_cdf(x0, y1, rho) - naive_cdf(x1, y0, rho) +
                                       naive_cdf(x0, y0, rho));
      }
    }
    return sum;
  };
  double low = 0;
  double high = 0.95;
  for (int step = 0; step < 40; ++step) {  // golden section
    const double a = high - 0.6180339887498949 * (high - low);
    const double b = low + 0.6180339887498949 * (high - low);
    (log_likelihood(a) < log_likelihood(b) ? low : high) = log_likelihood(a) < log_likelihood(b) ? a : b;
  }
  CHECK_CLOSE(p.correlation(0, 1), (low + high) / 2, 0, 1e-6);  // the top of a parabola is flat to half the digits
  // The thresholds cut the normal distribution at the cumulative shares.
  double below = 0;
  for (rp::index c = 0; c < 3; ++c) {
    below += static_cast<double>((x.col(0).array() == static_cast<double>(c + 1)).count());
    CHECK_CLOSE(upper_tail(-p.thresholds[0](c)), below / 300, 1e-12);
  }
}

TEST_CASE("polychoric correlations find what lies behind, and their standard errors the spread", "[polychoric]") {
  double mean = 0;
  double squares = 0;
  double variance = 0;
  constexpr int n_samples = 300;
  for (int s = 0; s < n_samples; ++s) {
    const auto p = rapport::stats::polychoric(ordinal(static_cast<std::uint64_t>(50 + s), 400, 2, 0.5)).value();
    mean += p.correlation(0, 1) / n_samples;
    squares += p.correlation(0, 1) * p.correlation(0, 1) / n_samples;
    variance += p.sampling_variance(0, 1) / n_samples;
  }
  CHECK_CLOSE(mean, 0.5, 0, 0.01);  // SE of the mean .0025
  CHECK_CLOSE(std::sqrt(variance), std::sqrt(squares - mean * mean), 0.12);
}

TEST_CASE("the sign, the order of items and the numbers given to categories do not matter", "[polychoric]") {
  auto x = ordinal(3, 200, 3, 0.4);
  const auto p = rapport::stats::polychoric(x).value();
  matrix<double> other = x.rowwise().reverse();
  other = other.array().square();  // 1, 4, 9, 16
  other.col(0) *= -1;
  const auto q = rapport::stats::polychoric(other).value();
  CHECK_CLOSE(q.correlation(0, 1), -p.correlation(2, 1), 1e-11);
  CHECK_CLOSE(q.correlation(1, 2), p.correlation(0, 1), 1e-11);
}

TEST_CASE("empty cells and unequal categories follow the written rule", "[polychoric]") {
  matrix<double> x(8, 2);
  x << 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 0, 0, 1, 1, 1, 1;  // both cells off the diagonal are empty
  const auto p = rapport::stats::polychoric(x).value();
  CHECK_CLOSE(p.correlation(0, 1), 1 - 1e-6, 0, 1e-7);
  REQUIRE(p.at_bound.size() == 1);
  CHECK(p.at_bound[0] == std::pair<rp::index, rp::index>(0, 1));
  auto y = ordinal(4, 150, 2, 0.4);
  for (rp::index i = 0; i < 150; ++i) y(i, 1) = y(i, 1) > 2 ? 1 : 0;
  const auto q = rapport::stats::polychoric(y).value();
  CHECK(q.categories[0].size() == 4);
  CHECK(q.categories[1].size() == 2);
  CHECK(q.at_bound.empty());
  CHECK(q.correlation(0, 1) > 0.1);
}

TEST_CASE("missing answers pair by pair, and complete rows alone", "[polychoric]") {
  auto x = ordinal(5, 120, 3, 0.5);
  for (rp::index i = 0; i < 120; i += 6) x(i, 2) = std::numeric_limits<double>::quiet_NaN();
  const auto pairwise = rapport::stats::polychoric(x).value();
  const auto listwise = rapport::stats::polychoric(x, missing_cells::listwise).value();
  CHECK(pairwise.n_pair(0, 1) == 120);
  CHECK(pairwise.n_pair(0, 2) == 100);
  CHECK_CLOSE(pairwise.correlation(0, 1), rapport::stats::polychoric(x.leftCols(2))->correlation(0, 1), 1e-14);
  CHECK_CLOSE(pairwise.correlation(1, 2), listwise.correlation(1, 2), 1e-12);
}

TEST_CASE("polychoric correlations refuse what they cannot use", "[polychoric]") {
  auto x = ordinal(6, 50, 3, 0.5);
  x.col(1).setConstant(2);
  CHECK(rapport::stats::polychoric(x).error().code == errc::zero_variance);
  CHECK(rapport::stats::polychoric(x).error().column == 1);
  for (rp::index i = 0; i < 50; ++i) x(i, 1) = static_cast<double>(i);
  CHECK(rapport::stats::polychoric(x).error().code == errc::too_many_categories);
  x(0, 0) = std::numeric_limits<double>::infinity();
  CHECK(rapport::stats::polychoric(x).error().code == errc::not_finite);
}

TEST_CASE("ordinal alpha and categorical omega", "[ordinal]") {
  const auto x = ordinal(7, 400, 5, 0.5);
  const auto p = rapport::stats::polychoric(x).value();
  const double r = (p.correlation.sum() - 5) / 20;
  CHECK_CLOSE(rapport::ordinal_alpha(p).value(), 5 * r / (1 + 4 * r), 1e-12);
  const auto w = rapport::categorical_omega(p).value();
  CHECK(w.notes.empty());
  CHECK(w.solution.gradient_norm < 1e-9);
  // The covariance of two answers that the thresholds imply is that of many simulated ones.
  const auto many = ordinal(8, 200000, 2, 0.5);
  const auto c = rapport::stats::covariance(many)->covariance;
  const vector<double> cuts = (vector<double>(3) << -0.8, 0.3, 1.4).finished();
  const vector<double> steps = vector<double>::Ones(3);
  CHECK_CLOSE(rapport::detail::categorical_covariance<double>(cuts, steps, cuts, steps, 0.5), c(0, 1), 0.02);
  CHECK_CLOSE(rapport::detail::categorical_covariance<double>(cuts, steps, cuts, steps, 1.0), c(0, 0), 0.02);
  // Omega of the sum of answers lies near their alpha and below the ordinal one.
  CHECK_CLOSE(w.omega, rapport::cronbach_alpha(rapport::stats::covariance(x).value())->estimate, 0, 0.01);
  CHECK(w.omega < rapport::ordinal_alpha(p).value());
  CHECK(rapport::categorical_omega(rapport::stats::polychoric(x.leftCols(2)).value()).error().code ==
        errc::too_few_columns);
}
