// SPDX-License-Identifier: BSL-1.0
// Growth curves: what a fit says, in which words, and what it refuses.
#include "rapport_test.hpp"

#include "naive_mixed_model.hpp"

namespace rp = rapport;

using rapport::errc;

namespace {

struct columns {
  std::vector<int> client{};
  std::vector<double> session{};
  std::vector<double> score{};

  [[nodiscard]] rapport::session_panel panel() const {
    return rapport::session_panel::make(client, session, score).value();
  }
};

columns therapies(std::uint64_t seed, int n_clients, int n_sessions, double slope_sd = 0.1) {
  rapport::random_stream random(seed);
  columns out;
  for (int c = 1; c <= n_clients; ++c) {
    const double level = 5 + 0.8 * random.normal();
    const double trend = 0.05 + slope_sd * random.normal();
    for (int s = 1; s <= n_sessions; ++s) {
      const double noise = 0.5 * random.normal();
      if (s > 1 && random.chance(0.2)) continue;
      out.client.push_back(c);
      out.session.push_back(s);
      out.score.push_back(level + trend * s + noise);
    }
  }
  return out;
}

}  // namespace

TEST_CASE("a growth fit names its coefficients and tells the same as the mixed model", "[growth]") {
  const auto panel = therapies(1, 40, 8).panel();
  const auto fit = rapport::fit_growth(panel, rapport::linear{}.centered_at(1).random_slope()).value();
  REQUIRE(fit.fixed().size() == 2);
  CHECK(fit.fixed()[0].name == "(Intercept)");
  CHECK(fit.fixed("session")->name == "session");
  CHECK(fit.fixed("week").error().code == errc::unknown_coefficient);
  CHECK(fit.n_clients() == 40);
  CHECK(fit.n_obs() == panel.n_observed());
  CHECK_CLOSE(fit.log_likelihood(), -fit.criterion() / 2);
  CHECK_CLOSE(fit.aic(), fit.criterion() + 12);  // 2 fixed, 3 covariances, 1 residual variance
  CHECK_CLOSE(fit.bic_n_clients(), fit.criterion() + 6 * std::log(40.0));
  CHECK_CLOSE(fit.bic_n_obs(), fit.criterion() + 6 * std::log(static_cast<double>(fit.n_obs())));
  CHECK(fit.report().find("optimum certified") == 0);
  CHECK(fit.random_names() == std::vector<std::string>{"(Intercept)", "session"});
  CHECK(fit.r2_conditional() > fit.r2_marginal());
  CHECK(fit.icc() > 0.3);
  CHECK(fit.icc() < 1);
}

TEST_CASE("centering moves the intercept along the curve and changes nothing else", "[growth]") {
  const auto panel = therapies(2, 30, 8).panel();
  const auto at_0 = rapport::fit_growth(panel, rapport::linear{}.random_slope()).value();
  const auto at_4 = rapport::fit_growth(panel, rapport::linear{}.centered_at(4).random_slope()).value();
  CHECK_CLOSE(at_4.criterion(), at_0.criterion(), 1e-12);
  CHECK_CLOSE(at_4.fixed()[0].estimate, at_0.mean_at(4)->estimate, 1e-11);
  CHECK_CLOSE(at_4.fixed()[0].standard_error, at_0.mean_at(4)->standard_error, 1e-9);
  CHECK_CLOSE(at_4.fixed()[1].estimate, at_0.fixed()[1].estimate, 1e-10);
  for (std::size_t c = 0; c < 30; ++c) {
    CHECK_CLOSE(at_4.expected(at_4.client_curves()[c], 7), at_0.expected(at_0.client_curves()[c], 7), 1e-9);
    CHECK_CLOSE(at_4.client_lines()[c].slope_se, at_0.client_lines()[c].slope_se, 1e-8);
  }
}

TEST_CASE("the order of rows and the names of clients change nothing", "[growth]") {
  auto data = therapies(3, 20, 6);
  const auto fit = rapport::fit_growth(data.panel(), rapport::linear{}.random_slope()).value();
  for (int& client : data.client) client = 1000 - client;
  std::reverse(data.client.begin(), data.client.end());
  std::reverse(data.session.begin(), data.session.end());
  std::reverse(data.score.begin(), data.score.end());
  const auto other = rapport::fit_growth(data.panel(), rapport::linear{}.random_slope()).value();
  CHECK_CLOSE(other.criterion(), fit.criterion(), 1e-12);
  CHECK_CLOSE(other.fixed()[1].estimate, fit.fixed()[1].estimate, 1e-11);
  CHECK_CLOSE(other.random_sd(1), fit.random_sd(1), 1e-9);
}

TEST_CASE("client lines lie between the client's own line and the mean", "[growth]") {
  const auto fit = rapport::fit_growth(therapies(4, 50, 8, 0.0).panel(), rapport::linear{}.centered_at(4)).value();
  const double mean_level = fit.fixed()[0].estimate;
  const double mean_slope = fit.fixed()[1].estimate;
  for (const auto& client : fit.client_curves()) {
    // Random intercepts: b = shrinkage * mean of the client's residuals from the mean curve.
    const double g = fit.random_covariance()(0, 0);
    const double r2 = fit.model().residual_var;
    const double shrinkage = g / (g + r2 / static_cast<double>(client.n));
    CHECK(client.coefficients(1) == mean_slope);
    CHECK(shrinkage < 1);
    CHECK(std::fabs(client.coefficients(0) - mean_level) < 4 * fit.random_sd(0));
    if (client.n >= 2) {
      REQUIRE(client.ols.size() == 2);
    }
    CHECK(client.standard_errors(0) > 0);
  }
}

TEST_CASE("a client's least-squares line is that of its own scores", "[growth]") {
  columns data = therapies(5, 10, 6);
  // One client with three scores on a line, one with a single score.
  for (const double s : {1.0, 2.0, 5.0}) {
    data.client.push_back(90);
    data.session.push_back(s);
    data.score.push_back(2 + 0.5 * s);
  }
  data.client.push_back(91);
  data.session.push_back(3);
  data.score.push_back(4);
  const auto fit = rapport::fit_growth(data.panel(), rapport::linear{}.random_slope()).value();
  const auto& three = fit.client_curves()[10];
  REQUIRE(three.id == "90");
  CHECK_CLOSE(three.ols(0), 2, 1e-12);
  CHECK_CLOSE(three.ols(1), 0.5, 1e-12);
  CHECK(fit.client_curves()[11].ols.size() == 0);
}

TEST_CASE("the next session of a new client is what the joint model expects", "[growth]") {
  const auto fit = rapport::fit_growth(therapies(6, 60, 8).panel(), rapport::linear{}.random_slope()).value();
  const std::vector<double> nothing;
  const auto first = fit.predict_next(nothing).value();
  CHECK_CLOSE(first.mean, fit.fixed()[0].estimate + fit.fixed()[1].estimate, 1e-12);
  const std::vector<double> low{3.0, 3.1, std::numeric_limits<double>::quiet_NaN(), 2.9};
  const auto next = fit.predict_next(low).value();
  CHECK(next.mean < first.mean);
  CHECK(next.mean > 2.5);
  CHECK(next.sd < first.sd);
  CHECK(next.sd > fit.residual_sd());
}

TEST_CASE("boundaries are said in words a psychologist can use", "[growth]") {
  // No differences between clients: the same line for everybody, noise that sums to nothing.
  columns data;
  const double noise[] = {0.5, -0.5, -0.5, 0.5};
  for (int c = 0; c < 8; ++c) {
    for (int s = 0; s < 4; ++s) {
      data.client.push_back(c);
      data.session.push_back(s);
      data.score.push_back(5 + 0.1 * s + (c % 2 == 0 ? 1 : -1) * noise[s]);
    }
  }
  const auto fit = rapport::fit_growth(data.panel(), rapport::linear{}.random_slope()).value();
  CHECK(fit.model().report.status == rapport::stats::fit_status::boundary);
  CHECK(fit.boundary() == "the variance of (Intercept) and the variance of session is zero");
  CHECK(fit.report().find("a legal result, not a failure") != std::string::npos);
}

TEST_CASE("curves of higher degree, and what they are not", "[growth]") {
  const auto panel = therapies(7, 30, 8).panel();
  const auto curved = rapport::fit_growth(panel, rapport::quadratic{}.centered_at(4).random_slope()).value();
  REQUIRE(curved.fixed().size() == 3);
  CHECK(curved.fixed()[2].name == "session^2");
  CHECK(curved.session_model().error().code == errc::invalid_option);
  CHECK(rapport::fit_growth(panel, rapport::level{}.random_slope()).error().code == errc::invalid_option);
  CHECK(rapport::fit_growth(panel, rapport::time_coding(7)).error().code == errc::invalid_option);
  const auto flat = rapport::fit_growth(panel, rapport::level{}).value();
  CHECK(flat.fixed().size() == 1);
  CHECK(flat.session_model()->mean_slope == 0);
  CHECK(flat.client_lines()[0].slope == 0);
}

TEST_CASE("REML and ML differ as they should in a balanced design", "[growth]") {
  columns data;
  rapport::random_stream random(8);
  for (int c = 0; c < 10; ++c) {
    const double level = random.normal();
    for (int s = 0; s < 4; ++s) {
      data.client.push_back(c);
      data.session.push_back(s);
      data.score.push_back(level + 0.4 * random.normal());
    }
  }
  const auto reml = rapport::fit_growth(data.panel(), rapport::level{}).value();
  const auto ml =
      rapport::fit_growth(data.panel(), rapport::level{}, {.method = rapport::stats::likelihood::ml}).value();
  // One-way analysis of variance: REML gives its variance components, ML divides the squares between by c, not c - 1.
  double within = 0;
  double between = 0;
  double grand = 0;
  for (const double y : data.score) grand += y / 40;
  for (int c = 0; c < 10; ++c) {
    double mean = 0;
    for (int s = 0; s < 4; ++s) mean += data.score[static_cast<std::size_t>(4 * c + s)] / 4;
    between += 4 * (mean - grand) * (mean - grand);
    for (int s = 0; s < 4; ++s) within += std::pow(data.score[static_cast<std::size_t>(4 * c + s)] - mean, 2);
  }
  CHECK_CLOSE(reml.model().residual_var, within / 30, 1e-10);
  CHECK_CLOSE(reml.random_covariance()(0, 0), (between / 9 - within / 30) / 4, 1e-9);
  CHECK_CLOSE(ml.random_covariance()(0, 0), (between / 10 - within / 30) / 4, 1e-9);
}

TEST_CASE("what cannot be fitted is refused with the reason", "[growth]") {
  const auto fit = [](const columns& data) {
    return rapport::fit_growth(data.panel(), rapport::linear{}.random_slope());
  };
  CHECK(fit({{1, 1, 1}, {1, 2, 3}, {4, 5, 4}}).error().code == errc::too_few_clusters);
  CHECK(fit({{1, 2, 3}, {1, 2, 3}, {4, 5, 4}}).error().code == errc::no_replication);
  CHECK(fit({{1, 1, 2, 2}, {1, 2, 1, 2}, {4, 5, 4, 6}}).error().code == errc::no_replication);
  CHECK(fit({{1, 1, 1, 2, 2, 2}, {1, 2, 3, 1, 2, 3}, {4, 4, 4, 4, 4, 4}}).error().code == errc::zero_variance);
  const double missing = std::numeric_limits<double>::quiet_NaN();
  CHECK(fit({{1, 1, 2}, {1, 2, 1}, {missing, missing, missing}}).error().code == errc::no_data);
  // All sessions at one time for each client is a duplicate; the same time for all clients is collinear.
  CHECK(rapport::fit_growth(columns{{1, 2, 3}, {2, 2, 2}, {4, 5, 6}}.panel(), rapport::linear{}).error().code ==
        errc::collinear);
  CHECK(rapport::fit_growth(therapies(9, 5, 5).panel(), rapport::linear{}, {.level = 1.5}).error().code ==
        errc::invalid_option);
}
