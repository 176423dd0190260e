// SPDX-License-Identifier: BSL-1.0
// The detectors that the program offers: name, settings with their defaults, and how to run them.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <rapport/rupture.hpp>

#include "../analysis.hpp"

namespace program {

/// Values of --option, by key.
using settings = std::map<std::string, std::string>;

/// One setting of a detector that --option can change.
struct setting {
  std::string key;
  std::string meaning;
  std::string preset;  ///< value without --option
};

/// A detector that the program offers.
struct offer {
  std::string name;
  std::vector<setting> settings;
  std::function<analysis(const session_table&, const rupture_request&, const rapport::detect_options&,
                         const program::settings&)>
      run;
  rapport::detector_info info;
};

// The detectors by kind; each kind has a file of its own.
[[nodiscard]] std::vector<offer> rule_offers();
[[nodiscard]] std::vector<offer> chart_offers();
[[nodiscard]] std::vector<offer> regime_offers();
[[nodiscard]] std::vector<offer> sudden_change_offers();
[[nodiscard]] std::vector<offer> model_offers();

/// All of them.
[[nodiscard]] const std::vector<offer>& offers();
/// The detector of a name. Throws call_error if there is none.
[[nodiscard]] const offer& find_offer(const std::string& name);
/// "key=value" pairs; each key must belong to some detector that runs.
[[nodiscard]] settings read_settings(const std::vector<std::string>& pairs, const std::vector<std::string>& detectors);
/// Those of them that a detector knows.
[[nodiscard]] settings settings_for(const offer& detector, const settings& given);

// What a value of --option says; each throws call_error if it says nothing.
[[nodiscard]] double to_number(const std::string& key, const std::string& text);
[[nodiscard]] rapport::index to_whole_number(const std::string& key, const std::string& text);
[[nodiscard]] bool to_yes_or_no(const std::string& key, const std::string& text);

template <class Enum>
Enum to_choice(const std::string& key, const std::string& text, const std::map<std::string, Enum>& choices) {
  if (const auto found = choices.find(text); found != choices.end()) return found->second;
  std::string all;
  for (const auto& [word, value] : choices) all += (all.empty() ? "" : ", ") + word;
  throw call_error("--option " + key + " is one of " + all + ", not '" + text + "'");
}

template <class Enum>
std::string word_of(Enum value, const std::map<std::string, Enum>& choices) {
  for (const auto& [word, each] : choices) {
    if (each == value) return word;
  }
  return {};
}

/// The measurement error of a score.
struct measurement_error {
  double sem = 0;     ///< standard error of measurement, in points
  double cutoff = 0;  ///< 1.96 sqrt(2) sem: a difference that it hardly explains
};
/// The one that --sem, or --reliability with or without --sd, tells; empty without them.
[[nodiscard]] std::optional<measurement_error> asked_error(const session_table& table, const rupture_request& request);

/// What the result says of a detector before its episodes.
[[nodiscard]] json detector_json(const rapport::detector_info& info, const std::vector<setting>& all,
                                 const settings& given);

/// What a detector adds to the description of an episode.
using episode_details = std::function<void(const rapport::episode&, json&)>;

/// The consensus of detectors that ran.
[[nodiscard]] analysis run_consensus(const session_table& table, const rupture_request& request,
                                     rapport::detect_options options,
                                     const std::vector<rapport::any_detector>& members);

/// One detector's findings: "detector", "clients", "summary", "warnings".
[[nodiscard]] analysis findings_json(const session_table& table, const rapport::detection& found, const json& about,
                                     const rupture_request& request, const episode_details& add_details = {});
/// A detector that gave up: no episodes, and the reason. Throws if the reason is a wrong option.
[[nodiscard]] analysis nothing_found(const session_table& table, const json& about, const rapport::error& reason);
/// The same with a reason in words.
[[nodiscard]] analysis nothing_found(const session_table& table, const json& about, const std::string& reason);

/// Findings for people.
[[nodiscard]] std::string rupture_text(const json& result);
/// The list of detectors for people.
[[nodiscard]] std::string list_text(const json& detectors);

/// rapport::detect, with the false discovery rate over clients. The detector joins the consensus if one is wanted.
template <class Detector>
[[nodiscard]] rapport::result<rapport::detection> detect_over_clients(const session_table& table,
                                                                      const Detector& detector,
                                                                      const rapport::detect_options& options,
                                                                      const rupture_request& request) {
  auto found = rapport::detect(table.panel, detector, options);
  if (found && request.members != nullptr) request.members->push_back(detector);
  if (found) rapport::control_false_discoveries(std::span(&*found, 1));
  return found;
}

/// A detector that learns from the panel, whose settings are read by `with`.
template <class Detector, class With, class Threshold>
offer plain_offer(const Detector& defaults, std::vector<setting> all, const std::string& unit, const With& with,
                  const Threshold& threshold) {
  offer out;
  out.name = defaults.info.name;
  out.info = defaults.info;
  out.settings = std::move(all);
  out.run = [defaults, all_settings = out.settings, unit, with, threshold](
                const session_table& table, const rupture_request& request,
                const rapport::detect_options& detect_options, const settings& given) {
    Detector detector = defaults;
    for (const auto& [key, text] : given) with(detector, key, text);
    json about = detector_json(detector.info, all_settings, given);
    about["unit"] = unit;
    about["threshold"] = threshold(detector);
    const auto found = detect_over_clients(table, detector, detect_options, request);
    return found ? findings_json(table, *found, about, request) : nothing_found(table, about, found.error());
  };
  return out;
}

}  // namespace program
