// SPDX-License-Identifier: BSL-1.0
// Scoring questionnaires in an app: no exceptions, no allocation, no dependencies. The keys of the WAI and SRS families
// come along; for all the others include <rapport/instruments.hpp>, or the header of the one that you use.
#pragma once

#include <rapport/core/error_message.hpp>  // IWYU pragma: export
#include <rapport/core/missing.hpp>        // IWYU pragma: export
#include <rapport/instruments/srs.hpp>     // IWYU pragma: export
#include <rapport/instruments/wai.hpp>     // IWYU pragma: export
#include <rapport/scoring/score.hpp>       // IWYU pragma: export
