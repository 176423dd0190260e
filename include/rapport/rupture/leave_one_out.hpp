// SPDX-License-Identifier: BSL-1.0
// Ruptures as sessions that do not fit the client's other sessions, before and after.
#pragma once

#include <algorithm>
#include <cmath>
#include <optional>
#include <utility>

#include <rapport/core/result.hpp>
#include <rapport/rupture/detail/stable_course.hpp>
#include <rapport/rupture/detector.hpp>
#include <rapport/stats/distribution/normal.hpp>

namespace rapport {

/// How far below the other sessions a session must lie.
struct leave_one_out_options {
  double false_alarms = 0.01;     ///< share of sessions of a stable client that may be called a rupture; in (0, .5)
  double repair_tolerance = 0.5;  ///< back to the level expected at the onset within this many SD of a score
  index hold = 1;                 ///< scored sessions in a row that a repair must last; at least 1
  bool self_scaling = false;      ///< weigh each client's own volatility in: heavier tails
};

/// Sessions that lie further below what all other sessions of the client lead to expect than the predictive SD allows.
/// Model:       z_t = (E[y_t | all others] - y_t) / sd[y_t | all others] under a session_model; with P = inverse
///              covariance, z_t = (P(m - y))_t / sqrt(P_tt). A rupture begins where z_t exceeds the normal quantile of
///              1 - false_alarms
/// Missing:     exact for sessions without scores, gaps and irregular dates. A score at the ceiling counts as "at least"
/// Numerics:    O(n^3) for n scored sessions of a client; above 1000 a series is not judged
/// Not for:     lasting falls: their sessions vouch for each other. The pulse scan finds those
/// Reference:   leave-one-out predictions of a Gaussian process: Rasmussen & Williams (2006), Gaussian Processes for
///              Machine Learning, eq. 5.12
template <class Scalar>
class basic_leave_one_out {
 public:
  static constexpr detector_info info{"innovation-offline",
                                      "leave-one-out predictions of a pooled model, own definition", trust::own};

  /// With a model of stable clients fitted to the panel at hand.
  explicit basic_leave_one_out(const leave_one_out_options& options = {}) : options_(options) {}
  /// With a model given, fitted elsewhere or known beforehand.
  explicit basic_leave_one_out(result<stats::session_model<Scalar>> model, const leave_one_out_options& options = {})
      : model_(std::move(model)), options_(options) {}

  /// Errors: errc::invalid_option; those of validate(session_model), and of stats::fit_stable_clients without a model
  [[nodiscard]] result<basic_leave_one_out> prepared(const basic_session_panel<Scalar>& panel) const {
    if (!(options_.false_alarms > 0 && options_.false_alarms < 0.5))
      return detail::detector_option(info.name, "false_alarms", options_.false_alarms, 0, 0.5);
    if (!(options_.repair_tolerance >= 0))
      return detail::detector_option(info.name, "repair_tolerance", options_.repair_tolerance, 0, 1e6);
    if (options_.hold < 1)
      return detail::detector_option(info.name, "hold", static_cast<double>(options_.hold), 1, 1e6);
    basic_leave_one_out out = *this;
    out.model_ = detail::model_of_stable_clients(panel, model_);
    if (!*out.model_) return out.model_->error();
    out.threshold_ = -stats::normal_quantile(static_cast<Scalar>(options_.false_alarms));
    return out;
  }

  /// The standardized fall from which a session counts; known after prepared().
  [[nodiscard]] const Scalar& threshold() const noexcept { return threshold_; }
  /// The model of stable clients; known after prepared().
  [[nodiscard]] const stats::session_model<Scalar>& model() const noexcept { return **model_; }

  /// Walks one client's series.
  void operator()(const session_series<Scalar>& y, basic_episode_sink<Scalar> out) const {
    using std::sqrt;
    const index n = detail::count_observed(y, 0, y.size());
    if (n < 3) return out.not_evaluable("fewer than three scored sessions");
    if (n > detail::stable_course<Scalar>::longest) return out.not_evaluable("more than 1000 scored sessions");
    const auto course = detail::stable_course<Scalar>::make(model(), y);
    if (!course) return out.not_evaluable("the model cannot be applied");
    const Scalar score_sd = sqrt(Scalar(model().state_var + model().error_var));
    const Scalar tolerance = static_cast<Scalar>(options_.repair_tolerance) * score_sd;
    out.unit(score_sd);
    out.evaluable(n - 1);

    const detail::own_volatility<Scalar> volatility(model(), options_.self_scaling);
    const Scalar squares = course->deviation.dot(course->weighed);
    struct judgement {
      stats::score_prediction<Scalar> expected;
      Scalar z;
    };
    const auto judge = [&](index k) {
      const Scalar sd = 1 / sqrt(course->precision(k, k));
      const Scalar plain = -course->weighed(k) * sd;
      const Scalar scale = volatility.factor(Scalar(squares - plain * plain), n - 1);
      const index t = course->position[as_size(k)];
      const Scalar mean = model().mean_at(y.session[as_size(t)]) + course->deviation(k) + plain * sd;
      return judgement{{mean, sd * scale}, plain / scale};
    };
    for (index k = 0; k < n; ++k) {
      const auto [expected, z] = judge(k);
      out.expected(course->position[as_size(k)], expected);
      out.session_score(course->position[as_size(k)], z);
    }
    for (index k = 1; k < n; ++k) {
      const auto [expected, z] = judge(k);
      if (!(z > threshold_)) continue;
      const index onset = course->position[as_size(k)];
      const Scalar level = expected.mean;
      const auto is_repaired = [&](index, index s) { return y[s] >= level - tolerance; };
      basic_finding<Scalar> found;
      found.course = follow(y, course->position[as_size(k - 1)], onset, onset, options_.hold, is_repaired);
      found.followed = true;
      found.reference = level;
      found.depth_se = expected.sd;
      Scalar largest = z;
      const index end = found.course.repair.value_or(y.size());
      for (++k; k < n && course->position[as_size(k)] < end; ++k) largest = (std::max)(largest, judge(k).z);
      found.score = largest;
      out.add(found);
      // The session of the repair is up to the level and begins nothing.
    }
  }

 private:
  std::optional<result<stats::session_model<Scalar>>> model_{};
  leave_one_out_options options_;
  Scalar threshold_{};
};

/// Leave-one-out detection with a model of stable clients fitted to the panel at hand.
[[nodiscard]] inline basic_leave_one_out<double> leave_one_out(const leave_one_out_options& options = {}) {
  return basic_leave_one_out<double>(options);
}
/// Leave-one-out detection with a model given; a growth fit's session_model() may be passed as it is.
template <class Scalar>
[[nodiscard]] basic_leave_one_out<Scalar> leave_one_out(const result<stats::session_model<Scalar>>& model,
                                                        const leave_one_out_options& options = {}) {
  return basic_leave_one_out<Scalar>(model, options);
}
/// Leave-one-out detection with a model given in plain numbers.
template <class Scalar>
[[nodiscard]] basic_leave_one_out<Scalar> leave_one_out(const stats::session_model<Scalar>& model,
                                                        const leave_one_out_options& options = {}) {
  return basic_leave_one_out<Scalar>(result<stats::session_model<Scalar>>(model), options);
}

}  // namespace rapport
