// SPDX-License-Identifier: BSL-1.0
// A mixed model's likelihood written as in a textbook: the whole covariance matrix of each cluster, nothing clever.
#pragma once

#include <Eigen/Dense>

#include <rapport/stats/mixed_model.hpp>

namespace rapport_test {

/// -2 log-likelihood (ML) or REML criterion at given covariances, beta at its generalized least-squares value.
struct naive_mixed_model {
  double deviance = 0;
  Eigen::VectorXd beta{};
  Eigen::MatrixXd beta_covariance{};

  naive_mixed_model(const rapport::stats::mixed_model_data<double>& data, const Eigen::MatrixXd& g, double residual_var,
                    bool reml) {
    const auto p = data.x.cols();
    Eigen::MatrixXd xvx = Eigen::MatrixXd::Zero(p, p);
    Eigen::VectorXd xvy = Eigen::VectorXd::Zero(p);
    double log_det = 0;
    for_each_cluster(data, g, residual_var, [&](const auto& x, const auto&, const auto& y, const Eigen::MatrixXd& v) {
      const Eigen::LDLT<Eigen::MatrixXd> factor(v);
      xvx += x.transpose() * factor.solve(Eigen::MatrixXd(x));
      xvy += x.transpose() * factor.solve(Eigen::VectorXd(y));
      log_det += factor.vectorD().array().log().sum();
    });
    beta = xvx.ldlt().solve(xvy);
    beta_covariance = xvx.inverse();
    double squares = 0;
    for_each_cluster(data, g, residual_var, [&](const auto& x, const auto&, const auto& y, const Eigen::MatrixXd& v) {
      const Eigen::VectorXd r = y - x * beta;
      squares += r.dot(v.ldlt().solve(r));
    });
    const auto rows = static_cast<double>(data.y.size() - (reml ? p : 0));
    deviance = log_det + squares + rows * std::log(2 * 3.141592653589793);
    if (reml) deviance += std::log(xvx.determinant());
  }

  template <class Body>
  static void for_each_cluster(const rapport::stats::mixed_model_data<double>& data, const Eigen::MatrixXd& g,
                               double residual_var, const Body& body) {
    for (rapport::index c = 0; c < data.n_clusters(); ++c) {
      const auto first = data.cluster_begin[rapport::as_size(c)];
      const auto count = data.cluster_begin[rapport::as_size(c) + 1] - first;
      const auto z = data.z.middleRows(first, count);
      const Eigen::MatrixXd v = z * g * z.transpose() + residual_var * Eigen::MatrixXd::Identity(count, count);
      body(data.x.middleRows(first, count), z, data.y.segment(first, count), v);
    }
  }
};

/// Sessions of a study: clients with levels and trends of their own, some sessions missed.
/// \param balanced  every client has every session
inline rapport::stats::mixed_model_data<double> simulated_sessions(std::uint64_t seed, rapport::index n_clients,
                                                                   rapport::index n_sessions, bool balanced,
                                                                   double intercept_sd = 0.8, double slope_sd = 0.1) {
  rapport::random_stream random(seed);
  std::vector<double> time;
  std::vector<double> score;
  rapport::stats::mixed_model_data<double> data;
  for (rapport::index c = 0; c < n_clients; ++c) {
    data.cluster_begin.push_back(std::ssize(time));
    const double level = 5 + intercept_sd * random.normal();
    const double trend = 0.05 + slope_sd * random.normal();
    for (rapport::index s = 1; s <= n_sessions; ++s) {
      const double noise = 0.5 * random.normal();
      if (!balanced && s > 1 && random.chance(0.25)) continue;
      time.push_back(static_cast<double>(s));
      score.push_back(level + trend * static_cast<double>(s) + noise);
    }
  }
  const auto n = std::ssize(time);
  data.cluster_begin.push_back(n);
  data.x.resize(n, 2);
  data.y.resize(n);
  for (rapport::index i = 0; i < n; ++i) {
    data.x(i, 0) = 1;
    data.x(i, 1) = time[rapport::as_size(i)];
    data.y(i) = score[rapport::as_size(i)];
  }
  data.z = data.x;
  return data;
}

}  // namespace rapport_test
