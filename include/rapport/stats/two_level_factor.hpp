// SPDX-License-Identifier: BSL-1.0
// One factor within and one between clusters, by maximum likelihood.
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>

#include <rapport/core/result.hpp>
#include <rapport/stats/linalg/cholesky.hpp>
#include <rapport/stats/matrix.hpp>
#include <rapport/stats/optimize/newton.hpp>
#include <rapport/stats/two_level.hpp>

namespace rapport::stats {

/// One factor of variance 1 on each level.
template <class Scalar>
struct two_level_factor {
  vector<Scalar> within_loading{};
  vector<Scalar> within_residual_sd{};  ///< SDs; 0 at the edge of what is possible (Heywood case)
  vector<Scalar> between_loading{};
  vector<Scalar> between_residual_sd{};
  Scalar log_likelihood{};
  /// Large-sample covariance of the parameters, in the order above; empty if the information cannot be inverted.
  matrix<Scalar> covariance{};
  bool converged = false;
  int evaluations = 0;
};

namespace detail {

/// Loadings from the rows of a covariance matrix: a start.
template <class Scalar>
[[nodiscard]] vector<Scalar> centroid_loadings(const matrix<Scalar>& c) {
  using std::sqrt;
  const vector<Scalar> sums = c.rowwise().sum() - c.diagonal();
  const Scalar total = sums.sum();
  vector<Scalar> out(c.rows());
  for (index j = 0; j < c.rows(); ++j) {
    const Scalar most = sqrt(c(j, j)) * Scalar(0.9);
    const Scalar raw = total > 0 ? Scalar(sums(j) / sqrt(total)) : Scalar(most / 2);
    out(j) = (std::max)(Scalar(-most), (std::min)(most, raw));
  }
  return out;
}

/// Likelihood and slopes of the two factors' parameters: loadings and residual SDs within, then between.
template <class Scalar>
struct two_level_factor_objective {
  const two_level_data<Scalar>& data;

  struct value_and_slope {
    Scalar value{};
    vector<Scalar> slope{};
  };

  [[nodiscard]] static matrix<Scalar> implied(const vector<Scalar>& parameters, index first, index p) {
    const vector<Scalar> loading = parameters.segment(first, p);
    matrix<Scalar> out = loading * loading.transpose();
    out.diagonal() += parameters.segment(first + p, p).cwiseAbs2();
    return out;
  }

  [[nodiscard]] result<value_and_slope> slope(const vector<Scalar>& parameters) const {
    const index p = data.n_columns();
    const auto at = two_level_likelihood(data, implied(parameters, 0, p), implied(parameters, 2 * p, p));
    if (!at) return at.error();
    value_and_slope out{at->value, vector<Scalar>(4 * p)};
    const auto fill = [&](const matrix<Scalar>& by, index first) {
      out.slope.segment(first, p) = 2 * (by * parameters.segment(first, p));
      out.slope.segment(first + p, p) = 2 * by.diagonal().cwiseProduct(parameters.segment(first + p, p));
    };
    fill(at->by_within, 0);
    fill(at->by_between, 2 * p);
    return out;
  }

  /// With second derivatives by central differences of the slopes.
  [[nodiscard]] result<second_order<Scalar>> operator()(const vector<Scalar>& parameters) const {
    using std::sqrt;
    const auto at = slope(parameters);
    if (!at) return at.error();
    const index n = parameters.size();
    second_order<Scalar> out{at->value, at->slope, matrix<Scalar>(n, n)};
    const Scalar step = parameters.cwiseAbs().maxCoeff() * sqrt(sqrt(std::numeric_limits<Scalar>::epsilon())) / 20;
    for (index k = 0; k < n; ++k) {
      vector<Scalar> up = parameters;
      vector<Scalar> down = parameters;
      up(k) += step;
      down(k) -= step;
      const auto above = slope(up);
      if (!above) return above.error();
      const auto below = slope(down);
      if (!below) return below.error();
      out.hessian.col(k) = (above->slope - below->slope) / (2 * step);
    }
    out.hessian = (out.hessian + out.hessian.transpose()).eval() / 2;
    return out;
  }
};

}  // namespace detail

/// Fits one factor within and one between clusters.
/// Model:       within = l_w l_w' + residuals, between = l_b l_b' + residuals, all residual variances at least 0
/// \param data   from sum_two_level, 3 columns or more
/// \param start  from fit_two_level_covariance
/// \return      loadings, residual SDs, their covariance; signs so that loadings sum to a positive number
/// Errors:      errc::too_few_columns below 3; errc::not_positive_definite; errc::numeric_failure
/// Numerics:    Newton's method with exact slopes; cost per step O(columns x different sizes x columns^3)
/// Reference:   Geldhof, Preacher & Zyphur (2014), doi 10.1037/a0032138
/// R:           lavaan::sem("level: 1 ... level: 2 ...", cluster = "id", std.lv = TRUE)
template <class Scalar>
[[nodiscard]] result<two_level_factor<Scalar>> fit_two_level_factor(const two_level_data<Scalar>& data,
                                                                    const two_level_covariance<Scalar>& start) {
  using std::sqrt;
  const index p = data.n_columns();
  if (p < 3)
    return error{
        .code = errc::too_few_columns, .function = "fit_two_level_factor", .value = static_cast<double>(p), .lower = 3};
  vector<Scalar> parameters(4 * p);
  const auto begin_with = [&](const matrix<Scalar>& c, index first) {
    parameters.segment(first, p) = detail::centroid_loadings<Scalar>(c);
    for (index j = 0; j < p; ++j)
      parameters(first + p + j) = sqrt(c(j, j) - parameters(first + j) * parameters(first + j));
  };
  begin_with(start.within, 0);
  begin_with(start.between, 2 * p);
  const detail::two_level_factor_objective<Scalar> objective{data};
  const auto best = minimize_newton<Scalar>(objective, parameters);
  if (!best) return best.error();
  two_level_factor<Scalar> out;
  out.converged = best->converged;
  out.evaluations = best->evaluations;
  out.log_likelihood = -best->at.value / 2;
  vector<Scalar> at = best->point;
  vector<Scalar> sign = vector<Scalar>::Ones(4 * p);
  for (const index first : {index{0}, 2 * p}) {
    if (at.segment(first, p).sum() < 0) sign.segment(first, p).setConstant(Scalar(-1));
    for (index j = first + p; j < first + 2 * p; ++j) {
      if (at(j) < 0) sign(j) = Scalar(-1);
    }
  }
  at = at.cwiseProduct(sign);
  out.within_loading = at.segment(0, p);
  out.within_residual_sd = at.segment(p, p);
  out.between_loading = at.segment(2 * p, p);
  out.between_residual_sd = at.segment(3 * p, p);
  if (const auto factor = cholesky_factor<Scalar>::make(best->at.hessian)) {
    const matrix<Scalar> inverse = 2 * factor->inverse();
    out.covariance = inverse.cwiseProduct(sign * sign.transpose());
  }
  return out;
}

RAPPORT_INSTANCE(result<two_level_factor<double>> fit_two_level_factor(const two_level_data<double>&,
                                                                       const two_level_covariance<double>&));

}  // namespace rapport::stats
