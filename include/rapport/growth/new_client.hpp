// SPDX-License-Identifier: BSL-1.0
// A client who was not in the data: what a fitted curve says after the first sessions, and what it expects of the next.
#pragma once

#include <cmath>
#include <span>
#include <vector>

#include <rapport/growth/curve_fit.hpp>
#include <rapport/stats/distribution/normal.hpp>
#include <rapport/stats/linalg/cholesky.hpp>

namespace rapport {

/// What is expected of a client at one time.
template <class Scalar>
struct basic_client_prediction {
  Scalar time{};
  Scalar mean{};
  Scalar curve_var{};             ///< of the client's own curve around the mean, given the scores
  Scalar score_var{};             ///< of a score there: curve_var plus the error of one score
  basic_interval<Scalar> band{};  ///< for a score, normal
};

/// A new client after the first sessions.
template <class Scalar>
struct basic_new_client {
  stats::vector<Scalar> deviation{};  ///< from the mean curve, in the terms that differ between clients
  stats::matrix<Scalar> deviation_covariance{};
  std::vector<basic_client_prediction<Scalar>> expected{};
};
using new_client = basic_new_client<double>;

/// What to expect of a new client, given the first scores.
/// Model:       deviation = G Z'(Z G Z' + residual_var I)^-1 (y - X beta); expected score at t = x_t'(beta + deviation)
/// \param fit           a fitted curve without covariates, errors independent
/// \param time          of the scores so far, in any order; may be empty
/// \param score         one per time; NaN: none
/// \param at            the times to predict
/// \param known_curve   true: the mean curve is taken as known; false: what it is uncertain by is added
/// \return           the client's deviation and one prediction per time, with bands of the fit's level
/// Errors:           errc::size_mismatch; errc::invalid_option for a curve with covariates, therapists, without differences
///                   between clients, or with other errors; errc::time_before_curve
/// Missing:          sessions without a score say nothing
/// Numerics:         O(n^3) in the client's scores; the variances of the fit are taken as known
/// Not for:          decisions on a client by a single score outside the band: one in twenty lies outside
/// Reference:        Laird & Ware (1982), doi 10.2307/2529876
/// R:                predict(fit, newdata, re.form = NULL) knows clients of the data only
template <class Scalar>
[[nodiscard]] result<basic_new_client<Scalar>> predict_new_client(const basic_growth_fit<Scalar>& fit,
                                                                  std::span<const Scalar> time,
                                                                  std::span<const Scalar> score,
                                                                  std::span<const Scalar> at,
                                                                  bool known_curve = false) {
  using std::sqrt;
  if (time.size() != score.size()) {
    return error{.code = errc::size_mismatch,
                 .function = "predict_new_client",
                 .value = static_cast<double>(score.size()),
                 .lower = static_cast<double>(time.size()),
                 .subject = "score"};
  }
  const auto& model = fit.model();
  const index q = model.random_covariance.rows();
  const bool has_covariates = std::ssize(fit.columns().fixed_names) > fit.columns().n_time_terms;
  if (has_covariates || q == 0 || model.has_groups || model.residual != stats::residual_kind::independent) {
    return error{.code = errc::invalid_option,
                 .function = "predict_new_client",
                 .value = static_cast<double>(model.fixed.size()),
                 .lower = static_cast<double>(fit.columns().n_time_terms),
                 .upper = static_cast<double>(fit.columns().n_time_terms),
                 .subject = "the number of terms of a curve in time alone"};
  }
  const auto terms = [&](const Scalar& t) { return fit.terms_at(t); };
  std::vector<std::size_t> known;
  for (std::size_t i = 0; i < time.size(); ++i) {
    if (!is_missing(score[i])) known.push_back(i);
  }
  const index n = std::ssize(known);
  const index p = model.fixed.size();
  stats::matrix<Scalar> x(n, p);
  stats::vector<Scalar> y(n);
  for (index i = 0; i < n; ++i) {
    const Scalar& t = time[known[as_size(i)]];
    if (auto legal = fit.check_time(t, "predict_new_client"); !legal) return legal.error();
    x.row(i) = terms(t).transpose();
    y(i) = score[known[as_size(i)]];
  }
  stats::matrix<Scalar> z(n, q);
  for (index k = 0; k < q; ++k) z.col(k) = x.col(fit.columns().random_columns[as_size(k)]);
  const stats::matrix<Scalar>& g = model.random_covariance;
  basic_new_client<Scalar> out;
  stats::matrix<Scalar> gain = stats::matrix<Scalar>::Zero(q, n);
  if (n > 0) {
    stats::matrix<Scalar> v = z * g * z.transpose();
    v.diagonal().array() += model.residual_var;
    const auto factor = stats::cholesky_factor<Scalar>::make(v);
    if (!factor) return factor.error();
    gain = factor->solve(stats::matrix<Scalar>(z * g)).transpose();
  }
  out.deviation = gain * (y - x * model.fixed);
  out.deviation_covariance = g - gain * z * g;
  const Scalar quantile = stats::normal_quantile(static_cast<Scalar>(1 + fit.options().level) / 2);
  for (const Scalar& t : at) {
    if (auto legal = fit.check_time(t, "predict_new_client"); !legal) return legal.error();
    const stats::vector<Scalar> there = terms(t);
    stats::vector<Scalar> load(q);
    for (index k = 0; k < q; ++k) load(k) = there(fit.columns().random_columns[as_size(k)]);
    basic_client_prediction<Scalar> one;
    one.time = t;
    one.mean = there.dot(model.fixed) + load.dot(out.deviation);
    one.curve_var = load.dot(out.deviation_covariance * load);
    if (!known_curve) {
      // beta enters the expectation directly and, with the other sign, through the deviation.
      const stats::vector<Scalar> by_curve = there - x.transpose() * (gain.transpose() * load);
      one.curve_var += by_curve.dot(model.fixed_covariance * by_curve);
    }
    one.score_var = one.curve_var + model.residual_var;
    const Scalar half = quantile * sqrt(one.score_var);
    one.band = {one.mean - half, one.mean + half, fit.options().level};
    out.expected.push_back(one);
  }
  return out;
}

}  // namespace rapport
