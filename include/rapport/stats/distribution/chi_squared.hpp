// SPDX-License-Identifier: BSL-1.0
// The chi-squared distribution.
#pragma once

#include <boost/math/distributions/chi_squared.hpp>

#include <rapport/stats/detail/math_policy.hpp>

namespace rapport::stats {

/// The x with P(X <= x) = p for df > 0 degrees of freedom (need not be whole); p strictly between 0 and 1.
/// R: qchisq(p, df)
template <class Scalar>
[[nodiscard]] Scalar chi_squared_quantile(const Scalar& p, const Scalar& df) {
  return boost::math::quantile(boost::math::chi_squared_distribution<Scalar, detail::math_policy>(df), p);
}

/// P(X > x) for x >= 0, accurate far in the tail.
/// R: pchisq(x, df, lower.tail = FALSE)
template <class Scalar>
[[nodiscard]] Scalar chi_squared_upper_tail(const Scalar& x, const Scalar& df) {
  return boost::math::cdf(complement(boost::math::chi_squared_distribution<Scalar, detail::math_policy>(df), x));
}

}  // namespace rapport::stats
