// SPDX-License-Identifier: BSL-1.0
// Agreement in categories: pairs of ratings counted one by one, standard errors by leaving subjects out, and the limits.
#include "rapport_test.hpp"

#include <rapport/reliability/kappa.hpp>
#include <rapport/reliability/krippendorff.hpp>
#include <rapport/reliability/multi_rater.hpp>

#include <vector>

namespace rp = rapport;

namespace {

using rapport::agreement_weights;
using rapport::errc;
using rapport::rating_metric;
using rapport::stats::matrix;
constexpr double missing = std::numeric_limits<double>::quiet_NaN();

/// Raters who see the subject's own category with some probability, and guess otherwise.
matrix<double> ratings(std::uint64_t seed, rp::index n, rp::index raters, double knows, double share_missing = 0) {
  rapport::random_stream random(seed);
  matrix<double> x(n, raters);
  for (rp::index i = 0; i < n; ++i) {
    const rp::index truth = random.below(4);
    for (rp::index j = 0; j < raters; ++j) {
      const bool sees = random.chance(knows + 0.05 * static_cast<double>(j));
      const rp::index guess = random.chance(0.5) ? 0 : random.below(4);
      x(i, j) = static_cast<double>(1 + (sees ? truth : guess));
      if (random.chance(share_missing)) x(i, j) = missing;
    }
  }
  return x;
}

std::vector<double> column(const matrix<double>& x, rp::index j) { return {x.col(j).begin(), x.col(j).end()}; }

double weight(double a, double b, agreement_weights kind) {
  if (a == b) return 1;
  const double share = std::fabs(a - b) / 3;
  return kind == agreement_weights::none ? 0 : 1 - (kind == agreement_weights::linear ? share : share * share);
}

/// (observed - expected) / (1 - expected) over pairs of ratings of complete tables.
double naive(const matrix<double>& x, const char* which, agreement_weights kind) {
  const auto n = static_cast<double>(x.rows());
  const auto m = static_cast<double>(x.cols());
  double observed = 0;
  double expected = 0;
  double prevalence[5] = {};
  for (rp::index i = 0; i < x.rows(); ++i) {
    for (rp::index g = 0; g < x.cols(); ++g) {
      prevalence[static_cast<int>(x(i, g))] += 1 / (n * m);
      for (rp::index h = 0; h < x.cols(); ++h) {
        if (g != h) observed += weight(x(i, g), x(i, h), kind);
      }
    }
  }
  observed /= n * m * (m - 1);
  const std::string name = which;
  if (name == "conger") {
    for (rp::index g = 0; g < x.cols(); ++g) {
      for (rp::index h = 0; h < x.cols(); ++h) {
        if (g == h) continue;
        for (rp::index i = 0; i < x.rows(); ++i) {
          for (rp::index other = 0; other < x.rows(); ++other) expected += weight(x(i, g), x(other, h), kind);
        }
      }
    }
    expected /= n * n * m * (m - 1);
  } else {
    double all = 0;
    double hard = 0;
    for (int a = 1; a <= 4; ++a) {
      hard += prevalence[a] * (1 - prevalence[a]);
      for (int b = 1; b <= 4; ++b) {
        all += weight(a, b, kind);
        if (name == "fleiss") expected += prevalence[a] * prevalence[b] * weight(a, b, kind);
      }
    }
    if (name == "uniform") expected = all / 16;
    if (name == "gwet") expected = all / 12 * hard;
  }
  return (observed - expected) / (1 - expected);
}

/// Krippendorff's alpha from every pair of ratings, as in his definition.
double naive_krippendorff(const matrix<double>& x, rating_metric metric) {
  std::vector<double> all;
  std::vector<std::vector<double>> units;
  for (rp::index i = 0; i < x.rows(); ++i) {
    std::vector<double> unit;
    for (rp::index j = 0; j < x.cols(); ++j) {
      if (!std::isnan(x(i, j))) unit.push_back(x(i, j));
    }
    if (unit.size() < 2) continue;
    units.push_back(unit);
    all.insert(all.end(), unit.begin(), unit.end());
  }
  const auto distance = [&](double a, double b) {
    if (a == b) return 0.0;
    switch (metric) {
      case rating_metric::nominal: return 1.0;
      case rating_metric::interval: return (a - b) * (a - b);
      case rating_metric::ratio: return std::pow((a - b) / (a + b), 2);
      case rating_metric::ordinal: break;
    }
    double between = 0;
    for (const double v : all) {
      if (v > (std::min)(a, b) && v < (std::max)(a, b)) between += 1;
      if (v == a || v == b) between += 0.5;
    }
    return between * between;
  };
  double observed = 0;
  double expected = 0;
  for (const auto& unit : units) {
    for (const double a : unit) {
      for (const double b : unit) observed += distance(a, b) / static_cast<double>(unit.size() - 1);
    }
  }
  for (const double a : all) {
    for (const double b : all) expected += distance(a, b) / static_cast<double>(all.size() - 1);
  }
  return 1 - observed / expected;
}

template <class Function>
double jackknife_se(const matrix<double>& x, const Function& estimate) {
  const rp::index n = x.rows();
  rapport::stats::vector<double> without(n);
  for (rp::index i = 0; i < n; ++i) {
    matrix<double> rest(n - 1, x.cols());
    rest << x.topRows(i), x.bottomRows(n - 1 - i);
    without(i) = estimate(rest);
  }
  return std::sqrt((without.array() - without.mean()).square().sum() * static_cast<double>(n - 1) /
                   static_cast<double>(n));
}

}  // namespace

TEST_CASE("every coefficient, pair by pair", "[kappa]") {
  for (const rp::index raters : {2, 3, 5}) {
    const auto x = ratings(static_cast<std::uint64_t>(raters), 40, raters, 0.4);
    for (const auto kind : {agreement_weights::none, agreement_weights::linear, agreement_weights::quadratic}) {
      const rapport::kappa_options options{.weights = kind, .categories = {1, 2, 3, 4}};
      CHECK_CLOSE(rapport::fleiss_kappa(x, options)->estimate, naive(x, "fleiss", kind), 1e-12, 1e-14);
      CHECK_CLOSE(rapport::conger_kappa(x, options)->estimate, naive(x, "conger", kind), 1e-12, 1e-14);
      CHECK_CLOSE(rapport::brennan_prediger(x, options)->estimate, naive(x, "uniform", kind), 1e-12, 1e-14);
      CHECK_CLOSE(rapport::gwet_ac(x, options)->estimate, naive(x, "gwet", kind), 1e-12, 1e-14);
      if (raters == 2) {
        const auto cohen = rapport::cohen_kappa<double>(column(x, 0), column(x, 1), options).value();
        CHECK_CLOSE(cohen.estimate, naive(x, "conger", kind), 1e-12, 1e-14);
      }
    }
  }
}

TEST_CASE("Krippendorff's alpha, pair by pair, with missing ratings", "[krippendorff]") {
  for (const double share : {0.0, 0.3}) {
    const auto x = ratings(12, 30, 4, 0.5, share);
    for (const auto metric :
         {rating_metric::nominal, rating_metric::ordinal, rating_metric::interval, rating_metric::ratio}) {
      const auto found = rapport::krippendorff_alpha(x, metric).value();
      CHECK_CLOSE(found.estimate, naive_krippendorff(x, metric), 1e-12, 1e-14);
      CHECK_CLOSE(found.estimate, 1 - found.observed_disagreement / found.expected_disagreement, 1e-13);
      CHECK(found.interval.contains(found.estimate));
      matrix<double> shuffled = x.rowwise().reverse();
      shuffled = shuffled.colwise().reverse().eval();
      CHECK_CLOSE(rapport::krippendorff_alpha(shuffled, metric)->estimate, found.estimate, 1e-12);
    }
  }
}

TEST_CASE("standard errors are those that leaving subjects out gives", "[kappa]") {
  // Both are for large samples and agree to the order of 1 / n: 5 % for 150 subjects.
  for (const double share : {0.0, 0.25}) {
    const auto x = ratings(21, 150, 4, 0.5, share);
    const rapport::kappa_options options{.weights = agreement_weights::linear, .categories = {1, 2, 3, 4}};
    CHECK_CLOSE(*rapport::fleiss_kappa(x, options)->standard_error,
                jackknife_se(x, [&](const auto& y) { return rapport::fleiss_kappa(y, options)->estimate; }), 0.05);
    CHECK_CLOSE(*rapport::conger_kappa(x, options)->standard_error,
                jackknife_se(x, [&](const auto& y) { return rapport::conger_kappa(y, options)->estimate; }), 0.05);
    CHECK_CLOSE(*rapport::brennan_prediger(x, options)->standard_error,
                jackknife_se(x, [&](const auto& y) { return rapport::brennan_prediger(y, options)->estimate; }), 0.05);
    CHECK_CLOSE(*rapport::gwet_ac(x, options)->standard_error,
                jackknife_se(x, [&](const auto& y) { return rapport::gwet_ac(y, options)->estimate; }), 0.05);
    for (const auto metric : {rating_metric::nominal, rating_metric::interval, rating_metric::ratio}) {
      CHECK_CLOSE(*rapport::krippendorff_alpha(x, metric)->standard_error,
                  jackknife_se(x, [&](const auto& y) { return rapport::krippendorff_alpha(y, metric)->estimate; }),
                  0.05);
    }
    if (share > 0) continue;
    for (const auto kind : {agreement_weights::none, agreement_weights::quadratic}) {
      const rapport::kappa_options cohen{.weights = kind};
      CHECK_CLOSE(*rapport::cohen_kappa<double>(column(x, 0), column(x, 1), cohen)->standard_error,
                  jackknife_se(x,
                               [&](const auto& y) {
                                 return rapport::cohen_kappa<double>(column(y, 0), column(y, 1), cohen)->estimate;
                               }),
                  0.05);
    }
  }
}

TEST_CASE("without agreement beyond chance, the tests reject as often as they should", "[kappa]") {
  rapport::random_stream random(3);
  int cohen_rejects = 0;
  int fleiss_rejects = 0;
  constexpr int n_samples = 2000;
  for (int s = 0; s < n_samples; ++s) {
    matrix<double> x(60, 3);
    for (rp::index i = 0; i < x.rows(); ++i) {
      for (rp::index j = 0; j < x.cols(); ++j) x(i, j) = static_cast<double>(random.below(3));
    }
    cohen_rejects += *rapport::cohen_kappa<double>(column(x, 0), column(x, 1))->p < 0.05;
    fleiss_rejects += *rapport::fleiss_kappa(x)->p < 0.05;
  }
  // 5 % of 2000 is 100, standard error 9.7; four of them and a little for the large-sample formulas.
  CHECK(cohen_rejects > 55);
  CHECK(cohen_rejects < 145);
  CHECK(fleiss_rejects > 55);
  CHECK(fleiss_rejects < 145);
}

TEST_CASE("perfect agreement, categories not used, and none but one", "[kappa]") {
  matrix<double> same(5, 3);
  same << 1, 1, 1, 2, 2, 2, 1, 1, 1, 3, 3, 3, 2, 2, 2;
  CHECK(rapport::fleiss_kappa(same)->estimate == 1);
  CHECK_CLOSE(rapport::conger_kappa(same)->estimate, 1);
  CHECK(rapport::gwet_ac(same)->estimate == 1);
  CHECK(rapport::brennan_prediger(same)->estimate == 1);
  CHECK(rapport::krippendorff_alpha(same, rating_metric::nominal)->estimate == 1);
  const auto cohen = rapport::cohen_kappa<double>(column(same, 0), column(same, 1)).value();
  CHECK(cohen.estimate == 1);
  CHECK(*cohen.standard_error < 1e-7);
  CHECK(cohen.n_categories == 3);
  // Chance depends on how many categories there could have been.
  const auto x = ratings(5, 30, 3, 0.5);
  CHECK_CLOSE((rapport::brennan_prediger(x, {.categories = {1, 2, 3, 4, 5, 6}})->expected), 1.0 / 6);
  CHECK_CLOSE(rapport::brennan_prediger(x)->expected, 0.25);

  const matrix<double> alike = matrix<double>::Constant(5, 3, 2);
  CHECK(rapport::fleiss_kappa(alike).error().code == errc::one_category);
  CHECK(rapport::cohen_kappa<double>(column(alike, 0), column(alike, 1)).error().code == errc::one_category);
  CHECK(rapport::krippendorff_alpha(alike, rating_metric::interval).error().code == errc::one_category);
  CHECK(rapport::fleiss_kappa(alike, {.categories = {1, 2}}).error().code == errc::one_category);
  CHECK(rapport::gwet_ac(alike, {.categories = {1, 2}})->estimate == 1);
  CHECK(rapport::gwet_ac(alike).error().code == errc::one_category);
}

TEST_CASE("agreement refuses what it cannot use", "[kappa]") {
  auto x = ratings(6, 12, 3, 0.5);
  CHECK(rapport::fleiss_kappa(x.leftCols(1)).error().code == errc::too_few_levels);
  CHECK(rapport::fleiss_kappa(x.topRows(1), {.categories = {1, 2, 3, 4}}).error().code == errc::too_few_rows);
  CHECK(rapport::krippendorff_alpha(x.topRows(1), rating_metric::nominal).error().code == errc::too_few_rows);
  CHECK(rapport::fleiss_kappa(x, {.level = 1}).error().code == errc::invalid_option);
  CHECK(rapport::krippendorff_alpha(x, rating_metric::nominal, 0).error().code == errc::invalid_option);
  const matrix<double> nothing = matrix<double>::Constant(4, 2, missing);
  CHECK(rapport::fleiss_kappa(nothing).error().code == errc::no_data);
  CHECK(rapport::krippendorff_alpha(nothing, rating_metric::nominal).error().code == errc::no_data);
  const auto unknown = rapport::fleiss_kappa(x, {.categories = {1, 2, 3}}).error();
  CHECK(unknown.code == errc::unknown_category);
  CHECK(unknown.value == 4);
  auto silent = x;
  silent.col(2).setConstant(missing);
  CHECK(rapport::conger_kappa(silent).error().column == 2);
  CHECK_CLOSE(rapport::fleiss_kappa(silent)->estimate, rapport::fleiss_kappa(x.leftCols(2))->estimate);
  auto negative = x;
  negative(0, 0) = -1;
  CHECK(rapport::krippendorff_alpha(negative, rating_metric::ratio).error().code == errc::invalid_option);
  auto infinite = x;
  infinite(2, 1) = std::numeric_limits<double>::infinity();
  CHECK(rapport::gwet_ac(infinite).error().code == errc::not_finite);
  CHECK(rapport::krippendorff_alpha(infinite, rating_metric::nominal).error().row == 2);
  CHECK(rapport::cohen_kappa<double>(column(x, 0), {}).error().code == errc::size_mismatch);
  matrix<double> counts(2, 2);
  counts << 3, -1, 2, 4;
  CHECK(rapport::cohen_kappa(counts).error().code == errc::invalid_option);
  CHECK(rapport::cohen_kappa(counts.topRows(1)).error().code == errc::size_mismatch);
  CHECK(rapport::cohen_kappa(matrix<double>(matrix<double>::Zero(2, 2))).error().code == errc::no_data);
}

TEST_CASE("notes tell what was left out", "[kappa]") {
  auto x = ratings(7, 20, 3, 0.6);
  x.row(0).setConstant(missing);
  x(1, 0) = x(1, 1) = missing;
  const auto found = rapport::fleiss_kappa(x).value();
  CHECK(found.n == 19);
  REQUIRE(found.notes.size() == 2);
  CHECK(found.notes[0] == "1 subjects without a rating were left out");
  CHECK_FALSE(found.z);  // unequal numbers of ratings
  const auto cohen = rapport::cohen_kappa<double>(column(x, 0), column(x, 1)).value();
  CHECK(cohen.notes == std::vector<std::string>{"2 subjects without both ratings were left out"});
  CHECK(rapport::krippendorff_alpha(x, rating_metric::nominal)->notes ==
        std::vector<std::string>{"2 subjects with fewer than two ratings were left out"});
}
