// SPDX-License-Identifier: BSL-1.0
#include "figures.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <limits>
#include <map>

namespace program {

namespace {

constexpr const char* schema = "https://vega.github.io/schema/vega-lite/v6.json";

// One palette for page and figures; page.css repeats it.
constexpr const char* ink = "#26323d";
constexpr const char* muted = "#7b8791";
constexpr const char* rule = "#e4e1d8";
constexpr const char* calm = "#2a7f86";
constexpr const char* calm_band = "#cfe3e2";
constexpr const char* warm = "#d4553f";
constexpr const char* warm_band = "#f9ddd3";
constexpr const char* gold = "#c8952b";

json config() {
  const json axis = {{"labelFont", "system-ui, sans-serif"},
                     {"titleFont", "system-ui, sans-serif"},
                     {"labelColor", muted},
                     {"titleColor", ink},
                     {"titleFontWeight", 500},
                     {"labelFontSize", 11},
                     {"titleFontSize", 12},
                     {"domainColor", rule},
                     {"tickColor", rule},
                     {"gridColor", "#eeece5"},
                     {"titlePadding", 8}};
  return {{"background", "transparent"},
          {"view", {{"stroke", nullptr}}},
          {"axis", axis},
          {"header",
           {{"labelFont", "system-ui, sans-serif"},
            {"labelFontSize", 13},
            {"labelColor", ink},
            {"labelFontWeight", 600},
            {"title", nullptr}}},
          {"legend",
           {{"labelFont", "system-ui, sans-serif"},
            {"labelColor", ink},
            {"labelFontSize", 12},
            {"title", nullptr},
            {"orient", "top"}}}};
}

json new_spec(const std::string& description) {
  return {{"$schema", schema}, {"description", description}, {"config", config()}};
}

json quantitative(const std::string& field, const std::string& title) {
  return {{"field", field}, {"type", "quantitative"}, {"title", title}};
}

/// A colour scale that pairs names with colours, in this order.
json colours(const std::vector<std::pair<std::string, const char*>>& pairs) {
  json domain = json::array();
  json range = json::array();
  for (const auto& [name, colour] : pairs) {
    domain.push_back(name);
    range.push_back(colour);
  }
  return {{"domain", domain}, {"range", range}};
}

/// The x channel of session times: their numbers with half a session to spare, or their dates.
json time_channel(const std::string& field, const std::string& title, double first, double last) {
  json channel = quantitative(field, title);
  channel["axis"] = {{"title", title}, {"format", "d"}, {"tickMinStep", 1}, {"grid", false}};
  channel["scale"] = {{"zero", false}, {"nice", false}, {"domain", {first - 0.5, last + 0.5}}};
  return channel;
}

json date_channel(const std::string& field) {
  return {
      {"field", field}, {"type", "temporal"}, {"axis", {{"title", nullptr}, {"grid", false}, {"labelOverlap", true}}}};
}

}  // namespace

figure distribution_figure(const json& results) {
  const json& instrument = results["score"]["instrument_facts"];
  const double lower = instrument["min"];
  const double upper = instrument["max"];
  constexpr int n_bins = 16;
  const double width = (upper - lower) / n_bins;

  // Item means of every score that could be computed.
  std::vector<std::string> order{"total"};
  for (const auto& [name, items] : instrument["subscales"].items()) order.push_back(name);
  json values = json::array();
  for (const std::string& name : order) {
    const double divisor = instrument["item_mean_divisor"][name];
    std::vector<double> means;
    for (const json& row : results["score"]["rows"]) {
      const json& score = name == "total" ? row["total"] : row["subscales"][name];
      if (!score.is_null()) means.push_back(score.get<double>() / divisor);
    }
    std::map<std::pair<int, std::string>, int> count;
    for (const double mean : means) {
      const int bin = std::clamp(static_cast<int>((mean - lower) / width), 0, n_bins - 1);
      const char* kind = mean <= lower ? "at the floor" : mean >= upper ? "at the ceiling" : "between";
      ++count[{bin, kind}];
    }
    for (const auto& [key, n] : count) {
      values.push_back({{"scale", name},
                        {"from", lower + key.first * width},
                        {"to", lower + (key.first + 1) * width},
                        {"kind", key.second},
                        {"n", n},
                        {"share", static_cast<double>(n) / static_cast<double>(means.size())}});
    }
  }

  json spec =
      new_spec("Distribution of the scores as item means; all answers lowest (floor) and highest (ceiling) apart.");
  spec["data"] = {{"values", values}};
  spec["facet"] = {{"field", "scale"}, {"type", "nominal"}, {"sort", order}};
  spec["columns"] = 4;
  json x = quantitative("from", "mean of the items");
  x["bin"] = {{"binned", true}, {"step", width}};
  x["scale"] = {{"domain", {lower, upper}}, {"nice", false}};
  x["axis"] = {{"tickCount", 5}, {"format", "~g"}, {"grid", false}, {"values", nullptr}};
  x["axis"].erase("values");
  json y = quantitative("share", "share of forms");
  y["axis"] = {{"format", "%"}, {"tickCount", 4}};
  y["stack"] = "zero";
  spec["spec"] = {{"width", order.size() == 1 ? 420 : 205},
                  {"height", 150},
                  {"mark", {{"type", "bar"}, {"orient", "vertical"}, {"binSpacing", 1}}},
                  {"encoding",
                   {{"x", x},
                    {"x2", {{"field", "to"}}},
                    {"y", y},
                    {"color",
                     {{"field", "kind"},
                      {"type", "nominal"},
                      {"scale", colours({{"between", calm}, {"at the floor", warm}, {"at the ceiling", gold}})}}},
                    {"tooltip",
                     {{{"field", "scale"}},
                      {{"field", "n"}, {"title", "forms"}},
                      {{"field", "share"}, {"format", ".1%"}},
                      {{"field", "kind"}}}}}}};
  return {"distribution", spec};
}

std::pair<json, std::string> alpha_interval_of(const json& scale) {
  const json& intervals = scale["alpha"]["ci"];
  if (intervals.empty()) return {json::array({nullptr, nullptr}), "no interval"};
  const std::string kind = intervals.begin().key();
  return {intervals.begin().value(), kind == "adf" ? "distribution-free (ADF)" : kind == "feldt" ? "Feldt" : kind};
}

figure reliability_figure(const json& results) {
  json values = json::array();
  json order = json::array();
  double least = 0.6;
  for (const json& scale : results["reliability"]["scales"]) {
    if (scale["alpha"].is_null()) continue;
    const json ci = alpha_interval_of(scale).first;
    if (ci[0].is_null()) continue;
    values.push_back({{"scale", scale["name"]},
                      {"alpha", scale["alpha"]["estimate"]},
                      {"lower", ci[0]},
                      {"upper", ci[1]},
                      {"k", scale["k"]}});
    order.push_back(scale["name"]);
    least = (std::min)(least, std::floor(ci[0].get<double>() * 10) / 10);
  }
  json spec = new_spec("Cronbach's alpha with its 95 % interval.");
  if (values.empty()) return {"reliability", json()};
  spec["data"] = {{"values", values}};
  spec["width"] = 520;
  spec["height"] = {{"step", 34}};
  json x = quantitative("alpha", "Cronbach's alpha, with 95 % interval");
  x["scale"] = {{"domain", {least, 1}}, {"nice", false}};
  const json y = {
      {"field", "scale"},
      {"type", "nominal"},
      {"sort", order},
      {"title", nullptr},
      {"axis", {{"labelFontSize", 13}, {"labelColor", ink}, {"ticks", false}, {"domain", false}, {"grid", false}}}};
  json from = x;
  from["field"] = "lower";
  const json tooltip = {{{"field", "scale"}},
                        {{"field", "alpha"}, {"format", ".3f"}},
                        {{"field", "lower"}, {"format", ".3f"}},
                        {{"field", "upper"}, {"format", ".3f"}},
                        {{"field", "k"}, {"title", "items"}}};
  spec["layer"] = {
      {{"mark", {{"type", "rule"}, {"strokeWidth", 9}, {"strokeCap", "round"}, {"color", calm_band}}},
       {"encoding", {{"x", from}, {"x2", {{"field", "upper"}}}, {"y", y}, {"tooltip", tooltip}}}},
      {{"mark", {{"type", "point"}, {"filled", true}, {"size", 110}, {"color", calm}, {"opacity", 1}}},
       {"encoding", {{"x", x}, {"y", y}, {"tooltip", tooltip}}}},
      {{"mark", {{"type", "text"}, {"dy", -13}, {"fontSize", 11.5}, {"font", "system-ui, sans-serif"}, {"color", ink}}},
       {"encoding",
        {{"x", x}, {"y", y}, {"text", {{"field", "alpha"}, {"type", "quantitative"}, {"format", ".2f"}}}}}}};
  return {"reliability", spec};
}

figure curves_figure(const json& results) {
  const json& growth = results["growth"];
  if (growth["fixed"].empty()) return {"curves", json()};
  const std::string time = "session";
  const double center = growth["center"];
  const double intercept = growth["fixed"][0]["estimate"];
  const double slope = growth["fixed"].size() > 1 ? growth["fixed"][1]["estimate"].get<double>() : 0.0;

  std::map<std::string, std::pair<double, double>> line_of;
  for (const json& client : growth["clients"]) {
    const json& c = client["coefficients"];
    line_of[client["id"]] = {c["(Intercept)"], c.contains(time) ? c[time].get<double>() : 0.0};
  }
  json lines = json::array();
  json points = json::array();
  double first = std::numeric_limits<double>::infinity();
  double last = -std::numeric_limits<double>::infinity();
  for (const json& client : results["rupture"]["clients"]) {
    const std::string id = client["id"];
    const auto line = line_of.find(id);
    if (line == line_of.end()) continue;
    const char* kind = marked_episodes(client).empty() ? "no episode" : "with an episode";
    double from = std::numeric_limits<double>::infinity();
    double to = -std::numeric_limits<double>::infinity();
    for (std::size_t t = 0; t < client["time_number"].size(); ++t) {
      if (client["y"][t].is_null()) continue;
      const double when = client["time_number"][t];
      from = (std::min)(from, when);
      to = (std::max)(to, when);
      points.push_back({{"client", id}, {"session", when}, {"score", client["y"][t]}});
    }
    for (const double when : {from, to}) {
      lines.push_back({{"client", id},
                       {"session", when},
                       {"expected", line->second.first + line->second.second * (when - center)},
                       {"kind", kind}});
    }
    first = (std::min)(first, from);
    last = (std::max)(last, to);
  }
  json mean = json::array();
  const json& v = growth["fixed_covariance"];
  constexpr int steps = 40;
  for (int i = 0; i <= steps; ++i) {
    const double when = first + (last - first) * i / steps;
    const double u = when - center;
    const double expected = intercept + slope * u;
    double variance = v[0][0].get<double>();
    if (v.size() > 1) variance += 2 * u * v[0][1].get<double>() + u * u * v[1][1].get<double>();
    const double half = 1.959964 * std::sqrt((std::max)(0.0, variance));
    mean.push_back({{"session", when}, {"expected", expected}, {"lower", expected - half}, {"upper", expected + half}});
  }

  json spec = new_spec("Every client's line by empirical Bayes, and the mean curve with its 95 % band.");
  spec["width"] = 860;
  spec["height"] = 340;
  const char* x_title = results["input"]["has_dates"].get<bool>() ? "days since the first session" : "session";
  const json x = time_channel("session", x_title, first, last);
  json y = quantitative("score", "total score");
  y["scale"] = {
      {"zero", false},
      {"domain",
       {results["score"]["instrument_facts"]["total_min"], results["score"]["instrument_facts"]["total_max"]}}};
  json y_line = y;
  y_line["field"] = "expected";
  json y_lower = y;
  y_lower["field"] = "lower";
  const json colour = {{"field", "kind"},
                       {"type", "nominal"},
                       {"scale", colours({{"no episode", "#9db4ba"}, {"with an episode", warm}})}};
  spec["layer"] = {
      {{"data", {{"values", points}}},
       {"mark", {{"type", "circle"}, {"size", 11}, {"color", "#b9c4c8"}, {"opacity", 0.55}}},
       {"encoding",
        {{"x", x}, {"y", y}, {"tooltip", {{{"field", "client"}}, {{"field", "session"}}, {{"field", "score"}}}}}}},
      {{"data", {{"values", lines}}},
       {"mark", {{"type", "line"}, {"strokeWidth", 1.3}, {"opacity", 0.75}}},
       {"encoding",
        {{"x", x},
         {"y", y_line},
         {"detail", {{"field", "client"}}},
         {"color", colour},
         {"tooltip", {{{"field", "client"}}, {{"field", "kind"}}}}}}},
      {{"data", {{"values", mean}}},
       {"mark", {{"type", "area"}, {"color", calm}, {"opacity", 0.22}}},
       {"encoding", {{"x", x}, {"y", y_lower}, {"y2", {{"field", "upper"}}}}}},
      {{"data", {{"values", mean}}},
       {"mark", {{"type", "line"}, {"color", calm}, {"strokeWidth", 3.5}}},
       {"encoding", {{"x", x}, {"y", y_line}}}}};
  return {"curves", spec};
}

std::vector<json> marked_episodes(const json& client) {
  std::vector<json> out;
  for (const json& episode : client["episodes"]) {
    if (episode["detector"] == "innovation") out.push_back(episode);
  }
  return out;
}

figure client_figure(const json& results, std::size_t position) {
  const json& client = results["rupture"]["clients"][position];
  const json& expected =
      client["session_expected"].contains("innovation") ? client["session_expected"]["innovation"] : json::array();
  json sessions = json::array();
  for (std::size_t t = 0; t < client["session"].size(); ++t) {
    json row = {{"session", client["session"][t]}, {"score", client["y"][t]}};
    if (t < expected.size() && !expected[t].is_null()) {
      const double mean = expected[t]["mean"];
      const double sd = expected[t]["sd"];
      row["expected"] = mean;
      row["lower"] = mean - 1.959964 * sd;
      row["upper"] = mean + 1.959964 * sd;
    }
    sessions.push_back(row);
  }
  json spans = json::array();
  json turning = json::array();
  const json& last = client["session"].back();
  const auto score_at = [&](const json& time) {
    for (std::size_t t = 0; t < client["session"].size(); ++t) {
      if (client["session"][t] == time) return client["y"][t];
    }
    return json(nullptr);
  };
  for (const json& e : marked_episodes(client)) {
    spans.push_back(
        {{"from", e["onset"]}, {"to", e["repair"].is_null() ? last : e["repair"]}, {"status", e["status"]}});
    if (e["onset"] != e["nadir"])
      turning.push_back({{"session", e["onset"]}, {"score", score_at(e["onset"])}, {"what", "onset"}});
    turning.push_back({{"session", e["nadir"]}, {"score", score_at(e["nadir"])}, {"what", "nadir"}});
    if (!e["repair"].is_null())
      turning.push_back({{"session", e["repair"]}, {"score", score_at(e["repair"])}, {"what", "repair"}});
  }

  json spec = new_spec("Scores of client " + client["id"].get<std::string>() +
                       " with what the model expected before each session.");
  spec["width"] = 278;
  spec["height"] = 186;
  spec["autosize"] = {{"type", "fit"}, {"contains", "padding"}};
  const json& times = client["time_number"];
  const json x = results["input"]["has_dates"].get<bool>()
                     ? date_channel("session")
                     : time_channel("session", "session", times.front(), times.back());
  json y = quantitative("score", "");
  y["title"] = nullptr;
  y["scale"] = {
      {"zero", false},
      {"domain",
       {results["score"]["instrument_facts"]["total_min"], results["score"]["instrument_facts"]["total_max"]}},
      {"clamp", true}};
  y["axis"] = {{"tickCount", 4}};
  const auto with_field = [](json channel, const char* field) {
    channel["field"] = field;
    return channel;
  };
  const json what = {{"field", "what"},
                     {"type", "nominal"},
                     {"legend", nullptr},
                     {"scale", colours({{"onset", warm}, {"nadir", warm}, {"repair", calm}})}};
  const json shape = {
      {"field", "what"},
      {"type", "nominal"},
      {"legend", nullptr},
      {"scale", {{"domain", {"onset", "nadir", "repair"}}, {"range", {"circle", "triangle-down", "triangle-up"}}}}};
  const json tooltip = {{{"field", "session"}}, {{"field", "score"}}, {{"field", "expected"}, {"format", ".1f"}}};
  spec["layer"] = {
      {{"data", {{"values", spans}}},
       {"mark", {{"type", "rect"}, {"color", warm_band}, {"opacity", 0.85}}},
       {"encoding", {{"x", with_field(x, "from")}, {"x2", {{"field", "to"}}}}}},
      {{"data", {{"values", sessions}}},
       {"mark",
        {{"type", "area"}, {"color", calm_band}, {"opacity", 0.6}, {"clip", true}, {"interpolate", "monotone"}}},
       {"transform", {{{"filter", "isValid(datum.lower)"}}}},
       {"encoding", {{"x", x}, {"y", with_field(y, "lower")}, {"y2", {{"field", "upper"}}}}}},
      {{"data", {{"values", sessions}}},
       {"mark",
        {{"type", "line"},
         {"color", calm},
         {"strokeWidth", 1.5},
         {"strokeDash", {4, 3}},
         {"interpolate", "monotone"},
         {"clip", true}}},
       {"transform", {{{"filter", "isValid(datum.expected)"}}}},
       {"encoding", {{"x", x}, {"y", with_field(y, "expected")}}}},
      {{"data", {{"values", sessions}}},
       {"mark",
        {{"type", "line"},
         {"color", ink},
         {"strokeWidth", 1.8},
         {"point", {{"filled", true}, {"color", ink}, {"size", 22}}}}},
       {"encoding", {{"x", x}, {"y", y}, {"tooltip", tooltip}}}},
      {{"data", {{"values", turning}}},
       {"mark",
        {{"type", "point"}, {"filled", true}, {"size", 95}, {"opacity", 1}, {"stroke", "white"}, {"strokeWidth", 1}}},
       {"encoding",
        {{"x", x},
         {"y", y},
         {"color", what},
         {"shape", shape},
         {"tooltip", {{{"field", "what"}}, {{"field", "session"}}, {{"field", "score"}}}}}}}};
  char number[32];
  std::snprintf(number, sizeof number, "client-%03zu", position + 1);
  return {number, spec};
}

}  // namespace program
