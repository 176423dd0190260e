// SPDX-License-Identifier: BSL-1.0
// Fisher's F distribution.
#pragma once

#include <boost/math/distributions/fisher_f.hpp>

#include <rapport/core/config.hpp>
#include <rapport/stats/detail/math_policy.hpp>

namespace rapport::stats {

/// The f with P(F <= f) = p for df1, df2 > 0 degrees of freedom; p strictly between 0 and 1.
/// R: qf(p, df1, df2)
template <class Scalar>
[[nodiscard]] Scalar fisher_f_quantile(const Scalar& p, const Scalar& df1, const Scalar& df2) {
  return boost::math::quantile(boost::math::fisher_f_distribution<Scalar, detail::math_policy>(df1, df2), p);
}

/// P(F > f) for df1, df2 > 0 degrees of freedom; f not negative; accurate far in the tail.
/// R: pf(f, df1, df2, lower.tail = FALSE)
template <class Scalar>
[[nodiscard]] Scalar fisher_f_upper_tail(const Scalar& f, const Scalar& df1, const Scalar& df2) {
  return boost::math::cdf(complement(boost::math::fisher_f_distribution<Scalar, detail::math_policy>(df1, df2), f));
}

RAPPORT_INSTANCE(double fisher_f_quantile(const double&, const double&, const double&));
RAPPORT_INSTANCE(double fisher_f_upper_tail(const double&, const double&, const double&));

}  // namespace rapport::stats
