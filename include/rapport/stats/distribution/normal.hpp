// SPDX-License-Identifier: BSL-1.0
// The standard normal distribution.
#pragma once

#include <boost/math/distributions/normal.hpp>

#include <rapport/core/config.hpp>
#include <rapport/stats/detail/math_policy.hpp>

namespace rapport::stats {

/// P(Z <= z) for a standard normal Z; NaN for NaN.
/// R: pnorm(z)
template <class Scalar>
[[nodiscard]] Scalar normal_cdf(const Scalar& z) {
  return boost::math::cdf(boost::math::normal_distribution<Scalar, detail::math_policy>(), z);
}

/// P(Z > z), accurate far in the tail where 1 - P(Z <= z) is not.
/// R: pnorm(z, lower.tail = FALSE)
template <class Scalar>
[[nodiscard]] Scalar normal_upper_tail(const Scalar& z) {
  return boost::math::cdf(complement(boost::math::normal_distribution<Scalar, detail::math_policy>(), z));
}

/// The z with P(Z <= z) = p; p strictly between 0 and 1, else NaN or infinite.
/// R: qnorm(p)
template <class Scalar>
[[nodiscard]] Scalar normal_quantile(const Scalar& p) {
  return boost::math::quantile(boost::math::normal_distribution<Scalar, detail::math_policy>(), p);
}

RAPPORT_INSTANCE(double normal_cdf(const double&));
RAPPORT_INSTANCE(double normal_upper_tail(const double&));
RAPPORT_INSTANCE(double normal_quantile(const double&));

}  // namespace rapport::stats
