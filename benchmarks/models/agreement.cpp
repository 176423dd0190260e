// SPDX-License-Identifier: BSL-1.0
// All six intraclass correlations of a table of ratings.
#include <cmath>

#include <rapport/reliability/icc.hpp>
#include "data.hpp"
#include "measure.hpp"

namespace {

using rapport::index;
using rapport::stats::matrix;

constexpr index n_raters = 10;

/// ICC3 from the mean squares as the textbook sums them up.
double naive_icc3(const matrix<double>& x) {
  const auto n = static_cast<double>(x.rows());
  const auto k = static_cast<double>(x.cols());
  const double correction = x.sum() * x.sum() / (n * k);
  const double rows = x.rowwise().sum().squaredNorm() / k - correction;
  const double columns = x.colwise().sum().squaredNorm() / n - correction;
  const double error = (x.squaredNorm() - correction - rows - columns) / ((n - 1) * (k - 1));
  const double targets = rows / (n - 1);
  return (targets - error) / (targets + (k - 1) * error);
}

void icc(benchmark::State& state) {
  const auto n = static_cast<index>(state.range(0));
  const matrix<double> x = bench::item_answers(n, n_raters, 0);
  const auto found = rapport::estimate_icc(x).value();
  // The textbook's differences of large sums lose some three digits more than a single rounding a row.
  const double rounding = 1e-15 * static_cast<double>(n) + 1e-12;
  bench::check_close(found.of(rapport::icc_form::icc3).value(), naive_icc3(x), rounding, "ICC3");
  bench::compare(
      state,
      {.n = {{"targets", n}, {"raters", n_raters}},
       .floor = "one pass: the sum of all ratings",
       .answer = found.of(rapport::icc_form::icc3).value()},
      [&] { return rapport::estimate_icc(x); }, [&] { return x.sum(); });
}

const bench::registration add_all([] {
  bench::add_linear("models/icc_six_estimates", "targets", bench::questionnaire_sizes, icc);
});

}  // namespace
