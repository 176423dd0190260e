// SPDX-License-Identifier: BSL-1.0
// Covariances within and between clusters of unequal size: by moments, and by maximum likelihood.
#pragma once

#include <algorithm>
#include <cmath>
#include <map>
#include <utility>
#include <vector>

#include <rapport/core/missing.hpp>
#include <rapport/core/result.hpp>
#include <rapport/stats/linalg/cholesky.hpp>
#include <rapport/stats/matrix.hpp>

namespace rapport::stats {

/// What a two-level model needs of its data: clusters of one size are summed up together.
template <class Scalar>
struct two_level_data {
  /// Clusters of one size.
  struct size_class {
    index size = 0;
    index count = 0;
    vector<Scalar> sum{};       ///< of the clusters' means, about `shift`
    matrix<Scalar> products{};  ///< of the clusters' means, about `shift`
  };
  std::vector<size_class> classes{};
  vector<Scalar> shift{};        ///< the mean of all rows
  matrix<Scalar> within_sums{};  ///< sums of squares and products within clusters
  index n_clusters = 0;
  index n_rows = 0;
  index n_incomplete = 0;  ///< rows left out

  [[nodiscard]] index n_columns() const noexcept { return shift.size(); }
  /// n0 = (N - sum of n_j^2 / N) / (J - 1)
  [[nodiscard]] Scalar cluster_size() const {
    const auto n = static_cast<Scalar>(n_rows);
    Scalar squares(0);
    for (const auto& c : classes) squares += static_cast<Scalar>(c.count * c.size * c.size);
    return (n - squares / n) / static_cast<Scalar>(n_clusters - 1);
  }
  /// Pooled within clusters, divisor N - J.
  [[nodiscard]] matrix<Scalar> pooled_within() const { return within_sums / static_cast<Scalar>(n_rows - n_clusters); }
  /// Of the clusters' means, weighted by size, divisor J - 1.
  [[nodiscard]] matrix<Scalar> scaled_between() const {
    matrix<Scalar> out = matrix<Scalar>::Zero(n_columns(), n_columns());
    for (const auto& c : classes) out += static_cast<Scalar>(c.size) * c.products;
    return out / static_cast<Scalar>(n_clusters - 1);
  }
  /// Between clusters, by moments: (scaled between - pooled within) / n0. Need not be positive definite.
  [[nodiscard]] matrix<Scalar> moment_between() const { return (scaled_between() - pooled_within()) / cluster_size(); }
};

/// Sums up rows that belong to clusters.
/// \param x           rows x columns; NaN is missing
/// \param cluster     of each row, 0 to n_clusters - 1
/// \param n_clusters  number of clusters; those without a complete row do not count
/// \return      the sums
/// Errors:      errc::size_mismatch; errc::not_finite; errc::too_few_columns without columns; errc::too_few_clusters below
///              2 clusters; errc::no_replication if no cluster has two complete rows
/// Missing:     rows with a missing cell are left out and counted
template <class Scalar>
[[nodiscard]] result<two_level_data<Scalar>> sum_two_level(const matrix_ref<Scalar>& x,
                                                           const std::vector<index>& cluster, index n_clusters) {
  using std::isfinite;
  constexpr const char* function = "sum_two_level";
  if (std::ssize(cluster) != x.rows())
    return error{.code = errc::size_mismatch,
                 .function = function,
                 .value = static_cast<double>(std::ssize(cluster)),
                 .lower = static_cast<double>(x.rows()),
                 .subject = "cluster"};
  const index p = x.cols();
  if (p < 1) return error{.code = errc::too_few_columns, .function = function, .value = 0, .lower = 1};
  std::vector<bool> is_complete(as_size(x.rows()), true);
  two_level_data<Scalar> out;
  out.shift = vector<Scalar>::Zero(p);
  std::vector<index> size(as_size(n_clusters), 0);
  for (index i = 0; i < x.rows(); ++i) {
    for (index j = 0; j < p; ++j) {
      if (is_missing(x(i, j))) {
        is_complete[as_size(i)] = false;
      } else if (!isfinite(x(i, j))) {
        return error{.code = errc::not_finite, .function = function, .row = i, .column = j};
      }
    }
    if (!is_complete[as_size(i)]) {
      ++out.n_incomplete;
      continue;
    }
    ++out.n_rows;
    ++size[as_size(cluster[as_size(i)])];
    out.shift += x.row(i).transpose();
  }
  for (const index n : size) out.n_clusters += n > 0;
  if (out.n_clusters < 2)
    return error{
        .code = errc::too_few_clusters, .function = function, .value = static_cast<double>(out.n_clusters), .lower = 2};
  if (out.n_rows == out.n_clusters) return error{.code = errc::no_replication, .function = function, .lower = 1};
  out.shift /= static_cast<Scalar>(out.n_rows);
  matrix<Scalar> mean = matrix<Scalar>::Zero(p, n_clusters);
  for (index i = 0; i < x.rows(); ++i) {
    if (is_complete[as_size(i)]) mean.col(cluster[as_size(i)]) += x.row(i).transpose() - out.shift;
  }
  std::map<index, std::size_t> class_of_size;
  for (index c = 0; c < n_clusters; ++c) {
    const index n = size[as_size(c)];
    if (n == 0) continue;
    mean.col(c) /= static_cast<Scalar>(n);
    const auto [entry, is_new] = class_of_size.try_emplace(n, out.classes.size());
    if (is_new) out.classes.push_back({n, 0, vector<Scalar>::Zero(p), matrix<Scalar>::Zero(p, p)});
    auto& in = out.classes[entry->second];
    ++in.count;
    in.sum += mean.col(c);
    in.products += mean.col(c) * mean.col(c).transpose();
  }
  out.within_sums = matrix<Scalar>::Zero(p, p);
  for (index i = 0; i < x.rows(); ++i) {
    if (!is_complete[as_size(i)]) continue;
    const vector<Scalar> d = x.row(i).transpose() - out.shift - mean.col(cluster[as_size(i)]);
    out.within_sums += d * d.transpose();
  }
  return out;
}

/// Covariance matrices of two levels.
template <class Scalar>
struct two_level_covariance {
  matrix<Scalar> within{};
  matrix<Scalar> between{};
  vector<Scalar> mean{};
  Scalar log_likelihood{};
  bool converged = false;
  int iterations = 0;
};

namespace detail {

/// -2 log-likelihood at given covariances, the mean by generalized least squares; with its slopes by both matrices.
template <class Scalar>
struct two_level_value {
  Scalar value{};
  matrix<Scalar> by_within{};
  matrix<Scalar> by_between{};
  vector<Scalar> mean{};  ///< about the data's shift
};

template <class Scalar>
[[nodiscard]] result<two_level_value<Scalar>> two_level_likelihood(const two_level_data<Scalar>& data,
                                                                   const matrix<Scalar>& within,
                                                                   const matrix<Scalar>& between) {
  using std::acos;
  using std::log;
  const index p = data.n_columns();
  const auto n = static_cast<Scalar>(data.n_rows);
  const auto n_inner = static_cast<Scalar>(data.n_rows - data.n_clusters);
  const auto inner = cholesky_factor<Scalar>::make(within);
  if (!inner) return inner.error();
  std::vector<matrix<Scalar>> inverse;
  two_level_value<Scalar> out;
  out.value = n * static_cast<Scalar>(p) * log(2 * acos(Scalar(-1))) + n_inner * inner->log_determinant();
  matrix<Scalar> information = matrix<Scalar>::Zero(p, p);
  vector<Scalar> weighted = vector<Scalar>::Zero(p);
  for (const auto& c : data.classes) {
    const auto size = static_cast<Scalar>(c.size);
    const auto factor = cholesky_factor<Scalar>::make(matrix<Scalar>(within + size * between));
    if (!factor) return factor.error();
    inverse.push_back(factor->inverse());
    out.value += static_cast<Scalar>(c.count) * factor->log_determinant();
    information += static_cast<Scalar>(c.count) * size * inverse.back();
    weighted += size * (inverse.back() * c.sum);
  }
  const auto solver = cholesky_factor<Scalar>::make(information);
  if (!solver) return solver.error();
  out.mean = solver->solve(weighted);
  const matrix<Scalar> inner_inverse = inner->inverse();
  out.value += (inner_inverse.array() * data.within_sums.array()).sum();
  out.by_within = n_inner * inner_inverse - inner_inverse * data.within_sums * inner_inverse;
  out.by_between = matrix<Scalar>::Zero(p, p);
  for (std::size_t k = 0; k < data.classes.size(); ++k) {
    const auto& c = data.classes[k];
    const auto size = static_cast<Scalar>(c.size);
    const auto count = static_cast<Scalar>(c.count);
    const matrix<Scalar> about_mean = c.products - c.sum * out.mean.transpose() - out.mean * c.sum.transpose() +
                                      count * out.mean * out.mean.transpose();
    out.value += size * (inverse[k].array() * about_mean.array()).sum();
    const matrix<Scalar> slope = count * inverse[k] - size * (inverse[k] * about_mean * inverse[k]);
    out.by_within += slope;
    out.by_between += size * slope;
  }
  return out;
}

}  // namespace detail

/// Maximum likelihood covariances within and between clusters, nothing else assumed of them.
/// Model:       row = mean + cluster + rest, both normal; covariances `between` and `within`
/// \param data  from sum_two_level
/// \return      both matrices; read `converged`
/// Errors:      errc::not_positive_definite if columns are combinations of others within clusters
/// Numerics:    expectation-maximization from the moments, until nothing changes by 1e-11 of a variance; cost per step
///              O(different sizes x columns^3)
/// R:           lavaan::sem with every covariance free on both levels
template <class Scalar>
[[nodiscard]] result<two_level_covariance<Scalar>> fit_two_level_covariance(const two_level_data<Scalar>& data) {
  constexpr int most_iterations = 20000;
  const index p = data.n_columns();
  two_level_covariance<Scalar> out;
  out.within = data.pooled_within();
  // A start that is positive definite: the moments' variances, where they are positive.
  const matrix<Scalar> moments = data.moment_between();
  out.between = matrix<Scalar>::Zero(p, p);
  for (index j = 0; j < p; ++j) out.between(j, j) = (std::max)(moments(j, j), Scalar(out.within(j, j) / 20));
  for (; out.iterations < most_iterations && !out.converged; ++out.iterations) {
    const auto at = detail::two_level_likelihood(data, out.within, out.between);
    if (!at) return at.error();
    matrix<Scalar> within = data.within_sums;
    matrix<Scalar> between = matrix<Scalar>::Zero(p, p);
    for (const auto& c : data.classes) {
      const auto size = static_cast<Scalar>(c.size);
      const auto count = static_cast<Scalar>(c.count);
      const auto factor = cholesky_factor<Scalar>::make(matrix<Scalar>(out.between + out.within / size));
      if (!factor) return factor.error();
      const matrix<Scalar> gain = factor->solve(out.between).transpose();
      const matrix<Scalar> left = out.between - gain * out.between;  // variance of a cluster's own part, given its mean
      const matrix<Scalar> about_mean = c.products - c.sum * at->mean.transpose() - at->mean * c.sum.transpose() +
                                        count * at->mean * at->mean.transpose();
      const matrix<Scalar> rest = matrix<Scalar>::Identity(p, p) - gain;
      between += gain * about_mean * gain.transpose() + count * left;
      within += size * (rest * about_mean * rest.transpose() + count * left);
    }
    between /= static_cast<Scalar>(data.n_clusters);
    within /= static_cast<Scalar>(data.n_rows);
    const Scalar change = (std::max)((between - out.between).cwiseAbs().maxCoeff() / out.between.diagonal().maxCoeff(),
                                     (within - out.within).cwiseAbs().maxCoeff() / out.within.diagonal().maxCoeff());
    out.within = (within + within.transpose()) / 2;
    out.between = (between + between.transpose()) / 2;
    out.converged = change < Scalar(1e-11);
  }
  const auto at = detail::two_level_likelihood(data, out.within, out.between);
  if (!at) return at.error();
  out.mean = data.shift + at->mean;
  out.log_likelihood = -at->value / 2;
  return out;
}

RAPPORT_INSTANCE(result<two_level_covariance<double>> fit_two_level_covariance(const two_level_data<double>&));

}  // namespace rapport::stats
