// SPDX-License-Identifier: BSL-1.0
// One client's scores under a model of stable clients, all at once: deviations and the inverse of their covariance.
#pragma once

#include <algorithm>
#include <cmath>
#include <optional>
#include <vector>

#include <Eigen/Core>

#include <rapport/core/result.hpp>
#include <rapport/rupture/detector.hpp>
#include <rapport/stats/distribution/normal.hpp>
#include <rapport/stats/linalg/cholesky.hpp>
#include <rapport/stats/within_client.hpp>

namespace rapport::detail {

/// A model given, or one fitted to the panel; checked.
/// Errors: those of the model given, of stats::fit_stable_clients, and of validate(session_model)
template <class Scalar>
[[nodiscard]] result<stats::session_model<Scalar>> model_of_stable_clients(
    const basic_session_panel<Scalar>& panel, const std::optional<result<stats::session_model<Scalar>>>& given) {
  auto model = given ? *given : stats::fit_stable_clients(panel);
  if (!model) return model;
  if (auto legal = validate(*model); !legal) return legal.error();
  return model;
}

/// Mean of a normal score of which only is known that it lies at or above `bound`.
template <class Scalar>
[[nodiscard]] Scalar mean_above(const Scalar& mean, const Scalar& sd, const Scalar& bound) {
  using std::exp;
  using std::sqrt;
  const Scalar z = (bound - mean) / sd;
  if (z > Scalar(8)) return bound + sd / z;  // the tail's own expansion, where its probability would vanish
  const Scalar density = exp(Scalar(-z * z / 2)) / sqrt(Scalar(2) * Scalar(3.14159265358979323846L));
  return mean + sd * density / stats::normal_upper_tail(z);
}

/// From where on a score stands for "this much or more": half a step below the upper end of the range.
template <class Scalar>
[[nodiscard]] std::optional<Scalar> ceiling_of(const session_series<Scalar>& y) {
  const auto& range = y.options.range;
  if (!range) return std::nullopt;
  return Scalar(range->upper - range->step / 2);
}

/// The scored sessions of one client: y - mean, and P = inverse covariance under the model.
template <class Scalar>
struct stable_course {
  static constexpr index longest = 1000;  ///< scored sessions; the work grows with their cube

  std::vector<index> position{};
  stats::vector<Scalar> deviation{};  ///< ceiling scores replaced by what they stand for
  stats::vector<Scalar> weighed{};    ///< P times deviation
  stats::matrix<Scalar> precision{};  ///< P

  [[nodiscard]] index size() const noexcept { return std::ssize(position); }

  /// The course of y; empty if y has too many scores, or if rounding leaves no positive definite covariance.
  /// Scores at the ceiling are replaced by their mean given the other scores and that they are at least there, in three
  /// sweeps.
  [[nodiscard]] static std::optional<stable_course> make(const stats::session_model<Scalar>& model,
                                                         const session_series<Scalar>& y) {
    using std::pow;
    using std::sqrt;
    stable_course out;
    for (index t = 0; t < y.size(); ++t) {
      if (y.is_observed(t)) out.position.push_back(t);
    }
    const index n = out.size();
    if (n > longest) return std::nullopt;
    const auto time = [&](index k) { return y.session[as_size(out.position[as_size(k)])]; };
    out.deviation.resize(n);
    stats::matrix<Scalar> covariance(n, n);
    std::vector<Scalar> kept(as_size(n), Scalar(0));
    for (index k = 0; k < n; ++k) {
      out.deviation(k) = y[out.position[as_size(k)]] - model.mean_at(time(k));
      if (k > 0 && model.state_var > 0)
        kept[as_size(k)] = pow(model.state_autocorrelation, Scalar(time(k) - time(k - 1)));
    }
    for (index k = 0; k < n; ++k) {
      const Scalar u = time(k) - model.center;
      Scalar state = model.state_var;
      for (index j = k; j-- > 0;) {
        const Scalar v = time(j) - model.center;
        state *= kept[as_size(j + 1)];
        covariance(k, j) = model.intercept_var + model.intercept_slope_cov * (u + v) + model.slope_var * u * v + state;
      }
      covariance(k, k) = model.intercept_var + 2 * model.intercept_slope_cov * u + model.slope_var * u * u +
                         model.state_var + model.error_var;
    }
    const auto factor = stats::cholesky_factor<Scalar>::make(covariance);
    if (!factor) return std::nullopt;
    out.precision = factor->inverse();
    out.weighed = out.precision * out.deviation;
    if (const auto ceiling = ceiling_of(y)) {
      for (int sweep = 0; sweep < 3; ++sweep) {
        for (index k = 0; k < n; ++k) {
          if (!(y[out.position[as_size(k)]] >= *ceiling)) continue;
          const Scalar variance = 1 / out.precision(k, k);
          const Scalar given_others = out.deviation(k) - out.weighed(k) * variance;
          const Scalar replaced =
              mean_above(given_others, Scalar(sqrt(variance)), Scalar(*ceiling - model.mean_at(time(k))));
          out.weighed += out.precision.col(k) * (replaced - out.deviation(k));
          out.deviation(k) = replaced;
        }
      }
    }
    return out;
  }
};

/// Volatility of one client against the pool, from squares: normal scores whose variance is the pool's times an
/// inverse-gamma factor of mean 1 and the spread of the model's log-normal one.
template <class Scalar>
struct own_volatility {
  Scalar shape{};  ///< 0: all clients alike

  explicit own_volatility(const stats::session_model<Scalar>& model, bool wanted) {
    using std::expm1;
    const Scalar spread = expm1(Scalar(model.log_variance_sd * model.log_variance_sd));
    if (wanted && spread > 0) shape = 2 + 1 / spread;
  }
  /// The factor of SDs, where `squares` is the sum of n squared standardized deviations.
  [[nodiscard]] Scalar factor(const Scalar& squares, index n) const {
    using std::sqrt;
    if (!(shape > 0)) return Scalar(1);
    return sqrt(Scalar((shape - 1 + (std::max)(squares, Scalar(0)) / 2) / (shape + static_cast<Scalar>(n) / 2)));
  }
};

}  // namespace rapport::detail
