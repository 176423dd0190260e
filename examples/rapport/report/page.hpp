// SPDX-License-Identifier: BSL-1.0
// The report's page: self-contained HTML made from results and figures.
#pragma once

#include <string>
#include <vector>

#include "figures.hpp"

namespace program {

/// The most clients that get a chart of their own; those with episodes come first.
inline constexpr std::size_t most_client_charts = 240;

/// Clients in the order of their charts: episodes first, the most unusual first, then the others; at most
/// most_client_charts.
[[nodiscard]] std::vector<std::size_t> charted_clients(const json& results);

/// The page.
/// \param figures  general figures; those with an empty spec are left out
/// \param clients  one figure per charted client
[[nodiscard]] std::string report_page(const json& results, const std::vector<figure>& figures,
                                      const std::vector<figure>& clients);

/// The half page for the terminal.
[[nodiscard]] std::string report_summary(const json& results);

// Embedded at build time (see embed.cmake), in pieces of a length that every compiler takes; the last one is null.
extern const char* const page_template[];
extern const char* const page_css[];
extern const char* const page_js[];
/// The Vega and Vega-Lite runtimes with their licences; empty if the program was built without npm.
extern const char* const vega_runtime[];
extern const char* const vega_licences[];

}  // namespace program
