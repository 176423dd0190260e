// SPDX-License-Identifier: BSL-1.0
// Several factors: maximum likelihood, minimum residual, principal axis; unrotated.
#pragma once

#include <cmath>
#include <limits>

#include <rapport/core/random.hpp>
#include <rapport/core/result.hpp>
#include <rapport/stats/covariance.hpp>
#include <rapport/stats/factor_analysis/one_factor.hpp>
#include <rapport/stats/factor_analysis/solution.hpp>
#include <rapport/stats/linalg/cholesky.hpp>
#include <rapport/stats/linalg/small_symmetric_eigen.hpp>
#include <rapport/stats/optimize/bounded_newton.hpp>

namespace rapport::stats {

/// Degrees of freedom of m factors for k items, ((k - m)^2 - k - m) / 2; negative if there are too many factors.
[[nodiscard]] constexpr index factor_degrees_of_freedom(index k, index m) noexcept {
  return ((k - m) * (k - m) - k - m) / 2;
}

namespace detail {

/// The minimum-residual objective over uniquenesses, half the squared eigenvalues of R - psi that no factor takes up.
template <class Scalar>
class minimum_residual_objective {
 public:
  minimum_residual_objective(const matrix<Scalar>& r, index n_factors) : r_(r), n_factors_(n_factors) {}

  void operator()(const vector<Scalar>& uniqueness, second_order<Scalar>& at) const {
    matrix<Scalar> reduced = r_;
    reduced.diagonal() -= uniqueness;
    const small_symmetric_eigen<Scalar> eigen(reduced);
    const index k = uniqueness.size();
    const index first = first_factor(eigen.values);  // values increase; [first, k) are taken up
    const auto rest = eigen.vectors.leftCols(first);
    const vector<Scalar> g = eigen.values.head(first);
    at.value = g.squaredNorm() / 2;
    at.gradient = -(rest.cwiseAbs2() * g);
    const matrix<Scalar> b = rest * rest.transpose();
    at.hessian = b.cwiseAbs2();
    for (index t = first; t < k; ++t) {
      const vector<Scalar> weight = 2 * g.array() / (g.array() - eigen.values(t));
      const matrix<Scalar> inner = rest * weight.asDiagonal() * rest.transpose();
      at.hessian.array() += inner.array() * (eigen.vectors.col(t) * eigen.vectors.col(t).transpose()).array();
    }
  }

  [[nodiscard]] matrix<Scalar> loadings(const vector<Scalar>& uniqueness) const {
    matrix<Scalar> reduced = r_;
    reduced.diagonal() -= uniqueness;
    const small_symmetric_eigen<Scalar> eigen(reduced);
    const index k = uniqueness.size();
    matrix<Scalar> out = matrix<Scalar>::Zero(k, n_factors_);
    for (index f = 0; f < n_factors_; ++f) {
      const Scalar& value = eigen.values(k - 1 - f);
      using std::sqrt;
      if (value > 0) out.col(f) = sqrt(value) * eigen.vectors.col(k - 1 - f);
    }
    return out;
  }

 private:
  /// A factor cannot take up a negative eigenvalue.
  [[nodiscard]] index first_factor(const vector<Scalar>& values) const {
    index first = values.size() - n_factors_;
    while (first < values.size() && !(values(first) > 0)) ++first;
    return first;
  }

  matrix<Scalar> r_;
  index n_factors_;
};

/// The likelihood over log uniquenesses: sum over the eigenvalues t of psi^-1/2 R psi^-1/2 that no factor takes up of
/// t - log t - 1.
template <class Scalar>
class maximum_likelihood_objective {
 public:
  maximum_likelihood_objective(const matrix<Scalar>& r, index n_factors) : r_(r), n_factors_(n_factors) {}

  void operator()(const vector<Scalar>& log_uniqueness, second_order<Scalar>& at) const {
    const auto eigen = scaled_eigen(log_uniqueness);
    const index k = log_uniqueness.size();
    const index rest_count = k - n_factors_;
    if (!(eigen.values(0) > 0)) {
      at.value = std::numeric_limits<Scalar>::infinity();
      return;
    }
    const auto rest = eigen.vectors.leftCols(rest_count);
    const vector<Scalar> t = eigen.values.head(rest_count);
    at.value = (t.array() - t.array().log() - 1).sum();
    at.gradient = rest.cwiseAbs2() * (1 - t.array()).matrix();
    const matrix<Scalar> a = rest * t.asDiagonal() * rest.transpose();
    const matrix<Scalar> b = rest * rest.transpose();
    at.hessian = a.cwiseProduct(b);
    for (index f = rest_count; f < k; ++f) {
      const Scalar& top = eigen.values(f);
      const vector<Scalar> weight = (1 - t.array()) * (top + t.array()) / (top - t.array());
      const matrix<Scalar> inner = rest * weight.asDiagonal() * rest.transpose();
      at.hessian.array() += inner.array() * (eigen.vectors.col(f) * eigen.vectors.col(f).transpose()).array();
    }
  }

  [[nodiscard]] matrix<Scalar> loadings(const vector<Scalar>& log_uniqueness) const {
    using std::sqrt;
    const auto eigen = scaled_eigen(log_uniqueness);
    const index k = log_uniqueness.size();
    const vector<Scalar> root = (log_uniqueness / 2).array().exp();
    matrix<Scalar> out = matrix<Scalar>::Zero(k, n_factors_);
    for (index f = 0; f < n_factors_; ++f) {
      const Scalar& value = eigen.values(k - 1 - f);
      if (value > 1) out.col(f) = sqrt(value - 1) * root.cwiseProduct(eigen.vectors.col(k - 1 - f));
    }
    return out;
  }

 private:
  [[nodiscard]] small_symmetric_eigen<Scalar> scaled_eigen(const vector<Scalar>& log_uniqueness) const {
    const vector<Scalar> inverse_root = (log_uniqueness / -2).array().exp();
    return small_symmetric_eigen<Scalar>(inverse_root.asDiagonal() * r_ * inverse_root.asDiagonal());
  }

  matrix<Scalar> r_;
  index n_factors_;
};

/// Turns columns so that their sums are not negative.
template <class Scalar>
void orient_columns(matrix<Scalar>& loadings) {
  for (index f = 0; f < loadings.cols(); ++f) {
    if (loadings.col(f).sum() < 0) loadings.col(f) *= Scalar(-1);
  }
}

/// Uniquenesses to start from: Joreskog's first, then one half everywhere, then random ones.
template <class Scalar>
[[nodiscard]] vector<Scalar> starting_uniqueness(const matrix<Scalar>& inverse, index n_factors, int start) {
  const index k = inverse.rows();
  if (start == 0) {
    const Scalar shrink = 1 - static_cast<Scalar>(n_factors) / (2 * static_cast<Scalar>(k));
    return shrink / inverse.diagonal().array();
  }
  if (start == 1) return vector<Scalar>::Constant(k, Scalar(0.5));
  random_stream random(0, static_cast<std::uint64_t>(start));  // fixed: the same data give the same result
  vector<Scalar> out(k);
  for (index i = 0; i < k; ++i) out(i) = static_cast<Scalar>(0.05 + 0.9 * random.uniform());
  return out;
}

template <class Scalar, class Objective>
void minimize_from_starts(const Objective& objective, const matrix<Scalar>& inverse, index n_factors, bool in_logs,
                          const factor_options& options, vector<Scalar>& best_point, factor_solution<Scalar>& out) {
  using std::log;
  const index k = inverse.rows();
  const auto least = static_cast<Scalar>(options.least_uniqueness);
  const vector<Scalar> lower = vector<Scalar>::Constant(k, in_logs ? Scalar(log(least)) : least);
  const vector<Scalar> upper = vector<Scalar>::Constant(k, in_logs ? Scalar(0) : Scalar(1));
  bounded_newton<Scalar> newton;
  for (int start = 0; start < options.starts; ++start) {
    vector<Scalar> point = starting_uniqueness(inverse, n_factors, start);
    if (in_logs) point = point.array().log().eval();
    second_order<Scalar> at;
    const auto outcome = newton.minimize(objective, lower, upper, point, at);
    const bool was_converged = out.status == factor_status::converged;
    if (start > 0 && (!outcome.converged || (was_converged && !(at.value < out.objective)))) continue;
    out.objective = at.value;
    out.evaluations = outcome.evaluations;
    out.status = outcome.converged ? factor_status::converged : factor_status::not_converged;
    out.heywood_items.clear();
    for (index i = 0; i < k; ++i) {
      if (!(point(i) > lower(i))) out.heywood_items.push_back(i);
    }
    vector<Scalar> inner_gradient = at.gradient;
    for (index i = 0; i < k; ++i) {
      if (!(point(i) < upper(i))) inner_gradient(i) = Scalar(0);
    }
    out.gradient_norm = free_gradient_norm(inner_gradient, out.heywood_items);
    best_point = point;
  }
}

/// Iterates communalities until they reproduce themselves.
template <class Scalar>
void iterate_principal_axis(const minimum_residual_objective<Scalar>& objective, const factor_options& options,
                            vector<Scalar>& uniqueness, factor_solution<Scalar>& out) {
  constexpr int most_iterations = 20000;
  const Scalar enough = 64 * std::numeric_limits<Scalar>::epsilon();
  const auto least = static_cast<Scalar>(options.least_uniqueness);
  for (out.evaluations = 1; out.evaluations <= most_iterations; ++out.evaluations) {
    const matrix<Scalar> l = objective.loadings(uniqueness);
    vector<Scalar> next = (1 - l.rowwise().squaredNorm().array()).max(least);
    const Scalar change = (next - uniqueness).cwiseAbs().maxCoeff();
    uniqueness.swap(next);
    if (!(change > enough)) {
      out.status = factor_status::converged;
      break;
    }
  }
  for (index i = 0; i < uniqueness.size(); ++i) {
    if (!(uniqueness(i) > least)) out.heywood_items.push_back(i);
  }
}

}  // namespace detail

/// Extracts factors from a correlation or covariance matrix, without rotation.
/// Model:       R = L L' + diag(psi), R the correlations of the matrix given
/// \param covariance  k x k
/// \param n_factors   m, at least 1, with factor_degrees_of_freedom(k, m) not negative
/// \param options     method, bound on the uniquenesses, starts
/// \return      loadings of the correlation matrix on canonical axes (maximum likelihood: L' psi^-1 L diagonal; else: L'L
///              diagonal), the largest first, column sums not negative; uniquenesses; what was minimised. Read `status`
///              before the numbers
/// Errors:      errc::too_many_factors; errc::zero_variance naming an item; errc::not_positive_definite;
///              errc::not_finite; errc::invalid_option
/// Numerics:    bounded Newton with exact Hessians from several starts, since minimum residual has local minima at
///              Heywood cases; principal axis: plain iteration, slow near a Heywood case; O(k^3) a step
/// Not for:     finding how many factors there are; see parallel_analysis
/// Reference:   Joreskog (1967), doi 10.1007/BF02289658; Harman & Jones (1966), doi 10.1007/BF02289468
/// R:           factanal(covmat = R, factors = m), psych::fa(R, m, fm = "minres", rotate = "none"), fm = "pa"
template <class Scalar>
[[nodiscard]] result<factor_solution<Scalar>> extract_factors(const matrix<Scalar>& covariance, index n_factors,
                                                              const factor_options& options = {}) {
  constexpr const char* function = "extract_factors";
  const index k = covariance.cols();
  if (auto legal = validate(options); !legal) return legal.error();
  if (n_factors < 1 || n_factors >= k || factor_degrees_of_freedom(k, n_factors) < 0) {
    return error{.code = errc::too_many_factors,
                 .function = function,
                 .value = static_cast<double>(n_factors),
                 .lower = static_cast<double>(k)};
  }
  if (!covariance.allFinite()) return error{.code = errc::not_finite, .function = function};
  const auto r = correlation_from_covariance(covariance);
  if (!r) return r.error();
  const auto factor = cholesky_factor<Scalar>::make(*r);
  if (!factor) return error{.code = errc::not_positive_definite, .function = function, .subject = "the items"};
  const matrix<Scalar> inverse = factor->inverse();

  factor_solution<Scalar> out;
  vector<Scalar> point;
  if (options.method == factor_method::maximum_likelihood) {
    const detail::maximum_likelihood_objective<Scalar> objective(*r, n_factors);
    detail::minimize_from_starts(objective, inverse, n_factors, true, options, point, out);
    out.loadings = objective.loadings(point);
    out.uniqueness = point.array().exp();
  } else {
    const detail::minimum_residual_objective<Scalar> objective(*r, n_factors);
    if (options.method == factor_method::minimum_residual) {
      detail::minimize_from_starts(objective, inverse, n_factors, false, options, point, out);
    } else {
      point = inverse.diagonal().array().inverse();
      detail::iterate_principal_axis(objective, options, point, out);
      second_order<Scalar> at;
      objective(point, at);
      out.objective = at.value;
      out.gradient_norm = detail::free_gradient_norm(at.gradient, out.heywood_items);
    }
    out.loadings = objective.loadings(point);
    out.uniqueness = point;
  }
  detail::orient_columns(out.loadings);
  if (out.status == factor_status::converged && !out.heywood_items.empty()) out.status = factor_status::heywood;
  return out;
}

RAPPORT_INSTANCE(result<factor_solution<double>> extract_factors(const matrix<double>&, index, const factor_options&));

}  // namespace rapport::stats
