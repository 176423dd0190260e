// SPDX-License-Identifier: BSL-1.0
// The profiled likelihood of a mixed model, with gradient and Hessian, at given relative covariances.
#pragma once

#include <cmath>
#include <vector>

#include <rapport/core/result.hpp>
#include <rapport/stats/linalg/cholesky.hpp>
#include <rapport/stats/mixed_model/design.hpp>

namespace rapport::stats {

/// Maximum likelihood, or restricted maximum likelihood (variances less biased; fixed effects not comparable).
enum class likelihood : unsigned char { ml, reml };

/// The likelihood at one covariance matrix of the random effects.
///
/// In the coordinates of the design (orthogonalized columns, scaled scores), with G0 = G / residual_var, V0 = I + Z G0 Z' per cluster:
///
///     deviance = sum log|V0| [+ log|X'V0^-1 X|] + f log(2 pi s) + f,   s = Q / f,   Q = r'V0^-1 r at the best beta,
///     f = n (ML) or n - p (REML), s = the residual variance
///
/// which is -2 log-likelihood with beta and s at their optimum. Derivatives are taken along directions D of G0.
template <class Scalar>
struct mixed_model_evaluation {
  Scalar deviance{};
  Scalar residual_var{};
  vector<Scalar> step{};       ///< beta minus the design's start
  matrix<Scalar> beta_unit{};  ///< (X'V0^-1 X)^-1, the covariance of beta for residual variance 1
  matrix<Scalar> gradient{};   ///< dDeviance / dG0: q x q, symmetric; its product with D is the slope along D
  matrix<Scalar> curvature{};  ///< second derivatives along pairs of directions
  matrix<Scalar> curvature_fixed_scale{};     ///< the same with s held fixed instead of profiled
  vector<Scalar> slope_fixed_scale{};         ///< dQ along each direction, over s^2, negated: mixed derivative with s
  std::vector<matrix<Scalar>> beta_change{};  ///< X'V0^-1 (Z D Z') V0^-1 X along each direction
};

namespace detail {

template <class Scalar>
[[nodiscard]] Scalar inner(const small_matrix<Scalar>& a, const small_matrix<Scalar>& b) {
  return a.cwiseProduct(b).sum();
}

}  // namespace detail

/// Evaluates the likelihood.
/// \param design      the data
/// \param g0          relative covariance matrix of the random effects, q x q, positive semidefinite
/// \param kind        ML or REML
/// \param directions  symmetric q x q matrices along which second derivatives are wanted; none: value and gradient only
/// \return         the evaluation
/// Errors:         errc::not_positive_definite if g0 is not positive semidefinite (I + R G0 R' has no Cholesky factor)
/// Numerics:       per pattern of clusters O(q^3 + q^2 p); no cancellation for large or small g0
/// Reference:      profiled likelihood: Bates, Maechler, Bolker & Walker (2015), doi 10.18637/jss.v067.i01
/// R:              lme4: the deviance function of lmer at a given theta
template <class Scalar>
[[nodiscard]] result<mixed_model_evaluation<Scalar>> evaluate(
    const mixed_model_design<Scalar>& design, const small_matrix<Scalar>& g0, likelihood kind,
    const std::vector<small_matrix<Scalar>>& directions = {}) {
  using std::atan;
  using std::log;
  const index p = design.n_fixed();
  const index q = design.n_random();
  const index n_patterns = std::ssize(design.patterns());
  const bool reml = kind == likelihood::reml;
  const auto free_rows = static_cast<Scalar>(design.n_rows() - (reml ? p : 0));

  // First sweep: what beta and Q need.
  matrix<Scalar> xvx = design.xx_within();
  vector<Scalar> xvr = design.xr_within();
  Scalar rvr = design.rr_within();
  Scalar log_det(0);
  std::vector<small_matrix<Scalar>> k_inverse(as_size(n_patterns));
  for (index at = 0; at < n_patterns; ++at) {
    const auto& pattern = design.patterns()[as_size(at)];
    const small_matrix<Scalar> k = small_matrix<Scalar>::Identity(q, q) + pattern.r * g0 * pattern.r.transpose();
    const Eigen::LLT<small_matrix<Scalar>> factor(k);
    if (factor.info() != Eigen::Success) return error{.code = errc::not_positive_definite, .function = "evaluate"};
    const auto m = static_cast<Scalar>(pattern.n_clusters);
    for (index i = 0; i < q; ++i) log_det += 2 * m * log(factor.matrixLLT()(i, i));
    small_matrix<Scalar>& inverse = k_inverse[as_size(at)];
    inverse = factor.solve(small_matrix<Scalar>::Identity(q, q));
    const random_by_fixed<Scalar> solved_fx = inverse * pattern.fx;
    xvx += m * (pattern.fx.transpose() * solved_fx);
    xvr += solved_fx.transpose() * pattern.f_sum;
    rvr += detail::inner<Scalar>(inverse, pattern.f_square_sum);
  }
  const auto xvx_factor = cholesky_factor<Scalar>::make(xvx);
  if (!xvx_factor) return xvx_factor.error();

  mixed_model_evaluation<Scalar> out;
  out.step = xvx_factor->solve(xvr);
  out.beta_unit = xvx_factor->inverse();
  const Scalar q_form = rvr - xvr.dot(out.step);
  out.residual_var = q_form / free_rows;
  const Scalar log_two_pi = log(Scalar(8 * atan(Scalar(1))));
  out.deviance = log_det + free_rows * (1 + log_two_pi + log(out.residual_var));
  // The design's scores are scaled and its columns orthogonalized; the caller's differ by known factors.
  out.deviance += 2 * free_rows * log(design.score_scale());
  if (reml) {
    out.deviance += xvx_factor->log_determinant();
    for (index j = 0; j < p; ++j) out.deviance += 2 * log(design.x_factor()(j, j));
  }

  // Second sweep: derivatives. With K = I + R G0 R': Z'V0^-1 Z = R'K^-1 R = s, Z'V0^-1 X = R'K^-1 F'X = t,
  // and u = Z'V0^-1 r summed, and summed as squares, over the clusters of a pattern.
  const index n_directions = std::ssize(directions);
  small_matrix<Scalar> gradient_det = small_matrix<Scalar>::Zero(q, q);
  small_matrix<Scalar> gradient_q = small_matrix<Scalar>::Zero(q, q);
  matrix<Scalar> curvature_det = matrix<Scalar>::Zero(n_directions, n_directions);
  matrix<Scalar> curvature_q = matrix<Scalar>::Zero(n_directions, n_directions);
  matrix<Scalar> slope_beta = matrix<Scalar>::Zero(p, n_directions);
  out.beta_change.assign(as_size(n_directions), matrix<Scalar>::Zero(p, p));
  for (index at = 0; at < n_patterns; ++at) {
    const auto& pattern = design.patterns()[as_size(at)];
    const auto m = static_cast<Scalar>(pattern.n_clusters);
    const small_matrix<Scalar> rk = pattern.r.transpose() * k_inverse[as_size(at)];
    const small_matrix<Scalar> s = rk * pattern.r;
    const random_by_fixed<Scalar> t = rk * pattern.fx;
    const small_vector<Scalar> shift = pattern.fx * out.step;
    const small_vector<Scalar> u_sum = rk * (pattern.f_sum - m * shift);
    const small_matrix<Scalar> squares = pattern.f_square_sum - pattern.f_sum * shift.transpose() -
                                         shift * pattern.f_sum.transpose() + m * shift * shift.transpose();
    const small_matrix<Scalar> u_squares = rk * squares * rk.transpose();
    const small_matrix<Scalar> twt = t * out.beta_unit * t.transpose();
    gradient_q -= u_squares;
    gradient_det += m * s;
    if (reml) gradient_det -= m * twt;

    for (index a = 0; a < n_directions; ++a) {
      const small_matrix<Scalar>& d = directions[as_size(a)];
      const random_by_fixed<Scalar> dt = d * t;
      out.beta_change[as_size(a)] += m * (t.transpose() * dt);
      slope_beta.col(a) += dt.transpose() * u_sum;
      const small_matrix<Scalar> sd = s * d;
      for (index b = 0; b <= a; ++b) {
        const small_matrix<Scalar>& e = directions[as_size(b)];
        const small_matrix<Scalar> dse = d * s * e;
        curvature_det(a, b) -= m * (sd * s * e).trace();
        if (reml) curvature_det(a, b) += 2 * m * detail::inner<Scalar>(dse, twt);
        curvature_q(a, b) += 2 * detail::inner<Scalar>(dse, u_squares);
      }
    }
  }

  out.gradient = gradient_det + gradient_q / out.residual_var;
  out.curvature.resize(n_directions, n_directions);
  out.curvature_fixed_scale.resize(n_directions, n_directions);
  out.slope_fixed_scale.resize(n_directions);
  vector<Scalar> slope_q(n_directions);
  for (index a = 0; a < n_directions; ++a) slope_q(a) = detail::inner<Scalar>(gradient_q, directions[as_size(a)]);
  for (index a = 0; a < n_directions; ++a) {
    out.slope_fixed_scale(a) = -slope_q(a) / (out.residual_var * out.residual_var);
    for (index b = 0; b <= a; ++b) {
      if (reml) {
        const matrix<Scalar> wb = out.beta_unit * out.beta_change[as_size(a)];
        const matrix<Scalar> we = out.beta_unit * out.beta_change[as_size(b)];
        curvature_det(a, b) -= (wb * we).trace();
      }
      curvature_q(a, b) -= 2 * slope_beta.col(a).dot(out.beta_unit * slope_beta.col(b));
      const Scalar fixed_scale = curvature_det(a, b) + curvature_q(a, b) / out.residual_var;
      const Scalar profiled = fixed_scale - slope_q(a) * slope_q(b) / (out.residual_var * out.residual_var * free_rows);
      out.curvature_fixed_scale(a, b) = out.curvature_fixed_scale(b, a) = fixed_scale;
      out.curvature(a, b) = out.curvature(b, a) = profiled;
    }
  }
  using std::isfinite;
  if (!isfinite(out.deviance) || !(out.residual_var > 0))
    return error{.code = errc::numeric_failure, .function = "evaluate"};
  return out;
}

RAPPORT_INSTANCE(result<mixed_model_evaluation<double>> evaluate(const mixed_model_design<double>&,
                                                                 const small_matrix<double>&, likelihood,
                                                                 const std::vector<small_matrix<double>>&));

}  // namespace rapport::stats
