// SPDX-License-Identifier: BSL-1.0
// The report's figures: Vega-Lite specifications made from results.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "../command.hpp"

namespace program {

/// One figure: a name for the file and the page, and its specification.
struct figure {
  std::string name{};
  json spec{};
};

/// How often each score occurs, for the total and each subscale as item means; floor and ceiling apart.
[[nodiscard]] figure distribution_figure(const json& results);
/// The interval of a scale's alpha: its ends, and its kind in words.
[[nodiscard]] std::pair<json, std::string> alpha_interval_of(const json& scale);
/// Alpha of the total and each subscale with its interval.
[[nodiscard]] figure reliability_figure(const json& results);
/// All clients' curves and the mean curve with its band; an empty spec if no curve was fitted.
[[nodiscard]] figure curves_figure(const json& results);
/// One client's sessions: scores, what was expected, the episodes.
[[nodiscard]] figure client_figure(const json& results, std::size_t client);

/// The episodes that the report marks: those of the model-based detector.
[[nodiscard]] std::vector<json> marked_episodes(const json& client);

}  // namespace program
