// SPDX-License-Identifier: BSL-1.0
// The scored sessions of a panel as the rows of a mixed model: terms of time, covariates, what differs between clients.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include <rapport/core/result.hpp>
#include <rapport/data/session_panel.hpp>
#include <rapport/growth/covariates.hpp>
#include <rapport/growth/time_coding.hpp>
#include <rapport/stats/mixed_model/design.hpp>

namespace rapport {

/// What the columns of a growth model are.
template <class Scalar>
struct growth_columns {
  std::vector<std::string> fixed_names{};
  std::vector<index> random_columns{};  ///< which columns of x differ between clients
  index n_time_terms = 0;               ///< the first so many columns of x
  index n_left_out = 0;                 ///< scored sessions without one of the covariates
  stats::matrix<Scalar> time_factor{};  ///< orthogonal terms = plain powers x its inverse; empty otherwise
};

/// The rows of a growth model.
template <class Scalar>
struct growth_rows {
  stats::mixed_model_data<Scalar> data{};
  growth_columns<Scalar> columns{};
  std::vector<index> client_of_cluster{};  ///< position of each cluster's client in the panel
  std::vector<index> panel_row{};          ///< of each row
};

namespace detail {

/// The columns of x that follow from a coding and its covariates.
template <class Scalar>
class growth_row_builder {
 public:
  using covariate = basic_growth_covariate<Scalar>;

  growth_row_builder(const basic_session_panel<Scalar>& panel, const time_coding& coding,
                     const std::vector<covariate>& covariates)
      : panel_(panel), coding_(coding), covariates_(covariates) {}

  [[nodiscard]] result<growth_rows<Scalar>> build(const std::string& time_name) {
    for (const covariate& each : covariates_) {
      if (std::ssize(each.values) == panel_.n_rows()) continue;
      return error{.code = errc::size_mismatch,
                   .function = "fit_growth",
                   .value = static_cast<double>(each.values.size()),
                   .lower = static_cast<double>(panel_.n_rows()),
                   .subject = std::string_view(each.name)};
    }
    if (auto listed = list_rows(); !listed) return listed.error();
    if (rows_.panel_row.empty()) return error{.code = errc::no_data, .function = "fit_growth"};
    name_columns(time_name);
    if (auto filled = fill(); !filled) return filled.error();
    return std::move(rows_);
  }

 private:
  [[nodiscard]] const Scalar& value(const covariate& of, index row) const {
    return of.values[as_size(panel_.input_row(row))];
  }

  /// The scored sessions that have every covariate.
  result<void> list_rows() {
    for (index client = 0; client < panel_.n_clients(); ++client) {
      const auto series = panel_.series(client);
      const index first = std::ssize(rows_.panel_row);
      for (index t = 0; t < series.size(); ++t) {
        if (!series.is_observed(t)) continue;
        const index row = panel_.first_row(client) + t;
        bool complete = true;
        for (const covariate& each : covariates_) complete = complete && !is_missing(value(each, row));
        if (!complete) {
          ++rows_.columns.n_left_out;
          continue;
        }
        if (!coding_.is_defined_at(series.session[as_size(t)])) {
          return error{.code = errc::time_before_curve,
                       .function = "fit_growth",
                       .value = static_cast<double>(series.session[as_size(t)]),
                       .lower = coding_.center() - (coding_.shape() == time_shape::logarithm ? 1 : 0),
                       .subject = std::string_view(panel_.client_id(client))};
        }
        rows_.panel_row.push_back(row);
        time_.push_back(series.session[as_size(t)]);
        score_.push_back(series[t]);
      }
      if (std::ssize(rows_.panel_row) == first) continue;
      rows_.data.cluster_begin.push_back(first);
      rows_.client_of_cluster.push_back(client);
    }
    rows_.data.cluster_begin.push_back(std::ssize(rows_.panel_row));
    return {};
  }

  void name_columns(const std::string& time_name) {
    auto& names = rows_.columns.fixed_names;
    names = coding_.term_names(time_name);
    rows_.columns.n_time_terms = coding_.n_fixed();
    const std::vector<std::string> terms = names;
    for (index k = 0; k < coding_.n_random(); ++k) rows_.columns.random_columns.push_back(k);
    for (const covariate& each : covariates_) {
      const bool is_split = each.role == covariate_role::split;
      if (each.random_slope) rows_.columns.random_columns.push_back(std::ssize(names));
      names.push_back(is_split ? each.name + "_within" : each.name);
      if (is_split) names.push_back(each.name + "_between");
    }
    for (const covariate& each : covariates_) {
      if (each.role != covariate_role::moderator) continue;
      for (std::size_t k = 1; k < terms.size(); ++k) names.push_back(terms[k] + ":" + each.name);
    }
  }

  result<void> fill() {
    const index n = std::ssize(rows_.panel_row);
    auto& data = rows_.data;
    data.x.resize(n, std::ssize(rows_.columns.fixed_names));
    data.y = Eigen::Map<const stats::vector<Scalar>>(score_.data(), n);
    for (index i = 0; i < n; ++i) coding_.terms_at(time_[as_size(i)], data.x.row(i));
    const index n_terms = rows_.columns.n_time_terms;
    if (coding_.shape() == time_shape::orthogonal) {
      auto terms = data.x.leftCols(n_terms);
      stats::matrix<Scalar> powers = terms;
      rows_.columns.time_factor = stats::detail::orthogonalize<Scalar>(powers, Scalar(1));
      for (index j = 0; j < n_terms; ++j) {
        if (rows_.columns.time_factor(j, j) == 0) {
          return error{.code = errc::collinear, .function = "fit_growth", .column = j, .subject = "of time"};
        }
      }
      // The constant stays 1.
      rows_.columns.time_factor.row(0) /= rows_.columns.time_factor(0, 0);
      powers.col(0).setOnes();
      terms = powers;
    }
    index column = n_terms;
    for (const covariate& each : covariates_) {
      for (index i = 0; i < n; ++i) data.x(i, column) = value(each, rows_.panel_row[as_size(i)]);
      if (each.role == covariate_role::split) {
        for (index c = 0; c < data.n_clusters(); ++c) {
          const index first = data.cluster_begin[as_size(c)];
          const index count = data.cluster_begin[as_size(c) + 1] - first;
          const Scalar mean = data.x.col(column).segment(first, count).mean();
          data.x.col(column).segment(first, count).array() -= mean;
          data.x.col(column + 1).segment(first, count).setConstant(mean);
        }
        ++column;
      }
      ++column;
    }
    index covariate_column = n_terms;
    for (const covariate& each : covariates_) {
      if (each.role == covariate_role::moderator) {
        for (index k = 1; k < n_terms; ++k) {
          data.x.col(column++) = data.x.col(k).cwiseProduct(data.x.col(covariate_column));
        }
      }
      covariate_column += each.role == covariate_role::split ? 2 : 1;
    }
    data.z.resize(n, std::ssize(rows_.columns.random_columns));
    for (std::size_t k = 0; k < rows_.columns.random_columns.size(); ++k) {
      data.z.col(static_cast<index>(k)) = data.x.col(rows_.columns.random_columns[k]);
    }
    data.structure = coding_.random() == random_terms::slope_uncorrelated ? stats::random_structure::uncorrelated
                                                                          : stats::random_structure::correlated;
    return {};
  }

  const basic_session_panel<Scalar>& panel_;
  const time_coding& coding_;
  const std::vector<covariate>& covariates_;
  growth_rows<Scalar> rows_{};
  std::vector<Scalar> time_{};
  std::vector<Scalar> score_{};
};

}  // namespace detail

/// Lists the scored sessions of a panel with the terms of a curve and the covariates.
/// \param panel       scores over sessions
/// \param coding      the terms of time, and which of them differ between clients
/// \param covariates  columns beside the scores
/// \param time_name   what time is called in the names of terms
/// \return         rows by client and session; sessions without a score, or without one of the covariates, are left out,
///                 and the latter are counted
/// Errors:         errc::size_mismatch naming a covariate that has not one value per row of the panel; errc::no_data;
///                 errc::time_before_curve if the curve has no value at a session's time; errc::collinear if orthogonal
///                 terms need more different times
template <class Scalar>
[[nodiscard]] result<growth_rows<Scalar>> rows_of_growth(
    const basic_session_panel<Scalar>& panel, const time_coding& coding,
    const std::vector<basic_growth_covariate<Scalar>>& covariates = {}, const std::string& time_name = "session") {
  return detail::growth_row_builder<Scalar>(panel, coding, covariates).build(time_name);
}

RAPPORT_INSTANCE(result<growth_rows<double>> rows_of_growth(const basic_session_panel<double>&, const time_coding&,
                                                            const std::vector<basic_growth_covariate<double>>&,
                                                            const std::string&));

}  // namespace rapport
