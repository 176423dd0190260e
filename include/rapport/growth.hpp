// SPDX-License-Identifier: BSL-1.0
// How scores grow over sessions.
#pragma once

#include <rapport/growth/compare.hpp>         // IWYU pragma: export
#include <rapport/growth/covariates.hpp>      // IWYU pragma: export
#include <rapport/growth/curve.hpp>           // IWYU pragma: export
#include <rapport/growth/curve_fit.hpp>       // IWYU pragma: export
#include <rapport/growth/curve_types.hpp>     // IWYU pragma: export
#include <rapport/growth/intervals.hpp>       // IWYU pragma: export
#include <rapport/growth/lagged.hpp>          // IWYU pragma: export
#include <rapport/growth/latent_classes.hpp>  // IWYU pragma: export
#include <rapport/growth/model.hpp>           // IWYU pragma: export
#include <rapport/growth/new_client.hpp>      // IWYU pragma: export
#include <rapport/growth/rows.hpp>            // IWYU pragma: export
#include <rapport/growth/time_coding.hpp>     // IWYU pragma: export
