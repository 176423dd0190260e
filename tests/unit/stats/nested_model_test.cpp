// SPDX-License-Identifier: BSL-1.0
// Nested models with structured errors: the likelihood against all rows' covariance matrix, derivatives against
// differences, optima, boundaries.
#include "rapport_test.hpp"

#include "naive_nested_model.hpp"

namespace rp = rapport;

using namespace rapport::stats;
using rapport_test::naive_covariance;
using rapport_test::naive_nested_model;
using rapport_test::nested_data;
using rapport_test::simulated_nested;
using jet = matrix_jet<double>;

namespace {

struct shape {
  residual_kind kind = residual_kind::independent;
  rp::index n_random = 2;
  bool groups = true;
  std::vector<double> parameters{};  ///< of the errors
};

const std::vector<shape> shapes{{residual_kind::independent, 2, true, {}},
                                {residual_kind::independent, 1, true, {}},
                                {residual_kind::independent, 0, true, {}},
                                {residual_kind::independent, 2, false, {}},
                                {residual_kind::autoregressive, 1, true, {-0.4}},
                                {residual_kind::autoregressive, 2, false, {0.6}},
                                {residual_kind::autoregressive, 0, false, {0.0}},
                                {residual_kind::continuous, 1, true, {0.3}},
                                {residual_kind::symmetric, 0, true, {0.35}},
                                {residual_kind::symmetric, 0, false, {-0.1}},
                                {residual_kind::stratified, 1, true, {0.5, 2.0, 1.5}},
                                {residual_kind::unstructured, 0, true, {0.3, 0.2, 0.1, 1.5, 0.4, 0.2, 0.8, 0.3, 1.2}}};

nested_data data_of(const shape& which, std::uint64_t seed) {
  auto data = simulated_nested(seed, 4, 5, 4, false, which.n_random);
  data.residual.kind = which.kind;
  if (!which.groups) {
    data.n_groups = 0;
    data.group_of_cluster.clear();
  }
  // Real times for errors in continuous time.
  if (which.kind == residual_kind::continuous) {
    for (std::size_t i = 0; i < data.residual.time.size(); ++i) data.residual.time[i] *= 1.25;
  }
  return data;
}

/// Covariances in the design's coordinates as functions of themselves: entries of G0, the group's variance, the errors'.
nested_covariances<double> natural(const nested_model_design<double>& design, const Eigen::MatrixXd& g0, double group,
                                   const std::vector<double>& parameters, const std::vector<double>& shift) {
  const rp::index q = design.n_random();
  const rp::index n = q * (q + 1) / 2 + (design.has_groups() ? 1 : 0) + std::ssize(parameters);
  nested_covariances<double> out;
  out.g0 = jet(q, q, n);
  out.g0.value() = g0;
  rp::index at = 0;
  for (rp::index j = 0; j < q; ++j) {
    for (rp::index i = j; i < q; ++i, ++at) {
      out.g0.first(at)(i, j) = out.g0.first(at)(j, i) = 1;
      out.g0.value()(i, j) += shift[rp::as_size(at)];
      if (i != j) out.g0.value()(j, i) += shift[rp::as_size(at)];
    }
  }
  out.group = jet::number(group);
  if (design.has_groups()) {
    out.group = jet::of_parameter(at, n, group + shift[rp::as_size(at)]);
    ++at;
  }
  for (const double each : parameters) {
    out.residual.push_back(jet::of_parameter(at, n, each + shift[rp::as_size(at)]));
    ++at;
  }
  return out;
}

}  // namespace

TEST_CASE("the nested likelihood at fixed parameters is that of the whole covariance matrix", "[nested]") {
  std::uint64_t seed = 1;
  for (const auto& which : shapes) {
    const auto data = data_of(which, seed++);
    const auto design = nested_model_design<double>::make(data).value();
    const rp::index q = which.n_random;
    Eigen::MatrixXd g(q, q);
    if (q == 1) g << 1.3;
    if (q == 2) g << 1.3, -0.1, -0.1, 0.08;
    const double group = which.groups ? 0.7 : 0;
    const Eigen::MatrixXd g0 = design.standard().z_factor * g * design.standard().z_factor.transpose();
    for (const auto kind : {likelihood::ml, likelihood::reml}) {
      const std::vector<double> still(20);
      const auto at = evaluate(design, natural(design, g0, group, which.parameters, still), kind).value();
      const double s = at.residual_var() * std::pow(design.standard().score_scale, 2);
      const Eigen::MatrixXd v = naive_covariance(data, g * s, group * s, s, which.parameters);
      const naive_nested_model naive(data, v, kind == likelihood::reml);
      INFO("errors " << static_cast<int>(which.kind) << ", random " << q << ", groups " << which.groups);
      CHECK_CLOSE(at.deviance().scalar(), naive.deviance, 1e-11);
      const auto& standard = design.standard();
      const Eigen::VectorXd beta = standard.x_factor.triangularView<Eigen::Upper>().solve(
          standard.score_scale * (standard.start + Eigen::VectorXd(at.step.value())));
      for (rp::index j = 0; j < 3; ++j) CHECK_CLOSE(beta(j), naive.beta(j), 1e-9, 1e-12);
    }
  }
}

TEST_CASE("derivatives of the nested likelihood are those of differences", "[nested]") {
  std::uint64_t seed = 40;
  for (const auto& which : shapes) {
    const auto data = data_of(which, seed++);
    const auto design = nested_model_design<double>::make(data).value();
    const rp::index q = which.n_random;
    Eigen::MatrixXd g0(q, q);
    if (q == 1) g0 << 1.3;
    if (q == 2) g0 << 1.3, -0.1, -0.1, 0.6;
    const auto kind = likelihood::reml;
    std::vector<double> shift(20);
    const auto here = evaluate(design, natural(design, g0, 0.7, which.parameters, shift), kind)->deviance();
    const double h = 1e-4;  // central differences: error about h^2 = 1e-8 of the third derivative, plus 1e-15 / h
    for (rp::index k = 0; k < here.n_parameters(); ++k) {
      const auto moved = [&](double by) {
        shift[rp::as_size(k)] = by;
        const auto there = evaluate(design, natural(design, g0, 0.7, which.parameters, shift), kind)->deviance();
        shift[rp::as_size(k)] = 0;
        return there;
      };
      const auto up = moved(h);
      const auto down = moved(-h);
      INFO("errors " << static_cast<int>(which.kind) << ", parameter " << k);
      CHECK_CLOSE(here.first(k)(0, 0), (up.scalar() - down.scalar()) / (2 * h), 1e-6, 1e-6);
      for (rp::index l = 0; l < here.n_parameters(); ++l) {
        const double difference = (up.first(l)(0, 0) - down.first(l)(0, 0)) / (2 * h);
        CHECK_CLOSE(here.second(k, l)(0, 0), difference, 1e-5, 1e-5);
      }
    }
  }
}

TEST_CASE("without groups and with independent errors it is the model of two levels", "[nested]") {
  auto data = simulated_nested(7, 8, 8, 8, false);
  data.n_groups = 0;
  data.group_of_cluster.clear();
  for (const auto kind : {likelihood::ml, likelihood::reml}) {
    const auto nested = fit_nested_model(nested_model_design<double>::make(data).value(), kind).value();
    const auto plain = fit_mixed_model(mixed_model_design<double>::make(data).value(), kind).value();
    REQUIRE(nested.report.status == fit_status::converged);
    CHECK_CLOSE(nested.deviance, plain.deviance, 1e-12);
    CHECK(nested.n_parameters == plain.n_parameters);
    for (rp::index j = 0; j < 3; ++j) {
      const vector<double> unit = vector<double>::Unit(3, j);
      CHECK_CLOSE(nested.fixed(j), plain.fixed(j), 1e-8);
      CHECK_CLOSE(nested.fixed_covariance(j, j), plain.fixed_covariance(j, j), 1e-8);
      CHECK_CLOSE(satterthwaite_df<double>(nested, unit).value(), satterthwaite_df<double>(plain, unit).value(), 1e-6);
    }
    CHECK_CLOSE(nested.random_covariance(0, 1), plain.random_covariance(0, 1), 1e-7);
  }
}

TEST_CASE("no neighbour of the nested optimum is better", "[nested]") {
  std::uint64_t seed = 80;
  for (const auto& which : shapes) {
    const auto data = data_of(which, seed++);
    const auto fit = fit_nested_model(nested_model_design<double>::make(data).value(), likelihood::ml).value();
    INFO("errors " << static_cast<int>(which.kind) << ", random " << which.n_random << ", groups " << which.groups);
    CHECK(fit.report.status != fit_status::not_converged);
    const auto deviance = [&](const Eigen::MatrixXd& g, double group, double s, const std::vector<double>& parameters) {
      return naive_nested_model(data, naive_covariance(data, g, group, s, parameters), false).deviance;
    };
    const double best = deviance(fit.random_covariance, fit.group_var, fit.residual_var, fit.residual_parameters);
    CHECK_CLOSE(best, fit.deviance, 1e-10);
    for (const double step : {-1e-3, 1e-3}) {
      CHECK(deviance(fit.random_covariance, fit.group_var, fit.residual_var * (1 + step), fit.residual_parameters) >
            best);
      for (rp::index k = 0; k < which.n_random; ++k) {
        Eigen::MatrixXd g = fit.random_covariance;
        g.row(k) *= std::sqrt(1 + step);
        g.col(k) *= std::sqrt(1 + step);
        if (g(k, k) > 0) CHECK(deviance(g, fit.group_var, fit.residual_var, fit.residual_parameters) > best);
      }
      if (which.groups && (step > 0 || fit.group_var > 0))
        CHECK(deviance(fit.random_covariance, fit.group_var + step * (fit.group_var > 0 ? fit.group_var : 1),
                       fit.residual_var, fit.residual_parameters) > best);
      for (std::size_t k = 0; k < fit.residual_parameters.size(); ++k) {
        auto parameters = fit.residual_parameters;
        parameters[k] += step;
        CHECK(deviance(fit.random_covariance, fit.group_var, fit.residual_var, parameters) > best);
      }
    }
  }
}

TEST_CASE("a variance between groups that is not there is a boundary, and the rest is the model without", "[nested]") {
  // Every therapist has the same mean.
  auto data = simulated_nested(9, 6, 6, 5, true, 1);
  for (rp::index g = 0; g < 6; ++g) data.y.segment(g * 30, 30).array() -= data.y.segment(g * 30, 30).mean();
  const auto fit = fit_nested_model(nested_model_design<double>::make(data).value()).value();
  CHECK(fit.report.status == fit_status::boundary);
  CHECK(fit.group_var == 0);
  CHECK(fit.report.rank == 1);
  CHECK(fit.report.least_escape_slope >= 0);
  const auto plain = fit_mixed_model(mixed_model_design<double>::make(data).value()).value();
  CHECK_CLOSE(fit.deviance, plain.deviance, 1e-12);
}

TEST_CASE("what a nested model cannot be made of", "[nested]") {
  const auto good = simulated_nested(10, 3, 4, 4, true, 1);
  const auto refused = [](const nested_data& data) { return nested_model_design<double>::make(data).error().code; };
  auto data = good;
  data.n_groups = 1;
  std::fill(data.group_of_cluster.begin(), data.group_of_cluster.end(), 0);
  CHECK(refused(data) == rp::errc::too_few_groups);
  data = good;
  data.group_of_cluster.pop_back();
  CHECK(refused(data) == rp::errc::size_mismatch);
  data = good;
  data.residual.kind = residual_kind::autoregressive;
  data.residual.time[1] += 0.5;
  CHECK(refused(data) == rp::errc::unusable_gap);
  data.residual.kind = residual_kind::continuous;
  CHECK(nested_model_design<double>::make(data));
  data.residual.time[1] = data.residual.time[0];
  CHECK(refused(data) == rp::errc::unusable_gap);
  data.residual.time.clear();
  CHECK(refused(data) == rp::errc::size_mismatch);
  data = good;
  data.residual.kind = residual_kind::symmetric;
  CHECK(refused(data) == rp::errc::invalid_option);
  data.residual.kind = residual_kind::stratified;
  data.residual.n_strata = 1;
  CHECK(refused(data) == rp::errc::invalid_option);
  data = good;
  data.z.resize(data.y.size(), 7);
  data.z.setRandom();
  CHECK(refused(data) == rp::errc::invalid_option);
}
