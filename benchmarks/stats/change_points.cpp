// SPDX-License-Identifier: BSL-1.0
// Change points of the mean in long series of steps, as peers in R and Python find them.
#include <cmath>
#include <ostream>
#include <string>
#include <vector>

#include <rapport/core/failure.hpp>
#include <rapport/core/random.hpp>
#include <rapport/stats/change_point/search.hpp>
#include "data.hpp"
#include "measure.hpp"

namespace {

using rapport::index;
namespace stats = rapport::stats;

/// Normal values around levels that last about a hundred each.
std::vector<double> steps(index n) {
  rapport::random_stream random(bench::seed, 31);
  std::vector<double> out;
  while (std::ssize(out) < n) {
    const index length = 50 + random.below(101);
    const double level = 2 * random.normal();
    for (index t = 0; t < length && std::ssize(out) < n; ++t) {
      // Four decimals, so that every program reads the same numbers.
      out.push_back(std::round(1e4 * (level + random.normal())) / 1e4);
    }
  }
  return out;
}

stats::change_penalty<double> penalty_of(index n) { return {2 * std::log(static_cast<double>(n))}; }

/// The penalized cost of given changes, from two plain sums of each segment.
double naive_cost(const std::vector<double>& y, const stats::segmentation<double>& found, double penalty) {
  double out = penalty * static_cast<double>(found.changes.size());
  std::size_t begin = 0;
  for (std::size_t k = 0; k <= found.changes.size(); ++k) {
    const std::size_t end = k < found.changes.size() ? rapport::as_size(found.changes[k]) : y.size();
    double mean = 0;
    for (std::size_t t = begin; t < end; ++t) mean += y[t] / static_cast<double>(end - begin);
    for (std::size_t t = begin; t < end; ++t) out += (y[t] - mean) * (y[t] - mean);
    begin = end;
  }
  return out;
}

index n_changes(const std::vector<double>& y) {
  const auto cost = stats::mean_cost<double>::make(y).value();
  return std::ssize(stats::pelt(cost, penalty_of(std::ssize(y))).value().changes);
}

void pelt_of_means(benchmark::State& state, index n) {
  const auto y = steps(n);
  const auto penalty = penalty_of(n);
  const auto cost = stats::mean_cost<double>::make(y).value();
  const auto found = stats::pelt(cost, penalty).value();
  bench::check_close(found.penalized, naive_cost(y, found, penalty.value), 1e-9, "the cost of the changes");
  if (n <= 20000) {
    const auto best = stats::optimal_partitioning(cost, penalty).value();
    bench::check_close(found.penalized, best.penalized, 1e-9, "the least cost");
  }
  bench::compare(
      state,
      {.n = {{"values", n}},
       .floor = "one pass of sums and sums of squares",
       .answer = static_cast<double>(n_changes(y))},
      [&] { return n_changes(y); },
      [&] {
        double sum = 0;
        double squares = 0;
        for (const double each : y) sum += each, squares += each * each;
        return sum + squares;
      });
}

const bench::registration add_all([] {
  for (const index n : {index{1000}, index{10000}, index{1000000}}) {
    if (bench::current_settings().skips(n)) continue;
    const std::string name = "stats/pelt_mean/values_" + std::to_string(n);
    bench::add(name, [=](benchmark::State& state) { pelt_of_means(state, n); });
    bench::add_table(name, "change_points", "steps_" + std::to_string(n) + ".csv", [=](std::ostream& out) {
      out << "score\n";
      out.precision(17);
      for (const double each : steps(n)) out << each << '\n';
    });
  }
});

}  // namespace
