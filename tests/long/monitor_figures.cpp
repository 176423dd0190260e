// SPDX-License-Identifier: BSL-1.0
// What the monitor does on clients like and unlike its model: false alarms, drops found, time per session. Each line is
// held against its limits; docs/rupture.md has the table.
#include <rapport/monitor.hpp>
#include <rapport/simulate/dyads.hpp>
#include <rapport/stats/within_client.hpp>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

namespace rp = rapport;
namespace stats = rapport::stats;

namespace {

int n_therapies = 20000;

/// Item means from 1 to 7; the within-client SD times a factor.
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

/// How the clients that are watched differ from those of the model.
struct world {
  stats::session_model<double> truth{};
  double volatility_sd = 0;
  double missed = 0;
  bool heavy_tails = false;  ///< errors as t with 5 degrees of freedom, of the same variance
  int n_sessions = 20;
};

struct outcome {
  bool alarmed = false;
  bool in_time = false;  ///< within four sessions from the onset, and not before
  double volatility = 1;
};

/// One therapy; a drop of so many within-client SD from `onset` on (0: none).
outcome follow(const rp::rupture_monitor& fresh, const world& w, double depth, int onset, std::uint64_t number) {
  rp::random_stream random(97, number);
  outcome out;
  out.volatility = std::exp(w.volatility_sd * random.normal());
  auto own = w.truth;
  own.state_var *= out.volatility * out.volatility;
  own.error_var *= out.volatility * out.volatility;
  const double sd = std::sqrt(own.state_var + own.error_var);
  own.range.reset();
  if (w.heavy_tails) own.error_var = 1e-12;
  std::vector<double> times, scores(static_cast<std::size_t>(w.n_sessions));
  for (int t = 1; t <= w.n_sessions; ++t) times.push_back(t);
  stats::draw_stable_series<double>(own, times, random, scores);
  auto watch = fresh;
  for (int t = 1; t <= w.n_sessions; ++t) {
    double y = scores[static_cast<std::size_t>(t - 1)] - (onset > 0 && t >= onset ? depth * sd : 0);
    if (w.heavy_tails) {
      double squares = 0;
      for (int k = 0; k < 5; ++k) squares += std::pow(random.normal(), 2);
      y += out.volatility * std::sqrt(w.truth.error_var * 0.6) * random.normal() / std::sqrt(squares / 5);
    }
    y = stats::to_legal_score(y, *w.truth.range);
    if (random.chance(w.missed) && t > 1) y = rp::missing_value<double>();
    if (!watch.push(y)) continue;
    if (onset > 0 && !out.alarmed) out.in_time = t >= onset && t < onset + 4;
    out.alarmed = true;
  }
  return out;
}

int n_failed = 0;

/// Prints a line of the table: any false alarm in a planned therapy, in all and in the worst decile of volatility.
void false_alarms(const char* name, const rp::rupture_monitor& fresh, const world& w, double least, double most) {
  std::vector<outcome> all;
  for (int b = 0; b < n_therapies; ++b) all.push_back(follow(fresh, w, 0, 0, static_cast<std::uint64_t>(b)));
  std::stable_sort(all.begin(), all.end(),
                   [](const outcome& a, const outcome& b) { return a.volatility < b.volatility; });
  const auto share = [&](std::size_t from, std::size_t to) {
    const auto begin = all.begin();
    return 100.0 *
           static_cast<double>(std::count_if(begin + static_cast<long>(from), begin + static_cast<long>(to),
                                             [](const outcome& o) { return o.alarmed; })) /
           static_cast<double>(to - from);
  };
  const double in_all = share(0, all.size());
  double worst = 0;
  for (std::size_t d = 0; d < 10; ++d) worst = (std::max)(worst, share(all.size() * d / 10, all.size() * (d + 1) / 10));
  const bool fails = in_all < least || in_all > most || (w.volatility_sd > 0 && worst > 10);
  n_failed += fails ? 1 : 0;
  std::printf("| %s | %.1f | %s | %g to %g | %s |\n", name, in_all,
              w.volatility_sd > 0 ? std::string(rp::number_text(std::round(10 * worst) / 10).view()).c_str() : "",
              least, most, fails ? "**no**" : "yes");
  std::fflush(stdout);
}

void found(const char* name, const rp::rupture_monitor& fresh, const world& w, double least) {
  int hits = 0;
  for (int b = 0; b < n_therapies; ++b)
    hits += follow(fresh, w, 2, 5 + b % 12, static_cast<std::uint64_t>(b)).in_time ? 1 : 0;
  const double share = 100.0 * hits / n_therapies;
  const bool fails = share < least;
  n_failed += fails ? 1 : 0;
  std::printf("| %s | %.1f | | at least %g | %s |\n", name, share, least, fails ? "**no**" : "yes");
  std::fflush(stdout);
}

/// A monitor whose model is fitted to 200 clients, of whom a share has a rupture.
rp::rupture_monitor learned(double autocorrelation, double rupture_share, std::uint64_t seed) {
  const rp::dyad_options o{.n_clients = 200,
                           .n_sessions = 20,
                           .therapist_sd = 0,
                           .trend = 0,
                           .autocorrelation = autocorrelation,
                           .autocorrelation_sd = 0,
                           .volatility_sd = 0.3,
                           .ruptures = -std::log1p(-rupture_share),
                           .most_ruptures = 1,
                           .missing_session = 0,
                           .dropout = 0,
                           .seed = seed};
  const auto simulated = rp::simulate_dyads(o).value();
  const auto panel = rp::session_panel::from_rows(simulated.client_ratings, {.range = o.range}).value();
  return rp::rupture_monitor::make(stats::fit_stable_clients(panel).value()).value();
}

}  // namespace

int main(int argc, char** argv) {
  if (argc > 1) n_therapies = std::atoi(argv[1]);
  std::printf("| clients | any false alarm, %% | worst decile, %% | limits, %% | kept |\n|---|---|---|---|---|\n");
  for (const double phi : {0.0, 0.3, 0.6}) {
    const auto line = [&](const char* what) {
      static std::string text;
      text = "autocorrelation " + std::string(rp::number_text(phi).view()) + ", " + what;
      return text.c_str();
    };
    const auto fresh = rp::rupture_monitor::make(clients(phi)).value();
    const world like{clients(phi)};
    const world unlike{clients(phi), 0.3};
    false_alarms(line("those of the model"), fresh, like, 4, 6);
    false_alarms(line("volatility differs (log-normal, SD .3)"), fresh, unlike, 4, 6);
    false_alarms(line("the model's SD too small by 1.5"), rp::rupture_monitor::make(clients(phi, 1 / 1.5)).value(),
                 like, 0, 8);
    false_alarms(line("the model's SD too large by 1.5"), rp::rupture_monitor::make(clients(phi, 1.5)).value(), like, 0,
                 8);
    world other = unlike;
    other.missed = 0.2;
    false_alarms(line("volatility differs, 20 % of sessions missed"), fresh, other, 4, 6);
    other = unlike;
    other.heavy_tails = true;
    false_alarms(line("volatility differs, errors t with 5 df"), fresh, other, 4, 6);
    other = unlike;
    other.truth.mean_intercept = 6.3;
    false_alarms(line("volatility differs, mean 6.3 instead of 5.3"), fresh, other, 4, 6);
    auto at_ceiling = clients(phi);
    at_ceiling.mean_intercept = 6.3;
    other = {at_ceiling, 0.3};
    false_alarms(line("volatility differs, mean 6.3, known"), rp::rupture_monitor::make(at_ceiling).value(), other, 4,
                 6);
    other = unlike;
    other.truth.mean_slope = 0.03;
    false_alarms(line("volatility differs, all rise by .03 per session"), fresh, other, 4, 6);
    other = unlike;
    other.n_sessions = 10;
    false_alarms(line("volatility differs, 10 sessions planned"),
                 rp::rupture_monitor::make(clients(phi), {.planned_sessions = 10}).value(), other, 4, 6);
  }
  const world wanders{clients(0.3), 0.3};
  const world wanders_more{clients(0.6), 0.3};
  false_alarms("autocorrelation .3, model says 0", rp::rupture_monitor::make(clients(0)).value(), wanders, 4, 6);
  false_alarms("autocorrelation .6, model says .3", rp::rupture_monitor::make(clients(0.3)).value(), wanders_more, 4,
               6);
  for (const double phi : {0.0, 0.3}) {
    const world w{clients(phi), 0.3};
    const char* plain =
        phi > 0 ? "autocorrelation 0.3, model fitted to 200 clients" : "autocorrelation 0, model fitted to 200 clients";
    const char* ruptured =
        phi > 0 ? "autocorrelation 0.3, 30 % of the 200 ruptured" : "autocorrelation 0, 30 % of the 200 ruptured";
    false_alarms(plain, learned(phi, 0, 7), w, 4, 6);
    false_alarms(ruptured, learned(phi, 0.3, 7), w, 0, 8);
  }
  std::printf(
      "\n| lasting drop of 2 within-client SD | found within four sessions, %% | | limit, %% | kept |\n"
      "|---|---|---|---|---|\n");
  for (const double phi : {0.0, 0.3, 0.6}) {
    const auto fresh = rp::rupture_monitor::make(clients(phi)).value();
    const double least = phi == 0 ? 50 : phi < 0.5 ? 35 : 0;
    const std::string name = "autocorrelation " + std::string(rp::number_text(phi).view());
    found((name + ", equally volatile").c_str(), fresh, {clients(phi)}, least);
    found((name + ", volatility differs").c_str(), fresh, {clients(phi), 0.3}, 0);
  }
  auto watch = rp::rupture_monitor::make(clients(0.3), {.n_simulated = 1000}).value();
  rp::random_stream random(1);
  std::vector<double> scores;
  for (int t = 0; t < 1000000; ++t) scores.push_back(5 + 0.3 * random.normal());
  const auto begun = std::chrono::steady_clock::now();
  int alarms = 0;
  for (const double score : scores) alarms += watch.push((std::min)(7.0, (std::max)(1.0, score))) ? 1 : 0;
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begun).count();
  std::printf("\n%d cells fail. %.0f ns per session (%d alarms in 10^6 sessions), %zu bytes of state\n", n_failed,
              1000 * seconds, alarms, rp::rupture_monitor::state_size);
}
