// SPDX-License-Identifier: BSL-1.0
// Watching one therapy session by session: a drop is reported when it happens, with few false alarms per therapy.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <span>
#include <vector>

#include <rapport/core/number_text.hpp>
#include <rapport/core/result.hpp>
#include <rapport/core/text.hpp>
#include <rapport/rupture/detail/normal_score.hpp>
#include <rapport/stats/session_model.hpp>
#include <rapport/stats/stable_clients.hpp>

namespace rapport {

/// How a monitor is set.
struct monitor_options {
  double false_alarms_per_therapy = 0.05;  ///< chance of any false alarm in a stable planned therapy; in (0, .5)
  index planned_sessions = 20;             ///< 4 to 1000
  index n_baseline = 3;                    ///< scored sessions before a drop can begin; at least 1
  double missed_share = 0.05;              ///< of the planned sessions, for the threshold; in [0, .9]
  double prior_sessions = 1;  ///< sessions that the model's spread counts for beside the client's own; above 0
  index n_simulated = 20000;  ///< stable therapies that set the threshold; at least 100
  std::uint64_t seed = 20240229;
};

/// What a monitor saw.
template <class Scalar>
struct basic_alarm {
  Scalar session{};   ///< at which it was seen
  Scalar onset{};     ///< first session of the drop, most probably
  Scalar depth{};     ///< points below what the sessions before the onset lead to expect
  Scalar depth_se{};  ///< under the model, with the client's own spread
  Scalar score{};     ///< depth / depth_se, on the scale of a standard normal
  Scalar false_alarms_per_therapy{};

  /// The alarm in words.
  [[nodiscard]] text<255> sentence() const noexcept {
    const auto rounded = [](const Scalar& x) { return number_text(static_cast<double>(x), 3); };
    text<255> out;
    out.append("session ").append(rounded(session)).append(": since session ").append(rounded(onset));
    out.append(", about ").append(rounded(depth)).append(" points (SE ").append(rounded(depth_se));
    out.append(") below what the sessions before lead to expect; one stable therapy in ");
    out.append(number_text(std::round(1 / static_cast<double>(false_alarms_per_therapy)), 3));
    return out.append(" shows such an alarm. Ask, do not conclude"), out;
  }
};

/// Follows one client. Each session costs the same, however long the therapy.
///
/// Model:     that of session_model with a step of unknown depth at one of the last four sessions: the depth is estimated
///            by generalized least squares from the innovations. Its standard error takes the client's own spread: that
///            of the innovations which the step does not explain, together with the model's as if from `prior_sessions`
///            more. The score is the t statistic depth / se on the scale of a standard normal, less .6 for a drop of one
///            session; an alarm is a score above a threshold, the quantile of the largest score in `n_simulated` stable
///            therapies drawn from the model
/// Missing:   a missed session is pushed as NaN, or left out by pushing the next one with its time: exact
/// Numerics:  O(1) per session; at most 256 bytes of state
/// Not for:   knowing that nothing happened: half of the drops by two within-client SD are not seen within four sessions.
///            After an alarm the estimated drop is taken for granted: the monitor expects the new level and reports the
///            next drop below it. The chance of false alarms is that of the first. Beyond the planned sessions it goes on
///            with the same threshold, and the chance grows with the length: see is_beyond_plan
/// Reference: own definition; generalized likelihood ratio of a step: Willsky & Jones (1976), doi
///            10.1109/TAC.1976.1101146
template <class Scalar>
class basic_rupture_monitor {
 public:
  /// Calibrates a monitor; takes some tenths of a second. Copy it for every client.
  /// \param prior    the model of stable clients, fitted elsewhere
  /// \param options  false alarms, planned sessions
  /// \return      a monitor before its first session
  /// Errors:      those of validate(session_model); errc::invalid_option
  [[nodiscard]] static result<basic_rupture_monitor> make(const stats::session_model<Scalar>& prior,
                                                          const monitor_options& options = {}) {
    const auto refuse = [](const char* what, double value, double lower, double upper) {
      return error{.code = errc::invalid_option,
                   .function = "rupture_monitor",
                   .value = value,
                   .lower = lower,
                   .upper = upper,
                   .subject = what};
    };
    if (auto legal = validate(prior); !legal) return legal.error();
    if (!(options.false_alarms_per_therapy > 0 && options.false_alarms_per_therapy < 0.5))
      return refuse("false_alarms_per_therapy", options.false_alarms_per_therapy, 0, 0.5);
    if (options.planned_sessions < 4 || options.planned_sessions > 1000)
      return refuse("planned_sessions", static_cast<double>(options.planned_sessions), 4, 1000);
    if (options.n_baseline < 1 || options.n_baseline >= options.planned_sessions)
      return refuse("n_baseline", static_cast<double>(options.n_baseline), 1,
                    static_cast<double>(options.planned_sessions - 1));
    if (!(options.missed_share >= 0 && options.missed_share <= 0.9))
      return refuse("missed_share", options.missed_share, 0, 0.9);
    if (!(options.prior_sessions > 0 && options.prior_sessions <= 1e6))
      return refuse("prior_sessions", options.prior_sessions, 0, 1e6);
    if (options.n_simulated < 100 || options.n_simulated > 10000000)
      return refuse("n_simulated", static_cast<double>(options.n_simulated), 100, 1e7);
    basic_rupture_monitor out(prior, options);
    out.calibrate();
    return out;
  }

  /// Takes in the next session, one after the last.
  /// \param score  NaN if the session was missed
  /// \return    an alarm, or nothing; nothing too for a score that is refused, see refused()
  std::optional<basic_alarm<Scalar>> push(const Scalar& score) {
    return push(state_.n_sessions == 0 ? Scalar(1) : Scalar(state_.time + 1), score);
  }
  /// Takes in a session at its time.
  std::optional<basic_alarm<Scalar>> push(const Scalar& time, const Scalar& score) {
    using std::isinf;
    const auto& range = model_.range;
    const bool off_scale = range && (score < range->lower || score > range->upper);
    refused_.reset();
    if (!(time - time == 0) || (state_.n_sessions > 0 && !(time > state_.time))) {
      refused_ = error{
          .code = errc::missing_session, .function = "rupture_monitor", .row = static_cast<index>(state_.n_sessions)};
    } else if (isinf(score)) {
      refused_ =
          error{.code = errc::not_finite, .function = "rupture_monitor", .row = static_cast<index>(state_.n_sessions)};
    } else if (off_scale) {
      refused_ = error{.code = errc::score_out_of_range,
                       .function = "rupture_monitor",
                       .row = static_cast<index>(state_.n_sessions),
                       .value = static_cast<double>(score),
                       .lower = static_cast<double>(range->lower),
                       .upper = static_cast<double>(range->upper)};
    }
    if (refused_) return std::nullopt;
    const auto found = step(time, score);
    if (!found || !(found->alarm.score > threshold_)) return std::nullopt;
    take_for_granted(*found);
    return found->alarm;
  }

  /// What is expected of a score at a later time, a drop that was reported taken for granted.
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

  /// Why the last push was refused: time that does not increase, infinity, a score off the scale. Nothing was learned.
  [[nodiscard]] const std::optional<error>& refused() const noexcept { return refused_; }
  /// The depth in standard errors from which an alarm is given.
  [[nodiscard]] const Scalar& threshold() const noexcept { return threshold_; }
  /// Sessions pushed so far, missed ones included.
  [[nodiscard]] index n_sessions() const noexcept { return static_cast<index>(state_.n_sessions); }
  /// Whether more sessions were pushed than planned: the chance of false alarms is then larger than what was set.
  [[nodiscard]] bool is_beyond_plan() const noexcept { return n_sessions() > options_.planned_sessions; }

 private:
  static constexpr std::uint32_t most_steps = 4;
  // A drop of one session must be larger by so much, in normal units: most false alarms are of that kind, and the
  // threshold for drops that last is the lower for it.
  static constexpr Scalar single_session_handicap{0.6};

  /// What a drop by one point since its onset does to the innovations.
  struct step_state {
    Scalar along{};        // sum of effect x innovation / variance
    Scalar information{};  // sum of effect^2 / variance
  };
  struct saved {
    std::array<Scalar, 3> mean{};
    std::array<Scalar, 6> covariance{};  // 00 01 02 11 12 22
    Scalar time{};
    std::array<step_state, most_steps> steps{};  // the latest first; their onsets are the last scored sessions
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

 public:
  /// Bytes of a saved state.
  static constexpr std::size_t state_size = sizeof(saved);

  /// The state after the last session. It holds the client's scores in condensed form: treat it as such.
  [[nodiscard]] std::array<std::byte, state_size> save() const noexcept {
    std::array<std::byte, state_size> out;
    std::memcpy(out.data(), &state_, state_size);
    return out;
  }
  /// Goes on from a saved state, bit for bit.
  /// \param bytes  of save(), on the same kind of machine, by a monitor with the same model and options
  /// \return    nothing
  /// Errors:    errc::foreign_state if the bytes are not of such a monitor; the monitor is then unchanged
  [[nodiscard]] result<void> resume(std::span<const std::byte> bytes) noexcept {
    saved from;
    if (bytes.size() == state_size) std::memcpy(&from, bytes.data(), state_size);
    if (bytes.size() != state_size || from.fingerprint != state_.fingerprint || from.n_steps > most_steps)
      return error{.code = errc::foreign_state, .function = "rupture_monitor"};
    state_ = from;
    return {};
  }

 private:
  basic_rupture_monitor(const stats::session_model<Scalar>& prior, const monitor_options& options)
      : model_(prior), options_(options) {
    start();
  }

  void start() noexcept {
    const std::uint32_t mark = state_.fingerprint;
    state_ = saved{};
    state_.covariance = {model_.intercept_var, model_.intercept_slope_cov, Scalar(0), model_.slope_var, Scalar(0),
                         model_.state_var};
    state_.fingerprint = mark;
  }

  void calibrate() {
    const index n = options_.planned_sessions;
    std::vector<Scalar> times;
    for (index t = 1; t <= n; ++t) times.push_back(static_cast<Scalar>(t));
    std::vector<Scalar> scores(as_size(n));
    const Scalar no_score = missing_value<Scalar>();
    std::vector<Scalar> largest;
    for (index b = 0; b < options_.n_simulated; ++b) {
      random_stream random(options_.seed, static_cast<std::uint64_t>(b));
      stats::draw_stable_series<Scalar>(model_, times, random, scores);
      start();
      Scalar top(0);
      for (index t = 0; t < n; ++t) {
        const bool is_missed = t > 0 && random.chance(options_.missed_share);
        const Scalar& score = is_missed ? no_score : scores[as_size(t)];
        if (const auto found = step(times[as_size(t)], score)) top = (std::max)(top, found->alarm.score);
      }
      largest.push_back(top);
    }
    const double share = (1 - options_.false_alarms_per_therapy) * static_cast<double>(options_.n_simulated);
    const auto place = largest.begin() + static_cast<std::ptrdiff_t>(share);
    std::nth_element(largest.begin(), place, largest.end());
    threshold_ = *place;
    // The model and the threshold in 32 bits, so that a state is not resumed under another.
    std::uint32_t hash = 2166136261U;
    for (const Scalar& number :
         {model_.center, model_.mean_intercept, model_.mean_slope, model_.intercept_var, model_.slope_var,
          model_.intercept_slope_cov, model_.state_var, model_.state_autocorrelation, model_.error_var, threshold_,
          static_cast<Scalar>(options_.n_baseline), static_cast<Scalar>(options_.planned_sessions),
          static_cast<Scalar>(options_.prior_sessions)}) {
      const auto plain = static_cast<double>(number);
      std::array<unsigned char, sizeof plain> part;
      std::memcpy(part.data(), &plain, sizeof plain);
      for (const unsigned char byte : part) hash = (hash ^ byte) * 16777619U;
    }
    state_.fingerprint = hash;
    start();
  }

  struct candidate {
    basic_alarm<Scalar> alarm;
    std::uint32_t step;
    Scalar explained;  // squared innovations that the drop explains
  };

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

  /// After an alarm the level is the old one less the estimated depth, with the error of that estimate.
  void take_for_granted(const candidate& found) {
    std::array<Scalar, 3> shift;
    for (std::size_t j = 0; j < 3; ++j)
      shift[j] = static_cast<Scalar>(state_.learned[found.step][j]) + Scalar(j == 0 ? 1 : 0);
    for (std::size_t j = 0; j < 3; ++j) state_.mean[j] -= found.alarm.depth * shift[j];
    // The filter reckons with the model's spread, so the depth's variance is that under the model: 1 / information.
    add_to_covariance(shift, Scalar(found.alarm.depth * found.alarm.depth / found.explained));
    state_.squares -= found.explained;
    --state_.n_squares;
    state_.n_steps = 0;
  }

  /// Moves filter and steps to a session; the most conspicuous step, if any.
  std::optional<candidate> step(const Scalar& time, const Scalar& score) {
    using std::sqrt;
    auto& s = state_;
    move_to(time);
    ++s.n_sessions;
    if (is_missing(score)) return std::nullopt;

    if (static_cast<index>(s.n_scored) >= options_.n_baseline) {
      for (std::uint32_t k = (std::min)(s.n_steps, most_steps - 1); k-- > 0;) {
        s.steps[k + 1] = s.steps[k];
        s.learned[k + 1] = s.learned[k];
        s.back[k + 1] = s.back[k];
      }
      s.steps[0] = step_state{};
      s.learned[0] = {};
      s.back[0] = 0;
      s.n_steps = (std::min)(s.n_steps + 1, most_steps);
    }
    ++s.n_scored;
    const Scalar u = time - model_.center;
    const auto along = along_of(u);
    const Scalar variance = along[0] + u * along[1] + along[2] + model_.error_var;
    const Scalar surprise = score - model_.mean_at(time) - s.mean[0] - u * s.mean[1] - s.mean[2];
    if (s.n_scored > 1) {  // the first tells of the client's level, not of the spread
      s.squares += surprise * surprise / variance;
      ++s.n_squares;
    }
    // The best drop of two sessions or more, and that of this session alone.
    Scalar largest(0);
    Scalar single(0);
    std::uint32_t at = most_steps;
    for (std::uint32_t k = 0; k < s.n_steps; ++k) {
      step_state& each = s.steps[k];
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
    std::optional<candidate> best;
    const auto consider = [&](std::uint32_t k, const Scalar& explained, const Scalar& handicap) {
      // The spread is that of the innovations which the drop does not explain, and the model's, as if from so many more.
      const auto prior = static_cast<Scalar>(options_.prior_sessions);
      const Scalar df = prior + static_cast<Scalar>(s.n_squares - 1);
      const Scalar spread_var = (prior + (std::max)(Scalar(0), Scalar(s.squares - explained))) / df;
      const Scalar surplus = detail::normal_score<Scalar>(sqrt(Scalar(explained / spread_var)), df) - handicap;
      if (best && !(surplus > best->alarm.score)) return;
      const step_state& each = s.steps[k];
      best = candidate{{time, time - static_cast<Scalar>(s.back[k]), each.along / each.information,
                        sqrt(Scalar(spread_var / each.information)), surplus,
                        static_cast<Scalar>(options_.false_alarms_per_therapy)},
                       k,
                       explained};
    };
    if (at < most_steps) consider(at, largest, Scalar(0));
    if (single > 0) consider(0, single, single_session_handicap);
    for (std::size_t j = 0; j < 3; ++j) s.mean[j] += along[j] * surprise / variance;
    add_to_covariance(along, Scalar(-1 / variance));
    return best;
  }

  stats::session_model<Scalar> model_;
  monitor_options options_;
  Scalar threshold_{};
  std::optional<error> refused_{};
  saved state_{};

  static_assert(sizeof(Scalar) > 8 || sizeof(saved) <= 256, "a state has at most 256 bytes");
};

/// The monitor and the alarm that most programs use.
using rupture_monitor = basic_rupture_monitor<double>;
using alarm = basic_alarm<double>;

}  // namespace rapport
