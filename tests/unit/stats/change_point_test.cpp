// SPDX-License-Identifier: BSL-1.0
// Change points: costs against naive ones, every exact search against all segmentations, degenerate series.
#include "rapport_test.hpp"

#include <algorithm>
#include <vector>

#include "naive_segmentation.hpp"

namespace rp = rapport;
namespace stats = rapport::stats;
using rapport::errc;

using rapport_test::naive_searches_agree;

namespace {

constexpr double na = std::numeric_limits<double>::quiet_NaN();

std::vector<double> random_series(rp::random_stream& random, rp::index n, int kind) {
  std::vector<double> y;
  double level = 0;
  for (rp::index t = 0; t < n; ++t) {
    if (kind == 0) y.push_back(static_cast<double>(random.below(4)));  // many ties
    if (kind == 1) y.push_back(random.normal());
    if (kind == 2) {
      if (random.chance(0.3)) level = 3 * random.normal();
      y.push_back(level + 0.3 * random.normal());
    }
  }
  return y;
}

double naive_median_cost(const std::vector<double>& y, rp::index b, rp::index e) {
  std::vector<double> part(y.begin() + b, y.begin() + e);
  std::sort(part.begin(), part.end());
  const double median = part[part.size() / 2];
  double sum = 0;
  for (const double each : part) sum += std::fabs(each - median);
  return sum;
}

double naive_trend_cost(const std::vector<double>& y, rp::index b, rp::index e) {
  const double m = static_cast<double>(e - b);
  double st = 0, sy = 0, stt = 0, sty = 0;
  for (rp::index t = b; t < e; ++t) {
    st += static_cast<double>(t);
    sy += y[rp::as_size(t)];
  }
  for (rp::index t = b; t < e; ++t) {
    stt += (static_cast<double>(t) - st / m) * (static_cast<double>(t) - st / m);
    sty += (static_cast<double>(t) - st / m) * (y[rp::as_size(t)] - sy / m);
  }
  double rss = 0;
  for (rp::index t = b; t < e; ++t) {
    const double line = sy / m + (stt > 0 ? sty / stt : 0) * (static_cast<double>(t) - st / m);
    rss += (y[rp::as_size(t)] - line) * (y[rp::as_size(t)] - line);
  }
  return rss;
}

}  // namespace

TEST_CASE("segment costs agree with naive ones", "[stats]") {
  rp::random_stream random(17);
  for (int trial = 0; trial < 60; ++trial) {
    const auto y = random_series(random, 1 + random.below(40), trial % 3);
    const rp::index n = std::ssize(y);
    const auto mean = stats::mean_cost<double>::make(y).value();
    const auto both = stats::mean_variance_cost<double>::make(y).value();
    const auto variance = stats::variance_cost<double>::make(y).value();
    const auto median = stats::median_cost<double>::make(y).value();
    const auto rank = stats::rank_cost<double>::make(y).value();
    const auto trend = stats::trend_cost<double>::make(y).value();
    double grand = 0;
    for (const double each : y) grand += each / static_cast<double>(n);
    std::vector<double> ranks;
    double rank_var = 0;
    for (const double each : y) {
      const auto below = static_cast<double>(std::count_if(y.begin(), y.end(), [&](double x) { return x < each; }));
      const auto equal = static_cast<double>(std::count(y.begin(), y.end(), each));
      ranks.push_back(below + (equal + 1) / 2 - static_cast<double>(n + 1) / 2);
      rank_var += ranks.back() * ranks.back() / static_cast<double>(n);
    }
    for (rp::index b = 0; b < n; ++b) {
      for (rp::index e = b + 1; e <= n; ++e) {
        const double m = static_cast<double>(e - b);
        double own = 0, about_grand = 0, rss = 0, rank_sum = 0;
        for (rp::index t = b; t < e; ++t) own += y[rp::as_size(t)] / m;
        for (rp::index t = b; t < e; ++t) {
          rss += std::pow(y[rp::as_size(t)] - own, 2);
          about_grand += std::pow(y[rp::as_size(t)] - grand, 2);
          rank_sum += ranks[rp::as_size(t)];
        }
        const auto normal = [&](double squares) {
          const double var = (std::max)(squares / m, 1e-11);
          return m * (std::log(8 * std::atan(1.0)) + std::log(var) + squares / m / var);
        };
        CHECK_CLOSE(mean(b, e), rss, 1e-9, 1e-11);
        if (rss > 1e-9) CHECK_CLOSE(both(b, e), normal(rss), 1e-6, 1e-6);
        if (about_grand > 1e-9) CHECK_CLOSE(variance(b, e), normal(about_grand), 1e-6, 1e-6);
        CHECK_CLOSE(median(b, e), naive_median_cost(y, b, e), 1e-9, 1e-11);
        CHECK_CLOSE(rank(b, e), rank_var > 0 ? -rank_sum * rank_sum / m / rank_var : 0.0, 1e-9, 1e-11);
        CHECK_CLOSE(trend(b, e), naive_trend_cost(y, b, e), 1e-8, 1e-10);
      }
    }
  }
}

TEST_CASE("exact searches find the best of all segmentations", "[stats]") {
  rp::random_stream random(29);
  for (int trial = 0; trial < 240; ++trial) {
    const auto y = random_series(random, 1 + random.below(12), trial % 3);
    INFO("trial " << trial);
    REQUIRE(naive_searches_agree(y, random));
  }
}

TEST_CASE("PELT equals optimal partitioning on longer series", "[stats]") {
  rp::random_stream random(31);
  for (int trial = 0; trial < 60; ++trial) {
    const auto y = random_series(random, 150, trial % 3);
    const rp::index least = 1 + random.below(6);
    for (const auto kind : {stats::penalty_kind::bic, stats::penalty_kind::mbic, stats::penalty_kind::aic}) {
      const auto compare = [&](const auto& cost) {
        const auto penalty = stats::make_penalty<double>(kind, cost.size(), cost.n_parameters());
        const auto exact = stats::optimal_partitioning(cost, penalty, least).value();
        const auto found = stats::pelt(cost, penalty, least).value();
        CHECK_CLOSE(found.penalized, exact.penalized, 1e-10, 1e-10);
      };
      compare(stats::mean_cost<double>::make(y).value());
      compare(stats::mean_variance_cost<double>::make(y).value());
      compare(stats::median_cost<double>::make(y).value());
      compare(stats::trend_cost<double>::make(y).value());
    }
  }
}

TEST_CASE("binary segmentation and the penalty path", "[stats]") {
  const std::vector<double> step{5, 5, 5, 5, 2, 2, 2, 2};
  const auto cost = stats::mean_cost<double>::make(step).value();
  CHECK(stats::binary_segmentation(cost, {1.0})->changes == std::vector<rp::index>{4});
  CHECK(stats::binary_segmentation(cost, {1.0}, 1, 0)->changes.empty());
  CHECK(stats::binary_segmentation(cost, {18.1})->changes.empty());
  CHECK(stats::binary_segmentation(cost, {18.0})->changes == std::vector<rp::index>{4});
  // A dip in the middle: the first split gains little, the second much. Optimal partitioning sees both at once.
  const std::vector<double> dip{5, 5, 5, 5, 5, 3, 3, 5, 5, 5, 5, 5};
  const auto dips = stats::mean_cost<double>::make(dip).value();
  CHECK(stats::binary_segmentation(dips, {2.0})->changes.empty());
  CHECK(stats::pelt(dips, {2.0})->changes == std::vector<rp::index>{5, 7});

  rp::random_stream random(37);
  const auto y = random_series(random, 60, 2);
  const auto path_cost = stats::mean_cost<double>::make(y).value();
  const auto path = stats::penalty_path(path_cost, 0.05, 50.0).value();
  REQUIRE(path.size() > 3);
  CHECK(path.front().from == 0.05);
  for (double penalty = 0.06; penalty < 50; penalty *= 1.17) {
    std::size_t k = 0;
    while (k + 1 < path.size() && path[k + 1].from <= penalty) ++k;
    const auto best = stats::optimal_partitioning(path_cost, {penalty}).value();
    const auto on_path = path[k].best.cost + penalty * static_cast<double>(path[k].best.changes.size());
    CHECK_CLOSE(on_path, best.penalized, 1e-10);
  }
}

TEST_CASE("change points of degenerate series", "[stats]") {
  using span = std::span<const double>;
  CHECK(stats::mean_cost<double>::make(span{}).error().code == errc::no_data);
  CHECK(stats::median_cost<double>::make(std::vector<double>{1, na}).error().code == errc::missing_value);
  const std::vector<double> infinite{1, std::numeric_limits<double>::infinity()};
  CHECK(stats::rank_cost<double>::make(infinite).error().code == errc::not_finite);
  CHECK(stats::mean_variance_cost<double>::make(std::vector<double>{1, 2}, 0.0).error().code == errc::invalid_option);
  const auto one = stats::mean_cost<double>::make(std::vector<double>{3}).value();
  CHECK(stats::pelt(one, {1.0})->changes.empty());
  CHECK(stats::pelt(one, {1.0}, 2).error().code == errc::too_few_rows);
  CHECK(stats::pelt(one, {-1.0}).error().code == errc::invalid_option);
  CHECK(stats::optimal_partitioning(one, {na}).error().code == errc::invalid_option);
  CHECK(stats::optimal_partitioning(one, {1.0}, 0).error().code == errc::invalid_option);
  CHECK(stats::segment_neighborhood(one, 5)->size() == 1);
  CHECK(stats::segment_neighborhood(one, 0).error().code == errc::invalid_option);
  // A constant series has no change under any cost, even a value whose sums round.
  const std::vector<double> constant(8, 5.1666666667);
  CHECK(stats::pelt(stats::mean_cost<double>::make(constant).value(), {0.0})->changes.empty());
  CHECK(stats::pelt(stats::mean_variance_cost<double>::make(constant).value(), {0.1})->changes.empty());
  CHECK(stats::pelt(stats::rank_cost<double>::make(constant).value(), {0.0})->changes.empty());
  CHECK(stats::pelt(stats::median_cost<double>::make(constant).value(), {0.0})->changes.empty());
  CHECK(stats::pelt(stats::trend_cost<double>::make(constant).value(), {0.1})->changes.empty());
  // A change of 3 far from zero is still found.
  std::vector<double> far{1e9 + 5, 1e9 + 5, 1e9 + 5, 1e9 + 5, 1e9 + 2, 1e9 + 2, 1e9 + 2, 1e9 + 2};
  CHECK(stats::pelt(stats::mean_cost<double>::make(far).value(), {2.0})->changes == std::vector<rp::index>{4});
}

TEST_CASE("scales by hand", "[stats]") {
  // Differences 2 -1 3 -2: median .5, distances 1.5 1.5 2.5 2.5.
  const std::vector<double> y{1, 3, 2, 5, 3};
  CHECK_CLOSE(stats::difference_mad<double>(y).value(), 1.4826 * 2 / std::sqrt(2.0));
  CHECK_CLOSE(stats::series_deviation<double>(y).value(), std::sqrt(8.8 / 4));
  CHECK(stats::difference_mad<double>(std::vector<double>{1, 1, 1}).error().code == errc::zero_variance);
  CHECK(stats::series_deviation<double>(std::vector<double>{1, 1, 1}).error().code == errc::zero_variance);
  CHECK(stats::difference_mad<double>(std::vector<double>{1}).error().code == errc::too_few_rows);
  CHECK(stats::series_deviation<double>(std::vector<double>{1, na}).error().code == errc::missing_value);
}
