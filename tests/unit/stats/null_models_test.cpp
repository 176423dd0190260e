// SPDX-License-Identifier: BSL-1.0
// Models from which null series are drawn: their number, their center, their scatter.
#include "rapport_test.hpp"

#include <cmath>
#include <vector>

using namespace rapport::stats;

namespace {

session_model<double> clients() {
  return {.center = 1,
          .mean_intercept = 5.9,
          .mean_slope = 0.01,
          .intercept_var = 0.64,
          .slope_var = 0.0004,
          .state_var = 0.09,
          .state_autocorrelation = 0.3,
          .error_var = 0.0625,
          .log_variance_sd = 0.6,
          .range = {{1, 7, 1.0 / 12}}};
}

rapport::session_panel draw(rapport::index n_clients) {
  std::vector<rapport::index> client;
  std::vector<double> session;
  std::vector<double> score;
  const std::vector<double> times{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16};
  std::vector<double> drawn(times.size());
  for (rapport::index c = 0; c < n_clients; ++c) {
    rapport::random_stream random(21, static_cast<std::uint64_t>(c));
    draw_stable_series<double>(clients(), times, random, drawn);
    for (std::size_t t = 0; t < times.size(); ++t) {
      client.push_back(c);
      session.push_back(times[t]);
      score.push_back(drawn[t]);
    }
  }
  return rapport::session_panel::make(client, session, score, {.range = clients().range}).value();
}

double within(const session_model<double>& m) { return m.state_var + m.error_var; }

}  // namespace

TEST_CASE("few clients give many models whose scatter shrinks with their number", "[stats][null_models]") {
  const auto scatter = [](rapport::index n_clients) {
    const auto models = fit_null_models(draw(n_clients), 7).value();
    REQUIRE(models.size() == 50);
    double sum = 0;
    double squares = 0;
    for (const auto& m : models) {
      CHECK(validate(m).has_value());
      sum += std::log(within(m)) / 50;
      squares += std::log(within(m)) * std::log(within(m)) / 50;
    }
    return std::sqrt(squares - sum * sum);
  };
  const double of_20 = scatter(20);
  const double of_200 = scatter(200);
  // In theory a factor of sqrt(10); 50 refits know a scatter to 10 %, and clients differ.
  CHECK(of_20 > 2 * of_200);
  CHECK(of_200 > 0.02);
}

TEST_CASE("the center corrects what a bounded scale hides", "[stats][null_models]") {
  const auto panel = draw(1500);  // a tenth of the scores would lie above 7
  const auto plain = fit_stable_clients(panel).value();
  const auto models = fit_null_models(panel, 7).value();
  REQUIRE(models.size() == 1);
  const double truth = 0.1525;
  CHECK(within(plain) < 0.93 * truth);
  CHECK(std::fabs(within(models[0]) - truth) < std::fabs(within(plain) - truth) / 2);
  CHECK(std::fabs(models[0].intercept_var - 0.64) < std::fabs(plain.intercept_var - 0.64));
}

TEST_CASE("the same seed gives the same models", "[stats][null_models]") {
  const auto panel = draw(30);
  const auto one = fit_null_models(panel, 3).value();
  const auto same = fit_null_models(panel, 3).value();
  const auto other = fit_null_models(panel, 4).value();
  REQUIRE(one.size() == same.size());
  for (std::size_t k = 0; k < one.size(); ++k) {
    CHECK(one[k].error_var == same[k].error_var);
    CHECK(one[k].mean_intercept == same[k].mean_intercept);
  }
  CHECK(one[0].error_var != other[0].error_var);
}

TEST_CASE("a refit is reflected at the fit", "[stats][null_models]") {
  const auto fit = clients();
  const auto panel = draw(40);
  const detail::reflection<double> reflect(panel, fit);
  const auto itself = reflect(fit);
  CHECK(itself.mean_intercept == fit.mean_intercept);
  CHECK(itself.intercept_var == Approx(fit.intercept_var).epsilon(1e-12));
  CHECK(itself.slope_var == Approx(fit.slope_var).epsilon(1e-9));
  CHECK(within(itself) == Approx(within(fit) * (1 + 1 / 40.0)).epsilon(1e-12));
  CHECK(itself.log_variance_sd == Approx(0.6).epsilon(1e-9));
  auto refit = fit;
  refit.mean_intercept -= 0.5;
  refit.intercept_var *= 2;
  refit.state_var *= 1.25;
  refit.error_var *= 1.25;
  refit.state_autocorrelation = 0.1;
  const auto mirrored = reflect(refit);
  CHECK(mirrored.mean_intercept == Approx(fit.mean_intercept + 0.5));
  CHECK(mirrored.intercept_var == Approx(fit.intercept_var / 2));
  CHECK(within(mirrored) == Approx(within(fit) / 1.25 * (1 + 1 / 40.0)));
  CHECK(mirrored.state_autocorrelation == Approx(0.5));
}
