// SPDX-License-Identifier: BSL-1.0
// What it costs to share a loop between threads.
#include <cmath>
#include <string>
#include <vector>

#include <rapport/stats/parallel.hpp>
#include "measure.hpp"

namespace {

using rapport::as_size;
using rapport::index;

constexpr index n_calls = 10000;

void overhead(benchmark::State& state, index n_threads) {
  std::vector<index> times_visited(as_size(n_calls), 0);
  rapport::stats::parallel_for(n_calls, n_threads, [&](index i) { ++times_visited[as_size(i)]; });
  for (const index each : times_visited) bench::check(each == 1, "a call is made once");

  std::vector<double> out(as_size(n_calls));
  const auto body = [&](index i) { out[as_size(i)] = std::sqrt(static_cast<double>(i)); };
  bench::compare(
      state,
      {.n = {{"calls", n_calls}, {"threads", n_threads}},
       .floor = "the plain loop",
       .operations = n_calls,
       .clock = bench::clock_kind::wall},
      [&] { rapport::stats::parallel_for(n_calls, n_threads, body); },
      [&] {
        for (index i = 0; i < n_calls; ++i) body(i);
      });
}

/// Enough work per call that a second processor pays: the ratio tells how much of it arrives.
void share_work(benchmark::State& state, index n_threads) {
  constexpr index n = 200;
  std::vector<double> out(as_size(n));
  const auto body = [&](index i) {
    double sum = 0;
    for (index k = 0; k < 5000; ++k) sum += std::sqrt(static_cast<double>(i * k));
    out[as_size(i)] = sum;
  };
  for (index i = 0; i < n; ++i) body(i);
  const std::vector<double> alone = out;
  rapport::stats::parallel_for(n, n_threads, body);
  bench::check(out == alone, "threads change the result");
  bench::compare(
      state, {.n = {{"calls", n}, {"threads", n_threads}}, .floor = "the plain loop", .clock = bench::clock_kind::wall},
      [&] { rapport::stats::parallel_for(n, n_threads, body); },
      [&] {
        for (index i = 0; i < n; ++i) body(i);
      });
}

const bench::registration add_all([] {
  for (const index n_threads : {1, 2}) {
    const std::string threads = std::to_string(n_threads) + (n_threads == 1 ? "_thread" : "_threads");
    bench::add("stats/parallel_for/overhead_" + threads, [=](benchmark::State& state) { overhead(state, n_threads); });
    bench::add("stats/parallel_for/work_" + threads, [=](benchmark::State& state) { share_work(state, n_threads); });
  }
});

}  // namespace
