// SPDX-License-Identifier: BSL-1.0
// Growth curves: how scores change over sessions, on average and for each client.
#pragma once

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include <rapport/core/failure.hpp>
#include <rapport/growth/curve_fit.hpp>
#include <rapport/growth/model.hpp>
#include <rapport/stats/distribution/normal.hpp>
#include <rapport/stats/mixed_model/kenward_roger.hpp>
#include <rapport/stats/mixed_model/nested_effects.hpp>

namespace rapport {

namespace detail {

/// Least squares of the rows [first, last) on their first columns; empty where the rows do not determine them.
template <class Scalar>
[[nodiscard]] stats::vector<Scalar> least_squares(const stats::mixed_model_data<Scalar>& data, index first, index last,
                                                  index n_columns) {
  stats::matrix<Scalar> q = data.x.block(first, 0, last - first, n_columns);
  const stats::matrix<Scalar> r = stats::detail::orthogonalize<Scalar>(q, Scalar(1));
  if ((r.diagonal().array() == 0).any()) return {};
  return r.template triangularView<Eigen::Upper>().solve(
      stats::vector<Scalar>(q.transpose() * data.y.segment(first, last - first)));
}

/// The steps of fit_growth.
template <class Scalar>
class growth_fitter {
 public:
  growth_fitter(const basic_session_panel<Scalar>& panel, const time_coding& coding, const growth_options& options,
                growth_model<Scalar> described)
      : panel_(panel), coding_(coding), options_(options), described_(std::move(described)) {}

  [[nodiscard]] result<basic_growth_fit<Scalar>> fit() {
    if (auto known = estimate(); !known) return with_name(known.error(), described_.rows.columns.fixed_names);
    if (auto tested = test_fixed_effects(); !tested) return tested.error();
    found_.strata = described_.strata;
    describe_clients();
    describe_therapists();
    describe_variance();
    describe_reliability();
    found_.range = panel_.range();
    return basic_growth_fit<Scalar>(coding_, options_, std::move(described_.rows.columns), std::move(model_),
                                    std::move(found_));
  }

 private:
  result<void> estimate() {
    if (described_.has_two_levels() && options_.df == growth_df::satterthwaite) {
      auto design = stats::mixed_model_design<Scalar>::make(described_.rows.data);
      if (!design) return design.error();
      auto model = stats::fit_mixed_model(*design, options_.method);
      if (!model) return model.error();
      model_ = stats::nested_model_fit<Scalar>{*std::move(model)};
      for (index c = 0; c < design->n_clusters(); ++c) effects_.clusters.push_back(effects_of(*design, model_, c));
      return {};
    }
    auto design = stats::nested_model_design<Scalar>::make(described_.nested());
    if (!design) return design.error();
    auto model = stats::fit_nested_model(*design, options_.method);
    if (!model) return model.error();
    model_ = *std::move(model);
    auto effects = effects_of(*design, model_);
    if (!effects) return effects.error();
    effects_ = *std::move(effects);
    if (options_.df != growth_df::kenward_roger) return {};
    auto adjusted = stats::kenward_roger_of(*design, model_);
    if (!adjusted) return adjusted.error();
    adjusted_ = *std::move(adjusted);
    return {};
  }

  result<void> test_fixed_effects() {
    const bool adjusts = options_.df == growth_df::kenward_roger;
    found_.fixed_covariance = adjusts ? adjusted_.fixed_covariance : model_.fixed_covariance;
    for (index j = 0; j < model_.fixed.size(); ++j) {
      const stats::vector<Scalar> contrast = stats::vector<Scalar>::Unit(model_.fixed.size(), j);
      const auto test = adjusts ? stats::test_coefficient(model_, adjusted_, contrast, options_.level)
                                : stats::test_coefficient(model_, contrast, options_.level);
      if (!test) return test.error();
      found_.fixed.push_back({*test, described_.rows.columns.fixed_names[as_size(j)]});
    }
    return {};
  }

  void describe_clients() {
    const auto& data = described_.rows.data;
    for (index c = 0; c < data.n_clusters(); ++c) {
      const index first = data.cluster_begin[as_size(c)];
      const index last = data.cluster_begin[as_size(c) + 1];
      const auto& effects = effects_.clusters[as_size(c)];
      basic_client_curve<Scalar> client;
      client.id = panel_.client_id(described_.rows.client_of_cluster[as_size(c)]);
      client.n = last - first;
      client.coefficients = model_.fixed;
      client.covariance = model_.fixed_covariance;
      const auto& columns = described_.rows.columns.random_columns;
      for (index k = 0; k < effects.effect.size(); ++k) {
        const index column = columns[as_size(k)];
        client.coefficients(column) += effects.effect(k);
        client.covariance.col(column) += effects.error_with_fixed.col(k);
        client.covariance.row(column) += effects.error_with_fixed.col(k).transpose();
        for (index l = 0; l < effects.effect.size(); ++l)
          client.covariance(column, columns[as_size(l)]) += effects.error_covariance(k, l);
      }
      client.standard_errors = client.covariance.diagonal().cwiseMax(Scalar(0)).cwiseSqrt();
      client.ols = least_squares(data, first, last, described_.rows.columns.n_time_terms);
      if (!effects_.groups.empty())
        client.therapist_effect = effects_.groups[as_size(described_.group_of_cluster[as_size(c)])].effect;
      found_.clients.push_back(std::move(client));
    }
  }

  /// The mean over clients of the variance of a term between clients, over itself plus a client's sampling variance.
  void describe_reliability() {
    const auto& data = described_.rows.data;
    const index q = data.z.cols();
    if (q == 0 || options_.errors != stats::residual_kind::independent) return;
    stats::vector<Scalar> sum = stats::vector<Scalar>::Zero(q);
    index n_clients = 0;
    for (index c = 0; c < data.n_clusters(); ++c) {
      const index first = data.cluster_begin[as_size(c)];
      stats::rows_by_random<Scalar> z = data.z.middleRows(first, data.cluster_begin[as_size(c) + 1] - first);
      const stats::matrix<Scalar> r = stats::detail::orthogonalize<Scalar>(z, Scalar(1));
      if ((r.diagonal().array() == 0).any()) continue;
      ++n_clients;
      const stats::matrix<Scalar> inverse =
          r.template triangularView<Eigen::Upper>().solve(stats::matrix<Scalar>::Identity(q, q));
      for (index k = 0; k < q; ++k) {
        const Scalar between = model_.random_covariance(k, k);
        sum(k) += between / (between + model_.residual_var * inverse.row(k).squaredNorm());
      }
    }
    for (index k = 0; k < q && n_clients > 0; ++k)
      found_.reliability.push_back(sum(k) / static_cast<Scalar>(n_clients));
  }

  void describe_therapists() {
    using std::sqrt;
    const Scalar quantile = stats::normal_quantile(static_cast<Scalar>(1 + options_.level) / 2);
    for (std::size_t g = 0; g < effects_.groups.size(); ++g) {
      const auto& known = effects_.groups[g];
      basic_therapist_effect<Scalar> out{panel_.therapist_id(described_.therapists[g]), known.n_clusters, {}, {}, {}};
      if (known.n_clusters >= fewest_clients_of_therapist) {
        const Scalar error = sqrt((std::max)(known.error_variance, Scalar(0)));
        out.effect = known.effect;
        out.standard_error = error;
        out.interval = {known.effect - quantile * error, known.effect + quantile * error, options_.level};
      }
      found_.therapists.push_back(std::move(out));
    }
  }

  void describe_variance() {
    const auto& data = described_.rows.data;
    const stats::vector<Scalar> fitted = data.x * model_.fixed;
    const auto n = static_cast<Scalar>(fitted.size());
    found_.fixed_var = (fitted.array() - fitted.mean()).matrix().squaredNorm() / (n - 1);
    if (data.z.cols() > 0) found_.random_var = (data.z * model_.random_covariance).cwiseProduct(data.z).sum() / n;
    found_.therapist_var = model_.group_var;
    found_.random_var += model_.group_var;
    found_.error_var = model_.residual_var;
    if (described_.residual.stratum.empty()) return;
    std::vector<Scalar> ratio{Scalar(1)};
    std::size_t at = 0;
    const bool stratified = options_.errors == stats::residual_kind::stratified;
    for (std::size_t g = 1; g < found_.strata.size(); ++g) {
      // The diagonal of a matrix whose columns stand one after the other, without its first entry.
      at += stratified ? (g == 1 ? 0 : 1) : found_.strata.size() - g + 1 - (g == 1 ? 1 : 0);
      ratio.push_back(model_.residual_parameters[at]);
    }
    Scalar sum(0);
    for (const index stratum : described_.residual.stratum) sum += ratio[as_size(stratum)];
    found_.error_var *= sum / n;
  }

  const basic_session_panel<Scalar>& panel_;
  const time_coding& coding_;
  const growth_options& options_;
  growth_model<Scalar> described_;
  stats::nested_model_fit<Scalar> model_{};
  stats::nested_effects<Scalar> effects_{};
  stats::kenward_roger<Scalar> adjusted_{};
  growth_findings<Scalar> found_{};
};

}  // namespace detail

/// Fits a growth curve to the scores of many clients.
/// Model:       score_it = terms of time + covariates + moderators x terms of time + the client's own deviation in some of
///              them (+ the therapist's) + e_it; deviations normal with any covariance matrix (or a diagonal one), e_it
///              normal, independent with one variance unless the options say otherwise
/// \param panel       scores over sessions; at least 2 clients, and some client with more scores than random terms
/// \param coding      the terms of time, the center, and what differs between clients
/// \param options     REML or ML, intervals, therapists, errors
/// \param covariates  columns beside the scores, in the order of the rows that the panel was made from; may be none
/// \return      the fit; read report() before the numbers
/// Errors:      errc::too_few_clusters; errc::no_replication; errc::collinear if time does not vary enough for the
///              curve or a covariate follows from others; errc::zero_variance if all scores are alike; errc::no_data;
///              errc::size_mismatch; errc::time_before_curve; errc::invalid_option; errc::client_changes_therapist;
///              errc::missing_id without therapists in the panel; errc::too_few_groups; errc::unusable_gap;
///              errc::kenward_roger_refused
/// Missing:     sessions without a score, or without one of the covariates, are left out; valid if they are missing at
///              random given what is seen. Sessions missed after a rupture probably are not
/// Numerics:    exact optimum by Newton's method, certified; see stats::fit_mixed_model
/// Not for:     comparing mean curves under REML: use ML
/// Reference:   Laird & Ware (1982), doi 10.2307/2529876; Singer & Willett (2003), doi
///              10.1093/acprof:oso/9780195152968.001.0001
/// R:           lmerTest::lmer(score ~ session * treatment + (session | client))
/// Example:     docs/snippets/growth.cpp
template <class Scalar>
[[nodiscard]] result<basic_growth_fit<Scalar>> fit_growth(
    const basic_session_panel<Scalar>& panel, const time_coding& coding, const growth_options& options = {},
    const std::vector<basic_growth_covariate<Scalar>>& covariates = {}) {
  auto described = model_of_growth(panel, coding, options, covariates);
  if (!described) return described.error();
  return detail::growth_fitter<Scalar>(panel, coding, options, *std::move(described)).fit();
}

RAPPORT_INSTANCE(result<basic_growth_fit<double>> fit_growth(const basic_session_panel<double>&, const time_coding&,
                                                             const growth_options&,
                                                             const std::vector<basic_growth_covariate<double>>&));

}  // namespace rapport
