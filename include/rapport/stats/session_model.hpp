// SPDX-License-Identifier: BSL-1.0
// A model of stable clients in plain numbers: what a fitted growth curve hands to other modules.
#pragma once

#include <cmath>
#include <optional>

#include <rapport/core/result.hpp>
#include <rapport/data/session_panel.hpp>

namespace rapport::stats {

/// Scores of a client whose alliance is stable:
///
///     y_t = mean_intercept + mean_slope u + b0 + b1 u + s_t + e_t,   u = t - center
///
/// b0, b1 = the client's own level and trend; s_t = a state that wanders around them, with autocorrelation
/// state_autocorrelation at distance 1; e_t = error of one score. Times are session numbers or days. Clients may differ in
/// volatility: state_var and error_var of a client are the model's times exp(w z - w^2 / 2), w = log_variance_sd, z standard
/// normal; the factor is 1 on average. Filters and predictions use the average.
template <class Scalar>
struct session_model {
  Scalar center{};  ///< the time at which u is 0
  Scalar mean_intercept{};
  Scalar mean_slope{};                         ///< per unit of time
  Scalar intercept_var{};                      ///< of b0
  Scalar slope_var{};                          ///< of b1
  Scalar intercept_slope_cov{};                ///< of b0 with b1
  Scalar state_var{};                          ///< of s_t
  Scalar state_autocorrelation{};              ///< in [0, 1)
  Scalar error_var{};                          ///< of e_t
  Scalar log_variance_sd{};                    ///< of the logarithm of clients' own variances; 0: all alike
  std::optional<score_range<Scalar>> range{};  ///< scores are clipped to it and rounded to its step

  [[nodiscard]] Scalar mean_at(const Scalar& t) const { return mean_intercept + mean_slope * (t - center); }
};

/// What a session model expects of a score.
template <class Scalar>
struct score_prediction {
  Scalar mean{};
  Scalar sd{};  ///< of a new score around the mean: state, error and what is not known of the client
};

/// Checks that the numbers form a model.
/// Errors: errc::invalid_option naming the field; errc::not_positive_definite if the covariance of level and trend is
///         larger than their variances allow
template <class Scalar>
[[nodiscard]] result<void> validate(const session_model<Scalar>& model) {
  const auto refuse = [](const char* what, const Scalar& value, double lower, double upper) {
    return error{.code = errc::invalid_option,
                 .function = "session_model",
                 .value = static_cast<double>(value),
                 .lower = lower,
                 .upper = upper,
                 .subject = what};
  };
  constexpr double huge = 1e300;
  using std::isfinite;
  for (const Scalar* number : {&model.center, &model.mean_intercept, &model.mean_slope, &model.intercept_slope_cov}) {
    if (!isfinite(*number)) return refuse("a mean, covariance or center", *number, -huge, huge);
  }
  for (const Scalar* variance : {&model.intercept_var, &model.slope_var, &model.state_var}) {
    if (!(*variance >= 0) || !isfinite(*variance)) return refuse("a variance", *variance, 0, huge);
  }
  if (!(model.error_var > 0) || !isfinite(model.error_var)) return refuse("error_var", model.error_var, 0, huge);
  if (!(model.state_autocorrelation >= 0 && model.state_autocorrelation < 1)) {
    return refuse("state_autocorrelation", model.state_autocorrelation, 0, 1);
  }
  if (!(model.log_variance_sd >= 0 && model.log_variance_sd < 10))
    return refuse("log_variance_sd", model.log_variance_sd, 0, 10);
  const Scalar slack = Scalar(1e-8) * model.intercept_var * model.slope_var;
  if (model.intercept_slope_cov * model.intercept_slope_cov > model.intercept_var * model.slope_var + slack) {
    return error{.code = errc::not_positive_definite, .function = "session_model", .subject = "level and trend"};
  }
  return {};
}

}  // namespace rapport::stats
