// SPDX-License-Identifier: BSL-1.0
// How good a detector is where the truth is known: what it finds, what it invents, how far off it is.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include <rapport/rupture/detail/matched_rate.hpp>
#include <rapport/rupture/detail/paired_episodes.hpp>
#include <rapport/rupture/detect.hpp>
#include <rapport/stats/bootstrap.hpp>
#include <rapport/stats/rate.hpp>

namespace rapport {

/// How detectors are evaluated.
struct evaluate_options {
  double false_alarms = 2;          ///< per 100 stable sessions, at which detectors are compared; in (0, 100]
  double largest_false_alarms = 5;  ///< per 100, the end of the partial area; in (0, 100]
  index near_sessions = 1;          ///< scored sessions that count as near the true onset; not negative
  double level = 0.95;              ///< of all intervals
  index replicates = 999;           ///< of the bootstrap by client; 99 to 10^8
  std::uint64_t seed = 20240229;
  index n_threads = 0;  ///< 0: one per processor; the result does not depend on it
};

/// At the threshold that gives the chosen rate of false alarms.
template <class Scalar>
struct basic_matched_evaluation {
  std::optional<Scalar> threshold{};  ///< alarms lie above it; empty: every session that the detector judged
  Scalar false_alarms{};              ///< per 100 stable sessions: as many as were asked for, or the next fewer
  bool by_stable_clients = false;     ///< the threshold rests on clients without a true episode
  std::optional<basic_estimate<Scalar>> sensitivity{};
  std::optional<basic_estimate<Scalar>> precision{};  ///< episodes found, of these and the false alarms, at this rate
  std::optional<basic_estimate<Scalar>> delay{};  ///< scored sessions from the onset to the first alarm in the episode
};

/// What a detector is worth. Estimates are empty where there is nothing to estimate from.
template <class Scalar>
struct basic_evaluation {
  detector_info info{};
  index n_clients = 0;
  index n_evaluable_clients = 0;
  index n_sessions = 0;  ///< stable ones: scored, outside true episodes, not the first, of evaluable clients
  index n_true = 0;
  index n_detected = 0;
  index n_hits = 0;  ///< pairs of a true and a detected episode
  std::optional<basic_estimate<Scalar>> sensitivity{};
  std::optional<basic_estimate<Scalar>> sensitivity_near{};  ///< found with an onset near the true one
  std::optional<basic_estimate<Scalar>> precision{};
  std::optional<basic_estimate<Scalar>> false_alarms_per_100{};  ///< stable sessions
  std::optional<basic_estimate<Scalar>> false_alarms_per_client{};
  std::optional<basic_estimate<Scalar>> onset_error{};  ///< detected minus true, scored sessions; of hits
  std::optional<basic_estimate<Scalar>> depth_bias{};   ///< detected minus true, points; of hits
  std::optional<basic_estimate<Scalar>> duration_error{};
  std::optional<basic_estimate<Scalar>> delay{};  ///< scored sessions from true to detected onset, at least 0; of hits
  std::array<std::array<index, 6>, 6> status{};   ///< hits by true status (row) and detected status (column)
  std::optional<basic_estimate<Scalar>> repair_agreement{};  ///< hits in which both or neither say that it was repaired
  std::optional<basic_matched_evaluation<Scalar>> matched{};  ///< empty if the detector has no statistic of sessions
  std::optional<basic_estimate<Scalar>> partial_area{};       ///< mean sensitivity over the rates of false alarms
};

using evaluation = basic_evaluation<double>;

namespace detail {

[[nodiscard]] constexpr bool says_repaired(episode_status s) noexcept {
  return s == episode_status::repaired || s == episode_status::over_repaired || s == episode_status::relapsed;
}

/// A value of one hit.
template <class Scalar>
struct hit_value {
  index client = 0;
  Scalar value{};
};

/// An interval that says nothing, where clients are too few for one.
template <class Scalar>
[[nodiscard]] basic_interval<Scalar> whole_line(double level) {
  constexpr Scalar infinity = std::numeric_limits<Scalar>::infinity();
  return {-infinity, infinity, level};
}

/// The percentile interval of a bootstrap by client; the whole line if it cannot be had.
template <class Scalar, class Statistic>
[[nodiscard]] basic_interval<Scalar> interval_by_client(index n_clients, const evaluate_options& o,
                                                        const Statistic& statistic) {
  const auto draws = stats::bootstrap<Scalar>(
      n_clients, {.replicates = o.replicates, .seed = o.seed, .threads = o.n_threads}, [&] { return statistic; });
  const auto interval = stats::percentile_interval(draws, o.level);
  return interval ? *interval : whole_line<Scalar>(o.level);
}

/// The mean of values with an interval by client.
template <class Scalar>
[[nodiscard]] std::optional<basic_estimate<Scalar>> mean_by_client(std::span<const hit_value<Scalar>> values,
                                                                   const evaluate_options& o) {
  if (values.empty()) return std::nullopt;
  // Only clients with a hit carry information on the mean: they are the units that are resampled.
  std::vector<index> unit(values.size(), 0);
  index n_units = 1;
  for (std::size_t i = 1; i < values.size(); ++i) {
    n_units += values[i].client != values[i - 1].client ? 1 : 0;
    unit[i] = n_units - 1;
  }
  const auto mean = [&](const stats::vector<Scalar>& weight) -> std::optional<Scalar> {
    Scalar sum(0);
    Scalar n(0);
    for (std::size_t i = 0; i < values.size(); ++i) {
      sum += weight(unit[i]) * values[i].value;
      n += weight(unit[i]);
    }
    return sum / n;
  };
  basic_estimate<Scalar> out;
  out.estimate = *mean(stats::vector<Scalar>::Ones(n_units));
  out.n = n_units;
  out.method = "percentile bootstrap by client";
  if (n_units < 2) {
    out.interval = whole_line<Scalar>(o.level);
    out.notes.emplace_back("no interval: a single client");
  } else {
    out.interval = interval_by_client<Scalar>(n_units, o, mean);
  }
  return out;
}

/// Evaluates at chosen rates of false alarms, on the statistic of every session.
template <class Scalar>
void evaluate_at_rates(const rate_curve<Scalar>& curve, index n_clients, const evaluate_options& o,
                       basic_evaluation<Scalar>& out) {
  const auto rate = static_cast<Scalar>(o.false_alarms);
  const auto largest = static_cast<Scalar>(o.largest_false_alarms);
  using weights = stats::vector<Scalar>;
  const weights all = weights::Ones(n_clients);
  const auto found = curve.at(rate, all);
  if (!found) return;
  out.matched.emplace();
  out.matched->threshold = found->threshold;
  out.matched->false_alarms = found->false_alarms;
  const auto estimate = [&](const std::optional<Scalar>& value, const auto& statistic) {
    std::optional<basic_estimate<Scalar>> one;
    if (!value) return one;
    one.emplace();
    one->estimate = *value;
    one->n = n_clients;
    one->method = "percentile bootstrap by client, threshold chosen anew in each resample";
    one->interval = interval_by_client<Scalar>(n_clients, o, statistic);
    return one;
  };
  out.matched->sensitivity = estimate(found->sensitivity, [&](const weights& w) -> std::optional<Scalar> {
    const auto one = curve.at(rate, w);
    return one ? one->sensitivity : std::nullopt;
  });
  out.matched->precision = estimate(found->precision, [&](const weights& w) -> std::optional<Scalar> {
    const auto one = curve.at(rate, w);
    return one ? one->precision : std::nullopt;
  });
  out.matched->delay = estimate(found->delay, [&](const weights& w) -> std::optional<Scalar> {
    const auto one = curve.at(rate, w);
    return one ? one->delay : std::nullopt;
  });
  out.partial_area = estimate(curve.area(largest, all), [&](const weights& w) { return curve.area(largest, w); });
}

[[nodiscard]] inline result<void> validate(const evaluate_options& o) {
  const auto refuse = [](const char* what, double value, double lower, double upper) {
    return error{.code = errc::invalid_option,
                 .function = "evaluate",
                 .value = value,
                 .lower = lower,
                 .upper = upper,
                 .subject = what};
  };
  if (!(o.false_alarms > 0 && o.false_alarms <= 100)) return refuse("false_alarms", o.false_alarms, 0, 100);
  if (!(o.largest_false_alarms > 0 && o.largest_false_alarms <= 100))
    return refuse("largest_false_alarms", o.largest_false_alarms, 0, 100);
  if (o.near_sessions < 0) return refuse("near_sessions", static_cast<double>(o.near_sessions), 0, 1e6);
  if (auto legal = check_level(o.level, "evaluate"); !legal) return legal.error();
  return stats::validate(stats::bootstrap_options{o.replicates, o.seed, o.n_threads});
}

}  // namespace detail

/// Compares what a detector found with what is known.
/// Model:       a hit is a detected episode that shares a scored session with a true one; each belongs to one pair at
///              most. An episode lasts from its onset to before its repair, or to the end. Sensitivity = hits / true
///              episodes; precision = hits / detected episodes; a false alarm is a detected episode without a pair.
///              At a matched rate the detector is its statistic alone: the threshold is the lowest at which stable
///              sessions (scored, outside true episodes, not a client's first) lie above it no more often than chosen,
///              and an episode is found if one of its sessions lies above it. The threshold rests on the clients without
///              a true episode where these have 100 such sessions: what a rupture does to the statistic of its neighbors
///              is then neither a false alarm nor the lack of one
/// \param panel    the scores that the detector saw
/// \param found    what it found in them
/// \param truth    the true episodes, in any order
/// \param options  rates, level, bootstrap
/// \return      counts, shares, errors, each with an interval
/// Errors:      errc::invalid_option, also for a true episode of a client that the panel does not have, or whose repair
///              does not follow its onset (`row` is its place); errc::size_mismatch if `found` is not of this panel
/// Missing:     a true episode without a scored session cannot be found and counts as missed
/// Numerics:    proportions: Wilson at an effective number; false alarms: exact Poisson likewise; means and what is
///              matched: bootstrap by client. The matched threshold is chosen on the sessions on which it is used; with
///              fewer than some hundred stable sessions that flatters
/// Not for:     comparing detectors at their own thresholds: one that fires more often finds more
template <class Scalar>
[[nodiscard]] result<basic_evaluation<Scalar>> evaluate(const basic_session_panel<Scalar>& panel,
                                                        const basic_detection<Scalar>& found,
                                                        std::span<const basic_true_episode<Scalar>> truth,
                                                        const evaluate_options& options = {}) {
  if (auto legal = detail::validate(options); !legal) return legal.error();
  const index n = panel.n_clients();
  if (found.clients.size() != as_size(n))
    return error{.code = errc::size_mismatch,
                 .function = "evaluate",
                 .value = static_cast<double>(std::ssize(found.clients)),
                 .lower = static_cast<double>(n),
                 .subject = "the detection's clients"};
  std::unordered_map<std::string_view, index> client_of;
  for (index c = 0; c < n; ++c) client_of.emplace(panel.client_id(c), c);
  std::vector<std::vector<detail::placed_truth<Scalar>>> truths(as_size(n));
  for (std::size_t i = 0; i < truth.size(); ++i) {
    const auto client = client_of.find(truth[i].client);
    const bool is_known = client != client_of.end();
    if (!is_known || (truth[i].repair && !(*truth[i].repair > truth[i].onset)))
      return error{.code = errc::invalid_option,
                   .function = "evaluate",
                   .row = static_cast<index>(i),
                   .value = static_cast<double>(is_known ? *truth[i].repair : truth[i].onset),
                   .lower = static_cast<double>(truth[i].onset),
                   .upper = std::numeric_limits<double>::infinity(),
                   .subject = is_known ? "the repair of a true episode" : "the client of a true episode"};
    truths[as_size(client->second)].push_back(detail::place(truth[i], panel.series(client->second)));
  }

  basic_evaluation<Scalar> out;
  out.info = found.info;
  out.n_clients = n;
  out.n_evaluable_clients = found.n_evaluable_clients();
  out.n_true = std::ssize(truth);
  out.n_detected = found.count();
  using counts = std::vector<stats::cluster_count<Scalar>>;
  counts hits(as_size(n)), near(as_size(n)), right(as_size(n)), alarms(as_size(n)), alarms_of_client(as_size(n)),
      agree(as_size(n));
  std::vector<detail::hit_value<Scalar>> onset, depth, duration, delay;
  std::vector<std::pair<Scalar, index>> judged;
  std::vector<Scalar> stable(as_size(n));
  std::vector<Scalar> of_stable_clients(as_size(n));
  Scalar n_of_stable_clients(0);
  std::vector<detail::episode_statistics<Scalar>> statistics;

  std::size_t first = 0;
  for (index c = 0; c < n; ++c) {
    const auto y = panel.series(c);
    auto& known = truths[as_size(c)];
    std::sort(known.begin(), known.end(), [](const auto& a, const auto& b) { return a.truth->onset < b.truth->onset; });
    const std::size_t begin = first;
    while (first < found.episodes.size() && found.episodes[first].client_position == c) ++first;
    const std::span<const basic_episode<Scalar>> detected(found.episodes.data() + begin, first - begin);
    const auto pairs = detail::pair_episodes<Scalar>(known, detected, y);

    Scalar n_hits(0);
    Scalar n_near(0);
    for (std::size_t t = 0; t < known.size(); ++t) {
      if (!pairs[t]) continue;
      const basic_episode<Scalar>& e = detected[*pairs[t]];
      const basic_true_episode<Scalar>& true_one = *known[t].truth;
      const index after = detail::count_observed(y, known[t].begin, e.onset_at);
      const index before = detail::count_observed(y, e.onset_at, known[t].begin);
      n_hits += 1;
      n_near += after + before <= options.near_sessions ? 1 : 0;
      onset.push_back({c, static_cast<Scalar>(after - before)});
      delay.push_back({c, static_cast<Scalar>(after)});
      if (true_one.depth) depth.push_back({c, e.depth - *true_one.depth});
      duration.push_back(
          {c, static_cast<Scalar>(e.duration - detail::count_observed(y, known[t].begin, known[t].end))});
      const episode_status status =
          true_one.status.value_or(true_one.repair ? episode_status::repaired : episode_status::unrepaired);
      ++out.status[static_cast<std::size_t>(status)][static_cast<std::size_t>(e.status)];
      agree[as_size(c)].exposure += 1;
      agree[as_size(c)].events += detail::says_repaired(status) == detail::says_repaired(e.status) ? 1 : 0;
    }
    const auto n_known = static_cast<Scalar>(known.size());
    const auto n_detected = static_cast<Scalar>(detected.size());
    out.n_hits += static_cast<index>(n_hits);
    hits[as_size(c)] = {n_hits, n_known};
    near[as_size(c)] = {n_near, n_known};
    right[as_size(c)] = {n_hits, n_detected};

    const auto& about = found.clients[as_size(c)];
    std::vector<std::optional<Scalar>> statistic = about.session_score;
    statistic.resize(as_size(y.size()));
    for (const auto& e : detected) {
      auto& at_onset = statistic[as_size(e.onset_at)];
      if (!at_onset) at_onset = e.score;
    }
    std::vector<bool> in_episode(as_size(y.size()), false);
    for (const auto& each : known) {
      detail::episode_statistics<Scalar> one;
      one.client = c;
      for (index t = each.begin; t < each.end; ++t) {
        in_episode[as_size(t)] = true;
        if (!y.is_observed(t)) continue;
        one.of_session.push_back(statistic[as_size(t)].value_or(std::numeric_limits<Scalar>::lowest()));
        one.largest = (std::max)(one.largest, one.of_session.back());
      }
      statistics.push_back(std::move(one));
    }
    if (about.not_evaluable != nullptr) continue;
    for (index t = detail::next_observed(y, detail::next_observed(y, index{-1})); t < y.size();
         t = detail::next_observed(y, t)) {
      if (in_episode[as_size(t)]) continue;
      stable[as_size(c)] += 1;
      if (statistic[as_size(t)]) judged.emplace_back(*statistic[as_size(t)], c);
    }
    out.n_sessions += static_cast<index>(stable[as_size(c)]);
    if (known.empty()) {
      of_stable_clients[as_size(c)] = stable[as_size(c)];
      n_of_stable_clients += stable[as_size(c)];
    }
    alarms[as_size(c)] = {n_detected - n_hits, stable[as_size(c)] / 100};
    alarms_of_client[as_size(c)] = {n_detected - n_hits, Scalar(1)};
  }

  const auto share = [&](const counts& of) { return stats::clustered_proportion<Scalar>(of, options.level); };
  const auto rate = [&](const counts& of) { return stats::clustered_rate<Scalar>(of, options.level); };
  const auto mean = [&](const std::vector<detail::hit_value<Scalar>>& of) {
    return detail::mean_by_client<Scalar>(of, options);
  };
  out.sensitivity = share(hits);
  out.sensitivity_near = share(near);
  out.precision = share(right);
  out.false_alarms_per_100 = rate(alarms);
  out.false_alarms_per_client = rate(alarms_of_client);
  out.repair_agreement = share(agree);
  out.onset_error = mean(onset);
  out.depth_bias = mean(depth);
  out.duration_error = mean(duration);
  out.delay = mean(delay);
  const bool by_stable_clients = n_of_stable_clients >= 100;
  if (by_stable_clients) std::erase_if(judged, [&](const auto& each) { return !truths[as_size(each.second)].empty(); });
  if (!judged.empty()) {
    const detail::rate_curve<Scalar> curve(std::move(judged), by_stable_clients ? of_stable_clients : stable, stable,
                                           std::move(statistics));
    detail::evaluate_at_rates(curve, n, options, out);
    if (out.matched) out.matched->by_stable_clients = by_stable_clients;
  }
  return out;
}

}  // namespace rapport
