// SPDX-License-Identifier: BSL-1.0
// Which detected episode belongs to which true one.
#pragma once

#include <algorithm>
#include <optional>
#include <span>
#include <vector>

#include <rapport/rupture/course.hpp>
#include <rapport/rupture/episode.hpp>

namespace rapport::detail {

/// A true episode at positions of its client's series, [begin, end); empty if no scored session falls into it.
template <class Scalar>
struct placed_truth {
  const basic_true_episode<Scalar>* truth = nullptr;
  index begin = 0;
  index end = 0;
};

template <class Scalar>
[[nodiscard]] placed_truth<Scalar> place(const basic_true_episode<Scalar>& truth, const session_series<Scalar>& y) {
  index begin = 0;
  while (begin < y.size() && !(y.is_observed(begin) && y.session[as_size(begin)] >= truth.onset)) ++begin;
  index end = begin;
  while (end < y.size() && !(truth.repair && y.session[as_size(end)] >= *truth.repair)) ++end;
  return {&truth, begin, end};
}

/// Where a detected episode ends: before its repair, or with the series.
template <class Scalar>
[[nodiscard]] index end_of(const basic_episode<Scalar>& e, const session_series<Scalar>& y) {
  return e.repair_at.value_or(y.size());
}

/// Whether some scored session belongs to both.
template <class Scalar>
[[nodiscard]] bool overlap(const placed_truth<Scalar>& t, const basic_episode<Scalar>& e,
                           const session_series<Scalar>& y) {
  return count_observed(y, (std::max)(t.begin, e.onset_at), (std::min)(t.end, end_of(e, y))) > 0;
}

/// Pairs of true and detected episodes of one client. In order of time, each true episode gets the first detected one
/// that overlaps it and is not taken; no pairing of such intervals has more pairs.
template <class Scalar>
[[nodiscard]] std::vector<std::optional<std::size_t>> pair_episodes(std::span<const placed_truth<Scalar>> truths,
                                                                    std::span<const basic_episode<Scalar>> detected,
                                                                    const session_series<Scalar>& y) {
  std::vector<std::optional<std::size_t>> out(truths.size());
  std::vector<bool> taken(detected.size(), false);
  for (std::size_t t = 0; t < truths.size(); ++t) {
    for (std::size_t e = 0; e < detected.size() && !out[t]; ++e) {
      if (taken[e] || !overlap(truths[t], detected[e], y)) continue;
      out[t] = e;
      taken[e] = true;
    }
  }
  return out;
}

}  // namespace rapport::detail
