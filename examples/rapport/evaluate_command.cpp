// SPDX-License-Identifier: BSL-1.0
#include <rapport/data/date.hpp>
#include <rapport/rupture/evaluate.hpp>

#include <algorithm>
#include <cmath>
#include <map>
#include <memory>

#include "analysis.hpp"
#include "simulation.hpp"

namespace program {

namespace {

using rapport::as_size;
using rapport::index;

struct options {
  input_options in;
  output_options out;
  rupture_request request;
  std::string id;
  std::string time;
  std::string y;
  std::string truth;
  std::optional<double> lower;
  std::optional<double> upper;
  double step = 0;
  dyad_request simulated;
  rapport::evaluate_options evaluate;
};

const rapport::episode_status statuses[] = {rapport::episode_status::unrepaired, rapport::episode_status::partial,
                                            rapport::episode_status::repaired,   rapport::episode_status::over_repaired,
                                            rapport::episode_status::relapsed,   rapport::episode_status::censored};

std::optional<rapport::episode_status> status_of(const std::string& word) {
  for (const auto status : statuses) {
    if (to_string(status) == word) return status;
  }
  return std::nullopt;
}

/// What one detector found, read back from the result of analyse_rupture: the only place where the two meet.
rapport::detection detection_of(const session_table& table, const json& result, const std::string& detector) {
  rapport::detection out;
  for (index c = 0; c < table.panel.n_clients(); ++c) {
    const json& client = result["clients"][as_size(c)];
    std::map<json, index> position;
    for (index t = 0; t < table.panel.series(c).size(); ++t) position[table.time(c, t)] = t;
    rapport::basic_client_detection<double> about;
    about.id = table.panel.client_id(c);
    if (client["not_evaluable"].contains(detector)) about.not_evaluable = "not evaluable";
    for (const json& each : client["session_score"][detector])
      about.session_score.push_back(each.is_null() ? std::nullopt : std::optional<double>(each.get<double>()));
    out.clients.push_back(std::move(about));
    for (const json& each : client["episodes"]) {
      if (each["detector"] != detector) continue;
      rapport::episode e;
      e.client = table.panel.client_id(c);
      e.client_position = c;
      e.onset_at = position.at(each["onset"]);
      if (!each["repair"].is_null()) e.repair_at = position.at(each["repair"]);
      e.depth = each["depth"];
      e.duration = each["duration"];
      e.score = each["score"].is_null() ? e.depth : each["score"].get<double>();
      e.status = status_of(each["status"]).value_or(rapport::episode_status::censored);
      out.episodes.push_back(std::move(e));
    }
  }
  return out;
}

/// A session of the truth in the panel's time: a number, or days since the client's first session.
double truth_time(const session_table& table, const csv_file& file, index client, const std::string& text,
                  std::size_t line, const csv_column& column) {
  if (!table.has_dates) return file.number(text, line, column);
  const auto day = rapport::days_from_date(text);
  if (!day) raise(day.error(), file.at(line, column));
  return *day - *rapport::days_from_date(table.time(client, 0).get<std::string>());
}

/// The true episodes of a table with columns client (or as --id says), onset, repair, and perhaps depth, status, seen_by.
std::vector<rapport::true_episode> read_truth(const options& o, const session_table& table) {
  input_options in = o.in;
  in.path = o.truth;
  const csv_file file = open_table(in);
  const auto has = [&](const std::string& name) {
    return std::find(file.header().begin(), file.header().end(), name) != file.header().end();
  };
  const csv_column client_column = file.column(has(o.id) ? o.id : "client");
  const csv_column onset_column = file.column("onset");
  const csv_column repair_column = file.column("repair");
  std::vector<csv_column> texts{client_column, onset_column, repair_column};
  const bool has_status = has("status");
  const bool has_seen_by = has("seen_by");
  if (has_status) texts.push_back(file.column("status"));
  if (has_seen_by) texts.push_back(file.column("seen_by"));
  const bool has_depth = has("depth");
  const csv_table rows = file.read(has_depth ? std::vector{file.column("depth")} : std::vector<csv_column>{}, texts);

  std::map<std::string, index> client_of;
  for (index c = 0; c < table.panel.n_clients(); ++c) client_of[table.panel.client_id(c)] = c;
  std::vector<rapport::true_episode> out;
  for (std::size_t i = 0; i < rows.n_rows(); ++i) {
    const std::size_t line = rows.line[i];
    if (has_seen_by && rows.texts.back()[i] == "therapist") continue;
    const auto client = client_of.find(rows.texts[0][i]);
    if (client == client_of.end())
      throw data_error(file.at(line, client_column) + ": client '" + rows.texts[0][i] + "' is not in " + o.in.path);
    if (rows.texts[1][i].empty()) throw data_error(file.at(line, onset_column) + ": an episode needs its onset");
    rapport::true_episode one;
    one.client = client->first;
    one.onset = truth_time(table, file, client->second, rows.texts[1][i], line, onset_column);
    if (!rows.texts[2][i].empty()) {
      one.repair = truth_time(table, file, client->second, rows.texts[2][i], line, repair_column);
      if (!(*one.repair > one.onset))
        throw data_error(file.at(line, repair_column) + ": the repair does not follow the onset");
    }
    if (has_depth && !std::isnan(rows.numbers[0][i])) one.depth = rows.numbers[0][i];
    if (has_status && !rows.texts[3][i].empty()) {
      one.status = status_of(rows.texts[3][i]);
      if (!one.status) throw data_error(file.at(line) + ": there is no status '" + rows.texts[3][i] + "'");
    }
    out.push_back(std::move(one));
  }
  return out;
}

std::optional<rapport::score_range<double>> range_of(const options& o) {
  if (o.lower.has_value() != o.upper.has_value()) throw call_error("--min and --max go together");
  if (!o.lower) return std::nullopt;
  const bool is_range = std::isfinite(*o.lower) && std::isfinite(*o.upper) && *o.lower < *o.upper;
  if (!is_range || !(o.step >= 0) || !std::isfinite(o.step))
    throw call_error("--min lies below --max, and --step is not negative");
  return rapport::score_range<double>{*o.lower, *o.upper, o.step};
}

/// The scores of the table that --in names.
session_table read_scores(const options& o) {
  for (const auto& [name, value] :
       {std::pair{"--id", &o.id}, {"--time", &o.time}, {"--y", &o.y}, {"--truth", &o.truth}}) {
    if (value->empty()) throw call_error(std::string(name) + " is required with --in");
  }
  auto range = range_of(o);
  const csv_file file = open_table(o.in);
  const panel_columns columns{file.column(o.id), file.column(o.time), file.column(o.y), {}};
  csv_table rows = file.read({columns.score}, {columns.client, columns.time});
  if (o.request.lower_is_better) {
    for (double& score : rows.numbers[0]) score = -score;
    if (range) range = {-range->upper, -range->lower, range->step};
  }
  return make_panel(file, columns, rows.line, rows.texts[0], rows.texts[1], rows.numbers[0], {}, range);
}

json estimate_json(const std::optional<rapport::basic_estimate<double>>& of) {
  if (!of) return nullptr;
  const auto end = [](double x) { return std::isfinite(x) ? json(x) : json(nullptr); };
  return {{"estimate", of->estimate},
          {"ci", {end(of->interval.lower), end(of->interval.upper)}},
          {"n_clients", of->n},
          {"method", of->method}};
}

json evaluation_json(const rapport::evaluation& e, const rapport::evaluate_options& o) {
  json confusion = json::object();
  for (std::size_t row = 0; row < 6; ++row) {
    json& of_true = confusion[std::string(to_string(statuses[row]))] = json::object();
    for (std::size_t column = 0; column < 6; ++column)
      of_true[std::string(to_string(statuses[column]))] = e.status[row][column];
  }
  json matched = nullptr;
  if (e.matched) {
    matched = {{"wanted_per_100_sessions", o.false_alarms},
               {"false_alarms_per_100_sessions", e.matched->false_alarms},
               {"threshold", maybe(e.matched->threshold)},
               {"by_stable_clients", e.matched->by_stable_clients},
               {"sensitivity", estimate_json(e.matched->sensitivity)},
               {"precision", estimate_json(e.matched->precision)},
               {"delay", estimate_json(e.matched->delay)}};
  }
  return {{"n_clients", e.n_clients},
          {"n_evaluable_clients", e.n_evaluable_clients},
          {"n_stable_sessions", e.n_sessions},
          {"n_true", e.n_true},
          {"n_detected", e.n_detected},
          {"n_hits", e.n_hits},
          {"sensitivity", estimate_json(e.sensitivity)},
          {"sensitivity_near_onset", estimate_json(e.sensitivity_near)},
          {"precision", estimate_json(e.precision)},
          {"false_alarms_per_100_sessions", estimate_json(e.false_alarms_per_100)},
          {"false_alarms_per_client", estimate_json(e.false_alarms_per_client)},
          {"onset_error", estimate_json(e.onset_error)},
          {"depth_bias", estimate_json(e.depth_bias)},
          {"duration_error", estimate_json(e.duration_error)},
          {"delay", estimate_json(e.delay)},
          {"repair_agreement", estimate_json(e.repair_agreement)},
          {"status", confusion},
          {"matched", matched},
          {"partial_area", estimate_json(e.partial_area)}};
}

const std::vector<std::string> measures{"sensitivity",
                                        "sensitivity_near_onset",
                                        "precision",
                                        "false_alarms_per_100_sessions",
                                        "false_alarms_per_client",
                                        "onset_error",
                                        "depth_bias",
                                        "duration_error",
                                        "delay",
                                        "repair_agreement",
                                        "partial_area"};

std::string evaluation_csv(const json& evaluation) {
  std::string text = "detector,measure,estimate,lower,upper\n";
  const auto field = [](const json& x) { return x.is_null() ? std::string() : csv_field(x.get<double>()); };
  for (const auto& [name, found] : evaluation.items()) {
    const auto add = [&, &detector = name](const std::string& measure, const json& of) {
      if (of.is_null()) return;
      text += csv_field(detector) + ',' + measure + ',' + field(of["estimate"]) + ',' + field(of["ci"][0]) + ',' +
              field(of["ci"][1]) + '\n';
    };
    for (const auto& measure : measures) add(measure, found[measure]);
    if (found["matched"].is_null()) continue;
    add("matched_sensitivity", found["matched"]["sensitivity"]);
    add("matched_precision", found["matched"]["precision"]);
    add("matched_delay", found["matched"]["delay"]);
  }
  return text;
}

std::string with_interval(const json& of, double factor, int digits) {
  if (of.is_null()) return "-";
  const auto end = [&](const json& x) { return x.is_null() ? "-" : decimals(factor * x.get<double>(), digits); };
  return end(of["estimate"]) + " [" + end(of["ci"][0]) + ", " + end(of["ci"][1]) + "]";
}

std::string evaluation_text(const json& result, const rapport::evaluate_options& o) {
  const json& truth = result["truth"];
  std::string text = std::to_string(truth["n_episodes"].get<long>()) + " true episodes in " +
                     std::to_string(truth["n_with_rupture"].get<long>()) + " of " +
                     std::to_string(truth["n_clients"].get<long>()) + " clients\n\nAt each detector's own threshold\n";
  text_table own({"detector", "episodes", "sensitivity %", "precision %", "false alarms per 100 sessions",
                  "onset error", "delay", "depth bias", "repair agrees %"});
  const std::string per_100 = decimals(o.false_alarms, 1) + " false alarms per 100 sessions";
  text_table matched({"detector", "sensitivity %", "precision %", "false alarms", "delay", "area %"});
  for (const auto& [name, e] : result["evaluation"].items()) {
    own.add({name, std::to_string(e["n_detected"].get<long>()), with_interval(e["sensitivity"], 100, 0),
             with_interval(e["precision"], 100, 0), with_interval(e["false_alarms_per_100_sessions"], 1, 1),
             with_interval(e["onset_error"], 1, 1), with_interval(e["delay"], 1, 1),
             with_interval(e["depth_bias"], 1, 2), with_interval(e["repair_agreement"], 100, 0)});
    const json& m = e["matched"];
    if (m.is_null()) continue;
    matched.add({name, with_interval(m["sensitivity"], 100, 0), with_interval(m["precision"], 100, 0),
                 decimals(m["false_alarms_per_100_sessions"].get<double>(), 1), with_interval(m["delay"], 1, 1),
                 with_interval(e["partial_area"], 100, 0)});
  }
  return text + own.str() + "\nAt no more than " + per_100 + "\n" + matched.str() +
         "\nA hit shares a scored session with a true episode. Compare detectors at equal false alarms only: one that "
         "fires\nmore often finds more. area: mean sensitivity over 0 to " +
         decimals(o.largest_false_alarms, 0) + " false alarms per 100 sessions.\n";
}

void run(const CLI::App& command, options& o) {
  const bool simulates = command.get_option("--clients")->count() > 0 || command.get_option("--sessions")->count() > 0;
  if (simulates == !o.in.path.empty())
    throw call_error("give scores with --in and --truth, or --clients and --sessions to simulate them");
  if (o.request.detectors.empty())
    throw call_error("--detector is required; rapport rupture --detector list tells them");
  session_table table;
  std::vector<rapport::true_episode> truth;
  if (simulates) {
    read_dyad_options(command, o.simulated);
    o.simulated.dyads.seed = o.out.seed;
    const auto simulated = rapport::simulate_dyads(o.simulated.dyads);
    if (!simulated) raise(simulated.error());
    auto panel = rapport::session_panel::from_rows(simulated->client_ratings, {.range = o.simulated.dyads.range});
    if (!panel) raise(panel.error());
    table.panel = std::move(*panel);
    truth = rapport::true_episodes(*simulated);
  } else {
    table = read_scores(o);
    truth = read_truth(o, table);
  }
  o.evaluate.seed = o.request.seed = o.out.seed;
  o.evaluate.n_threads = o.request.threads = o.out.threads;
  o.request.series = true;
  o.request.null_series = 0;

  const progress working("evaluating detectors");
  analysis found = analyse_rupture(table, o.request);
  analysis out;
  out.complete = found.complete;
  std::vector<std::string> with_rupture;
  for (const auto& each : truth) with_rupture.push_back(each.client);
  std::sort(with_rupture.begin(), with_rupture.end());
  const auto n_with_rupture = std::unique(with_rupture.begin(), with_rupture.end()) - with_rupture.begin();
  out.result = {{"truth",
                 {{"n_clients", table.panel.n_clients()},
                  {"n_with_rupture", n_with_rupture},
                  {"n_episodes", truth.size()},
                  {"simulated", simulates}}},
                {"detectors", found.result["detectors"]},
                {"evaluation", json::object()},
                {"warnings", found.result["warnings"]}};
  for (const json& detector : found.result["detectors"]) {
    const std::string name = detector["name"];
    const auto e = rapport::evaluate<double>(table.panel, detection_of(table, found.result, name), truth, o.evaluate);
    if (!e) raise(e.error());
    out.result["evaluation"][name] = evaluation_json(*e, o.evaluate);
  }
  if (o.out.format == "json") return print_json(out);
  print(o.out.format == "csv" ? evaluation_csv(out.result["evaluation"]) : evaluation_text(out.result, o.evaluate));
  if (!out.complete) throw computation_error(out.result["warnings"][0].get<std::string>());
}

}  // namespace

void add_evaluate_command(CLI::App& app) {
  auto* command = app.add_subcommand("evaluate", "what detectors find and invent where the ruptures are known");
  auto o = std::make_shared<options>();
  add_input_options(*command, o->in);
  add_output_options(*command, o->out);
  command->get_option("--in")->required(false);
  command->add_option("--truth", o->truth, "table of true episodes: client, onset, repair [, depth, status]");
  command->add_option("--id", o->id, "column with the client");
  command->add_option("--time", o->time, "column with session number or date");
  command->add_option("--y", o->y, "column with the score");
  command->add_option("--detector", o->request.detectors,
                      "may be repeated; `rapport rupture --detector list` prints all");
  command->add_option("--option", o->request.settings, "KEY=VALUE of the detectors that run");
  command->add_flag("--consensus", o->request.consensus, "as in rupture");
  command->add_option("--reliability", o->request.reliability, "as in rupture");
  command->add_option("--sd", o->request.sd, "as in rupture");
  command->add_option("--sem", o->request.sem, "as in rupture");
  command->add_option("--min", o->lower, "smallest possible score");
  command->add_option("--max", o->upper, "largest possible score");
  command->add_option("--step", o->step, "distance of two possible scores; 0: any")->capture_default_str();
  command->add_flag("--lower-is-better", o->request.lower_is_better, "a rise of the score is the rupture");
  command->add_option("--false-alarms", o->evaluate.false_alarms, "per 100 sessions, at which detectors are compared")
      ->capture_default_str();
  command
      ->add_option("--largest-false-alarms", o->evaluate.largest_false_alarms, "per 100 sessions, the end of the area")
      ->capture_default_str();
  command->add_option("--near", o->evaluate.near_sessions, "scored sessions that count as near the onset")
      ->capture_default_str();
  command->add_option("--interval", o->evaluate.level, "level of the intervals")->capture_default_str();
  command->add_option("--bootstrap", o->evaluate.replicates, "resamples of clients")->capture_default_str();
  add_dyad_options(*command, o->simulated);
  command->callback([o, command] { run(*command, *o); });
}

}  // namespace program
