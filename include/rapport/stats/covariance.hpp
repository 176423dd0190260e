// SPDX-License-Identifier: BSL-1.0
// The covariance matrix of a table with or without missing cells.
#pragma once

#include <algorithm>
#include <cmath>

#include <rapport/core/missing.hpp>
#include <rapport/core/result.hpp>
#include <rapport/stats/matrix.hpp>

namespace rapport::stats {

/// Which rows enter the covariance of two columns.
enum class missing_cells : unsigned char {
  pairwise,  ///< all rows in which both columns have a value
  listwise   ///< only rows without any missing cell
};

/// A covariance matrix and what it rests on.
template <class Scalar>
struct covariance_estimate {
  matrix<Scalar> covariance{};  ///< divisor n - 1; pairwise: each cell about the means of its own rows
  vector<Scalar> mean{};        ///< of the rows used, column by column
  matrix<Scalar> n_pair{};      ///< rows behind each cell
  index n_rows = 0;             ///< rows given
  index n_empty = 0;            ///< rows without a single value
  index n_complete = 0;         ///< rows without a missing cell
  missing_cells handling = missing_cells::pairwise;

  [[nodiscard]] index n_columns() const noexcept { return covariance.cols(); }
  /// The n behind intervals: all rows given when pairwise, as R's packages count them; complete rows when listwise.
  [[nodiscard]] index n() const noexcept { return handling == missing_cells::pairwise ? n_rows : n_complete; }
};

namespace detail {

/// What the first pass over the table finds.
template <class Scalar>
struct column_scan {
  vector<Scalar> shift{};  ///< near the mean of each column; a whole number if the column holds whole numbers
  index n_empty = 0;
  index n_complete = 0;
};

template <class Scalar>
[[nodiscard]] result<column_scan<Scalar>> scan_columns(const matrix_ref<Scalar>& x, missing_cells handling) {
  using std::floor;
  using std::isfinite;
  const index n = x.rows();
  const index k = x.cols();
  column_scan<Scalar> scan;
  scan.shift = vector<Scalar>::Zero(k);
  Eigen::Matrix<index, Eigen::Dynamic, 1> n_missing = Eigen::Matrix<index, Eigen::Dynamic, 1>::Zero(n);
  index first_bad_row = n;
  index first_bad_column = -1;
  for (index j = 0; j < k; ++j) {
    for (index i = 0; i < n; ++i) {
      if (is_missing(x(i, j))) {
        ++n_missing(i);
      } else if (!isfinite(x(i, j)) && i < first_bad_row) {
        first_bad_row = i;
        first_bad_column = j;
      }
    }
  }
  if (first_bad_column >= 0) {
    return error{.code = errc::not_finite, .function = "covariance", .row = first_bad_row, .column = first_bad_column};
  }
  for (index i = 0; i < n; ++i) {
    if (n_missing(i) == 0) ++scan.n_complete;
    if (n_missing(i) == k) ++scan.n_empty;
  }
  for (index j = 0; j < k; ++j) {
    Scalar sum(0);
    index count = 0;
    bool whole_numbers = true;
    for (index i = 0; i < n; ++i) {
      if (is_missing(x(i, j)) || (handling == missing_cells::listwise && n_missing(i) > 0)) continue;
      sum += x(i, j);
      whole_numbers = whole_numbers && x(i, j) == floor(x(i, j));
      ++count;
    }
    if (count == 0) continue;
    const Scalar mean = sum / static_cast<Scalar>(count);
    scan.shift(j) = whole_numbers ? Scalar(floor(mean + Scalar(0.5))) : mean;
  }
  return scan;
}

/// Sums of products over the rows used, of deviations from `shift`.
template <class Scalar>
struct cross_products {
  matrix<Scalar> products{};  ///< (i, j): sum of d_i d_j over rows with both
  matrix<Scalar> sums{};      ///< (i, j): sum of d_i over rows with both
  matrix<Scalar> counts{};    ///< (i, j): rows with both
};

template <class Scalar>
[[nodiscard]] cross_products<Scalar> accumulate(const matrix_ref<Scalar>& x, const vector<Scalar>& shift,
                                                missing_cells handling) {
  // Blocks stay in the cache, so the table is read once; their size is fixed, so the result does not depend on it.
  const index block_rows = (std::min)(index{1024}, x.rows());
  const index k = x.cols();
  cross_products<Scalar> out{matrix<Scalar>::Zero(k, k), matrix<Scalar>::Zero(k, k), matrix<Scalar>::Zero(k, k)};
  matrix<Scalar> deviation(block_rows, k);
  matrix<Scalar> present(block_rows, k);
  for (index begin = 0; begin < x.rows(); begin += block_rows) {
    const index rows = (std::min)(block_rows, x.rows() - begin);
    bool complete = true;
    for (index j = 0; j < k; ++j) {
      for (index i = 0; i < rows; ++i) {
        const Scalar& value = x(begin + i, j);
        const bool here = !is_missing(value);
        complete = complete && here;
        deviation(i, j) = here ? Scalar(value - shift(j)) : Scalar(0);
        present(i, j) = here ? Scalar(1) : Scalar(0);
      }
    }
    if (handling == missing_cells::listwise && !complete) {
      for (index i = 0; i < rows; ++i) {
        if (present.row(i).sum() == static_cast<Scalar>(k)) continue;
        deviation.row(i).setZero();
        present.row(i).setZero();
      }
    }
    const auto d = deviation.topRows(rows);
    const auto p = present.topRows(rows);
    out.products.template selfadjointView<Eigen::Lower>().rankUpdate(d.transpose());
    if (complete) {
      const vector<Scalar> column_sums = d.colwise().sum().transpose();
      out.sums.colwise() += column_sums;
      out.counts.array() += static_cast<Scalar>(rows);
    } else {
      out.sums.noalias() += d.transpose() * p;  // no overlap with d or p
      out.counts.noalias() += p.transpose() * p;
    }
  }
  return out;
}

template <class Scalar>
[[nodiscard]] result<covariance_estimate<Scalar>> covariance(const matrix_ref<Scalar>& x, missing_cells handling) {
  const index k = x.cols();
  if (k < 1) return error{.code = errc::too_few_columns, .function = "covariance", .value = 0, .lower = 1};
  const auto scan = scan_columns<Scalar>(x, handling);
  if (!scan) return scan.error();

  covariance_estimate<Scalar> out;
  out.handling = handling;
  out.n_rows = x.rows();
  out.n_empty = scan->n_empty;
  out.n_complete = scan->n_complete;
  if (out.n_rows == out.n_empty) return error{.code = errc::no_data, .function = "covariance"};
  if (handling == missing_cells::listwise && out.n_complete < 2) {
    return error{.code = errc::too_few_rows,
                 .function = "covariance",
                 .value = static_cast<double>(out.n_complete),
                 .lower = 2,
                 .subject = "complete rows"};
  }

  const auto sums = accumulate<Scalar>(x, scan->shift, handling);
  out.n_pair = sums.counts;
  out.mean.resize(k);
  out.covariance.resize(k, k);
  for (index i = 0; i < k; ++i) {
    for (index j = 0; j <= i; ++j) {
      const Scalar& n = sums.counts(i, j);
      if (n < 2) {
        return error{.code = i == j ? errc::too_few_rows : errc::no_common_rows,
                     .function = "covariance",
                     .row = j,
                     .column = i,
                     .value = static_cast<double>(n),
                     .lower = 2,
                     .subject = i == j ? "a column" : ""};
      }
      const Scalar centred = sums.products(i, j) - sums.sums(i, j) * sums.sums(j, i) / n;
      out.covariance(i, j) = out.covariance(j, i) = centred / (n - 1);
    }
    out.mean(i) = scan->shift(i) + sums.sums(i, i) / sums.counts(i, i);
  }
  if (!out.covariance.allFinite()) return error{.code = errc::numeric_failure, .function = "covariance"};
  return out;
}

}  // namespace detail

/// Covariances of the columns of a table.
/// Model:       c_ij = sum over the rows with both columns of (x_i - mean_i)(x_j - mean_j) / (n_ij - 1)
/// \param x         persons x items; NaN is missing
/// \param handling  pairwise (all rows with both values) or listwise (complete rows only)
/// \return          the matrix, means, and the rows behind each cell
/// Errors:      errc::not_finite naming the cell; errc::no_data; errc::too_few_columns without columns;
///              errc::too_few_rows below 2 rows; errc::no_common_rows naming two columns never answered together
/// Missing:     as `handling` says; counted in n_complete, n_empty and n_pair
/// Numerics:    sums of products about a value near the mean, so a large mean costs no digits; whole numbers give the
///              same bits in any order of rows; two passes, cost O(n k^2), memory O(k^2)
/// Not for:     a pairwise matrix need not be positive definite: factor it with care
/// R:           cov(x, use = "pairwise") and cov(na.omit(x))
template <class Derived>
[[nodiscard]] auto covariance(const Eigen::MatrixBase<Derived>& x, missing_cells handling = missing_cells::pairwise)
    -> result<covariance_estimate<typename Derived::Scalar>> {
  return detail::covariance<typename Derived::Scalar>(x.derived(), handling);
}

/// Covariances of the items of a response table.
template <class Scalar>
[[nodiscard]] result<covariance_estimate<Scalar>> covariance(const basic_response_matrix<Scalar>& x,
                                                             missing_cells handling = missing_cells::pairwise) {
  return detail::covariance<Scalar>(as_matrix(x), handling);
}

/// Correlations from covariances, r_ij = c_ij / sqrt(c_ii c_jj).
/// \param c     a covariance matrix
/// \return      the correlation matrix, ones on the diagonal
/// Errors:      errc::zero_variance naming the first column that does not vary
/// R:           cov2cor(c), which differs from cor(x, use = "pairwise") when cells are missing
template <class Scalar>
[[nodiscard]] result<matrix<Scalar>> correlation_from_covariance(const matrix<Scalar>& c) {
  using std::sqrt;
  for (index j = 0; j < c.cols(); ++j) {
    if (!(c(j, j) > 0)) return error{.code = errc::zero_variance, .function = "correlation", .column = j};
  }
  matrix<Scalar> r = c;
  for (index i = 0; i < c.rows(); ++i) {
    for (index j = 0; j < c.cols(); ++j)
      r(i, j) = i == j ? Scalar(1) : Scalar(c(i, j) / (sqrt(c(i, i)) * sqrt(c(j, j))));
  }
  return r;
}

namespace detail {
RAPPORT_INSTANCE(result<covariance_estimate<double>> covariance(const matrix_ref<double>&, missing_cells));
}  // namespace detail

}  // namespace rapport::stats
