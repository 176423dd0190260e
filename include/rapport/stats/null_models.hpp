// SPDX-License-Identifier: BSL-1.0
// Stable clients for chance levels: what is not known of the variances, and what the ends of a scale hide of them.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <vector>

#include <rapport/core/missing.hpp>
#include <rapport/core/random.hpp>
#include <rapport/stats/within_client.hpp>

namespace rapport::stats {

namespace detail {

/// Stable clients with the sessions and missing scores of a panel's first n clients.
template <class Scalar>
[[nodiscard]] result<basic_session_panel<Scalar>> draw_panel_like(const basic_session_panel<Scalar>& panel, index n,
                                                                  const session_model<Scalar>& model,
                                                                  std::uint64_t seed, std::uint64_t number) {
  std::vector<index> client;
  std::vector<Scalar> session;
  std::vector<Scalar> score;
  std::vector<Scalar> drawn;
  for (index c = 0; c < n; ++c) {
    const auto y = panel.series(c);
    drawn.resize(as_size(y.size()));
    random_stream random(seed ^ 0x9e3779b97f4a7c15U,
                         number * static_cast<std::uint64_t>(n) + static_cast<std::uint64_t>(c));
    draw_stable_series<Scalar>(model, y.session, random, drawn);
    for (index t = 0; t < y.size(); ++t) {
      if (!y.is_observed(t)) continue;
      client.push_back(c);
      session.push_back(y.session[as_size(t)]);
      score.push_back(drawn[as_size(t)]);
    }
  }
  return basic_session_panel<Scalar>::make(client, session, score, panel.options());
}

/// Reflects a refit at the fit from which its panel was drawn.
template <class Scalar>
class reflection {
 public:
  reflection(const basic_session_panel<Scalar>& panel, const session_model<Scalar>& fit) : fit_(fit) {
    Scalar time_squares(0);
    Scalar df(0);
    Scalar n(0);
    for (index c = 0; c < panel.n_clients(); ++c) {
      const own_line_residuals<Scalar> own(panel.series(c));
      if (own.size() < 4) continue;
      Scalar mean(0);
      for (const Scalar& t : own.time) mean += t / static_cast<Scalar>(own.size());
      for (const Scalar& t : own.time) time_squares += (t - mean) * (t - mean);
      df += static_cast<Scalar>(own.size() - 2);
      n += 1;
    }
    if (!(n > 0)) return;
    few_clients_ = 1 + 1 / n;
    trend_noise_ = within(fit) / (time_squares / n);
    spread_noise_ = log_chi_squared_variance(Scalar(df / n));
  }

  /// What the fit does not know of itself: the fields that vary.
  [[nodiscard]] static std::array<Scalar session_model<Scalar>::*, 9> fields() {
    using m = session_model<Scalar>;
    return {&m::mean_intercept,      &m::mean_slope, &m::intercept_var,         &m::slope_var,
            &m::intercept_slope_cov, &m::state_var,  &m::state_autocorrelation, &m::error_var,
            &m::log_variance_sd};
  }

  [[nodiscard]] session_model<Scalar> operator()(const session_model<Scalar>& refit) const {
    using std::sqrt;
    const auto inside = [](const Scalar& x, const Scalar& least, const Scalar& most) {
      return (std::min)(most, (std::max)(least, x));
    };
    // Estimates of variances scatter with noise of their own, which is not reflected with them.
    const auto variance = [&](const Scalar& of_fit, const Scalar& of_refit, const Scalar& noise) {
      const Scalar ratio = inside(Scalar((of_fit + noise) / (of_refit + noise)), Scalar(0.2), Scalar(5));
      return (std::max)(Scalar(0), Scalar((of_fit + noise) * ratio - noise));
    };
    session_model<Scalar> out = fit_;
    out.mean_intercept = 2 * fit_.mean_intercept - refit.mean_intercept;
    out.mean_slope = 2 * fit_.mean_slope - refit.mean_slope;
    const Scalar none(0);
    if (fit_.intercept_var > 0 && refit.intercept_var > 0)
      out.intercept_var = variance(fit_.intercept_var, refit.intercept_var, none);
    if (trend_noise_ > 0) out.slope_var = variance(fit_.slope_var, refit.slope_var, trend_noise_);
    const Scalar bound = sqrt(Scalar(out.intercept_var * out.slope_var));
    out.intercept_slope_cov = inside(fit_.intercept_slope_cov, Scalar(-bound), bound);
    const Scalar total = variance(within(fit_), within(refit), none) * few_clients_;
    const Scalar share =
        inside(Scalar(2 * fit_.state_var / within(fit_) - refit.state_var / within(refit)), none, Scalar(0.98));
    out.state_var = share * total;
    out.error_var = total - out.state_var;
    out.state_autocorrelation =
        inside(Scalar(2 * fit_.state_autocorrelation - refit.state_autocorrelation), none, Scalar(0.95));
    out.log_variance_sd = inside(sqrt(variance(fit_.log_variance_sd * fit_.log_variance_sd,
                                               refit.log_variance_sd * refit.log_variance_sd, spread_noise_)),
                                 none, Scalar(2));
    return out;
  }

 private:
  static Scalar within(const session_model<Scalar>& m) { return m.state_var + m.error_var; }

  session_model<Scalar> fit_;
  Scalar few_clients_{1};  // for what the scatter of refits leaves out
  Scalar trend_noise_{};   // variance of a client's own estimated trend
  Scalar spread_noise_{};  // variance of the logarithm of a client's own variance
};

}  // namespace detail

/// Models of stable clients from which null series are drawn in turn, so that chance levels hold although the variances
/// were estimated.
/// Model:       parametric bootstrap of fit_stable_clients: panels with the same sessions are drawn from the fit and
///              fitted again, and each refit is reflected at the fit: a variance becomes fit^2 / refit, anything else
///              2 fit - refit. Their scatter is what is not known of the stable clients; their center corrects what a
///              bounded scale hides of the variances (scores beyond its ends are cut off). State and error are multiplied
///              by 1 + 1 / clients, which tests/long/null_figures.cpp shows to be needed with 20 and 40
/// \param panel   scores over sessions
/// \param seed    of the drawn panels
/// \return        50 models up to 400 clients; above, where little is unknown, the corrected fit alone
/// Errors:      those of fit_session_model
/// Numerics:    50 fits of the panel's size, above 400 clients 5 of at most 2000 clients
/// Not for:     predictions: for those, fit_stable_clients is the better single guess
/// Reference:   Beran (1988), Prepivoting test statistics, doi 10.1080/01621459.1988.10478649
template <class Scalar>
[[nodiscard]] result<std::vector<session_model<Scalar>>> fit_null_models(const basic_session_panel<Scalar>& panel,
                                                                         std::uint64_t seed) {
  const auto fit = fit_stable_clients(panel);
  if (!fit) return fit.error();
  const bool small = panel.n_clients() <= 400;
  const index n_clients = (std::min)(panel.n_clients(), index{2000});
  std::vector<session_model<Scalar>> refits;
  for (std::uint64_t k = 0; k < (small ? 50U : 5U); ++k) {
    const auto drawn = detail::draw_panel_like(panel, n_clients, *fit, seed, k);
    if (!drawn) break;
    const auto refit = fit_stable_clients(*drawn);
    if (refit) refits.push_back(*refit);
  }
  if (refits.empty()) return std::vector<session_model<Scalar>>{*fit};

  const detail::reflection<Scalar> reflect(panel, *fit);
  if (small) {
    for (auto& each : refits) each = reflect(each);
    return refits;
  }
  session_model<Scalar> mean = refits.front();
  for (auto field : detail::reflection<Scalar>::fields()) {
    mean.*field = Scalar(0);
    for (const auto& each : refits) mean.*field += each.*field / static_cast<Scalar>(refits.size());
  }
  return std::vector<session_model<Scalar>>{reflect(mean)};
}

RAPPORT_INSTANCE(result<std::vector<session_model<double>>> fit_null_models(const basic_session_panel<double>&,
                                                                            std::uint64_t));

}  // namespace rapport::stats
