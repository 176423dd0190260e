// SPDX-License-Identifier: BSL-1.0
// The Kalman filter of a session model: what to expect next of one client, given the sessions so far.
#pragma once

#include <cmath>

#include <Eigen/Core>

#include <rapport/stats/session_model.hpp>

namespace rapport::stats {

/// Follows one client through the sessions, in order of time; each step costs the same however long the therapy.
///
/// Model:       that of session_model, in state-space form with state (b0, b1, s_t)
/// Missing:     a session without a score is simply not given to update(); gaps in time need nothing special
/// Numerics:    exact: the product of the predictive densities is the model's likelihood; O(1) per session
/// Not for:     sessions out of order: time must not run backwards
/// Reference:   Durbin & Koopman (2012), Time Series Analysis by State Space Methods, ch. 4
template <class Scalar>
class session_filter {
 public:
  /// \param model  a valid model (see validate)
  explicit session_filter(const session_model<Scalar>& model) : model_(model) {
    covariance_.setZero();
    covariance_(0, 0) = model.intercept_var;
    covariance_(1, 1) = model.slope_var;
    covariance_(0, 1) = covariance_(1, 0) = model.intercept_slope_cov;
    covariance_(2, 2) = model.state_var;
  }

  /// What the model expects at time t, given the scores so far; t is not before the last one.
  [[nodiscard]] score_prediction<Scalar> predict(const Scalar& t) const {
    using std::sqrt;
    session_filter there = *this;
    there.move_to(t);
    const row load = there.loading(t);
    return {model_.mean_at(t) + load.dot(there.mean_),
            sqrt(Scalar(load.dot(there.covariance_ * load)) + model_.error_var)};
  }

  /// Takes in the score at time t.
  void update(const Scalar& t, const Scalar& score) {
    move_to(t);
    const row load = loading(t);
    const row along = covariance_ * load;
    const Scalar variance = load.dot(along) + model_.error_var;
    const Scalar surprise = score - model_.mean_at(t) - load.dot(mean_);
    mean_ += along * (surprise / variance);
    covariance_ -= along * along.transpose() / variance;
  }

 private:
  using row = Eigen::Matrix<Scalar, 3, 1, Eigen::DontAlign>;
  using square = Eigen::Matrix<Scalar, 3, 3, Eigen::DontAlign>;

  [[nodiscard]] row loading(const Scalar& t) const { return row(Scalar(1), t - model_.center, Scalar(1)); }

  void move_to(const Scalar& t) {
    using std::pow;
    if (started_ && model_.state_var > 0) {
      const Scalar kept = t > time_ ? Scalar(pow(model_.state_autocorrelation, Scalar(t - time_))) : Scalar(1);
      mean_(2) *= kept;
      covariance_.col(2) *= kept;
      covariance_.row(2) *= kept;
      covariance_(2, 2) += model_.state_var * (1 - kept * kept);
    }
    time_ = t;
    started_ = true;
  }

  session_model<Scalar> model_;
  row mean_ = row::Zero();
  square covariance_;
  Scalar time_{};
  bool started_ = false;
};

}  // namespace rapport::stats
