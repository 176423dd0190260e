// SPDX-License-Identifier: BSL-1.0
// How well a factor model reproduces the covariances: chi-square, RMSEA with interval, TLI, CFI, SRMR, BIC.
#pragma once

#include <algorithm>
#include <cmath>
#include <optional>

#include <rapport/core/estimate.hpp>
#include <rapport/core/result.hpp>
#include <rapport/stats/covariance.hpp>
#include <rapport/stats/distribution/chi_squared.hpp>
#include <rapport/stats/linalg/cholesky.hpp>
#include <rapport/stats/matrix.hpp>

namespace rapport::stats {

/// Which conventions turn a discrepancy into a chi-square.
enum class fit_convention : unsigned char {
  confirmatory,  ///< n F, RMSEA per n, as programs for structural equations print them; n is what the S with divisor n has
  exploratory  ///< Bartlett's (n - 1 - (2k + 5)/6 - 2m/3) F, RMSEA per n - 1, as programs for factor analysis do
};

/// Indices of fit. What has no meaning without degrees of freedom is empty then.
template <class Scalar>
struct fit_indices {
  Scalar discrepancy{};  ///< log|S| + tr(S^-1 C) - log|C| - k
  Scalar chi_square{};
  index df = 0;
  std::optional<Scalar> p{};     ///< P(chi-square at least this large | the model holds); empty at df 0
  Scalar baseline_chi_square{};  ///< of uncorrelated items
  index baseline_df = 0;
  Scalar rmsea{};  ///< 0 at df 0
  basic_interval<Scalar> rmsea_interval{};
  std::optional<Scalar> tli{};  ///< can exceed 1; 1 at df 0
  std::optional<Scalar> cfi{};
  Scalar srmr{};          ///< of residual correlations, diagonal included
  Scalar rms_residual{};  ///< of residual correlations off the diagonal
  Scalar bic{};           ///< chi-square - df log n
};

namespace detail {

/// log|S| + tr(S^-1 C) - log|C| - k; empty if one of the two is not positive definite.
template <class Scalar>
[[nodiscard]] std::optional<Scalar> ml_discrepancy(const matrix<Scalar>& implied, const matrix<Scalar>& observed) {
  const auto s = cholesky_factor<Scalar>::make(implied);
  const auto c = cholesky_factor<Scalar>::make(observed);
  if (!s || !c) return std::nullopt;
  const Scalar f =
      s->log_determinant() + s->solve(observed).trace() - c->log_determinant() - static_cast<Scalar>(observed.rows());
  return f > 0 ? f : Scalar(0);
}

/// The noncentrality at which a chi-square this large has the given lower-tail probability; 0 if there is none.
template <class Scalar>
[[nodiscard]] Scalar noncentrality_at(const Scalar& chi_square, const Scalar& df, const Scalar& probability) {
  const auto excess = [&](const Scalar& ncp) {
    return Scalar(non_central_chi_squared_cdf<Scalar>(chi_square, df, ncp) - probability);
  };
  if (!(excess(Scalar(0)) > 0)) return Scalar(0);
  Scalar low(0);
  Scalar high = (std::max)(chi_square, Scalar(1));
  while (excess(high) > 0) {
    low = high;
    high *= 2;
  }
  for (int step = 0; step < 200 && high - low > 4 * std::numeric_limits<Scalar>::epsilon() * high; ++step) {
    const Scalar middle = (low + high) / 2;
    (excess(middle) > 0 ? low : high) = middle;
  }
  return (low + high) / 2;
}

}  // namespace detail

/// Fit of an implied covariance matrix to an observed one.
/// Model:       chi-square = N F(S, C); RMSEA = sqrt(max(chi-square - df, 0) / (df n'));
///              TLI = (b - r) / (b - 1), b and r the chi-squares per df of baseline and model;
///              CFI = 1 - max(chi-square - df, 0) / max of that and the baseline's; N and n' as `convention` says
/// \param implied     the matrix that the model implies
/// \param observed    the matrix analysed, positive definite; divisor n or n - 1 is the same here
/// \param n           persons behind it, at least 2
/// \param df          the model's degrees of freedom, not negative
/// \param n_factors   for Bartlett's multiplier; 0 otherwise
/// \param convention  see fit_convention
/// \param level       of the interval for RMSEA
/// \return      the indices
/// Errors:      errc::not_positive_definite; errc::size_mismatch; errc::too_few_rows; errc::zero_variance;
///              errc::invalid_option
/// Numerics:    interval by bisection on the noncentral chi-squared distribution to the last digits
/// Not for:     answers in few categories taken as numbers: chi-square is then too large
/// Reference:   Steiger & Lind (1980); Tucker & Lewis (1973), doi 10.1007/BF02291170; Bentler (1990),
///              doi 10.1037/0033-2909.107.2.238
/// R:           lavaan::fitMeasures(); factanal()$STATISTIC with exploratory
template <class Scalar>
[[nodiscard]] result<fit_indices<Scalar>> compute_fit_indices(const matrix<Scalar>& implied,
                                                              const matrix<Scalar>& observed, index n, index df,
                                                              index n_factors, fit_convention convention,
                                                              double level = 0.90) {
  constexpr const char* function = "compute_fit_indices";
  using std::log;
  using std::sqrt;
  if (auto legal = check_level(level, function); !legal) return legal.error();
  if (implied.rows() != observed.rows() || implied.cols() != observed.cols()) {
    return error{.code = errc::size_mismatch,
                 .function = function,
                 .value = static_cast<double>(implied.rows()),
                 .lower = static_cast<double>(observed.rows()),
                 .subject = "the implied matrix"};
  }
  if (n < 2)
    return error{.code = errc::too_few_rows, .function = function, .value = static_cast<double>(n), .lower = 2};
  const auto r = correlation_from_covariance(observed);
  if (!r) return r.error();
  const auto discrepancy = detail::ml_discrepancy(implied, observed);
  const auto r_factor = cholesky_factor<Scalar>::make(*r);
  if (!discrepancy || !r_factor) {
    return error{.code = errc::not_positive_definite, .function = function, .subject = "the items"};
  }

  const index k = observed.rows();
  const auto persons = static_cast<Scalar>(n);
  const auto items = static_cast<Scalar>(k);
  const bool exploratory = convention == fit_convention::exploratory;
  const Scalar null_multiplier = exploratory ? Scalar(persons - 1 - (2 * items + 5) / 6) : persons;
  const Scalar multiplier =
      exploratory ? Scalar(null_multiplier - 2 * static_cast<Scalar>(n_factors) / 3) : null_multiplier;
  fit_indices<Scalar> out;
  out.discrepancy = *discrepancy;
  out.df = df;
  out.chi_square = (std::max)(Scalar(0), Scalar(multiplier * *discrepancy));
  out.baseline_df = k * (k - 1) / 2;
  out.baseline_chi_square = (std::max)(Scalar(0), Scalar(null_multiplier * -r_factor->log_determinant()));
  out.bic = out.chi_square - static_cast<Scalar>(df) * log(persons);

  const auto degrees = static_cast<Scalar>(df);
  const Scalar per = exploratory ? Scalar(persons - 1) : persons;
  const Scalar excess = (std::max)(Scalar(0), Scalar(out.chi_square - degrees));
  out.rmsea_interval.level = level;
  if (df > 0) {
    out.p = chi_squared_upper_tail<Scalar>(out.chi_square, degrees);
    out.rmsea = sqrt(excess / (degrees * per));
    const Scalar tail = (1 - static_cast<Scalar>(level)) / 2;
    out.rmsea_interval.lower =
        sqrt(detail::noncentrality_at<Scalar>(out.chi_square, degrees, 1 - tail) / (degrees * per));
    out.rmsea_interval.upper = sqrt(detail::noncentrality_at<Scalar>(out.chi_square, degrees, tail) / (degrees * per));
  }
  const auto baseline_degrees = static_cast<Scalar>(out.baseline_df);
  const Scalar baseline_excess = (std::max)(Scalar(0), Scalar(out.baseline_chi_square - baseline_degrees));
  const Scalar largest_excess = (std::max)(excess, baseline_excess);
  out.cfi = largest_excess > 0 ? Scalar(1 - excess / largest_excess) : Scalar(1);
  if (df == 0) {
    out.tli = Scalar(1);
  } else if (const Scalar ratio = out.baseline_chi_square / baseline_degrees; ratio != 1) {
    out.tli = (ratio - out.chi_square / degrees) / (ratio - 1);
  }

  Scalar off_diagonal(0);
  Scalar diagonal(0);
  for (index j = 0; j < k; ++j) {
    for (index i = 0; i <= j; ++i) {
      const Scalar residual = (observed(i, j) - implied(i, j)) / sqrt(observed(i, i) * observed(j, j));
      (i == j ? diagonal : off_diagonal) += residual * residual;
    }
  }
  out.srmr = sqrt((off_diagonal + diagonal) / (items * (items + 1) / 2));
  out.rms_residual = sqrt(off_diagonal / baseline_degrees);
  return out;
}

RAPPORT_INSTANCE(result<fit_indices<double>> compute_fit_indices(const matrix<double>&, const matrix<double>&, index,
                                                                 index, index, fit_convention, double));

}  // namespace rapport::stats
