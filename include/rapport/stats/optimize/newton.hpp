// SPDX-License-Identifier: BSL-1.0
// Newton's method for small smooth problems with a Hessian, damped far from the minimum, pure near it.
#pragma once

#include <Eigen/Cholesky>

#include <rapport/core/result.hpp>
#include <rapport/stats/matrix.hpp>

namespace rapport::stats {

/// A function's value with first and second derivatives at a point.
template <class Scalar>
struct second_order {
  Scalar value{};
  vector<Scalar> gradient{};
  matrix<Scalar> hessian{};
};

/// Where a minimisation ended, and how one can tell that it is a minimum.
template <class Scalar>
struct newton_outcome {
  vector<Scalar> point{};
  second_order<Scalar> at{};
  Scalar decrement{};  ///< gradient' Hessian^-1 gradient: twice what another step would gain
  bool converged = false;
  int evaluations = 0;
};

/// Minimises a function from a starting point.
///
/// Steps solve (H + lambda I) d = -g; lambda grows until the value falls and shrinks when it does. Near the minimum the
/// value no longer tells one point from another, so there a step counts as better if the gradient shrinks: that gives
/// the last digits.
/// \param function  point -> result<second_order>; an error means "not here", and the step is shortened
/// \param start     a point at which the function has a value
/// \return          the outcome; the caller reads `converged`
/// Errors:          the function's own at the start
/// Reference:       Nocedal & Wright (2006), Numerical Optimization, ch. 4
template <class Scalar, class Function>
[[nodiscard]] result<newton_outcome<Scalar>> minimize_newton(const Function& function, const vector<Scalar>& start) {
  constexpr int most_evaluations = 200;
  const Scalar near_enough(1e-6);  // of the decrement, in units of the function: the quadratic model holds
  newton_outcome<Scalar> out;
  out.point = start;
  auto first = function(start);
  if (!first) return first.error();
  out.at = std::move(*first);
  out.evaluations = 1;
  if (start.size() == 0) {
    out.converged = true;
    return out;
  }

  Scalar lambda(0);
  bool is_indefinite = false;    // the Hessian at this point has no Cholesky factor without damping
  bool undamped_failed = false;  // the step without damping from this point was no better
  while (out.evaluations < most_evaluations) {
    const Scalar scale = out.at.hessian.cwiseAbs().maxCoeff();
    // A direction in which nothing changes has zero curvature; the floor keeps the step along it at zero.
    const Scalar floor = scale * std::numeric_limits<Scalar>::epsilon() * 1000;
    matrix<Scalar> damped = out.at.hessian;
    damped.diagonal().array() += (std::max)(lambda, floor);
    const Eigen::LLT<matrix<Scalar>> factor(damped);
    if (factor.info() != Eigen::Success) {
      // The least shift that helps, within a factor: a flat direction beside steep ones needs a long step.
      is_indefinite = true;
      lambda = (std::max)(Scalar(10 * lambda), Scalar(scale * Scalar(1e-10)));
      continue;
    }
    const vector<Scalar> step = -factor.solve(out.at.gradient);
    out.decrement = -out.at.gradient.dot(step);
    // Where the curvature is negative the quadratic model says little of what is left to gain.
    const bool near = out.decrement < (is_indefinite ? Scalar(near_enough * near_enough) : near_enough) &&
                      (lambda == 0 || is_indefinite || !undamped_failed);

    auto candidate = function(vector<Scalar>(out.point + step));
    ++out.evaluations;
    const bool better =
        candidate && (near ? candidate->gradient.norm() < out.at.gradient.norm() / 2 : candidate->value < out.at.value);
    if (better) {
      out.point += step;
      out.at = std::move(*candidate);
      is_indefinite = false;
      undamped_failed = false;
      lambda = near || lambda < scale / 1e5 ? Scalar(0) : Scalar(lambda / 10);
    } else if (near && lambda > 0 && !is_indefinite) {
      lambda = Scalar(0);
    } else if (near) {
      out.converged = true;  // at the limit of the arithmetic
      return out;
    } else {
      undamped_failed = undamped_failed || lambda == 0;
      lambda = lambda > 0 ? Scalar(10 * lambda) : Scalar(scale / 1000);
      if (lambda > scale * 1e12) return out;
    }
  }
  return out;
}

}  // namespace rapport::stats
