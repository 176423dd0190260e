// SPDX-License-Identifier: BSL-1.0
// The course of an episode after its onset: nadir, repair, status and pattern, by one set of rules for all detectors.
#pragma once

#include <algorithm>
#include <optional>

#include <rapport/core/result.hpp>
#include <rapport/data/session_panel.hpp>
#include <rapport/rupture/episode.hpp>

namespace rapport {

/// When a fall counts as repaired, and how long one waits before judging.
template <class Scalar>
struct repair_rule {
  Scalar tolerance{};  ///< repaired is: back to within this of the reference level, in points
  index window = 4;    ///< scored sessions after the nadir (or the repair) that decide the status
  index hold = 1;      ///< scored sessions in a row that a repair must last
};

/// Positions of an episode in a client's series.
struct episode_course {
  index pre = 0;
  index onset = 0;
  index nadir = 0;
  std::optional<index> repair{};
};

namespace detail {

/// The next scored session after t; the series' size if there is none.
template <class Scalar>
[[nodiscard]] index next_observed(const session_series<Scalar>& y, index t) noexcept {
  do {
    ++t;
  } while (t < y.size() && !y.is_observed(t));
  return t;
}

/// The last scored session before t; -1 if there is none.
template <class Scalar>
[[nodiscard]] index previous_observed(const session_series<Scalar>& y, index t) noexcept {
  do {
    --t;
  } while (t >= 0 && !y.is_observed(t));
  return t;
}

/// Scored sessions in [first, last).
template <class Scalar>
[[nodiscard]] index count_observed(const session_series<Scalar>& y, index first, index last) noexcept {
  index count = 0;
  for (index t = first; t < last; ++t) count += y.is_observed(t) ? 1 : 0;
  return count;
}

/// Whether [first, last) has fewer scored sessions than n; looks no further than it must.
template <class Scalar>
[[nodiscard]] bool has_fewer_observed(const session_series<Scalar>& y, index first, index last, index n) noexcept {
  for (index t = first; t < last && n > 0; ++t) n -= y.is_observed(t) ? 1 : 0;
  return n > 0;
}

/// Whether `repaired` holds at s and at the scored sessions behind it, `hold` in all.
template <class Scalar, class Repaired>
[[nodiscard]] bool holds(const session_series<Scalar>& y, index s, index low, index hold, const Repaired& repaired) {
  for (index k = 0; k < hold; ++k, s = next_observed(y, s)) {
    if (s >= y.size() || !repaired(low, s)) return false;
  }
  return true;
}

}  // namespace detail

/// Follows a fall to its nadir and repair.
/// \param y         the client's series
/// \param pre       position of the last session before the fall
/// \param onset     position of the first lower session
/// \param nadir     where to begin looking for the nadir; the onset if nothing better is known
/// \param hold      scored sessions in a row for which `repaired` must hold
/// \param repaired  (position of the nadir so far, position) -> whether the level is back there
/// \return       the positions; a session lower than the nadir so far becomes the nadir
template <class Scalar, class Repaired>
[[nodiscard]] episode_course follow(const session_series<Scalar>& y, index pre, index onset, index nadir, index hold,
                                    const Repaired& repaired) {
  episode_course out{pre, onset, nadir, std::nullopt};
  for (index s = detail::next_observed(y, nadir); s < y.size(); s = detail::next_observed(y, s)) {
    if (y[s] < y[out.nadir]) {
      out.nadir = s;
    } else if (detail::holds(y, s, out.nadir, hold, repaired)) {
      out.repair = s;
      break;
    }
  }
  return out;
}

namespace detail {

template <class Scalar>
[[nodiscard]] episode_status status_of(const session_series<Scalar>& y, const episode_course& course,
                                       const Scalar& reference, const Scalar& recovery,
                                       const repair_rule<Scalar>& rule) {
  if (!course.repair) {
    if (has_fewer_observed(y, course.nadir + 1, y.size(), rule.window)) return episode_status::censored;
    return recovery >= Scalar(0.5) ? episode_status::partial : episode_status::unrepaired;
  }
  // Ordinary ups and downs around the level are neither a relapse nor a gain: both need a distance of their own.
  const Scalar fallen_back =
      reference - (std::max)(Scalar(2 * rule.tolerance), Scalar((reference - y[course.nadir]) / 2));
  const Scalar risen_above = reference + 3 * rule.tolerance;
  bool rose_above = y[*course.repair] >= risen_above;
  index seen = 0;
  for (index s = next_observed(y, *course.repair); s < y.size() && seen < rule.window;
       s = next_observed(y, s), ++seen) {
    if (y[s] < fallen_back) return episode_status::relapsed;
    rose_above = rose_above || y[s] >= risen_above;
  }
  return rose_above ? episode_status::over_repaired : episode_status::repaired;
}

/// Whether the score rose by more than the tolerance and fell again by as much before the episode's end.
template <class Scalar>
[[nodiscard]] bool has_two_nadirs(const session_series<Scalar>& y, index onset, index end, const Scalar& tolerance) {
  Scalar low = y[onset];
  Scalar high_since = y[onset];
  for (index s = next_observed(y, onset); s < end; s = next_observed(y, s)) {
    if (high_since > low + tolerance && y[s] < high_since - tolerance) return true;
    low = (std::min)(low, y[s]);
    high_since = y[s] <= low ? y[s] : (std::max)(high_since, y[s]);
  }
  return false;
}

template <class Scalar>
[[nodiscard]] episode_pattern pattern_of(const session_series<Scalar>& y, const episode_course& course,
                                         const Scalar& tolerance) {
  const index end = course.repair.value_or(y.size());
  if (!course.repair) {
    const bool lowest_at_end = next_observed(y, course.nadir) >= y.size();
    return lowest_at_end && course.nadir > course.onset ? episode_pattern::slide : episode_pattern::step;
  }
  if (has_two_nadirs(y, course.onset, end, tolerance)) return episode_pattern::w;
  index near_nadir = 0;
  for (index s = course.onset; s < end; ++s) {
    if (y.is_observed(s) && y[s] <= y[course.nadir] + tolerance) ++near_nadir;
  }
  if (near_nadir >= 3) return episode_pattern::trough;
  const bool fell_at_once = course.nadir == course.onset;
  const bool rose_at_once = next_observed(y, course.nadir) == *course.repair;
  if (fell_at_once) return rose_at_once ? episode_pattern::v : episode_pattern::drop_then_slope;
  return rose_at_once ? episode_pattern::slope_then_jump : episode_pattern::u;
}

}  // namespace detail

/// Describes an episode whose positions are known: times, depth, duration, recovery, status, pattern, flags.
/// \param y          the client's series
/// \param course     positions
/// \param reference  the level against which the fall is measured
/// \param rule       when a fall counts as repaired
/// \return        the episode without the detector's own fields
template <class Scalar>
[[nodiscard]] basic_episode<Scalar> describe(const session_series<Scalar>& y, const episode_course& course,
                                             const Scalar& reference, const repair_rule<Scalar>& rule) {
  const auto time = [&y](index t) { return y.session[as_size(t)]; };
  basic_episode<Scalar> out;
  out.pre_at = course.pre;
  out.onset_at = course.onset;
  out.nadir_at = course.nadir;
  out.repair_at = course.repair;
  out.pre = time(course.pre);
  out.onset = time(course.onset);
  out.nadir = time(course.nadir);
  if (course.repair) out.repair = time(*course.repair);
  out.reference = reference;
  out.depth = reference - y[course.nadir];
  out.duration = detail::count_observed(y, course.onset, course.repair.value_or(y.size()));

  Scalar best = y[course.nadir];
  index seen = 0;
  for (index s = detail::next_observed(y, course.nadir); s < y.size() && seen < rule.window;
       s = detail::next_observed(y, s), ++seen) {
    best = (std::max)(best, y[s]);
  }
  if (course.repair) best = (std::max)(best, y[*course.repair]);
  out.recovery = out.depth > 0 ? Scalar((best - y[course.nadir]) / out.depth) : Scalar(0);
  out.status = detail::status_of(y, course, reference, out.recovery, rule);
  out.pattern = detail::pattern_of(y, course, rule.tolerance);

  if (detail::has_fewer_observed(y, 0, course.onset, index{3})) out.flags.emplace_back("first sessions");
  if (detail::next_observed(y, course.onset) >= y.size()) out.flags.emplace_back("at end");
  for (index s = course.pre + 1; s <= course.repair.value_or(course.nadir); ++s) {
    const bool skipped_number = y.options.time == session_time::number && time(s) - time(s - 1) > 1;
    if (!y.is_observed(s) || skipped_number) {
      out.flags.emplace_back("gap inside");
      break;
    }
  }
  if (const auto& range = y.options.range) {
    if (y[course.nadir] <= range->lower) out.flags.emplace_back("floor");
    if (y[course.pre] >= range->upper) out.flags.emplace_back("ceiling");
  }
  return out;
}

}  // namespace rapport
