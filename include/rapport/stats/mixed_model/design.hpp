// SPDX-License-Identifier: BSL-1.0
// Everything about the data of a mixed model that does not depend on its variances, computed once.
#pragma once

#include <cstdint>
#include <unordered_map>
#include <utility>
#include <vector>

#include <rapport/core/result.hpp>
#include <rapport/stats/matrix.hpp>
#include <rapport/stats/mixed_model/standardize.hpp>

namespace rapport::stats {

/// The sufficient statistics of a mixed model: what a likelihood evaluation needs of the data, and nothing else.
///
/// Each cluster's rows are rotated so that Z = F R with orthonormal F (q columns). What is orthogonal to Z does not see
/// the random effects and is summed over all clusters once; what is left of a cluster are the q numbers F'r. Clusters
/// with the same rows of X and Z form one pattern and share R and F'X, so an evaluation costs in the number of
/// patterns; a balanced study has one. Nothing is squared before it is rotated: large means, large variances and times
/// far from zero cost no digits.
///
/// Columns are orthogonalized over all rows beforehand (X always, Z where its covariances are free); `x_factor` and
/// `z_factor` lead back: x = q x_factor. Scores are measured in units of `score_scale`, their least-squares residual SD.
template <class Scalar>
class mixed_model_design {
 public:
  /// Clusters that share X and Z.
  struct pattern {
    index n_clusters = 0;
    index n_rows = 0;              ///< rows of each cluster
    small_matrix<Scalar> r{};      ///< q x q, Z = F R
    random_by_fixed<Scalar> fx{};  ///< F'X, q x p
    small_vector<Scalar> f_sum{};  ///< sum over clusters of F'r
    small_matrix<Scalar> f_square_sum{};
  };

  /// Computes the statistics.
  /// Errors: errc::size_mismatch; errc::too_few_clusters below 2; errc::invalid_option beyond max_random_effects;
  ///         errc::not_finite naming a row; errc::collinear naming the column by its position; errc::zero_variance if
  ///         the fixed effects explain every score; errc::no_replication if no cluster has more rows than random effects
  [[nodiscard]] static result<mixed_model_design> make(const mixed_model_data<Scalar>& data) {
    auto rows = detail::standardize(data, 1);
    if (!rows) return rows.error();
    mixed_model_design out;
    out.n_rows_ = data.y.size();
    out.structure_ = data.structure;
    out.x_factor_ = std::move(rows->x_factor);
    out.z_factor_ = std::move(rows->z_factor);
    out.start_ = std::move(rows->start);
    out.score_scale_ = rows->score_scale;
    if (!out.summarize(data, rows->x, rows->z, rows->residual)) {
      error e = detail::failed_design(errc::no_replication);
      e.lower = static_cast<double>(data.z.cols());
      return e;
    }
    return out;
  }

  [[nodiscard]] index n_rows() const noexcept { return n_rows_; }
  [[nodiscard]] index n_clusters() const noexcept { return std::ssize(pattern_of_cluster_); }
  [[nodiscard]] index n_fixed() const noexcept { return x_factor_.cols(); }
  [[nodiscard]] index n_random() const noexcept { return z_factor_.cols(); }
  [[nodiscard]] random_structure structure() const noexcept { return structure_; }
  [[nodiscard]] const std::vector<pattern>& patterns() const noexcept { return patterns_; }
  [[nodiscard]] const pattern& pattern_of(index cluster) const noexcept {
    return patterns_[as_size(pattern_of_cluster_[as_size(cluster)])];
  }
  /// F'r of one cluster.
  [[nodiscard]] auto f_of(index cluster) const noexcept { return f_.col(cluster); }

  [[nodiscard]] const matrix<Scalar>& x_factor() const noexcept { return x_factor_; }
  [[nodiscard]] const matrix<Scalar>& z_factor() const noexcept { return z_factor_; }
  /// What a score of 1 in the design's coordinates is in the caller's.
  [[nodiscard]] const Scalar& score_scale() const noexcept { return score_scale_; }
  /// The least-squares coefficients of the orthogonalized X; r = y / score_scale - X start.
  [[nodiscard]] const vector<Scalar>& start() const noexcept { return start_; }
  /// Sums over all clusters of what is orthogonal to Z: X'X, X'r and r'r.
  [[nodiscard]] const matrix<Scalar>& xx_within() const noexcept { return xx_within_; }
  [[nodiscard]] const vector<Scalar>& xr_within() const noexcept { return xr_within_; }
  [[nodiscard]] const Scalar& rr_within() const noexcept { return rr_within_; }

 private:
  /// A hash of a cluster's rows; equal rows have equal hashes, so candidates are compared in full.
  static std::uint64_t hash_rows(const mixed_model_data<Scalar>& data, index first, index last) {
    std::uint64_t hash = 1469598103934665603ULL;
    const auto mix = [&hash](const Scalar& value) {
      hash = (hash ^ static_cast<std::uint64_t>(std::hash<double>{}(static_cast<double>(value)))) * 1099511628211ULL;
    };
    for (index i = first; i < last; ++i) {
      for (index j = 0; j < data.x.cols(); ++j) mix(data.x(i, j));
      for (index j = 0; j < data.z.cols(); ++j) mix(data.z(i, j));
    }
    return hash;
  }

  static bool same_rows(const mixed_model_data<Scalar>& data, index a, index b, index count) {
    return data.x.middleRows(a, count) == data.x.middleRows(b, count) &&
           data.z.middleRows(a, count) == data.z.middleRows(b, count);
  }

  /// False if no cluster has a row to spare for the residual variance.
  bool summarize(const mixed_model_data<Scalar>& data, const matrix<Scalar>& x, const rows_by_random<Scalar>& z,
                 const vector<Scalar>& residual) {
    const index p = x.cols();
    const index q = z.cols();
    const index n_clusters = data.n_clusters();
    xx_within_ = matrix<Scalar>::Zero(p, p);
    xr_within_ = vector<Scalar>::Zero(p);
    rr_within_ = Scalar(0);
    f_.resize(q, n_clusters);
    pattern_of_cluster_.reserve(as_size(n_clusters));

    struct rotated {
      index first_row = 0;         // of the first cluster that showed this pattern
      rows_by_random<Scalar> f{};  // orthonormal columns
      matrix<Scalar> x_within{};   // X minus its part along F
    };
    std::vector<rotated> rotations;
    std::unordered_multimap<std::uint64_t, index> known;
    bool can_estimate_residual = false;

    for (index c = 0; c < n_clusters; ++c) {
      const index first = data.cluster_begin[as_size(c)];
      const index count = data.cluster_begin[as_size(c) + 1] - first;
      const std::uint64_t hash = hash_rows(data, first, first + count);
      index at = -1;
      const auto [begin, end] = known.equal_range(hash);
      for (auto candidate = begin; candidate != end && at < 0; ++candidate) {
        const auto position = as_size(candidate->second);
        const bool same_size = patterns_[position].n_rows == count;
        if (same_size && same_rows(data, first, rotations[position].first_row, count)) at = candidate->second;
      }
      if (at < 0) {
        at = std::ssize(patterns_);
        known.emplace(hash, at);
        rotated rotation{first, z.middleRows(first, count), {}};
        pattern fresh;
        fresh.n_rows = count;
        fresh.r = detail::orthogonalize<Scalar>(rotation.f, Scalar(1));
        fresh.fx = rotation.f.transpose() * x.middleRows(first, count);
        fresh.f_sum = small_vector<Scalar>::Zero(q);
        fresh.f_square_sum = small_matrix<Scalar>::Zero(q, q);
        rotation.x_within = x.middleRows(first, count) - rotation.f * fresh.fx;
        patterns_.push_back(std::move(fresh));
        rotations.push_back(std::move(rotation));
      }
      pattern& mine = patterns_[as_size(at)];
      const rotated& rotation = rotations[as_size(at)];
      const auto r = residual.segment(first, count);
      const small_vector<Scalar> f = rotation.f.transpose() * r;
      const vector<Scalar> r_within = r - rotation.f * f;
      mine.n_clusters += 1;
      mine.f_sum += f;
      mine.f_square_sum += f * f.transpose();
      f_.col(c) = f;
      xr_within_ += rotation.x_within.transpose() * r_within;
      rr_within_ += r_within.squaredNorm();
      pattern_of_cluster_.push_back(at);
      can_estimate_residual = can_estimate_residual || count > (mine.r.diagonal().array() != 0).count();
    }
    for (std::size_t at = 0; at < patterns_.size(); ++at) {
      const matrix<Scalar>& x_within = rotations[at].x_within;
      xx_within_ += static_cast<Scalar>(patterns_[at].n_clusters) * (x_within.transpose() * x_within);
    }
    return can_estimate_residual;
  }

  index n_rows_ = 0;
  random_structure structure_ = random_structure::correlated;
  std::vector<pattern> patterns_{};
  std::vector<index> pattern_of_cluster_{};
  Eigen::Matrix<Scalar, Eigen::Dynamic, Eigen::Dynamic, 0, max_random_effects, Eigen::Dynamic> f_{};
  matrix<Scalar> x_factor_{};
  matrix<Scalar> z_factor_{};
  vector<Scalar> start_{};
  Scalar score_scale_{1};
  matrix<Scalar> xx_within_{};
  vector<Scalar> xr_within_{};
  Scalar rr_within_{};
};

RAPPORT_INSTANCE(result<mixed_model_design<double>> mixed_model_design<double>::make(const mixed_model_data<double>&));

}  // namespace rapport::stats
