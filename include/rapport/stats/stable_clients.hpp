// SPDX-License-Identifier: BSL-1.0
// Stable clients: a session model fitted to a panel, and series drawn from it. The yardstick of chance.
#pragma once

#include <cmath>
#include <span>
#include <vector>

#include <rapport/core/random.hpp>
#include <rapport/stats/mixed_model/fit.hpp>
#include <rapport/stats/session_model.hpp>
#include <rapport/stats/session_rows.hpp>

namespace rapport::stats {

/// A session model with a linear mean curve and clients that differ in level and trend, by REML; where the sessions do
/// not allow trends, clients differ in level alone.
/// \param panel  scores over sessions
/// \return    the model; no wandering state, the residual variance is its error_var
/// Errors:    those of mixed_model_design::make and fit_mixed_model for the simpler model; errc::numeric_failure if no
///            optimum was found
/// Not for:   panels full of ruptures: those inflate the variances, so fewer are found; chance levels, which need what
///            fit_stable_clients adds
/// R:         lme4::lmer(score ~ session + (session | client))
template <class Scalar>
[[nodiscard]] result<session_model<Scalar>> fit_session_model(const basic_session_panel<Scalar>& panel) {
  error reason{.code = errc::no_data, .function = "fit_session_model"};
  if (panel.n_observed() == 0) return reason;
  for (index n_random = 2; n_random >= 1; --n_random) {
    const auto rows = rows_of(panel, {.n_fixed = 2, .n_random = n_random});
    const auto design = mixed_model_design<Scalar>::make(rows.data);
    if (!design) {
      reason = design.error();
      continue;
    }
    const auto fit = fit_mixed_model(*design, likelihood::reml);
    if (!fit || fit->report.status == fit_status::not_converged) {
      reason = fit ? error{.code = errc::numeric_failure, .function = "fit_session_model"} : fit.error();
      continue;
    }
    session_model<Scalar> out;
    out.mean_intercept = fit->fixed(0);
    out.mean_slope = fit->fixed(1);
    out.intercept_var = fit->random_covariance(0, 0);
    if (n_random == 2) {
      out.slope_var = fit->random_covariance(1, 1);
      out.intercept_slope_cov = fit->random_covariance(0, 1);
    }
    out.error_var = fit->residual_var;
    if (!(out.error_var > 0)) {  // scores so small that their squares vanish
      return error{.code = errc::numeric_failure, .function = "fit_session_model", .subject = "the error variance"};
    }
    out.range = panel.range();
    return out;
  }
  return reason;
}

/// A score brought to the range's nearest legal value.
template <class Scalar>
[[nodiscard]] Scalar to_legal_score(const Scalar& score, const score_range<Scalar>& range) {
  using std::floor;
  Scalar legal = score;
  if (range.step > 0) legal = range.lower + range.step * floor((score - range.lower) / range.step + Scalar(0.5));
  if (legal < range.lower) return range.lower;
  return legal > range.upper ? range.upper : legal;
}

/// Draws a stable client's scores at given times.
/// \param model   a valid model
/// \param times   in order
/// \param random  the stream to draw from
/// \param scores  receives one score per time; legal ones if the model has a range
template <class Scalar>
void draw_stable_series(const session_model<Scalar>& model, std::span<const Scalar> times, random_stream& random,
                        std::span<Scalar> scores) {
  using std::exp;
  using std::pow;
  using std::sqrt;
  const auto normal = [&random] { return static_cast<Scalar>(random.normal()); };
  const Scalar level_sd = sqrt(model.intercept_var);
  const Scalar along = level_sd > 0 ? Scalar(model.intercept_slope_cov / level_sd) : Scalar(0);
  const Scalar own_trend_var = model.slope_var - along * along;
  const Scalar z = normal();
  const Scalar level = level_sd * z;
  const Scalar trend = along * z + (own_trend_var > 0 ? Scalar(sqrt(own_trend_var) * normal()) : Scalar(0));
  Scalar volatility(1);  // factor of the client's own SD
  if (model.log_variance_sd > 0) {
    const Scalar& w = model.log_variance_sd;
    volatility = exp(Scalar((w * normal() - w * w / 2) / 2));
  }
  const Scalar error_sd = volatility * sqrt(model.error_var);
  Scalar state(0);
  for (std::size_t t = 0; t < times.size(); ++t) {
    if (model.state_var > 0) {
      const Scalar kept =
          t == 0 ? Scalar(0) : Scalar(pow(model.state_autocorrelation, Scalar(times[t] - times[t - 1])));
      state = kept * state + volatility * sqrt(Scalar(model.state_var * (1 - kept * kept))) * normal();
    }
    const Scalar score =
        model.mean_at(times[t]) + level + trend * (times[t] - model.center) + state + error_sd * normal();
    scores[t] = model.range ? to_legal_score(score, *model.range) : score;
  }
}

RAPPORT_INSTANCE(result<session_model<double>> fit_session_model(const basic_session_panel<double>&));

}  // namespace rapport::stats
