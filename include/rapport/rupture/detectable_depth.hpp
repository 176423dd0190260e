// SPDX-License-Identifier: BSL-1.0
// How deep a rupture must be to be found: a property of the instrument, its variances, and the sessions.
#pragma once

#include <algorithm>
#include <cmath>
#include <span>
#include <vector>

#include <rapport/core/result.hpp>
#include <rapport/rupture/detail/stable_course.hpp>
#include <rapport/stats/session_filter.hpp>

namespace rapport {

/// At what rate of false alarms, with what power, for what falls.
struct detectable_depth_options {
  double false_alarms = 0.01;  ///< share of sessions; in (0, .5)
  double power = 0.8;          ///< in (0, 1)
  index length = 1;            ///< sessions of the fall; at least 1
};

/// The least depth of a fall that begins at a session, in points.
template <class Scalar>
struct basic_detectable_depth {
  Scalar session{};  ///< of the onset
  Scalar online{};   ///< by the innovation of its first session
  Scalar offline{};  ///< by generalized least squares over its sessions, those before and those after
};

/// The least depth that is found with the power asked for, for each session but the first.
/// Model:       (z_1-a + z_power) sd; online: predictive SD of the onset's innovation; offline: 1 / sqrt(x'Px), x = 1 in
///              the fall's sessions, the onset known. A scan over onsets needs more
/// \param model    stable clients of the instrument
/// \param times    the sessions with scores, in order; at most 1000
/// \param options  rate of false alarms, power, and length of the fall
/// \return       one entry per session, without the first
/// Errors:      errc::invalid_option; those of validate(session_model); errc::too_few_rows below 2 sessions
/// Not for:     scores near the ceiling, of which a part of the fall is not seen
template <class Scalar>
[[nodiscard]] result<std::vector<basic_detectable_depth<Scalar>>> detectable_depth(
    const stats::session_model<Scalar>& model, std::span<const Scalar> times,
    const detectable_depth_options& options = {}) {
  using std::sqrt;
  constexpr const char* self = "detectable_depth";
  if (!(options.false_alarms > 0 && options.false_alarms < 0.5))
    return detail::detector_option(self, "false_alarms", options.false_alarms, 0, 0.5);
  if (!(options.power > 0 && options.power < 1)) return detail::detector_option(self, "power", options.power, 0, 1);
  if (options.length < 1) return detail::detector_option(self, "length", static_cast<double>(options.length), 1, 1e6);
  if (auto legal = validate(model); !legal) return legal.error();
  const index n = std::ssize(times);
  if (n < 2) {
    return error{
        .code = errc::too_few_rows, .function = self, .value = static_cast<double>(n), .lower = 2, .subject = "times"};
  }
  for (index t = 0; t < n; ++t) {
    using std::isfinite;
    if (!isfinite(times[as_size(t)]) || (t > 0 && !(times[as_size(t)] > times[as_size(t - 1)])))
      return detail::detector_option(self, "a time", static_cast<double>(times[as_size(t)]), -1e300, 1e300);
  }
  std::vector<Scalar> expected;
  for (const Scalar& t : times) expected.push_back(model.mean_at(t));
  const panel_options<Scalar> no_range{};
  const session_series<Scalar> y{times, expected, no_range};
  const auto course = detail::stable_course<Scalar>::make(model, y);
  if (!course) return detail::detector_option(self, "the number of times", static_cast<double>(n), 2, 1000);

  const Scalar factor = stats::normal_quantile(static_cast<Scalar>(options.power)) -
                        stats::normal_quantile(static_cast<Scalar>(options.false_alarms));
  stats::session_filter<Scalar> filter(model);
  std::vector<basic_detectable_depth<Scalar>> out;
  for (index t = 0; t < n; ++t) {
    const Scalar& time = times[as_size(t)];
    if (t > 0) {
      const index length = (std::min)(options.length, n - t);
      const Scalar information = course->precision.block(t, t, length, length).sum();
      out.push_back({time, factor * filter.predict(time).sd, factor / sqrt(information)});
    }
    filter.update(time, expected[as_size(t)]);
  }
  return out;
}

}  // namespace rapport
