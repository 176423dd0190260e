// SPDX-License-Identifier: BSL-1.0
// After a rupture: is the level back (against the joint covariance), how often and how soon, does the alliance grow.
#include "rapport_test.hpp"

#include <Eigen/Dense>

#include <rapport/rupture/drop_repair.hpp>
#include <rapport/rupture/rates.hpp>
#include <rapport/rupture/repair.hpp>

namespace rp = rapport;
namespace stats = rapport::stats;
using rapport::errc;

namespace {

stats::session_model<double> model_of(double slope = 0) {
  return {.center = 1,
          .mean_intercept = 5,
          .mean_slope = slope,
          .intercept_var = 0.64,
          .slope_var = 0.0004,
          .state_var = 0.09,
          .state_autocorrelation = 0.3,
          .error_var = 0.0625};
}

/// A fall by a point from a session to the next, followed by the common rules.
struct fall_of_a_point {
  static constexpr rp::detector_info info{"fall-of-a-point", "test", rp::trust::own};
  void operator()(const rp::series& y, rp::episode_sink out) const {
    out.evaluable(y.size() - 1);
    rp::index free_from = 1;
    for (rp::index t = 1; t < y.size(); ++t) {
      if (t < free_from || !y.is_observed(t) || !y.is_observed(t - 1) || y[t] > y[t - 1] - 1) continue;
      out.onset_at(t);
      free_from = t + 1;
      while (free_from < y.size() && !(y[free_from] >= y[t - 1] - 0.3)) ++free_from;
    }
  }
};

rp::session_panel stable_clients(const stats::session_model<double>& model, rp::index n, std::uint64_t seed) {
  std::vector<double> times;
  for (int t = 1; t <= 16; ++t) times.push_back(t);
  std::vector<rp::session_row<double>> rows;
  for (rp::index c = 0; c < n; ++c) {
    rp::random_stream random(seed, static_cast<std::uint64_t>(c));
    std::vector<double> scores(16);
    stats::draw_stable_series<double>(model, times, random, scores);
    for (std::size_t t = 0; t < 16; ++t) rows.push_back({std::to_string(c), times[t], scores[t], {}});
  }
  return rp::session_panel::from_rows(rows).value();
}

}  // namespace

TEST_CASE("the shift is that of generalized least squares on the joint covariance", "[repair]") {
  rp::random_stream random(5);
  const auto m = model_of(0.02);
  for (int round = 0; round < 30; ++round) {
    std::vector<double> time, score;
    double now = 1;
    for (int t = 0; t < 14; ++t) {
      time.push_back(now);
      score.push_back(random.chance(0.15) ? std::nan("") : 5 + random.normal());
      now += random.chance(0.2) ? 2.5 : 1;
    }
    const rp::session_series<double> y{time, score, {}};
    rp::episode e;
    e.onset_at = 5;
    e.nadir_at = 6;
    if (round % 2 == 0) e.repair_at = 8;
    const auto found = rp::level_return_of<double>(m, y, e, 0.25, 3).value();

    std::vector<double> t, v, x;
    rp::index after = 0;
    for (rp::index k = 0; k < 14; ++k) {
      const bool is_after = k >= (e.repair_at ? 8 : 7);
      if (!y.is_observed(k) || (k >= 5 && !is_after) || (is_after && after == 3)) continue;
      after += is_after ? 1 : 0;
      t.push_back(time[static_cast<std::size_t>(k)]);
      v.push_back(y[k] - m.mean_at(t.back()));
      x.push_back(is_after ? 1 : 0);
    }
    const auto n = static_cast<Eigen::Index>(t.size());
    Eigen::MatrixXd c(n, n);
    for (Eigen::Index i = 0; i < n; ++i) {
      for (Eigen::Index j = 0; j < n; ++j) {
        const double ti = t[static_cast<std::size_t>(i)], tj = t[static_cast<std::size_t>(j)];
        c(i, j) = m.intercept_var + m.slope_var * (ti - 1) * (tj - 1) +
                  m.state_var * std::pow(m.state_autocorrelation, std::fabs(ti - tj)) + (i == j ? m.error_var : 0);
      }
    }
    const Eigen::Map<Eigen::VectorXd> r(v.data(), n), effect(x.data(), n);
    const Eigen::VectorXd solved = c.ldlt().solve(effect);
    const double shift = solved.dot(r) / solved.dot(effect);
    const double se = 1 / std::sqrt(solved.dot(effect));
    CHECK_CLOSE(found.shift, shift, 1e-10, 1e-12);
    CHECK_CLOSE(found.shift_se, se, 1e-10);
    CHECK_CLOSE(found.probability, 0.5 * std::erfc(-(shift + 0.25) / se / std::sqrt(2.0)), 1e-9);
    CHECK(found.n_after == after);
  }
}

TEST_CASE("the probability is calibrated where levels return or do not", "[repair]") {
  // Shifts drawn flat from -3 to 3: among probabilities around p, a share of p is back.
  const auto m = model_of();
  std::vector<double> times;
  for (int t = 1; t <= 14; ++t) times.push_back(t);
  rp::episode e;
  e.onset_at = 6;
  e.nadir_at = 6;
  e.repair_at = 8;
  double expected[5] = {}, back[5] = {}, n[5] = {};
  for (int b = 0; b < 20000; ++b) {
    rp::random_stream random(17, static_cast<std::uint64_t>(b));
    std::vector<double> scores(14);
    stats::draw_stable_series<double>(m, times, random, scores);
    const double shift = 6 * random.uniform() - 3;
    for (std::size_t t = 8; t < 14; ++t) scores[t] += shift;
    const auto found = rp::level_return_of<double>(m, {times, scores, {}}, e, 0.25).value();
    const auto k = static_cast<std::size_t>((std::min)(4.0, found.probability * 5));
    expected[k] += found.probability;
    back[k] += shift >= -0.25 ? 1 : 0;
    n[k] += 1;
  }
  for (std::size_t k = 0; k < 5; ++k) CHECK(std::fabs(expected[k] - back[k]) / n[k] < 4 * std::sqrt(0.25 / n[k]));
}

TEST_CASE("what the level cannot be judged from is refused", "[repair]") {
  const std::vector<double> time{1, 2, 3, 4}, score{5, 4, 3, 5};
  const rp::session_series<double> y{time, score, {}};
  rp::episode e;
  e.onset_at = 0;
  e.nadir_at = 1;
  CHECK(rp::level_return_of<double>(model_of(), y, e, 0.25).error().code == errc::too_few_rows);
  e.onset_at = 3;
  e.nadir_at = 3;
  CHECK(rp::level_return_of<double>(model_of(), y, e, 0.25).error().code == errc::too_few_rows);
  CHECK(rp::level_return_of<double>(model_of(), y, e, -1).error().code == errc::invalid_option);
  CHECK(rp::level_return_of<double>(model_of(), y, e, 0, 0).error().code == errc::invalid_option);
  e.onset_at = 9;
  CHECK(rp::level_return_of<double>(model_of(), y, e, 0.25).error().code == errc::invalid_option);
}

TEST_CASE("rates and times by hand", "[repair]") {
  std::vector<rp::session_row<double>> rows;
  const std::vector<std::vector<double>> courses = {
      {6, 6, 3, 6, 6, 6, 6, 6},  // rupture in 3, back in 4
      {6, 6, 6, 6, 6, 6, 6, 6},  // none
      {6, 6, 6, 6, 6, 6, 4, 4},  // rupture in 7, too late to judge
      {6, 4, 6, 6, 6, 4, 4, 5},  // in 2, back in 3; again in 6, to the end
  };
  for (std::size_t c = 0; c < 4; ++c) {
    for (std::size_t t = 0; t < 8; ++t)
      rows.push_back({std::to_string(c + 1), static_cast<double>(t) + 1, courses[c][t], {}});
  }
  const auto panel = rp::session_panel::from_rows(rows).value();
  const auto found = rp::detect(panel, fall_of_a_point{}, {.null_series = 0, .tolerance = 0.3, .window = 2}).value();
  REQUIRE(found.count() == 4);
  const auto rates = rp::rates_of(found);
  CHECK_CLOSE(rates.ruptures_per_100->estimate, 100 * 4.0 / 28);
  CHECK_CLOSE(rates.clients_with_rupture->estimate, 0.75);
  CHECK(rates.n_censored == 1);
  CHECK_CLOSE(rates.repaired->estimate, 2.0 / 3);
  CHECK_CLOSE(rates.relapsed->estimate, 0.0);
  const auto onset = rp::times_to_rupture(panel, found).value();
  REQUIRE(onset.size() == 4);
  const double wanted[] = {2, 7, 6, 1};
  for (std::size_t c = 0; c < 4; ++c) CHECK(onset[c].time == wanted[c]);
  CHECK_FALSE(onset[1].event);
  const auto repair = rp::times_to_repair(panel, found).value();
  REQUIRE(repair.size() == 4);
  CHECK((repair[0].time == 1 && repair[0].event));
  CHECK((repair[1].time == 1 && !repair[1].event));
  CHECK((repair[3].time == 2 && !repair[3].event));
  const auto none = rp::rates_of(rp::detection{});
  CHECK_FALSE(none.ruptures_per_100);
  const auto other = stable_clients(model_of(), 2, 1);
  CHECK(rp::times_to_rupture(other, found).error().code == errc::size_mismatch);
  CHECK(rp::times_to_repair(other, found).error().code == errc::size_mismatch);
}

TEST_CASE("a repaired fall looks like growth by selection; that is taken off", "[repair]") {
  const auto m = model_of(0.03);
  const auto grown =
      rp::growth_after_repair(stable_clients(m, 200, 3), fall_of_a_point{}, m, {.null_panels = 60}).value();
  CHECK(grown.by_selection > 0);
  CHECK(std::fabs(grown.growth.estimate) < 4 * *grown.growth.standard_error);
  CHECK(grown.growth.estimate == grown.raw - grown.by_selection);
  const auto same =
      rp::growth_after_repair(stable_clients(m, 200, 3), fall_of_a_point{}, m, {.null_panels = 60, .n_threads = 1})
          .value();
  CHECK(same.growth.interval.lower == grown.growth.interval.lower);
}

TEST_CASE("growth that is there is found", "[repair]") {
  const auto m = model_of();
  const auto stable = stable_clients(m, 200, 9);
  std::vector<rp::session_row<double>> rows;
  for (rp::index c = 0; c < 200; ++c) {
    const auto y = stable.series(c);
    for (rp::index t = 0; t < 16; ++t)
      rows.push_back(
          {std::to_string(c), static_cast<double>(t) + 1, y[t] - (t == 7 ? 2.5 : 0) + (t > 7 ? 0.5 : 0), {}});
  }
  const auto panel = rp::session_panel::from_rows(rows).value();
  const auto grown = rp::growth_after_repair(panel, fall_of_a_point{}, m, {.null_panels = 60}).value();
  CHECK(grown.growth.interval.lower > 0);
  CHECK(std::fabs(grown.growth.estimate - 0.5) < 0.2);
}

TEST_CASE("growth is refused without repaired episodes, and for illegal options", "[repair]") {
  const auto m = model_of();
  const auto panel = stable_clients(m, 5, 3);
  auto quiet = m;
  quiet.state_var = 0;
  quiet.error_var = 1e-6;
  CHECK(rp::growth_after_repair(stable_clients(quiet, 5, 3), fall_of_a_point{}, quiet).error().code ==
        errc::too_few_clusters);
  CHECK(rp::growth_after_repair(panel, fall_of_a_point{}, m, {.window = 0}).error().code == errc::invalid_option);
  CHECK(rp::growth_after_repair(panel, fall_of_a_point{}, m, {.null_panels = 5}).error().code == errc::invalid_option);
  CHECK(rp::growth_after_repair(panel, fall_of_a_point{}, m, {.level = 0}).error().code == errc::invalid_option);
}
