// SPDX-License-Identifier: BSL-1.0
// Intervals of fixed effects by simulation: scores drawn from a fitted mixed model, and the model fitted to them again.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <utility>
#include <vector>

#include <rapport/core/estimate.hpp>
#include <rapport/core/random.hpp>
#include <rapport/stats/linalg/cholesky.hpp>
#include <rapport/stats/mixed_model/fit.hpp>
#include <rapport/stats/mixed_model/nested_fit.hpp>
#include <rapport/stats/parallel.hpp>

namespace rapport::stats {

/// How a parametric bootstrap is run. Results do not depend on the number of threads.
struct parametric_bootstrap_options {
  index replicates = 999;  ///< at least 1
  std::uint64_t seed = 20240229;
  index threads = 0;  ///< 0: one per processor
};

/// Checks the options.
/// Errors: errc::invalid_option without replicates
[[nodiscard]] inline result<void> validate(const parametric_bootstrap_options& options) {
  constexpr index most = 100'000'000;
  if (options.replicates >= 1 && options.replicates <= most) return {};
  return error{.code = errc::invalid_option,
               .function = "parametric_bootstrap",
               .value = static_cast<double>(options.replicates),
               .lower = 1,
               .upper = static_cast<double>(most),
               .subject = "the number of replicates"};
}

/// The design and the optimum in one step.
/// \param rows  rows of a model of two levels
/// \param kind  ML or REML
/// \return    the fit
/// Errors:    those of mixed_model_design::make and fit_mixed_model
template <class Scalar>
[[nodiscard]] result<mixed_model_fit<Scalar>> fit_rows(const mixed_model_data<Scalar>& rows, likelihood kind) {
  const auto design = mixed_model_design<Scalar>::make(rows);
  if (!design) return design.error();
  return fit_mixed_model(*design, kind);
}

/// The same for a model of up to three levels.
/// \param rows  rows of the model
/// \param kind  ML or REML
/// \return    the fit
/// Errors:    those of nested_model_design::make and fit_nested_model
template <class Scalar>
[[nodiscard]] result<nested_model_fit<Scalar>> fit_rows(const nested_model_data<Scalar>& rows, likelihood kind) {
  const auto design = nested_model_design<Scalar>::make(rows);
  if (!design) return design.error();
  return fit_nested_model(*design, kind);
}

namespace detail {

/// The mean curve with random effects of every cluster.
template <class Scalar>
[[nodiscard]] vector<Scalar> draw_curves(const mixed_model_data<Scalar>& rows, const mixed_model_fit<Scalar>& fit,
                                         random_stream& random) {
  const index q = rows.z.cols();
  const matrix<Scalar> root = lower_factor(small_symmetric_eigen<Scalar>(fit.random_covariance));
  vector<Scalar> out = rows.x * fit.fixed;
  vector<Scalar> normal(q);
  for (index c = 0; q > 0 && c < rows.n_clusters(); ++c) {
    for (index k = 0; k < q; ++k) normal(k) = static_cast<Scalar>(random.normal());
    const vector<Scalar> effect = root * normal;
    const index first = rows.cluster_begin[as_size(c)];
    const index count = rows.cluster_begin[as_size(c) + 1] - first;
    out.segment(first, count) += rows.z.middleRows(first, count) * effect;
  }
  return out;
}

}  // namespace detail

/// Draws scores from a fitted model.
/// \param rows    the rows of the model
/// \param fit     the model
/// \param random  random numbers
/// \return     new scores of all rows
template <class Scalar>
[[nodiscard]] vector<Scalar> draw_scores(const mixed_model_data<Scalar>& rows, const mixed_model_fit<Scalar>& fit,
                                         random_stream& random) {
  using std::sqrt;
  vector<Scalar> scores = detail::draw_curves(rows, fit, random);
  const Scalar residual_sd = sqrt(fit.residual_var);
  for (Scalar& score : scores) score += residual_sd * static_cast<Scalar>(random.normal());
  return scores;
}

/// Draws scores from a fitted model of up to three levels, therapists and structured errors included.
/// \param rows    the rows of the model
/// \param fit     the model
/// \param random  random numbers
/// \return     new scores of all rows
template <class Scalar>
[[nodiscard]] vector<Scalar> draw_scores(const nested_model_data<Scalar>& rows, const nested_model_fit<Scalar>& fit,
                                         random_stream& random) {
  using std::sqrt;
  vector<Scalar> scores = detail::draw_curves<Scalar>(rows, fit, random);
  const Scalar residual_sd = sqrt(fit.residual_var);
  const Scalar group_sd = sqrt(fit.group_var);
  vector<Scalar> group(rows.n_groups);
  for (Scalar& each : group) each = group_sd * static_cast<Scalar>(random.normal());
  for (index c = 0; c < rows.n_clusters(); ++c) {
    const index first = rows.cluster_begin[as_size(c)];
    const index count = rows.cluster_begin[as_size(c) + 1] - first;
    vector<Scalar> error(count);
    for (Scalar& each : error) each = residual_sd * static_cast<Scalar>(random.normal());
    if (fit.residual != residual_kind::independent) {
      const auto factor =
          cholesky_factor<Scalar>::make(error_covariance(rows.residual, fit.residual_parameters, first, count));
      // A fit's own covariance has a factor; without one the draw is none, and the fit to it fails.
      error = factor ? vector<Scalar>(factor->lower() * error)
                     : vector<Scalar>::Constant(count, std::numeric_limits<Scalar>::quiet_NaN());
    }
    if (rows.n_groups > 0) error.array() += group(rows.group_of_cluster[as_size(c)]);
    scores.segment(first, count) += error;
  }
  return scores;
}

/// Draws scores many times and evaluates a statistic of each draw.
/// \param rows       the rows of the model
/// \param fit        the model
/// \param options    replicates, seed, threads
/// \param statistic  scores -> numbers; none if the draw cannot be used
/// \return        the statistics of the usable draws, in the order of the replicates
/// Errors:        errc::invalid_option; errc::size_mismatch; errc::numeric_failure if fewer than half can be used
template <class Scalar, class Rows, class Fit, class Statistic>
[[nodiscard]] result<std::vector<vector<Scalar>>> simulate_and_fit(const Rows& rows, const Fit& fit,
                                                                   const parametric_bootstrap_options& options,
                                                                   const Statistic& statistic) {
  if (auto legal = validate(options); !legal) return legal.error();
  if (fit.n_rows != rows.y.size() || fit.fixed.size() != rows.x.cols()) {
    return error{.code = errc::size_mismatch,
                 .function = "parametric_bootstrap",
                 .value = static_cast<double>(fit.n_rows),
                 .lower = static_cast<double>(rows.y.size()),
                 .subject = "the fit"};
  }
  std::vector<vector<Scalar>> found(as_size(options.replicates));
  parallel_for(options.replicates, options.threads, [&](index replicate) {
    random_stream random(options.seed, static_cast<std::uint64_t>(replicate));
    found[as_size(replicate)] = statistic(draw_scores(rows, fit, random));
  });
  std::erase_if(found, [](const vector<Scalar>& each) { return each.size() == 0; });
  if (2 * std::ssize(found) < options.replicates)
    return error{.code = errc::numeric_failure, .function = "parametric_bootstrap", .subject = "most replicates"};
  return found;
}

/// Percentile intervals of the fixed effects by the parametric bootstrap.
/// \param rows     mixed_model_data or nested_model_data
/// \param fit      their fit
/// \param level    confidence level, strictly between 0 and 1
/// \param options  replicates, seed, threads
/// \return      one interval per fixed effect
/// Errors:      errc::invalid_option; errc::size_mismatch; errc::numeric_failure if most replicates cannot be fitted
/// Numerics:    order statistics interpolated as R's quantile does by default; a draw without an optimum is left out
/// Reference:   Davison & Hinkley (1997), Bootstrap Methods and their Application, sec. 5.3.1, doi 10.1017/CBO9780511802843
/// R:           confint(fit, method = "boot", boot.type = "perc")
template <class Rows, class Fit>
[[nodiscard]] auto bootstrap_intervals(const Rows& rows, const Fit& fit, double level = 0.95,
                                       const parametric_bootstrap_options& options = {})
    -> result<std::vector<basic_interval<typename decltype(rows.y)::Scalar>>> {
  using Scalar = typename decltype(rows.y)::Scalar;
  if (auto legal = check_level(level, "bootstrap_intervals"); !legal) return legal.error();
  const auto draws = simulate_and_fit<Scalar>(rows, fit, options, [&](const vector<Scalar>& scores) {
    auto drawn = rows;
    drawn.y = scores;
    const auto again = fit_rows(drawn, fit.kind);
    return again && again->report.status != fit_status::not_converged ? again->fixed : vector<Scalar>();
  });
  if (!draws) return draws.error();
  std::vector<basic_interval<Scalar>> out;
  std::vector<Scalar> sorted(draws->size());
  for (index j = 0; j < fit.fixed.size(); ++j) {
    for (std::size_t r = 0; r < draws->size(); ++r) sorted[r] = (*draws)[r](j);
    std::sort(sorted.begin(), sorted.end());
    const auto quantile = [&](double p) {
      const double position = p * static_cast<double>(sorted.size() - 1);
      const auto below = static_cast<std::size_t>(position);
      const auto above = (std::min)(below + 1, sorted.size() - 1);
      const auto share = static_cast<Scalar>(position - static_cast<double>(below));
      return Scalar(sorted[below] + share * (sorted[above] - sorted[below]));
    };
    out.push_back({quantile((1 - level) / 2), quantile((1 + level) / 2), level});
  }
  return out;
}

}  // namespace rapport::stats
