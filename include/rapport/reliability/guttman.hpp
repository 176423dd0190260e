// SPDX-License-Identifier: BSL-1.0
// Guttman's lower bounds of reliability, lambda 1 to 3, 5 and 6, from one covariance matrix.
#pragma once

#include <algorithm>
#include <cmath>
#include <optional>

#include <rapport/core/result.hpp>
#include <rapport/reliability/alpha.hpp>
#include <rapport/stats/covariance.hpp>
#include <rapport/stats/linalg/cholesky.hpp>

namespace rapport {

/// Guttman's lambdas but the fourth, which is the best split half: see split_half.hpp.
template <class Scalar>
struct basic_guttman_lambdas {
  Scalar lambda1{};                 ///< 1 - sum of variances / total
  Scalar lambda2{};                 ///< lambda 1 + sqrt(k / (k - 1) sum of squared covariances) / total
  Scalar lambda3{};                 ///< Cronbach's alpha
  Scalar lambda5{};                 ///< lambda 1 + 2 sqrt(largest sum of an item's squared covariances) / total
  std::optional<Scalar> lambda6{};  ///< from squared multiple correlations; empty if the matrix has no inverse
};

/// Guttman's lower bounds of the reliability of a sum score.
/// Model:       with t = sum of all covariances: lambda 6 = 1 - sum of error variances / t, an item's error variance being
///              what the other items do not explain of it, 1 / (c^-1)_ii
/// \param c     covariances of the items, or correlations for the standardized coefficients
/// \return      the coefficients; lambda 2 is never below lambda 3
/// Errors:      errc::too_few_columns below 2 items; errc::negative_total_variance if the sum score does not vary
/// Missing:     as the covariances handled it
/// Numerics:    closed forms; one Cholesky factor for lambda 6
/// Not for:     small samples: lambda 4 and 6 of many items and few persons overestimate
/// Reference:   Guttman (1945), doi 10.1007/BF02288892
/// R:           psych::guttman(c); lambda 6 of psych::alpha is that of the correlations
template <class Scalar>
[[nodiscard]] result<basic_guttman_lambdas<Scalar>> guttman_lambdas(const stats::covariance_estimate<Scalar>& c) {
  using std::sqrt;
  if (auto usable = detail::check_alpha_input(c, "guttman_lambdas"); !usable) return usable.error();
  const stats::matrix<Scalar>& s = c.covariance;
  const auto k = static_cast<Scalar>(s.cols());
  const Scalar total = s.sum();
  stats::matrix<Scalar> off = s;
  off.diagonal().setZero();
  basic_guttman_lambdas<Scalar> out;
  out.lambda1 = 1 - s.trace() / total;
  out.lambda2 = out.lambda1 + sqrt(k / (k - 1) * off.squaredNorm()) / total;
  out.lambda3 = detail::alpha_of(s);
  out.lambda5 = out.lambda1 + 2 * sqrt(Scalar(off.colwise().squaredNorm().maxCoeff())) / total;
  if (const auto factor = stats::cholesky_factor<Scalar>::make(s)) {
    out.lambda6 = 1 - factor->inverse().diagonal().cwiseInverse().sum() / total;
  }
  return out;
}

}  // namespace rapport
