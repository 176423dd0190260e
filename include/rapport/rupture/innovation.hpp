// SPDX-License-Identifier: BSL-1.0
// Ruptures as sessions that a model of stable clients did not expect.
#pragma once

#include <algorithm>
#include <cmath>
#include <optional>
#include <utility>

#include <rapport/core/result.hpp>
#include <rapport/rupture/detail/stable_course.hpp>
#include <rapport/rupture/detector.hpp>
#include <rapport/stats/distribution/normal.hpp>
#include <rapport/stats/session_filter.hpp>

namespace rapport {

/// How surprising a session must be.
struct innovation_options {
  double false_alarms = 0.01;     ///< share of sessions of a stable client that may be called a rupture; in (0, .5)
  double repair_tolerance = 0.5;  ///< back to the expected level within this many SD of a score; not negative
  index hold = 1;                 ///< scored sessions in a row that a repair must last; at least 1
  bool self_scaling = false;      ///< weigh in the volatility that the client showed so far: heavier tails
};

/// Sessions that fall further below what the model expects than its predictive SD allows.
/// Model:       z_t = (E[y_t | y_1..t-1] - y_t) / sd[y_t | y_1..t-1] under a session_model with pooled variances; a
///              rupture begins where z_t exceeds the normal quantile of 1 - false_alarms. While it lasts its sessions
///              are not learned from, so the expected level stays that of before
///              With self_scaling, sd is multiplied by the client's own volatility so far, from the squares of earlier z
///              and an inverse-gamma prior of the model's spread
/// Missing:     exact for sessions without scores, gaps and irregular dates. A score at the ceiling counts as "at least"
/// Not for:     a first session: there is no alliance yet that could rupture
/// Reference:   innovations: Durbin & Koopman (2012), Time Series Analysis by State Space Methods, sec. 2.12
template <class Scalar>
class basic_innovations {
 public:
  static constexpr detector_info info{"innovation", "standardized innovations of a pooled model, own definition",
                                      trust::own};

  /// With a model of stable clients fitted to the panel at hand.
  explicit basic_innovations(const innovation_options& options = {}) : options_(options) {}
  /// With a model given, fitted elsewhere or known beforehand.
  explicit basic_innovations(result<stats::session_model<Scalar>> model, const innovation_options& options = {})
      : model_(std::move(model)), options_(options) {}

  /// Errors: errc::invalid_option; those of validate(session_model), and of stats::fit_stable_clients without a model
  [[nodiscard]] result<basic_innovations> prepared(const basic_session_panel<Scalar>& panel) const {
    const auto refuse = [](const char* what, double value, double lower, double upper) {
      return detail::detector_option("innovations", what, value, lower, upper);
    };
    if (!(options_.false_alarms > 0 && options_.false_alarms < 0.5))
      return refuse("false_alarms", options_.false_alarms, 0, 0.5);
    if (!(options_.repair_tolerance >= 0)) return refuse("repair_tolerance", options_.repair_tolerance, 0, 1e6);
    if (options_.hold < 1) return refuse("hold", static_cast<double>(options_.hold), 1, 1e6);
    basic_innovations out = *this;
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
    const index first = detail::next_observed(y, index{-1});
    const index n_observed = detail::count_observed(y, 0, y.size());
    if (n_observed < 2) return out.not_evaluable("fewer than two scored sessions");
    out.evaluable(n_observed - 1);
    const Scalar score_sd = sqrt(Scalar(model().state_var + model().error_var));
    const Scalar tolerance = static_cast<Scalar>(options_.repair_tolerance) * score_sd;
    out.unit(score_sd);

    stats::session_filter<Scalar> filter(model());
    const detail::own_volatility<Scalar> volatility(model(), options_.self_scaling);
    const auto ceiling = detail::ceiling_of(y);
    Scalar squares(0);  // of the standardized innovations learned from
    index n_learned = 0;
    const auto predict = [&](index t) {
      auto prediction = expected(filter, y, t);
      prediction.sd *= volatility.factor(squares, n_learned);
      return prediction;
    };
    const auto learn = [&](index t) {
      const auto plain = expected(filter, y, t);
      const bool at_ceiling = ceiling && y[t] >= *ceiling;
      const Scalar score = at_ceiling ? detail::mean_above(plain.mean, plain.sd, *ceiling) : y[t];
      if (t != first) {
        const Scalar z = (score - plain.mean) / plain.sd;
        squares += z * z;
        ++n_learned;
      }
      filter.update(y.session[as_size(t)], score);
    };
    learn(first);
    index pre = first;
    const auto judge = [&](index t) {
      const auto prediction = predict(t);
      const Scalar z = (prediction.mean - y[t]) / prediction.sd;
      out.expected(t, prediction);
      out.session_score(t, z);
      return z;
    };
    for (index t = detail::next_observed(y, first); t < y.size(); pre = t, t = detail::next_observed(y, t)) {
      Scalar largest = judge(t);
      if (largest > threshold_) {
        const auto is_repaired = [&](index, index s) { return y[s] >= expected(filter, y, s).mean - tolerance; };
        basic_finding<Scalar> found;
        found.course = follow(y, pre, t, t, options_.hold, is_repaired);
        found.followed = true;
        const auto at_nadir = predict(found.course.nadir);
        found.reference = at_nadir.mean;
        found.depth_se = at_nadir.sd;
        // The filter stays where it was before the onset until the level is back, or to the end.
        const index end = found.course.repair.value_or(y.size());
        for (index s = detail::next_observed(y, t); s < end; s = detail::next_observed(y, s)) {
          largest = (std::max)(largest, judge(s));
        }
        found.score = largest;
        out.add(found);
        if (!found.course.repair) return;
        t = end;
        judge(t);
      }
      learn(t);
    }
  }

 private:
  static stats::score_prediction<Scalar> expected(const stats::session_filter<Scalar>& filter,
                                                  const session_series<Scalar>& y, index t) {
    return filter.predict(y.session[as_size(t)]);
  }
  std::optional<result<stats::session_model<Scalar>>> model_{};
  innovation_options options_;
  Scalar threshold_{};
};

/// Innovations with a model of stable clients fitted to the panel at hand.
[[nodiscard]] inline basic_innovations<double> innovations(const innovation_options& options = {}) {
  return basic_innovations<double>(options);
}
/// Innovations with a model given; a growth fit's session_model() may be passed as it is.
template <class Scalar>
[[nodiscard]] basic_innovations<Scalar> innovations(const result<stats::session_model<Scalar>>& model,
                                                    const innovation_options& options = {}) {
  return basic_innovations<Scalar>(model, options);
}
/// Innovations with a model given in plain numbers.
template <class Scalar>
[[nodiscard]] basic_innovations<Scalar> innovations(const stats::session_model<Scalar>& model,
                                                    const innovation_options& options = {}) {
  return basic_innovations<Scalar>(result<stats::session_model<Scalar>>(model), options);
}

}  // namespace rapport
