// SPDX-License-Identifier: BSL-1.0
// The detectors of a call as one.
#include "offers.hpp"

namespace program {

analysis run_consensus(const session_table& table, const rupture_request& request, rapport::detect_options options,
                       const std::vector<rapport::any_detector>& members) {
  std::vector<rapport::any_detector> of_falls;
  for (const auto& each : members) {
    if (!each.finds_rises) of_falls.push_back(each);
  }
  json about = detector_json(rapport::consensus::info, {}, {});
  if (of_falls.size() < 2)
    return nothing_found(table, about, std::string("a consensus needs two detectors of falls that ran"));
  // Both the common scale and the chance level come from these stable clients.
  if (options.null_models.empty()) {
    auto models = rapport::stats::fit_null_models(table.panel, options.seed);
    if (!models) return nothing_found(table, about, models.error());
    options.null_models = std::move(*models);
  }
  rapport::consensus_options chosen;
  chosen.null_models = options.null_models;
  chosen.seed = options.seed;
  chosen.n_threads = options.n_threads;
  const auto ready = rapport::consensus(std::move(of_falls), chosen).prepared(table.panel);
  if (!ready) return nothing_found(table, about, ready.error());
  about["unit"] = "SD among stable sessions";
  about["threshold"] = ready->threshold();
  about["members"] = json::array();
  for (const auto& each : ready->members())
    about["members"].push_back({{"name", std::string(each.name)}, {"weight", *each.weight}});
  auto found = rapport::detect(table.panel, *ready, options);
  if (!found) return nothing_found(table, about, found.error());
  rapport::control_false_discoveries(std::span(&*found, 1));
  return findings_json(table, *found, about, request);
}

}  // namespace program
