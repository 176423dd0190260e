// SPDX-License-Identifier: BSL-1.0
// Fitting a mixed model to its optimum, with a certificate that it is one.
#pragma once

#include <cmath>
#include <optional>
#include <vector>

#include <rapport/core/config.hpp>
#include <rapport/stats/linalg/small_symmetric_eigen.hpp>
#include <rapport/stats/mixed_model/likelihood.hpp>
#include <rapport/stats/optimize/newton.hpp>

namespace rapport::stats {

/// How a fit ended. A boundary is a legal optimum, not a failure.
enum class fit_status : unsigned char {
  converged,     ///< an interior optimum
  boundary,      ///< an optimum at which some combination of random effects has variance zero
  not_converged  ///< the conditions below do not hold; do not use the numbers
};

/// What certifies the optimum.
template <class Scalar>
struct fit_report {
  fit_status status = fit_status::not_converged;
  int evaluations = 0;
  int starts = 0;
  Scalar gradient_norm{};       ///< of the deviance in the free covariance parameters, relative scale
  Scalar newton_decrement{};    ///< what another Newton step would gain in deviance, times 2
  Scalar least_escape_slope{};  ///< slope of the deviance into the interior at a boundary; not negative at an optimum
  index rank = 0;               ///< of the covariance matrix of the random effects
};

/// A fitted mixed model, in the caller's coordinates.
template <class Scalar>
struct mixed_model_fit {
  likelihood kind = likelihood::reml;
  vector<Scalar> fixed{};              ///< beta
  matrix<Scalar> fixed_covariance{};   ///< (X'V^-1 X)^-1 at the fitted variances
  matrix<Scalar> random_covariance{};  ///< G
  Scalar residual_var{};
  Scalar deviance{};  ///< -2 log-likelihood (ML) or the REML criterion
  index n_rows = 0;
  index n_clusters = 0;
  index n_parameters = 0;  ///< fixed effects, covariance parameters and the residual variance
  fit_report<Scalar> report{};

  // What inference needs: the Hessian of the deviance in the free covariance parameters and, last, the residual variance,
  // both in the design's coordinates; and the change of fixed_covariance along each of them.
  matrix<Scalar> parameter_hessian{};
  std::vector<matrix<Scalar>> fixed_covariance_change{};

  // In the design's coordinates.
  small_matrix<Scalar> g0{};
  vector<Scalar> step{};

  [[nodiscard]] Scalar log_likelihood() const { return -deviance / 2; }
};

namespace detail {

/// The lower-triangular entries of a factor L of G0 = L L' that may move.
struct free_entry {
  index row = 0;
  index column = 0;
};

/// L with G0 = L L'; a column of L is zero where G0 has no variance left.
template <class Scalar>
[[nodiscard]] small_matrix<Scalar> lower_factor(const small_symmetric_eigen<Scalar>& eigen) {
  using std::sqrt;
  matrix<Scalar> root = eigen.vectors.transpose();
  for (index i = 0; i < root.rows(); ++i)
    root.row(i) *= eigen.values(i) > 0 ? Scalar(sqrt(eigen.values(i))) : Scalar(0);
  return orthogonalize<Scalar>(root, Scalar(1)).transpose();
}

/// The search for the optimum over factors L. G0 = L L' makes every L legal; that a stationary L is an optimum of G0
/// too is checked by the gradient in G0, which must be positive semidefinite there, and if it is not, shows the way out.
template <class Scalar>
class mixed_model_search {
 public:
  mixed_model_search(const mixed_model_design<Scalar>& design, likelihood kind) : design_(design), kind_(kind) {}

  struct optimum {
    small_matrix<Scalar> factor{};
    std::vector<free_entry> free{};
    newton_outcome<Scalar> newton{};
    Scalar escape_slope{};  ///< least eigenvalue of the gradient in G0, relative to its scale
  };

  [[nodiscard]] result<optimum> from(small_matrix<Scalar> factor) {
    constexpr int most_escapes = 10;
    for (int escapes = 0;; ++escapes) {
      auto found = descend(factor);
      if (!found) return found.error();
      drop_vanished(*found);
      const auto way_out = escape(*found);
      if (!way_out || escapes == most_escapes) return found;
      factor = *way_out;
    }
  }

  [[nodiscard]] int evaluations() const noexcept { return evaluations_; }

  /// Directions of G0 that belong to the free entries of a factor: E L' + L E'.
  [[nodiscard]] static std::vector<small_matrix<Scalar>> directions(const small_matrix<Scalar>& factor,
                                                                    const std::vector<free_entry>& free) {
    std::vector<small_matrix<Scalar>> out;
    for (const free_entry& entry : free) {
      small_matrix<Scalar> d = small_matrix<Scalar>::Zero(factor.rows(), factor.cols());
      d.row(entry.row) += factor.col(entry.column).transpose();
      d.col(entry.row) += factor.col(entry.column);
      out.push_back(d);
    }
    return out;
  }

  /// Adds the curvature of G0 = L L' itself to second derivatives taken along directions.
  static void add_factor_curvature(const matrix<Scalar>& gradient, const std::vector<free_entry>& free,
                                   matrix<Scalar>& hessian) {
    for (std::size_t a = 0; a < free.size(); ++a) {
      for (std::size_t b = 0; b < free.size(); ++b) {
        if (free[a].column != free[b].column) continue;
        hessian(static_cast<index>(a), static_cast<index>(b)) += 2 * gradient(free[a].row, free[b].row);
      }
    }
  }

 private:
  [[nodiscard]] bool correlated() const noexcept { return design_.structure() == random_structure::correlated; }

  [[nodiscard]] std::vector<free_entry> free_entries(const small_matrix<Scalar>& factor) const {
    std::vector<free_entry> out;
    for (index j = 0; j < factor.cols(); ++j) {
      if ((factor.col(j).array() == 0).all()) continue;
      for (index i = j; i < (correlated() ? factor.rows() : j + 1); ++i) out.push_back({i, j});
    }
    return out;
  }

  [[nodiscard]] result<optimum> descend(const small_matrix<Scalar>& start) {
    optimum out;
    out.free = free_entries(start);
    const auto with_entries = [&](const vector<Scalar>& entries) {
      small_matrix<Scalar> factor = small_matrix<Scalar>::Zero(start.rows(), start.cols());
      for (std::size_t a = 0; a < out.free.size(); ++a)
        factor(out.free[a].row, out.free[a].column) = entries(static_cast<index>(a));
      return factor;
    };
    vector<Scalar> entries(std::ssize(out.free));
    for (std::size_t a = 0; a < out.free.size(); ++a)
      entries(static_cast<index>(a)) = start(out.free[a].row, out.free[a].column);

    const auto function = [&](const vector<Scalar>& at) -> result<second_order<Scalar>> {
      const small_matrix<Scalar> factor = with_entries(at);
      const auto along = directions(factor, out.free);
      auto evaluated = evaluate<Scalar>(design_, small_matrix<Scalar>(factor * factor.transpose()), kind_, along);
      ++evaluations_;
      if (!evaluated) return evaluated.error();
      second_order<Scalar> derivatives{evaluated->deviance, vector<Scalar>(at.size()), std::move(evaluated->curvature)};
      const small_matrix<Scalar> gradient = evaluated->gradient;
      for (std::size_t a = 0; a < along.size(); ++a)
        derivatives.gradient(static_cast<index>(a)) = inner<Scalar>(gradient, along[a]);
      add_factor_curvature(evaluated->gradient, out.free, derivatives.hessian);
      return derivatives;
    };
    auto newton = minimize_newton<Scalar>(function, entries);
    if (!newton) return newton.error();
    out.newton = std::move(*newton);
    out.factor = with_entries(out.newton.point);
    return out;
  }

  /// Where variances have shrunk to nothing, makes them exactly zero, one after the other, if that costs no deviance.
  void drop_vanished(optimum& found) {
    const Scalar nothing(1e-9);
    for (;;) {
      const auto shorter = without_smallest(found.factor);
      if (!shorter) return;
      auto again = descend(*shorter);
      if (!again || !(again->newton.at.value <= found.newton.at.value + nothing)) return;
      found = std::move(*again);
    }
  }

  /// A factor without its smallest variance, if that is small; only a candidate, the deviance decides.
  [[nodiscard]] std::optional<small_matrix<Scalar>> without_smallest(const small_matrix<Scalar>& factor) const {
    const Scalar small(1e-3);  // relative to the residual variance
    if (correlated()) {
      small_symmetric_eigen<Scalar> eigen(factor * factor.transpose());
      const index rank = (factor.array() != 0).colwise().any().count();
      const index smallest = factor.cols() - rank;  // the values increase, and the ones before are zero
      if (rank == 0 || eigen.values(smallest) >= small) return std::nullopt;
      eigen.values.head(smallest + 1).setZero();
      return lower_factor(eigen);
    }
    using std::abs;
    small_matrix<Scalar> shorter = factor;
    index smallest = -1;
    for (index j = 0; j < factor.cols(); ++j) {
      if (factor(j, j) == 0) continue;
      if (smallest < 0 || abs(factor(j, j)) < abs(factor(smallest, smallest))) smallest = j;
    }
    if (smallest < 0 || factor(smallest, smallest) * factor(smallest, smallest) >= small) return std::nullopt;
    shorter(smallest, smallest) = Scalar(0);
    return shorter;
  }

  /// Sets found.escape_slope, and returns a better factor if the deviance falls towards the interior.
  [[nodiscard]] std::optional<small_matrix<Scalar>> escape(optimum& found) {
    const small_matrix<Scalar> g0 = found.factor * found.factor.transpose();
    const auto here = evaluate<Scalar>(design_, g0, kind_);
    ++evaluations_;
    if (!here) return std::nullopt;
    const index q = g0.rows();
    const Scalar scale = static_cast<Scalar>(design_.n_rows());  // of the gradient, in the design's coordinates
    vector<Scalar> way = vector<Scalar>::Zero(q);
    if (correlated()) {
      const small_symmetric_eigen<Scalar> eigen(here->gradient);
      found.escape_slope = eigen.values(0) / scale;
      way = eigen.vectors.col(0);
    } else {
      index steepest = 0;
      found.escape_slope = here->gradient.diagonal().minCoeff(&steepest) / scale;
      way(steepest) = Scalar(1);
    }
    const Scalar flat(-1e-7);
    if (found.escape_slope >= flat) return std::nullopt;
    for (Scalar length(1); length > Scalar(1e-8); length /= 4) {
      const small_matrix<Scalar> moved = g0 + length * way * way.transpose();
      const auto there = evaluate<Scalar>(design_, moved, kind_);
      ++evaluations_;
      if (!there || !(there->deviance < here->deviance)) continue;
      if (!correlated()) return small_matrix<Scalar>(moved.diagonal().cwiseSqrt().asDiagonal());
      return lower_factor(small_symmetric_eigen<Scalar>(moved));
    }
    return std::nullopt;
  }

  const mixed_model_design<Scalar>& design_;
  likelihood kind_;
  int evaluations_ = 0;
};

}  // namespace detail

/// Fits a linear mixed model by maximum or restricted maximum likelihood.
/// Model:       y = X beta + Z b + e per cluster, b ~ N(0, G), e ~ N(0, residual_var I)
/// \param design  the data
/// \param kind    ML or REML
/// \return      estimates and a certificate; under fit_status::not_converged the estimates are the best point seen
/// Errors:      those of `evaluate` at the starting point
/// Missing:     rows with missing values must have been left out; valid if they are missing at random
/// Numerics:    Newton's method on a factor of G relative to the residual variance, from two starts if the first ends
///              on a boundary; the last steps are taken until the gradient stops shrinking
/// Reference:   Bates, Maechler, Bolker & Walker (2015), doi 10.18637/jss.v067.i01
/// R:           lme4::lmer(y ~ x + (z | cluster), REML = TRUE)
template <class Scalar>
[[nodiscard]] result<mixed_model_fit<Scalar>> fit_mixed_model(const mixed_model_design<Scalar>& design,
                                                              likelihood kind = likelihood::reml) {
  using search_type = detail::mixed_model_search<Scalar>;
  const index q = design.n_random();
  const index p = design.n_fixed();
  search_type search(design, kind);
  auto best = search.from(small_matrix<Scalar>::Identity(q, q));
  if (!best) return best.error();
  int starts = 1;
  if (best->free.size() < as_size(design.structure() == random_structure::correlated ? q * (q + 1) / 2 : q)) {
    auto other = search.from(small_matrix<Scalar>(small_matrix<Scalar>::Identity(q, q) / 5));
    ++starts;
    if (other && other->newton.at.value < best->newton.at.value) best = std::move(other);
  }

  const auto along = search_type::directions(best->factor, best->free);
  mixed_model_fit<Scalar> out;
  out.g0 = best->factor * best->factor.transpose();
  const auto at = evaluate<Scalar>(design, out.g0, kind, along);
  if (!at) return at.error();

  const auto x_factor = design.x_factor().template triangularView<Eigen::Upper>();
  const auto z_factor = design.z_factor().template triangularView<Eigen::Upper>();
  const auto to_fixed = [&](const matrix<Scalar>& c) -> matrix<Scalar> {
    const matrix<Scalar> half = x_factor.solve(c);
    return x_factor.solve(matrix<Scalar>(half.transpose()));
  };
  out.kind = kind;
  out.step = at->step;
  const Scalar& scale = design.score_scale();
  const Scalar unit_var = scale * scale;
  out.residual_var = at->residual_var * unit_var;
  out.deviance = at->deviance;
  out.n_rows = design.n_rows();
  out.n_clusters = design.n_clusters();
  const index n_covariances = design.structure() == random_structure::correlated ? q * (q + 1) / 2 : q;
  out.n_parameters = p + n_covariances + 1;
  out.fixed = x_factor.solve(vector<Scalar>(scale * (design.start() + at->step)));
  out.fixed_covariance = out.residual_var * to_fixed(at->beta_unit);
  const matrix<Scalar> half = z_factor.solve(matrix<Scalar>(out.g0));
  out.random_covariance = out.residual_var * z_factor.solve(matrix<Scalar>(half.transpose()));

  const index m = std::ssize(best->free);
  matrix<Scalar> hessian = at->curvature_fixed_scale;
  search_type::add_factor_curvature(at->gradient, best->free, hessian);
  const auto free_rows = static_cast<Scalar>(out.n_rows - (kind == likelihood::reml ? p : 0));
  out.parameter_hessian.resize(m + 1, m + 1);
  out.parameter_hessian.topLeftCorner(m, m) = hessian;
  out.parameter_hessian.topRightCorner(m, 1) = at->slope_fixed_scale;
  out.parameter_hessian.bottomLeftCorner(1, m) = at->slope_fixed_scale.transpose();
  out.parameter_hessian(m, m) = free_rows / (at->residual_var * at->residual_var);
  for (index a = 0; a < m; ++a) {
    const matrix<Scalar> change = out.residual_var * at->beta_unit * at->beta_change[as_size(a)] * at->beta_unit;
    out.fixed_covariance_change.push_back(to_fixed(change));
  }
  out.fixed_covariance_change.push_back(unit_var * to_fixed(at->beta_unit));

  fit_report<Scalar>& report = out.report;
  report.evaluations = search.evaluations();
  report.starts = starts;
  report.gradient_norm = best->newton.at.gradient.norm();
  report.newton_decrement = best->newton.decrement;
  report.least_escape_slope = best->escape_slope;
  std::vector<bool> column_used(as_size(q));
  for (const auto& entry : best->free) column_used[as_size(entry.column)] = true;
  for (const bool used : column_used) report.rank += used ? 1 : 0;
  const bool is_optimum = best->newton.converged && best->escape_slope >= Scalar(-1e-6);
  report.status = !is_optimum       ? fit_status::not_converged
                  : report.rank < q ? fit_status::boundary
                                    : fit_status::converged;
  if (!out.fixed.allFinite() || !out.fixed_covariance.allFinite() || !out.random_covariance.allFinite()) {
    return error{.code = errc::numeric_failure, .function = "fit_mixed_model"};
  }
  return out;
}

RAPPORT_INSTANCE(result<mixed_model_fit<double>> fit_mixed_model(const mixed_model_design<double>&, likelihood));

}  // namespace rapport::stats
