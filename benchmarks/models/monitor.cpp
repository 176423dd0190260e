// SPDX-License-Identifier: BSL-1.0
// The monitor: the time of one session.
#include <cmath>
#include <vector>

#include <Eigen/Cholesky>

#include <rapport/core/random.hpp>
#include <rapport/monitor.hpp>
#include "data.hpp"
#include "measure.hpp"

namespace {

using rapport::index;
using matrix = Eigen::MatrixXd;
using vector = Eigen::VectorXd;

const rapport::stats::session_model<double> stable{.center = 1,
                                                   .mean_intercept = 5.2,
                                                   .mean_slope = 0.02,
                                                   .intercept_var = 0.64,
                                                   .slope_var = 0.0004,
                                                   .intercept_slope_cov = 0.002,
                                                   .state_var = 0.09,
                                                   .state_autocorrelation = 0.3,
                                                   .error_var = 0.0625};

/// Scores of one therapy that fall by two points from session `onset` on.
std::vector<double> therapy(index n, index onset) {
  rapport::random_stream random(bench::seed, 3);
  std::vector<double> out;
  for (index t = 1; t <= n; ++t) out.push_back(5.2 + 0.3 * random.normal() - (t >= onset ? 2 : 0));
  return out;
}

/// Depth of a step from session `onset` on, by generalized least squares on the joint covariance of all scores.
double naive_depth(const std::vector<double>& y, index onset) {
  const auto n = static_cast<index>(y.size());
  matrix covariance(n, n);
  vector deviation(n);
  vector step(n);
  for (index a = 0; a < n; ++a) {
    for (index b = 0; b < n; ++b) {
      covariance(a, b) =
          stable.intercept_var + stable.intercept_slope_cov * static_cast<double>(a + b) +
          stable.slope_var * static_cast<double>(a * b) +
          stable.state_var * std::pow(stable.state_autocorrelation, std::abs(static_cast<double>(a - b))) +
          (a == b ? stable.error_var : 0);
    }
    deviation(a) = y[static_cast<std::size_t>(a)] - stable.mean_at(static_cast<double>(a + 1));
    step(a) = a + 1 >= onset ? -1 : 0;
  }
  const vector weighed = Eigen::LLT<matrix>(covariance).solve(step);
  return weighed.dot(deviation) / weighed.dot(step);
}

void monitor_session(benchmark::State& state) {
  constexpr index n_sessions = 200;
  constexpr index onset = 12;
  const auto scores = therapy(n_sessions, onset);
  const auto fresh = rapport::rupture_monitor::make(stable, {.planned_sessions = 20}).value();
  auto watch = fresh;
  index seen = 0;
  for (std::size_t t = 0; t < scores.size() && seen == 0; ++t) {
    const auto alarm = watch.push(scores[t]);
    if (!alarm) continue;
    seen = static_cast<index>(t) + 1;
    bench::check(seen >= onset && seen < onset + 4, "the alarm does not follow the fall");
    const std::vector<double> until(scores.begin(), scores.begin() + seen);
    bench::check_close(alarm->depth, naive_depth(until, static_cast<index>(alarm->onset)), 1e-5, "the depth");
  }
  bench::check(seen > 0, "no alarm");
  Eigen::Vector3d load(1, 0.5, 1);
  bench::compare(
      state,
      {.n = {{"sessions", n_sessions}}, .floor = "one 3 x 3 product and rank-1 update", .operations = n_sessions},
      [&] {
        auto follow = fresh;
        index alarms = 0;
        for (const double score : scores) alarms += follow.push(score) ? 1 : 0;
        return alarms;
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

const bench::registration add_all([] { bench::add("models/monitor_session", monitor_session); });

}  // namespace
