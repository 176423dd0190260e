// SPDX-License-Identifier: BSL-1.0
// Student's t distribution.
#pragma once

#include <boost/math/distributions/students_t.hpp>

#include <rapport/core/config.hpp>
#include <rapport/stats/detail/math_policy.hpp>

namespace rapport::stats {

/// The t with P(T <= t) = p for df > 0 degrees of freedom (need not be whole); p strictly between 0 and 1.
/// R: qt(p, df)
template <class Scalar>
[[nodiscard]] Scalar student_t_quantile(const Scalar& p, const Scalar& df) {
  return boost::math::quantile(boost::math::students_t_distribution<Scalar, detail::math_policy>(df), p);
}

/// P(|T| >= |t|): the two-sided p-value of a t statistic.
/// R: 2 * pt(abs(t), df, lower.tail = FALSE)
template <class Scalar>
[[nodiscard]] Scalar student_t_two_sided(const Scalar& t, const Scalar& df) {
  const Scalar magnitude = t < 0 ? -t : t;
  return 2 *
         boost::math::cdf(complement(boost::math::students_t_distribution<Scalar, detail::math_policy>(df), magnitude));
}

RAPPORT_INSTANCE(double student_t_quantile(const double&, const double&));
RAPPORT_INSTANCE(double student_t_two_sided(const double&, const double&));

}  // namespace rapport::stats
