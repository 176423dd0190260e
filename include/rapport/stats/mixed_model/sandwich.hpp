// SPDX-License-Identifier: BSL-1.0
// Standard errors of fixed effects that stay right when the covariances of a mixed model are wrong: the sandwich.
#pragma once

#include <cmath>
#include <utility>
#include <vector>

#include <rapport/core/config.hpp>
#include <rapport/stats/linalg/cholesky.hpp>
#include <rapport/stats/linalg/small_symmetric_eigen.hpp>
#include <rapport/stats/mixed_model/inference.hpp>

namespace rapport::stats {

/// Corrections of the sandwich for few clusters; m clusters, N rows, p fixed effects.
enum class sandwich_kind : unsigned char {
  cr0,   ///< none
  cr1,   ///< times m / (m - 1)
  cr1s,  ///< times m (N - 1) / ((m - 1)(N - p)), as Stata does
  cr2    ///< residuals corrected so that the estimate is unbiased if the model is right
};

namespace detail {

/// The symmetric power -1/2 of a positive semidefinite matrix; what has no variance stays without.
template <class Scalar>
[[nodiscard]] matrix<Scalar> inverse_root(const matrix<Scalar>& a) {
  using std::sqrt;
  small_symmetric_eigen<Scalar> eigen(a);
  const Scalar least = eigen.values.cwiseAbs().maxCoeff() * std::numeric_limits<Scalar>::epsilon() * 10000;
  vector<Scalar> power(eigen.values.size());
  for (index k = 0; k < power.size(); ++k)
    power(k) = eigen.values(k) > least ? Scalar(1 / sqrt(eigen.values(k))) : Scalar(0);
  return eigen.vectors * power.asDiagonal() * eigen.vectors.transpose();
}

}  // namespace detail

/// The sandwich covariance of the fixed effects of a model of two levels, clustered by its clusters.
/// Model:       C (sum over clusters X_i'V_i^-1 A_i e_i e_i' A_i' V_i^-1 X_i) C, C = (X'V^-1X)^-1, e_i residuals from the
///              mean curve; CR2: A_i = D_i'(D_i (V_i - X_i C X_i') D_i')^(-1/2) D_i with D_i'D_i = V_i, CR0: A_i = 1
/// \param data  the rows of the fit
/// \param fit   the fit, errors independent
/// \param kind  correction for few clusters
/// \return    covariance of the fixed effects
/// Errors:    errc::size_mismatch if fit and data do not belong together; errc::too_few_rows for cr1s without a row
///            to spare; errc::numeric_failure
/// Numerics:  O(n_i^3) per cluster of n_i rows under CR2, O(n_i^2) otherwise
/// Not for:   fewer than some ten clusters without degrees of freedom to go with it
/// Reference: Bell & McCaffrey (2002), Survey Methodology 28, 169-181; Pustejovsky & Tipton (2018), doi
///            10.1080/07350015.2016.1247004
/// R:         clubSandwich::vcovCR(fit, type = "CR2")
template <class Scalar>
[[nodiscard]] result<matrix<Scalar>> sandwich_covariance(const mixed_model_data<Scalar>& data,
                                                         const mixed_model_fit<Scalar>& fit,
                                                         sandwich_kind kind = sandwich_kind::cr2) {
  const index p = data.x.cols();
  const index n = data.y.size();
  if (fit.fixed.size() != p || fit.n_rows != n || fit.random_covariance.rows() != data.z.cols()) {
    return error{.code = errc::size_mismatch,
                 .function = "sandwich_covariance",
                 .value = static_cast<double>(fit.n_rows),
                 .lower = static_cast<double>(n),
                 .subject = "the fit"};
  }
  const auto m = static_cast<Scalar>(data.n_clusters());
  if (kind == sandwich_kind::cr1s && n <= p) {
    return error{.code = errc::too_few_rows,
                 .function = "sandwich_covariance",
                 .value = static_cast<double>(n),
                 .lower = static_cast<double>(p + 1)};
  }
  const vector<Scalar> residual = data.y - data.x * fit.fixed;
  matrix<Scalar> meat = matrix<Scalar>::Zero(p, p);
  for (index c = 0; c < data.n_clusters(); ++c) {
    const index first = data.cluster_begin[as_size(c)];
    const index count = data.cluster_begin[as_size(c) + 1] - first;
    const matrix<Scalar> x = data.x.middleRows(first, count);
    const matrix<Scalar> z = data.z.middleRows(first, count);
    matrix<Scalar> v = z * fit.random_covariance * z.transpose();
    v.diagonal().array() += fit.residual_var;
    const auto factor = cholesky_factor<Scalar>::make(v);
    if (!factor) return factor.error();
    matrix<Scalar> e = residual.segment(first, count);
    if (kind == sandwich_kind::cr2) {
      // v = lower lower'; D is its transpose.
      const matrix<Scalar> lower = factor->lower();
      const matrix<Scalar> expected = v - x * fit.fixed_covariance * x.transpose();
      const matrix<Scalar> root = detail::inverse_root<Scalar>(lower.transpose() * expected * lower);
      e = lower * (root * (lower.transpose() * e));
    }
    const vector<Scalar> score = x.transpose() * factor->solve(e);
    meat += score * score.transpose();
  }
  Scalar scale(1);
  if (kind == sandwich_kind::cr1 || kind == sandwich_kind::cr1s) scale = m / (m - 1);
  if (kind == sandwich_kind::cr1s) scale *= static_cast<Scalar>(n - 1) / static_cast<Scalar>(n - p);
  const matrix<Scalar> out = scale * fit.fixed_covariance * meat * fit.fixed_covariance;
  if (!out.allFinite()) return error{.code = errc::numeric_failure, .function = "sandwich_covariance"};
  return out;
}

RAPPORT_INSTANCE(result<matrix<double>> sandwich_covariance(const mixed_model_data<double>&,
                                                            const mixed_model_fit<double>&, sandwich_kind));

}  // namespace rapport::stats
