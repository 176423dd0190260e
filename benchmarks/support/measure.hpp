// SPDX-License-Identifier: BSL-1.0
// Measures a function beside its floor, interleaved, after its answer has been checked.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <iosfwd>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include <benchmark/benchmark.h>

#include <rapport/core/index.hpp>
#include "allocations.hpp"

namespace bench {

using rapport::as_size;
using rapport::index;

/// What the command line asks for.
struct settings {
  bool quick = false;       ///< fewer and shorter repetitions
  bool check_only = false;  ///< check the answers of the smaller sizes, measure nothing

  [[nodiscard]] int repetitions() const noexcept { return quick ? 5 : 9; }
  [[nodiscard]] double batch_seconds() const noexcept { return quick ? 1e-3 : 5e-3; }
  /// Whether a study of so many rows is left out.
  [[nodiscard]] bool skips(index rows) const noexcept { return check_only && rows > 20000; }
};

[[nodiscard]] settings& current_settings() noexcept;

/// Thrown when a benchmark computes something wrong; it is then not measured, and the program ends with status 1.
struct wrong_answer : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// Throws wrong_answer unless the condition holds.
void check(bool holds, const std::string& what);
/// Throws wrong_answer unless |found - wanted| <= relative max(1, |wanted|).
void check_close(double found, double wanted, double relative, const std::string& what);

/// Whose time counts.
enum class clock_kind : unsigned char {
  own_thread,  ///< processor time of the calling thread: what other programs do does not count
  wall         ///< for functions that start threads
};

/// Seconds on a clock.
[[nodiscard]] double now(clock_kind clock) noexcept;

/// What is measured.
struct subject_info {
  std::vector<std::pair<const char*, index>> n{};  ///< sizes, by name
  const char* floor = "";                          ///< what the floor does, in words
  const char* peer = "";                           ///< what the peer is, in words; empty: none within this program
  index operations = 1;  ///< per call, of subject, floor and peer alike; times are per operation
  clock_kind clock = clock_kind::own_thread;
  double answer = std::nan("");  ///< a number that peers in other languages compute too
};

struct no_peer {
  void operator()() const noexcept {}
};

namespace detail {

template <class Function>
void call(const Function& function) {
  if constexpr (std::is_void_v<std::invoke_result_t<Function>>) {
    function();
  } else {
    auto result = function();
    benchmark::DoNotOptimize(result);
  }
  benchmark::ClobberMemory();
}

// Kept out of line, so that the compiler cannot move work out of the loop.
template <class Function>
[[gnu::noinline]] double time_batch(const Function& function, index calls, clock_kind clock) {
  const double begin = now(clock);
  for (index i = 0; i < calls; ++i) call(function);
  return now(clock) - begin;
}

/// So many calls take about as long as one batch should.
template <class Function>
[[nodiscard]] index calls_per_batch(const Function& function, double seconds, clock_kind clock) {
  index calls = 1;
  for (;;) {
    const double took = time_batch(function, calls, clock);
    if (took >= seconds) return calls;
    const double factor = took > 0 ? 1.2 * seconds / took : 10;
    calls = static_cast<index>(static_cast<double>(calls) * (std::min)(10.0, (std::max)(2.0, factor)));
  }
}

[[nodiscard]] double median(std::vector<double> values);

void report(benchmark::State& state, const subject_info& info, const allocation_count& counted, double subject,
            double floor, double peer);

}  // namespace detail

/// Measures `subject` beside `floor` (and `peer`, if there is one): in each repetition a batch of each, in alternating
/// order; reports the medians. The answers are to be checked before.
template <class Subject, class Floor, class Peer = no_peer>
void compare(benchmark::State& state, const subject_info& info, const Subject& subject, const Floor& floor,
             const Peer& peer = {}) {
  constexpr bool has_peer = !std::is_same_v<Peer, no_peer>;
  const settings& how = current_settings();
  for (auto _ : state) {
    if (how.check_only) {
      state.SetIterationTime(0);
      continue;
    }
    const double length = how.batch_seconds();
    const index subject_calls = detail::calls_per_batch(subject, length, info.clock);
    const index floor_calls = detail::calls_per_batch(floor, length, info.clock);
    const index peer_calls = has_peer ? detail::calls_per_batch(peer, length, info.clock) : 0;
    start_counting();
    detail::call(subject);
    const allocation_count counted = stop_counting();

    std::array<std::vector<double>, 3> seconds;
    const auto measure = [&](std::size_t which) {
      const auto per_operation = [&](double total, index calls) {
        seconds[which].push_back(total / static_cast<double>(calls * info.operations));
      };
      if (which == 0) per_operation(detail::time_batch(subject, subject_calls, info.clock), subject_calls);
      if (which == 1) per_operation(detail::time_batch(floor, floor_calls, info.clock), floor_calls);
      if (which == 2) per_operation(detail::time_batch(peer, peer_calls, info.clock), peer_calls);
    };
    for (int repetition = 0; repetition < how.repetitions(); ++repetition) {
      // Back and forth, so that neither always finds the cache as the other left it.
      const bool forth = repetition % 2 == 0;
      for (std::size_t step = 0; step < 3; ++step) {
        const std::size_t which = forth ? step : 2 - step;
        if (which < 2 || has_peer) measure(which);
      }
    }
    detail::report(state, info, counted, detail::median(seconds[0]), detail::median(seconds[1]),
                   has_peer ? detail::median(seconds[2]) : 0);
  }
}

using body = std::function<void(benchmark::State&)>;

/// Adds a benchmark.
void add(const std::string& name, const body& run);
/// Adds a family of benchmarks that differ in one size, state.range(0), and whose time is claimed to be linear in it.
void add_linear(const std::string& name, const char* size_name, const std::vector<index>& sizes, const body& run);

/// Adds a table that a peer in another language reads for the benchmark of this name.
/// \param name  the benchmark, as it is reported
/// \param kind  the peer's script, peers/<kind>.R
/// \param file  name of the table's file
void add_table(const std::string& name, const char* kind, const std::string& file,
               const std::function<void(std::ostream&)>& write);

/// Registers the benchmarks of a source file before main() begins to work.
struct registration {
  explicit registration(void (*add_benchmarks)());
};

}  // namespace bench
