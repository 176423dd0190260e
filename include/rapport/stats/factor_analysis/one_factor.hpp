// SPDX-License-Identifier: BSL-1.0
// One factor by maximum likelihood: the model behind omega, made fast enough to be refitted ten thousand times.
#pragma once

#include <cmath>
#include <limits>

#include <rapport/core/result.hpp>
#include <rapport/stats/covariance.hpp>
#include <rapport/stats/factor_analysis/solution.hpp>
#include <rapport/stats/linalg/cholesky.hpp>
#include <rapport/stats/linalg/small_symmetric_eigen.hpp>
#include <rapport/stats/optimize/bounded_newton.hpp>

namespace rapport::stats {

/// Fits one factor to covariance matrices of the same size, again and again, without allocating.
///
/// For given uniquenesses psi the best loadings follow from the largest eigenvalue t1 and its vector w of
/// S* = psi^-1/2 S psi^-1/2, so Newton's method runs over log psi alone: k numbers, with gradient and Hessian in closed
/// form from that one eigenpair and one inverse. The matrix is brought to correlations first, where the bound on the
/// uniquenesses has a meaning; the optimum does not depend on it.
/// Reference: Joreskog (1967), doi 10.1007/BF02289658; Clarke (1970), doi 10.1111/j.2044-8317.1970.tb00443.x
template <class Scalar>
class one_factor_fitter {
 public:
  /// \param k                 items, at least 3
  /// \param least_uniqueness  as a share of the item's variance
  one_factor_fitter(index k, const Scalar& least_uniqueness)
      : lower_(vector<Scalar>::Constant(k, log_of(least_uniqueness))),
        upper_(vector<Scalar>::Zero(k)),
        log_uniqueness_(vector<Scalar>::Zero(k)),
        eigenvector_(vector<Scalar>::Constant(k, 1 / root_of(static_cast<Scalar>(k)))) {}

  /// Fits one factor, from the start of Joreskog or, with warm = true, from where the last fit ended.
  /// \return  false where no optimum was found or a variance is not positive
  [[nodiscard]] bool fit(const matrix<Scalar>& covariance, bool warm) {
    using std::sqrt;
    const index k = covariance.rows();
    if (!(covariance.diagonal().array() > 0).all()) return false;
    inverse_sd_ = covariance.diagonal().array().sqrt().inverse();
    correlation_.resize(k, k);
    for (index j = 0; j < k; ++j) {
      for (index i = 0; i < k; ++i) correlation_(i, j) = covariance(i, j) * inverse_sd_(i) * inverse_sd_(j);
    }
    if (!warm) {
      factor_.compute(correlation_);
      if (factor_.info() != Eigen::Success) return false;
      inverse_ = factor_.solve(matrix<Scalar>::Identity(k, k));
      const Scalar shrink = 1 - 1 / (2 * static_cast<Scalar>(k));
      log_uniqueness_ = (shrink / inverse_.diagonal().array()).log();
    }
    const auto function = [this](const vector<Scalar>& x, second_order<Scalar>& at) { evaluate(x, at); };
    outcome_ = newton_.minimize(function, lower_, upper_, log_uniqueness_, at_);
    return outcome_.converged;
  }

  /// Starts the next warm fit from these uniquenesses, as shares of the items' variances.
  void start_from(const vector<Scalar>& share) { log_uniqueness_ = share.array().log(); }

  /// Loadings of the correlation matrix, their sum not negative.
  void standardized_loadings(vector<Scalar>& out) {
    using std::sqrt;
    const Scalar strength = largest_ > 1 ? sqrt(largest_ - 1) : Scalar(0);
    out = (log_uniqueness_ / 2).array().exp() * eigenvector_.array() * strength;
    if (out.sum() < 0) out = -out;
  }
  /// Uniquenesses as shares of the items' variances.
  [[nodiscard]] vector<Scalar> uniqueness_share() const { return log_uniqueness_.array().exp(); }
  [[nodiscard]] bool on_bound(index item) const { return !(log_uniqueness_(item) > lower_(item)); }
  [[nodiscard]] const second_order<Scalar>& at() const noexcept { return at_; }
  [[nodiscard]] const bounded_newton_outcome& outcome() const noexcept { return outcome_; }

 private:
  static Scalar log_of(const Scalar& x) {
    using std::log;
    return log(x);
  }
  static Scalar root_of(const Scalar& x) {
    using std::sqrt;
    return sqrt(x);
  }

  /// The objective without its constants, tr S* - t1 - (log|S*| - log t1), and its derivatives in log psi.
  void evaluate(const vector<Scalar>& x, second_order<Scalar>& at) {
    using std::log;
    const index k = x.size();
    inverse_root_ = (x / -2).array().exp();
    scaled_.resize(k, k);
    for (index j = 0; j < k; ++j) {
      for (index i = 0; i < k; ++i) scaled_(i, j) = correlation_(i, j) * inverse_root_(i) * inverse_root_(j);
    }
    find_largest_by_powers();
    // All other eigenvalues are smaller if and only if this matrix is positive definite.
    if (!factor_gap()) {
      find_largest_by_rotations();
      factor_gap();
    }
    const Scalar t = largest_;
    const vector<Scalar>& w = eigenvector_;
    at.value = scaled_.trace() - t + x.sum() + log(t);
    at.gradient = (1 - scaled_.diagonal().array()) - (1 - t) * w.array().square();

    // With A and B the parts of S* and I that are orthogonal to w, and g(s) = (1 - s)(t + s)/(t - s) on that part:
    // Hessian_ij = A_ij B_ij + w_i w_j g(S*)_ij.  g(s) = 2 t (1 - t)/u + (3 t - 1) - u, u = t - s.
    at.hessian.resize(k, k);
    if (!gap_is_open_) {
      // The two largest eigenvalues coincide, and the loadings jump: what is left is a positive matrix to go on with.
      for (index j = 0; j < k; ++j) {
        for (index i = 0; i < k; ++i) {
          const Scalar b = (i == j ? Scalar(1) : Scalar(0)) - w(i) * w(j);
          at.hessian(i, j) = b * b;
        }
      }
      return;
    }
    inverse_.setIdentity(k, k);
    factor_.solveInPlace(inverse_);
    for (index j = 0; j < k; ++j) {
      for (index i = 0; i <= j; ++i) {
        const Scalar ww = w(i) * w(j);
        const Scalar a = scaled_(i, j) - t * ww;
        const Scalar b = (i == j ? Scalar(1) : Scalar(0)) - ww;
        const Scalar pseudo_inverse = inverse_(i, j) - ww / t;
        const Scalar g = 2 * t * (1 - t) * pseudo_inverse + (3 * t - 1) * b - (t * b - a);
        at.hessian(i, j) = at.hessian(j, i) = a * b + ww * g;
      }
    }
  }

  /// Factors t (I + w w') - S*.
  bool factor_gap() {
    const index k = scaled_.rows();
    gap_ = -scaled_;
    gap_.diagonal().array() += largest_;
    for (index j = 0; j < k; ++j) {
      for (index i = 0; i < k; ++i) gap_(i, j) += largest_ * eigenvector_(i) * eigenvector_(j);
    }
    factor_.compute(gap_);
    gap_is_open_ = factor_.info() == Eigen::Success && (factor_.matrixLLT().diagonal().array() > 0).all();
    return gap_is_open_;
  }

  void find_largest_by_powers() {
    constexpr int most_powers = 60;
    const Scalar enough = 16 * std::numeric_limits<Scalar>::epsilon();
    for (int step = 0; step < most_powers; ++step) {
      image_.noalias() = scaled_ * eigenvector_;  // no overlap
      largest_ = eigenvector_.dot(image_);
      residual_ = image_ - largest_ * eigenvector_;
      const bool done = residual_.norm() <= enough * largest_;
      eigenvector_ = image_ / image_.norm();
      if (done) return;
    }
    find_largest_by_rotations();
  }

  void find_largest_by_rotations() {
    const small_symmetric_eigen<Scalar> all(scaled_);
    const index last = all.values.size() - 1;
    largest_ = all.values(last);
    eigenvector_ = all.vectors.col(last);
  }

  vector<Scalar> lower_;
  vector<Scalar> upper_;
  vector<Scalar> log_uniqueness_;
  vector<Scalar> eigenvector_;
  Scalar largest_{};
  bool gap_is_open_ = false;
  vector<Scalar> inverse_sd_{};
  vector<Scalar> inverse_root_{};
  vector<Scalar> image_{};
  vector<Scalar> residual_{};
  matrix<Scalar> correlation_{};
  matrix<Scalar> scaled_{};
  matrix<Scalar> gap_{};
  matrix<Scalar> inverse_{};
  Eigen::LLT<matrix<Scalar>> factor_{};
  bounded_newton<Scalar> newton_{};
  second_order<Scalar> at_{};
  bounded_newton_outcome outcome_{};
};

namespace detail {

/// The length of the gradient along the coordinates that are off their bounds.
template <class Scalar>
[[nodiscard]] Scalar free_gradient_norm(const vector<Scalar>& gradient, const std::vector<index>& held) {
  vector<Scalar> free = gradient;
  for (const index i : held) free(i) = Scalar(0);
  return free.norm();
}

}  // namespace detail

/// One factor by maximum likelihood.
/// Model:       S = l l' + diag(psi); minimises log|S| + tr(S^-1 C) - log|C| - k
/// \param covariance        the matrix C to analyse, k x k, k >= 3; correlations are a special case
/// \param least_uniqueness  lower bound of psi_i / c_ii
/// \return      loadings (sum not negative) and uniquenesses in the units of C; read `status` before the numbers
/// Errors:      errc::too_few_columns below 3 items, where one factor is not identified; errc::zero_variance naming an
///              item; errc::not_positive_definite; errc::invalid_option; errc::not_finite
/// Numerics:    Newton's method over k log uniquenesses with the exact Hessian; gradient below 1e-7, usually 1e-12; some
///              5 evaluations of O(k^3)
/// Not for:     proof of one dimension: it fits one factor to anything; see fit_indices
/// Reference:   Joreskog (1967), doi 10.1007/BF02289658
/// R:           lavaan::cfa("f =~ ...", std.lv = TRUE), factanal(covmat = C, factors = 1)
template <class Scalar>
[[nodiscard]] result<factor_solution<Scalar>> fit_one_factor(const matrix<Scalar>& covariance,
                                                             double least_uniqueness = 0.005) {
  constexpr const char* function = "fit_one_factor";
  using std::sqrt;
  const index k = covariance.cols();
  if (auto legal = validate(factor_options{.least_uniqueness = least_uniqueness}); !legal) return legal.error();
  if (k < 3) {
    return error{.code = errc::too_few_columns, .function = function, .value = static_cast<double>(k), .lower = 3};
  }
  if (!covariance.allFinite()) return error{.code = errc::not_finite, .function = function};
  const auto r = correlation_from_covariance(covariance);
  if (!r) return r.error();
  const auto factor = cholesky_factor<Scalar>::make(*r);
  if (!factor) return error{.code = errc::not_positive_definite, .function = function, .subject = "the items"};

  one_factor_fitter<Scalar> fitter(k, static_cast<Scalar>(least_uniqueness));
  const bool converged = fitter.fit(covariance, false);
  factor_solution<Scalar> out;
  vector<Scalar> standardized;
  fitter.standardized_loadings(standardized);
  out.loadings = standardized.cwiseProduct(vector<Scalar>(covariance.diagonal().cwiseSqrt()));
  out.uniqueness = fitter.uniqueness_share().cwiseProduct(vector<Scalar>(covariance.diagonal()));
  for (index i = 0; i < k; ++i) {
    if (fitter.on_bound(i)) out.heywood_items.push_back(i);
  }
  out.objective = fitter.at().value - factor->log_determinant() - static_cast<Scalar>(k - 1);
  // An exact fit leaves rounding of either sign.
  if (out.objective < 0) out.objective = Scalar(0);
  out.gradient_norm = detail::free_gradient_norm(fitter.at().gradient, out.heywood_items);
  out.evaluations = fitter.outcome().evaluations;
  out.status = !converged                  ? factor_status::not_converged
               : out.heywood_items.empty() ? factor_status::converged
                                           : factor_status::heywood;
  return out;
}

RAPPORT_INSTANCE(result<factor_solution<double>> fit_one_factor(const matrix<double>&, double));

}  // namespace rapport::stats
