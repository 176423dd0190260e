// SPDX-License-Identifier: BSL-1.0
// Items that seem to run against the rest of their scale. Nothing is turned round here; they are named.
#pragma once

#include <cmath>
#include <vector>

#include <rapport/core/index.hpp>
#include <rapport/stats/linalg/small_symmetric_eigen.hpp>
#include <rapport/stats/matrix.hpp>

namespace rapport {

/// Items that load negatively on the first principal component of the correlations, the component turned so that most of
/// its weight is positive.
/// \param covariance  of the items; an item that does not vary is passed over
/// \return      0-based positions, in order; empty where nothing is suspicious
/// Numerics:    eigenvectors by Jacobi rotations, O(k^3)
/// Not for:     turning items round without looking at their wording
/// R:           psych::alpha(x, check.keys = TRUE) names the same items
template <class Scalar>
[[nodiscard]] std::vector<index> suspected_reversed_items(const stats::matrix<Scalar>& covariance) {
  using std::sqrt;
  const index k = covariance.cols();
  stats::matrix<Scalar> r = stats::matrix<Scalar>::Zero(k, k);
  for (index j = 0; j < k; ++j) {
    for (index i = 0; i < k; ++i) {
      const Scalar scale = covariance(i, i) * covariance(j, j);
      if (scale > 0) r(i, j) = i == j ? Scalar(1) : Scalar(covariance(i, j) / sqrt(scale));
    }
  }
  std::vector<index> out;
  // Where every correlation is positive the first component is too (Perron and Frobenius).
  if (k < 2 || (r.array() >= 0).all()) return out;
  const stats::small_symmetric_eigen<Scalar> eigen(r);
  stats::vector<Scalar> first = eigen.vectors.col(k - 1);
  if (first.sum() < 0) first = -first;
  for (index i = 0; i < k; ++i) {
    if (covariance(i, i) > 0 && first(i) < 0) out.push_back(i);
  }
  return out;
}

}  // namespace rapport
