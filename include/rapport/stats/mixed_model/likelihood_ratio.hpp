// SPDX-License-Identifier: BSL-1.0
// Whether a larger mixed model says more than a smaller one: likelihood-ratio tests, on the boundary with named mixtures.
#pragma once

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

#include <rapport/stats/distribution/chi_squared.hpp>
#include <rapport/stats/mixed_model/parametric_bootstrap.hpp>

namespace rapport::stats {

/// One part of a mixture of chi-squared distributions; 0 degrees of freedom are the point 0.
struct mixture_part {
  double weight = 1;
  index df = 0;
};

/// A likelihood-ratio test of nested models.
template <class Scalar>
struct likelihood_ratio_test {
  Scalar statistic{};                   ///< difference of the deviances, at least 0
  index df = 0;                         ///< difference of the numbers of parameters
  std::vector<mixture_part> mixture{};  ///< the distribution of the statistic if the smaller model is right
  Scalar p{};                           ///< by the mixture
  Scalar p_plain{};                     ///< by one chi-squared distribution; too large where a variance is tested
  bool few_clusters = false;            ///< below 30: take the p of bootstrap_likelihood_ratio instead
};

/// Fewest clusters for which the distribution of a likelihood ratio is taken from theory.
inline constexpr index fewest_clusters_for_theory = 30;

/// Compares two fitted models of two levels.
/// Model:       fixed effects, or covariances alone: chi-squared with the difference of the numbers of parameters; one
///              more random effect beside k others: 1/2 chi-squared(c) + 1/2 chi-squared(c + 1), c its covariances with
///              them (k if correlated, else 0), because a variance cannot be negative
/// \param smaller  a fit
/// \param larger   a fit of a model that contains the smaller, by the same method on the same rows
/// \return      the test
/// Errors:      errc::not_comparable if the fits differ in rows or method, if neither is larger in one of the ways above,
///              or if fixed effects are compared under REML
/// Not for:     REML fits with different fixed effects
/// Reference:   Self & Liang (1987), doi 10.2307/2289471; Stram & Lee (1994), doi 10.2307/2533455
/// R:           anova(smaller, larger, refit = FALSE); p of the mixture: mean of pchisq(x, c(c, c + 1), lower = FALSE)
template <class Scalar>
[[nodiscard]] result<likelihood_ratio_test<Scalar>> compare_models(const mixed_model_fit<Scalar>& smaller,
                                                                   const mixed_model_fit<Scalar>& larger) {
  const auto refuse = [](const char* why) {
    return error{.code = errc::not_comparable, .function = "compare_models", .subject = why};
  };
  if (smaller.kind != larger.kind) return refuse("one is by REML and one by ML");
  if (smaller.n_rows != larger.n_rows || smaller.n_clusters != larger.n_clusters) return refuse("their rows differ");
  const index q0 = smaller.random_covariance.rows();
  const index q1 = larger.random_covariance.rows();
  const auto n_covariances = [](const mixed_model_fit<Scalar>& fit) { return fit.n_parameters - fit.fixed.size() - 1; };
  const index more_fixed = larger.fixed.size() - smaller.fixed.size();
  const index more_covariances = n_covariances(larger) - n_covariances(smaller);
  if (more_fixed != 0 && smaller.kind == likelihood::reml) return refuse("fixed effects are compared by ML");

  likelihood_ratio_test<Scalar> out;
  out.df = more_fixed + more_covariances;
  out.few_clusters = smaller.n_clusters < fewest_clusters_for_theory;
  if (q1 == q0 && more_fixed >= 0 && more_covariances >= 0 && out.df > 0) {
    out.mixture = {{1, out.df}};
  } else if (q1 == q0 + 1 && more_fixed == 0 && more_covariances >= 1 && more_covariances <= q0 + 1) {
    out.mixture = {{0.5, more_covariances - 1}, {0.5, more_covariances}};
  } else {
    return refuse("the second does not contain the first");
  }
  out.statistic = (std::max)(Scalar(smaller.deviance - larger.deviance), Scalar(0));
  const auto tail = [&](index df) {
    if (df == 0) return out.statistic > 0 ? Scalar(0) : Scalar(1);
    return chi_squared_upper_tail(out.statistic, static_cast<Scalar>(df));
  };
  for (const mixture_part& part : out.mixture) out.p += static_cast<Scalar>(part.weight) * tail(part.df);
  out.p_plain = tail(out.df);
  return out;
}

/// The p-value of a likelihood ratio by simulation from the smaller model.
/// \param smaller_data  rows of the smaller model
/// \param smaller       its fit
/// \param larger_data   rows of the larger model, with the same scores
/// \param larger        its fit
/// \param options       replicates, seed, threads
/// \return           (1 + replicates at least as large) / (1 + replicates), strictly between 0 and 1
/// Errors:           errc::invalid_option without replicates; errc::size_mismatch; errc::numeric_failure if most
///                   replicates could not be fitted
/// Reference:        Davison & Hinkley (1997), Bootstrap Methods and their Application, sec. 4.2, doi 10.1017/CBO9780511802843
/// R:                pbkrtest::PBmodcomp(larger, smaller)
template <class Scalar>
[[nodiscard]] result<Scalar> bootstrap_likelihood_ratio(const mixed_model_data<Scalar>& smaller_data,
                                                        const mixed_model_fit<Scalar>& smaller,
                                                        const mixed_model_data<Scalar>& larger_data,
                                                        const mixed_model_fit<Scalar>& larger,
                                                        const parametric_bootstrap_options& options = {}) {
  if (auto legal = validate(options); !legal) return legal.error();
  if (larger_data.y.size() != smaller_data.y.size()) {
    return error{.code = errc::size_mismatch,
                 .function = "bootstrap_likelihood_ratio",
                 .value = static_cast<double>(larger_data.y.size()),
                 .lower = static_cast<double>(smaller_data.y.size()),
                 .subject = "the larger model"};
  }
  const Scalar seen = smaller.deviance - larger.deviance;
  const auto ratios = simulate_and_fit<Scalar>(smaller_data, smaller, options, [&](const vector<Scalar>& scores) {
    auto small_rows = smaller_data;
    small_rows.y = scores;
    auto large_rows = larger_data;
    large_rows.y = scores;
    vector<Scalar> out;
    const auto small_fit = fit_rows(small_rows, smaller.kind);
    const auto large_fit = fit_rows(large_rows, larger.kind);
    if (small_fit && large_fit) out = vector<Scalar>::Constant(1, small_fit->deviance - large_fit->deviance);
    return out;
  });
  if (!ratios) return ratios.error();
  // What the last digits decide counts against the larger model.
  const Scalar noise = Scalar(1e-9);
  index at_least = 1;
  for (const vector<Scalar>& each : *ratios) at_least += each(0) >= seen - noise ? 1 : 0;
  return static_cast<Scalar>(at_least) / static_cast<Scalar>(ratios->size() + 1);
}

}  // namespace rapport::stats
