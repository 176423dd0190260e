// SPDX-License-Identifier: BSL-1.0
// Following and simulating one client: the Kalman filter of a session model, and stable series.
#include <cmath>
#include <vector>

#include <Eigen/Cholesky>

#include <rapport/core/failure.hpp>
#include <rapport/core/random.hpp>
#include <rapport/stats/session_filter.hpp>
#include <rapport/stats/stable_clients.hpp>
#include "data.hpp"
#include "measure.hpp"

namespace {

using rapport::as_size;
using rapport::index;
using rapport::random_stream;
using rapport::stats::matrix;
using rapport::stats::vector;
using model_type = rapport::stats::session_model<double>;

constexpr index n_sessions = 20;

model_type stable_model(bool wanders) {
  model_type model;
  model.center = 1;
  model.mean_intercept = 5.2;
  model.mean_slope = 0.05;
  model.intercept_var = 0.64;
  model.slope_var = 0.0025;
  model.intercept_slope_cov = -0.008;
  model.state_var = wanders ? 0.16 : 0;
  model.state_autocorrelation = wanders ? 0.3 : 0;
  model.error_var = 0.25;
  validate(model).value();
  return model;
}

std::vector<double> session_numbers() {
  std::vector<double> out;
  for (index t = 1; t <= n_sessions; ++t) out.push_back(static_cast<double>(t));
  return out;
}

/// The covariance matrix of a client's scores, written out.
matrix<double> covariance_of(const model_type& model, const std::vector<double>& times) {
  const index n = std::ssize(times);
  matrix<double> out(n, n);
  for (index s = 0; s < n; ++s) {
    for (index t = 0; t < n; ++t) {
      const double u = times[as_size(s)] - model.center;
      const double v = times[as_size(t)] - model.center;
      out(s, t) = model.intercept_var + model.intercept_slope_cov * (u + v) + model.slope_var * u * v +
                  model.state_var * std::pow(model.state_autocorrelation, std::fabs(u - v)) +
                  (s == t ? model.error_var : 0);
    }
  }
  return out;
}

void filter_step(benchmark::State& state, bool wanders) {
  const auto model = stable_model(wanders);
  const auto times = session_numbers();
  std::vector<double> scores(times.size());
  random_stream random(bench::seed);
  rapport::stats::draw_stable_series<double>(model, times, random, scores);

  // The product of the predictive densities is the density of the whole series.
  double by_steps = 0;
  rapport::stats::session_filter<double> filter(model);
  for (std::size_t t = 0; t < times.size(); ++t) {
    const auto expected = filter.predict(times[t]);
    const double z = (scores[t] - expected.mean) / expected.sd;
    by_steps += z * z + 2 * std::log(expected.sd);
    filter.update(times[t], scores[t]);
  }
  vector<double> deviation(n_sessions);
  for (index t = 0; t < n_sessions; ++t) deviation(t) = scores[as_size(t)] - model.mean_at(times[as_size(t)]);
  const Eigen::LLT<matrix<double>> factor(covariance_of(model, times));
  const double at_once = deviation.dot(factor.solve(deviation)) + 2 * factor.matrixLLT().diagonal().array().log().sum();
  bench::check_close(by_steps, at_once, 1e-12, "-2 log density, step by step");

  Eigen::Vector3d load(1, 0.5, 1);
  bench::compare(
      state,
      {.n = {{"sessions", n_sessions}}, .floor = "one 3 x 3 product and rank-1 update", .operations = n_sessions},
      [&] {
        rapport::stats::session_filter<double> follow(model);
        double sum = 0;
        for (std::size_t t = 0; t < times.size(); ++t) {
          sum += follow.predict(times[t]).mean;
          follow.update(times[t], scores[t]);
        }
        return sum;
      },
      [&] {
        benchmark::DoNotOptimize(load.data());
        Eigen::Matrix3d spread = Eigen::Matrix3d::Identity();
        for (index t = 0; t < n_sessions; ++t) {
          const Eigen::Vector3d along = spread * load;
          spread -= along * along.transpose() * 0.01;
        }
        return spread.sum();
      });
}

void draw_series(benchmark::State& state, bool wanders) {
  auto model = stable_model(wanders);
  const auto times = session_numbers();
  std::vector<double> scores(times.size());

  // Means and covariances of many series against the model, within five standard errors.
  constexpr index n_series = 20000;
  random_stream random(bench::seed);
  matrix<double> drawn(n_series, n_sessions);
  for (index i = 0; i < n_series; ++i) {
    rapport::stats::draw_stable_series<double>(model, times, random, scores);
    for (index t = 0; t < n_sessions; ++t) drawn(i, t) = scores[as_size(t)] - model.mean_at(times[as_size(t)]);
  }
  const matrix<double> wanted = covariance_of(model, times);
  const matrix<double> found = drawn.transpose() * drawn / n_series;
  for (index s = 0; s < n_sessions; ++s) {
    const double mean_error = std::sqrt(wanted(s, s) / n_series);
    bench::check(std::fabs(drawn.col(s).mean()) < 5 * mean_error, "the mean of simulated scores");
    for (index t = 0; t <= s; ++t) {
      const double error = std::sqrt((wanted(s, s) * wanted(t, t) + wanted(s, t) * wanted(s, t)) / n_series);
      bench::check(std::fabs(found(s, t) - wanted(s, t)) < 5 * error, "a covariance of simulated scores");
    }
  }

  model.range = {1, 7, 0.25};
  const index n_normals = n_sessions * (wanders ? 2 : 1) + 2;
  bench::compare(
      state, {.n = {{"sessions", n_sessions}}, .floor = "drawing the normal numbers alone", .operations = n_sessions},
      [&] {
        rapport::stats::draw_stable_series<double>(model, times, random, scores);
        benchmark::DoNotOptimize(scores.data());
      },
      [&] {
        double sum = 0;
        for (index i = 0; i < n_normals; ++i) sum += random.normal();
        return sum;
      });
}

const bench::registration add_all([] {
  bench::add("stats/session_filter_step/level_and_trend", [](benchmark::State& state) { filter_step(state, false); });
  bench::add("stats/session_filter_step/wandering_state", [](benchmark::State& state) { filter_step(state, true); });
  bench::add("stats/draw_stable_series/level_and_trend", [](benchmark::State& state) { draw_series(state, false); });
  bench::add("stats/draw_stable_series/wandering_state", [](benchmark::State& state) { draw_series(state, true); });
});

}  // namespace
