// SPDX-License-Identifier: BSL-1.0
// Bayesian change points of a normal series with unknown mean and variance: session by session, and in hindsight.
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>
#include <span>
#include <vector>

#include <rapport/core/result.hpp>
#include <rapport/stats/control_chart.hpp>

namespace rapport::stats {

/// What is believed of a segment before it is seen: its precision is Gamma(shape, rate scale), its mean normal around
/// `mean` with the precision of `mean_weight` values.
template <class Scalar>
struct normal_gamma_prior {
  Scalar mean{};
  Scalar mean_weight{1};  ///< positive
  Scalar shape{1};        ///< positive
  Scalar scale{1};        ///< positive; scale / shape is about the variance within a segment
};

namespace detail {

/// log(exp(a) + exp(b)).
template <class Scalar>
[[nodiscard]] Scalar log_add(const Scalar& a, const Scalar& b) {
  using std::exp;
  using std::log1p;
  const Scalar& high = a > b ? a : b;
  const Scalar& low = a > b ? b : a;
  if (!(low > -(std::numeric_limits<Scalar>::max)())) return high;
  return high + log1p(Scalar(exp(Scalar(low - high))));
}

template <class Scalar>
[[nodiscard]] Scalar log_sum(std::span<const Scalar> x) {
  using std::exp;
  using std::log;
  const Scalar high = *std::max_element(x.begin(), x.end());
  if (!(high > -(std::numeric_limits<Scalar>::max)())) return high;
  Scalar sum(0);
  for (const Scalar& each : x) sum += exp(Scalar(each - high));
  return high + log(sum);
}

/// What is believed of a segment after some of its values, and the predictive density of the next: a Student t.
template <class Scalar>
struct segment_belief {
  Scalar mean;
  Scalar weight;
  Scalar shape;
  Scalar scale;
  Scalar log_gamma_step;  // log Gamma(shape + 1/2) - log Gamma(shape)

  explicit segment_belief(const normal_gamma_prior<Scalar>& prior)
      : mean(prior.mean), weight(prior.mean_weight), shape(prior.shape), scale(prior.scale) {
    using std::lgamma;
    log_gamma_step = lgamma(Scalar(shape + Scalar(0.5))) - lgamma(shape);
  }
  [[nodiscard]] Scalar log_predictive(const Scalar& x) const {
    using std::log;
    using std::log1p;
    const Scalar spread = 2 * scale * (weight + 1) / weight;  // degrees of freedom times squared scale
    const Scalar away = x - mean;
    return log_gamma_step - log(Scalar(static_cast<Scalar>(3.14159265358979323846264338327950288L) * spread)) / 2 -
           (shape + Scalar(0.5)) * log1p(Scalar(away * away / spread));
  }
  void update(const Scalar& x) {
    using std::log;
    scale += weight * (x - mean) * (x - mean) / (2 * (weight + 1));
    mean = (weight * mean + x) / (weight + 1);
    weight += 1;
    // Gamma(a + 1) = a Gamma(a): the next step follows from this one without another gamma function.
    log_gamma_step = log(shape) - log_gamma_step;
    shape += Scalar(0.5);
  }
};

template <class Scalar>
[[nodiscard]] result<void> check_belief(const normal_gamma_prior<Scalar>& prior, const Scalar& hazard,
                                        const char* function) {
  using std::isfinite;
  constexpr double huge = 1e300;
  if (!isfinite(prior.mean)) return chart_option(function, "prior mean", static_cast<double>(prior.mean), -huge, huge);
  const auto positive = [](const Scalar& x) { return x > 0 && isfinite(x); };
  if (!positive(prior.mean_weight))
    return chart_option(function, "mean_weight", static_cast<double>(prior.mean_weight), 0, huge);
  if (!positive(prior.shape)) return chart_option(function, "shape", static_cast<double>(prior.shape), 0, huge);
  if (!positive(prior.scale)) return chart_option(function, "scale", static_cast<double>(prior.scale), 0, huge);
  if (!(hazard > 0 && hazard < 1)) return chart_option(function, "hazard", static_cast<double>(hazard), 0, 1);
  return {};
}

}  // namespace detail

/// Follows a series value by value and tells how long its current segment has lasted.
///
/// Model:     after every value a new segment begins with probability `hazard`; within a segment values are normal with a
///            mean and variance of its own, drawn from the prior
/// Missing:   do not give a missing value to update(): the run length counts values, not time
/// Numerics:  in logarithms, exact up to rounding; the t-th value costs O(t)
/// Not for:   reading P(run length 0): it is the hazard always. Look at 1 or 2
/// Reference: Adams & MacKay (2007), arXiv 0710.3742
template <class Scalar>
class run_length_filter {
 public:
  /// Errors: errc::invalid_option for a prior or hazard outside its range
  [[nodiscard]] static result<run_length_filter> make(const normal_gamma_prior<Scalar>& prior, const Scalar& hazard) {
    if (auto legal = detail::check_belief(prior, hazard, "run_length_filter"); !legal) return legal.error();
    return run_length_filter(prior, hazard);
  }

  /// Takes in the next value; finite.
  void update(const Scalar& x) {
    for (std::size_t r = 0; r < log_joint_.size(); ++r) log_joint_[r] += belief_[r].log_predictive(x);
    const Scalar all = detail::log_sum<Scalar>(log_joint_);
    for (Scalar& each : log_joint_) each += log_stay_;
    log_joint_.insert(log_joint_.begin(), all + log_leave_);
    for (auto& each : belief_) each.update(x);
    belief_.insert(belief_.begin(), detail::segment_belief<Scalar>(prior_));
    log_evidence_ = all;
  }

  /// P(run length = r | values so far) for r = 0, 1, ..., number of values: r values belong to the current segment.
  [[nodiscard]] std::vector<Scalar> run_length() const {
    using std::exp;
    std::vector<Scalar> out;
    const Scalar all = detail::log_sum<Scalar>(log_joint_);
    for (const Scalar& each : log_joint_) out.push_back(exp(Scalar(each - all)));
    return out;
  }
  /// The expected level of the current segment if it has lasted r values.
  [[nodiscard]] const Scalar& level(index r) const noexcept { return belief_[as_size(r)].mean; }
  /// The logarithm of the density of all values so far.
  [[nodiscard]] const Scalar& log_evidence() const noexcept { return log_evidence_; }

 private:
  run_length_filter(const normal_gamma_prior<Scalar>& prior, const Scalar& hazard) : prior_(prior) {
    using std::log;
    using std::log1p;
    log_leave_ = log(hazard);
    log_stay_ = log1p(Scalar(-hazard));
    log_joint_.assign(1, Scalar(0));
    belief_.emplace_back(prior);
  }

  normal_gamma_prior<Scalar> prior_;
  Scalar log_leave_{};
  Scalar log_stay_{};
  Scalar log_evidence_{};
  std::vector<Scalar> log_joint_{};
  std::vector<detail::segment_belief<Scalar>> belief_{};
};

/// What all values together say of the changes in a series.
template <class Scalar>
struct change_posterior {
  std::vector<Scalar> probability{};  ///< [t]: a new segment begins at position t; [0] is 0
  std::vector<Scalar> level{};        ///< expected mean at each position
  Scalar expected_changes{};
  Scalar log_evidence{};
};

/// The exact posterior of all segmentations under the model of run_length_filter.
/// \param y       values in order, none missing
/// \param prior   of each segment
/// \param hazard  probability that a segment ends after a value; in (0, 1)
/// \return     where changes are, with what probability, and the expected level
/// Errors:     errc::no_data; errc::missing_value; errc::not_finite; errc::invalid_option; errc::numeric_failure
/// Numerics:   forward and backward sums over all segments, in logarithms; O(n^2) time and memory, no sampling
/// Reference:  Fearnhead (2006), doi 10.1007/s11222-006-8450-8
template <class Scalar>
[[nodiscard]] result<change_posterior<Scalar>> posterior_of_changes(std::span<const Scalar> y,
                                                                    const normal_gamma_prior<Scalar>& prior,
                                                                    const Scalar& hazard) {
  using std::exp;
  using std::isfinite;
  using std::log;
  using std::log1p;
  constexpr const char* self = "posterior_of_changes";
  if (auto legal = detail::check_series(y, self, 1); !legal) return legal.error();
  if (auto legal = detail::check_belief(prior, hazard, self); !legal) return legal.error();
  const std::size_t n = y.size();
  const Scalar leave = log(hazard);
  const Scalar stay = log1p(Scalar(-hazard));
  constexpr auto nothing = -std::numeric_limits<Scalar>::infinity();
  // segment[begin * n + end - 1]: density of the values in [begin, end), with the probability that it lasts so long.
  std::vector<Scalar> segment(n * n, nothing);
  std::vector<Scalar> segment_mean(n * n, Scalar(0));
  for (std::size_t begin = 0; begin < n; ++begin) {
    detail::segment_belief<Scalar> belief(prior);
    Scalar sum(0);
    for (std::size_t end = begin + 1; end <= n; ++end) {
      sum += belief.log_predictive(y[end - 1]) + (end > begin + 1 ? stay : Scalar(0));
      belief.update(y[end - 1]);
      segment[begin * n + end - 1] = sum;
      segment_mean[begin * n + end - 1] = belief.mean;
    }
  }
  // before[t]: values up to t, a segment ends there; behind[t]: values from t on, one begins there.
  std::vector<Scalar> before(n + 1, nothing);
  std::vector<Scalar> behind(n + 1, nothing);
  before[0] = behind[n] = Scalar(0);
  for (std::size_t end = 1; end <= n; ++end) {
    for (std::size_t begin = 0; begin < end; ++begin)
      before[end] = detail::log_add(
          before[end], Scalar(before[begin] + segment[begin * n + end - 1] + (begin > 0 ? leave : Scalar(0))));
  }
  for (std::size_t begin = n; begin-- > 0;) {
    for (std::size_t end = begin + 1; end <= n; ++end)
      behind[begin] = detail::log_add(
          behind[begin], Scalar(segment[begin * n + end - 1] + behind[end] + (end < n ? leave : Scalar(0))));
  }
  change_posterior<Scalar> out;
  out.log_evidence = before[n];
  if (!isfinite(out.log_evidence)) return error{.code = errc::numeric_failure, .function = self};
  out.probability.assign(n, Scalar(0));
  for (std::size_t t = 1; t < n; ++t) {
    out.probability[t] = exp(Scalar(before[t] + leave + behind[t] - out.log_evidence));
    out.expected_changes += out.probability[t];
  }
  std::vector<Scalar> steps(n + 1, Scalar(0));
  for (std::size_t begin = 0; begin < n; ++begin) {
    for (std::size_t end = begin + 1; end <= n; ++end) {
      const Scalar joint = before[begin] + (begin > 0 ? leave : Scalar(0)) + segment[begin * n + end - 1] +
                           (end < n ? leave : Scalar(0)) + behind[end];
      const Scalar share = exp(Scalar(joint - out.log_evidence)) * segment_mean[begin * n + end - 1];
      steps[begin] += share;
      steps[end] -= share;
    }
  }
  Scalar level(0);
  for (std::size_t t = 0; t < n; ++t) out.level.push_back(level += steps[t]);
  return out;
}

}  // namespace rapport::stats
