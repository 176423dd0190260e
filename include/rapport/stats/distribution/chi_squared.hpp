// SPDX-License-Identifier: BSL-1.0
// The chi-squared distribution, central and noncentral.
#pragma once

#include <boost/math/distributions/chi_squared.hpp>
#include <boost/math/distributions/non_central_chi_squared.hpp>
#include <boost/math/special_functions/digamma.hpp>
#include <boost/math/special_functions/trigamma.hpp>

#include <cmath>

#include <rapport/core/config.hpp>
#include <rapport/stats/detail/math_policy.hpp>

namespace rapport::stats {

/// The x with P(X <= x) = p for df > 0 degrees of freedom (need not be whole); p strictly between 0 and 1.
/// R: qchisq(p, df)
template <class Scalar>
[[nodiscard]] Scalar chi_squared_quantile(const Scalar& p, const Scalar& df) {
  return boost::math::quantile(boost::math::chi_squared_distribution<Scalar, detail::math_policy>(df), p);
}

/// P(X > x) for a chi-squared X with df > 0 degrees of freedom; x not negative; accurate far in the tail.
/// R: pchisq(x, df, lower.tail = FALSE)
template <class Scalar>
[[nodiscard]] Scalar chi_squared_upper_tail(const Scalar& x, const Scalar& df) {
  return boost::math::cdf(complement(boost::math::chi_squared_distribution<Scalar, detail::math_policy>(df), x));
}

/// P(X <= x) for a noncentral chi-squared X with df > 0 degrees of freedom and noncentrality ncp; x, ncp not negative.
/// R: pchisq(x, df, ncp)
template <class Scalar>
[[nodiscard]] Scalar non_central_chi_squared_cdf(const Scalar& x, const Scalar& df, const Scalar& ncp) {
  if (!(ncp > 0)) {
    return boost::math::cdf(boost::math::chi_squared_distribution<Scalar, detail::math_policy>(df), x);
  }
  return boost::math::cdf(boost::math::non_central_chi_squared_distribution<Scalar, detail::math_policy>(df, ncp), x);
}

/// E log(X / df) for a chi-squared X with df > 0 degrees of freedom: the bias of the logarithm of a sample variance.
/// R: digamma(df / 2) - log(df / 2)
template <class Scalar>
[[nodiscard]] Scalar log_chi_squared_mean(const Scalar& df) {
  using std::log;
  return boost::math::digamma(Scalar(df / 2), detail::math_policy()) - log(Scalar(df / 2));
}

/// Var log X for a chi-squared X with df > 0 degrees of freedom: that of the logarithm of a sample variance.
/// R: trigamma(df / 2)
template <class Scalar>
[[nodiscard]] Scalar log_chi_squared_variance(const Scalar& df) {
  return boost::math::trigamma(Scalar(df / 2), detail::math_policy());
}

RAPPORT_INSTANCE(double log_chi_squared_mean(const double&));
RAPPORT_INSTANCE(double log_chi_squared_variance(const double&));
RAPPORT_INSTANCE(double chi_squared_quantile(const double&, const double&));
RAPPORT_INSTANCE(double chi_squared_upper_tail(const double&, const double&));
RAPPORT_INSTANCE(double non_central_chi_squared_cdf(const double&, const double&, const double&));

}  // namespace rapport::stats
