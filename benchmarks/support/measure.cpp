// SPDX-License-Identifier: BSL-1.0
// The parts of the measuring that are not templates: clocks, checks, the list of benchmarks.
#include "measure.hpp"

#include <chrono>
#include <ctime>
#include <sstream>

#include "registry.hpp"

namespace bench {

settings& current_settings() noexcept {
  static settings only;
  return only;
}

registry& current_registry() {
  static registry only;
  return only;
}

void check(bool holds, const std::string& what) {
  if (!holds) throw wrong_answer("wrong answer: " + what);
}

void check_close(double found, double wanted, double relative, const std::string& what) {
  const double allowed = relative * (std::max)(1.0, std::fabs(wanted));
  if (std::fabs(found - wanted) <= allowed) return;
  std::ostringstream text;
  text.precision(17);
  text << what << " is " << found << ", wanted " << wanted << " within " << allowed;
  check(false, text.str());
}

double now(clock_kind clock) noexcept {
#if defined(CLOCK_THREAD_CPUTIME_ID)
  if (clock == clock_kind::own_thread) {
    timespec time{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
  }
#else
  static_cast<void>(clock);
#endif
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

namespace detail {

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  const std::size_t half = values.size() / 2;
  return values.size() % 2 == 1 ? values[half] : (values[half - 1] + values[half]) / 2;
}

void report(benchmark::State& state, const subject_info& info, const allocation_count& counted, double subject,
            double floor, double peer) {
  state.SetIterationTime(subject);
  for (const auto& [name, size] : info.n) state.counters[std::string("n.") + name] = static_cast<double>(size);
  state.counters["seconds"] = subject;
  state.counters["floor_seconds"] = floor;
  state.counters["ratio_to_floor"] = subject / floor;
  const auto operations = static_cast<double>(info.operations);
  state.counters["allocations"] = static_cast<double>(counted.allocations) / operations;
  if (counted.bytes_peak >= 0) state.counters["bytes_peak"] = static_cast<double>(counted.bytes_peak);
  if (peer > 0) {
    state.counters["peer_seconds"] = peer;
    state.counters["ratio_to_peer"] = subject / peer;
  }
  if (!std::isnan(info.answer)) state.counters["answer"] = info.answer;
  state.counters["wall_clock"] = info.clock == clock_kind::wall ? 1 : 0;
  const std::string label = std::string(info.floor) + (peer > 0 ? std::string(" | ") + info.peer : std::string());
  state.SetLabel(label.c_str());
}

}  // namespace detail

namespace {

benchmark::internal::Benchmark* add_checked(const std::string& name, const body& run) {
  const auto checked = [name, run](benchmark::State& state) {
    try {
      run(state);
    } catch (const std::exception& failure) {
      current_registry().failures.push_back(name + ": " + failure.what());
      // Not SkipWithError: a family whose runs all end that way has no first run, where Complexity() looks for one
      // (Google Benchmark 1.7.1).
      for (auto _ : state) state.SetIterationTime(0);
      state.counters["wrong"] = 1;
      state.SetLabel(failure.what());
    }
  };
  // One iteration is one whole comparison; its repetitions are inside.
  return benchmark::RegisterBenchmark(name.c_str(), checked)->Iterations(1)->UseManualTime();
}

}  // namespace

void add(const std::string& name, const body& run) { add_checked(name, run); }

void add_linear(const std::string& name, const char* size_name, const std::vector<index>& sizes, const body& run) {
  auto* family = add_checked(name, [run](benchmark::State& state) {
    state.SetComplexityN(state.range(0));
    run(state);
  });
  family->ArgName(size_name);
  bool any = false;
  for (const index size : sizes) {
    if (current_settings().skips(size) && any) continue;
    family->Arg(size);
    any = true;
  }
  if (!current_settings().check_only) family->Complexity(benchmark::oN);
}

void add_table(const std::string& name, const char* kind, const std::string& file,
               const std::function<void(std::ostream&)>& write) {
  current_registry().tables.push_back({name, kind, file, write});
}

registration::registration(void (*add_benchmarks)()) { current_registry().files.push_back(add_benchmarks); }

}  // namespace bench
