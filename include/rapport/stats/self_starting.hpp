// SPDX-License-Identifier: BSL-1.0
// Self-starting standardization: each value against those before it, so that no baseline has to be set aside.
#pragma once

#include <cmath>
#include <optional>
#include <span>
#include <vector>

#include <rapport/core/result.hpp>
#include <rapport/stats/control_chart.hpp>
#include <rapport/stats/distribution/normal.hpp>
#include <rapport/stats/distribution/student_t.hpp>
#include <rapport/stats/session_spread.hpp>

namespace rapport::stats {

/// Values that are independent standard normal as long as the series is one normal sample, whatever its mean and SD.
/// Model:     with n = t - 1 values before, T_t = sqrt(n / (n + 1)) (y_t - mean) / sd, z_t = Phi^-1(F(T_t)), F Student's t
///            with n - 1 degrees of freedom
/// \param y      values in order, none missing
/// \return    z_t, empty for the first two values and where those before do not vary; feed it to a chart with center 0
///            and sigma 1
/// Errors:    errc::no_data; errc::missing_value; errc::not_finite
/// Numerics:  beyond 37 SD z_t is cut there; O(n)
/// Not for:   series whose first values are already out of order: later ones are then compared with those
/// Reference: Hawkins (1987), doi 10.2307/2348827
template <class Scalar>
[[nodiscard]] result<std::vector<std::optional<Scalar>>> self_starting_scores(std::span<const Scalar> y) {
  using std::sqrt;
  if (auto legal = detail::check_series(y, "self_starting_scores", 1); !legal) return legal.error();
  std::vector<std::optional<Scalar>> out;
  detail::running_moments<Scalar> before;
  for (const Scalar& each : y) {
    const auto sd = before.sd();
    if (!sd || !(*sd > 0)) {
      out.emplace_back();
    } else {
      const Scalar n = static_cast<Scalar>(before.n);
      const Scalar t = sqrt(Scalar(n / (n + 1))) * (each - before.mean) / *sd;
      const Scalar tail = student_t_two_sided(t, Scalar(n - 1)) / 2;
      const Scalar size = tail > 0 ? Scalar(-normal_quantile(tail)) : Scalar(37);
      out.push_back(t < 0 ? Scalar(-size) : size);
    }
    before.add(each);
  }
  return out;
}

}  // namespace rapport::stats
