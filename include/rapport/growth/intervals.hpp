// SPDX-License-Identifier: BSL-1.0
// Intervals of the mean curve that do not rest on the normal distribution of estimates: by profile, and by simulation.
#pragma once

#include <utility>
#include <vector>

#include <rapport/growth/model.hpp>
#include <rapport/stats/mixed_model/parametric_bootstrap.hpp>
#include <rapport/stats/mixed_model/profile.hpp>

namespace rapport {

/// Profile intervals of the coefficients of a growth curve, always by maximum likelihood.
/// Model:       every value that a likelihood-ratio test would not reject; see stats::profile_interval
/// \param panel       scores over sessions
/// \param coding      the terms of time, and which of them differ between clients
/// \param options     of the fit; the level is that of the intervals
/// \param covariates  columns beside the scores
/// \return         one interval per coefficient, in the order of fit_growth(...).fixed()
/// Errors:         those of model_of_growth and of the fit; errc::invalid_option for a curve with one coefficient;
///                 errc::numeric_failure if the deviance does not rise to the quantile
/// Missing:        as fit_growth
/// Reference:      Venzon & Moolgavkar (1988), doi 10.2307/2347496
/// R:              confint(fit, parm = "beta_", method = "profile")
template <class Scalar>
[[nodiscard]] result<std::vector<basic_interval<Scalar>>> profile_intervals(
    const basic_session_panel<Scalar>& panel, const time_coding& coding, const growth_options& options = {},
    const std::vector<basic_growth_covariate<Scalar>>& covariates = {}) {
  const auto model = model_of_growth(panel, coding, options, covariates);
  if (!model) return model.error();
  std::vector<basic_interval<Scalar>> out;
  for (index column = 0; column < model->rows.data.x.cols(); ++column) {
    auto interval = model->has_two_levels() ? stats::profile_interval(model->rows.data, column, options.level)
                                            : stats::profile_interval(model->nested(), column, options.level);
    if (!interval) return detail::with_name(interval.error(), model->rows.columns.fixed_names);
    out.push_back(*interval);
  }
  return out;
}

/// Percentile intervals of the coefficients of a growth curve by the parametric bootstrap: scores are drawn from the
/// fitted model, and the model is fitted to them again.
/// Model:       see stats::bootstrap_intervals
/// \param panel       scores over sessions
/// \param coding      the terms of time, and which of them differ between clients
/// \param options     of the fit; the level is that of the intervals
/// \param covariates  columns beside the scores
/// \param bootstrap   replicates, seed, threads
/// \return         one interval per coefficient, in the order of fit_growth(...).fixed()
/// Errors:         those of model_of_growth and of the fit; errc::invalid_option; errc::numeric_failure if most
///                 replicates cannot be fitted
/// Missing:        as fit_growth; the sessions that were missing are missing in every replicate
/// Reference:      Davison & Hinkley (1997), Bootstrap Methods and their Application, doi 10.1017/CBO9780511802843
/// R:              confint(fit, parm = "beta_", method = "boot", boot.type = "perc")
template <class Scalar>
[[nodiscard]] result<std::vector<basic_interval<Scalar>>> bootstrap_intervals(
    const basic_session_panel<Scalar>& panel, const time_coding& coding, const growth_options& options = {},
    const std::vector<basic_growth_covariate<Scalar>>& covariates = {},
    const stats::parametric_bootstrap_options& bootstrap = {}) {
  const auto model = model_of_growth(panel, coding, options, covariates);
  if (!model) return model.error();
  const auto of = [&](const auto& rows) -> result<std::vector<basic_interval<Scalar>>> {
    const auto fit = stats::fit_rows(rows, options.method);
    if (!fit) return detail::with_name(fit.error(), model->rows.columns.fixed_names);
    return stats::bootstrap_intervals(rows, *fit, options.level, bootstrap);
  };
  return model->has_two_levels() ? of(model->rows.data) : of(model->nested());
}

RAPPORT_INSTANCE(result<std::vector<basic_interval<double>>> profile_intervals(
    const basic_session_panel<double>&, const time_coding&, const growth_options&,
    const std::vector<basic_growth_covariate<double>>&));
RAPPORT_INSTANCE(result<std::vector<basic_interval<double>>> bootstrap_intervals(
    const basic_session_panel<double>&, const time_coding&, const growth_options&,
    const std::vector<basic_growth_covariate<double>>&, const stats::parametric_bootstrap_options&));

}  // namespace rapport
