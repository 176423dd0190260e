// SPDX-License-Identifier: BSL-1.0
#include "simulation.hpp"

#include <cmath>

namespace program {

namespace {

using rapport::dyad_options;

struct count_option {
  const char* name;
  rapport::index dyad_options::*value;
  const char* meaning;
};
struct number_option {
  const char* name;
  double dyad_options::*value;
  const char* meaning;
};

const count_option counts[] = {
    {"--clients", &dyad_options::n_clients, "number of clients"},
    {"--sessions", &dyad_options::n_sessions, "planned sessions of each"},
    {"--therapists", &dyad_options::n_therapists, "number of therapists"},
    {"--most-ruptures", &dyad_options::most_ruptures, "ruptures of one therapy at most"},
};
const number_option numbers[] = {
    {"--level", &dyad_options::level, "mean score in session 1"},
    {"--therapist-sd", &dyad_options::therapist_sd, "between therapists"},
    {"--client-sd", &dyad_options::client_sd, "between clients of a therapist"},
    {"--trend", &dyad_options::trend, "mean change per session"},
    {"--trend-sd", &dyad_options::trend_sd, "between clients"},
    {"--state-sd", &dyad_options::state_sd, "of ordinary ups and downs"},
    {"--error-sd", &dyad_options::error_sd, "of one score"},
    {"--autocorrelation", &dyad_options::autocorrelation, "of the ups and downs, mean over clients"},
    {"--autocorrelation-sd", &dyad_options::autocorrelation_sd, "between clients"},
    {"--volatility-sd", &dyad_options::volatility_sd, "of the log of a client's factor of ups, downs and errors"},
    {"--ruptures-per-20", &dyad_options::ruptures, "expected ruptures per 20 sessions"},
    {"--least-depth", &dyad_options::least_depth, "of a rupture, points"},
    {"--largest-depth", &dyad_options::largest_depth, "of a rupture, points"},
    {"--mean-length", &dyad_options::mean_length, "sessions of a slow fall, a slow return, a long trough"},
    {"--repair-probability", &dyad_options::repair_probability, "that a rupture is repaired"},
    {"--repair-fraction", &dyad_options::repair_fraction, "of the depth that a repair regains"},
    {"--missing-session", &dyad_options::missing_session, "probability that a session is missed"},
    {"--missed-after-rupture", &dyad_options::missed_after_rupture, "factor of it after a lowered session"},
    {"--dropout", &dyad_options::dropout, "probability of ending after a session"},
    {"--therapist-level", &dyad_options::therapist_level, "mean of the therapists' ratings in session 1"},
    {"--level-agreement", &dyad_options::level_agreement, "correlation of both ratings between dyads"},
    {"--state-agreement", &dyad_options::state_agreement, "correlation of both ratings' ups and downs"},
    {"--recognition", &dyad_options::recognition, "probability that a therapist's rating shows a client's rupture"},
    {"--therapist-only", &dyad_options::therapist_only,
     "ruptures that only the therapist's rating shows, per 20 sessions"},
};

const rapport::episode_pattern shapes[] = {rapport::episode_pattern::v,
                                           rapport::episode_pattern::slope_then_jump,
                                           rapport::episode_pattern::drop_then_slope,
                                           rapport::episode_pattern::u,
                                           rapport::episode_pattern::trough,
                                           rapport::episode_pattern::step,
                                           rapport::episode_pattern::slide,
                                           rapport::episode_pattern::w};

}  // namespace

void add_dyad_options(CLI::App& command, dyad_request& request) {
  const auto add = [&command](const char* name, auto& value, const char* meaning) {
    if (command.get_option_no_throw(name) == nullptr) command.add_option(name, value, meaning)->capture_default_str();
  };
  for (const auto& each : counts) add(each.name, request.dyads.*each.value, each.meaning);
  for (const auto& each : numbers) add(each.name, request.dyads.*each.value, each.meaning);
  add("--shape", request.shape,
      "of all ruptures: V, slope-then-jump, drop-then-slope, U, trough, step, slide, W, or any");
  if (command.get_option_no_throw("--rupture-rate") == nullptr)
    command.add_option("--rupture-rate", request.rupture_rate,
                       "probability that a therapy has a rupture, instead of --ruptures-per-20");
}

void read_dyad_options(const CLI::App& command, dyad_request& request) {
  const auto read = [&command](const char* name, auto& value) {
    const auto* option = command.get_option(name);
    if (option->count() > 0) value = option->as<std::decay_t<decltype(value)>>();
  };
  for (const auto& each : counts) read(each.name, request.dyads.*each.value);
  for (const auto& each : numbers) read(each.name, request.dyads.*each.value);
  if (command.get_option("--rupture-rate")->count() > 0) {
    if (command.get_option("--ruptures-per-20")->count() > 0)
      throw call_error("--rupture-rate and --ruptures-per-20 say the same in two ways; give one");
    const double rate = command.get_option("--rupture-rate")->as<double>();
    if (!(rate >= 0 && rate <= 1)) throw call_error("--rupture-rate is a probability, from 0 to 1");
    // P(no rupture) = exp(-expected number).
    const double expected = -20 * std::log1p(-rate) / static_cast<double>(request.dyads.n_sessions);
    request.dyads.ruptures = (std::min)(expected, 100.0);
  }
  if (request.shape == "any") return;
  for (const auto shape : shapes) {
    if (to_string(shape) == request.shape) request.dyads.shape = shape;
  }
  if (!request.dyads.shape) throw call_error("--shape does not know '" + request.shape + "'; --help lists the shapes");
}

std::string truth_csv(const rapport::simulated_dyads& simulated) {
  std::string text = "client,pre,onset,nadir,repair,depth,pattern,status,seen_by\n";
  for (const auto& r : simulated.ruptures) {
    text += r.client + ',' + std::to_string(r.pre) + ',' + std::to_string(r.onset) + ',' + std::to_string(r.nadir) +
            ',' + (r.repair ? std::to_string(*r.repair) : std::string()) + ',' + csv_field(r.depth) + ',' +
            std::string(to_string(r.pattern)) + ',' + std::string(to_string(r.status)) + ',' +
            std::string(to_string(r.seen_by)) + '\n';
  }
  return text;
}

}  // namespace program
