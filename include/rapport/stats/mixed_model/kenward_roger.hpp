// SPDX-License-Identifier: BSL-1.0
// Kenward and Roger's small-sample covariance of fixed effects and degrees of freedom, by cluster algebra.
#pragma once

#include <cmath>
#include <utility>
#include <vector>

#include <rapport/core/config.hpp>
#include <rapport/stats/mixed_model/inference.hpp>
#include <rapport/stats/mixed_model/variance_parameters.hpp>

namespace rapport::stats {

/// The fixed effects of a REML fit with the uncertainty that comes from estimated variances.
template <class Scalar>
struct kenward_roger {
  matrix<Scalar> fixed_covariance{};     ///< adjusted
  matrix<Scalar> plain_covariance{};     ///< (X'V^-1 X)^-1
  std::vector<matrix<Scalar>> change{};  ///< of the plain covariance along each variance
  matrix<Scalar> variance_covariance{};  ///< of the variances, from the expected information

  /// Degrees of freedom of a linear combination of fixed effects.
  /// \param contrast  weights of the fixed effects
  /// \return       positive
  /// Errors:       errc::not_positive_definite if nothing is known of the variance
  [[nodiscard]] result<Scalar> df(const vector<Scalar>& contrast) const {
    const Scalar variance = contrast.dot(plain_covariance * contrast);
    vector<Scalar> slope(std::ssize(change));
    for (index k = 0; k < slope.size(); ++k) slope(k) = contrast.dot(change[as_size(k)] * contrast) / variance;
    const Scalar spread = slope.dot(variance_covariance * slope);
    if (!(spread > 0)) return error{.code = errc::not_positive_definite, .function = "kenward_roger"};
    return Scalar(2 / spread);
  }
};

/// Kenward and Roger's adjustment of a REML fit.
/// Model:       adjusted = C + 2 C (sum over i, j of W_ij (Q_ij - P_i C P_j)) C, C = (X'V^-1 X)^-1,
///              P_i = dX'V^-1 X / d variance i, Q_ij = X'V^-1 V_i V^-1 V_j V^-1 X, W = inverse expected information;
///              for one combination l of fixed effects df = 2 / sum W_ij g_i g_j, g_i = l'C P_i C l / l'C l
/// \param design  the data of the fit
/// \param fit     a REML fit whose covariances are linear in their parameters: errors independent, symmetric,
///              unstructured or stratified
/// \return      adjusted covariance and what degrees of freedom need
/// Errors:      errc::kenward_roger_refused for ML fits and for errors whose correlation is no linear parameter;
///              errc::not_positive_definite if the information is singular
/// Numerics:    P and Q from exact derivatives of X'V^-1 X; nothing of the size of the rows
/// Reference:   Kenward & Roger (1997), doi 10.2307/2533558
/// R:           pbkrtest::vcovAdj(fit); pbkrtest::get_Lb_ddf(fit, L)
template <class Scalar>
[[nodiscard]] result<kenward_roger<Scalar>> kenward_roger_of(const nested_model_design<Scalar>& design,
                                                             const nested_model_fit<Scalar>& fit) {
  using jet = matrix_jet<Scalar>;
  const bool is_linear = fit.residual != residual_kind::autoregressive && fit.residual != residual_kind::continuous;
  if (fit.kind != likelihood::reml || !is_linear) {
    return error{.code = errc::kenward_roger_refused,
                 .function = "kenward_roger",
                 .subject = is_linear ? "this fit is by ML" : "these errors are autoregressive"};
  }
  const auto parameters = detail::absolute_parameters<Scalar>::make(design, fit, true);
  const auto at = evaluate(design, parameters.covariances, likelihood::reml);
  if (!at) return at.error();
  const index n = parameters.n;
  const index p = design.n_fixed();
  // log|V| + log|X'V^-1 X|: for covariances linear in their parameters, minus its Hessian is tr(P V_i P V_j).
  jet log_det = at->log_det;
  log_det.add(at->free_rows, parameters.residual_var.logarithm());
  matrix<Scalar> information(n, n);
  for (index k = 0; k < n; ++k) {
    for (index l = 0; l < n; ++l) information(k, l) = -log_det.second(k, l)(0, 0) / 2;
  }
  // Each parameter in its own unit, so that small variances do not make the matrix look singular.
  vector<Scalar> size = information.diagonal().cwiseAbs().cwiseSqrt();
  for (index k = 0; k < n; ++k) {
    if (!(size(k) > 0)) return error{.code = errc::not_positive_definite, .function = "kenward_roger"};
  }
  const vector<Scalar> unit_size = size.cwiseInverse();
  const auto factor =
      cholesky_factor<Scalar>::make(matrix<Scalar>(unit_size.asDiagonal() * information * unit_size.asDiagonal()));
  if (!factor) return factor.error();
  const matrix<Scalar> w = unit_size.asDiagonal() * factor->inverse() * unit_size.asDiagonal();

  const jet xvx = scaled(at->xvx, parameters.residual_var.reciprocal());
  const Scalar s = parameters.residual_var.scalar();
  const matrix<Scalar> c = s * at->beta_unit.value();
  matrix<Scalar> sum = matrix<Scalar>::Zero(p, p);
  for (index k = 0; k < n; ++k) {
    for (index l = 0; l < n; ++l) {
      const matrix<Scalar> product = xvx.first(k) * c * xvx.first(l);
      sum += w(k, l) * (xvx.second(k, l) / 2 - product);
    }
  }
  const auto& standard = design.standard();
  const auto x_factor = standard.x_factor.template triangularView<Eigen::Upper>();
  const Scalar unit = standard.score_scale * standard.score_scale;
  const auto to_fixed = [&](const matrix<Scalar>& from) -> matrix<Scalar> {
    const matrix<Scalar> half = x_factor.solve(from);
    return unit * x_factor.solve(matrix<Scalar>(half.transpose()));
  };
  kenward_roger<Scalar> out;
  out.plain_covariance = to_fixed(c);
  out.fixed_covariance = to_fixed(c + 2 * c * sum * c);
  out.variance_covariance = w;
  for (index k = 0; k < n; ++k) out.change.push_back(-to_fixed(c * xvx.first(k) * c));
  return out;
}

/// Tests a linear combination of fixed effects against zero, with Kenward and Roger's standard error and df.
/// \param fit       the fit
/// \param adjusted  its adjustment
/// \param contrast  weights of the fixed effects
/// \param level     confidence level
/// \return       estimate, adjusted standard error, df, t, two-sided p, interval
/// Errors:       those of kenward_roger::df
/// R:            summary(lmerTest::lmer(...), ddf = "Kenward-Roger")
template <class Scalar>
[[nodiscard]] result<coefficient_test<Scalar>> test_coefficient(const mixed_model_fit<Scalar>& fit,
                                                                const kenward_roger<Scalar>& adjusted,
                                                                const vector<Scalar>& contrast, double level = 0.95) {
  using std::sqrt;
  const auto df = adjusted.df(contrast);
  if (!df) return df.error();
  return make_test(Scalar(contrast.dot(fit.fixed)), Scalar(sqrt(contrast.dot(adjusted.fixed_covariance * contrast))),
                   *df, level);
}

RAPPORT_INSTANCE(result<kenward_roger<double>> kenward_roger_of(const nested_model_design<double>&,
                                                                const nested_model_fit<double>&));

}  // namespace rapport::stats
