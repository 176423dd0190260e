// SPDX-License-Identifier: BSL-1.0
// Pulse scan, leave-one-out predictions and detectable depth against the joint normal distribution written out.
#include "rapport_test.hpp"

#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include <Eigen/LU>

using rapport::errc;
using rapport::stats::session_model;

namespace {

constexpr double missing = std::numeric_limits<double>::quiet_NaN();

session_model<double> clients(double log_variance_sd = 0) {
  session_model<double> m;
  m.center = 1;
  m.mean_intercept = 5.2;
  m.mean_slope = 0.02;
  m.intercept_var = 0.64;
  m.slope_var = 0.0004;
  m.intercept_slope_cov = -0.004;
  m.state_var = 0.09;
  m.state_autocorrelation = 0.3;
  m.error_var = 0.0625;
  m.log_variance_sd = log_variance_sd;
  return m;
}

Eigen::MatrixXd covariance_of(const session_model<double>& m, const std::vector<double>& times) {
  const auto n = static_cast<rapport::index>(times.size());
  Eigen::MatrixXd out(n, n);
  for (rapport::index i = 0; i < n; ++i) {
    for (rapport::index j = 0; j < n; ++j) {
      const double u = times[static_cast<std::size_t>(i)] - m.center;
      const double v = times[static_cast<std::size_t>(j)] - m.center;
      out(i, j) = m.intercept_var + m.intercept_slope_cov * (u + v) + m.slope_var * u * v +
                  m.state_var * std::pow(m.state_autocorrelation, std::fabs(u - v)) + (i == j ? m.error_var : 0);
    }
  }
  return out;
}

rapport::session_panel panel_of(const std::vector<std::vector<double>>& courses, const std::vector<double>& times,
                                const rapport::panel_options<double>& options = {}) {
  std::vector<int> client;
  std::vector<double> session;
  std::vector<double> score;
  for (std::size_t c = 0; c < courses.size(); ++c) {
    for (std::size_t t = 0; t < times.size(); ++t) {
      client.push_back(static_cast<int>(c));
      session.push_back(times[t]);
      score.push_back(courses[c][t]);
    }
  }
  return rapport::session_panel::make(client, session, score, options).value();
}

const std::vector<double> irregular{1, 2, 3, 5, 6, 9, 10, 11, 12, 13, 15, 16};
const std::vector<double> ruptured{5.1, 5.3, 5.0, 5.4, 5.2, 4.9, 3.6, 3.8, 3.7, 5.3, 5.2, 5.5};

rapport::detect_options without_null() {
  rapport::detect_options out;
  out.null_series = 0;
  return out;
}

/// Depth and its standard error of a pulse [begin, end), by generalized least squares with every matrix written out.
std::pair<double, double> naive_pulse(const session_model<double>& m, const std::vector<double>& times,
                                      const std::vector<double>& y, rapport::index begin, rapport::index end) {
  const auto n = static_cast<rapport::index>(times.size());
  const Eigen::MatrixXd inverse = covariance_of(m, times).inverse();
  Eigen::VectorXd x = Eigen::VectorXd::Zero(n);
  Eigen::VectorXd r(n);
  for (rapport::index t = 0; t < n; ++t) {
    if (t >= begin && t < end) x(t) = -1;
    r(t) = y[static_cast<std::size_t>(t)] - m.mean_at(times[static_cast<std::size_t>(t)]);
  }
  const double information = x.dot(inverse * x);
  return {x.dot(inverse * r) / information, 1 / std::sqrt(information)};
}

}  // namespace

TEST_CASE("the pulse scan finds the span with the largest ratio, its depth and standard error", "[rupture][pulse]") {
  const auto m = clients();
  const auto found = rapport::detect(panel_of({ruptured}, irregular), rapport::pulse_scan(m), without_null()).value();
  double largest = 0;
  rapport::index at = 0;
  rapport::index until = 0;
  for (rapport::index begin = 1; begin < 12; ++begin) {
    for (rapport::index end = begin + 1; end <= 12; ++end) {
      if (end - begin > 6 && end < 12) continue;
      const auto [depth, se] = naive_pulse(m, irregular, ruptured, begin, end);
      if (depth / se > largest) largest = depth / se, at = begin, until = end;
    }
  }
  REQUIRE(found.count() == 1);
  const auto& e = found.episodes[0];
  CHECK(at == 6);
  CHECK(until == 9);
  CHECK(e.onset_at == at);
  CHECK(e.pre_at == at - 1);
  CHECK(e.nadir_at == 6);
  CHECK(e.repair_at == until);
  CHECK(e.onset == 10);
  CHECK(e.repair == 13);
  const auto [depth, se] = naive_pulse(m, irregular, ruptured, at, until);
  CHECK(e.depth == Approx(depth).epsilon(1e-12));
  CHECK(e.depth_se.value() == Approx(se).epsilon(1e-12));
  CHECK(e.score == Approx(largest).epsilon(1e-12));
  CHECK(e.depth_standardized == Approx(depth / std::sqrt(m.state_var + m.error_var)).epsilon(1e-12));
  // The statistic of a session is the largest of the spans that begin there.
  for (rapport::index begin = 1; begin < 12; ++begin) {
    double best = -1e9;
    for (rapport::index end = begin + 1; end <= 12; ++end) {
      if (end - begin > 6 && end < 12) continue;
      const auto [d, s] = naive_pulse(m, irregular, ruptured, begin, end);
      best = (std::max)(best, d / s);
    }
    CHECK(found.clients[0].session_score[static_cast<std::size_t>(begin)].value() == Approx(best).epsilon(1e-11));
  }
}

TEST_CASE("a missed session is the same as one that is not in the table", "[rupture][pulse]") {
  auto with_gap = ruptured;
  auto times = irregular;
  with_gap.insert(with_gap.begin() + 4, missing);
  times.insert(times.begin() + 4, 5.5);
  const auto m = clients();
  const auto plain = rapport::detect(panel_of({ruptured}, irregular), rapport::pulse_scan(m), without_null()).value();
  const auto gap = rapport::detect(panel_of({with_gap}, times), rapport::pulse_scan(m), without_null()).value();
  REQUIRE(gap.count() == 1);
  CHECK(gap.episodes[0].depth == plain.episodes[0].depth);
  CHECK(gap.episodes[0].onset == plain.episodes[0].onset);
  CHECK(gap.episodes[0].onset_at == plain.episodes[0].onset_at + 1);
}

TEST_CASE("a second pulse is judged with the first one free", "[rupture][pulse]") {
  std::vector<double> times;
  std::vector<double> y;
  for (int t = 1; t <= 20; ++t) {
    times.push_back(t);
    y.push_back(5.2 + 0.02 * (t - 1) - (t == 6 ? 2.5 : 0) - (t >= 13 && t < 16 ? 1.8 : 0));
  }
  const auto m = clients();
  const auto found = rapport::detect(panel_of({y}, times), rapport::pulse_scan(m), without_null()).value();
  REQUIRE(found.count() == 2);
  CHECK(found.episodes[0].onset == 6);
  CHECK(found.episodes[1].onset == 13);
  CHECK(found.episodes[1].repair == 16);
  // Both are estimated together, which on a course without noise gives the truth itself.
  CHECK(found.episodes[0].depth == Approx(2.5).epsilon(1e-10));
  CHECK(found.episodes[1].depth == Approx(1.8).epsilon(1e-10));
  for (const auto& e : found.episodes) CHECK(e.score == Approx(e.depth / e.depth_se.value()).epsilon(1e-12));
  CHECK(rapport::detect(panel_of({y}, times), rapport::pulse_scan(m, {.most = 1}), without_null()).value().count() ==
        1);
}

TEST_CASE("leave-one-out predictions are conditional normal distributions", "[rupture][leave_one_out]") {
  const auto m = clients();
  const auto found =
      rapport::detect(panel_of({ruptured}, irregular), rapport::leave_one_out(m), without_null()).value();
  const Eigen::MatrixXd all = covariance_of(m, irregular);
  for (rapport::index t = 0; t < 12; ++t) {
    Eigen::MatrixXd others(11, 11);
    Eigen::VectorXd along(11);
    Eigen::VectorXd r(11);
    for (rapport::index i = 0, a = 0; i < 12; ++i) {
      if (i == t) continue;
      for (rapport::index j = 0, b = 0; j < 12; ++j) {
        if (j == t) continue;
        others(a, b++) = all(i, j);
      }
      along(a) = all(i, t);
      r(a++) = ruptured[static_cast<std::size_t>(i)] - m.mean_at(irregular[static_cast<std::size_t>(i)]);
    }
    const Eigen::VectorXd weights = others.inverse() * along;
    const double mean = m.mean_at(irregular[static_cast<std::size_t>(t)]) + weights.dot(r);
    const double sd = std::sqrt(all(t, t) - weights.dot(along));
    const auto& expected = found.clients[0].expected[static_cast<std::size_t>(t)].value();
    CHECK(expected.mean == Approx(mean).epsilon(1e-11));
    CHECK(expected.sd == Approx(sd).epsilon(1e-11));
    CHECK(found.clients[0].session_score[static_cast<std::size_t>(t)].value() ==
          Approx((mean - ruptured[static_cast<std::size_t>(t)]) / sd).margin(1e-10));
  }
}

TEST_CASE("a score at the ceiling stands for at least that much", "[rupture][pulse]") {
  auto y = ruptured;
  for (double& each : y) each += 1.7;
  y[3] = 7;
  y[11] = 7;
  auto m = clients();
  m.mean_intercept = 6.9;
  const auto open = rapport::detect(panel_of({y}, irregular), rapport::pulse_scan(m), without_null()).value();
  const auto bounded =
      rapport::detect(panel_of({y}, irregular, {.range = {{1, 7.2, 0.1}}}), rapport::pulse_scan(m), without_null())
          .value();
  CHECK(bounded.episodes[0].depth == open.episodes[0].depth);  // no score lies at that ceiling
  for (double& each : y) each = (std::min)(each, 6.7);
  const auto at_ceiling =
      rapport::detect(panel_of({y}, irregular, {.range = {{1, 6.7, 0.1}}}), rapport::pulse_scan(m), without_null())
          .value();
  const auto taken_literally =
      rapport::detect(panel_of({y}, irregular), rapport::pulse_scan(m), without_null()).value();
  CHECK(at_ceiling.episodes[0].depth > taken_literally.episodes[0].depth);
  CHECK(rapport::detail::mean_above(0.0, 1.0, 0.0) == Approx(std::sqrt(2 / 3.14159265358979323846)));
  CHECK(rapport::detail::mean_above(0.0, 1.0, 9.0) == Approx(9.1085).epsilon(1e-3));  // dnorm(9) / pnorm(-9) in R
}

TEST_CASE("self-scaling asks more of volatile clients and less of steady ones", "[rupture][pulse]") {
  const auto m = clients(0.6);
  std::vector<double> times;
  std::vector<double> steady;
  std::vector<double> volatile_course;
  for (int t = 1; t <= 20; ++t) {
    times.push_back(t);
    const double swing = t % 2 == 0 ? 1 : -1;
    steady.push_back(5.2 + 0.02 * swing - (t == 10 ? 1.2 : 0));
    volatile_course.push_back(5.2 + 0.6 * swing - (t == 9 ? 1.2 : 0));
  }
  const auto panel = panel_of({steady, volatile_course}, times);
  const auto score = [&](bool self_scaling, std::size_t client, auto make) {
    const auto found = rapport::detect(panel, make(self_scaling), without_null()).value();
    double largest = 0;
    for (const auto& each : found.clients[client].session_score) largest = (std::max)(largest, each.value_or(0));
    return largest;
  };
  const auto pulse = [&](bool s) { return rapport::pulse_scan(m, {.threshold = 1e5, .self_scaling = s}); };
  const auto offline = [&](bool s) { return rapport::leave_one_out(m, {.false_alarms = 1e-12, .self_scaling = s}); };
  const auto online = [&](bool s) { return rapport::innovations(m, {.false_alarms = 1e-12, .self_scaling = s}); };
  CHECK(score(true, 0, pulse) > 1.3 * score(false, 0, pulse));
  CHECK(score(true, 1, pulse) < score(false, 1, pulse) / 1.3);
  CHECK(score(true, 0, offline) > 1.3 * score(false, 0, offline));
  CHECK(score(true, 1, offline) < score(false, 1, offline) / 1.3);
  CHECK(score(true, 0, online) > 1.1 * score(false, 0, online));
  CHECK(score(true, 1, online) < score(false, 1, online) / 1.1);
}

TEST_CASE("settings of the model-based detectors are checked", "[rupture][pulse]") {
  const auto panel = panel_of({ruptured}, irregular);
  const auto m = clients();
  const auto code = [&](const auto& detector) { return rapport::detect(panel, detector, without_null()).error().code; };
  CHECK(code(rapport::pulse_scan(m, {.threshold = 0})) == errc::invalid_option);
  CHECK(code(rapport::pulse_scan(m, {.threshold = missing})) == errc::invalid_option);
  CHECK(code(rapport::pulse_scan(m, {.longest = 0})) == errc::invalid_option);
  CHECK(code(rapport::pulse_scan(m, {.most = 0})) == errc::invalid_option);
  CHECK(code(rapport::leave_one_out(m, {.false_alarms = 0.5})) == errc::invalid_option);
  CHECK(code(rapport::leave_one_out(m, {.repair_tolerance = -1})) == errc::invalid_option);
  CHECK(code(rapport::leave_one_out(m, {.hold = 0})) == errc::invalid_option);
}

TEST_CASE("detectable depth is made of the predictive SD and the information of a pulse",
          "[rupture][detectable_depth]") {
  const auto m = clients();
  const auto depth = rapport::detectable_depth<double>(m, irregular, {.length = 3}).value();
  REQUIRE(depth.size() == 11);
  const double factor = 2.3263478740408408 + 0.8416212335729142;  // R: qnorm(.99) + qnorm(.8)
  rapport::stats::session_filter<double> filter(m);
  for (std::size_t t = 0; t < irregular.size(); ++t) {
    if (t > 0) {
      const auto end = (std::min)(rapport::index{12}, static_cast<rapport::index>(t) + 3);
      CHECK(depth[t - 1].session == irregular[t]);
      CHECK(depth[t - 1].online == Approx(factor * filter.predict(irregular[t]).sd).epsilon(1e-12));
      const double se = naive_pulse(m, irregular, ruptured, static_cast<rapport::index>(t), end).second;
      CHECK(depth[t - 1].offline == Approx(factor * se).epsilon(1e-10));
    }
    filter.update(irregular[t], 5);
  }
  const std::vector<double> one{1};
  const std::vector<double> backwards{2, 1};
  CHECK(rapport::detectable_depth<double>(m, one).error().code == errc::too_few_rows);
  CHECK(rapport::detectable_depth<double>(m, backwards).error().code == errc::invalid_option);
  CHECK(rapport::detectable_depth<double>(m, irregular, {.power = 1}).error().code == errc::invalid_option);
}

TEST_CASE("false discoveries are counted over clients and subscales", "[rupture][false_discovery]") {
  // R 4.2.2: p.adjust(c(.001, .008, .039, .041, .042, .06, .074, .205), "BH")
  const std::vector<double> p{0.001, 0.008, 0.039, 0.041, 0.042, 0.06, 0.074, 0.205};
  const std::vector<double> wanted{0.008, 0.032, 0.0672, 0.0672, 0.0672, 0.08, 0.0845714285714286, 0.205};
  const auto adjusted = rapport::stats::false_discovery_adjusted<double>(p);
  for (std::size_t i = 0; i < p.size(); ++i) CHECK(adjusted[i] == Approx(wanted[i]).epsilon(1e-13));

  std::vector<rapport::detection> all(2);
  for (auto& each : all) each.clients.resize(4);
  all[0].clients[3].not_evaluable = "too few scored sessions";
  const auto add = [&](std::size_t d, rapport::index client, double p_null) {
    rapport::episode e;
    e.client_position = client;
    e.p_null = p_null;
    all[d].episodes.push_back(e);
  };
  add(0, 0, 0.01);
  add(0, 0, 0.3);
  add(1, 2, 0.002);
  rapport::control_false_discoveries(std::span<rapport::detection>(all));
  CHECK(all[1].episodes[0].q_null.value() == Approx(0.002 * 7));
  CHECK(all[0].episodes[0].q_null.value() == Approx(0.01 * 7 / 2));
  CHECK(all[0].episodes[1].q_null == all[0].episodes[0].q_null);
}
