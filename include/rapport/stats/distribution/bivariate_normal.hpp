// SPDX-License-Identifier: BSL-1.0
// The standard bivariate normal distribution.
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>

#include <boost/math/special_functions/owens_t.hpp>

#include <rapport/core/config.hpp>
#include <rapport/stats/detail/math_policy.hpp>
#include <rapport/stats/distribution/normal.hpp>

namespace rapport::stats {

/// The density at (x, y) of two standard normals with correlation rho strictly between -1 and 1; 0 at infinity.
/// R: mvtnorm::dmvnorm(c(x, y), sigma = matrix(c(1, rho, rho, 1), 2))
template <class Scalar>
[[nodiscard]] Scalar bivariate_normal_density(const Scalar& x, const Scalar& y, const Scalar& rho) {
  using std::exp;
  using std::isfinite;
  using std::sqrt;
  if (!isfinite(x) || !isfinite(y)) return Scalar(0);
  const Scalar rest = 1 - rho * rho;
  const Scalar two_pi = static_cast<Scalar>(6.283185307179586476925286766559L);
  return exp(-(x * x - 2 * rho * x * y + y * y) / (2 * rest)) / (two_pi * sqrt(rest));
}

/// P(X <= x, Y <= y) for two standard normals with correlation rho between -1 and 1.
///
/// By Owen's T function: the absolute error is a few roundings, so a very small probability has fewer digits.
/// Reference: Owen (1956), doi 10.1214/aoms/1177728074
/// R: mvtnorm::pmvnorm(upper = c(x, y), corr = matrix(c(1, rho, rho, 1), 2))
template <class Scalar>
[[nodiscard]] Scalar bivariate_normal_cdf(const Scalar& x, const Scalar& y, const Scalar& rho) {
  using std::sqrt;
  const Scalar infinity = std::numeric_limits<Scalar>::infinity();
  if (x == -infinity || y == -infinity) return Scalar(0);
  if (x == infinity) return y == infinity ? Scalar(1) : normal_cdf(y);
  if (y == infinity) return normal_cdf(x);
  if (!(rho < 1)) return normal_cdf(Scalar((std::min)(x, y)));
  if (!(rho > -1)) return (std::max)(Scalar(0), Scalar(normal_cdf(x) - normal_cdf(Scalar(-y))));
  const Scalar root = sqrt((1 - rho) * (1 + rho));
  const auto owens_t = [](const Scalar& h, const Scalar& a) {
    return Scalar(boost::math::owens_t(h, a, detail::math_policy()));
  };
  if (x == 0 && y == 0) {
    // T(0, a) = atan(a) / (2 pi), at the slope of the diagonal.
    const Scalar slope = (1 - rho) / root;
    return Scalar(0.5) - 2 * owens_t(Scalar(0), slope);
  }
  if (x == 0) return normal_cdf(y) / 2 - owens_t(y, Scalar(-rho / root));
  if (y == 0) return normal_cdf(x) / 2 - owens_t(x, Scalar(-rho / root));
  const Scalar halves = (normal_cdf(x) + normal_cdf(y)) / 2;
  const Scalar parts = owens_t(x, Scalar((y / x - rho) / root)) + owens_t(y, Scalar((x / y - rho) / root));
  const bool opposite = (x < 0) != (y < 0);
  const Scalar p = halves - parts - (opposite ? Scalar(0.5) : Scalar(0));
  return (std::max)(Scalar(0), p);
}

RAPPORT_INSTANCE(double bivariate_normal_cdf(const double&, const double&, const double&));

}  // namespace rapport::stats
