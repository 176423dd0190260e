// SPDX-License-Identifier: BSL-1.0
// Cronbach's alpha with its interval and the full item table.
#include <cmath>
#include <limits>
#include <ostream>
#include <string>
#include <utility>

#include <rapport/reliability.hpp>
#include "data.hpp"
#include "measure.hpp"

namespace {

using rapport::index;
using rapport::stats::matrix;

auto alpha_with_items(const matrix<double>& x) {
  const auto covariances = rapport::stats::covariance(x).value();
  return std::pair(rapport::cronbach_alpha(covariances).value(), rapport::item_statistics(x, covariances).value());
}

double correlation(const rapport::stats::vector<double>& a, const rapport::stats::vector<double>& b) {
  const rapport::stats::vector<double> da = a.array() - a.mean();
  const rapport::stats::vector<double> db = b.array() - b.mean();
  return da.dot(db) / std::sqrt(da.squaredNorm() * db.squaredNorm());
}

double variance(const rapport::stats::vector<double>& a) {
  return (a.array() - a.mean()).matrix().squaredNorm() / static_cast<double>(a.size() - 1);
}

/// Alpha from variances of columns and of their sum.
double naive_alpha(const matrix<double>& x) {
  const auto k = static_cast<double>(x.cols());
  double parts = 0;
  for (index j = 0; j < x.cols(); ++j) parts += variance(x.col(j));
  return k / (k - 1) * (1 - parts / variance(x.rowwise().sum()));
}

void alpha(benchmark::State& state) {
  const auto n = static_cast<index>(state.range(0));
  const matrix<double> x = bench::item_answers(n, bench::questionnaire_items, 0);
  const auto [found, items] = alpha_with_items(x);
  // Closed forms, all of order one. The naive ones round a sum n times; the rest is some dozen roundings.
  const double rounding = std::numeric_limits<double>::epsilon() * static_cast<double>(n) + 1e-13;
  bench::check_close(found.estimate, naive_alpha(x), rounding, "alpha");
  const rapport::stats::vector<double> total = x.rowwise().sum();
  for (index j = 0; j < x.cols(); ++j) {
    const auto& item = items[rapport::as_size(j)];
    matrix<double> others(n, x.cols() - 1);
    others << x.leftCols(j), x.rightCols(x.cols() - 1 - j);
    bench::check_close(item.mean, x.col(j).mean(), rounding, "an item's mean");
    bench::check_close(item.r_drop.value(), correlation(x.col(j), total - x.col(j)), rounding, "r_drop");
    bench::check_close(item.raw_r.value(), correlation(x.col(j), total), rounding, "raw_r");
    bench::check_close(item.alpha_if_dropped.value(), naive_alpha(others), rounding, "alpha_if_dropped");
  }

  matrix<double> product(x.cols(), x.cols());
  bench::compare(
      state,
      {.n = {{"persons", n}, {"items", x.cols()}}, .floor = "one Eigen rank update X'X", .answer = found.estimate},
      [&] { return alpha_with_items(x); },
      [&] {
        product.setZero();
        product.selfadjointView<Eigen::Lower>().rankUpdate(x.transpose());
      });
}

const bench::registration add_all([] {
  bench::add_linear("models/alpha_with_item_table", "persons", bench::questionnaire_sizes, alpha);
  for (const index n : bench::questionnaire_sizes) {
    bench::add_table("models/alpha_with_item_table/persons:" + std::to_string(n), "reliability",
                     "answers_" + std::to_string(n) + ".csv", [n](std::ostream& out) {
                       bench::write_csv(out, bench::item_answers(n, bench::questionnaire_items, 0));
                     });
  }
});

}  // namespace
