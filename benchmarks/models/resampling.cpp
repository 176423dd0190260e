// SPDX-License-Identifier: BSL-1.0
// Bootstraps of alpha and omega: beside as many covariance matrices, and on two threads beside one.
#include <string>

#include <rapport/reliability/alpha.hpp>
#include <rapport/reliability/omega.hpp>
#include "data.hpp"
#include "measure.hpp"

namespace {

using rapport::index;
using rapport::stats::matrix;

constexpr index n_persons = 200;
constexpr index n_replicates = 10000;

void omega_bca(benchmark::State& state) {
  const matrix<double> x = bench::item_answers(n_persons, bench::questionnaire_items, 0);
  const auto run = [&] {
    return rapport::omega_total(x, {.interval = rapport::bootstrap_bca{.replicates = n_replicates, .threads = 1}});
  };
  if (!bench::current_settings().check_only) {
    const auto found = run().value();
    const auto plain = rapport::omega_total(x).value();
    bench::check(found.estimate == plain.estimate, "the bootstrap changes the estimate");
    bench::check(found.interval.contains(found.estimate), "the interval holds the estimate");
    // Both are standard errors of the same coefficient; answers in five categories are not quite normal.
    bench::check_close(found.standard_error.value(), plain.standard_error.value(), 0.01, "the standard error");
  }
  bench::compare(state,
                 {.n = {{"persons", n_persons}, {"items", x.cols()}, {"replicates", n_replicates}},
                  .floor = "as many covariance matrices of the table",
                  .answer = rapport::omega_total(x).value().estimate},
                 run, [&] {
                   double sum = 0;
                   for (index r = 0; r < n_replicates; ++r)
                     sum += rapport::stats::covariance(x).value().covariance(0, 1);
                   return sum;
                 });
}

void alpha_threads(benchmark::State& state) {
  const matrix<double> x = bench::item_answers(n_persons, bench::questionnaire_items, 0);
  const auto run = [&](index n_threads) {
    return rapport::cronbach_alpha(
        x, {.interval = rapport::bootstrap_bca{.replicates = n_replicates, .threads = n_threads}});
  };
  const auto one = run(1).value();
  const auto two = run(2).value();
  bench::check(one.interval.lower == two.interval.lower && one.interval.upper == two.interval.upper,
               "threads change the interval");
  bench::compare(
      state,
      {.n = {{"persons", n_persons}, {"items", x.cols()}, {"replicates", n_replicates}},
       .floor = "the same on one thread",
       .clock = bench::clock_kind::wall,
       .answer = one.estimate},
      [&] { return run(2); }, [&] { return run(1); });
}

const bench::registration add_all([] {
  bench::add("models/omega_bca/persons:" + std::to_string(n_persons), omega_bca);
  bench::add("models/alpha_bca_on_two_threads/persons:" + std::to_string(n_persons), alpha_threads);
});

}  // namespace
