// SPDX-License-Identifier: BSL-1.0
// The statistical core, usable by itself.
#pragma once

#include <rapport/stats/anova.hpp>                          // IWYU pragma: export
#include <rapport/stats/bayesian_change_point.hpp>          // IWYU pragma: export
#include <rapport/stats/bootstrap.hpp>                      // IWYU pragma: export
#include <rapport/stats/change_point/cost.hpp>              // IWYU pragma: export
#include <rapport/stats/change_point/penalty.hpp>           // IWYU pragma: export
#include <rapport/stats/change_point/scale.hpp>             // IWYU pragma: export
#include <rapport/stats/change_point/search.hpp>            // IWYU pragma: export
#include <rapport/stats/control_chart.hpp>                  // IWYU pragma: export
#include <rapport/stats/covariance.hpp>                     // IWYU pragma: export
#include <rapport/stats/covariance_delta.hpp>               // IWYU pragma: export
#include <rapport/stats/distribution/bivariate_normal.hpp>  // IWYU pragma: export
#include <rapport/stats/distribution/chi_squared.hpp>       // IWYU pragma: export
#include <rapport/stats/distribution/fisher_f.hpp>          // IWYU pragma: export
#include <rapport/stats/distribution/normal.hpp>            // IWYU pragma: export
#include <rapport/stats/distribution/student_t.hpp>         // IWYU pragma: export
#include <rapport/stats/factor_analysis.hpp>                // IWYU pragma: export
#include <rapport/stats/factor_count.hpp>                   // IWYU pragma: export
#include <rapport/stats/false_discovery.hpp>                // IWYU pragma: export
#include <rapport/stats/hidden_markov.hpp>                  // IWYU pragma: export
#include <rapport/stats/mixed_model.hpp>                    // IWYU pragma: export
#include <rapport/stats/nested_components.hpp>              // IWYU pragma: export
#include <rapport/stats/normal_covariance.hpp>              // IWYU pragma: export
#include <rapport/stats/null_models.hpp>                    // IWYU pragma: export
#include <rapport/stats/parallel.hpp>                       // IWYU pragma: export
#include <rapport/stats/polychoric.hpp>                     // IWYU pragma: export
#include <rapport/stats/rate.hpp>                           // IWYU pragma: export
#include <rapport/stats/resampled_covariance.hpp>           // IWYU pragma: export
#include <rapport/stats/rotation.hpp>                       // IWYU pragma: export
#include <rapport/stats/run_length.hpp>                     // IWYU pragma: export
#include <rapport/stats/self_starting.hpp>                  // IWYU pragma: export
#include <rapport/stats/session_filter.hpp>                 // IWYU pragma: export
#include <rapport/stats/session_model.hpp>                  // IWYU pragma: export
#include <rapport/stats/session_spread.hpp>                 // IWYU pragma: export
#include <rapport/stats/single_change.hpp>                  // IWYU pragma: export
#include <rapport/stats/stable_clients.hpp>                 // IWYU pragma: export
#include <rapport/stats/step_trend.hpp>                     // IWYU pragma: export
#include <rapport/stats/survival.hpp>                       // IWYU pragma: export
#include <rapport/stats/trend.hpp>                          // IWYU pragma: export
#include <rapport/stats/two_level.hpp>                      // IWYU pragma: export
#include <rapport/stats/two_level_factor.hpp>               // IWYU pragma: export
#include <rapport/stats/within_client.hpp>                  // IWYU pragma: export
