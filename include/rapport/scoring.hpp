// SPDX-License-Identifier: BSL-1.0
// Scoring questionnaires in an app: no exceptions, no allocation, no dependencies.
#pragma once

#include <rapport/core/error_message.hpp>  // IWYU pragma: export
#include <rapport/core/missing.hpp>        // IWYU pragma: export
#include <rapport/instruments.hpp>         // IWYU pragma: export
#include <rapport/scoring/score.hpp>       // IWYU pragma: export
