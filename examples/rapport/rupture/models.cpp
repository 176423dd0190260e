// SPDX-License-Identifier: BSL-1.0
// Detectors with a model of stable clients.
#include <cmath>

#include "offers.hpp"

namespace program {

namespace {

const setting model_setting{
    "model", "full: also a wandering state; lines: level and trend alone, as `rapport growth` fits", "full"};
const setting scaling_setting{"self-scaling", "yes: weigh each client's own volatility in", "no"};

/// A detector whose settings fill `Options`; `make(model, options)` makes it ready.
template <class Options, class With, class Make, class Threshold>
offer model_offer(const rapport::detector_info& info, std::vector<setting> all, const With& with, const Make& make,
                  const Threshold& threshold) {
  offer out;
  out.info = info;
  out.name = info.name;
  all.push_back(scaling_setting);
  all.push_back(model_setting);
  out.settings = std::move(all);
  out.run = [info, all_settings = out.settings, with, make, threshold](
                const session_table& table, const rupture_request& request,
                const rapport::detect_options& detect_options, const settings& given) {
    Options chosen;
    bool lines = false;
    for (const auto& [key, text] : given) {
      with(chosen, key, text);
      if (key == "self-scaling") chosen.self_scaling = to_yes_or_no(key, text);
      if (key == "model") lines = to_choice(key, text, std::map<std::string, bool>{{"full", false}, {"lines", true}});
    }
    json about = detector_json(info, all_settings, given);
    const auto model =
        lines ? rapport::stats::fit_session_model(table.panel) : rapport::stats::fit_stable_clients(table.panel);
    const auto ready = make(model, chosen).prepared(table.panel);
    if (!ready) return nothing_found(table, about, ready.error());
    about["unit"] = "SD of a score around its client's line";
    about["unit_value"] = std::sqrt(ready->model().error_var + ready->model().state_var);
    about["threshold"] = threshold(*ready, chosen);
    const auto found = detect_over_clients(table, *ready, detect_options, request);
    return found ? findings_json(table, *found, about, request) : nothing_found(table, about, found.error());
  };
  return out;
}

/// The settings that innovations and leave-one-out predictions share.
template <class Options>
std::vector<setting> prediction_settings() {
  const Options defaults;
  return {{"false-alarms", "share of a stable client's sessions that may be called a rupture",
           csv_field(defaults.false_alarms)},
          {"repair-tolerance", "back to within so many SD of the expected level", csv_field(defaults.repair_tolerance)},
          {"hold", "sessions in a row that a repair must last", std::to_string(defaults.hold)}};
}

template <class Options, class Make>
offer prediction_offer(const rapport::detector_info& info, const Make& make) {
  return model_offer<Options>(
      info, prediction_settings<Options>(),
      [](Options& chosen, const std::string& key, const std::string& text) {
        if (key == "false-alarms") chosen.false_alarms = to_number(key, text);
        if (key == "repair-tolerance") chosen.repair_tolerance = to_number(key, text);
        if (key == "hold") chosen.hold = to_whole_number(key, text);
      },
      make, [](const auto& ready, const Options&) { return ready.threshold(); });
}

offer pulse_offer() {
  const rapport::pulse_options defaults;
  return model_offer<rapport::pulse_options>(
      rapport::basic_pulse_scan<double>::info,
      {{"threshold", "depth over its standard error", csv_field(defaults.threshold)},
       {"longest", "scored sessions of the longest pulse; steps to the end are always tried",
        std::to_string(defaults.longest)},
       {"most", "episodes of one series at most", std::to_string(defaults.most)}},
      [](rapport::pulse_options& chosen, const std::string& key, const std::string& text) {
        if (key == "threshold") chosen.threshold = to_number(key, text);
        if (key == "longest") chosen.longest = to_whole_number(key, text);
        if (key == "most") chosen.most = to_whole_number(key, text);
      },
      [](const auto& model, const rapport::pulse_options& chosen) { return rapport::pulse_scan(model, chosen); },
      [](const auto&, const rapport::pulse_options& chosen) { return chosen.threshold; });
}

}  // namespace

std::vector<offer> model_offers() {
  return {prediction_offer<rapport::innovation_options>(
              rapport::basic_innovations<double>::info,
              [](const auto& model, const auto& chosen) { return rapport::innovations(model, chosen); }),
          prediction_offer<rapport::leave_one_out_options>(
              rapport::basic_leave_one_out<double>::info,
              [](const auto& model, const auto& chosen) { return rapport::leave_one_out(model, chosen); }),
          pulse_offer()};
}

}  // namespace program
