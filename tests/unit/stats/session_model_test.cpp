// SPDX-License-Identifier: BSL-1.0
// Session models: the Kalman filter against the whole covariance matrix, drawn series against their moments.
#include "rapport_test.hpp"

#include <Eigen/Dense>

namespace rp = rapport;

using namespace rapport::stats;
using rapport::errc;

namespace {

session_model<double> example_model() {
  session_model<double> model;
  model.center = 1;
  model.mean_intercept = 5;
  model.mean_slope = 0.05;
  model.intercept_var = 0.64;
  model.slope_var = 0.0009;
  model.intercept_slope_cov = -0.005;
  model.state_var = 0.09;
  model.state_autocorrelation = 0.3;
  model.error_var = 0.0625;
  return model;
}

/// The covariance matrix of a client's scores at these times, as the model's sentence says it.
Eigen::MatrixXd covariance_of(const session_model<double>& m, const std::vector<double>& times) {
  const auto n = std::ssize(times);
  Eigen::MatrixXd c(n, n);
  for (rp::index i = 0; i < n; ++i) {
    for (rp::index j = 0; j < n; ++j) {
      const double u = times[rapport::as_size(i)] - m.center;
      const double v = times[rapport::as_size(j)] - m.center;
      const double distance = std::fabs(u - v);
      c(i, j) = m.intercept_var + (u + v) * m.intercept_slope_cov + u * v * m.slope_var +
                m.state_var * (distance == 0 ? 1 : std::pow(m.state_autocorrelation, distance)) +
                (i == j ? m.error_var : 0);
    }
  }
  return c;
}

}  // namespace

TEST_CASE("the filter expects what the joint normal distribution expects", "[session_model]") {
  auto model = example_model();
  const std::vector<double> times{1, 2, 4, 5, 5.5, 9, 10};  // gaps and a fraction
  rapport::random_stream random(1);
  for (const double autocorrelation : {0.0, 0.3, 0.95}) {
    for (const double state_var : {0.0, 0.09}) {
      model.state_autocorrelation = autocorrelation;
      model.state_var = state_var;
      const Eigen::MatrixXd c = covariance_of(model, times);
      std::vector<double> y;
      for (const double t : times) y.push_back(model.mean_at(t) + random.normal());
      session_filter<double> filter(model);
      for (rp::index t = 0; t < std::ssize(times); ++t) {
        // Conditional mean and variance of y[t] given the ones before, from the partitioned matrix.
        double mean = model.mean_at(times[rapport::as_size(t)]);
        double variance = c(t, t);
        if (t > 0) {
          Eigen::VectorXd before(t);
          for (rp::index s = 0; s < t; ++s)
            before(s) = y[rapport::as_size(s)] - model.mean_at(times[rapport::as_size(s)]);
          const Eigen::VectorXd w = c.topLeftCorner(t, t).ldlt().solve(Eigen::VectorXd(c.col(t).head(t)));
          mean += w.dot(before);
          variance -= w.dot(c.col(t).head(t));
        }
        const auto expected = filter.predict(times[rapport::as_size(t)]);
        CHECK_CLOSE(expected.mean, mean, 1e-11);
        CHECK_CLOSE(expected.sd, std::sqrt(variance), 1e-11);
        filter.update(times[rapport::as_size(t)], y[rapport::as_size(t)]);
      }
    }
  }
}

TEST_CASE("the filter's standardized surprises are the whitened residuals of the Cholesky factor", "[session_model]") {
  const auto model = example_model();
  std::vector<double> times;
  for (int t = 1; t <= 30; ++t) times.push_back(t);
  const Eigen::MatrixXd lower = covariance_of(model, times).llt().matrixL();
  rapport::random_stream random(2);
  Eigen::VectorXd r(30);
  for (rp::index t = 0; t < 30; ++t) r(t) = random.normal();
  const Eigen::VectorXd white = lower.triangularView<Eigen::Lower>().solve(r);
  session_filter<double> filter(model);
  for (rp::index t = 0; t < 30; ++t) {
    const double time = times[rapport::as_size(t)];
    const double y = model.mean_at(time) + r(t);
    const auto expected = filter.predict(time);
    CHECK_CLOSE((y - expected.mean) / expected.sd, white(t), 1e-10, 1e-12);
    filter.update(time, y);
  }
}

TEST_CASE("drawn series have the model's means and covariances", "[session_model]") {
  const auto model = example_model();
  const std::vector<double> times{1, 2, 5, 12};
  const Eigen::MatrixXd c = covariance_of(model, times);
  constexpr int n = 40000;
  Eigen::MatrixXd drawn(n, 4);
  std::vector<double> scores(4);
  for (int i = 0; i < n; ++i) {
    rapport::random_stream random(7, static_cast<std::uint64_t>(i));
    draw_stable_series<double>(model, times, random, scores);
    for (rp::index t = 0; t < 4; ++t) drawn(i, t) = scores[rapport::as_size(t)];
  }
  const auto found = covariance(drawn).value();
  for (rp::index i = 0; i < 4; ++i) {
    // Five standard errors.
    CHECK_CLOSE(found.mean(i), model.mean_at(times[rapport::as_size(i)]), 0, 5 * std::sqrt(c(i, i) / n));
    for (rp::index j = 0; j < 4; ++j) {
      CHECK_CLOSE(found.covariance(i, j), c(i, j), 0, 5 * std::sqrt((c(i, i) * c(j, j) + c(i, j) * c(i, j)) / n));
    }
  }
}

TEST_CASE("drawn scores are legal where the model has a range", "[session_model]") {
  auto model = example_model();
  model.mean_intercept = 6.8;
  model.range = rapport::score_range<double>{1, 7, 0.25};
  std::vector<double> times(200);
  for (std::size_t t = 0; t < 200; ++t) times[t] = static_cast<double>(t);
  std::vector<double> scores(200);
  rapport::random_stream random(3);
  draw_stable_series<double>(model, times, random, scores);
  int at_ceiling = 0;
  for (const double y : scores) {
    CHECK(y >= 1);
    CHECK(y <= 7);
    CHECK(std::fmod(y - 1, 0.25) == 0);
    at_ceiling += y == 7 ? 1 : 0;
  }
  CHECK(at_ceiling > 5);
  CHECK(to_legal_score(3.13, *model.range) == 3.25);
  CHECK(to_legal_score(-2.0, *model.range) == 1);
}

TEST_CASE("a session model fitted to a panel is the mixed model in plain numbers", "[session_model]") {
  rapport::random_stream random(4);
  std::vector<int> client;
  std::vector<int> session;
  std::vector<double> score;
  for (int c = 1; c <= 200; ++c) {
    const double level = 5 + 0.8 * random.normal();
    const double trend = 0.05 + 0.1 * random.normal();
    for (int s = 1; s <= 8; ++s) {
      client.push_back(c);
      session.push_back(s);
      score.push_back(level + trend * s + 0.5 * random.normal());
    }
  }
  const auto panel = rapport::session_panel::make(client, session, score).value();
  const auto model = fit_session_model(panel).value();
  CHECK(validate(model));
  CHECK_CLOSE(std::sqrt(model.intercept_var), 0.8, 0, 0.2);
  CHECK_CLOSE(std::sqrt(model.slope_var), 0.1, 0, 0.03);
  CHECK_CLOSE(std::sqrt(model.error_var), 0.5, 0, 0.05);
  CHECK(model.state_var == 0);
}

TEST_CASE("where trends cannot be told apart, stable clients differ in level alone", "[session_model]") {
  std::vector<int> client;
  std::vector<int> session;
  std::vector<double> score;
  rapport::random_stream random(5);
  for (int c = 1; c <= 40; ++c) {
    const double level = random.normal();
    for (int s = 1; s <= 2; ++s) {
      client.push_back(c);
      session.push_back(s);
      score.push_back(level + 0.3 * random.normal());
    }
  }
  const auto model = fit_session_model(rapport::session_panel::make(client, session, score).value()).value();
  CHECK(model.slope_var == 0);
  CHECK(model.intercept_var > 0.3);
}

TEST_CASE("numbers that are no model are refused by name", "[session_model]") {
  auto model = example_model();
  CHECK(validate(model));
  model.error_var = 0;
  CHECK(validate(model).error().subject == "error_var");
  model = example_model();
  model.state_autocorrelation = 1;
  CHECK(validate(model).error().code == errc::invalid_option);
  model = example_model();
  model.intercept_slope_cov = 1;
  CHECK(validate(model).error().code == errc::not_positive_definite);
  model = example_model();
  model.slope_var = -1e-9;
  CHECK_FALSE(validate(model));
  model = example_model();
  model.mean_slope = std::numeric_limits<double>::quiet_NaN();
  CHECK_FALSE(validate(model));
}

TEST_CASE("spread of scores: within, between and altogether", "[session_spread]") {
  const std::vector<std::string> client{"a", "a", "a", "b", "b", "c"};
  const std::vector<int> session{1, 2, 3, 1, 2, 1};
  const std::vector<double> score{1, 2, 3, 10, 14, 5};
  const auto panel = rapport::session_panel::make(client, session, score).value();
  const auto spread = spread_of(panel);
  // within: squares 2 + 8 over 2 + 1 degrees of freedom; between: means 2, 12, 5.
  CHECK_CLOSE(*spread.within, std::sqrt(10.0 / 3));
  CHECK_CLOSE(*spread.between,
              std::sqrt((std::pow(2 - 19.0 / 3, 2) + std::pow(12 - 19.0 / 3, 2) + std::pow(5 - 19.0 / 3, 2)) / 2));
  CHECK_CLOSE(*spread.grand, 5.115336417740935);  // Python: statistics.stdev([1, 2, 3, 10, 14, 5])
  CHECK(*series_sd(panel.series(0)) == 1);
  CHECK_FALSE(series_sd(panel.series(2)));
}
