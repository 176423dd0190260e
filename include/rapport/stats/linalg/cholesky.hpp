// SPDX-License-Identifier: BSL-1.0
// Cholesky factors of symmetric positive definite matrices; Eigen's own, with the outcome as a result.
#pragma once

#include <cmath>

#include <Eigen/Cholesky>

#include <rapport/core/result.hpp>
#include <rapport/stats/matrix.hpp>

namespace rapport::stats {

/// The factor L of a = L L' for a symmetric positive definite a.
template <class Scalar>
class cholesky_factor {
 public:
  /// Factors `a`; only its lower triangle is read.
  /// Errors: errc::not_positive_definite
  [[nodiscard]] static result<cholesky_factor> make(const matrix<Scalar>& a) {
    cholesky_factor out;
    out.llt_.compute(a);
    if (out.llt_.info() != Eigen::Success || !(out.llt_.matrixLLT().diagonal().array() > 0).all()) {
      return error{.code = errc::not_positive_definite, .function = "cholesky_factor"};
    }
    return out;
  }

  /// x with a x = b.
  [[nodiscard]] matrix<Scalar> solve(const matrix<Scalar>& b) const { return llt_.solve(b); }
  /// The inverse of a.
  [[nodiscard]] matrix<Scalar> inverse() const {
    return llt_.solve(matrix<Scalar>::Identity(llt_.rows(), llt_.cols()));
  }
  /// log |a|
  [[nodiscard]] Scalar log_determinant() const {
    using std::log;
    Scalar sum(0);
    for (index i = 0; i < llt_.rows(); ++i) sum += log(llt_.matrixLLT()(i, i));
    return 2 * sum;
  }
  /// L itself.
  [[nodiscard]] matrix<Scalar> lower() const { return llt_.matrixL(); }

 private:
  Eigen::LLT<matrix<Scalar>> llt_{};
};

}  // namespace rapport::stats
