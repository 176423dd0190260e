// SPDX-License-Identifier: BSL-1.0
// Hidden Markov models with Gaussian states, pooled over many series: fitting, state probabilities, most likely path.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <span>
#include <vector>

#include <rapport/core/missing.hpp>
#include <rapport/core/random.hpp>
#include <rapport/core/result.hpp>
#include <rapport/stats/control_chart.hpp>

namespace rapport::stats {

/// A hidden Markov model: the state wanders, the value is normal around the state's mean.
template <class Scalar>
struct hidden_markov_model {
  std::vector<Scalar> initial{};     ///< probability of each state at the first value
  std::vector<Scalar> transition{};  ///< [i * n + j]: from state i to state j
  std::vector<Scalar> mean{};
  std::vector<Scalar> sd{};

  [[nodiscard]] index n_states() const noexcept { return std::ssize(mean); }
  [[nodiscard]] const Scalar& from_to(index i, index j) const noexcept {
    return transition[as_size(i * n_states() + j)];
  }
};

/// What a series says under a model.
template <class Scalar>
struct hidden_states {
  std::vector<Scalar> probability{};  ///< [t * n + j]: of state j at position t, given all values
  std::vector<index> path{};          ///< the most likely sequence of states
  Scalar log_likelihood{};
  Scalar path_log_likelihood{};  ///< of values and path together
};

namespace detail {

template <class Scalar>
[[nodiscard]] result<void> check_model(const hidden_markov_model<Scalar>& model) {
  using std::fabs;
  using std::isfinite;
  const index n = model.n_states();
  const auto refuse = [](const char* what, double value, double lower, double upper) {
    return chart_option("hidden_markov_model", what, value, lower, upper);
  };
  const bool fits =
      std::ssize(model.sd) == n && std::ssize(model.initial) == n && std::ssize(model.transition) == n * n;
  if (n < 1 || !fits) return refuse("the number of states", static_cast<double>(n), 1, 100);
  for (index i = 0; i < n; ++i) {
    if (!isfinite(model.mean[as_size(i)]))
      return refuse("a mean", static_cast<double>(model.mean[as_size(i)]), -1e300, 1e300);
    if (!(model.sd[as_size(i)] > 0 && isfinite(model.sd[as_size(i)])))
      return refuse("an SD", static_cast<double>(model.sd[as_size(i)]), 0, 1e300);
  }
  for (index row = -1; row < n; ++row) {
    Scalar sum(0);
    for (index j = 0; j < n; ++j) {
      const Scalar& p = row < 0 ? model.initial[as_size(j)] : model.from_to(row, j);
      if (!(p >= 0 && p <= 1)) return refuse("a probability", static_cast<double>(p), 0, 1);
      sum += p;
    }
    if (!(fabs(sum - 1) < Scalar(1e-6))) return refuse("a sum of probabilities", static_cast<double>(sum), 1, 1);
  }
  return {};
}

/// Forward and backward sums of one series, scaled at each step.
template <class Scalar>
struct forward_backward {
  std::vector<Scalar> density{};   // of the values, scaled by the largest of each step
  std::vector<Scalar> forward{};   // sums to 1 at each step
  std::vector<Scalar> backward{};  // times forward: probability of the state
  std::vector<Scalar> scale{};
  Scalar log_likelihood{};

  void run(const hidden_markov_model<Scalar>& model, std::span<const Scalar> y) {
    using std::exp;
    using std::log;
    const std::size_t n = model.mean.size();
    const std::size_t length = y.size();
    density.assign(length * n, Scalar(1));
    forward.assign(length * n, Scalar(0));
    backward.assign(length * n, Scalar(1));
    scale.assign(length, Scalar(1));
    log_likelihood = Scalar(0);
    std::vector<Scalar> logs(n);
    for (std::size_t t = 0; t < length; ++t) {
      if (!is_missing(y[t])) {
        Scalar largest = -std::numeric_limits<Scalar>::infinity();
        for (std::size_t j = 0; j < n; ++j) {
          const Scalar z = (y[t] - model.mean[j]) / model.sd[j];
          logs[j] = -z * z / 2 - log(model.sd[j]) - static_cast<Scalar>(0.918938533204672741780329736405617640L);
          const Scalar& reach = t == 0 ? model.initial[j] : reachable(model, t, j);
          if (reach > 0) largest = (std::max)(largest, logs[j]);
        }
        for (std::size_t j = 0; j < n; ++j) density[t * n + j] = exp(Scalar(logs[j] - largest));
        log_likelihood += largest;
      }
      Scalar sum(0);
      for (std::size_t j = 0; j < n; ++j) {
        const Scalar p = (t == 0 ? model.initial[j] : reachable(model, t, j)) * density[t * n + j];
        // Where another state is reachable, one that is not may have a larger density: 0 times infinity is 0.
        forward[t * n + j] = p == p ? p : Scalar(0);
        sum += forward[t * n + j];
      }
      for (std::size_t j = 0; j < n; ++j) forward[t * n + j] /= sum;
      scale[t] = sum;
      log_likelihood += log(sum);
    }
    for (std::size_t t = length; t-- > 1;) {
      for (std::size_t i = 0; i < n; ++i) {
        Scalar sum(0);
        for (std::size_t j = 0; j < n; ++j) sum += step(model, t, i, j);
        backward[(t - 1) * n + i] = sum;
      }
    }
  }
  /// From i at t - 1 to j at t with all that follows; times forward(t - 1, i) the probability of the pair.
  [[nodiscard]] Scalar step(const hidden_markov_model<Scalar>& model, std::size_t t, std::size_t i,
                            std::size_t j) const {
    const std::size_t n = model.mean.size();
    const Scalar p = model.transition[i * n + j];
    return p > 0 ? Scalar(p * density[t * n + j] * backward[t * n + j] / scale[t]) : Scalar(0);
  }

 private:
  [[nodiscard]] Scalar reachable(const hidden_markov_model<Scalar>& model, std::size_t t, std::size_t j) const {
    const std::size_t n = model.mean.size();
    Scalar sum(0);
    for (std::size_t i = 0; i < n; ++i) sum += forward[(t - 1) * n + i] * model.transition[i * n + j];
    return sum;
  }
};

}  // namespace detail

/// State probabilities and the most likely path of one series.
/// \param model  probabilities that sum to 1, positive SDs
/// \param y      values in order; a missing one says nothing about its state
/// \return    probabilities, path and log-likelihoods
/// Errors:    errc::invalid_option for a model that is none; errc::no_data; errc::not_finite
/// Numerics:  scaled sums; O(length x states^2)
/// Reference: Rabiner (1989), doi 10.1109/5.18626
/// R:         depmixS4::posterior(fit, type = "smoothing")
template <class Scalar>
[[nodiscard]] result<hidden_states<Scalar>> decode_states(const hidden_markov_model<Scalar>& model,
                                                          std::span<const Scalar> y) {
  using std::isinf;
  using std::log;
  if (auto legal = detail::check_model(model); !legal) return legal.error();
  if (y.empty()) return error{.code = errc::no_data, .function = "decode_states"};
  for (index t = 0; t < std::ssize(y); ++t) {
    if (isinf(y[as_size(t)])) return error{.code = errc::not_finite, .function = "decode_states", .row = t};
  }
  const std::size_t n = model.mean.size();
  detail::forward_backward<Scalar> sums;
  sums.run(model, y);
  hidden_states<Scalar> out;
  out.log_likelihood = sums.log_likelihood;
  for (std::size_t k = 0; k < y.size() * n; ++k) out.probability.push_back(sums.forward[k] * sums.backward[k]);

  std::vector<Scalar> best(n);
  std::vector<Scalar> next(n);
  std::vector<std::size_t> came_from(y.size() * n, 0);
  for (std::size_t t = 0; t < y.size(); ++t) {
    for (std::size_t j = 0; j < n; ++j) {
      Scalar value = t == 0 ? Scalar(log(model.initial[j])) : -std::numeric_limits<Scalar>::infinity();
      for (std::size_t i = 0; t > 0 && i < n; ++i) {
        const Scalar through = best[i] + log(model.transition[i * n + j]);
        if (through > value) value = through, came_from[t * n + j] = i;
      }
      if (!is_missing(y[t])) {
        const Scalar z = (y[t] - model.mean[j]) / model.sd[j];
        value += -z * z / 2 - log(model.sd[j]) - static_cast<Scalar>(0.918938533204672741780329736405617640L);
      }
      next[j] = value;
    }
    best.swap(next);
  }
  std::size_t at = static_cast<std::size_t>(std::max_element(best.begin(), best.end()) - best.begin());
  out.path_log_likelihood = best[at];
  out.path.assign(y.size(), 0);
  for (std::size_t t = y.size(); t-- > 0;) {
    out.path[t] = static_cast<index>(at);
    at = came_from[t * n + at];
  }
  return out;
}

/// How a hidden Markov model is fitted.
template <class Scalar>
struct hidden_markov_options {
  index n_states = 2;     ///< 1 to 10
  Scalar least_sd{};      ///< SDs are not smaller; 0: a thousandth of the SD of all values
  bool equal_sd = false;  ///< one SD for all states
  index n_starts = 12;    ///< searches from different starts; the best result counts
  index n_steps = 2000;   ///< of each search at most
  std::uint64_t seed = 20240229;
};

/// A fitted hidden Markov model.
template <class Scalar>
struct hidden_markov_fit {
  hidden_markov_model<Scalar> model{};  ///< states by increasing mean
  Scalar log_likelihood{};
  bool converged = false;    ///< the best search stopped by itself
  bool at_least_sd = false;  ///< a state has shrunk to the least SD: too many states, or values that repeat
};

/// Fits one model to many series by maximum likelihood.
/// \param series   values in order of each; missing ones say nothing
/// \param options  states, least SD, starts
/// \return      the best model found, its states by increasing mean
/// Errors:      errc::no_data; errc::not_finite (row = series); errc::zero_variance; errc::too_few_rows with fewer than
///              four values per state; errc::invalid_option
/// Numerics:    expectation-maximization from several starts until the log-likelihood gains less than 1e-10 of itself;
///              a local optimum may win
/// Not for:     single short series: pool clients
/// Reference:   Baum et al. (1970), doi 10.1214/aoms/1177697196
/// R:           depmixS4::fit(depmix(y ~ 1, nstates = n, ntimes = lengths))
template <class Scalar>
[[nodiscard]] result<hidden_markov_fit<Scalar>> fit_hidden_markov(std::span<const std::vector<Scalar>> series,
                                                                  const hidden_markov_options<Scalar>& options = {}) {
  using std::fabs;
  using std::isinf;
  using std::sqrt;
  constexpr const char* self = "fit_hidden_markov";
  if (options.n_states < 1 || options.n_states > 10)
    return detail::chart_option(self, "n_states", static_cast<double>(options.n_states), 1, 10);
  if (options.n_starts < 1)
    return detail::chart_option(self, "n_starts", static_cast<double>(options.n_starts), 1, 1e6);
  if (options.n_steps < 1) return detail::chart_option(self, "n_steps", static_cast<double>(options.n_steps), 1, 1e9);
  if (!(options.least_sd >= 0))
    return detail::chart_option(self, "least_sd", static_cast<double>(options.least_sd), 0, 1e300);
  std::vector<Scalar> all;
  for (index k = 0; k < std::ssize(series); ++k) {
    for (const Scalar& y : series[as_size(k)]) {
      if (isinf(y)) return error{.code = errc::not_finite, .function = self, .row = k};
      if (!is_missing(y)) all.push_back(y);
    }
  }
  if (all.empty()) return error{.code = errc::no_data, .function = self};
  const std::size_t n = as_size(options.n_states);
  if (all.size() < 4 * n) {
    return error{.code = errc::too_few_rows,
                 .function = self,
                 .value = static_cast<double>(all.size()),
                 .lower = static_cast<double>(4 * n)};
  }
  std::sort(all.begin(), all.end());
  Scalar mean(0);
  for (const Scalar& y : all) mean += y / static_cast<Scalar>(all.size());
  Scalar squares(0);
  for (const Scalar& y : all) squares += (y - mean) * (y - mean);
  const Scalar sd = sqrt(Scalar(squares / static_cast<Scalar>(all.size())));
  if (all.front() == all.back()) return error{.code = errc::zero_variance, .function = self, .subject = "the series"};
  const Scalar least = options.least_sd > 0 ? options.least_sd : Scalar(sd / 1000);

  hidden_markov_fit<Scalar> out;
  bool any = false;
  detail::forward_backward<Scalar> sums;
  for (index start = 0; start < options.n_starts; ++start) {
    random_stream random(options.seed, static_cast<std::uint64_t>(start));
    const auto uniform = [&] { return static_cast<Scalar>(random.uniform()); };
    hidden_markov_model<Scalar> model;
    const Scalar stay = start == 0 ? Scalar(0.9) : Scalar(Scalar(0.3) + Scalar(0.65) * uniform());
    for (std::size_t j = 0; j < n; ++j) {
      const Scalar place = (static_cast<Scalar>(j) + (start == 0 ? Scalar(0.5) : uniform())) / static_cast<Scalar>(n);
      model.mean.push_back(
          all[(std::min)(all.size() - 1, static_cast<std::size_t>(place * static_cast<Scalar>(all.size())))]);
      model.sd.push_back(
          (std::max)(least, Scalar(sd * (start == 0 ? Scalar(0.6) : Scalar(Scalar(0.2) + Scalar(0.8) * uniform())))));
      model.initial.push_back(Scalar(1) / static_cast<Scalar>(n));
    }
    for (std::size_t i = 0; i < n; ++i) {
      for (std::size_t j = 0; j < n; ++j)
        model.transition.push_back(n == 1   ? Scalar(1)
                                   : i == j ? stay
                                            : Scalar((1 - stay) / static_cast<Scalar>(n - 1)));
    }
    Scalar log_likelihood = -std::numeric_limits<Scalar>::infinity();
    bool converged = false;
    for (index step = 0; step < options.n_steps && !converged; ++step) {
      std::vector<Scalar> first(n), moved(n * n), weight(n), sum(n), squares_about(n);
      Scalar total(0);
      for (const auto& y : series) {
        if (y.empty()) continue;
        sums.run(model, y);
        total += sums.log_likelihood;
        for (std::size_t t = 0; t < y.size(); ++t) {
          for (std::size_t j = 0; j < n; ++j) {
            const Scalar p = sums.forward[t * n + j] * sums.backward[t * n + j];
            if (t == 0) first[j] += p;
            if (!is_missing(y[t])) {
              const Scalar away = y[t] - model.mean[j];
              weight[j] += p;
              sum[j] += p * away;
              squares_about[j] += p * away * away;
            }
            for (std::size_t i = 0; t > 0 && i < n; ++i)
              moved[i * n + j] += sums.forward[(t - 1) * n + i] * sums.step(model, t, i, j);
          }
        }
      }
      converged = fabs(total - log_likelihood) <= Scalar(1e-10) * (1 + fabs(total));
      log_likelihood = total;
      if (converged) break;
      Scalar n_series(0);
      for (const Scalar& each : first) n_series += each;
      Scalar pooled(0);
      Scalar pooled_weight(0);
      for (std::size_t j = 0; j < n; ++j) {
        model.initial[j] = first[j] / n_series;
        Scalar left(0);
        for (std::size_t k = 0; k < n; ++k) left += moved[j * n + k];
        for (std::size_t k = 0; k < n && left > 0; ++k) model.transition[j * n + k] = moved[j * n + k] / left;
        if (!(weight[j] > 0)) continue;
        const Scalar shift = sum[j] / weight[j];
        model.mean[j] += shift;
        const Scalar rest = (std::max)(Scalar(0), Scalar(squares_about[j] - weight[j] * shift * shift));
        pooled += rest;
        pooled_weight += weight[j];
        model.sd[j] = (std::max)(least, Scalar(sqrt(Scalar(rest / weight[j]))));
      }
      if (options.equal_sd) {
        const Scalar shared = (std::max)(least, Scalar(sqrt(Scalar(pooled / pooled_weight))));
        std::fill(model.sd.begin(), model.sd.end(), shared);
      }
    }
    if (!any || log_likelihood > out.log_likelihood) {
      any = true;
      out.model = model;
      out.log_likelihood = log_likelihood;
      out.converged = converged;
    }
  }
  // By increasing mean, so that the same state has the same number.
  std::vector<std::size_t> order(n);
  for (std::size_t j = 0; j < n; ++j) order[j] = j;
  std::sort(order.begin(), order.end(),
            [&](std::size_t a, std::size_t b) { return out.model.mean[a] < out.model.mean[b]; });
  hidden_markov_model<Scalar> sorted = out.model;
  for (std::size_t i = 0; i < n; ++i) {
    sorted.initial[i] = out.model.initial[order[i]];
    sorted.mean[i] = out.model.mean[order[i]];
    sorted.sd[i] = out.model.sd[order[i]];
    for (std::size_t j = 0; j < n; ++j) sorted.transition[i * n + j] = out.model.transition[order[i] * n + order[j]];
    out.at_least_sd = out.at_least_sd || !(sorted.sd[i] > least);
  }
  out.model = sorted;
  return out;
}

RAPPORT_INSTANCE(result<hidden_markov_fit<double>> fit_hidden_markov(std::span<const std::vector<double>>,
                                                                     const hidden_markov_options<double>&));

}  // namespace rapport::stats
