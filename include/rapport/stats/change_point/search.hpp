// SPDX-License-Identifier: BSL-1.0
// Where a series changes: optimal partitioning, PELT, best number of segments, binary segmentation, penalty path.
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <vector>

#include <rapport/core/result.hpp>
#include <rapport/stats/change_point/cost.hpp>
#include <rapport/stats/change_point/penalty.hpp>

namespace rapport::stats {

/// A series cut into segments. Segments are half-open; a change is the first position of a new segment, and neither 0 nor
/// the series' size is listed.
template <class Scalar>
struct segmentation {
  std::vector<index> changes{};  ///< increasing
  Scalar cost{};                 ///< sum of the segments' costs, without penalties
  Scalar penalized{};            ///< with them: what the search made small
};

namespace detail {

[[nodiscard]] inline error search_option(const char* function, const char* what, double value, double lower,
                                         double upper) {
  return {.code = errc::invalid_option,
          .function = function,
          .value = value,
          .lower = lower,
          .upper = upper,
          .subject = what};
}

template <class Cost>
[[nodiscard]] result<void> check_search(const Cost& cost, const change_penalty<typename Cost::value_type>& penalty,
                                        index min_size, const char* function) {
  using std::isfinite;
  if (!(penalty.value >= 0 && isfinite(penalty.value)))
    return search_option(function, "penalty", static_cast<double>(penalty.value), 0, 1e300);
  if (min_size < 1) return search_option(function, "min_size", static_cast<double>(min_size), 1, 1e9);
  if (cost.size() < min_size) {
    return error{.code = errc::too_few_rows,
                 .function = function,
                 .value = static_cast<double>(cost.size()),
                 .lower = static_cast<double>(min_size)};
  }
  return {};
}

template <class Scalar>
[[nodiscard]] Scalar log_length(const change_penalty<Scalar>& penalty, index length) {
  using std::log;
  return penalty.log_length ? Scalar(log(static_cast<Scalar>(length))) : Scalar(0);
}

/// The segmentation with given changes, its sums taken anew.
template <class Cost>
[[nodiscard]] segmentation<typename Cost::value_type> with_changes(
    const Cost& cost, std::vector<index> changes, const change_penalty<typename Cost::value_type>& penalty) {
  segmentation<typename Cost::value_type> out;
  index begin = 0;
  for (std::size_t k = 0; k <= changes.size(); ++k) {
    const index end = k < changes.size() ? changes[k] : cost.size();
    out.cost += cost(begin, end);
    out.penalized += log_length(penalty, end - begin);
    begin = end;
  }
  out.penalized += out.cost + penalty.value * static_cast<typename Cost::value_type>(std::ssize(changes));
  out.changes = std::move(changes);
  return out;
}

/// Walks back over the last change before each position.
[[nodiscard]] inline std::vector<index> trace_back(const std::vector<index>& last_change, index n) {
  std::vector<index> changes;
  for (index t = last_change[as_size(n)]; t > 0; t = last_change[as_size(t)]) changes.push_back(t);
  std::reverse(changes.begin(), changes.end());
  return changes;
}

}  // namespace detail

/// The segmentation with the smallest penalized cost, by trying every last change.
/// Model:       minimum over m and changes of sum of costs + m penalty (+ sum of log lengths)
/// \param cost      a segment_cost
/// \param penalty   per change
/// \param min_size  length of the shortest segment; raised to the cost's own
/// \return       the best segmentation; of equals the one whose last change is earliest
/// Errors:       errc::invalid_option; errc::too_few_rows if the series is shorter than one segment
/// Numerics:     exact; O(n^2) costs
/// Reference:    Jackson et al. (2005), doi 10.1109/LSP.2001.838216
template <segment_cost Cost>
[[nodiscard]] result<segmentation<typename Cost::value_type>> optimal_partitioning(
    const Cost& cost, const change_penalty<typename Cost::value_type>& penalty, index min_size = 1) {
  using Scalar = typename Cost::value_type;
  if (auto legal = detail::check_search(cost, penalty, min_size, "optimal_partitioning"); !legal) return legal.error();
  const index n = cost.size();
  const index least = (std::max)(min_size, (std::min)(cost.min_size(), n));
  std::vector<Scalar> best(as_size(n + 1));
  std::vector<index> last(as_size(n + 1), 0);
  best[0] = -penalty.value;
  for (index t = least; t <= n; ++t) {
    best[as_size(t)] = cost(0, t) + detail::log_length(penalty, t);
    for (index s = least; s <= t - least; ++s) {
      const Scalar value = best[as_size(s)] + cost(s, t) + detail::log_length(penalty, t - s) + penalty.value;
      if (value < best[as_size(t)]) {
        best[as_size(t)] = value;
        last[as_size(t)] = s;
      }
    }
  }
  return detail::with_changes(cost, detail::trace_back(last, n), penalty);
}

/// The same by PELT: last changes that can never become the best are forgotten.
/// Model:       s need not be tried at u >= t + min_size once best(s) + cost(s, t) > best(t): from s, the stretch to u
///              costs at least as much as going on from t. Log lengths do not matter to that: the longer stretch has the
///              larger one. The forgetting waits for min_size positions: before that, t is no legal change for u
/// \param cost      a segment_cost
/// \param penalty   per change
/// \param min_size  length of the shortest segment; raised to the cost's own
/// \return       the best segmentation, its cost that of optimal_partitioning up to rounding
/// Errors:       as optimal_partitioning
/// Numerics:     exact, for every minimum length; O(n) when the number of changes grows with n, O(n^2) at worst
/// Reference:    Killick, Fearnhead & Eckley (2012), doi 10.1080/01621459.2012.737745
/// R:            changepoint::cpt.mean(y, method = "PELT"), which forgets too early where min_size > 1 or under MBIC
template <segment_cost Cost>
[[nodiscard]] result<segmentation<typename Cost::value_type>> pelt(
    const Cost& cost, const change_penalty<typename Cost::value_type>& penalty, index min_size = 1) {
  using Scalar = typename Cost::value_type;
  using std::fabs;
  if (auto legal = detail::check_search(cost, penalty, min_size, "pelt"); !legal) return legal.error();
  const index n = cost.size();
  const index least = (std::max)(min_size, (std::min)(cost.min_size(), n));
  std::vector<Scalar> best(as_size(n + 1));
  std::vector<index> last(as_size(n + 1), 0);
  // Candidates for the last change, side by side: the pass over all of them takes the time.
  std::vector<index> from{0};
  std::vector<index> until{(std::numeric_limits<index>::max)()};  // not tried from here on
  std::vector<Scalar> base{-penalty.value};                       // best(from)
  std::vector<Scalar> reach{Scalar(0)};                           // best(from) + cost(from, t)
  best[0] = -penalty.value;
  for (index t = least; t <= n; ++t) {
    if (t >= 2 * least) {
      from.push_back(t - least);
      until.push_back((std::numeric_limits<index>::max)());
      base.push_back(best[as_size(t - least)]);
      reach.emplace_back();
    }
    const std::size_t count = from.size();
    for (std::size_t k = 0; k < count; ++k) reach[k] = base[k] + cost(from[k], t);
    std::size_t at = 0;
    Scalar smallest = reach[0];
    if (penalty.log_length) {
      smallest += detail::log_length(penalty, t - from[0]);
      for (std::size_t k = 1; k < count; ++k) {
        const Scalar value = reach[k] + detail::log_length(penalty, t - from[k]);
        if (value < smallest) smallest = value, at = k;
      }
    } else {
      for (std::size_t k = 1; k < count; ++k) {
        if (reach[k] < smallest) smallest = reach[k], at = k;
      }
    }
    smallest += penalty.value;
    best[as_size(t)] = smallest;
    last[as_size(t)] = from[at];
    // A little slack: rounding must not forget an equal.
    const Scalar limit = smallest + Scalar(1e-10) * (1 + fabs(smallest));
    const auto is_kept = [&](std::size_t k) {
      if (reach[k] > limit) {
        if (least == 1) return false;
        if (until[k] > t + least) until[k] = t + least;
      }
      return least == 1 || t + 1 < until[k];
    };
    std::size_t kept = 0;
    while (kept < count && is_kept(kept)) ++kept;
    for (std::size_t k = kept + 1; k < count; ++k) {
      if (!is_kept(k)) continue;
      from[kept] = from[k];
      until[kept] = until[k];
      base[kept] = base[k];
      ++kept;
    }
    from.resize(kept);
    until.resize(kept);
    base.resize(kept);
    reach.resize(kept);
  }
  return detail::with_changes(cost, detail::trace_back(last, n), penalty);
}

/// The best segmentation for every number of segments.
/// \param cost          a segment_cost
/// \param most_segments  up to so many; fewer come back if the series is too short for them
/// \param min_size      length of the shortest segment; raised to the cost's own
/// \return           for k = 1, 2, ... the cheapest segmentation into k segments; penalized is the cost alone
/// Errors:           errc::invalid_option; errc::too_few_rows
/// Numerics:         exact; O(k n^2) costs
/// Reference:        Auger & Lawrence (1989), doi 10.1007/BF02458835
/// R:                changepoint::cpt.mean(y, method = "SegNeigh", Q = k)
template <segment_cost Cost>
[[nodiscard]] result<std::vector<segmentation<typename Cost::value_type>>> segment_neighborhood(const Cost& cost,
                                                                                                index most_segments,
                                                                                                index min_size = 1) {
  using Scalar = typename Cost::value_type;
  if (auto legal = detail::check_search(cost, change_penalty<Scalar>{}, min_size, "segment_neighborhood"); !legal)
    return legal.error();
  if (most_segments < 1)
    return detail::search_option("segment_neighborhood", "most_segments", static_cast<double>(most_segments), 1, 1e9);
  const index n = cost.size();
  const index least = (std::max)(min_size, (std::min)(cost.min_size(), n));
  const index k_max = (std::min)(most_segments, n / least);
  std::vector<segmentation<Scalar>> out;
  std::vector<Scalar> before(as_size(n + 1));
  std::vector<Scalar> now(as_size(n + 1));
  std::vector<std::vector<index>> last;
  for (index k = 1; k <= k_max; ++k) {
    last.emplace_back(as_size(n + 1), 0);
    for (index t = k * least; t <= n; ++t) {
      now[as_size(t)] = k == 1 ? cost(0, t) : (std::numeric_limits<Scalar>::max)();
      for (index s = (k - 1) * least; k > 1 && s <= t - least; ++s) {
        const Scalar value = before[as_size(s)] + cost(s, t);
        if (value < now[as_size(t)]) {
          now[as_size(t)] = value;
          last.back()[as_size(t)] = s;
        }
      }
    }
    std::vector<index> changes;
    index t = n;
    for (index j = k; j > 1; --j) changes.push_back(t = last[as_size(j - 1)][as_size(t)]);
    std::reverse(changes.begin(), changes.end());
    out.push_back(detail::with_changes(cost, std::move(changes), change_penalty<Scalar>{}));
    before.swap(now);
  }
  return out;
}

/// Splits where one split gains most, and goes on with the parts. Fast, not exact: two opposite changes close together,
/// as of a rupture that is repaired, hide each other.
/// \param cost          a segment_cost
/// \param penalty       a split must gain at least so much
/// \param min_size      length of the shortest segment; raised to the cost's own
/// \param most_changes  splits at most; empty: no limit
/// \return           the segmentation; of equal splits the earliest position is taken
/// Errors:           errc::invalid_option; errc::too_few_rows
/// Reference:        Scott & Knott (1974), doi 10.2307/2529204
/// R:                changepoint::cpt.mean(y, method = "BinSeg"), which keeps other distances from the ends
template <segment_cost Cost>
[[nodiscard]] result<segmentation<typename Cost::value_type>> binary_segmentation(
    const Cost& cost, const change_penalty<typename Cost::value_type>& penalty, index min_size = 1,
    std::optional<index> most_changes = {}) {
  using Scalar = typename Cost::value_type;
  if (auto legal = detail::check_search(cost, penalty, min_size, "binary_segmentation"); !legal) return legal.error();
  if (most_changes && *most_changes < 0)
    return detail::search_option("binary_segmentation", "most_changes", static_cast<double>(*most_changes), 0, 1e9);
  const index n = cost.size();
  const index least = (std::max)(min_size, (std::min)(cost.min_size(), n));
  const auto price = [&](index begin, index end) {
    return cost(begin, end) + detail::log_length(penalty, end - begin);
  };
  struct part {
    index begin;
    index end;
    index split;  // -1: none
    Scalar gain;
  };
  const auto examine = [&](index begin, index end) {
    part out{begin, end, -1, Scalar(0)};
    const Scalar whole = price(begin, end);
    for (index t = begin + least; t + least <= end; ++t) {
      const Scalar gain = whole - price(begin, t) - price(t, end);
      if (out.split < 0 || gain > out.gain) out = {begin, end, t, gain};
    }
    return out;
  };
  std::vector<part> parts{examine(0, n)};
  std::vector<index> changes;
  while (!most_changes || std::ssize(changes) < *most_changes) {
    auto best = parts.end();
    for (auto each = parts.begin(); each != parts.end(); ++each) {
      if (each->split >= 0 && (best == parts.end() || each->gain > best->gain)) best = each;
    }
    if (best == parts.end() || !(best->gain >= penalty.value) || !(best->gain > 0)) break;
    const part split = *best;
    changes.push_back(split.split);
    *best = examine(split.begin, split.split);
    parts.insert(best + 1, examine(split.split, split.end));
  }
  std::sort(changes.begin(), changes.end());
  return detail::with_changes(cost, std::move(changes), penalty);
}

/// One step of the penalty path: the best segmentation from this penalty on, up to the next step's.
template <class Scalar>
struct penalty_step {
  Scalar from{};
  segmentation<Scalar> best{};
};

/// All segmentations that are best for some penalty in a range.
/// \param cost      a segment_cost
/// \param lowest    smallest penalty; not negative
/// \param highest   largest penalty; above it
/// \param min_size  length of the shortest segment; raised to the cost's own
/// \return       steps from the lowest penalty on, with fewer and fewer changes
/// Errors:       errc::invalid_option; errc::too_few_rows
/// Numerics:     exact; one run of pelt for each step, at most two more
/// Reference:    Haynes, Eckley & Fearnhead (2017), doi 10.1080/10618600.2015.1116445
/// R:            changepoint::cpt.mean(y, penalty = "CROPS", pen.value = c(lowest, highest), method = "PELT")
template <segment_cost Cost>
[[nodiscard]] result<std::vector<penalty_step<typename Cost::value_type>>> penalty_path(
    const Cost& cost, const typename Cost::value_type& lowest, const typename Cost::value_type& highest,
    index min_size = 1) {
  using Scalar = typename Cost::value_type;
  if (!(lowest <= highest))
    return detail::search_option("penalty_path", "highest", static_cast<double>(highest), static_cast<double>(lowest),
                                 1e300);
  auto low = pelt(cost, change_penalty<Scalar>{lowest}, min_size);
  if (!low) return low.error();
  const auto high = pelt(cost, change_penalty<Scalar>{highest}, min_size);
  if (!high) return high.error();
  // Segmentations by falling number of changes; between neighbors one looks where their penalized costs are equal.
  std::vector<segmentation<Scalar>> best{*low};
  if (high->changes.size() < low->changes.size()) best.push_back(*high);
  const auto meet = [&](const segmentation<Scalar>& more, const segmentation<Scalar>& fewer) {
    return Scalar((fewer.cost - more.cost) / static_cast<Scalar>(std::ssize(more.changes) - std::ssize(fewer.changes)));
  };
  for (std::size_t k = 0; k + 1 < best.size();) {
    if (best[k].changes.size() == best[k + 1].changes.size() + 1) {
      ++k;
      continue;
    }
    auto between = pelt(cost, change_penalty<Scalar>{meet(best[k], best[k + 1])}, min_size);
    const bool is_new =
        between->changes.size() < best[k].changes.size() && between->changes.size() > best[k + 1].changes.size();
    if (is_new) {
      best.insert(best.begin() + static_cast<std::ptrdiff_t>(k) + 1, std::move(*between));
    } else {
      ++k;
    }
  }
  // A segmentation may be best nowhere: where three lines meet in one point, the middle one is left out.
  std::vector<penalty_step<Scalar>> out;
  for (auto& each : best) {
    Scalar from = lowest;
    while (!out.empty()) {
      from = (std::max)(lowest, meet(out.back().best, each));
      if (from > out.back().from || out.size() == 1) break;
      out.pop_back();
    }
    out.push_back({out.empty() ? lowest : from, std::move(each)});
  }
  return out;
}

}  // namespace rapport::stats
