// SPDX-License-Identifier: BSL-1.0
// How often ruptures come, how often they are repaired, how long both take: rates with person-time, survival times.
#pragma once

#include <optional>
#include <vector>

#include <rapport/rupture/detect.hpp>
#include <rapport/stats/rate.hpp>
#include <rapport/stats/survival.hpp>

namespace rapport {

/// Rates of ruptures and repairs of a panel, each with an interval that takes clients as units.
template <class Scalar>
struct basic_rupture_rates {
  std::optional<basic_estimate<Scalar>> ruptures_per_100{};      ///< per 100 sessions that the rule could judge
  std::optional<basic_estimate<Scalar>> clients_with_rupture{};  ///< share of clients who could be judged
  std::optional<basic_estimate<Scalar>> repaired{};  ///< share of episodes; those that could not be judged are left out
  std::optional<basic_estimate<Scalar>> relapsed{};  ///< share of repaired episodes
  index n_censored = 0;                              ///< episodes too near the end to judge
};

using rupture_rates = basic_rupture_rates<double>;

/// Rates of ruptures and repairs.
/// \param found  what a detector found
/// \param level  confidence level, in (0, 1)
/// \return       the rates; empty where nothing could be judged
/// Reference:    see stats::clustered_rate and stats::clustered_proportion
template <class Scalar>
[[nodiscard]] basic_rupture_rates<Scalar> rates_of(const basic_detection<Scalar>& found, double level = 0.95) {
  const std::size_t n = found.clients.size();
  using counts = std::vector<stats::cluster_count<Scalar>>;
  counts ruptures(n), any(n), repaired(n), relapsed(n);
  for (std::size_t c = 0; c < n; ++c) {
    if (found.clients[c].not_evaluable != nullptr) continue;
    ruptures[c].exposure = static_cast<Scalar>(found.clients[c].n_evaluable) / 100;
    any[c].exposure = Scalar(1);
  }
  basic_rupture_rates<Scalar> out;
  for (const auto& e : found.episodes) {
    const auto c = as_size(e.client_position);
    ruptures[c].events += 1;
    any[c].events = Scalar(1);
    if (e.status == episode_status::censored) {
      ++out.n_censored;
      continue;
    }
    repaired[c].exposure += 1;
    if (!e.repair_at) continue;
    repaired[c].events += 1;
    relapsed[c].exposure += 1;
    relapsed[c].events += e.status == episode_status::relapsed ? 1 : 0;
  }
  out.ruptures_per_100 = stats::clustered_rate<Scalar>(ruptures, level);
  out.clients_with_rupture = stats::clustered_proportion<Scalar>(any, level);
  out.repaired = stats::clustered_proportion<Scalar>(repaired, level);
  out.relapsed = stats::clustered_proportion<Scalar>(relapsed, level);
  return out;
}

/// For each client that could be judged, the time from the first scored session to the onset of the first rupture;
/// censored at the last scored session.
/// \param panel  the scores
/// \param found  what a detector found in them
/// \return       times in units of the panel's sessions (sessions, or days)
/// Errors:       errc::size_mismatch if `found` is not of this panel
template <class Scalar>
[[nodiscard]] result<std::vector<stats::survival_time<Scalar>>> times_to_rupture(
    const basic_session_panel<Scalar>& panel, const basic_detection<Scalar>& found) {
  if (std::ssize(found.clients) != panel.n_clients())
    return error{.code = errc::size_mismatch,
                 .function = "times_to_rupture",
                 .value = static_cast<double>(std::ssize(found.clients)),
                 .lower = static_cast<double>(panel.n_clients()),
                 .subject = "the detection's clients"};
  std::vector<std::optional<index>> first_onset(as_size(panel.n_clients()));
  for (const auto& e : found.episodes) {
    auto& first = first_onset[as_size(e.client_position)];
    if (!first || e.onset_at < *first) first = e.onset_at;
  }
  std::vector<stats::survival_time<Scalar>> out;
  for (index c = 0; c < panel.n_clients(); ++c) {
    if (found.clients[as_size(c)].not_evaluable != nullptr) continue;
    const auto y = panel.series(c);
    const index begin = detail::next_observed(y, index{-1});
    const index end = first_onset[as_size(c)].value_or(detail::previous_observed(y, y.size()));
    if (begin >= y.size() || end < begin) continue;
    out.push_back({y.session[as_size(end)] - y.session[as_size(begin)], first_onset[as_size(c)].has_value()});
  }
  return out;
}

/// For each episode, the time from its onset to its repair; censored at the last scored session.
/// \param panel  the scores
/// \param found  what a detector found in them
/// \return       times in units of the panel's sessions (sessions, or days)
/// Errors:       errc::size_mismatch if `found` is not of this panel
template <class Scalar>
[[nodiscard]] result<std::vector<stats::survival_time<Scalar>>> times_to_repair(
    const basic_session_panel<Scalar>& panel, const basic_detection<Scalar>& found) {
  if (std::ssize(found.clients) != panel.n_clients())
    return error{.code = errc::size_mismatch,
                 .function = "times_to_repair",
                 .value = static_cast<double>(std::ssize(found.clients)),
                 .lower = static_cast<double>(panel.n_clients()),
                 .subject = "the detection's clients"};
  std::vector<stats::survival_time<Scalar>> out;
  for (const auto& e : found.episodes) {
    const auto y = panel.series(e.client_position);
    const index end = e.repair_at.value_or(detail::previous_observed(y, y.size()));
    out.push_back({y.session[as_size(end)] - y.session[as_size(e.onset_at)], e.repair_at.has_value()});
  }
  return out;
}

}  // namespace rapport
