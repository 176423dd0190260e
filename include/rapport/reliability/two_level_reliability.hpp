// SPDX-License-Identifier: BSL-1.0
// Alpha and omega within and between clients.
#pragma once

#include <algorithm>
#include <cmath>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <rapport/core/estimate.hpp>
#include <rapport/core/failure.hpp>
#include <rapport/core/result.hpp>
#include <rapport/data/session_items.hpp>
#include <rapport/reliability/alpha_interval.hpp>
#include <rapport/reliability/measurement_error.hpp>
#include <rapport/stats/two_level.hpp>
#include <rapport/stats/two_level_factor.hpp>

namespace rapport {

/// Consistency of items in telling sessions of a client apart (within), and clients (between).
template <class Scalar>
struct basic_two_level_reliability {
  basic_estimate<Scalar> alpha_within{};
  basic_estimate<Scalar> alpha_between{};
  std::optional<basic_estimate<Scalar>> omega_within{};  ///< empty below 3 items, or if the factors cannot be fitted
  std::optional<basic_estimate<Scalar>> omega_between{};
  std::string why_no_omega{};
  stats::two_level_covariance<Scalar> covariance{};
  Scalar alpha_within_moment{};                  ///< of the pooled covariances, divisor N - J
  std::optional<Scalar> alpha_between_moment{};  ///< of (scaled between - pooled within) / n0, if their sum is positive
  index n_clients = 0;
  index n_rows = 0;
  index n_incomplete = 0;  ///< rows left out because an answer is missing
};

namespace detail {

/// The slope of alpha by the cells of a covariance matrix.
template <class Scalar>
[[nodiscard]] stats::matrix<Scalar> alpha_slope(const stats::matrix<Scalar>& c) {
  const auto k = static_cast<Scalar>(c.cols());
  const Scalar total = c.sum();
  stats::matrix<Scalar> out = stats::matrix<Scalar>::Constant(c.rows(), c.cols(), c.trace() / (total * total));
  out.diagonal().array() -= 1 / total;
  return k / (k - 1) * out;
}

/// An estimate with a standard error and the normal interval of log(1 - x).
template <class Scalar>
void set_log_interval(basic_estimate<Scalar>& out, const Scalar& variance, double level) {
  using std::exp;
  using std::sqrt;
  out.standard_error = sqrt(variance);
  const Scalar rest = 1 - out.estimate;
  const Scalar half = two_sided_normal<Scalar>(level) * *out.standard_error / rest;
  out.interval = {1 - rest * exp(half), 1 - rest * exp(-half), level};
}

/// Omega of one level, its parameters standing from `first` on.
template <class Scalar>
[[nodiscard]] basic_estimate<Scalar> level_omega(const stats::two_level_factor<Scalar>& factor, bool within,
                                                 double level) {
  using std::sqrt;
  const stats::vector<Scalar>& loading = within ? factor.within_loading : factor.between_loading;
  const stats::vector<Scalar>& sd = within ? factor.within_residual_sd : factor.between_residual_sd;
  const index p = loading.size();
  const Scalar common = loading.sum();
  const Scalar rest = sd.squaredNorm();
  const Scalar whole = common * common + rest;
  basic_estimate<Scalar> out;
  out.estimate = common * common / whole;
  out.interval = {Scalar(0), Scalar(1), level};
  out.method = std::string("omega, one factor on each level, ML, delta-method normal ") + percent(level);
  if (factor.covariance.size() > 0) {
    stats::vector<Scalar> slope(2 * p);
    slope.head(p).setConstant(2 * common * rest / (whole * whole));
    slope.tail(p) = -2 * common * common / (whole * whole) * sd;
    const index first = within ? 0 : 2 * p;
    const Scalar variance = slope.dot(factor.covariance.block(first, first, 2 * p, 2 * p) * slope);
    out.standard_error = sqrt(variance);
    const Scalar half = two_sided_normal<Scalar>(level) * *out.standard_error;
    out.interval = {(std::max)(Scalar(0), Scalar(out.estimate - half)),
                    (std::min)(Scalar(1), Scalar(out.estimate + half)), level};
  } else {
    out.notes.emplace_back("the information matrix cannot be inverted: no interval can be had");
  }
  for (index j = 0; j < p; ++j) {
    if (sd(j) * sd(j) < Scalar(1e-6) * (loading(j) * loading(j) + sd(j) * sd(j)))
      out.notes.push_back("item " + std::to_string(j + 1) +
                          " has no residual variance (Heywood case): the interval does not hold");
  }
  return out;
}

}  // namespace detail

/// Alpha and omega within and between clients.
/// Model:       items = mean + client's part + session's part; alpha = k / (k - 1) (1 - trace / sum) of each part's
///              covariances by maximum likelihood; omega = (sum of loadings)^2 / ((sum of loadings)^2 + sum of residual
///              variances) of one factor on each level
/// \param data   clients x sessions x items, any number of sessions
/// \param level  of the intervals
/// \return      the four, with standard errors and intervals, those of omega cut at 0 and 1
/// Errors:      those of stats::sum_two_level; errc::too_few_columns below 2 items; errc::not_positive_definite if an item is
///              a combination of others; errc::negative_total_variance if the items' sum does not vary on a level;
///              errc::invalid_option
/// Missing:     sessions with a missing answer are left out and counted
/// Numerics:    see stats::fit_two_level_covariance and stats::fit_two_level_factor; alpha's standard errors from the
///              sampling of both matrices, treating all clients as having n0 sessions
/// Not for:     a handful of clients: the level between rests on their number
/// Reference:   Geldhof, Preacher & Zyphur (2014), doi 10.1037/a0032138
/// R:           lavaan two-level models; semTools::compRelSEM on them
template <class Scalar>
[[nodiscard]] result<basic_two_level_reliability<Scalar>> two_level_reliability(const basic_session_items<Scalar>& data,
                                                                                double level = 0.95) {
  constexpr const char* function = "two_level_reliability";
  if (auto legal = check_level(level, function); !legal) return legal.error();
  if (data.n_items() < 2)
    return error{
        .code = errc::too_few_columns, .function = function, .value = static_cast<double>(data.n_items()), .lower = 2};
  std::vector<index> client;
  for (index row = 0; row < data.n_rows(); ++row) client.push_back(data.client_of_row(row));
  const stats::matrix<Scalar> items = stats::as_matrix(data.items());
  const auto sums = stats::sum_two_level<Scalar>(items, client, data.n_clients());
  if (!sums) return sums.error();
  const auto fitted = stats::fit_two_level_covariance(*sums);
  if (!fitted) return fitted.error();
  basic_two_level_reliability<Scalar> out;
  out.covariance = *fitted;
  out.n_clients = sums->n_clusters;
  out.n_rows = sums->n_rows;
  out.n_incomplete = sums->n_incomplete;
  for (const stats::matrix<Scalar>* c : {&fitted->within, &fitted->between}) {
    if (!(c->sum() > 0))
      return error{.code = errc::negative_total_variance, .function = function, .value = static_cast<double>(c->sum())};
  }
  const stats::matrix<Scalar> pooled = sums->pooled_within();
  const stats::matrix<Scalar> moments = sums->moment_between();
  out.alpha_within_moment = detail::alpha_of(pooled);
  if (moments.sum() > 0) out.alpha_between_moment = detail::alpha_of(moments);

  const auto df_within = static_cast<Scalar>(sums->n_rows - sums->n_clusters);
  const auto df_between = static_cast<Scalar>(sums->n_clusters - 1);
  // The variance of tr(g s) for a covariance matrix s of so many degrees of freedom.
  const auto spread = [](const stats::matrix<Scalar>& g, const stats::matrix<Scalar>& s, const Scalar& df) {
    const stats::matrix<Scalar> gs = g * s;
    return Scalar(2 * (gs.array() * gs.transpose().array()).sum() / df);
  };
  const auto finish = [&](basic_estimate<Scalar>& one, const stats::matrix<Scalar>& c, const Scalar& variance,
                          const char* name) {
    one.estimate = detail::alpha_of(c);
    one.n = sums->n_clusters;
    one.method = name + (", two-level ML covariances, normal interval of log(1 - x), " + detail::percent(level));
    detail::set_log_interval(one, variance, level);
    if (!fitted->converged) one.notes.emplace_back("the likelihood was not maximized: do not trust the last digits");
    if (sums->n_incomplete > 0)
      one.notes.push_back(std::to_string(sums->n_incomplete) + " sessions with missing answers were left out");
  };
  finish(out.alpha_within, fitted->within, spread(detail::alpha_slope(fitted->within), fitted->within, df_within),
         "alpha within clients");
  const Scalar n0 = sums->cluster_size();
  const stats::matrix<Scalar> slope = detail::alpha_slope(fitted->between) / n0;
  const stats::matrix<Scalar> of_means = fitted->within + n0 * fitted->between;
  finish(out.alpha_between, fitted->between,
         spread(slope, of_means, df_between) + spread(slope, fitted->within, df_within), "alpha between clients");

  const auto factor = stats::fit_two_level_factor(*sums, *fitted);
  if (!factor) {
    out.why_no_omega = data.n_items() < 3 ? "omega needs three items" : "the two factors could not be fitted";
  } else if (!factor->converged) {
    out.why_no_omega = "the likelihood of the two factors could not be maximized";
  } else {
    out.omega_within = detail::level_omega(*factor, true, level);
    out.omega_between = detail::level_omega(*factor, false, level);
    out.omega_within->n = out.omega_between->n = sums->n_clusters;
  }
  return out;
}

}  // namespace rapport
