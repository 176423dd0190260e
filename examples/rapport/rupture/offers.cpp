// SPDX-License-Identifier: BSL-1.0
#include "offers.hpp"

#include <charconv>
#include <cmath>

namespace program {

namespace {

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

}  // namespace

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

bool to_yes_or_no(const std::string& key, const std::string& text) {
  return to_choice(key, text,
                   std::map<std::string, bool>{{"yes", true}, {"no", false}, {"true", true}, {"false", false}});
}

std::optional<measurement_error> asked_error(const session_table& table, const rupture_request& request) {
  if (request.sem) return measurement_error{*request.sem, 1.96 * std::sqrt(2.0) * *request.sem};
  if (!request.reliability) return std::nullopt;
  const auto sd = request.sd ? request.sd : first_score_sd(table);
  if (!sd) throw call_error("--reliability needs two clients with scores, or --sd");
  const auto cut = rapport::reliable_cutoff(*sd, *request.reliability);
  if (!cut) raise(cut.error());
  return measurement_error{cut->sem, cut->cutoff};
}

const std::vector<offer>& offers() {
  static const std::vector<offer> all = [] {
    std::vector<offer> out;
    for (const auto& kind : {rule_offers, model_offers, chart_offers, regime_offers, sudden_change_offers}) {
      for (offer& each : kind()) out.push_back(std::move(each));
    }
    return out;
  }();
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

}  // namespace program
