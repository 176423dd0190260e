// SPDX-License-Identifier: BSL-1.0
// Simulated session scores of clients and their therapists, with ruptures whose place, shape, depth and repair are known.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <rapport/core/missing.hpp>
#include <rapport/core/random.hpp>
#include <rapport/core/result.hpp>
#include <rapport/data/session_panel.hpp>
#include <rapport/rupture/episode.hpp>
#include <rapport/simulate/detail/rupture_profile.hpp>

namespace rapport {

/// What kind of dyads to simulate. Scores are item means from 1 to 7; the plausible range of a within-client parameter,
/// where it differs from the legal one, stands in brackets.
struct dyad_options {
  index n_clients = 60;
  index n_sessions = 16;   ///< planned; clients who drop out have fewer
  index n_therapists = 6;  ///< clients are assigned in turn
  score_range<double> range{1, 7, 1.0 / 12};
  double level = 5.3;                ///< mean in session 1 [4.5 to 6.3; above 6 many are at the ceiling]
  double therapist_sd = 0.2;         ///< between therapists
  double client_sd = 0.8;            ///< between clients of a therapist
  double trend = 0.01;               ///< mean change per session [0 to .03]
  double trend_sd = 0.015;           ///< between clients
  double state_sd = 0.30;            ///< of ordinary ups and downs [.2 to .4]
  double error_sd = 0.25;            ///< of one score [.15 to .35]
  double autocorrelation = 0.3;      ///< of the ups and downs, mean over clients [0 to .6]
  double autocorrelation_sd = 0.15;  ///< between clients; each client's is kept within [0, .8]
  double volatility_sd = 0.3;        ///< of the log of the factor by which a client's ups, downs and errors are larger
  double ruptures = 1;               ///< expected per 20 sessions, before those that would overlap are dropped [0 to 2]
  index most_ruptures = 2;           ///< of one therapy
  double least_depth = 0.75;         ///< of a rupture, in points
  double largest_depth = 1.75;
  std::optional<episode_pattern> shape{};  ///< of all ruptures; drawn anew for each if empty
  double mean_length = 2;                  ///< sessions of a slow fall, of a slow return, of a trough beyond its third
  double repair_probability = 0.75;        ///< of a rupture whose shape is drawn
  double repair_fraction = 1;              ///< of the depth that a repair regains
  double missing_session = 0.05;           ///< probability that a session is missed
  double missed_after_rupture = 3;         ///< factor of that probability after a session at a lowered level
  double dropout = 0.01;                   ///< probability of ending after a session, from the third on
  double therapist_level = 5.0;            ///< mean of the therapists' ratings in session 1
  double level_agreement = 0.36;           ///< correlation of both ratings between dyads
  double state_agreement = 0.3;            ///< correlation of the ups and downs of both
  double recognition = 0.5;                ///< probability that a client's rupture lowers the therapist's rating too
  double therapist_only = 0.3;             ///< ruptures that only the therapist's rating shows, per 20 sessions
  std::uint64_t seed = 20240229;
};

/// Whose ratings a rupture lowers.
enum class rupture_seen_by : unsigned char { both, client_only, therapist_only };

/// The word for it, as programs print it.
[[nodiscard]] constexpr std::string_view to_string(rupture_seen_by who) noexcept {
  switch (who) {
    case rupture_seen_by::both: return "both";
    case rupture_seen_by::client_only: return "client";
    case rupture_seen_by::therapist_only: return "therapist";
  }
  return "unknown";
}

/// A rupture that was planted in a dyad. Sessions count from 1.
struct planted_episode {
  std::string client{};
  index pre = 0;  ///< last session at the old level
  index onset = 0;
  index nadir = 0;
  std::optional<index>
      repair{};      ///< first session at the old level; empty if the level was not regained, or not seen to be
  double depth = 0;  ///< expected fall of the score at the nadir, the ends of the scale considered
  episode_status status = episode_status::unrepaired;
  episode_pattern pattern = episode_pattern::v;
  rupture_seen_by seen_by = rupture_seen_by::client_only;
};

/// Simulated dyads and the truth about them.
struct simulated_dyads {
  std::vector<session_row<double>> client_ratings{};     ///< by client, then session; missed sessions have no row
  std::vector<session_row<double>> therapist_ratings{};  ///< of the same sessions, in the same order
  std::vector<planted_episode> ruptures{};               ///< by client, then onset; those that attended sessions reach
  std::vector<double> volatility{};                      ///< each client's factor
};

/// Checks the options.
/// Errors: errc::invalid_option naming the first that lies outside its range
[[nodiscard]] inline result<void> validate(const dyad_options& o) {
  struct bound {
    const char* name;
    double value;
    double lower;
    double upper;
  };
  const auto count = [](index n) { return static_cast<double>(n); };
  const bound bounds[] = {
      {"n_clients", count(o.n_clients), 1, 1e7},
      {"n_sessions", count(o.n_sessions), 1, 1e6},
      {"n_therapists", count(o.n_therapists), 1, 1e6},
      {"range", o.range.upper - o.range.lower, 1e-6, 1e6},
      {"range.step", o.range.step, 0, o.range.upper - o.range.lower},
      {"level", o.level, -1e6, 1e6},
      {"therapist_sd", o.therapist_sd, 0, 1e6},
      {"client_sd", o.client_sd, 0, 1e6},
      {"trend", o.trend, -1e6, 1e6},
      {"trend_sd", o.trend_sd, 0, 1e6},
      {"state_sd", o.state_sd, 0, 1e6},
      {"error_sd", o.error_sd, 0, 1e6},
      {"autocorrelation", o.autocorrelation, 0, 0.8},
      {"autocorrelation_sd", o.autocorrelation_sd, 0, 1},
      {"volatility_sd", o.volatility_sd, 0, 3},
      {"ruptures", o.ruptures, 0, 100},
      {"most_ruptures", count(o.most_ruptures), 0, 1e6},
      {"least_depth", o.least_depth, 0, 1e6},
      {"largest_depth", o.largest_depth, o.least_depth, 1e6},
      {"mean_length", o.mean_length, 1, 1e6},
      {"repair_probability", o.repair_probability, 0, 1},
      {"repair_fraction", o.repair_fraction, 0, 1},
      {"missing_session", o.missing_session, 0, 0.9},
      {"missed_after_rupture", o.missed_after_rupture, 0, 1e6},
      {"dropout", o.dropout, 0, 0.9},
      {"therapist_level", o.therapist_level, -1e6, 1e6},
      {"level_agreement", o.level_agreement, -1, 1},
      {"state_agreement", o.state_agreement, -1, 1},
      {"recognition", o.recognition, 0, 1},
      {"therapist_only", o.therapist_only, 0, 100},
  };
  for (const bound& b : bounds) {
    if (b.value >= b.lower && b.value <= b.upper) continue;
    return error{.code = errc::invalid_option,
                 .function = "simulate_dyads",
                 .value = b.value,
                 .lower = b.lower,
                 .upper = b.upper,
                 .subject = b.name};
  }
  return {};
}

namespace detail {

/// One dyad: its own numbers, its ruptures, its sessions.
class dyad {
 public:
  dyad(const dyad_options& options, index number, std::string client, std::string therapist, double therapist_effect)
      : o_(options),
        client_(std::move(client)),
        therapist_(std::move(therapist)),
        random_(o_.seed, static_cast<std::uint64_t>(number)),
        // Ruptures have a stream of their own: switched off, they leave all other numbers as they are.
        planting_(o_.seed, (std::uint64_t{1} << 42) + static_cast<std::uint64_t>(number)) {
    const double z = random_.normal();
    level_ = o_.level + therapist_effect + o_.client_sd * z;
    level_of_therapist_ = o_.therapist_level + therapist_effect +
                          o_.client_sd * (o_.level_agreement * z + along(o_.level_agreement) * random_.normal());
    trend_ = o_.trend + o_.trend_sd * random_.normal();
    volatility_ = std::exp(o_.volatility_sd * random_.normal());
    autocorrelation_ = o_.autocorrelation + o_.autocorrelation_sd * random_.normal();
    autocorrelation_ = autocorrelation_ < 0 ? 0 : autocorrelation_ > 0.8 ? 0.8 : autocorrelation_;
  }

  [[nodiscard]] double volatility() const noexcept { return volatility_; }

  void run(simulated_dyads& out) {
    auto planted = plant(o_.ruptures, false);
    for (auto& each : plant(o_.therapist_only, true)) {
      if (free_of(planted, each)) planted.push_back(std::move(each));
    }
    std::sort(planted.begin(), planted.end(), [](const auto& a, const auto& b) { return a.onset < b.onset; });
    const index last = attend(planted, out);
    for (const rupture_plan& each : planted) {
      if (each.nadir() <= last) out.ruptures.push_back(described(each, last));
    }
  }

 private:
  static double along(double correlation) { return std::sqrt(1 - correlation * correlation); }

  /// Ruptures at random places, in order; those that would touch the one before are dropped.
  [[nodiscard]] std::vector<rupture_plan> plant(double per_20, bool therapist_only) {
    std::vector<rupture_plan> out;
    const index n = draw_poisson(per_20 * static_cast<double>(o_.n_sessions) / 20, o_.most_ruptures, planting_);
    std::vector<index> onsets;
    for (index k = 0; k < n; ++k) {
      const index places = o_.n_sessions - 3;
      if (places > 0) onsets.push_back(4 + planting_.below(places));
    }
    std::sort(onsets.begin(), onsets.end());
    for (const index onset : onsets) {
      rupture_plan one;
      one.onset = onset;
      one.pattern = o_.shape ? *o_.shape : draw_pattern(o_.repair_probability, planting_);
      one.share = draw_shares(one.pattern, o_.mean_length, o_.n_sessions - onset + 1, planting_);
      one.left = is_repaired(one.pattern) ? 1 - o_.repair_fraction : one.share.back();
      one.depth = o_.least_depth + (o_.largest_depth - o_.least_depth) * planting_.uniform();
      const bool recognized = planting_.chance(o_.recognition);
      one.lowers_client = !therapist_only;
      one.lowers_therapist = therapist_only || recognized;
      if (free_of(out, one)) out.push_back(std::move(one));
    }
    return out;
  }

  /// Whether at least one session at the old level lies between a rupture and all others.
  [[nodiscard]] static bool free_of(const std::vector<rupture_plan>& others, const rupture_plan& one) {
    return std::all_of(others.begin(), others.end(), [&](const rupture_plan& other) {
      return one.onset > other.last_lowered() + 1 || other.onset > one.last_lowered() + 1;
    });
  }

  /// The sessions that take place. Returns the last of them.
  [[nodiscard]] index attend(const std::vector<rupture_plan>& planted, simulated_dyads& out) {
    const double state_sd = o_.state_sd * volatility_;
    const double error_sd = o_.error_sd * volatility_;
    double state = 0;
    double state_of_therapist = 0;
    index last = 0;
    bool was_lowered = false;
    for (index session = 1; session <= o_.n_sessions; ++session) {
      const double kept = session == 1 ? 0 : autocorrelation_;
      const double shock = random_.normal();
      const double own_shock = random_.normal();
      state = kept * state + state_sd * along(kept) * shock;
      state_of_therapist =
          kept * state_of_therapist +
          state_sd * along(kept) * (o_.state_agreement * shock + along(o_.state_agreement) * own_shock);
      double fall = 0;
      double fall_of_therapist = 0;
      for (const rupture_plan& each : planted) {
        if (each.lowers_client) fall += each.fall_at(session);
        if (each.lowers_therapist) fall_of_therapist += each.fall_at(session);
      }
      const double moved = trend_ * static_cast<double>(session - 1);
      const double by_client = to_legal(level_ + moved + state - fall + error_sd * random_.normal());
      const double by_therapist =
          to_legal(level_of_therapist_ + moved + state_of_therapist - fall_of_therapist + error_sd * random_.normal());
      const double missed = o_.missing_session * (was_lowered ? o_.missed_after_rupture : 1);
      const bool is_missed = random_.chance((std::min)(missed, 0.9)) && session > 1;
      const bool ends_here = random_.chance(o_.dropout) && session >= 3;
      was_lowered = fall > 0;
      if (!is_missed) {
        const auto time = static_cast<double>(session);
        out.client_ratings.push_back({client_, time, by_client, therapist_});
        out.therapist_ratings.push_back({client_, time, by_therapist, therapist_});
        last = session;
      }
      if (ends_here) break;
    }
    return last;
  }

  [[nodiscard]] double to_legal(double score) const {
    const auto& r = o_.range;
    if (r.step > 0) score = r.lower + r.step * std::floor((score - r.lower) / r.step + 0.5);
    return score < r.lower ? r.lower : score > r.upper ? r.upper : score;
  }

  /// The truth about a rupture, as far as the sessions up to the last reach.
  [[nodiscard]] planted_episode described(const rupture_plan& plan, index last) const {
    planted_episode out;
    out.client = client_;
    out.pre = plan.onset - 1;
    out.onset = plan.onset;
    out.nadir = plan.nadir();
    out.pattern = plan.pattern;
    out.seen_by = !plan.lowers_client     ? rupture_seen_by::therapist_only
                  : plan.lowers_therapist ? rupture_seen_by::both
                                          : rupture_seen_by::client_only;
    const double before =
        (plan.lowers_client ? level_ : level_of_therapist_) + trend_ * static_cast<double>(out.nadir - 1);
    const double sd = volatility_ * std::hypot(o_.state_sd, o_.error_sd);
    out.depth = mean_within(before, sd, o_.range) - mean_within(before - plan.depth, sd, o_.range);
    const index back = plan.onset + std::ssize(plan.share);
    if (!is_repaired(plan.pattern) || plan.left > 0.5) {
      out.status = episode_status::unrepaired;
    } else if (back > last) {
      out.status = episode_status::censored;
    } else if (plan.left > 0) {
      out.status = episode_status::partial;
    } else {
      out.status = episode_status::repaired;
      out.repair = back;
    }
    return out;
  }

  const dyad_options& o_;
  std::string client_;
  std::string therapist_;
  random_stream random_;
  random_stream planting_;
  double level_ = 0;
  double level_of_therapist_ = 0;
  double trend_ = 0;
  double volatility_ = 1;
  double autocorrelation_ = 0;
};

}  // namespace detail

/// Simulates session scores of clients and therapists.
/// Model:       y = level + therapist + client + (trend + own) (s - 1) + state_s - depth x profile_s + error, rounded to
///              the grid and cut at its ends; state_s autoregressive, with the client's own autocorrelation; state and
///              error multiplied by the client's volatility, log-normal; ruptures at random places from the fourth
///              session on, their number Poisson. The therapist's rating has a level, a state and errors of its own that
///              correlate with the client's, and shows the ruptures that the therapist recognizes
/// \param options  sizes, variances, ruptures, missed sessions, raters, seed
/// \return      ratings of both, and the ruptures that were planted and that attended sessions reach
/// Errors:      errc::invalid_option
/// Missing:     missed sessions have no row; they are more frequent after a session at a lowered level
/// Numerics:    each client has random streams of its own: more clients, more sessions, or no ruptures leave the others'
///              numbers as they are
/// Not for:     norms. Defaults: variances as assumed for item means from 1 to 7 (not estimated from any population);
///              agreement of levels: Tryon, Blackwell & Hammel (2007), doi 10.1080/10503300701320611
[[nodiscard]] inline result<simulated_dyads> simulate_dyads(const dyad_options& options = {}) {
  if (auto legal = validate(options); !legal) return legal.error();
  std::vector<double> therapist(as_size(options.n_therapists));
  for (index t = 0; t < options.n_therapists; ++t) {
    random_stream random(options.seed, (std::uint64_t{1} << 40) + static_cast<std::uint64_t>(t));
    therapist[as_size(t)] = options.therapist_sd * random.normal();
  }
  simulated_dyads out;
  for (index c = 0; c < options.n_clients; ++c) {
    const index t = c % options.n_therapists;
    detail::dyad one(options, c, detail::padded('C', c + 1, options.n_clients),
                     detail::padded('T', t + 1, options.n_therapists), therapist[as_size(t)]);
    out.volatility.push_back(one.volatility());
    one.run(out);
  }
  return out;
}

/// The planted ruptures that the ratings of one side show, as evaluate() takes them.
/// \param simulated  dyads
/// \param therapist  false: those that lower the client's ratings; true: the therapist's
/// \return           the true episodes
[[nodiscard]] inline std::vector<true_episode> true_episodes(const simulated_dyads& simulated, bool therapist = false) {
  std::vector<true_episode> out;
  for (const planted_episode& each : simulated.ruptures) {
    if (each.seen_by == (therapist ? rupture_seen_by::client_only : rupture_seen_by::therapist_only)) continue;
    true_episode one{each.client, static_cast<double>(each.onset), std::nullopt, each.depth, each.status};
    if (each.repair) one.repair = static_cast<double>(*each.repair);
    out.push_back(std::move(one));
  }
  return out;
}

}  // namespace rapport
