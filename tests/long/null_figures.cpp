// SPDX-License-Identifier: BSL-1.0
// Is p_null what it says? Stable clients, judged by a null that was fitted to other stable clients, or to clients of whom
// 30 % carry a rupture.   usage: null_figures [JUDGED_CLIENTS [AUTOCORRELATION [LOG_VARIANCE_SD [SEED]]]]
#include <rapport/rupture.hpp>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <span>
#include <vector>

namespace rp = rapport;
namespace stats = rapport::stats;
using rp::as_size;

namespace {

constexpr rp::index n_sessions = 20;
constexpr rp::score_range<double> scale{1, 7, 1.0 / 12};

/// Clients of the model, every third in ten with a fall of one point: one session, three sessions, or to the end.
rp::session_panel draw_panel(const stats::session_model<double>& model, rp::index n_clients, bool with_ruptures,
                             std::uint64_t seed) {
  std::vector<rp::index> client;
  std::vector<double> session;
  std::vector<double> score;
  std::vector<double> times(as_size(n_sessions));
  std::vector<double> drawn(as_size(n_sessions));
  for (rp::index t = 0; t < n_sessions; ++t) times[as_size(t)] = static_cast<double>(t + 1);
  auto latent = model;
  latent.range.reset();
  for (rp::index c = 0; c < n_clients; ++c) {
    rp::random_stream random(seed, static_cast<std::uint64_t>(c));
    stats::draw_stable_series<double>(latent, times, random, drawn);
    if (with_ruptures && random.chance(0.3)) {
      const rp::index onset = 3 + random.below(n_sessions - 5);
      const rp::index lengths[] = {1, 3, n_sessions};
      const rp::index end = (std::min)(n_sessions, onset + lengths[random.below(3)]);
      for (rp::index t = onset; t < end; ++t) drawn[as_size(t)] -= 1;
    }
    for (rp::index t = 0; t < n_sessions; ++t) {
      client.push_back(c);
      session.push_back(times[as_size(t)]);
      score.push_back(stats::to_legal_score(drawn[as_size(t)], scale));
    }
  }
  return rp::session_panel::make(client, session, score, {.range = scale}).value();
}

struct tally {
  const char* name;
  rp::index clients = 0;
  rp::index at_05 = 0;
  rp::index at_01 = 0;
  double observed = 0;
  double expected = 0;
};

template <class Detector>
void judge(tally& into, const rp::session_panel& panel, const Detector& detector, const rp::detect_options& options) {
  const auto found = rp::detect(panel, detector, options).value();
  into.clients += found.n_evaluable_clients();
  into.observed += static_cast<double>(found.count());
  into.expected += found.expected_if_stable.value();
  std::vector<double> least(as_size(panel.n_clients()), 1.0);
  for (const auto& e : found.episodes) {
    double& p = least[as_size(e.client_position)];
    p = (std::min)(p, e.p_null.value());
  }
  into.at_05 += std::count_if(least.begin(), least.end(), [](double p) { return p <= 0.05; });
  into.at_01 += std::count_if(least.begin(), least.end(), [](double p) { return p <= 0.01; });
}

}  // namespace

int main(int argc, char** argv) {
  const rp::index n_judged = argc > 1 ? std::atol(argv[1]) : 4000;
  const stats::session_model<double> truth{.center = 1,
                                           .mean_intercept = 5.3,
                                           .intercept_var = 0.64,
                                           .slope_var = 0.015 * 0.015,
                                           .state_var = 0.09,
                                           .state_autocorrelation = argc > 2 ? std::atof(argv[2]) : 0.3,
                                           .error_var = 0.0625,
                                           .log_variance_sd = argc > 3 ? std::atof(argv[3]) : 0.6,
                                           .range = scale};
  const std::uint64_t seed = argc > 4 ? std::strtoull(argv[4], nullptr, 10) << 32 : 0;
  std::printf("| learning clients | detector | P(p <= .05) | P(p <= .01) | expected / observed episodes |\n");
  std::printf("|---|---|---|---|---|\n");
  for (const bool ruptured : {false, true}) {
    for (const rp::index n_learning : {rp::index{20}, rp::index{40}, rp::index{200}}) {
      std::vector<tally> all{{"`drop-repair`"}, {"`gumz2012`"},   {"`stiles2004-like`"},    {"`xmr`"},
                             {"`residual`"},    {"`innovation`"}, {"`innovation-offline`"}, {"`pulse`"}};
      const rp::index n_each = (std::min)(rp::index{40}, n_judged);
      for (rp::index done = 0; done < n_judged; done += n_each) {
        const auto number = seed + static_cast<std::uint64_t>(done);
        const auto learning =
            draw_panel(truth, n_learning, ruptured, 1000003 * static_cast<std::uint64_t>(n_learning) + number);
        const auto judged = draw_panel(truth, n_each, false, 500000000 + number);
        const auto model = stats::fit_stable_clients(learning).value();
        rp::detect_options options;
        options.null_series = 199;
        options.null_models = stats::fit_null_models(learning, 5 + number).value();
        options.n_threads = 1;
        options.seed = 77 + number;
        judge(all[0], judged, rp::drop_repair{}, options);
        judge(all[1], judged, rp::gumz2012(), options);
        judge(all[2], judged, rp::stiles2004_like(), options);
        judge(all[3], judged, rp::xmr_chart{}, options);
        judge(all[4], judged, rp::residual_detector{}, options);
        judge(all[5], judged, rp::innovations(model), options);
        judge(all[6], judged, rp::leave_one_out(model), options);
        judge(all[7], judged, rp::pulse_scan(model), options);
      }
      for (const tally& each : all) {
        const auto n = static_cast<double>(each.clients);
        std::printf("| %td%s | %s | %.3f | %.3f | %.2f |\n", n_learning, ruptured ? ", 30 % ruptured" : "", each.name,
                    static_cast<double>(each.at_05) / n, static_cast<double>(each.at_01) / n,
                    each.expected / each.observed);
      }
      std::fflush(stdout);
    }
  }
}
