// SPDX-License-Identifier: BSL-1.0
// The covariance matrix, beside one rank update of the same size and a naive loop.
#include <cmath>

#include <rapport/core/failure.hpp>
#include <rapport/stats/covariance.hpp>
#include "data.hpp"
#include "measure.hpp"

namespace {

using rapport::index;
using rapport::stats::matrix;

/// Pairwise covariances of whole numbers, exact up to the last division.
matrix<double> exact_covariance(const matrix<double>& x) {
  matrix<double> out(x.cols(), x.cols());
  for (index a = 0; a < x.cols(); ++a) {
    for (index b = 0; b <= a; ++b) {
      index sum_a = 0;
      index sum_b = 0;
      index products = 0;
      index n = 0;
      for (index i = 0; i < x.rows(); ++i) {
        if (std::isnan(x(i, a)) || std::isnan(x(i, b))) continue;
        const auto u = static_cast<index>(x(i, a));
        const auto v = static_cast<index>(x(i, b));
        sum_a += u;
        sum_b += v;
        products += u * v;
        ++n;
      }
      const auto numerator = static_cast<double>(n * products - sum_a * sum_b);
      out(a, b) = out(b, a) = numerator / static_cast<double>(n * (n - 1));
    }
  }
  return out;
}

/// Pairwise covariances from their definition: two passes over the rows for each pair of columns.
matrix<double> naive_covariance(const matrix<double>& x) {
  matrix<double> out(x.cols(), x.cols());
  for (index a = 0; a < x.cols(); ++a) {
    for (index b = 0; b <= a; ++b) {
      double sum_a = 0;
      double sum_b = 0;
      double n = 0;
      for (index i = 0; i < x.rows(); ++i) {
        if (std::isnan(x(i, a)) || std::isnan(x(i, b))) continue;
        sum_a += x(i, a);
        sum_b += x(i, b);
        n += 1;
      }
      double product = 0;
      for (index i = 0; i < x.rows(); ++i) {
        if (std::isnan(x(i, a)) || std::isnan(x(i, b))) continue;
        product += (x(i, a) - sum_a / n) * (x(i, b) - sum_b / n);
      }
      out(a, b) = out(b, a) = product / (n - 1);
    }
  }
  return out;
}

void covariance(benchmark::State& state, double missing_share) {
  const auto n = static_cast<index>(state.range(0));
  const matrix<double> x = bench::item_answers(n, bench::questionnaire_items, missing_share);
  const matrix<double> found = rapport::stats::covariance(x).value().covariance;
  // Sums of whole numbers are exact on both sides; what is left are some roundings of numbers of the order of one.
  bench::check_close((found - exact_covariance(x)).cwiseAbs().maxCoeff(), 0, 1e-14, "distance to the exact covariance");

  // The floor has no missing cells to mind: NaN would not slow it down, but the work is that of whole numbers.
  const matrix<double> complete = x.array().isNaN().select(3.0, x);
  matrix<double> product(x.cols(), x.cols());
  bench::compare(
      state,
      {.n = {{"rows", n}, {"columns", x.cols()}}, .floor = "one Eigen rank update X'X", .peer = "naive three loops"},
      [&] { return rapport::stats::covariance(x); },
      [&] {
        product.setZero();
        product.selfadjointView<Eigen::Lower>().rankUpdate(complete.transpose());
      },
      [&] { return naive_covariance(x); });
}

const bench::registration add_all([] {
  bench::add_linear("stats/covariance/complete", "rows", bench::questionnaire_sizes,
                    [](benchmark::State& state) { covariance(state, 0); });
  bench::add_linear("stats/covariance/missing_5_percent", "rows", bench::questionnaire_sizes,
                    [](benchmark::State& state) { covariance(state, 0.05); });
});

}  // namespace
