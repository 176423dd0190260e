// SPDX-License-Identifier: BSL-1.0
// Stable clients for chance levels: what is not known of the variances, and what the ends of a scale hide of them.
#pragma once

#include <algorithm>
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

}  // namespace detail

/// Models of stable clients from which null series are drawn in turn, so that chance levels hold although the variances
/// were estimated.
/// Model:       parametric bootstrap of fit_stable_clients: panels with the same sessions are drawn from the fit and
///              fitted again. Their scatter is what is not known of the variances; it replaces the fit itself. Their mean
///              tells what a bounded scale hides of the variances (scores beyond its ends are cut off); the fits are
///              multiplied by (fit / mean)^2, the fit by fit / mean
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

  // How much smaller a quantity comes out than it was, over the refits.
  const auto lost = [&](const auto& of) {
    Scalar mean(0);
    for (const auto& each : refits) mean += of(each) / static_cast<Scalar>(refits.size());
    const Scalar truth = of(*fit);
    if (!(truth > 0 && mean > 0)) return Scalar(1);
    return (std::min)(Scalar(1.5), (std::max)(Scalar(2) / 3, Scalar(truth / mean)));
  };
  const Scalar within = lost([](const auto& m) { return Scalar(m.state_var + m.error_var); });
  const Scalar between = lost([](const auto& m) { return m.intercept_var; });
  const Scalar spread = lost([](const auto& m) { return m.log_variance_sd; });
  const auto corrected = [&](session_model<Scalar> model, int times) {
    using std::sqrt;
    for (int k = 0; k < times; ++k) {
      model.state_var *= within;
      model.error_var *= within;
      model.intercept_var *= between;
      model.intercept_slope_cov *= sqrt(between);
      model.log_variance_sd *= spread;
    }
    model.range = fit->range;
    return model;
  };
  if (!small) return std::vector<session_model<Scalar>>{corrected(*fit, 1)};
  for (auto& each : refits) each = corrected(each, 2);
  return refits;
}

RAPPORT_INSTANCE(result<std::vector<session_model<double>>> fit_null_models(const basic_session_panel<double>&,
                                                                            std::uint64_t));

}  // namespace rapport::stats
