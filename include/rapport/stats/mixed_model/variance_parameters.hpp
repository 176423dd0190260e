// SPDX-License-Identifier: BSL-1.0
// How sure one may be of the variances of a fitted model: their covariance from the observed and expected information.
#pragma once

#include <cmath>
#include <utility>
#include <vector>

#include <rapport/core/estimate.hpp>
#include <rapport/core/result.hpp>
#include <rapport/stats/distribution/normal.hpp>
#include <rapport/stats/linalg/cholesky.hpp>
#include <rapport/stats/mixed_model/nested_fit.hpp>

namespace rapport::stats {

/// The variances and covariances of a fitted model with the uncertainty of each: entries of G column by column below the
/// diagonal (of uncorrelated effects the diagonal), the variance between groups, the parameters of the errors, the
/// residual variance.
template <class Scalar>
struct variance_parameters {
  vector<Scalar> value{};
  matrix<Scalar> covariance{};  ///< from the observed information
  index n_random = 0;           ///< the first so many are entries of G
  bool has_group = false;

  /// Standard error of one of them.
  [[nodiscard]] Scalar standard_error(index k) const {
    using std::sqrt;
    return sqrt(covariance(k, k));
  }
  /// An interval for the standard deviation that belongs to a variance, by the normal distribution of its logarithm.
  /// \param k      position of a variance that is not zero
  /// \param level  confidence level, strictly between 0 and 1
  /// \return    the interval of the standard deviation, positive
  /// Errors:    errc::zero_variance for a variance on the boundary
  /// R:         nlme::intervals, with the exact information in place of its approximation
  [[nodiscard]] result<basic_interval<Scalar>> sd_interval(index k, double level = 0.95) const {
    using std::exp;
    using std::log;
    if (!(value(k) > 0))
      return error{.code = errc::zero_variance, .function = "sd_interval", .subject = "a variance on the boundary"};
    const Scalar center = log(value(k)) / 2;
    const Scalar half = normal_quantile(static_cast<Scalar>(1 + level) / 2) * standard_error(k) / (2 * value(k));
    return basic_interval<Scalar>{exp(center - half), exp(center + half), level};
  }
};

namespace detail {

/// The covariances of a fit as functions of absolute parameters: entries of G, the variance between groups, the
/// parameters of the errors (with `linear`, covariances in place of their ratios), the residual variance last; all in the
/// design's coordinates.
template <class Scalar>
struct absolute_parameters {
  nested_covariances<Scalar> covariances{};
  matrix_jet<Scalar> residual_var{};  ///< itself the last parameter
  index n_random = 0;
  index n = 0;

  [[nodiscard]] static absolute_parameters make(const nested_model_design<Scalar>& design,
                                                const nested_model_fit<Scalar>& fit, bool linear) {
    using jet = matrix_jet<Scalar>;
    const index q = design.n_random();
    const bool correlated = design.structure() == random_structure::correlated;
    const index n_errors = std::ssize(fit.residual_parameters);
    absolute_parameters out;
    out.n_random = correlated ? q * (q + 1) / 2 : q;
    out.n = out.n_random + (design.has_groups() ? 1 : 0) + n_errors + 1;
    const Scalar unit = design.standard().score_scale * design.standard().score_scale;
    const Scalar s = fit.residual_var / unit;
    out.residual_var = jet::of_parameter(out.n - 1, out.n, s);
    const jet per_s = out.residual_var.reciprocal();
    jet g(q, q, out.n);
    g.value() = s * fit.g0;
    index at = 0;
    for (index j = 0; j < q; ++j) {
      for (index i = j; i < (correlated ? q : j + 1); ++i, ++at) g.first(at)(i, j) = g.first(at)(j, i) = Scalar(1);
    }
    out.covariances.g0 = scaled(g, per_s);
    out.covariances.group = jet::number(Scalar(0));
    if (design.has_groups()) out.covariances.group = jet::of_parameter(at++, out.n, fit.group_var / unit) * per_s;
    for (const Scalar& each : fit.residual_parameters) {
      if (linear) {
        out.covariances.residual.push_back(jet::of_parameter(at++, out.n, each * s) * per_s);
      } else {
        out.covariances.residual.push_back(jet::of_parameter(at++, out.n, each));
      }
    }
    return out;
  }
};

}  // namespace detail

/// The uncertainty of the variances of a fitted model.
/// Model:       twice the inverse of the Hessian of the deviance (ML) or the REML criterion in the variances
/// \param design  the data of the fit
/// \param fit     the fit
/// \return      variances, in the caller's units, and their covariance matrix
/// Errors:      errc::not_positive_definite if the Hessian is not, as on a boundary
/// Not for:     intervals near zero: variances are skewed there; take the interval of the logarithm, or a profile
/// R:           lme4's vcov of variances by merDeriv::vcov.lmerMod(fit, full = TRUE), observed information
template <class Scalar>
[[nodiscard]] result<variance_parameters<Scalar>> variances_of(const nested_model_design<Scalar>& design,
                                                               const nested_model_fit<Scalar>& fit) {
  using jet = matrix_jet<Scalar>;
  const auto parameters = detail::absolute_parameters<Scalar>::make(design, fit, false);
  const auto at = evaluate(design, parameters.covariances, fit.kind);
  if (!at) return at.error();
  jet deviance = at->log_det;
  deviance.add(at->free_rows, parameters.residual_var.logarithm());
  deviance += at->q * parameters.residual_var.reciprocal();
  const index n = parameters.n;
  matrix<Scalar> hessian(n, n);
  for (index k = 0; k < n; ++k) {
    for (index l = 0; l < n; ++l) hessian(k, l) = deviance.second(k, l)(0, 0);
  }
  const auto factor = cholesky_factor<Scalar>::make(hessian);
  if (!factor) return factor.error();

  // To the caller's units: G = scale^2 F^-1 G_design F^-T, variances times scale^2, parameters of the errors as they are.
  const auto& standard = design.standard();
  const Scalar unit = standard.score_scale * standard.score_scale;
  const index q = design.n_random();
  const bool correlated = design.structure() == random_structure::correlated;
  matrix<Scalar> jacobian = matrix<Scalar>::Identity(n, n);
  variance_parameters<Scalar> out;
  out.n_random = parameters.n_random;
  out.has_group = design.has_groups();
  out.value.resize(n);
  index column = 0;
  for (index j = 0; j < q; ++j) {
    for (index i = j; i < (correlated ? q : j + 1); ++i, ++column) {
      matrix<Scalar> direction = matrix<Scalar>::Zero(q, q);
      direction(i, j) = direction(j, i) = Scalar(1);
      const auto z_factor = standard.z_factor.template triangularView<Eigen::Upper>();
      const matrix<Scalar> half = z_factor.solve(direction);
      const matrix<Scalar> moved = unit * z_factor.solve(matrix<Scalar>(half.transpose()));
      index row = 0;
      for (index b = 0; b < q; ++b) {
        for (index a = b; a < (correlated ? q : b + 1); ++a, ++row) jacobian(row, column) = moved(a, b);
      }
      out.value(column) = fit.random_covariance(i, j);
    }
  }
  if (design.has_groups()) {
    jacobian(column, column) = unit;
    out.value(column++) = fit.group_var;
  }
  for (const Scalar& each : fit.residual_parameters) out.value(column++) = each;
  jacobian(column, column) = unit;
  out.value(column) = fit.residual_var;
  out.covariance = 2 * jacobian * factor->solve(matrix<Scalar>(jacobian.transpose()));
  return out;
}

RAPPORT_INSTANCE(result<variance_parameters<double>> variances_of(const nested_model_design<double>&,
                                                                  const nested_model_fit<double>&));

}  // namespace rapport::stats
