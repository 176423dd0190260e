// SPDX-License-Identifier: BSL-1.0
// Watching a therapy session by session.
#pragma once

#include <rapport/core/failure.hpp>         // IWYU pragma: export
#include <rapport/rupture/monitor.hpp>      // IWYU pragma: export
#include <rapport/stats/session_model.hpp>  // IWYU pragma: export
