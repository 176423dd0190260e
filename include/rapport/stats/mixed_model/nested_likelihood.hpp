// SPDX-License-Identifier: BSL-1.0
// The likelihood of a nested model with structured errors, with exact first and second derivatives in any parameters.
#pragma once

#include <cmath>
#include <utility>
#include <vector>

#include <rapport/core/result.hpp>
#include <rapport/stats/linalg/cholesky.hpp>
#include <rapport/stats/linalg/small_symmetric_eigen.hpp>
#include <rapport/stats/mixed_model/likelihood.hpp>
#include <rapport/stats/mixed_model/nested_design.hpp>

namespace rapport::stats {

/// The variances of a nested model relative to the residual variance, as functions of some parameters.
template <class Scalar>
struct nested_covariances {
  matrix_jet<Scalar> g0{};                     ///< of the clusters' random effects, in the design's coordinates
  matrix_jet<Scalar> group{};                  ///< of the groups, a single number; not used without groups
  std::vector<matrix_jet<Scalar>> residual{};  ///< the parameters of residual_weights
};

/// The likelihood at given covariances, with derivatives in their parameters.
///
/// With V0 = V / residual_var:  deviance = log_det + f log(2 pi s) + q / s,  f = n (ML) or n - p (REML), s = q / f.
template <class Scalar>
struct nested_evaluation {
  matrix_jet<Scalar> log_det{};    ///< log|V0| [+ log|X'V0^-1 X| under REML], without the constants of the coordinates
  matrix_jet<Scalar> q{};          ///< r'V0^-1 r at the best beta
  matrix_jet<Scalar> xvx{};        ///< X'V0^-1 X
  matrix_jet<Scalar> beta_unit{};  ///< its inverse
  matrix_jet<Scalar> step{};       ///< beta minus the design's start
  Scalar free_rows{};              ///< f
  Scalar constant{};               ///< what the coordinates add to the deviance

  [[nodiscard]] Scalar residual_var() const { return q.scalar() / free_rows; }
  /// -2 log-likelihood with the residual variance at its best, and its derivatives.
  [[nodiscard]] matrix_jet<Scalar> deviance() const {
    using std::atan;
    using std::log;
    matrix_jet<Scalar> out = log_det;
    out.add(free_rows, q.logarithm());
    const Scalar log_two_pi = log(Scalar(8 * atan(Scalar(1))));
    out.value()(0, 0) += free_rows * (1 + log_two_pi - log(free_rows)) + constant;
    return out;
  }
};

namespace detail {

/// The inverse of I + M G0 and log of its determinant, for symmetric positive semidefinite M and G0.
template <class Scalar>
struct small_inverse {
  matrix<Scalar> inverse{};
  Scalar log_determinant{};

  [[nodiscard]] static result<small_inverse> make(const matrix<Scalar>& m, const matrix<Scalar>& g0) {
    using std::log;
    using std::sqrt;
    const index q = g0.rows();
    // G0 = L L', I + M G0 has the determinant of I + L'M L, and its inverse is I - M L (I + L'M L)^-1 L'.
    small_symmetric_eigen<Scalar> eigen(g0);
    const Scalar noise = std::numeric_limits<Scalar>::epsilon() * 100 * eigen.values.cwiseAbs().maxCoeff();
    if (eigen.values(0) < -noise) return error{.code = errc::not_positive_definite, .function = "evaluate"};
    matrix<Scalar> root = eigen.vectors;
    for (index k = 0; k < q; ++k) root.col(k) *= eigen.values(k) > 0 ? Scalar(sqrt(eigen.values(k))) : Scalar(0);
    const matrix<Scalar> ml = m.lazyProduct(root);
    const matrix<Scalar> k = matrix<Scalar>::Identity(q, q) + root.transpose().lazyProduct(ml);
    const auto factor = cholesky_factor<Scalar>::make(k);
    if (!factor) return factor.error();
    small_inverse out;
    out.inverse = matrix<Scalar>::Identity(q, q) - ml.lazyProduct(factor->solve(root.transpose()));
    out.log_determinant = factor->log_determinant();
    return out;
  }
};

/// What a pattern of clusters gives to the levels above: cross-products of [1, X] and the scores with the inverse
/// covariance of the clusters between them.
template <class Scalar>
struct pattern_products {
  matrix_jet<Scalar> among{};    ///< of the columns [1, X]
  matrix_jet<Scalar> scores{};   ///< of the columns with the scores of each cluster
  matrix_jet<Scalar> squares{};  ///< of the scores, summed over the clusters
  matrix_jet<Scalar> log_det{};  ///< of one cluster
  matrix_jet<Scalar> h{};        ///< (G0^-1 + Z'R^-1 Z)^-1, q x q
  matrix_jet<Scalar> z_among{};  ///< Z'R^-1 [1, X]
  matrix_jet<Scalar> z_scores{};
  matrix_jet<Scalar> zz{};

  [[nodiscard]] static result<pattern_products> make(const typename nested_model_design<Scalar>::pattern& pattern,
                                                     index q, const matrix_jet<Scalar>& g0,
                                                     const typename residual_weights<Scalar>::values& weights) {
    using jet = matrix_jet<Scalar>;
    const index width = pattern.terms[0].among.rows();
    const index m = std::ssize(pattern.clusters);
    jet among(width, width, 0);
    jet scores(width, m, 0);
    pattern_products out;
    out.squares = jet(1, 1, 0);
    out.log_det = jet(1, 1, 0);
    for (const auto& term : pattern.terms) {
      const jet& weight = weights.weight[as_size(term.weight)];
      among += scaled(jet(term.among), weight);
      scores += scaled(jet(term.scores), weight);
      out.squares.add(term.squares, weight);
    }
    for (const index at : pattern.log_det) out.log_det += weights.log_det[as_size(at)];
    const index rest = width - q;
    out.among = among.block(q, q, rest, rest);
    out.scores = scores.block(q, 0, rest, m);
    if (q == 0) return out;

    out.zz = among.block(0, 0, q, q);
    out.z_among = among.block(0, q, q, rest);
    out.z_scores = scores.block(0, 0, q, m);
    const auto inverse = small_inverse<Scalar>::make(matrix<Scalar>(out.zz.value()), matrix<Scalar>(g0.value()));
    if (!inverse) return inverse.error();
    jet k = out.zz * g0;
    k.value() += matrix<Scalar>::Identity(q, q);
    out.log_det += log_determinant_jet(k, inverse->inverse, inverse->log_determinant);
    out.h = g0 * inverse_jet(k, inverse->inverse);
    const jet hz = out.h * out.z_among;
    out.among -= out.z_among.transpose() * hz;
    out.scores -= hz.transpose() * out.z_scores;
    out.squares -= (out.h * (out.z_scores * out.z_scores.transpose())).trace();
    return out;
  }
};

}  // namespace detail

/// Evaluates the likelihood of a nested model.
/// \param design       the data
/// \param covariances  relative to the residual variance, as jets in one common set of parameters
/// \param kind         ML or REML
/// \return          the evaluation
/// Errors:          errc::not_positive_definite if the covariances are none; errc::numeric_failure
/// Numerics:        Woodbury's identity per cluster and per group: nothing of the size of a cluster's rows is inverted;
///                  derivatives are exact
/// Reference:       Pinheiro & Bates (2000), Mixed-Effects Models in S and S-PLUS, ch. 2 and 5, doi 10.1007/b98882
/// R:               the log-likelihood of nlme::lme or lme4::lmer at given variances
template <class Scalar>
[[nodiscard]] result<nested_evaluation<Scalar>> evaluate(const nested_model_design<Scalar>& design,
                                                         const nested_covariances<Scalar>& covariances,
                                                         likelihood kind) {
  using jet = matrix_jet<Scalar>;
  using std::log;
  const index p = design.n_fixed();
  const index q = design.n_random();
  const index w = design.has_groups() ? 1 : 0;
  const bool reml = kind == likelihood::reml;
  const auto weights = design.weights().at(covariances.residual);
  if (!weights) return weights.error();

  nested_evaluation<Scalar> out;
  out.log_det = jet(1, 1, 0);
  out.xvx = jet(p, p, 0);
  jet xvr(p, 1, 0);
  jet rvr(1, 1, 0);
  std::vector<jet> group_among(as_size(design.n_groups()), jet(1, 1 + p, 0));
  std::vector<jet> group_scores(as_size(design.n_groups()), jet(1, 1, 0));
  for (const auto& pattern : design.patterns()) {
    const auto products = detail::pattern_products<Scalar>::make(pattern, q, covariances.g0, *weights);
    if (!products) return products.error();
    const auto m = static_cast<Scalar>(pattern.clusters.size());
    out.log_det.add(m, products->log_det);
    out.xvx.add(m, products->among.block(w, w, p, p));
    xvr += products->scores.block(w, 0, p, products->scores.cols()).row_sums();
    rvr += products->squares;
    if (w == 0) continue;
    const jet among = products->among.block(0, 0, 1, 1 + p);
    for (std::size_t k = 0; k < pattern.clusters.size(); ++k) {
      const auto group = as_size(design.group_of(pattern.clusters[k]));
      group_among[group] += among;
      group_scores[group] += products->scores.block(0, static_cast<index>(k), 1, 1);
    }
  }
  for (std::size_t g = 0; g < group_among.size(); ++g) {
    jet inner = covariances.group * group_among[g].block(0, 0, 1, 1);
    inner.value()(0, 0) += 1;
    if (!(inner.scalar() > 0)) return error{.code = errc::not_positive_definite, .function = "evaluate"};
    out.log_det += inner.logarithm();
    const jet shrink = covariances.group * inner.reciprocal();
    const jet x = group_among[g].block(0, 1, 1, p);
    const jet shrunk = scaled(x.transpose(), shrink);
    out.xvx -= shrunk * x;
    xvr -= shrunk * group_scores[g];
    rvr -= shrink * group_scores[g] * group_scores[g];
  }

  const auto factor = cholesky_factor<Scalar>::make(matrix<Scalar>(out.xvx.value()));
  if (!factor) return factor.error();
  const matrix<Scalar> inverse = factor->inverse();
  out.beta_unit = inverse_jet(out.xvx, inverse);
  out.step = out.beta_unit * xvr;
  out.q = rvr;
  out.q -= xvr.transpose() * out.step;
  out.free_rows = static_cast<Scalar>(design.n_rows() - (reml ? p : 0));
  out.constant = 2 * out.free_rows * log(design.standard().score_scale);
  if (reml) {
    out.log_det += log_determinant_jet(out.xvx, inverse, factor->log_determinant());
    for (index j = 0; j < p; ++j) out.constant += 2 * log(design.standard().x_factor(j, j));
  }
  using std::isfinite;
  if (!(out.q.scalar() > 0) || !isfinite(out.log_det.scalar()))
    return error{.code = errc::numeric_failure, .function = "evaluate"};
  return out;
}

RAPPORT_INSTANCE(result<nested_evaluation<double>> evaluate(const nested_model_design<double>&,
                                                            const nested_covariances<double>&, likelihood));

}  // namespace rapport::stats
