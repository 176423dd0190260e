// SPDX-License-Identifier: BSL-1.0
// Which shape of the curve: several time codings side by side, by maximum likelihood and by clients that were left out.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include <rapport/core/random.hpp>
#include <rapport/growth/model.hpp>
#include <rapport/stats/mixed_model/parametric_bootstrap.hpp>

namespace rapport {

/// A shape with the name under which it is listed.
struct named_coding {
  std::string name{};
  time_coding coding;
};

/// One shape among others, always by maximum likelihood.
template <class Scalar>
struct basic_shape_comparison {
  std::string name{};
  index n_parameters = 0;
  Scalar log_likelihood{};
  Scalar aic{};
  Scalar aicc{};  ///< AIC with the correction for small samples; infinite if there are too few scores for it
  Scalar bic_n_clients{};
  Scalar akaike_weight{};  ///< exp(-delta AICc / 2), brought to sum 1
  /// Mean over clients of the log density of a client's scores under the model of the others; higher is better.
  Scalar left_out_log_density{};
  Scalar left_out_error_sd{};  ///< root mean squared distance of left-out scores from the mean curve of the others
  bool converged = false;      ///< all fits
};
using shape_comparison = basic_shape_comparison<double>;

/// How shapes are compared.
struct comparison_options {
  index folds = 10;  ///< parts into which clients are divided; at most one client each; 0: no cross-validation
  std::uint64_t seed = 20240229;
};

namespace detail {

/// The rows of some clusters.
template <class Scalar>
[[nodiscard]] stats::nested_model_data<Scalar> some_clusters(const stats::nested_model_data<Scalar>& all,
                                                             const std::vector<index>& clusters) {
  stats::nested_model_data<Scalar> out;
  index n = 0;
  for (const index c : clusters) n += all.cluster_begin[as_size(c) + 1] - all.cluster_begin[as_size(c)];
  out.x.resize(n, all.x.cols());
  out.z.resize(n, all.z.cols());
  out.y.resize(n);
  out.structure = all.structure;
  out.residual.kind = all.residual.kind;
  out.residual.n_strata = all.residual.n_strata;
  index row = 0;
  std::vector<index> groups;
  for (const index c : clusters) {
    const index first = all.cluster_begin[as_size(c)];
    const index count = all.cluster_begin[as_size(c) + 1] - first;
    out.cluster_begin.push_back(row);
    out.x.middleRows(row, count) = all.x.middleRows(first, count);
    out.z.middleRows(row, count) = all.z.middleRows(first, count);
    out.y.segment(row, count) = all.y.segment(first, count);
    for (index i = first; i < first + count; ++i) {
      if (!all.residual.time.empty()) out.residual.time.push_back(all.residual.time[as_size(i)]);
      if (!all.residual.stratum.empty()) out.residual.stratum.push_back(all.residual.stratum[as_size(i)]);
    }
    if (all.n_groups > 0) groups.push_back(all.group_of_cluster[as_size(c)]);
    row += count;
  }
  out.cluster_begin.push_back(row);
  auto known = groups;
  std::sort(known.begin(), known.end());
  known.erase(std::unique(known.begin(), known.end()), known.end());
  for (const index each : groups)
    out.group_of_cluster.push_back(std::lower_bound(known.begin(), known.end(), each) - known.begin());
  out.n_groups = std::ssize(known);
  return out;
}

/// The log density of one cluster's scores, its group unknown; and the squared distances from the mean curve, added up.
template <class Scalar>
[[nodiscard]] result<Scalar> log_density(const stats::nested_model_data<Scalar>& rows,
                                         const stats::nested_model_fit<Scalar>& fit, index cluster, Scalar& squares) {
  using std::atan;
  using std::log;
  const index first = rows.cluster_begin[as_size(cluster)];
  const index count = rows.cluster_begin[as_size(cluster) + 1] - first;
  const auto z = rows.z.middleRows(first, count);
  stats::matrix<Scalar> v =
      fit.residual_var * stats::error_covariance(rows.residual, fit.residual_parameters, first, count);
  if (z.cols() > 0) v += z * fit.random_covariance * z.transpose();
  v.array() += fit.group_var;
  const auto factor = stats::cholesky_factor<Scalar>::make(v);
  if (!factor) return factor.error();
  const stats::vector<Scalar> away = rows.y.segment(first, count) - rows.x.middleRows(first, count) * fit.fixed;
  squares += away.squaredNorm();
  const Scalar form = away.dot(stats::vector<Scalar>(factor->solve(away)));
  return Scalar(-(static_cast<Scalar>(count) * log(Scalar(8 * atan(Scalar(1)))) + factor->log_determinant() + form) /
                2);
}

}  // namespace detail

/// Compares shapes of the mean curve on the same scores.
/// Model:       every shape is fitted by maximum likelihood, whatever the options say: the REML criterion depends on how the
///              terms of time are coded, so it says nothing about shapes
/// \param panel       scores over sessions
/// \param shapes      the codings, each with what differs between clients
/// \param options     of the fits: therapists, errors
/// \param covariates  columns beside the scores
/// \param comparison  folds and seed of the cross-validation
/// \return         one entry per shape, in the order given
/// Errors:         those of fit_growth, from the first shape that has one; errc::no_data without shapes; errc::invalid_option
///                 for a negative number of folds
/// Missing:        as fit_growth; all shapes see the same scores
/// Numerics:       AICc = AIC + 2 k (k + 1) / (n - k - 1) with n scores and k parameters. Whole clients are left out, because
///                 other scores of the same client would give its level away; folds are the same for all shapes. A
///                 left-out client's therapist counts as unknown
/// Not for:        testing: take compare_models for nested shapes
/// Reference:      Hurvich & Tsai (1989), doi 10.1093/biomet/76.2.297; Burnham & Anderson (2002), doi 10.1007/b97636
/// R:              AICcmodavg::aictab(list(...)) of fits with REML = FALSE
template <class Scalar>
[[nodiscard]] result<std::vector<basic_shape_comparison<Scalar>>> compare_shapes(
    const basic_session_panel<Scalar>& panel, const std::vector<named_coding>& shapes,
    const growth_options& options = {}, const std::vector<basic_growth_covariate<Scalar>>& covariates = {},
    const comparison_options& comparison = {}) {
  using std::exp;
  using std::log;
  using std::sqrt;
  if (shapes.empty()) return error{.code = errc::no_data, .function = "compare_shapes"};
  if (comparison.folds < 0) {
    return error{.code = errc::invalid_option,
                 .function = "compare_shapes",
                 .value = static_cast<double>(comparison.folds),
                 .lower = 0,
                 .upper = static_cast<double>(panel.n_clients()),
                 .subject = "the number of folds"};
  }
  std::vector<basic_shape_comparison<Scalar>> out;
  for (const named_coding& shape : shapes) {
    const auto model = model_of_growth(panel, shape.coding, options, covariates);
    if (!model) return model.error();
    const auto rows = model->nested();
    const auto fit = stats::fit_rows(rows, stats::likelihood::ml);
    if (!fit) return detail::with_name(fit.error(), model->rows.columns.fixed_names);
    basic_shape_comparison<Scalar> one;
    one.name = shape.name;
    one.n_parameters = fit->n_parameters;
    one.converged = fit->report.status != stats::fit_status::not_converged;
    one.log_likelihood = fit->log_likelihood();
    const auto k = static_cast<Scalar>(fit->n_parameters);
    const auto n = static_cast<Scalar>(fit->n_rows);
    one.aic = fit->deviance + 2 * k;
    one.aicc = n > k + 1 ? Scalar(one.aic + 2 * k * (k + 1) / (n - k - 1)) : std::numeric_limits<Scalar>::infinity();
    one.bic_n_clients = fit->deviance + log(static_cast<Scalar>(fit->n_clusters)) * k;

    const index n_clusters = rows.n_clusters();
    const index n_folds = (std::min)(comparison.folds, n_clusters);
    std::vector<index> order(as_size(n_clusters));
    for (index c = 0; c < n_clusters; ++c) order[as_size(c)] = c;
    random_stream random(comparison.seed);
    for (index c = n_clusters - 1; c > 0; --c) std::swap(order[as_size(c)], order[as_size(random.below(c + 1))]);
    Scalar squares(0);
    for (index fold = 0; fold < n_folds; ++fold) {
      std::vector<index> kept;
      for (index c = 0; c < n_clusters; ++c) {
        if (c % n_folds != fold) kept.push_back(order[as_size(c)]);
      }
      std::sort(kept.begin(), kept.end());
      const auto others = stats::fit_rows(detail::some_clusters(rows, kept), stats::likelihood::ml);
      if (!others) return detail::with_name(others.error(), model->rows.columns.fixed_names);
      one.converged = one.converged && others->report.status != stats::fit_status::not_converged;
      for (index c = fold; c < n_clusters; c += n_folds) {
        const auto density = detail::log_density(rows, *others, order[as_size(c)], squares);
        if (!density) return density.error();
        one.left_out_log_density += *density / static_cast<Scalar>(n_clusters);
      }
    }
    if (n_folds > 0) one.left_out_error_sd = sqrt(squares / n);
    out.push_back(std::move(one));
  }
  Scalar best = out[0].aicc;
  for (const auto& each : out) best = (std::min)(best, each.aicc);
  Scalar sum(0);
  for (auto& each : out) {
    each.akaike_weight = each.aicc == best ? Scalar(1) : Scalar(exp((best - each.aicc) / 2));
    sum += each.akaike_weight;
  }
  for (auto& each : out) each.akaike_weight /= sum;
  return out;
}

RAPPORT_INSTANCE(result<std::vector<basic_shape_comparison<double>>> compare_shapes(
    const basic_session_panel<double>&, const std::vector<named_coding>&, const growth_options&,
    const std::vector<basic_growth_covariate<double>>&, const comparison_options&));

}  // namespace rapport
