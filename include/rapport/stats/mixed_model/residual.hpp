// SPDX-License-Identifier: BSL-1.0
// How the errors of one client's sessions covary: independent, autoregressive, equally correlated, free, or unequal.
#pragma once

#include <cmath>
#include <cstddef>
#include <map>
#include <vector>

#include <rapport/core/index.hpp>
#include <rapport/stats/linalg/cholesky.hpp>
#include <rapport/stats/mixed_model/matrix_jet.hpp>

namespace rapport::stats {

/// The kind of covariance of a client's errors.
enum class residual_kind : unsigned char {
  independent,     ///< one variance, no correlation
  autoregressive,  ///< correlation phi^d at a distance of d whole sessions; phi between -1 and 1
  continuous,      ///< correlation phi^d at any distance d in time; phi between 0 and 1
  symmetric,       ///< one correlation between any two sessions of a client
  unstructured,    ///< every variance and correlation of its own, by occasion
  stratified       ///< variances of their own, by time or by group; no correlation
};

/// What is known of the rows: where they stand in time, or in which stratum.
template <class Scalar>
struct residual_rows {
  residual_kind kind = residual_kind::independent;
  std::vector<Scalar> time{};    ///< of each row, increasing within a cluster; for autoregressive and continuous
  std::vector<index> stratum{};  ///< of each row, from 0; occasions for unstructured, which occur once per cluster
  index n_strata = 0;
};

/// The inverse of a cluster's error correlations as a weighted sum of fixed matrices, so that cross-products of rows are
/// formed once: A'R^-1 A = sum over k of weight_k(parameters) S_k.
///
/// Parameters: phi (autoregressive, continuous); the correlation (symmetric); variances relative to the first stratum
/// (stratified); the entries of the covariance matrix relative to its first, column by column, (1,0), (2,0), ..., (1,1),
/// ... (unstructured).
template <class Scalar>
class residual_weights {
 public:
  using jet = matrix_jet<Scalar>;

  residual_weights() = default;
  residual_weights(residual_kind kind, index n_strata) : kind_(kind), n_strata_(n_strata) {}

  [[nodiscard]] residual_kind kind() const noexcept { return kind_; }
  [[nodiscard]] index n_parameters() const noexcept {
    switch (kind_) {
      case residual_kind::independent: return 0;
      case residual_kind::stratified: return n_strata_ - 1;
      case residual_kind::unstructured: return n_strata_ * (n_strata_ + 1) / 2 - 1;
      default: return 1;
    }
  }
  [[nodiscard]] index n_strata() const noexcept { return n_strata_; }
  [[nodiscard]] index largest_cluster() const noexcept { return largest_cluster_; }

  /// One S_k of a cluster: sum over its entries of coefficient (a_row a_other' + a_other a_row') / 2.
  struct entry {
    index weight = 0;
    index row = 0;
    index other = 0;
  };
  /// What a cluster contributes: its entries, and how often each log-determinant counts.
  struct cluster_terms {
    std::vector<entry> entries{};
    std::vector<index> log_det{};  ///< numbers of log-determinants, one per occurrence
  };

  /// Registers a cluster.
  /// \param rows   the data of all rows
  /// \param first  its first row
  /// \param count  its number of rows
  /// \return    its terms; rows are counted from its first
  [[nodiscard]] cluster_terms add_cluster(const residual_rows<Scalar>& rows, index first, index count) {
    cluster_terms out;
    largest_cluster_ = (std::max)(largest_cluster_, count);
    switch (kind_) {
      case residual_kind::autoregressive:
      case residual_kind::continuous:
        out.entries.push_back({0, 0, 0});
        for (index t = 1; t < count; ++t) {
          const index gap = number_of(rows.time[as_size(first + t)] - rows.time[as_size(first + t - 1)]);
          out.entries.push_back({1 + 3 * gap, t, t});
          out.entries.push_back({2 + 3 * gap, t, t - 1});
          out.entries.push_back({3 + 3 * gap, t - 1, t - 1});
          out.log_det.push_back(gap);
        }
        break;
      case residual_kind::symmetric: {
        const index size = number_of(static_cast<Scalar>(count));
        for (index s = 0; s < count; ++s) {
          out.entries.push_back({0, s, s});
          for (index t = 0; t < count; ++t) out.entries.push_back({1 + size, s, t});
        }
        out.log_det.push_back(size);
        break;
      }
      case residual_kind::stratified:
        for (index t = 0; t < count; ++t) {
          const index stratum = rows.stratum[as_size(first + t)];
          out.entries.push_back({stratum, t, t});
          out.log_det.push_back(stratum);
        }
        break;
      case residual_kind::unstructured: {
        const std::vector<index> occasions(rows.stratum.begin() + first, rows.stratum.begin() + first + count);
        const index subset = subset_number(occasions);
        index weight = subset_begin_[as_size(subset)];
        for (index s = 0; s < count; ++s) {
          for (index t = 0; t <= s; ++t) out.entries.push_back({weight++, s, t});
        }
        out.log_det.push_back(subset);
        break;
      }
      default:
        for (index t = 0; t < count; ++t) out.entries.push_back({0, t, t});
    }
    return out;
  }

  /// All weights and log-determinants at given parameters.
  struct values {
    std::vector<jet> weight{};
    std::vector<jet> log_det{};
  };

  /// Errors: errc::not_positive_definite if the parameters are no correlations or variances
  [[nodiscard]] result<values> at(const std::vector<jet>& parameters) const {
    values out;
    const jet one = jet::number(Scalar(1));
    switch (kind_) {
      case residual_kind::autoregressive:
      case residual_kind::continuous:
        out.weight.push_back(one);
        for (const Scalar& gap : numbers_) {
          const jet x = power(parameters[0], gap);
          const jet x2 = x * x;
          const Scalar rest = 1 - x2.scalar();
          if (!(rest > 0)) return refused();
          jet determinant = one;
          determinant -= x2;
          const jet inverse = determinant.reciprocal();
          jet cross = x * inverse;
          cross *= Scalar(-2);
          out.weight.push_back(inverse);
          out.weight.push_back(cross);
          out.weight.push_back(x2 * inverse);
          out.log_det.push_back(determinant.logarithm());
        }
        return out;
      case residual_kind::symmetric: {
        jet rest = one;
        rest -= parameters[0];
        if (!(rest.scalar() > 0)) return refused();
        const jet inverse = rest.reciprocal();
        out.weight.push_back(inverse);
        for (const Scalar& size : numbers_) {
          jet along = one;
          along.add(size - 1, parameters[0]);
          if (!(along.scalar() > 0)) return refused();
          jet weight = parameters[0] * inverse * along.reciprocal();
          weight *= Scalar(-1);
          out.weight.push_back(weight);
          jet log_det = along.logarithm();
          log_det.add(size - 1, rest.logarithm());
          out.log_det.push_back(log_det);
        }
        return out;
      }
      case residual_kind::stratified:
        for (index g = 0; g < n_strata_; ++g) {
          const jet variance = g == 0 ? one : parameters[as_size(g - 1)];
          if (!(variance.scalar() > 0)) return refused();
          out.weight.push_back(variance.reciprocal());
          out.log_det.push_back(variance.logarithm());
        }
        return out;
      case residual_kind::unstructured: return at_unstructured(parameters);
      default: out.weight.push_back(one); return out;
    }
  }

  /// The covariance matrix of all occasions, relative to the variance of the first.
  [[nodiscard]] jet covariance(const std::vector<jet>& parameters) const {
    const index n = parameters.empty() ? 0 : parameters[0].n_parameters();
    jet out(n_strata_, n_strata_, n);
    out.value()(0, 0) = Scalar(1);
    index at = 0;
    for (index j = 0; j < n_strata_; ++j) {
      for (index i = j == 0 ? 1 : j; i < n_strata_; ++i) {
        const jet& known = parameters[as_size(at++)];
        for (index part = 0; part < known.n_parts(); ++part) {
          out.part(part)(i, j) = out.part(part)(j, i) = known.part(part)(0, 0);
        }
      }
    }
    return out;
  }

 private:
  static error refused() { return {.code = errc::not_positive_definite, .function = "residual_weights"}; }

  /// phi^gap of a single number.
  [[nodiscard]] static jet power(const jet& phi, const Scalar& gap) {
    using std::pow;
    if (gap == 1) return phi;
    const Scalar& x = phi.scalar();
    const Scalar curvature = gap == 2 ? Scalar(2) : Scalar(gap * (gap - 1) * pow(x, gap - 2));
    return phi.apply(pow(x, gap), gap * pow(x, gap - 1), curvature);
  }

  [[nodiscard]] result<values> at_unstructured(const std::vector<jet>& parameters) const {
    values out;
    const jet whole = covariance(parameters);
    for (const std::vector<index>& subset : subsets_) {
      const index n = std::ssize(subset);
      jet part(n, n, whole.n_parameters());
      for (index at = 0; at < whole.n_parts(); ++at) {
        for (index s = 0; s < n; ++s) {
          for (index t = 0; t < n; ++t) part.part(at)(s, t) = whole.part(at)(subset[as_size(s)], subset[as_size(t)]);
        }
      }
      const auto factor = cholesky_factor<Scalar>::make(matrix<Scalar>(part.value()));
      if (!factor) return factor.error();
      const matrix<Scalar> inverse = factor->inverse();
      const jet inverse_part = inverse_jet(part, inverse);
      for (index s = 0; s < n; ++s) {
        for (index t = 0; t <= s; ++t) {
          jet weight = inverse_part.block(s, t, 1, 1);
          if (s != t) weight *= Scalar(2);
          out.weight.push_back(weight);
        }
      }
      out.log_det.push_back(log_determinant_jet(part, inverse, factor->log_determinant()));
    }
    return out;
  }

  [[nodiscard]] index number_of(const Scalar& number) {
    const auto [known, is_new] = number_index_.try_emplace(number, std::ssize(numbers_));
    if (is_new) numbers_.push_back(number);
    return known->second;
  }

  [[nodiscard]] index subset_number(const std::vector<index>& occasions) {
    for (std::size_t at = 0; at < subsets_.size(); ++at) {
      if (subsets_[at] == occasions) return static_cast<index>(at);
    }
    const index n = subsets_.empty() ? 0 : std::ssize(subsets_.back());
    subset_begin_.push_back(subsets_.empty() ? 0 : subset_begin_.back() + n * (n + 1) / 2);
    subsets_.push_back(occasions);
    return std::ssize(subsets_) - 1;
  }

  residual_kind kind_ = residual_kind::independent;
  index n_strata_ = 0;
  index largest_cluster_ = 0;
  std::vector<Scalar> numbers_{};  ///< distinct gaps, or distinct sizes of clusters
  std::map<Scalar, index> number_index_{};
  std::vector<std::vector<index>> subsets_{};
  std::vector<index> subset_begin_{};
};

/// The covariance of one cluster's errors, relative to residual_var.
/// \param rows        the data of all rows
/// \param parameters  as residual_weights describes them
/// \param first       the cluster's first row
/// \param count       its number of rows
/// \return         count x count
template <class Scalar>
[[nodiscard]] matrix<Scalar> error_covariance(const residual_rows<Scalar>& rows, const std::vector<Scalar>& parameters,
                                              index first, index count) {
  using std::pow;
  matrix<Scalar> whole;  // of all occasions
  if (rows.kind == residual_kind::unstructured) {
    std::vector<matrix_jet<Scalar>> numbers;
    for (const Scalar& each : parameters) numbers.push_back(matrix_jet<Scalar>::number(each));
    whole = residual_weights<Scalar>(rows.kind, rows.n_strata).covariance(numbers).value();
  }
  matrix<Scalar> out = matrix<Scalar>::Identity(count, count);
  for (index s = 0; s < count; ++s) {
    for (index t = 0; t <= s; ++t) {
      const auto a = as_size(first + s);
      const auto b = as_size(first + t);
      switch (rows.kind) {
        case residual_kind::autoregressive:
        case residual_kind::continuous:
          if (s != t) out(s, t) = pow(parameters[0], rows.time[a] - rows.time[b]);
          break;
        case residual_kind::symmetric:
          if (s != t) out(s, t) = parameters[0];
          break;
        case residual_kind::stratified:
          if (s == t && rows.stratum[a] > 0) out(s, t) = parameters[as_size(rows.stratum[a] - 1)];
          break;
        case residual_kind::unstructured: out(s, t) = whole(rows.stratum[a], rows.stratum[b]); break;
        default: break;
      }
      out(t, s) = out(s, t);
    }
  }
  return out;
}

}  // namespace rapport::stats
