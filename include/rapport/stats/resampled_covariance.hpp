// SPDX-License-Identifier: BSL-1.0
// Covariances of resamples from sums of products weighted by how often each person was drawn; no row is copied.
#pragma once

#include <algorithm>
#include <cstddef>
#include <optional>
#include <span>
#include <vector>

#include <rapport/core/missing.hpp>
#include <rapport/core/result.hpp>
#include <rapport/stats/covariance.hpp>
#include <rapport/stats/matrix.hpp>

namespace rapport::stats {

/// A table prepared for resampling by person or by cluster.
/// Units are numbered by the answers they hold, not by where they stand in the table: a seed draws the same persons
/// whatever the order of the rows.
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
    for (const index c : cluster) {
      if (c < 0) {
        return error{.code = errc::invalid_option,
                     .function = "resampled_covariance",
                     .value = static_cast<double>(c),
                     .lower = 0,
                     .upper = 1e15,
                     .subject = "a cluster"};
      }
    }
    auto c = detail::covariance<Scalar>(x, handling);
    if (!c) return c.error();
    resampled_covariance out;
    out.keep_rows(x, *c, sorted_units(x, handling, cluster));
    vector<Scalar> ones = vector<Scalar>::Ones(out.n_units());
    workspace w;
    out.accumulate(ones, w);
    out.products_ = w.products;
    out.sums_ = w.sums;
    out.counts_ = w.counts;
    return out;
  }

  /// Persons or clusters.
  [[nodiscard]] index n_units() const noexcept { return std::ssize(first_row_) - 1; }

  /// The unit to which a row of the table belongs; empty if listwise handling leaves the row out.
  [[nodiscard]] std::optional<index> unit_of(index row) const {
    const index unit = unit_of_[as_size(row)];
    return unit < 0 ? std::optional<index>() : unit;
  }

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
      w.products.noalias() -= deviation_.row(at).transpose() * deviation_.row(at);  // no overlap
      if (complete_) {
        w.sums.colwise() -= deviation_.row(at).transpose();
        w.counts.array() -= Scalar(1);
      } else {
        w.sums.noalias() -= deviation_.row(at).transpose() * present_.row(at);
        w.counts.noalias() -= present_.row(at).transpose() * present_.row(at);
      }
    }
    return finish(w, out);
  }

 private:
  /// The rows of each unit, in an order that only the answers decide.
  static std::vector<std::vector<index>> sorted_units(const matrix_ref<Scalar>& x, missing_cells handling,
                                                      std::span<const index> cluster) {
    const auto compare_rows = [&x](index a, index b) {  // a missing answer comes before all others
      for (index j = 0; j < x.cols(); ++j) {
        const bool no_a = is_missing(x(a, j));
        const bool no_b = is_missing(x(b, j));
        if (no_a != no_b) return no_a ? -1 : 1;
        if (no_a || x(a, j) == x(b, j)) continue;
        return x(a, j) < x(b, j) ? -1 : 1;
      }
      return 0;
    };
    const auto before = [&](index a, index b) { return compare_rows(a, b) < 0; };
    std::vector<index> kept;
    for (index i = 0; i < x.rows(); ++i) {
      bool whole = true;
      for (index j = 0; j < x.cols(); ++j) whole = whole && !is_missing(x(i, j));
      if (whole || handling == missing_cells::pairwise) kept.push_back(i);
    }
    std::ranges::sort(kept, before);
    std::vector<std::vector<index>> units;
    if (cluster.empty()) {
      for (const index i : kept) units.push_back({i});
      return units;
    }
    std::ranges::stable_sort(kept, {}, [&](index i) { return cluster[as_size(i)]; });
    for (std::size_t at = 0; at < kept.size(); ++at) {
      if (at == 0 || cluster[as_size(kept[at])] != cluster[as_size(kept[at - 1])]) units.emplace_back();
      units.back().push_back(kept[at]);
    }
    std::ranges::sort(units, [&](const std::vector<index>& a, const std::vector<index>& b) {
      return std::ranges::lexicographical_compare(a, b, before);
    });
    return units;
  }

  void keep_rows(const matrix_ref<Scalar>& x, const covariance_estimate<Scalar>& c,
                 const std::vector<std::vector<index>>& units) {
    const index k = x.cols();
    unit_of_.assign(as_size(x.rows()), -1);
    first_row_.assign(1, 0);
    for (const auto& unit : units) {
      for (const index i : unit) {
        unit_of_[as_size(i)] = n_units();
        unit_of_row_.push_back(n_units());
        for (index j = 0; j < k; ++j) complete_ = complete_ && !is_missing(x(i, j));
      }
      first_row_.push_back(std::ssize(unit_of_row_));
    }
    deviation_.resize(std::ssize(unit_of_row_), k);
    present_.resize(complete_ ? 0 : deviation_.rows(), complete_ ? 0 : k);
    index at = 0;
    for (const auto& unit : units) {
      for (const index i : unit) {
        for (index j = 0; j < k; ++j) {
          const bool here = !is_missing(x(i, j));
          deviation_(at, j) = here ? Scalar(x(i, j) - c.mean(j)) : Scalar(0);
          if (!complete_) present_(at, j) = here ? Scalar(1) : Scalar(0);
        }
        ++at;
      }
    }
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
  std::vector<index> unit_of_{};      ///< of each row of the table; -1: left out
  std::vector<index> unit_of_row_{};  ///< of each row of `deviation_`, ascending
  std::vector<index> first_row_{0};   ///< of each unit in `deviation_`, and the end
  matrix<Scalar> products_{};
  matrix<Scalar> sums_{};
  matrix<Scalar> counts_{};
};

}  // namespace rapport::stats
