// SPDX-License-Identifier: BSL-1.0
// The course of a planted rupture: by how much of its depth each session is lowered.
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include <rapport/core/index.hpp>
#include <rapport/core/random.hpp>
#include <rapport/data/session_panel.hpp>
#include <rapport/rupture/episode.hpp>

namespace rapport::detail {

/// A letter and a number with as many digits as the largest has.
[[nodiscard]] inline std::string padded(char letter, index number, index largest) {
  const std::string digits = std::to_string(number);
  const std::string widest = std::to_string(largest);
  return letter + std::string(widest.size() - digits.size(), '0') + digits;
}

/// Whether the shape includes a return.
[[nodiscard]] constexpr bool is_repaired(episode_pattern p) noexcept {
  return p != episode_pattern::step && p != episode_pattern::slide;
}

/// A shape: repaired with the given probability, then one of those that fit.
[[nodiscard]] inline episode_pattern draw_pattern(double repair_probability, random_stream& random) {
  using enum episode_pattern;
  constexpr episode_pattern repaired[] = {v, slope_then_jump, drop_then_slope, u, trough, w};
  constexpr episode_pattern unrepaired[] = {step, slide};
  return random.chance(repair_probability) ? repaired[random.below(6)] : unrepaired[random.below(2)];
}

/// Sessions until the first success, at least 1, with the given mean.
[[nodiscard]] inline index draw_length(double mean, random_stream& random) {
  index length = 1;
  while (length < 1000 && !random.chance(1 / mean)) ++length;
  return length;
}

/// The share of the depth in each session from the onset on, up to the return.
/// \param to_end  sessions from the onset to the planned end; a slide takes them all
[[nodiscard]] inline std::vector<double> draw_shares(episode_pattern pattern, double mean_length, index to_end,
                                                     random_stream& random) {
  using enum episode_pattern;
  std::vector<double> out;
  const auto fall = [&out](index n) {
    for (index k = 1; k <= n; ++k) out.push_back(static_cast<double>(k) / static_cast<double>(n));
  };
  const auto rise = [&out](index n) {
    for (index k = n - 1; k >= 1; --k) out.push_back(static_cast<double>(k) / static_cast<double>(n));
  };
  const auto slow = [&] { return 1 + draw_length(mean_length, random); };
  switch (pattern) {
    case v:
    case step: fall(1); break;
    case slope_then_jump: fall(slow()); break;
    case drop_then_slope: fall(1), rise(slow()); break;
    case u: fall(slow()), rise(slow()); break;
    case trough: out.assign(as_size(index{2} + draw_length(mean_length, random)), 1.0); break;
    case w: out = {1.0, 0.25, 1.0}; break;
    case slide: fall((std::max)(index{2}, to_end)); break;
  }
  return out;
}

/// Poisson, at most `most`.
[[nodiscard]] inline index draw_poisson(double mean, index most, random_stream& random) {
  index n = 0;
  for (double sum = -std::log(random.uniform()); sum < mean && n < most; sum -= std::log(random.uniform())) ++n;
  return n;
}

/// A rupture before it happens.
struct rupture_plan {
  index onset = 0;
  episode_pattern pattern = episode_pattern::v;
  std::vector<double> share{};
  double left = 0;  ///< share of the depth that stays for good
  double depth = 0;
  bool lowers_client = true;
  bool lowers_therapist = false;

  [[nodiscard]] double fall_at(index session) const {
    if (session < onset) return 0;
    const index since = session - onset;
    return depth * (since < std::ssize(share) ? (std::max)(share[as_size(since)], left) : left);
  }
  /// The first session at full depth.
  [[nodiscard]] index nadir() const { return onset + (std::find(share.begin(), share.end(), 1.0) - share.begin()); }
  [[nodiscard]] index last_lowered() const {
    return left > 0 ? (std::numeric_limits<index>::max)() - 2 : onset + std::ssize(share) - 1;
  }
};

/// The mean of a normal variable cut at both ends of a range.
[[nodiscard]] inline double mean_within(double mean, double sd, const score_range<double>& range) {
  if (!(sd > 0)) return (std::min)((std::max)(mean, range.lower), range.upper);
  const auto below = [](double z) { return 0.5 * std::erfc(-z / std::sqrt(2.0)); };
  const auto density = [](double z) { return std::exp(-z * z / 2) / std::sqrt(2 * 3.14159265358979323846); };
  const double a = (range.lower - mean) / sd;
  const double b = (range.upper - mean) / sd;
  return range.lower * below(a) + range.upper * below(-b) + mean * (below(b) - below(a)) +
         sd * (density(a) - density(b));
}

}  // namespace rapport::detail
