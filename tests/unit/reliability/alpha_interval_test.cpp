// SPDX-License-Identifier: BSL-1.0
// The intervals for alpha, the default among them, comparisons of alphas, and items that run against the others.
#include "rapport_test.hpp"

namespace rp = rapport;

using rapport::alpha_interval;
using rapport::errc;
using rapport::stats::matrix;
using rapport::stats::missing_cells;
using rapport::stats::vector;

namespace {

constexpr double missing = std::numeric_limits<double>::quiet_NaN();

/// Answers 1 to 5 to items of one factor, pushed up by `shift`.
matrix<double> answers(std::uint64_t seed, rp::index n, rp::index k, double shift = 0, double share_missing = 0) {
  rapport::random_stream random(seed);
  matrix<double> x(n, k);
  for (rp::index i = 0; i < n; ++i) {
    const double factor = random.normal();
    for (rp::index j = 0; j < k; ++j) {
      const double answer = std::round(3 + shift + 0.8 * factor + 0.8 * random.normal());
      x(i, j) = random.chance(share_missing) ? missing : std::clamp(answer, 1.0, 5.0);
    }
  }
  return x;
}

constexpr alpha_interval all_kinds[] = {
    alpha_interval::feldt, alpha_interval::bonett,          alpha_interval::duhachek, alpha_interval::fisher,
    alpha_interval::adf,   alpha_interval::hakstian_whalen, alpha_interval::jackknife};

/// The ADF standard error from its definition: derivatives of alpha by every covariance, products of deviations.
double naive_adf(const matrix<double>& x) {
  const auto k = x.cols();
  const auto n = static_cast<double>(x.rows());
  const auto alpha = [&](const matrix<double>& c) {
    const double kk = static_cast<double>(k);
    return kk / (kk - 1) * (1 - c.trace() / c.sum());
  };
  const matrix<double> d = x.rowwise() - x.colwise().mean();
  const matrix<double> c = d.transpose() * d / (n - 1);
  matrix<double> slope(k, k);
  for (rp::index i = 0; i < k; ++i) {
    for (rp::index j = 0; j < k; ++j) {
      matrix<double> up = c;
      matrix<double> down = c;
      up(i, j) += 1e-6;
      down(i, j) -= 1e-6;
      slope(i, j) = (alpha(up) - alpha(down)) / 2e-6;
    }
  }
  rapport::stats::vector<double> part(x.rows());
  for (rp::index i = 0; i < x.rows(); ++i) part(i) = (slope.array() * (d.row(i).transpose() * d.row(i)).array()).sum();
  return std::sqrt((part.array() - part.mean()).square().sum() / (n * (n - 1)));
}

}  // namespace

TEST_CASE("each interval by its formula", "[alpha_interval]") {
  const auto x = answers(1, 80, 5);
  const auto get = [&](alpha_interval kind, double level = 0.9) {
    return rapport::cronbach_alpha(x, {.level = level, .interval = kind}).value();
  };
  const double z = 1.6448536269514722;
  const double a = get(alpha_interval::feldt).estimate;
  const auto bonett = get(alpha_interval::bonett).interval;
  const double half = z * std::sqrt(2 * 5.0 / (4 * 78));
  CHECK_CLOSE(bonett.lower, 1 - std::exp(std::log(1 - a) + half), 1e-12);
  CHECK_CLOSE(bonett.upper, 1 - std::exp(std::log(1 - a) - half), 1e-12);
  const auto fisher = get(alpha_interval::fisher).interval;
  CHECK_CLOSE(fisher.lower, std::tanh(std::atanh(a) - z / std::sqrt(77.0)), 1e-12);
  CHECK_CLOSE(fisher.upper, std::tanh(std::atanh(a) + z / std::sqrt(77.0)), 1e-12);
  const auto duhachek = get(alpha_interval::duhachek);
  CHECK_CLOSE(duhachek.interval.upper, a + z * *duhachek.standard_error, 1e-12);
  const auto adf = get(alpha_interval::adf);
  CHECK_CLOSE(*adf.standard_error, naive_adf(x), 1e-7);  // differences with a step of 1e-6
  CHECK_CLOSE(adf.interval.lower, a - z * *adf.standard_error, 1e-12);
  // Wilson and Hilferty come within a few per cent of the width of what they approximate.
  const auto feldt = get(alpha_interval::feldt).interval;
  const auto hakstian = get(alpha_interval::hakstian_whalen).interval;
  CHECK_CLOSE(hakstian.lower, feldt.lower, 0, 0.02 * (feldt.upper - feldt.lower));
  CHECK_CLOSE(hakstian.upper, feldt.upper, 0, 0.02 * (feldt.upper - feldt.lower));
  for (const auto kind : all_kinds) {
    const auto one = get(kind);
    INFO(one.method);
    CHECK(one.interval.contains(a));
    CHECK(one.method == "alpha, pairwise, " + std::string(to_string(kind)) + " 90 %");
    CHECK(get(kind, 0.99).interval.lower < one.interval.lower);
  }
}

TEST_CASE("ADF with missing answers knows of them", "[alpha_interval]") {
  // 200 samples: the spread of pairwise alpha is what the pairwise ADF standard error says, to its own 10 %.
  double mean = 0;
  double squares = 0;
  double mean_se = 0;
  constexpr int n_samples = 300;
  for (int s = 0; s < n_samples; ++s) {
    const auto a = rapport::cronbach_alpha(answers(static_cast<std::uint64_t>(100 + s), 150, 6, 1.2, 0.15),
                                           {.interval = alpha_interval::adf})
                       .value();
    mean += a.estimate / n_samples;
    squares += a.estimate * a.estimate / n_samples;
    mean_se += *a.standard_error / n_samples;
  }
  CHECK_CLOSE(mean_se, std::sqrt(squares - mean * mean), 0.12);
  // Without missing answers the casewise form is the short one.
  const auto x = answers(3, 60, 4, 0, 0.1);
  const auto listwise = rapport::stats::covariance(x, missing_cells::listwise).value();
  matrix<double> complete(listwise.n_complete, 4);
  rp::index row = 0;
  for (rp::index i = 0; i < 60; ++i) {
    if (!x.row(i).hasNaN()) complete.row(row++) = x.row(i);
  }
  CHECK_CLOSE(rapport::adf_standard_error(x, listwise).value(), naive_adf(complete), 1e-7);
}

TEST_CASE("the jackknife interval is alpha and Student's t times the spread of alphas without one person",
          "[alpha_interval]") {
  const auto x = answers(8, 25, 4);
  const auto found = rapport::cronbach_alpha(x, {.interval = alpha_interval::jackknife}).value();
  vector<double> without(25);
  for (rp::index i = 0; i < 25; ++i) {
    matrix<double> rest = x.topRows(24);
    rest.bottomRows(24 - i) = x.bottomRows(24 - i);
    without(i) = rapport::cronbach_alpha(rapport::stats::covariance(rest).value())->estimate;
  }
  const double se = std::sqrt((without.array() - without.mean()).square().sum() * 24 / 25);
  CHECK_CLOSE(*found.standard_error, se, 1e-10);
  CHECK_CLOSE(found.interval.lower, found.estimate - 2.0638985616280254 * se,
              1e-10);  // t of 24 degrees, R: qt(.975, 24)
  CHECK_CLOSE(found.interval.upper, found.estimate + 2.0638985616280254 * se, 1e-10);
}

TEST_CASE("the automatic interval: the jackknife, from 1000 persons on ADF, and a word where none holds",
          "[alpha_interval]") {
  CHECK(rapport::cronbach_alpha(answers(4, 1000, 4))->method == "alpha, pairwise, ADF 95 %");
  const auto some = rapport::cronbach_alpha(answers(4, 999, 4)).value();
  CHECK(some.method == "alpha, pairwise, jackknife 95 %");
  CHECK(some.notes.empty());
  CHECK(some.interval.contains(some.estimate));
  const auto few = rapport::cronbach_alpha(answers(4, 20, 4)).value();
  REQUIRE_FALSE(few.notes.empty());
  CHECK(few.notes.back().find("fewer than 30 persons") == 0);
  matrix<double> two(2, 3);
  two << 1, 2, 1, 3, 2, 4;
  const auto fewest = rapport::cronbach_alpha(two).value();
  CHECK(fewest.method == "alpha, pairwise, Feldt 95 %");
  CHECK(fewest.notes.back().find("the jackknife fails on these data") == 0);
  CHECK(rapport::cronbach_alpha(two, {.interval = rapport::bootstrap_bca{}}).error().code == errc::bootstrap_failed);
}

TEST_CASE("intervals that need answers say so when there are only covariances", "[alpha_interval]") {
  const auto c = rapport::stats::covariance(answers(5, 50, 3)).value();
  CHECK(rapport::cronbach_alpha(c)->method == "alpha, pairwise, Feldt 95 %");
  CHECK(rapport::cronbach_alpha(c, {.interval = alpha_interval::adf}).error().code == errc::needs_answers);
  CHECK(rapport::cronbach_alpha(c, {.interval = rapport::bootstrap_bca{}}).error().code == errc::needs_answers);
  CHECK(rapport::omega_total(c, {.interval = rapport::bootstrap_bca{}}).error().code == errc::needs_answers);
}

TEST_CASE("intervals refuse what they cannot use", "[alpha_interval]") {
  CHECK(rapport::bonett_interval(0.8, 2, 5).error().code == errc::too_few_rows);
  CHECK(rapport::fisher_interval(0.8, 3, 5).error().code == errc::too_few_rows);
  CHECK(rapport::hakstian_whalen_interval(0.8, 50, 1).error().code == errc::too_few_columns);
  CHECK(rapport::bonett_interval(1.0, 50, 5)->lower == 1);
  CHECK(rapport::fisher_interval(-1.5, 50, 5).error().code == errc::numeric_failure);
  CHECK(rapport::bonett_interval(0.8, 50, 5, 1).error().code == errc::invalid_option);
  const auto x = answers(6, 20, 3);
  const auto c = rapport::stats::covariance(x).value();
  CHECK(rapport::adf_standard_error(x.leftCols(2), c).error().code == errc::size_mismatch);
}

TEST_CASE("every interval contains its estimate in many small tables", "[alpha_interval]") {
  rapport::random_stream random(99);
  int checked = 0;
  for (int s = 0; s < 2000; ++s) {
    const rp::index n = 4 + random.below(30);
    const rp::index k = 2 + random.below(6);
    matrix<double> x(n, k);
    for (rp::index i = 0; i < x.size(); ++i) x(i) = static_cast<double>(random.below(4));
    for (const auto kind : all_kinds) {
      const auto a = rapport::cronbach_alpha(x, {.interval = kind});
      if (!a) continue;
      ++checked;
      CHECK(a->interval.lower <= a->estimate);
      CHECK(a->estimate <= a->interval.upper);
    }
  }
  CHECK(checked > 10000);
}

TEST_CASE("two alphas compared", "[alpha_comparison]") {
  const auto f = rapport::compare_independent_alphas(0.9, 51, 0.8, 101).value();
  CHECK_CLOSE(f.statistic, 2, 1e-14);
  CHECK(f.df1 == 50);
  CHECK(f.df2 == 100);
  CHECK_CLOSE(f.p, rapport::compare_independent_alphas(0.8, 101, 0.9, 51)->p, 1e-10);
  CHECK(rapport::compare_independent_alphas(0.8, 50, 0.8, 50)->p > 0.999);
  const auto t = rapport::compare_dependent_alphas(0.9, 0.8, 0.6, 102).value();
  CHECK_CLOSE(t.statistic, 0.1 * 10 / std::sqrt(4 * 0.1 * 0.2 * 0.64), 1e-12);
  CHECK(t.df1 == 100);
  CHECK(t.p < 0.001);
  // A test of size 5 % rejects true hypotheses in 5 % of samples: 50 of 1000, SE 6.9.
  int rejected = 0;
  for (int s = 0; s < 1000; ++s) {
    rapport::random_stream random(static_cast<std::uint64_t>(s), 7);
    double alpha[2] = {};
    for (double& one : alpha) {
      matrix<double> x(60, 5);
      for (rp::index i = 0; i < 60; ++i) {
        const double factor = random.normal();
        for (rp::index j = 0; j < 5; ++j) x(i, j) = factor + random.normal();
      }
      one = rapport::cronbach_alpha(rapport::stats::covariance(x).value())->estimate;
    }
    rejected += rapport::compare_independent_alphas(alpha[0], 60, alpha[1], 60)->p < 0.05 ? 1 : 0;
  }
  CHECK(rejected > 15);
  CHECK(rejected < 85);
  CHECK(rapport::compare_independent_alphas(1.0, 50, 0.8, 50).error().code == errc::invalid_option);
  CHECK(rapport::compare_independent_alphas(0.9, 1, 0.8, 50).error().code == errc::too_few_rows);
  CHECK(rapport::compare_dependent_alphas(0.9, 0.8, 1.0, 50).error().code == errc::invalid_option);
  CHECK(rapport::compare_dependent_alphas(0.9, 0.8, 0.5, 2).error().code == errc::too_few_rows);
}

TEST_CASE("items that run against the others are named", "[reversed_items]") {
  matrix<double> x = answers(8, 200, 6);
  CHECK(rapport::suspected_reversed_items(rapport::stats::covariance(x)->covariance).empty());
  x.col(1) = 6 - x.col(1).array();
  x.col(4) = 6 - x.col(4).array();
  const auto c = rapport::stats::covariance(x).value();
  CHECK(rapport::suspected_reversed_items(c.covariance) == std::vector<rp::index>{1, 4});
  const auto a = rapport::cronbach_alpha(c).value();
  REQUIRE(a.notes.size() >= 2);
  CHECK(a.notes[0] == "item 2 runs against the others: it may need to be reversed");
  CHECK(a.notes[1] == "item 5 runs against the others: it may need to be reversed");
}

TEST_CASE("what the other items give without one", "[item_statistics]") {
  const auto x = answers(9, 120, 5);
  const auto c = rapport::stats::covariance(x).value();
  const auto items = rapport::item_statistics(x, c).value();
  const auto one_factor = rapport::one_factor_reliability(c).value();
  for (rp::index j = 0; j < 5; ++j) {
    matrix<double> others(120, 4);
    rp::index column = 0;
    for (rp::index i = 0; i < 5; ++i) {
      if (i != j) others.col(column++) = x.col(i);
    }
    const auto rest = rapport::stats::covariance(others).value();
    auto r = rest;
    r.covariance = rapport::stats::correlation_from_covariance(rest.covariance).value();
    const auto& item = items[rp::as_size(j)];
    CHECK_CLOSE(*item.standardized_alpha_if_dropped, rapport::standardized_alpha(rest).value(), 1e-12);
    CHECK_CLOSE(*item.mean_r_if_dropped, rapport::mean_inter_item_correlation(rest).value(), 1e-12);
    CHECK_CLOSE(*item.lambda6_if_dropped, *rapport::guttman_lambdas(r)->lambda6, 1e-11);
    CHECK_CLOSE(*item.loading, one_factor.standardized_loadings(j), 1e-9);
  }
}
