// SPDX-License-Identifier: BSL-1.0
// Several detectors as one: their statistics on a common scale, weighed together, and calibrated anew by stable series.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include <rapport/rupture/detail/stable_scale.hpp>
#include <rapport/rupture/detect.hpp>
#include <rapport/stats/matrix.hpp>

namespace rapport {

/// How detectors are made one.
template <class Scalar>
struct basic_consensus_options {
  double false_alarms = 0.01;  ///< share of a stable client's sessions that may be called a rupture; in (0, .5)
  index null_series = 2000;    ///< stable series from which scales and weights are learned; 100 to 10^7
  /// Stable clients, from which these series are drawn in turn; fitted to the panel (stats::fit_null_models) if empty.
  std::vector<stats::session_model<Scalar>> null_models{};
  std::uint64_t seed = 20240229;
  index n_threads = 0;  ///< 0: one per processor; the result does not depend on it
};

/// A detector of a consensus.
template <class Scalar>
struct basic_consensus_member {
  std::string_view name{};
  std::optional<Scalar> weight{};  ///< known after prepared(); 0 if it adds nothing to the others
};

using consensus_options = basic_consensus_options<double>;
using consensus_member = basic_consensus_member<double>;

/// One statistic from those of several detectors.
/// Model:       z_d(t) = normal score of detector d's statistic among stable sessions; score(t) = sum of w_d z_d(t) /
///              sqrt(w'Rw), R = correlation of the z in stable sessions. The weights see a fall best that moves all z
///              alike: they minimize w'(R + I / 10)w - 2 sum w with no weight below 0. Detectors that say the same share a
///              weight. A rupture begins where the score exceeds its own quantile of 1 - false_alarms in stable sessions,
///              and lasts until the level is back to within half the pooled within-client SD
/// Missing:     as each detector has it; one that has no statistic for a session is left out there
/// Numerics:    scales, correlations and threshold come from the same stable series, each run through all detectors. So
///              does p_null of detect(): what the detectors share is counted once
/// Not for:     making weak rules strong: each that is added takes something away from the best
/// Reference:   own definition; correlated normal scores: Strube (1985), doi 10.1037/0033-2909.97.2.334
/// Example:     detect(panel, consensus({innovations(), leave_one_out(), pulse_scan()}))
template <class Scalar>
class basic_consensus {
 public:
  static constexpr detector_info info{"consensus", "one statistic of several detectors, own definition", trust::own};

  /// Of these detectors, each with its own settings; its threshold matters only in so far as it does not judge sessions
  /// within its own episodes.
  explicit basic_consensus(std::vector<basic_any_detector<Scalar>> members,
                           const basic_consensus_options<Scalar>& options = {})
      : options_(options), members_(std::move(members)) {}

  /// The detectors, in the order given.
  [[nodiscard]] std::vector<basic_consensus_member<Scalar>> members() const {
    std::vector<basic_consensus_member<Scalar>> out;
    for (std::size_t m = 0; m < members_.size(); ++m) {
      out.push_back({members_[m].info.name, {}});
      if (!weight_.empty()) out.back().weight = weight_[m];
    }
    return out;
  }
  /// The score from which a session counts; known after prepared().
  [[nodiscard]] const Scalar& threshold() const noexcept { return threshold_; }

  /// Errors: errc::invalid_option, also for fewer than two members; those of the members; those of
  ///         stats::fit_null_models without null models; errc::zero_variance if no member's statistic varies
  [[nodiscard]] result<basic_consensus> prepared(const basic_session_panel<Scalar>& panel) const {
    const auto n_members = static_cast<double>(members_.size());
    if (members_.size() < 2) return detail::detector_option("consensus", "members", n_members, 2, 1e6);
    if (!(options_.false_alarms > 0 && options_.false_alarms < 0.5))
      return detail::detector_option("consensus", "false_alarms", options_.false_alarms, 0, 0.5);
    if (options_.null_series < 100 || options_.null_series > 10000000)
      return detail::detector_option("consensus", "null_series", static_cast<double>(options_.null_series), 100, 1e7);
    basic_consensus out(members_, options_);
    for (const auto& each : members_) {
      auto ready = each.prepared(panel);
      if (!ready) return ready.error();
      if (ready->finds_rises) return detail::detector_option("consensus", "a member that looks for rises", 1, 0, 0);
      out.walkers_.push_back(std::move(*ready));
    }
    auto models = options_.null_models;
    if (models.empty()) {
      auto fitted = stats::fit_null_models(panel, options_.seed);
      if (!fitted) return fitted.error();
      models = std::move(*fitted);
    }
    for (auto& model : models) {
      if (auto legal = validate(model); !legal) return legal.error();
      if (!model.range) model.range = panel.range();
    }
    if (!out.learn(panel, models)) return error{.code = errc::zero_variance, .function = "consensus"};
    out.tolerance_ = stats::spread_of(panel).within.value_or(Scalar(0)) / 2;
    return out;
  }

  /// Walks one client's series.
  void operator()(const session_series<Scalar>& y, basic_episode_sink<Scalar> out) const {
    storage store;
    auto z = statistics_of(y, store);
    for (std::size_t m = 0; m < z.size(); ++m) scales_[m].apply(z[m]);
    std::vector<std::optional<Scalar>> score;
    index n_judged = 0;
    for (index t = 0; t < y.size(); ++t) {
      score.push_back(weighed(z, t));
      if (!score.back()) continue;
      ++n_judged;
      out.session_score(t, *score.back());
    }
    if (n_judged == 0) return out.not_evaluable("no member could judge a session");
    out.evaluable(n_judged);
    for (index t = detail::next_observed(y, detail::next_observed(y, index{-1})); t < y.size();
         t = detail::next_observed(y, t)) {
      if (!score[as_size(t)] || !(*score[as_size(t)] > threshold_)) continue;
      const index pre = detail::previous_observed(y, t);
      const Scalar level = y[pre];
      basic_finding<Scalar> found;
      found.course = follow(y, pre, t, t, 1, [&](index, index s) { return y[s] >= Scalar(level - tolerance_); });
      found.followed = true;
      const index end = found.course.repair.value_or(y.size());
      for (; t < end; ++t) {
        if (score[as_size(t)]) found.score = (std::max)(found.score.value_or(*score[as_size(t)]), *score[as_size(t)]);
      }
      out.add(found);
      if (end == y.size()) return;
      t = end;
    }
  }

 private:
  using storage = typename basic_episode_sink<Scalar>::storage;
  using by_session = std::vector<std::optional<Scalar>>;
  using by_member = std::vector<by_session>;

  /// Every member's statistic of every session.
  [[nodiscard]] by_member statistics_of(const session_series<Scalar>& y, storage& store) const {
    by_member out;
    for (const auto& walk : walkers_) {
      store.findings.clear();
      store.session_score.assign(as_size(y.size()), std::nullopt);
      store.expected.assign(as_size(y.size()), std::nullopt);
      walk(y, basic_episode_sink<Scalar>(store));
      out.push_back(store.session_score);
    }
    return out;
  }

  /// The score of a session, of unit variance in stable ones whichever members judge it.
  [[nodiscard]] std::optional<Scalar> weighed(const by_member& z, index t) const {
    using std::sqrt;
    Scalar sum(0);
    Scalar variance(0);
    for (std::size_t a = 0; a < z.size(); ++a) {
      if (!z[a][as_size(t)]) continue;
      sum += weight_[a] * *z[a][as_size(t)];
      for (std::size_t b = 0; b < z.size(); ++b) {
        if (z[b][as_size(t)]) variance += weight_[a] * weight_[b] * correlation_(as_index(a), as_index(b));
      }
    }
    if (!(variance > 0)) return std::nullopt;
    return sum / sqrt(variance);
  }

  /// Scales, correlation, weights and threshold, all from the same stable series.
  [[nodiscard]] bool learn(const basic_session_panel<Scalar>& panel,
                           const std::vector<stats::session_model<Scalar>>& models) {
    std::vector<by_member> drawn(as_size(options_.null_series));
    stats::parallel_for(options_.null_series, options_.n_threads, [&](index b) {
      session_series<Scalar> y = panel.series(b % panel.n_clients());
      std::vector<Scalar> scores(as_size(y.size()));
      random_stream random(options_.seed, (std::uint64_t{1} << 40) + static_cast<std::uint64_t>(b));
      stats::draw_stable_series<Scalar>(models[as_size(b % std::ssize(models))], y.session, random, scores);
      for (index t = 0; t < y.size(); ++t) {
        if (!y.is_observed(t)) scores[as_size(t)] = missing_value<Scalar>();
      }
      y.score = scores;
      storage store;
      drawn[as_size(b)] = statistics_of(y, store);
    });
    for (std::size_t m = 0; m < walkers_.size(); ++m) {
      std::vector<Scalar> all;
      for (const by_member& each : drawn) {
        for (const auto& statistic : each[m]) {
          if (statistic) all.push_back(*statistic);
        }
      }
      scales_.emplace_back(std::move(all));
      for (by_member& each : drawn) scales_[m].apply(each[m]);
    }
    set_correlation(drawn);
    set_weights();
    std::vector<Scalar> all;
    for (const by_member& each : drawn) {
      for (index t = 0; t < std::ssize(each.front()); ++t) {
        if (const auto score = weighed(each, t)) all.push_back(*score);
      }
    }
    if (all.empty()) return false;
    const double share = (1 - options_.false_alarms) * static_cast<double>(all.size());
    const auto place = all.begin() + static_cast<std::ptrdiff_t>(share);
    std::nth_element(all.begin(), place, all.end());
    threshold_ = *place;
    return true;
  }

  /// Second moments about 0 over the sessions that both judge; 1 on the diagonal but for the scales' own roughness.
  void set_correlation(const std::vector<by_member>& z) {
    const index n = std::ssize(walkers_);
    correlation_ = stats::matrix<Scalar>::Zero(n, n);
    for (index a = 0; a < n; ++a) {
      for (index b = 0; b <= a; ++b) {
        Scalar sum(0);
        Scalar count(0);
        for (const by_member& each : z) {
          for (std::size_t t = 0; t < each[as_size(a)].size(); ++t) {
            const auto& one = each[as_size(a)][t];
            const auto& other = each[as_size(b)][t];
            if (!one || !other) continue;
            sum += *one * *other;
            count += 1;
          }
        }
        if (count > 0) correlation_(a, b) = correlation_(b, a) = sum / count;
      }
    }
  }

  /// Coordinate descent on w'(R + I / 10)w - 2 sum w over w >= 0: convex, so it ends in the minimum.
  void set_weights() {
    const index n = correlation_.rows();
    weight_.assign(as_size(n), Scalar(0));
    for (int sweep = 0; sweep < 1000; ++sweep) {
      for (index a = 0; a < n; ++a) {
        if (!scales_[as_size(a)].is_known()) continue;
        Scalar others(0);
        for (index b = 0; b < n; ++b) others += b == a ? Scalar(0) : Scalar(correlation_(a, b) * weight_[as_size(b)]);
        weight_[as_size(a)] = (std::max)(Scalar(0), Scalar((1 - others) / (correlation_(a, a) + Scalar(0.1))));
      }
    }
  }

  [[nodiscard]] static index as_index(std::size_t i) noexcept { return static_cast<index>(i); }

  basic_consensus_options<Scalar> options_;
  std::vector<basic_any_detector<Scalar>> members_;
  std::vector<basic_any_detector<Scalar>> walkers_{};
  std::vector<detail::stable_scale<Scalar>> scales_{};
  stats::matrix<Scalar> correlation_{};
  std::vector<Scalar> weight_{};
  Scalar threshold_{};
  Scalar tolerance_{};
};

using consensus = basic_consensus<double>;

}  // namespace rapport
