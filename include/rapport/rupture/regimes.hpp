// SPDX-License-Identifier: BSL-1.0
// Regimes as detectors: Bayesian online change points, and a hidden Markov model pooled over clients.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <vector>

#include <rapport/core/result.hpp>
#include <rapport/rupture/chart.hpp>
#include <rapport/rupture/detector.hpp>
#include <rapport/stats/bayesian_change_point.hpp>
#include <rapport/stats/detail/median.hpp>
#include <rapport/stats/hidden_markov.hpp>
#include <rapport/stats/session_spread.hpp>

namespace rapport {

namespace detail {

/// log(p / (1 - p)), finite for every p from 0 to 1.
template <class Scalar>
[[nodiscard]] Scalar log_odds(const Scalar& p) {
  using std::log;
  const Scalar least = 4 * std::numeric_limits<Scalar>::epsilon();
  const Scalar inside = (std::min)((std::max)(p, least), Scalar(1 - least));
  return log(Scalar(inside / (1 - inside)));
}

}  // namespace detail

/// Falls of the level by Bayesian online change points.
/// Model:     stats::run_length_filter with a prior learned from all clients: level = mean of their means with the weight
///            of within / between variance in scores (.05 to 1), variance within a regime = that of moving ranges. An
///            episode begins where the current run has most probably lasted at most `window` sessions, with probability
///            above `probability`, and its level lies at least `least_fall` SD below that expected before. It is repaired
///            at the first score not more than 1 SD below that level. score = log odds of a young run
/// Missing:   scored sessions count as neighbors, whatever lies between
/// Numerics:  O(n^2) for n scored sessions of a client; above 1000 a series is not judged
/// Not for:   ruptures of one session, which are seen one session late or not at all; trends
/// Reference: Adams & MacKay (2007), arXiv 0710.3742; the rule and the prior are own definitions
template <class Scalar>
struct basic_online_change_detector {
  static constexpr detector_info info{"bocpd", "Bayesian online change points, own rule", trust::own};
  Scalar expected_length{15};        ///< sessions between changes, on average; above 1
  Scalar probability = Scalar(0.5);  ///< of a young run, from which a change counts; in (0, 1)
  index window = 2;                  ///< sessions that a young run has lasted at most; at least 1
  Scalar least_fall{1};              ///< in SD within a regime; not negative
  index min_sessions = 4;            ///< scored sessions that a series needs; at least 3

  /// Errors: errc::invalid_option; errc::zero_variance if no two neighboring sessions of any client differ
  [[nodiscard]] result<basic_online_change_detector> prepared(const basic_session_panel<Scalar>& panel) const {
    const auto refuse = [](const char* what, double value, double lower, double upper) {
      return detail::detector_option(info.name, what, value, lower, upper);
    };
    if (!(expected_length > 1 && expected_length < Scalar(1e9)))
      return refuse("expected_length", static_cast<double>(expected_length), 1, 1e9);
    if (!(probability > 0 && probability < 1)) return refuse("probability", static_cast<double>(probability), 0, 1);
    if (window < 1) return refuse("window", static_cast<double>(window), 1, 1e6);
    if (!(least_fall >= 0 && least_fall < Scalar(1e9)))
      return refuse("least_fall", static_cast<double>(least_fall), 0, 1e9);
    if (min_sessions < 3) return refuse("min_sessions", static_cast<double>(min_sessions), 3, 1e6);
    const auto sigma = detail::pooled_chart_sigma(panel, info.name);
    if (!sigma) return sigma.error();
    basic_online_change_detector out = *this;
    out.sigma_ = *sigma;
    Scalar sum(0);
    index n = 0;
    for (index c = 0; c < panel.n_clients(); ++c) {
      const auto own = stats::detail::moments_of(panel.series(c));
      if (own.n > 0) sum += own.mean, ++n;
    }
    const auto between = stats::spread_of(panel).between;
    const Scalar ratio = between && *between > 0 ? Scalar(*sigma * *sigma / (*between * *between)) : Scalar(0.25);
    out.prior_.mean = sum / static_cast<Scalar>(n);
    out.prior_.mean_weight = (std::min)(Scalar(1), (std::max)(Scalar(0.05), ratio));
    out.prior_.shape = Scalar(3);
    out.prior_.scale = 2 * *sigma * *sigma;  // expected variance: scale / (shape - 1)
    return out;
  }

  /// Walks one client's series.
  void operator()(const session_series<Scalar>& y, basic_episode_sink<Scalar> out) const {
    const detail::scored_sessions<Scalar> scored(y);
    if (scored.size() < min_sessions) return out.not_evaluable("too few scored sessions");
    if (scored.size() > longest) return out.not_evaluable("more than 1000 scored sessions");
    auto filter = stats::run_length_filter<Scalar>::make(prior_, Scalar(1 / expected_length));
    if (!filter) return out.not_evaluable("no prior");
    out.unit(sigma_);
    out.evaluable(scored.size() - 1);
    std::vector<Scalar> level;  // expected of the current regime, after each session
    index free_from = 1;        // first session at which a new episode may begin
    for (index t = 0; t < scored.size(); ++t) {
      filter->update(scored.score[as_size(t)]);
      const auto run = filter->run_length();
      const Scalar going_on = 1 - run[0];
      Scalar expected(0);
      Scalar young(0);
      index likeliest = 1;
      for (index r = 1; r < std::ssize(run); ++r) {
        expected += run[as_size(r)] / going_on * filter->level(r);
        if (r > window) continue;
        young += run[as_size(r)] / going_on;
        if (run[as_size(r)] > run[as_size(likeliest)]) likeliest = r;
      }
      level.push_back(expected);
      if (t < window) continue;  // the whole series is young
      out.session_score(scored.position[as_size(t)], detail::log_odds(young));
      const index began = t - likeliest + 1;
      const Scalar before = level[as_size(began - 1)];
      const bool falls = before - filter->level(likeliest) >= least_fall * sigma_;
      if (!(young > probability) || !falls || began < free_from) continue;

      index low = began;
      for (index s = began; s <= t; ++s) {
        if (scored.score[as_size(s)] < scored.score[as_size(low)]) low = s;
      }
      const auto is_repaired = [&](index, index s) { return y[s] >= before - sigma_; };
      basic_finding<Scalar> found;
      found.course = follow(y, scored.position[as_size(began - 1)], scored.position[as_size(began)],
                            scored.position[as_size(t)], 1, is_repaired);
      if (scored.score[as_size(low)] <= y[found.course.nadir]) found.course.nadir = scored.position[as_size(low)];
      found.followed = true;
      found.reference = before;
      found.score = detail::log_odds(young);
      out.add(found);
      free_from = scored.size();
      for (index s = t + 1; found.course.repair && s < scored.size(); ++s) {
        if (scored.position[as_size(s)] > *found.course.repair) free_from = (std::min)(free_from, s);
      }
    }
  }

 private:
  static constexpr index longest = 1000;
  stats::normal_gamma_prior<Scalar> prior_{};
  Scalar sigma_{};
};

/// Times in the lower state of a hidden Markov model.
/// Model:     scores less the client's own median follow stats::hidden_markov_model with one SD for all states, fitted to
///            all clients together; an episode is a stretch of the most likely path in the lowest state that does not
///            begin with the first scored session. score = largest log odds of the lowest state in it
/// Missing:   a session without a score says nothing about its state; gaps in the session numbers are not counted
/// Numerics:  a series of more than 1000 scored sessions is neither learned from nor judged
/// Not for:   few clients; panels in which clients have a trend: early sessions are then the lower state
/// Reference: the model: Rabiner (1989), doi 10.1109/5.18626; its use on alliance scores is an own definition
template <class Scalar>
struct basic_state_detector {
  static constexpr detector_info info{"hmm", "hidden Markov model pooled over clients, own definition", trust::own};
  index n_states = 2;   ///< 2 or 3; the lowest is the ruptured one
  index n_starts = 12;  ///< searches of the fit; at least 1
  std::uint64_t seed = 20240229;
  index min_sessions = 4;  ///< scored sessions that a series needs; at least 2

  /// Errors: errc::invalid_option; those of stats::fit_hidden_markov
  [[nodiscard]] result<basic_state_detector> prepared(const basic_session_panel<Scalar>& panel) const {
    if (n_states < 2 || n_states > 3)
      return detail::detector_option(info.name, "n_states", static_cast<double>(n_states), 2, 3);
    if (n_starts < 1 || n_starts > 10000)
      return detail::detector_option(info.name, "n_starts", static_cast<double>(n_starts), 1, 1e4);
    if (min_sessions < 2)
      return detail::detector_option(info.name, "min_sessions", static_cast<double>(min_sessions), 2, 1e6);
    std::vector<std::vector<Scalar>> all;
    for (index c = 0; c < panel.n_clients(); ++c) {
      const auto y = panel.series(c);
      const index n_observed = detail::count_observed(y, 0, y.size());
      if (n_observed >= min_sessions && n_observed <= longest) all.push_back(centered(y));
    }
    stats::hidden_markov_options<Scalar> options;
    options.n_states = n_states;
    options.n_starts = n_starts;
    options.seed = seed;
    options.equal_sd = true;
    const auto fit = stats::fit_hidden_markov<Scalar>(std::span<const std::vector<Scalar>>(all), options);
    if (!fit) return fit.error();
    basic_state_detector out = *this;
    out.model_ = fit->model;
    return out;
  }

  /// The fitted model, of scores less the client's median; known after prepared().
  [[nodiscard]] const stats::hidden_markov_model<Scalar>& model() const noexcept { return model_; }

  /// Walks one client's series.
  void operator()(const session_series<Scalar>& y, basic_episode_sink<Scalar> out) const {
    const index n_observed = detail::count_observed(y, 0, y.size());
    if (n_observed < min_sessions) return out.not_evaluable("too few scored sessions");
    if (n_observed > longest) return out.not_evaluable("more than 1000 scored sessions");
    const auto values = centered(y);
    const auto states = stats::decode_states<Scalar>(model_, values);
    if (!states) return out.not_evaluable("the model cannot be applied");
    const Scalar middle = y[detail::next_observed(y, index{-1})] - values[as_size(detail::next_observed(y, index{-1}))];
    const auto odds = [&](index t) { return detail::log_odds(states->probability[as_size(t * n_states)]); };
    out.unit(model_.sd[0]);
    out.evaluable(n_observed - 1);
    for (index t = 0; t < y.size(); ++t) {
      if (y.is_observed(t)) out.session_score(t, odds(t));
    }
    const index first = detail::next_observed(y, index{-1});
    for (index t = detail::next_observed(y, first), pre = first; t < y.size();
         pre = t, t = detail::next_observed(y, t)) {
      if (states->path[as_size(t)] != 0 || states->path[as_size(pre)] == 0) continue;
      basic_finding<Scalar> found;
      found.course = {pre, t, t, std::nullopt};
      Scalar largest = odds(t);
      index s = t;
      for (; s < y.size() && states->path[as_size(s)] == 0; s = detail::next_observed(y, s)) {
        if (y[s] < y[found.course.nadir]) found.course.nadir = s;
        largest = (std::max)(largest, odds(s));
      }
      if (s < y.size()) found.course.repair = s;
      found.followed = true;
      found.reference = middle + model_.mean[as_size(states->path[as_size(pre)])];
      found.score = largest;
      out.add(found);
    }
  }

 private:
  /// The scores less their median.
  [[nodiscard]] static std::vector<Scalar> centered(const session_series<Scalar>& y) {
    const Scalar middle = stats::detail::median_of(detail::scored_sessions<Scalar>(y).score);
    std::vector<Scalar> out;
    for (index t = 0; t < y.size(); ++t) out.push_back(y[t] - middle);
    return out;
  }

  static constexpr index longest = 1000;
  stats::hidden_markov_model<Scalar> model_{};
};

using online_change_detector = basic_online_change_detector<double>;
using state_detector = basic_state_detector<double>;

}  // namespace rapport
