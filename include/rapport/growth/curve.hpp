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

/// An error that names a column by its position, with the column's name.
[[nodiscard]] inline error with_name(error e, const std::vector<std::string>& names) {
  if (e.code == errc::collinear && e.column >= 0 && e.column < std::ssize(names)) {
    e.subject = std::string_view(names[as_size(e.column)]);
  }
  return e;
}

/// The steps of fit_growth.
template <class Scalar>
class growth_fitter {
 public:
  growth_fitter(const basic_session_panel<Scalar>& panel, const time_coding& coding, const growth_options& options,
                growth_rows<Scalar> rows)
      : panel_(panel), coding_(coding), options_(options), rows_(std::move(rows)) {}

  [[nodiscard]] result<basic_growth_fit<Scalar>> fit() {
    if (auto known = estimate(); !known) return with_name(known.error(), rows_.columns.fixed_names);
    if (auto tested = test_fixed_effects(); !tested) return tested.error();
    describe_clients();
    describe_therapists();
    describe_variance();
    found_.range = panel_.range();
    return basic_growth_fit<Scalar>(coding_, options_, std::move(rows_.columns), std::move(model_), std::move(found_));
  }

 private:
  [[nodiscard]] bool is_plain() const noexcept {
    return !options_.therapists && options_.errors == stats::residual_kind::independent && coding_.n_random() > 0 &&
           options_.df == growth_df::satterthwaite;
  }

  result<void> estimate() {
    if (is_plain()) {
      auto design = stats::mixed_model_design<Scalar>::make(rows_.data);
      if (!design) return design.error();
      auto model = stats::fit_mixed_model(*design, options_.method);
      if (!model) return model.error();
      model_ = stats::nested_model_fit<Scalar>{*std::move(model)};
      for (index c = 0; c < design->n_clusters(); ++c) effects_.clusters.push_back(effects_of(*design, model_, c));
      return {};
    }
    stats::nested_model_data<Scalar> data{rows_.data};
    if (auto placed = place_therapists(data); !placed) return placed.error();
    if (auto placed = place_errors(data); !placed) return placed.error();
    auto design = stats::nested_model_design<Scalar>::make(data);
    if (!design) return design.error();
    auto model = stats::fit_nested_model(*design, options_.method);
    if (!model) return model.error();
    model_ = *std::move(model);
    auto effects = effects_of(*design, model_);
    if (!effects) return effects.error();
    effects_ = *std::move(effects);
    group_of_cluster_ = std::move(data.group_of_cluster);
    strata_of_rows_ = std::move(data.residual.stratum);
    if (options_.df != growth_df::kenward_roger) return {};
    auto adjusted = stats::kenward_roger_of(*design, model_);
    if (!adjusted) return adjusted.error();
    adjusted_ = *std::move(adjusted);
    return {};
  }

  /// Groups in the order of the panel's therapists; those without a row in the model are absent.
  result<void> place_therapists(stats::nested_model_data<Scalar>& data) {
    if (!options_.therapists) return {};
    if (panel_.n_therapists() == 0)
      return error{.code = errc::missing_id, .function = "fit_growth", .row = 0, .subject = "therapist"};
    std::vector<index> therapist_of_cluster;
    for (index c = 0; c < data.n_clusters(); ++c) {
      const index first = data.cluster_begin[as_size(c)];
      const index therapist = panel_.therapist_of_row(rows_.panel_row[as_size(first)]);
      for (index i = first; i < data.cluster_begin[as_size(c) + 1]; ++i) {
        if (panel_.therapist_of_row(rows_.panel_row[as_size(i)]) == therapist) continue;
        return error{.code = errc::client_changes_therapist,
                     .function = "fit_growth",
                     .subject = std::string_view(panel_.client_id(rows_.client_of_cluster[as_size(c)]))};
      }
      therapist_of_cluster.push_back(therapist);
    }
    therapists_ = therapist_of_cluster;
    std::sort(therapists_.begin(), therapists_.end());
    therapists_.erase(std::unique(therapists_.begin(), therapists_.end()), therapists_.end());
    for (const index therapist : therapist_of_cluster) {
      data.group_of_cluster.push_back(std::lower_bound(therapists_.begin(), therapists_.end(), therapist) -
                                      therapists_.begin());
    }
    data.n_groups = std::ssize(therapists_);
    return {};
  }

  result<void> place_errors(stats::nested_model_data<Scalar>& data) {
    data.residual.kind = options_.errors;
    std::vector<Scalar> time;
    for (index c = 0; c < data.n_clusters(); ++c) {
      const index client = rows_.client_of_cluster[as_size(c)];
      const auto series = panel_.series(client);
      for (index i = data.cluster_begin[as_size(c)]; i < data.cluster_begin[as_size(c) + 1]; ++i) {
        const index position = rows_.panel_row[as_size(i)] - panel_.first_row(client);
        time.push_back(series.session[as_size(position)]);
        data.residual.time.push_back(options_.count_rows ? static_cast<Scalar>(i) : time.back());
      }
    }
    const bool stratified = options_.errors == stats::residual_kind::stratified;
    if (!stratified && options_.errors != stats::residual_kind::unstructured) return {};
    // Strata by label if there are labels, and else by session time; numbered in increasing order.
    std::vector<Scalar> label = time;
    if (stratified && !options_.error_strata.empty()) {
      if (std::ssize(options_.error_strata) != panel_.n_rows()) {
        return error{.code = errc::size_mismatch,
                     .function = "fit_growth",
                     .value = static_cast<double>(options_.error_strata.size()),
                     .lower = static_cast<double>(panel_.n_rows()),
                     .subject = "error_strata"};
      }
      for (std::size_t i = 0; i < label.size(); ++i)
        label[i] = static_cast<Scalar>(options_.error_strata[as_size(panel_.input_row(rows_.panel_row[i]))]);
    }
    found_.strata = label;
    std::sort(found_.strata.begin(), found_.strata.end());
    found_.strata.erase(std::unique(found_.strata.begin(), found_.strata.end()), found_.strata.end());
    for (const Scalar& each : label) {
      data.residual.stratum.push_back(std::lower_bound(found_.strata.begin(), found_.strata.end(), each) -
                                      found_.strata.begin());
    }
    data.residual.n_strata = std::ssize(found_.strata);
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
      found_.fixed.push_back({*test, rows_.columns.fixed_names[as_size(j)]});
    }
    return {};
  }

  void describe_clients() {
    const auto& data = rows_.data;
    for (index c = 0; c < data.n_clusters(); ++c) {
      const index first = data.cluster_begin[as_size(c)];
      const index last = data.cluster_begin[as_size(c) + 1];
      const auto& effects = effects_.clusters[as_size(c)];
      basic_client_curve<Scalar> client;
      client.id = panel_.client_id(rows_.client_of_cluster[as_size(c)]);
      client.n = last - first;
      client.coefficients = model_.fixed;
      stats::vector<Scalar> variance = model_.fixed_covariance.diagonal();
      for (index k = 0; k < effects.effect.size(); ++k) {
        const index column = rows_.columns.random_columns[as_size(k)];
        client.coefficients(column) += effects.effect(k);
        variance(column) += effects.error_covariance(k, k) + 2 * effects.error_with_fixed(column, k);
      }
      client.standard_errors = variance.cwiseMax(Scalar(0)).cwiseSqrt();
      client.ols = least_squares(data, first, last, rows_.columns.n_time_terms);
      if (!effects_.groups.empty())
        client.therapist_effect = effects_.groups[as_size(group_of_cluster_[as_size(c)])].effect;
      found_.clients.push_back(std::move(client));
    }
  }

  void describe_therapists() {
    using std::sqrt;
    const Scalar quantile = stats::normal_quantile(static_cast<Scalar>(1 + options_.level) / 2);
    for (std::size_t g = 0; g < effects_.groups.size(); ++g) {
      const auto& known = effects_.groups[g];
      basic_therapist_effect<Scalar> out{panel_.therapist_id(therapists_[g]), known.n_clusters, {}, {}, {}};
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
    const auto& data = rows_.data;
    const stats::vector<Scalar> fitted = data.x * model_.fixed;
    const auto n = static_cast<Scalar>(fitted.size());
    found_.fixed_var = (fitted.array() - fitted.mean()).matrix().squaredNorm() / (n - 1);
    if (data.z.cols() > 0) found_.random_var = (data.z * model_.random_covariance).cwiseProduct(data.z).sum() / n;
    found_.therapist_var = model_.group_var;
    found_.random_var += model_.group_var;
    found_.error_var = model_.residual_var;
    if (strata_of_rows_.empty()) return;
    std::vector<Scalar> ratio{Scalar(1)};
    std::size_t at = 0;
    const bool stratified = options_.errors == stats::residual_kind::stratified;
    for (std::size_t g = 1; g < found_.strata.size(); ++g) {
      // The diagonal of a matrix whose columns stand one after the other, without its first entry.
      at += stratified ? (g == 1 ? 0 : 1) : found_.strata.size() - g + 1 - (g == 1 ? 1 : 0);
      ratio.push_back(model_.residual_parameters[at]);
    }
    Scalar sum(0);
    for (const index stratum : strata_of_rows_) sum += ratio[as_size(stratum)];
    found_.error_var *= sum / n;
  }

  const basic_session_panel<Scalar>& panel_;
  const time_coding& coding_;
  const growth_options& options_;
  growth_rows<Scalar> rows_;
  stats::nested_model_fit<Scalar> model_{};
  stats::nested_effects<Scalar> effects_{};
  stats::kenward_roger<Scalar> adjusted_{};
  std::vector<index> therapists_{};  ///< positions in the panel of those in the model
  std::vector<index> group_of_cluster_{};
  std::vector<index> strata_of_rows_{};
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
  if (auto legal = validate(options); !legal) return legal.error();
  if (auto legal = coding.check(); !legal) return legal.error();
  auto rows = rows_of_growth(panel, coding, covariates, options.time_name);
  if (!rows) return rows.error();
  return detail::growth_fitter<Scalar>(panel, coding, options, *std::move(rows)).fit();
}

RAPPORT_INSTANCE(result<basic_growth_fit<double>> fit_growth(const basic_session_panel<double>&, const time_coding&,
                                                             const growth_options&,
                                                             const std::vector<basic_growth_covariate<double>>&));

}  // namespace rapport
