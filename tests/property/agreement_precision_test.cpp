// SPDX-License-Identifier: BSL-1.0
// Mean squares and intraclass correlations in double against fifty digits, on random tables and on nasty ones.
#include "rapport_test.hpp"

#include <boost/multiprecision/cpp_bin_float.hpp>
#include <boost/multiprecision/eigen.hpp>

#include <rapport/reliability/icc.hpp>

namespace rp = rapport;

using big = boost::multiprecision::cpp_bin_float_50;

namespace {

Eigen::MatrixXd ratings(rapport::random_stream& random, rp::index n, rp::index k, double spread, double noise) {
  Eigen::MatrixXd x(n, k);
  for (rp::index i = 0; i < n; ++i) {
    const double target = spread * random.normal();
    for (rp::index j = 0; j < k; ++j) x(i, j) = target + 0.3 * static_cast<double>(j) + noise * random.normal();
  }
  return x;
}

}  // namespace

TEST_CASE("intraclass correlations in double agree with fifty digits", "[precision]") {
  rapport::random_stream random(17);
  for (int s = 0; s < 300; ++s) {
    const auto x = ratings(random, 2 + random.below(30), 2 + random.below(7), 1, 1);
    const auto in_double = rapport::estimate_icc(x).value();
    const auto in_big = rapport::estimate_icc(x.cast<big>().eval()).value();
    for (const auto form : rapport::all_icc_forms) {
      REQUIRE(in_double.of(form).has_value() == in_big.of(form).has_value());
      // A difference of mean squares near each other: absolute, in units of the larger.
      if (in_double.of(form)) CHECK_CLOSE(*in_double.of(form), *in_big.of(form), 1e-12, 1e-12);
    }
  }
}

TEST_CASE("a large mean, a tiny spread and raters who nearly agree cost few digits", "[precision]") {
  rapport::random_stream random(18);
  for (int kind = 0; kind < 20; ++kind) {
    Eigen::MatrixXd x = ratings(random, 40 + 300 * (kind % 2), 4, 1, kind % 5 == 0 ? 1e-5 : 1);
    if (kind % 5 == 1) x.array() += 1e8;
    if (kind % 5 == 2) x *= 1e-9;
    if (kind % 5 == 3) x.array() -= 1e5;
    if (kind % 5 == 4) x *= 1e9;
    const auto in_double = rapport::estimate_icc(x).value();
    const auto in_big = rapport::estimate_icc(x.cast<big>().eval()).value();
    for (const auto form : rapport::all_icc_forms) CHECK_CLOSE(*in_double.of(form), *in_big.of(form), 1e-13);
    // Residuals of 1e-5 beside targets of 1 have 11 digits left; the others nearly all.
    CHECK_CLOSE(in_double.anova.residual.mean_square, in_big.anova.residual.mean_square, kind % 5 == 0 ? 1e-10 : 1e-13);
  }
}

TEST_CASE("intraclass correlations in float have float's digits", "[precision]") {
  rapport::random_stream random(19);
  const auto x = ratings(random, 50, 5, 1, 1);
  const auto in_double = rapport::estimate_icc(x).value();
  const auto in_float = rapport::estimate_icc(x.cast<float>().eval()).value();
  for (const auto form : rapport::all_icc_forms) CHECK_CLOSE(*in_float.of(form), *in_double.of(form), 1e-5);
}
