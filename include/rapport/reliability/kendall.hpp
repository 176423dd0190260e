// SPDX-License-Identifier: BSL-1.0
// Kendall's coefficient of concordance of several raters who rank the same subjects.
#pragma once

#include <algorithm>
#include <cmath>
#include <vector>

#include <rapport/core/failure.hpp>
#include <rapport/core/missing.hpp>
#include <rapport/core/result.hpp>
#include <rapport/stats/anova.hpp>
#include <rapport/stats/distribution/chi_squared.hpp>
#include <rapport/stats/matrix.hpp>

namespace rapport {

/// How alike raters rank.
template <class Scalar>
struct basic_concordance {
  Scalar w{};              ///< corrected for ties; 0 no concordance, 1 the same order
  Scalar w_uncorrected{};  ///< as if there were no ties; lower
  Scalar chi_squared{};    ///< m (n - 1) W, of no concordance
  Scalar df{};
  Scalar p{};
  Scalar mean_rank_correlation{};  ///< (m W - 1) / (m - 1), over pairs of raters
  bool has_ties = false;
  index n = 0;             ///< subjects
  index n_incomplete = 0;  ///< subjects left out because a rating is missing
};

namespace detail {

/// Mean ranks, and the sum of t^3 - t over ties.
template <class Scalar>
[[nodiscard]] Scalar rank_column(const stats::vector<Scalar>& values, stats::vector<Scalar>& rank) {
  const index n = values.size();
  std::vector<index> order(as_size(n));
  for (index i = 0; i < n; ++i) order[as_size(i)] = i;
  std::sort(order.begin(), order.end(), [&](index a, index b) { return values(a) < values(b); });
  rank.resize(n);
  Scalar ties(0);
  for (index begin = 0; begin < n;) {
    index end = begin + 1;
    while (end < n && values(order[as_size(end)]) == values(order[as_size(begin)])) ++end;
    const auto t = static_cast<Scalar>(end - begin);
    for (index i = begin; i < end; ++i) rank(order[as_size(i)]) = static_cast<Scalar>(begin + end + 1) / 2;
    ties += t * t * t - t;
    begin = end;
  }
  return ties;
}

}  // namespace detail

/// Kendall's W.
/// Model:       12 S / (m^2 (n^3 - n) - m T), S = sum of squares of the rank sums about their mean, T = sum of t^3 - t over
///              ties of every rater; the uncorrected one without T
/// \param ratings  subjects x raters; NaN is missing; ranks are made here
/// \return      both coefficients, and the chi-squared test of the corrected one
/// Errors:      errc::too_few_levels below 2 raters or 2 complete subjects; errc::not_finite; errc::zero_variance if every
///              rater ties all subjects
/// Missing:     subjects with a missing rating are left out and counted
/// Numerics:    cost O(m n log n)
/// Not for:     fewer than about 7 subjects: the chi-squared test is for more. W says nothing of raters who are stricter
/// Reference:   Kendall & Babington Smith (1939), doi 10.1214/aoms/1177732186
/// R:           irr::kendall(ratings, correct = TRUE)
template <class Derived>
[[nodiscard]] auto kendall_w(const Eigen::MatrixBase<Derived>& ratings)
    -> result<basic_concordance<typename Derived::Scalar>> {
  using Scalar = typename Derived::Scalar;
  using std::isfinite;
  constexpr const char* function = "kendall_w";
  if (auto enough = stats::detail::check_levels(ratings.cols(), "raters", function); !enough) return enough.error();
  stats::matrix<Scalar> kept(ratings.rows(), ratings.cols());
  index n_kept = 0;
  for (index i = 0; i < ratings.rows(); ++i) {
    bool is_complete = true;
    for (index j = 0; j < ratings.cols(); ++j) {
      kept(n_kept, j) = ratings(i, j);
      if (is_missing(kept(n_kept, j))) {
        is_complete = false;
      } else if (!isfinite(kept(n_kept, j))) {
        return error{.code = errc::not_finite, .function = function, .row = i, .column = j};
      }
    }
    if (is_complete) ++n_kept;
  }
  if (auto enough = stats::detail::check_levels(n_kept, "complete subjects", function); !enough) return enough.error();
  kept.conservativeResize(n_kept, Eigen::NoChange);
  const auto n = static_cast<Scalar>(n_kept);
  const auto m = static_cast<Scalar>(ratings.cols());
  stats::vector<Scalar> sum = stats::vector<Scalar>::Zero(n_kept);
  stats::vector<Scalar> rank;
  Scalar ties(0);
  for (index j = 0; j < ratings.cols(); ++j) {
    ties += detail::rank_column<Scalar>(kept.col(j), rank);
    sum += rank;
  }
  const Scalar mean = m * (n + 1) / 2;
  const Scalar s = (sum.array() - mean).square().sum();
  const Scalar without_ties = m * m * (n * n * n - n);
  const Scalar with_ties = without_ties - m * ties;
  if (!(with_ties > 0))
    return error{.code = errc::zero_variance, .function = function, .subject = "the order that the raters give"};
  basic_concordance<Scalar> out;
  out.n = n_kept;
  out.n_incomplete = ratings.rows() - n_kept;
  out.has_ties = ties > 0;
  out.w = 12 * s / with_ties;
  out.w_uncorrected = 12 * s / without_ties;
  out.df = n - 1;
  out.chi_squared = m * (n - 1) * out.w;
  out.p = stats::chi_squared_upper_tail<Scalar>(out.chi_squared, out.df);
  out.mean_rank_correlation = (m * out.w - 1) / (m - 1);
  return out;
}

}  // namespace rapport
