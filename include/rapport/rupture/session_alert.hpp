// SPDX-License-Identifier: BSL-1.0
// The alert of the Session Rating Scale: a total below its cut-off, or a fall of a point.
#pragma once

#include <algorithm>

#include <rapport/core/result.hpp>
#include <rapport/rupture/detector.hpp>

namespace rapport {

/// A total below a cut-off, or below the session before by so many points.
/// Model:     an episode begins where y_t < cutoff (<= with `inclusive`) after a session that was not, or where y_t <=
///            y_t-1 - drop; it is repaired at the first score that is not below the cut-off and less than `drop` below
///            the level before. The level is the higher of cut-off and y_t-1; score = level - lowest score
/// Missing:   the scored session before is compared, whatever lies between
/// Not for:   other instruments without another cut-off; totals of other ranges than 0 to 40. The rule's cut-off per
///            item needs the items and is not applied here; a therapy that starts below the cut-off shows no onset
/// Reference: cut-off 36 of 40 from descriptions of the Session Rating Scale, which differ on < and <=; the fall of a
///            point is general knowledge of its use, not checked
template <class Scalar>
struct basic_session_alert {
  static constexpr detector_info info{"srs-alert", "Session Rating Scale, total below 36 or a fall of a point",
                                      trust::abstract_only};
  Scalar cutoff{36};       ///< of the total; finite
  bool inclusive = false;  ///< a total equal to the cut-off counts, too
  Scalar drop{1};          ///< points from one session to the next; positive

  /// Errors: errc::invalid_option
  [[nodiscard]] result<basic_session_alert> prepared(const basic_session_panel<Scalar>&) const {
    if (!(cutoff > Scalar(-1e9) && cutoff < Scalar(1e9)))
      return detail::detector_option(info.name, "cutoff", static_cast<double>(cutoff), -1e9, 1e9);
    if (!(drop > 0 && drop < Scalar(1e9)))
      return detail::detector_option(info.name, "drop", static_cast<double>(drop), 0, 1e9);
    return *this;
  }

  /// Walks one client's series.
  void operator()(const session_series<Scalar>& y, basic_episode_sink<Scalar> out) const {
    const index n = detail::count_observed(y, 0, y.size());
    if (n < 2) return out.not_evaluable("fewer than two scored sessions");
    out.evaluable(n - 1);
    const auto is_low = [&](index t) { return inclusive ? y[t] <= cutoff : y[t] < cutoff; };
    const Scalar least = drop * (1 - Scalar(1e-9));  // scores lie on a grid; rounding must not decide
    index pre = detail::next_observed(y, index{-1});
    for (index t = detail::next_observed(y, pre); t < y.size(); pre = t, t = detail::next_observed(y, t)) {
      const Scalar level = (std::max)(y[pre], cutoff);
      out.session_score(t, level - y[t]);
      const bool falls = y[pre] - y[t] >= least;
      if (!falls && !(is_low(t) && !is_low(pre))) continue;
      const auto is_repaired = [&](index, index s) { return !is_low(s) && y[s] > level - least; };
      basic_finding<Scalar> found;
      found.course = follow(y, pre, t, t, 1, is_repaired);
      found.followed = true;
      found.reference = level;
      found.score = level - y[found.course.nadir];
      out.add(found);
      if (!found.course.repair) return;
      t = *found.course.repair;
    }
  }
};

using session_alert = basic_session_alert<double>;

}  // namespace rapport
