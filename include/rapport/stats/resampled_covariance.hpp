// SPDX-License-Identifier: BSL-1.0
// Covariances of resamples from sums of products weighted by how often each person was drawn; no row is copied.
#pragma once

#include <algorithm>
#include <span>
#include <vector>

#include <rapport/core/missing.hpp>
#include <rapport/core/result.hpp>
#include <rapport/stats/covariance.hpp>
#include <rapport/stats/matrix.hpp>

namespace rapport::stats {

/// A table prepared for resampling by person or by cluster.
template <class Scalar>
class resampled_covariance {
 public:
  /// Memory that one thread reuses from resample to resample.
  struct workspace {
    matrix<Scalar> weighted{};
    matrix<Scalar> weighted_presence{};
    vector<Scalar> row_weights{};
    vector<Scalar> row_sums{};
    matrix<Scalar> products{};
    matrix<Scalar> sums{};
    matrix<Scalar> counts{};
  };

  /// Prepares a table.
  /// \param x         persons x items; NaN is missing; no infinity
  /// \param handling  listwise leaves incomplete rows out before anything is drawn
  /// \param cluster   of each row, numbered from 0; empty: each row is a unit of its own
  /// \return          the prepared table
  /// Errors:          errc::size_mismatch if the clusters do not match the rows; errc::invalid_option for a negative
  ///                  cluster; those of covariance()
  [[nodiscard]] static result<resampled_covariance> make(const matrix_ref<Scalar>& x, missing_cells handling,
                                                         std::span<const index> cluster = {}) {
    if (!cluster.empty() && std::ssize(cluster) != x.rows()) {
      return error{.code = errc::size_mismatch,
                   .function = "resampled_covariance",
                   .value = static_cast<double>(cluster.size()),
                   .lower = static_cast<double>(x.rows()),
                   .subject = "the clusters"};
    }
    auto c = detail::covariance<Scalar>(x, handling);
    if (!c) return c.error();
    resampled_covariance out;
    out.keep_rows(x, *c, cluster);
    for (const index unit : out.unit_of_row_) {
      if (unit < 0) {
        return error{.code = errc::invalid_option,
                     .function = "resampled_covariance",
                     .value = static_cast<double>(unit),
                     .lower = 0,
                     .upper = 1e15,
                     .subject = "a cluster"};
      }
      out.n_units_ = (std::max)(out.n_units_, unit + 1);
    }
    out.index_rows();
    vector<Scalar> ones = vector<Scalar>::Ones(out.n_units_);
    workspace w;
    out.accumulate(ones, w);
    out.products_ = w.products;
    out.sums_ = w.sums;
    out.counts_ = w.counts;
    return out;
  }

  /// Persons or clusters.
  [[nodiscard]] index n_units() const noexcept { return n_units_; }

  /// Covariances with each unit counted `weights` times; false if a pair of items has fewer than 2 rows.
  [[nodiscard]] bool compute(const vector<Scalar>& weights, workspace& w, matrix<Scalar>& out) const {
    accumulate(weights, w);
    return finish(w, out);
  }

  /// Covariances without one unit, from the sums of all less those of its rows.
  [[nodiscard]] bool compute_without(index unit, workspace& w, matrix<Scalar>& out) const {
    w.products = products_;
    w.sums = sums_;
    w.counts = counts_;
    for (index at = first_row_[as_size(unit)]; at < first_row_[as_size(unit + 1)]; ++at) {
      const index i = row_of_[as_size(at)];
      w.products.noalias() -= deviation_.row(i).transpose() * deviation_.row(i);  // no overlap
      if (complete_) {
        w.sums.colwise() -= deviation_.row(i).transpose();
        w.counts.array() -= Scalar(1);
      } else {
        w.sums.noalias() -= deviation_.row(i).transpose() * present_.row(i);
        w.counts.noalias() -= present_.row(i).transpose() * present_.row(i);
      }
    }
    return finish(w, out);
  }

 private:
  void keep_rows(const matrix_ref<Scalar>& x, const covariance_estimate<Scalar>& c, std::span<const index> cluster) {
    const index k = x.cols();
    std::vector<index> kept;
    for (index i = 0; i < x.rows(); ++i) {
      index answered = 0;
      for (index j = 0; j < k; ++j) answered += is_missing(x(i, j)) ? 0 : 1;
      if (c.handling == missing_cells::listwise && answered < k) continue;
      complete_ = complete_ && answered == k;
      kept.push_back(i);
    }
    deviation_.resize(std::ssize(kept), k);
    present_.resize(complete_ ? 0 : std::ssize(kept), complete_ ? 0 : k);
    for (index at = 0; at < std::ssize(kept); ++at) {
      const index i = kept[as_size(at)];
      for (index j = 0; j < k; ++j) {
        const bool here = !is_missing(x(i, j));
        deviation_(at, j) = here ? Scalar(x(i, j) - c.mean(j)) : Scalar(0);
        if (!complete_) present_(at, j) = here ? Scalar(1) : Scalar(0);
      }
      unit_of_row_.push_back(cluster.empty() ? at : cluster[as_size(i)]);
    }
  }

  /// Lists the rows of each unit one behind the other.
  void index_rows() {
    first_row_.assign(as_size(n_units_ + 1), 0);
    for (const index unit : unit_of_row_) ++first_row_[as_size(unit + 1)];
    for (index u = 0; u < n_units_; ++u) first_row_[as_size(u + 1)] += first_row_[as_size(u)];
    row_of_.resize(unit_of_row_.size());
    std::vector<index> next(first_row_.begin(), first_row_.end() - 1);
    for (index i = 0; i < std::ssize(unit_of_row_); ++i)
      row_of_[as_size(next[as_size(unit_of_row_[as_size(i)])]++)] = i;
  }

  void accumulate(const vector<Scalar>& weights, workspace& w) const {
    const index rows = deviation_.rows();
    const index k = deviation_.cols();
    w.row_weights.resize(rows);
    for (index i = 0; i < rows; ++i) w.row_weights(i) = weights(unit_of_row_[as_size(i)]);
    w.weighted = deviation_.array().colwise() * w.row_weights.array();
    w.products.resize(k, k);
    w.products.noalias() = w.weighted.transpose() * deviation_;  // no overlap
    if (complete_) {
      w.row_sums = w.weighted.colwise().sum().transpose();
      w.sums = w.row_sums.replicate(1, k);
      w.counts.setConstant(k, k, w.row_weights.sum());
    } else {
      w.sums.resize(k, k);
      w.counts.resize(k, k);
      w.sums.noalias() = w.weighted.transpose() * present_;
      w.weighted_presence = present_.array().colwise() * w.row_weights.array();
      w.counts.noalias() = w.weighted_presence.transpose() * present_;
    }
  }

  [[nodiscard]] static bool finish(const workspace& w, matrix<Scalar>& out) {
    const index k = w.products.cols();
    if (!(w.counts.minCoeff() >= 2)) return false;
    out.resize(k, k);
    for (index j = 0; j < k; ++j) {
      for (index i = 0; i <= j; ++i) {
        const Scalar& n = w.counts(i, j);
        out(i, j) = out(j, i) = (w.products(i, j) - w.sums(i, j) * w.sums(j, i) / n) / (n - 1);
      }
    }
    return true;
  }

  matrix<Scalar> deviation_{};  ///< from the column means of the whole table; 0 where missing
  matrix<Scalar> present_{};    ///< 1 or 0; empty if nothing is missing
  bool complete_ = true;
  std::vector<index> unit_of_row_{};
  index n_units_ = 0;
  std::vector<index> first_row_{};
  std::vector<index> row_of_{};
  matrix<Scalar> products_{};
  matrix<Scalar> sums_{};
  matrix<Scalar> counts_{};
};

}  // namespace rapport::stats
