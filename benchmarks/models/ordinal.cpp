// SPDX-License-Identifier: BSL-1.0
// Polychoric correlations, and all split halves of a scale.
#include <cmath>
#include <ostream>
#include <string>

#include <rapport/reliability/split_half.hpp>
#include <rapport/stats/polychoric.hpp>
#include "data.hpp"
#include "measure.hpp"

namespace {

using rapport::index;
using rapport::stats::matrix;

constexpr index n_persons = 2000;
constexpr index n_split_items = 16;

/// The two-way tables that the correlations are estimated from.
double count_tables(const matrix<double>& x) {
  double most = 0;
  for (index a = 0; a < x.cols(); ++a) {
    for (index b = 0; b < a; ++b) {
      matrix<double> count = matrix<double>::Zero(5, 5);
      for (index i = 0; i < x.rows(); ++i) count(static_cast<index>(x(i, a)) - 1, static_cast<index>(x(i, b)) - 1) += 1;
      most += count.maxCoeff();
    }
  }
  return most;
}

void polychoric(benchmark::State& state) {
  const matrix<double> x = bench::item_answers(n_persons, bench::questionnaire_items, 0);
  const auto found = rapport::stats::polychoric(x).value();
  const auto c = rapport::stats::covariance(x).value();
  const matrix<double> pearson = rapport::stats::correlation_from_covariance(c.covariance).value();
  // Categories hide a part of a correlation, but not much of it where there are five.
  bench::check((found.correlation - pearson).minCoeff() > -1e-9, "a polychoric correlation is the larger one");
  bench::check((found.correlation - pearson).maxCoeff() < 0.15, "five categories hide less");
  double thresholds = 0;
  for (const auto& t : found.thresholds) thresholds += t.mean() / static_cast<double>(x.cols());
  bench::compare(
      state,
      {.n = {{"persons", n_persons}, {"items", x.cols()}},
       .floor = "counting the two-way tables",
       .answer = thresholds},
      [&] { return rapport::stats::polychoric(x); }, [&] { return count_tables(x); });
}

void split_half(benchmark::State& state) {
  const matrix<double> x = bench::item_answers(n_persons, n_split_items, 0);
  const auto c = rapport::stats::covariance(x).value();
  const auto found = rapport::split_half(c).value();
  bench::check(found.values.size() == 6435, "all splits are looked at");
  const auto k = static_cast<double>(n_split_items);
  const double alpha = k / (k - 1) * (1 - c.covariance.trace() / c.covariance.sum());
  bench::check_close(found.mean, alpha, 1e-12, "the mean of all split halves is alpha");
  rapport::stats::vector<double> sides = rapport::stats::vector<double>::Ones(n_split_items);
  sides.tail(n_split_items / 2).setConstant(-1);
  bench::compare(
      state,
      {.n = {{"items", n_split_items}, {"splits", 6435}},
       .floor = "one quadratic form of the matrix per split",
       .answer = found.mean},
      [&] { return rapport::split_half(c); },
      [&] {
        double sum = 0;
        for (index s = 0; s < 6435; ++s) {
          benchmark::DoNotOptimize(sides.data());
          sum += sides.dot(c.covariance * sides);
        }
        return sum;
      });
}

const bench::registration add_all([] {
  const std::string name = "models/polychoric/persons:" + std::to_string(n_persons);
  bench::add(name, polychoric);
  bench::add_table(name, "polychoric", "polychoric.csv", [](std::ostream& out) {
    bench::write_csv(out, bench::item_answers(n_persons, bench::questionnaire_items, 0));
  });
  bench::add("models/split_half/items:" + std::to_string(n_split_items), split_half);
});

}  // namespace
