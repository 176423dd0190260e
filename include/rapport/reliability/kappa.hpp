// SPDX-License-Identifier: BSL-1.0
// Cohen's kappa of two raters, with weights and the standard errors of Fleiss, Cohen and Everitt.
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>
#include <span>
#include <string>

#include <rapport/core/estimate.hpp>
#include <rapport/core/failure.hpp>
#include <rapport/core/result.hpp>
#include <rapport/reliability/measurement_error.hpp>
#include <rapport/reliability/ratings.hpp>
#include <rapport/stats/distribution/normal.hpp>

namespace rapport {

/// Cohen's kappa from a table of counts.
/// Model:       (po - pe) / (1 - pe), po = sum w_ij p_ij, pe = sum w_ij p_i. p_.j
/// \param counts   q x q; rows the first rater's categories, columns the second's, in order
/// \param options  weights and level; `categories` is not used
/// \return      estimate, large-sample standard error and normal interval, standard error and test under no agreement
/// Errors:      errc::size_mismatch if the table is not square; errc::invalid_option for a negative count or level outside
///              0..1; errc::not_finite; errc::no_data; errc::one_category if chance alone makes the raters agree
/// Numerics:    closed form
/// Not for:     few subjects: the interval is for large samples; it is cut at 1. Rare categories: kappa is low
///              however often the raters agree; read `observed` beside it
/// Reference:   Cohen (1968), doi 10.1037/h0026256; Fleiss, Cohen & Everitt (1969), doi 10.1037/h0028106
/// R:           irr::kappa2; psych::cohen.kappa, whose weighted interval is wrong in version 2.2.9
template <class Derived>
[[nodiscard]] auto cohen_kappa(const Eigen::MatrixBase<Derived>& counts, const kappa_options& options = {})
    -> result<basic_kappa<typename Derived::Scalar>> {
  using Scalar = typename Derived::Scalar;
  using std::sqrt;
  constexpr const char* function = "cohen_kappa";
  if (auto legal = check_level(options.level, function); !legal) return legal.error();
  stats::matrix<Scalar> p = counts;
  const index q = p.rows();
  if (p.cols() != q)
    return error{.code = errc::size_mismatch,
                 .function = function,
                 .value = static_cast<double>(p.cols()),
                 .lower = static_cast<double>(q),
                 .subject = "a row of the table"};
  if (!p.allFinite()) return error{.code = errc::not_finite, .function = function};
  for (index i = 0; i < q; ++i) {
    for (index j = 0; j < q; ++j) {
      if (p(i, j) < 0)
        return error{.code = errc::invalid_option,
                     .function = function,
                     .row = i,
                     .column = j,
                     .value = static_cast<double>(p(i, j)),
                     .lower = 0,
                     .upper = (std::numeric_limits<double>::max)(),
                     .subject = "a count"};
    }
  }
  const Scalar n = p.sum();
  if (!(n > 0)) return error{.code = errc::no_data, .function = function};
  p /= n;
  const stats::matrix<Scalar> w = detail::weight_matrix<Scalar>(q, options.weights);
  const stats::vector<Scalar> first = p.rowwise().sum();
  const stats::vector<Scalar> second = p.colwise().sum().transpose();
  const stats::vector<Scalar> weight_of_first = w * second;
  const stats::vector<Scalar> weight_of_second = w.transpose() * first;
  basic_kappa<Scalar> out;
  out.observed = (w.array() * p.array()).sum();
  out.expected = first.dot(weight_of_first);
  const Scalar beyond = 1 - out.expected;
  if (!(beyond > 4 * std::numeric_limits<Scalar>::epsilon()))
    return error{.code = errc::one_category, .function = function};
  out.estimate = (out.observed - out.expected) / beyond;
  out.n = static_cast<index>(n);
  out.n_categories = q;
  Scalar sum(0);
  Scalar sum_if_zero(0);
  for (index i = 0; i < q; ++i) {
    for (index j = 0; j < q; ++j) {
      const Scalar mean_weight = weight_of_first(i) + weight_of_second(j);
      const Scalar term = w(i, j) * beyond - mean_weight * (1 - out.observed);
      const Scalar term_if_zero = w(i, j) - mean_weight;
      sum += p(i, j) * term * term;
      sum_if_zero += first(i) * second(j) * term_if_zero * term_if_zero;
    }
  }
  const Scalar centre = out.observed * out.expected - 2 * out.expected + out.observed;
  // Zero for perfect agreement, where rounding may leave a little less.
  const Scalar variance =
      (std::max)(Scalar(sum - centre * centre), Scalar(0)) / (n * beyond * beyond * beyond * beyond);
  const Scalar variance_if_zero =
      (std::max)(Scalar(sum_if_zero - out.expected * out.expected), Scalar(0)) / (n * beyond * beyond);
  out.standard_error = sqrt(variance);
  out.standard_error_if_zero = sqrt(variance_if_zero);
  if (variance_if_zero > 0) {
    out.z = out.estimate / *out.standard_error_if_zero;
    out.p = 2 * stats::normal_upper_tail<Scalar>(*out.z < 0 ? Scalar(-*out.z) : *out.z);
  }
  const Scalar half = detail::two_sided_normal<Scalar>(options.level) * *out.standard_error;
  out.interval = {out.estimate - half, (std::min)(Scalar(1), Scalar(out.estimate + half)), options.level};
  out.method = "Cohen's kappa, " + std::string(detail::weights_in_words(options.weights)) +
               ", Fleiss-Cohen-Everitt normal " + detail::percent(options.level);
  return out;
}

/// Cohen's kappa of two raters.
/// \param first    categories, one per subject; NaN is missing
/// \param second   of the same subjects by the other rater
/// \param options  weights, categories (those found with either rater, unless given), level
/// \return      see the form that takes counts
/// Errors:      errc::size_mismatch; errc::not_finite; errc::no_data; errc::unknown_category; errc::one_category;
///              errc::invalid_option
/// Missing:     subjects without one of the two ratings are left out; a note counts them, and categories that only they
///              have do not count
/// Reference:   Cohen (1968), doi 10.1037/h0026256; Fleiss, Cohen & Everitt (1969), doi 10.1037/h0028106
/// R:           irr::kappa2(cbind(first, second), weight = "unweighted" | "equal" | "squared")
template <class Scalar>
[[nodiscard]] result<basic_kappa<Scalar>> cohen_kappa(std::span<const Scalar> first, std::span<const Scalar> second,
                                                      const kappa_options& options = {}) {
  constexpr const char* function = "cohen_kappa";
  if (first.size() != second.size())
    return error{.code = errc::size_mismatch,
                 .function = function,
                 .value = static_cast<double>(second.size()),
                 .lower = static_cast<double>(first.size()),
                 .subject = "the second rater"};
  stats::matrix<Scalar> both(std::ssize(first), 2);
  index n = 0;
  for (index i = 0; i < std::ssize(first); ++i) {
    const Scalar& a = first[as_size(i)];
    const Scalar& b = second[as_size(i)];
    if (is_missing(a) || is_missing(b)) continue;
    both(n, 0) = a;
    both(n, 1) = b;
    ++n;
  }
  both.conservativeResize(n, Eigen::NoChange);
  const auto ratings = detail::classify<Scalar>(both, options.categories, function);
  if (!ratings) return ratings.error();
  stats::matrix<Scalar> counts = stats::matrix<Scalar>::Zero(ratings->n_categories(), ratings->n_categories());
  for (index i = 0; i < n; ++i) counts(ratings->category(i, 0), ratings->category(i, 1)) += 1;
  auto out = cohen_kappa(counts, options);
  if (out && n < std::ssize(first))
    out->notes.push_back(std::to_string(std::ssize(first) - n) + " subjects without both ratings were left out");
  return out;
}

}  // namespace rapport
