// SPDX-License-Identifier: BSL-1.0
// What a detector is: a callable that walks one client's series and says where a rupture begins.
#pragma once

#include <concepts>
#include <optional>
#include <utility>
#include <vector>

#include <rapport/rupture/course.hpp>
#include <rapport/stats/session_model.hpp>

namespace rapport {

/// One finding of a detector, before the episode is described.
template <class Scalar>
struct basic_finding {
  episode_course course{};            ///< positions; only `onset` is needed if `followed` is false
  bool followed = false;              ///< the detector found nadir and repair itself
  std::optional<Scalar> reference{};  ///< level before the fall; the score at `pre` if empty
  std::optional<Scalar> score{};      ///< statistic at the onset; the depth if empty
  std::optional<Scalar> depth{};      ///< an estimate of its own; reference minus the score at the nadir if empty
  std::optional<Scalar> depth_se{};
};

/// Where a detector puts what it finds in one client's series.
template <class Scalar>
class basic_episode_sink {
 public:
  struct storage {
    std::vector<basic_finding<Scalar>> findings{};
    std::vector<std::optional<Scalar>> session_score{};
    std::vector<std::optional<stats::score_prediction<Scalar>>> expected{};
    index n_evaluable = 0;
    const char* not_evaluable = nullptr;
    std::optional<Scalar> unit{};
  };

  explicit basic_episode_sink(storage& target) noexcept : target_(&target) {}

  /// A rupture begins at this position; reference, nadir and repair follow the common rules.
  void onset_at(index t) { add({.course = {.onset = t}}); }
  /// A rupture with everything that the detector knows.
  void add(const basic_finding<Scalar>& finding) { target_->findings.push_back(finding); }
  /// The detector's statistic at a position, whether or not it fired.
  void session_score(index t, const Scalar& value) { target_->session_score[as_size(t)] = value; }
  /// What the detector expected at a position before it saw the score.
  void expected(index t, const stats::score_prediction<Scalar>& what) { target_->expected[as_size(t)] = what; }
  /// So many transitions (or sessions) could be judged.
  void evaluable(index n) noexcept { target_->n_evaluable = n; }
  /// This series cannot be judged; the reason is a string literal.
  void not_evaluable(const char* reason) noexcept { target_->not_evaluable = reason; }
  /// The unit in which this client's depths are standardized, in points.
  void unit(const Scalar& points) { target_->unit = points; }

 private:
  storage* target_;
};

/// What a detector of one's own receives.
using series = session_series<double>;
/// Where a detector of one's own reports to.
using episode_sink = basic_episode_sink<double>;

/// Walks one client's series and reports what it finds.
template <class Walker, class Scalar = double>
concept series_walker = requires(const Walker& walker, const session_series<Scalar>& y,
                                 basic_episode_sink<Scalar> out) {
  walker(y, out);
};

/// Learns from all clients first: prepared(panel) returns a walker, or why it cannot.
template <class Detector, class Scalar = double>
concept panel_learner = requires(const Detector& detector, const basic_session_panel<Scalar>& panel) {
  { *detector.prepared(panel) } -> series_walker<Scalar>;
};

/// A detector has an `info` and walks series, at once or after learning from the panel.
template <class Detector, class Scalar = double>
concept rupture_detector = requires(const Detector& detector) {
  { detector.info } -> std::convertible_to<detector_info>;
}
&&(series_walker<Detector, Scalar> || panel_learner<Detector, Scalar>);

namespace detail {

/// A setting of a detector outside its legal range.
[[nodiscard]] inline error detector_option(const char* function, const char* what, double value, double lower,
                                           double upper) {
  return {.code = errc::invalid_option,
          .function = function,
          .value = value,
          .lower = lower,
          .upper = upper,
          .subject = what};
}

}  // namespace detail

}  // namespace rapport
