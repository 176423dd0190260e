// SPDX-License-Identifier: BSL-1.0
// Variances of three nested levels by REML: clients, sessions of a client, answers of a session; any numbers of each.
#pragma once

#include <cmath>
#include <limits>
#include <optional>
#include <vector>

#include <rapport/core/result.hpp>
#include <rapport/stats/linalg/cholesky.hpp>
#include <rapport/stats/matrix.hpp>
#include <rapport/stats/optimize/newton.hpp>

namespace rapport::stats {

/// One session as the model sees it.
template <class Scalar>
struct nested_session {
  index client = 0;  ///< sessions of a client stand together
  index n = 0;       ///< answers, at least one
  Scalar mean{};     ///< of the answers
  Scalar squares{};  ///< of the answers about their mean
};

/// Estimates of the three variances.
template <class Scalar>
struct nested_components {
  Scalar client_var{};
  Scalar session_var{};
  Scalar residual_var{};
  Scalar mean{};
  Scalar log_likelihood{};  ///< restricted
  /// Large-sample covariance of the three variances; empty if one of them is zero or the optimum was not reached.
  std::optional<matrix<Scalar>> covariance{};
  bool converged = false;
  index n_clients = 0;
  index n_sessions = 0;
  index n_answers = 0;
};

namespace detail {

/// -2 restricted log-likelihood with its derivatives by the variances of client, session and answer.
template <class Scalar>
struct nested_likelihood {
  const std::vector<nested_session<Scalar>>& sessions;
  index n_answers = 0;
  Scalar squares{};  ///< within sessions

  struct value_and_slope {
    Scalar value{};
    vector<Scalar> slope{};
    Scalar mean{};
  };

  [[nodiscard]] value_and_slope operator()(const vector<Scalar>& variances) const {
    using std::acos;
    using std::log;
    const Scalar& between = variances(0);
    const Scalar& occasion = variances(1);
    const Scalar& rest = variances(2);
    const auto precision = [&](const nested_session<Scalar>& s) {
      return Scalar(1 / (occasion + rest / static_cast<Scalar>(s.n)));
    };
    // First the mean by generalized least squares, client by client.
    Scalar information(0);
    Scalar weighted(0);
    for_clients([&](std::size_t begin, std::size_t end) {
      Scalar a(0);
      Scalar b(0);
      for (std::size_t j = begin; j < end; ++j) {
        a += precision(sessions[j]);
        b += precision(sessions[j]) * sessions[j].mean;
      }
      information += a / (1 + between * a);
      weighted += b / (1 + between * a);
    });
    value_and_slope out{Scalar(0), vector<Scalar>::Zero(3), weighted / information};
    const auto n = static_cast<Scalar>(n_answers);
    const auto n_inner = static_cast<Scalar>(n_answers - std::ssize(sessions));
    out.value = (n - 1) * log(2 * acos(Scalar(-1))) + log(information) + n_inner * log(rest) + squares / rest;
    out.slope(2) = n_inner / rest - squares / (rest * rest);
    for_clients([&](std::size_t begin, std::size_t end) {
      Scalar a(0);
      Scalar sum(0);
      for (std::size_t j = begin; j < end; ++j) {
        a += precision(sessions[j]);
        sum += precision(sessions[j]) * (sessions[j].mean - out.mean);
      }
      const Scalar d = 1 / (1 + between * a);
      out.value -= log(d);
      out.slope(0) += a * d - (d * sum) * (d * sum) - (a * d) * (a * d) / information;
      for (std::size_t j = begin; j < end; ++j) {
        const Scalar w = precision(sessions[j]);
        const auto m = static_cast<Scalar>(sessions[j].n);
        const Scalar residual = sessions[j].mean - out.mean;
        const Scalar solved = w * (residual - between * d * sum);
        out.value += log(m) - log(w) + residual * solved;
        const Scalar slope = w - between * d * w * w - solved * solved - w * d * (w * d) / information;
        out.slope(1) += slope;
        out.slope(2) += slope / m;
      }
    });
    return out;
  }

  /// Second derivatives, by central differences of the first ones.
  [[nodiscard]] matrix<Scalar> curvature(const vector<Scalar>& variances) const {
    using std::sqrt;
    // Differences are best at about the third root of the rounding; a little above zero variance both sides are legal.
    const Scalar step = variances.sum() * sqrt(sqrt(std::numeric_limits<Scalar>::epsilon())) / 50;
    matrix<Scalar> out(3, 3);
    for (index k = 0; k < 3; ++k) {
      vector<Scalar> up = variances;
      vector<Scalar> down = variances;
      up(k) += step;
      down(k) -= variances(k) > step ? step : Scalar(0);
      out.col(k) = ((*this)(up).slope - (*this)(down).slope) / (up(k) - down(k));
    }
    return (out + out.transpose()) / 2;
  }

 private:
  template <class Body>
  void for_clients(const Body& body) const {
    for (std::size_t begin = 0; begin < sessions.size();) {
      std::size_t end = begin + 1;
      while (end < sessions.size() && sessions[end].client == sessions[begin].client) ++end;
      body(begin, end);
      begin = end;
    }
  }
};

}  // namespace detail

/// Fits the variances of answers in sessions in clients.
/// Model:       y_ijk = mean + client_i + session_ij + e_ijk, all normal and independent
/// \param sessions  one entry per session, those of a client together
/// \return      REML estimates, never negative, with their covariance where no variance is zero
/// Errors:      errc::too_few_clusters below 2 clients; errc::no_replication if no client has two sessions or no session two
///              answers; errc::zero_variance if all answers are alike
/// Missing:     sessions carry the answers that there are
/// Numerics:    Newton's method on the standard deviations, exact gradient; cost O(sessions) a step
/// R:           lme4::lmer(y ~ 1 + (1 | client / session))
template <class Scalar>
[[nodiscard]] result<nested_components<Scalar>> fit_nested_components(
    const std::vector<nested_session<Scalar>>& sessions) {
  using std::sqrt;
  constexpr const char* function = "fit_nested_components";
  nested_components<Scalar> out;
  detail::nested_likelihood<Scalar> likelihood{sessions};
  Scalar mean(0);
  for (std::size_t j = 0; j < sessions.size(); ++j) {
    likelihood.n_answers += sessions[j].n;
    likelihood.squares += sessions[j].squares;
    mean += sessions[j].mean / static_cast<Scalar>(sessions.size());
    out.n_clients += j == 0 || sessions[j].client != sessions[j - 1].client;
  }
  out.n_sessions = std::ssize(sessions);
  out.n_answers = likelihood.n_answers;
  if (out.n_clients < 2)
    return error{
        .code = errc::too_few_clusters, .function = function, .value = static_cast<double>(out.n_clients), .lower = 2};
  if (out.n_sessions == out.n_clients || out.n_answers == out.n_sessions)
    return error{.code = errc::no_replication, .function = function, .lower = 1};
  Scalar spread(0);
  for (const auto& s : sessions) spread += (s.mean - mean) * (s.mean - mean);
  const Scalar total = spread / static_cast<Scalar>(out.n_sessions - 1) +
                       likelihood.squares / static_cast<Scalar>(out.n_answers - out.n_sessions);
  if (!(likelihood.squares > 0) || !(spread > 0))
    return error{.code = errc::zero_variance,
                 .function = function,
                 .subject = spread > 0 ? "the answers within a session" : "the mean of a session"};

  vector<Scalar> start(3);
  start << sqrt(total / 4), sqrt(total / 4),
      sqrt(likelihood.squares / static_cast<Scalar>(out.n_answers - out.n_sessions));
  const auto function_of_sd = [&](const vector<Scalar>& sd) -> result<second_order<Scalar>> {
    const vector<Scalar> variances = sd.cwiseAbs2();
    if (!(variances(2) > total * std::numeric_limits<Scalar>::epsilon()))
      return error{.code = errc::numeric_failure, .function = function};
    const auto at = likelihood(variances);
    second_order<Scalar> out_at;
    out_at.value = at.value;
    out_at.gradient = 2 * sd.cwiseProduct(at.slope);
    out_at.hessian = 4 * (sd * sd.transpose()).cwiseProduct(likelihood.curvature(variances));
    out_at.hessian.diagonal() += 2 * at.slope;
    return out_at;
  };
  const auto best = minimize_newton<Scalar>(function_of_sd, start);
  if (!best) return best.error();
  const vector<Scalar> variances = best->point.cwiseAbs2();
  const auto at = likelihood(variances);
  out.client_var = variances(0);
  out.session_var = variances(1);
  out.residual_var = variances(2);
  out.mean = at.mean;
  out.log_likelihood = -at.value / 2;
  out.converged = best->converged;
  const Scalar nothing = total * sqrt(std::numeric_limits<Scalar>::epsilon());
  for (Scalar* v : {&out.client_var, &out.session_var}) {
    if (*v < nothing) *v = 0;
  }
  if (out.converged && out.client_var > 0 && out.session_var > 0) {
    auto factor = cholesky_factor<Scalar>::make(likelihood.curvature(variances));
    if (factor) out.covariance = 2 * factor->inverse();
  }
  return out;
}

}  // namespace rapport::stats
