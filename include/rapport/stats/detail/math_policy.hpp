// SPDX-License-Identifier: BSL-1.0
// The one policy with which Boost.Math is called: no exceptions, no errno, no promotion; NaN where nothing is defined.
#pragma once

#include <boost/math/policies/policy.hpp>

namespace rapport::stats::detail {

// Boost's default policy changes from throwing to errno when exceptions are switched off, and its promotion to long
// double has thrown where double did not. With this one, all builds behave alike; callers check before and after.
using math_policy = boost::math::policies::policy<
    boost::math::policies::domain_error<boost::math::policies::ignore_error>,
    boost::math::policies::pole_error<boost::math::policies::ignore_error>,
    boost::math::policies::overflow_error<boost::math::policies::ignore_error>,
    boost::math::policies::underflow_error<boost::math::policies::ignore_error>,
    boost::math::policies::denorm_error<boost::math::policies::ignore_error>,
    boost::math::policies::evaluation_error<boost::math::policies::ignore_error>,
    boost::math::policies::indeterminate_result_error<boost::math::policies::ignore_error>,
    boost::math::policies::rounding_error<boost::math::policies::ignore_error>,
    boost::math::policies::promote_float<false>, boost::math::policies::promote_double<false>>;

}  // namespace rapport::stats::detail
