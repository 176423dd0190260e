// SPDX-License-Identifier: BSL-1.0
// For researchers: an atlas of all detectors. Simulated clients, half of them with a rupture, in many settings; each
// detector at its own threshold and at 2 false alarms per 100 sessions. One line of CSV per setting and detector, every
// figure with the ends of its 95 % interval.
// usage: example_rupture_atlas [CLIENTS]      of each setting; without a number, one small setting to look at
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <vector>

#include <rapport/rupture.hpp>
#include <rapport/simulate.hpp>

namespace rp = rapport;

namespace {

/// Stable clients as they are learned from 200 others, 30 % of whom have a rupture of any shape.
rp::stats::session_model<double> learned(rp::dyad_options o) {
  o.n_clients = 200;
  o.ruptures = -std::log(0.7) * 20 / static_cast<double>(o.n_sessions);
  o.shape.reset();
  o.seed += 1;
  const auto others = rp::simulate_dyads(o).value();
  return rp::stats::fit_stable_clients(rp::session_panel::from_rows(others.client_ratings, {.range = o.range}).value())
      .value();
}

/// The detectors with a model, and their consensus.
void add_models(std::vector<rp::any_detector>& to, const rp::stats::session_model<double>& stable, bool statistic_alone,
                bool self_scaling) {
  rp::innovation_options online{.self_scaling = self_scaling};
  rp::leave_one_out_options offline{.self_scaling = self_scaling};
  rp::pulse_options span{.self_scaling = self_scaling};
  if (statistic_alone) online.false_alarms = offline.false_alarms = 1e-12, span.threshold = 1e5;
  std::vector<rp::any_detector> models{rp::innovations(stable, online), rp::leave_one_out(stable, offline),
                                       rp::pulse_scan(stable, span)};
  models.emplace_back(rp::consensus(models, {.null_models = {stable}}));
  const char* const names[] = {"innovation, self-scaling", "innovation-offline, self-scaling", "pulse, self-scaling",
                               "consensus, self-scaling"};
  for (std::size_t m = 0; m < models.size(); ++m) {
    if (self_scaling) models[m].info.name = names[m];
    to.push_back(models[m]);
  }
}

/// All detectors of falls but srs-alert, which is for totals from 0 to 40. For the statistic alone, thresholds are out of
/// reach: no session then belongs to an episode and is left unjudged.
std::vector<rp::any_detector> detectors_for(const rp::stats::session_model<double>& stable, double error_sd,
                                            bool statistic_alone) {
  const auto rule = [&](rp::drop_repair r) { return r.k = statistic_alone ? 1e5 : r.k, r; };
  rp::reliable_fall reliable{.sem = error_sd};
  rp::residual_detector residual;
  rp::cusum_detector cusum;
  rp::ewma_detector ewma;
  rp::online_change_detector online_change;
  if (statistic_alone) {
    reliable.critical = 9.9;  // 10 is its end
    residual.threshold = cusum.h = ewma.width = online_change.least_fall = 1e5;
  }
  std::vector<rp::any_detector> out{rule(rp::drop_repair{}),
                                    rule(rp::stiles2004_like()),
                                    rule(rp::strauss2006_like()),
                                    rule(rp::stevens2007_like()),
                                    rule(rp::gumz2012()),
                                    rule(rp::mclaughlin2014_like()),
                                    rule(rp::larsson2018_like()),
                                    reliable,
                                    residual,
                                    rp::sudden_losses(),
                                    rp::corrected_sudden_change{},
                                    rp::xmr_chart{},
                                    rp::tukey_chart{},
                                    cusum,
                                    ewma,
                                    rp::segment_detector{},
                                    rp::state_detector{},
                                    online_change};
  add_models(out, stable, statistic_alone, false);
  add_models(out, stable, statistic_alone, true);
  return out;
}

void field(const std::optional<rp::basic_estimate<double>>& of) {
  const auto number = [](double x) { std::printf(std::isfinite(x) ? ",%.3f" : ",", x); };
  if (!of) return void(std::printf(",,,"));
  number(of->estimate), number(of->interval.lower), number(of->interval.upper);
}

void setting(const rp::dyad_options& o) {
  const auto simulated = rp::simulate_dyads(o).value();
  const auto panel = rp::session_panel::from_rows(simulated.client_ratings, {.range = o.range}).value();
  const auto truth = rp::true_episodes(simulated);
  const auto evaluated = [&](const rp::any_detector& detector) {
    const auto found = rp::detect(panel, detector, {.null_series = 0}).value();
    return rp::evaluate<double>(panel, found, truth, {.replicates = 99}).value();
  };
  const auto stable = learned(o);
  const auto as_they_are = detectors_for(stable, o.error_sd, false);
  const auto statistics = detectors_for(stable, o.error_sd, true);
  for (std::size_t d = 0; d < as_they_are.size(); ++d) {
    const auto e = evaluated(as_they_are[d]);
    const auto matched = evaluated(statistics[d]).matched.value_or(rp::basic_matched_evaluation<double>{});
    std::printf("%td,%g,%s,%g,%g,%g,%g,%g,%g,\"%s\"", o.n_sessions, o.least_depth, rp::to_string(*o.shape).data(),
                o.autocorrelation, o.error_sd, o.missing_session, o.missed_after_rupture, o.trend, o.level,
                e.info.name);
    for (const auto& own : {e.sensitivity, e.precision, e.false_alarms_per_100, e.onset_error}) field(own);
    for (const auto& at_2_per_100 : {matched.sensitivity, matched.precision, matched.delay}) field(at_2_per_100);
    std::printf("\n");
  }
  std::fflush(stdout);
}

}  // namespace

int main(int argc, char** argv) {
  using enum rp::episode_pattern;
  std::printf("sessions,depth,shape,autocorrelation,error_sd,missed,missed_after_rupture,trend,level,detector");
  for (const char* name : {"sensitivity", "precision", "false_alarms", "onset_error", "matched_sensitivity",
                           "matched_precision", "matched_delay"}) {
    std::printf(",%s,%s_lower,%s_upper", name, name, name);
  }
  std::printf("\n");
  const auto at = [&](rp::index sessions, double depth, rp::episode_pattern shape) {
    return rp::dyad_options{.n_clients = argc > 1 ? std::atol(argv[1]) : 80,
                            .n_sessions = sessions,
                            .trend = 0,
                            .ruptures = std::log(2.0) * 20 / static_cast<double>(sessions),
                            .most_ruptures = 1,
                            .least_depth = depth,
                            .largest_depth = depth,
                            .shape = shape,
                            .missed_after_rupture = 1};
  };
  if (argc < 2) return setting(at(20, 1.5, v)), 0;
  for (const rp::index sessions : {10, 20, 30}) {
    for (const double depth : {0.5, 1.0, 1.5}) {
      for (const auto shape : {v, slope_then_jump, u, step, slide}) setting(at(sessions, depth, shape));
    }
  }
  // One assumption at a time.
  for (const auto shape : {v, u, step}) {
    const auto but = [&](auto member, double value) {
      auto o = at(20, 1.0, shape);
      o.*member = value;
      return o;
    };
    using o = rp::dyad_options;
    for (const double value : {0.0, 0.6}) setting(but(&o::autocorrelation, value));
    for (const double value : {0.15, 0.35}) setting(but(&o::error_sd, value));
    for (const double value : {4.5, 6.3}) setting(but(&o::level, value));
    setting(but(&o::trend, 0.03));
    setting(but(&o::missing_session, 0.2));
    auto avoided = but(&o::missing_session, 0.1);
    avoided.missed_after_rupture = 3;
    setting(avoided);
  }
}
