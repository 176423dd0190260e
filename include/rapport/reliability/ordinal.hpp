// SPDX-License-Identifier: BSL-1.0
// Coefficients for answers in categories: ordinal alpha, and categorical omega of the sum score (Green and Yang).
#pragma once

#include <string>
#include <utility>
#include <vector>

#include <rapport/core/failure.hpp>
#include <rapport/core/result.hpp>
#include <rapport/reliability/alpha.hpp>
#include <rapport/stats/distribution/bivariate_normal.hpp>
#include <rapport/stats/factor_analysis/weighted_one_factor.hpp>
#include <rapport/stats/polychoric.hpp>

namespace rapport {

/// Ordinal alpha: alpha of the polychoric correlations.
/// Model:       k r / (1 + (k - 1) r), r = mean polychoric correlation
/// \param p     polychoric correlations of the items
/// \return      the coefficient
/// Errors:      errc::too_few_columns; errc::negative_total_variance
/// Missing:     as the correlations handled it
/// Not for:     the reliability of the sum score that is used: it is that of a score of continuous answers which nobody has
///              given, and nearly always higher. See categorical_omega
/// Reference:   Zumbo, Gadermann & Zeisser (2007), doi 10.22237/jmasm/1177992180; Chalmers (2018),
///              doi 10.1177/0013164417727036 on what it is not
/// R:           psych::alpha(psych::polychoric(x)$rho)$total$raw_alpha
template <class Scalar>
[[nodiscard]] result<Scalar> ordinal_alpha(const stats::polychoric_estimate<Scalar>& p) {
  const auto c = p.as_covariance();
  if (auto usable = detail::check_alpha_input(c, "ordinal_alpha"); !usable) return usable.error();
  return detail::alpha_of(c.covariance);
}

/// Omega of the sum of answers in categories.
template <class Scalar>
struct basic_categorical_omega {
  Scalar omega{};                             ///< denominator: variance that the polychoric correlations imply
  Scalar omega_model{};                       ///< denominator: variance that the one-factor model implies
  stats::factor_solution<Scalar> solution{};  ///< of the polychoric correlations, weighted least squares
  std::vector<std::string> notes{};
};

namespace detail {

/// The covariance of two items with these thresholds and steps between categories, given the correlation behind them.
template <class Scalar>
[[nodiscard]] Scalar categorical_covariance(const stats::vector<Scalar>& thresholds_a,
                                            const stats::vector<Scalar>& steps_a,
                                            const stats::vector<Scalar>& thresholds_b,
                                            const stats::vector<Scalar>& steps_b, const Scalar& rho) {
  Scalar sum(0);
  for (index a = 0; a < thresholds_a.size(); ++a) {
    for (index b = 0; b < thresholds_b.size(); ++b) {
      sum += steps_a(a) * steps_b(b) *
             (stats::bivariate_normal_cdf<Scalar>(thresholds_a(a), thresholds_b(b), rho) -
              stats::normal_cdf<Scalar>(thresholds_a(a)) * stats::normal_cdf<Scalar>(thresholds_b(b)));
    }
  }
  return sum;
}

}  // namespace detail

/// Categorical omega: the reliability of the sum score of answers in categories, one factor behind them.
/// Model:       numerator: sum over all pairs (i, i too) of the covariance of two answers whose normal variables correlate
///              l_i l_j; denominator: the same with the polychoric r_ij (1 for i, i)
/// \param p     polychoric correlations and thresholds of the items, reversed items reversed already
/// \return      omega with both denominators, and the solution behind them; notes name what is doubtful
/// Errors:      errc::too_few_columns below 3 items; errc::numeric_failure where a correlation has no sampling variance;
///              errc::negative_total_variance
/// Missing:     as the correlations handled it
/// Numerics:    loadings by diagonally weighted least squares; O(k^2 categories^2) bivariate normal probabilities
/// Not for:     items of several factors; answers in so many steps that they may pass for continuous
/// Reference:   Green & Yang (2009), doi 10.1007/s11336-008-9099-3, eq. 21
/// R:           semTools::compRelSEM(fit, ord.scale = TRUE), fit an ordered one-factor model
template <class Scalar>
[[nodiscard]] result<basic_categorical_omega<Scalar>> categorical_omega(const stats::polychoric_estimate<Scalar>& p) {
  auto fit = stats::fit_weighted_one_factor(p.correlation, p.sampling_variance);
  if (!fit) return fit.error();
  const index k = p.correlation.cols();
  std::vector<stats::vector<Scalar>> steps;
  for (const auto& values : p.categories) {
    steps.emplace_back(values.tail(values.size() - 1) - values.head(values.size() - 1));
  }
  Scalar common(0);
  Scalar observed(0);
  Scalar modelled(0);
  for (index j = 0; j < k; ++j) {
    for (index i = 0; i <= j; ++i) {
      const auto covariance = [&](const Scalar& rho) {
        return detail::categorical_covariance<Scalar>(p.thresholds[as_size(i)], steps[as_size(i)],
                                                      p.thresholds[as_size(j)], steps[as_size(j)], rho);
      };
      const Scalar times = i == j ? Scalar(1) : Scalar(2);
      const Scalar by_factor = times * covariance(fit->loadings(i, 0) * fit->loadings(j, 0));
      common += by_factor;
      observed += times * covariance(p.correlation(i, j));
      modelled += i == j ? covariance(Scalar(1)) : by_factor;
    }
  }
  if (!(observed > 0) || !(modelled > 0)) {
    return error{
        .code = errc::negative_total_variance, .function = "categorical_omega", .value = static_cast<double>(observed)};
  }
  basic_categorical_omega<Scalar> out;
  out.omega = common / observed;
  out.omega_model = common / modelled;
  for (const index i : fit->heywood_items) {
    out.notes.push_back("Heywood case: the loading of item " + std::to_string(i + 1) + " stands on its bound");
  }
  for (const auto& [i, j] : p.at_bound) {
    out.notes.push_back("the polychoric correlation of items " + std::to_string(i + 1) + " and " +
                        std::to_string(j + 1) + " stands on its bound: cells of their table are empty");
  }
  if (fit->status == stats::factor_status::not_converged) {
    out.notes.emplace_back("the one-factor model did not converge: do not report these numbers");
  }
  out.solution = std::move(*fit);
  return out;
}

}  // namespace rapport
