// SPDX-License-Identifier: BSL-1.0
// Factor analysis against the EM algorithm, finite differences, exact models, and degenerate matrices.
#include "rapport_test.hpp"

#include <Eigen/Dense>

namespace rp = rapport;

using rapport::errc;
using rapport::stats::factor_method;
using rapport::stats::factor_status;
using rapport::stats::matrix;
using rapport::stats::vector;

namespace {

/// Covariances of n persons on k items with m factors; item j loads mainly on factor j % m.
matrix<double> sample_covariance(std::uint64_t seed, rp::index n, rp::index k, rp::index m) {
  rapport::random_stream random(seed);
  matrix<double> x(n, k);
  for (rp::index i = 0; i < n; ++i) {
    vector<double> f(m);
    for (rp::index t = 0; t < m; ++t) f(t) = random.normal();
    for (rp::index j = 0; j < k; ++j) {
      const double sum = 0.3 * f.sum() + 0.7 * f(j % m);
      x(i, j) =
          (1 + 0.3 * static_cast<double>(j)) * (sum + (0.6 + 0.05 * static_cast<double>(j % 5)) * random.normal());
    }
  }
  return rapport::stats::covariance(x)->covariance;
}

matrix<double> correlation(const matrix<double>& c) { return rapport::stats::correlation_from_covariance(c).value(); }

double discrepancy(const matrix<double>& implied, const matrix<double>& c) {
  const matrix<double> ratio = implied.ldlt().solve(c);
  return ratio.trace() - std::log(ratio.determinant()) - static_cast<double>(c.rows());
}

/// Maximum likelihood by the EM algorithm: slow, and it shares nothing with Newton's method.
struct naive_em {
  matrix<double> loadings;
  vector<double> uniqueness;

  naive_em(const matrix<double>& r, rp::index m) : loadings(r.rows(), m), uniqueness(r.rows()) {
    const auto k = r.rows();
    uniqueness.setConstant(0.5);
    for (rp::index i = 0; i < k; ++i) {
      for (rp::index f = 0; f < m; ++f) loadings(i, f) = 0.3 + 0.4 * std::cos(static_cast<double>(i * (f + 1)));
    }
    for (int step = 0; step < 60000; ++step) {
      const matrix<double> implied = loadings * loadings.transpose() + matrix<double>(uniqueness.asDiagonal());
      const matrix<double> beta = loadings.transpose() * implied.inverse();
      const matrix<double> factor_moments =
          matrix<double>::Identity(m, m) - beta * loadings + beta * r * beta.transpose();
      loadings = r * beta.transpose() * factor_moments.inverse();
      uniqueness = (r - loadings * beta * r).diagonal();
    }
  }
};

}  // namespace

TEST_CASE("one factor by Newton is one factor by EM", "[factor_analysis]") {
  for (const rp::index k : {3, 5, 12}) {
    const matrix<double> c = sample_covariance(static_cast<std::uint64_t>(k), 300, k, 1);
    const naive_em naive(correlation(c), 1);
    const auto f = rapport::stats::fit_one_factor(c).value();
    CHECK(f.status == factor_status::converged);
    CHECK(f.gradient_norm < 1e-9);
    const vector<double> sd = c.diagonal().cwiseSqrt();
    const double sign = naive.loadings.sum() < 0 ? -1 : 1;
    for (rp::index j = 0; j < k; ++j) {
      // EM creeps towards the optimum; 60000 steps leave it within 1e-8.
      CHECK_CLOSE(f.loadings(j, 0) / sd(j), sign * naive.loadings(j, 0), 1e-7);
      CHECK_CLOSE(f.uniqueness(j) / c(j, j), naive.uniqueness(j), 1e-7);
    }
    CHECK_CLOSE(f.objective, discrepancy(f.implied(), c), 1e-9, 1e-12);
  }
}

TEST_CASE("one factor: the special solution is the general one", "[factor_analysis]") {
  const matrix<double> c = sample_covariance(21, 150, 8, 2);
  const auto special = rapport::stats::fit_one_factor(correlation(c)).value();
  const auto general = rapport::stats::extract_factors(c, 1).value();
  for (rp::index j = 0; j < 8; ++j) CHECK_CLOSE(special.loadings(j, 0), general.loadings(j, 0), 1e-9);
  CHECK_CLOSE(special.objective, general.objective, 1e-11);
}

TEST_CASE("several factors by maximum likelihood are those of EM", "[factor_analysis]") {
  const matrix<double> c = sample_covariance(4, 400, 9, 3);
  const naive_em naive(correlation(c), 3);
  const auto f = rapport::stats::extract_factors(c, 3).value();
  CHECK(f.status == factor_status::converged);
  const matrix<double> same = naive.loadings * naive.loadings.transpose();
  const matrix<double> found = f.loadings * f.loadings.transpose();
  CHECK((same - found).cwiseAbs().maxCoeff() < 1e-6);
  CHECK((naive.uniqueness - f.uniqueness).cwiseAbs().maxCoeff() < 1e-6);
  // Canonical axes: L' psi^-1 L is diagonal and falls.
  const matrix<double> j = f.loadings.transpose() * f.uniqueness.cwiseInverse().asDiagonal() * f.loadings;
  CHECK(std::fabs(j(0, 1)) < 1e-9);
  CHECK(j(0, 0) > j(1, 1));
  CHECK(j(1, 1) > j(2, 2));
}

TEST_CASE("gradients and Hessians of the objectives are their finite differences", "[factor_analysis]") {
  const matrix<double> r = correlation(sample_covariance(5, 100, 7, 2));
  const auto check = [&](const auto& objective, const vector<double>& x) {
    rapport::stats::second_order<double> at;
    rapport::stats::second_order<double> up;
    rapport::stats::second_order<double> down;
    objective(x, at);
    for (rp::index i = 0; i < x.size(); ++i) {
      const double h = 1e-5;
      vector<double> y = x;
      y(i) += h;
      objective(y, up);
      y(i) -= 2 * h;
      objective(y, down);
      // Central differences: h^2 and eps / h, both near 1e-10 of terms of order one.
      CHECK_CLOSE(at.gradient(i), (up.value - down.value) / (2 * h), 1e-6, 1e-8);
      for (rp::index k = 0; k < x.size(); ++k)
        CHECK_CLOSE(at.hessian(k, i), (up.gradient(k) - down.gradient(k)) / (2 * h), 1e-6, 1e-7);
    }
  };
  vector<double> psi(7);
  psi << 0.4, 0.5, 0.3, 0.6, 0.45, 0.7, 0.35;
  for (const rp::index m : {1, 2, 3}) {
    check(rapport::stats::detail::maximum_likelihood_objective<double>(r, m), vector<double>(psi.array().log()));
    check(rapport::stats::detail::minimum_residual_objective<double>(r, m), psi);
  }
}

TEST_CASE("minimum residual and principal axis meet, and no direction lowers the residuals", "[factor_analysis]") {
  const matrix<double> c = sample_covariance(6, 250, 8, 2);
  const matrix<double> r = correlation(c);
  const auto minres = rapport::stats::extract_factors(c, 2, {.method = factor_method::minimum_residual}).value();
  const auto axis = rapport::stats::extract_factors(c, 2, {.method = factor_method::principal_axis}).value();
  CHECK(minres.status == factor_status::converged);
  CHECK(axis.status == factor_status::converged);
  CHECK((minres.loadings - axis.loadings).cwiseAbs().maxCoeff() < 1e-7);
  const auto residual = [&](const matrix<double>& l) {
    matrix<double> e = r - l * l.transpose();
    e.diagonal().setZero();
    return e.squaredNorm() / 2;
  };
  CHECK_CLOSE(minres.objective, residual(minres.loadings), 1e-10);
  for (rp::index i = 0; i < 8; ++i) {
    for (rp::index f = 0; f < 2; ++f) {
      for (const double h : {1e-4, -1e-4}) {
        matrix<double> l = minres.loadings;
        l(i, f) += h;
        CHECK(residual(l) >= minres.objective);
      }
    }
  }
}

TEST_CASE("a model that holds exactly is found exactly", "[factor_analysis]") {
  vector<double> l(6);
  l << 0.9, 0.8, 0.7, 0.6, 0.5, 0.4;
  matrix<double> r = l * l.transpose();
  r.diagonal().setOnes();
  const auto f = rapport::stats::fit_one_factor(r).value();
  CHECK(f.objective < 1e-14);
  for (rp::index j = 0; j < 6; ++j) CHECK_CLOSE(f.loadings(j, 0), l(j), 1e-9);
  const auto fit = rapport::stats::compute_fit_indices<double>(f.implied(), r, 100, 9, 1,
                                                               rapport::stats::fit_convention::confirmatory)
                       .value();
  CHECK(fit.chi_square < 1e-10);
  CHECK(fit.rmsea == 0);
  CHECK(*fit.cfi == 1);
  CHECK(fit.srmr < 1e-9);
}

TEST_CASE("a Heywood case stops at its bound and is named", "[factor_analysis]") {
  // One factor with these correlations would need a loading of .72 .72 / .4 = 1.14 squared.
  matrix<double> r(3, 3);
  r << 1, 0.72, 0.72, 0.72, 1, 0.4, 0.72, 0.4, 1;
  const auto f = rapport::stats::fit_one_factor(r).value();
  CHECK(f.status == factor_status::heywood);
  CHECK(f.heywood_items == std::vector<rp::index>{0});
  CHECK_CLOSE(f.uniqueness(0), 0.005, 1e-12);
  CHECK(f.gradient_norm < 1e-9);
  for (const auto method :
       {factor_method::maximum_likelihood, factor_method::minimum_residual, factor_method::principal_axis}) {
    const auto g = rapport::stats::extract_factors(r, 1, {.method = method}).value();
    CHECK(g.status == factor_status::heywood);
    CHECK(g.heywood_items == std::vector<rp::index>{0});
  }
  // The bound is the caller's to set.
  CHECK_CLOSE(rapport::stats::fit_one_factor(r, 0.1)->uniqueness(0), 0.1, 1e-12);
}

TEST_CASE("factors do not depend on units or on the order of items", "[factor_analysis]") {
  const matrix<double> c = sample_covariance(8, 120, 6, 1);
  const auto f = rapport::stats::fit_one_factor(c).value();
  const matrix<double> turned = 4 * c.reverse();
  const auto g = rapport::stats::fit_one_factor(turned).value();
  for (rp::index j = 0; j < 6; ++j) CHECK_CLOSE(g.loadings(5 - j, 0), 2 * f.loadings(j, 0), 1e-10);
}

TEST_CASE("items that do not hang together, or only just, end somewhere and say where", "[factor_analysis]") {
  int ended = 0;
  for (std::uint64_t seed = 0; seed < 300; ++seed) {
    rapport::random_stream random(seed);
    matrix<double> x(12, 6);
    for (rp::index i = 0; i < x.size(); ++i) x(i) = std::floor(3 * random.uniform());
    const auto c = rapport::stats::covariance(x);
    const auto f = rapport::stats::fit_one_factor(c->covariance);
    if (!f) {
      CHECK((f.error().code == errc::zero_variance || f.error().code == errc::not_positive_definite));
      continue;
    }
    CHECK(f->loadings.allFinite());
    CHECK(f->uniqueness.minCoeff() > 0);
    CHECK(f->uniqueness.cwiseQuotient(vector<double>(c->covariance.diagonal())).maxCoeff() <= 1 + 1e-12);
    if (f->status != factor_status::not_converged) {
      ++ended;
      CHECK(f->gradient_norm < 1e-6);
    }
  }
  CHECK(ended > 290);
}

TEST_CASE("fit indices by their formulas", "[fit_indices]") {
  const matrix<double> c = sample_covariance(9, 200, 6, 2);
  const auto f = rapport::stats::fit_one_factor(c).value();
  const auto fit = rapport::stats::compute_fit_indices<double>(f.implied(), c, 200, 9, 1,
                                                               rapport::stats::fit_convention::confirmatory)
                       .value();
  const double chi = 200 * discrepancy(f.implied(), c);
  const double base = -200 * std::log(correlation(c).determinant());
  CHECK_CLOSE(fit.chi_square, chi, 1e-10);
  CHECK_CLOSE(fit.baseline_chi_square, base, 1e-10);
  CHECK_CLOSE(fit.rmsea, std::sqrt((chi - 9) / (9 * 200)), 1e-9);
  CHECK_CLOSE(*fit.tli, (base / 15 - chi / 9) / (base / 15 - 1), 1e-9);
  CHECK_CLOSE(*fit.cfi, 1 - (chi - 9) / (base - 15), 1e-9);
  CHECK_CLOSE(fit.bic, chi - 9 * std::log(200), 1e-9);
  CHECK(fit.rmsea_interval.lower < fit.rmsea);
  CHECK(fit.rmsea < fit.rmsea_interval.upper);
  // At the ends of the interval the chi-square found is the 95th and the 5th percentile.
  for (const auto& [end, p] : {std::pair(fit.rmsea_interval.lower, 0.95), std::pair(fit.rmsea_interval.upper, 0.05)}) {
    CHECK_CLOSE(rapport::stats::non_central_chi_squared_cdf(chi, 9.0, end * end * 9 * 200), p, 1e-9);
  }
  const auto exploratory = rapport::stats::compute_fit_indices<double>(f.implied(), c, 200, 9, 1,
                                                                       rapport::stats::fit_convention::exploratory)
                               .value();
  CHECK_CLOSE(exploratory.chi_square, (199 - 17.0 / 6 - 2.0 / 3) * chi / 200, 1e-10);
}

TEST_CASE("factor analysis refuses what it cannot use", "[factor_analysis]") {
  const matrix<double> c = sample_covariance(10, 60, 5, 1);
  CHECK(rapport::stats::extract_factors(c, 3).error().code == errc::too_many_factors);
  CHECK(rapport::stats::extract_factors(c, 0).error().code == errc::too_many_factors);
  CHECK(rapport::stats::fit_one_factor(matrix<double>(c.topLeftCorner(2, 2))).error().code == errc::too_few_columns);
  matrix<double> constant = c;
  constant.row(2).setZero();
  constant.col(2).setZero();
  CHECK(rapport::stats::fit_one_factor(constant).error().code == errc::zero_variance);
  CHECK(rapport::stats::fit_one_factor(constant).error().column == 2);
  matrix<double> singular = c;
  singular.row(4) = singular.row(3);
  singular.col(4) = singular.col(3);
  CHECK(rapport::stats::fit_one_factor(singular).error().code == errc::not_positive_definite);
  CHECK(rapport::stats::extract_factors(singular, 2).error().code == errc::not_positive_definite);
  matrix<double> unknown = c;
  unknown(1, 1) = std::numeric_limits<double>::quiet_NaN();
  CHECK(rapport::stats::fit_one_factor(unknown).error().code == errc::not_finite);
  CHECK(rapport::stats::fit_one_factor(c, 0.0).error().code == errc::invalid_option);
  CHECK(rapport::stats::extract_factors(c, 1, {.starts = 0}).error().code == errc::invalid_option);
  CHECK(rapport::stats::compute_fit_indices<double>(c, c, 1, 5, 1, rapport::stats::fit_convention::confirmatory)
            .error()
            .code == errc::too_few_rows);
}
