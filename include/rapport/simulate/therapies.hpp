// SPDX-License-Identifier: BSL-1.0
// Simulated therapies, answer by answer, with ruptures whose place, depth and repair are known.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <rapport/core/failure.hpp>
#include <rapport/core/missing.hpp>
#include <rapport/core/random.hpp>
#include <rapport/core/result.hpp>
#include <rapport/instruments/instrument.hpp>
#include <rapport/rupture/episode.hpp>
#include <rapport/simulate/detail/rupture_profile.hpp>

namespace rapport {

/// What kind of therapies to simulate. Standard deviations are on the latent alliance, whose total SD the defaults make
/// about 1 (therapist and client shares as in counselling ratings: 10 % and 45 % of the variance).
struct therapy_options {
  index n_clients = 60;
  index n_sessions = 16;   ///< planned; clients who drop out have fewer
  index n_therapists = 6;  ///< clients are assigned in turn
  double level = 0.9;      ///< mean latent alliance; item means lie at the middle of the scale at 0
  double therapist_sd = 0.3;
  double client_sd = 0.65;
  double trend = 0.02;                 ///< mean change per session
  double trend_sd = 0.03;              ///< between clients
  double state_sd = 0.4;               ///< of ordinary ups and downs between sessions
  double state_autocorrelation = 0.3;  ///< between neighbouring sessions
  double volatility_sd = 0;  ///< of the log of the factor by which a client's ups and downs are larger [0 to .4]
  double loading = 0.8;      ///< correlation of an item with its subscale, latent
  double subscale_correlation = 0.85;  ///< of a subscale with the alliance, latent, between clients
  double rupture_rate = 0.4;           ///< probability that a therapy contains a rupture
  double least_depth = 1.2;            ///< of a rupture, in SD of the latent alliance
  double largest_depth = 2.4;
  double repair_probability = 0.75;  ///< that a rupture is repaired
  double missing_session = 0.04;     ///< probability that a session has no form
  double missed_after_rupture = 1;   ///< factor of that probability after a lowered session [1 to 3]
  double missing_answer = 0.004;     ///< probability that an answer is left blank
  double dropout = 0.015;            ///< probability of ending after a session, from the third on
  std::uint64_t seed = 20240229;
};

/// One filled-in form.
struct simulated_form {
  std::string client{};
  std::string therapist{};
  index session = 0;              ///< from 1
  std::vector<double> answers{};  ///< raw, as on the form; NaN is a blank
};

/// A rupture that was planted.
struct planted_rupture {
  std::string client{};
  index pre = 0;  ///< session before the fall
  index onset = 0;
  index nadir = 0;
  std::optional<index> repair{};  ///< first session at the old level; empty if not repaired
  double depth = 0;               ///< expected fall of the item mean at the nadir, in points
  episode_pattern pattern = episode_pattern::v;
};

/// Simulated therapies and the truth about them.
struct simulated_therapies {
  std::vector<simulated_form> forms{};      ///< by client, then session
  std::vector<planted_rupture> ruptures{};  ///< by client
};

/// Checks the options.
/// Errors: errc::invalid_option naming the first that lies outside its range
[[nodiscard]] inline result<void> validate(const therapy_options& o) {
  struct bound {
    const char* name;
    double value;
    double lower;
    double upper;
  };
  const bound bounds[] = {
      {"n_clients", static_cast<double>(o.n_clients), 1, 1e7},
      {"n_sessions", static_cast<double>(o.n_sessions), 1, 1e6},
      {"n_therapists", static_cast<double>(o.n_therapists), 1, 1e6},
      {"level", o.level, -10, 10},
      {"therapist_sd", o.therapist_sd, 0, 10},
      {"client_sd", o.client_sd, 0, 10},
      {"trend", o.trend, -10, 10},
      {"trend_sd", o.trend_sd, 0, 10},
      {"state_sd", o.state_sd, 0, 10},
      {"state_autocorrelation", o.state_autocorrelation, 0, 0.999},
      {"volatility_sd", o.volatility_sd, 0, 3},
      {"loading", o.loading, 0, 1},
      {"subscale_correlation", o.subscale_correlation, 0, 1},
      {"rupture_rate", o.rupture_rate, 0, 1},
      {"least_depth", o.least_depth, 0, 20},
      {"largest_depth", o.largest_depth, o.least_depth, 20},
      {"repair_probability", o.repair_probability, 0, 1},
      {"missing_session", o.missing_session, 0, 0.9},
      {"missed_after_rupture", o.missed_after_rupture, 0, 1e6},
      {"missing_answer", o.missing_answer, 0, 0.9},
      {"dropout", o.dropout, 0, 0.9},
  };
  for (const bound& b : bounds) {
    if (b.value >= b.lower && b.value <= b.upper) continue;
    return error{.code = errc::invalid_option,
                 .function = "simulate_therapies",
                 .value = b.value,
                 .lower = b.lower,
                 .upper = b.upper,
                 .subject = b.name};
  }
  return {};
}

namespace detail {

/// Turns latent values into answers: graded thresholds at equal distances, some items a little harder than others.
class answer_model {
 public:
  answer_model(const instrument& form, double loading) : form_(form), loading_(loading) {
    n_levels_ = static_cast<double>(form.upper_units() - form.lower_units() + 1);
    width_ = 4.5 / n_levels_;
  }

  [[nodiscard]] double difficulty(int item) const { return 0.6 * (static_cast<double>((item * 7) % 11) / 10 - 0.5); }

  /// The answer to an item at a latent value of its subscale; raw, so reversed where the key reverses.
  [[nodiscard]] double draw(int item, double latent, random_stream& random) const {
    const double response = loading_ * latent + std::sqrt(1 - loading_ * loading_) * random.normal() - difficulty(item);
    double level = std::floor(response / width_ + n_levels_ / 2);
    level = level < 0 ? 0 : level >= n_levels_ ? n_levels_ - 1 : level;
    if (form_.reversed_items().contains(item)) level = n_levels_ - 1 - level;
    return (static_cast<double>(form_.lower_units()) + level) / static_cast<double>(form_.units_per_point());
  }

  /// The expected mean of all items, in points after reversal, at a latent alliance.
  [[nodiscard]] double expected_mean(double latent) const {
    double sum = 0;
    const double noise = std::sqrt(1 - loading_ * loading_ + 1e-12);
    for (int item = 1; item <= form_.n_items(); ++item) {
      for (double level = 1; level < n_levels_; ++level) {
        const double threshold = (level - n_levels_ / 2) * width_ + difficulty(item);
        sum += 0.5 * std::erfc((threshold - loading_ * latent) / (noise * std::sqrt(2.0)));
      }
    }
    return form_.min() + sum / (form_.n_items() * static_cast<double>(form_.units_per_point()));
  }

 private:
  const instrument& form_;
  double loading_;
  double n_levels_ = 0;
  double width_ = 0;
};

/// A rupture's profile: the share of its depth in each session from the onset on. An unrepaired one keeps its depth.
struct rupture_profile {
  episode_pattern pattern;
  std::vector<double> share;
};

[[nodiscard]] inline rupture_profile draw_profile(const therapy_options& o, random_stream& random) {
  if (!random.chance(o.repair_probability)) return {episode_pattern::step, {1.0}};
  switch (random.below(4)) {
    case 0: return {episode_pattern::v, {1.0}};
    case 1: return {episode_pattern::slope_then_jump, {0.5, 1.0}};
    case 2: return {episode_pattern::drop_then_slope, {1.0, 0.5}};
    default: return {episode_pattern::u, {0.5, 1.0, 0.5}};
  }
}

}  // namespace detail

/// Simulates therapies.
/// Model:       latent alliance of client c at session s = level + therapist + client + (trend + own) (s - 1) + state_s -
///              rupture_s; subscales share the movements and correlate in the clients' levels; an answer is the latent
///              value of its subscale times `loading` plus noise, cut at equally spaced thresholds
/// \param form     the instrument to fill in
/// \param options  sizes, variances, ruptures, missing forms and answers, seed
/// \return      forms as they would be stored (reversed items raw) and the ruptures that were planted; those that a
///              client's attended sessions do not reach are not listed
/// Errors:      errc::invalid_option; errc::invalid_instrument
/// Numerics:    each client has a random stream of its own: more clients or sessions leave the others' as they are
/// Not for:     norms: the distribution of scores is plausible, not estimated from any population
[[nodiscard]] inline result<simulated_therapies> simulate_therapies(const instrument& form,
                                                                    const therapy_options& options = {}) {
  const therapy_options& o = options;
  if (auto legal = validate(o); !legal) return legal.error();
  if (auto legal = form.check(); !legal) return legal.error();
  const detail::answer_model answers(form, o.loading);
  const double between_sd = std::sqrt(o.therapist_sd * o.therapist_sd + o.client_sd * o.client_sd);
  const double own_share = between_sd * std::sqrt(1 - o.subscale_correlation);
  const double common_share = std::sqrt(o.subscale_correlation);

  std::vector<double> therapist(as_size(o.n_therapists));
  for (index t = 0; t < o.n_therapists; ++t) {
    random_stream random(o.seed, (std::uint64_t{1} << 40) + static_cast<std::uint64_t>(t));
    therapist[as_size(t)] = o.therapist_sd * random.normal();
  }

  simulated_therapies out;
  for (index c = 0; c < o.n_clients; ++c) {
    random_stream random(o.seed, static_cast<std::uint64_t>(c));
    const std::string client = detail::padded('C', c + 1, o.n_clients);
    const double differs = therapist[as_size(c % o.n_therapists)] + o.client_sd * random.normal();
    const double trend = o.trend + o.trend_sd * random.normal();
    std::vector<double> own(as_size(index{form.n_subscales()}));
    for (double& each : own) each = own_share * random.normal();

    // The rupture is drawn before the sessions, so that nothing in them shifts when it is switched off.
    const bool has_rupture = random.chance(o.rupture_rate) && o.n_sessions >= 7;
    const auto profile = detail::draw_profile(o, random);
    const double depth = o.least_depth + (o.largest_depth - o.least_depth) * random.uniform();
    const index onset = 4 + random.below((std::max)(index{1}, o.n_sessions - 6));
    const auto fall_at = [&](index session) {
      if (!has_rupture || session < onset) return 0.0;
      const index since = session - onset;
      if (since < std::ssize(profile.share)) return depth * profile.share[as_size(since)];
      return profile.pattern == episode_pattern::step ? depth : 0.0;
    };

    random_stream factor(o.seed, (std::uint64_t{1} << 41) + static_cast<std::uint64_t>(c));
    const double state_sd = o.state_sd * std::exp(o.volatility_sd * factor.normal());
    double state = 0;
    index last_session = 0;
    for (index session = 1; session <= o.n_sessions; ++session) {
      const double kept = session == 1 ? 0 : o.state_autocorrelation;
      state = kept * state + state_sd * std::sqrt(1 - kept * kept) * random.normal();
      const double moves = trend * static_cast<double>(session - 1) + state - fall_at(session);
      simulated_form filled{client, detail::padded('T', c % o.n_therapists + 1, o.n_therapists), session, {}};
      for (int item = 1; item <= form.n_items(); ++item) {
        double level = o.level + differs;
        for (int s = 0; s < form.n_subscales(); ++s) {
          if (form.subscale_at(s).items.contains(item))
            level = o.level + common_share * differs + own[as_size(index{s})];
        }
        const double given = answers.draw(item, level + moves, random);
        filled.answers.push_back(random.chance(o.missing_answer) ? missing_value<double>() : given);
      }
      const double missed = o.missing_session * (fall_at(session - 1) > 0 ? o.missed_after_rupture : 1);
      const bool is_missed = random.chance((std::min)(missed, 0.9)) && session > 1;
      const bool ends_here = random.chance(o.dropout) && session >= 3;
      if (!is_missed) {
        out.forms.push_back(std::move(filled));
        last_session = session;
      }
      if (ends_here) break;
    }

    const index nadir = onset + (profile.share[0] < 1 ? 1 : 0);
    if (!has_rupture || nadir > last_session) continue;
    planted_rupture planted{client, onset - 1, onset, nadir, std::nullopt, 0, profile.pattern};
    const double before = o.level + differs + trend * static_cast<double>(nadir - 1);
    planted.depth = answers.expected_mean(before) - answers.expected_mean(before - depth);
    const index repair = onset + std::ssize(profile.share);
    if (profile.pattern != episode_pattern::step && repair <= last_session) planted.repair = repair;
    out.ruptures.push_back(std::move(planted));
  }
  return out;
}

}  // namespace rapport
