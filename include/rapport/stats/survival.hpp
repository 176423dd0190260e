// SPDX-License-Identifier: BSL-1.0
// Times to an event, some of them not seen to their end: the survival curve by Kaplan and Meier.
#pragma once

#include <algorithm>
#include <cmath>
#include <optional>
#include <span>
#include <vector>

#include <rapport/core/estimate.hpp>
#include <rapport/core/result.hpp>
#include <rapport/stats/distribution/normal.hpp>

namespace rapport::stats {

/// How long one was watched, and whether the event came at the end of it.
template <class Scalar>
struct survival_time {
  Scalar time{};       ///< not negative
  bool event = false;  ///< false: watching ended first (censored); a censored time counts as longer than an equal event
};

/// The curve at one time with events.
template <class Scalar>
struct survival_step {
  Scalar time{};
  index n_at_risk = 0;
  index n_events = 0;
  Scalar survival{};        ///< share without the event after this time
  Scalar standard_error{};  ///< of the share, by Greenwood
  basic_interval<Scalar> interval{};
};

/// A survival curve.
template <class Scalar>
struct survival_curve {
  std::vector<survival_step<Scalar>> steps{};  ///< in order of time; before the first the share is 1
  index n = 0;
  index n_events = 0;
  std::optional<Scalar> median{};        ///< first time at which at most half are without the event; empty: not reached
  std::optional<Scalar> median_lower{};  ///< of its interval; empty: not reached
  std::optional<Scalar> median_upper{};

  /// The share without the event after a time.
  [[nodiscard]] Scalar at(const Scalar& time) const {
    Scalar share(1);
    for (const auto& each : steps) {
      if (each.time > time) break;
      share = each.survival;
    }
    return share;
  }
};

namespace detail {

/// The first time at which a share is at most half; where it is exactly half, the middle of that time and the next.
template <class Scalar, class Share>
[[nodiscard]] std::optional<Scalar> time_at_half(const std::vector<survival_step<Scalar>>& steps, const Share& share) {
  for (std::size_t i = 0; i < steps.size(); ++i) {
    const Scalar here = share(steps[i]);
    const bool is_half = here < Scalar(0.5) + Scalar(1e-12) && here > Scalar(0.5) - Scalar(1e-12);
    if (is_half && i + 1 < steps.size()) return (steps[i].time + steps[i + 1].time) / 2;
    if (is_half || here < Scalar(0.5)) return steps[i].time;
  }
  return std::nullopt;
}

}  // namespace detail

/// The product-limit estimate of a survival curve.
/// Model:       S(t) = product over times up to t of 1 - events / at risk; variance S^2 sum events / (at risk (at risk -
///              events)); interval exp(log S -+ z se / S), at most 1
/// \param times  of all persons or episodes
/// \param level  confidence level
/// \return       the curve, its median and the times at which the interval's ends reach one half
/// Errors:       errc::no_data; errc::not_finite with the row, also for a negative time; errc::invalid_option
/// Missing:      censoring that does not depend on the event: who drops out because of a rupture breaks that
/// Reference:    Kaplan & Meier (1958), doi 10.1080/01621459.1958.10501452
/// R:            survival::survfit(Surv(time, event) ~ 1)
template <class Scalar>
[[nodiscard]] result<survival_curve<Scalar>> kaplan_meier(std::span<const survival_time<Scalar>> times,
                                                          double level = 0.95) {
  using std::exp;
  using std::isfinite;
  using std::sqrt;
  if (auto legal = check_level(level, "kaplan_meier"); !legal) return legal.error();
  if (times.empty()) return error{.code = errc::no_data, .function = "kaplan_meier"};
  for (std::size_t i = 0; i < times.size(); ++i) {
    if (isfinite(times[i].time) && times[i].time >= 0) continue;
    return error{.code = errc::not_finite,
                 .function = "kaplan_meier",
                 .row = static_cast<index>(i),
                 .value = static_cast<double>(times[i].time),
                 .subject = "time"};
  }
  std::vector<survival_time<Scalar>> sorted(times.begin(), times.end());
  std::sort(sorted.begin(), sorted.end(), [](const auto& a, const auto& b) { return a.time < b.time; });
  const Scalar z = normal_quantile<Scalar>((1 + static_cast<Scalar>(level)) / 2);
  survival_curve<Scalar> out;
  out.n = std::ssize(sorted);
  Scalar share(1);
  Scalar greenwood(0);
  for (std::size_t i = 0; i < sorted.size();) {
    std::size_t next = i;
    index events = 0;
    for (; next < sorted.size() && sorted[next].time == sorted[i].time; ++next) events += sorted[next].event ? 1 : 0;
    const index at_risk = std::ssize(sorted) - static_cast<index>(i);
    if (events > 0) {
      const auto d = static_cast<Scalar>(events);
      const auto r = static_cast<Scalar>(at_risk);
      share *= (r - d) / r;
      if (events < at_risk) greenwood += d / (r * (r - d));
      const Scalar relative = sqrt(greenwood);
      const bool is_over = events == at_risk;
      out.steps.push_back(
          {sorted[i].time, at_risk, events, share, is_over ? Scalar(0) : Scalar(share * relative),
           is_over ? basic_interval<Scalar>{Scalar(0), Scalar(1), level}
                   : basic_interval<Scalar>{share * exp(Scalar(-z * relative)),
                                            (std::min)(Scalar(1), Scalar(share * exp(Scalar(z * relative)))), level}});
      out.n_events += events;
    }
    i = next;
  }
  out.median = detail::time_at_half(out.steps, [](const auto& s) { return s.survival; });
  out.median_lower = detail::time_at_half(out.steps, [](const auto& s) { return s.interval.lower; });
  out.median_upper = detail::time_at_half(out.steps, [](const auto& s) { return s.interval.upper; });
  return out;
}

}  // namespace rapport::stats
