// SPDX-License-Identifier: BSL-1.0
// Findings as JSON, as a table, and as text.
#include <rapport/rupture/repair.hpp>

#include "offers.hpp"

namespace program {

namespace {

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
          {"status", to_string(e.status)},
          {"pattern", to_string(e.pattern)},
          {"score", e.score},
          {"p_null", maybe(e.p_null)},
          {"q_null", maybe(e.q_null)},
          {"rules", json::array({detector})},
          {"flags", e.flags}};
}

/// That the true level is back after an episode; null for rises, without a model, and if no score follows the rupture.
json repair_probability(const session_table& table, const rapport::episode& e, const rapport::detection& found,
                        const rupture_request& request) {
  if (found.of_rises || !request.stable_clients) return nullptr;
  const double half_sd = rapport::stats::spread_of(table.panel).within.value_or(0) / 2;
  const auto back =
      rapport::level_return_of(*request.stable_clients, table.panel.series(e.client_position), e, half_sd);
  return back ? json(back->probability) : json(nullptr);
}

/// The unit of depths: a number if all clients have the same one, else each client's own under its name.
void add_units(const rapport::detection& found, json& about, json& clients) {
  std::optional<double> common;
  bool same = true;
  for (const auto& client : found.clients) {
    if (!client.unit) continue;
    same = same && client.unit == common.value_or(*client.unit);
    common = client.unit;
  }
  if (same && common && about["unit_value"].is_null()) about["unit_value"] = *common;
  for (std::size_t c = 0; c < found.clients.size(); ++c) {
    if (!same && found.clients[c].unit) clients[c]["unit_value"] = *found.clients[c].unit;
  }
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

}  // namespace

json detector_json(const rapport::detector_info& info, const std::vector<setting>& all, const settings& given) {
  return {{"name", info.name},     {"options", options_json(all, given)},
          {"source", info.source}, {"provenance", to_string(info.trust)},
          {"unit", nullptr},       {"unit_value", nullptr},
          {"threshold", nullptr}};
}

analysis findings_json(const session_table& table, const rapport::detection& found, const json& about,
                       const rupture_request& request, const episode_details& add_details) {
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
    one["repair_probability"] = repair_probability(table, episode, found, request);
    if (add_details) add_details(episode, one);
    clients[rapport::as_size(episode.client_position)]["episodes"].push_back(std::move(one));
    n_repaired += episode.repair_at ? 1 : 0;
  }
  const auto n_evaluable = static_cast<double>(found.n_evaluable());
  const auto n_episodes = static_cast<double>(found.count());
  add_units(found, out.result["detector"], clients);
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

analysis nothing_found(const session_table& table, const json& about, const rapport::error& reason) {
  if (reason.code == rapport::errc::invalid_option) raise(reason);
  return nothing_found(table, about, std::string(message(reason).c_str()));
}

analysis nothing_found(const session_table& table, const json& about, const std::string& reason) {
  analysis out;
  out.result["detector"] = about;
  out.result["clients"] = json::array();
  for (rapport::index c = 0; c < table.panel.n_clients(); ++c) {
    out.result["clients"].push_back({{"id", table.panel.client_id(c)},
                                     {"n_sessions", table.panel.series(c).size()},
                                     {"n_observed", 0},
                                     {"n_evaluable", 0},
                                     {"episodes", json::array()},
                                     {"not_evaluable", reason},
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
  give_up(out, about["name"].get<std::string>() + ": " + reason);
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

namespace {

std::string cell(const json& value) {
  if (value.is_null()) return "-";
  return value.is_string() ? value.get<std::string>() : std::string(rapport::number_text(value.get<double>(), 10));
}

}  // namespace

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

}  // namespace program
