// SPDX-License-Identifier: BSL-1.0
// How long a chart runs until it signals: the distribution and mean of the run length, known baseline, normal values.
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include <rapport/core/result.hpp>
#include <rapport/stats/distribution/normal.hpp>

namespace rapport::stats {

/// The run length N of a chart: the number of the first value that signals.
template <class Scalar>
struct run_length {
  Scalar mean{};                   ///< average run length
  std::vector<Scalar> survival{};  ///< P(N > n) for n = 0, 1, ..., as many as were asked for
};

namespace detail {

template <class Scalar>
struct quadrature {
  std::vector<Scalar> node{};    ///< in (-1, 1)
  std::vector<Scalar> weight{};  ///< their sum is 2
};

/// Gauss and Legendre's quadrature, its nodes by Newton's method.
template <class Scalar>
[[nodiscard]] quadrature<Scalar> gauss_legendre(index n) {
  using std::cos;
  using std::fabs;
  quadrature<Scalar> out{std::vector<Scalar>(as_size(n)), std::vector<Scalar>(as_size(n))};
  const Scalar pi = static_cast<Scalar>(3.14159265358979323846264338327950288L);
  for (index i = 0; i < n; ++i) {
    Scalar x = cos(Scalar(pi * (static_cast<Scalar>(i) + Scalar(0.75)) / (static_cast<Scalar>(n) + Scalar(0.5))));
    Scalar slope(0);
    for (int step = 0; step < 100; ++step) {
      Scalar before(1);
      Scalar value = x;
      for (index k = 2; k <= n; ++k) {
        const Scalar next =
            (static_cast<Scalar>(2 * k - 1) * x * value - static_cast<Scalar>(k - 1) * before) / static_cast<Scalar>(k);
        before = value;
        value = next;
      }
      slope = static_cast<Scalar>(n) * (x * value - before) / (x * x - 1);
      const Scalar moved = value / slope;
      x -= moved;
      if (fabs(moved) < 8 * std::numeric_limits<Scalar>::epsilon()) break;
    }
    out.node[as_size(i)] = -x;
    out.weight[as_size(i)] = 2 / ((1 - x * x) * slope * slope);
  }
  return out;
}

template <class Scalar>
[[nodiscard]] Scalar normal_density(const Scalar& x) {
  using std::exp;
  return static_cast<Scalar>(0.398942280401432677939946059934381868L) * exp(Scalar(-x * x / 2));
}

/// Sums P(N > n) over n. `advance` moves the chart by one value and returns the share of the charts still running that it
/// stops. When that share no longer changes, the rest of the sum is a geometric series; `settled` says from which value
/// on the chart's limits stand still.
template <class Scalar, class Advance>
[[nodiscard]] run_length<Scalar> follow_run(index n_survival, index settled, const Advance& advance) {
  using std::fabs;
  run_length<Scalar> out;
  Scalar running(1);
  Scalar stops(0);
  int unchanged = 0;
  bool summed = false;
  for (index n = 0; !summed || n < n_survival; ++n) {
    if (n < n_survival) out.survival.push_back(running);
    if (!summed) out.mean += running;
    const Scalar now = advance();
    unchanged = fabs(now - stops) <= Scalar(1e-8) * now ? unchanged + 1 : 0;
    stops = now;
    running *= 1 - now;
    if (!summed && (running < Scalar(1e-14) || (n >= settled && unchanged >= 5) || n > 2000000)) {
      out.mean = stops > 0 ? Scalar(out.mean + running / stops) : std::numeric_limits<Scalar>::infinity();
      summed = true;
    }
  }
  return out;
}

}  // namespace detail

/// The run length of one one-sided CUSUM.
/// Model:       S_n = max(0, S_n-1 + x_n - k), x_n ~ N(shift, 1), S_0 = head_start; a signal is S_n > h
/// \param k           allowance; not negative
/// \param h           limit; in (0, 100]
/// \param shift       mean of the values, in their SD, towards the side that is watched
/// \param head_start  in [0, h]
/// \param n_survival  how many probabilities P(N > n) to return
/// \return         mean and distribution; of two sums see two_sided_cusum_mean
/// Errors:         errc::invalid_option
/// Numerics:       the density of S_n by Gauss and Legendre's quadrature, a Markov chain on its nodes; 6 digits
/// Not for:        baselines estimated from a few values: their error shortens runs; simulate those
/// Reference:      Brook & Evans (1972), doi 10.1093/biomet/59.3.539
/// R:              spc::xcusum.arl(k, h, shift, hs = head_start, sided = "one")
template <class Scalar>
[[nodiscard]] result<run_length<Scalar>> cusum_run_length(const Scalar& k, const Scalar& h, const Scalar& shift,
                                                          const Scalar& head_start = Scalar(0), index n_survival = 0) {
  using std::fabs;
  const auto refuse = [](const char* what, const Scalar& value, double lower, double upper) {
    return error{.code = errc::invalid_option,
                 .function = "cusum_run_length",
                 .value = static_cast<double>(value),
                 .lower = lower,
                 .upper = upper,
                 .subject = what};
  };
  if (!(k >= 0 && k <= 100)) return refuse("k", k, 0, 100);
  if (!(h > 0 && h <= 100)) return refuse("h", h, 0, 100);
  if (!(fabs(shift) <= 100)) return refuse("shift", shift, -100, 100);
  if (!(head_start >= 0 && head_start <= h)) return refuse("head_start", head_start, 0, static_cast<double>(h));
  if (n_survival < 0) return refuse("n_survival", static_cast<Scalar>(n_survival), 0, 1e9);

  const index n = 24 + static_cast<index>(8 * h);
  const auto rule = detail::gauss_legendre<Scalar>(n);
  std::vector<Scalar> x(as_size(n));
  std::vector<Scalar> step(as_size(n * n));
  std::vector<Scalar> to_zero(as_size(n));
  std::vector<Scalar> beyond(as_size(n));
  for (index i = 0; i < n; ++i) x[as_size(i)] = h / 2 * (rule.node[as_size(i)] + 1);
  for (index from = 0; from < n; ++from) {
    const Scalar at = x[as_size(from)];
    to_zero[as_size(from)] = normal_cdf(Scalar(k - at - shift));
    beyond[as_size(from)] = normal_upper_tail(Scalar(h - at + k - shift));
    for (index to = 0; to < n; ++to)
      step[as_size(from * n + to)] =
          h / 2 * rule.weight[as_size(to)] * detail::normal_density(Scalar(x[as_size(to)] - at + k - shift));
  }
  // Probability at exactly 0 and at the nodes; the first value leaves from the head start.
  Scalar zero(0);
  std::vector<Scalar> mass(as_size(n));
  std::vector<Scalar> next(as_size(n));
  bool started = false;
  const auto advance = [&] {
    Scalar next_zero(0);
    Scalar stops = normal_upper_tail(Scalar(h - head_start + k - shift));
    if (!started) {
      next_zero = normal_cdf(Scalar(k - head_start - shift));
      for (index to = 0; to < n; ++to)
        next[as_size(to)] =
            h / 2 * rule.weight[as_size(to)] * detail::normal_density(Scalar(x[as_size(to)] - head_start + k - shift));
      started = true;
    } else {
      next_zero = zero * normal_cdf(Scalar(k - shift));
      Scalar stopped = zero * normal_upper_tail(Scalar(h + k - shift));
      Scalar running = zero;
      for (index to = 0; to < n; ++to)
        next[as_size(to)] =
            zero * h / 2 * rule.weight[as_size(to)] * detail::normal_density(Scalar(x[as_size(to)] + k - shift));
      for (index from = 0; from < n; ++from) {
        const Scalar here = mass[as_size(from)];
        next_zero += here * to_zero[as_size(from)];
        stopped += here * beyond[as_size(from)];
        running += here;
        for (index to = 0; to < n; ++to) next[as_size(to)] += here * step[as_size(from * n + to)];
      }
      stops = running > 0 ? Scalar(stopped / running) : Scalar(1);
    }
    zero = next_zero;
    mass.swap(next);
    return stops;
  };
  return detail::follow_run<Scalar>(n_survival, 5, advance);
}

/// The average run length of a lower and an upper CUSUM with the same k and h together.
/// Errors:    those of cusum_run_length
/// Reference: Lucas & Crosier (1982), doi 10.1080/00401706.1982.10487759
/// R:         spc::xcusum.arl(k, h, shift, hs = head_start, sided = "two")
template <class Scalar>
[[nodiscard]] result<Scalar> two_sided_cusum_mean(const Scalar& k, const Scalar& h, const Scalar& shift,
                                                  const Scalar& head_start = Scalar(0)) {
  const auto up = cusum_run_length(k, h, shift);
  const auto down = cusum_run_length(k, h, Scalar(-shift));
  const auto up_started = cusum_run_length(k, h, shift, head_start);
  const auto down_started = cusum_run_length(k, h, Scalar(-shift), head_start);
  if (!up_started) return up_started.error();
  if (!up || !down || !down_started) return up.error();
  if (!(down->mean < (std::numeric_limits<Scalar>::max)())) return up_started->mean;
  if (!(up->mean < (std::numeric_limits<Scalar>::max)())) return down_started->mean;
  // Divided through by the product of both: run lengths may be enormous.
  const Scalar rest = up_started->mean / up->mean + down_started->mean / down->mean - 1;
  return rest / (1 / up->mean + 1 / down->mean);
}

/// Which limits an EWMA chart has.
struct ewma_run_options {
  bool exact_limits = true;  ///< limits that widen with the first values; else the asymptotic ones from the start
  bool one_sided = false;    ///< only the side that is watched signals
  index n_survival = 0;      ///< how many probabilities P(N > n) to return
};

/// The run length of an EWMA chart.
/// Model:       Z_n = lambda x_n + (1 - lambda) Z_n-1, x_n ~ N(shift, 1), Z_0 = 0; a signal is |Z_n| beyond its limit
/// \param lambda   weight of the newest value; in (0, 1]
/// \param width    of the limits, in SD of Z; in (0, 20]
/// \param shift    mean of the values, in their SD; one-sided: towards the side that is watched
/// \param options  limits, sides, length of the distribution
/// \return      mean and distribution
/// Errors:      errc::invalid_option
/// Numerics:    as cusum_run_length; one-sided charts are cut 10 SD away on the other side; 6 digits
/// Reference:   Lucas & Saccucci (1990), doi 10.1080/00401706.1990.10484583
/// R:           spc::xewma.arl(lambda, width, shift, sided = "two", limits = "vacl")
template <class Scalar>
[[nodiscard]] result<run_length<Scalar>> ewma_run_length(const Scalar& lambda, const Scalar& width, const Scalar& shift,
                                                         const ewma_run_options& options = {}) {
  using std::fabs;
  using std::sqrt;
  const auto refuse = [](const char* what, const Scalar& value, double lower, double upper) {
    return error{.code = errc::invalid_option,
                 .function = "ewma_run_length",
                 .value = static_cast<double>(value),
                 .lower = lower,
                 .upper = upper,
                 .subject = what};
  };
  if (!(lambda > 0 && lambda <= 1)) return refuse("lambda", lambda, 0, 1);
  if (!(width > 0 && width <= 20)) return refuse("width", width, 0, 20);
  if (!(fabs(shift) <= 100)) return refuse("shift", shift, -100, 100);
  if (options.n_survival < 0) return refuse("n_survival", static_cast<Scalar>(options.n_survival), 0, 1e9);

  const Scalar sd = sqrt(Scalar(lambda / (2 - lambda)));
  const Scalar upper = width * sd;
  // Where the values drift away from the watched side, so does the statistic.
  const Scalar lower = options.one_sided ? Scalar(-10 * sd + (std::min)(Scalar(0), shift)) : Scalar(-upper);
  const index n = 24 + static_cast<index>(8 * (upper - lower) / lambda);
  const auto rule = detail::gauss_legendre<Scalar>(n);
  std::vector<Scalar> x(as_size(n));
  std::vector<Scalar> weight(as_size(n));
  std::vector<Scalar> mass(as_size(n));
  std::vector<Scalar> next_x(as_size(n));
  std::vector<Scalar> next_mass(as_size(n));
  std::vector<Scalar> step;  // transition once the limits stand still
  Scalar forgotten(1);
  bool started = false;
  index settled = 0;
  while (options.exact_limits && settled < 100000 && forgotten > std::numeric_limits<Scalar>::epsilon()) {
    forgotten *= (1 - lambda) * (1 - lambda);
    ++settled;
  }
  forgotten = Scalar(1);
  index moved = 0;
  const auto density = [&](const Scalar& from, const Scalar& to) {
    return detail::normal_density(Scalar((to - (1 - lambda) * from) / lambda - shift)) / lambda;
  };
  const auto advance = [&] {
    ++moved;
    forgotten *= (1 - lambda) * (1 - lambda);
    const Scalar narrow = options.exact_limits && moved <= settled ? Scalar(sqrt(Scalar(1 - forgotten))) : Scalar(1);
    const Scalar from_end = lower * narrow;
    const Scalar half = (upper * narrow - from_end) / 2;
    for (index to = 0; to < n; ++to) {
      next_x[as_size(to)] = from_end + half * (rule.node[as_size(to)] + 1);
      weight[as_size(to)] = half * rule.weight[as_size(to)];
    }
    std::fill(next_mass.begin(), next_mass.end(), Scalar(0));
    // What the new limits stop: the statistic lands beyond them.
    const auto beyond = [&](const Scalar& from) {
      const Scalar rest = (1 - lambda) * from / lambda + shift;
      const Scalar above = normal_upper_tail(Scalar(upper * narrow / lambda - rest));
      return options.one_sided ? above : Scalar(above + normal_cdf(Scalar(from_end / lambda - rest)));
    };
    Scalar stops = beyond(Scalar(0));
    if (started) {
      Scalar stopped(0);
      Scalar running(0);
      for (index from = 0; from < n; ++from) {
        stopped += mass[as_size(from)] * beyond(x[as_size(from)]);
        running += mass[as_size(from)];
      }
      stops = running > 0 ? Scalar(stopped / running) : Scalar(1);
    }
    const bool still = started && moved > settled + 1;
    if (!started) {
      for (index to = 0; to < n; ++to) next_mass[as_size(to)] = density(Scalar(0), next_x[as_size(to)]);
    } else if (!still) {
      for (index from = 0; from < n; ++from) {
        for (index to = 0; to < n; ++to)
          next_mass[as_size(to)] += mass[as_size(from)] * density(x[as_size(from)], next_x[as_size(to)]);
      }
    } else {
      if (step.empty()) {
        step.resize(as_size(n * n));
        for (index from = 0; from < n; ++from) {
          for (index to = 0; to < n; ++to)
            step[as_size(from * n + to)] = density(x[as_size(from)], next_x[as_size(to)]);
        }
      }
      for (index from = 0; from < n; ++from) {
        for (index to = 0; to < n; ++to) next_mass[as_size(to)] += mass[as_size(from)] * step[as_size(from * n + to)];
      }
    }
    started = true;
    for (index to = 0; to < n; ++to) mass[as_size(to)] = next_mass[as_size(to)] * weight[as_size(to)];
    x.swap(next_x);
    return stops;
  };
  return detail::follow_run<Scalar>(options.n_survival, settled + 5, advance);
}

/// The limit h at which a one-sided CUSUM has a given average run length while nothing happens.
/// Errors: errc::invalid_option if no h in (0, 30] gives it
/// R:      spc::xcusum.crit(k, mean, sided = "one")
template <class Scalar>
[[nodiscard]] result<Scalar> cusum_limit_for_mean(const Scalar& k, const Scalar& mean) {
  Scalar low(0.01);
  Scalar high(30);
  for (int halving = 0; halving < 60 && high - low > Scalar(1e-9); ++halving) {
    const Scalar h = (low + high) / 2;
    const auto run = cusum_run_length(k, h, Scalar(0));
    if (!run) return run.error();
    (run->mean < mean ? low : high) = h;
  }
  if (!(mean > 1) || high > Scalar(29.9) || low < Scalar(0.0101)) {
    return error{.code = errc::invalid_option,
                 .function = "cusum_limit_for_mean",
                 .value = static_cast<double>(mean),
                 .lower = 1,
                 .upper = 1e9,
                 .subject = "the mean run length"};
  }
  return (low + high) / 2;
}

/// The limit h at which a one-sided CUSUM signals within n values with a given probability while nothing happens.
/// Errors: errc::invalid_option for a probability outside (0, 1), n below 1, or where no h in (0, 30] gives it
template <class Scalar>
[[nodiscard]] result<Scalar> cusum_limit_for_alarms(const Scalar& k, index n, const Scalar& probability) {
  const auto refuse = [](const char* what, double value, double lower, double upper) {
    return error{.code = errc::invalid_option,
                 .function = "cusum_limit_for_alarms",
                 .value = value,
                 .lower = lower,
                 .upper = upper,
                 .subject = what};
  };
  if (n < 1 || n > 100000) return refuse("n", static_cast<double>(n), 1, 1e5);
  if (!(probability > 0 && probability < 1)) return refuse("probability", static_cast<double>(probability), 0, 1);
  Scalar low(0.01);
  Scalar high(30);
  for (int halving = 0; halving < 60 && high - low > Scalar(1e-9); ++halving) {
    const Scalar h = (low + high) / 2;
    const auto run = cusum_run_length(k, h, Scalar(0), Scalar(0), n + 1);
    if (!run) return run.error();
    (1 - run->survival.back() > probability ? low : high) = h;
  }
  if (high > Scalar(29.9) || low < Scalar(0.0101)) return refuse("probability", static_cast<double>(probability), 0, 1);
  return (low + high) / 2;
}

}  // namespace rapport::stats
