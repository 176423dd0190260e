// SPDX-License-Identifier: BSL-1.0
// The vocabulary of rupture and repair: what an episode is, how it ended, what shape it had.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <rapport/core/index.hpp>

namespace rapport {

/// How an episode ended, as far as the scores tell. P = the reference level before it, N = its nadir.
enum class episode_status : unsigned char {
  unrepaired,     ///< less than half of the fall was regained, with sessions enough to see it
  partial,        ///< at least half of the fall was regained, but not the level
  repaired,       ///< the level came back to within the tolerance of P
  over_repaired,  ///< it rose above P by at least three tolerances
  relapsed,       ///< repaired, but soon below the halfway line again (and at least two tolerances below P)
  censored        ///< too few sessions follow to say
};

/// The word for a status, as programs print it.
[[nodiscard]] constexpr std::string_view to_string(episode_status status) noexcept {
  switch (status) {
    case episode_status::unrepaired: return "unrepaired";
    case episode_status::partial: return "partial";
    case episode_status::repaired: return "repaired";
    case episode_status::over_repaired: return "over-repaired";
    case episode_status::relapsed: return "relapsed";
    case episode_status::censored: return "censored";
  }
  return "unknown";
}

/// The shape of an episode: how fast it fell and how fast it was repaired.
enum class episode_pattern : unsigned char {
  v,                ///< down in one session, back in one
  slope_then_jump,  ///< down over several sessions, back in one
  drop_then_slope,  ///< down in one session, back over several
  u,                ///< both over several sessions
  trough,           ///< at least three sessions near the nadir
  step,             ///< not repaired, the lower level kept
  slide,            ///< not repaired, still falling at the end
  w                 ///< two nadirs before the repair
};

/// The word for a pattern, as programs print it.
[[nodiscard]] constexpr std::string_view to_string(episode_pattern pattern) noexcept {
  switch (pattern) {
    case episode_pattern::v: return "V";
    case episode_pattern::slope_then_jump: return "slope-then-jump";
    case episode_pattern::drop_then_slope: return "drop-then-slope";
    case episode_pattern::u: return "U";
    case episode_pattern::trough: return "trough";
    case episode_pattern::step: return "step";
    case episode_pattern::slide: return "slide";
    case episode_pattern::w: return "W";
  }
  return "unknown";
}

/// One rupture, from the last session before it to its repair.
///
/// Sessions are session times as given in the panel. "Rupture" is the literature's word for a fall that a rule picked
/// out; the scores cannot tell what happened in the room.
template <class Scalar>
struct basic_episode {
  std::string client{};
  Scalar pre{};                      ///< last session before the fall
  Scalar onset{};                    ///< first lower session
  Scalar nadir{};                    ///< lowest session before the repair, the first of equals
  std::optional<Scalar> repair{};    ///< first session at which the level was back
  Scalar reference{};                ///< the level against which the fall is measured
  Scalar depth{};                    ///< reference minus the score at the nadir, in points
  Scalar depth_standardized{};       ///< depth in the detector's unit
  std::optional<Scalar> depth_se{};  ///< where the detector has an error model
  index duration = 0;                ///< scored sessions from onset to the one before the repair, or to the end
  Scalar recovery{};                 ///< share of the fall regained by the best of the next sessions
  episode_status status = episode_status::censored;
  episode_pattern pattern = episode_pattern::step;
  Scalar score{};                    ///< the detector's statistic; the larger, the more unusual
  std::optional<Scalar> p_null{};    ///< share of stable series like this whose largest score reaches this one
  std::optional<Scalar> q_null{};    ///< p_null of the client's clearest episode, adjusted for all clients
  std::vector<std::string> flags{};  ///< circumstances: "at end", "first sessions", "gap inside", "floor", "ceiling"

  index client_position = 0;  ///< of the client in the panel
  index pre_at = 0;           ///< positions in the client's series, from 0
  index onset_at = 0;
  index nadir_at = 0;
  std::optional<index> repair_at{};
};

/// The episode that most programs use.
using episode = basic_episode<double>;

/// A rupture that is known: planted by a simulation, or named by observers or clients.
template <class Scalar>
struct basic_true_episode {
  std::string client{};
  Scalar onset{};                          ///< time of the first lower session
  std::optional<Scalar> repair{};          ///< time of the first session at the old level; empty: none seen
  std::optional<Scalar> depth{};           ///< fall at the nadir, in points; empty: not known
  std::optional<episode_status> status{};  ///< empty: repaired if there is a repair, unrepaired if not
};

using true_episode = basic_true_episode<double>;

/// How far a rule's wording was checked against its source. Reports repeat it.
enum class trust : unsigned char {
  primary,        ///< the text or code of the rule was read
  abstract_only,  ///< an abstract or a passage was read
  unverified,     ///< general knowledge of the literature, not checked
  inferred,       ///< inferred from what was read
  own             ///< defined by this library or by the user
};

/// The word for a trust code, as programs print it.
[[nodiscard]] constexpr std::string_view to_string(trust code) noexcept {
  switch (code) {
    case trust::primary: return "primary";
    case trust::abstract_only: return "abstract";
    case trust::unverified: return "unverified";
    case trust::inferred: return "inferred";
    case trust::own: return "own";
  }
  return "unknown";
}

/// What a detector says of itself.
struct detector_info {
  const char* name = "";
  const char* source = "";
  rapport::trust trust = trust::own;
};

}  // namespace rapport
