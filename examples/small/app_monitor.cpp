// SPDX-License-Identifier: BSL-1.0
// For a clinician's app: watch a therapy session by session, built with -fno-exceptions -fno-rtti. Between two sessions
// nothing is kept but some bytes per client; what was seen is said in words, and what comes after an alarm is defined.
#include <cstdio>

#include <rapport/monitor.hpp>

namespace {

/// The app's database: one row per client.
rapport::rupture_monitor::saved_state row;

/// What the app does after a session. `clinic` is made once; a copy of it goes on from the client's row.
void after_session(const rapport::rupture_monitor& clinic, double score) {
  auto watch = clinic;
  if (const auto resumed = watch.resume(row); !resumed)
    return void(std::puts(rapport::message(resumed.error()).c_str()));
  const auto alarm = watch.push(score);
  if (const auto& refused = watch.refused()) return void(std::puts(rapport::message(*refused).c_str()));
  const auto next = watch.expected(static_cast<double>(watch.n_sessions() + 1));
  std::printf("session %2td: %s; %.1f to %.1f expected next\n", watch.n_sessions(),
              rapport::is_missing(score) ? "no form" : rapport::number_text(score).c_str(), next.mean - 2 * next.sd,
              next.mean + 2 * next.sd);
  if (alarm) std::printf("ALARM in %s\n", alarm->sentence().c_str());
  row = watch.save();
}

}  // namespace

int main() {
  // Stable clients, as fitted to earlier ones: item means from 1 to 7, .8 between clients, .3 and .25 within.
  const rapport::stats::session_model<double> stable{.center = 1,
                                                     .mean_intercept = 5.2,
                                                     .mean_slope = 0.02,
                                                     .intercept_var = 0.64,
                                                     .slope_var = 0.0004,
                                                     .state_var = 0.09,
                                                     .state_autocorrelation = 0.3,
                                                     .error_var = 0.0625,
                                                     .range = {{1, 7, 0.1}}};
  const auto clinic =
      rapport::rupture_monitor::make(stable, {.false_alarms_per_therapy = 0.05, .planned_sessions = 20});
  if (!clinic) return std::puts(rapport::message(clinic.error()).c_str()), 1;
  row = clinic->save();
  const double no_form = rapport::missing_value<double>();
  for (const double score : {5.1, 5.3, 5.0, no_form, 5.4, 5.2, 3.7, 3.5, 3.8, 73.0, 3.6, 3.9, 2.2})
    after_session(*clinic, score);
}
