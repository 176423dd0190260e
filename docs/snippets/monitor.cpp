// SPDX-License-Identifier: BSL-1.0
// A clinic watches a therapy session by session; the state is stored between sessions.
#include <cstdio>

#include <rapport/monitor.hpp>

namespace rp = rapport;

int main() {
  // Item means from 1 to 7, from earlier clients: they differ by .8 in level and .02 per session in trend.
  const rp::stats::session_model<double> prior{.center = 1,
                                               .mean_intercept = 5.2,
                                               .mean_slope = 0.02,
                                               .intercept_var = 0.64,
                                               .slope_var = 0.0004,
                                               .state_var = 0.09,
                                               .state_autocorrelation = 0.3,
                                               .error_var = 0.06,
                                               .range = {{1, 7, 0.1}}};
  const auto fresh =
      rp::rupture_monitor::make(prior, {.false_alarms_per_therapy = 0.05, .planned_sessions = 20}).value();

  auto stored = fresh.save();
  for (const double score : {5.1, 5.3, 5.0, 5.4, 5.2, 3.6, 3.8, 5.3, 5.2}) {
    auto watch = fresh;
    watch.resume(stored).value();
    if (const auto alarm = watch.push(score)) std::printf("%s\n", alarm->sentence().c_str());
    stored = watch.save();
  }
  std::printf("%zu bytes are stored\n", stored.size());
}
