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
#include <rapport/rupture/detail/step_watch.hpp>
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
  using saved = detail::step_watch_state<Scalar>;

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
    return push(n_sessions() == 0 ? Scalar(1) : Scalar(watch_.state().time + 1), score);
  }
  /// Takes in a session at its time.
  std::optional<basic_alarm<Scalar>> push(const Scalar& time, const Scalar& score) {
    using std::isinf;
    const auto& range = watch_.model().range;
    const bool off_scale = range && (score < range->lower || score > range->upper);
    const bool is_later = n_sessions() == 0 || time > watch_.state().time;
    refused_.reset();
    if (!(time - time == 0) || !is_later) {
      refused_ = error{.code = errc::missing_session, .function = "rupture_monitor", .row = n_sessions()};
    } else if (isinf(score)) {
      refused_ = error{.code = errc::not_finite, .function = "rupture_monitor", .row = n_sessions()};
    } else if (off_scale) {
      refused_ = error{.code = errc::score_out_of_range,
                       .function = "rupture_monitor",
                       .row = n_sessions(),
                       .value = static_cast<double>(score),
                       .lower = static_cast<double>(range->lower),
                       .upper = static_cast<double>(range->upper)};
    }
    if (refused_) return std::nullopt;
    const auto found = watch_.take(time, score);
    if (!found || !(found->score > threshold_)) return std::nullopt;
    watch_.take_for_granted(*found);
    return basic_alarm<Scalar>{time,         found->onset,
                               found->depth, found->depth_se,
                               found->score, static_cast<Scalar>(options_.false_alarms_per_therapy)};
  }

  /// What is expected of a score at a later time, a drop that was reported taken for granted.
  [[nodiscard]] stats::score_prediction<Scalar> expected(const Scalar& time) const { return watch_.expected(time); }

  /// Why the last push was refused: time that does not increase, infinity, a score off the scale. Nothing was learned.
  [[nodiscard]] const std::optional<error>& refused() const noexcept { return refused_; }
  /// The depth in standard errors from which an alarm is given.
  [[nodiscard]] const Scalar& threshold() const noexcept { return threshold_; }
  /// Sessions pushed so far, missed ones included.
  [[nodiscard]] index n_sessions() const noexcept { return static_cast<index>(watch_.state().n_sessions); }
  /// Whether more sessions were pushed than planned: the chance of false alarms is then larger than what was set.
  [[nodiscard]] bool is_beyond_plan() const noexcept { return n_sessions() > options_.planned_sessions; }

  /// Bytes of a saved state.
  static constexpr std::size_t state_size = sizeof(saved);
  /// A saved state: what a program stores per client between sessions.
  using saved_state = std::array<std::byte, state_size>;

  /// The state after the last session. It holds the client's scores in condensed form: treat it as such.
  [[nodiscard]] saved_state save() const noexcept {
    saved_state out;
    std::memcpy(out.data(), &watch_.state(), state_size);
    return out;
  }
  /// Goes on from a saved state, bit for bit.
  /// \param bytes  of save(), on the same kind of machine, by a monitor with the same model and options
  /// \return    nothing
  /// Errors:    errc::foreign_state if the bytes are not of such a monitor; the monitor is then unchanged
  [[nodiscard]] result<void> resume(std::span<const std::byte> bytes) noexcept {
    saved from;
    if (bytes.size() == state_size) std::memcpy(&from, bytes.data(), state_size);
    if (bytes.size() != state_size || from.fingerprint != watch_.state().fingerprint ||
        from.n_steps > saved::most_steps)
      return error{.code = errc::foreign_state, .function = "rupture_monitor"};
    watch_.set_state(from);
    return {};
  }

 private:
  basic_rupture_monitor(const stats::session_model<Scalar>& prior, const monitor_options& options)
      : watch_(prior, options.n_baseline, options.prior_sessions), options_(options) {}

  /// Sets the threshold from stable therapies.
  void calibrate() {
    const index n = options_.planned_sessions;
    std::vector<Scalar> times;
    for (index t = 1; t <= n; ++t) times.push_back(static_cast<Scalar>(t));
    std::vector<Scalar> scores(as_size(n));
    const Scalar no_score = missing_value<Scalar>();
    std::vector<Scalar> largest;
    for (index b = 0; b < options_.n_simulated; ++b) {
      random_stream random(options_.seed, static_cast<std::uint64_t>(b));
      stats::draw_stable_series<Scalar>(watch_.model(), times, random, scores);
      watch_.start();
      Scalar top(0);
      for (index t = 0; t < n; ++t) {
        const bool is_missed = t > 0 && random.chance(options_.missed_share);
        const Scalar& score = is_missed ? no_score : scores[as_size(t)];
        if (const auto found = watch_.take(times[as_size(t)], score)) top = (std::max)(top, found->score);
      }
      largest.push_back(top);
    }
    const double share = (1 - options_.false_alarms_per_therapy) * static_cast<double>(options_.n_simulated);
    const auto place = largest.begin() + static_cast<std::ptrdiff_t>(share);
    std::nth_element(largest.begin(), place, largest.end());
    threshold_ = *place;
    watch_.set_fingerprint(fingerprint());
    watch_.start();
  }

  /// The model and the threshold in 32 bits, so that a state is not resumed under another.
  [[nodiscard]] std::uint32_t fingerprint() const noexcept {
    const auto& m = watch_.model();
    std::uint32_t hash = 2166136261U;
    for (const Scalar& number :
         {m.center, m.mean_intercept, m.mean_slope, m.intercept_var, m.slope_var, m.intercept_slope_cov, m.state_var,
          m.state_autocorrelation, m.error_var, threshold_, static_cast<Scalar>(options_.n_baseline),
          static_cast<Scalar>(options_.planned_sessions), static_cast<Scalar>(options_.prior_sessions)}) {
      const auto plain = static_cast<double>(number);
      std::array<unsigned char, sizeof plain> part;
      std::memcpy(part.data(), &plain, sizeof plain);
      for (const unsigned char byte : part) hash = (hash ^ byte) * 16777619U;
    }
    return hash;
  }

  detail::step_watch<Scalar> watch_;
  monitor_options options_;
  Scalar threshold_{};
  std::optional<error> refused_{};

  static_assert(sizeof(Scalar) > 8 || sizeof(saved) <= 256, "a state has at most 256 bytes");
};

/// The monitor and the alarm that most programs use.
using rupture_monitor = basic_rupture_monitor<double>;
using alarm = basic_alarm<double>;

}  // namespace rapport
