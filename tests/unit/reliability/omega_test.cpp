// SPDX-License-Identifier: BSL-1.0
// Omega and its relatives against brute-force derivatives, simulated truth, and degenerate items.
#include "rapport_test.hpp"

#include <Eigen/Cholesky>

namespace rp = rapport;

using rapport::errc;
using rapport::omega_interval;
using rapport::stats::matrix;
using rapport::stats::vector;

namespace {

matrix<double> congeneric(std::uint64_t seed, rp::index n, rp::index k) {
  rapport::random_stream random(seed);
  matrix<double> x(n, k);
  for (rp::index i = 0; i < n; ++i) {
    const double factor = random.normal();
    for (rp::index j = 0; j < k; ++j) {
      const double loading = 0.4 + 0.5 * static_cast<double>(j) / static_cast<double>(k - 1);
      x(i, j) = 10 + loading * factor + (0.6 + 0.1 * static_cast<double>(j % 3)) * random.normal();
    }
  }
  return x;
}

double omega_by_hand(const vector<double>& l, const vector<double>& psi) {
  return l.sum() * l.sum() / (l.sum() * l.sum() + psi.sum());
}

/// The standard error of any function of (l, psi): information from its definition, gradient by differences.
template <class Function>
double brute_force_se(const vector<double>& l, const vector<double>& psi, double n, const Function& f) {
  const auto k = l.size();
  matrix<double> sigma = l * l.transpose();
  sigma.diagonal() += psi;
  const Eigen::LLT<matrix<double>> factor(sigma);
  std::vector<matrix<double>> derivative;
  for (rp::index i = 0; i < 2 * k; ++i) {
    matrix<double> d = matrix<double>::Zero(k, k);
    if (i < k) {
      d.row(i) += l.transpose();
      d.col(i) += l;
    } else {
      d(i - k, i - k) = 1;
    }
    derivative.emplace_back(factor.solve(d));
  }
  matrix<double> information(2 * k, 2 * k);
  vector<double> gradient(2 * k);
  for (rp::index i = 0; i < 2 * k; ++i) {
    for (rp::index j = 0; j < 2 * k; ++j)
      information(i, j) = n / 2 * (derivative[rp::as_size(i)] * derivative[rp::as_size(j)]).trace();
    vector<double> up = l;
    vector<double> down = l;
    vector<double> up_psi = psi;
    vector<double> down_psi = psi;
    const double h = 1e-6;
    if (i < k) {
      up(i) += h;
      down(i) -= h;
    } else {
      up_psi(i - k) += h;
      down_psi(i - k) -= h;
    }
    gradient(i) = (f(up, up_psi) - f(down, down_psi)) / (2 * h);
  }
  return std::sqrt(gradient.dot(information.llt().solve(gradient)));
}

}  // namespace

TEST_CASE("the coefficients of one factor and their standard errors, by brute force", "[omega]") {
  for (const rp::index k : {3, 4, 9}) {
    const auto x = congeneric(static_cast<std::uint64_t>(k), 250, k);
    const auto all = rapport::one_factor_reliability(rapport::stats::covariance(x).value()).value();
    const vector<double> l = all.solution.loadings.col(0);
    const vector<double>& psi = all.solution.uniqueness;
    const auto check = [&](const rapport::basic_estimate<double>& found, const auto& f) {
      CHECK_CLOSE(found.estimate, f(l, psi), 1e-12);
      // The gradient by differences is good to about 1e-9.
      CHECK_CLOSE(*found.standard_error, brute_force_se(l, psi, 250, f), 1e-6);
      CHECK(found.interval.contains(found.estimate));
    };
    const auto by_variance = [](const auto& f) {
      return [f](const vector<double>& a, const vector<double>& b) {
        const vector<double> v = a.cwiseAbs2() + b;
        return f(vector<double>(a.cwiseQuotient(vector<double>(v.cwiseSqrt()))), vector<double>(b.cwiseQuotient(v)));
      };
    };
    const auto ave = [](const vector<double>& a, const vector<double>& b) {
      return a.squaredNorm() / (a.squaredNorm() + b.sum());
    };
    check(all.omega, omega_by_hand);
    check(all.omega_standardized, by_variance(omega_by_hand));
    check(all.ave, ave);
    check(all.ave_standardized, by_variance(ave));
    check(all.maximal_reliability, [](const vector<double>& a, const vector<double>& b) {
      const double q = a.cwiseAbs2().cwiseQuotient(b).sum();
      return q / (1 + q);
    });
    CHECK_CLOSE(all.omega.estimate, rapport::composite_reliability(l, psi).value(), 1e-14);
    CHECK(all.omega.method == "omega, one-factor maximum likelihood, pairwise, delta 95 %");
    CHECK(all.maximal_reliability.estimate >= all.omega.estimate);
  }
}

TEST_CASE("omega of items with equal loadings is alpha", "[omega]") {
  matrix<double> r = matrix<double>::Constant(6, 6, 0.4);
  r.diagonal().setOnes();
  rapport::stats::covariance_estimate<double> c;
  c.covariance = r;
  c.n_rows = c.n_complete = 100;
  CHECK_CLOSE(rapport::omega_total(c)->estimate, rapport::cronbach_alpha(c)->estimate, 1e-10);
}

TEST_CASE("omega finds the reliability behind simulated answers, and its SE their spread", "[omega]") {
  const rp::index k = 6;
  vector<double> l(k);
  vector<double> psi(k);
  for (rp::index j = 0; j < k; ++j) {
    l(j) = 0.4 + 0.5 * static_cast<double>(j) / static_cast<double>(k - 1);
    psi(j) = (0.6 + 0.1 * static_cast<double>(j % 3)) * (0.6 + 0.1 * static_cast<double>(j % 3));
  }
  const double truth = omega_by_hand(l, psi);
  double mean = 0;
  double squares = 0;
  double mean_se = 0;
  int covered = 0;
  constexpr int n_samples = 400;
  for (int s = 0; s < n_samples; ++s) {
    const auto w = rapport::omega_total(congeneric(static_cast<std::uint64_t>(100 + s), 300, k),
                                        {.interval = omega_interval::logit})
                       .value();
    mean += w.estimate / n_samples;
    squares += w.estimate * w.estimate / n_samples;
    mean_se += *w.standard_error / n_samples;
    covered += w.interval.contains(truth) ? 1 : 0;
  }
  CHECK_CLOSE(mean, truth, 0, 0.004);  // SE of the mean .001
  CHECK_CLOSE(mean_se, std::sqrt(squares - mean * mean), 0.15);
  CHECK(covered >= 359);  // 380 expected, SE 4.4
  CHECK(covered <= 398);
}

TEST_CASE("the logit interval stays between 0 and 1 where the delta interval does not", "[omega]") {
  const auto x = congeneric(3, 12, 3);
  const auto logit = rapport::omega_total(x, {.interval = omega_interval::logit}).value();
  CHECK(logit.interval.lower > 0);
  CHECK(logit.interval.upper < 1);
  CHECK(logit.interval.contains(logit.estimate));
  CHECK(rapport::omega_total(x, {.level = 0.5})->interval.upper < rapport::omega_total(x)->interval.upper);
}

TEST_CASE("what the reader must know stands in the notes", "[omega]") {
  matrix<double> x = congeneric(5, 200, 4);
  x.col(2) *= -1;
  auto w = rapport::omega_total(x).value();
  REQUIRE(w.notes.size() == 1);
  CHECK(w.notes[0] == "item 3 loads negatively: it may need to be reversed");
  x(0, 0) = std::numeric_limits<double>::quiet_NaN();
  w = rapport::omega_total(x).value();
  CHECK(w.notes[0].find("1 persons left items out") == 0);
  CHECK(w.n == 200);
  w = rapport::omega_total(x, {.missing = rapport::stats::missing_cells::listwise}).value();
  CHECK(w.n == 199);

  rapport::stats::covariance_estimate<double> c;
  c.covariance.resize(3, 3);
  c.covariance << 1, 0.72, 0.72, 0.72, 1, 0.4, 0.72, 0.4, 1;
  c.n_rows = c.n_complete = 100;
  w = rapport::omega_total(c).value();
  REQUIRE(w.notes.size() == 1);
  CHECK(w.notes[0].find("Heywood case: the error variance of item 1 ") == 0);
  CHECK(*w.standard_error > 0);
}

TEST_CASE("omega refuses what it cannot use", "[omega]") {
  const auto x = congeneric(6, 50, 4);
  CHECK(rapport::omega_total(x.leftCols(2)).error().code == errc::too_few_columns);
  CHECK(rapport::omega_total(x.topRows(4)).error().code == errc::not_positive_definite);
  matrix<double> constant = x;
  constant.col(1).setConstant(2);
  CHECK(rapport::omega_total(constant).error().code == errc::zero_variance);
  CHECK(rapport::omega_total(x, {.level = 1}).error().code == errc::invalid_option);
  CHECK(rapport::omega_total(x, {.least_uniqueness = 0}).error().code == errc::invalid_option);
  const vector<double> three = vector<double>::Ones(3);
  CHECK(rapport::composite_reliability(three, vector<double>(vector<double>::Ones(2))).error().code ==
        errc::size_mismatch);
  CHECK(rapport::composite_reliability(vector<double>(), vector<double>()).error().code == errc::too_few_columns);
  CHECK(rapport::composite_reliability(vector<double>(0 * three), vector<double>(0 * three)).error().code ==
        errc::negative_total_variance);
}

namespace {

/// Answers in four categories, most of them in the highest.
matrix<double> answers_at_the_ceiling(std::uint64_t seed, rp::index n, rp::index k) {
  matrix<double> x = congeneric(seed, n, k);
  return ((x.array() - 10) * 1.5 + 4.5).floor().max(1).min(4);
}

double omega_of_covariance(const matrix<double>& s) {
  const auto fit = rapport::stats::fit_one_factor(s).value();
  return omega_by_hand(fit.loadings.col(0), fit.uniqueness);
}

}  // namespace

TEST_CASE("the slope of omega by the covariances is what refitting finds, also where the model does not fit",
          "[omega]") {
  const auto c = rapport::stats::covariance(answers_at_the_ceiling(21, 150, 5)).value();
  const auto fit = rapport::stats::fit_one_factor(c.covariance).value();
  REQUIRE(fit.objective > 1e-3);
  const auto f = rapport::detail::omega_of<double>(fit.loadings.col(0), fit.uniqueness);
  vector<double> gradient(10);
  gradient << f.by_loading, f.by_uniqueness;
  const auto slope = rapport::stats::one_factor_slope<double>(fit, c.covariance, gradient).value();
  for (rp::index i = 0; i < 5; ++i) {
    for (rp::index j = 0; j <= i; ++j) {
      const double step = 1e-5;
      matrix<double> up = c.covariance;
      matrix<double> down = c.covariance;
      up(i, j) += step;
      down(i, j) -= step;
      up(j, i) = up(i, j);
      down(j, i) = down(i, j);
      const double wanted = (omega_of_covariance(up) - omega_of_covariance(down)) / (2 * step);
      CHECK_CLOSE(i == j ? slope(i, j) : slope(i, j) + slope(j, i), wanted, 1e-6, 1e-8);  // differences: 1e-16 / 1e-5
    }
  }
}

TEST_CASE("the distribution-free standard error of a function of covariances", "[omega]") {
  matrix<double> x = answers_at_the_ceiling(22, 160, 4);
  const auto by_alpha = [&](rapport::stats::missing_cells handling) {
    const auto c = rapport::stats::covariance(x, handling).value();
    const double total = c.covariance.sum();
    matrix<double> slope = matrix<double>::Constant(4, 4, 4.0 / 3 * c.covariance.trace() / (total * total));
    slope.diagonal().array() -= 4.0 / 3 / total;
    CHECK_CLOSE(rapport::stats::adf_standard_error_of<double>(x, c, slope).value(),
                rapport::adf_standard_error(x, c).value(), 1e-12);
  };
  by_alpha(rapport::stats::missing_cells::pairwise);
  for (rp::index i = 0; i < 40; ++i) x(i, i % 4) = std::numeric_limits<double>::quiet_NaN();
  by_alpha(rapport::stats::missing_cells::pairwise);
  by_alpha(rapport::stats::missing_cells::listwise);
  const auto c = rapport::stats::covariance(x).value();
  CHECK(rapport::stats::adf_standard_error_of<double>(x, c, matrix<double>::Zero(3, 3)).error().code ==
        errc::size_mismatch);
}

TEST_CASE("without a choice omega's interval is the jackknife, from 1000 persons on ADF", "[omega]") {
  const auto x = answers_at_the_ceiling(23, 1000, 4);
  const auto many = rapport::omega_total(x).value();
  CHECK(many.method == "omega, one-factor maximum likelihood, pairwise, ADF 95 %");
  CHECK(many.interval.contains(many.estimate));
  const auto few = rapport::omega_total(x.topRows(999)).value();
  CHECK(few.method == "omega, one-factor maximum likelihood, pairwise, jackknife 95 %");
  CHECK(few.interval.contains(few.estimate));
  CHECK_CLOSE(*few.standard_error, *many.standard_error, 0.02);
  const auto c = rapport::stats::covariance(x).value();
  CHECK(rapport::omega_total(c)->method.find("delta 95 %") != std::string::npos);
  CHECK(rapport::omega_total(c, {.interval = omega_interval::adf}).error().code == errc::needs_answers);
  // The spread of replicates is another way to the same standard error.
  const auto resampled = rapport::omega_total(x, {.interval = rapport::bootstrap_bca{.replicates = 2000}}).value();
  CHECK_CLOSE(*many.standard_error, *resampled.standard_error, 0.05);  // an SD of 2000 draws is known to 2 %
}
