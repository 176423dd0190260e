// SPDX-License-Identifier: BSL-1.0
// Effects of clusters and groups in a nested model, against the conditional normal distribution of all rows.
#include "rapport_test.hpp"

#include "naive_nested_model.hpp"

namespace rp = rapport;

using namespace rapport::stats;
using rapport_test::simulated_nested;

TEST_CASE("effects of clusters and groups are conditional means, their errors conditional covariances", "[nested]") {
  for (const auto kind : {residual_kind::independent, residual_kind::autoregressive}) {
    auto data = simulated_nested(21, 4, 5, 5, false, 2);
    data.residual.kind = kind;
    const auto design = nested_model_design<double>::make(data).value();
    const auto fit = fit_nested_model(design).value();
    const auto effects = effects_of(design, fit).value();
    REQUIRE(effects.clusters.size() == 20);
    REQUIRE(effects.groups.size() == 4);
    const rapport_test::naive_nested_model naive(
        data,
        rapport_test::naive_covariance(data, fit.random_covariance, fit.group_var, fit.residual_var,
                                       fit.residual_parameters),
        true);
    const Eigen::VectorXd r = data.y - data.x * naive.beta;
    // Covariance of an effect with all scores, times V^-1: the weights of the scores.
    const auto check = [&](const Eigen::MatrixXd& with_scores, const Eigen::MatrixXd& prior,
                           const Eigen::VectorXd& effect, const Eigen::MatrixXd& given, const Eigen::MatrixXd& whole) {
      const Eigen::MatrixXd weight = with_scores * naive.inverse;
      const Eigen::VectorXd mean = weight * r;
      const Eigen::MatrixXd conditional = prior - weight * with_scores.transpose();
      const Eigen::MatrixXd error =
          conditional + weight * data.x * naive.beta_covariance * data.x.transpose() * weight.transpose();
      for (rp::index i = 0; i < mean.size(); ++i) {
        CHECK_CLOSE(effect(i), mean(i), 1e-7, 1e-9);
        for (rp::index j = 0; j < mean.size(); ++j) {
          CHECK_CLOSE(given(i, j), conditional(i, j), 1e-7, 1e-11);
          CHECK_CLOSE(whole(i, j), error(i, j), 1e-7, 1e-11);
        }
      }
    };
    const auto n = data.y.size();
    for (rp::index c = 0; c < 20; ++c) {
      Eigen::MatrixXd with_scores = Eigen::MatrixXd::Zero(2, n);
      for (auto i = data.cluster_begin[rp::as_size(c)]; i < data.cluster_begin[rp::as_size(c) + 1]; ++i)
        with_scores.col(i) = fit.random_covariance * data.z.row(i).transpose();
      const auto& found = effects.clusters[rp::as_size(c)];
      check(with_scores, fit.random_covariance, found.effect, found.conditional_covariance, found.error_covariance);
      const Eigen::MatrixXd cross =
          -naive.beta_covariance * data.x.transpose() * naive.inverse * with_scores.transpose();
      for (rp::index i = 0; i < 3; ++i) {
        for (rp::index j = 0; j < 2; ++j) CHECK_CLOSE(found.error_with_fixed(i, j), cross(i, j), 1e-7, 1e-11);
      }
    }
    for (rp::index g = 0; g < 4; ++g) {
      Eigen::MatrixXd with_scores = Eigen::MatrixXd::Zero(1, n);
      for (rp::index c = 5 * g; c < 5 * g + 5; ++c) {
        for (auto i = data.cluster_begin[rp::as_size(c)]; i < data.cluster_begin[rp::as_size(c) + 1]; ++i)
          with_scores(0, i) = fit.group_var;
      }
      const auto& found = effects.groups[rp::as_size(g)];
      check(with_scores, Eigen::MatrixXd::Constant(1, 1, fit.group_var), Eigen::VectorXd::Constant(1, found.effect),
            Eigen::MatrixXd::Constant(1, 1, found.conditional_variance),
            Eigen::MatrixXd::Constant(1, 1, found.error_variance));
      CHECK(found.n_clusters == 5);
    }
  }
}
