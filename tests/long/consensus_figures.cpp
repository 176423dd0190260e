// SPDX-License-Identifier: BSL-1.0
// Is p_null of a consensus what it says? Stable clients who differ in volatility, judged by models and a null that were
// fitted to other stable clients.   usage: consensus_figures [JUDGED_CLIENTS]
#include <rapport/rupture.hpp>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <vector>

namespace rp = rapport;
namespace stats = rapport::stats;
using rp::as_size;

namespace {

rp::session_panel draw_panel(const stats::session_model<double>& model, rp::index n_clients, std::uint64_t seed) {
  std::vector<rp::session_row<double>> rows;
  std::vector<double> times(20), scores(20);
  for (std::size_t t = 0; t < times.size(); ++t) times[t] = static_cast<double>(t + 1);
  for (rp::index c = 0; c < n_clients; ++c) {
    rp::random_stream random(seed, static_cast<std::uint64_t>(c));
    stats::draw_stable_series<double>(model, times, random, scores);
    for (std::size_t t = 0; t < times.size(); ++t) rows.push_back({std::to_string(c), times[t], scores[t], {}});
  }
  return rp::session_panel::from_rows(rows, {.range = model.range}).value();
}

}  // namespace

int main(int argc, char** argv) {
  const rp::index n_judged = argc > 1 ? std::atol(argv[1]) : 4000;
  const stats::session_model<double> truth{.center = 1,
                                           .mean_intercept = 5.3,
                                           .intercept_var = 0.64,
                                           .slope_var = 0.015 * 0.015,
                                           .state_var = 0.09,
                                           .state_autocorrelation = 0.3,
                                           .error_var = 0.0625,
                                           .log_variance_sd = 0.6,
                                           .range = {{1, 7, 1.0 / 12}}};
  std::printf("| learning clients | members | P(p <= .05) | P(p <= .01) | expected / observed episodes |\n");
  std::printf("|---|---|---|---|---|\n");
  for (const rp::index n_learning : {rp::index{20}, rp::index{40}, rp::index{200}}) {
    for (const bool with_rules : {false, true}) {
      double clients = 0;
      double at_05 = 0;
      double at_01 = 0;
      double observed = 0;
      double expected = 0;
      for (rp::index done = 0; done < n_judged; done += 40) {
        const auto number = static_cast<std::uint64_t>(done);
        const auto learning = draw_panel(truth, n_learning, 1000003 * static_cast<std::uint64_t>(n_learning) + number);
        const auto judged = draw_panel(truth, 40, 500000000 + number);
        const auto model = stats::fit_stable_clients(learning).value();
        const auto null_models = stats::fit_null_models(learning, 5 + number).value();
        std::vector<rp::any_detector> members{rp::innovations(model), rp::leave_one_out(model), rp::pulse_scan(model)};
        if (with_rules) {
          members.emplace_back(rp::residual_detector{});
          members.emplace_back(rp::xmr_chart{});
          members.emplace_back(rp::drop_repair{});
        }
        const rp::consensus together(members, {.null_series = 400, .null_models = null_models, .n_threads = 1});
        const auto found =
            rp::detect(judged, together,
                       {.null_series = 199, .null_models = null_models, .seed = 77 + number, .n_threads = 1})
                .value();
        std::vector<double> least(40, 1.0);
        for (const auto& e : found.episodes) {
          double& p = least[as_size(e.client_position)];
          p = (std::min)(p, e.p_null.value());
        }
        clients += 40;
        at_05 += static_cast<double>(std::count_if(least.begin(), least.end(), [](double p) { return p <= 0.05; }));
        at_01 += static_cast<double>(std::count_if(least.begin(), least.end(), [](double p) { return p <= 0.01; }));
        observed += static_cast<double>(found.count());
        expected += found.expected_if_stable.value();
      }
      std::printf("| %td | %s | %.3f | %.3f | %.2f |\n", n_learning,
                  with_rules ? "three models, three rules" : "three models", at_05 / clients, at_01 / clients,
                  expected / observed);
      std::fflush(stdout);
    }
  }
}
