// SPDX-License-Identifier: BSL-1.0
// A nested model's likelihood with the covariance matrix of all rows written out: nothing clever.
#pragma once

#include <cmath>

#include <Eigen/Dense>

#include <rapport/stats/mixed_model.hpp>

namespace rapport_test {

using nested_data = rapport::stats::nested_model_data<double>;

/// The correlation, or relative covariance, of two rows of one cluster.
inline double naive_residual(const nested_data& data, const std::vector<double>& parameters, rapport::index i,
                             rapport::index j) {
  using rapport::as_size;
  using rapport::stats::residual_kind;
  const auto& residual = data.residual;
  switch (residual.kind) {
    case residual_kind::autoregressive:
    case residual_kind::continuous:
      return std::pow(parameters[0], std::fabs(residual.time[as_size(i)] - residual.time[as_size(j)]));
    case residual_kind::symmetric: return i == j ? 1 : parameters[0];
    case residual_kind::stratified: {
      const auto stratum = residual.stratum[as_size(i)];
      return i != j ? 0 : stratum == 0 ? 1 : parameters[as_size(stratum - 1)];
    }
    case residual_kind::unstructured: {
      // Column by column below the diagonal, without the first entry.
      auto row = residual.stratum[as_size(i)];
      auto column = residual.stratum[as_size(j)];
      if (row < column) std::swap(row, column);
      rapport::index at = -1;
      for (rapport::index c = 0; c < residual.n_strata; ++c) {
        for (rapport::index r = c; r < residual.n_strata; ++r, ++at) {
          if (r == row && c == column) return at < 0 ? 1 : parameters[as_size(at)];
        }
      }
      return 0;
    }
    default: return i == j ? 1 : 0;
  }
}

/// V = Z G Z' + group_var 1 1' + residual_var R of all rows.
inline Eigen::MatrixXd naive_covariance(const nested_data& data, const Eigen::MatrixXd& g, double group_var,
                                        double residual_var, const std::vector<double>& parameters) {
  using rapport::as_size;
  const auto n = data.y.size();
  Eigen::MatrixXd v = Eigen::MatrixXd::Zero(n, n);
  for (rapport::index a = 0; a < data.n_clusters(); ++a) {
    for (rapport::index b = 0; b < data.n_clusters(); ++b) {
      const bool same_group =
          data.n_groups > 0 && data.group_of_cluster[as_size(a)] == data.group_of_cluster[as_size(b)];
      for (auto i = data.cluster_begin[as_size(a)]; i < data.cluster_begin[as_size(a) + 1]; ++i) {
        for (auto j = data.cluster_begin[as_size(b)]; j < data.cluster_begin[as_size(b) + 1]; ++j) {
          if (same_group) v(i, j) += group_var;
          if (a != b) continue;
          if (data.z.cols() > 0) v(i, j) += (data.z.row(i) * g * data.z.row(j).transpose())(0, 0);
          v(i, j) += residual_var * naive_residual(data, parameters, i, j);
        }
      }
    }
  }
  return v;
}

struct naive_nested_model {
  double deviance = 0;
  Eigen::VectorXd beta{};
  Eigen::MatrixXd beta_covariance{};
  Eigen::MatrixXd inverse{};  ///< of V

  naive_nested_model(const nested_data& data, const Eigen::MatrixXd& v, bool reml) {
    const auto n = data.y.size();
    const auto p = data.x.cols();
    const Eigen::LLT<Eigen::MatrixXd> factor(v);
    inverse = factor.solve(Eigen::MatrixXd::Identity(n, n));
    const Eigen::MatrixXd xvx = data.x.transpose() * inverse * data.x;
    beta_covariance = xvx.inverse();
    beta = beta_covariance * (data.x.transpose() * inverse * data.y);
    const Eigen::VectorXd r = data.y - data.x * beta;
    const auto rows = static_cast<double>(n - (reml ? p : 0));
    deviance = 2 * Eigen::MatrixXd(factor.matrixL()).diagonal().array().log().sum() + r.dot(inverse * r) +
               rows * std::log(2 * 3.141592653589793);
    if (reml) deviance += std::log(xvx.determinant());
  }
};

/// Sessions of clients of therapists, some missed, with a covariate; errors independent.
inline nested_data simulated_nested(std::uint64_t seed, rapport::index n_groups, rapport::index clients_per_group,
                                    rapport::index n_sessions, bool balanced, rapport::index n_random = 2,
                                    double group_sd = 0.6) {
  rapport::random_stream random(seed);
  nested_data data;
  std::vector<double> time;
  std::vector<double> treated;
  std::vector<double> score;
  for (rapport::index g = 0; g < n_groups; ++g) {
    const double therapist = group_sd * random.normal();
    for (rapport::index c = 0; c < clients_per_group; ++c) {
      data.cluster_begin.push_back(std::ssize(time));
      data.group_of_cluster.push_back(g);
      const double level = 5 + therapist + 0.8 * random.normal();
      const double trend = 0.05 + 0.1 * random.normal();
      for (rapport::index s = 1; s <= n_sessions; ++s) {
        const double noise = 0.5 * random.normal();
        if (!balanced && s > 1 && random.chance(0.25)) continue;
        time.push_back(static_cast<double>(s));
        treated.push_back(c % 2 == 0 ? 1.0 : 0.0);
        score.push_back(level + trend * static_cast<double>(s) + noise);
      }
    }
  }
  const auto n = std::ssize(time);
  data.cluster_begin.push_back(n);
  data.n_groups = n_groups;
  data.x.resize(n, 3);
  data.y.resize(n);
  for (rapport::index i = 0; i < n; ++i) {
    const auto at = rapport::as_size(i);
    data.x.row(i) << 1, time[at], treated[at];
    data.y(i) = score[at];
  }
  data.z = data.x.leftCols(n_random);
  data.residual.time = time;
  data.residual.n_strata = n_sessions;
  for (const double t : time) data.residual.stratum.push_back(static_cast<rapport::index>(t) - 1);
  return data;
}

}  // namespace rapport_test
