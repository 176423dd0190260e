// SPDX-License-Identifier: BSL-1.0
// Random growth designs against a search from many starts, the figures of docs/growth.md.
//
// usage: growth_designs [DESIGNS [STARTS [FIRST]]]      exit 1 if a limit is missed
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <string>

#include <rapport/core/error_message.hpp>

#include "random_designs.hpp"

int main(int count, char** arguments) {
  const long designs = count > 1 ? std::atol(arguments[1]) : 10000;
  const int starts = count > 2 ? std::atoi(arguments[2]) : 50;
  const long first = count > 3 ? std::atol(arguments[3]) : 0;
  constexpr std::uint64_t seed = 71;
  long refused = 0;
  long not_converged = 0;
  long on_boundary = 0;
  long as_good = 0;
  long named = 0;
  double worst = 0;
  double gained = 0;
  rapport_test::invariance most;
  for (long number = first; number < first + designs; ++number) {
    const auto drawn = rapport_test::draw_design(seed, static_cast<std::uint64_t>(number));
    const auto fit = rapport::fit_growth(drawn.panel(), drawn.coding, drawn.options);
    if (!fit) {
      ++refused;
      std::printf("design %ld: %s\n", number, std::string(rapport::message(fit.error()).view()).c_str());
      continue;
    }
    if (fit->model().report.status == rapport::stats::fit_status::not_converged) {
      ++not_converged;
      std::printf("design %ld: %s\n", number, fit->report().c_str());
    }
    const auto second = rapport_test::search_again(drawn, starts, seed + 1 + static_cast<std::uint64_t>(number));
    const double above = fit->criterion() - second.deviance;
    worst = (std::max)(worst, above);
    gained = (std::max)(gained, -above);
    const bool good = above <= 1e-7;
    as_good += good ? 1 : 0;
    on_boundary += second.boundary.empty() ? 0 : 1;
    named += fit->boundary() == second.boundary ? 1 : 0;
    if (!good) std::printf("design %ld: %.3g above the second search\n", number, above);
    if (fit->boundary() != second.boundary)
      std::printf("design %ld: \"%s\" instead of \"%s\"\n", number, fit->boundary().c_str(), second.boundary.c_str());
    const auto moved = rapport_test::check_invariance(
        drawn, *fit, rapport::random_stream(seed + 2, static_cast<std::uint64_t>(number)));
    const auto raise = [&](double& largest, double value, const char* what) {
      if (value > largest && value > 1e-10) std::printf("design %ld: %s %.2g\n", number, what, value);
      largest = (std::max)(largest, value);
    };
    raise(most.order_criterion, moved.order_criterion, "criterion in another order");
    raise(most.order_prediction, moved.order_prediction, "predictions in another order");
    raise(most.scale_criterion, moved.scale_criterion, "criterion in other units");
    raise(most.scale_prediction, moved.scale_prediction, "predictions in other units");
  }
  const auto share = [&](long of) { return static_cast<double>(of) / static_cast<double>(designs); };
  std::printf("%ld designs from %ld, %d starts each; on a boundary %.4f\n", designs, first, starts, share(on_boundary));
  std::printf("within 1e-7 of the best deviance %.4f, most above it %.2g, most below it %.2g\n", share(as_good), worst,
              gained);
  std::printf("boundary named as by the second search %.4f; refused %ld, without optimum %ld\n", share(named), refused,
              not_converged);
  std::printf(
      "other order and names: criterion %.2g, predictions %.2g; other units: criterion %.2g, predictions %.2g\n",
      most.order_criterion, most.order_prediction, most.scale_criterion, most.scale_prediction);
  const bool holds = share(as_good) >= 0.999 && share(named) >= 0.995 && refused == 0 && not_converged == 0;
  return holds ? 0 : 1;
}
