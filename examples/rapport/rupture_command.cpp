// SPDX-License-Identifier: BSL-1.0
#include <algorithm>
#include <cmath>
#include <memory>

#include "rupture/offers.hpp"

namespace program {

namespace {

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

/// One family of tests for all subscales: a detector's q_null counts clients x subscales.
void control_over_subscales(json& subscales, const std::string& detector) {
  std::vector<double> p;
  std::vector<json*> tested;
  for (json& scale : subscales) {
    for (json& client : scale["clients"]) {
      if (client["not_evaluable"].contains(detector)) continue;
      p.push_back(1);
      tested.push_back(&client);
      for (const json& e : client["episodes"]) {
        if (e["detector"] == detector && e["p_null"].is_number())
          p.back() = std::min(p.back(), e["p_null"].get<double>());
      }
    }
  }
  const auto q = rapport::stats::false_discovery_adjusted<double>(p);
  for (std::size_t k = 0; k < tested.size(); ++k) {
    for (json& e : (*tested[k])["episodes"]) {
      if (e["detector"] == detector && e["p_null"].is_number()) e["q_null"] = q[k];
    }
  }
}

}  // namespace

analysis analyse_rupture(const session_table& table, const rupture_request& asked) {
  rupture_request request = asked;
  if (!request.stable_clients) {
    if (const auto model = rapport::stats::fit_stable_clients(table.panel)) request.stable_clients = *model;
  }
  const std::vector<std::string> names =
      request.detectors.empty() ? std::vector<std::string>{"drop-repair", "innovation"} : request.detectors;
  const settings given = read_settings(request.settings, names);
  rapport::detect_options options;
  options.null_series = request.null_series;
  options.seed = request.seed;
  options.n_threads = request.threads;
  if (request.null_lines && request.null_series > 0) {
    if (const auto model = rapport::stats::fit_session_model(table.panel)) options.null_models = {*model};
  }

  analysis out;
  out.result = {{"detectors", json::array()},
                {"clients", json::array()},
                {"summary", json::object()},
                {"warnings", json::array()}};
  const auto take_in = [&](const std::string& name, analysis one) {
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
      if (from.contains("unit_value")) to["unit_value"][name] = from["unit_value"];
      if (request.series) {
        to["session_score"][name] = from["session_score"];
        to["session_expected"][name] = from["session_expected"];
      }
    }
  };
  std::vector<rapport::any_detector> members;
  rupture_request collecting = request;
  if (request.consensus) collecting.members = &members;
  for (const std::string& name : names) {
    const offer& detector = find_offer(name);
    take_in(name, detector.run(table, collecting, options, settings_for(detector, given)));
  }
  if (request.consensus) take_in("consensus", run_consensus(table, request, options, members));
  if (request.series) add_series(table, request.lower_is_better ? -1 : 1, out.result["clients"]);
  return out;
}

void add_rupture_command(CLI::App& app) {
  struct options {
    input_options in;
    output_options out;
    rupture_request request;
    std::string id;
    std::string time;
    std::string y;
    std::string therapist_y;
    std::vector<std::string> subscales;
    std::string null_model = "full";
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
  command->add_option("--therapist-y", o->therapist_y, "column with the therapist's score: judged the same way");
  command
      ->add_option("--subscales", o->subscales,
                   "columns with subscale scores: each judged the same way, without --min and --max")
      ->delimiter(',');
  command->add_option("--detector", o->request.detectors, "may be repeated; `list` prints all");
  command->add_option("--option", o->request.settings, "KEY=VALUE of the detectors that run");
  command->add_flag("--consensus", o->request.consensus, "also one statistic of all these detectors together");
  command->add_option("--reliability", o->request.reliability, "of the score, for sudden and reliable change");
  command->add_option("--sd", o->request.sd,
                      "SD before treatment, with --reliability; that of first scores without it");
  command->add_option("--sem", o->request.sem, "standard error of measurement, instead of --reliability");
  command->add_option("--null", o->request.null_series, "simulated stable series per client; 0: no chance level")
      ->capture_default_str();
  command
      ->add_option("--null-model", o->null_model,
                   "of stable clients: full, or lines: they differ in level and trend alone")
      ->check(CLI::IsMember({"full", "lines"}))
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
    std::vector<csv_column> scores{file.column(o->y)};
    if (!o->therapist_y.empty()) scores.push_back(file.column(o->therapist_y));
    const std::size_t first_subscale = scores.size();
    for (const auto& name : o->subscales) scores.push_back(file.column(name));
    const csv_column id = file.column(o->id);
    const csv_column time = file.column(o->time);
    csv_table rows = file.read(scores, {id, time});
    if (o->request.lower_is_better) {
      for (auto& column : rows.numbers) {
        for (double& score : column) score = -score;
      }
      if (range) range = {-range->upper, -range->lower, range->step};
    }
    o->request.null_lines = o->null_model == "lines";
    o->request.seed = o->out.seed;
    o->request.threads = o->out.threads;
    const auto judged = [&](std::size_t which) {
      return analyse_rupture(make_panel(file, {id, time, scores[which], {}}, rows.line, rows.texts[0], rows.texts[1],
                                        rows.numbers[which], {}, which < first_subscale ? range : std::nullopt),
                             o->request);
    };
    const analysis found = [&] {
      const progress working("drawing stable series");
      analysis of_client = judged(0);
      if (first_subscale == 2) {
        const analysis of_therapist = judged(1);
        of_client.complete = of_client.complete && of_therapist.complete;
        of_client.result["therapist"] = of_therapist.result;
        for (const json& warning : of_therapist.result["warnings"]) {
          of_client.result["warnings"].push_back("therapist: " + warning.get<std::string>());
        }
      }
      json& subscales = of_client.result["subscales"];
      for (std::size_t k = first_subscale; k < scores.size(); ++k) {
        const std::string& name = o->subscales[k - first_subscale];
        analysis of_scale = judged(k);
        of_client.complete = of_client.complete && of_scale.complete;
        for (const json& warning : of_scale.result["warnings"]) {
          of_client.result["warnings"].push_back(name + ": " + warning.get<std::string>());
        }
        subscales[name] = std::move(of_scale.result);
      }
      if (subscales.is_null()) {
        of_client.result.erase("subscales");
        return of_client;
      }
      for (const json& detector : of_client.result["detectors"]) control_over_subscales(subscales, detector["name"]);
      return of_client;
    }();
    if (o->out.format == "json") return print_json(found);
    print(o->out.format == "csv" ? episodes_csv(found.result) : rupture_text(found.result));
    if (o->out.format == "text" && found.result.contains("subscales")) {
      for (const auto& [name, result] : found.result["subscales"].items())
        print("\nsubscale " + name + "\n\n" + rupture_text(result));
    }
    if (!found.complete) throw computation_error(found.result["warnings"][0].get<std::string>());
  });
}

}  // namespace program
