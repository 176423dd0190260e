// SPDX-License-Identifier: BSL-1.0
// The mixed model: likelihood against a textbook one, derivatives against differences, optima, boundaries, scaling.
#include "rapport_test.hpp"

#include "naive_mixed_model.hpp"

namespace rp = rapport;

using namespace rapport::stats;
using rapport_test::naive_mixed_model;
using rapport_test::simulated_sessions;

namespace {

/// A covariance matrix in the design's coordinates, from one in the caller's, relative to the residual variance.
small_matrix<double> to_design(const mixed_model_design<double>& design, const Eigen::MatrixXd& g,
                               double residual_var) {
  return design.z_factor() * g * design.z_factor().transpose() / residual_var;
}

Eigen::MatrixXd random_covariance(rapport::random_stream& random, rp::index q) {
  Eigen::MatrixXd root(q, q);
  for (rp::index i = 0; i < q; ++i) {
    for (rp::index j = 0; j < q; ++j) root(i, j) = random.normal();
  }
  return root * root.transpose();
}

}  // namespace

TEST_CASE("the likelihood at fixed parameters is that of the textbook formula", "[mixed_model]") {
  for (const bool balanced : {true, false}) {
    for (const bool reml : {true, false}) {
      const auto data = simulated_sessions(balanced ? 11 : 12, 9, 6, balanced);
      const auto design = mixed_model_design<double>::make(data).value();
      const auto kind = reml ? likelihood::reml : likelihood::ml;
      rapport::random_stream random(5);
      for (int repeat = 0; repeat < 20; ++repeat) {
        const Eigen::MatrixXd g = random_covariance(random, 2) * (repeat % 2 == 0 ? 1.0 : 1e-4);
        // The residual variance is profiled out: find it for this shape of V, then the two must agree.
        const auto at = evaluate(design, to_design(design, g, 1.0), kind).value();
        const double residual_var = at.residual_var * design.score_scale() * design.score_scale();
        const naive_mixed_model naive(data, g * residual_var, residual_var, reml);
        CHECK_CLOSE(at.deviance, naive.deviance, 1e-11);
        const Eigen::VectorXd beta =
            design.x_factor().triangularView<Eigen::Upper>().solve(design.score_scale() * (design.start() + at.step));
        CHECK_CLOSE(beta(0), naive.beta(0), 1e-10);
        CHECK_CLOSE(beta(1), naive.beta(1), 1e-9);
        // ... and no other residual variance gives a smaller deviance.
        for (const double factor : {0.999, 1.001}) {
          const naive_mixed_model beside(data, g * residual_var * factor, residual_var * factor, reml);
          CHECK(beside.deviance > naive.deviance);
        }
      }
    }
  }
}

TEST_CASE("gradient and Hessian are those of differences", "[mixed_model]") {
  const auto data = simulated_sessions(3, 8, 5, false);
  const auto design = mixed_model_design<double>::make(data).value();
  std::vector<small_matrix<double>> directions;
  for (rp::index i = 0; i < 2; ++i) {
    for (rp::index j = 0; j <= i; ++j) {
      small_matrix<double> d = small_matrix<double>::Zero(2, 2);
      d(i, j) = d(j, i) = 1;
      directions.push_back(d);
    }
  }
  rapport::random_stream random(8);
  for (const auto kind : {likelihood::ml, likelihood::reml}) {
    for (int repeat = 0; repeat < 5; ++repeat) {
      const small_matrix<double> g0 = random_covariance(random, 2) + 0.5 * Eigen::MatrixXd::Identity(2, 2);
      const auto here = evaluate(design, g0, kind, directions).value();
      const double h = 1e-4;  // central differences: error about h^2 = 1e-8 of the third derivative, plus 1e-15 / h
      for (std::size_t a = 0; a < directions.size(); ++a) {
        const auto& d = directions[a];
        const auto up = evaluate(design, small_matrix<double>(g0 + h * d), kind, directions).value();
        const auto down = evaluate(design, small_matrix<double>(g0 - h * d), kind, directions).value();
        const double slope = here.gradient.cwiseProduct(Eigen::MatrixXd(d)).sum();
        CHECK_CLOSE(slope, (up.deviance - down.deviance) / (2 * h), 1e-6, 1e-6);
        for (std::size_t b = 0; b < directions.size(); ++b) {
          const auto slope_along = [&](const auto& at) {
            return at.gradient.cwiseProduct(Eigen::MatrixXd(directions[b])).sum();
          };
          const double difference = (slope_along(up) - slope_along(down)) / (2 * h);
          CHECK_CLOSE(here.curvature(static_cast<rp::index>(a), static_cast<rp::index>(b)), difference, 1e-6, 1e-6);
        }
      }
    }
  }
}

TEST_CASE("the information about the residual variance is that of differences", "[mixed_model]") {
  const auto data = simulated_sessions(4, 10, 6, false);
  const auto design = mixed_model_design<double>::make(data).value();
  const auto fit = fit_mixed_model(design, likelihood::reml).value();
  REQUIRE(fit.report.status == fit_status::converged);
  const rp::index last = fit.parameter_hessian.rows() - 1;
  // Along the residual variance alone G0 = G / s stays what it is, so G is scaled with it.
  const auto deviance = [&](double factor) {
    return naive_mixed_model(data, fit.random_covariance * factor, fit.residual_var * factor, true).deviance;
  };
  const double h = 1e-3;
  const double scaled = fit.residual_var / (design.score_scale() * design.score_scale());
  const double second = (deviance(1 + h) - 2 * deviance(1.0) + deviance(1 - h)) / (h * h * scaled * scaled);
  CHECK_CLOSE(fit.parameter_hessian(last, last), second, 1e-5);  // differences: h^2 = 1e-6
}

TEST_CASE("no neighbour of the optimum is better", "[mixed_model]") {
  for (const bool reml : {true, false}) {
    const auto data = simulated_sessions(21, 40, 7, false);
    const auto design = mixed_model_design<double>::make(data).value();
    const auto fit = fit_mixed_model(design, reml ? likelihood::reml : likelihood::ml).value();
    REQUIRE(fit.report.status == fit_status::converged);
    CHECK(fit.report.gradient_norm < 1e-9);
    CHECK_CLOSE(fit.deviance, naive_mixed_model(data, fit.random_covariance, fit.residual_var, reml).deviance, 1e-11);
    for (const double step : {-1e-3, 1e-3}) {
      for (const auto& [i, j] : {std::pair{0, 0}, {0, 1}, {1, 1}}) {
        Eigen::MatrixXd g = fit.random_covariance;
        g(i, j) += step * std::sqrt(g(i, i) * g(j, j));
        g(j, i) = g(i, j);
        CHECK(naive_mixed_model(data, g, fit.residual_var, reml).deviance > fit.deviance);
      }
      CHECK(naive_mixed_model(data, fit.random_covariance, fit.residual_var * (1 + step), reml).deviance >
            fit.deviance);
    }
  }
}

TEST_CASE("clients with the same sessions share one pattern", "[mixed_model]") {
  const auto balanced = mixed_model_design<double>::make(simulated_sessions(1, 30, 6, true)).value();
  CHECK(balanced.patterns().size() == 1);
  CHECK(balanced.patterns()[0].n_clusters == 30);
  const auto unbalanced = mixed_model_design<double>::make(simulated_sessions(1, 30, 6, false)).value();
  CHECK(unbalanced.patterns().size() > 5);
  rp::index sum = 0;
  for (const auto& pattern : unbalanced.patterns()) sum += pattern.n_clusters;
  CHECK(sum == 30);
}

TEST_CASE("a boundary is found, named and certified", "[mixed_model]") {
  SECTION("no differences between clients at all") {
    // Clients that are all alike, but for noise that cancels: each client's mean and slope are the same.
    mixed_model_data<double> data;
    const double noise[] = {1, -1, -1, 1};
    data.x.resize(24, 2);
    data.y.resize(24);
    for (rp::index i = 0; i < 24; ++i) {
      if (i % 4 == 0) data.cluster_begin.push_back(i);
      data.x(i, 0) = 1;
      data.x(i, 1) = static_cast<double>(i % 4);
      data.y(i) = 3 + 0.5 * data.x(i, 1) + (i / 4 % 2 == 0 ? 1 : -1) * noise[i % 4];
    }
    data.cluster_begin.push_back(24);
    data.z = data.x;
    const auto fit = fit_mixed_model(mixed_model_design<double>::make(data).value()).value();
    CHECK(fit.report.status == fit_status::boundary);
    CHECK(fit.report.rank == 0);
    CHECK(fit.random_covariance.isZero(0));
    CHECK(fit.report.least_escape_slope >= 0);
    // Then the model is ordinary least squares, and Satterthwaite's df are the residual ones.
    CHECK_CLOSE(satterthwaite_df(fit, vector<double>(Eigen::Vector2d(0, 1))).value(), 22, 1e-9);
  }
  SECTION("many random designs: the certificate holds, and a search from 25 other points finds nothing better") {
    int on_boundary = 0;
    for (std::uint64_t seed = 0; seed < 60; ++seed) {
      const auto data = simulated_sessions(seed, 6, 5, seed % 2 == 0, 0.4, seed % 3 == 0 ? 0.0 : 0.1);
      const auto design = mixed_model_design<double>::make(data).value();
      const auto fit = fit_mixed_model(design).value();
      REQUIRE(fit.report.status != fit_status::not_converged);
      on_boundary += fit.report.status == fit_status::boundary ? 1 : 0;
      rapport::random_stream random(seed, 1);
      for (int start = 0; start < 25; ++start) {
        rapport::stats::detail::mixed_model_search<double> search(design, likelihood::reml);
        small_matrix<double> factor = small_matrix<double>::Zero(2, 2);
        factor(0, 0) = std::exp(2 * random.normal());
        factor(1, 0) = random.normal();
        factor(1, 1) = std::exp(2 * random.normal());
        const auto found = search.from(factor);
        REQUIRE(found);
        CHECK(found->newton.at.value >= fit.deviance - 1e-7);
      }
    }
    CHECK(on_boundary > 10);
    CHECK(on_boundary < 55);
  }
}

TEST_CASE("shifting and rescaling time and score changes only what it must", "[mixed_model]") {
  const auto data = simulated_sessions(31, 12, 6, false);
  const auto fit = fit_mixed_model(mixed_model_design<double>::make(data).value()).value();
  auto moved = data;
  // Days since 1970 instead of session numbers, scores in other units and far from zero.
  const double time_unit = 7;
  const double time_shift = 20000;
  const double score_unit = 1e3;
  moved.x.col(1) = time_unit * data.x.col(1).array() + time_shift;
  moved.z = moved.x;
  moved.y = score_unit * data.y.array() + 5e6;
  const auto other = fit_mixed_model(mixed_model_design<double>::make(moved).value()).value();
  CHECK_CLOSE(other.fixed(1) * time_unit / score_unit, fit.fixed(1), 1e-9);
  CHECK_CLOSE(other.residual_var / (score_unit * score_unit), fit.residual_var, 1e-10);
  CHECK_CLOSE(other.random_covariance(1, 1) * time_unit * time_unit / (score_unit * score_unit),
              fit.random_covariance(1, 1), 1e-9);
  // REML: n - p rows carry the unit of the score, the determinant that of time.
  const double n = static_cast<double>(data.y.size());
  const double expected = fit.deviance + 2 * (n - 2) * std::log(score_unit) + 2 * std::log(time_unit);
  CHECK_CLOSE(other.deviance, expected, 1e-11);
}

TEST_CASE("uncorrelated effects: the optimum among diagonal matrices", "[mixed_model]") {
  auto data = simulated_sessions(41, 14, 6, false);
  data.structure = random_structure::uncorrelated;
  const auto fit = fit_mixed_model(mixed_model_design<double>::make(data).value(), likelihood::ml).value();
  REQUIRE(fit.report.status == fit_status::converged);
  CHECK(fit.random_covariance(0, 1) == 0);
  CHECK(fit.n_parameters == 5);
  for (const double step : {-1e-3, 1e-3}) {
    for (const rp::index k : {0, 1}) {
      Eigen::MatrixXd g = fit.random_covariance;
      g(k, k) *= 1 + step;
      CHECK(naive_mixed_model(data, g, fit.residual_var, false).deviance > fit.deviance);
    }
  }
}

TEST_CASE("cluster effects are the conditional means, their errors the conditional covariances", "[mixed_model]") {
  const auto data = simulated_sessions(51, 7, 5, false);
  const auto design = mixed_model_design<double>::make(data).value();
  const auto fit = fit_mixed_model(design).value();
  const naive_mixed_model naive(data, fit.random_covariance, fit.residual_var, true);
  rp::index cluster = 0;
  naive_mixed_model::for_each_cluster(
      data, fit.random_covariance, fit.residual_var,
      [&](const auto& x, const auto& z, const auto& y, const Eigen::MatrixXd& v) {
        const Eigen::MatrixXd w = v.inverse();
        const Eigen::MatrixXd gz = fit.random_covariance * z.transpose() * w;
        const Eigen::VectorXd b = gz * (y - x * naive.beta);
        const Eigen::MatrixXd given = fit.random_covariance - gz * z * fit.random_covariance;
        // error of b_hat: -(b given y) - gz x (beta_hat - beta)
        const Eigen::MatrixXd whole = given + gz * x * naive.beta_covariance * x.transpose() * gz.transpose();
        const Eigen::MatrixXd cross = -naive.beta_covariance * x.transpose() * gz.transpose();
        const auto found = effects_of(design, fit, cluster);
        for (rp::index i = 0; i < 2; ++i) {
          CHECK_CLOSE(found.effect(i), b(i), 1e-8, 1e-10);
          for (rp::index j = 0; j < 2; ++j) {
            CHECK_CLOSE(found.conditional_covariance(i, j), given(i, j), 1e-8, 1e-12);
            CHECK_CLOSE(found.error_covariance(i, j), whole(i, j), 1e-8, 1e-12);
            CHECK_CLOSE(found.error_with_fixed(i, j), cross(i, j), 1e-8, 1e-12);
          }
        }
        ++cluster;
      });
  CHECK(cluster == 7);
}

TEST_CASE("the truth is recovered from many clients", "[mixed_model]") {
  const auto data = simulated_sessions(61, 4000, 8, false);
  const auto fit = fit_mixed_model(mixed_model_design<double>::make(data).value()).value();
  // Bounds of about five standard errors at this size.
  CHECK_CLOSE(fit.fixed(1), 0.05, 0, 0.01);
  CHECK_CLOSE(std::sqrt(fit.random_covariance(0, 0)), 0.8, 0, 0.06);
  CHECK_CLOSE(std::sqrt(fit.random_covariance(1, 1)), 0.1, 0, 0.01);
  CHECK_CLOSE(std::sqrt(fit.residual_var), 0.5, 0, 0.01);
}

TEST_CASE("Satterthwaite's degrees of freedom of a balanced random-intercept design are those of the textbook",
          "[mixed_model]") {
  // Balanced: the mean's variance is that of the client means, with clients - 1 degrees of freedom; the slope's is the
  // residual one, with clients (sessions - 1) - 1.
  auto data = simulated_sessions(71, 12, 5, true);
  data.x.col(1).array() -= 3;  // centred, so that level and slope are independent
  data.z = data.x.leftCols(1);
  const auto fit = fit_mixed_model(mixed_model_design<double>::make(data).value()).value();
  REQUIRE(fit.report.status == fit_status::converged);
  CHECK_CLOSE(satterthwaite_df(fit, vector<double>(Eigen::Vector2d(1, 0))).value(), 11, 1e-8);
  CHECK_CLOSE(satterthwaite_df(fit, vector<double>(Eigen::Vector2d(0, 1))).value(), 12 * 4 - 1, 1e-8);
}
