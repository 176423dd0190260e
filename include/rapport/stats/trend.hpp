// SPDX-License-Identifier: BSL-1.0
// The trend of one series by simple means: least squares, Theil and Sen's median of slopes, Mann and Kendall's test.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <span>
#include <utility>
#include <vector>

#include <rapport/core/estimate.hpp>
#include <rapport/core/missing.hpp>
#include <rapport/core/result.hpp>
#include <rapport/stats/detail/median.hpp>
#include <rapport/stats/distribution/normal.hpp>
#include <rapport/stats/distribution/student_t.hpp>

namespace rapport::stats {

/// A straight line by least squares.
template <class Scalar>
struct least_squares_trend {
  index n = 0;
  Scalar intercept{};
  Scalar slope{};
  Scalar slope_se{};
  Scalar residual_sd{};
  Scalar p{};  ///< of the slope, two-sided, n - 2 degrees of freedom
  basic_interval<Scalar> interval{};
};

/// A straight line by the median of the slopes between any two points.
template <class Scalar>
struct theil_sen_trend {
  index n = 0;
  Scalar slope{};
  Scalar intercept{};  ///< median of score - slope time
  basic_interval<Scalar> interval{};
};

/// Whether scores rise or fall more often than by chance.
template <class Scalar>
struct mann_kendall_test {
  index n = 0;
  index s = 0;        ///< rises minus falls over all pairs of times
  Scalar variance{};  ///< of s without a trend, ties in the scores counted
  Scalar z{};         ///< with continuity correction
  Scalar p{};         ///< two-sided, normal
  Scalar tau_a{};     ///< s over the number of pairs
  Scalar tau_b{};     ///< corrected for ties
};

namespace detail {

/// The points of a series that have a score, checked.
template <class Scalar>
struct trend_points {
  std::vector<std::pair<Scalar, Scalar>> points{};  ///< time, score

  [[nodiscard]] static result<trend_points> make(std::span<const Scalar> time, std::span<const Scalar> score,
                                                 const char* function) {
    using std::isfinite;
    if (time.size() != score.size()) {
      return error{.code = errc::size_mismatch,
                   .function = function,
                   .value = static_cast<double>(score.size()),
                   .lower = static_cast<double>(time.size()),
                   .subject = "score"};
    }
    trend_points out;
    for (std::size_t i = 0; i < time.size(); ++i) {
      if (is_missing(score[i])) continue;
      if (!isfinite(score[i]) || !isfinite(time[i]))
        return error{.code = errc::not_finite, .function = function, .row = static_cast<index>(i)};
      out.points.emplace_back(time[i], score[i]);
    }
    constexpr index fewest = 3;
    if (std::ssize(out.points) < fewest) {
      return error{.code = errc::too_few_rows,
                   .function = function,
                   .value = static_cast<double>(out.points.size()),
                   .lower = fewest};
    }
    // By time and score, so that sums do not depend on the order of the rows.
    std::sort(out.points.begin(), out.points.end());
    if (out.points.front().first == out.points.back().first)
      return error{.code = errc::zero_variance, .function = function, .subject = "time"};
    return out;
  }
};

}  // namespace detail

/// A straight line by least squares.
/// \param time   times, in any order
/// \param score  one per time; NaN: none
/// \param level  of the interval of the slope
/// \return    the line; with scores exactly on a line p is 0 (or 1 if it is flat)
/// Errors:    errc::too_few_rows below 3 scores; errc::zero_variance if time does not vary; errc::size_mismatch;
///            errc::not_finite; errc::invalid_option for the level
/// R:         summary(lm(score ~ time))
template <class Scalar>
[[nodiscard]] result<least_squares_trend<Scalar>> least_squares_trend_of(std::span<const Scalar> time,
                                                                         std::span<const Scalar> score,
                                                                         double level = 0.95) {
  using std::sqrt;
  if (auto legal = check_level(level, "least_squares_trend_of"); !legal) return legal.error();
  const auto known = detail::trend_points<Scalar>::make(time, score, "least_squares_trend_of");
  if (!known) return known.error();
  least_squares_trend<Scalar> out;
  out.n = std::ssize(known->points);
  const auto n = static_cast<Scalar>(out.n);
  Scalar mean_time(0);
  Scalar mean_score(0);
  for (const auto& [t, y] : known->points) {
    mean_time += t / n;
    mean_score += y / n;
  }
  Scalar tt(0);
  Scalar ty(0);
  for (const auto& [t, y] : known->points) {
    tt += (t - mean_time) * (t - mean_time);
    ty += (t - mean_time) * (y - mean_score);
  }
  out.slope = ty / tt;
  out.intercept = mean_score - out.slope * mean_time;
  Scalar squares(0);
  for (const auto& [t, y] : known->points) {
    const Scalar r = y - mean_score - out.slope * (t - mean_time);
    squares += r * r;
  }
  out.residual_sd = sqrt(squares / (n - 2));
  out.slope_se = out.residual_sd / sqrt(tt);
  if (out.slope_se > 0) {
    out.p = student_t_two_sided(Scalar(out.slope / out.slope_se), Scalar(n - 2));
  } else {
    out.p = out.slope == 0 ? Scalar(1) : Scalar(0);
  }
  const Scalar half = student_t_quantile<Scalar>(static_cast<Scalar>(1 + level) / 2, n - 2) * out.slope_se;
  out.interval = {out.slope - half, out.slope + half, level};
  return out;
}

/// Mann and Kendall's test of a trend.
/// Model:     s = sum over pairs with t_j > t_i of sign(y_j - y_i);
///            variance = (n (n - 1)(2 n + 5) - sum over ties of m (m - 1)(2 m + 5)) / 18
/// \param time   times, in any order
/// \param score  one per time; NaN: none
/// \return    the test
/// Errors:    errc::too_few_rows below 3 scores; errc::zero_variance if time does not vary or all scores are alike;
///            errc::size_mismatch; errc::not_finite
/// Not for:   scores that depend on the one before beyond a trend: p is too small then
/// Reference: Mann (1945), doi 10.2307/1907187; Kendall (1975), Rank Correlation Methods
/// R:         cor.test(time, score, method = "kendall", exact = FALSE, continuity = TRUE)
template <class Scalar>
[[nodiscard]] result<mann_kendall_test<Scalar>> mann_kendall(std::span<const Scalar> time,
                                                             std::span<const Scalar> score) {
  using std::abs;
  using std::sqrt;
  const auto known = detail::trend_points<Scalar>::make(time, score, "mann_kendall");
  if (!known) return known.error();
  mann_kendall_test<Scalar> out;
  const auto& points = known->points;
  out.n = std::ssize(points);
  index different_times = 0;
  for (std::size_t j = 1; j < points.size(); ++j) {
    for (std::size_t i = 0; i < j; ++i) {
      if (points[j].first == points[i].first) continue;
      ++different_times;
      out.s += points[j].second > points[i].second ? 1 : points[j].second < points[i].second ? -1 : 0;
    }
  }
  std::vector<Scalar> sorted;
  for (const auto& [t, y] : points) sorted.push_back(y);
  std::sort(sorted.begin(), sorted.end());
  const auto weight = [](index m) { return static_cast<double>(m) * static_cast<double>((m - 1) * (2 * m + 5)); };
  double ties = 0;
  index tied_pairs = 0;
  for (std::size_t first = 0; first < sorted.size();) {
    std::size_t last = first;
    while (last < sorted.size() && sorted[last] == sorted[first]) ++last;
    const auto m = static_cast<index>(last - first);
    ties += weight(m);
    tied_pairs += m * (m - 1) / 2;
    first = last;
  }
  const index pairs = out.n * (out.n - 1) / 2;
  if (tied_pairs == pairs)
    return error{.code = errc::zero_variance, .function = "mann_kendall", .subject = "the score"};
  out.variance = static_cast<Scalar>((weight(out.n) - ties) / 18);
  const index towards_zero = out.s > 0 ? out.s - 1 : out.s < 0 ? out.s + 1 : 0;
  out.z = static_cast<Scalar>(towards_zero) / sqrt(out.variance);
  out.p = 2 * normal_upper_tail(Scalar(abs(out.z)));
  out.tau_a = static_cast<Scalar>(out.s) / static_cast<Scalar>(pairs);
  out.tau_b =
      static_cast<Scalar>(out.s) / sqrt(static_cast<Scalar>(different_times) * static_cast<Scalar>(pairs - tied_pairs));
  return out;
}

/// Theil and Sen's line: the median of the slopes between any two points.
/// \param time   times, in any order
/// \param score  one per time; NaN: none
/// \param level  of the interval, whose ends are slopes of Sen's ranks, interpolated; with few scores it can be no wider
///            than all slopes
/// \return    the line
/// Errors:    those of mann_kendall, but scores that are all alike are a flat line; errc::invalid_option for the level
/// Numerics:  O(n^2 log n) for n scores
/// Reference: Sen (1968), doi 10.1080/01621459.1968.10480934; Gilbert (1987), Statistical Methods for Environmental
///            Pollution Monitoring, sec. 16.5
/// R:         median of outer differences; mblm::mblm(score ~ time, repeated = FALSE)
template <class Scalar>
[[nodiscard]] result<theil_sen_trend<Scalar>> theil_sen(std::span<const Scalar> time, std::span<const Scalar> score,
                                                        double level = 0.95) {
  using std::sqrt;
  if (auto legal = check_level(level, "theil_sen"); !legal) return legal.error();
  const auto known = detail::trend_points<Scalar>::make(time, score, "theil_sen");
  if (!known) return known.error();
  const auto& points = known->points;
  std::vector<Scalar> slopes;
  for (std::size_t j = 1; j < points.size(); ++j) {
    for (std::size_t i = 0; i < j; ++i) {
      if (points[j].first == points[i].first) continue;
      slopes.push_back((points[j].second - points[i].second) / (points[j].first - points[i].first));
    }
  }
  theil_sen_trend<Scalar> out;
  out.n = std::ssize(points);
  std::sort(slopes.begin(), slopes.end());
  out.slope = detail::median_of(slopes);
  std::vector<Scalar> rest;
  for (const auto& [t, y] : points) rest.push_back(y - out.slope * t);
  out.intercept = detail::median_of(rest);

  Scalar spread(0);
  if (const auto test = mann_kendall(time, score)) spread = sqrt(test->variance);
  const Scalar c = normal_quantile(static_cast<Scalar>(1 + level) / 2) * spread;
  const auto n_slopes = static_cast<Scalar>(slopes.size());
  const auto at_rank = [&](Scalar rank) {
    rank = (std::min)((std::max)(rank, Scalar(1)), n_slopes);
    auto below = static_cast<std::size_t>(rank);
    if (below == slopes.size()) return slopes.back();
    const Scalar share = rank - static_cast<Scalar>(below);
    return Scalar(slopes[below - 1] + share * (slopes[below] - slopes[below - 1]));
  };
  out.interval = {at_rank((n_slopes - c) / 2), at_rank((n_slopes + c) / 2 + 1), level};
  return out;
}

}  // namespace rapport::stats
