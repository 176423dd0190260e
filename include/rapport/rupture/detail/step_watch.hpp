// SPDX-License-Identifier: BSL-1.0
// A client's scores, one by one, under a model of stable clients: the most conspicuous drop since one of the last sessions.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <optional>

#include <rapport/core/index.hpp>
#include <rapport/core/missing.hpp>
#include <rapport/rupture/detail/normal_score.hpp>
#include <rapport/stats/session_model.hpp>

namespace rapport::detail {

/// What a drop by one point since its onset does to the innovations.
template <class Scalar>
struct step_sums {
  Scalar along{};        ///< sum of effect x innovation / variance
  Scalar information{};  ///< sum of effect^2 / variance
};

/// All that is kept between sessions. Copied as bytes when it is saved.
template <class Scalar>
struct step_watch_state {
  static constexpr std::uint32_t most_steps = 4;

  std::array<Scalar, 3> mean{};        // of level, trend, state, beyond the model's mean
  std::array<Scalar, 6> covariance{};  // 00 01 02 11 12 22
  Scalar time{};
  std::array<step_sums<Scalar>, most_steps> steps{};  // the latest first; their onsets are the last scored sessions
  // Of each drop, what was taken for the client's own level, trend and state. A step lives for four scores: single
  // precision errs by 1e-7 of the threshold, and the state stays small.
  std::array<std::array<float, 3>, most_steps> learned{};
  std::array<float, most_steps> back{};  // sessions from onset to now
  Scalar squares{};                      // of standardized innovations, from the second score on
  std::uint32_t n_squares = 0;
  std::uint32_t n_sessions = 0;
  std::uint32_t n_scored = 0;
  std::uint32_t n_steps = 0;
  std::uint32_t fingerprint = 0;
  std::uint32_t unused = 0;
};

/// A drop since one of the last scored sessions.
template <class Scalar>
struct watched_step {
  Scalar onset{};
  Scalar depth{};
  Scalar depth_se{};
  Scalar score{};
  Scalar explained{};  ///< squared innovations that the drop explains
  std::uint32_t place = 0;
};

/// Filter of one client's level, trend and state with up to four steps of unknown depth, each estimated by generalized
/// least squares from the innovations. O(1) per session.
template <class Scalar>
class step_watch {
 public:
  using state_type = step_watch_state<Scalar>;

  /// \param model           of stable clients
  /// \param n_baseline      scored sessions before a drop can begin
  /// \param prior_sessions  that the model's spread counts for beside the client's own
  step_watch(const stats::session_model<Scalar>& model, index n_baseline, double prior_sessions)
      : model_(model), n_baseline_(n_baseline), prior_sessions_(static_cast<Scalar>(prior_sessions)) {
    start();
  }

  [[nodiscard]] const stats::session_model<Scalar>& model() const noexcept { return model_; }
  [[nodiscard]] const state_type& state() const noexcept { return state_; }
  /// Goes on from a state.
  void set_state(const state_type& from) noexcept { state_ = from; }
  /// Marks the state as one of this model, so that another does not go on from it.
  void set_fingerprint(std::uint32_t mark) noexcept { state_.fingerprint = mark; }

  /// Before the first session.
  void start() noexcept {
    const std::uint32_t mark = state_.fingerprint;
    state_ = state_type{};
    state_.covariance = {model_.intercept_var, model_.intercept_slope_cov, Scalar(0), model_.slope_var, Scalar(0),
                         model_.state_var};
    state_.fingerprint = mark;
  }

  /// Takes in a session; the most conspicuous drop, if any.
  std::optional<watched_step<Scalar>> take(const Scalar& time, const Scalar& score) {
    auto& s = state_;
    move_to(time);
    ++s.n_sessions;
    if (is_missing(score)) return std::nullopt;
    if (static_cast<index>(s.n_scored) >= n_baseline_) begin_step();
    ++s.n_scored;
    const Scalar u = time - model_.center;
    const auto along = along_of(u);
    const Scalar variance = along[0] + u * along[1] + along[2] + model_.error_var;
    const Scalar surprise = score - model_.mean_at(time) - s.mean[0] - u * s.mean[1] - s.mean[2];
    if (s.n_scored > 1) {  // the first tells of the client's level, not of the spread
      s.squares += surprise * surprise / variance;
      ++s.n_squares;
    }
    const auto best = update_steps(u, along, surprise, variance);
    for (std::size_t j = 0; j < 3; ++j) s.mean[j] += along[j] * surprise / variance;
    add_to_covariance(along, Scalar(-1 / variance));
    return best;
  }

  /// From now on the level is the old one less the estimated depth, with the error of that estimate.
  void take_for_granted(const watched_step<Scalar>& found) {
    std::array<Scalar, 3> shift;
    for (std::size_t j = 0; j < 3; ++j)
      shift[j] = static_cast<Scalar>(state_.learned[found.place][j]) + Scalar(j == 0 ? 1 : 0);
    for (std::size_t j = 0; j < 3; ++j) state_.mean[j] -= found.depth * shift[j];
    // The filter reckons with the model's spread, so the depth's variance is that under the model: 1 / information.
    add_to_covariance(shift, Scalar(found.depth * found.depth / found.explained));
    state_.squares -= found.explained;
    --state_.n_squares;
    state_.n_steps = 0;
  }

  /// What is expected of a score at a later time.
  [[nodiscard]] stats::score_prediction<Scalar> expected(const Scalar& time) const {
    using std::sqrt;
    auto there = *this;
    there.move_to(time);
    const auto& s = there.state_;
    const Scalar u = time - model_.center;
    const auto along = there.along_of(u);
    return {model_.mean_at(time) + s.mean[0] + u * s.mean[1] + s.mean[2],
            sqrt(Scalar(along[0] + u * along[1] + along[2] + model_.error_var))};
  }

 private:
  static constexpr std::uint32_t most_steps = state_type::most_steps;
  // A drop of one session must be larger by so much, in normal units: most false alarms are of that kind, and the
  // threshold for drops that last is the lower for it.
  static constexpr Scalar single_session_handicap{0.6};

  /// Covariance of the next score with level, trend and state, at u from the center.
  [[nodiscard]] std::array<Scalar, 3> along_of(const Scalar& u) const noexcept {
    const auto& p = state_.covariance;
    return {p[0] + u * p[1] + p[2], p[1] + u * p[3] + p[4], p[2] + u * p[4] + p[5]};
  }

  /// Adds weight x v v' to the covariance.
  void add_to_covariance(const std::array<Scalar, 3>& v, const Scalar& weight) noexcept {
    auto& p = state_.covariance;
    p[0] += v[0] * v[0] * weight;
    p[1] += v[0] * v[1] * weight;
    p[2] += v[0] * v[2] * weight;
    p[3] += v[1] * v[1] * weight;
    p[4] += v[1] * v[2] * weight;
    p[5] += v[2] * v[2] * weight;
  }

  /// Moves the wandering state on in time.
  void move_to(const Scalar& time) {
    using std::pow;
    auto& s = state_;
    const Scalar passed = s.n_sessions > 0 ? Scalar(time - s.time) : Scalar(0);
    if (s.n_sessions > 0 && model_.state_var > 0) {
      auto& p = s.covariance;
      const Scalar kept =
          passed == 1 ? model_.state_autocorrelation : Scalar(pow(model_.state_autocorrelation, passed));
      s.mean[2] *= kept;
      p[2] *= kept;
      p[4] *= kept;
      p[5] = p[5] * kept * kept + model_.state_var * (1 - kept * kept);
      for (std::uint32_t k = 0; k < s.n_steps; ++k) s.learned[k][2] *= static_cast<float>(kept);
    }
    for (std::uint32_t k = 0; k < s.n_steps; ++k) s.back[k] += static_cast<float>(passed);
    s.time = time;
  }

  /// A drop may begin at this session; the oldest one is given up.
  void begin_step() noexcept {
    auto& s = state_;
    for (std::uint32_t k = (std::min)(s.n_steps, most_steps - 1); k-- > 0;) {
      s.steps[k + 1] = s.steps[k];
      s.learned[k + 1] = s.learned[k];
      s.back[k + 1] = s.back[k];
    }
    s.steps[0] = {};
    s.learned[0] = {};
    s.back[0] = 0;
    s.n_steps = (std::min)(s.n_steps + 1, most_steps);
  }

  /// Adds a score to all steps. The better one of the best drop of two sessions or more and that of this session alone.
  std::optional<watched_step<Scalar>> update_steps(const Scalar& u, const std::array<Scalar, 3>& along,
                                                   const Scalar& surprise, const Scalar& variance) {
    auto& s = state_;
    Scalar largest(0);
    Scalar single(0);
    std::uint32_t at = most_steps;
    for (std::uint32_t k = 0; k < s.n_steps; ++k) {
      auto& each = s.steps[k];
      auto& learned = s.learned[k];
      const auto taken = [&](std::size_t j) { return static_cast<Scalar>(learned[j]); };
      const Scalar effect = -1 - taken(0) - u * taken(1) - taken(2);
      each.along += effect * surprise / variance;
      each.information += effect * effect / variance;
      for (std::size_t j = 0; j < 3; ++j) learned[j] = static_cast<float>(taken(j) + along[j] * effect / variance);
      if (!(each.along > 0)) continue;
      const Scalar explained = each.along * each.along / each.information;
      if (k == 0) {
        single = explained;
      } else if (explained > largest) {
        largest = explained;
        at = k;
      }
    }
    std::optional<watched_step<Scalar>> best;
    if (at < most_steps) best = judged(at, largest, Scalar(0));
    if (single > 0) {
      const auto alone = judged(0, single, single_session_handicap);
      if (!best || alone.score > best->score) best = alone;
    }
    return best;
  }

  /// A step with its score. The spread is that of the innovations which the drop does not explain, and the model's, as if
  /// from so many sessions more.
  [[nodiscard]] watched_step<Scalar> judged(std::uint32_t place, const Scalar& explained,
                                            const Scalar& handicap) const {
    using std::sqrt;
    const auto& s = state_;
    const auto& sums = s.steps[place];
    const Scalar df = prior_sessions_ + static_cast<Scalar>(s.n_squares - 1);
    const Scalar spread_var = (prior_sessions_ + (std::max)(Scalar(0), Scalar(s.squares - explained))) / df;
    return {s.time - static_cast<Scalar>(s.back[place]),
            sums.along / sums.information,
            sqrt(Scalar(spread_var / sums.information)),
            normal_score<Scalar>(sqrt(Scalar(explained / spread_var)), df) - handicap,
            explained,
            place};
  }

  stats::session_model<Scalar> model_;
  index n_baseline_;
  Scalar prior_sessions_;
  state_type state_{};
};

}  // namespace rapport::detail
