// SPDX-License-Identifier: BSL-1.0
// The monitor: against generalized least squares on the whole covariance, its false alarms, saved states, refusals.
#include "rapport_test.hpp"

#include <Eigen/Dense>

#include <rapport/monitor.hpp>
#include <rapport/stats/distribution/normal.hpp>
#include <rapport/stats/distribution/student_t.hpp>

#include <array>
#include <vector>

namespace rp = rapport;
namespace stats = rapport::stats;
using rapport::errc;

namespace {

constexpr double na = std::numeric_limits<double>::quiet_NaN();

stats::session_model<double> stable(double state_var = 0.09, double autocorrelation = 0.3) {
  return {.center = 1,
          .mean_intercept = 5.2,
          .mean_slope = 0.02,
          .intercept_var = 0.6,
          .slope_var = 0.0004,
          .intercept_slope_cov = 0.002,
          .state_var = state_var,
          .state_autocorrelation = autocorrelation,
          .error_var = 0.06};
}

struct step {
  double ratio = 0;  ///< depth / se, with the spread of the model
  double depth = 0;
  double se = 0;  ///< with the client's own spread
  double score = 0;
};

/// A step at `onset` (position among the scored ones), from the joint covariance of all scores.
step naive_step(const stats::session_model<double>& m, const std::vector<double>& time, const std::vector<double>& y,
                std::size_t onset) {
  const auto n = static_cast<Eigen::Index>(y.size());
  Eigen::MatrixXd c(n, n);
  Eigen::VectorXd r(n), x = Eigen::VectorXd::Zero(n);
  for (Eigen::Index i = 0; i < n; ++i) {
    const double ti = time[static_cast<std::size_t>(i)] - m.center;
    r(i) = y[static_cast<std::size_t>(i)] - m.mean_at(time[static_cast<std::size_t>(i)]);
    if (static_cast<std::size_t>(i) >= onset) x(i) = -1;
    for (Eigen::Index j = 0; j < n; ++j) {
      const double tj = time[static_cast<std::size_t>(j)] - m.center;
      c(i, j) = m.intercept_var + m.intercept_slope_cov * (ti + tj) + m.slope_var * ti * tj +
                m.state_var * std::pow(m.state_autocorrelation, std::fabs(ti - tj)) + (i == j ? m.error_var : 0);
    }
  }
  const Eigen::VectorXd px = c.ldlt().solve(x);
  const double ratio = px.dot(r) / std::sqrt(px.dot(x));
  // The residual sum of squares of the regression, less what the first score has; the model's spread as if from 1 more.
  const double residual = r.dot(c.ldlt().solve(r)) - r(0) * r(0) / c(0, 0) - ratio * ratio;
  const double df = 1 + static_cast<double>(n) - 2;
  const double spread = std::sqrt((1 + residual) / df);
  const double t = ratio / spread;
  const double normal = (8 * df + 1) / (8 * df + 3) * std::sqrt(df * std::log(1 + t * t / df));
  const double handicap = onset + 1 == y.size() ? 0.6 : 0;
  return {ratio, px.dot(r) / px.dot(x), spread / std::sqrt(px.dot(x)), ratio > 0 ? normal - handicap : -1e300};
}

/// Mean and SD of a later score when a step of unknown depth at `onset` lasts.
std::array<double, 2> naive_prediction(const stats::session_model<double>& m, const std::vector<double>& time,
                                       const std::vector<double>& y, std::size_t onset, double later) {
  // One more score without information: the joint covariance, and a depth with an enormous prior variance.
  constexpr double unknown = 1e6;
  const auto n = static_cast<Eigen::Index>(y.size());
  Eigen::MatrixXd c(n + 1, n + 1);
  Eigen::VectorXd r(n);
  const auto at = [&](Eigen::Index i) { return i < n ? time[static_cast<std::size_t>(i)] : later; };
  for (Eigen::Index i = 0; i <= n; ++i) {
    if (i < n) r(i) = y[static_cast<std::size_t>(i)] - m.mean_at(at(i));
    for (Eigen::Index j = 0; j <= n; ++j) {
      const double ti = at(i) - m.center, tj = at(j) - m.center;
      const bool both = static_cast<std::size_t>(i) >= onset && static_cast<std::size_t>(j) >= onset;
      c(i, j) = m.intercept_var + m.intercept_slope_cov * (ti + tj) + m.slope_var * ti * tj +
                m.state_var * std::pow(m.state_autocorrelation, std::fabs(ti - tj)) + (i == j ? m.error_var : 0) +
                (both ? unknown : 0);
    }
  }
  const Eigen::VectorXd weights = c.topLeftCorner(n, n).ldlt().solve(c.col(n).head(n));
  return {m.mean_at(later) + weights.dot(r), std::sqrt(c(n, n) - weights.dot(c.col(n).head(n)))};
}

}  // namespace

TEST_CASE("the monitor's statistic is the generalized least squares of a step", "[rupture]") {
  rp::random_stream random(67);
  int n_seen = 0;
  for (int trial = 0; trial < 120; ++trial) {
    const auto model = stable(trial % 2 == 0 ? 0.09 : 0.0, 0.5);
    const auto ready = rp::rupture_monitor::make(model, {.n_simulated = 200}).value();
    std::vector<double> time, y;
    std::vector<std::pair<double, double>> pushed;  // every session, missed ones too
    double now = 1;
    for (int t = 0; t < 12; ++t) {
      const double score = random.chance(0.2) ? na : 5 + random.normal() - (t >= 7 ? 1.5 : 0);
      pushed.emplace_back(now, score);
      now += random.chance(0.2) ? 2.5 : 1;
    }
    auto watch = ready;
    for (const auto& [at, score] : pushed) {
      const auto seen = watch.push(at, score);
      if (std::isnan(score)) {
        CHECK_FALSE(seen);
        continue;
      }
      time.push_back(at);
      y.push_back(score);
      double best = -1e300;
      std::size_t best_onset = 0;
      for (std::size_t onset = (std::max)(y.size() < 4 ? std::size_t{3} : y.size() - 4, std::size_t{3});
           onset < y.size(); ++onset) {
        const double of_step = naive_step(model, time, y, onset).score;
        if (of_step > best) best = of_step, best_onset = onset;
      }
      CHECK(seen.has_value() == (best > watch.threshold()));
      if (!seen) continue;
      CHECK_CLOSE(seen->score, best, 2e-6);
      ++n_seen;
      CHECK_CLOSE(seen->depth, naive_step(model, time, y, best_onset).depth, 2e-6);
      CHECK_CLOSE(seen->depth_se, naive_step(model, time, y, best_onset).se, 2e-6);
      CHECK_CLOSE(seen->onset, time[best_onset], 1e-6);
      // From then on, the drop is part of the mean, with an unknown depth: prediction by generalized least squares.
      const auto next = naive_prediction(model, time, y, best_onset, at + 1.5);
      CHECK_CLOSE(watch.expected(at + 1.5).mean, next[0],
                  1e-5);  // 1e-6 for the enormous variance, and single precision
      CHECK_CLOSE(watch.expected(at + 1.5).sd, next[1], 1e-5);
      break;  // afterwards the steps start anew
    }
  }
  CHECK(n_seen >= 10);
}

TEST_CASE("the score of a t statistic has nearly the normal tail", "[rupture]") {
  for (const double df : {3.0, 5.0, 10.0, 30.0}) {
    for (const double t : {0.5, 1.0, 2.0, 3.0, 4.0, 6.0}) {
      const double tail = stats::student_t_two_sided(t, df) / 2;
      CHECK(std::fabs(rp::detail::normal_score(t, df) + stats::normal_quantile(tail)) < 0.04);
    }
  }
}

TEST_CASE("one and a half times the spread of the model does not raise the alarms by much", "[rupture]") {
  const auto ready = rp::rupture_monitor::make(stable(), {.n_simulated = 5000}).value();
  auto wide = stable();
  wide.state_var *= 2.25;
  wide.error_var *= 2.25;
  std::vector<double> times, scores(20);
  for (int t = 1; t <= 20; ++t) times.push_back(t);
  int alarmed = 0;
  constexpr int therapies = 4000;
  for (int b = 0; b < therapies; ++b) {
    rp::random_stream random(79, static_cast<std::uint64_t>(b));
    stats::draw_stable_series<double>(wide, times, random, scores);
    auto watch = ready;
    bool any = false;
    for (const double score : scores) any = watch.push(score).has_value() || any;
    alarmed += any ? 1 : 0;
  }
  CHECK(100.0 * alarmed / therapies < 9.5);  // 8 and three standard errors; 43 with the spread of the model alone
}

TEST_CASE("stable therapies raise an alarm as often as was asked for", "[rupture]") {
  auto bounded = stable();
  bounded.range = {{1, 7, 0.25}};
  for (const auto& model : {stable(), bounded}) {
    const auto ready = rp::rupture_monitor::make(model).value();
    std::vector<double> times, scores(20);
    for (int t = 1; t <= 20; ++t) times.push_back(t);
    int alarmed = 0;
    constexpr int therapies = 10000;
    for (int b = 0; b < therapies; ++b) {
      rp::random_stream random(71, static_cast<std::uint64_t>(b));
      stats::draw_stable_series<double>(model, times, random, scores);
      auto watch = ready;
      bool any = false;
      for (const double score : scores) any = watch.push(score).has_value() || any;
      alarmed += any ? 1 : 0;
    }
    // 5 %: the threshold errs by .15, the count by .22 points.
    CHECK(std::fabs(100.0 * alarmed / therapies - 5) < 1);
  }
}

TEST_CASE("a monitor set for many missed sessions keeps its promise there", "[rupture]") {
  constexpr double share = 0.4;
  const auto often_missed = rp::rupture_monitor::make(stable(), {.missed_share = share}).value();
  // Fewer scores, fewer occasions for a false alarm: less is asked of each.
  CHECK(often_missed.threshold() < rp::rupture_monitor::make(stable(), {.missed_share = 0}).value().threshold());
  std::vector<double> times, scores(20);
  for (int t = 1; t <= 20; ++t) times.push_back(t);
  int alarmed = 0;
  constexpr int therapies = 10000;
  for (int b = 0; b < therapies; ++b) {
    rp::random_stream random(83, static_cast<std::uint64_t>(b));
    stats::draw_stable_series<double>(stable(), times, random, scores);
    auto watch = often_missed;
    bool any = false;
    for (std::size_t t = 0; t < 20; ++t) any = watch.push(t > 0 && random.chance(share) ? na : scores[t]) || any;
    alarmed += any ? 1 : 0;
  }
  CHECK(std::fabs(100.0 * alarmed / therapies - 5) < 1);
}

TEST_CASE("a lasting drop is found and put into words", "[rupture]") {
  auto watch = rp::rupture_monitor::make(stable()).value();
  std::vector<rp::alarm> alarms;
  for (const double score : {5.1, 5.3, 5.0, 5.2, 5.3, 5.1, 3.2, 3.3, 3.2, 3.4}) {
    if (const auto alarm = watch.push(score)) alarms.push_back(*alarm);
  }
  REQUIRE(alarms.size() == 1);
  CHECK(alarms[0].onset == 7);
  CHECK(alarms[0].session <= 8);
  CHECK(alarms[0].depth > 1.5);
  const std::string sentence(alarms[0].sentence().view());
  CHECK(
      sentence.starts_with("session " + std::string(rp::number_text(alarms[0].session).view()) + ": since session 7"));
  CHECK(sentence.find("one stable therapy in 20 shows such an alarm") != std::string::npos);
  CHECK_FALSE(alarms[0].sentence().truncated());
  CHECK_FALSE(watch.is_beyond_plan());
  for (int t = 0; t < 11; ++t) CHECK_FALSE(watch.push(3.3));
  CHECK(watch.is_beyond_plan());
  CHECK(watch.n_sessions() == 21);
}

TEST_CASE("a saved monitor goes on bit for bit", "[rupture]") {
  static_assert(rp::rupture_monitor::state_size <= 256);
  rp::random_stream random(73);
  const auto ready = rp::rupture_monitor::make(stable(), {.n_simulated = 200}).value();
  for (int cut = 0; cut < 15; ++cut) {
    auto one = ready;
    auto other = ready;
    for (int t = 0; t < 15; ++t) {
      if (t == cut) {
        const auto bytes = one.save();
        REQUIRE(other.resume(bytes));
        one = ready;  // the old one is gone
        REQUIRE(one.resume(bytes));
      }
      const double score = random.chance(0.2) ? na : 5 + random.normal();
      const auto a = one.push(score);
      if (t >= cut) {
        const auto b = other.push(score);
        REQUIRE(a.has_value() == b.has_value());
        REQUIRE(one.save() == other.save());
      }
    }
  }
  auto others = rp::rupture_monitor::make(stable(0.2), {.n_simulated = 200}).value();
  CHECK(others.resume(ready.save()).error().code == errc::foreign_state);
  CHECK(others.resume(std::vector<std::byte>(3)).error().code == errc::foreign_state);
  CHECK(rp::rupture_monitor::make(stable(), {.n_simulated = 200})->resume(ready.save()));
}

TEST_CASE("the monitor refuses what it cannot take, and learns nothing from it", "[rupture]") {
  auto model = stable();
  model.range = {{1, 7, 0}};
  const auto ready = rp::rupture_monitor::make(model, {.n_simulated = 200}).value();
  auto watch = ready;
  static_cast<void>(watch.push(5.0));
  const auto before = watch.save();
  for (const double score : {8.0, 0.5, std::numeric_limits<double>::infinity()}) {
    CHECK_FALSE(watch.push(score));
    CHECK(watch.refused());
    CHECK(watch.save() == before);
  }
  CHECK_FALSE(watch.push(1.0, 5.0));  // session 1 again
  CHECK(watch.refused()->code == errc::missing_session);
  CHECK_FALSE(watch.push(na, 5.0));
  CHECK(watch.refused());
  CHECK(watch.save() == before);
  CHECK_FALSE(watch.push(na));
  CHECK_FALSE(watch.refused());
  CHECK(watch.n_sessions() == 2);

  CHECK(rp::rupture_monitor::make(model, {.false_alarms_per_therapy = 0}).error().code == errc::invalid_option);
  CHECK(rp::rupture_monitor::make(model, {.planned_sessions = 3}).error().code == errc::invalid_option);
  CHECK(rp::rupture_monitor::make(model, {.prior_sessions = 0}).error().code == errc::invalid_option);
  CHECK(rp::rupture_monitor::make(model, {.missed_share = -0.1}).error().subject == "missed_share");
  CHECK(rp::rupture_monitor::make(model, {.missed_share = 0.95}).error().subject == "missed_share");
  CHECK(rp::rupture_monitor::make(model, {.n_baseline = 20}).error().code == errc::invalid_option);
  CHECK(rp::rupture_monitor::make(model, {.n_simulated = 1}).error().code == errc::invalid_option);
  model.error_var = -1;
  CHECK(rp::rupture_monitor::make(model).error().code == errc::invalid_option);
}
