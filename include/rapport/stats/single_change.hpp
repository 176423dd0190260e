// SPDX-License-Identifier: BSL-1.0
// Tests for one change of level at an unknown place: Pettitt, range of the cumulative sum, Mann-Whitney scan.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <numeric>
#include <span>
#include <vector>

#include <rapport/core/random.hpp>
#include <rapport/core/result.hpp>
#include <rapport/stats/control_chart.hpp>

namespace rapport::stats {

/// One change of level, as a test sees it.
template <class Scalar>
struct single_change {
  Scalar statistic{};            ///< not negative; the larger, the clearer
  std::vector<index> changes{};  ///< first positions of the new level: all at which the statistic is reached
  bool is_fall = false;          ///< at the first of them the values before are the higher ones
  Scalar p{1};                   ///< by the test's own approximation; see permutation_p for short series
};

namespace detail {

/// Ranks from 1, equal values with their mean rank, doubled: whole numbers.
template <class Scalar>
[[nodiscard]] std::vector<index> doubled_ranks(std::span<const Scalar> y) {
  std::vector<std::size_t> order(y.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return y[a] < y[b]; });
  std::vector<index> out(y.size());
  for (std::size_t from = 0; from < order.size();) {
    std::size_t to = from;
    while (to < order.size() && y[order[to]] == y[order[from]]) ++to;
    for (std::size_t r = from; r < to; ++r) out[order[r]] = static_cast<index>(from + to + 1);
    from = to;
  }
  return out;
}

}  // namespace detail

/// Pettitt's test for a change of location.
/// Model:     U_k = 2 sum_{i <= k} rank_i - k (n + 1); statistic max |U_k|; p = min(1, 2 exp(-6 U^2 / (n^3 + n^2)))
/// \param y   values in order, none missing
/// \return    statistic, places and approximate p
/// Errors:    errc::no_data; errc::missing_value; errc::not_finite
/// Not for:   the approximate p below 20 values; trends, which look like a change in the middle
/// Reference: Pettitt (1979), doi 10.2307/2346729
/// R:         trend::pettitt.test(y)
template <class Scalar>
[[nodiscard]] result<single_change<Scalar>> pettitt(std::span<const Scalar> y) {
  using std::exp;
  if (auto legal = detail::check_series(y, "pettitt", 1); !legal) return legal.error();
  const auto ranks = detail::doubled_ranks(y);
  const index n = std::ssize(y);
  single_change<Scalar> out;
  index largest = -1;
  index sum = 0;
  for (index k = 1; k <= n; ++k) {
    sum += ranks[as_size(k - 1)] - (n + 1);
    const index size = sum < 0 ? -sum : sum;
    if (size > largest) {
      largest = size;
      out.changes.clear();
      out.is_fall = sum > 0;
    }
    if (size == largest) out.changes.push_back(k);
  }
  out.statistic = static_cast<Scalar>(largest);
  const auto m = static_cast<Scalar>(n);
  out.p = (std::min)(Scalar(1), Scalar(2 * exp(Scalar(-6 * out.statistic * out.statistic / (m * m * m + m * m)))));
  return out;
}

/// The range of the cumulative sum of deviations from the mean, scaled.
/// Model:     S_k = sum_{i <= k} (y_i - mean), S_0 = 0; (max S - min S) / (sd sqrt(n)); the change is where |S| is largest
/// \param y   values in order, none missing
/// \return    statistic and place; p stays 1: take permutation_p
/// Errors:    errc::no_data; errc::too_few_rows below 2; errc::missing_value; errc::not_finite; errc::zero_variance
/// Reference: Buishand (1982), doi 10.1016/0022-1694(82)90066-X; Taylor (2000)
/// R:         trend::br.test(y)
template <class Scalar>
[[nodiscard]] result<single_change<Scalar>> cumulative_sum_range(std::span<const Scalar> y) {
  using std::fabs;
  using std::sqrt;
  if (auto legal = detail::check_series(y, "cumulative_sum_range", 2); !legal) return legal.error();
  const auto n = static_cast<Scalar>(std::ssize(y));
  Scalar mean(0);
  for (const Scalar& each : y) mean += each - y[0];
  mean = y[0] + mean / n;
  Scalar squares(0);
  Scalar sum(0);
  Scalar low(0);
  Scalar high(0);
  Scalar largest(0);
  single_change<Scalar> out;
  for (index k = 1; k <= std::ssize(y); ++k) {
    const Scalar away = y[as_size(k - 1)] - mean;
    squares += away * away;
    if (k == std::ssize(y)) break;  // the last sum is 0
    sum += away;
    low = (std::min)(low, sum);
    high = (std::max)(high, sum);
    if (fabs(sum) > largest) {
      largest = fabs(sum);
      out.changes.assign(1, k);
      out.is_fall = sum > 0;
    }
  }
  if (!(squares > 0))
    return error{.code = errc::zero_variance, .function = "cumulative_sum_range", .subject = "the series"};
  out.statistic = (high - low) / sqrt(Scalar(squares / (n - 1) * n));
  return out;
}

/// The largest standardized Mann-Whitney statistic over all splits with at least two values on either side.
/// Model:     z_k = (R_k - k (n + 1) / 2) / sd, R_k the sum of the first k ranks, sd corrected for ties
/// \param y   values in order, none missing
/// \return    largest |z_k| and where; p stays 1: take permutation_p
/// Errors:    errc::no_data; errc::too_few_rows below 4; errc::missing_value; errc::not_finite; errc::zero_variance
/// Reference: Hawkins & Deng (2010), doi 10.1080/00224065.2010.11917819
template <class Scalar>
[[nodiscard]] result<single_change<Scalar>> mann_whitney_scan(std::span<const Scalar> y) {
  using std::sqrt;
  if (auto legal = detail::check_series(y, "mann_whitney_scan", 4); !legal) return legal.error();
  const auto ranks = detail::doubled_ranks(y);
  const index n = std::ssize(y);
  // Sum of squared doubled deviations: the variance of the ranks, ties included.
  index squares = 0;
  for (const index r : ranks) squares += (r - (n + 1)) * (r - (n + 1));
  if (squares == 0) return error{.code = errc::zero_variance, .function = "mann_whitney_scan", .subject = "the series"};
  single_change<Scalar> out;
  index sum = 0;
  Scalar largest(-1);
  for (index k = 1; k + 2 <= n; ++k) {
    sum += ranks[as_size(k - 1)] - (n + 1);
    if (k < 2) continue;
    const Scalar var = static_cast<Scalar>(k) * static_cast<Scalar>(n - k) * static_cast<Scalar>(squares) /
                       (static_cast<Scalar>(n) * static_cast<Scalar>(n - 1));
    const Scalar z = static_cast<Scalar>(sum < 0 ? -sum : sum) / sqrt(var);
    if (z > largest) {
      largest = z;
      out.changes.assign(1, k);
      out.is_fall = sum > 0;
    }
  }
  out.statistic = largest;
  return out;
}

/// How p-values by drawing are made.
struct resampling_options {
  index replicates = 999;  ///< at least 1
  std::uint64_t seed = 20240229;
};

namespace detail {

template <class Scalar>
[[nodiscard]] bool reaches(const Scalar& drawn, const Scalar& seen) {
  // Sums of the same values in another order may round differently.
  return drawn >= seen - Scalar(1e-10) * (seen < 0 ? -seen : seen);
}

}  // namespace detail

/// The share of orders of the series whose statistic reaches that of the order seen.
/// Model:     (1 + orders that reach it) / (1 + replicates) by drawing; all orders for up to 7 values
/// \param y          values in order, none missing
/// \param statistic  takes a span of the same values, returns a number; the larger, the clearer
/// \param options    replicates and seed; not used up to 7 values
/// \return        p
/// Errors:        errc::no_data; errc::missing_value; errc::not_finite; errc::invalid_option
/// Not for:       autocorrelated values: see autoregressive_p
/// Reference:     Phipson & Smyth (2010), doi 10.2202/1544-6115.1585
template <class Scalar, class Statistic>
[[nodiscard]] result<Scalar> permutation_p(std::span<const Scalar> y, const Statistic& statistic,
                                           const resampling_options& options = {}) {
  if (auto legal = detail::check_series(y, "permutation_p", 1); !legal) return legal.error();
  if (options.replicates < 1)
    return detail::chart_option("permutation_p", "replicates", static_cast<double>(options.replicates), 1, 1e9);
  const Scalar seen = statistic(y);
  std::vector<Scalar> drawn(y.begin(), y.end());
  index reached = 0;
  if (y.size() <= 7) {
    std::vector<std::size_t> order(y.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    index all = 0;
    do {
      for (std::size_t t = 0; t < y.size(); ++t) drawn[t] = y[order[t]];
      reached += detail::reaches(Scalar(statistic(std::span<const Scalar>(drawn))), seen) ? 1 : 0;
      ++all;
    } while (std::next_permutation(order.begin(), order.end()));
    return static_cast<Scalar>(reached) / static_cast<Scalar>(all);
  }
  for (index b = 0; b < options.replicates; ++b) {
    random_stream random(options.seed, static_cast<std::uint64_t>(b));
    drawn.assign(y.begin(), y.end());
    for (index t = std::ssize(y) - 1; t > 0; --t) std::swap(drawn[as_size(t)], drawn[as_size(random.below(t + 1))]);
    reached += detail::reaches(Scalar(statistic(std::span<const Scalar>(drawn))), seen) ? 1 : 0;
  }
  return static_cast<Scalar>(1 + reached) / static_cast<Scalar>(1 + options.replicates);
}

/// The share of stationary series with the same autocorrelation whose statistic reaches that of the series seen.
/// Model:     deviations e_t from the mean follow e_t = phi e_t-1 + u_t; series are built of drawn u_t, after 50 values
///            that are thrown away
/// \param y          values in order, none missing
/// \param statistic  as for permutation_p
/// \param phi        lag-1 correlation, best estimated over many clients; in (-1, 1)
/// \param options    replicates and seed
/// \return        p
/// Errors:        errc::no_data; errc::too_few_rows below 3; errc::missing_value; errc::not_finite; errc::invalid_option
/// Not for:       estimating phi from the one short series at hand: that is biased towards 0
/// Reference:     Davison & Hinkley (1997), Bootstrap Methods and their Application, sec. 8.2
template <class Scalar, class Statistic>
[[nodiscard]] result<Scalar> autoregressive_p(std::span<const Scalar> y, const Statistic& statistic, const Scalar& phi,
                                              const resampling_options& options = {}) {
  if (auto legal = detail::check_series(y, "autoregressive_p", 3); !legal) return legal.error();
  if (options.replicates < 1)
    return detail::chart_option("autoregressive_p", "replicates", static_cast<double>(options.replicates), 1, 1e9);
  if (!(phi > -1 && phi < 1)) return detail::chart_option("autoregressive_p", "phi", static_cast<double>(phi), -1, 1);
  const index n = std::ssize(y);
  Scalar mean(0);
  for (const Scalar& each : y) mean += each / static_cast<Scalar>(n);
  std::vector<Scalar> shocks;
  Scalar shock_mean(0);
  for (index t = 1; t < n; ++t) {
    shocks.push_back(y[as_size(t)] - mean - phi * (y[as_size(t - 1)] - mean));
    shock_mean += shocks.back() / static_cast<Scalar>(n - 1);
  }
  const Scalar seen = statistic(y);
  std::vector<Scalar> drawn(as_size(n));
  index reached = 0;
  constexpr index warm_up = 50;
  for (index b = 0; b < options.replicates; ++b) {
    random_stream random(options.seed, static_cast<std::uint64_t>(b));
    Scalar e(0);
    for (index t = -warm_up; t < n; ++t) {
      e = phi * e + shocks[as_size(random.below(n - 1))] - shock_mean;
      if (t >= 0) drawn[as_size(t)] = mean + e;
    }
    reached += detail::reaches(Scalar(statistic(std::span<const Scalar>(drawn))), seen) ? 1 : 0;
  }
  return static_cast<Scalar>(1 + reached) / static_cast<Scalar>(1 + options.replicates);
}

}  // namespace rapport::stats
