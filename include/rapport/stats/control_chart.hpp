// SPDX-License-Identifier: BSL-1.0
// Control charts of single values: individuals, EWMA and CUSUM, with the run rules of Western Electric and Nelson.
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <span>
#include <vector>

#include <rapport/core/missing.hpp>
#include <rapport/core/result.hpp>
#include <rapport/stats/detail/median.hpp>

namespace rapport::stats {

/// How the spread of a process is estimated from single values.
enum class chart_sigma : unsigned char {
  moving_range,         ///< mean range of `span` neighbors, divided by d2
  median_moving_range,  ///< median of the differences of neighbors, divided by .954
  sd                    ///< standard deviation, divided by c4(n)
};

/// From what the center line and the spread are estimated.
struct chart_baseline_options {
  chart_sigma sigma = chart_sigma::moving_range;
  index span = 2;     ///< neighbors in one range, 2 to 10; moving_range only
  index n_first = 0;  ///< values from the front that are used; 0: all
};

/// Center line and spread of a process.
template <class Scalar>
struct chart_baseline {
  Scalar center{};
  Scalar sigma{};
  index n = 0;  ///< values that they are estimated from
};

namespace detail {

/// Refuses series that are empty or hold what is no number.
template <class Scalar>
[[nodiscard]] result<void> check_series(std::span<const Scalar> y, const char* function, index least) {
  using std::isfinite;
  if (std::ssize(y) < least) {
    return error{.code = y.empty() ? errc::no_data : errc::too_few_rows,
                 .function = function,
                 .value = static_cast<double>(std::ssize(y)),
                 .lower = static_cast<double>(least)};
  }
  for (index t = 0; t < std::ssize(y); ++t) {
    if (is_missing(y[as_size(t)])) return error{.code = errc::missing_value, .function = function, .row = t};
    if (!isfinite(y[as_size(t)])) return error{.code = errc::not_finite, .function = function, .row = t};
  }
  return {};
}

[[nodiscard]] inline error chart_option(const char* function, const char* what, double value, double lower,
                                        double upper) {
  return {.code = errc::invalid_option,
          .function = function,
          .value = value,
          .lower = lower,
          .upper = upper,
          .subject = what};
}

/// E(s) / sigma of n normal values, by c4(n) c4(n + 1) = sqrt((n - 1) / n).
template <class Scalar>
[[nodiscard]] Scalar c4(index n) {
  using std::sqrt;
  Scalar value = sqrt(Scalar(2) / static_cast<Scalar>(3.14159265358979323846264338327950288L));
  for (index k = 2; k < n; ++k) value = sqrt(static_cast<Scalar>(k - 1) / static_cast<Scalar>(k)) / value;
  return value;
}

}  // namespace detail

/// Center line and spread from values taken while nothing happened.
/// Model:       center = mean; sigma = mean moving range / d2, median moving range / .954, or sd / c4(n). d2 is the usual
///              table of three decimals (1.128 for two neighbors; exactly 2/sqrt(pi) = 1.12838)
/// \param y        values in order, none missing
/// \param options  which spread, from how many values
/// \return      center, sigma (0 if the values do not vary), and how many values were used
/// Errors:      errc::no_data; errc::too_few_rows if fewer values than the spread needs; errc::missing_value;
///              errc::not_finite; errc::invalid_option
/// Not for:     autocorrelated values: with lag-1 correlation r the moving range gives sigma sqrt(1 - r)
/// R:           qcc::qcc(y, type = "xbar.one"); qcc::sd.xbar.one(y, std.dev = "SD")
template <class Scalar>
[[nodiscard]] result<chart_baseline<Scalar>> estimate_chart_baseline(std::span<const Scalar> y,
                                                                     const chart_baseline_options& options = {}) {
  using std::fabs;
  using std::sqrt;
  constexpr const char* self = "estimate_chart_baseline";
  const bool by_range = options.sigma == chart_sigma::moving_range;
  if (by_range && (options.span < 2 || options.span > 10))
    return detail::chart_option(self, "span", static_cast<double>(options.span), 2, 10);
  if (options.n_first < 0) return detail::chart_option(self, "n_first", static_cast<double>(options.n_first), 0, 1e9);
  if (auto legal = detail::check_series(y, self, by_range ? options.span : index{2}); !legal) return legal.error();
  if (options.n_first > 0) {
    y = y.first(as_size((std::min)(options.n_first, std::ssize(y))));
    if (auto enough = detail::check_series(y, self, by_range ? options.span : index{2}); !enough) return enough.error();
  }
  chart_baseline<Scalar> out;
  out.n = std::ssize(y);
  const Scalar n = static_cast<Scalar>(out.n);
  // The mean of deviations from the first value: constant values have exactly their own mean.
  Scalar shifted(0);
  for (const Scalar& each : y) shifted += each - y[0];
  out.center = y[0] + shifted / n;
  if (options.sigma == chart_sigma::sd) {
    Scalar squares(0);
    for (const Scalar& each : y) squares += (each - out.center) * (each - out.center);
    out.sigma = sqrt(Scalar(squares / (n - 1))) / detail::c4<Scalar>(out.n);
    return out;
  }
  std::vector<Scalar> ranges;
  const index width = by_range ? options.span : index{2};
  for (index t = 0; t + width <= out.n; ++t) {
    const auto [low, high] = std::minmax_element(y.begin() + t, y.begin() + t + width);
    ranges.push_back(*high - *low);
  }
  if (!by_range) {
    out.sigma = detail::median_of(std::move(ranges)) / static_cast<Scalar>(0.954L);
    return out;
  }
  constexpr long double d2[] = {1.128L, 1.693L, 2.059L, 2.326L, 2.534L, 2.704L, 2.847L, 2.970L, 3.078L};
  Scalar sum(0);
  for (const Scalar& each : ranges) sum += each;
  out.sigma = sum / static_cast<Scalar>(std::ssize(ranges)) / static_cast<Scalar>(d2[as_size(width - 2)]);
  return out;
}

/// The run rules. Nelson's and Western Electric's differ in the length of a one-sided run only.
enum class chart_rule : unsigned char {
  beyond_3_sigma,        ///< one value; Nelson 1, Western Electric 1
  nine_on_one_side,      ///< Nelson 2
  eight_on_one_side,     ///< Western Electric 4
  six_rising,            ///< six values in a row, each above (or each below) the one before; Nelson 3
  fourteen_alternating,  ///< up, down, up ...; Nelson 4
  two_of_three,          ///< beyond 2 sigma on the same side, the last one included; Nelson 5, Western Electric 2
  four_of_five,          ///< beyond 1 sigma on the same side, the last one included; Nelson 6, Western Electric 3
  fifteen_within,        ///< all within 1 sigma, limits included; Nelson 7
  eight_outside          ///< none within 1 sigma, on both sides; Nelson 8
};

/// Which side of the center line is watched.
enum class chart_side : unsigned char { both, lower, upper };

/// The positions at which a rule is violated: the end of each window that violates it.
/// \param y       values in order, none missing
/// \param center  center line
/// \param sigma   spread; not negative
/// \param rule    which rule
/// \param side    which side of the center line; fifteen_within, eight_outside and fourteen_alternating have no side
/// \return     positions from 0, increasing
/// Numerics:   strict comparisons with center +- k sigma; a value equal to the center is on neither side; O(n)
/// Reference:  Nelson (1984), doi 10.1080/00224065.1984.11978921
/// R:          qcc::qcc(y, type = "xbar.one", rules = 1:4) for Western Electric's
template <class Scalar>
[[nodiscard]] std::vector<index> rule_violations(std::span<const Scalar> y, const Scalar& center, const Scalar& sigma,
                                                 chart_rule rule, chart_side side = chart_side::both) {
  const auto beyond = [&](index t, int k, bool above) {
    if (side == (above ? chart_side::lower : chart_side::upper)) return false;
    return above ? y[as_size(t)] > center + static_cast<Scalar>(k) * sigma
                 : y[as_size(t)] < center - static_cast<Scalar>(k) * sigma;
  };
  std::vector<index> out;
  index run[2] = {0, 0};  // below, above
  index along = 0;
  int direction = 0;
  for (index t = 0; t < std::ssize(y); ++t) {
    const Scalar& now = y[as_size(t)];
    const int step = t == 0 ? 0 : now > y[as_size(t - 1)] ? 1 : now < y[as_size(t - 1)] ? -1 : 0;
    bool violated = false;
    for (const bool above : {false, true}) {
      index& length = run[above ? 1 : 0];
      const auto among = [&](index window, int k) {
        index count = 0;
        for (index s = t - window + 1; s <= t && t + 1 >= window; ++s) count += beyond(s, k, above) ? 1 : 0;
        return count;
      };
      switch (rule) {
        case chart_rule::beyond_3_sigma: violated = violated || beyond(t, 3, above); break;
        case chart_rule::nine_on_one_side:
        case chart_rule::eight_on_one_side:
          length = beyond(t, 0, above) ? length + 1 : 0;
          violated = violated || length >= (rule == chart_rule::nine_on_one_side ? 9 : 8);
          break;
        case chart_rule::two_of_three: violated = violated || (beyond(t, 2, above) && among(3, 2) >= 2); break;
        case chart_rule::four_of_five: violated = violated || (beyond(t, 1, above) && among(5, 1) >= 4); break;
        case chart_rule::six_rising: {
          const bool watched = side == chart_side::both || (side == chart_side::upper) == above;
          length = step == (above ? 1 : -1) ? length + 1 : 0;
          violated = violated || (watched && length >= 5);
          break;
        }
        case chart_rule::fourteen_alternating:
        case chart_rule::fifteen_within:
        case chart_rule::eight_outside: break;
      }
    }
    const bool inside = !(now > center + sigma) && !(now < center - sigma);
    if (rule == chart_rule::fourteen_alternating) {
      // Thirteen steps with twelve changes of direction between fourteen values.
      along = step == 0 ? 0 : direction == -step ? along + 1 : 1;
      direction = step;
      violated = along >= 13;
    } else if (rule == chart_rule::fifteen_within) {
      along = inside ? along + 1 : 0;
      violated = along >= 15;
    } else if (rule == chart_rule::eight_outside) {
      along = inside ? 0 : along + 1;
      index n_above = 0;
      for (index s = (std::max)(index{0}, t - 7); s <= t; ++s) n_above += y[as_size(s)] > center ? 1 : 0;
      violated = along >= 8 && n_above > 0 && n_above < 8;
    }
    if (violated) out.push_back(t);
  }
  return out;
}

/// The positions from the `length`-th of a run on one side of the center line on.
/// R: qcc::violating.runs(object, run.length = length)
template <class Scalar>
[[nodiscard]] std::vector<index> one_sided_runs(std::span<const Scalar> y, const Scalar& center, index length) {
  std::vector<index> out;
  index run = 0;
  int side = 0;
  for (index t = 0; t < std::ssize(y); ++t) {
    const int now = y[as_size(t)] > center ? 1 : y[as_size(t)] < center ? -1 : 0;
    run = now == 0 ? 0 : now == side ? run + 1 : 1;
    side = now;
    if (now != 0 && run >= length) out.push_back(t);
  }
  return out;
}

/// An exponentially weighted moving average with its limits.
template <class Scalar>
struct ewma_chart {
  std::vector<Scalar> statistic{};
  std::vector<Scalar> lower_limit{};
  std::vector<Scalar> upper_limit{};

  [[nodiscard]] bool is_below(index t) const { return statistic[as_size(t)] < lower_limit[as_size(t)]; }
  [[nodiscard]] bool is_above(index t) const { return statistic[as_size(t)] > upper_limit[as_size(t)]; }
};

/// Plots an exponentially weighted moving average.
/// Model:       Z_t = lambda y_t + (1 - lambda) Z_t-1, Z_0 = center;
///              limits center -+ width sigma sqrt(lambda / (2 - lambda) (1 - (1 - lambda)^(2 t)))
/// \param y         values in order, none missing
/// \param baseline  center and sigma
/// \param lambda    weight of the newest value; in (0, 1]
/// \param width     of the limits, in sigma; positive
/// \return       statistic and limits
/// Errors:       errc::no_data; errc::missing_value; errc::not_finite; errc::invalid_option
/// Reference:    Roberts (1959), doi 10.1080/00401706.1959.10489860
/// R:            qcc::ewma(y, lambda = lambda, nsigmas = width)
template <class Scalar>
[[nodiscard]] result<ewma_chart<Scalar>> plot_ewma(std::span<const Scalar> y, const chart_baseline<Scalar>& baseline,
                                                   const Scalar& lambda = Scalar(0.2),
                                                   const Scalar& width = Scalar(2.7)) {
  using std::isfinite;
  using std::sqrt;
  if (auto legal = detail::check_series(y, "plot_ewma", 1); !legal) return legal.error();
  if (!(lambda > 0 && lambda <= 1))
    return detail::chart_option("plot_ewma", "lambda", static_cast<double>(lambda), 0, 1);
  if (!(width > 0 && isfinite(width)))
    return detail::chart_option("plot_ewma", "width", static_cast<double>(width), 0, 1e6);
  if (!(baseline.sigma >= 0 && isfinite(baseline.sigma)))
    return detail::chart_option("plot_ewma", "sigma", static_cast<double>(baseline.sigma), 0, 1e300);
  ewma_chart<Scalar> out;
  Scalar z = baseline.center;
  Scalar forgotten(1);
  for (const Scalar& each : y) {
    z = lambda * each + (1 - lambda) * z;
    forgotten *= (1 - lambda) * (1 - lambda);
    const Scalar half = width * baseline.sigma * sqrt(Scalar(lambda / (2 - lambda) * (1 - forgotten)));
    out.statistic.push_back(z);
    out.lower_limit.push_back(baseline.center - half);
    out.upper_limit.push_back(baseline.center + half);
  }
  return out;
}

/// Two one-sided cumulative sums, both not negative.
template <class Scalar>
struct cusum_chart {
  std::vector<Scalar> upper{};  ///< of values above the center
  std::vector<Scalar> lower{};  ///< of values below it
  Scalar h{};                   ///< a sum above h is a signal

  [[nodiscard]] bool is_below(index t) const { return lower[as_size(t)] > h; }
  [[nodiscard]] bool is_above(index t) const { return upper[as_size(t)] > h; }
};

/// Plots the tabular cumulative sums of standardized values.
/// Model:       z = (y - center) / sigma; U_t = max(0, U_t-1 + z_t - k), L_t = max(0, L_t-1 - z_t - k),
///              U_0 = L_0 = head_start. Not reset after a signal
/// \param y           values in order, none missing
/// \param baseline    center and sigma
/// \param k           allowance, in sigma: half the shift that should be found; not negative
/// \param h           limit, in sigma; positive
/// \param head_start  of both sums; in [0, h]
/// \return         the sums
/// Errors:         errc::no_data; errc::missing_value; errc::not_finite; errc::invalid_option; errc::zero_variance if
///                 sigma is 0
/// Reference:      Page (1954), doi 10.1093/biomet/41.1-2.100; Lucas & Crosier (1982), doi 10.1080/00401706.1982.10487759
/// R:              qcc::cusum(y, decision.interval = h, se.shift = 2 * k, head.start = head_start)
template <class Scalar>
[[nodiscard]] result<cusum_chart<Scalar>> plot_cusum(std::span<const Scalar> y, const chart_baseline<Scalar>& baseline,
                                                     const Scalar& k = Scalar(0.5), const Scalar& h = Scalar(5),
                                                     const Scalar& head_start = Scalar(0)) {
  using std::isfinite;
  const auto refuse = [](const char* what, const Scalar& value, double upper) {
    return detail::chart_option("plot_cusum", what, static_cast<double>(value), 0, upper);
  };
  if (auto legal = detail::check_series(y, "plot_cusum", 1); !legal) return legal.error();
  if (!(k >= 0 && isfinite(k))) return refuse("k", k, 1e6);
  if (!(h > 0 && isfinite(h))) return refuse("h", h, 1e6);
  if (!(head_start >= 0 && head_start <= h)) return refuse("head_start", head_start, static_cast<double>(h));
  if (!(baseline.sigma >= 0 && isfinite(baseline.sigma))) return refuse("sigma", baseline.sigma, 1e300);
  if (baseline.sigma == 0) return error{.code = errc::zero_variance, .function = "plot_cusum", .subject = "the series"};
  cusum_chart<Scalar> out;
  out.h = h;
  Scalar up = head_start;
  Scalar down = head_start;
  for (const Scalar& each : y) {
    const Scalar z = (each - baseline.center) / baseline.sigma;
    up = (std::max)(Scalar(0), Scalar(up + z - k));
    down = (std::max)(Scalar(0), Scalar(down - z - k));
    out.upper.push_back(up);
    out.lower.push_back(down);
  }
  return out;
}

}  // namespace rapport::stats
