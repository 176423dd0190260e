// SPDX-License-Identifier: BSL-1.0
// The components work for other scalars, and fifty digits show how many of double's are right.
#include "rapport_test.hpp"

#include <boost/multiprecision/cpp_bin_float.hpp>
#include <boost/multiprecision/eigen.hpp>

#include "rounding.hpp"

namespace rp = rapport;

using big = boost::multiprecision::cpp_bin_float_50;

TEST_CASE("alpha in double agrees with fifty digits, also on nasty data", "[precision]") {
  for (int kind = 0; kind < 4; ++kind) {
    rapport::random_stream random(static_cast<std::uint64_t>(kind));
    Eigen::MatrixXd x(60, 4);
    for (rp::index i = 0; i < 60; ++i) {
      const double factor = random.normal();
      for (rp::index j = 0; j < 4; ++j) {
        const double answer = factor + (kind == 3 ? 1e-6 : 0.7) * random.normal();  // kind 3: items nearly alike
        x(i, j) = kind == 1 ? 1e6 + answer : kind == 2 ? 1e-8 * answer : answer;    // huge mean; tiny variance
      }
    }
    const rapport::alpha_options feldt{.interval = rapport::alpha_interval::feldt};
    const auto in_double = rapport::cronbach_alpha(x, feldt).value();
    const auto in_big = rapport::cronbach_alpha(x.cast<big>(), feldt).value();
    // A mean of 1e6 leaves 1e-10 of a deviation near 1 in the data themselves; both see the same data.
    CHECK_CLOSE(in_double.estimate, in_big.estimate, 1e-13);
    CHECK_CLOSE(in_double.interval.lower, in_big.interval.lower, 1e-11);
    const auto in_float = rapport::cronbach_alpha(x.cast<float>(), feldt);
    if (kind != 1) CHECK_CLOSE(in_float->estimate, in_double.estimate, 1e-4);  // float has 7 digits
  }
}

TEST_CASE("covariances, alpha, omega and intraclass correlations lose few of double's digits", "[precision]") {
  // tests/long/rounding does the same on a thousand data sets and prints the table of docs/accuracy.md.
  const auto check = [](const rounding::table& x) {
    for (const auto& [quantity, digits] : rounding::digits_lost<big>(x)) {
      INFO(quantity);
      if (quantity != "omega") CHECK(digits <= rounding::most_digits_lost);  // omega: see the line beyond its condition
    }
  };
  for (int number = 0; number < 30; ++number) {
    INFO("random table " << number);
    check(rounding::random_table(number));
  }
  for (int kind = 0; kind < rounding::n_nasty; ++kind) {
    INFO(rounding::nasty_name(kind));
    check(rounding::nasty_table(kind));
  }
}

TEST_CASE("the likelihood of a mixed model in double agrees with fifty digits", "[precision]") {
  rapport::stats::mixed_model_data<double> data;
  rapport::random_stream random(9);
  data.x.resize(40, 2);
  data.y.resize(40);
  for (rp::index i = 0; i < 40; ++i) {
    if (i % 5 == 0) data.cluster_begin.push_back(i);
    data.x.row(i) << 1, 19000 + static_cast<double>(i % 5);  // days since long ago
    data.y(i) = 1e4 + random.normal();
  }
  data.cluster_begin.push_back(40);
  data.z = data.x;
  rapport::stats::mixed_model_data<big> same;
  same.x = data.x.cast<big>();
  same.z = data.z.cast<big>();
  same.y = data.y.cast<big>();
  same.cluster_begin = data.cluster_begin;
  const auto in_double = rapport::stats::mixed_model_design<double>::make(data).value();
  const auto in_big = rapport::stats::mixed_model_design<big>::make(same).value();
  for (const double scale : {1e-6, 1.0, 1e6}) {
    const rapport::stats::small_matrix<double> g0 = scale * Eigen::Matrix2d::Identity();
    const auto a = rapport::stats::evaluate(in_double, g0, rapport::stats::likelihood::reml).value();
    const auto b = rapport::stats::evaluate<big>(in_big, g0.cast<big>(), rapport::stats::likelihood::reml).value();
    // The times share 4 of their digits with the intercept: 1e-11 of 16 digits is what is left after orthogonalizing.
    CHECK_CLOSE(a.deviance, b.deviance, 1e-11);
    CHECK_CLOSE(a.residual_var, b.residual_var, 1e-9);
  }
}
