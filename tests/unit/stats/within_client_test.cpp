// SPDX-License-Identifier: BSL-1.0
// Moments of own-line residuals against matrices written out, and recovery of simulated clients.
#include "rapport_test.hpp"

#include <cmath>
#include <vector>

#include <Eigen/Core>
#include <Eigen/LU>

using namespace rapport::stats;

namespace {

session_model<double> clients(double phi, double log_variance_sd) {
  return {.center = 1,
          .mean_intercept = 5,
          .intercept_var = 0.64,
          .slope_var = 0.0009,
          .intercept_slope_cov = -0.004,
          .state_var = phi > 0 ? 0.09 : 0,
          .state_autocorrelation = phi,
          .error_var = 0.0625,
          .log_variance_sd = log_variance_sd};
}

rapport::session_panel draw(const session_model<double>& model, rapport::index n_clients, bool uneven) {
  std::vector<rapport::index> client;
  std::vector<double> session;
  std::vector<double> score;
  for (rapport::index c = 0; c < n_clients; ++c) {
    rapport::random_stream random(11, static_cast<std::uint64_t>(c));
    std::vector<double> times;
    double at = 1;
    const rapport::index n = uneven ? 6 + c % 20 : 20;
    for (rapport::index t = 0; t < n; ++t, at += uneven && random.chance(0.2) ? 2 : 1) times.push_back(at);
    std::vector<double> scores(times.size());
    draw_stable_series<double>(model, times, random, scores);
    for (std::size_t t = 0; t < times.size(); ++t) {
      client.push_back(c);
      session.push_back(times[t]);
      score.push_back(scores[t]);
    }
  }
  return rapport::session_panel::make(client, session, score).value();
}

}  // namespace

TEST_CASE("expected products of own-line residuals are traces", "[stats][within_client]") {
  const std::vector<double> time{1, 2, 4, 5, 6, 9, 10};
  const std::vector<double> score{5, 4.5, 5.2, 4.9, 5.8, 5.1, 5.6};
  const rapport::panel_options<double> options{};
  const detail::own_line_residuals<double> own(rapport::session_series<double>{time, score, options});
  const rapport::index n = 7;
  Eigen::MatrixXd x(n, 2);
  Eigen::VectorXd y(n);
  for (rapport::index t = 0; t < n; ++t) {
    x.row(t) << 1, time[static_cast<std::size_t>(t)];
    y(t) = score[static_cast<std::size_t>(t)];
  }
  const Eigen::MatrixXd m = Eigen::MatrixXd::Identity(n, n) - x * (x.transpose() * x).inverse() * x.transpose();
  const Eigen::VectorXd r = m * y;
  CHECK(own.squares == Approx(r.squaredNorm()).epsilon(1e-12));
  for (rapport::index t = 0; t < n; ++t) CHECK(own.residual[static_cast<std::size_t>(t)] == Approx(r(t)).margin(1e-13));
  for (const double phi : {0.0, 0.3, 0.9}) {
    Eigen::MatrixXd v(n, n);
    for (rapport::index i = 0; i < n; ++i) {
      for (rapport::index j = 0; j < n; ++j) {
        const double apart = std::fabs(time[static_cast<std::size_t>(i)] - time[static_cast<std::size_t>(j)]);
        v(i, j) = i == j ? 1 : std::pow(phi, apart);
      }
    }
    const auto expected = detail::expected_products(own, phi);
    for (rapport::index lag = 0; lag < 4; ++lag) {
      Eigen::MatrixXd d = Eigen::MatrixXd::Zero(n, n);
      for (rapport::index t = 0; t + lag < n; ++t) d(t, t + lag) = 1;
      CHECK(expected[static_cast<std::size_t>(lag)] == Approx((m * d * m * v).trace()).margin(1e-12));
    }
  }
}

TEST_CASE("stable clients are recovered: balanced and uneven, alike and unlike in volatility",
          "[stats][within_client]") {
  for (const bool uneven : {false, true}) {
    for (const double spread : {0.0, 0.6}) {
      const auto truth = clients(0.5, spread);
      const auto fit = fit_stable_clients(draw(truth, 3000, uneven)).value();
      INFO("uneven " << uneven << ", spread " << spread);
      // Standard errors with 3000 clients are near 3 % of each, and larger for the parts of a sum and for trends.
      CHECK(fit.intercept_var == Approx(0.64).epsilon(0.12));
      CHECK(fit.slope_var == Approx(0.0009).epsilon(0.15));
      CHECK(fit.state_var + fit.error_var == Approx(0.1525).epsilon(0.08));
      CHECK(fit.state_var == Approx(0.09).epsilon(0.25));
      CHECK(fit.state_autocorrelation == Approx(0.5).margin(0.11));
      CHECK(fit.log_variance_sd == Approx(spread).margin(spread > 0 ? 0.06 : 0.12));
    }
  }
}

TEST_CASE("independent errors leave the REML fit nearly as it is", "[stats][within_client]") {
  const auto panel = draw(clients(0, 0), 2000, false);
  const auto lines = fit_session_model(panel).value();
  const auto full = fit_stable_clients(panel).value();
  CHECK(full.state_var + full.error_var == Approx(lines.error_var).epsilon(1e-3));
  CHECK(full.intercept_var == Approx(lines.intercept_var).epsilon(0.02));
  CHECK(full.mean_intercept == lines.mean_intercept);
}

TEST_CASE("volatility is drawn with the mean variance kept", "[stats][within_client]") {
  const auto truth = clients(0, 0.8);
  const std::vector<double> times{1, 2, 3, 4};
  std::vector<double> y(4);
  double squares = 0;
  double fourth = 0;
  const int n = 200000;
  auto flat = truth;
  flat.intercept_var = flat.slope_var = flat.intercept_slope_cov = 0;
  for (int b = 0; b < n; ++b) {
    rapport::random_stream random(3, static_cast<std::uint64_t>(b));
    draw_stable_series<double>(flat, times, random, y);
    const double e = y[0] - 5;
    squares += e * e / n;
    fourth += e * e * e * e / n;
  }
  CHECK(squares == Approx(truth.error_var).epsilon(0.02));                          // five standard errors
  CHECK(fourth / (squares * squares) == Approx(3 * std::exp(0.64)).epsilon(0.15));  // kurtosis of the mixture
}

TEST_CASE("what a sample variance's logarithm does", "[stats][distribution]") {
  // R 4.2.2: digamma(df / 2) - log(df / 2); trigamma(df / 2) for df = 1, 5.5, 18
  CHECK(log_chi_squared_mean(1.0) == Approx(-1.2703628454614782).epsilon(1e-13));
  CHECK(log_chi_squared_variance(1.0) == Approx(4.934802200544679).epsilon(1e-13));
  CHECK(log_chi_squared_mean(18.0) == Approx(std::log(1 / 9.0) + 2.14064147795560999).epsilon(1e-12));
}
