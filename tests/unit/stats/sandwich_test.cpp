// SPDX-License-Identifier: BSL-1.0
// The sandwich covariance against its definition with whole matrices.
#include "rapport_test.hpp"

#include "naive_mixed_model.hpp"

namespace rp = rapport;

using namespace rapport::stats;

TEST_CASE("the sandwich is its definition", "[mixed_model]") {
  const auto data = rapport_test::simulated_sessions(31, 12, 6, false);
  const auto fit = fit_mixed_model(mixed_model_design<double>::make(data).value()).value();
  Eigen::MatrixXd plain = Eigen::MatrixXd::Zero(2, 2);
  Eigen::MatrixXd corrected = Eigen::MatrixXd::Zero(2, 2);
  rapport_test::naive_mixed_model::for_each_cluster(
      data, fit.random_covariance, fit.residual_var,
      [&](const auto& x, const auto&, const auto& y, const Eigen::MatrixXd& v) {
        const Eigen::VectorXd e = y - x * fit.fixed;
        const Eigen::MatrixXd w = v.inverse();
        const Eigen::VectorXd score = x.transpose() * w * e;
        plain += score * score.transpose();
        // Any D with D'D = V will do; here the symmetric root, where the library takes a Cholesky factor.
        const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> of_v(v);
        const Eigen::MatrixXd d = of_v.operatorSqrt();
        const Eigen::MatrixXd b = d * (v - x * fit.fixed_covariance * x.transpose()) * d;
        const Eigen::MatrixXd root = Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd>(b).operatorInverseSqrt();
        const Eigen::VectorXd adjusted = x.transpose() * w * d * root * d * e;
        corrected += adjusted * adjusted.transpose();
      });
  const Eigen::MatrixXd c = fit.fixed_covariance;
  const auto covariance = [&](sandwich_kind kind) { return sandwich_covariance(data, fit, kind).value(); };
  const double n = static_cast<double>(data.y.size());
  for (rp::index i = 0; i < 2; ++i) {
    for (rp::index j = 0; j < 2; ++j) {
      const double cr0 = (c * plain * c)(i, j);
      CHECK_CLOSE(covariance(sandwich_kind::cr0)(i, j), cr0, 1e-10);
      CHECK_CLOSE(covariance(sandwich_kind::cr1)(i, j), cr0 * 12 / 11, 1e-10);
      CHECK_CLOSE(covariance(sandwich_kind::cr1s)(i, j), cr0 * 12 / 11 * (n - 1) / (n - 2), 1e-10);
      CHECK_CLOSE(covariance(sandwich_kind::cr2)(i, j), (c * corrected * c)(i, j), 1e-7);
    }
  }
}

TEST_CASE("a sandwich of a fit of other rows is refused", "[mixed_model]") {
  const auto data = rapport_test::simulated_sessions(31, 12, 6, false);
  const auto other = rapport_test::simulated_sessions(32, 11, 6, false);
  const auto fit = fit_mixed_model(mixed_model_design<double>::make(data).value()).value();
  CHECK(sandwich_covariance(other, fit).error().code == rp::errc::size_mismatch);
}
