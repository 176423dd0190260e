// SPDX-License-Identifier: BSL-1.0
// Sampling covariances of the loadings and uniquenesses of one factor.
#pragma once

#include <rapport/core/result.hpp>
#include <rapport/stats/factor_analysis/solution.hpp>
#include <rapport/stats/linalg/cholesky.hpp>
#include <rapport/stats/matrix.hpp>

namespace rapport::stats {

namespace detail {

/// Expected information of (loadings, uniquenesses) in one person, 2k x 2k, from the inverse of the implied matrix:
/// 1/2 tr(S^-1 dS S^-1 dS) for each pair of parameters.
template <class Scalar>
[[nodiscard]] matrix<Scalar> one_factor_information(const matrix<Scalar>& inverse, const vector<Scalar>& loadings) {
  const index k = loadings.size();
  const vector<Scalar> a = inverse * loadings;
  const Scalar q = loadings.dot(a);
  matrix<Scalar> out(2 * k, 2 * k);
  for (index j = 0; j < k; ++j) {
    for (index i = 0; i < k; ++i) {
      out(i, j) = a(i) * a(j) + inverse(i, j) * q;
      out(i, k + j) = out(k + j, i) = inverse(i, j) * a(j);
      out(k + i, k + j) = inverse(i, j) * inverse(i, j) / 2;
    }
  }
  return out;
}

}  // namespace detail

/// Covariances of the estimates of one factor, from the expected information of normal items.
/// Model:       the inverse of n I, I the information about (loadings, uniquenesses) in one person
/// \param fit   a solution with one factor
/// \param n     persons behind the matrix that was analysed
/// \return      2k x 2k, loadings first; rows and columns of uniquenesses that stand on their bound are zero, since such
///              a uniqueness is taken as known
/// Errors:      errc::too_few_rows below 2 persons; errc::not_positive_definite where the parameters are not identified,
///              as with two loadings of zero
/// Numerics:    two Cholesky factors; O(k^3)
/// Not for:     answers at the floor or ceiling of the scale: bootstrap there
/// Reference:   Lawley & Maxwell (1971), Factor Analysis as a Statistical Method, ch. 5
/// R:           vcov(lavaan::cfa(..., std.lv = TRUE))
template <class Scalar>
[[nodiscard]] result<matrix<Scalar>> one_factor_sampling_covariance(const factor_solution<Scalar>& fit, index n) {
  constexpr const char* function = "one_factor_sampling_covariance";
  if (n < 2)
    return error{.code = errc::too_few_rows, .function = function, .value = static_cast<double>(n), .lower = 2};
  const auto implied = cholesky_factor<Scalar>::make(fit.implied());
  if (!implied) return error{.code = errc::not_positive_definite, .function = function, .subject = "the model"};
  const index k = fit.n_items();
  matrix<Scalar> information = detail::one_factor_information<Scalar>(implied->inverse(), fit.loadings.col(0));
  for (const index i : fit.heywood_items) {
    information.row(k + i).setZero();
    information.col(k + i).setZero();
    information(k + i, k + i) = Scalar(1);
  }
  // Units can differ between items; a matrix with ones on its diagonal loses no digits to that.
  const vector<Scalar> scale = information.diagonal().cwiseSqrt().cwiseInverse();
  const auto factor = cholesky_factor<Scalar>::make(scale.asDiagonal() * information * scale.asDiagonal());
  if (!factor) return error{.code = errc::not_positive_definite, .function = function, .subject = "the information"};
  matrix<Scalar> out = scale.asDiagonal() * factor->inverse() * scale.asDiagonal();
  out /= static_cast<Scalar>(n);
  for (const index i : fit.heywood_items) out(k + i, k + i) = Scalar(0);
  return out;
}

/// How a function of the loadings and uniquenesses of one factor follows the covariances that were analysed.
/// Model:       the estimates solve "slope of the likelihood = 0" whatever the covariances, so they move with them by the
///              inverse of its Hessian; exact also where the model does not fit
/// \param fit         a solution with one factor
/// \param covariance  the matrix that was analysed
/// \param gradient    2k: of the function, by loadings first, then by uniquenesses
/// \return      k x k, symmetric: the change of the function is the sum of slope_ij times the change of covariance_ij. A
///              uniqueness that stands on its bound is taken as known
/// Errors:      errc::not_positive_definite where the parameters are not identified
/// Numerics:    two Cholesky factors; O(k^3)
/// Reference:   Browne (1984), doi 10.1111/j.2044-8317.1984.tb00789.x
template <class Scalar>
[[nodiscard]] result<matrix<Scalar>> one_factor_slope(const factor_solution<Scalar>& fit,
                                                      const matrix<Scalar>& covariance,
                                                      const vector<Scalar>& gradient) {
  constexpr const char* function = "one_factor_slope";
  const auto implied = cholesky_factor<Scalar>::make(fit.implied());
  if (!implied) return error{.code = errc::not_positive_definite, .function = function, .subject = "the model"};
  const index k = fit.n_items();
  const vector<Scalar> l = fit.loadings.col(0);
  const matrix<Scalar> inverse = implied->inverse();
  const matrix<Scalar> data = inverse * covariance * inverse;  // equals the inverse where the model fits exactly
  const vector<Scalar> a = inverse * l;
  const vector<Scalar> b = data * l;
  const Scalar by_inverse = l.dot(a);
  const Scalar by_data = l.dot(b);
  // Second derivatives of log|S| + tr(S^-1 C), S = l l' + diag(psi).
  matrix<Scalar> hessian(2 * k, 2 * k);
  for (index j = 0; j < k; ++j) {
    for (index i = 0; i < k; ++i) {
      const Scalar& u = inverse(i, j);
      const Scalar& v = data(i, j);
      hessian(i, j) =
          2 * (u * (by_data - by_inverse) + v * by_inverse - a(i) * a(j) + a(i) * b(j) + b(i) * a(j) + u - v);
      hessian(i, k + j) = hessian(k + j, i) = 2 * (u * (b(j) - a(j)) + v * a(j));
      hessian(k + i, k + j) = u * (2 * v - u);
    }
  }
  vector<Scalar> wanted = gradient;
  for (const index i : fit.heywood_items) {
    hessian.row(k + i).setZero();
    hessian.col(k + i).setZero();
    hessian(k + i, k + i) = Scalar(1);
    wanted(k + i) = Scalar(0);
  }
  if (!(hessian.diagonal().array() > 0).all())
    return error{.code = errc::not_positive_definite, .function = function, .subject = "the information"};
  const vector<Scalar> scale = hessian.diagonal().cwiseSqrt().cwiseInverse();
  const auto factor = cholesky_factor<Scalar>::make(scale.asDiagonal() * hessian * scale.asDiagonal());
  if (!factor) return error{.code = errc::not_positive_definite, .function = function, .subject = "the information"};
  const vector<Scalar> w = scale.asDiagonal() * factor->solve(scale.asDiagonal() * wanted);
  const vector<Scalar> c = inverse * w.head(k);
  matrix<Scalar> out = inverse * w.tail(k).asDiagonal() * inverse;
  out += a * c.transpose() + c * a.transpose();
  return out;
}

}  // namespace rapport::stats
