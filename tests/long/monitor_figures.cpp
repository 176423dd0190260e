// SPDX-License-Identifier: BSL-1.0
// What the monitor does on clients like and unlike its model: false alarms, drops found, time per session.
#include <rapport/monitor.hpp>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <vector>

namespace rp = rapport;
namespace stats = rapport::stats;

namespace {

constexpr int n_therapies = 20000;

stats::session_model<double> clients(double autocorrelation, double sd_factor = 1) {
  return {.center = 1,
          .mean_intercept = 5.3,
          .intercept_var = 0.64,
          .slope_var = 0.015 * 0.015,
          .state_var = 0.09 * sd_factor * sd_factor,
          .state_autocorrelation = autocorrelation,
          .error_var = 0.0625 * sd_factor * sd_factor,
          .range = {{1, 7, 1.0 / 12}}};
}

struct outcome {
  bool alarmed = false;
  bool in_time = false;  ///< within four sessions from the onset, and not before
  double volatility = 1;
};

/// One therapy of 20 sessions; a drop of so many within-client SD from `onset` on (0: none).
outcome follow(const rp::rupture_monitor& fresh, const stats::session_model<double>& truth, double spread, double depth,
               int onset, std::uint64_t number) {
  rp::random_stream random(97, number);
  outcome out;
  out.volatility = std::exp(spread * random.normal());
  auto own = truth;
  own.state_var *= out.volatility * out.volatility;
  own.error_var *= out.volatility * out.volatility;
  own.range.reset();
  std::vector<double> times, scores(20);
  for (int t = 1; t <= 20; ++t) times.push_back(t);
  stats::draw_stable_series<double>(own, times, random, scores);
  const double sd = std::sqrt(own.state_var + own.error_var);
  auto watch = fresh;
  for (int t = 1; t <= 20; ++t) {
    double y = scores[static_cast<std::size_t>(t - 1)] - (onset > 0 && t >= onset ? depth * sd : 0);
    y = stats::to_legal_score(y, *truth.range);
    if (!watch.push(y)) continue;
    if (onset > 0 && !out.alarmed) out.in_time = t >= onset && t < onset + 4;
    out.alarmed = true;
  }
  return out;
}

void false_alarms(const char* name, const rp::rupture_monitor& fresh, const stats::session_model<double>& truth,
                  double spread) {
  std::vector<outcome> all;
  for (int b = 0; b < n_therapies; ++b)
    all.push_back(follow(fresh, truth, spread, 0, 0, static_cast<std::uint64_t>(b)));
  std::sort(all.begin(), all.end(), [](const outcome& a, const outcome& b) { return a.volatility < b.volatility; });
  const auto share = [&](std::size_t from, std::size_t to) {
    return 100.0 *
           static_cast<double>(std::count_if(all.begin() + static_cast<long>(from), all.begin() + static_cast<long>(to),
                                             [](const outcome& o) { return o.alarmed; })) /
           static_cast<double>(to - from);
  };
  std::printf("%-58s %5.1f %%; by decile of volatility", name, share(0, all.size()));
  for (std::size_t d = 0; d < 10; ++d) std::printf(" %.1f", share(all.size() * d / 10, all.size() * (d + 1) / 10));
  std::printf("\n");
}

void found(const char* name, const rp::rupture_monitor& fresh, const stats::session_model<double>& truth,
           double spread) {
  int hits = 0;
  for (int b = 0; b < n_therapies; ++b)
    hits += follow(fresh, truth, spread, 2, 5 + b % 12, static_cast<std::uint64_t>(b)).in_time ? 1 : 0;
  std::printf("%-58s %5.1f %% within four sessions\n", name, 100.0 * hits / n_therapies);
}

}  // namespace

int main() {
  for (const double phi : {0.0, 0.3, 0.6}) {
    const auto truth = clients(phi);
    const auto fresh = rp::rupture_monitor::make(truth).value();
    std::printf("autocorrelation %.1f, threshold %.2f\n", phi, fresh.threshold());
    false_alarms("  stable clients of the model", fresh, truth, 0);
    false_alarms("  volatility differs (log-normal, SD .3)", fresh, truth, 0.3);
    false_alarms("  the model's within-client SD is too small by 1.5",
                 rp::rupture_monitor::make(clients(phi, 1 / 1.5)).value(), truth, 0);
    false_alarms("  the model's within-client SD is too large by 1.5",
                 rp::rupture_monitor::make(clients(phi, 1.5)).value(), truth, 0);
    found("  lasting drop of 2 within-client SD", fresh, truth, 0);
    found("  the same, volatility differs", fresh, truth, 0.3);
  }
  auto watch = rp::rupture_monitor::make(clients(0.3), {.n_simulated = 1000}).value();
  rp::random_stream random(1);
  std::vector<double> scores;
  for (int t = 0; t < 1000000; ++t) scores.push_back(5 + 0.3 * random.normal());
  const auto begun = std::chrono::steady_clock::now();
  int alarms = 0;
  for (const double score : scores) alarms += watch.push((std::min)(7.0, (std::max)(1.0, score))) ? 1 : 0;
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begun).count();
  std::printf("%.0f ns per session (%d alarms in 10^6 sessions)\n", 1000 * seconds, alarms);
}
