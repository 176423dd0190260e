// SPDX-License-Identifier: BSL-1.0
// Intraclass correlations from variances written out, their intervals against simulated truth, and designs at the limit.
#include "rapport_test.hpp"

#include <rapport/reliability/group_agreement.hpp>
#include <rapport/reliability/icc_inference.hpp>

#include <vector>

namespace rp = rapport;

namespace {

using rapport::errc;
using rapport::icc_form;
using rapport::stats::matrix;
constexpr double missing = std::numeric_limits<double>::quiet_NaN();

struct truth {
  double targets = 1;
  double raters = 0.3;
  double error = 1;
};

matrix<double> ratings(rapport::random_stream& random, rp::index n, rp::index k, const truth& var) {
  matrix<double> x(n, k);
  std::vector<double> rater(static_cast<std::size_t>(k));
  for (double& r : rater) r = std::sqrt(var.raters) * random.normal();
  for (rp::index i = 0; i < n; ++i) {
    const double target = std::sqrt(var.targets) * random.normal();
    for (rp::index j = 0; j < k; ++j)
      x(i, j) = target + rater[static_cast<std::size_t>(j)] + std::sqrt(var.error) * random.normal();
  }
  return x;
}

}  // namespace

TEST_CASE("the six correlations are shares of variance components", "[icc]") {
  rapport::random_stream random(2);
  const auto x = ratings(random, 25, 4, {});
  const auto found = rapport::estimate_icc(x).value();
  // Components from sums over pairs: covariances between raters estimate the targets' variance.
  const auto c = rapport::stats::covariance(x).value().covariance;
  double shared = 0;
  for (rp::index a = 0; a < 4; ++a) {
    for (rp::index b = 0; b < 4; ++b) shared += a == b ? 0 : c(a, b) / 12;
  }
  const double error = c.trace() / 4 - shared;
  const double mean = x.mean();
  double between_raters = 0;
  for (rp::index j = 0; j < 4; ++j) between_raters += std::pow(x.col(j).mean() - mean, 2) / 3;
  const double rater = between_raters - error / 25;
  CHECK_CLOSE(*found.of(icc_form::icc3), shared / (shared + error), 1e-12);
  CHECK_CLOSE(*found.of(icc_form::icc3k), shared / (shared + error / 4), 1e-12);
  CHECK_CLOSE(*found.of(icc_form::icc2), shared / (shared + rater + error), 1e-12);
  CHECK_CLOSE(*found.of(icc_form::icc2k), shared / (shared + (rater + error) / 4), 1e-12);
  // Means of k ratings by Spearman and Brown.
  const double one = *found.of(icc_form::icc1);
  CHECK_CLOSE(*found.of(icc_form::icc1k), 4 * one / (1 + 3 * one), 1e-12);
  // ICC3k is Cronbach's alpha of the raters.
  CHECK_CLOSE(*found.of(icc_form::icc3k), rapport::cronbach_alpha(x)->estimate, 1e-12);
}

TEST_CASE("intervals of the six cover the truth as often as they should", "[icc]") {
  rapport::random_stream random(9);
  const truth var;
  const double k = 5;
  const double single = var.targets / (var.targets + var.raters + var.error);
  const double consistent = var.targets / (var.targets + var.error);
  const double true_value[6] = {
      0, single, consistent, 0, k * single / (1 + (k - 1) * single), k * consistent / (1 + (k - 1) * consistent)};
  const truth one_way{1, 0, 1};
  const double true_one_way = 0.5;
  int covered[6] = {};
  constexpr int n_samples = 1500;
  for (int s = 0; s < n_samples; ++s) {
    const auto two = rapport::intraclass_correlations(ratings(random, 30, 5, var)).value();
    const auto one = rapport::intraclass_correlations(ratings(random, 30, 5, one_way)).value();
    for (const auto form : rapport::all_icc_forms) {
      const auto f = static_cast<std::size_t>(form);
      const bool is_one_way = form == icc_form::icc1 || form == icc_form::icc1k;
      const double wanted = !is_one_way              ? true_value[f]
                            : form == icc_form::icc1 ? true_one_way
                                                     : 5 * true_one_way / (1 + 4 * true_one_way);
      const auto& found = is_one_way ? one.of(form) : two.of(form);
      covered[f] += found->interval.contains(wanted);
    }
  }
  for (const auto form : rapport::all_icc_forms) {
    INFO(to_string(form) << ": " << covered[static_cast<std::size_t>(form)] << " of 1500");
    // 95 % is 1425, standard error 8.4: five of them; Satterthwaite's df are approximate, so ICC2 has a little more.
    const bool approximate = form == icc_form::icc2 || form == icc_form::icc2k;
    CHECK(covered[static_cast<std::size_t>(form)] > (approximate ? 1365 : 1383));
    CHECK(covered[static_cast<std::size_t>(form)] < (approximate ? 1485 : 1467));
  }
}

TEST_CASE("every interval holds its estimate, and every test its F", "[icc]") {
  rapport::random_stream random(31);
  for (int s = 0; s < 2000; ++s) {
    const rp::index n = 2 + random.below(8);
    const rp::index k = 2 + random.below(4);
    matrix<double> x(n, k);
    for (rp::index i = 0; i < n; ++i) {
      for (rp::index j = 0; j < k; ++j) x(i, j) = static_cast<double>(random.below(4));
    }
    const auto found = rapport::intraclass_correlations(x);
    if (!found) {
      CHECK(found.error().code == errc::zero_variance);
      continue;
    }
    for (const auto form : rapport::all_icc_forms) {
      const auto& one = found->of(form);
      if (!one) {
        CHECK_FALSE(rapport::intraclass_correlation(found->anova, form));
        continue;
      }
      INFO(to_string(form) << " n " << n << " k " << k << ": " << one->estimate << " [" << one->interval.lower << ", "
                           << one->interval.upper << "]");
      CHECK(one->estimate <= 1 + 1e-12);
      CHECK(one->interval.lower <= one->estimate + 1e-9);
      CHECK(one->interval.upper >= one->estimate - 1e-9);
      CHECK(one->interval.upper <= 1 + 1e-9);
      if (one->f) {
        CHECK(*one->p >= 0);
        CHECK(*one->p <= 1);
      }
    }
  }
}

TEST_CASE("which form a design asks for", "[icc]") {
  using namespace rapport;
  CHECK(choose_icc({rater_assignment::other_raters, {}, {}, rating_use::single}).form == icc_form::icc1);
  CHECK(choose_icc({rater_assignment::other_raters, {}, {}, rating_use::mean}).form == icc_form::icc1k);
  CHECK(choose_icc({}).form == icc_form::icc2);
  CHECK(choose_icc({.use = rating_use::mean}).form == icc_form::icc2k);
  CHECK(choose_icc({.agreement = rater_agreement::consistency}).form == icc_form::icc3);
  CHECK(choose_icc({.population = rater_population::these_raters,
                    .agreement = rater_agreement::consistency,
                    .use = rating_use::mean})
            .form == icc_form::icc3k);
  const auto fixed = choose_icc({.population = rater_population::these_raters});
  CHECK(fixed.form == icc_form::icc2);
  CHECK(fixed.reason.find("same numbers") != std::string_view::npos);
  CHECK(to_string(icc_form::icc2k) == "ICC2k");
  CHECK(mcgraw_wong_name(icc_form::icc2k) == "ICC(A,k)");
  CHECK(mcgraw_wong_name(icc_form::icc1k) == "ICC(k)");
}

TEST_CASE("missing ratings, perfect agreement and no variation", "[icc]") {
  rapport::random_stream random(4);
  matrix<double> x = ratings(random, 12, 3, {});
  matrix<double> kept = x.topRows(11);
  x(11, 2) = missing;
  const auto found = rapport::intraclass_correlations(x).value();
  CHECK(found.n == 11);
  CHECK(found.n_incomplete == 1);
  CHECK(found.of(icc_form::icc2)->notes.back() == "1 targets with missing ratings were left out");
  CHECK(found.of(icc_form::icc2)->estimate == rapport::estimate_icc(kept)->of(icc_form::icc2));
  CHECK(rapport::estimate_icc(x).error().code == errc::incomplete_design);

  matrix<double> same(4, 3);
  same << 1, 1, 1, 2, 2, 2, 5, 5, 5, 3, 3, 3;
  const auto perfect = rapport::intraclass_correlations(same).value();
  for (const auto form : rapport::all_icc_forms) {
    CHECK(perfect.of(form)->estimate == 1);
    CHECK(perfect.of(form)->interval.lower == 1);
    CHECK_FALSE(perfect.of(form)->f);
    CHECK_FALSE(perfect.of(form)->notes.empty());
  }
  matrix<double> stricter = same;
  stricter.col(1).array() += 2;
  const auto consistent = rapport::intraclass_correlations(stricter).value();
  CHECK(consistent.of(icc_form::icc3)->estimate == 1);
  CHECK(consistent.of(icc_form::icc2)->estimate < 1);
  CHECK(consistent.of(icc_form::icc2)->interval.contains(consistent.of(icc_form::icc2)->estimate));

  const matrix<double> constant = matrix<double>::Constant(4, 3, 2.5);
  CHECK(rapport::intraclass_correlations(constant).error().code == errc::zero_variance);
  CHECK(rapport::estimate_icc(constant).error().code == errc::zero_variance);
  matrix<double> level(4, 2);
  level << 1, 3, 3, 1, 1, 3, 3, 1;  // every target has mean 2
  const auto flat = rapport::intraclass_correlations(level).value();
  CHECK_FALSE(flat.of(icc_form::icc3k));
  CHECK(flat.of(icc_form::icc3)->estimate == -1);
  CHECK(rapport::intraclass_correlations(same.topRows(1)).error().code == errc::too_few_levels);
  CHECK(rapport::intraclass_correlations(same.leftCols(1)).error().code == errc::too_few_levels);
  CHECK(rapport::intraclass_correlations(same, 1.0).error().code == errc::invalid_option);
}

TEST_CASE("groups: ICC(1), ICC(2)", "[icc]") {
  rapport::random_stream random(8);
  int covered1 = 0;
  int covered2 = 0;
  for (int s = 0; s < 1000; ++s) {
    std::vector<double> y;
    std::vector<rp::index> group;
    for (rp::index g = 0; g < 20; ++g) {
      const double level = 0.5 * random.normal();
      for (int i = 0; i < 6; ++i) {
        y.push_back(level + random.normal());
        group.push_back(g);
      }
    }
    const auto found = rapport::group_icc<double>(y, group, 20).value();
    covered1 += found.icc1.interval.contains(0.2);
    covered2 += found.icc2.interval.contains(0.25 / (0.25 + 1.0 / 6));
    CHECK_CLOSE(found.icc2.estimate, 6 * found.icc1.estimate / (1 + 5 * found.icc1.estimate), 1e-11, 1e-12);
  }
  CHECK(covered1 == covered2);  // one is a function of the other
  CHECK(covered1 > 915);
  CHECK(covered1 < 985);
  const std::vector<double> same = {1, 2, 2, 1};
  const std::vector<rp::index> pairs = {0, 0, 1, 1};
  CHECK(rapport::group_icc<double>(same, pairs, 2).error().code == errc::zero_variance);
}

TEST_CASE("rwg: one item, several, and more spread than at random", "[icc]") {
  matrix<double> one(4, 1);
  one << 3, 4, 4, 5;  // variance 2/3, at random (25 - 1) / 12 = 2
  const auto single = rapport::rwg(one, 5).value();
  CHECK_CLOSE(single.rwg, 1 - (2.0 / 3) / 2);
  CHECK(single.n == 4);
  matrix<double> two(4, 2);
  two << 3, 3, 4, 4, 4, 4, 5, 5;
  CHECK_CLOSE(rapport::rwg(two, 5)->rwg, 2 * (2.0 / 3) / (2 * (2.0 / 3) + 1.0 / 3));
  CHECK(rapport::rwg(matrix<double>(matrix<double>::Constant(3, 2, 4)), 5)->rwg == 1);
  matrix<double> apart(4, 1);
  apart << 1, 5, 1, 5;
  CHECK(rapport::rwg(apart, 5)->rwg == 0);
  CHECK(rapport::rwg(apart, 5)->beyond_random);
  CHECK(rapport::rwg(apart, 1).error().code == errc::invalid_option);
  CHECK(rapport::rwg(apart.topRows(1), 5).error().code == errc::too_few_levels);
  CHECK(rapport::rwg(apart.leftCols(0), 5).error().code == errc::too_few_columns);
  apart(2, 0) = missing;
  CHECK(rapport::rwg(apart, 5).error().code == errc::incomplete_design);
}
