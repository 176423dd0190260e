// SPDX-License-Identifier: BSL-1.0
// How a client's scores vary around the client's own line: wandering state, error, and how clients differ in volatility.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>
#include <vector>

#include <rapport/stats/distribution/chi_squared.hpp>
#include <rapport/stats/linalg/cholesky.hpp>
#include <rapport/stats/stable_clients.hpp>

namespace rapport::stats {

namespace detail {

/// The scored sessions of one client about the client's own least-squares line.
template <class Scalar>
struct own_line_residuals {
  std::vector<Scalar> time{};
  std::vector<Scalar> residual{};
  std::vector<std::array<Scalar, 2>> basis{};  ///< orthonormal: level and trend
  Scalar squares{};
  index n_at_bound = 0;

  explicit own_line_residuals(const session_series<Scalar>& y) {
    using std::sqrt;
    Scalar mean_time(0);
    Scalar mean_score(0);
    for (index t = 0; t < y.size(); ++t) {
      if (!y.is_observed(t)) continue;
      time.push_back(y.session[as_size(t)]);
      residual.push_back(y[t]);
      mean_time += time.back();
      mean_score += y[t];
      const auto& range = y.options.range;
      if (range && (y[t] <= range->lower || y[t] >= range->upper)) ++n_at_bound;
    }
    if (time.empty()) return;
    const auto n = static_cast<Scalar>(time.size());
    mean_time /= n;
    mean_score /= n;
    Scalar time_squares(0);
    Scalar products(0);
    for (std::size_t t = 0; t < time.size(); ++t) {
      const Scalar u = time[t] - mean_time;
      residual[t] -= mean_score;
      time_squares += u * u;
      products += u * residual[t];
    }
    const Scalar slope = time_squares > 0 ? Scalar(products / time_squares) : Scalar(0);
    const Scalar norm = time_squares > 0 ? Scalar(sqrt(time_squares)) : Scalar(1);
    for (std::size_t t = 0; t < time.size(); ++t) {
      const Scalar u = time[t] - mean_time;
      residual[t] -= slope * u;
      squares += residual[t] * residual[t];
      basis.push_back({1 / Scalar(sqrt(n)), u / norm});
    }
  }
  [[nodiscard]] index size() const noexcept { return std::ssize(time); }
};

/// Autocorrelations over one step that are tried for the state: 0.1, ..., 0.9. Entry 0 stands for independent errors.
inline constexpr int n_tried = 10;
/// Products of residuals are formed at 0, 1, 2 and 3 scored sessions of distance.
inline constexpr int n_lags = 4;

/// Expected sums of products of own-line residuals r = (I - QQ')y at the first lags, where corr(y_s, y_t) = phi^|s - t|.
template <class Scalar>
[[nodiscard]] std::array<Scalar, n_lags> expected_products(const own_line_residuals<Scalar>& own, const Scalar& phi) {
  using std::pow;
  const std::size_t n = own.time.size();
  const auto& q = own.basis;
  std::vector<Scalar> kept(n, Scalar(0));  // autocorrelation of a session with the one before
  for (std::size_t t = 1; t < n && phi > 0; ++t) kept[t] = pow(phi, Scalar(own.time[t] - own.time[t - 1]));
  std::vector<std::array<Scalar, 2>> w = q;  // V Q, by recursion from either side
  std::array<Scalar, 2> carried{};
  for (std::size_t t = 1; t < n; ++t) {
    for (std::size_t j = 0; j < 2; ++j) w[t][j] += carried[j] = kept[t] * (carried[j] + q[t - 1][j]);
  }
  carried = {};
  for (std::size_t t = n; t-- > 1;) {
    for (std::size_t j = 0; j < 2; ++j) w[t - 1][j] += carried[j] = kept[t] * (carried[j] + q[t][j]);
  }
  Scalar qvq[2][2] = {};
  for (std::size_t t = 0; t < n; ++t) {
    for (std::size_t a = 0; a < 2; ++a) {
      for (std::size_t b = 0; b < 2; ++b) qvq[a][b] += q[t][a] * w[t][b];
    }
  }
  std::array<Scalar, n_lags> out{};
  for (std::size_t lag = 0; lag < n_lags; ++lag) {
    Scalar sum(0);
    Scalar qdq[2][2] = {};
    for (std::size_t t = 0; t + lag < n; ++t) {
      Scalar v(1);
      for (std::size_t s = t + 1; s <= t + lag; ++s) v *= kept[s];
      sum += v;
      for (std::size_t a = 0; a < 2; ++a) {
        sum -= q[t][a] * w[t + lag][a] + w[t][a] * q[t + lag][a];
        for (std::size_t b = 0; b < 2; ++b) qdq[a][b] += q[t][a] * q[t + lag][b];
      }
    }
    for (std::size_t a = 0; a < 2; ++a) {
      for (std::size_t b = 0; b < 2; ++b) sum += qdq[a][b] * qvq[b][a];
    }
    out[lag] = sum;
  }
  return out;
}

/// State and error by the moments of all clients' own-line residuals; false if no client has four scores.
template <class Scalar>
[[nodiscard]] bool set_state_and_error(const basic_session_panel<Scalar>& panel, session_model<Scalar>& model) {
  std::array<Scalar, n_lags> observed{};
  std::array<std::array<Scalar, n_lags>, n_tried> expected{};
  std::array<std::array<Scalar, n_lags>, n_tried> of_one{};
  std::vector<Scalar> times_of_one;
  const auto tried = [](std::size_t k) { return static_cast<Scalar>(k) / static_cast<Scalar>(n_tried); };
  for (index c = 0; c < panel.n_clients(); ++c) {
    const own_line_residuals<Scalar> own(panel.series(c));
    if (own.size() < 4) continue;
    for (std::size_t lag = 0; lag < n_lags; ++lag) {
      for (std::size_t t = 0; t + lag < own.residual.size(); ++t)
        observed[lag] += own.residual[t] * own.residual[t + lag];
    }
    if (own.time != times_of_one) {
      for (std::size_t k = 0; k < n_tried; ++k) of_one[k] = expected_products(own, tried(k));
      times_of_one = own.time;
    }
    for (std::size_t k = 0; k < n_tried; ++k) {
      for (std::size_t lag = 0; lag < n_lags; ++lag) expected[k][lag] += of_one[k][lag];
    }
  }
  const auto& error = expected[0];
  if (!(error[0] > 0) || !(observed[0] > 0)) return false;

  // The sum of squares is met exactly; the products at lags decide how much of it is state.
  model.state_var = Scalar(0);
  model.state_autocorrelation = Scalar(0);
  model.error_var = observed[0] / error[0];
  Scalar least(0);
  for (std::size_t lag = 1; lag < n_lags; ++lag) {
    const Scalar rest = observed[lag] - model.error_var * error[lag];
    least += rest * rest;
  }
  for (std::size_t k = 1; k < n_tried; ++k) {
    Scalar along(0);
    Scalar norm(0);
    for (std::size_t lag = 1; lag < n_lags; ++lag) {
      const Scalar x = expected[k][lag] - expected[k][0] * error[lag] / error[0];
      along += x * (observed[lag] - observed[0] * error[lag] / error[0]);
      norm += x * x;
    }
    if (!(along > 0)) continue;
    const Scalar state = (std::min)(Scalar(along / norm), Scalar(Scalar(0.98) * observed[0] / expected[k][0]));
    const Scalar own_error = (observed[0] - state * expected[k][0]) / error[0];
    Scalar misfit(0);
    for (std::size_t lag = 1; lag < n_lags; ++lag) {
      const Scalar rest = observed[lag] - state * expected[k][lag] - own_error * error[lag];
      misfit += rest * rest;
    }
    if (!(misfit < least)) continue;
    least = misfit;
    model.state_var = state;
    model.state_autocorrelation = tried(k);
    model.error_var = own_error;
  }
  return true;
}

/// Takes off the covariance of level and trend what the wandering state had put there when it was taken for level and
/// trend: one step of scoring from a fit with independent errors of variance `fitted_error`.
template <class Scalar>
void correct_level_and_trend(const basic_session_panel<Scalar>& panel, const Scalar& fitted_error,
                             session_model<Scalar>& model) {
  using std::fabs;
  using std::pow;
  using std::sqrt;
  const bool trends = model.slope_var > 0;
  const index n_basis = trends ? 3 : 1;
  if (!(model.intercept_var > 0) || !(model.state_var > 0)) return;
  const auto square = [](const Scalar& a, const Scalar& b, const Scalar& c, const Scalar& d) {
    matrix<Scalar> m(2, 2);
    m << a, b, c, d;
    return m;
  };
  // Time is counted in units in which a client's own trend is as large as the level.
  const Scalar unit = trends ? Scalar(sqrt(Scalar(model.intercept_var / model.slope_var))) : Scalar(1);
  const matrix<Scalar> g = square(model.intercept_var, model.intercept_slope_cov * unit,
                                  model.intercept_slope_cov * unit, model.slope_var * unit * unit);
  const std::array<matrix<Scalar>, 3> basis{square(1, 0, 0, 0), square(0, 1, 1, 0), square(0, 0, 0, 1)};
  matrix<Scalar> normal = matrix<Scalar>::Zero(n_basis, n_basis);
  matrix<Scalar> right = matrix<Scalar>::Zero(n_basis, 1);
  for (index c = 0; c < panel.n_clients(); ++c) {
    const auto y = panel.series(c);
    Scalar xx[3] = {};
    Scalar xvx[3] = {};
    Scalar carried[2] = {};
    Scalar before(0);
    bool first = true;
    for (index t = 0; t < y.size(); ++t) {
      if (!y.is_observed(t)) continue;
      const Scalar time = y.session[as_size(t)];
      const Scalar u = (time - model.center) / unit;
      if (!first) {
        const Scalar kept = pow(model.state_autocorrelation, Scalar(time - before));
        for (Scalar& each : carried) each *= kept;
      }
      xx[0] += 1;
      xx[1] += u;
      xx[2] += u * u;
      xvx[0] += 1 + 2 * carried[0];
      xvx[1] += u + carried[1] + u * carried[0];
      xvx[2] += u * u + 2 * u * carried[1];
      carried[0] += 1;
      carried[1] += u;
      before = time;
      first = false;
    }
    if (first) continue;
    const matrix<Scalar> k = square(xx[0], xx[1], xx[1], xx[2]);
    const matrix<Scalar> excess =
        model.state_var * square(xvx[0], xvx[1], xvx[1], xvx[2]) + (model.error_var - fitted_error) * k;
    // (I + G K / s2)^-1 / s2, of which X times is the inverse covariance of the scores times X
    const matrix<Scalar> h = matrix<Scalar>::Identity(2, 2) + g * k / fitted_error;
    const Scalar determinant = h(0, 0) * h(1, 1) - h(0, 1) * h(1, 0);
    const matrix<Scalar> inverse = square(h(1, 1), -h(0, 1), -h(1, 0), h(0, 0)) / (determinant * fitted_error);
    const matrix<Scalar> weight = k * inverse;
    const matrix<Scalar> wanted = inverse.transpose() * excess * inverse;
    for (index a = 0; a < n_basis; ++a) {
      const matrix<Scalar> left = basis[as_size(a)] * weight;
      right(a, 0) += (basis[as_size(a)] * wanted).trace();
      for (index b = 0; b < n_basis; ++b) normal(a, b) += (left * basis[as_size(b)] * weight).trace();
    }
  }
  const auto factor = cholesky_factor<Scalar>::make(normal);
  if (!factor) return;
  const matrix<Scalar> step = factor->solve(right);
  model.intercept_var = (std::max)(Scalar(0), Scalar(model.intercept_var - step(0, 0)));
  if (!trends) return;
  model.slope_var = (std::max)(Scalar(0), Scalar(model.slope_var - step(2, 0) / (unit * unit)));
  const Scalar bound = sqrt(Scalar(model.intercept_var * model.slope_var));
  const Scalar covariance = model.intercept_slope_cov - step(1, 0) / unit;
  model.intercept_slope_cov = (std::min)(bound, (std::max)(Scalar(-bound), covariance));
}

/// The spread of the logarithms of clients' variances about their own lines, beyond what few sessions explain.
template <class Scalar>
[[nodiscard]] Scalar log_variance_sd_of(const basic_session_panel<Scalar>& panel, const session_model<Scalar>& model) {
  using std::log;
  using std::sqrt;
  const Scalar total = model.state_var + model.error_var;
  const Scalar share = model.state_var / total;
  const Scalar phi2 = model.state_autocorrelation * model.state_autocorrelation;
  const Scalar fewer = 1 + 2 * share * share * phi2 / (1 - phi2);  // autocorrelated residuals count for less
  Scalar sum_w(0), sum_w2(0), sum_wd(0), sum_wd2(0);
  index n = 0;
  for (index c = 0; c < panel.n_clients(); ++c) {
    const own_line_residuals<Scalar> own(panel.series(c));
    if (own.size() < 5 || 4 * own.n_at_bound > own.size()) continue;
    const auto df = static_cast<Scalar>(own.size() - 2);
    const Scalar variance = (std::max)(Scalar(own.squares / df), Scalar(total / 100));
    const Scalar counted = df / fewer;
    const Scalar d = log(Scalar(variance / total)) - log_chi_squared_mean(counted);
    const Scalar w = 1 / log_chi_squared_variance(counted);
    sum_w += w;
    sum_w2 += w * w;
    sum_wd += w * d;
    sum_wd2 += w * d * d;
    ++n;
  }
  if (n < 3) return Scalar(0);
  const Scalar q = sum_wd2 - sum_wd * sum_wd / sum_w;
  const Scalar variance = (q - static_cast<Scalar>(n - 1)) / (sum_w - sum_w2 / sum_w);
  return variance > 0 ? Scalar((std::min)(Scalar(sqrt(variance)), Scalar(1.5))) : Scalar(0);
}

}  // namespace detail

/// Stable clients for chance levels: those of fit_session_model, and in addition how scores vary around a client's line.
/// Model:       session_model with a wandering state and clients who differ in volatility. State and error are found
///              from the products of own-line residuals at 0 to 3 sessions of distance, against their expectation
///              under the model; level and trend lose what the state had lent them (one scoring step); log_variance_sd
///              is the spread of log residual variances beyond that of chi-squared / df, by DerSimonian and Laird
/// \param panel  scores over sessions
/// \return       the model; without four scores of any client it is that of fit_session_model
/// Errors:      those of fit_session_model
/// Missing:     sessions without a score are left out; times count as they are
/// Numerics:    O(sessions); autocorrelations of the state are tried in steps of .1; log_variance_sd at most 1.5
/// Not for:     interpreting state, error and autocorrelation one by one: short series tell their sum, hardly more
/// Reference:   DerSimonian & Laird (1986), doi 10.1016/0197-2456(86)90046-2
template <class Scalar>
[[nodiscard]] result<session_model<Scalar>> fit_stable_clients(const basic_session_panel<Scalar>& panel) {
  auto model = fit_session_model(panel);
  if (!model) return model;
  const Scalar fitted_error = model->error_var;
  session_model<Scalar> out = *model;
  if (!detail::set_state_and_error(panel, out) || !validate(out)) return model;
  detail::correct_level_and_trend(panel, fitted_error, out);
  out.log_variance_sd = detail::log_variance_sd_of(panel, out);
  if (!validate(out)) return model;
  return out;
}

RAPPORT_INSTANCE(result<session_model<double>> fit_stable_clients(const basic_session_panel<double>&));

}  // namespace rapport::stats
