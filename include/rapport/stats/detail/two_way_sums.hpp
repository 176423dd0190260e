// SPDX-License-Identifier: BSL-1.0
// The sums behind a two-way analysis of variance, in one pass over the table.
#pragma once

#include <algorithm>

#include <rapport/stats/matrix.hpp>

namespace rapport::stats::detail {

/// Sums of squares of rows, columns and residual, and the mean of all cells.
template <class Scalar>
struct two_way_sums {
  Scalar rows{};
  Scalar columns{};
  Scalar residual{};  ///< not finite if a cell is not, or too large
  Scalar mean{};
};

/// The rows [begin, begin + rows) of a table, column by column. What it returns is summed at once and never stored.
template <class Scalar>
struct two_way_block {
  const matrix_ref<Scalar>& x;
  index begin;
  index rows;

  [[nodiscard]] auto column(index j) const { return x.col(j).segment(begin, rows).array(); }
  [[nodiscard]] auto part(index j, index from, index length) const {
    return x.col(j).segment(begin + from, length).array();
  }
};

/// x is at least 2 x 2. Memory O(k); the result does not depend on anything but the numbers and their order.
template <class Scalar>
[[nodiscard]] two_way_sums<Scalar> sum_two_way(const matrix_ref<Scalar>& x) {
  const index n = x.rows();
  const index k = x.cols();
  // Distances from a number near the mean of each column: large means then cost no digits. A few rows, spread over the
  // table, are near enough.
  const index n_sampled = (std::min)(n, index{16});
  vector<Scalar> shift = vector<Scalar>::Zero(k);
  for (index j = 0; j < k; ++j) {
    for (index s = 0; s < n_sampled; ++s) shift(j) += x(s * n / n_sampled, j) / static_cast<Scalar>(n_sampled);
  }
  // Where the numbers are no larger than a few times their spread, some of them are added before a distance is taken:
  // that is exact enough, and the additions are what the time goes into.
  Scalar spread(0);
  for (index j = 0; j < k; ++j) {
    for (index s = 0; s < n_sampled; ++s) {
      const Scalar d = x(s * n / n_sampled, j) - shift(j);
      spread = (std::max)(spread, d < 0 ? Scalar(-d) : d);
    }
  }
  const bool adds_first = shift.cwiseAbs().maxCoeff() <= 16 * spread;
  // Blocks of rows stay in the cache.
  constexpr index block_rows = 256;
  const index from = adds_first ? k % 4 : k;
  vector<Scalar> r((std::min)(block_rows, n));
  vector<Scalar> column_sum = vector<Scalar>::Zero(k);
  Scalar row_sum(0);
  Scalar row_squares(0);
  Scalar residual_squares(0);
  for (index begin = 0; begin < n; begin += block_rows) {
    const two_way_block<Scalar> block{x, begin, (std::min)(block_rows, n - begin)};
    r.resize(block.rows);
    r.setZero();
    for (index j = 0; j < from; ++j) r.array() += block.column(j) - shift(j);
    for (index j = from; j < k; j += 4) {
      r.array() += ((block.column(j) + block.column(j + 1)) + (block.column(j + 2) + block.column(j + 3))) -
                   shift.segment(j, 4).sum();
    }
    r /= static_cast<Scalar>(k);
    row_sum += r.sum();
    row_squares += r.squaredNorm();
    const index h = adds_first ? block.rows / 4 : 0;
    for (index j = 0; j < k; ++j) {
      if (h > 0) {
        column_sum(j) +=
            (((block.part(j, 0, h) + block.part(j, h, h)) + (block.part(j, 2 * h, h) + block.part(j, 3 * h, h))) -
             Scalar(4 * shift(j)))
                .sum();
      }
      column_sum(j) += (block.part(j, 4 * h, block.rows - 4 * h) - shift(j)).sum();
    }
    for (index j = 0; j < from; ++j) residual_squares += ((block.column(j) - shift(j)) - r.array()).square().sum();
    for (index j = from; j < k; j += 2) {
      residual_squares += ((block.column(j) - (r.array() + shift(j))).square() +
                           (block.column(j + 1) - (r.array() + shift(j + 1))).square())
                              .sum();
    }
  }
  const auto rows = static_cast<Scalar>(n);
  const vector<Scalar> missed = column_sum / rows;  // by the shifts
  const vector<Scalar> column_mean = (shift.array() - shift(0)) + missed.array();
  const Scalar mean = column_mean.mean();
  const Scalar row_mean = row_sum / rows;
  two_way_sums<Scalar> out;
  out.rows = (row_squares - rows * row_mean * row_mean) * static_cast<Scalar>(k);
  out.columns = rows * (column_mean.array() - mean).square().sum();
  out.residual = residual_squares - rows * (missed.array() - row_mean).square().sum();
  out.mean = shift(0) + mean;
  return out;
}

}  // namespace rapport::stats::detail
