// SPDX-License-Identifier: BSL-1.0
// Running a detector over a panel: episodes, and how many of them chance alone would produce.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <rapport/core/failure.hpp>
#include <rapport/core/missing.hpp>
#include <rapport/core/random.hpp>
#include <rapport/rupture/any_detector.hpp>
#include <rapport/rupture/detector.hpp>
#include <rapport/stats/null_models.hpp>
#include <rapport/stats/parallel.hpp>
#include <rapport/stats/session_spread.hpp>

namespace rapport {

/// How detection and its chance level are computed.
template <class Scalar>
struct basic_detect_options {
  index null_series = 999;  ///< simulated stable series per client; 0: no chance level
  /// Stable clients, from which null series are drawn in turn; fitted to the panel (stats::fit_null_models) if empty.
  std::vector<stats::session_model<Scalar>> null_models{};
  std::uint64_t seed = 20240229;
  index n_threads = 0;                ///< 0: one per processor; the result does not depend on it
  std::optional<Scalar> tolerance{};  ///< of the status, in points; half the pooled within-client SD if empty
  index window = 4;                   ///< scored sessions after nadir or repair that decide the status; at least 1
};

/// What detection says of one client.
template <class Scalar>
struct basic_client_detection {
  std::string id{};
  index n_sessions = 0;
  index n_observed = 0;                 ///< sessions with a score
  index n_evaluable = 0;                ///< transitions that the rule could judge: the denominator of rates
  const char* not_evaluable = nullptr;  ///< why the series could not be judged; null if it was
  std::optional<Scalar> unit{};         ///< what the client's depths are divided by, in points; empty: points
  std::vector<std::optional<Scalar>> session_score{};  ///< the detector's statistic per session; empty: not judged
  std::vector<std::optional<stats::score_prediction<Scalar>>>
      expected{};  ///< before the score was seen; empty: no model
};

/// What detection says of a panel.
template <class Scalar>
struct basic_detection {
  detector_info info{};
  bool of_rises = false;                          ///< the detector looks for rises: "repair" is the way back down
  std::vector<basic_episode<Scalar>> episodes{};  ///< by client, then in order of time
  std::vector<basic_client_detection<Scalar>> clients{};
  std::optional<Scalar> expected_if_stable{};  ///< episodes that stable clients with these sessions would show
  std::optional<error> no_null{};              ///< why there is no chance level although one was wanted

  /// Episodes found.
  [[nodiscard]] index count() const noexcept { return std::ssize(episodes); }
  /// Transitions judged, over all clients.
  [[nodiscard]] index n_evaluable() const noexcept {
    index sum = 0;
    for (const auto& client : clients) sum += client.n_evaluable;
    return sum;
  }
  /// Clients whose series could be judged.
  [[nodiscard]] index n_evaluable_clients() const noexcept {
    index sum = 0;
    for (const auto& client : clients) sum += client.not_evaluable == nullptr ? 1 : 0;
    return sum;
  }
  /// Clients with at least one episode.
  [[nodiscard]] index n_with_rupture() const noexcept {
    index sum = 0;
    for (std::size_t e = 0; e < episodes.size(); ++e) {
      sum += e == 0 || episodes[e].client_position != episodes[e - 1].client_position ? 1 : 0;
    }
    return sum;
  }
};

using detect_options = basic_detect_options<double>;
using detection = basic_detection<double>;

namespace detail {

/// The episodes of one series, described by the common rules.
template <class Scalar, class Walker>
[[nodiscard]] std::vector<basic_episode<Scalar>> walk_falls(const Walker& walker, const session_series<Scalar>& y,
                                                            const repair_rule<Scalar>& rule,
                                                            typename basic_episode_sink<Scalar>::storage& store) {
  store.findings.clear();
  store.session_score.assign(as_size(y.size()), std::nullopt);
  store.expected.assign(as_size(y.size()), std::nullopt);
  store.n_evaluable = 0;
  store.not_evaluable = nullptr;
  store.unit.reset();
  walker(y, basic_episode_sink<Scalar>(store));

  std::vector<basic_episode<Scalar>> episodes;
  for (basic_finding<Scalar>& found : store.findings) {
    if (!found.followed) {
      const index onset = found.course.onset;
      const index pre = onset < 0 || onset >= y.size() || !y.is_observed(onset) ? -1 : previous_observed(y, onset);
      RAPPORT_ASSERT(pre >= 0);  // a rupture begins at a scored session that is not the first
      if (pre < 0) continue;
      const Scalar level = found.reference.value_or(y[pre]);
      const auto is_repaired = [&](index, index s) { return y[s] >= level - rule.tolerance; };
      found.course = follow(y, pre, onset, onset, rule.hold, is_repaired);
    }
    const Scalar reference = found.reference.value_or(y[found.course.pre]);
    auto described = describe(y, found.course, reference, rule);
    if (found.depth) described.depth = *found.depth;
    described.depth_standardized =
        store.unit && *store.unit > 0 ? Scalar(described.depth / *store.unit) : described.depth;
    described.depth_se = found.depth_se;
    described.score = found.score.value_or(described.depth);
    episodes.push_back(std::move(described));
  }
  return episodes;
}

/// The episodes of one series, of falls or of rises.
template <class Scalar, class Walker>
[[nodiscard]] std::vector<basic_episode<Scalar>> walk(const Walker& walker, const session_series<Scalar>& y,
                                                      const repair_rule<Scalar>& rule,
                                                      typename basic_episode_sink<Scalar>::storage& store) {
  if (!looks_for_rises(walker)) return walk_falls<Scalar>(walker, y, rule, store);
  std::vector<Scalar> turned(y.score.begin(), y.score.end());
  for (Scalar& each : turned) each = -each;
  session_series<Scalar> upside_down = y;
  upside_down.score = turned;
  if (y.options.range)
    upside_down.options.range = {-y.options.range->upper, -y.options.range->lower, y.options.range->step};
  auto episodes = walk_falls<Scalar>(walker, upside_down, rule, store);
  for (auto& each : episodes) {
    each.reference = -each.reference;
    for (std::string& flag : each.flags) {
      if (flag == "floor") {
        flag = "ceiling";
      } else if (flag == "ceiling") {
        flag = "floor";
      }
    }
  }
  for (auto& each : store.expected) {
    if (each) each->mean = -each->mean;
  }
  return episodes;
}

/// Chance: for each episode the share of stable series whose largest score reaches it, and the mean number of episodes.
template <class Scalar, class Walker>
[[nodiscard]] Scalar compare_with_stable(const Walker& walker, const session_series<Scalar>& y,
                                         const repair_rule<Scalar>& rule,
                                         std::span<const stats::session_model<Scalar>> models,
                                         const basic_detect_options<Scalar>& options, index client,
                                         std::span<basic_episode<Scalar>> episodes) {
  std::vector<Scalar> scores(as_size(y.size()));
  session_series<Scalar> stable = y;
  stable.score = scores;
  typename basic_episode_sink<Scalar>::storage store;
  std::vector<index> reached(episodes.size(), 0);
  index found = 0;
  for (index b = 0; b < options.null_series; ++b) {
    random_stream random(options.seed, static_cast<std::uint64_t>(client * options.null_series + b));
    stats::draw_stable_series<Scalar>(models[as_size(b % std::ssize(models))], y.session, random, scores);
    for (index t = 0; t < y.size(); ++t) {
      if (!y.is_observed(t)) scores[as_size(t)] = missing_value<Scalar>();
    }
    std::optional<Scalar> largest;
    for (const auto& by_chance : walk<Scalar>(walker, stable, rule, store)) {
      ++found;
      if (!largest || by_chance.score > *largest) largest = by_chance.score;
    }
    for (std::size_t e = 0; e < episodes.size(); ++e) reached[e] += largest && *largest >= episodes[e].score ? 1 : 0;
  }
  for (std::size_t e = 0; e < episodes.size(); ++e) {
    episodes[e].p_null = static_cast<Scalar>(1 + reached[e]) / static_cast<Scalar>(options.null_series + 1);
  }
  return static_cast<Scalar>(found) / static_cast<Scalar>(options.null_series);
}

/// The detector ready to walk: what prepared() returns, or the detector itself.
template <class Scalar, class Detector>
[[nodiscard]] auto make_walker(const basic_session_panel<Scalar>& panel, const Detector& detector) {
  if constexpr (panel_learner<Detector, Scalar>) {
    return detector.prepared(panel);
  } else {
    return result<Detector>(detector);
  }
}

}  // namespace detail

/// Runs a detector over all clients.
/// Model:       p_null = (1 + stable series whose largest score reaches the episode's) / (1 + null_series), for series
///              of the same sessions, missing sessions and score grid, drawn from the model of stable clients with
///              their differences in level, trend and volatility
/// \param panel     scores over sessions, higher is better
/// \param detector  a detector of the library or your own; see rupture_detector
/// \param options   chance level, seed, threads, repair tolerance
/// \return       episodes with status, pattern and p_null; per client what could be judged; episodes expected by chance
/// Errors:       those of the detector; errc::no_data; errc::invalid_option. A null model that cannot be had is not an
///               error: `no_null` says why and p_null is empty
/// Missing:      never closed silently: see each detector; gaps are flagged in the episode
/// Numerics:     each simulated series has a random stream of its own, so threads do not matter
/// Not for:      the probability that a rupture is chance: p_null is how often stability alone shows one this large
/// Example:      docs/snippets/rupture.cpp
template <class Scalar, class Detector>
  requires rupture_detector<Detector, Scalar>
[[nodiscard]] result<basic_detection<Scalar>> detect(const basic_session_panel<Scalar>& panel, const Detector& detector,
                                                     const basic_detect_options<Scalar>& options = {}) {
  const auto refuse = [](std::string_view what, double value, double lower) {
    return error{.code = errc::invalid_option,
                 .function = "detect",
                 .value = value,
                 .lower = lower,
                 .upper = 1e9,
                 .subject = what};
  };
  if (options.null_series < 0) return refuse("null_series", static_cast<double>(options.null_series), 0);
  if (options.window < 1) return refuse("window", static_cast<double>(options.window), 1);
  if (options.tolerance && !(*options.tolerance >= 0))
    return refuse("tolerance", static_cast<double>(*options.tolerance), 0);
  if (panel.n_observed() == 0) return error{.code = errc::no_data, .function = "detect"};
  const auto walker = detail::make_walker(panel, detector);
  if (!walker) return walker.error();

  const Scalar half_sd = stats::spread_of(panel).within.value_or(Scalar(0)) / 2;
  const repair_rule<Scalar> rule{options.tolerance.value_or(half_sd), options.window, 1};
  basic_detection<Scalar> out;
  out.info = detector.info;
  out.of_rises = detail::looks_for_rises(*walker);
  auto models = options.null_models;
  if (options.null_series > 0 && models.empty()) {
    auto fitted = stats::fit_null_models(panel, options.seed);
    if (fitted) {
      models = *fitted;
    } else {
      out.no_null = fitted.error();
    }
  }
  for (auto& model : models) {
    if (auto legal = validate(model); !legal) return legal.error();
    if (!model.range) model.range = panel.range();
  }

  const index n = panel.n_clients();
  out.clients.resize(as_size(n));
  std::vector<std::vector<basic_episode<Scalar>>> episodes(as_size(n));
  std::vector<Scalar> expected(as_size(n), Scalar(0));
  stats::parallel_for(n, options.n_threads, [&](index client) {
    const auto y = panel.series(client);
    typename basic_episode_sink<Scalar>::storage store;
    auto& found = episodes[as_size(client)];
    found = detail::walk<Scalar>(*walker, y, rule, store);
    auto& about = out.clients[as_size(client)];
    about.id = panel.client_id(client);
    about.n_sessions = y.size();
    about.n_observed = detail::count_observed(y, 0, y.size());
    about.n_evaluable = store.n_evaluable;
    about.not_evaluable = store.not_evaluable;
    about.unit = store.unit;
    about.session_score = std::move(store.session_score);
    about.expected = std::move(store.expected);
    for (auto& each : found) {
      each.client = about.id;
      each.client_position = client;
    }
    if (!models.empty() && options.null_series > 0 && about.not_evaluable == nullptr) {
      expected[as_size(client)] = detail::compare_with_stable<Scalar>(*walker, y, rule, models, options, client, found);
    }
  });
  for (auto& of_client : episodes) {
    for (auto& each : of_client) out.episodes.push_back(std::move(each));
  }
  if (!models.empty() && options.null_series > 0) {
    Scalar sum(0);
    for (const Scalar& each : expected) sum += each;
    out.expected_if_stable = sum;
  }
  return out;
}

}  // namespace rapport
