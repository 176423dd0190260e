// SPDX-License-Identifier: BSL-1.0
// Rules on falls of the score: the drop-repair engine and its presets, reliable change, alerts, residuals.
#include <cmath>

#include "offers.hpp"

namespace program {

namespace {

using rapport::drop_repair;

const std::map<std::string, rapport::drop_unit> units{
    {"points", rapport::drop_unit::points},       {"own-sd", rapport::drop_unit::own_sd},
    {"pooled-sd", rapport::drop_unit::pooled_sd}, {"between-sd", rapport::drop_unit::between_sd},
    {"grand-sd", rapport::drop_unit::grand_sd},   {"larger-sd", rapport::drop_unit::larger_of_own_and_pooled}};
const std::map<std::string, rapport::drop_reference> references{
    {"previous", rapport::drop_reference::previous}, {"highest-before", rapport::drop_reference::highest_before}};
const std::map<std::string, rapport::decline_kind> declines{{"single", rapport::decline_kind::single_session},
                                                            {"monotone", rapport::decline_kind::monotone}};
const std::map<std::string, rapport::repair_kind> repairs{{"within", rapport::repair_kind::within_tolerance},
                                                          {"rise", rapport::repair_kind::rise},
                                                          {"share", rapport::repair_kind::share}};

/// The settings of the engine as its preset has them.
std::vector<setting> settings_of(const drop_repair& rule) {
  return {{"k", "threshold, in units", csv_field(rule.k)},
          {"unit", "points, own-sd, pooled-sd, between-sd, grand-sd or larger-sd", word_of(rule.unit, units)},
          {"reference", "previous or highest-before", word_of(rule.reference, references)},
          {"reference-window", "sessions for highest-before", std::to_string(rule.reference_window)},
          {"decline", "single or monotone", word_of(rule.decline, declines)},
          {"repair", "within, rise or share", word_of(rule.repair, repairs)},
          {"repair-value", "units within the level, units above the nadir, or share of the fall",
           csv_field(rule.repair_value)},
          {"window", "sessions after the nadir in which a repair counts; 0: to the end", std::to_string(rule.window)},
          {"hold", "sessions in a row that a repair must last", std::to_string(rule.hold)},
          {"min-sessions", "scored sessions that a series needs", std::to_string(rule.min_sessions)},
          {"max-gap", "largest distance of two compared sessions; 0: 1 session or 28 days", csv_field(rule.max_gap)}};
}

drop_repair with_settings(drop_repair rule, const settings& given) {
  for (const auto& [key, text] : given) {
    if (key == "k") rule.k = to_number(key, text);
    if (key == "unit") rule.unit = to_choice(key, text, units);
    if (key == "reference") rule.reference = to_choice(key, text, references);
    if (key == "reference-window") rule.reference_window = to_whole_number(key, text);
    if (key == "decline") rule.decline = to_choice(key, text, declines);
    if (key == "repair") rule.repair = to_choice(key, text, repairs);
    if (key == "repair-value") rule.repair_value = to_number(key, text);
    if (key == "window") rule.window = to_whole_number(key, text);
    if (key == "hold") rule.hold = to_whole_number(key, text);
    if (key == "min-sessions") rule.min_sessions = to_whole_number(key, text);
    if (key == "max-gap") rule.max_gap = to_number(key, text);
  }
  return rule;
}

offer drop_repair_offer(const drop_repair& preset) {
  offer out;
  out.name = preset.info.name;
  out.info = preset.info;
  out.settings = settings_of(preset);
  out.run = [preset, all = out.settings](const session_table& table, const rupture_request& request,
                                         const rapport::detect_options& detect_options, const settings& given) {
    const drop_repair rule = with_settings(preset, given);
    json about = detector_json(rule.info, all, given);
    about["unit"] = word_of(rule.unit, units);
    about["threshold"] = rule.k;
    if (const auto ready = rule.prepared(table.panel)) about["unit_value"] = maybe(ready->unit_points);
    const auto found = detect_over_clients(table, rule, detect_options, request);
    return found ? findings_json(table, *found, about, request) : nothing_found(table, about, found.error());
  };
  return out;
}

/// Reliable change: the measurement error comes from --sem or --reliability, or as an option.
offer reliable_fall_offer() {
  const rapport::reliable_fall defaults;
  offer out;
  out.name = defaults.info.name;
  out.info = defaults.info;
  out.settings = {{"sem", "standard error of measurement, points; none: from --sem or --reliability", "none"},
                  {"critical", "normal quantile; 1.645 for one false alarm in twenty by measurement error alone",
                   csv_field(defaults.critical)},
                  {"min-sessions", "scored sessions that a series needs", std::to_string(defaults.min_sessions)}};
  out.run = [all = out.settings](const session_table& table, const rupture_request& request,
                                 const rapport::detect_options& detect_options, const settings& given) {
    rapport::reliable_fall rule;
    std::optional<double> sem;
    if (const auto of_score = asked_error(table, request)) sem = of_score->sem;
    for (const auto& [key, text] : given) {
      if (key == "sem" && text != "none") sem = to_number(key, text);
      if (key == "critical") rule.critical = to_number(key, text);
      if (key == "min-sessions") rule.min_sessions = to_whole_number(key, text);
    }
    json about = detector_json(rule.info, all, given);
    about["options"]["sem"] = maybe(sem);
    about["unit"] = "points";
    about["unit_value"] = 1;
    if (!sem) {
      return nothing_found(table, about,
                           std::string("needs the measurement error: --sem, --reliability, or --option sem=POINTS"));
    }
    rule.sem = *sem;
    about["threshold"] = rule.rule().k;
    const auto found = detect_over_clients(table, rule, detect_options, request);
    return found ? findings_json(table, *found, about, request) : nothing_found(table, about, found.error());
  };
  return out;
}

offer session_alert_offer() {
  const rapport::session_alert defaults;
  return plain_offer(
      defaults,
      {{"cutoff", "of the total", csv_field(defaults.cutoff)},
       {"inclusive", "yes: a total equal to the cut-off counts", "no"},
       {"drop", "points from one session to the next", csv_field(defaults.drop)}},
      "points",
      [](rapport::session_alert& rule, const std::string& key, const std::string& text) {
        if (key == "cutoff") rule.cutoff = to_number(key, text);
        if (key == "inclusive") rule.inclusive = to_yes_or_no(key, text);
        if (key == "drop") rule.drop = to_number(key, text);
      },
      [](const rapport::session_alert& rule) { return rule.cutoff; });
}

offer residual_offer() {
  const rapport::residual_detector defaults;
  return plain_offer(
      defaults,
      {{"threshold", "in SD about the client's own line", csv_field(defaults.threshold)},
       {"deleted", "yes: judge each score by the line through the others", "no"},
       {"min-sessions", "scored sessions that a series needs", std::to_string(defaults.min_sessions)}},
      "SD about the client's own line",
      [](rapport::residual_detector& rule, const std::string& key, const std::string& text) {
        if (key == "threshold") rule.threshold = to_number(key, text);
        if (key == "deleted") rule.deleted = to_yes_or_no(key, text);
        if (key == "min-sessions") rule.min_sessions = to_whole_number(key, text);
      },
      [](const rapport::residual_detector& rule) { return rule.threshold; });
}

}  // namespace

std::vector<offer> rule_offers() {
  return {drop_repair_offer(drop_repair{}),
          drop_repair_offer(rapport::stiles2004_like()),
          drop_repair_offer(rapport::strauss2006_like()),
          drop_repair_offer(rapport::stevens2007_like()),
          drop_repair_offer(rapport::gumz2012()),
          drop_repair_offer(rapport::mclaughlin2014_like()),
          drop_repair_offer(rapport::larsson2018_like()),
          session_alert_offer(),
          reliable_fall_offer(),
          residual_offer()};
}

}  // namespace program
