// SPDX-License-Identifier: BSL-1.0
// The statistical core by itself: what to expect of one client's next session, given a model of stable clients.
#include <cstdio>

#include <rapport/stats/session_filter.hpp>

namespace stats = rapport::stats;

int main() {
  // Item means from 1 to 5: clients differ by .6 in level and .03 per session in trend; one score errs by .3.
  const stats::session_model<double> stable{.center = 1,
                                            .mean_intercept = 3.8,
                                            .mean_slope = 0.02,
                                            .intercept_var = 0.36,
                                            .slope_var = 0.0009,
                                            .error_var = 0.09};
  if (!stats::validate(stable)) return 1;

  stats::session_filter<double> filter(stable);
  double session = 1;
  for (const double score : {4.2, 4.3, 4.1, 3.0, 4.2}) {
    const auto expected = filter.predict(session);
    std::printf("session %g: expected %.2f, SD %.2f, seen %.1f, %.1f SD below\n", session, expected.mean, expected.sd,
                score, (expected.mean - score) / expected.sd);
    filter.update(session, score);
    session += 1;
  }
  const auto later = filter.predict(8);  // sessions 6 and 7 were missed
  std::printf("session 8: expected %.2f, SD %.2f\n", later.mean, later.sd);
}
