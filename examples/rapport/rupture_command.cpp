// SPDX-License-Identifier: BSL-1.0
#include <rapport/rupture.hpp>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <functional>
#include <map>
#include <memory>

#include "analysis.hpp"

namespace program {

namespace {

using rapport::drop_repair;
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
                         const ::program::settings&)>
      run;
  rapport::detector_info info;
};

double to_number(const std::string& key, const std::string& text) {
  double value = 0;
  const char* const end = text.data() + text.size();
  const auto parsed = std::from_chars(text.data(), end, value);
  if (parsed.ec != std::errc() || parsed.ptr != end || !std::isfinite(value)) {
    throw call_error("--option " + key + " wants a number, not '" + text + "'");
  }
  return value;
}

rapport::index to_whole_number(const std::string& key, const std::string& text) {
  rapport::index value = 0;
  const char* const end = text.data() + text.size();
  const auto parsed = std::from_chars(text.data(), end, value);
  if (parsed.ec != std::errc() || parsed.ptr != end)
    throw call_error("--option " + key + " wants a whole number, not '" + text + "'");
  return value;
}

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

/// What the result says of a detector before its episodes.
json detector_json(const rapport::detector_info& info, const json& options) {
  return {{"name", info.name}, {"options", options},    {"source", info.source}, {"provenance", to_string(info.trust)},
          {"unit", nullptr},   {"unit_value", nullptr}, {"threshold", nullptr}};
}

json episode_json(const session_table& table, const rapport::episode& e, const char* detector, double sign) {
  const auto time = [&](rapport::index position) { return table.time(e.client_position, position); };
  return {{"detector", detector},
          {"pre", time(e.pre_at)},
          {"onset", time(e.onset_at)},
          {"nadir", time(e.nadir_at)},
          {"repair", e.repair_at ? time(*e.repair_at) : json(nullptr)},
          {"reference", sign * e.reference},
          {"depth", e.depth},
          {"depth_standardized", e.depth_standardized},
          {"depth_se", maybe(e.depth_se)},
          {"duration", e.duration},
          {"recovery", e.recovery},
          {"repair_probability", nullptr},
          {"status", to_string(e.status)},
          {"pattern", to_string(e.pattern)},
          {"score", e.score},
          {"p_null", maybe(e.p_null)},
          {"rules", json::array({detector})},
          {"flags", e.flags}};
}

/// What a detector adds to the description of an episode.
using episode_details = std::function<void(const rapport::episode&, json&)>;

/// One detector's findings, in the shape that merge() joins.
analysis findings_json(const session_table& table, const rapport::detection& found, const json& about,
                       const rupture_request& request, const episode_details& add_details = {}) {
  const char* const name = found.info.name;
  const double sign = request.lower_is_better ? -1 : 1;
  analysis out;
  out.result["detector"] = about;
  json clients = json::array();
  for (const auto& client : found.clients) {
    json one = {{"id", client.id},
                {"n_sessions", client.n_sessions},
                {"n_observed", client.n_observed},
                {"n_evaluable", client.n_evaluable}};
    one["episodes"] = json::array();
    if (client.not_evaluable != nullptr) one["not_evaluable"] = client.not_evaluable;
    one["session_score"] = json::array();
    for (const auto& each : client.session_score) one["session_score"].push_back(maybe(each));
    one["session_expected"] = json::array();
    for (const auto& each : client.expected) {
      one["session_expected"].push_back(each ? json{{"mean", sign * each->mean}, {"sd", each->sd}} : json(nullptr));
    }
    clients.push_back(std::move(one));
  }
  rapport::index n_repaired = 0;
  for (const auto& episode : found.episodes) {
    json one = episode_json(table, episode, name, sign);
    if (add_details) add_details(episode, one);
    clients[rapport::as_size(episode.client_position)]["episodes"].push_back(std::move(one));
    n_repaired += episode.repair_at ? 1 : 0;
  }
  const auto n_evaluable = static_cast<double>(found.n_evaluable());
  const auto n_episodes = static_cast<double>(found.count());
  out.result["clients"] = std::move(clients);
  out.result["summary"] = {
      {"n_clients", table.panel.n_clients()},
      {"n_evaluable_clients", found.n_evaluable_clients()},
      {"n_with_rupture", found.n_with_rupture()},
      {"n_episodes", found.count()},
      {"n_repaired", n_repaired},
      {"expected_if_stable", maybe(found.expected_if_stable)},
      {"n_evaluable", found.n_evaluable()},
      {"per_100_sessions", n_evaluable > 0 ? json(100 * n_episodes / n_evaluable) : json(nullptr)}};
  out.result["warnings"] = json::array();
  if (found.no_null) give_up(out, std::string(name) + ": no chance level: " + message(*found.no_null).c_str());
  return out;
}

/// A detector that gave up: no episodes, and the reason.
analysis nothing_found(const session_table& table, const json& about, const rapport::error& reason) {
  if (reason.code == rapport::errc::invalid_option) raise(reason);
  analysis out;
  out.result["detector"] = about;
  out.result["clients"] = json::array();
  for (rapport::index c = 0; c < table.panel.n_clients(); ++c) {
    out.result["clients"].push_back({{"id", table.panel.client_id(c)},
                                     {"n_sessions", table.panel.series(c).size()},
                                     {"n_observed", 0},
                                     {"n_evaluable", 0},
                                     {"episodes", json::array()},
                                     {"not_evaluable", message(reason).c_str()},
                                     {"session_score", json::array()}});
  }
  out.result["summary"] = {{"n_clients", table.panel.n_clients()},
                           {"n_evaluable_clients", 0},
                           {"n_with_rupture", 0},
                           {"n_episodes", 0},
                           {"n_repaired", 0},
                           {"expected_if_stable", nullptr},
                           {"per_100_sessions", nullptr}};
  out.result["warnings"] = json::array();
  give_up(out, about["name"].get<std::string>() + ": " + message(reason).c_str());
  return out;
}

json options_json(const std::vector<setting>& all, const settings& given) {
  json out = json::object();
  for (const auto& each : all) {
    const auto found = given.find(each.key);
    const std::string& text = found == given.end() ? each.preset : found->second;
    const json number = json::parse(text, nullptr, false);
    out[each.key] = number.is_number() ? number : json(text);
  }
  return out;
}

offer drop_repair_offer(const drop_repair& preset) {
  offer out;
  out.name = preset.info.name;
  out.info = preset.info;
  out.settings = settings_of(preset);
  out.run = [preset, all = out.settings](const session_table& table, const rupture_request& request,
                                         const rapport::detect_options& detect_options, const settings& given) {
    const drop_repair rule = with_settings(preset, given);
    json about = detector_json(rule.info, options_json(all, given));
    about["unit"] = word_of(rule.unit, units);
    about["threshold"] = rule.k;
    if (const auto ready = rule.prepared(table.panel)) about["unit_value"] = maybe(ready->unit_points);
    const auto found = rapport::detect(table.panel, rule, detect_options);
    return found ? findings_json(table, *found, about, request) : nothing_found(table, about, found.error());
  };
  return out;
}

offer innovation_offer() {
  const rapport::innovation_options defaults;
  offer out;
  out.info = rapport::basic_innovations<double>::info;
  out.name = out.info.name;
  out.settings = {
      {"false-alarms", "share of a stable client's sessions that may be called a rupture",
       csv_field(defaults.false_alarms)},
      {"repair-tolerance", "back to within so many SD of the expected level", csv_field(defaults.repair_tolerance)},
      {"hold", "sessions in a row that a repair must last", std::to_string(defaults.hold)}};
  out.run = [all = out.settings](const session_table& table, const rupture_request& request,
                                 const rapport::detect_options& detect_options, const settings& given) {
    rapport::innovation_options chosen;
    for (const auto& [key, text] : given) {
      if (key == "false-alarms") chosen.false_alarms = to_number(key, text);
      if (key == "repair-tolerance") chosen.repair_tolerance = to_number(key, text);
      if (key == "hold") chosen.hold = to_whole_number(key, text);
    }
    const auto detector = rapport::innovations(chosen);
    json about = detector_json(detector.info, options_json(all, given));
    const auto ready = detector.prepared(table.panel);
    if (!ready) return nothing_found(table, about, ready.error());
    about["unit"] = "SD of a score around its client's line";
    about["unit_value"] = std::sqrt(ready->model().error_var + ready->model().state_var);
    about["threshold"] = ready->threshold();
    const auto found = rapport::detect(table.panel, *ready, detect_options);
    return found ? findings_json(table, *found, about, request) : nothing_found(table, about, found.error());
  };
  return out;
}

bool to_yes_or_no(const std::string& key, const std::string& text) {
  return to_choice(key, text,
                   std::map<std::string, bool>{{"yes", true}, {"no", false}, {"true", true}, {"false", false}});
}

/// The SD of the clients' first scores: that before treatment, as far as the table knows.
std::optional<double> first_score_sd(const session_table& table) {
  std::vector<double> first;
  for (rapport::index c = 0; c < table.panel.n_clients(); ++c) {
    const auto y = table.panel.series(c);
    rapport::index t = 0;
    while (t < y.size() && !y.is_observed(t)) ++t;
    if (t < y.size()) first.push_back(y[t]);
  }
  return rapport::stats::series_sd<double>({first, first, {}});
}

/// The cutoff of criterion 1 that --sem, or --reliability with or without --sd, asks for; empty without them.
std::optional<double> asked_cutoff(const session_table& table, const rupture_request& request) {
  if (request.sem) return 1.96 * std::sqrt(2.0) * *request.sem;
  if (!request.reliability) return std::nullopt;
  const auto sd = request.sd ? request.sd : first_score_sd(table);
  if (!sd) throw call_error("--reliability needs two clients with scores, or --sd");
  const auto cut = rapport::reliable_cutoff(*sd, *request.reliability);
  if (!cut) raise(cut.error());
  return cut->cutoff;
}

/// Sudden changes: the settings are those of R suddengains, on the scores as they stand in the table.
offer sudden_change_offer(const rapport::sudden_change_detector& preset) {
  const rapport::sudden_change_rule defaults;
  offer out;
  out.name = preset.info.name;
  out.info = preset.info;
  out.settings = {
      {"cutoff",
       "criterion 1, points; not positive where the raw score rises; none: not applied, unless --reliability or "
       "--sem is given",
       "none"},
      {"pct", "criterion 2, share of the raw score; negative where the raw score rises; none: not applied",
       csv_field(*defaults.share)},
      {"criteria", "those that are applied, of 123; 1 only if it has a cutoff", "123"},
      {"alpha", "of criterion 3", csv_field(defaults.alpha)},
      {"adjust", "yes: critical value by alpha and the scores present; no: as in critical", "yes"},
      {"critical", "critical value with adjust=no", csv_field(defaults.critical)},
      {"first", "yes: the first session lies before treatment (1to2 of the package)", "no"}};
  out.run = [preset, all = out.settings](const session_table& table, const rupture_request& request,
                                         const rapport::detect_options& detect_options, const settings& given) {
    rapport::sudden_change_detector detector = preset;
    auto& rule = detector.rule;
    detector.scores_turned = request.lower_is_better;
    const bool raw_rises = detector.finds_rises != detector.scores_turned;
    if (const auto cut = asked_cutoff(table, request)) rule.cutoff = raw_rises ? -*cut : *cut;
    std::string criteria = "123";
    for (const auto& [key, text] : given) {
      const bool none = text == "none";
      if (key == "cutoff") rule.cutoff = none ? std::nullopt : std::optional<double>(to_number(key, text));
      if (key == "pct") rule.share = none ? std::nullopt : std::optional<double>(to_number(key, text));
      if (key == "criteria") criteria = text;
      if (key == "alpha") rule.alpha = to_number(key, text);
      if (key == "adjust") rule.adjust = to_yes_or_no(key, text);
      if (key == "critical") rule.critical = to_number(key, text);
      if (key == "first") rule.first_is_baseline = to_yes_or_no(key, text);
    }
    if (criteria.empty() || criteria.find_first_not_of("123") != std::string::npos)
      throw call_error("--option criteria is made of 1, 2 and 3, not '" + criteria + "'");
    const auto applied = [&](char which) { return criteria.find(which) != std::string::npos; };
    if (given.contains("criteria") && applied('1') && !rule.cutoff && criteria != "123")
      throw call_error("--option criteria=" + criteria + " needs --option cutoff=POINTS, --reliability or --sem");
    if (!applied('1')) rule.cutoff.reset();
    if (!applied('2')) rule.share.reset();
    rule.stability = applied('3');
    json options = options_json(all, given);
    options["cutoff"] = maybe(rule.cutoff);
    options["pct"] = maybe(rule.share);
    options["criteria"] = std::string(rule.cutoff ? "1" : "") + (rule.share ? "2" : "") + (rule.stability ? "3" : "");
    json about = detector_json(detector.info, options);
    about["unit"] = "points";
    about["unit_value"] = 1;
    about["threshold"] = maybe(rule.cutoff);
    const auto ready = detector.prepared(table.panel);
    if (!ready) return nothing_found(table, about, ready.error());
    const auto found = rapport::detect(table.panel, *ready, detect_options);
    if (!found) return nothing_found(table, about, found.error());
    const rapport::episode* before = nullptr;
    rapport::index nth = 0;
    return findings_json(table, *found, about, request, [&](const rapport::episode& e, json& one) {
      const bool again =
          before != nullptr && before->client_position == e.client_position && before->onset_at == e.onset_at;
      nth = again ? nth + 1 : 0;
      before = &e;
      const auto at = ready->at(table.panel.series(e.client_position), e.onset_at, nth);
      if (!at) return;
      const auto& [verdict, change] = *at;
      one["criteria"] = {{"1", maybe(verdict.size)}, {"2", maybe(verdict.share)}, {"3", maybe(verdict.stability)}};
      one["session_n"] = change.session;
      one["magnitude"] = maybe(change.magnitude);
      one["total_change"] = maybe(change.total_change);
      one["change_proportion"] = maybe(change.proportion);
      one["reversal_value"] = maybe(change.reversal_value);
      one["reversed"] = change.reversed;
      one["around"] = json::array();
      for (const auto& score : change.around) one["around"].push_back(maybe(score));
    });
  };
  return out;
}

offer corrected_sudden_change_offer() {
  const rapport::corrected_sudden_change defaults;
  offer out;
  out.name = defaults.info.name;
  out.info = defaults.info;
  out.settings = {{"cutoff", "least fall, points; none: one pooled within-client SD", "none"},
                  {"pct", "least fall as a share of the distance from the worst possible score; used with --min, --max",
                   csv_field(defaults.share)},
                  {"alpha", "of the t test, two-sided", csv_field(defaults.alpha)},
                  {"prior-df", "degrees of freedom that the pooled SD counts for", csv_field(defaults.prior_df)},
                  {"direction", "loss: falls of the alliance; gain: rises", "loss"}};
  out.run = [all = out.settings](const session_table& table, const rupture_request& request,
                                 const rapport::detect_options& detect_options, const settings& given) {
    rapport::corrected_sudden_change rule;
    rule.cutoff = asked_cutoff(table, request);
    for (const auto& [key, text] : given) {
      if (key == "cutoff" && text != "none") rule.cutoff = to_number(key, text);
      if (key == "pct") rule.share = to_number(key, text);
      if (key == "alpha") rule.alpha = to_number(key, text);
      if (key == "prior-df") rule.prior_df = to_number(key, text);
      if (key == "direction")
        rule.finds_rises = to_choice(key, text, std::map<std::string, bool>{{"loss", false}, {"gain", true}});
    }
    json about = detector_json(rule.info, options_json(all, given));
    about["unit"] = "t";
    const auto ready = rule.prepared(table.panel);
    if (!ready) return nothing_found(table, about, ready.error());
    about["options"]["cutoff"] = ready->least_jump();
    const auto found = rapport::detect(table.panel, *ready, detect_options);
    return found ? findings_json(table, *found, about, request) : nothing_found(table, about, found.error());
  };
  return out;
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
    json about = detector_json(detector.info, options_json(all_settings, given));
    about["unit"] = unit;
    about["threshold"] = threshold(detector);
    const auto found = rapport::detect(table.panel, detector, detect_options);
    return found ? findings_json(table, *found, about, request) : nothing_found(table, about, found.error());
  };
  return out;
}

const std::map<std::string, rapport::chart_spread> spreads{{"own", rapport::chart_spread::own},
                                                           {"pooled", rapport::chart_spread::pooled}};

offer xmr_offer() {
  const rapport::xmr_chart defaults;
  return plain_offer(
      defaults,
      {{"median", "yes: median moving range; no: mean", "no"},
       {"baseline", "scored sessions that set center and spread; 0: all", std::to_string(defaults.n_baseline)},
       {"spread", "own or pooled moving ranges", word_of(defaults.spread, spreads)},
       {"rules", "how many of the four Western Electric rules are watched", std::to_string(defaults.n_rules)},
       {"min-sessions", "scored sessions that a series needs", std::to_string(defaults.min_sessions)}},
      "sigma of the chart",
      [](rapport::xmr_chart& chart, const std::string& key, const std::string& text) {
        if (key == "median") chart.by_median = to_yes_or_no(key, text);
        if (key == "baseline") chart.n_baseline = to_whole_number(key, text);
        if (key == "spread") chart.spread = to_choice(key, text, spreads);
        if (key == "rules")
          chart.n_rules = static_cast<int>(std::clamp<rapport::index>(to_whole_number(key, text), 0, 9));
        if (key == "min-sessions") chart.min_sessions = to_whole_number(key, text);
      },
      [](const rapport::xmr_chart&) { return 3.0; });
}

offer tukey_offer() {
  const rapport::tukey_chart defaults;
  return plain_offer(
      defaults,
      {{"factor", "fence in spreads of the fourths", csv_field(defaults.factor)},
       {"min-sessions", "scored sessions that a series needs", std::to_string(defaults.min_sessions)}},
      "spread of the fourths",
      [](rapport::tukey_chart& chart, const std::string& key, const std::string& text) {
        if (key == "factor") chart.factor = to_number(key, text);
        if (key == "min-sessions") chart.min_sessions = to_whole_number(key, text);
      },
      [](const rapport::tukey_chart& chart) { return chart.factor; });
}

offer cusum_offer() {
  const rapport::cusum_detector defaults;
  return plain_offer(
      defaults,
      {{"k", "allowance, in sigma", csv_field(defaults.k)},
       {"h", "limit, in sigma", csv_field(defaults.h)},
       {"baseline", "scored sessions that set the center", std::to_string(defaults.n_baseline)},
       {"spread", "own or pooled moving ranges", word_of(defaults.spread, spreads)}},
      "sigma of the chart",
      [](rapport::cusum_detector& chart, const std::string& key, const std::string& text) {
        if (key == "k") chart.k = to_number(key, text);
        if (key == "h") chart.h = to_number(key, text);
        if (key == "baseline") chart.n_baseline = to_whole_number(key, text);
        if (key == "spread") chart.spread = to_choice(key, text, spreads);
      },
      [](const rapport::cusum_detector& chart) { return chart.h; });
}

offer ewma_offer() {
  const rapport::ewma_detector defaults;
  return plain_offer(
      defaults,
      {{"lambda", "weight of the newest score", csv_field(defaults.lambda)},
       {"width", "of the limit, in SD of the average", csv_field(defaults.width)},
       {"baseline", "scored sessions that set the center", std::to_string(defaults.n_baseline)},
       {"spread", "own or pooled moving ranges", word_of(defaults.spread, spreads)}},
      "sigma of the chart",
      [](rapport::ewma_detector& chart, const std::string& key, const std::string& text) {
        if (key == "lambda") chart.lambda = to_number(key, text);
        if (key == "width") chart.width = to_number(key, text);
        if (key == "baseline") chart.n_baseline = to_whole_number(key, text);
        if (key == "spread") chart.spread = to_choice(key, text, spreads);
      },
      [](const rapport::ewma_detector& chart) { return chart.width; });
}

const std::map<std::string, rapport::stats::penalty_kind> penalties{{"bic", rapport::stats::penalty_kind::bic},
                                                                    {"bic0", rapport::stats::penalty_kind::bic0},
                                                                    {"mbic", rapport::stats::penalty_kind::mbic},
                                                                    {"aic", rapport::stats::penalty_kind::aic},
                                                                    {"hq", rapport::stats::penalty_kind::hannan_quinn}};

offer segments_offer() {
  const rapport::segment_detector defaults;
  return plain_offer(
      defaults,
      {{"penalty", "bic, bic0, mbic, aic, hq or a number, for scores divided by sigma",
        word_of(defaults.penalty, penalties)},
       {"min-size", "scored sessions in the shortest segment", std::to_string(defaults.min_size)},
       {"spread", "own or pooled moving ranges", word_of(defaults.spread, spreads)},
       {"restored", "share of the fall that counts as repaired", csv_field(defaults.restored)},
       {"min-sessions", "scored sessions that a series needs", std::to_string(defaults.min_sessions)}},
      "sigma by moving ranges",
      [](rapport::segment_detector& detector, const std::string& key, const std::string& text) {
        if (key == "penalty" && penalties.contains(text)) detector.penalty = penalties.at(text);
        if (key == "penalty" && !penalties.contains(text)) detector.penalty_value = to_number(key, text);
        if (key == "min-size") detector.min_size = to_whole_number(key, text);
        if (key == "spread") detector.spread = to_choice(key, text, spreads);
        if (key == "restored") detector.restored = to_number(key, text);
        if (key == "min-sessions") detector.min_sessions = to_whole_number(key, text);
      },
      [](const rapport::segment_detector& detector) { return maybe(detector.penalty_value); });
}

offer bocpd_offer() {
  const rapport::online_change_detector defaults;
  return plain_offer(
      defaults,
      {{"expected-length", "sessions between changes, on average", csv_field(defaults.expected_length)},
       {"probability", "of a young run, from which a change counts", csv_field(defaults.probability)},
       {"window", "sessions that a young run has lasted at most", std::to_string(defaults.window)},
       {"least-fall", "in SD within a regime", csv_field(defaults.least_fall)},
       {"min-sessions", "scored sessions that a series needs", std::to_string(defaults.min_sessions)}},
      "SD within a regime",
      [](rapport::online_change_detector& detector, const std::string& key, const std::string& text) {
        if (key == "expected-length") detector.expected_length = to_number(key, text);
        if (key == "probability") detector.probability = to_number(key, text);
        if (key == "window") detector.window = to_whole_number(key, text);
        if (key == "least-fall") detector.least_fall = to_number(key, text);
        if (key == "min-sessions") detector.min_sessions = to_whole_number(key, text);
      },
      [](const rapport::online_change_detector& detector) { return detector.probability; });
}

offer hmm_offer() {
  const rapport::state_detector defaults;
  return plain_offer(
      defaults,
      {{"states", "2 or 3; the lowest is the ruptured one", std::to_string(defaults.n_states)},
       {"starts", "searches of the fit", std::to_string(defaults.n_starts)},
       {"min-sessions", "scored sessions that a series needs", std::to_string(defaults.min_sessions)}},
      "SD within a state",
      [](rapport::state_detector& detector, const std::string& key, const std::string& text) {
        if (key == "states") detector.n_states = to_whole_number(key, text);
        if (key == "starts") detector.n_starts = to_whole_number(key, text);
        if (key == "min-sessions") detector.min_sessions = to_whole_number(key, text);
      },
      [](const rapport::state_detector&) { return json(nullptr); });
}

const std::vector<offer>& offers() {
  static const std::vector<offer> all{drop_repair_offer(drop_repair{}),
                                      drop_repair_offer(rapport::stiles2004_like()),
                                      drop_repair_offer(rapport::strauss2006_like()),
                                      drop_repair_offer(rapport::stevens2007_like()),
                                      drop_repair_offer(rapport::gumz2012()),
                                      innovation_offer(),
                                      xmr_offer(),
                                      cusum_offer(),
                                      ewma_offer(),
                                      tukey_offer(),
                                      segments_offer(),
                                      bocpd_offer(),
                                      hmm_offer(),
                                      sudden_change_offer(rapport::sudden_gains()),
                                      sudden_change_offer(rapport::sudden_losses()),
                                      corrected_sudden_change_offer()};
  return all;
}

const offer& find_offer(const std::string& name) {
  std::string all;
  for (const offer& each : offers()) {
    if (each.name == name) return each;
    all += (all.empty() ? "" : ", ") + each.name;
  }
  throw call_error("there is no detector '" + name + "'; there are " + all);
}

/// "key=value" pairs; each key must belong to some detector that runs.
settings read_settings(const std::vector<std::string>& pairs, const std::vector<std::string>& detectors) {
  settings out;
  for (const std::string& pair : pairs) {
    const std::size_t equals = pair.find('=');
    if (equals == std::string::npos) throw call_error("--option wants KEY=VALUE, not '" + pair + "'");
    const std::string key = pair.substr(0, equals);
    bool known = false;
    for (const auto& name : detectors) {
      for (const auto& each : find_offer(name).settings) known = known || each.key == key;
    }
    if (!known) throw call_error("no detector that runs has an option '" + key + "'; --detector list tells them");
    out[key] = pair.substr(equals + 1);
  }
  return out;
}

settings settings_for(const offer& detector, const settings& given) {
  settings out;
  for (const auto& each : detector.settings) {
    if (const auto found = given.find(each.key); found != given.end()) out.insert(*found);
  }
  return out;
}

std::string list_text(const json& detectors) {
  std::string text;
  for (const json& each : detectors) {
    text += each["name"].get<std::string>() + "\n  " + each["source"].get<std::string>() + " (" +
            each["provenance"].get<std::string>() + ")\n";
    text_table table({"option", "default", "meaning"});
    for (const json& option : each["options"]) table.add({option["key"], option["default"], option["meaning"]});
    text += table.str() + "\n";
  }
  return text;
}

std::string cell(const json& value) {
  if (value.is_null()) return "-";
  return value.is_string() ? value.get<std::string>() : std::string(rapport::number_text(value.get<double>(), 10));
}

std::string rupture_text(const json& result) {
  std::string text;
  for (const json& detector : result["detectors"]) {
    const std::string name = detector["name"];
    const json& summary = result["summary"][name];
    text += name + " (" + detector["source"].get<std::string>() +
            "; checked: " + detector["provenance"].get<std::string>() + ")\n";
    const auto count = [&](const char* key) { return std::to_string(summary[key].get<long>()); };
    text += "  " + count("n_episodes") + " episodes in " + count("n_with_rupture") + " of " +
            count("n_evaluable_clients") + " evaluable clients (" + count("n_clients") + " in all), " +
            count("n_repaired") + " repaired";
    if (!summary["expected_if_stable"].is_null()) {
      text += "; " + decimals(summary["expected_if_stable"], 1) + " expected if all clients were stable";
    }
    text += "\n\n";
    text_table table(
        {"client", "pre", "onset", "nadir", "repair", "depth", "in units", "status", "pattern", "chance %"});
    bool any = false;
    for (const json& client : result["clients"]) {
      for (const json& e : client["episodes"]) {
        if (e["detector"] != name) continue;
        any = true;
        table.add({client["id"], cell(e["pre"]), cell(e["onset"]), cell(e["nadir"]), cell(e["repair"]),
                   decimals(e["depth"], 2), decimals(e["depth_standardized"], 2), e["status"], e["pattern"],
                   e["p_null"].is_null() ? "-" : decimals(100 * e["p_null"].get<double>(), 1)});
      }
    }
    if (any) text += table.str() + "\n";
  }
  return text +
         "chance %: of stable series like this client's, so many show a fall this large somewhere.\n"
         "A session that is not listed is not proof that nothing happened; a listed one is a prompt for a "
         "conversation.\n";
}

/// The series themselves, for figures.
void add_series(const session_table& table, double sign, json& clients) {
  for (rapport::index c = 0; c < table.panel.n_clients(); ++c) {
    const auto y = table.panel.series(c);
    json& client = clients[rapport::as_size(c)];
    client["session"] = json::array();
    client["time_number"] = json::array();
    client["y"] = json::array();
    for (rapport::index t = 0; t < y.size(); ++t) {
      client["session"].push_back(table.time(c, t));
      client["time_number"].push_back(y.session[rapport::as_size(t)]);
      client["y"].push_back(sign * y[t]);
    }
  }
}

}  // namespace

json list_detectors() {
  json out = json::array();
  for (const offer& each : offers()) {
    json one = {{"name", each.name},
                {"source", each.info.source},
                {"provenance", to_string(each.info.trust)},
                {"options", json::array()}};
    for (const auto& s : each.settings)
      one["options"].push_back({{"key", s.key}, {"default", s.preset}, {"meaning", s.meaning}});
    out.push_back(std::move(one));
  }
  return out;
}

analysis analyse_rupture(const session_table& table, const rupture_request& request) {
  const std::vector<std::string> names =
      request.detectors.empty() ? std::vector<std::string>{"drop-repair", "innovation"} : request.detectors;
  const settings given = read_settings(request.settings, names);
  rapport::detect_options options;
  options.null_series = request.null_series;
  options.seed = request.seed;
  options.n_threads = request.threads;

  analysis out;
  out.result = {{"detectors", json::array()},
                {"clients", json::array()},
                {"summary", json::object()},
                {"warnings", json::array()}};
  for (const std::string& name : names) {
    const offer& detector = find_offer(name);
    analysis one = detector.run(table, request, options, settings_for(detector, given));
    out.complete = out.complete && one.complete;
    out.result["detectors"].push_back(one.result["detector"]);
    out.result["summary"][name] = one.result["summary"];
    for (const json& warning : one.result["warnings"]) out.result["warnings"].push_back(warning);
    json& clients = out.result["clients"];
    for (std::size_t c = 0; c < one.result["clients"].size(); ++c) {
      json& from = one.result["clients"][c];
      if (clients.size() <= c) {
        clients.push_back({{"id", from["id"]},
                           {"n_sessions", from["n_sessions"]},
                           {"n_observed", from["n_observed"]},
                           {"n_evaluable", from["n_evaluable"]},
                           {"episodes", json::array()},
                           {"not_evaluable", json::object()}});
      }
      json& to = clients[c];
      for (json& episode : from["episodes"]) to["episodes"].push_back(std::move(episode));
      if (from.contains("not_evaluable")) to["not_evaluable"][name] = from["not_evaluable"];
      if (request.series) {
        to["session_score"][name] = from["session_score"];
        to["session_expected"][name] = from["session_expected"];
      }
    }
  }
  if (request.series) add_series(table, request.lower_is_better ? -1 : 1, out.result["clients"]);
  return out;
}

std::string episodes_csv(const json& result) {
  const std::vector<std::string> columns{
      "detector", "pre",      "onset",    "nadir",  "repair",  "reference", "depth", "depth_standardized",
      "depth_se", "duration", "recovery", "status", "pattern", "score",     "p_null"};
  std::string text = "client";
  for (const auto& column : columns) text += ',' + column;
  text += ",flags\n";
  for (const json& client : result["clients"]) {
    for (const json& episode : client["episodes"]) {
      text += csv_field(client["id"].get<std::string>());
      for (const auto& column : columns) {
        const json& value = episode[column];
        text += ',';
        if (value.is_string()) text += csv_field(value.get<std::string>());
        if (value.is_number()) text += csv_field(value.get<double>());
      }
      std::string flags;
      for (const json& flag : episode["flags"]) flags += (flags.empty() ? "" : "; ") + flag.get<std::string>();
      text += ',' + csv_field(flags) + '\n';
    }
  }
  return text;
}

void add_rupture_command(CLI::App& app) {
  struct options {
    input_options in;
    output_options out;
    rupture_request request;
    std::string id;
    std::string time;
    std::string y;
    std::optional<double> lower;
    std::optional<double> upper;
    double step = 0;
  };
  auto* command =
      app.add_subcommand("rupture", "where alliances ruptured, whether they were repaired, and what chance does");
  auto o = std::make_shared<options>();
  add_input_options(*command, o->in);
  add_output_options(*command, o->out);
  command->get_option("--in")->required(false);
  command->add_option("--id", o->id, "column with the client");
  command->add_option("--time", o->time, "column with session number or date");
  command->add_option("--y", o->y, "column with the score");
  command->add_option("--detector", o->request.detectors, "may be repeated; `list` prints all");
  command->add_option("--option", o->request.settings, "KEY=VALUE of the detectors that run");
  command->add_option("--reliability", o->request.reliability, "of the score, for the cutoff of sudden changes");
  command->add_option("--sd", o->request.sd,
                      "SD before treatment, with --reliability; that of first scores without it");
  command->add_option("--sem", o->request.sem, "standard error of measurement, instead of --reliability");
  command->add_option("--null", o->request.null_series, "simulated stable series per client; 0: no chance level")
      ->capture_default_str();
  command->add_option("--min", o->lower, "smallest possible score");
  command->add_option("--max", o->upper, "largest possible score");
  command->add_option("--step", o->step, "distance of two possible scores; 0: any")->capture_default_str();
  command->add_flag("--series", o->request.series, "also print the statistic of every session (JSON)");
  command->add_flag("--lower-is-better", o->request.lower_is_better, "a rise of the score is the rupture");
  command->callback([o] {
    if (o->request.detectors == std::vector<std::string>{"list"}) {
      const json all = list_detectors();
      return print(o->out.format == "json" ? all.dump(1) + "\n" : list_text(all));
    }
    for (const auto& [name, value] :
         {std::pair{"--in", &o->in.path}, {"--id", &o->id}, {"--time", &o->time}, {"--y", &o->y}}) {
      if (value->empty()) throw call_error(std::string(name) + " is required");
    }
    if (o->request.sem && !(*o->request.sem >= 0 && std::isfinite(*o->request.sem)))
      throw call_error("--sem is a number that is not negative");
    if (o->request.null_series < 0) throw call_error("--null is not negative");
    if (o->lower.has_value() != o->upper.has_value()) throw call_error("--min and --max go together");
    std::optional<rapport::score_range<double>> range;
    if (o->lower) {
      const bool is_range = std::isfinite(*o->lower) && std::isfinite(*o->upper) && *o->lower < *o->upper;
      if (!is_range || !(o->step >= 0) || !std::isfinite(o->step))
        throw call_error("--min lies below --max, and --step is not negative");
      range = {*o->lower, *o->upper, o->step};
    }
    const csv_file file = open_table(o->in);
    const panel_columns columns{file.column(o->id), file.column(o->time), file.column(o->y), {}};
    csv_table rows = file.read({columns.score}, {columns.client, columns.time});
    if (o->request.lower_is_better) {
      for (double& score : rows.numbers[0]) score = -score;
      if (range) range = {-range->upper, -range->lower, range->step};
    }
    const session_table table =
        make_panel(file, columns, rows.line, rows.texts[0], rows.texts[1], rows.numbers[0], {}, range);
    o->request.seed = o->out.seed;
    o->request.threads = o->out.threads;
    const analysis found = [&] {
      const progress working("drawing stable series");
      return analyse_rupture(table, o->request);
    }();
    if (o->out.format == "json") return print_json(found);
    print(o->out.format == "csv" ? episodes_csv(found.result) : rupture_text(found.result));
    if (!found.complete) throw computation_error(found.result["warnings"][0].get<std::string>());
  });
}

}  // namespace program
