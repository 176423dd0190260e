// SPDX-License-Identifier: BSL-1.0
// Whether and into how many factors: KMO, Bartlett's test, eigenvalues, parallel analysis, Velicer's MAP.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <vector>

#include <rapport/core/random.hpp>
#include <rapport/core/result.hpp>
#include <rapport/stats/covariance.hpp>
#include <rapport/stats/distribution/chi_squared.hpp>
#include <rapport/stats/linalg/cholesky.hpp>
#include <rapport/stats/linalg/small_symmetric_eigen.hpp>
#include <rapport/stats/matrix.hpp>
#include <rapport/stats/parallel.hpp>

namespace rapport::stats {

/// Sampling adequacy: correlations against partial correlations.
template <class Scalar>
struct kmo_result {
  Scalar overall{};  ///< between 0 and 1; 0 if nothing correlates
  vector<Scalar> items{};
};

/// Kaiser, Meyer and Olkin's measure of sampling adequacy.
/// Model:       sum r_ij^2 / (sum r_ij^2 + sum a_ij^2) over pairs, a the correlations with all other items held fixed
/// \param correlation  k x k, k >= 2
/// \return      overall and for each item
/// Errors:      errc::too_few_columns; errc::not_positive_definite
/// Reference:   Kaiser & Rice (1974), doi 10.1177/001316447403400115
/// R:           psych::KMO(r)
template <class Scalar>
[[nodiscard]] result<kmo_result<Scalar>> kmo(const matrix<Scalar>& correlation) {
  const index k = correlation.cols();
  if (k < 2)
    return error{.code = errc::too_few_columns, .function = "kmo", .value = static_cast<double>(k), .lower = 2};
  const auto factor = cholesky_factor<Scalar>::make(correlation);
  if (!factor) return error{.code = errc::not_positive_definite, .function = "kmo", .subject = "the items"};
  const matrix<Scalar> inverse = factor->inverse();
  const vector<Scalar> scale = inverse.diagonal().cwiseSqrt().cwiseInverse();
  matrix<Scalar> partial = (scale.asDiagonal() * inverse * scale.asDiagonal());
  partial.diagonal().setZero();
  matrix<Scalar> r = correlation;
  r.diagonal().setZero();
  const auto ratio = [](const Scalar& a, const Scalar& b) { return a + b > 0 ? Scalar(a / (a + b)) : Scalar(0); };
  kmo_result<Scalar> out;
  out.overall = ratio(r.squaredNorm(), partial.squaredNorm());
  out.items.resize(k);
  for (index j = 0; j < k; ++j) out.items(j) = ratio(r.col(j).squaredNorm(), partial.col(j).squaredNorm());
  return out;
}

/// A chi-square test.
template <class Scalar>
struct chi_square_test {
  Scalar statistic{};
  index df = 0;
  Scalar p{};
};

/// Bartlett's test that no two items correlate.
/// Model:       -(n - 1 - (2k + 5)/6) log|R| is chi-square with k (k - 1) / 2 degrees of freedom
/// \param correlation  k x k, k >= 2
/// \param n            persons, more than items
/// \return      the statistic, its degrees of freedom, p
/// Errors:      errc::too_few_columns; errc::too_few_rows; errc::not_positive_definite
/// Reference:   Bartlett (1951)
/// R:           psych::cortest.bartlett(r, n)
template <class Scalar>
[[nodiscard]] result<chi_square_test<Scalar>> bartlett_test(const matrix<Scalar>& correlation, index n) {
  constexpr const char* function = "bartlett_test";
  const index k = correlation.cols();
  if (k < 2)
    return error{.code = errc::too_few_columns, .function = function, .value = static_cast<double>(k), .lower = 2};
  if (n <= k) {
    return error{.code = errc::too_few_rows,
                 .function = function,
                 .value = static_cast<double>(n),
                 .lower = static_cast<double>(k + 1)};
  }
  const auto factor = cholesky_factor<Scalar>::make(correlation);
  if (!factor) return error{.code = errc::not_positive_definite, .function = function, .subject = "the items"};
  chi_square_test<Scalar> out;
  const Scalar multiplier = static_cast<Scalar>(n - 1) - static_cast<Scalar>(2 * k + 5) / 6;
  out.statistic = (std::max)(Scalar(0), Scalar(-factor->log_determinant() * multiplier));
  out.df = k * (k - 1) / 2;
  out.p = chi_squared_upper_tail<Scalar>(out.statistic, static_cast<Scalar>(out.df));
  return out;
}

/// Velicer's minimum average partial.
template <class Scalar>
struct map_result {
  std::vector<Scalar> average{};  ///< mean squared partial correlation with 0, 1, ... components held fixed
  index n_components = 0;         ///< where it is smallest
};

/// How many components leave the smallest partial correlations.
/// Model:       mean squared off-diagonal correlation of what m principal components leave, m = 0, ..., k - 2
/// \param correlation  k x k, k >= 2
/// \return      the means and the m of the smallest
/// Errors:      errc::too_few_columns; errc::not_positive_definite
/// Numerics:    eigenvectors by Jacobi rotations; a component that leaves an item without variance ends the list
/// Reference:   Velicer (1976), doi 10.1007/BF02293557
/// R:           psych::vss(r)$map, which starts at one component
template <class Scalar>
[[nodiscard]] result<map_result<Scalar>> minimum_average_partial(const matrix<Scalar>& correlation) {
  constexpr const char* function = "minimum_average_partial";
  using std::sqrt;
  const index k = correlation.cols();
  if (k < 2)
    return error{.code = errc::too_few_columns, .function = function, .value = static_cast<double>(k), .lower = 2};
  if (!cholesky_factor<Scalar>::make(correlation)) {
    return error{.code = errc::not_positive_definite, .function = function, .subject = "the items"};
  }
  const small_symmetric_eigen<Scalar> eigen(correlation);
  matrix<Scalar> left = correlation;
  map_result<Scalar> out;
  for (index m = 0; m + 1 < k; ++m) {
    if (m > 0) {
      const index at = k - m;
      left -= eigen.values(at) * eigen.vectors.col(at) * eigen.vectors.col(at).transpose();
    }
    if (!(left.diagonal().minCoeff() > 0)) break;
    Scalar sum(0);
    for (index j = 0; j < k; ++j) {
      for (index i = 0; i < k; ++i) {
        if (i != j) sum += left(i, j) * left(i, j) / (left(i, i) * left(j, j));
      }
    }
    out.average.push_back(sum / static_cast<Scalar>(k * (k - 1)));
    if (out.average.back() < out.average[as_size(out.n_components)]) out.n_components = m;
  }
  return out;
}

/// How parallel analysis draws its tables.
struct parallel_analysis_options {
  index replicates = 100;  ///< tables of uncorrelated normal items; at least 10
  double quantile = 0.95;  ///< of their eigenvalues, strictly between 0 and 1
  std::uint64_t seed = 20240229;
  index threads = 0;  ///< at most this many; 0: one per processor; the result does not depend on it
};

/// Eigenvalues beside those of uncorrelated items.
template <class Scalar>
struct parallel_analysis_result {
  vector<Scalar> eigenvalues{};  ///< of the correlations, falling
  vector<Scalar> reference{};    ///< the quantile of those of uncorrelated items
  index n_components = 0;        ///< leading eigenvalues above their reference
};

/// Horn's parallel analysis of principal components.
/// Model:       an eigenvalue counts if it exceeds the quantile of the same eigenvalue in tables of n persons and k
///              uncorrelated normal items, and all before it do
/// \param correlation  k x k, k >= 2
/// \param n            persons, at least 3
/// \param options      see parallel_analysis_options
/// \return      eigenvalues, reference, and how many count
/// Errors:      errc::too_few_columns; errc::too_few_rows; errc::invalid_option
/// Numerics:    the random tables do not depend on the number of threads
/// Reference:   Horn (1965), doi 10.1007/BF02289447
/// R:           psych::fa.parallel(r, n.obs = n, fa = "pc", quant = .95)
template <class Scalar>
[[nodiscard]] result<parallel_analysis_result<Scalar>> parallel_analysis(
    const matrix<Scalar>& correlation, index n, const parallel_analysis_options& options = {}) {
  constexpr const char* function = "parallel_analysis";
  const index k = correlation.cols();
  if (options.replicates < 10 || options.replicates > 1000000) {
    return error{.code = errc::invalid_option,
                 .function = function,
                 .value = static_cast<double>(options.replicates),
                 .lower = 10,
                 .upper = 1e6,
                 .subject = "the number of replicates"};
  }
  if (!(options.quantile > 0 && options.quantile < 1)) {
    return error{.code = errc::invalid_option,
                 .function = function,
                 .value = options.quantile,
                 .lower = 0,
                 .upper = 1,
                 .subject = "the quantile"};
  }
  if (k < 2)
    return error{.code = errc::too_few_columns, .function = function, .value = static_cast<double>(k), .lower = 2};
  if (n < 3)
    return error{.code = errc::too_few_rows, .function = function, .value = static_cast<double>(n), .lower = 3};

  matrix<Scalar> drawn(k, options.replicates);
  parallel_for(options.replicates, options.threads, [&](index b) {
    random_stream random(options.seed, static_cast<std::uint64_t>(b));
    matrix<Scalar> x(n, k);
    for (index i = 0; i < x.size(); ++i) x(i) = static_cast<Scalar>(random.normal());
    x.rowwise() -= x.colwise().mean().eval();
    x.colwise().normalize();
    drawn.col(b) = small_symmetric_eigen<Scalar>(x.transpose() * x).values.reverse();
  });
  parallel_analysis_result<Scalar> out;
  out.eigenvalues = small_symmetric_eigen<Scalar>(correlation).values.reverse();
  out.reference.resize(k);
  for (index j = 0; j < k; ++j) {
    vector<Scalar> values = drawn.row(j).transpose();
    std::sort(values.data(), values.data() + values.size());
    const double rank = options.quantile * static_cast<double>(options.replicates - 1);
    const auto below = static_cast<index>(rank);
    const auto share = static_cast<Scalar>(rank - static_cast<double>(below));
    const index above = (std::min)(below + 1, options.replicates - 1);
    out.reference(j) = values(below) + share * (values(above) - values(below));
  }
  while (out.n_components < k && out.eigenvalues(out.n_components) > out.reference(out.n_components))
    ++out.n_components;
  return out;
}

}  // namespace rapport::stats
