// SPDX-License-Identifier: BSL-1.0
// Whether the level is truly back after a rupture, and whether alliances grow after a repair more than chance has it.
#pragma once

#include <cmath>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include <rapport/core/estimate.hpp>
#include <rapport/rupture/detect.hpp>
#include <rapport/stats/distribution/normal.hpp>
#include <rapport/stats/distribution/student_t.hpp>
#include <rapport/stats/session_filter.hpp>

namespace rapport {

/// How far the level after a rupture lies from that before.
template <class Scalar>
struct basic_level_return {
  Scalar probability{};  ///< that the level is back to within the tolerance, or above
  Scalar shift{};        ///< level after minus level before, beyond the client's course; points
  Scalar shift_se{};
  index n_after = 0;  ///< scored sessions after the rupture that it rests on
};

using level_return = basic_level_return<double>;

/// The probability that the true level is back after an episode.
/// Model:       the scores before the onset, and those from the repair on (of an episode without repair: those after the
///              nadir), follow the session model; the latter with a lasting shift, estimated by generalized least
///              squares; what lies between is left out. probability = Phi((shift + tolerance) / se), the posterior
///              under a flat prior of the shift
/// \param model      of stable clients
/// \param y          the client's series
/// \param e          the episode
/// \param tolerance  points below the old level that still count as back; not negative
/// \param window     scored sessions after the rupture to use, at least 1
/// \return        probability, shift, standard error
/// Errors:        errc::invalid_option; those of validate(session_model); errc::too_few_rows if no scored session lies
///                before the onset, or none after
/// Missing:       exact for missed sessions and irregular times
/// Not for:       a repair found by chance: the session at which a rule saw the level back is high by selection. Use some
///                sessions after it
/// Reference:     own definition; generalized least squares by a filter: Durbin & Koopman (2012), sec. 6.2
template <class Scalar>
[[nodiscard]] result<basic_level_return<Scalar>> level_return_of(const stats::session_model<Scalar>& model,
                                                                 const session_series<Scalar>& y,
                                                                 const basic_episode<Scalar>& e,
                                                                 const Scalar& tolerance, index window = 4) {
  using std::sqrt;
  const auto refuse = [](const char* what, double value) {
    return error{.code = errc::invalid_option,
                 .function = "level_return_of",
                 .value = value,
                 .lower = 0,
                 .upper = 1e6,
                 .subject = what};
  };
  if (auto legal = validate(model); !legal) return legal.error();
  if (!(tolerance >= 0)) return refuse("tolerance", static_cast<double>(tolerance));
  if (window < 1) return refuse("window", static_cast<double>(window));
  if (e.onset_at < 0 || e.onset_at >= y.size()) return refuse("the episode's onset", static_cast<double>(e.onset_at));

  // The shift's effect on the innovations is what the same filter makes of a series that is 0 before and 1 after.
  auto no_mean = model;
  no_mean.mean_intercept = no_mean.mean_slope = Scalar(0);
  stats::session_filter<Scalar> scores(model);
  stats::session_filter<Scalar> effects(no_mean);
  Scalar along(0);
  Scalar information(0);
  const auto take = [&](index t, const Scalar& shifted) {
    const Scalar& time = y.session[as_size(t)];
    const auto expected = scores.predict(time);
    const auto effect = Scalar(shifted - effects.predict(time).mean);
    const Scalar variance = expected.sd * expected.sd;
    along += effect * (y[t] - expected.mean) / variance;
    information += effect * effect / variance;
    scores.update(time, y[t]);
    effects.update(time, shifted);
  };
  index n_before = 0;
  for (index t = 0; t < e.onset_at; ++t) {
    if (!y.is_observed(t)) continue;
    take(t, Scalar(0));
    ++n_before;
  }
  basic_level_return<Scalar> out;
  for (index t = e.repair_at.value_or(e.nadir_at + 1); t < y.size() && out.n_after < window; ++t) {
    if (!y.is_observed(t)) continue;
    take(t, Scalar(1));
    ++out.n_after;
  }
  if (n_before == 0 || out.n_after == 0)
    return error{.code = errc::too_few_rows,
                 .function = "level_return_of",
                 .value = 0,
                 .lower = 1,
                 .subject = n_before == 0 ? "before the onset" : "after the rupture"};
  out.shift = along / information;
  out.shift_se = 1 / sqrt(information);
  out.probability = stats::normal_cdf<Scalar>((out.shift + tolerance) / out.shift_se);
  return out;
}

/// How growth after repair is computed.
struct repair_growth_options {
  index window = 4;         ///< scored sessions after that of the repair that are averaged; at least 1
  index null_panels = 200;  ///< simulated stable panels; at least 20
  double level = 0.95;
  std::uint64_t seed = 20240229;
  index n_threads = 0;  ///< 0: one per processor; the result does not depend on it
};

/// Growth after repair.
template <class Scalar>
struct basic_repair_growth {
  Scalar raw{};                     ///< mean excess over the predicted course after repairs that were found, points
  Scalar by_selection{};            ///< the same in stable panels: what looking for repaired falls produces alone
  basic_estimate<Scalar> growth{};  ///< raw - by_selection
  index n_episodes = 0;             ///< repaired, with two scored sessions before `pre`
};

using repair_growth = basic_repair_growth<double>;

namespace detail {

/// Sum and number of the excesses of one client.
template <class Scalar>
struct excess_sum {
  Scalar sum{};
  Scalar n{};
};

/// The excess of each client's repaired episodes over the course that the sessions before `pre` predict.
template <class Scalar>
[[nodiscard]] std::vector<excess_sum<Scalar>> excesses(const basic_session_panel<Scalar>& panel,
                                                       const basic_detection<Scalar>& found,
                                                       const stats::session_model<Scalar>& model, index window) {
  std::vector<excess_sum<Scalar>> out(as_size(panel.n_clients()));
  for (std::size_t k = 0; k < found.episodes.size(); ++k) {
    const auto& e = found.episodes[k];
    if (!e.repair_at) continue;
    const auto y = panel.series(e.client_position);
    if (count_observed(y, 0, e.pre_at) < 2) continue;
    stats::session_filter<Scalar> filter(model);
    for (index t = 0; t < e.pre_at; ++t) {
      if (y.is_observed(t)) filter.update(y.session[as_size(t)], y[t]);
    }
    const bool another = k + 1 < found.episodes.size() && found.episodes[k + 1].client_position == e.client_position;
    const index end = another ? found.episodes[k + 1].onset_at : y.size();
    Scalar sum(0);
    index n = 0;
    for (index t = *e.repair_at + 1; t < end && n < window; ++t) {
      if (!y.is_observed(t)) continue;
      sum += y[t] - filter.predict(y.session[as_size(t)]).mean;
      ++n;
    }
    if (n == 0) continue;
    auto& of_client = out[as_size(e.client_position)];
    of_client.sum += sum / static_cast<Scalar>(n);
    of_client.n += 1;
  }
  return out;
}

/// A stable panel with the sessions and the missing scores of another.
template <class Scalar>
[[nodiscard]] result<basic_session_panel<Scalar>> stable_panel(const basic_session_panel<Scalar>& like,
                                                               const stats::session_model<Scalar>& model,
                                                               std::uint64_t seed, std::uint64_t number) {
  std::vector<session_row<Scalar>> rows;
  for (index c = 0; c < like.n_clients(); ++c) {
    const auto y = like.series(c);
    std::vector<Scalar> scores(as_size(y.size()));
    random_stream random(seed, (number << 32) + static_cast<std::uint64_t>(c));
    stats::draw_stable_series<Scalar>(model, y.session, random, scores);
    for (index t = 0; t < y.size(); ++t) {
      rows.push_back({like.client_id(c),
                      y.session[as_size(t)],
                      y.is_observed(t) ? scores[as_size(t)] : missing_value<Scalar>(),
                      {}});
    }
  }
  return basic_session_panel<Scalar>::from_rows(rows, like.options());
}

}  // namespace detail

/// Whether scores after a repair lie above the course that was to be expected, beyond what selection alone makes.
/// Model:       excess of an episode = mean over its window of y_t - E[y_t | scores before pre]; raw = mean over repaired
///              episodes. Neither pre nor the session of the repair enters: both are high by selection. What selection is
///              left, by neighbors that resemble them, is taken off: the same mean over the same detector's episodes in
///              stable panels (same sessions, same missing). Variance: that of a ratio over clients, and of the mean of
///              the stable panels; t with clients - 1 degrees of freedom
/// \param panel     scores
/// \param detector  as detect() takes it
/// \param model     of stable clients; predicts, and draws the stable panels
/// \param options   window, panels, level
/// \return      the growth with its interval
/// Errors:      those of detect() and validate(session_model); errc::invalid_option; errc::too_few_clusters with fewer
///              than 2 clients with a repaired episode; errc::numeric_failure if no stable panel has one
/// Not for:     saying that ruptures cause growth. Falls too deep for chance are less selected than those of stable
///              panels, so the growth after them is rather under- than overstated
/// Reference:   own definition
template <class Scalar, class Detector>
  requires rupture_detector<Detector, Scalar>
[[nodiscard]] result<basic_repair_growth<Scalar>> growth_after_repair(const basic_session_panel<Scalar>& panel,
                                                                      const Detector& detector,
                                                                      const stats::session_model<Scalar>& model,
                                                                      const repair_growth_options& options = {}) {
  using std::sqrt;
  constexpr const char* function = "growth_after_repair";
  const auto refuse = [](const char* what, index value, double lower) {
    return error{.code = errc::invalid_option,
                 .function = function,
                 .value = static_cast<double>(value),
                 .lower = lower,
                 .upper = 1e6,
                 .subject = what};
  };
  if (options.window < 1) return refuse("window", options.window, 1);
  if (options.null_panels < 20) return refuse("null_panels", options.null_panels, 20);
  if (auto legal = check_level(options.level, function); !legal) return legal.error();
  if (auto legal = validate(model); !legal) return legal.error();
  auto ranged = model;
  if (!ranged.range) ranged.range = panel.range();
  const basic_detect_options<Scalar> quietly{.null_series = 0, .n_threads = options.n_threads};

  const auto found = detect(panel, detector, quietly);
  if (!found) return found.error();
  const auto of_client = detail::excesses(panel, *found, ranged, options.window);
  Scalar sum(0);
  Scalar n(0);
  index n_clients = 0;
  for (const auto& each : of_client) {
    sum += each.sum;
    n += each.n;
    n_clients += each.n > 0 ? 1 : 0;
  }
  if (n_clients < 2)
    return error{.code = errc::too_few_clusters,
                 .function = function,
                 .value = static_cast<double>(n_clients),
                 .lower = 2,
                 .subject = "a repaired episode"};

  std::vector<Scalar> null_sum(as_size(options.null_panels), Scalar(0));
  std::vector<Scalar> null_n(as_size(options.null_panels), Scalar(0));
  const basic_detect_options<Scalar> one_thread{.null_series = 0, .n_threads = 1};
  stats::parallel_for(options.null_panels, options.n_threads, [&](index b) {
    const auto stable = detail::stable_panel(panel, ranged, options.seed, static_cast<std::uint64_t>(b));
    if (!stable) return;
    const auto by_chance = detect(*stable, detector, one_thread);
    if (!by_chance) return;
    for (const auto& each : detail::excesses(*stable, *by_chance, ranged, options.window)) {
      null_sum[as_size(b)] += each.sum;
      null_n[as_size(b)] += each.n;
    }
  });
  Scalar all_sum(0);
  Scalar all_n(0);
  for (std::size_t b = 0; b < null_sum.size(); ++b) {
    all_sum += null_sum[b];
    all_n += null_n[b];
  }
  if (!(all_n > 0))
    return error{.code = errc::numeric_failure, .function = function, .subject = "repaired falls of stable clients"};

  basic_repair_growth<Scalar> out;
  out.raw = sum / n;
  out.by_selection = all_sum / all_n;
  out.n_episodes = static_cast<index>(n);
  const auto variance_of_ratio = [](const auto& parts, const Scalar& ratio, const Scalar& total, Scalar units) {
    Scalar squares(0);
    for (const auto& [part, weight] : parts) {
      const Scalar apart = part - ratio * weight;
      squares += apart * apart;
    }
    return squares * units / (units - 1) / (total * total);
  };
  std::vector<std::pair<Scalar, Scalar>> observed;
  for (const auto& each : of_client) {
    if (each.n > 0) observed.emplace_back(each.sum, each.n);
  }
  std::vector<std::pair<Scalar, Scalar>> stable;
  for (std::size_t b = 0; b < null_sum.size(); ++b) stable.emplace_back(null_sum[b], null_n[b]);
  const Scalar variance = variance_of_ratio(observed, out.raw, n, static_cast<Scalar>(n_clients)) +
                          variance_of_ratio(stable, out.by_selection, all_n, static_cast<Scalar>(options.null_panels));
  out.growth.estimate = out.raw - out.by_selection;
  out.growth.standard_error = sqrt(variance);
  const Scalar half = sqrt(variance) * stats::student_t_quantile<Scalar>((1 + static_cast<Scalar>(options.level)) / 2,
                                                                         static_cast<Scalar>(n_clients - 1));
  out.growth.interval = {out.growth.estimate - half, out.growth.estimate + half, options.level};
  out.growth.n = n_clients;
  out.growth.method = "excess over the predicted course less that of stable panels; ratio over clients, t";
  return out;
}

}  // namespace rapport
