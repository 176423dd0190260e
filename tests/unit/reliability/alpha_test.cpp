// SPDX-License-Identifier: BSL-1.0
// Cronbach's alpha and the item table against formulas as written, simulated truth and degenerate data.
#include "rapport_test.hpp"

namespace rp = rapport;

using rapport::errc;
using rapport::stats::matrix;
using rapport::stats::missing_cells;

namespace {

constexpr double missing = std::numeric_limits<double>::quiet_NaN();

/// Items that share one factor.
matrix<double> scale(std::uint64_t seed, rp::index n, rp::index k, double loading, double share_missing = 0) {
  rapport::random_stream random(seed);
  matrix<double> x(n, k);
  for (rp::index i = 0; i < n; ++i) {
    const double factor = random.normal();
    for (rp::index j = 0; j < k; ++j) {
      const double answer = loading * factor + std::sqrt(1 - loading * loading) * random.normal();
      x(i, j) = random.chance(share_missing) ? missing : answer;
    }
  }
  return x;
}

double variance_of(const rapport::stats::vector<double>& v) {
  return (v.array() - v.mean()).matrix().squaredNorm() / static_cast<double>(v.size() - 1);
}

double correlation_of(const rapport::stats::vector<double>& a, const rapport::stats::vector<double>& b) {
  const auto da = (a.array() - a.mean()).matrix().eval();
  const auto db = (b.array() - b.mean()).matrix().eval();
  return da.dot(db) / std::sqrt(da.squaredNorm() * db.squaredNorm());
}

}  // namespace

TEST_CASE("alpha is k / (k - 1) (1 - item variances / variance of the sum)", "[alpha]") {
  for (const rp::index k : {2, 3, 12}) {
    const auto x = scale(static_cast<std::uint64_t>(k), 80, k, 0.6);
    double items = 0;
    for (rp::index j = 0; j < k; ++j) items += variance_of(x.col(j));
    const double kk = static_cast<double>(k);
    const double expected = kk / (kk - 1) * (1 - items / variance_of(x.rowwise().sum()));
    const auto a = rapport::cronbach_alpha(x, {.interval = rapport::alpha_interval::feldt}).value();
    CHECK_CLOSE(a.estimate, expected, 1e-12);
    CHECK(a.n == 80);
    CHECK(a.method == "alpha, pairwise, Feldt 95 %");
    CHECK(a.notes.empty());
    CHECK(a.interval.contains(a.estimate));
  }
}

TEST_CASE("alpha does not see the order of items, nor shift, nor a common unit", "[alpha]") {
  const auto x = scale(1, 60, 5, 0.7);
  const double before = rapport::cronbach_alpha(x)->estimate;
  matrix<double> turned = x.rowwise().reverse() * 3;
  turned.array() += 100;
  CHECK_CLOSE(rapport::cronbach_alpha(turned)->estimate, before, 1e-12);
}

TEST_CASE("alpha of parallel items is what Spearman and Brown say, and the interval covers it as often as it should",
          "[alpha]") {
  const rp::index k = 6;
  const double r = 0.36;  // loading .6 squared
  const double truth = 6 * r / (1 + 5 * r);
  int covered = 0;
  constexpr int n_samples = 1000;
  double mean = 0;
  for (int s = 0; s < n_samples; ++s) {
    const auto a = rapport::cronbach_alpha(scale(static_cast<std::uint64_t>(1000 + s), 50, k, 0.6),
                                           {.interval = rapport::alpha_interval::feldt})
                       .value();
    covered += a.interval.contains(truth) ? 1 : 0;
    mean += a.estimate / n_samples;
  }
  // Feldt's interval is exact here: 95 % of 1000 is 950, standard error 6.9; five of them either way.
  CHECK(covered > 915);
  CHECK(covered < 985);
  CHECK_CLOSE(mean, truth, 0, 0.02);
}

TEST_CASE("the standard error agrees with the spread of alpha over samples", "[alpha]") {
  double mean = 0;
  double squares = 0;
  double mean_se = 0;
  constexpr int n_samples = 800;
  for (int s = 0; s < n_samples; ++s) {
    const auto a = rapport::cronbach_alpha(scale(static_cast<std::uint64_t>(5000 + s), 300, 8, 0.5)).value();
    mean += a.estimate / n_samples;
    squares += a.estimate * a.estimate / n_samples;
    mean_se += *a.standard_error / n_samples;
  }
  // The spread of 800 samples is known to 2.5 %; the formula is for large samples: 15 % is generous to both.
  CHECK_CLOSE(mean_se, std::sqrt(squares - mean * mean), 0.15);
}

TEST_CASE("missing answers: pairwise by default, listwise on request, and the notes say so", "[alpha]") {
  const auto x = scale(3, 200, 5, 0.7, 0.1);
  const auto feldt = rapport::alpha_interval::feldt;
  const auto pairwise = rapport::cronbach_alpha(x, {.interval = feldt}).value();
  const auto listwise = rapport::cronbach_alpha(x, {.missing = missing_cells::listwise, .interval = feldt}).value();
  CHECK(pairwise.n == 200);
  REQUIRE(pairwise.notes.size() == 1);
  CHECK(pairwise.notes[0].find("left items out") != std::string::npos);
  CHECK(listwise.n < 150);
  CHECK(listwise.method == "alpha, listwise, Feldt 95 %");
  matrix<double> complete(listwise.n, 5);
  rp::index row = 0;
  for (rp::index i = 0; i < 200; ++i) {
    if (!x.row(i).hasNaN()) complete.row(row++) = x.row(i);
  }
  CHECK_CLOSE(rapport::cronbach_alpha(complete)->estimate, listwise.estimate, 1e-12);
}

TEST_CASE("Feldt's interval widens with the level and narrows with persons", "[alpha]") {
  const auto at = [](double level, rp::index n) {
    const auto i = rapport::feldt_interval(0.8, n, 12, level).value();
    return i.upper - i.lower;
  };
  CHECK(at(0.99, 50) > at(0.95, 50));
  CHECK(at(0.95, 50) > at(0.95, 200));
  CHECK(rapport::feldt_interval(-2.0, 10, 3).value().lower < -2);
  CHECK(rapport::cronbach_alpha(scale(4, 40, 4, 0.5), {.level = 0.975, .interval = rapport::alpha_interval::feldt})
            ->method == "alpha, pairwise, Feldt 97.5 %");
  CHECK(rapport::cronbach_alpha(scale(4, 40, 4, 0.5), {.level = 0.9, .interval = rapport::alpha_interval::feldt})
            ->method == "alpha, pairwise, Feldt 90 %");
}

TEST_CASE("items that run against each other are named, not turned round", "[alpha]") {
  matrix<double> x = scale(5, 100, 4, 0.8);
  x.col(2) *= -1;
  x.col(3) *= -1;
  const auto a = rapport::cronbach_alpha(x);
  if (a) {
    CHECK(a->estimate < 0.5);
  } else {
    CHECK(a.error().code == errc::negative_total_variance);
  }
  matrix<double> opposite(3, 2);
  opposite << 1, 3, 2, 2, 3, 1;
  CHECK(rapport::cronbach_alpha(opposite).error().code == errc::negative_total_variance);
}

TEST_CASE("alpha refuses what it cannot use", "[alpha]") {
  CHECK(rapport::cronbach_alpha(matrix<double>(scale(6, 10, 1, 0.5))).error().code == errc::too_few_columns);
  CHECK(rapport::cronbach_alpha(matrix<double>(scale(6, 1, 3, 0.5))).error().code == errc::too_few_rows);
  CHECK(rapport::cronbach_alpha(matrix<double>(matrix<double>::Ones(9, 3))).error().code ==
        errc::negative_total_variance);
  for (const double level : {0.0, 1.0, -1.0, missing}) {
    CHECK(rapport::cronbach_alpha(scale(6, 10, 3, 0.5), {.level = level}).error().code == errc::invalid_option);
  }
  matrix<double> constant = scale(7, 30, 4, 0.6);
  constant.col(1).setConstant(3);
  const auto a = rapport::cronbach_alpha(rapport::stats::covariance(constant).value()).value();
  REQUIRE(a.notes.size() == 1);
  CHECK(a.notes[0] == "item 2 does not vary");
  const auto c = rapport::stats::covariance(constant).value();
  CHECK(rapport::standardized_alpha(c).error().code == errc::zero_variance);
  const auto items = rapport::item_statistics(constant, c).value();
  CHECK_FALSE(items[1].r_drop);
  CHECK_FALSE(items[0].r_cor);
  CHECK(items[0].r_drop);
}

TEST_CASE("standardized alpha, mean correlation and SEM", "[alpha]") {
  const auto x = scale(8, 90, 5, 0.6);
  const auto c = rapport::stats::covariance(x).value();
  matrix<double> z = x;
  for (rp::index j = 0; j < 5; ++j) z.col(j) = (x.col(j).array() - x.col(j).mean()) / std::sqrt(variance_of(x.col(j)));
  CHECK_CLOSE(rapport::standardized_alpha(c).value(), rapport::cronbach_alpha(z)->estimate, 1e-12);
  double sum = 0;
  for (rp::index a = 0; a < 5; ++a) {
    for (rp::index b = 0; b < a; ++b) sum += correlation_of(x.col(a), x.col(b));
  }
  CHECK_CLOSE(rapport::mean_inter_item_correlation(c).value(), sum / 10, 1e-12);
  const double sd = std::sqrt(variance_of(x.rowwise().sum()));
  CHECK_CLOSE(*rapport::standard_error_of_measurement(c, 0.84), sd * 0.4, 1e-12);
  CHECK_FALSE(rapport::standard_error_of_measurement(c, 1.01));
}

TEST_CASE("the item table of complete answers, column by column", "[item_statistics]") {
  const auto x = scale(9, 70, 4, 0.6);
  const auto items = rapport::item_statistics(x, rapport::stats::covariance(x).value()).value();
  double corrected_row[4] = {};
  double corrected_total = 0;
  for (rp::index j = 0; j < 4; ++j) {
    const auto& item = items[rapport::as_size(j)];
    const rapport::stats::vector<double> rest = x.rowwise().sum() - x.col(j);
    matrix<double> others(70, 3);
    rp::index column = 0;
    for (rp::index other = 0; other < 4; ++other) {
      if (other != j) others.col(column++) = x.col(other);
    }
    CHECK(item.n == 70);
    CHECK_CLOSE(item.mean, x.col(j).mean(), 1e-12, 1e-14);
    CHECK_CLOSE(item.sd, std::sqrt(variance_of(x.col(j))), 1e-12);
    CHECK_CLOSE(*item.r_drop, correlation_of(x.col(j), rest), 1e-12);
    CHECK_CLOSE(*item.raw_r, correlation_of(x.col(j), x.rowwise().sum()), 1e-12);
    CHECK_CLOSE(*item.alpha_if_dropped, rapport::cronbach_alpha(others)->estimate, 1e-12);
    // The squared multiple correlation of the item on the others, by least squares, stands on the diagonal for r_cor.
    const matrix<double> centred = others.rowwise() - others.colwise().mean();
    const rapport::stats::vector<double> target = x.col(j).array() - x.col(j).mean();
    const rapport::stats::vector<double> b = (centred.transpose() * centred).llt().solve(centred.transpose() * target);
    corrected_row[j] = 1 - (target - centred * b).squaredNorm() / target.squaredNorm();
    for (rp::index other = 0; other < 4; ++other) {
      if (other != j) corrected_row[j] += correlation_of(x.col(j), x.col(other));
    }
    corrected_total += corrected_row[j];
  }
  for (rp::index j = 0; j < 4; ++j)
    CHECK_CLOSE(*items[rapport::as_size(j)].r_cor, corrected_row[j] / std::sqrt(corrected_total), 1e-11);
}

TEST_CASE("the item table needs the covariances of its own table", "[item_statistics]") {
  const auto x = scale(10, 30, 4, 0.6);
  const auto c = rapport::stats::covariance(x).value();
  CHECK(rapport::item_statistics(x.leftCols(3), c).error().code == errc::size_mismatch);
  CHECK(rapport::item_statistics(x.topRows(20), c).error().code == errc::size_mismatch);
}
