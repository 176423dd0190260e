// SPDX-License-Identifier: BSL-1.0
// Profile intervals: against the closed form of least squares, and their ends by another road.
#include "rapport_test.hpp"

#include "naive_mixed_model.hpp"
#include "naive_nested_model.hpp"

namespace rp = rapport;

using namespace rapport::stats;

TEST_CASE("without random effects the profile interval has a closed form", "[profile]") {
  auto data = rapport_test::simulated_nested(5, 2, 6, 5, false, 0);
  data.n_groups = 0;
  data.group_of_cluster.clear();
  const Eigen::MatrixXd inverse = (data.x.transpose() * data.x).inverse();
  const Eigen::VectorXd beta = inverse * data.x.transpose() * data.y;
  const double squares = (data.y - data.x * beta).squaredNorm();
  const double n = static_cast<double>(data.y.size());
  // n log(1 + (b - beta)^2 / (inverse_jj squares)) = z^2
  for (const double level : {0.5, 0.95}) {
    const double z = normal_quantile((1 + level) / 2);
    for (rp::index j = 0; j < 3; ++j) {
      const double half = std::sqrt(std::expm1(z * z / n) * inverse(j, j) * squares);
      const auto found = profile_interval(data, j, level).value();
      CHECK_CLOSE(found.lower, beta(j) - half, 1e-7, 1e-8);
      CHECK_CLOSE(found.upper, beta(j) + half, 1e-7, 1e-8);
    }
  }
}

TEST_CASE("at the ends of a profile interval the deviance is the quantile above its minimum", "[profile]") {
  const auto data = rapport_test::simulated_nested(6, 4, 6, 5, false, 1);
  const auto interval = profile_interval(data, 1).value();
  const auto best = fit_nested_model(nested_model_design<double>::make(data).value(), likelihood::ml).value();
  CHECK(interval.contains(best.fixed(1)));
  // Wider than Wald's, as it counts the uncertainty of the variances.
  CHECK(interval.upper - interval.lower > 2 * 1.959 * std::sqrt(best.fixed_covariance(1, 1)));
  for (const double end : {interval.lower, interval.upper}) {
    // The scores less the effect, without its column: the deviance from the covariance matrix of all rows.
    auto without = data;
    without.x.resize(data.x.rows(), 2);
    without.x.col(0) = data.x.col(0);
    without.x.col(1) = data.x.col(2);
    without.y = data.y - end * data.x.col(1);
    const auto fit = fit_nested_model(nested_model_design<double>::make(without).value(), likelihood::ml).value();
    const double naive =
        rapport_test::naive_nested_model(
            without,
            rapport_test::naive_covariance(without, fit.random_covariance, fit.group_var, fit.residual_var, {}), false)
            .deviance;
    CHECK_CLOSE(naive - best.deviance, 3.841458820694124, 1e-7);
  }
}

TEST_CASE("what has no profile", "[profile]") {
  const auto data = rapport_test::simulated_sessions(6, 5, 5, true);
  CHECK(profile_interval(data, 2).error().code == rp::errc::invalid_option);
  CHECK(profile_interval(data, -1).error().code == rp::errc::invalid_option);
  CHECK(profile_interval(data, 1, 1.0).error().code == rp::errc::invalid_option);
  auto flat = data;
  flat.x = data.x.leftCols(1).eval();
  CHECK(profile_interval(flat, 0).error().code == rp::errc::invalid_option);
}
