// SPDX-License-Identifier: BSL-1.0
// The data of a mixed model of up to three levels with structured errors: cross-products of rows, computed once.
#pragma once

#include <cstdint>
#include <map>
#include <unordered_map>
#include <utility>
#include <vector>

#include <rapport/core/result.hpp>
#include <rapport/stats/mixed_model/residual.hpp>
#include <rapport/stats/mixed_model/standardize.hpp>

namespace rapport::stats {

/// The rows of a model of sessions in clients in therapists, sorted by client and time.
///
///     y = X beta + Z b + t + e,   b ~ N(0, G) per cluster,   t ~ N(0, group_var) per group,   e ~ N(0, residual_var R)
template <class Scalar>
struct nested_model_data : mixed_model_data<Scalar> {
  std::vector<index> group_of_cluster{};  ///< the therapist of each client, from 0; empty: none
  index n_groups = 0;
  residual_rows<Scalar> residual{};
};

/// The sufficient statistics of a nested model.
///
/// Clusters with the same rows of X and Z and the same times or strata form a pattern. Of a pattern remain, for each weight
/// of its errors, the cross-products of its columns [Z, 1 (with groups), X] among themselves and with the scores of each
/// of its clusters.
template <class Scalar>
class nested_model_design {
 public:
  /// Cross-products that share a weight.
  struct term {
    index weight = 0;
    matrix<Scalar> among{};   ///< of the columns [Z, 1, X]
    matrix<Scalar> scores{};  ///< of the columns with the scores, one column per cluster of the pattern
    Scalar squares{};         ///< of the scores with themselves, summed over the clusters
  };
  /// Clusters that share everything but their scores.
  struct pattern {
    std::vector<index> clusters{};
    std::vector<term> terms{};
    std::vector<index> log_det{};
  };

  /// Computes the statistics.
  /// Errors: errc::size_mismatch; errc::too_few_clusters below 2; errc::too_few_groups below 2; errc::not_finite;
  ///         errc::collinear; errc::zero_variance; errc::no_replication if no cluster has more rows than random effects;
  ///         errc::invalid_option for more random effects than max_random_effects, or strata that are not as they must be
  [[nodiscard]] static result<nested_model_design> make(const nested_model_data<Scalar>& data) {
    auto rows = detail::standardize<Scalar>(data, 0);
    if (!rows) return rows.error();
    if (auto legal = check(data); !legal) return legal.error();
    nested_model_design out;
    out.n_rows_ = data.y.size();
    out.n_groups_ = data.n_groups;
    out.group_of_cluster_ = data.group_of_cluster;
    out.structure_ = data.structure;
    out.weights_ = residual_weights<Scalar>(data.residual.kind, data.residual.n_strata);
    if (!out.summarize(data, *rows)) {
      error e = detail::failed_design(errc::no_replication);
      e.lower = static_cast<double>(data.z.cols());
      return e;
    }
    rows->x.resize(0, rows->x.cols());
    rows->z.resize(0, rows->z.cols());
    rows->residual.resize(0);
    out.standard_ = *std::move(rows);
    return out;
  }

  [[nodiscard]] index n_rows() const noexcept { return n_rows_; }
  [[nodiscard]] index n_clusters() const noexcept { return std::ssize(pattern_of_cluster_); }
  [[nodiscard]] index n_groups() const noexcept { return n_groups_; }
  [[nodiscard]] index n_fixed() const noexcept { return standard_.x_factor.cols(); }
  [[nodiscard]] index n_random() const noexcept { return standard_.z_factor.cols(); }
  [[nodiscard]] bool has_groups() const noexcept { return n_groups_ > 0; }
  [[nodiscard]] index group_of(index cluster) const noexcept { return group_of_cluster_[as_size(cluster)]; }
  [[nodiscard]] random_structure structure() const noexcept { return structure_; }
  [[nodiscard]] const residual_weights<Scalar>& weights() const noexcept { return weights_; }
  [[nodiscard]] const std::vector<pattern>& patterns() const noexcept { return patterns_; }
  [[nodiscard]] index pattern_of(index cluster) const noexcept { return pattern_of_cluster_[as_size(cluster)]; }
  /// Factors that lead back to the caller's columns, and the scale of the scores.
  [[nodiscard]] const standardized_rows<Scalar>& standard() const noexcept { return standard_; }

 private:
  static error refused(double value, double lower, double upper, std::string_view subject) {
    return {.code = errc::invalid_option,
            .function = "nested_model_design",
            .value = value,
            .lower = lower,
            .upper = upper,
            .subject = subject};
  }

  static result<void> check(const nested_model_data<Scalar>& data) {
    const auto mismatch = [&](index found, index wanted, std::string_view subject) {
      return error{.code = errc::size_mismatch,
                   .function = "nested_model_design",
                   .value = static_cast<double>(found),
                   .lower = static_cast<double>(wanted),
                   .subject = subject};
    };
    const index n = data.y.size();
    const auto& residual = data.residual;
    if (data.n_groups > 0) {
      if (std::ssize(data.group_of_cluster) != data.n_clusters())
        return mismatch(std::ssize(data.group_of_cluster), data.n_clusters(), "the groups");
      if (data.n_groups < 2)
        return error{.code = errc::too_few_groups, .function = "nested_model_design", .value = 1, .lower = 2};
    }
    const bool timed = residual.kind == residual_kind::autoregressive || residual.kind == residual_kind::continuous;
    if (timed) {
      if (std::ssize(residual.time) != n) return mismatch(std::ssize(residual.time), n, "time");
      for (index c = 0; c < data.n_clusters(); ++c) {
        for (index i = data.cluster_begin[as_size(c)] + 1; i < data.cluster_begin[as_size(c) + 1]; ++i) {
          using std::floor;
          const Scalar gap = residual.time[as_size(i)] - residual.time[as_size(i - 1)];
          const bool whole = residual.kind == residual_kind::continuous || floor(gap) == gap;
          if (!(gap > 0) || !whole) {
            return error{.code = errc::unusable_gap,
                         .function = "nested_model_design",
                         .row = i,
                         .value = static_cast<double>(gap)};
          }
        }
      }
    }
    if (residual.kind == residual_kind::unstructured || residual.kind == residual_kind::stratified) {
      constexpr index most_strata = 30;
      if (std::ssize(residual.stratum) != n) return mismatch(std::ssize(residual.stratum), n, "strata");
      if (residual.n_strata < 2 || residual.n_strata > most_strata)
        return refused(static_cast<double>(residual.n_strata), 2, most_strata, "the number of strata");
    }
    // An error correlation of its own between any two sessions says all that a level of the client's own can say.
    const bool confounded = residual.kind == residual_kind::symmetric || residual.kind == residual_kind::unstructured;
    if (confounded && data.z.cols() > 0)
      return refused(static_cast<double>(data.z.cols()), 0, 0, "the number of random effects beside such errors");
    return {};
  }

  /// Whether two clusters are alike in everything but their scores.
  static bool alike(const nested_model_data<Scalar>& data, index a, index b, index count) {
    if (data.x.middleRows(a, count) != data.x.middleRows(b, count)) return false;
    if (data.z.middleRows(a, count) != data.z.middleRows(b, count)) return false;
    for (index t = 0; t < count; ++t) {
      const auto i = as_size(a + t);
      const auto j = as_size(b + t);
      if (!data.residual.stratum.empty() && data.residual.stratum[i] != data.residual.stratum[j]) return false;
      if (!data.residual.time.empty() && t > 0 &&
          data.residual.time[i] - data.residual.time[i - 1] != data.residual.time[j] - data.residual.time[j - 1])
        return false;
    }
    return true;
  }

  static std::uint64_t hash_rows(const nested_model_data<Scalar>& data, index first, index count) {
    std::uint64_t hash = 1469598103934665603ULL ^ static_cast<std::uint64_t>(count);
    const auto mix = [&hash](const Scalar& value) {
      hash = (hash ^ static_cast<std::uint64_t>(std::hash<double>{}(static_cast<double>(value)))) * 1099511628211ULL;
    };
    for (index i = first; i < first + count; ++i) {
      for (index j = 0; j < data.x.cols(); ++j) mix(data.x(i, j));
      for (index j = 0; j < data.z.cols(); ++j) mix(data.z(i, j));
    }
    return hash;
  }

  /// False if no cluster has a row to spare for the residual variance.
  bool summarize(const nested_model_data<Scalar>& data, const standardized_rows<Scalar>& rows) {
    std::unordered_multimap<std::uint64_t, index> known;
    std::vector<index> first_row;
    bool has_spare_rows = false;
    for (index c = 0; c < data.n_clusters(); ++c) {
      const index first = data.cluster_begin[as_size(c)];
      const index count = data.cluster_begin[as_size(c) + 1] - first;
      has_spare_rows = has_spare_rows || count > data.z.cols();
      const std::uint64_t hash = hash_rows(data, first, count);
      index at = -1;
      const auto [begin, end] = known.equal_range(hash);
      for (auto candidate = begin; candidate != end && at < 0; ++candidate) {
        const index other = first_row[as_size(candidate->second)];
        const index other_cluster = patterns_[as_size(candidate->second)].clusters[0];
        const index other_count = data.cluster_begin[as_size(other_cluster) + 1] - other;
        if (other_count == count && alike(data, first, other, count)) at = candidate->second;
      }
      if (at < 0) {
        at = std::ssize(patterns_);
        known.emplace(hash, at);
        first_row.push_back(first);
        patterns_.emplace_back();
      }
      patterns_[as_size(at)].clusters.push_back(c);
      pattern_of_cluster_.push_back(at);
    }
    for (std::size_t at = 0; at < patterns_.size(); ++at) form_products(data, rows, first_row[at], patterns_[at]);
    return has_spare_rows;
  }

  void form_products(const nested_model_data<Scalar>& data, const standardized_rows<Scalar>& rows, index first,
                     pattern& mine) {
    const index count =
        data.cluster_begin[as_size(mine.clusters[0]) + 1] - data.cluster_begin[as_size(mine.clusters[0])];
    const index q = rows.z.cols();
    const index w = has_groups() ? 1 : 0;
    const index width = q + w + rows.x.cols();
    const index m = std::ssize(mine.clusters);
    matrix<Scalar> columns(count, width);
    columns.leftCols(q) = rows.z.middleRows(first, count);
    if (w > 0) columns.col(q).setOnes();
    columns.rightCols(rows.x.cols()) = rows.x.middleRows(first, count);
    matrix<Scalar> scores(count, m);
    for (index k = 0; k < m; ++k)
      scores.col(k) = rows.residual.segment(data.cluster_begin[as_size(mine.clusters[as_size(k)])], count);

    auto kinds = weights_.add_cluster(data.residual, first, count);
    mine.log_det = std::move(kinds.log_det);
    std::map<index, std::size_t> position;
    for (const auto& entry : kinds.entries) {
      const auto [known, is_new] = position.try_emplace(entry.weight, mine.terms.size());
      if (is_new) {
        mine.terms.push_back(
            {entry.weight, matrix<Scalar>::Zero(width, width), matrix<Scalar>::Zero(width, m), Scalar(0)});
      }
      term& into = mine.terms[known->second];
      const auto a = columns.row(entry.row);
      const auto b = columns.row(entry.other);
      const Scalar half = entry.row == entry.other ? Scalar(1) : Scalar(1) / 2;
      into.among += half * a.transpose().lazyProduct(b);
      into.scores += half * a.transpose().lazyProduct(scores.row(entry.other));
      into.squares += scores.row(entry.row).dot(scores.row(entry.other));
      if (entry.row == entry.other) continue;
      into.among += half * b.transpose().lazyProduct(a);
      into.scores += half * b.transpose().lazyProduct(scores.row(entry.row));
    }
  }

  index n_rows_ = 0;
  index n_groups_ = 0;
  random_structure structure_ = random_structure::correlated;
  std::vector<index> group_of_cluster_{};
  std::vector<index> pattern_of_cluster_{};
  std::vector<pattern> patterns_{};
  residual_weights<Scalar> weights_{};
  standardized_rows<Scalar> standard_{};
};

RAPPORT_INSTANCE(
    result<nested_model_design<double>> nested_model_design<double>::make(const nested_model_data<double>&));

}  // namespace rapport::stats
