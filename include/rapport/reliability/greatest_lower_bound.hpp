// SPDX-License-Identifier: BSL-1.0
// The greatest lower bound of reliability: the most error that a covariance matrix allows its items.
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>

#include <rapport/core/result.hpp>
#include <rapport/reliability/alpha.hpp>
#include <rapport/stats/covariance.hpp>
#include <rapport/stats/linalg/cholesky.hpp>
#include <rapport/stats/linalg/small_symmetric_eigen.hpp>

namespace rapport {

/// The greatest lower bound, with what certifies it.
template <class Scalar>
struct basic_greatest_lower_bound {
  Scalar estimate{};
  stats::vector<Scalar> error_variance{};  ///< of the items, as large as the covariances allow in sum
  Scalar gap{};                            ///< the optimum lies in [estimate - gap, estimate]
};

namespace detail {

/// Moves t to where sum w_i t_i + mu (log |r - diag(t)| + sum log t_i) is largest, by damped Newton steps.
///
/// The function is self-concordant, so that a step divided by 1 + decrement never leaves the region.
/// \return a matrix that is mu times feasible for the dual problem: (r - diag(t))^-1 at the centre itself
template <class Scalar>
[[nodiscard]] result<stats::matrix<Scalar>> centre_error_variances(const stats::matrix<Scalar>& r,
                                                                   const stats::vector<Scalar>& w, const Scalar& mu,
                                                                   stats::vector<Scalar>& t) {
  using std::sqrt;
  constexpr int most_steps = 500;
  for (int step = 0;; ++step) {
    stats::matrix<Scalar> common = r;
    common.diagonal() -= t;
    const auto factor = stats::cholesky_factor<Scalar>::make(common);
    if (!factor) return factor.error();
    const stats::matrix<Scalar> inverse = factor->inverse();
    const stats::vector<Scalar> gradient = w / mu - inverse.diagonal() + t.cwiseInverse();
    stats::matrix<Scalar> curvature = inverse.cwiseProduct(inverse);
    curvature.diagonal() += t.cwiseAbs2().cwiseInverse();
    const auto curvature_factor = stats::cholesky_factor<Scalar>::make(curvature);
    if (!curvature_factor) return curvature_factor.error();
    const stats::vector<Scalar> direction = curvature_factor->solve(gradient);
    const Scalar decrement = sqrt((std::max)(Scalar(0), Scalar(direction.dot(gradient))));
    // With this step in it the diagonal of the dual matrix is what it must be, not only nearly so.
    if (decrement < Scalar(0.01) || step == most_steps)
      return stats::matrix<Scalar>(inverse + inverse * direction.asDiagonal() * inverse);
    t += decrement < Scalar(0.25) ? direction : stats::vector<Scalar>(direction / (1 + decrement));
  }
}

}  // namespace detail

/// The greatest lower bound of the reliability of a sum score.
/// Model:       1 - max sum_i t_i / sum_ij c_ij over error variances t_i >= 0 for which c - diag(t) has no negative
///              eigenvalue; no smaller value is compatible with uncorrelated errors
/// \param c     covariances of the items, or correlations for the standardized coefficient
/// \return      the coefficient, the error variances, and the distance to the bound that the dual problem gives
/// Errors:      errc::too_few_columns below 2 items; errc::negative_total_variance if the sum score does not vary;
///              errc::zero_variance naming an item; errc::not_positive_definite if the covariances leave no room for error
/// Missing:     as the covariances handled it; a pairwise matrix need not be positive definite
/// Numerics:    a convex problem, by an interior-point method; for any X without negative eigenvalues and with
///              X_ii >= 1, trace(c X) is no less than the sum of the t_i, and `gap` is the difference, at most 1e-9 for a
///              matrix that is not nearly singular; O(k^3) a step, some hundred steps
/// Not for:     small samples: it exploits chance and overestimates below about 1 000 persons with many items
/// Reference:   Jackson & Agunwamba (1977), doi 10.1007/BF02295979; ten Berge & Socan (2004), doi 10.1007/BF02289858
/// R:           psych::glb.algebraic(c)$glb
template <class Scalar>
[[nodiscard]] result<basic_greatest_lower_bound<Scalar>> greatest_lower_bound(
    const stats::covariance_estimate<Scalar>& c) {
  using std::pow;
  using std::sqrt;
  constexpr const char* function = "greatest_lower_bound";
  if (auto usable = detail::check_alpha_input(c, function); !usable) return usable.error();
  auto r = stats::correlation_from_covariance(c.covariance);
  if (!r) return r.error();
  const index k = r->cols();
  const Scalar total = c.covariance.sum();
  const stats::vector<Scalar> variance = c.covariance.diagonal();
  const stats::vector<Scalar> w = variance / total;
  const Scalar least = stats::small_symmetric_eigen<Scalar>(*r).values(0);
  const Scalar epsilon = std::numeric_limits<Scalar>::epsilon();
  if (!(least > 16 * static_cast<Scalar>(k) * epsilon))
    return error{.code = errc::not_positive_definite, .function = function};

  // On the central path the distance from the optimum is 2 k mu.
  stats::vector<Scalar> t = stats::vector<Scalar>::Constant(k, least / 2);
  const Scalar last = pow(epsilon, Scalar(0.75)) / static_cast<Scalar>(2 * k);
  basic_greatest_lower_bound<Scalar> out;
  out.gap = std::numeric_limits<Scalar>::infinity();
  for (Scalar mu = w.sum();; mu = (std::max)(Scalar(mu / 5), last)) {
    const auto centred = detail::centre_error_variances<Scalar>(*r, w, mu, t);
    if (!centred) break;  // the last digits are spent; what was certified before stands
    stats::matrix<Scalar> dual = mu * *centred;
    const Scalar shortfall = dual.diagonal().cwiseQuotient(w).minCoeff();
    dual /= (std::min)(shortfall, Scalar(1));
    const Scalar sum = w.dot(t);
    const Scalar gap = (std::max)(Scalar(0), Scalar(r->cwiseProduct(dual).sum() - sum));
    if (gap < out.gap) {
      out.estimate = 1 - sum;
      out.error_variance = variance.cwiseProduct(t);
      out.gap = gap;
    }
    if (mu <= last) break;
  }
  if (!(out.gap <= Scalar(1) / 1000)) return error{.code = errc::numeric_failure, .function = function};
  return out;
}

}  // namespace rapport
