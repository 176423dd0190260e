// SPDX-License-Identifier: BSL-1.0
// Mean squares and variance components of one-way, crossed and nested designs, by analysis of variance.
#pragma once

#include <cmath>
#include <limits>
#include <span>
#include <string_view>
#include <vector>

#include <rapport/core/missing.hpp>
#include <rapport/core/result.hpp>
#include <rapport/stats/detail/two_way_sums.hpp>
#include <rapport/stats/matrix.hpp>

namespace rapport::stats {

/// One effect of an analysis of variance.
template <class Scalar>
struct anova_effect {
  Scalar sum_of_squares{};
  Scalar mean_square{};
  index df = 0;
  Scalar variance{};  ///< the component, from expected mean squares of random effects; may be negative
};

/// A two-way table with one number per cell.
template <class Scalar>
struct two_way_anova {
  anova_effect<Scalar> rows{};
  anova_effect<Scalar> columns{};
  anova_effect<Scalar> residual{};  ///< interaction and error in one
  Scalar mean{};
  index n_rows = 0;
  index n_columns = 0;

  /// Mean square within rows: columns and residual pooled, as if every row had other columns.
  [[nodiscard]] Scalar mean_square_within() const {
    return (columns.sum_of_squares + residual.sum_of_squares) / static_cast<Scalar>(n_rows * (n_columns - 1));
  }
};

/// A three-way table with one number per cell; a are the rows, b the blocks of columns, c the columns of a block.
template <class Scalar>
struct three_way_anova {
  anova_effect<Scalar> a{};
  anova_effect<Scalar> b{};
  anova_effect<Scalar> c{};
  anova_effect<Scalar> ab{};
  anova_effect<Scalar> ac{};
  anova_effect<Scalar> bc{};
  anova_effect<Scalar> residual{};  ///< abc and error in one
  Scalar mean{};
  index n_a = 0;
  index n_b = 0;
  index n_c = 0;
};

/// Groups of any size, one way.
template <class Scalar>
struct one_way_anova {
  anova_effect<Scalar> between{};
  anova_effect<Scalar> within{};
  Scalar mean{};
  index n_groups = 0;
  index n = 0;
  Scalar group_size{};  ///< n0 = (n - sum of n_j^2 / n) / (groups - 1); the size itself where all are alike
};

namespace detail {

/// The first cell that is missing or infinite, in order of rows, as the error it is.
template <class Scalar>
[[nodiscard]] error bad_cell(const matrix_ref<Scalar>& x, const char* function) {
  for (index i = 0; i < x.rows(); ++i) {
    for (index j = 0; j < x.cols(); ++j) {
      if (is_missing(x(i, j))) return {.code = errc::incomplete_design, .function = function, .row = i, .column = j};
      using std::isfinite;
      if (!isfinite(x(i, j))) return {.code = errc::not_finite, .function = function, .row = i, .column = j};
    }
  }
  return {.code = errc::numeric_failure, .function = function};
}

[[nodiscard]] inline result<void> check_levels(index n, std::string_view what, const char* function) {
  if (n >= 2) return {};
  return error{
      .code = errc::too_few_levels, .function = function, .value = static_cast<double>(n), .lower = 2, .subject = what};
}

template <class Scalar>
[[nodiscard]] anova_effect<Scalar> effect_of(const Scalar& sum_of_squares, index df) {
  return {sum_of_squares, sum_of_squares / static_cast<Scalar>(df), df, Scalar(0)};
}

/// A sum of squares, or zero if it is no more than numbers of this size leave by their own rounding: an effect that is
/// not there must not become a tiny one that is divided by.
template <class Scalar>
[[nodiscard]] Scalar beyond_rounding(const Scalar& sum_of_squares, const Scalar& total, const Scalar& mean,
                                     index cells) {
  const Scalar ulp = 8 * std::numeric_limits<Scalar>::epsilon();
  return sum_of_squares > ulp * ulp * (total + static_cast<Scalar>(cells) * mean * mean) ? sum_of_squares : Scalar(0);
}

template <class Scalar>
[[nodiscard]] result<two_way_anova<Scalar>> two_way(const matrix_ref<Scalar>& x, const char* function) {
  using std::isfinite;
  if (auto enough = check_levels(x.rows(), "rows", function); !enough) return enough.error();
  if (auto enough = check_levels(x.cols(), "columns", function); !enough) return enough.error();
  const index n = x.rows();
  const index k = x.cols();
  const two_way_sums<Scalar> sums = sum_two_way<Scalar>(x);
  if (!isfinite(sums.residual)) return bad_cell<Scalar>(x, function);

  two_way_anova<Scalar> out;
  out.n_rows = n;
  out.n_columns = k;
  out.mean = sums.mean;
  const Scalar total = sums.rows + sums.columns + sums.residual;
  const auto clean = [&](const Scalar& ss) { return beyond_rounding<Scalar>(ss, total, out.mean, n * k); };
  out.rows = effect_of<Scalar>(clean(sums.rows), n - 1);
  out.columns = effect_of<Scalar>(clean(sums.columns), k - 1);
  out.residual = effect_of<Scalar>(clean(sums.residual), (n - 1) * (k - 1));
  out.residual.variance = out.residual.mean_square;
  out.rows.variance = (out.rows.mean_square - out.residual.mean_square) / static_cast<Scalar>(k);
  out.columns.variance = (out.columns.mean_square - out.residual.mean_square) / static_cast<Scalar>(n);
  if (!isfinite(total))
    return error{.code = errc::numeric_failure, .function = function, .subject = "the sums of squares"};
  return out;
}

template <class Scalar>
[[nodiscard]] result<three_way_anova<Scalar>> three_way(const matrix_ref<Scalar>& x, index n_b) {
  using std::isfinite;
  constexpr const char* function = "analyse_three_way";
  if (n_b < 1 || x.cols() % n_b != 0)
    return error{.code = errc::size_mismatch,
                 .function = function,
                 .value = static_cast<double>(x.cols()),
                 .lower = static_cast<double>(n_b),
                 .subject = "the table (a multiple of the number of blocks)"};
  const index n_a = x.rows();
  const index n_c = x.cols() / n_b;
  if (auto enough = check_levels(n_a, "rows", function); !enough) return enough.error();
  if (auto enough = check_levels(n_b, "blocks of columns", function); !enough) return enough.error();
  if (auto enough = check_levels(n_c, "columns in a block", function); !enough) return enough.error();
  if (!x.allFinite()) return bad_cell<Scalar>(x, function);
  const matrix<Scalar> d = x.array() - x(0, 0);
  const auto na = static_cast<Scalar>(n_a);
  const auto nb = static_cast<Scalar>(n_b);
  const auto nc = static_cast<Scalar>(n_c);
  matrix<Scalar> ab = matrix<Scalar>::Zero(n_a, n_b);
  matrix<Scalar> ac = matrix<Scalar>::Zero(n_a, n_c);
  matrix<Scalar> bc(n_b, n_c);
  for (index b = 0; b < n_b; ++b) {
    for (index c = 0; c < n_c; ++c) {
      const auto cell = d.col(b * n_c + c);
      ab.col(b) += cell / nc;
      ac.col(c) += cell / nb;
      bc(b, c) = cell.mean();
    }
  }
  const vector<Scalar> a = ab.rowwise().mean();
  const vector<Scalar> b_mean = bc.rowwise().mean();
  const vector<Scalar> c_mean = bc.colwise().mean().transpose();
  const Scalar mean = a.mean();
  // Every effect about what the smaller ones leave; no sum of squares comes from a difference of large ones.
  Scalar ss_ab(0);
  Scalar ss_ac(0);
  Scalar ss_bc(0);
  Scalar ss_abc(0);
  for (index b = 0; b < n_b; ++b) ss_ab += (ab.col(b).array() - a.array() - (b_mean(b) - mean)).square().sum() * nc;
  for (index c = 0; c < n_c; ++c) ss_ac += (ac.col(c).array() - a.array() - (c_mean(c) - mean)).square().sum() * nb;
  for (index b = 0; b < n_b; ++b) {
    for (index c = 0; c < n_c; ++c) {
      const Scalar left = bc(b, c) - b_mean(b) - c_mean(c) + mean;
      ss_bc += left * left * na;
      ss_abc += ((d.col(b * n_c + c) - ab.col(b) - ac.col(c) + a).array() - left).square().sum();
    }
  }
  three_way_anova<Scalar> out;
  out.n_a = n_a;
  out.n_b = n_b;
  out.n_c = n_c;
  out.mean = x(0, 0) + mean;
  const Scalar ss_a = (a.array() - mean).square().sum() * nb * nc;
  const Scalar ss_b = (b_mean.array() - mean).square().sum() * na * nc;
  const Scalar ss_c = (c_mean.array() - mean).square().sum() * na * nb;
  const Scalar total = ss_a + ss_b + ss_c + ss_ab + ss_ac + ss_bc + ss_abc;
  const auto clean = [&](const Scalar& ss) { return beyond_rounding<Scalar>(ss, total, out.mean, x.size()); };
  out.a = effect_of<Scalar>(clean(ss_a), n_a - 1);
  out.b = effect_of<Scalar>(clean(ss_b), n_b - 1);
  out.c = effect_of<Scalar>(clean(ss_c), n_c - 1);
  out.ab = effect_of<Scalar>(clean(ss_ab), (n_a - 1) * (n_b - 1));
  out.ac = effect_of<Scalar>(clean(ss_ac), (n_a - 1) * (n_c - 1));
  out.bc = effect_of<Scalar>(clean(ss_bc), (n_b - 1) * (n_c - 1));
  out.residual = effect_of<Scalar>(clean(ss_abc), (n_a - 1) * (n_b - 1) * (n_c - 1));
  const Scalar& e = out.residual.mean_square;
  out.residual.variance = e;
  out.ab.variance = (out.ab.mean_square - e) / nc;
  out.ac.variance = (out.ac.mean_square - e) / nb;
  out.bc.variance = (out.bc.mean_square - e) / na;
  out.a.variance = (out.a.mean_square - out.ab.mean_square - out.ac.mean_square + e) / (nb * nc);
  out.b.variance = (out.b.mean_square - out.ab.mean_square - out.bc.mean_square + e) / (na * nc);
  out.c.variance = (out.c.mean_square - out.ac.mean_square - out.bc.mean_square + e) / (na * nb);
  if (!isfinite(total))
    return error{.code = errc::numeric_failure, .function = function, .subject = "the sums of squares"};
  return out;
}

}  // namespace detail

/// Analysis of variance of a complete two-way table with one number per cell.
/// Model:       x_ij = mean + row_i + column_j + e_ij, all random: E MS_rows = s2_e + k s2_row,
///              E MS_columns = s2_e + n s2_column, E MS_residual = s2_e
/// \param x     n x k, complete
/// \return      sums of squares, mean squares, components (negative ones are kept)
/// Errors:      errc::too_few_levels below 2 rows or columns; errc::incomplete_design naming a missing cell;
///              errc::not_finite; errc::numeric_failure
/// Missing:     none allowed; leave out rows, or fit by REML
/// Numerics:    one pass over distances from a number near the mean of each column; a sum of squares that rounding alone explains is 0;
///              cost O(n k), memory O(k)
/// R:           anova(lm(y ~ row + column))
template <class Derived>
[[nodiscard]] auto analyse_two_way(const Eigen::MatrixBase<Derived>& x)
    -> result<two_way_anova<typename Derived::Scalar>> {
  return detail::two_way<typename Derived::Scalar>(x.derived(), "analyse_two_way");
}

/// Analysis of variance of a complete three-way table with one number per cell.
/// Model:       x_abc = mean + a + b + c + ab + ac + bc + e, all random, components from expected mean squares
/// \param x     a in rows; columns in n_b blocks of equal width, each holding all levels of c in the same order
/// \param n_b   number of blocks
/// \return      sums of squares, mean squares, components (negative ones are kept)
/// Errors:      errc::size_mismatch if the columns do not make n_b blocks; errc::too_few_levels below 2 levels of a factor;
///              errc::incomplete_design naming a missing cell; errc::not_finite; errc::numeric_failure
/// Missing:     none allowed
/// Numerics:    every sum of squares from its own residuals; cost O(cells)
/// Reference:   Brennan (2001), Generalizability theory, ch. 3, doi 10.1007/978-1-4757-3456-0
/// R:           aov(y ~ a * b * c), mean squares
template <class Derived>
[[nodiscard]] auto analyse_three_way(const Eigen::MatrixBase<Derived>& x, index n_b)
    -> result<three_way_anova<typename Derived::Scalar>> {
  return detail::three_way<typename Derived::Scalar>(x.derived(), n_b);
}

/// Analysis of variance of groups of any size.
/// Model:       y_ij = mean + group_j + e_ij; s2_group = (MS_between - MS_within) / n0
/// \param y      numbers; NaN is missing
/// \param group  the group of each, 0 to n_groups - 1; groups without a number do not count
/// \param n_groups  number of groups
/// \return      mean squares, components (a negative one is kept), n0
/// Errors:      errc::size_mismatch; errc::invalid_option for a group outside 0 .. n_groups - 1; errc::not_finite;
///              errc::too_few_levels below 2 groups with numbers; errc::too_few_rows if no group has two
/// Missing:     left out
/// Numerics:    two passes over distances from one of the numbers
/// R:           anova(lm(y ~ factor(group)))
template <class Scalar>
[[nodiscard]] result<one_way_anova<Scalar>> analyse_one_way(std::span<const Scalar> y, std::span<const index> group,
                                                            index n_groups) {
  using std::isfinite;
  constexpr const char* function = "analyse_one_way";
  if (y.size() != group.size())
    return error{.code = errc::size_mismatch,
                 .function = function,
                 .value = static_cast<double>(group.size()),
                 .lower = static_cast<double>(y.size()),
                 .subject = "group"};
  std::vector<Scalar> sum(as_size(n_groups), Scalar(0));
  std::vector<index> count(as_size(n_groups), 0);
  Scalar shift(0);
  Scalar total(0);
  one_way_anova<Scalar> out;
  for (std::size_t i = 0; i < y.size(); ++i) {
    if (group[i] < 0 || group[i] >= n_groups)
      return error{.code = errc::invalid_option,
                   .function = function,
                   .row = static_cast<index>(i),
                   .value = static_cast<double>(group[i]),
                   .lower = 0,
                   .upper = static_cast<double>(n_groups - 1),
                   .subject = "a group"};
    if (is_missing(y[i])) continue;
    if (!isfinite(y[i])) return error{.code = errc::not_finite, .function = function, .row = static_cast<index>(i)};
    if (out.n == 0) shift = y[i];
    sum[as_size(group[i])] += y[i] - shift;
    ++count[as_size(group[i])];
    total += y[i] - shift;
    ++out.n;
  }
  Scalar sizes_squared(0);
  for (const index n_j : count) {
    out.n_groups += n_j > 0;
    sizes_squared += static_cast<Scalar>(n_j) * static_cast<Scalar>(n_j);
  }
  if (auto enough = detail::check_levels(out.n_groups, "groups", function); !enough) return enough.error();
  if (out.n == out.n_groups)
    return error{
        .code = errc::too_few_rows, .function = function, .value = 1, .lower = 2, .subject = "in the largest group"};
  const auto n = static_cast<Scalar>(out.n);
  const Scalar mean = total / n;
  Scalar between(0);
  for (std::size_t j = 0; j < sum.size(); ++j) {
    if (count[j] == 0) continue;
    sum[j] /= static_cast<Scalar>(count[j]);  // now the mean of the group
    between += static_cast<Scalar>(count[j]) * (sum[j] - mean) * (sum[j] - mean);
  }
  Scalar within(0);
  for (std::size_t i = 0; i < y.size(); ++i) {
    if (is_missing(y[i])) continue;
    const Scalar d = (y[i] - shift) - sum[as_size(group[i])];
    within += d * d;
  }
  out.mean = shift + mean;
  out.group_size = (n - sizes_squared / n) / static_cast<Scalar>(out.n_groups - 1);
  out.between = detail::effect_of<Scalar>(between, out.n_groups - 1);
  out.within = detail::effect_of<Scalar>(within, out.n - out.n_groups);
  out.within.variance = out.within.mean_square;
  out.between.variance = (out.between.mean_square - out.within.mean_square) / out.group_size;
  if (!isfinite(between) || !isfinite(within))
    return error{.code = errc::numeric_failure, .function = function, .subject = "the sums of squares"};
  return out;
}

}  // namespace rapport::stats
