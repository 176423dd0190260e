// SPDX-License-Identifier: BSL-1.0
// What a growth curve is asked for, and the pieces of its answer.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include <rapport/core/estimate.hpp>
#include <rapport/core/result.hpp>
#include <rapport/data/session_panel.hpp>
#include <rapport/stats/mixed_model/inference.hpp>
#include <rapport/stats/mixed_model/residual.hpp>

namespace rapport {

/// How the uncertainty of the fixed effects is judged.
enum class growth_df : unsigned char {
  satterthwaite,  ///< t with Satterthwaite's degrees of freedom
  kenward_roger   ///< with Kenward and Roger's standard errors and degrees of freedom; REML only
};

/// The fewest clients of a therapist about whom something is said.
inline constexpr index fewest_clients_of_therapist = 10;

/// How a growth curve is fitted.
struct growth_options {
  stats::likelihood method = stats::likelihood::reml;  ///< REML, or ML for comparing mean curves
  double level = 0.95;                                 ///< of the intervals, strictly between 0 and 1
  std::string time_name = "session";                   ///< what the linear term is called in results
  growth_df df = growth_df::satterthwaite;
  bool therapists = false;  ///< therapists differ in level; the panel names one per client
  stats::residual_kind errors = stats::residual_kind::independent;
  bool count_rows = false;  ///< autoregressive errors: a distance of 1 from each scored session to the next
  /// Of stratified errors, the stratum of each row of the table, from 0; empty: one per session time.
  std::vector<index> error_strata{};
};

/// Checks the options.
/// Errors: errc::invalid_option if the level is not strictly between 0 and 1
[[nodiscard]] inline result<void> validate(const growth_options& options) {
  return check_level(options.level, "fit_growth");
}

/// A fixed effect of the mean curve.
template <class Scalar>
struct basic_growth_coefficient : stats::coefficient_test<Scalar> {
  std::string name{};
};

/// One client's curve: what the model says (empirical Bayes), and what the client's scores alone say.
template <class Scalar>
struct basic_client_curve {
  std::string id{};
  index n = 0;                              ///< scored sessions
  stats::vector<Scalar> coefficients{};     ///< mean curve plus the client's own deviation
  stats::vector<Scalar> standard_errors{};  ///< of the coefficients, the mean curve being estimated too
  stats::matrix<Scalar> covariance{};       ///< of the errors of the coefficients
  stats::vector<Scalar> ols{};              ///< least squares of this client's scores on time; empty if too few
  Scalar therapist_effect{};                ///< what the client shares with the therapist's other clients
};

/// A client's level over some sessions.
template <class Scalar>
struct basic_client_level {
  Scalar estimate{};
  Scalar standard_error{};
  basic_interval<Scalar> interval{};
};

/// One client's straight line.
template <class Scalar>
struct basic_client_line {
  std::string id{};
  index n = 0;
  Scalar intercept{};
  Scalar intercept_se{};
  Scalar slope{};
  Scalar slope_se{};
};

/// How much the clients of a therapist differ from those of others, if enough of them are known.
template <class Scalar>
struct basic_therapist_effect {
  std::string id{};
  index n_clients = 0;
  /// Empirical Bayes, by normal quantiles; empty below fewest_clients_of_therapist.
  std::optional<Scalar> effect{};
  std::optional<Scalar> standard_error{};
  std::optional<basic_interval<Scalar>> interval{};
};

/// What a fit found, besides the model itself.
template <class Scalar>
struct growth_findings {
  std::vector<basic_growth_coefficient<Scalar>> fixed{};
  std::vector<basic_client_curve<Scalar>> clients{};
  std::vector<basic_therapist_effect<Scalar>> therapists{};  ///< in the panel's order; no ranking
  std::vector<Scalar> strata{};                              ///< times or numbers of the strata of the errors
  stats::matrix<Scalar> fixed_covariance{};                  ///< the one behind the standard errors
  std::vector<Scalar> reliability{};                         ///< of the terms that differ between clients
  std::optional<score_range<Scalar>> range{};
  Scalar fixed_var{};      ///< variance of the mean curve over the scores
  Scalar random_var{};     ///< variance of clients' and therapists' deviations, averaged over the scores
  Scalar therapist_var{};  ///< the therapists' part of it
  Scalar error_var{};      ///< variance of the errors, averaged over the scores
};

}  // namespace rapport
