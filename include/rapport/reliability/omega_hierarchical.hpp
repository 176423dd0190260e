// SPDX-License-Identifier: BSL-1.0
// Omega hierarchical and total from several correlated factors, by the transform of Schmid and Leiman.
#pragma once

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include <rapport/core/failure.hpp>
#include <rapport/core/result.hpp>
#include <rapport/reliability/alpha.hpp>
#include <rapport/stats/covariance.hpp>
#include <rapport/stats/factor_analysis/extraction.hpp>
#include <rapport/stats/rotation.hpp>

namespace rapport {

/// How the factors are found.
struct omega_hierarchical_options {
  index n_factors = 3;  ///< at least 2
  stats::factor_method method = stats::factor_method::minimum_residual;
  stats::rotation_options rotation{};  ///< must be oblique
};

/// A general factor and group factors, uncorrelated with each other.
template <class Scalar>
struct basic_omega_hierarchical {
  Scalar omega_hierarchical{};           ///< share of the sum's variance that the general factor explains
  Scalar omega_total{};                  ///< share that all factors explain
  Scalar explained_common_variance{};    ///< the general factor's share of the communalities
  stats::vector<Scalar> general{};       ///< loadings on the general factor
  stats::matrix<Scalar> group{};         ///< loadings on the group factors
  stats::vector<Scalar> second_order{};  ///< loadings of the factors on the general one
  stats::vector<Scalar> uniqueness{};
  stats::matrix<Scalar> factor_correlation{};
  std::vector<std::string> notes{};
};

/// Omega hierarchical and omega total of standardized items.
/// Model:       m oblique factors with pattern P and correlations Phi = g g' + diag; general loadings P g;
///              omega_h = (sum of general loadings)^2 / sum of R; omega_t = 1 - sum of uniquenesses / sum of R
/// \param c        covariances of the items, reversed items reversed already
/// \param options  number of factors, extraction, oblique rotation
/// \return      the two coefficients and the solution behind them; `notes` name Heywood cases and what is arbitrary
/// Errors:      errc::too_many_factors, also for fewer than 2; errc::invalid_option for an orthogonal rotation; those of
///              extract_factors and rotate; errc::negative_total_variance
/// Missing:     as the covariances handled it
/// Numerics:    each step converged to rounding; with two factors both are given the same second-order loading, since only
///              their product is known
/// Not for:     items of one factor: the group factors are noise then, and omega_h is too low
/// Reference:   Schmid & Leiman (1957), doi 10.1007/BF02289209; Zinbarg et al. (2005), doi 10.1007/s11336-003-0974-7
/// R:           psych::omega(R, nfactors = 3, flip = FALSE), whose rotation starts from varimax alone
template <class Scalar>
[[nodiscard]] result<basic_omega_hierarchical<Scalar>> omega_hierarchical(
    const stats::covariance_estimate<Scalar>& c, const omega_hierarchical_options& options = {}) {
  constexpr const char* function = "omega_hierarchical";
  using std::abs;
  using std::sqrt;
  if (auto usable = detail::check_alpha_input(c, function); !usable) return usable.error();
  if (options.rotation.method != stats::rotation_method::oblimin &&
      options.rotation.method != stats::rotation_method::geomin &&
      options.rotation.method != stats::rotation_method::promax) {
    return error{.code = errc::invalid_option,
                 .function = function,
                 .value = static_cast<double>(options.rotation.method),
                 .lower = 2,
                 .upper = 4,
                 .subject = "the rotation"};
  }
  if (options.n_factors < 2) {
    return error{.code = errc::too_many_factors,
                 .function = function,
                 .value = static_cast<double>(options.n_factors),
                 .lower = static_cast<double>(c.n_columns())};
  }
  const auto r = stats::correlation_from_covariance(c.covariance);
  if (!r) return r.error();
  const auto factors = stats::extract_factors(*r, options.n_factors, {.method = options.method});
  if (!factors) return factors.error();
  const auto rotated = stats::rotate(factors->loadings, options.rotation);
  if (!rotated) return rotated.error();
  const Scalar total = r->sum();
  if (!(total > 0)) {
    return error{.code = errc::negative_total_variance, .function = function, .value = static_cast<double>(total)};
  }

  basic_omega_hierarchical<Scalar> out;
  out.factor_correlation = rotated->factor_correlation;
  out.uniqueness = factors->uniqueness;
  if (options.n_factors == 2) {
    const Scalar phi = out.factor_correlation(0, 1);
    out.second_order.resize(2);
    out.second_order << sqrt(abs(phi)), (phi < 0 ? -sqrt(-phi) : sqrt(phi));
    out.notes.emplace_back("with two factors the share of each in the general factor is arbitrary: they are set equal");
  } else {
    const auto second =
        stats::extract_factors(out.factor_correlation, 1, {.method = stats::factor_method::minimum_residual});
    if (!second) return second.error();
    out.second_order = second->loadings.col(0);
    for (const index f : second->heywood_items) {
      out.notes.push_back("Heywood case: group factor " + std::to_string(f + 1) + " is all but the general factor");
    }
  }
  for (const index i : factors->heywood_items) {
    out.notes.push_back("Heywood case: the uniqueness of item " + std::to_string(i + 1) + " stands on its lower bound");
  }
  if (factors->status == stats::factor_status::not_converged || !rotated->converged) {
    out.notes.emplace_back("the factor solution did not converge: do not report these numbers");
  }
  out.general = rotated->loadings * out.second_order;
  const stats::vector<Scalar> left = (1 - out.second_order.array().square()).max(Scalar(0)).sqrt();
  out.group = rotated->loadings * left.asDiagonal();
  out.omega_hierarchical = out.general.sum() * out.general.sum() / total;
  out.omega_total = 1 - out.uniqueness.sum() / total;
  const Scalar common = static_cast<Scalar>(c.n_columns()) - out.uniqueness.sum();
  out.explained_common_variance = common > 0 ? Scalar(out.general.squaredNorm() / common) : Scalar(0);
  return out;
}

}  // namespace rapport
