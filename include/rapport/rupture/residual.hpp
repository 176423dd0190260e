// SPDX-License-Identifier: BSL-1.0
// Ruptures as scores far below the straight line through the client's own sessions.
#pragma once

#include <algorithm>
#include <cmath>
#include <optional>
#include <vector>

#include <rapport/core/result.hpp>
#include <rapport/rupture/detector.hpp>

namespace rapport {

/// Residuals of the least-squares line through the client's own scores.
/// Model:     z_t = (line at t - y_t) / s, s = sqrt(RSS / (n - 2)); with `deleted`, the t-th score is left out of its
///            line and of s, and z_t is divided by the standard error of the prediction. An episode begins where z_t
///            reaches `threshold`; it is repaired at the first score not more than s below the line
/// Missing:   sessions without a score are left out; times count as they are
/// Not for:   alarms during a therapy: the line runs through later sessions, too, and through the rupture itself
/// Reference: the family of regression methods in Eubanks-Carter, Gorman & Muran (2012),
///            doi 10.1080/10503307.2012.693154; threshold and repair are own definitions
/// R:         rstandard and rstudent of lm(y ~ session) come close; with deleted, rstudent is -z
template <class Scalar>
struct basic_residual_detector {
  static constexpr detector_info info{"residual", "residuals of the client's own line, own definition", trust::own};
  Scalar threshold{2};     ///< in SD about the line; positive
  bool deleted = false;    ///< judge each score by the line through the others
  index min_sessions = 6;  ///< scored sessions that a series needs; at least 4

  /// Errors: errc::invalid_option
  [[nodiscard]] result<basic_residual_detector> prepared(const basic_session_panel<Scalar>&) const {
    if (!(threshold > 0 && threshold < Scalar(1e6)))
      return detail::detector_option(info.name, "threshold", static_cast<double>(threshold), 0, 1e6);
    if (min_sessions < 4)
      return detail::detector_option(info.name, "min_sessions", static_cast<double>(min_sessions), 4, 1e6);
    return *this;
  }

  /// Walks one client's series.
  void operator()(const session_series<Scalar>& y, basic_episode_sink<Scalar> out) const {
    using std::sqrt;
    const index n_scored = detail::count_observed(y, 0, y.size());
    if (n_scored < min_sessions) return out.not_evaluable("too few scored sessions");
    const auto n = static_cast<Scalar>(n_scored);
    const auto time = [&](index t) { return y.session[as_size(t)]; };
    const auto each_scored = [&](const auto& act) {
      for (index t = detail::next_observed(y, index{-1}); t < y.size(); t = detail::next_observed(y, t)) act(t);
    };
    Scalar mean_time(0);
    Scalar mean(0);
    each_scored([&](index t) { mean_time += time(t) / n, mean += y[t] / n; });
    Scalar time_squares(0);
    Scalar products(0);
    each_scored([&](index t) {
      time_squares += (time(t) - mean_time) * (time(t) - mean_time);
      products += (time(t) - mean_time) * (y[t] - mean);
    });
    const Scalar slope = products / time_squares;
    const auto line = [&](index t) { return Scalar(mean + slope * (time(t) - mean_time)); };
    Scalar squares(0);
    Scalar total(0);
    each_scored([&](index t) {
      squares += (y[t] - line(t)) * (y[t] - line(t));
      total += (y[t] - mean) * (y[t] - mean);
    });
    // What rounding leaves of the residuals of a straight line is no spread.
    if (!(squares > Scalar(1e-20) * (total + mean * mean))) return out.not_evaluable("the scores lie on a line");
    const Scalar sd = sqrt(Scalar(squares / (n - 2)));
    out.unit(sd);
    out.evaluable(n_scored - 1);

    const auto z = [&](index t) {
      const Scalar fall = line(t) - y[t];
      if (!deleted) return Scalar(fall / sd);
      const Scalar own = 1 - 1 / n - (time(t) - mean_time) * (time(t) - mean_time) / time_squares;
      const Scalar others = squares - fall * fall / own;
      // If all others lie on their line, the score is as far off as a number can say.
      const Scalar least = Scalar(1e-12) * squares;
      return Scalar(fall / sqrt(Scalar((others > least ? others : least) / (n - 3) * own)));
    };
    each_scored([&](index t) { out.session_score(t, z(t)); });
    const auto is_repaired = [&](index, index s) { return y[s] >= line(s) - sd; };
    const index first = detail::next_observed(y, index{-1});
    index pre = first;
    for (index t = detail::next_observed(y, first); t < y.size(); pre = t, t = detail::next_observed(y, t)) {
      if (!(z(t) >= threshold)) continue;
      basic_finding<Scalar> found;
      found.course = follow(y, pre, t, t, 1, is_repaired);
      found.followed = true;
      found.reference = line(found.course.nadir);
      Scalar largest = z(t);
      const index end = found.course.repair.value_or(y.size());
      for (index s = detail::next_observed(y, t); s < end; s = detail::next_observed(y, s))
        largest = (std::max)(largest, z(s));
      found.score = largest;
      out.add(found);
      if (!found.course.repair) return;
      t = end;
    }
  }
};

using residual_detector = basic_residual_detector<double>;

}  // namespace rapport
