// SPDX-License-Identifier: BSL-1.0
// How often the interval of growth after repair covers 0 in stable panels, with slopes of 0 and .03 per session.
#include <rapport/core/failure.hpp>
#include <rapport/rupture/drop_repair.hpp>
#include <rapport/rupture/repair.hpp>

#include <cstdio>
#include <cstdlib>

namespace rp = rapport;
namespace stats = rapport::stats;

int main(int argc, char** argv) {
  const int n_panels = argc > 1 ? std::atoi(argv[1]) : 2000;
  std::vector<double> times;
  for (int t = 1; t <= 16; ++t) times.push_back(t);
  for (const double slope : {0.0, 0.03}) {
    const stats::session_model<double> model{.center = 1,
                                             .mean_intercept = 5,
                                             .mean_slope = slope,
                                             .intercept_var = 0.64,
                                             .slope_var = 0.015 * 0.015,
                                             .state_var = 0.09,
                                             .state_autocorrelation = 0.3,
                                             .error_var = 0.0625,
                                             .range = {{1, 7, 1.0 / 12}}};
    int covered = 0;
    int computed = 0;
    for (int b = 0; b < n_panels; ++b) {
      std::vector<rp::session_row<double>> rows;
      for (int c = 0; c < 60; ++c) {
        rp::random_stream random(101, (static_cast<std::uint64_t>(b) << 20) + static_cast<std::uint64_t>(c));
        std::vector<double> scores(16);
        stats::draw_stable_series<double>(model, times, random, scores);
        for (std::size_t t = 0; t < 16; ++t) rows.push_back({std::to_string(c), times[t], scores[t], {}});
      }
      const auto panel = rp::session_panel::from_rows(rows, {.range = model.range}).value();
      const auto grown = rp::growth_after_repair(panel, rp::drop_repair{}, model,
                                                 {.null_panels = 100, .seed = static_cast<std::uint64_t>(b)});
      if (!grown) continue;
      ++computed;
      covered += grown->growth.interval.contains(0) ? 1 : 0;
    }
    std::printf("slope %.2f: %.1f %% of %d panels of 60 clients\n", slope, 100.0 * covered / computed, computed);
    std::fflush(stdout);
  }
}
