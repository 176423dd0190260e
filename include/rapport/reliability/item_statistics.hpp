// SPDX-License-Identifier: BSL-1.0
// The item table: how each item behaves alone, with the others, and when it is left out.
#pragma once

#include <cmath>
#include <optional>
#include <vector>

#include <rapport/core/missing.hpp>
#include <rapport/reliability/alpha.hpp>
#include <rapport/stats/covariance.hpp>
#include <rapport/stats/linalg/cholesky.hpp>

namespace rapport {

/// One item. A correlation is empty where it is not defined: an item that does not vary, or a correlation matrix
/// that has no inverse.
template <class Scalar>
struct basic_item_statistics {
  index n = 0;                     ///< answers
  Scalar mean{};                   ///< of the answers
  Scalar sd{};                     ///< divisor n - 1
  std::optional<Scalar> raw_r{};   ///< with the mean of the available items, this one included
  std::optional<Scalar> std_r{};   ///< with the sum of the standardized items
  std::optional<Scalar> r_cor{};   ///< std_r with the item's own error taken out (squared multiple correlation)
  std::optional<Scalar> r_drop{};  ///< with the sum of the other items
  std::optional<Scalar> alpha_if_dropped{};  ///< alpha of the other items; needs 3 items
};

namespace detail {

/// What each person answered, as deviations from a value near the mean of the table.
template <class Scalar>
struct answered_sums {
  Scalar shift{};               ///< a whole number
  stats::vector<Scalar> sum{};  ///< of the person's answers, each less the shift
  std::vector<index> n{};       ///< answers of the person; 0 if the person is left out
};

/// Correlation of an item with the mean of the items that each person answered.
///
/// Persons are added up apart by their number of answers, and divided by it only then: whole answers give whole sums,
/// so the order of the persons does not change a bit.
template <class Scalar>
[[nodiscard]] std::optional<Scalar> correlation_with_available_mean(const stats::matrix_ref<Scalar>& items,
                                                                    const answered_sums<Scalar>& answered,
                                                                    const Scalar& item_shift, index item) {
  using std::sqrt;
  struct sums {
    index n = 0;
    Scalar x{}, xx{}, s{}, ss{}, xs{};
  };
  std::vector<sums> by_count(as_size(items.cols() + 1));
  for (index i = 0; i < items.rows(); ++i) {
    if (answered.n[as_size(i)] == 0 || is_missing(items(i, item))) continue;
    sums& group = by_count[as_size(answered.n[as_size(i)])];
    const Scalar x = items(i, item) - item_shift;
    const Scalar& s = answered.sum(i);
    ++group.n;
    group.x += x;
    group.xx += x * x;
    group.s += s;
    group.ss += s * s;
    group.xs += x * s;
  }
  sums all;
  for (std::size_t count = 1; count < by_count.size(); ++count) {
    const sums& group = by_count[count];
    const auto divisor = static_cast<Scalar>(count);
    all.n += group.n;
    all.x += group.x;
    all.xx += group.xx;
    all.s += group.s / divisor;
    all.ss += group.ss / (divisor * divisor);
    all.xs += group.xs / divisor;
  }
  if (all.n < 2) return std::nullopt;
  const auto n = static_cast<Scalar>(all.n);
  const Scalar item_squares = all.xx - all.x * all.x / n;
  const Scalar mean_squares = all.ss - all.s * all.s / n;
  if (!(item_squares > 0) || !(mean_squares > 0)) return std::nullopt;
  return (all.xs - all.x * all.s / n) / (sqrt(item_squares) * sqrt(mean_squares));
}

template <class Scalar>
[[nodiscard]] std::optional<Scalar> alpha_without(const stats::matrix<Scalar>& c, index item) {
  const auto k = static_cast<Scalar>(c.cols() - 1);
  if (c.cols() < 3) return std::nullopt;
  const Scalar trace = c.trace() - c(item, item);
  const Scalar total = c.sum() - 2 * c.row(item).sum() + c(item, item);
  if (!(total > 0)) return std::nullopt;
  return k / (k - 1) * (1 - trace / total);
}

template <class Scalar>
[[nodiscard]] std::vector<basic_item_statistics<Scalar>> item_statistics(const stats::matrix_ref<Scalar>& items,
                                                                         const stats::covariance_estimate<Scalar>& c) {
  using std::floor;
  using std::sqrt;
  const index n = items.rows();
  const index k = items.cols();
  const bool listwise = c.handling == stats::missing_cells::listwise;

  const auto near = [](const Scalar& mean) { return Scalar(floor(Scalar(mean + Scalar(0.5)))); };
  answered_sums<Scalar> answered{near(c.mean.mean()), stats::vector<Scalar>::Zero(n), std::vector<index>(as_size(n))};
  for (index i = 0; i < n; ++i) {
    index& count = answered.n[as_size(i)];
    for (index j = 0; j < k; ++j) {
      if (is_missing(items(i, j))) continue;
      answered.sum(i) += items(i, j) - answered.shift;
      ++count;
    }
    if (listwise && count < k) count = 0;
  }

  const auto r = stats::correlation_from_covariance(c.covariance);
  stats::matrix<Scalar> corrected;  // correlations with squared multiple correlations on the diagonal
  if (r) {
    if (const auto factor = stats::cholesky_factor<Scalar>::make(*r)) {
      corrected = *r;
      corrected.diagonal() = 1 - factor->inverse().diagonal().array().inverse();
    }
  }
  const Scalar total = c.covariance.sum();

  std::vector<basic_item_statistics<Scalar>> out(as_size(k));
  for (index j = 0; j < k; ++j) {
    auto& item = out[as_size(j)];
    const Scalar variance = c.covariance(j, j);
    const Scalar with_rest = c.covariance.row(j).sum() - variance;
    const Scalar rest_variance = total - 2 * with_rest - variance;
    item.n = static_cast<index>(c.n_pair(j, j));
    item.mean = c.mean(j);
    item.sd = sqrt(variance);
    item.raw_r = correlation_with_available_mean<Scalar>(items, answered, near(c.mean(j)), j);
    if (variance > 0 && rest_variance > 0) item.r_drop = with_rest / sqrt(variance * rest_variance);
    if (r && r->sum() > 0) item.std_r = r->row(j).sum() / sqrt(r->sum());
    if (corrected.size() > 0 && corrected.sum() > 0) item.r_cor = corrected.row(j).sum() / sqrt(corrected.sum());
    item.alpha_if_dropped = alpha_without(c.covariance, j);
  }
  return out;
}

}  // namespace detail

/// Statistics of every item.
/// Model:       r_drop = cov(item, rest) / sqrt(var(item) var(rest)), from the covariance matrix; r_cor and std_r from
///              the correlation matrix R: row sums / sqrt(sum of R), for r_cor with squared multiple correlations on
///              its diagonal; alpha_if_dropped = alpha of the matrix without the item
/// \param items  persons x items; NaN is missing; the table from which `c` was computed
/// \param c      its covariances
/// \return      one entry per item, in order
/// Errors:      errc::size_mismatch if the two do not belong together; errc::too_few_columns below 2 items
/// Missing:     as the covariances handled it; raw_r uses the mean of the items that each person answered
/// Numerics:    O(n k^2) for raw_r, O(k^3) for the inverse behind r_cor
/// Not for:     dropping items until alpha pleases: the last digits of these columns are noise
/// R:           psych::alpha(x)$item.stats and $alpha.drop
template <class Derived, class Scalar = typename Derived::Scalar>
[[nodiscard]] result<std::vector<basic_item_statistics<Scalar>>> item_statistics(
    const Eigen::MatrixBase<Derived>& items, const stats::covariance_estimate<Scalar>& c) {
  if (items.cols() != c.n_columns() || items.rows() != c.n_rows) {
    return error{.code = errc::size_mismatch,
                 .function = "item_statistics",
                 .value = static_cast<double>(c.n_columns()),
                 .lower = static_cast<double>(items.cols()),
                 .subject = "the covariance matrix"};
  }
  if (items.cols() < 2) {
    return error{.code = errc::too_few_columns,
                 .function = "item_statistics",
                 .value = static_cast<double>(items.cols()),
                 .lower = 2};
  }
  return detail::item_statistics<Scalar>(items.derived(), c);
}

}  // namespace rapport
