// SPDX-License-Identifier: BSL-1.0
// Reliability of repeated measures: of one session, of the mean over sessions, and of change between sessions.
#pragma once

#include <cmath>
#include <initializer_list>
#include <optional>
#include <string>
#include <vector>

#include <rapport/core/estimate.hpp>
#include <rapport/core/failure.hpp>
#include <rapport/core/result.hpp>
#include <rapport/data/session_items.hpp>
#include <rapport/reliability/generalizability.hpp>
#include <rapport/reliability/measurement_error.hpp>
#include <rapport/stats/anova.hpp>
#include <rapport/stats/nested_components.hpp>

namespace rapport {

/// Coefficients of the crossed analysis: every client answered every item in the same sessions. Variances: p client,
/// t session, i item and their combinations, e the rest; k sessions, m items.
template <class Scalar>
struct crossed_reliability {
  stats::three_way_anova<Scalar> anova{};  ///< a = client, b = session, c = item
  basic_estimate<Scalar> r1f{};            ///< one session, the same for all: (p + pi/m) / (p + pi/m + e/m)
  basic_estimate<Scalar> rkf{};            ///< mean of the k sessions, the same for all: e / (k m) instead of e / m
  basic_estimate<Scalar> r1r{};            ///< one session, any: (p + pi/m) / (p + pi/m + t + pt + e/m)
  basic_estimate<Scalar> rkr{};            ///< mean of k sessions, any: t / k, pt / k and e / (k m)
  basic_estimate<Scalar> rc{};             ///< change within clients: pt / (pt + e/m)
};

/// Reliability of repeated measures by both analyses.
template <class Scalar>
struct basic_multilevel_reliability {
  std::optional<crossed_reliability<Scalar>> crossed{};  ///< only where the table is complete
  std::string why_not_crossed{};
  stats::nested_components<Scalar> nested{};
  basic_estimate<Scalar> rkrn{};  ///< mean over sessions, sessions nested: c / (c + s/k + e/(k m))
  basic_estimate<Scalar> rcn{};   ///< change within clients, sessions nested: s / (s + e/m)
  Scalar session_error_sd{};      ///< error of one session's item mean: sqrt(e / m), of the nested analysis
  index n_clients = 0;
  index n_sessions = 0;  ///< different session times, the k of the formulas
  index n_items = 0;     ///< the m of the formulas
  index n_empty = 0;     ///< rows without an answer, left out
};

namespace detail {

template <class Scalar>
[[nodiscard]] crossed_reliability<Scalar> crossed_coefficients(const stats::three_way_anova<Scalar>& a, double level) {
  const auto n = static_cast<Scalar>(a.n_a);
  const auto k = static_cast<Scalar>(a.n_b);
  const auto m = static_cast<Scalar>(a.n_c);
  stats::vector<Scalar> ms(7);
  stats::vector<Scalar> df(7);
  const stats::anova_effect<Scalar>* const effects[] = {&a.a, &a.b, &a.c, &a.ab, &a.ac, &a.bc, &a.residual};
  for (index e = 0; e < 7; ++e) {
    ms(e) = effects[e]->mean_square;
    df(e) = static_cast<Scalar>(effects[e]->df);
  }
  // Variances as sums of mean squares, in the order client, session, item, ct, ci, ti, rest.
  const auto component = [&](std::initializer_list<int> signs, const Scalar& divisor) {
    stats::vector<Scalar> v(7);
    index at = 0;
    for (const int sign : signs) v(at++) = static_cast<Scalar>(sign) / divisor;
    return v;
  };
  const auto client = component({1, 0, 0, -1, -1, 0, 1}, k * m);
  const auto session = component({0, 1, 0, -1, 0, -1, 1}, n * m);
  const auto client_session = component({0, 0, 0, 1, 0, 0, -1}, m);
  const auto client_item = component({0, 0, 0, 0, 1, 0, -1}, k);
  const auto rest = component({0, 0, 0, 0, 0, 0, 1}, Scalar(1));
  const stats::vector<Scalar> stable = client + client_item / m;
  const auto ratio = [&](const stats::vector<Scalar>& signal, const stats::vector<Scalar>& error, const char* name) {
    auto out = mean_square_ratio<Scalar>(signal, signal + error, ms, df, level);
    out.n = a.n_a;
    out.method = name + (", analysis of variance, normal interval of log(1 - x), " + percent(level));
    return out;
  };
  crossed_reliability<Scalar> out;
  out.anova = a;
  out.r1f = ratio(stable, rest / m, "R1F");
  out.rkf = ratio(stable, rest / (k * m), "RkF");
  out.r1r = ratio(stable, session + client_session + rest / m, "R1R");
  out.rkr = ratio(stable, session / k + client_session / k + rest / (k * m), "RkR");
  out.rc = ratio(client_session, rest / m, "Rc");
  return out;
}

/// signal / (signal + error) of variances with a covariance matrix.
template <class Scalar>
[[nodiscard]] basic_estimate<Scalar> variance_ratio(const stats::nested_components<Scalar>& v,
                                                    const stats::vector<Scalar>& signal,
                                                    const stats::vector<Scalar>& error, const char* name,
                                                    double level) {
  using std::exp;
  using std::sqrt;
  stats::vector<Scalar> variance(3);
  variance << v.client_var, v.session_var, v.residual_var;
  const Scalar whole = (signal + error).dot(variance);
  basic_estimate<Scalar> out;
  out.estimate = signal.dot(variance) / whole;
  out.n = v.n_clients;
  out.method = name + (", REML, normal interval of log(1 - x), " + percent(level));
  out.interval = {Scalar(0), Scalar(1), level};
  if (!v.converged) out.notes.emplace_back("the likelihood was not maximized: do not trust the estimate");
  if (v.covariance) {
    const stats::vector<Scalar> slope = (signal - out.estimate * (signal + error)) / whole;
    out.standard_error = sqrt(slope.dot(*v.covariance * slope));
    const Scalar rest = 1 - out.estimate;
    const Scalar half = two_sided_normal<Scalar>(level) * *out.standard_error / rest;
    out.interval = {1 - rest * exp(half), 1 - rest * exp(-half), level};
  } else {
    out.notes.emplace_back("a variance is estimated as zero: the interval holds every value");
  }
  return out;
}

}  // namespace detail

/// Reliability of repeated measures of several items.
/// Model:       y = mean + client + session + item + their combinations + e (crossed, from expected mean squares), and
///              y = mean + client + session in client + e (nested, by REML)
/// \param data   clients x sessions x items; sessions may be unequal in number, answers missing
/// \param level  of the intervals
/// \return      nested coefficients always, crossed ones where every client answered every item in the same sessions
/// Errors:      errc::too_few_clusters below 2 clients with answers; errc::no_replication; errc::zero_variance;
///              errc::too_few_columns below 2 items; errc::invalid_option
/// Missing:     nested: every answer counts; rows without one are left out and counted. Crossed: none allowed
/// Numerics:    crossed: closed form, negative variances kept; nested: see stats::fit_nested_components. The result does
///              not depend on the order of rows
/// Not for:     trends: steady growth counts as variance between sessions
/// Reference:   Cranford et al. (2006), doi 10.1177/0146167206287721; Shrout & Lane (2012), in Mehl & Conner (eds.),
///              Handbook of research methods for studying daily life
/// R:           psych::multilevel.reliability(x, grp = "id", Time = "time", items = items, aov = TRUE)
template <class Scalar>
[[nodiscard]] result<basic_multilevel_reliability<Scalar>> multilevel_reliability(
    const basic_session_items<Scalar>& data, double level = 0.95) {
  using std::sqrt;
  constexpr const char* function = "multilevel_reliability";
  if (auto legal = check_level(level, function); !legal) return legal.error();
  const index m = data.n_items();
  if (m < 2)
    return error{.code = errc::too_few_columns, .function = function, .value = static_cast<double>(m), .lower = 2};
  basic_multilevel_reliability<Scalar> out;
  out.n_items = m;
  std::vector<stats::nested_session<Scalar>> sessions;
  std::vector<bool> is_met(as_size(data.n_sessions()), false);
  bool is_complete = true;
  for (index row = 0; row < data.n_rows(); ++row) {
    stats::nested_session<Scalar> s;
    s.client = data.client_of_row(row);
    for (index j = 0; j < m; ++j) {
      if (is_missing(data.items()(row, j))) continue;
      s.mean += data.items()(row, j);
      ++s.n;
    }
    is_complete = is_complete && s.n == m;
    if (s.n == 0) {
      ++out.n_empty;
      continue;
    }
    s.mean /= static_cast<Scalar>(s.n);
    for (index j = 0; j < m; ++j) {
      if (is_missing(data.items()(row, j))) continue;
      const Scalar d = data.items()(row, j) - s.mean;
      s.squares += d * d;
    }
    is_met[as_size(data.session_of_row(row))] = true;
    sessions.push_back(s);
  }
  for (const bool met : is_met) out.n_sessions += met;
  auto nested = stats::fit_nested_components(sessions);
  if (!nested) return nested.error();
  out.nested = *nested;
  out.n_clients = nested->n_clients;
  const auto k = static_cast<Scalar>(out.n_sessions);
  const auto n_items = static_cast<Scalar>(m);
  const auto parts = [](const Scalar& client, const Scalar& session, const Scalar& rest) {
    stats::vector<Scalar> v(3);
    v << client, session, rest;
    return v;
  };
  out.rkrn = detail::variance_ratio<Scalar>(*nested, parts(1, 0, 0), parts(0, 1 / k, 1 / (k * n_items)), "RkRn", level);
  out.rcn = detail::variance_ratio<Scalar>(*nested, parts(0, 1, 0), parts(0, 0, 1 / n_items), "Rcn", level);
  out.session_error_sd = sqrt(nested->residual_var / n_items);

  if (!is_complete || data.n_rows() != data.n_clients() * data.n_sessions()) {
    out.why_not_crossed = "the crossed analysis needs every client's answer to every item in the same sessions";
    return out;
  }
  stats::matrix<Scalar> wide(data.n_clients(), data.n_sessions() * m);
  for (index row = 0; row < data.n_rows(); ++row) {
    for (index j = 0; j < m; ++j)
      wide(data.client_of_row(row), data.session_of_row(row) * m + j) = data.items()(row, j);
  }
  const auto a = stats::analyse_three_way(wide, data.n_sessions());
  if (!a) return a.error();
  out.crossed = detail::crossed_coefficients(*a, level);
  return out;
}

/// The reliability of change within clients.
/// \param data   clients x sessions x items
/// \param level  of the interval
/// \return      Rc where every client answered every item in the same sessions, else Rcn; `method` says which
/// Errors:      those of multilevel_reliability
/// Missing:     see multilevel_reliability
/// Reference:   Cranford et al. (2006), doi 10.1177/0146167206287721
template <class Scalar>
[[nodiscard]] result<basic_estimate<Scalar>> change_reliability(const basic_session_items<Scalar>& data,
                                                                double level = 0.95) {
  const auto found = multilevel_reliability(data, level);
  if (!found) return found.error();
  if (found->crossed) return found->crossed->rc;
  basic_estimate<Scalar> out = found->rcn;
  out.notes.push_back(found->why_not_crossed + "; sessions are taken as nested in clients");
  return out;
}

}  // namespace rapport
