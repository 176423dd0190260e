// SPDX-License-Identifier: BSL-1.0
// Trend tests and tests for one change: naive forms, exact p-values by enumeration, false alarms, degenerate series.
#include "rapport_test.hpp"

#include <algorithm>
#include <vector>

namespace rp = rapport;
namespace stats = rapport::stats;
using rapport::errc;
using span = std::span<const double>;

namespace {

constexpr double na = std::numeric_limits<double>::quiet_NaN();

double pettitt_statistic(span y) { return stats::pettitt(y)->statistic; }

}  // namespace

TEST_CASE("single change statistics agree with naive ones", "[stats]") {
  rp::random_stream random(41);
  for (int trial = 0; trial < 300; ++trial) {
    const rp::index n = 4 + random.below(20);
    std::vector<double> y;
    for (rp::index t = 0; t < n; ++t) y.push_back(static_cast<double>(random.below(trial % 2 == 0 ? 4 : 1000)));
    if (*std::min_element(y.begin(), y.end()) == *std::max_element(y.begin(), y.end())) continue;
    // Pettitt: sum of the signs between both parts. Mann-Whitney: the same sums over their permutation SD.
    double pettitt = 0;
    double scan = 0;
    double mean = 0;
    for (const double each : y) mean += each / static_cast<double>(n);
    double sum = 0, low = 0, high = 0, squares = 0, ties = 0;
    for (const double each : y) {
      squares += (each - mean) * (each - mean);
      const auto equal = static_cast<double>(std::count(y.begin(), y.end(), each));
      ties += equal * equal - 1;  // sum over values of (t^3 - t) / t
    }
    const double m = static_cast<double>(n);
    for (rp::index k = 1; k < n; ++k) {
      double signs = 0;
      for (rp::index i = 0; i < k; ++i) {
        for (rp::index j = k; j < n; ++j) {
          const double a = y[rp::as_size(i)], b = y[rp::as_size(j)];
          signs += a > b ? 1 : a < b ? -1 : 0;
        }
      }
      pettitt = (std::max)(pettitt, std::fabs(signs));
      const double first = static_cast<double>(k);
      const double var = first * (m - first) / 12 * (m + 1 - ties / (m * (m - 1)));
      if (k >= 2 && k <= n - 2) scan = (std::max)(scan, std::fabs(signs / 2) / std::sqrt(var));
      sum += y[rp::as_size(k - 1)] - mean;
      low = (std::min)(low, sum);
      high = (std::max)(high, sum);
    }
    CHECK(stats::pettitt<double>(y)->statistic == pettitt);
    CHECK_CLOSE(stats::mann_whitney_scan<double>(y)->statistic, scan, 1e-10);
    CHECK_CLOSE(stats::cumulative_sum_range<double>(y)->statistic, (high - low) / std::sqrt(squares / (m - 1) * m),
                1e-9);
  }
}

TEST_CASE("a step is found where it is, with its direction", "[stats]") {
  const std::vector<double> fall{5, 5, 5, 5, 2, 2, 2, 2};
  for (const auto& found : {stats::pettitt<double>(fall), stats::mann_whitney_scan<double>(fall),
                            stats::cumulative_sum_range<double>(fall)}) {
    CHECK(found->changes == std::vector<rp::index>{4});
    CHECK(found->is_fall);
  }
  const std::vector<double> rise{2, 2, 5, 5, 5, 5};
  CHECK_FALSE(stats::pettitt<double>(rise)->is_fall);
  CHECK_FALSE(stats::mann_whitney_scan<double>(rise)->is_fall);
}

TEST_CASE("p-values by permutation", "[stats]") {
  // 6 values in falling order: U reaches 9 if the first three are the larger or the smaller ones: 2 3! 3! of 6! orders.
  const std::vector<double> y{6, 5, 4, 3, 2, 1};
  CHECK_CLOSE(stats::permutation_p<double>(y, pettitt_statistic).value(), 72.0 / 720);
  // Drawn p-values are near the exact one: 20 values, a large shift; and reproduce.
  std::vector<double> step;
  for (int t = 0; t < 20; ++t) step.push_back(t < 10 ? 5 + 0.01 * t : 2 + 0.01 * t);
  const stats::resampling_options few{.replicates = 199, .seed = 5};
  const double p = stats::permutation_p<double>(step, pettitt_statistic, few).value();
  CHECK(p == 1.0 / 200);
  CHECK(stats::permutation_p<double>(step, pettitt_statistic, few).value() == p);
}

TEST_CASE("p-values keep their level where they should", "[stats]") {
  rp::random_stream random(43);
  int by_permutation = 0;
  int by_model = 0;
  int naive_model = 0;
  constexpr int series = 400;
  for (int k = 0; k < series; ++k) {
    std::vector<double> plain;
    std::vector<double> linked;
    double e = random.normal();
    for (int t = 0; t < 15; ++t) {
      plain.push_back(random.normal());
      e = 0.5 * e + std::sqrt(0.75) * random.normal();
      linked.push_back(e);
    }
    const stats::resampling_options few{.replicates = 99, .seed = static_cast<std::uint64_t>(k)};
    by_permutation += stats::permutation_p<double>(plain, pettitt_statistic, few).value() <= 0.1;
    by_model += stats::autoregressive_p<double>(linked, pettitt_statistic, 0.5, few).value() <= 0.1;
    naive_model += stats::permutation_p<double>(linked, pettitt_statistic, few).value() <= 0.1;
  }
  // Four standard errors (.015 each) around 10 %; the permutation of autocorrelated values is far off.
  CHECK(std::abs(by_permutation - 40) < 24);
  CHECK(by_model < 64);
  CHECK(naive_model > 90);
}

TEST_CASE("trend by hand", "[stats]") {
  const std::vector<double> y{1, 3, 2, 4, 4};
  const auto test = stats::mann_kendall<double>(y).value();
  CHECK(test.s == 7);  // 8 rising pairs, 1 falling, 1 tied
  CHECK_CLOSE(test.variance, (5 * 4 * 15 - 2 * 1 * 9) / 18.0);
  CHECK_CLOSE(test.tau_b, 7 / std::sqrt(10.0 * 9));
  CHECK_CLOSE(test.z, 6 / std::sqrt(test.variance));
  // Slopes: 2 .5 1 .75 | -1 .5 1/3 | 2 1 | 0; sorted middle two .5 and .75.
  CHECK_CLOSE(stats::sen_slope<double>(y)->slope, 0.625);
}

TEST_CASE("tests of degenerate series", "[stats]") {
  CHECK(stats::pettitt(span{}).error().code == errc::no_data);
  const std::vector<double> one{4}, two{4, 5}, constant(6, 4.4), gap{4, na, 5, 6};
  CHECK(stats::pettitt<double>(one)->statistic == 0);
  CHECK(stats::pettitt<double>(one)->p == 1);
  CHECK(stats::pettitt<double>(constant)->statistic == 0);
  CHECK(stats::pettitt<double>(gap).error().code == errc::missing_value);
  CHECK(stats::cumulative_sum_range<double>(one).error().code == errc::too_few_rows);
  CHECK(stats::cumulative_sum_range<double>(constant).error().code == errc::zero_variance);
  CHECK(stats::mann_whitney_scan<double>(two).error().code == errc::too_few_rows);
  CHECK(stats::mann_whitney_scan<double>(constant).error().code == errc::zero_variance);
  CHECK(stats::mann_kendall<double>(two).error().code == errc::too_few_rows);
  CHECK(stats::mann_kendall<double>(constant).error().code == errc::zero_variance);
  const auto flat = stats::sen_slope<double>(constant);  // as R trend 1.1.6: sens.slope(rep(4, 8))
  CHECK(flat->slope == 0);
  CHECK(flat->lower == 0);
  CHECK(flat->upper == 0);
  CHECK(stats::sen_slope<double>(gap, 1.0).error().code == errc::invalid_option);
  CHECK(stats::permutation_p<double>(two, pettitt_statistic, {.replicates = 0}).error().code == errc::invalid_option);
  CHECK(stats::permutation_p<double>(gap, pettitt_statistic).error().code == errc::missing_value);
  CHECK(stats::autoregressive_p<double>(two, pettitt_statistic, 0.0).error().code == errc::too_few_rows);
  CHECK(stats::autoregressive_p<double>(constant, pettitt_statistic, 1.0).error().code == errc::invalid_option);
}
