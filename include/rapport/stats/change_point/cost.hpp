// SPDX-License-Identifier: BSL-1.0
// Costs of a segment, for change points: mean, variance, both, median, ranks, straight line.
#pragma once

#include <algorithm>
#include <cmath>
#include <concepts>
#include <numeric>
#include <span>
#include <utility>
#include <vector>

#include <rapport/core/result.hpp>
#include <rapport/stats/control_chart.hpp>

namespace rapport::stats {

/// The cost of the segment [begin, end) of a series, not smaller than the sum of the costs of its parts; what searches
/// need. `min_size` is the shortest segment that has a cost, `n_parameters` what penalties count per segment.
template <class Cost>
concept segment_cost = requires(const Cost& cost, index t) {
  typename Cost::value_type;
  { cost.size() } -> std::same_as<index>;
  { cost.min_size() } -> std::same_as<index>;
  { cost.n_parameters() } -> std::same_as<index>;
  { cost(t, t) } -> std::convertible_to<typename Cost::value_type>;
};

namespace detail {

template <class Scalar>
[[nodiscard]] Scalar mean_of(std::span<const Scalar> y) {
  Scalar sum(0);
  for (const Scalar& each : y) sum += each - y[0];
  return y[0] + sum / static_cast<Scalar>(std::ssize(y));
}

/// Running sums of a centered series and of its squares, side by side.
template <class Scalar>
struct prefix_sums {
  struct entry {
    Scalar sum{};
    Scalar squares{};
  };
  std::vector<entry> at{};

  prefix_sums(std::span<const Scalar> y, const Scalar& center) : at(y.size() + 1) {
    for (std::size_t t = 0; t < y.size(); ++t) {
      const Scalar x = y[t] - center;
      at[t + 1] = {at[t].sum + x, at[t].squares + x * x};
    }
  }
  [[nodiscard]] index size() const noexcept { return std::ssize(at) - 1; }
  [[nodiscard]] Scalar sum(index begin, index end) const noexcept {
    return at[as_size(end)].sum - at[as_size(begin)].sum;
  }
  [[nodiscard]] Scalar squares(index begin, index end) const noexcept {
    return at[as_size(end)].squares - at[as_size(begin)].squares;
  }
  /// Squares about the segment's own mean.
  [[nodiscard]] Scalar residual(index begin, index end) const noexcept {
    const Scalar s = sum(begin, end);
    const Scalar rss = squares(begin, end) - s * s / static_cast<Scalar>(end - begin);
    return rss > 0 ? rss : Scalar(0);
  }
};

/// Twice the negative log-likelihood of m normal values with squares about their mean, their variance at least `floor`.
template <class Scalar>
[[nodiscard]] Scalar normal_cost(const Scalar& squares, index m, const Scalar& floor) {
  using std::log;
  const Scalar n = static_cast<Scalar>(m);
  const Scalar own = squares / n;
  const Scalar var = own > floor ? own : floor;
  return n * (static_cast<Scalar>(1.837877066409345483560659472811235279L) + log(var) + own / var);
}

}  // namespace detail

/// Squares about the segment's mean: a change of the mean at known variance 1. Divide the series by its SD before a
/// penalty made for unit variance.
/// Numerics: running sums of the series less its mean; O(1) per segment. A change that is small beside 1e-8 of the
///           largest value's distance from the mean is lost to rounding
/// R:        the cost of changepoint::cpt.mean
template <class Scalar>
class mean_cost {
 public:
  using value_type = Scalar;

  /// Errors: errc::no_data; errc::missing_value; errc::not_finite
  [[nodiscard]] static result<mean_cost> make(std::span<const Scalar> y) {
    if (auto legal = detail::check_series(y, "mean_cost", 1); !legal) return legal.error();
    return mean_cost(y);
  }
  [[nodiscard]] index size() const noexcept { return sums_.size(); }
  [[nodiscard]] index min_size() const noexcept { return 1; }
  [[nodiscard]] index n_parameters() const noexcept { return 1; }
  [[nodiscard]] Scalar operator()(index begin, index end) const noexcept {
    const Scalar s = sums_.sum(begin, end);
    const Scalar rss = sums_.squares(begin, end) - s * s * inverse_[as_size(end - begin)];
    return rss > 0 ? rss : Scalar(0);
  }

 private:
  explicit mean_cost(std::span<const Scalar> y) : sums_(y, detail::mean_of(y)), inverse_(y.size() + 1) {
    for (std::size_t m = 1; m <= y.size(); ++m) inverse_[m] = Scalar(1) / static_cast<Scalar>(m);
  }

  detail::prefix_sums<Scalar> sums_;
  std::vector<Scalar> inverse_;  // a division per segment would take most of a search's time
};

/// Minus twice the log-likelihood of a normal segment with its own mean and variance.
/// Numerics: the variance is at least `floor`, and the likelihood is that of the floor where it is less: equal values in
///           a row cost no infinity, and splitting a segment never costs more
/// R:        the cost of changepoint::cpt.meanvar where no variance is near 0
template <class Scalar>
class mean_variance_cost {
 public:
  using value_type = Scalar;

  /// Errors: errc::no_data; errc::missing_value; errc::not_finite; errc::invalid_option for a floor that is not positive
  [[nodiscard]] static result<mean_variance_cost> make(std::span<const Scalar> y, const Scalar& floor = Scalar(1e-11)) {
    if (auto legal = detail::check_series(y, "mean_variance_cost", 1); !legal) return legal.error();
    if (!(floor > 0)) return detail::chart_option("mean_variance_cost", "floor", static_cast<double>(floor), 0, 1e300);
    return mean_variance_cost(y, floor);
  }
  [[nodiscard]] index size() const noexcept { return sums_.size(); }
  [[nodiscard]] index min_size() const noexcept { return 2; }
  [[nodiscard]] index n_parameters() const noexcept { return 2; }
  [[nodiscard]] Scalar operator()(index begin, index end) const {
    return detail::normal_cost(sums_.residual(begin, end), end - begin, floor_);
  }

 private:
  mean_variance_cost(std::span<const Scalar> y, const Scalar& floor) : sums_(y, detail::mean_of(y)), floor_(floor) {}

  detail::prefix_sums<Scalar> sums_;
  Scalar floor_;
};

/// Minus twice the log-likelihood of a normal segment with its own variance about the mean of the whole series.
/// Numerics: floor as in mean_variance_cost
/// R:        the cost of changepoint::cpt.var
template <class Scalar>
class variance_cost {
 public:
  using value_type = Scalar;

  /// Errors: as mean_variance_cost::make
  [[nodiscard]] static result<variance_cost> make(std::span<const Scalar> y, const Scalar& floor = Scalar(1e-11)) {
    if (auto legal = detail::check_series(y, "variance_cost", 1); !legal) return legal.error();
    if (!(floor > 0)) return detail::chart_option("variance_cost", "floor", static_cast<double>(floor), 0, 1e300);
    return variance_cost(y, floor);
  }
  [[nodiscard]] index size() const noexcept { return sums_.size(); }
  [[nodiscard]] index min_size() const noexcept { return 2; }
  [[nodiscard]] index n_parameters() const noexcept { return 1; }
  [[nodiscard]] Scalar operator()(index begin, index end) const {
    return detail::normal_cost((std::max)(Scalar(0), sums_.squares(begin, end)), end - begin, floor_);
  }

 private:
  variance_cost(std::span<const Scalar> y, const Scalar& floor) : sums_(y, detail::mean_of(y)), floor_(floor) {}

  detail::prefix_sums<Scalar> sums_;
  Scalar floor_;
};

/// Distances from the segment's median: a change of the median, little moved by outliers.
/// Numerics: a wavelet matrix of the ranks: O(log n) per segment, O(n log n) memory
/// R:        none; ruptures' CostL1
template <class Scalar>
class median_cost {
 public:
  using value_type = Scalar;

  /// Errors: errc::no_data; errc::missing_value; errc::not_finite
  [[nodiscard]] static result<median_cost> make(std::span<const Scalar> y) {
    if (auto legal = detail::check_series(y, "median_cost", 1); !legal) return legal.error();
    return median_cost(y);
  }
  [[nodiscard]] index size() const noexcept { return std::ssize(total_) - 1; }
  [[nodiscard]] index min_size() const noexcept { return 1; }
  [[nodiscard]] index n_parameters() const noexcept { return 1; }
  [[nodiscard]] Scalar operator()(index begin, index end) const {
    const index half = (end - begin) / 2;
    const Scalar all = total_[as_size(end)] - total_[as_size(begin)];
    // The middle one of an odd number cancels.
    const Scalar distance = all - smallest(begin, end, end - begin - half) - smallest(begin, end, half);
    return distance > 0 ? distance : Scalar(0);
  }

 private:
  struct level {
    std::vector<index> zeros{};      // of the first t entries, those whose bit is 0
    std::vector<Scalar> zero_sum{};  // sum of those
  };

  explicit median_cost(std::span<const Scalar> y) : total_(y.size() + 1) {
    const std::size_t n = y.size();
    const Scalar center = detail::mean_of(y);
    std::vector<std::size_t> order(n);
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return y[a] < y[b]; });
    std::vector<std::size_t> rank(n);
    for (std::size_t r = 0; r < n; ++r) rank[order[r]] = r;
    for (std::size_t t = 0; t < n; ++t) total_[t + 1] = total_[t] + (y[t] - center);
    std::size_t bits = 1;
    while ((std::size_t{1} << bits) < n) ++bits;
    std::vector<std::size_t> next(n);
    for (std::size_t bit = bits; bit-- > 0;) {
      level here{std::vector<index>(n + 1), std::vector<Scalar>(n + 1)};
      std::size_t n_zeros = 0;
      for (std::size_t t = 0; t < n; ++t) {
        const bool zero = ((rank[t] >> bit) & 1U) == 0;
        here.zeros[t + 1] = here.zeros[t] + (zero ? 1 : 0);
        here.zero_sum[t + 1] = here.zero_sum[t] + (zero ? Scalar(y[order[rank[t]]] - center) : Scalar(0));
        if (zero) next[n_zeros++] = rank[t];
      }
      std::size_t at = n_zeros;
      for (std::size_t t = 0; t < n; ++t) {
        if (((rank[t] >> bit) & 1U) != 0) next[at++] = rank[t];
      }
      rank.swap(next);
      levels_.push_back(std::move(here));
    }
    sorted_.reserve(n);
    for (const std::size_t r : rank) sorted_.push_back(y[order[r]] - center);
  }

  /// The sum of the k smallest values of [begin, end).
  [[nodiscard]] Scalar smallest(index begin, index end, index k) const {
    Scalar sum(0);
    for (const level& here : levels_) {
      const index zeros_before = here.zeros[as_size(begin)];
      const index zeros_until = here.zeros[as_size(end)];
      const index zeros = zeros_until - zeros_before;
      if (k <= zeros) {
        begin = zeros_before;
        end = zeros_until;
      } else {
        sum += here.zero_sum[as_size(end)] - here.zero_sum[as_size(begin)];
        k -= zeros;
        const index n_zeros = here.zeros.back();
        begin = n_zeros + begin - zeros_before;
        end = n_zeros + end - zeros_until;
      }
    }
    for (index t = begin; t < begin + k; ++t) sum += sorted_[as_size(t)];
    return sum;
  }

  std::vector<Scalar> total_;
  std::vector<level> levels_{};
  std::vector<Scalar> sorted_{};
};

/// Minus the squared sum of the centered ranks, over their number and variance: a change of location, whatever the
/// distribution.
/// Numerics: ties have their mean rank; a constant series costs 0; O(1) per segment
/// Reference: Lung-Yut-Fong, Levy-Leduc & Cappe (2015), Journal de la SFdS 156
/// R:        none; ruptures' CostRank
template <class Scalar>
class rank_cost {
 public:
  using value_type = Scalar;

  /// Errors: errc::no_data; errc::missing_value; errc::not_finite
  [[nodiscard]] static result<rank_cost> make(std::span<const Scalar> y) {
    if (auto legal = detail::check_series(y, "rank_cost", 1); !legal) return legal.error();
    return rank_cost(y);
  }
  [[nodiscard]] index size() const noexcept { return std::ssize(sum_) - 1; }
  [[nodiscard]] index min_size() const noexcept { return 1; }
  [[nodiscard]] index n_parameters() const noexcept { return 1; }
  [[nodiscard]] Scalar operator()(index begin, index end) const {
    const Scalar s = sum_[as_size(end)] - sum_[as_size(begin)];
    return -s * s / static_cast<Scalar>(end - begin) * precision_;
  }

 private:
  explicit rank_cost(std::span<const Scalar> y) : sum_(y.size() + 1) {
    const auto n = static_cast<Scalar>(std::ssize(y));
    std::vector<std::size_t> order(y.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return y[a] < y[b]; });
    std::vector<Scalar> rank(y.size());
    for (std::size_t from = 0; from < order.size();) {
      std::size_t to = from;
      while (to < order.size() && y[order[to]] == y[order[from]]) ++to;
      for (std::size_t r = from; r < to; ++r) rank[order[r]] = static_cast<Scalar>(from + to + 1) / 2 - (n + 1) / 2;
      from = to;
    }
    Scalar squares(0);
    for (std::size_t t = 0; t < rank.size(); ++t) {
      sum_[t + 1] = sum_[t] + rank[t];
      squares += rank[t] * rank[t];
    }
    precision_ = squares > 0 ? Scalar(n / squares) : Scalar(0);
  }

  std::vector<Scalar> sum_;
  Scalar precision_{};
};

/// Squares about the segment's own straight line: a change of level or trend at known variance 1.
/// Numerics: running sums; O(1) per segment. Lines of long series lose digits: with 10^5 values about six remain
template <class Scalar>
class trend_cost {
 public:
  using value_type = Scalar;

  /// Errors: errc::no_data; errc::missing_value; errc::not_finite
  [[nodiscard]] static result<trend_cost> make(std::span<const Scalar> y) {
    if (auto legal = detail::check_series(y, "trend_cost", 1); !legal) return legal.error();
    return trend_cost(y);
  }
  [[nodiscard]] index size() const noexcept { return sums_.size(); }
  [[nodiscard]] index min_size() const noexcept { return 2; }
  [[nodiscard]] index n_parameters() const noexcept { return 2; }
  [[nodiscard]] Scalar operator()(index begin, index end) const {
    const auto m = static_cast<Scalar>(end - begin);
    const Scalar middle = static_cast<Scalar>(begin + end - 1 - middle_twice_) / 2;
    const Scalar along = moment_[as_size(end)] - moment_[as_size(begin)] - middle * sums_.sum(begin, end);
    const Scalar spread = m * (m * m - 1) / 12;
    const Scalar explained = spread > 0 ? Scalar(along * along / spread) : Scalar(0);
    const Scalar rss = sums_.residual(begin, end) - explained;
    return rss > 0 ? rss : Scalar(0);
  }

 private:
  explicit trend_cost(std::span<const Scalar> y)
      : sums_(y, detail::mean_of(y)), moment_(y.size() + 1), middle_twice_(std::ssize(y) - 1) {
    for (index t = 0; t < std::ssize(y); ++t) {
      const Scalar time = static_cast<Scalar>(2 * t - middle_twice_) / 2;
      moment_[as_size(t + 1)] = moment_[as_size(t)] + time * sums_.sum(t, t + 1);
    }
  }

  detail::prefix_sums<Scalar> sums_;
  std::vector<Scalar> moment_;  // running sums of time x value, time from the middle
  index middle_twice_;
};

}  // namespace rapport::stats
