// SPDX-License-Identifier: BSL-1.0
// Factor analysis: extraction and indices of fit.
#pragma once

#include <rapport/stats/factor_analysis/extraction.hpp>            // IWYU pragma: export
#include <rapport/stats/factor_analysis/fit_indices.hpp>           // IWYU pragma: export
#include <rapport/stats/factor_analysis/one_factor.hpp>            // IWYU pragma: export
#include <rapport/stats/factor_analysis/one_factor_inference.hpp>  // IWYU pragma: export
