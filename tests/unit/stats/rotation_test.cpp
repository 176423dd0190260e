// SPDX-License-Identifier: BSL-1.0
// Rotations against finite differences, simple structure that is there, and many random turns; omega hierarchical.
#include "rapport_test.hpp"

#include <Eigen/LU>

namespace rp = rapport;

using rapport::errc;
using rapport::stats::matrix;
using rapport::stats::rotation_method;
using rapport::stats::vector;

namespace {

/// Loadings with simple structure but for a little noise: item i on factor i % m.
matrix<double> simple_structure(std::uint64_t seed, rp::index k, rp::index m, double noise) {
  rapport::random_stream random(seed);
  matrix<double> l(k, m);
  for (rp::index i = 0; i < k; ++i) {
    for (rp::index f = 0; f < m; ++f)
      l(i, f) = (i % m == f ? 0.8 - 0.03 * static_cast<double>(i) : 0) + noise * random.normal();
  }
  return l;
}

/// A random orthogonal matrix.
matrix<double> turn(std::uint64_t seed, rp::index m) {
  return rapport::stats::detail::starting_transform(matrix<double>(matrix<double>::Identity(m, m)),
                                                    static_cast<int>(seed) + 2);
}

double varimax_value(const matrix<double>& l) {
  double sum = 0;
  for (rp::index f = 0; f < l.cols(); ++f) {
    const vector<double> s = l.col(f).array().square();
    sum += (s.array() - s.mean()).square().sum();
  }
  return sum;
}

}  // namespace

TEST_CASE("varimax: no turn of the normalized loadings is better", "[rotation]") {
  const matrix<double> l = simple_structure(1, 9, 3, 0.1) * turn(1, 3);
  const auto r = rapport::stats::rotate(l, {.method = rotation_method::varimax}).value();
  // Orthogonal: the communalities and the reproduced correlations stay.
  CHECK((r.loadings * r.loadings.transpose() - l * l.transpose()).cwiseAbs().maxCoeff() < 1e-12);
  CHECK(r.factor_correlation == matrix<double>::Identity(3, 3));
  const matrix<double> normalized = r.loadings.rowwise().normalized();
  const double best = varimax_value(normalized);
  for (rp::index a = 0; a < 3; ++a) {
    for (rp::index b = 0; b < 3; ++b) {
      if (a == b) continue;
      for (const double angle : {1e-4, 0.01, 0.3, 0.7}) {
        matrix<double> other = normalized;
        other.col(a) = std::cos(angle) * normalized.col(a) + std::sin(angle) * normalized.col(b);
        other.col(b) = std::cos(angle) * normalized.col(b) - std::sin(angle) * normalized.col(a);
        CHECK(varimax_value(other) <= best + 1e-12);
      }
    }
  }
}

TEST_CASE("the gradients of the oblique criteria are finite differences", "[rotation]") {
  const matrix<double> l = simple_structure(2, 7, 3, 0.2);
  for (const auto method : {rotation_method::oblimin, rotation_method::geomin}) {
    matrix<double> gradient;
    matrix<double> unused;
    const double value = rapport::stats::detail::rotation_criterion(method, l, gradient);
    CHECK(value > 0);
    for (rp::index i = 0; i < l.size(); ++i) {
      matrix<double> up = l;
      matrix<double> down = l;
      up(i) += 1e-5;
      down(i) -= 1e-5;
      const double difference = (rapport::stats::detail::rotation_criterion(method, up, unused) -
                                 rapport::stats::detail::rotation_criterion(method, down, unused)) /
                                2e-5;
      CHECK_CLOSE(gradient(i), difference, 1e-6, 1e-8);
    }
  }
  // Quartimin as it is written: half the sum over pairs of columns of products of squares.
  double by_pairs = 0;
  for (rp::index a = 0; a < 3; ++a) {
    for (rp::index b = 0; b < a; ++b) by_pairs += (l.col(a).array().square() * l.col(b).array().square()).sum() / 2;
  }
  matrix<double> unused;
  CHECK_CLOSE(rapport::stats::detail::rotation_criterion(rotation_method::oblimin, l, unused), by_pairs, 1e-12);
}

TEST_CASE("oblique rotations find the structure that was turned away, and its factor correlations", "[rotation]") {
  matrix<double> phi(3, 3);
  phi << 1, 0.4, 0.3, 0.4, 1, 0.5, 0.3, 0.5, 1;
  const matrix<double> pattern = simple_structure(3, 12, 3, 0);
  const matrix<double> root = phi.llt().matrixL();
  const matrix<double> unrotated = pattern * root * turn(4, 3);
  for (const auto method : {rotation_method::oblimin, rotation_method::geomin}) {
    const auto r = rapport::stats::rotate(unrotated, {.method = method}).value();
    CHECK(r.converged);
    // Quartimin of perfect structure is zero; geomin's offset pulls it aside by a little.
    const double near = method == rotation_method::oblimin ? 1e-6 : 0.03;
    CHECK((r.loadings - pattern).cwiseAbs().maxCoeff() < near);
    CHECK((r.factor_correlation - phi).cwiseAbs().maxCoeff() < near);
    const matrix<double> same = r.loadings * r.factor_correlation * r.loadings.transpose();
    CHECK((same - unrotated * unrotated.transpose()).cwiseAbs().maxCoeff() < 1e-10);
  }
  const auto promax = rapport::stats::rotate(unrotated, {.method = rotation_method::promax}).value();
  CHECK((promax.loadings - pattern).cwiseAbs().maxCoeff() < 0.15);
  const matrix<double> same = promax.loadings * promax.factor_correlation * promax.loadings.transpose();
  CHECK((same - unrotated * unrotated.transpose()).cwiseAbs().maxCoeff() < 1e-10);
  CHECK((promax.factor_correlation.diagonal().array() - 1).abs().maxCoeff() < 1e-12);
}

TEST_CASE("more starts never give a higher criterion, and the turn given does not matter", "[rotation]") {
  for (std::uint64_t seed = 0; seed < 5; ++seed) {
    const matrix<double> l = simple_structure(seed + 20, 8, 3, 0.3);
    for (const auto method : {rotation_method::oblimin, rotation_method::geomin}) {
      const double one = rapport::stats::rotate(l, {.method = method, .starts = 1})->criterion;
      const double many = rapport::stats::rotate(l, {.method = method})->criterion;
      CHECK(many <= one + 1e-9);
      const auto turned = rapport::stats::rotate(matrix<double>(l * turn(seed, 3)), {.method = method, .starts = 20});
      const auto same = rapport::stats::rotate(l, {.method = method, .starts = 20});
      CHECK_CLOSE(turned->criterion, same->criterion, 1e-7);
    }
  }
}

TEST_CASE("rotation refuses what it cannot use", "[rotation]") {
  matrix<double> l = simple_structure(5, 6, 2, 0.1);
  l.col(1) = 2 * l.col(0);
  CHECK(rapport::stats::rotate(l).error().code == errc::not_positive_definite);
  CHECK(rapport::stats::rotate(matrix<double>(6, 0)).error().code == errc::too_few_columns);
  l(0, 0) = std::numeric_limits<double>::quiet_NaN();
  CHECK(rapport::stats::rotate(l).error().code == errc::not_finite);
  CHECK(rapport::stats::rotate(simple_structure(5, 6, 2, 0.1), {.starts = 0}).error().code == errc::invalid_option);
  const auto one = rapport::stats::rotate(matrix<double>(-simple_structure(5, 6, 1, 0))).value();
  CHECK(one.loadings.minCoeff() > 0);
}

TEST_CASE("omega hierarchical of an exact bifactor structure", "[omega_hierarchical]") {
  // Three group factors that load .8, .7, .6 on a general one: everything is known.
  const vector<double> second = (vector<double>(3) << 0.8, 0.7, 0.6).finished();
  const matrix<double> pattern = simple_structure(0, 12, 3, 0);
  matrix<double> phi = second * second.transpose();
  phi.diagonal().setOnes();
  rapport::stats::covariance_estimate<double> c;
  c.covariance = pattern * phi * pattern.transpose();
  const vector<double> communality = c.covariance.diagonal();
  c.covariance.diagonal().setOnes();
  c.n_rows = c.n_complete = 500;
  const double total = c.covariance.sum();
  for (const auto method :
       {rapport::stats::factor_method::minimum_residual, rapport::stats::factor_method::maximum_likelihood}) {
    const auto w = rapport::omega_hierarchical(c, {.method = method}).value();
    const vector<double> general = pattern * second;
    CHECK_CLOSE(w.omega_hierarchical, general.sum() * general.sum() / total, 1e-5);
    CHECK_CLOSE(w.omega_total, 1 - (12 - communality.sum()) / total, 1e-7);
    CHECK_CLOSE(w.explained_common_variance, general.squaredNorm() / communality.sum(), 1e-5);
    CHECK(w.notes.empty());
  }
  const auto two = rapport::omega_hierarchical(c, {.n_factors = 2}).value();
  CHECK(two.notes[0].find("with two factors") == 0);
  CHECK(two.second_order(0) == two.second_order(1));
  CHECK(rapport::omega_hierarchical(c, {.n_factors = 1}).error().code == errc::too_many_factors);
  CHECK(rapport::omega_hierarchical(c, {.rotation = {.method = rotation_method::varimax}}).error().code ==
        errc::invalid_option);
}
