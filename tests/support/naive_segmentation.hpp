// SPDX-License-Identifier: BSL-1.0
// All segmentations of a short series, against which exact searches are checked.
#pragma once

#include <rapport/core/random.hpp>
#include <rapport/stats/change_point/search.hpp>

#include <cmath>
#include <vector>

namespace rapport_test {

/// The smallest penalized cost of all segmentations with segments of at least `least`, and of each number of segments.
template <class Cost>
struct all_segmentations {
  double best = std::numeric_limits<double>::infinity();
  std::vector<double> cheapest{};  // without penalty, by number of segments less 1

  all_segmentations(const Cost& cost, const rapport::stats::change_penalty<double>& penalty, rapport::index least) {
    const rapport::index n = cost.size();
    cheapest.assign(static_cast<std::size_t>(n), std::numeric_limits<double>::infinity());
    for (unsigned long cuts = 0; cuts < 1UL << (n - 1); ++cuts) {
      double plain = 0;
      double total = 0;
      rapport::index begin = 0;
      std::size_t segments = 0;
      bool legal = true;
      for (rapport::index t = 1; t <= n && legal; ++t) {
        if (t < n && (cuts >> (t - 1) & 1UL) == 0) continue;
        legal = t - begin >= least;
        if (!legal) break;
        plain += cost(begin, t);
        total += cost(begin, t) + (penalty.log_length ? std::log(static_cast<double>(t - begin)) : 0.0) + penalty.value;
        begin = t;
        ++segments;
      }
      if (!legal) continue;
      best = (std::min)(best, total - penalty.value);
      cheapest[segments - 1] = (std::min)(cheapest[segments - 1], plain);
    }
  }
};

inline bool nearly(double a, double b) { return std::fabs(a - b) <= 1e-9 * (1 + std::fabs(b)); }

/// Whether every exact search, with this cost and a random penalty and minimum length, finds the best.
template <class Cost>
bool searches_agree(const Cost& cost, rapport::random_stream& random) {
  namespace stats = rapport::stats;
  const rapport::index least = 1 + random.below(4);
  const rapport::index effective = (std::max)(least, (std::min)(cost.min_size(), cost.size()));
  const stats::change_penalty<double> penalty{random.chance(0.2) ? 0.0 : 6 * random.uniform(), random.chance(0.4)};
  const auto exact = stats::optimal_partitioning(cost, penalty, least);
  const auto pruned = stats::pelt(cost, penalty, least);
  const auto each = stats::segment_neighborhood(cost, cost.size(), least);
  if (cost.size() < least) return !exact && !pruned && !each;
  const all_segmentations<Cost> all(cost, penalty, effective);
  bool good = nearly(exact->penalized, all.best) && nearly(pruned->penalized, all.best);
  for (std::size_t k = 0; k < each->size(); ++k) good = good && nearly((*each)[k].cost, all.cheapest[k]);
  const std::size_t longest = static_cast<std::size_t>(cost.size() / effective);
  return good && each->size() == longest;
}

/// The same for every cost.
inline bool naive_searches_agree(const std::vector<double>& y, rapport::random_stream& random) {
  namespace stats = rapport::stats;
  return searches_agree(*stats::mean_cost<double>::make(y), random) &&
         searches_agree(*stats::mean_variance_cost<double>::make(y), random) &&
         searches_agree(*stats::variance_cost<double>::make(y), random) &&
         searches_agree(*stats::median_cost<double>::make(y), random) &&
         searches_agree(*stats::rank_cost<double>::make(y), random) &&
         searches_agree(*stats::trend_cost<double>::make(y), random);
}

}  // namespace rapport_test
