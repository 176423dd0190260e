// SPDX-License-Identifier: BSL-1.0
// Newton's method between bounds, for small smooth problems whose minimum may lie on the boundary.
#pragma once

#include <cmath>
#include <limits>

#include <Eigen/Cholesky>

#include <rapport/stats/matrix.hpp>
#include <rapport/stats/optimize/newton.hpp>

namespace rapport::stats {

/// Where a bounded minimisation ended.
struct bounded_newton_outcome {
  bool converged = false;
  int evaluations = 0;
};

/// Minimises a function over lower <= x <= upper, coordinate by coordinate bounds.
///
/// Coordinates that stand at a bound and want to leave the region are held there; the others take damped Newton steps,
/// cut off at the bounds. Memory is kept between calls, so that thousands of small problems cost no allocation.
/// Reference: Bertsekas (1982), Projected Newton methods, doi 10.1137/0320018
template <class Scalar>
class bounded_newton {
 public:
  /// Minimises from `point`, which is clamped to the bounds first and holds the minimum afterwards; `at` holds the value,
  /// gradient and Hessian there. `function` is void(const vector&, second_order&) and fills the three; an infinite value
  /// means "not here".
  template <class Function>
  [[nodiscard]] bounded_newton_outcome minimize(const Function& function, const vector<Scalar>& lower,
                                                const vector<Scalar>& upper, vector<Scalar>& point,
                                                second_order<Scalar>& at) {
    using std::isfinite;
    using std::pow;
    constexpr int most_evaluations = 300;
    // A step of Newton's squares the error: what is this near needs one more, and then stands at the last digits.
    const Scalar last_step = pow(std::numeric_limits<Scalar>::epsilon(), Scalar(0.8));
    bounded_newton_outcome out;
    point = point.cwiseMax(lower).cwiseMin(upper);
    function(point, at);
    out.evaluations = 1;
    if (!isfinite(at.value)) return out;

    Scalar lambda(0);
    while (out.evaluations < most_evaluations) {
      const index n_free = find_free(point, at.gradient, lower, upper);
      if (n_free == 0) {
        out.converged = true;
        return out;
      }
      const Scalar scale = fill_damped(at.hessian, at.gradient, lambda);
      factor_.compute(damped_);
      if (factor_.info() != Eigen::Success || !(factor_.matrixLLT().diagonal().array() > 0).all()) {
        lambda = (std::max)(Scalar(4 * lambda), Scalar(scale / 1000));
        if (!(lambda <= scale * Scalar(1e12))) return out;
        continue;
      }
      step_ = factor_.solve(reduced_gradient_);
      const Scalar decrement = step_.dot(reduced_gradient_);
      candidate_ = (point - step_).cwiseMax(lower).cwiseMin(upper);
      function(candidate_, next_);
      ++out.evaluations;

      const bool near = decrement <= last_step;
      const bool better = isfinite(next_.value) && (near || next_.value < at.value);
      if (better) {
        const bool stays_free = (candidate_ - (point - step_)).cwiseAbs().maxCoeff() == 0;
        point.swap(candidate_);
        std::swap(at, next_);
        // A damped step does not square the error.
        if (near && lambda == 0 && stays_free) {
          out.converged = true;
          return out;
        }
        lambda = near || lambda < scale / 10000 ? Scalar(0) : Scalar(lambda / 10);
      } else {
        lambda = (std::max)(Scalar(4 * lambda), Scalar(scale / 1000));
        if (lambda > scale * Scalar(1e12)) {
          // No step lowers the value any more: the end, if the gradient says so too.
          out.converged = decrement <= pow(std::numeric_limits<Scalar>::epsilon(), Scalar(0.5));
          return out;
        }
      }
    }
    return out;
  }

 private:
  /// Marks the coordinates that may move; the others stand at a bound and push against it.
  index find_free(const vector<Scalar>& x, const vector<Scalar>& gradient, const vector<Scalar>& lower,
                  const vector<Scalar>& upper) {
    const index n = x.size();
    is_free_.resize(n);
    index n_free = 0;
    for (index i = 0; i < n; ++i) {
      is_free_(i) = !((x(i) <= lower(i) && gradient(i) > 0) || (x(i) >= upper(i) && gradient(i) < 0));
      if (is_free_(i)) ++n_free;
    }
    return n_free;
  }

  /// The Hessian with the held coordinates replaced by ones on the diagonal; returns its largest entry.
  Scalar fill_damped(const matrix<Scalar>& hessian, const vector<Scalar>& gradient, const Scalar& lambda) {
    using std::abs;
    const index n = gradient.size();
    damped_ = hessian;
    reduced_gradient_ = gradient;
    Scalar scale(0);
    for (index i = 0; i < n; ++i) {
      if (is_free_(i)) scale = (std::max)(scale, Scalar(abs(hessian(i, i))));
    }
    if (!(scale > 0)) scale = Scalar(1);
    for (index i = 0; i < n; ++i) {
      if (is_free_(i)) {
        damped_(i, i) += lambda;
        continue;
      }
      damped_.row(i).setZero();
      damped_.col(i).setZero();
      damped_(i, i) = scale;
      reduced_gradient_(i) = Scalar(0);
    }
    return scale;
  }

  Eigen::Array<bool, Eigen::Dynamic, 1> is_free_{};
  matrix<Scalar> damped_{};
  vector<Scalar> reduced_gradient_{};
  vector<Scalar> step_{};
  vector<Scalar> candidate_{};
  second_order<Scalar> next_{};
  Eigen::LLT<matrix<Scalar>> factor_{};
};

}  // namespace rapport::stats
