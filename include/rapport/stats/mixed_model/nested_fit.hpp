// SPDX-License-Identifier: BSL-1.0
// Fitting a nested model with structured errors to its optimum, with a certificate that it is one.
#pragma once

#include <cmath>
#include <optional>
#include <utility>
#include <vector>

#include <rapport/core/config.hpp>
#include <rapport/stats/mixed_model/fit.hpp>
#include <rapport/stats/mixed_model/nested_likelihood.hpp>
#include <rapport/stats/mixed_model/residual_map.hpp>
#include <rapport/stats/optimize/newton.hpp>

namespace rapport::stats {

/// A fitted nested model, in the caller's coordinates.
template <class Scalar>
struct nested_model_fit : mixed_model_fit<Scalar> {
  bool has_groups = false;
  Scalar group_var{};  ///< between groups; 0 without groups
  residual_kind residual = residual_kind::independent;
  std::vector<Scalar> residual_parameters{};  ///< as residual_weights describes them
};

namespace detail {

/// Where a search stands: every point is legal.
template <class Scalar>
struct nested_point {
  small_matrix<Scalar> factor{};  ///< G0 = factor factor'
  Scalar group_root{};            ///< its square is the relative variance between groups
  vector<Scalar> residual{};      ///< the parameters of the errors on the whole line
};

/// The search for the optimum of a nested model, over factors of its covariances.
template <class Scalar>
class nested_search {
 public:
  using jet = matrix_jet<Scalar>;
  using point_type = nested_point<Scalar>;

  struct optimum {
    point_type point{};
    std::vector<free_entry> free{};  ///< of the factor
    bool group_free = false;
    newton_outcome<Scalar> newton{};
    Scalar escape_slope{};
  };

  nested_search(const nested_model_design<Scalar>& design, likelihood kind)
      : design_(design), kind_(kind), map_(design.weights()) {}

  [[nodiscard]] result<optimum> from(point_type point) {
    constexpr int most_escapes = 10;
    for (int escapes = 0;; ++escapes) {
      auto found = descend(point);
      if (!found) return found.error();
      drop_vanished(*found);
      auto way_out = escape(*found);
      if (!way_out || escapes == most_escapes) return found;
      point = *std::move(way_out);
    }
  }

  [[nodiscard]] point_type start(const Scalar& factor, const Scalar& correlation) const {
    const index q = design_.n_random();
    return {small_matrix<Scalar>(factor * small_matrix<Scalar>::Identity(q, q)),
            design_.has_groups() ? factor : Scalar(0), map_.start(correlation)};
  }

  /// The covariances at a point as functions of what is free there.
  [[nodiscard]] nested_covariances<Scalar> covariances(const point_type& at, const std::vector<free_entry>& free,
                                                       bool group_free) const {
    const index n_free = std::ssize(free);
    const index n = n_free + (group_free ? 1 : 0) + at.residual.size();
    nested_covariances<Scalar> out;
    jet factor(at.factor.rows(), at.factor.cols(), n);
    factor.value() = at.factor;
    for (index k = 0; k < n_free; ++k) factor.first(k)(free[as_size(k)].row, free[as_size(k)].column) = Scalar(1);
    out.g0 = factor * factor.transpose();
    const Scalar& t = at.group_root;
    out.group = group_free ? jet::of_parameter(n_free, n, t * t, 2 * t, Scalar(2)) : jet::number(t * t);
    out.residual = map_.parameters(at.residual, n_free + (group_free ? 1 : 0), n);
    return out;
  }

  /// The covariances at a point as functions of the entries of G0, column by column, and of the variance of groups; the
  /// errors' parameters held fixed.
  [[nodiscard]] nested_covariances<Scalar> by_entries(const point_type& at) const {
    const auto entries = all_entries();
    const index n = std::ssize(entries) + (design_.has_groups() ? 1 : 0);
    nested_covariances<Scalar> out;
    out.g0 = jet(at.factor.rows(), at.factor.cols(), n);
    out.g0.value() = at.factor * at.factor.transpose();
    for (index k = 0; k < std::ssize(entries); ++k) {
      out.g0.first(k)(entries[as_size(k)].row, entries[as_size(k)].column) = Scalar(1);
      out.g0.first(k)(entries[as_size(k)].column, entries[as_size(k)].row) = Scalar(1);
    }
    const Scalar group = at.group_root * at.group_root;
    out.group = design_.has_groups() ? jet::of_parameter(n - 1, n, group) : jet::number(group);
    out.residual = map_.parameters(at.residual, 0, 0);
    return out;
  }

  [[nodiscard]] int evaluations() const noexcept { return evaluations_; }
  [[nodiscard]] const residual_map<Scalar>& map() const noexcept { return map_; }
  /// The entries of G0 that may differ from zero.
  [[nodiscard]] std::vector<free_entry> all_entries() const {
    std::vector<free_entry> out;
    for (index j = 0; j < design_.n_random(); ++j) {
      for (index i = j; i < (correlated() ? design_.n_random() : j + 1); ++i) out.push_back({i, j});
    }
    return out;
  }

 private:
  [[nodiscard]] bool correlated() const noexcept { return design_.structure() == random_structure::correlated; }

  [[nodiscard]] std::vector<free_entry> free_entries(const small_matrix<Scalar>& factor) const {
    std::vector<free_entry> out;
    for (const free_entry& entry : all_entries()) {
      if (!(factor.col(entry.column).array() == 0).all()) out.push_back(entry);
    }
    return out;
  }

  [[nodiscard]] result<optimum> descend(const point_type& start) {
    optimum out;
    out.free = free_entries(start.factor);
    out.group_free = start.group_root != 0;
    const index n_free = std::ssize(out.free);
    const index n_group = out.group_free ? 1 : 0;
    vector<Scalar> numbers(n_free + n_group + start.residual.size());
    for (index k = 0; k < n_free; ++k) numbers(k) = start.factor(out.free[as_size(k)].row, out.free[as_size(k)].column);
    if (out.group_free) numbers(n_free) = start.group_root;
    numbers.tail(start.residual.size()) = start.residual;
    const auto point_of = [&](const vector<Scalar>& at) {
      point_type point{small_matrix<Scalar>::Zero(start.factor.rows(), start.factor.cols()), Scalar(0), {}};
      for (index k = 0; k < n_free; ++k) point.factor(out.free[as_size(k)].row, out.free[as_size(k)].column) = at(k);
      if (out.group_free) point.group_root = at(n_free);
      point.residual = at.tail(start.residual.size());
      return point;
    };
    const auto function = [&](const vector<Scalar>& at) -> result<second_order<Scalar>> {
      ++evaluations_;
      const auto evaluated = evaluate(design_, covariances(point_of(at), out.free, out.group_free), kind_);
      if (!evaluated) return evaluated.error();
      const jet deviance = evaluated->deviance();
      const index n = at.size();
      second_order<Scalar> derivatives{deviance.scalar(), vector<Scalar>(n), matrix<Scalar>(n, n)};
      for (index k = 0; k < n; ++k) {
        derivatives.gradient(k) = deviance.first(k)(0, 0);
        for (index l = 0; l < n; ++l) derivatives.hessian(k, l) = deviance.second(k, l)(0, 0);
      }
      return derivatives;
    };
    auto newton = minimize_newton<Scalar>(function, numbers);
    if (!newton) return newton.error();
    out.newton = *std::move(newton);
    out.point = point_of(out.newton.point);
    return out;
  }

  /// Where a variance has shrunk to nothing, makes it exactly zero, if that costs no deviance.
  void drop_vanished(optimum& found) {
    const Scalar vanished(1e-6);  // relative to the residual variance; only a candidate, the deviance decides
    point_type shorter = found.point;
    if (correlated() && shorter.factor.rows() > 0) {
      small_symmetric_eigen<Scalar> eigen(found.point.factor * found.point.factor.transpose());
      for (index i = 0; i < eigen.values.size(); ++i) {
        if (eigen.values(i) < vanished) eigen.values(i) = Scalar(0);
      }
      shorter.factor = detail::lower_factor(eigen);
    } else {
      for (index j = 0; j < shorter.factor.rows(); ++j) {
        if (shorter.factor(j, j) * shorter.factor(j, j) < vanished) shorter.factor(j, j) = Scalar(0);
      }
    }
    if (shorter.group_root * shorter.group_root < vanished) shorter.group_root = Scalar(0);
    const bool group_drops = found.group_free && shorter.group_root == 0;
    if (free_entries(shorter.factor).size() == found.free.size() && !group_drops) return;
    auto again = descend(shorter);
    const Scalar nothing(1e-9);
    if (again && again->newton.at.value <= found.newton.at.value + nothing) found = *std::move(again);
  }

  /// Sets found.escape_slope, and returns a better point if the deviance falls towards the interior.
  [[nodiscard]] std::optional<point_type> escape(optimum& found) {
    const index q = design_.n_random();
    const auto entries = all_entries();
    const auto here = evaluate(design_, by_entries(found.point), kind_);
    ++evaluations_;
    if (!here) return std::nullopt;
    const jet deviance = here->deviance();
    const auto scale = static_cast<Scalar>(design_.n_rows());
    // The gradient as a matrix whose product with a direction is the slope along it.
    matrix<Scalar> gradient = matrix<Scalar>::Zero(q, q);
    for (index k = 0; k < std::ssize(entries); ++k) {
      const auto [i, j] = entries[as_size(k)];
      gradient(i, j) = gradient(j, i) = deviance.first(k)(0, 0) / (i == j ? 1 : 2);
    }
    vector<Scalar> way = vector<Scalar>::Zero(q);
    Scalar slope(0);
    if (q > 0 && correlated()) {
      const small_symmetric_eigen<Scalar> eigen(gradient);
      slope = eigen.values(0) / scale;
      way = eigen.vectors.col(0);
    } else if (q > 0) {
      index steepest = 0;
      slope = gradient.diagonal().minCoeff(&steepest) / scale;
      way(steepest) = Scalar(1);
    }
    found.escape_slope = slope;
    bool by_group = false;
    if (design_.has_groups() && !found.group_free) {
      const Scalar group_slope = deviance.first(deviance.n_parameters() - 1)(0, 0) / scale;
      by_group = group_slope < slope;
      found.escape_slope = (std::min)(slope, group_slope);
    }
    const Scalar flat(-1e-7);
    if (found.escape_slope >= flat) return std::nullopt;
    for (Scalar length(1); length > Scalar(1e-8); length /= 4) {
      point_type moved = found.point;
      if (by_group) {
        using std::sqrt;
        moved.group_root = sqrt(length);
      } else {
        const small_matrix<Scalar> g0 =
            found.point.factor * found.point.factor.transpose() + length * way * way.transpose();
        moved.factor = correlated() ? small_matrix<Scalar>(lower_factor(small_symmetric_eigen<Scalar>(g0)))
                                    : small_matrix<Scalar>(g0.diagonal().cwiseSqrt().asDiagonal());
      }
      const auto there = evaluate(design_, covariances(moved, {}, false), kind_);
      ++evaluations_;
      if (there && there->deviance().scalar() < deviance.scalar()) return moved;
    }
    return std::nullopt;
  }

  const nested_model_design<Scalar>& design_;
  likelihood kind_;
  residual_map<Scalar> map_;
  int evaluations_ = 0;
};

}  // namespace detail

/// Fits a nested model by maximum or restricted maximum likelihood.
/// Model:       y = X beta + Z b + t + e; b ~ N(0, G) per cluster, t ~ N(0, group_var) per group of clusters,
///              e ~ N(0, residual_var R) with R of the data's residual_kind
/// \param design  the data
/// \param kind    ML or REML
/// \return      estimates and a certificate; under fit_status::not_converged the estimates are the best point seen
/// Errors:      those of `evaluate` at the starting point
/// Missing:     rows with missing values must have been left out; valid if they are missing at random
/// Numerics:    Newton's method with exact derivatives over factors of the covariances, from several starts where errors
///              are correlated or a variance ends on its boundary
/// Reference:   Pinheiro & Bates (2000), Mixed-Effects Models in S and S-PLUS, doi 10.1007/b98882
/// R:           lme4::lmer(y ~ x + (z | client) + (1 | therapist)); nlme::lme(..., correlation = corAR1(form = ~ session |
///              client))
template <class Scalar>
[[nodiscard]] result<nested_model_fit<Scalar>> fit_nested_model(const nested_model_design<Scalar>& design,
                                                                likelihood kind = likelihood::reml) {
  const index q = design.n_random();
  const index p = design.n_fixed();
  detail::nested_search<Scalar> search(design, kind);
  const auto all_free = search.all_entries().size();
  auto best = search.from(search.start(Scalar(1), Scalar(0.3)));
  int starts = 1;
  const auto on_boundary = [&] {
    return best && (best->free.size() < all_free || (design.has_groups() && !best->group_free));
  };
  const bool correlated_errors = design.weights().n_parameters() == 1;
  if (!best || !best->newton.converged || on_boundary() || correlated_errors) {
    for (const auto& [factor, correlation] : {std::pair(0.2, 0.7), std::pair(1.0, 0.0)}) {
      auto other = search.from(search.start(Scalar(factor), Scalar(correlation)));
      ++starts;
      if (!other) continue;
      if (!best || other->newton.at.value < best->newton.at.value) best = std::move(other);
    }
  }
  if (!best) return best.error();

  const auto at = evaluate(design, search.covariances(best->point, best->free, best->group_free), kind);
  if (!at) return at.error();
  const auto& standard = design.standard();
  const auto x_factor = standard.x_factor.template triangularView<Eigen::Upper>();
  const auto to_fixed = [&](const matrix<Scalar>& c) -> matrix<Scalar> {
    const matrix<Scalar> half = x_factor.solve(c);
    return x_factor.solve(matrix<Scalar>(half.transpose()));
  };
  nested_model_fit<Scalar> out;
  out.kind = kind;
  out.step = at->step.value();
  const Scalar s = at->residual_var();
  const Scalar unit_var = standard.score_scale * standard.score_scale;
  out.residual_var = s * unit_var;
  out.deviance = at->deviance().scalar();
  out.n_rows = design.n_rows();
  out.n_clusters = design.n_clusters();
  out.n_parameters =
      p + static_cast<index>(all_free) + (design.has_groups() ? 1 : 0) + design.weights().n_parameters() + 1;
  out.fixed = x_factor.solve(vector<Scalar>(standard.score_scale * (standard.start + out.step)));
  out.fixed_covariance = out.residual_var * to_fixed(at->beta_unit.value());
  out.g0 = best->point.factor * best->point.factor.transpose();
  if (q > 0) {
    const auto z_factor = standard.z_factor.template triangularView<Eigen::Upper>();
    const matrix<Scalar> half = z_factor.solve(matrix<Scalar>(out.g0));
    out.random_covariance = out.residual_var * z_factor.solve(matrix<Scalar>(half.transpose()));
  }
  out.has_groups = design.has_groups();
  out.group_var = best->point.group_root * best->point.group_root * out.residual_var;
  out.residual = design.weights().kind();
  for (const auto& each : search.map().parameters(best->point.residual, 0, 0))
    out.residual_parameters.push_back(each.scalar());

  // As functions of what is free and of the residual variance s: log_det + f log s + q / s, and s (X'V0^-1 X)^-1.
  const index m = at->q.n_parameters();
  out.parameter_hessian.resize(m + 1, m + 1);
  for (index k = 0; k < m; ++k) {
    for (index l = 0; l < m; ++l)
      out.parameter_hessian(k, l) = at->log_det.second(k, l)(0, 0) + at->q.second(k, l)(0, 0) / s;
    out.parameter_hessian(k, m) = out.parameter_hessian(m, k) = -at->q.first(k)(0, 0) / (s * s);
    out.fixed_covariance_change.push_back(to_fixed(out.residual_var * at->beta_unit.first(k)));
  }
  out.parameter_hessian(m, m) = at->free_rows / (s * s);
  out.fixed_covariance_change.push_back(unit_var * to_fixed(at->beta_unit.value()));

  fit_report<Scalar>& report = out.report;
  report.evaluations = search.evaluations();
  report.starts = starts;
  report.gradient_norm = best->newton.at.gradient.size() > 0 ? Scalar(best->newton.at.gradient.norm()) : Scalar(0);
  report.newton_decrement = best->newton.decrement;
  report.least_escape_slope = best->escape_slope;
  std::vector<bool> column_used(as_size(q));
  for (const auto& entry : best->free) column_used[as_size(entry.column)] = true;
  for (const bool used : column_used) report.rank += used ? 1 : 0;
  const bool is_optimum = best->newton.converged && best->escape_slope >= Scalar(-1e-6);
  report.status = !is_optimum                                                     ? fit_status::not_converged
                  : report.rank < q || (design.has_groups() && !best->group_free) ? fit_status::boundary
                                                                                  : fit_status::converged;
  if (!out.fixed.allFinite() || !out.fixed_covariance.allFinite() || !out.random_covariance.allFinite())
    return error{.code = errc::numeric_failure, .function = "fit_nested_model"};
  return out;
}

RAPPORT_INSTANCE(result<nested_model_fit<double>> fit_nested_model(const nested_model_design<double>&, likelihood));

}  // namespace rapport::stats
