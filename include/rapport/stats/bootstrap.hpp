// SPDX-License-Identifier: BSL-1.0
// Bootstrap and jackknife: replicates on several threads with the same bytes for any number of them; percentile and BCa.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <optional>
#include <vector>

#include <rapport/core/estimate.hpp>
#include <rapport/core/random.hpp>
#include <rapport/core/result.hpp>
#include <rapport/stats/distribution/normal.hpp>
#include <rapport/stats/matrix.hpp>
#include <rapport/stats/parallel.hpp>

namespace rapport::stats {

/// How often and how to resample.
struct bootstrap_options {
  index replicates = 1999;
  std::uint64_t seed = 20240229;
  index threads = 0;  ///< at most this many; 0: one per processor
};

/// Checks the options.
/// Errors: errc::invalid_option for fewer than 99 replicates or more than 10^8
[[nodiscard]] inline result<void> validate(const bootstrap_options& options) {
  if (options.replicates >= 99 && options.replicates <= 100000000) return {};
  return error{.code = errc::invalid_option,
               .function = "bootstrap",
               .value = static_cast<double>(options.replicates),
               .lower = 99,
               .upper = 1e8,
               .subject = "the number of replicates"};
}

/// The values of a statistic over replicates; those in which it is not defined are counted and left out.
template <class Scalar>
struct replicates {
  std::vector<Scalar> values{};  ///< in the order of the replicates
  index n_undefined = 0;

  [[nodiscard]] index n_defined() const noexcept { return std::ssize(values); }
};

namespace detail {

/// Calls a statistic n times in fixed blocks; a block has a statistic of its own, so what one keeps from call to call
/// depends on the block and not on the threads.
template <class Scalar, class MakeStatistic>
[[nodiscard]] replicates<Scalar> run_replicates(index n, index threads, const MakeStatistic& make_statistic) {
  constexpr index block = 50;
  std::vector<std::optional<Scalar>> found(as_size(n));
  parallel_for((n + block - 1) / block, threads, [&](index b) {
    auto statistic = make_statistic();
    for (index i = b * block; i < (std::min)(n, (b + 1) * block); ++i) found[as_size(i)] = statistic(i);
  });
  replicates<Scalar> out;
  out.values.reserve(as_size(n));
  for (const auto& value : found) {
    if (value) {
      out.values.push_back(*value);
    } else {
      ++out.n_undefined;
    }
  }
  return out;
}

}  // namespace detail

/// Values of a statistic over bootstrap resamples.
///
/// Replicate r draws with stream r of the seed: its units do not depend on the other replicates.
/// \param n_units         persons or clusters, at least 1
/// \param options         see bootstrap_options
/// \param make_statistic  makes a callable of (const vector<Scalar>& weights) -> std::optional<Scalar>, weights being how
///                        often each unit was drawn; several are made, each used by one thread at a time
/// \return                the values, in order of the replicates
/// Reference:             Efron & Tibshirani (1993), An Introduction to the Bootstrap
template <class Scalar, class MakeStatistic>
[[nodiscard]] replicates<Scalar> bootstrap(index n_units, const bootstrap_options& options,
                                           const MakeStatistic& make_statistic) {
  return detail::run_replicates<Scalar>(options.replicates, options.threads, [&] {
    return [&, statistic = make_statistic(), weights = vector<Scalar>(n_units)](index r) mutable {
      random_stream random(options.seed, static_cast<std::uint64_t>(r));
      weights.setZero();
      for (index i = 0; i < n_units; ++i) weights(random.below(n_units)) += Scalar(1);
      return std::optional<Scalar>(statistic(weights));
    };
  });
}

/// Values of a statistic with each unit left out in turn.
/// \param n_units         persons or clusters
/// \param threads         at most this many; 0: one per processor
/// \param make_statistic  makes a callable of (index unit left out) -> std::optional<Scalar>
/// \return                the values, in order of the units
template <class Scalar, class MakeStatistic>
[[nodiscard]] replicates<Scalar> jackknife(index n_units, index threads, const MakeStatistic& make_statistic) {
  return detail::run_replicates<Scalar>(n_units, threads, make_statistic);
}

/// The standard deviation of replicates, divisor one less than their number; empty below 2.
template <class Scalar>
[[nodiscard]] std::optional<Scalar> replicate_sd(const replicates<Scalar>& r) {
  using std::sqrt;
  if (r.n_defined() < 2) return std::nullopt;
  Scalar mean(0);
  for (const Scalar& x : r.values) mean += x;
  mean /= static_cast<Scalar>(r.n_defined());
  Scalar squares(0);
  for (const Scalar& x : r.values) squares += (x - mean) * (x - mean);
  return sqrt(squares / static_cast<Scalar>(r.n_defined() - 1));
}

namespace detail {

/// The value at rank (n + 1) p of a sorted list, between neighbours in proportion; the ends beyond them.
template <class Scalar>
[[nodiscard]] Scalar value_at(const std::vector<Scalar>& sorted, const Scalar& p) {
  using std::floor;
  const auto n = std::ssize(sorted);
  const Scalar rank = static_cast<Scalar>(n + 1) * p;
  if (!(rank > 1)) return sorted.front();
  if (!(rank < static_cast<Scalar>(n))) return sorted.back();
  const Scalar whole = floor(rank);
  const auto below = static_cast<index>(whole);
  const Scalar& low = sorted[as_size(below - 1)];
  const Scalar& high = sorted[as_size(below)];
  return low + (rank - whole) * (high - low);
}

[[nodiscard]] inline error bootstrap_failure(const char* function, index n_defined, index n) {
  return {.code = errc::bootstrap_failed,
          .function = function,
          .value = static_cast<double>(n_defined),
          .lower = static_cast<double>(n)};
}

/// Fewer defined replicates than nine in ten are a sample of another kind than the data.
template <class Scalar>
[[nodiscard]] bool enough_defined(const replicates<Scalar>& r) {
  return r.n_defined() >= 2 && 10 * r.n_defined() >= 9 * (r.n_defined() + r.n_undefined);
}

}  // namespace detail

/// The percentile interval of a bootstrap.
/// \param draws  bootstrap values
/// \param level  confidence level
/// \return       the interval between the two quantiles, at ranks (B + 1) p
/// Errors:       errc::bootstrap_failed if fewer than nine in ten replicates have a value; errc::invalid_option
/// Reference:    Efron & Tibshirani (1993), ch. 13
/// R:            boot::boot.ci(type = "perc")
template <class Scalar>
[[nodiscard]] result<basic_interval<Scalar>> percentile_interval(const replicates<Scalar>& draws, double level = 0.95) {
  constexpr const char* function = "percentile_interval";
  if (auto legal = check_level(level, function); !legal) return legal.error();
  if (!detail::enough_defined(draws))
    return detail::bootstrap_failure(function, draws.n_defined(), draws.n_defined() + draws.n_undefined);
  std::vector<Scalar> sorted = draws.values;
  std::sort(sorted.begin(), sorted.end());
  const Scalar tail = (1 - static_cast<Scalar>(level)) / 2;
  return basic_interval<Scalar>{detail::value_at<Scalar>(sorted, tail), detail::value_at<Scalar>(sorted, 1 - tail),
                                level};
}

/// The bias-corrected and accelerated interval of a bootstrap.
/// Model:       quantiles of the bootstrap values at Phi(z0 + (z0 + z) / (1 - a (z0 + z))); z0 from the share of values
///              below the estimate (ties count half), a = sum d^3 / (6 (sum d^2)^1.5), d = mean - jackknife value
/// \param draws       bootstrap values
/// \param left_out    jackknife values of the same statistic
/// \param estimate    of the sample
/// \param level       confidence level
/// \return      the interval; it contains the estimate
/// Errors:      errc::bootstrap_failed if fewer than nine in ten replicates have a value, or nearly all of them lie on one
///              side of the estimate, so that no correction helps; errc::invalid_option
/// Reference:   Efron (1987), doi 10.1080/01621459.1987.10478410
/// R:           boot::boot.ci(type = "bca")
template <class Scalar>
[[nodiscard]] result<basic_interval<Scalar>> bca_interval(const replicates<Scalar>& draws,
                                                          const replicates<Scalar>& left_out, const Scalar& estimate,
                                                          double level = 0.95) {
  using std::pow;
  constexpr const char* function = "bca_interval";
  if (auto legal = check_level(level, function); !legal) return legal.error();
  const error failed = detail::bootstrap_failure(function, draws.n_defined(), draws.n_defined() + draws.n_undefined);
  if (!detail::enough_defined(draws) || !detail::enough_defined(left_out)) return failed;
  std::vector<Scalar> sorted = draws.values;
  std::sort(sorted.begin(), sorted.end());
  const auto first = std::lower_bound(sorted.begin(), sorted.end(), estimate);
  const auto last = std::upper_bound(first, sorted.end(), estimate);
  const Scalar below = static_cast<Scalar>(first - sorted.begin()) + static_cast<Scalar>(last - first) / 2;
  const Scalar share = below / static_cast<Scalar>(std::ssize(sorted));
  if (!(share > 0 && share < 1)) return failed;
  const Scalar bias = normal_quantile<Scalar>(share);

  Scalar mean(0);
  for (const Scalar& x : left_out.values) mean += x;
  mean /= static_cast<Scalar>(left_out.n_defined());
  Scalar squares(0);
  Scalar cubes(0);
  for (const Scalar& x : left_out.values) {
    const Scalar d = mean - x;
    squares += d * d;
    cubes += d * d * d;
  }
  const Scalar acceleration = squares > 0 ? Scalar(cubes / (6 * pow(squares, Scalar(1.5)))) : Scalar(0);

  const Scalar z = normal_quantile<Scalar>((1 + static_cast<Scalar>(level)) / 2);
  if (!(bias < z && bias > -z)) return failed;
  const auto end = [&](const Scalar& side) {
    const Scalar shifted = bias + side;
    const Scalar denominator = 1 - acceleration * shifted;
    if (!(denominator > 0)) return side > 0 ? sorted.back() : sorted.front();
    return detail::value_at<Scalar>(sorted, normal_cdf<Scalar>(bias + shifted / denominator));
  };
  // Ties with the estimate can leave it a rounding outside.
  return basic_interval<Scalar>{(std::min)(Scalar(end(-z)), estimate), (std::max)(Scalar(end(z)), estimate), level};
}

}  // namespace rapport::stats
