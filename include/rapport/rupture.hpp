// SPDX-License-Identifier: BSL-1.0
// Where an alliance ruptured, whether it was repaired, and how often chance alone looks like that.
#pragma once

#include <rapport/rupture/any_detector.hpp>            // IWYU pragma: export
#include <rapport/rupture/chart.hpp>                   // IWYU pragma: export
#include <rapport/rupture/consensus.hpp>               // IWYU pragma: export
#include <rapport/rupture/detect.hpp>                  // IWYU pragma: export
#include <rapport/rupture/detectable_depth.hpp>        // IWYU pragma: export
#include <rapport/rupture/drop_repair.hpp>             // IWYU pragma: export
#include <rapport/rupture/dyad.hpp>                    // IWYU pragma: export
#include <rapport/rupture/episode.hpp>                 // IWYU pragma: export
#include <rapport/rupture/evaluate.hpp>                // IWYU pragma: export
#include <rapport/rupture/false_discovery.hpp>         // IWYU pragma: export
#include <rapport/rupture/innovation.hpp>              // IWYU pragma: export
#include <rapport/rupture/leave_one_out.hpp>           // IWYU pragma: export
#include <rapport/rupture/monitor.hpp>                 // IWYU pragma: export
#include <rapport/rupture/presets.hpp>                 // IWYU pragma: export
#include <rapport/rupture/pulse.hpp>                   // IWYU pragma: export
#include <rapport/rupture/rates.hpp>                   // IWYU pragma: export
#include <rapport/rupture/regimes.hpp>                 // IWYU pragma: export
#include <rapport/rupture/reliable_fall.hpp>           // IWYU pragma: export
#include <rapport/rupture/repair.hpp>                  // IWYU pragma: export
#include <rapport/rupture/residual.hpp>                // IWYU pragma: export
#include <rapport/rupture/segments.hpp>                // IWYU pragma: export
#include <rapport/rupture/session_alert.hpp>           // IWYU pragma: export
#include <rapport/rupture/sudden_change.hpp>           // IWYU pragma: export
#include <rapport/rupture/sudden_change_detector.hpp>  // IWYU pragma: export
#include <rapport/rupture/sudden_change_summary.hpp>   // IWYU pragma: export
