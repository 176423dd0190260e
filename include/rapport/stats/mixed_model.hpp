// SPDX-License-Identifier: BSL-1.0
// Linear mixed models for clusters of rows: statistics once, likelihood cheap, optimum certified, inference.
#pragma once

#include <rapport/stats/mixed_model/design.hpp>                // IWYU pragma: export
#include <rapport/stats/mixed_model/fit.hpp>                   // IWYU pragma: export
#include <rapport/stats/mixed_model/inference.hpp>             // IWYU pragma: export
#include <rapport/stats/mixed_model/kenward_roger.hpp>         // IWYU pragma: export
#include <rapport/stats/mixed_model/likelihood.hpp>            // IWYU pragma: export
#include <rapport/stats/mixed_model/likelihood_ratio.hpp>      // IWYU pragma: export
#include <rapport/stats/mixed_model/nested_effects.hpp>        // IWYU pragma: export
#include <rapport/stats/mixed_model/nested_fit.hpp>            // IWYU pragma: export
#include <rapport/stats/mixed_model/parametric_bootstrap.hpp>  // IWYU pragma: export
#include <rapport/stats/mixed_model/profile.hpp>               // IWYU pragma: export
#include <rapport/stats/mixed_model/sandwich.hpp>              // IWYU pragma: export
#include <rapport/stats/mixed_model/variance_parameters.hpp>   // IWYU pragma: export
