// SPDX-License-Identifier: BSL-1.0
// Means and covariances by maximum likelihood under normality, from all cells that are there.
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <vector>

#include <rapport/core/missing.hpp>
#include <rapport/core/result.hpp>
#include <rapport/stats/covariance.hpp>
#include <rapport/stats/linalg/cholesky.hpp>

namespace rapport::stats {

/// Maximum likelihood means and covariances, and what certifies them.
template <class Scalar>
struct normal_covariance_estimate {
  vector<Scalar> mean{};
  matrix<Scalar> covariance{};  ///< divisor n, as maximum likelihood has it
  Scalar log_likelihood{};      ///< of the cells that are there
  index n_rows = 0;             ///< rows given
  index n_empty = 0;            ///< rows without a single value, which say nothing
  index n_complete = 0;         ///< rows without a missing cell
  index n_patterns = 0;         ///< different sets of answered columns
  int evaluations = 0;
  Scalar last_change{};  ///< of a last EM step, in SDs: the gradient in the metric of the information of complete data
  bool converged = false;

  /// With divisor n - 1, in the form that coefficients take; complete data give the usual covariance matrix.
  [[nodiscard]] covariance_estimate<Scalar> as_sample() const {
    const auto n = static_cast<Scalar>(n_rows - n_empty);
    covariance_estimate<Scalar> out;
    out.covariance = covariance * (n / (n - 1));
    out.mean = mean;
    out.n_pair = matrix<Scalar>::Constant(covariance.rows(), covariance.cols(), n);
    out.n_rows = n_rows;
    out.n_empty = n_empty;
    out.n_complete = n_complete;
    return out;
  }
};

namespace detail {

/// Rows that answered the same columns, summed up.
template <class Scalar>
struct answer_pattern {
  std::vector<index> answered{};
  Scalar n{};
  vector<Scalar> mean{};
  matrix<Scalar> scatter{};  ///< about the pattern's own mean
};

/// Sums about `shift`, then means and scatter in units of `scale`.
template <class Scalar>
[[nodiscard]] std::vector<answer_pattern<Scalar>> sum_patterns(const matrix_ref<Scalar>& x, const vector<Scalar>& shift,
                                                               const vector<Scalar>& scale) {
  std::map<std::vector<index>, answer_pattern<Scalar>> found;
  std::vector<index> answered;
  for (index i = 0; i < x.rows(); ++i) {
    answered.clear();
    for (index j = 0; j < x.cols(); ++j) {
      if (!is_missing(x(i, j))) answered.push_back(j);
    }
    if (answered.empty()) continue;
    auto& one = found[answered];
    const index k = std::ssize(answered);
    if (one.answered.empty()) one = {answered, Scalar(0), vector<Scalar>::Zero(k), matrix<Scalar>::Zero(k, k)};
    vector<Scalar> d(k);
    for (index j = 0; j < k; ++j) d(j) = x(i, answered[as_size(j)]) - shift(answered[as_size(j)]);
    one.n += Scalar(1);
    one.mean += d;
    one.scatter += d * d.transpose();
  }
  std::vector<answer_pattern<Scalar>> out;
  for (auto& [key, one] : found) {
    one.scatter -= one.mean * one.mean.transpose() / one.n;
    one.mean /= one.n;
    for (index j = 0; j < std::ssize(one.answered); ++j) {
      const Scalar& unit = scale(one.answered[as_size(j)]);
      one.mean(j) /= unit;
      one.scatter.row(j) /= unit;
      one.scatter.col(j) /= unit;
    }
    out.push_back(std::move(one));
  }
  return out;
}

/// Means and covariances as they stand during the search.
template <class Scalar>
struct normal_moments {
  vector<Scalar> mean{};
  matrix<Scalar> covariance{};
};

/// One EM step: means and covariances that the full table is expected to have, given the cells seen.
/// \param log_likelihood  at `at`, without the constant n log(2 pi)
template <class Scalar>
[[nodiscard]] result<normal_moments<Scalar>> em_step(const std::vector<answer_pattern<Scalar>>& patterns,
                                                     const normal_moments<Scalar>& at, Scalar& log_likelihood) {
  const index k = at.mean.size();
  normal_moments<Scalar> next{vector<Scalar>::Zero(k), matrix<Scalar>::Zero(k, k)};
  Scalar n(0);
  log_likelihood = Scalar(0);
  for (const auto& p : patterns) {
    const matrix<Scalar> seen = at.covariance(p.answered, p.answered);
    const auto factor = cholesky_factor<Scalar>::make(seen);
    if (!factor) return factor.error();
    const matrix<Scalar> cross = at.covariance(Eigen::all, p.answered);
    const matrix<Scalar> slope = factor->solve(cross.transpose()).transpose();
    const vector<Scalar> deviation = p.mean - at.mean(p.answered);
    const vector<Scalar> filled = at.mean + slope * deviation;
    next.mean += p.n * filled;
    next.covariance += slope * p.scatter * slope.transpose() + p.n * (filled * filled.transpose()) +
                       p.n * (at.covariance - slope * cross.transpose());
    const matrix<Scalar> spread = p.scatter + p.n * deviation * deviation.transpose();
    log_likelihood -= (p.n * factor->log_determinant() + factor->solve(spread).trace()) / 2;
    n += p.n;
  }
  next.mean /= n;
  next.covariance /= n;
  next.covariance -= next.mean * next.mean.transpose();
  next.covariance = matrix<Scalar>((next.covariance + next.covariance.transpose()) / 2);
  return next;
}

template <class Scalar>
[[nodiscard]] normal_moments<Scalar> difference(const normal_moments<Scalar>& a, const normal_moments<Scalar>& b) {
  return {a.mean - b.mean, a.covariance - b.covariance};
}

template <class Scalar>
[[nodiscard]] Scalar largest(const normal_moments<Scalar>& m) {
  return (std::max)(m.mean.cwiseAbs().maxCoeff(), m.covariance.cwiseAbs().maxCoeff());
}

template <class Scalar>
[[nodiscard]] Scalar squared_length(const normal_moments<Scalar>& m) {
  return m.mean.squaredNorm() + m.covariance.squaredNorm();
}

/// Where the EM steps lead. Two steps and the difference between them foretell the rest (squared extrapolation); what
/// they foretell is taken if the likelihood does not fall.
template <class Scalar>
[[nodiscard]] result<normal_moments<Scalar>> climb_likelihood(const std::vector<answer_pattern<Scalar>>& patterns,
                                                              normal_moments<Scalar> at,
                                                              normal_covariance_estimate<Scalar>& out) {
  using std::pow;
  using std::sqrt;
  constexpr int most_evaluations = 20000;
  const Scalar enough = pow(std::numeric_limits<Scalar>::epsilon(), Scalar(0.75));
  Scalar unused{};
  while (out.evaluations < most_evaluations) {
    const auto first = em_step(patterns, at, out.log_likelihood);
    ++out.evaluations;
    if (!first) return first.error();
    const normal_moments<Scalar> step = difference(*first, at);
    out.last_change = largest(step);
    if (out.last_change <= enough) {
      out.converged = true;
      return at;
    }
    Scalar after_first{};
    const auto second = em_step(patterns, *first, after_first);
    ++out.evaluations;
    if (!second) return second.error();
    const normal_moments<Scalar> bend = difference(difference(*second, *first), step);
    const Scalar bent = squared_length(bend);
    const Scalar stride = bent > 0 ? Scalar(sqrt(squared_length(step) / bent)) : Scalar(1);
    const normal_moments<Scalar> ahead{
        at.mean + 2 * stride * step.mean + stride * stride * bend.mean,
        at.covariance + 2 * stride * step.covariance + stride * stride * bend.covariance};
    at = *second;
    if (!(stride > 1) || !cholesky_factor<Scalar>::make(ahead.covariance)) continue;
    Scalar foretold{};
    const auto landed = em_step(patterns, ahead, foretold);
    ++out.evaluations;
    if (landed && foretold >= after_first && em_step(patterns, *landed, unused)) at = *landed;
  }
  return at;
}

template <class Scalar>
[[nodiscard]] result<normal_covariance_estimate<Scalar>> normal_covariance(const matrix_ref<Scalar>& x) {
  using std::atan;
  using std::log;
  using std::sqrt;
  constexpr const char* function = "normal_covariance";
  const auto pairwise = covariance<Scalar>(x, missing_cells::pairwise);
  if (!pairwise) {
    error refused = pairwise.error();
    refused.function = function;
    return refused;
  }
  const index k = x.cols();
  normal_covariance_estimate<Scalar> out;
  out.n_rows = pairwise->n_rows;
  out.n_empty = pairwise->n_empty;
  out.n_complete = pairwise->n_complete;
  vector<Scalar> scale(k);
  for (index j = 0; j < k; ++j) {
    if (!(pairwise->covariance(j, j) > 0)) return error{.code = errc::zero_variance, .function = function, .column = j};
    scale(j) = sqrt(pairwise->covariance(j, j));
  }
  const auto scan = scan_columns<Scalar>(x, missing_cells::pairwise);
  if (!scan) return scan.error();
  const auto patterns = sum_patterns<Scalar>(x, scan->shift, scale);
  out.n_patterns = std::ssize(patterns);

  normal_moments<Scalar> start{(pairwise->mean - scan->shift).cwiseQuotient(scale), matrix<Scalar>::Identity(k, k)};
  const auto end = climb_likelihood(patterns, std::move(start), out);
  if (!end) return error{.code = errc::not_positive_definite, .function = function, .subject = "the items"};
  out.mean = scan->shift + end->mean.cwiseProduct(scale);
  out.covariance = scale.asDiagonal() * end->covariance * scale.asDiagonal();
  const Scalar log_two_pi = log(8 * atan(Scalar(1)));
  for (const auto& p : patterns) {
    for (const index j : p.answered) out.log_likelihood -= p.n * (log_two_pi / 2 + log(scale(j)));
  }
  return out;
}

}  // namespace detail

/// Means and covariances by full-information maximum likelihood, the model being one normal distribution.
/// Model:       maximises sum_i log N(x_i; mean, covariance) over the answered cells of each row
/// \param x     persons x items; NaN is missing
/// \return      estimates with divisor n, the log-likelihood, and the last change of the search; read `converged` first
/// Errors:      errc::not_finite naming the cell; errc::no_data; errc::too_few_columns; errc::too_few_rows below 2 answers
///              of a column; errc::no_common_rows naming two columns never answered together by two persons;
///              errc::zero_variance naming a column; errc::not_positive_definite where the likelihood has no maximum, as
///              with no more persons than columns
/// Missing:     used as they are: right if what is missing depends on nothing but what was answered (missing at random)
/// Numerics:    EM on the sums of each pattern of answers, with squared extrapolation, until a step changes nothing by more
///              than epsilon^(3/4) SDs; sums about a value near the mean; O(patterns k^3) a step, whatever n
/// Not for:     answers that are missing because of what they would have been
/// Reference:   Dempster, Laird & Rubin (1977), doi 10.1111/j.2517-6161.1977.tb01600.x; Varadhan & Roland (2008),
///              doi 10.1111/j.1467-9469.2007.00585.x
/// R:           lavaan::lavCor(x, missing = "fiml", output = "cov")
template <class Derived>
[[nodiscard]] auto normal_covariance(const Eigen::MatrixBase<Derived>& x)
    -> result<normal_covariance_estimate<typename Derived::Scalar>> {
  return detail::normal_covariance<typename Derived::Scalar>(x.derived());
}

}  // namespace rapport::stats
