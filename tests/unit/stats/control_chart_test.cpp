// SPDX-License-Identifier: BSL-1.0
// Control charts: naive forms of every rule and statistic, series that vary little or not, run lengths by simulation.
#include "rapport_test.hpp"

#include <rapport/stats/control_chart.hpp>
#include <rapport/stats/run_length.hpp>

#include <vector>

namespace rp = rapport;
namespace stats = rapport::stats;
using rapport::errc;
using stats::chart_rule;

namespace {

constexpr double na = std::numeric_limits<double>::quiet_NaN();

/// Whether the window that ends at t violates the rule, value by value as the rule is worded.
bool naive(const std::vector<double>& y, std::size_t t, double c, double s, chart_rule rule) {
  const auto all = [&](std::size_t window, const auto& holds) {
    if (t + 1 < window) return false;
    for (std::size_t k = t + 1 - window; k <= t; ++k) {
      if (!holds(k)) return false;
    }
    return true;
  };
  const auto count = [&](std::size_t window, const auto& holds) {
    int n = 0;
    if (t + 1 < window) return 0;
    for (std::size_t k = t + 1 - window; k <= t; ++k) n += holds(k) ? 1 : 0;
    return n;
  };
  const auto above = [&](double k) { return [&, k](std::size_t i) { return y[i] > c + k * s; }; };
  const auto below = [&](double k) { return [&, k](std::size_t i) { return y[i] < c - k * s; }; };
  switch (rule) {
    case chart_rule::beyond_3_sigma: return above(3)(t) || below(3)(t);
    case chart_rule::nine_on_one_side: return all(9, above(0)) || all(9, below(0));
    case chart_rule::eight_on_one_side: return all(8, above(0)) || all(8, below(0));
    case chart_rule::six_rising:
      return t >= 5 && (all(5, [&](std::size_t i) { return y[i] > y[i - 1]; }) ||
                        all(5, [&](std::size_t i) { return y[i] < y[i - 1]; }));
    case chart_rule::fourteen_alternating:
      return t >= 13 && all(12, [&](std::size_t i) { return (y[i] - y[i - 1]) * (y[i - 1] - y[i - 2]) < 0; });
    case chart_rule::two_of_three:
      return (above(2)(t) && count(3, above(2)) >= 2) || (below(2)(t) && count(3, below(2)) >= 2);
    case chart_rule::four_of_five:
      return (above(1)(t) && count(5, above(1)) >= 4) || (below(1)(t) && count(5, below(1)) >= 4);
    case chart_rule::fifteen_within: return all(15, [&](std::size_t i) { return !above(1)(i) && !below(1)(i); });
    case chart_rule::eight_outside:
      return all(8, [&](std::size_t i) { return above(1)(i) || below(1)(i); }) && count(8, above(1)) > 0 &&
             count(8, below(1)) > 0;
  }
  return false;
}

}  // namespace

TEST_CASE("run rules agree with naive ones on random series with ties", "[stats]") {
  rp::random_stream random(3);
  int violations = 0;
  for (int trial = 0; trial < 1500; ++trial) {
    std::vector<double> y;
    const int kind = trial % 4;
    const rp::index n = random.below(40);
    for (rp::index t = 0; t < n; ++t) {
      const double noise = static_cast<double>(random.below(9)) - 4;
      if (kind == 0) y.push_back(noise);                                  // ties with the center and the limits
      if (kind == 1) y.push_back((t % 2 == 0 ? 2.0 : -2.0) + noise / 8);  // alternating, outside
      if (kind == 2) y.push_back(static_cast<double>(t) / 5 - 2 + noise / (random.chance(0.2) ? 4 : 100));  // rising
      if (kind == 3) y.push_back(noise / 4.5);  // near the center
    }
    for (int r = 0; r <= static_cast<int>(chart_rule::eight_outside); ++r) {
      const auto rule = static_cast<chart_rule>(r);
      std::vector<rp::index> wanted;
      for (std::size_t t = 0; t < y.size(); ++t) {
        if (naive(y, t, 0, 1, rule)) wanted.push_back(static_cast<rp::index>(t));
      }
      INFO("trial " << trial << ", rule " << r);
      REQUIRE(stats::rule_violations<double>(y, 0.0, 1.0, rule) == wanted);
      violations += static_cast<int>(wanted.size());
      // Turned round, the upper side is the lower one.
      std::vector<double> turned;
      for (const double each : y) turned.push_back(-each);
      REQUIRE(stats::rule_violations<double>(y, 0.0, 1.0, rule, stats::chart_side::lower) ==
              stats::rule_violations<double>(turned, 0.0, 1.0, rule, stats::chart_side::upper));
    }
  }
  CHECK(violations > 2000);
}

TEST_CASE("baselines by hand", "[stats]") {
  const std::vector<double> y{5, 7, 4, 4, 10};
  const auto base = stats::estimate_chart_baseline<double>(y).value();
  CHECK_CLOSE(base.center, 6);
  CHECK_CLOSE(base.sigma, (2 + 3 + 0 + 6) / 4.0 / 1.128);
  CHECK_CLOSE(stats::estimate_chart_baseline<double>(y, {.sigma = stats::chart_sigma::median_moving_range})->sigma,
              2.5 / 0.954);
  CHECK_CLOSE(stats::estimate_chart_baseline<double>(y, {.span = 3})->sigma, (3 + 3 + 6) / 3.0 / 1.693);
  // c4(5) = .9399856
  CHECK_CLOSE(stats::estimate_chart_baseline<double>(y, {.sigma = stats::chart_sigma::sd})->sigma,
              std::sqrt((1 + 1 + 4 + 4 + 16) / 4.0) / (std::sqrt(2.0 / 4) * std::tgamma(2.5) / std::tgamma(2.0)));
  CHECK(stats::estimate_chart_baseline<double>(y, {.n_first = 3})->center == 16.0 / 3);
}

TEST_CASE("EWMA and CUSUM agree with their closed forms", "[stats]") {
  rp::random_stream random(5);
  std::vector<double> y;
  for (int t = 0; t < 30; ++t) y.push_back(random.normal());
  const stats::chart_baseline<double> base{0.2, 1.3, 30};
  const auto ewma = stats::plot_ewma<double>(y, base, 0.3, 2.5).value();
  const auto cusum = stats::plot_cusum<double>(y, base, 0.4, 2.0, 0.7).value();
  for (std::size_t t = 0; t < y.size(); ++t) {
    double z = std::pow(0.7, static_cast<double>(t) + 1) * base.center;
    double var = 0;
    for (std::size_t s = 0; s <= t; ++s) {
      const double weight = 0.3 * std::pow(0.7, static_cast<double>(t - s));
      z += weight * y[s];
      var += weight * weight;
    }
    CHECK_CLOSE(ewma.statistic[t], z, 1e-12, 1e-13);
    CHECK_CLOSE(ewma.upper_limit[t], base.center + 2.5 * base.sigma * std::sqrt(var), 1e-12);
    // A CUSUM is the largest of the sums that end here, or of that from the head start, or 0.
    double largest = 0;
    double sum = 0;
    for (std::size_t s = t + 1; s-- > 0;) {
      sum += -(y[s] - base.center) / base.sigma - 0.4;
      largest = (std::max)(largest, sum);
    }
    largest = (std::max)(largest, sum + 0.7);
    CHECK_CLOSE(cusum.lower[t], largest, 1e-12, 1e-13);
  }
}

TEST_CASE("charts of degenerate series", "[stats]") {
  using span = std::span<const double>;
  CHECK(stats::estimate_chart_baseline(span{}).error().code == errc::no_data);
  CHECK(stats::estimate_chart_baseline<double>(std::vector<double>{1}).error().code == errc::too_few_rows);
  CHECK(stats::estimate_chart_baseline<double>(std::vector<double>{1, 2}, {.span = 3}).error().code ==
        errc::too_few_rows);
  const std::vector<double> gap{1, na, 2};
  CHECK(stats::estimate_chart_baseline<double>(gap).error().code == errc::missing_value);
  CHECK(stats::estimate_chart_baseline<double>(gap).error().row == 1);
  const std::vector<double> infinite{1, 2, std::numeric_limits<double>::infinity()};
  CHECK(stats::estimate_chart_baseline<double>(infinite).error().code == errc::not_finite);
  CHECK(stats::estimate_chart_baseline<double>(infinite, {.span = 1}).error().code == errc::invalid_option);
  CHECK(stats::estimate_chart_baseline<double>(std::vector<double>{1, 2}, {.n_first = 1}).error().code ==
        errc::too_few_rows);
  // A constant series has its own value as center, exactly, and no violation.
  const std::vector<double> constant(8, 5.1666666667);
  const auto base = stats::estimate_chart_baseline<double>(constant).value();
  CHECK(base.center == 5.1666666667);
  CHECK(base.sigma == 0);
  CHECK(stats::rule_violations<double>(constant, base.center, base.sigma, chart_rule::beyond_3_sigma).empty());
  CHECK(stats::plot_cusum<double>(constant, base).error().code == errc::zero_variance);
  CHECK_FALSE(stats::plot_ewma<double>(constant, base)->is_below(7));
  const stats::chart_baseline<double> unit{0, 1, 1};
  CHECK(stats::plot_ewma<double>(constant, unit, 0.0).error().subject.view() == "lambda");
  CHECK(stats::plot_cusum<double>(constant, unit, 0.5, 4.0, 5.0).error().subject.view() == "head_start");
  CHECK(stats::plot_cusum<double>(gap, unit).error().code == errc::missing_value);
}

TEST_CASE("run lengths against simulation and exact values", "[stats]") {
  // With lambda 1 an EWMA is a Shewhart chart: its run length is geometric.
  const double p = 2 * stats::normal_upper_tail(3.0);
  const auto shewhart = stats::ewma_run_length(1.0, 3.0, 0.0, {.n_survival = 21}).value();
  CHECK_CLOSE(shewhart.mean, 1 / p, 1e-7);
  CHECK_CLOSE(shewhart.survival[20], std::pow(1 - p, 20), 1e-10);
  // The survival of a CUSUM, by simulation of 40 000 runs: 4 standard errors.
  const auto cusum = stats::cusum_run_length(0.5, 3.0, 0.3, 1.0, 16).value();
  const auto ewma = stats::ewma_run_length(0.25, 2.0, 0.2, {.one_sided = true, .n_survival = 16}).value();
  rp::random_stream random(11);
  constexpr int runs = 40000;
  int cusum_runs = 0;
  int ewma_runs = 0;
  for (int run = 0; run < runs; ++run) {
    double sum = 1;
    double z = 0;
    double forgotten = 1;
    bool cusum_on = true;
    bool ewma_on = true;
    for (int t = 0; t < 15; ++t) {
      const double x = random.normal();
      sum = (std::max)(0.0, sum + x + 0.3 - 0.5);
      cusum_on = cusum_on && sum <= 3;
      z = 0.25 * (x + 0.2) + 0.75 * z;
      forgotten *= 0.75 * 0.75;
      ewma_on = ewma_on && z <= 2 * std::sqrt(0.25 / 1.75 * (1 - forgotten));
    }
    cusum_runs += cusum_on;
    ewma_runs += ewma_on;
  }
  const auto near = [&](double found, int count) {
    return std::fabs(found - static_cast<double>(count) / runs) < 4 * std::sqrt(found * (1 - found) / runs);
  };
  CHECK(near(cusum.survival[15], cusum_runs));
  CHECK(near(ewma.survival[15], ewma_runs));
  CHECK(cusum.survival[0] == 1);
  // The limit for a share of alarms gives that share.
  const double h = stats::cusum_limit_for_alarms(0.5, 20, 0.05).value();
  CHECK_CLOSE(1 - stats::cusum_run_length(0.5, h, 0.0, 0.0, 21)->survival[20], 0.05, 1e-6);
  CHECK_CLOSE(stats::cusum_run_length(0.5, stats::cusum_limit_for_mean(0.5, 200.0).value(), 0.0)->mean, 200, 1e-6);
}

TEST_CASE("run lengths refuse what makes no chart", "[stats]") {
  CHECK(stats::cusum_run_length(-1.0, 4.0, 0.0).error().subject.view() == "k");
  CHECK(stats::cusum_run_length(0.5, na, 0.0).error().subject.view() == "h");
  CHECK(stats::cusum_run_length(0.5, 4.0, na).error().subject.view() == "shift");
  CHECK(stats::cusum_run_length(0.5, 4.0, 0.0, 5.0).error().subject.view() == "head_start");
  CHECK(stats::two_sided_cusum_mean(0.5, -4.0, 0.0).error().code == errc::invalid_option);
  CHECK(stats::ewma_run_length(0.0, 3.0, 0.0).error().subject.view() == "lambda");
  CHECK(stats::ewma_run_length(0.2, 0.0, 0.0).error().subject.view() == "width");
  CHECK_FALSE(stats::cusum_limit_for_mean(0.5, 0.5));
  CHECK_FALSE(stats::cusum_limit_for_alarms(0.5, 0, 0.05));
  CHECK_FALSE(stats::cusum_limit_for_alarms(0.5, 20, 1.0));
}

TEST_CASE("self-starting values are standard normal and forget mean and SD", "[stats]") {
  rp::random_stream random(23);
  double sum = 0;
  double squares = 0;
  double products = 0;
  double n = 0;
  for (int series = 0; series < 3000; ++series) {
    std::vector<double> y;
    for (int t = 0; t < 8; ++t) y.push_back(40 + 3 * random.normal());
    const auto z = stats::self_starting_scores<double>(y).value();
    REQUIRE_FALSE(z[0]);
    REQUIRE_FALSE(z[1]);
    for (std::size_t t = 2; t < 8; ++t) {
      sum += *z[t];
      squares += *z[t] * *z[t];
      products += t > 2 ? *z[t] * *z[t - 1] : 0;
      n += 1;
    }
    if (series > 0) continue;
    // The same by a naive route: mean and SD of the values before, from scratch; and on another scale.
    std::vector<double> scaled;
    for (const double each : y) scaled.push_back(each / 7 - 2);
    const auto again = stats::self_starting_scores<double>(scaled).value();
    for (std::size_t t = 2; t < 8; ++t) {
      double mean = 0;
      for (std::size_t s = 0; s < t; ++s) mean += y[s] / static_cast<double>(t);
      double var = 0;
      for (std::size_t s = 0; s < t; ++s) var += (y[s] - mean) * (y[s] - mean) / static_cast<double>(t - 1);
      const double k = static_cast<double>(t);
      const double student = std::sqrt(k / (k + 1)) * (y[t] - mean) / std::sqrt(var);
      CHECK_CLOSE(2 * stats::normal_upper_tail(std::fabs(*z[t])), stats::student_t_two_sided(student, k - 1), 1e-10);
      CHECK_CLOSE(*again[t], *z[t], 1e-10);
    }
  }
  // 4 standard errors of 18 000 values.
  CHECK(std::fabs(sum / n) < 4 / std::sqrt(n));
  CHECK(std::fabs(squares / n - 1) < 4 * std::sqrt(2 / n));
  CHECK(std::fabs(products / n) < 4 / std::sqrt(n));
  CHECK_FALSE(stats::self_starting_scores<double>(std::vector<double>{4, 4, 4, 5}).value()[2]);
  CHECK(stats::self_starting_scores<double>(std::vector<double>{}).error().code == errc::no_data);
}
