// SPDX-License-Identifier: BSL-1.0
// The false discovery rate of many tests.
#pragma once

#include <algorithm>
#include <span>
#include <vector>

#include <rapport/core/index.hpp>

namespace rapport::stats {

/// P-values adjusted for the false discovery rate: calling all with an adjusted value of at most q significant keeps the
/// expected share of false ones among them below q.
/// Model:     adjusted_(k) = min over j >= k of m p_(j) / j, at most 1, for the m ordered p-values
/// \param p   p-values, in [0, 1]; they may depend on each other positively
/// \return    adjusted values, in the order of p
/// Reference: Benjamini & Hochberg (1995), doi 10.1111/j.2517-6161.1995.tb02031.x
/// R:         p.adjust(p, "BH")
template <class Scalar>
[[nodiscard]] std::vector<Scalar> false_discovery_adjusted(std::span<const Scalar> p) {
  const index m = std::ssize(p);
  std::vector<index> order(as_size(m));
  for (index i = 0; i < m; ++i) order[as_size(i)] = i;
  std::stable_sort(order.begin(), order.end(), [&](index a, index b) { return p[as_size(a)] < p[as_size(b)]; });
  std::vector<Scalar> out(as_size(m));
  Scalar least(1);
  for (index k = m; k >= 1; --k) {
    const index at = order[as_size(k - 1)];
    least = (std::min)(least, Scalar(p[as_size(at)] * static_cast<Scalar>(m) / static_cast<Scalar>(k)));
    out[as_size(at)] = least;
  }
  return out;
}

}  // namespace rapport::stats
