// SPDX-License-Identifier: BSL-1.0
// What a nested model says of each cluster and of each group, with the errors of what it says.
#pragma once

#include <utility>
#include <vector>

#include <rapport/core/config.hpp>
#include <rapport/stats/mixed_model/inference.hpp>
#include <rapport/stats/mixed_model/nested_fit.hpp>

namespace rapport::stats {

/// What the model says of one group of clusters.
template <class Scalar>
struct group_effect {
  Scalar effect{};                ///< conditional mean given the scores (empirical Bayes)
  Scalar conditional_variance{};  ///< given the scores, fixed effects held known
  Scalar error_variance{};        ///< of the error of the effect, fixed effects estimated
  index n_clusters = 0;
};

/// The random effects of all clusters and groups, by empirical Bayes.
template <class Scalar>
struct nested_effects {
  std::vector<cluster_effects<Scalar>> clusters{};
  std::vector<group_effect<Scalar>> groups{};
};

/// The random effects of a fitted nested model.
/// Model:       b_hat = G Z'V^-1 (y - X beta_hat), t_hat = group_var 1'V^-1 (y - X beta_hat)
/// \param design  the data of the fit
/// \param fit     the fit
/// \return      effects and the covariances of their errors, in the order of clusters and groups
/// Errors:      those of `evaluate`
/// Numerics:    O(q^3 + q^2 p) per cluster; no matrix of the size of a group
/// Not for:     ranking: shrunken estimates of small clusters and groups all look average
/// Reference:   Laird & Ware (1982), doi 10.2307/2529876
/// R:           lme4::ranef(fit, condVar = TRUE)
template <class Scalar>
[[nodiscard]] result<nested_effects<Scalar>> effects_of(const nested_model_design<Scalar>& design,
                                                        const nested_model_fit<Scalar>& fit) {
  using jet = matrix_jet<Scalar>;
  const index q = design.n_random();
  const index p = design.n_fixed();
  const index w = design.has_groups() ? 1 : 0;
  std::vector<jet> parameters;
  for (const Scalar& each : fit.residual_parameters) parameters.push_back(jet::number(each));
  const auto weights = design.weights().at(parameters);
  if (!weights) return weights.error();
  const matrix<Scalar> g0 = fit.g0;
  const jet g0_jet(g0);

  // First sweep: what each group knows of itself.
  const Scalar group0 = fit.group_var / fit.residual_var;
  matrix<Scalar> among = matrix<Scalar>::Zero(design.n_groups(), 1 + p);
  vector<Scalar> scores = vector<Scalar>::Zero(design.n_groups());
  std::vector<index> members(as_size(design.n_groups()));
  std::vector<detail::pattern_products<Scalar>> products;
  for (const auto& pattern : design.patterns()) {
    auto made = detail::pattern_products<Scalar>::make(pattern, q, g0_jet, *weights);
    if (!made) return made.error();
    for (std::size_t k = 0; k < pattern.clusters.size() && w > 0; ++k) {
      const index group = design.group_of(pattern.clusters[k]);
      among.row(group) += made->among.value().row(0);
      scores(group) += made->scores.value()(0, static_cast<index>(k));
      ++members[as_size(group)];
    }
    products.push_back(*std::move(made));
  }

  const auto& standard = design.standard();
  const auto x_factor = standard.x_factor.template triangularView<Eigen::Upper>();
  // fixed_covariance is that of x_factor^-1 times the design's own coefficients; lead it back to those.
  const matrix<Scalar> own = standard.x_factor * fit.fixed_covariance * standard.x_factor.transpose();
  nested_effects<Scalar> out;
  vector<Scalar> shrink(design.n_groups());
  for (index g = 0; g < design.n_groups(); ++g) {
    shrink(g) = group0 / (1 + group0 * among(g, 0));
    const vector<Scalar> x = among.row(g).tail(p).transpose();
    group_effect<Scalar> effect;
    effect.effect = standard.score_scale * shrink(g) * (scores(g) - x.dot(fit.step));
    effect.conditional_variance = fit.residual_var * shrink(g);
    effect.error_variance = effect.conditional_variance + shrink(g) * shrink(g) * x.dot(own * x);
    effect.n_clusters = members[as_size(g)];
    out.groups.push_back(effect);
  }
  out.clusters.resize(as_size(design.n_clusters()));
  if (q == 0) return out;

  // Second sweep: each cluster, given its group.
  const auto z_factor = standard.z_factor.template triangularView<Eigen::Upper>();
  const auto to_random = [&](const matrix<Scalar>& c) -> matrix<Scalar> {
    const matrix<Scalar> half = z_factor.solve(c);
    return z_factor.solve(matrix<Scalar>(half.transpose()));
  };
  for (std::size_t at = 0; at < products.size(); ++at) {
    const auto& pattern = design.patterns()[at];
    const auto& mine = products[at];
    // Z'D = (I - Z'R^-1 Z H) Z'R^-1 with D the inverse covariance of the cluster by itself.
    const matrix<Scalar> reduce = matrix<Scalar>::Identity(q, q) - mine.zz.value() * mine.h.value();
    const matrix<Scalar> zd = reduce * mine.z_among.value();
    const matrix<Scalar> zd_scores = reduce * mine.z_scores.value();
    const matrix<Scalar> s = reduce * mine.zz.value();
    for (std::size_t k = 0; k < pattern.clusters.size(); ++k) {
      const index cluster = pattern.clusters[k];
      matrix<Scalar> t = zd.rightCols(p);
      vector<Scalar> u = zd_scores.col(static_cast<index>(k));
      matrix<Scalar> s_whole = s;
      if (w > 0) {
        const index group = design.group_of(cluster);
        const vector<Scalar> one = zd.col(0);
        t -= shrink(group) * one * among.row(group).tail(p);
        u -= shrink(group) * one * scores(group);
        s_whole -= shrink(group) * one * one.transpose();
      }
      const matrix<Scalar> given = fit.residual_var * (g0 - g0 * s_whole * g0);
      const matrix<Scalar> gt = g0 * t;
      cluster_effects<Scalar>& effects = out.clusters[as_size(cluster)];
      effects.effect = z_factor.solve(vector<Scalar>(standard.score_scale * (g0 * (u - t * fit.step))));
      effects.conditional_covariance = to_random(given);
      effects.error_covariance = to_random(given + gt * own * gt.transpose());
      const matrix<Scalar> cross = -own * gt.transpose();
      const matrix<Scalar> half = x_factor.solve(cross);
      effects.error_with_fixed = z_factor.solve(matrix<Scalar>(half.transpose())).transpose();
    }
  }
  return out;
}

RAPPORT_INSTANCE(result<nested_effects<double>> effects_of(const nested_model_design<double>&,
                                                           const nested_model_fit<double>&));

}  // namespace rapport::stats
