// SPDX-License-Identifier: BSL-1.0
// The standard error of a function of covariances, without an assumption on how the answers are distributed.
#pragma once

#include <algorithm>
#include <cmath>

#include <rapport/core/missing.hpp>
#include <rapport/core/result.hpp>
#include <rapport/stats/covariance.hpp>
#include <rapport/stats/matrix.hpp>

namespace rapport::stats {

/// The distribution-free (ADF) standard error of a smooth function of covariances.
/// Model:       sqrt(sum of (d_i - mean d)^2 / (n (n - 1))), d_i what person i adds to the function: its slope times the
///              person's products of deviations
/// \param items  persons x items; NaN is missing; the table from which `c` was computed
/// \param c      its covariances
/// \param slope  k x k, symmetric: the change of the function is the sum of slope_ij times the change of covariance_ij
/// \return      the standard error; n is complete persons (listwise) or persons with any answer (pairwise)
/// Errors:      errc::size_mismatch if the three do not belong together; errc::too_few_rows below 2 persons
/// Missing:     as the covariances handled it; pairwise: a person's product of two items counts n / n_pair times
/// Numerics:    one pass, O(n k^2)
/// Not for:     fewer than some hundred persons: it is too small there; leave out one person at a time instead
/// Reference:   Browne (1984), doi 10.1111/j.2044-8317.1984.tb00789.x
template <class Scalar>
[[nodiscard]] result<Scalar> adf_standard_error_of(const matrix_ref<Scalar>& items,
                                                   const covariance_estimate<Scalar>& c, const matrix<Scalar>& slope) {
  using std::sqrt;
  constexpr const char* function = "adf_standard_error_of";
  const index k = c.n_columns();
  if (items.cols() != k || items.rows() != c.n_rows || slope.rows() != k || slope.cols() != k) {
    return error{.code = errc::size_mismatch,
                 .function = function,
                 .value = static_cast<double>(k),
                 .lower = static_cast<double>(items.cols()),
                 .subject = "the covariance matrix"};
  }
  const bool pairwise = c.handling == missing_cells::pairwise;
  matrix<Scalar> weight = slope;
  if (pairwise && c.n_complete < c.n_rows)
    weight.array() *= static_cast<Scalar>(c.n_rows - c.n_empty) / c.n_pair.array();
  const matrix<Scalar> expected = weight.cwiseProduct(c.covariance);
  const Scalar expected_of_all = expected.sum();

  Scalar n(0);
  Scalar sum(0);
  Scalar squares(0);  // about zero: the parts of a person sum to nearly nothing, so no digits are lost
  vector<Scalar> d(k);
  vector<Scalar> here(k);
  for (index i = 0; i < items.rows(); ++i) {
    index answered = 0;
    for (index j = 0; j < k; ++j) {
      const bool given = !is_missing(items(i, j));
      here(j) = given ? Scalar(1) : Scalar(0);
      d(j) = given ? Scalar(items(i, j) - c.mean(j)) : Scalar(0);
      answered += given ? 1 : 0;
    }
    if (answered == 0 || (!pairwise && answered < k)) continue;
    const Scalar mean = answered == k ? expected_of_all : Scalar(here.dot(expected * here));
    const Scalar part = d.dot(weight * d) - mean;
    n += 1;
    sum += part;
    squares += part * part;
  }
  if (n < 2)
    return error{.code = errc::too_few_rows, .function = function, .value = static_cast<double>(n), .lower = 2};
  const Scalar variance = (squares - sum * sum / n) / (n * (n - 1));
  return Scalar(sqrt((std::max)(Scalar(0), variance)));
}

}  // namespace rapport::stats
