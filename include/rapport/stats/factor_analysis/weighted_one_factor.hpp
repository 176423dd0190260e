// SPDX-License-Identifier: BSL-1.0
// One factor of correlations that are known with different precision, by weighted least squares.
#pragma once

#include <cmath>

#include <rapport/core/result.hpp>
#include <rapport/stats/factor_analysis/one_factor.hpp>
#include <rapport/stats/factor_analysis/solution.hpp>
#include <rapport/stats/matrix.hpp>
#include <rapport/stats/optimize/bounded_newton.hpp>

namespace rapport::stats {

/// One factor of a correlation matrix by diagonally weighted least squares.
/// Model:       minimises sum over pairs of (r_ij - l_i l_j)^2 / v_ij / 2; uniqueness 1 - l_i^2
/// \param correlation        k x k, k >= 3; need not be positive definite
/// \param sampling_variance  v, above 0 off the diagonal
/// \param least_uniqueness   lower bound of a uniqueness, strictly between 0 and 1
/// \return      loadings (sum not negative) and uniquenesses; read `status` before the numbers
/// Errors:      errc::too_few_columns; errc::size_mismatch; errc::numeric_failure for a variance that is not positive;
///              errc::invalid_option; errc::not_finite
/// Numerics:    bounded Newton with the exact Hessian from first centroid loadings
/// Reference:   Muthen (1984), doi 10.1007/BF02294210
/// R:           lavaan::cfa(..., ordered = TRUE, std.lv = TRUE)
template <class Scalar>
[[nodiscard]] result<factor_solution<Scalar>> fit_weighted_one_factor(const matrix<Scalar>& correlation,
                                                                      const matrix<Scalar>& sampling_variance,
                                                                      double least_uniqueness = 0.005) {
  constexpr const char* function = "fit_weighted_one_factor";
  using std::sqrt;
  const index k = correlation.cols();
  if (auto legal = validate(factor_options{.least_uniqueness = least_uniqueness}); !legal) return legal.error();
  if (k < 3) {
    return error{.code = errc::too_few_columns, .function = function, .value = static_cast<double>(k), .lower = 3};
  }
  if (sampling_variance.rows() != k || sampling_variance.cols() != k) {
    return error{.code = errc::size_mismatch,
                 .function = function,
                 .value = static_cast<double>(sampling_variance.rows()),
                 .lower = static_cast<double>(k),
                 .subject = "the sampling variances"};
  }
  if (!correlation.allFinite()) return error{.code = errc::not_finite, .function = function};
  matrix<Scalar> weight = matrix<Scalar>::Zero(k, k);
  for (index j = 0; j < k; ++j) {
    for (index i = 0; i < k; ++i) {
      if (i == j) continue;
      if (!(sampling_variance(i, j) > 0)) {
        return error{.code = errc::numeric_failure, .function = function, .subject = "the weights"};
      }
      weight(i, j) = 1 / sampling_variance(i, j);
    }
  }
  weight /= weight.maxCoeff();

  const auto objective = [&](const vector<Scalar>& l, second_order<Scalar>& at) {
    const matrix<Scalar> residual = correlation - l * l.transpose();
    const matrix<Scalar> weighted = weight.cwiseProduct(residual);
    at.value = weighted.cwiseProduct(residual).sum() / 4;
    at.gradient = -(weighted * l);
    at.hessian = weight.cwiseProduct(l * l.transpose()) - weighted;
    at.hessian.diagonal() = weight * l.cwiseAbs2();
  };
  const Scalar most = sqrt(1 - static_cast<Scalar>(least_uniqueness));
  const vector<Scalar> upper = vector<Scalar>::Constant(k, most);
  const vector<Scalar> sums = correlation.rowwise().sum();
  const Scalar total = correlation.sum();
  vector<Scalar> l = total > 0 ? vector<Scalar>(sums / sqrt(total)) : vector<Scalar>::Constant(k, Scalar(0.5));
  bounded_newton<Scalar> newton;
  second_order<Scalar> at;
  const auto outcome = newton.minimize(objective, vector<Scalar>(-upper), upper, l, at);
  if (l.sum() < 0) l = -l;

  factor_solution<Scalar> out;
  out.loadings = l;
  out.uniqueness = 1 - l.array().square();
  out.objective = at.value;
  out.evaluations = outcome.evaluations;
  using std::abs;
  for (index i = 0; i < k; ++i) {
    if (!(abs(l(i)) < most)) out.heywood_items.push_back(i);
  }
  out.gradient_norm = detail::free_gradient_norm(at.gradient, out.heywood_items);
  out.status = !outcome.converged          ? factor_status::not_converged
               : out.heywood_items.empty() ? factor_status::converged
                                           : factor_status::heywood;
  return out;
}

}  // namespace rapport::stats
