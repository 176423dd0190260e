// SPDX-License-Identifier: BSL-1.0
// The drop-repair engine: nearly all published criterion rules are this one machine with other settings.
#pragma once

#include <algorithm>
#include <optional>
#include <vector>

#include <rapport/core/result.hpp>
#include <rapport/rupture/detector.hpp>
#include <rapport/stats/session_spread.hpp>

namespace rapport {

/// Against what a fall is measured.
enum class drop_reference : unsigned char {
  previous,       ///< the session before
  highest_before  ///< the highest of the `reference_window` scored sessions before
};

/// In what unit a fall is measured.
enum class drop_unit : unsigned char {
  points,                   ///< points of the score
  own_sd,                   ///< SD of the client's own scores: contains the rupture itself
  pooled_sd,                ///< SD within clients, pooled over all
  between_sd,               ///< SD of the clients' means
  grand_sd,                 ///< SD of all scores of all clients
  larger_of_own_and_pooled  ///< the stricter of two
};

/// Whether a fall may take several sessions.
enum class decline_kind : unsigned char {
  single_session,  ///< from one session to the next
  monotone         ///< a run of sessions each lower than the one before
};

/// What counts as a repair.
enum class repair_kind : unsigned char {
  within_tolerance,  ///< back to within repair_value units of the level before the fall
  rise,              ///< repair_value units above the nadir
  share              ///< this share of the fall regained
};

/// The drop-repair engine with its settings; presets are in presets.hpp.
/// Model:       a fall of at least k units from the reference begins an episode; its nadir is the lowest score until
///              the repair; episodes do not overlap
/// Missing:     two sessions are compared only if both have scores and lie at most max_gap apart; others are not
///              evaluable and are not counted
/// Not for:     conclusions without the chance level: on short series without any rupture, most clients show one fall
///              of two of their own SD
/// Reference:   settings of the published rules: presets.hpp
template <class Scalar>
struct basic_drop_repair {
  detector_info info{"drop-repair", "own defaults: two pooled within-client SD", trust::own};
  drop_reference reference = drop_reference::previous;
  index reference_window = 3;  ///< for highest_before
  drop_unit unit = drop_unit::pooled_sd;
  Scalar k{2};  ///< threshold in units; positive
  decline_kind decline = decline_kind::monotone;
  repair_kind repair = repair_kind::within_tolerance;
  Scalar repair_value{0.5};             ///< see repair_kind; not negative
  index window = 0;                     ///< scored sessions after the nadir in which a repair counts; 0: to the end
  index hold = 1;                       ///< scored sessions in a row that a repair must last
  index min_sessions = 4;               ///< scored sessions that a series needs
  Scalar max_gap{0};                    ///< largest distance of two compared sessions; 0: 1 session, or 28 days
  std::optional<Scalar> unit_points{};  ///< the unit in points where it is the same for all clients; set by prepared()

  /// Checks the settings and learns the unit from all clients.
  /// Errors: errc::invalid_option naming the setting; errc::zero_variance if the unit is zero or cannot be had
  [[nodiscard]] result<basic_drop_repair> prepared(const basic_session_panel<Scalar>& panel) const {
    if (auto legal = check(); !legal) return legal.error();
    basic_drop_repair out = *this;
    const auto spread = stats::spread_of(panel);
    switch (unit) {
      case drop_unit::points: out.unit_points = Scalar(1); return out;
      case drop_unit::own_sd: return out;
      case drop_unit::between_sd: out.unit_points = spread.between; break;
      case drop_unit::grand_sd: out.unit_points = spread.grand; break;
      case drop_unit::pooled_sd:
      case drop_unit::larger_of_own_and_pooled: out.unit_points = spread.within; break;
    }
    if (!out.unit_points || !(*out.unit_points > 0)) {
      return error{.code = errc::zero_variance, .function = info.name, .subject = "the score"};
    }
    return out;
  }

  /// Walks one client's series.
  void operator()(const session_series<Scalar>& y, basic_episode_sink<Scalar> out) const {
    if (detail::count_observed(y, 0, y.size()) < min_sessions) return out.not_evaluable("too few scored sessions");
    const Scalar points = unit_for(y);
    if (!(points > 0)) return out.not_evaluable("the scores do not vary");
    out.unit(points);

    index n_evaluable = 0;
    // Scores lie on a grid, so falls of exactly k units are common; rounding must not decide them.
    const Scalar threshold = k * points * (1 - Scalar(1e-9));
    for (index t = detail::next_observed(y, index{-1}); t < y.size();) {
      const index pre = t;
      const index next = detail::next_observed(y, t);
      t = next;
      if (next >= y.size() || !comparable(y, pre, next)) continue;
      ++n_evaluable;
      const Scalar level = reference_level(y, pre);
      const index low = bottom_of_decline(y, pre, next);
      const Scalar fall = level - y[low];
      out.session_score(next, (level - y[next]) / points);
      if (low == pre || fall < threshold) continue;

      const auto is_repaired = [&](index nadir, index s) {
        if (window > 0 && !detail::has_fewer_observed(y, nadir + 1, s + 1, window + 1)) return false;
        const Scalar slack = points * Scalar(1e-9);
        switch (repair) {
          case repair_kind::within_tolerance: return y[s] >= level - repair_value * points - slack;
          case repair_kind::rise: return y[s] - y[nadir] >= repair_value * points - slack;
          case repair_kind::share: return y[s] - y[nadir] >= repair_value * (level - y[nadir]) - slack;
        }
        return false;
      };
      basic_finding<Scalar> found;
      found.course = follow(y, pre, next, low, hold, is_repaired);
      found.followed = true;
      found.reference = level;
      found.score = (level - y[found.course.nadir]) / points;
      out.add(found);
      // The transitions inside the episode were judged too; the walk goes on behind it.
      const index resume = found.course.repair.value_or(found.course.nadir);
      for (index s = next; s < resume; s = detail::next_observed(y, s)) {
        const index after = detail::next_observed(y, s);
        if (after <= resume && comparable(y, s, after)) ++n_evaluable;
      }
      t = resume;
    }
    out.evaluable(n_evaluable);
  }

 private:
  [[nodiscard]] result<void> check() const {
    error e{.code = errc::invalid_option, .function = info.name, .lower = 0, .upper = 1e6};
    const auto refuse = [&e](std::string_view what, double value, double least) {
      e.subject = what;
      e.value = value;
      e.lower = least;
      return e;
    };
    if (!(k > 0 && k < Scalar(1e6))) return refuse("k", static_cast<double>(k), 0);
    if (!(repair_value >= 0 && repair_value < Scalar(1e6)))
      return refuse("repair_value", static_cast<double>(repair_value), 0);
    if (hold < 1) return refuse("hold", static_cast<double>(hold), 1);
    if (window < 0) return refuse("window", static_cast<double>(window), 0);
    if (min_sessions < 2) return refuse("min_sessions", static_cast<double>(min_sessions), 2);
    if (reference_window < 1) return refuse("reference_window", static_cast<double>(reference_window), 1);
    if (!(max_gap >= 0)) return refuse("max_gap", static_cast<double>(max_gap), 0);
    return {};
  }

  [[nodiscard]] Scalar unit_for(const session_series<Scalar>& y) const {
    const Scalar own = stats::series_sd(y).value_or(Scalar(0));
    if (unit == drop_unit::own_sd) return own;
    const Scalar shared = unit_points.value_or(Scalar(unit == drop_unit::points ? 1 : 0));
    return unit == drop_unit::larger_of_own_and_pooled ? (std::max)(own, shared) : shared;
  }

  [[nodiscard]] bool comparable(const session_series<Scalar>& y, index a, index b) const {
    const Scalar usual(y.options.time == session_time::number ? 1 : 28);
    return y.session[as_size(b)] - y.session[as_size(a)] <= (max_gap > 0 ? max_gap : usual);
  }

  [[nodiscard]] Scalar reference_level(const session_series<Scalar>& y, index pre) const {
    Scalar level = y[pre];
    if (reference == drop_reference::previous) return level;
    index s = pre;
    for (index seen = 1; seen < reference_window; ++seen) {
      s = detail::previous_observed(y, s);
      if (s < 0) break;
      level = (std::max)(level, y[s]);
    }
    return level;
  }

  /// The last session of the run of falls that begins at `next`; `pre` itself if `next` is not lower.
  [[nodiscard]] index bottom_of_decline(const session_series<Scalar>& y, index pre, index next) const {
    if (!(y[next] < y[pre])) return pre;
    index low = next;
    if (decline == decline_kind::single_session) return low;
    for (index s = detail::next_observed(y, low); s < y.size() && y[s] < y[low] && comparable(y, low, s);
         s = detail::next_observed(y, s)) {
      low = s;
    }
    return low;
  }
};

/// The engine that most programs use.
using drop_repair = basic_drop_repair<double>;

}  // namespace rapport
