// SPDX-License-Identifier: BSL-1.0
// Tests of equal alphas, of two independent groups and of two scales answered by the same persons.
#pragma once

#include <algorithm>
#include <cmath>

#include <rapport/core/result.hpp>
#include <rapport/stats/distribution/fisher_f.hpp>
#include <rapport/stats/distribution/student_t.hpp>
#include <rapport/stats/matrix.hpp>

namespace rapport {

/// A test of two alphas.
template <class Scalar>
struct basic_alpha_comparison {
  Scalar statistic{};  ///< F for independent alphas, t for dependent ones
  Scalar df1{};        ///< of F, or of t
  Scalar df2{};        ///< of F; 0 for t
  Scalar p{};          ///< two-sided
};

namespace detail {

template <class Scalar>
[[nodiscard]] result<void> check_comparison(const char* function, const Scalar& first, const Scalar& second, index n,
                                            index least_n) {
  if (n < least_n) {
    return error{.code = errc::too_few_rows,
                 .function = function,
                 .value = static_cast<double>(n),
                 .lower = static_cast<double>(least_n)};
  }
  for (const Scalar& alpha : {first, second}) {
    if (!(alpha < 1)) {
      return error{.code = errc::invalid_option,
                   .function = function,
                   .value = static_cast<double>(alpha),
                   .lower = -1e300,
                   .upper = 1,
                   .subject = "alpha"};
    }
  }
  return {};
}

}  // namespace detail

/// Tests whether the alphas of two independent groups are equal.
/// Model:       W = (1 - alpha_2) / (1 - alpha_1) ~ F(n_1 - 1, n_2 - 1) if they are
/// \param alpha_1  of the first group, below 1
/// \param n_1      its persons, at least 2
/// \param alpha_2  of the second group
/// \param n_2      its persons
/// \return      W, its degrees of freedom, twice the smaller tail probability
/// Errors:      errc::too_few_rows; errc::invalid_option for an alpha of 1 or above
/// Not for:     the same persons twice; items at their floor or ceiling
/// Reference:   Feldt (1969), doi 10.1007/BF02289364
/// R:           pf(W, n_1 - 1, n_2 - 1)
template <class Scalar>
[[nodiscard]] result<basic_alpha_comparison<Scalar>> compare_independent_alphas(const Scalar& alpha_1, index n_1,
                                                                                const Scalar& alpha_2, index n_2) {
  if (auto usable =
          detail::check_comparison("compare_independent_alphas", alpha_1, alpha_2, (std::min)(n_1, n_2), index{2});
      !usable) {
    return usable.error();
  }
  basic_alpha_comparison<Scalar> out;
  out.statistic = (1 - alpha_2) / (1 - alpha_1);
  out.df1 = static_cast<Scalar>(n_1 - 1);
  out.df2 = static_cast<Scalar>(n_2 - 1);
  const Scalar upper = stats::fisher_f_upper_tail<Scalar>(out.statistic, out.df1, out.df2);
  out.p = (std::min)(Scalar(1), Scalar(2 * (std::min)(upper, Scalar(1 - upper))));
  return out;
}

/// Tests whether the alphas of two scales that the same persons answered are equal.
/// Model:       t = (alpha_1 - alpha_2) sqrt(n - 2) / sqrt(4 (1 - alpha_1)(1 - alpha_2)(1 - r^2)) with n - 2 degrees of
///              freedom
/// \param alpha_1      of the first scale, below 1
/// \param alpha_2      of the second scale
/// \param correlation  r of the two sum scores, strictly between -1 and 1
/// \param n            persons, at least 3
/// \return      t, its degrees of freedom, two-sided p
/// Errors:      errc::too_few_rows; errc::invalid_option for an alpha of 1 or above or a correlation of 1
/// Not for:     two scales that share items
/// Reference:   Feldt (1980), doi 10.1007/BF02293600
/// R:           cocron::cocron.two.coefficients(c(alpha_1, alpha_2), n, dep = TRUE, r = correlation)
template <class Scalar>
[[nodiscard]] result<basic_alpha_comparison<Scalar>> compare_dependent_alphas(const Scalar& alpha_1,
                                                                              const Scalar& alpha_2,
                                                                              const Scalar& correlation, index n) {
  using std::sqrt;
  constexpr const char* function = "compare_dependent_alphas";
  if (auto usable = detail::check_comparison(function, alpha_1, alpha_2, n, index{3}); !usable) return usable.error();
  if (!(correlation > -1 && correlation < 1)) {
    return error{.code = errc::invalid_option,
                 .function = function,
                 .value = static_cast<double>(correlation),
                 .lower = -1,
                 .upper = 1,
                 .subject = "the correlation of the sum scores"};
  }
  basic_alpha_comparison<Scalar> out;
  out.df1 = static_cast<Scalar>(n - 2);
  out.statistic =
      (alpha_1 - alpha_2) * sqrt(out.df1) / sqrt(4 * (1 - alpha_1) * (1 - alpha_2) * (1 - correlation * correlation));
  out.p = stats::student_t_two_sided<Scalar>(out.statistic, out.df1);
  return out;
}

}  // namespace rapport
