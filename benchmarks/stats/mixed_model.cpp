// SPDX-License-Identifier: BSL-1.0
// Mixed models: the design, one evaluation of the likelihood, whole fits; beside one pass over the same data.
#include <cmath>
#include <ostream>
#include <string>
#include <vector>

#include <Eigen/Cholesky>
#include <Eigen/LU>

#include <rapport/core/failure.hpp>
#include <rapport/stats/mixed_model.hpp>
#include "data.hpp"
#include "measure.hpp"

namespace {

using rapport::as_size;
using rapport::index;
using rapport::stats::likelihood;
using rapport::stats::matrix;
using rapport::stats::vector;
using data_type = rapport::stats::mixed_model_data<double>;
using design_type = rapport::stats::mixed_model_design<double>;
using small = rapport::stats::small_matrix<double>;

/// -2 restricted log-likelihood from its definition, with V of every client written out; beta and scale profiled.
double naive_criterion(const data_type& data, const matrix<double>& g0) {
  const index p = data.x.cols();
  matrix<double> xvx = matrix<double>::Zero(p, p);
  vector<double> xvy = vector<double>::Zero(p);
  double yvy = 0;
  double log_det = 0;
  for (index c = 0; c < data.n_clusters(); ++c) {
    const index first = data.cluster_begin[as_size(c)];
    const index count = data.cluster_begin[as_size(c) + 1] - first;
    const matrix<double> z = data.z.middleRows(first, count);
    const matrix<double> v = matrix<double>::Identity(count, count) + z * g0 * z.transpose();
    const Eigen::LLT<matrix<double>> factor(v);
    matrix<double> both(count, p + 1);
    both << data.x.middleRows(first, count), data.y.segment(first, count);
    factor.matrixL().solveInPlace(both);
    xvx += both.leftCols(p).transpose() * both.leftCols(p);
    xvy += both.leftCols(p).transpose() * both.col(p);
    yvy += both.col(p).squaredNorm();
    log_det += 2 * factor.matrixLLT().diagonal().array().log().sum();
  }
  const auto free_rows = static_cast<double>(data.y.size() - p);
  const double q = yvy - xvy.dot(xvx.llt().solve(xvy));
  const double two_pi = 8 * std::atan(1.0);
  return log_det + std::log(xvx.determinant()) + free_rows * (1 + std::log(two_pi * q / free_rows));
}

matrix<double> some_covariance() {
  matrix<double> g0(2, 2);
  g0 << 2, -0.02, -0.02, 0.02;
  return g0;
}

/// A covariance matrix of the random effects in the design's coordinates.
small to_design(const design_type& design, const matrix<double>& g0) {
  return design.z_factor() * g0 * design.z_factor().transpose();
}

std::vector<small> unit_directions() {
  std::vector<small> out(3, small::Zero(2, 2));
  out[0](0, 0) = 1;
  out[1](0, 1) = out[1](1, 0) = 1;
  out[2](1, 1) = 1;
  return out;
}

bench::subject_info about(const data_type& data) {
  return {.n = {{"clients", data.n_clusters()}, {"rows", data.y.size()}},
          .floor = "one pass forming Z'Z and Z'y of every client"};
}

void design(benchmark::State& state, const bench::study& study, bench::schedule when) {
  const auto data = bench::growth_rows(study.clients, study.sessions, when);
  const auto made = design_type::make(data).value();
  // What is kept of the clients must add up to the whole: X'X = n I in the design's coordinates, and r'r.
  const auto n = static_cast<double>(data.y.size());
  matrix<double> xx = made.xx_within();
  double rr = made.rr_within();
  for (const auto& pattern : made.patterns()) {
    xx += static_cast<double>(pattern.n_clusters) * (pattern.fx.transpose() * pattern.fx);
    rr += pattern.f_square_sum.trace();
  }
  const matrix<double> xtx = data.x.transpose() * data.x;
  const vector<double> beta = xtx.ldlt().solve(data.x.transpose() * data.y);
  const double residual = (data.y - data.x * beta).squaredNorm();
  // Sums of some thousand to a million terms, in another order: 1e-11.
  bench::check_close((xx / n - matrix<double>::Identity(2, 2)).cwiseAbs().maxCoeff(), 0, 1e-11,
                     "distance of X'X to n I");
  bench::check_close(rr * made.score_scale() * made.score_scale() / residual, 1, 1e-11,
                     "r'r over the residual sum of squares");

  std::vector<double> sums;
  bench::compare(
      state, about(data), [&] { return design_type::make(data); }, [&] { bench::cross_products(data, sums); });
}

void evaluation(benchmark::State& state, const bench::study& study, bench::schedule when) {
  const auto data = bench::growth_rows(study.clients, study.sessions, when);
  const auto made = design_type::make(data).value();
  const small g0 = to_design(made, some_covariance());
  const auto directions = unit_directions();
  const auto at = rapport::stats::evaluate<double>(made, g0, likelihood::reml, directions).value();
  // The naive form squares before it subtracts: it carries some ten digits of the sums, and so does its logarithm.
  const auto n = static_cast<double>(data.y.size());
  bench::check_close(at.deviance / n, naive_criterion(data, some_covariance()) / n, 1e-10, "the criterion per row");
  // Central differences with steps of 1e-4 of the smaller variance: truncation of the order of 1e-8, rounding less.
  for (std::size_t a = 0; a < directions.size(); ++a) {
    const double step = 1e-4 * g0.diagonal().minCoeff();
    const small up = g0 + step * directions[a];
    const small down = g0 - step * directions[a];
    const auto above = rapport::stats::evaluate<double>(made, up, likelihood::reml).value();
    const auto below = rapport::stats::evaluate<double>(made, down, likelihood::reml).value();
    const double slope = (above.deviance - below.deviance) / (2 * step);
    const double claimed = at.gradient.cwiseProduct(matrix<double>(directions[a])).sum();
    bench::check_close(claimed / n, slope / n, 1e-6, "the slope per row against differences");
    for (std::size_t b = 0; b < directions.size(); ++b) {
      const matrix<double> change = (above.gradient - below.gradient) / (2 * step);
      const double curvature = change.cwiseProduct(matrix<double>(directions[b])).sum();
      bench::check_close(at.curvature(static_cast<index>(a), static_cast<index>(b)) / n, curvature / n, 1e-6,
                         "the curvature per row against differences");
    }
  }

  std::vector<double> sums;
  bench::compare(
      state, about(data), [&] { return rapport::stats::evaluate<double>(made, g0, likelihood::reml, directions); },
      [&] { bench::cross_products(data, sums); });
}

rapport::stats::mixed_model_fit<double> fit(const data_type& data) {
  return rapport::stats::fit_mixed_model(design_type::make(data).value(), likelihood::reml).value();
}

/// A balanced study has its REML estimates in closed form, by the analysis of variance of the clients' own lines.
void check_balanced(const data_type& data, const rapport::stats::mixed_model_fit<double>& found) {
  const index clients = data.n_clusters();
  const index sessions = data.y.size() / clients;
  const matrix<double> z = data.z.topRows(sessions);
  const matrix<double> zz_inverse = (z.transpose() * z).inverse();
  matrix<double> lines(2, clients);
  double within = 0;
  for (index c = 0; c < clients; ++c) {
    const vector<double> y = data.y.segment(c * sessions, sessions);
    lines.col(c) = zz_inverse * (z.transpose() * y);
    within += (y - z * lines.col(c)).squaredNorm();
  }
  const vector<double> mean = lines.rowwise().mean();
  const matrix<double> deviation = lines.colwise() - mean;
  const matrix<double> between = deviation * deviation.transpose() / static_cast<double>(clients - 1);
  const double residual_var = within / static_cast<double>(clients * (sessions - 2));
  const matrix<double> g = between - residual_var * zz_inverse;
  // Newton's last steps give about half the digits of the criterion twice over; 1e-8 is well within.
  bench::check_close(found.residual_var, residual_var, 1e-8, "the residual variance against its closed form");
  bench::check_close((found.random_covariance - g).cwiseAbs().maxCoeff(), 0, 1e-8, "G against its closed form");
  bench::check_close((found.fixed - mean).cwiseAbs().maxCoeff(), 0, 1e-8, "beta against the mean line");
  bench::check_close((found.fixed_covariance * static_cast<double>(clients) - between).cwiseAbs().maxCoeff(), 0, 1e-8,
                     "the covariance of beta against its closed form");
}

/// The naive criterion must be as claimed, and its parabola along each entry of G must have its vertex at the fit.
void check_optimum(const data_type& data, const rapport::stats::mixed_model_fit<double>& found) {
  const matrix<double> g0 = found.random_covariance / found.residual_var;
  const double here = naive_criterion(data, g0);
  const auto n = static_cast<double>(data.y.size());
  bench::check_close(found.deviance / n, here / n, 1e-10, "the criterion per row");
  for (const auto& [i, j] : {std::pair<index, index>{0, 0}, {0, 1}, {1, 1}}) {
    matrix<double> step = matrix<double>::Zero(2, 2);
    step(i, j) = step(j, i) = 0.01 * std::sqrt(g0(i, i) * g0(j, j));
    const double above = naive_criterion(data, g0 + step);
    const double below = naive_criterion(data, g0 - step);
    const double vertex = (below - above) / (2 * (above + below - 2 * here));  // in steps
    // The criterion is no parabola; its skewness moves the vertex by about the step's relative size, 0.01.
    bench::check(above > here && below > here, "the criterion is lower beside the fit");
    bench::check_close(vertex, 0, 0.05, "the vertex of the criterion, in steps of 1 %");
  }
}

void whole_fit(benchmark::State& state, index clients, index sessions, bench::schedule when) {
  const auto data = bench::growth_rows(clients, sessions, when);
  const auto found = fit(data);
  bench::check(found.report.status == rapport::stats::fit_status::converged, "the fit has not converged");
  if (when == bench::schedule::balanced) check_balanced(data, found);
  check_optimum(data, found);
  std::vector<double> sums;
  auto info = about(data);
  info.answer = found.deviance;
  bench::compare(
      state, info, [&] { return fit(data); }, [&] { bench::cross_products(data, sums); });
}

const bench::registration add_all([] {
  for (const auto when : {bench::schedule::balanced, bench::schedule::unbalanced, bench::schedule::dated}) {
    const std::string kind = bench::to_string(when);
    for (const auto& study : {bench::small_trial, bench::clinic, bench::registry}) {
      if (bench::current_settings().skips(study.clients * study.sessions)) continue;
      const std::string which = "/" + kind + "/" + study.name;
      bench::add("stats/mixed_model_design" + which, [=](benchmark::State& state) { design(state, study, when); });
      bench::add("stats/mixed_model_evaluation" + which,
                 [=](benchmark::State& state) { evaluation(state, study, when); });
      const std::string name = "stats/mixed_model_fit" + which;
      bench::add(name, [=](benchmark::State& state) { whole_fit(state, study.clients, study.sessions, when); });
      bench::add_table(name, "growth", "growth_" + kind + "_" + study.name + ".csv", [=](std::ostream& out) {
        bench::write_csv(out, bench::growth_rows(study.clients, study.sessions, when));
      });
    }
  }
  bench::add_linear("stats/mixed_model_fit/dated_x10", "clients", {250, 1000, 4000, 16000},
                    [](benchmark::State& state) {
                      whole_fit(state, static_cast<index>(state.range(0)), 10, bench::schedule::dated);
                    });
});

}  // namespace
