// SPDX-License-Identifier: BSL-1.0
// How alike the members of groups are: ICC(1), ICC(2) and rwg.
#pragma once

#include <cmath>
#include <limits>
#include <optional>
#include <span>
#include <string>

#include <rapport/core/estimate.hpp>
#include <rapport/core/failure.hpp>
#include <rapport/core/result.hpp>
#include <rapport/reliability/measurement_error.hpp>
#include <rapport/stats/anova.hpp>
#include <rapport/stats/distribution/fisher_f.hpp>

namespace rapport {

/// How much of the variation lies between groups, clients of therapists say.
template <class Scalar>
struct basic_group_icc {
  basic_estimate<Scalar> icc1{};  ///< share of the variance of one score that lies between groups
  basic_estimate<Scalar> icc2{};  ///< reliability of the mean of a group
  stats::one_way_anova<Scalar> anova{};
  std::optional<Scalar> f{};  ///< of no differences between groups; empty if groups do not vary within
  std::optional<Scalar> p{};
};

/// ICC(1) and ICC(2) of scores in groups of any size.
/// Model:       B, W: mean squares between and within; n0 as in one_way_anova.
///              ICC(1) = (B - W) / (B + (n0 - 1) W), ICC(2) = (B - W) / B
/// \param y         scores; NaN is missing
/// \param group     the group of each, 0 to n_groups - 1
/// \param n_groups  number of groups
/// \param level     of the intervals
/// \return      both with the F interval, exact for groups of one size, approximate with n0 for others
/// Errors:      those of stats::analyse_one_way; errc::zero_variance if the groups' means are alike; errc::invalid_option
/// Missing:     left out
/// Reference:   Bliese (2000), in Klein & Kozlowski (eds.), Multilevel theory, research, and methods in organizations
/// R:           multilevel::ICC1(aov(y ~ group)), which takes the mean size for n0
template <class Scalar>
[[nodiscard]] result<basic_group_icc<Scalar>> group_icc(std::span<const Scalar> y, std::span<const index> group,
                                                        index n_groups, double level = 0.95) {
  if (auto legal = check_level(level, "group_icc"); !legal) return legal.error();
  auto a = stats::analyse_one_way(y, group, n_groups);
  if (!a) return a.error();
  const Scalar& between = a->between.mean_square;
  const Scalar& within = a->within.mean_square;
  if (!(between > 0)) return error{.code = errc::zero_variance, .function = "group_icc", .subject = "the group mean"};
  const Scalar n0 = a->group_size;
  const auto df1 = static_cast<Scalar>(a->between.df);
  const auto df2 = static_cast<Scalar>(a->within.df);
  const Scalar upper_p = (1 + static_cast<Scalar>(level)) / 2;
  basic_group_icc<Scalar> out;
  out.anova = *a;
  const auto one = [&](const Scalar& b) { return Scalar((b - within) / (b + (n0 - 1) * within)); };
  const auto mean = [&](const Scalar& b) { return Scalar((b - within) / b); };
  // The intervals are those of the mean square between groups, through the same formulas.
  const Scalar lower = between / stats::fisher_f_quantile<Scalar>(upper_p, df1, df2);
  const Scalar upper = between * stats::fisher_f_quantile<Scalar>(upper_p, df2, df1);
  out.icc1.estimate = one(between);
  out.icc1.interval = {one(lower), one(upper), level};
  out.icc2.estimate = mean(between);
  out.icc2.interval = {mean(lower), mean(upper), level};
  out.icc1.n = out.icc2.n = a->n;
  out.icc1.method = "ICC(1), one-way analysis of variance, F " + detail::percent(level);
  out.icc2.method = "ICC(2), one-way analysis of variance, F " + detail::percent(level);
  if (within > 0) {
    out.f = between / within;
    out.p = stats::fisher_f_upper_tail<Scalar>(*out.f, df1, df2);
  }
  return out;
}

/// How much the members of one group agree, against answers at random.
template <class Scalar>
struct within_group_agreement {
  Scalar rwg{};                ///< 1: all alike; 0: no more alike than at random
  Scalar observed_variance{};  ///< mean over items, divisor n - 1
  Scalar expected_variance{};  ///< of answers at random
  bool beyond_random = false;  ///< members differ more than at random; rwg is then reported as 0
  index n = 0;                 ///< members
};

/// Agreement within one group (rwg), for one item or several parallel ones.
/// Model:       u = mean item variance / expected variance; rwg = J (1 - u) / (J (1 - u) + u), J items;
///              expected variance (A^2 - 1) / 12: every one of A answers as likely
/// \param answers    members x items, complete
/// \param n_options  answers that an item offers
/// \return      rwg between 0 and 1
/// Errors:      errc::too_few_levels below 2 members; errc::too_few_columns without items; errc::incomplete_design naming
///              a missing answer; errc::not_finite; errc::invalid_option below 2 options
/// Missing:     none allowed
/// Not for:     comparing scales of other lengths: rwg of many items is high whatever they measure
/// Reference:   James, Demaree & Wolf (1984), doi 10.1037/0021-9010.69.1.85
/// R:           multilevel::rwg, multilevel::rwg.j
template <class Derived>
[[nodiscard]] auto rwg(const Eigen::MatrixBase<Derived>& answers, index n_options)
    -> result<within_group_agreement<typename Derived::Scalar>> {
  using Scalar = typename Derived::Scalar;
  const stats::matrix<Scalar> x = answers;
  if (auto enough = stats::detail::check_levels(x.rows(), "members of the group", "rwg"); !enough)
    return enough.error();
  if (x.cols() < 1) return error{.code = errc::too_few_columns, .function = "rwg", .value = 0, .lower = 1};
  if (n_options < 2)
    return error{.code = errc::invalid_option,
                 .function = "rwg",
                 .value = static_cast<double>(n_options),
                 .lower = 2,
                 .upper = (std::numeric_limits<double>::max)(),
                 .subject = "the number of answers to an item"};
  if (!x.allFinite()) return stats::detail::bad_cell<Scalar>(x, "rwg");
  within_group_agreement<Scalar> out;
  out.n = x.rows();
  for (index j = 0; j < x.cols(); ++j) {
    const Scalar mean = x.col(j).mean();
    out.observed_variance += (x.col(j).array() - mean).square().sum();
  }
  const auto n_items = static_cast<Scalar>(x.cols());
  out.observed_variance /= static_cast<Scalar>(x.rows() - 1) * n_items;
  const auto options = static_cast<Scalar>(n_options);
  out.expected_variance = (options * options - 1) / 12;
  const Scalar share = out.observed_variance / out.expected_variance;
  out.beyond_random = share > 1;
  if (!out.beyond_random) out.rwg = n_items * (1 - share) / (n_items * (1 - share) + share);
  return out;
}

}  // namespace rapport
