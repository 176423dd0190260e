// SPDX-License-Identifier: BSL-1.0
// Generalizability theory: variance components of persons, items and occasions, and what other designs would give.
#pragma once

#include <cmath>
#include <optional>
#include <string>
#include <vector>

#include <rapport/core/estimate.hpp>
#include <rapport/core/failure.hpp>
#include <rapport/core/result.hpp>
#include <rapport/reliability/measurement_error.hpp>
#include <rapport/stats/anova.hpp>
#include <rapport/stats/distribution/chi_squared.hpp>

namespace rapport {

/// How persons, items and occasions were combined.
enum class g_design : unsigned char {
  p_x_i,      ///< every person answered every item, once
  i_in_p,     ///< every person has items (raters, forms) of their own
  p_x_i_x_o,  ///< every person answered every item on every occasion
  p_x_i_in_o  ///< every occasion has items of its own; every person answered all
};

/// One source of variance.
template <class Scalar>
struct g_component {
  std::string name{};                                ///< p, i, o, pi, po, oi, poi,e
  Scalar variance{};                                 ///< negative where chance made it so
  std::optional<basic_interval<Scalar>> interval{};  ///< Satterthwaite's, exact for the last one; empty if not positive
  Scalar mean_square{};
  index df = 0;
  bool with_person = false;     ///< enters the error of comparisons between persons
  bool over_items = false;      ///< divided by the number of items
  bool over_occasions = false;  ///< divided by the number of occasions
};

/// The components of a study, with the person's own first and the residual last.
template <class Scalar>
struct basic_g_study {
  g_design design{};
  std::vector<g_component<Scalar>> component{};
  stats::matrix<Scalar> from_mean_squares{};  ///< components x mean squares: variance = this times the mean squares
  Scalar mean{};
  index n_persons = 0;
  index n_items = 0;  ///< of an occasion
  index n_occasions = 1;
};

/// What is done with negative variances in a decision study.
enum class negative_variance : unsigned char {
  keep,  ///< unbiased on average
  zero   ///< as variances must be
};

/// What a design with other numbers of items and occasions would give.
template <class Scalar>
struct basic_decision {
  index n_items = 0;
  index n_occasions = 1;
  basic_estimate<Scalar> generalizability{};  ///< E rho^2: of comparisons between persons
  basic_estimate<Scalar> dependability{};     ///< Phi: of the scores themselves
  Scalar relative_error_sd{};                 ///< standard error of a comparison with the group
  Scalar absolute_error_sd{};                 ///< standard error of the score itself
};

namespace detail {

/// A ratio of two sums of mean squares, with the standard error that independent chi-squared mean squares give, and the
/// normal interval of log(1 - ratio), which stays below 1.
template <class Scalar>
[[nodiscard]] basic_estimate<Scalar> mean_square_ratio(const stats::vector<Scalar>& signal,
                                                       const stats::vector<Scalar>& total,
                                                       const stats::vector<Scalar>& mean_square,
                                                       const stats::vector<Scalar>& df, double level) {
  using std::exp;
  using std::isfinite;
  using std::sqrt;
  basic_estimate<Scalar> out;
  const Scalar whole = total.dot(mean_square);
  out.estimate = signal.dot(mean_square) / whole;
  Scalar variance(0);
  for (index k = 0; k < mean_square.size(); ++k) {
    const Scalar slope = (signal(k) - out.estimate * total(k)) / whole * mean_square(k);
    variance += 2 * slope * slope / df(k);
  }
  out.standard_error = sqrt(variance);
  const Scalar rest = 1 - out.estimate;
  if (rest > 0) {
    const Scalar half = two_sided_normal<Scalar>(level) * *out.standard_error / rest;
    out.interval = {1 - rest * exp(half), 1 - rest * exp(-half), level};
  } else {
    out.interval = {out.estimate, out.estimate, level};
    out.notes.emplace_back("no error variance is left: no interval can be had");
  }
  return out;
}

template <class Scalar>
void set_component(g_component<Scalar>& c, const stats::matrix<Scalar>& from, const stats::vector<Scalar>& ms,
                   const stats::vector<Scalar>& df, index row, double level) {
  c.variance = from.row(row).dot(ms);
  if (!(c.variance > 0)) return;
  Scalar sum(0);
  for (index k = 0; k < ms.size(); ++k) sum += from(row, k) * from(row, k) * ms(k) * ms(k) / df(k);
  const Scalar own_df = c.variance * c.variance / sum;
  const Scalar tail = (1 - static_cast<Scalar>(level)) / 2;
  const Scalar upper = stats::chi_squared_quantile<Scalar>(1 - tail, own_df);
  const Scalar lower = stats::chi_squared_quantile<Scalar>(tail, own_df);
  // Very few degrees of freedom leave the upper end open.
  const Scalar open = std::numeric_limits<Scalar>::infinity();
  c.interval = basic_interval<Scalar>{own_df * c.variance / upper,
                                      lower > 0 ? Scalar(own_df * c.variance / lower) : open, level};
}

}  // namespace detail

/// Variance components of a generalizability study.
/// Model:       all facets random; components from expected mean squares of the complete design
/// \param x            p_x_i, i_in_p: persons x items. p_x_i_x_o, p_x_i_in_o: persons in rows, columns in n_occasions blocks
///                     of equal width, the items of an occasion
/// \param design       how the facets were combined
/// \param n_occasions  1 for the designs without occasions
/// \param level        of the intervals
/// \return      components with mean squares, in the order p, o, i, po, pi, oi, residual as far as the design has them
/// Errors:      errc::too_few_levels below 2 levels of a facet; errc::incomplete_design naming an empty cell;
///              errc::not_finite; errc::size_mismatch; errc::zero_variance if all scores are alike; errc::invalid_option
/// Missing:     none allowed
/// Numerics:    see stats::analyse_three_way; intervals of Satterthwaite are rough for small components
/// Not for:     items chosen on purpose, not as a sample: they are then no random facet
/// Reference:   Brennan (2001), Generalizability theory, ch. 2 to 6, doi 10.1007/978-1-4757-3456-0
/// R:           gtheory::gstudy; lme4::lmer(y ~ 1 + (1 | p) + (1 | i)) where all components are positive
template <class Derived>
[[nodiscard]] auto generalizability_study(const Eigen::MatrixBase<Derived>& x, g_design design, index n_occasions = 1,
                                          double level = 0.95) -> result<basic_g_study<typename Derived::Scalar>> {
  using Scalar = typename Derived::Scalar;
  if (auto legal = check_level(level, "generalizability_study"); !legal) return legal.error();
  basic_g_study<Scalar> out;
  out.design = design;
  out.n_persons = x.rows();
  std::vector<g_component<Scalar>>& c = out.component;
  Scalar total(0);
  const auto add = [&](const char* name, const Scalar& ss, index df, bool person, bool items, bool occasions) {
    c.push_back({name, Scalar(0), {}, Scalar(ss / static_cast<Scalar>(df)), df, person, items, occasions});
    total += ss;
  };
  stats::matrix<Scalar>& from = out.from_mean_squares;
  if (design == g_design::p_x_i || design == g_design::i_in_p) {
    const auto a = stats::analyse_two_way(x);
    if (!a) return a.error();
    const auto np = static_cast<Scalar>(a->n_rows);
    const auto ni = static_cast<Scalar>(a->n_columns);
    out.mean = a->mean;
    out.n_items = a->n_columns;
    add("p", a->rows.sum_of_squares, a->rows.df, true, false, false);
    if (design == g_design::p_x_i) {
      add("i", a->columns.sum_of_squares, a->columns.df, false, true, false);
      add("pi,e", a->residual.sum_of_squares, a->residual.df, true, true, false);
      from.resize(3, 3);
      from << 1 / ni, 0, -1 / ni, 0, 1 / np, -1 / np, 0, 0, 1;
    } else {
      add("i:p,e", a->columns.sum_of_squares + a->residual.sum_of_squares, a->columns.df + a->residual.df, true, true,
          false);
      from.resize(2, 2);
      from << 1 / ni, -1 / ni, 0, 1;
    }
  } else {
    const auto a = stats::analyse_three_way(x, n_occasions);
    if (!a) return a.error();
    const auto np = static_cast<Scalar>(a->n_a);
    const auto no = static_cast<Scalar>(a->n_b);
    const auto ni = static_cast<Scalar>(a->n_c);
    out.mean = a->mean;
    out.n_items = a->n_c;
    out.n_occasions = a->n_b;
    add("p", a->a.sum_of_squares, a->a.df, true, false, false);
    add("o", a->b.sum_of_squares, a->b.df, false, false, true);
    if (design == g_design::p_x_i_x_o) {
      add("i", a->c.sum_of_squares, a->c.df, false, true, false);
      add("po", a->ab.sum_of_squares, a->ab.df, true, false, true);
      add("pi", a->ac.sum_of_squares, a->ac.df, true, true, false);
      add("oi", a->bc.sum_of_squares, a->bc.df, false, true, true);
      add("poi,e", a->residual.sum_of_squares, a->residual.df, true, true, true);
      from = stats::matrix<Scalar>::Zero(7, 7);  // mean squares in the order p, o, i, po, pi, oi, residual
      from.row(0) << 1, 0, 0, -1, -1, 0, 1;
      from.row(1) << 0, 1, 0, -1, 0, -1, 1;
      from.row(2) << 0, 0, 1, 0, -1, -1, 1;
      from.row(3) << 0, 0, 0, 1, 0, 0, -1;
      from.row(4) << 0, 0, 0, 0, 1, 0, -1;
      from.row(5) << 0, 0, 0, 0, 0, 1, -1;
      from(6, 6) = 1;
      const Scalar cells[] = {no * ni, np * ni, np * no, ni, no, np, Scalar(1)};
      for (index r = 0; r < 7; ++r) from.row(r) /= cells[r];
    } else {
      add("i:o", a->c.sum_of_squares + a->bc.sum_of_squares, a->c.df + a->bc.df, false, true, true);
      add("po", a->ab.sum_of_squares, a->ab.df, true, false, true);
      add("pi:o,e", a->ac.sum_of_squares + a->residual.sum_of_squares, a->ac.df + a->residual.df, true, true, true);
      from = stats::matrix<Scalar>::Zero(5, 5);  // p, o, i:o, po, residual
      from.row(0) << 1, 0, 0, -1, 0;
      from.row(1) << 0, 1, -1, -1, 1;
      from.row(2) << 0, 0, 1, 0, -1;
      from.row(3) << 0, 0, 0, 1, -1;
      from(4, 4) = 1;
      const Scalar cells[] = {no * ni, np * ni, np, ni, Scalar(1)};
      for (index r = 0; r < 5; ++r) from.row(r) /= cells[r];
    }
  }
  if (!(total > 0))
    return error{.code = errc::zero_variance, .function = "generalizability_study", .subject = "the score"};
  const index n_effects = std::ssize(c);
  stats::vector<Scalar> ms(n_effects);
  stats::vector<Scalar> df(n_effects);
  for (index k = 0; k < n_effects; ++k) {
    ms(k) = c[as_size(k)].mean_square;
    df(k) = static_cast<Scalar>(c[as_size(k)].df);
  }
  for (index k = 0; k < n_effects; ++k) detail::set_component(c[as_size(k)], from, ms, df, k, level);
  return out;
}

/// Reliability with other numbers of items and occasions.
/// Model:       relative error = sum of the components with the person, each over its numbers of items and occasions;
///              absolute error = the same with all components but p; coefficient = p / (p + error)
/// \param study        from generalizability_study
/// \param n_items      items of an occasion
/// \param n_occasions  1 where the design has no occasions
/// \param negative     whether negative variances are kept or set to 0
/// \param level        of the intervals
/// \return      both coefficients with standard errors (mean squares independent, normal scores) and intervals, and the
///              standard errors of scores; with variances set to 0 the standard errors are of the kept ones
/// Errors:      errc::invalid_option below 1 item or occasion, or for the level; errc::zero_variance if p and the error are
///              not positive together
/// Reference:   Brennan (2001), ch. 4; standard errors sec. 6.2
/// R:           gtheory::dstudy
template <class Scalar>
[[nodiscard]] result<basic_decision<Scalar>> decision_study(const basic_g_study<Scalar>& study, index n_items,
                                                            index n_occasions = 1,
                                                            negative_variance negative = negative_variance::keep,
                                                            double level = 0.95) {
  using std::sqrt;
  constexpr const char* function = "decision_study";
  if (auto legal = check_level(level, function); !legal) return legal.error();
  for (const index n : {n_items, n_occasions}) {
    if (n < 1)
      return error{.code = errc::invalid_option,
                   .function = function,
                   .value = static_cast<double>(n),
                   .lower = 1,
                   .upper = (std::numeric_limits<double>::max)(),
                   .subject = "the number of items or occasions"};
  }
  const index n_effects = std::ssize(study.component);
  stats::vector<Scalar> ms(n_effects);
  stats::vector<Scalar> df(n_effects);
  for (index k = 0; k < n_effects; ++k) {
    ms(k) = study.component[as_size(k)].mean_square;
    df(k) = static_cast<Scalar>(study.component[as_size(k)].df);
  }
  stats::vector<Scalar> relative = stats::vector<Scalar>::Zero(n_effects);  // error as sums of mean squares
  stats::vector<Scalar> absolute = stats::vector<Scalar>::Zero(n_effects);
  Scalar relative_var(0);
  Scalar absolute_var(0);
  const auto kept = [&](const Scalar& v) { return negative == negative_variance::zero && v < 0 ? Scalar(0) : v; };
  for (index k = 1; k < n_effects; ++k) {
    const auto& c = study.component[as_size(k)];
    const Scalar divisor = (c.over_items ? static_cast<Scalar>(n_items) : Scalar(1)) *
                           (c.over_occasions ? static_cast<Scalar>(n_occasions) : Scalar(1));
    const stats::vector<Scalar> row = study.from_mean_squares.row(k).transpose() / divisor;
    absolute += row;
    absolute_var += kept(c.variance) / divisor;
    if (!c.with_person) continue;
    relative += row;
    relative_var += kept(c.variance) / divisor;
  }
  const stats::vector<Scalar> person = study.from_mean_squares.row(0).transpose();
  const Scalar person_var = kept(study.component[0].variance);
  if (!(person_var + relative_var > 0) || !(person_var + absolute_var > 0))
    return error{.code = errc::zero_variance, .function = function, .subject = "the score, beyond error,"};
  basic_decision<Scalar> out;
  out.n_items = n_items;
  out.n_occasions = n_occasions;
  const auto coefficient = [&](const stats::vector<Scalar>& error, const Scalar& error_var, const char* name) {
    auto one = detail::mean_square_ratio<Scalar>(person, person + error, ms, df, level);
    const Scalar value = person_var / (person_var + error_var);
    if (value != one.estimate && negative == negative_variance::zero) {
      const Scalar moved = value - one.estimate;
      one.estimate = value;
      if (moved > 1e-12 || moved < -1e-12) one.notes.emplace_back("negative variances count as 0");
    }
    one.n = study.n_persons;
    one.method = name + (", analysis of variance, normal interval of log(1 - x), " + detail::percent(level));
    return one;
  };
  out.generalizability = coefficient(relative, relative_var, "E rho^2");
  out.dependability = coefficient(absolute, absolute_var, "Phi");
  // Kept negative variances may leave a negative error; the standard error of a score is then 0.
  out.relative_error_sd = relative_var > 0 ? Scalar(sqrt(relative_var)) : Scalar(0);
  out.absolute_error_sd = absolute_var > 0 ? Scalar(sqrt(absolute_var)) : Scalar(0);
  return out;
}

}  // namespace rapport
