// SPDX-License-Identifier: BSL-1.0
// Rules and models at equal false alarms: a fall of one point on a scale from 1 to 7 in 20 sessions. Each detector's
// statistic gets the threshold that stable clients exceed in 2 of 100 judged sessions; a hit is a session of the true
// episode above it.   usage: detector_power [CLIENTS [SESSIONS [LOG_VARIANCE_SD]]]
#include <rapport/rupture.hpp>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <limits>
#include <string>
#include <vector>

namespace rp = rapport;
namespace stats = rapport::stats;
using rp::as_size;

namespace {

constexpr rp::score_range<double> scale{1, 7, 1.0 / 12};

enum class shape { none, v, three, ramp, step };

struct truth {
  rp::index begin = 0;
  rp::index end = 0;  ///< of the sessions below the course
};

struct sample {
  rp::session_panel panel;
  std::vector<truth> episodes;
};

sample draw(const stats::session_model<double>& model, rp::index n_clients, rp::index n_sessions, shape form,
            std::uint64_t seed) {
  std::vector<rp::index> client;
  std::vector<double> session;
  std::vector<double> score;
  std::vector<double> times;
  for (rp::index t = 0; t < n_sessions; ++t) times.push_back(static_cast<double>(t + 1));
  std::vector<double> drawn(times.size());
  std::vector<truth> episodes;
  auto latent = model;
  latent.range.reset();
  for (rp::index c = 0; c < n_clients; ++c) {
    rp::random_stream random(seed, static_cast<std::uint64_t>(c));
    stats::draw_stable_series<double>(latent, times, random, drawn);
    const rp::index onset = 3 + random.below(n_sessions - 6);
    truth where{onset, onset};
    const auto fall = [&](rp::index t, double depth) { drawn[as_size(t)] -= depth, where.end = t + 1; };
    if (form == shape::v) fall(onset, 1);
    for (rp::index t = onset; form == shape::three && t < onset + 3; ++t) fall(t, 1);
    for (rp::index t = onset; form == shape::ramp && t < onset + 3; ++t) fall(t, t == onset + 1 ? 1 : 0.5);
    for (rp::index t = onset; form == shape::step && t < n_sessions; ++t) fall(t, 1);
    episodes.push_back(where);
    for (rp::index t = 0; t < n_sessions; ++t) {
      client.push_back(c);
      session.push_back(times[as_size(t)]);
      score.push_back(stats::to_legal_score(drawn[as_size(t)], scale));
    }
  }
  return {rp::session_panel::make(client, session, score, {.range = scale}).value(), episodes};
}

std::vector<rp::basic_client_detection<double>> statistics(const sample& of, const auto& detector) {
  rp::detect_options options;
  options.null_series = 0;
  options.n_threads = 1;
  return rp::detect(of.panel, detector, options).value().clients;
}

template <class Detector, class Value>
Detector with(Detector detector, Value Detector::*setting, Value value) {
  detector.*setting = value;
  return detector;
}

struct samples {
  sample learning, stable;
  std::vector<sample> ruptured;
};

/// One line of the table. `detector` must not end a client's series early: thresholds of its own are out of reach.
void line(const char* name, const samples& all, const auto& detector) {
  std::vector<double> by_chance;
  for (const auto& client : statistics(all.stable, detector)) {
    for (const auto& each : client.session_score) {
      if (each) by_chance.push_back(*each);
    }
  }
  const auto above = static_cast<std::ptrdiff_t>(by_chance.size() / 50);
  std::nth_element(by_chance.begin(), by_chance.begin() + above, by_chance.end(), std::greater<>());
  const double threshold = by_chance[static_cast<std::size_t>(above)];
  std::printf("| %s |", name);
  for (const sample& each : all.ruptured) {
    const auto clients = statistics(each, detector);
    rp::index hits = 0;
    for (std::size_t c = 0; c < clients.size(); ++c) {
      bool hit = false;
      for (rp::index t = each.episodes[c].begin; t < each.episodes[c].end; ++t) {
        const auto& score = clients[c].session_score[as_size(t)];
        hit = hit || (score && *score > threshold);
      }
      hits += hit ? 1 : 0;
    }
    std::printf(" %.0f |", 100.0 * static_cast<double>(hits) / static_cast<double>(clients.size()));
  }
  std::printf("\n");
  std::fflush(stdout);
}

}  // namespace

int main(int argc, char** argv) {
  const rp::index n_clients = argc > 1 ? std::atol(argv[1]) : 4000;
  const rp::index n_sessions = argc > 2 ? std::atol(argv[2]) : 20;
  const stats::session_model<double> model{.center = 1,
                                           .mean_intercept = 5.3,
                                           .intercept_var = 0.64,
                                           .slope_var = 0.015 * 0.015,
                                           .state_var = 0.09,
                                           .state_autocorrelation = 0.3,
                                           .error_var = 0.0625,
                                           .log_variance_sd = argc > 3 ? std::atof(argv[3]) : 0,
                                           .range = scale};
  samples all{draw(model, 200, n_sessions, shape::none, 1), draw(model, n_clients, n_sessions, shape::none, 2), {}};
  for (const shape form : {shape::v, shape::three, shape::ramp, shape::step})
    all.ruptured.push_back(draw(model, n_clients, n_sessions, form, 3 + static_cast<std::uint64_t>(form)));
  const auto of_200 = stats::fit_stable_clients(all.learning.panel).value();
  const auto of_40 = stats::fit_stable_clients(draw(model, 40, n_sessions, shape::none, 9).panel).value();

  constexpr double never = 1e5;
  std::printf("| statistic | V | three sessions | ramp | step |\n|---|---|---|---|---|\n");
  const auto drop = [](rp::drop_unit unit) {
    rp::drop_repair rule;
    rule.unit = unit;
    rule.k = never;
    return rule;
  };
  line("fall from the session before, points", all, drop(rp::drop_unit::points));
  line("the same in own SD", all, drop(rp::drop_unit::own_sd));
  line("the same in the larger of own and pooled SD", all, drop(rp::drop_unit::larger_of_own_and_pooled));
  auto highest = drop(rp::drop_unit::points);
  highest.reference = rp::drop_reference::highest_before;
  line("fall from the highest of three sessions, points", all, highest);
  line("`xmr`, mean moving range", all, rp::xmr_chart{});
  line("`xmr`, median moving range", all, with(rp::xmr_chart{}, &rp::xmr_chart::by_median, true));
  line("`tukey`", all, rp::tukey_chart{});
  line("`residual`", all, rp::residual_detector{.threshold = never});
  line("`residual`, deleted", all, rp::residual_detector{.threshold = never, .deleted = true});
  line("`cusum`", all, with(rp::cusum_detector{}, &rp::cusum_detector::h, never));
  line("`ewma`", all, with(rp::ewma_detector{}, &rp::ewma_detector::width, never));
  line("`bocpd`", all, with(rp::online_change_detector{}, &rp::online_change_detector::least_fall, never));
  line("`hmm`, one start", all, with(rp::state_detector{}, &rp::state_detector::n_starts, rp::index{1}));
  const auto models = [&](const char* of, const stats::session_model<double>& m) {
    line(("`innovation`, " + std::string(of)).c_str(), all, rp::innovations(m, {.false_alarms = 1e-12}));
    line(("`innovation-offline`, " + std::string(of)).c_str(), all, rp::leave_one_out(m, {.false_alarms = 1e-12}));
    line(("`pulse`, " + std::string(of)).c_str(), all, rp::pulse_scan(m, {.threshold = never}));
  };
  models("true variances", model);
  models("variances of 200 clients", of_200);
  models("variances of 40 clients", of_40);
  line("`innovation`, self-scaling, 200 clients", all,
       rp::innovations(of_200, {.false_alarms = 1e-12, .self_scaling = true}));
  line("`innovation-offline`, self-scaling, 200 clients", all,
       rp::leave_one_out(of_200, {.false_alarms = 1e-12, .self_scaling = true}));
  line("`pulse`, self-scaling, 200 clients", all, rp::pulse_scan(of_200, {.threshold = never, .self_scaling = true}));
}
