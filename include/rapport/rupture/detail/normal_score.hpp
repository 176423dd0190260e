// SPDX-License-Identifier: BSL-1.0
// A t statistic on the scale of a standard normal, in closed form.
#pragma once

#include <cmath>

namespace rapport::detail {

/// Near the normal quantile that has the same upper tail; errs by less than .04 for df >= 3 and t up to 6.
/// \param t   not negative
/// \param df  above 0
/// Reference: Wallace (1959), Bounds on normal approximations to Student's and the chi-square distributions,
///            doi 10.1214/aoms/1177706095
template <class Scalar>
[[nodiscard]] Scalar normal_score(const Scalar& t, const Scalar& df) {
  using std::log1p;
  using std::sqrt;
  return (8 * df + 1) / (8 * df + 3) * sqrt(Scalar(df * log1p(Scalar(t * t / df))));
}

}  // namespace rapport::detail
