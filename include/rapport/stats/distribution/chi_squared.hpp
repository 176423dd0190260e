// SPDX-License-Identifier: BSL-1.0
// The chi-squared distribution.
#pragma once

#include <boost/math/distributions/chi_squared.hpp>

#include <rapport/stats/detail/math_policy.hpp>

namespace rapport::stats {

/// P(X >= x) for x >= 0 and df > 0 degrees of freedom.
/// R: pchisq(x, df, lower.tail = FALSE)
template <class Scalar>
[[nodiscard]] Scalar chi_squared_upper_tail(const Scalar& x, const Scalar& df) {
  return boost::math::cdf(
      boost::math::complement(boost::math::chi_squared_distribution<Scalar, detail::math_policy>(df), x));
}

}  // namespace rapport::stats
