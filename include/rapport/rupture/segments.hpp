// SPDX-License-Identifier: BSL-1.0
// Ruptures as segments: each client's series is cut where its mean changes, and lower segments become episodes.
#pragma once

#include <algorithm>
#include <cmath>
#include <optional>
#include <vector>

#include <rapport/core/result.hpp>
#include <rapport/rupture/chart.hpp>
#include <rapport/rupture/detector.hpp>
#include <rapport/stats/change_point/search.hpp>

namespace rapport {

/// Segments of equal mean, by optimal partitioning.
/// Model:     scores / sigma are cut so that squares about the segments' means plus penalties are smallest. An episode
///            begins with a segment whose mean lies below the one before; it is repaired by the first later segment that
///            restores `restored` of the fall, at its first session. score = fall of the mean over its standard error,
///            the errors independent with SD sigma
/// Missing:   scored sessions count as neighbors, whatever lies between: dates are ignored
/// Numerics:  O(n^2) for n scored sessions of a client; above 1000 a series is not judged
/// Not for:   trends, which are cut into steps; autocorrelated scores, which are cut too often
/// Reference: Jackson et al. (2005), doi 10.1109/LSP.2001.838216
template <class Scalar>
struct basic_segment_detector {
  static constexpr detector_info info{"segments", "optimal partitioning, changes of the mean", trust::own};
  stats::penalty_kind penalty = stats::penalty_kind::mbic;  ///< by name, for unit variance
  std::optional<Scalar> penalty_value{};                    ///< instead of the name; not negative
  index min_size = 1;                                       ///< scored sessions in the shortest segment; at least 1
  chart_spread spread = chart_spread::pooled;               ///< whose moving ranges give sigma
  Scalar restored = Scalar(0.5);                            ///< share of the fall that counts as repaired; in (0, 1]
  index min_sessions = 6;                                   ///< scored sessions that a series needs; at least 2

  /// Errors: errc::invalid_option; errc::zero_variance for a pooled spread of 0
  [[nodiscard]] result<basic_segment_detector> prepared(const basic_session_panel<Scalar>& panel) const {
    const auto refuse = [](const char* what, double value, double lower, double upper) {
      return detail::detector_option(info.name, what, value, lower, upper);
    };
    if (penalty_value && !(*penalty_value >= 0 && *penalty_value < Scalar(1e300)))
      return refuse("penalty", static_cast<double>(*penalty_value), 0, 1e300);
    if (min_size < 1) return refuse("min_size", static_cast<double>(min_size), 1, 1e6);
    if (min_sessions < 2) return refuse("min_sessions", static_cast<double>(min_sessions), 2, 1e6);
    if (!(restored > 0 && restored <= 1)) return refuse("restored", static_cast<double>(restored), 0, 1);
    basic_segment_detector out = *this;
    if (spread == chart_spread::pooled) {
      const auto sigma = detail::pooled_chart_sigma(panel, info.name);
      if (!sigma) return sigma.error();
      out.pooled_sigma_ = *sigma;
    }
    return out;
  }

  /// Walks one client's series.
  void operator()(const session_series<Scalar>& y, basic_episode_sink<Scalar> out) const {
    using std::sqrt;
    const detail::scored_sessions<Scalar> scored(y);
    const index n = scored.size();
    if (n < (std::max)(min_sessions, min_size)) return out.not_evaluable("too few scored sessions");
    if (n > longest) return out.not_evaluable("more than 1000 scored sessions");
    Scalar sigma = pooled_sigma_;
    if (spread == chart_spread::own) {
      detail::moving_ranges<Scalar> ranges;
      ranges.add(y, n);
      sigma = ranges.sigma(false).value_or(Scalar(0));
    }
    if (!(sigma > 0)) return out.not_evaluable("neighboring sessions do not differ");
    std::vector<Scalar> scaled = scored.score;
    for (Scalar& each : scaled) each /= sigma;
    const auto cost = stats::mean_cost<Scalar>::make(scaled);
    if (!cost) return out.not_evaluable("the scores are not finite");
    auto price = stats::make_penalty<Scalar>(penalty, n, 1);
    if (penalty_value) price = {*penalty_value, false};
    const auto cut = stats::optimal_partitioning(*cost, price, min_size);
    if (!cut) return out.not_evaluable("too few scored sessions");
    out.unit(sigma);
    out.evaluable(n - 1);

    struct segment {
      index begin;
      index end;
      Scalar mean;
    };
    std::vector<segment> segments;
    index begin = 0;
    for (std::size_t k = 0; k <= cut->changes.size(); ++k) {
      const index end = k < cut->changes.size() ? cut->changes[k] : n;
      Scalar sum(0);
      for (index t = begin; t < end; ++t) sum += scored.score[as_size(t)];
      segments.push_back({begin, end, sum / static_cast<Scalar>(end - begin)});
      begin = end;
    }
    const auto error_of_fall = [&](const segment& a, const segment& b) {
      return Scalar(sigma * sqrt(Scalar(Scalar(1) / static_cast<Scalar>(a.end - a.begin) +
                                        Scalar(1) / static_cast<Scalar>(b.end - b.begin))));
    };
    for (std::size_t k = 1; k < segments.size(); ++k) {
      const segment& high = segments[k - 1];
      const auto fall = [&](const segment& low) { return Scalar(high.mean - low.mean); };
      out.session_score(scored.position[as_size(segments[k].begin)],
                        fall(segments[k]) / error_of_fall(high, segments[k]));
      if (!(fall(segments[k]) > 0)) continue;
      // Further steps down belong to the same episode.
      std::size_t lowest = k;
      std::size_t repair = k + 1;
      for (; repair < segments.size(); ++repair) {
        if (fall(segments[repair]) <= (1 - restored) * fall(segments[lowest])) break;
        if (segments[repair].mean < segments[lowest].mean) lowest = repair;
      }
      const index end = repair < segments.size() ? segments[repair].begin : n;
      index nadir = segments[k].begin;
      for (index t = nadir; t < end; ++t) {
        if (scored.score[as_size(t)] < scored.score[as_size(nadir)]) nadir = t;
      }
      basic_finding<Scalar> found;
      found.course.pre = scored.position[as_size(segments[k].begin - 1)];
      found.course.onset = scored.position[as_size(segments[k].begin)];
      found.course.nadir = scored.position[as_size(nadir)];
      if (repair < segments.size()) found.course.repair = scored.position[as_size(end)];
      found.followed = true;
      found.reference = high.mean;
      found.depth_se = error_of_fall(high, segments[lowest]);
      found.score = fall(segments[lowest]) / *found.depth_se;
      out.add(found);
      k = repair - 1;  // the segment of the repair may be the high one of the next fall
      if (repair < segments.size()) ++k;
    }
  }

 private:
  static constexpr index longest = 1000;
  Scalar pooled_sigma_{};
};

using segment_detector = basic_segment_detector<double>;

}  // namespace rapport
