// SPDX-License-Identifier: BSL-1.0
// Bias and coverage of lagged effects in short series, the figures of docs/growth.md.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <tuple>
#include <vector>

#include <rapport/core/failure.hpp>
#include <rapport/core/random.hpp>
#include <rapport/growth/lagged.hpp>

namespace {

struct truth {
  const char* name;
  double autoregression;  // of the symptom
  double cross;           // of the alliance on the symptom
  double alliance;        // autoregression of the alliance
  double feedback;        // of the symptom on the alliance
};

struct study {
  rapport::session_panel panel;
  std::vector<rapport::growth_covariate> predictors;
};

/// Clients of a stationary process around levels of their own; every session is missed with a probability.
study simulate(const truth& t, rapport::index clients, int sessions, double missed, rapport::random_stream& random) {
  std::vector<rapport::index> client;
  std::vector<double> session;
  std::vector<double> symptom;
  std::vector<double> alliance;
  for (rapport::index c = 0; c < clients; ++c) {
    const double level_y = 1.5 * random.normal();
    const double level_x = -0.4 * level_y + random.normal();
    double y = 0;
    double x = 0;
    constexpr int warm_up = 40;
    for (int s = -warm_up; s <= sessions; ++s) {
      const double next_y = t.autoregression * y + t.cross * x + random.normal();
      const double next_x = t.alliance * x + t.feedback * y + random.normal();
      y = next_y;
      x = next_x;
      if (s < 1 || random.chance(missed)) continue;
      client.push_back(c);
      session.push_back(s);
      symptom.push_back(level_y + y);
      alliance.push_back(level_x + x);
    }
  }
  return {rapport::session_panel::make(client, session, symptom).value(), {{"alliance", alliance}}};
}

}  // namespace

int main(int count, char** arguments) {
  const long replicates = count > 1 ? std::atol(arguments[1]) : 200;
  const bool jackknife = count > 2 && std::string(arguments[2]) == "jackknife";
  rapport::lagged_options options;
  if (jackknife) options.correction = rapport::lag_correction::half_panel_jackknife;
  const truth truths[] = {{"no feedback", 0.30, -0.15, 0.30, 0},
                          {"feedback", 0.30, -0.15, 0.30, -0.15},
                          {"inert alliance", 0.30, -0.15, 0.60, 0}};
  std::printf("%-15s %8s %8s %7s  %-28s %-28s\n", "process", "sessions", "clients", "missed", "autoregression .30",
              "cross -.15");
  for (const truth& t : truths) {
    for (const auto& [clients, sessions, missed] :
         {std::tuple(rapport::index{100}, 8, 0.0), std::tuple(rapport::index{400}, 8, 0.0),
          std::tuple(rapport::index{100}, 12, 0.1)}) {
      double sum[2] = {};
      double plain[2] = {};
      long covered[2] = {};
      for (long r = 0; r < replicates; ++r) {
        rapport::random_stream random(5, static_cast<std::uint64_t>(r));
        const study drawn = simulate(t, clients, sessions, missed, random);
        const auto fit = rapport::lagged_effects(drawn.panel, drawn.predictors, options).value();
        for (std::size_t j = 0; j < 2; ++j) {
          const double wanted = j == 0 ? t.autoregression : t.cross;
          sum[j] += fit.effects[j].estimate / static_cast<double>(replicates);
          plain[j] += fit.uncorrected(static_cast<rapport::index>(j)) / static_cast<double>(replicates);
          covered[j] += fit.effects[j].interval.contains(wanted) ? 1 : 0;
        }
      }
      std::printf("%-15s %8d %8td %7.2f ", t.name, sessions, clients, missed);
      for (std::size_t j = 0; j < 2; ++j) {
        const double wanted = j == 0 ? t.autoregression : t.cross;
        std::printf(" mean %6.3f (%+4.0f %%; %6.3f) %.3f", sum[j], 100 * (sum[j] - wanted) / wanted, plain[j],
                    static_cast<double>(covered[j]) / static_cast<double>(replicates));
      }
      std::printf("\n");
    }
  }
}
