// SPDX-License-Identifier: BSL-1.0
// Analysis of variance against sums of squares of fitted effects, written the long way, and against simulated variances.
#include "rapport_test.hpp"

#include <rapport/stats/anova.hpp>

#include <vector>

namespace rp = rapport;

namespace {

using rapport::errc;
using rapport::stats::matrix;
constexpr double missing = std::numeric_limits<double>::quiet_NaN();

matrix<double> noise(std::uint64_t seed, rp::index n, rp::index k, double shift = 0) {
  rapport::random_stream random(seed);
  matrix<double> x(n, k);
  for (rp::index i = 0; i < n; ++i) {
    for (rp::index j = 0; j < k; ++j) x(i, j) = shift + random.normal();
  }
  return x;
}

}  // namespace

TEST_CASE("a two-way table, effect by effect", "[anova]") {
  for (const auto& [n, k] : {std::pair<rp::index, rp::index>{2, 2}, {7, 3}, {30, 11}}) {
    const auto x = noise(static_cast<std::uint64_t>(n), n, k);
    const auto found = rapport::stats::analyse_two_way(x).value();
    double rows = 0;
    double columns = 0;
    double residual = 0;
    const double mean = x.sum() / static_cast<double>(n * k);
    for (rp::index i = 0; i < n; ++i) {
      for (rp::index j = 0; j < k; ++j) {
        const double a = x.row(i).sum() / static_cast<double>(k) - mean;
        const double b = x.col(j).sum() / static_cast<double>(n) - mean;
        rows += a * a;
        columns += b * b;
        residual += std::pow(x(i, j) - mean - a - b, 2);
      }
    }
    CHECK_CLOSE(found.rows.sum_of_squares, rows, 1e-12);
    CHECK_CLOSE(found.columns.sum_of_squares, columns, 1e-12);
    CHECK_CLOSE(found.residual.sum_of_squares, residual, 1e-12);
    CHECK_CLOSE(found.mean, mean, 1e-12, 1e-15);
    CHECK(found.residual.df == (n - 1) * (k - 1));
    CHECK_CLOSE(found.mean_square_within(), (columns + residual) / static_cast<double>(n * (k - 1)), 1e-12);
  }
}

TEST_CASE("analysis of variance: a large mean costs no digits", "[anova]") {
  matrix<double> x = (noise(3, 40, 6) * 8).array().round() / 8;  // exact with any of the shifts
  const auto near = rapport::stats::analyse_two_way(x).value();
  x.array() += 1e9;
  const auto far = rapport::stats::analyse_two_way(x).value();
  CHECK_CLOSE(far.rows.sum_of_squares, near.rows.sum_of_squares, 1e-13);
  CHECK_CLOSE(far.columns.sum_of_squares, near.columns.sum_of_squares, 1e-13);
  CHECK_CLOSE(far.residual.sum_of_squares, near.residual.sum_of_squares, 1e-13);
}

TEST_CASE("a three-way table: effects are orthogonal, each as written", "[anova]") {
  const rp::index na = 6;
  const rp::index nb = 3;
  const rp::index nc = 4;
  const auto x = noise(5, na, nb * nc, 3);
  const auto found = rapport::stats::analyse_three_way(x, nb).value();
  const auto at = [&](rp::index a, rp::index b, rp::index c) { return x(a, b * nc + c); };
  // Means over whatever index is -1.
  const auto mean = [&](rp::index a, rp::index b, rp::index c) {
    double sum = 0;
    double count = 0;
    for (rp::index i = 0; i < na; ++i) {
      for (rp::index j = 0; j < nb; ++j) {
        for (rp::index l = 0; l < nc; ++l) {
          if ((a >= 0 && a != i) || (b >= 0 && b != j) || (c >= 0 && c != l)) continue;
          sum += at(i, j, l);
          count += 1;
        }
      }
    }
    return sum / count;
  };
  double ss[7] = {};
  const double m = mean(-1, -1, -1);
  for (rp::index a = 0; a < na; ++a) {
    for (rp::index b = 0; b < nb; ++b) {
      for (rp::index c = 0; c < nc; ++c) {
        const double ea = mean(a, -1, -1) - m;
        const double eb = mean(-1, b, -1) - m;
        const double ec = mean(-1, -1, c) - m;
        const double eab = mean(a, b, -1) - m - ea - eb;
        const double eac = mean(a, -1, c) - m - ea - ec;
        const double ebc = mean(-1, b, c) - m - eb - ec;
        const double parts[] = {ea, eb, ec, eab, eac, ebc, at(a, b, c) - m - ea - eb - ec - eab - eac - ebc};
        for (int e = 0; e < 7; ++e) ss[e] += parts[e] * parts[e];
      }
    }
  }
  const rapport::stats::anova_effect<double>* const effects[] = {&found.a,  &found.b,  &found.c,       &found.ab,
                                                                 &found.ac, &found.bc, &found.residual};
  const rp::index df[] = {5, 2, 3, 10, 15, 6, 30};
  for (int e = 0; e < 7; ++e) {
    CHECK_CLOSE(effects[e]->sum_of_squares, ss[e], 1e-12);
    CHECK(effects[e]->df == df[e]);
  }
  CHECK_CLOSE(found.mean, m, 1e-13);
}

TEST_CASE("variance components find the variances that made the data", "[anova]") {
  rapport::random_stream random(77);
  double found[3] = {};
  constexpr int n_samples = 400;
  for (int s = 0; s < n_samples; ++s) {
    matrix<double> x(20, 5);
    double rater[5];
    for (double& r : rater) r = 0.5 * random.normal();
    for (rp::index i = 0; i < 20; ++i) {
      const double target = 2 * random.normal();
      for (rp::index j = 0; j < 5; ++j) x(i, j) = target + rater[j] + random.normal();
    }
    const auto a = rapport::stats::analyse_two_way(x).value();
    found[0] += a.rows.variance / n_samples;
    found[1] += a.columns.variance / n_samples;
    found[2] += a.residual.variance / n_samples;
  }
  // Unbiased; the standard errors of these means are .067, .010 and .008: four of each.
  CHECK_CLOSE(found[0], 4, 0, 0.27);
  CHECK_CLOSE(found[1], 0.25, 0, 0.04);
  CHECK_CLOSE(found[2], 1, 0, 0.032);
}

TEST_CASE("groups of unequal size", "[anova]") {
  const std::vector<double> y = {3, 5, missing, 4, 8, 9, 10, 1};
  const std::vector<rp::index> group = {0, 0, 1, 0, 3, 3, 3, 1};  // group 2 is empty
  const auto found = rapport::stats::analyse_one_way<double>(y, group, 4).value();
  CHECK(found.n_groups == 3);
  CHECK(found.n == 7);
  CHECK_CLOSE(found.mean, 40.0 / 7);
  CHECK_CLOSE(found.within.sum_of_squares, 2 + 2 + 0);
  const double m = 40.0 / 7;
  CHECK_CLOSE(found.between.sum_of_squares, 3 * std::pow(4 - m, 2) + 3 * std::pow(9 - m, 2) + std::pow(1 - m, 2));
  CHECK_CLOSE(found.group_size, (7 - 19.0 / 7) / 2);
  CHECK(found.within.df == 4);
}

TEST_CASE("analysis of variance refuses what it cannot use", "[anova]") {
  matrix<double> x = noise(1, 5, 4);
  CHECK(rapport::stats::analyse_two_way(x.topRows(1)).error().code == errc::too_few_levels);
  CHECK(rapport::stats::analyse_two_way(x.leftCols(1)).error().code == errc::too_few_levels);
  CHECK(rapport::stats::analyse_three_way(x, 3).error().code == errc::size_mismatch);
  CHECK(rapport::stats::analyse_three_way(x, 4).error().code == errc::too_few_levels);
  CHECK(rapport::stats::analyse_three_way(x, 1).error().code == errc::too_few_levels);
  x(3, 1) = missing;
  x(4, 0) = std::numeric_limits<double>::infinity();
  const auto first = rapport::stats::analyse_two_way(x).error();
  CHECK(first.code == errc::incomplete_design);
  CHECK(first.row == 3);
  CHECK(first.column == 1);
  CHECK(rapport::stats::analyse_three_way(x, 2).error().code == errc::incomplete_design);
  x(3, 1) = 0;
  CHECK(rapport::stats::analyse_two_way(x).error().code == errc::not_finite);
  x(4, 0) = 1e200;
  CHECK(rapport::stats::analyse_two_way(x).error().code == errc::numeric_failure);

  const std::vector<double> y = {1, 2, 3};
  const std::vector<rp::index> apart = {0, 1, 2};
  const std::vector<rp::index> one = {0, 0, 0};
  const std::vector<rp::index> wrong = {0, 1, 5};
  CHECK(rapport::stats::analyse_one_way<double>(y, apart, 3).error().code == errc::too_few_rows);
  CHECK(rapport::stats::analyse_one_way<double>(y, one, 3).error().code == errc::too_few_levels);
  CHECK(rapport::stats::analyse_one_way<double>(y, wrong, 3).error().code == errc::invalid_option);
  CHECK(rapport::stats::analyse_one_way<double>(y, std::span(one).first(2), 3).error().code == errc::size_mismatch);
}
