// SPDX-License-Identifier: BSL-1.0
// The whole of a growth model in numbers, before it is fitted: rows, therapists, and what is known of the errors.
#pragma once

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include <rapport/growth/curve_types.hpp>
#include <rapport/growth/rows.hpp>
#include <rapport/stats/mixed_model/nested_design.hpp>

namespace rapport {

/// A growth model: its rows, the therapists of its clients, and where its errors stand in time or in strata.
template <class Scalar>
struct growth_model {
  growth_rows<Scalar> rows{};
  std::vector<index> group_of_cluster{};  ///< the therapist of each client, by position in `therapists`
  std::vector<index> therapists{};        ///< positions in the panel of those in the model
  stats::residual_rows<Scalar> residual{};
  std::vector<Scalar> strata{};  ///< times or labels of the strata of the errors, increasing

  /// Whether it is a model of sessions in clients with independent errors and no more.
  [[nodiscard]] bool has_two_levels() const noexcept {
    return therapists.empty() && residual.kind == stats::residual_kind::independent && rows.data.z.cols() > 0;
  }
  /// The rows of the model of up to three levels.
  [[nodiscard]] stats::nested_model_data<Scalar> nested() const {
    return {rows.data, group_of_cluster, std::ssize(therapists), residual};
  }
};

namespace detail {

/// An error that names a column by its position, with the column's name.
[[nodiscard]] inline error with_name(error e, const std::vector<std::string>& names) {
  if (e.code == errc::collinear && e.column >= 0 && e.column < std::ssize(names)) {
    e.subject = std::string_view(names[as_size(e.column)]);
  }
  return e;
}

/// Groups in the order of the panel's therapists; those without a row in the model are absent.
template <class Scalar>
[[nodiscard]] result<void> place_therapists(const basic_session_panel<Scalar>& panel, growth_model<Scalar>& out) {
  const auto& rows = out.rows;
  if (panel.n_therapists() == 0)
    return error{.code = errc::missing_id, .function = "fit_growth", .row = 0, .subject = "therapist"};
  std::vector<index> therapist_of_cluster;
  for (index c = 0; c < rows.data.n_clusters(); ++c) {
    const index first = rows.data.cluster_begin[as_size(c)];
    const index therapist = panel.therapist_of_row(rows.panel_row[as_size(first)]);
    for (index i = first; i < rows.data.cluster_begin[as_size(c) + 1]; ++i) {
      if (panel.therapist_of_row(rows.panel_row[as_size(i)]) == therapist) continue;
      return error{.code = errc::client_changes_therapist,
                   .function = "fit_growth",
                   .subject = std::string_view(panel.client_id(rows.client_of_cluster[as_size(c)]))};
    }
    therapist_of_cluster.push_back(therapist);
  }
  auto& known = out.therapists;
  known = therapist_of_cluster;
  std::sort(known.begin(), known.end());
  known.erase(std::unique(known.begin(), known.end()), known.end());
  for (const index therapist : therapist_of_cluster)
    out.group_of_cluster.push_back(std::lower_bound(known.begin(), known.end(), therapist) - known.begin());
  return {};
}

/// Times of the rows, and their strata: by label if there are labels, and else by session time.
template <class Scalar>
[[nodiscard]] result<void> place_errors(const basic_session_panel<Scalar>& panel, const growth_options& options,
                                        growth_model<Scalar>& out) {
  const auto& rows = out.rows;
  out.residual.kind = options.errors;
  if (options.errors == stats::residual_kind::independent) return {};
  std::vector<Scalar> label;
  for (index c = 0; c < rows.data.n_clusters(); ++c) {
    const index client = rows.client_of_cluster[as_size(c)];
    const auto series = panel.series(client);
    for (index i = rows.data.cluster_begin[as_size(c)]; i < rows.data.cluster_begin[as_size(c) + 1]; ++i) {
      const index position = rows.panel_row[as_size(i)] - panel.first_row(client);
      label.push_back(series.session[as_size(position)]);
      out.residual.time.push_back(options.count_rows ? static_cast<Scalar>(i) : label.back());
    }
  }
  const bool stratified = options.errors == stats::residual_kind::stratified;
  if (!stratified && options.errors != stats::residual_kind::unstructured) return {};
  if (stratified && !options.error_strata.empty()) {
    if (std::ssize(options.error_strata) != panel.n_rows()) {
      return error{.code = errc::size_mismatch,
                   .function = "fit_growth",
                   .value = static_cast<double>(options.error_strata.size()),
                   .lower = static_cast<double>(panel.n_rows()),
                   .subject = "error_strata"};
    }
    for (std::size_t i = 0; i < label.size(); ++i)
      label[i] = static_cast<Scalar>(options.error_strata[as_size(panel.input_row(rows.panel_row[i]))]);
  }
  auto& known = out.strata;
  known = label;
  std::sort(known.begin(), known.end());
  known.erase(std::unique(known.begin(), known.end()), known.end());
  for (const Scalar& each : label)
    out.residual.stratum.push_back(std::lower_bound(known.begin(), known.end(), each) - known.begin());
  out.residual.n_strata = std::ssize(known);
  return {};
}

}  // namespace detail

/// Puts a growth model into numbers.
/// \param panel       scores over sessions
/// \param coding      the terms of time, and which of them differ between clients
/// \param options     of the fit
/// \param covariates  columns beside the scores
/// \return         the model
/// Errors:         those of the options and of rows_of_growth; errc::missing_id without therapists in the panel;
///                 errc::client_changes_therapist; errc::size_mismatch for the strata of the errors
template <class Scalar>
[[nodiscard]] result<growth_model<Scalar>> model_of_growth(
    const basic_session_panel<Scalar>& panel, const time_coding& coding, const growth_options& options = {},
    const std::vector<basic_growth_covariate<Scalar>>& covariates = {}) {
  if (auto legal = validate(options); !legal) return legal.error();
  if (auto legal = coding.check(); !legal) return legal.error();
  auto rows = rows_of_growth(panel, coding, covariates, options.time_name);
  if (!rows) return rows.error();
  growth_model<Scalar> out;
  out.rows = *std::move(rows);
  if (options.therapists) {
    if (auto placed = detail::place_therapists(panel, out); !placed) return placed.error();
  }
  if (auto placed = detail::place_errors(panel, options, out); !placed) return placed.error();
  return out;
}

RAPPORT_INSTANCE(result<growth_model<double>> model_of_growth(const basic_session_panel<double>&, const time_coding&,
                                                              const growth_options&,
                                                              const std::vector<basic_growth_covariate<double>>&));

}  // namespace rapport
