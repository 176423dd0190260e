// SPDX-License-Identifier: BSL-1.0
// Generalizability: components that made the data, coefficients known from elsewhere, and the interval's coverage.
#include "rapport_test.hpp"

#include <rapport/reliability/generalizability.hpp>
#include <rapport/reliability/icc.hpp>

#include <vector>

namespace rp = rapport;

namespace {

using rapport::errc;
using rapport::g_design;
using rapport::stats::matrix;

/// Standard deviations of p, o, i, po, pi, oi and the rest.
struct spread {
  double p = 1, o = 0, i = 0.5, po = 0.6, pi = 0.4, oi = 0.2, e = 0.8;
};

matrix<double> scores(rapport::random_stream& random, rp::index np, rp::index no, rp::index ni, const spread& sd,
                      bool nested = false) {
  std::vector<double> o;
  std::vector<double> i;
  matrix<double> oi(no, ni);
  for (rp::index b = 0; b < no; ++b) o.push_back(sd.o * random.normal());
  for (rp::index c = 0; c < ni; ++c) i.push_back(sd.i * random.normal());
  for (rp::index b = 0; b < no; ++b) {
    for (rp::index c = 0; c < ni; ++c) oi(b, c) = sd.oi * random.normal();
  }
  matrix<double> x(np, no * ni);
  for (rp::index a = 0; a < np; ++a) {
    const double p = sd.p * random.normal();
    std::vector<double> pi;
    for (rp::index c = 0; c < ni; ++c) pi.push_back(sd.pi * random.normal());
    for (rp::index b = 0; b < no; ++b) {
      const double po = sd.po * random.normal();
      for (rp::index c = 0; c < ni; ++c) {
        const auto at = static_cast<std::size_t>(c);
        const double item = nested ? 0 : i[at] + pi[at];
        x(a, b * ni + c) = p + o[static_cast<std::size_t>(b)] + po + oi(b, c) + item + sd.e * random.normal();
      }
    }
  }
  return x;
}

}  // namespace

TEST_CASE("persons by items: E rho^2 is alpha, Phi is the agreement of raters", "[generalizability]") {
  rapport::random_stream random(1);
  const auto x = scores(random, 40, 1, 6, {});
  const auto study = rapport::generalizability_study(x, g_design::p_x_i).value();
  const auto same = rapport::decision_study(study, 6).value();
  CHECK_CLOSE(same.generalizability.estimate, rapport::cronbach_alpha(x)->estimate, 1e-12);
  CHECK_CLOSE(same.dependability.estimate, *rapport::estimate_icc(x)->of(rapport::icc_form::icc2k), 1e-12);
  const auto one = rapport::decision_study(study, 1).value();
  CHECK_CLOSE(one.dependability.estimate, *rapport::estimate_icc(x)->of(rapport::icc_form::icc2), 1e-12);
  CHECK_CLOSE(one.relative_error_sd, std::sqrt(study.component[2].variance), 1e-12);
  const auto twelve = rapport::decision_study(study, 12).value();
  const double r = same.generalizability.estimate;
  CHECK_CLOSE(twelve.generalizability.estimate, 2 * r / (1 + r), 1e-12);  // Spearman and Brown
  const auto nested = rapport::generalizability_study(x, g_design::i_in_p).value();
  CHECK_CLOSE(rapport::decision_study(nested, 6)->generalizability.estimate,
              *rapport::estimate_icc(x)->of(rapport::icc_form::icc1k), 1e-12);
  CHECK(rapport::decision_study(nested, 6)->dependability.estimate ==
        rapport::decision_study(nested, 6)->generalizability.estimate);
}

TEST_CASE("components find the variances that made the data, crossed and nested", "[generalizability]") {
  rapport::random_stream random(2);
  const spread sd{.o = 0.5};
  constexpr int n_samples = 300;
  std::vector<double> crossed(7, 0.0);
  std::vector<double> nested(5, 0.0);
  for (int s = 0; s < n_samples; ++s) {
    const auto x = rapport::generalizability_study(scores(random, 20, 4, 5, sd), g_design::p_x_i_x_o, 4).value();
    for (std::size_t k = 0; k < 7; ++k) crossed[k] += x.component[k].variance / n_samples;
    const auto y = rapport::generalizability_study(scores(random, 20, 4, 5, sd, true), g_design::p_x_i_in_o, 4).value();
    for (std::size_t k = 0; k < 5; ++k) nested[k] += y.component[k].variance / n_samples;
  }
  const double wanted[] = {1, 0.25, 0.25, 0.36, 0.16, 0.04, 0.64};
  const double wanted_nested[] = {1, 0.25, 0.04, 0.36, 0.64};
  // Means of 300; the widest spread, of occasions with 3 df, is about .25 / sqrt(1.5 x 300) = .012 beside persons' .02.
  for (std::size_t k = 0; k < 7; ++k) CHECK_CLOSE(crossed[k], wanted[k], 0, 0.08);
  for (std::size_t k = 0; k < 5; ++k) CHECK_CLOSE(nested[k], wanted_nested[k], 0, 0.08);
}

TEST_CASE("the interval of E rho^2 covers the truth", "[generalizability]") {
  rapport::random_stream random(3);
  const spread sd;
  const double relative = 0.36 / 4 + 0.16 / 5 + 0.64 / 20;
  const double truth = 1 / (1 + relative);
  int covered = 0;
  constexpr int n_samples = 1000;
  for (int s = 0; s < n_samples; ++s) {
    const auto study = rapport::generalizability_study(scores(random, 50, 4, 5, sd), g_design::p_x_i_x_o, 4).value();
    covered += rapport::decision_study(study, 5, 4)->generalizability.interval.contains(truth);
  }
  INFO(covered << " of 1000");
  // 950, standard error 6.9; the interval is for large samples, so a third of that again is allowed.
  CHECK(covered > 920);
  CHECK(covered < 980);
}

TEST_CASE("negative variances are kept or set to zero, as asked", "[generalizability]") {
  rapport::random_stream random(4);
  for (int s = 0; s < 50; ++s) {
    const auto x = scores(random, 15, 3, 3, {.o = 0, .pi = 0});
    const auto study = rapport::generalizability_study(x, g_design::p_x_i_x_o, 3).value();
    double relative = 0;
    double relative_zero = 0;
    const double divisor[] = {1, 3, 3, 3, 3, 9, 9};
    for (const std::size_t k : {3U, 4U, 6U}) {
      relative += study.component[k].variance / divisor[k];
      relative_zero += (std::max)(0.0, study.component[k].variance) / divisor[k];
      CHECK(study.component[k].interval.has_value() == (study.component[k].variance > 0));
    }
    const double p = study.component[0].variance;
    if (p <= 0) continue;
    CHECK_CLOSE(rapport::decision_study(study, 3, 3)->generalizability.estimate, p / (p + relative), 1e-11);
    CHECK_CLOSE(rapport::decision_study(study, 3, 3, rapport::negative_variance::zero)->generalizability.estimate,
                p / (p + relative_zero), 1e-11);
  }
}

TEST_CASE("generalizability refuses what it cannot use", "[generalizability]") {
  rapport::random_stream random(5);
  auto x = scores(random, 10, 2, 3, {});
  CHECK(rapport::generalizability_study(x, g_design::p_x_i_x_o, 4).error().code == errc::size_mismatch);
  CHECK(rapport::generalizability_study(x, g_design::p_x_i_x_o, 1).error().code == errc::too_few_levels);
  CHECK(rapport::generalizability_study(x, g_design::p_x_i, 1, 1.0).error().code == errc::invalid_option);
  CHECK(rapport::generalizability_study(matrix<double>(matrix<double>::Ones(5, 4)), g_design::p_x_i).error().code ==
        errc::zero_variance);
  const auto study = rapport::generalizability_study(x, g_design::p_x_i).value();
  CHECK(rapport::decision_study(study, 0).error().code == errc::invalid_option);
  CHECK(rapport::decision_study(study, 2, 0).error().code == errc::invalid_option);
  x(2, 3) = std::numeric_limits<double>::quiet_NaN();
  CHECK(rapport::generalizability_study(x, g_design::p_x_i).error().code == errc::incomplete_design);
  matrix<double> level(4, 2);
  level << 1, 2, 2, 1, 1, 2, 2, 1;  // persons do not differ at all
  const auto flat = rapport::generalizability_study(level, g_design::p_x_i).value();
  CHECK(flat.component[0].variance < 0);
  CHECK(rapport::decision_study(flat, 2).error().code == errc::zero_variance);
}
