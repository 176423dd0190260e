// SPDX-License-Identifier: BSL-1.0
// What a factor analysis returns, and how it ended.
#pragma once

#include <string_view>
#include <vector>

#include <rapport/core/result.hpp>
#include <rapport/stats/matrix.hpp>

namespace rapport::stats {

/// How an extraction of factors ended. The estimates stand in the solution in every case.
enum class factor_status : unsigned char {
  converged,     ///< an optimum inside the bounds
  heywood,       ///< an optimum with a uniqueness on its lower bound: see factor_solution::heywood_items
  not_converged  ///< the iterations ran out; do not report the numbers
};

/// The status as a word.
[[nodiscard]] constexpr std::string_view to_string(factor_status status) noexcept {
  switch (status) {
    case factor_status::converged: return "converged";
    case factor_status::heywood: return "heywood";
    case factor_status::not_converged: break;
  }
  return "not converged";
}

/// What is minimised.
enum class factor_method : unsigned char {
  maximum_likelihood,  ///< log|S| + tr(S^-1 R) - log|R| - k, S the matrix that the factors imply
  minimum_residual,    ///< the squared residual correlations
  principal_axis       ///< the communalities that reproduce themselves, by iteration
};

/// How factors are extracted.
struct factor_options {
  factor_method method = factor_method::maximum_likelihood;
  double least_uniqueness = 0.005;  ///< as a share of an item's variance; between 0 and 1, both excluded
  int starts = 9;                   ///< starting points of minimum residual and maximum likelihood; at least 1
};

/// Checks the options.
/// Errors: errc::invalid_option naming the field
[[nodiscard]] inline result<void> validate(const factor_options& options) {
  if (!(options.least_uniqueness > 0 && options.least_uniqueness < 1)) {
    return error{.code = errc::invalid_option,
                 .function = "factor_analysis",
                 .value = options.least_uniqueness,
                 .lower = 0,
                 .upper = 1,
                 .subject = "the least uniqueness"};
  }
  if (options.starts < 1) {
    return error{.code = errc::invalid_option,
                 .function = "factor_analysis",
                 .value = static_cast<double>(options.starts),
                 .lower = 1,
                 .upper = 1000,
                 .subject = "the number of starts"};
  }
  return {};
}

/// Loadings and uniquenesses of a factor model, S = loadings loadings' + diag(uniqueness).
template <class Scalar>
struct factor_solution {
  matrix<Scalar> loadings{};    ///< items x factors, in the units of the matrix analysed
  vector<Scalar> uniqueness{};  ///< one per item, same units squared
  Scalar objective{};           ///< what the method minimised, at the end
  Scalar gradient_norm{};       ///< of the objective along the coordinates that are not on a bound
  factor_status status = factor_status::not_converged;
  std::vector<index> heywood_items{};  ///< items whose uniqueness stands on its lower bound
  int evaluations = 0;                 ///< of the objective, from the best start

  [[nodiscard]] index n_items() const noexcept { return loadings.rows(); }
  [[nodiscard]] index n_factors() const noexcept { return loadings.cols(); }
  /// The matrix that the model implies.
  [[nodiscard]] matrix<Scalar> implied() const {
    matrix<Scalar> s = loadings * loadings.transpose();
    s.diagonal() += uniqueness;
    return s;
  }
};

}  // namespace rapport::stats
