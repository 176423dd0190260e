// SPDX-License-Identifier: BSL-1.0
#include "page.hpp"

#include <algorithm>
#include <cmath>
#include <map>

#include <rapport/core/number_text.hpp>

namespace program {

namespace {

std::string escaped(const std::string& text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '&': out += "&amp;"; break;
      case '<': out += "&lt;"; break;
      case '>': out += "&gt;"; break;
      case '"': out += "&quot;"; break;
      default: out += c;
    }
  }
  return out;
}

/// An embedded text, put together.
std::string joined(const char* const* pieces) {
  std::string out;
  for (; *pieces != nullptr; ++pieces) out += *pieces;
  return out;
}

/// JSON that may stand inside a script element.
std::string embedded(const json& value) {
  std::string out;
  for (const char c : value.dump()) {
    if (c == '<') {
      out += "\\u003c";
    } else {
      out += c;
    }
  }
  return out;
}

std::string shown(const json& value, int digits) {
  return value.is_null() ? "–" : decimals(value.get<double>(), digits);
}

std::string signed_number(double value, int digits) {
  const std::string text = decimals(value, digits);
  return text.front() == '-' ? "−" + text.substr(1) : "+" + text;
}

std::string interval(const json& pair, int digits) {
  return "[" + shown(pair[0], digits) + ", " + shown(pair[1], digits) + "]";
}

std::string percent(double share, int digits = 0) { return decimals(100 * share, digits) + " %"; }

std::string p_value(double p) { return p < 0.001 ? "< .001" : decimals(p, 3); }

std::string count_of(const json& n, const std::string& one, const std::string& many) {
  const long value = n.get<long>();
  return std::to_string(value) + " " + (value == 1 ? one : many);
}

/// An HTML table; columns whose header begins with '#' hold numbers.
class html_table {
 public:
  explicit html_table(const std::vector<std::string>& header) {
    for (const std::string& name : header) {
      const bool numeric = name.starts_with('#');
      const bool formula = name == "formula";
      classes_.push_back(numeric ? " class=\"number\"" : formula ? " class=\"formula\"" : "");
      html_ += "<th" + classes_.back() + ">" + escaped(numeric ? name.substr(1) : name) + "</th>";
    }
    html_ = "<div class=\"scroll\"><table><thead><tr>" + html_ + "</tr></thead><tbody>\n";
  }
  void add(const std::vector<std::string>& cells) {
    html_ += "<tr>";
    for (std::size_t c = 0; c < cells.size(); ++c) html_ += "<td" + classes_[c] + ">" + escaped(cells[c]) + "</td>";
    html_ += "</tr>\n";
  }
  [[nodiscard]] std::string str() const { return html_ + "</tbody></table></div>\n"; }

 private:
  std::vector<std::string> classes_;
  std::string html_;
};

std::string tile(const std::string& value, const std::string& what, const std::string& how, bool warm = false) {
  return "<div class=\"tile" + std::string(warm ? " warm" : "") + "\"><div class=\"value\">" + escaped(value) +
         "</div><div class=\"what\">" + escaped(what) + "</div><div class=\"how\">" + escaped(how) + "</div></div>\n";
}

std::string place(const std::string& name) { return "<div class=\"figure\" data-figure=\"" + name + "\"></div>\n"; }

std::string time_text(const json& time) {
  return time.is_string() ? time.get<std::string>() : std::string(rapport::number_text(time.get<double>(), 10));
}

const json* total_scale(const json& results) {
  for (const json& scale : results["reliability"]["scales"]) {
    if (scale["name"] == "total" && !scale["alpha"].is_null()) return &scale;
  }
  return nullptr;
}

bool has_curve(const json& results) { return !results["growth"]["fixed"].empty(); }

std::string time_unit(const json& results) { return results["input"]["has_dates"].get<bool>() ? "day" : "session"; }

std::string lead(const json& results) {
  const json& input = results["input"];
  const json& summary = results["score"]["summary"];
  std::string text = count_of(input["n_clients"], "client", "clients") + ", " +
                     count_of(summary["n"], "form", "forms") + " of the " +
                     results["score"]["instrument_facts"]["name"].get<std::string>();
  if (input["n_therapists"].get<long>() > 0) text += ", " + count_of(input["n_therapists"], "therapist", "therapists");
  text += ".";
  if (has_curve(results) && results["growth"]["fixed"].size() > 1) {
    const json& slope = results["growth"]["fixed"][1];
    const double lower = slope["ci"][0];
    const double upper = slope["ci"][1];
    text += lower > 0   ? " On average the alliance grows over the sessions."
            : upper < 0 ? " On average the alliance weakens over the sessions."
                        : " On average the alliance neither grows nor weakens clearly.";
  }
  const json& found = results["rupture"]["summary"]["innovation"];
  const long n = found["n_episodes"].get<long>();
  if (n > 0) {
    text += " " + std::string(n == 1 ? "One episode falls" : std::to_string(n) + " episodes fall") +
            " further than the model of stable clients expects";
    if (!found["expected_if_stable"].is_null()) {
      text += "; chance alone would show about " + decimals(found["expected_if_stable"], 1);
    }
    text += ".";
  }
  return text;
}

std::string tiles(const json& results) {
  std::string html = "<div class=\"tiles\">\n";
  const json& facts = results["score"]["instrument_facts"];
  const json& total = results["score"]["summary"]["total"];
  if (!total["mean"].is_null()) {
    html += tile(shown(total["mean"], 1), "mean total score",
                 "of " + shown(facts["total_min"], 0) + " to " + shown(facts["total_max"], 0) + ", SD " +
                     shown(total["sd"], 1) + ", over all forms");
  }
  if (const json* scale = total_scale(results)) {
    html += tile(shown((*scale)["alpha"]["estimate"], 2), "Cronbach's alpha",
                 "95 % interval " + interval(alpha_interval_of(*scale).first, 2) + " (" +
                     alpha_interval_of(*scale).second + ")");
  }
  if (has_curve(results) && results["growth"]["fixed"].size() > 1) {
    const json& slope = results["growth"]["fixed"][1];
    html += tile(signed_number(slope["estimate"], 2), "points per " + time_unit(results),
                 "mean trend, 95 % interval " + interval(slope["ci"], 2) + ", mixed model");
  }
  const json& found = results["rupture"]["summary"]["innovation"];
  const json& expected = found["expected_if_stable"];
  html += tile(
      std::to_string(found["n_episodes"].get<long>()), "unexpected falls",
      expected.is_null() ? "chance level not computed" : shown(expected, 1) + " expected if all clients were stable",
      true);
  return html + "</div>\n";
}

std::string score_section(const json& results) {
  const json& score = results["score"];
  const json& summary = score["summary"];
  std::string html = "<section id=\"scores\"><h2>Scores</h2>\n<p>" + count_of(summary["n"], "form", "forms") + ": " +
                     std::to_string(summary["n_ok"].get<long>()) + " complete";
  for (const auto& [key, word] :
       std::map<std::string, std::string>{{"n_incomplete", "incomplete and without a total"},
                                          {"n_invalid", "with an answer that is not legal, not scored"},
                                          {"n_prorated", "prorated"}}) {
    if (summary[key].get<long>() > 0) html += ", " + std::to_string(summary[key].get<long>()) + " " + word;
  }
  html += ". A missing answer is never counted as a number.</p>\n" + place("distribution");
  html +=
      "<p class=\"note\">Item means make total and subscales comparable. Forms with every answer at its lowest (floor) "
      "or highest (ceiling) "
      "are drawn apart: a client at the ceiling cannot show growth, and a fall from it is underestimated.</p>\n";
  const json& facts = score["instrument_facts"];
  html_table table({"score", "#mean", "#SD", "formula"});
  const std::string reversed =
      facts["reversed"].empty()
          ? "; no item is reversed"
          : "; reversed items count " + shown(facts["min"].get<double>() + facts["max"].get<double>(), 0) + " − answer";
  table.add({"total", shown(summary["total"]["mean"], 2), shown(summary["total"]["sd"], 2),
             facts["formula"]["total"].get<std::string>() + " of " + std::to_string(facts["n_total_items"].get<int>()) +
                 " items" + reversed});
  for (const auto& [name, of] : summary["subscales"].items()) {
    std::string items;
    for (const json& item : facts["subscales"][name])
      items += (items.empty() ? "" : ", ") + std::to_string(item.get<int>());
    table.add({name, shown(of["mean"], 2), shown(of["sd"], 2),
               facts["formula"][name].get<std::string>() + " of items " + items});
  }
  html += table.str();
  if (score.contains("audit")) {
    html += "<h3>Audit of stored scores</h3>\n";
    for (const json& one : score["audit"]) {
      const bool agrees = one["n_equal"] == one["n"];
      html += "<div class=\"finding" + std::string(agrees ? "" : " warm") + "\">" +
              escaped(one["sentence"].get<std::string>()) + ".</div>\n";
    }
  }
  if (!facts["caveat"].get<std::string>().empty())
    html += "<p class=\"note\">About the key: " + escaped(facts["caveat"].get<std::string>()) + "</p>\n";
  return html + "</section>\n";
}

std::string reliability_section(const json& results) {
  std::string html =
      "<section id=\"reliability\"><h2>Reliability</h2>\n<p>How consistently the items of a score move together, over "
      "all forms.</p>\n" +
      place("reliability");
  html_table table({"score", "#items", "#forms", "#alpha", "95 % interval", "#standardized", "#mean r", "#SEM"});
  for (const json& scale : results["reliability"]["scales"]) {
    const bool has = !scale["alpha"].is_null();
    table.add({scale["name"], shown(scale["k"], 0), shown(scale["n"], 0),
               has ? shown(scale["alpha"]["estimate"], 3) : "–",
               has ? interval(alpha_interval_of(scale).first, 3) : "–", shown(scale["alpha_standardized"], 3),
               shown(scale["mean_r"], 3), shown(scale["sem"], 2)});
  }
  html += table.str();
  html +=
      "<p class=\"note\">alpha: k/(k−1) (1 − Σ item variances / variance of the sum), k items; interval: alpha "
      "± t × standard error, from leaving out one form at a time (jackknife), from 1000 forms on the distribution-free "
      "one "
      "(ADF), which then is the same; standardized: "
      "alpha of items with equal variances; mean r: mean correlation between items; SEM: standard error of "
      "measurement, SD of the sum × √(1 − alpha), in points.</p>\n";
  html +=
      "<p class=\"note\">Forms of one client are not independent, and alpha mixes differences between clients with "
      "changes within them; the interval is "
      "therefore narrower than it should be.</p>\n";
  html += "<details><summary>Item table</summary>\n";
  html_table items({"item", "#n", "#mean", "#SD", "#r with the rest", "#alpha if dropped"});
  for (const json& scale : results["reliability"]["scales"]) {
    if (scale["name"] != "total") continue;
    for (const json& item : scale["items"]) {
      items.add({item["name"], shown(item["n"], 0), shown(item["mean"], 2), shown(item["sd"], 2),
                 shown(item["r_drop"], 3), shown(item["alpha_if_dropped"], 3)});
    }
  }
  html += items.str() +
          "<p class=\"note\">r with the rest: covariance of the item with the sum of the others, over the product of "
          "their SDs. "
          "alpha if dropped: alpha of the others.</p></details>\n";
  return html + "</section>\n";
}

std::string growth_section(const json& results) {
  const json& g = results["growth"];
  std::string html = "<section id=\"growth\"><h2>Growth</h2>\n";
  if (!has_curve(results)) {
    html += "<p>No growth curve could be fitted: " +
            escaped(g["warnings"].empty() ? std::string("no reason given") : g["warnings"][0].get<std::string>()) +
            "</p>\n";
    return html + "</section>\n";
  }
  html +=
      "<p>Each thin line is a client as the model sees it: the client's own scores, drawn towards the mean curve by as "
      "much as few or scattered "
      "sessions deserve. The thick line is the mean curve with its 95 % band.</p>\n" +
      place("curves");
  html_table fixed({"term", "#estimate", "#SE", "#df", "#t", "#p", "95 % interval", "formula"});
  const std::string start = std::string(rapport::number_text(g["center"].get<double>()));
  for (const json& each : g["fixed"]) {
    const bool is_intercept = each["name"] == "(Intercept)";
    fixed.add({is_intercept ? "level" : "trend", shown(each["estimate"], 3), shown(each["se"], 3), shown(each["df"], 1),
               shown(each["t"], 2), p_value(each["p"]), interval(each["ci"], 2),
               is_intercept ? "mean score at " + time_unit(results) + " " + start
                            : "mean change per " + time_unit(results) + "; df by Satterthwaite"});
  }
  html += fixed.str();
  html_table spread({"spread", "#SD", "formula"});
  for (const auto& [name, sd] : g["random"]["client"]["sd"].items()) {
    const bool is_intercept = name == "(Intercept)";
    spread.add({is_intercept ? "level between clients" : "trend between clients", shown(sd, 3),
                "square root of the variance component"});
  }
  spread.add({"within clients", shown(g["residual"]["sd"], 3), "SD of a score around its client's line"});
  html += spread.str();
  html += "<p>" + percent(g["icc"]) +
          " of the variance around the mean curve lies between clients. <span class=\"note\">(intraclass correlation: "
          "variance of "
          "the clients' lines over that plus the residual variance, averaged over the sessions seen)</span></p>\n";
  html += "<p class=\"note\">Linear mixed model by " +
          std::string(g["method"] == "ml" ? "maximum" : "restricted maximum") +
          " likelihood: " + escaped(g["report"].get<std::string>()) +
          ". Valid if sessions are missing at random given the scores seen; sessions missed after a rupture probably "
          "are not.</p>\n";
  return html + "</section>\n";
}

/// What happened to a client, in a sentence.
std::string story(const json& client) {
  const auto episodes = marked_episodes(client);
  if (episodes.empty()) {
    if (client["not_evaluable"].contains("innovation")) return client["not_evaluable"]["innovation"].get<std::string>();
    return "no fall beyond what the model expects";
  }
  std::string text;
  for (const json& e : episodes) {
    text += text.empty() ? "" : "; ";
    text += "fell at " + time_text(e["onset"]) + " by " + decimals(e["depth"], 1) + " points";
    text += e["repair"].is_null() ? ", no repair seen" : ", level back at " + time_text(e["repair"]);
    if (!e["p_null"].is_null()) text += " (chance " + decimals(100 * e["p_null"].get<double>(), 1) + " %)";
  }
  return text;
}

std::string client_card(const json& client, const std::string& figure_name) {
  std::string badges;
  for (const json& e : marked_episodes(client)) {
    const std::string status = e["status"];
    const bool good = status == "repaired" || status == "over-repaired";
    badges += " <span class=\"badge" + std::string(good ? " calm" : "") + "\">" + status + "</span>";
  }
  return "<div class=\"client\"><h4>" + escaped(client["id"].get<std::string>()) + badges + "</h4><p class=\"story\">" +
         escaped(story(client)) + "</p>" + place(figure_name) + "</div>\n";
}

std::string rupture_section(const json& results, const std::vector<figure>& clients) {
  const json& rupture = results["rupture"];
  std::string html =
      "<section id=\"ruptures\"><h2>Rupture and repair</h2>\n"
      "<p>A fall that a rule picks out is a prompt for a conversation, not a verdict, and least of all one on a "
      "therapist. A rupture that does not "
      "lower the scores is not found. Beside each rule stands how many episodes stable clients would show.</p>\n";
  html_table rules({"rule", "#episodes", "#if all were stable", "#clients", "#repaired", "formula"});
  for (const json& detector : rupture["detectors"]) {
    const json& s = rupture["summary"][detector["name"].get<std::string>()];
    const std::string threshold = detector["threshold"].is_null() ? "" : decimals(detector["threshold"], 2);
    const std::string formula =
        detector["name"] == "innovation"
            ? "(expected − score) / predictive SD above " + threshold + ", given the sessions before"
            : "fall of at least " + threshold + " SD (within clients, pooled: " + shown(detector["unit_value"], 1) +
                  " points) over one session or more";
    rules.add({detector["name"], std::to_string(s["n_episodes"].get<long>()), shown(s["expected_if_stable"], 1),
               std::to_string(s["n_with_rupture"].get<long>()) + " of " +
                   std::to_string(s["n_evaluable_clients"].get<long>()),
               std::to_string(s["n_repaired"].get<long>()), formula});
  }
  html += rules.str();

  std::vector<std::pair<double, std::vector<std::string>>> rows;
  for (const json& client : rupture["clients"]) {
    for (const json& e : marked_episodes(client)) {
      const double p = e["p_null"].is_null() ? 1.0 : e["p_null"].get<double>();
      rows.push_back(
          {p,
           {client["id"], time_text(e["pre"]), time_text(e["onset"]), time_text(e["nadir"]),
            e["repair"].is_null() ? "–" : time_text(e["repair"]), shown(e["depth"], 1), shown(e["depth_se"], 1),
            e["status"], e["pattern"], e["p_null"].is_null() ? "–" : percent(p, 1)}});
    }
  }
  std::stable_sort(rows.begin(), rows.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  if (!rows.empty()) {
    html += "<h3>Episodes, the most unusual first</h3>\n";
    html_table table(
        {"client", "#before", "#onset", "#nadir", "#repair", "#depth", "#SE", "status", "shape", "#chance"});
    for (const auto& [p, cells] : rows) table.add(cells);
    html += table.str();
    html +=
        "<p class=\"note\">depth: level expected from the sessions before the fall minus the score at the nadir, in "
        "points; SE: predictive SD. status: repaired is back "
        "to within half a pooled within-client SD of that level. chance: of " +
        std::to_string(results["input"]["null_series"].get<long>()) +
        " simulated stable series with this client's sessions, the share whose largest fall is at least this unusual. "
        "It is not the probability that the fall is chance.</p>\n";
  }
  html +=
      "<h3>Client by client</h3>\n<p><span class=\"key\"><svg width=\"26\" height=\"12\"><line x1=\"1\" y1=\"6\" "
      "x2=\"25\" y2=\"6\" stroke=\"#26323d\" stroke-width=\"2\"/></svg>score</span>"
      "<span class=\"key\"><svg width=\"26\" height=\"12\"><rect width=\"26\" height=\"12\" fill=\"#cfe3e2\"/><line "
      "x1=\"1\" y1=\"6\" x2=\"25\" y2=\"6\" stroke=\"#2a7f86\" stroke-width=\"2\" stroke-dasharray=\"4 "
      "3\"/></svg>expected before the session, 95 % band</span>"
      "<span class=\"key\"><svg width=\"26\" height=\"12\"><rect width=\"26\" height=\"12\" "
      "fill=\"#f9ddd3\"/></svg>episode</span>"
      "<span class=\"key\"><svg width=\"14\" height=\"12\"><path d=\"M1 2h12l-6 9z\" "
      "fill=\"#d4553f\"/></svg>nadir</span>"
      "<span class=\"key\"><svg width=\"14\" height=\"12\"><path d=\"M1 11h12l-6-9z\" "
      "fill=\"#2a7f86\"/></svg>repair</span></p>\n";
  const auto order = charted_clients(results);
  std::string with;
  std::string without;
  for (std::size_t i = 0; i < order.size(); ++i) {
    const json& client = rupture["clients"][order[i]];
    (marked_episodes(client).empty() ? without : with) += client_card(client, clients[i].name);
  }
  if (!with.empty()) html += "<div class=\"clients\">\n" + with + "</div>\n";
  if (!without.empty())
    html += "<details" + std::string(with.empty() ? " open" : "") +
            "><summary>Clients without an episode</summary><div class=\"clients\">\n" + without + "</div></details>\n";
  if (order.size() < rupture["clients"].size()) {
    html += "<p class=\"note\">" + std::to_string(rupture["clients"].size() - order.size()) +
            " more clients without a chart here; results.json has them all.</p>\n";
  }
  return html + "</section>\n";
}

std::string outcome_section(const json& results) {
  if (!results.contains("outcome")) return {};
  const json& g = results["outcome"];
  std::string html =
      "<section id=\"outcome\"><h2>Outcome: " + escaped(results["input"]["outcome"].get<std::string>()) + "</h2>\n";
  if (g["fixed"].size() < 2) return html + "<p>No curve could be fitted.</p></section>\n";
  html_table table({"term", "#estimate", "#SE", "#p", "95 % interval", "formula"});
  for (const json& each : g["fixed"]) {
    const bool is_intercept = each["name"] == "(Intercept)";
    table.add({is_intercept ? "level" : "trend", shown(each["estimate"], 3), shown(each["se"], 3), p_value(each["p"]),
               interval(each["ci"], 2),
               is_intercept ? "mean at the first session" : "mean change per " + time_unit(results)});
  }
  return html + table.str() + "</section>\n";
}

std::string warnings_section(const json& results) {
  std::string list;
  for (const char* part : {"reliability", "growth", "rupture"}) {
    for (const json& warning : results[part]["warnings"])
      list += "<li>" + escaped(warning.get<std::string>()) + "</li>\n";
  }
  return list.empty() ? "" : "<section><h2>What could not be computed</h2><ul>\n" + list + "</ul></section>\n";
}

std::string filled(std::string text, const std::map<std::string, std::string>& values) {
  std::string out;
  for (std::size_t from = 0; from < text.size();) {
    const std::size_t open = text.find("{{", from);
    if (open == std::string::npos) return out + text.substr(from);
    const std::size_t close = text.find("}}", open);
    out += text.substr(from, open - from) + values.at(text.substr(open + 2, close - open - 2));
    from = close + 2;
  }
  return out;
}

}  // namespace

std::vector<std::size_t> charted_clients(const json& results) {
  const json& clients = results["rupture"]["clients"];
  std::vector<std::pair<double, std::size_t>> order;
  for (std::size_t c = 0; c < clients.size(); ++c) {
    double rank = 3;  // no episode
    for (const json& e : marked_episodes(clients[c]))
      rank = (std::min)(rank, e["p_null"].is_null() ? 2.0 : e["p_null"].get<double>());
    order.emplace_back(rank, c);
  }
  std::stable_sort(order.begin(), order.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  std::vector<std::size_t> out;
  for (const auto& [rank, client] : order) {
    if (out.size() < most_client_charts) out.push_back(client);
  }
  return out;
}

std::string report_page(const json& results, const std::vector<figure>& figures, const std::vector<figure>& clients) {
  const bool has_runtime = vega_runtime[0] != nullptr;
  json specs = json::object();
  for (const auto* group : {&figures, &clients}) {
    for (const figure& each : *group) {
      if (!each.spec.is_null()) specs[each.name] = each.spec;
    }
  }
  const std::string note =
      has_runtime ? "Figures are drawn by Vega and Vega-Lite; their specifications lie beside this page."
                  : "Figures are missing: the program was built without npm. Install npm, build again and repeat the "
                    "report; the specifications beside this page can also be opened in any Vega-Lite editor.";
  std::string sections = has_runtime ? "" : "<p class=\"missing-figures\">" + note + "</p>\n";
  sections += score_section(results) + reliability_section(results) + growth_section(results) +
              outcome_section(results) + rupture_section(results, clients) + warnings_section(results);
  const std::string licences = has_runtime ? "<!--\n" + joined(vega_licences) + "-->\n" : "";
  return filled(joined(page_template), {{"title", escaped(results["input"]["name"].get<std::string>())},
                                        {"css", joined(page_css)},
                                        {"lead", escaped(lead(results))},
                                        {"tiles", tiles(results)},
                                        {"sections", sections},
                                        {"version", RAPPORT_VERSION_STRING},
                                        {"figures_note", has_runtime ? note : ""},
                                        {"figures", embedded(specs)},
                                        {"runtime", licences + joined(vega_runtime)},
                                        {"js", joined(page_js)}});
}

std::string report_summary(const json& results) {
  const json& summary = results["score"]["summary"];
  std::string text = lead(results) + "\n\n";
  text_table table({"what", "value", "95 % interval", "how"});
  table.add({"forms scored",
             std::to_string(summary["n_ok"].get<long>() + summary["n_prorated"].get<long>()) + " of " +
                 std::to_string(summary["n"].get<long>()),
             "", "missing answers: " + results["score"]["missing_rule"].get<std::string>()});
  table.add({"mean total", shown(summary["total"]["mean"], 2), "",
             "sum of the items, SD " + shown(summary["total"]["sd"], 2)});
  if (const json* scale = total_scale(results)) {
    table.add({"Cronbach's alpha", shown((*scale)["alpha"]["estimate"], 3),
               interval(alpha_interval_of(*scale).first, 3), "total, " + alpha_interval_of(*scale).second});
  }
  if (has_curve(results)) {
    for (const json& each : results["growth"]["fixed"]) {
      table.add({each["name"] == "(Intercept)" ? "mean level" : "mean trend", shown(each["estimate"], 3),
                 interval(each["ci"], 3), "mixed model, Satterthwaite"});
    }
    table.add(
        {"between clients", percent(results["growth"]["icc"]), "", "share of variance around the mean curve (ICC)"});
  }
  for (const json& detector : results["rupture"]["detectors"]) {
    const std::string name = detector["name"];
    const json& s = results["rupture"]["summary"][name];
    const std::string chance = s["expected_if_stable"].is_null()
                                   ? "chance level not computed"
                                   : shown(s["expected_if_stable"], 1) + " expected if all were stable";
    table.add({"episodes, " + name, std::to_string(s["n_episodes"].get<long>()), "", chance});
  }
  text += table.str();
  if (results["score"].contains("audit")) {
    for (const json& one : results["score"]["audit"]) text += "\naudit of " + one["sentence"].get<std::string>();
    text += "\n";
  }
  return text;
}

}  // namespace program
