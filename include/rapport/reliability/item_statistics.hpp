// SPDX-License-Identifier: BSL-1.0
// The item table: how each item behaves alone, with the others, and when it is left out.
#pragma once

#include <cmath>
#include <optional>
#include <utility>
#include <vector>

#include <rapport/core/missing.hpp>
#include <rapport/reliability/alpha.hpp>
#include <rapport/stats/covariance.hpp>
#include <rapport/stats/factor_analysis/one_factor.hpp>
#include <rapport/stats/linalg/cholesky.hpp>

namespace rapport {

/// One item. A correlation is empty where it is not defined: an item that does not vary, or a correlation matrix
/// that has no inverse.
template <class Scalar>
struct basic_item_statistics {
  index n = 0;                      ///< answers
  Scalar mean{};                    ///< of the answers
  Scalar sd{};                      ///< divisor n - 1
  std::optional<Scalar> raw_r{};    ///< with the mean of the available items, this one included
  std::optional<Scalar> std_r{};    ///< with the sum of the standardized items
  std::optional<Scalar> r_cor{};    ///< std_r with the item's own error taken out (squared multiple correlation)
  std::optional<Scalar> r_drop{};   ///< with the sum of the other items
  std::optional<Scalar> loading{};  ///< standardized, on one factor (maximum likelihood); needs 3 items
  std::optional<Scalar> alpha_if_dropped{};               ///< alpha of the other items; needs 3 items
  std::optional<Scalar> standardized_alpha_if_dropped{};  ///< likewise, of the correlations
  std::optional<Scalar> mean_r_if_dropped{};              ///< mean correlation of the other items; needs 3 items
  std::optional<Scalar> lambda6_if_dropped{};             ///< Guttman's lambda 6 of their correlations; needs 3 items
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

/// What the correlations of the other items give. Their inverse follows from that of all items by one elimination.
template <class Scalar>
void describe_others(const stats::matrix<Scalar>& r, const stats::matrix<Scalar>& inverse, index item,
                     basic_item_statistics<Scalar>& out) {
  const index k = r.cols();
  if (k < 3) return;
  const auto others = static_cast<Scalar>(k - 1);
  const Scalar sum = r.sum() - 2 * r.row(item).sum() + 1;
  out.mean_r_if_dropped = (sum - others) / (others * (others - 1));
  if (!(sum > 0)) return;
  out.standardized_alpha_if_dropped = others / (others - 1) * (1 - others / sum);
  if (inverse.size() == 0) return;
  Scalar errors(0);
  for (index i = 0; i < k; ++i) {
    if (i != item) errors += 1 / (inverse(i, i) - inverse(i, item) * inverse(i, item) / inverse(item, item));
  }
  out.lambda6_if_dropped = 1 - errors / sum;
}

template <class Scalar>
[[nodiscard]] std::vector<basic_item_statistics<Scalar>> item_statistics(const stats::matrix_ref<Scalar>& items,
                                                                         const stats::covariance_estimate<Scalar>& c) {
  using std::floor;
  using std::sqrt;
  const index n = items.rows();
  const index k = items.cols();
  const bool listwise = c.handling == stats::missing_cells::listwise;

  // Complete answers: the mean is the sum over k, and the covariances say all. Else the rows are needed.
  const bool from_rows = c.n_complete < c.n_rows;
  const auto near = [](const Scalar& mean) { return Scalar(floor(Scalar(mean + Scalar(0.5)))); };
  answered_sums<Scalar> answered{near(c.mean.mean()), stats::vector<Scalar>::Zero(from_rows ? n : 0),
                                 std::vector<index>(as_size(from_rows ? n : 0))};
  for (index i = 0; from_rows && i < n; ++i) {
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
  stats::matrix<Scalar> inverse;    // of the correlations
  std::optional<stats::factor_solution<Scalar>> factor;
  if (r) {
    if (const auto root = stats::cholesky_factor<Scalar>::make(*r)) {
      inverse = root->inverse();
      corrected = *r;
      corrected.diagonal() = 1 - inverse.diagonal().array().inverse();
    }
    if (auto fit = stats::fit_one_factor(*r); fit && fit->status != stats::factor_status::not_converged) {
      factor = std::move(*fit);
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
    if (from_rows) {
      item.raw_r = correlation_with_available_mean<Scalar>(items, answered, near(c.mean(j)), j);
    } else if (variance > 0 && total > 0) {
      item.raw_r = (with_rest + variance) / sqrt(variance * total);
    }
    if (variance > 0 && rest_variance > 0) item.r_drop = with_rest / sqrt(variance * rest_variance);
    if (r && r->sum() > 0) item.std_r = r->row(j).sum() / sqrt(r->sum());
    if (corrected.size() > 0 && corrected.sum() > 0) item.r_cor = corrected.row(j).sum() / sqrt(corrected.sum());
    item.alpha_if_dropped = alpha_without(c.covariance, j);
    if (r) describe_others(*r, inverse, j, item);
    if (factor) item.loading = factor->loadings(j, 0);
  }
  return out;
}

}  // namespace detail

/// Statistics of every item.
/// Model:       r_drop = cov(item, rest) / sqrt(var(item) var(rest)), from the covariance matrix; r_cor and std_r from
///              the correlation matrix R: row sums / sqrt(sum of R), for r_cor with squared multiple correlations on
///              its diagonal; the columns `..._if_dropped` are coefficients of the matrix without the item
/// \param items  persons x items; NaN is missing; the table from which `c` was computed
/// \param c      its covariances
/// \return      one entry per item, in order
/// Errors:      errc::size_mismatch if the two do not belong together; errc::too_few_columns below 2 items
/// Missing:     as the covariances handled it; raw_r uses the mean of the items that each person answered
/// Numerics:    O(k^3) for complete answers, all from the covariances; O(n k) more for raw_r otherwise
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
