// SPDX-License-Identifier: BSL-1.0
// How often a true null hypothesis is rejected at 5 % with few clients, the table of docs/growth.md.
//
// usage: growth_type_one [REPLICATES]
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include <rapport/core/failure.hpp>
#include <rapport/core/random.hpp>
#include <rapport/growth/curve.hpp>

namespace {

struct truth {
  const char* name;
  double level_sd;
  double slope_sd;
};

struct study {
  rapport::session_panel panel;
  std::vector<rapport::growth_covariate> covariates;
};

/// Clients of two groups without any effect, eight sessions of which a share is missed.
study simulate(const truth& t, rapport::index clients, rapport::random_stream& random) {
  constexpr double missed = 0.2;
  std::vector<rapport::index> client;
  std::vector<double> session;
  std::vector<double> score;
  std::vector<double> group;
  for (rapport::index c = 0; c < clients; ++c) {
    const double level = t.level_sd * random.normal();
    const double slope = t.slope_sd * random.normal();
    for (int s = 1; s <= 8; ++s) {
      const double error = random.normal();
      if (s > 2 && random.chance(missed)) continue;
      client.push_back(c);
      session.push_back(s);
      score.push_back(5 + level + slope * (s - 1) + error);
      group.push_back(static_cast<double>(c % 2));
    }
  }
  return {rapport::session_panel::make(client, session, score).value(),
          {{"group", group, rapport::covariate_role::moderator}}};
}

}  // namespace

int main(int count, char** arguments) {
  const long replicates = count > 1 ? std::atol(arguments[1]) : 10000;
  const truth truths[] = {{"level SD 1, slope SD .3", 1, 0.3},
                          {"level SD 1, slope SD .1", 1, 0.1},
                          {"level SD 1, slope SD 0", 1, 0},
                          {"level SD 0, slope SD 0", 0, 0}};
  const char* names[] = {"session", "group", "session:group"};
  std::printf("| clients differ by | clients | on a boundary | df |");
  for (const char* name : names) std::printf(" %s |", name);
  std::printf("\n|---|---|---|---|---|---|---|\n");
  for (const truth& t : truths) {
    for (const rapport::index clients : {10, 20, 40}) {
      long rejected[2][3] = {};
      long boundary = 0;
      long failed = 0;
      for (long r = 0; r < replicates; ++r) {
        rapport::random_stream random(11, static_cast<std::uint64_t>(r));
        const study drawn = simulate(t, clients, random);
        for (int df = 0; df < 2; ++df) {
          rapport::growth_options options;
          if (df == 1) options.df = rapport::growth_df::kenward_roger;
          const auto fit = rapport::fit_growth(drawn.panel, rapport::linear{}.centered_at(1).random_slope(), options,
                                               drawn.covariates);
          if (!fit || fit->model().report.status == rapport::stats::fit_status::not_converged) {
            ++failed;
            continue;
          }
          if (df == 0 && fit->model().report.status == rapport::stats::fit_status::boundary) ++boundary;
          for (int k = 0; k < 3; ++k) rejected[df][k] += fit->fixed(names[k])->p < 0.05 ? 1 : 0;
        }
      }
      for (int df = 0; df < 2; ++df) {
        std::printf("| %s | %td | %.0f %% | %s |", t.name, clients,
                    100 * static_cast<double>(boundary) / static_cast<double>(replicates),
                    df == 0 ? "Satterthwaite" : "Kenward-Roger");
        for (int k = 0; k < 3; ++k)
          std::printf(" %.1f |", 100 * static_cast<double>(rejected[df][k]) / static_cast<double>(replicates));
        std::printf("\n");
      }
      if (failed > 0) std::printf("%ld fits without an optimum\n", failed);
      std::fflush(stdout);
    }
  }
}
