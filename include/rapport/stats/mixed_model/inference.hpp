// SPDX-License-Identifier: BSL-1.0
// What one may say about the coefficients of a fitted mixed model: tests, intervals, and each cluster's own effects.
#pragma once

#include <cmath>

#include <rapport/core/estimate.hpp>
#include <rapport/stats/distribution/student_t.hpp>
#include <rapport/stats/mixed_model/fit.hpp>

namespace rapport::stats {

/// A tested linear combination of fixed effects.
template <class Scalar>
struct coefficient_test {
  Scalar estimate{};
  Scalar standard_error{};
  Scalar df{};  ///< degrees of freedom
  Scalar t{};
  Scalar p{};  ///< two-sided
  basic_interval<Scalar> interval{};
};

/// The t test of an estimate against zero, and its interval.
/// \param estimate        the estimate
/// \param standard_error  its standard error, positive
/// \param df              degrees of freedom, positive
/// \param level           confidence level, strictly between 0 and 1
/// \return             all of it together
template <class Scalar>
[[nodiscard]] coefficient_test<Scalar> make_test(const Scalar& estimate, const Scalar& standard_error, const Scalar& df,
                                                 double level) {
  coefficient_test<Scalar> out;
  out.estimate = estimate;
  out.standard_error = standard_error;
  out.df = df;
  out.t = out.estimate / out.standard_error;
  out.p = student_t_two_sided(out.t, out.df);
  const Scalar half = student_t_quantile<Scalar>(static_cast<Scalar>(1 + level) / 2, out.df) * out.standard_error;
  out.interval = {out.estimate - half, out.estimate + half, level};
  return out;
}

/// Satterthwaite's degrees of freedom of a linear combination of fixed effects.
/// Model:       2 v^2 / (g' A g), v = variance of the combination, g = its derivatives in the free covariance
///              parameters, A = 2 times the inverse of the observed Hessian of the deviance
/// \param fit       a fitted model
/// \param contrast  weights of the fixed effects
/// \return       degrees of freedom, positive
/// Errors:       errc::size_mismatch; errc::not_positive_definite if the Hessian has no positive curvature at all
/// Reference:    Satterthwaite (1946), doi 10.2307/3002019; Giesbrecht & Burns (1985), doi 10.2307/2530872
/// R:            lmerTest::contest1D(fit, L)
template <class Scalar>
[[nodiscard]] result<Scalar> satterthwaite_df(const mixed_model_fit<Scalar>& fit, const vector<Scalar>& contrast) {
  if (contrast.size() != fit.fixed.size()) {
    return error{.code = errc::size_mismatch,
                 .function = "satterthwaite_df",
                 .value = static_cast<double>(contrast.size()),
                 .lower = static_cast<double>(fit.fixed.size()),
                 .subject = "the contrast"};
  }
  const Scalar variance = contrast.dot(fit.fixed_covariance * contrast);
  vector<Scalar> slope(std::ssize(fit.fixed_covariance_change));
  // Relative to the variance: the square of a variance may leave the range of the arithmetic.
  for (index a = 0; a < slope.size(); ++a) {
    slope(a) = contrast.dot(fit.fixed_covariance_change[as_size(a)] * contrast) / variance;
  }

  // Parameters that do not matter (zero curvature) carry no uncertainty into the variance. Each parameter is brought
  // to unit curvature first, so that "zero" does not depend on its unit.
  vector<Scalar> unit = fit.parameter_hessian.diagonal().cwiseAbs().cwiseSqrt();
  for (index a = 0; a < unit.size(); ++a) unit(a) = unit(a) > 0 ? Scalar(1 / unit(a)) : Scalar(0);
  const small_symmetric_eigen<Scalar> eigen(unit.asDiagonal() * fit.parameter_hessian * unit.asDiagonal());
  const vector<Scalar> along = eigen.vectors.transpose() * (unit.asDiagonal() * slope);
  const Scalar smallest = eigen.values.maxCoeff() * std::numeric_limits<Scalar>::epsilon() * 1000;
  Scalar variance_of_variance(0);  // relative
  for (index a = 0; a < along.size(); ++a) {
    if (eigen.values(a) > smallest) variance_of_variance += 2 * along(a) * along(a) / eigen.values(a);
  }
  if (!(variance_of_variance > 0)) return error{.code = errc::not_positive_definite, .function = "satterthwaite_df"};
  return Scalar(2 / variance_of_variance);
}

/// Tests a linear combination of fixed effects against zero.
/// \param fit       a fitted model
/// \param contrast  weights of the fixed effects
/// \param level     confidence level
/// \return       estimate, standard error, Satterthwaite's df, t, two-sided p, interval
/// Errors:       those of satterthwaite_df
template <class Scalar>
[[nodiscard]] result<coefficient_test<Scalar>> test_coefficient(const mixed_model_fit<Scalar>& fit,
                                                                const vector<Scalar>& contrast, double level = 0.95) {
  using std::sqrt;
  const auto df = satterthwaite_df(fit, contrast);
  if (!df) return df.error();
  return make_test(Scalar(contrast.dot(fit.fixed)), Scalar(sqrt(contrast.dot(fit.fixed_covariance * contrast))), *df,
                   level);
}

/// What the model says of one cluster.
template <class Scalar>
struct cluster_effects {
  vector<Scalar> effect{};                  ///< conditional mean of b given the scores (empirical Bayes)
  matrix<Scalar> conditional_covariance{};  ///< of b given the scores, fixed effects held known
  matrix<Scalar> error_covariance{};        ///< of the error effect - b, fixed effects estimated
  matrix<Scalar> error_with_fixed{};        ///< covariance of the errors of beta (rows) and of b (columns)
};

/// The random effects of one cluster, by empirical Bayes.
/// Model:       b_hat = G Z'V^-1 (y - X beta_hat)
/// \param design   the data of the fit
/// \param fit      the fit
/// \param cluster  position of the cluster
/// \return       effects and the covariances of their errors
/// Numerics:     from the q numbers that the design keeps of the cluster; O(q^3 + q^2 p)
/// Not for:      ranking clusters: shrunken estimates of small clusters all look average
/// Reference:    Laird & Ware (1982), doi 10.2307/2529876
/// R:            lme4::ranef(fit, condVar = TRUE)
template <class Scalar>
[[nodiscard]] cluster_effects<Scalar> effects_of(const mixed_model_design<Scalar>& design,
                                                 const mixed_model_fit<Scalar>& fit, index cluster) {
  const auto& pattern = design.pattern_of(cluster);
  const index q = design.n_random();
  const small_matrix<Scalar>& g0 = fit.g0;
  const small_matrix<Scalar> k = small_matrix<Scalar>::Identity(q, q) + pattern.r * g0 * pattern.r.transpose();
  const Eigen::LLT<small_matrix<Scalar>> factor(k);
  const small_matrix<Scalar> solved_r = factor.solve(pattern.r);
  const small_vector<Scalar> deviation = design.f_of(cluster) - pattern.fx * fit.step;
  const small_vector<Scalar> u = solved_r.transpose() * deviation;
  const small_matrix<Scalar> s = pattern.r.transpose() * solved_r;
  const random_by_fixed<Scalar> t = solved_r.transpose() * pattern.fx;

  const auto z_factor = design.z_factor().template triangularView<Eigen::Upper>();
  const auto x_factor = design.x_factor().template triangularView<Eigen::Upper>();
  const auto to_random = [&](const matrix<Scalar>& c) -> matrix<Scalar> {
    const matrix<Scalar> half = z_factor.solve(c);
    return z_factor.solve(matrix<Scalar>(half.transpose()));
  };
  const matrix<Scalar> given = fit.residual_var * (g0 - g0 * s * g0);
  // fixed_covariance is that of x_factor^-1 times the design's own coefficients; lead it back to those.
  const matrix<Scalar> own = design.x_factor() * fit.fixed_covariance * design.x_factor().transpose();
  const random_by_fixed<Scalar> gt = g0 * t;

  cluster_effects<Scalar> out;
  out.effect = z_factor.solve(vector<Scalar>(design.score_scale() * (g0 * u)));
  out.conditional_covariance = to_random(given);
  out.error_covariance = to_random(given + gt * own * gt.transpose());
  const matrix<Scalar> cross = -own * gt.transpose();
  const matrix<Scalar> half = x_factor.solve(cross);
  out.error_with_fixed = z_factor.solve(matrix<Scalar>(half.transpose())).transpose();
  return out;
}

RAPPORT_INSTANCE(coefficient_test<double> make_test(const double&, const double&, const double&, double));
RAPPORT_INSTANCE(result<double> satterthwaite_df(const mixed_model_fit<double>&, const vector<double>&));
RAPPORT_INSTANCE(cluster_effects<double> effects_of(const mixed_model_design<double>&, const mixed_model_fit<double>&,
                                                    index));

}  // namespace rapport::stats
