// SPDX-License-Identifier: BSL-1.0
#include <rapport/reliability.hpp>

#include <memory>

#include "analysis.hpp"

namespace program {

namespace {

/// Puts an estimate, its standard error and interval under its name.
void put(json& result, const char* name, const rapport::basic_estimate<double>* e) {
  result[name] = e != nullptr ? json(e->estimate) : json(nullptr);
  if (e == nullptr) return;
  result["se"][name] = maybe(e->standard_error);
  result["ci"][name] = {e->interval.lower, e->interval.upper};
  result["method"][name] = e->method;
  for (const std::string& note : e->notes) result["notes"].push_back(std::string(name) + ": " + note);
}

analysis analyse_multilevel(const rapport::session_items& data, double level) {
  analysis out;
  json& result = out.result;
  constexpr const char* names[] = {"R1F", "RkF",          "R1R",           "RkR",          "Rc",           "RkRn",
                                   "Rcn", "omega_within", "omega_between", "alpha_within", "alpha_between"};
  for (const char* name : names) result[name] = nullptr;
  result["variance"] = json::object();
  for (const char* name : {"se", "ci", "method"}) result[name] = json::object();
  result["notes"] = json::array();
  result["warnings"] = json::array();

  const auto repeated = rapport::multilevel_reliability(data, level);
  if (repeated) {
    const auto& nested = repeated->nested;
    result["n_clients"] = repeated->n_clients;
    result["n_sessions"] = repeated->n_sessions;
    result["n_items"] = repeated->n_items;
    result["n_empty"] = repeated->n_empty;
    result["session_error_sd"] = repeated->session_error_sd;
    if (const auto& crossed = repeated->crossed) {
      put(result, "R1F", &crossed->r1f);
      put(result, "RkF", &crossed->rkf);
      put(result, "R1R", &crossed->r1r);
      put(result, "RkR", &crossed->rkr);
      put(result, "Rc", &crossed->rc);
      const auto& a = crossed->anova;
      result["variance"] = {{"id", a.a.variance},
                            {"time", a.b.variance},
                            {"item", a.c.variance},
                            {"id_time", a.ab.variance},
                            {"id_item", a.ac.variance},
                            {"time_item", a.bc.variance},
                            {"residual", a.residual.variance}};
    } else {
      result["notes"].push_back(repeated->why_not_crossed);
    }
    put(result, "RkRn", &repeated->rkrn);
    put(result, "Rcn", &repeated->rcn);
    result["variance"]["nested"] = {
        {"id", nested.client_var}, {"time", nested.session_var}, {"residual", nested.residual_var}};
    if (!nested.converged) give_up(out, "the likelihood of the nested analysis could not be maximized");
  } else {
    give_up(out, message(repeated.error()).c_str());
  }

  const auto levels = rapport::two_level_reliability(data, level);
  if (levels) {
    put(result, "omega_within", levels->omega_within ? &*levels->omega_within : nullptr);
    put(result, "omega_between", levels->omega_between ? &*levels->omega_between : nullptr);
    put(result, "alpha_within", &levels->alpha_within);
    put(result, "alpha_between", &levels->alpha_between);
    result["n_incomplete"] = levels->n_incomplete;
    if (!levels->omega_within) give_up(out, levels->why_no_omega);
  } else {
    give_up(out, message(levels.error()).c_str());
  }
  return out;
}

std::string multilevel_text(const json& result) {
  text_table table({"coefficient", "estimate", "lower", "upper", "of"});
  const std::pair<const char*, const char*> meaning[] = {{"R1F", "one session, the same for all"},
                                                         {"RkF", "mean of the sessions, the same for all"},
                                                         {"R1R", "one session, any"},
                                                         {"RkR", "mean of the sessions, any"},
                                                         {"Rc", "change within clients"},
                                                         {"RkRn", "mean of the sessions, sessions nested"},
                                                         {"Rcn", "change within clients, sessions nested"},
                                                         {"omega_within", "items telling sessions of a client apart"},
                                                         {"omega_between", "items telling clients apart"},
                                                         {"alpha_within", "items telling sessions of a client apart"},
                                                         {"alpha_between", "items telling clients apart"}};
  for (const auto& [name, of] : meaning) {
    const auto shown = [](const json& x) { return x.is_number() ? decimals(x.get<double>(), 3) : std::string("-"); };
    const json interval = result["ci"].value(name, json::array({nullptr, nullptr}));
    table.add({name, shown(result[name]), shown(interval[0]), shown(interval[1]), of});
  }
  std::string text = table.str();
  for (const json& note : result["notes"]) text += "note: " + note.get<std::string>() + "\n";
  return text;
}

std::string multilevel_csv(const json& result) {
  std::string text = "coefficient,estimate,se,lower,upper\n";
  for (const auto& [name, interval] : result["ci"].items()) {
    const auto cell = [](const json& x) { return x.is_number() ? csv_field(x.get<double>()) : std::string(); };
    text += name + ',' + cell(result[name]) + ',' + cell(result["se"][name]) + ',' + cell(interval[0]) + ',' +
            cell(interval[1]) + '\n';
  }
  return text;
}

}  // namespace

void add_multilevel_command(CLI::App& app) {
  struct options {
    input_options in;
    output_options out;
    std::string id;
    std::string time;
    std::string items;
    double level = 0.95;
  };
  auto* command = app.add_subcommand("multilevel", "how reliable repeated measures are, within clients and between");
  auto o = std::make_shared<options>();
  add_input_options(*command, o->in);
  add_output_options(*command, o->out);
  command->add_option("--id", o->id, "column of clients")->required();
  command->add_option("--time", o->time, "column of session numbers or ISO 8601 dates")->required();
  command->add_option("--items", o->items, "item columns: q1,q2 or q1:q12 or 'q*'; reversed items reversed")
      ->required();
  command->add_option("--level", o->level, "of the intervals")->capture_default_str();
  command->callback([o] {
    if (!(o->level > 0 && o->level < 1)) throw call_error("--level lies between 0 and 1");
    const csv_file file = open_table(o->in);
    const csv_column id = file.column(o->id);
    const csv_column time = file.column(o->time);
    const auto items = file.columns(o->items);
    const csv_table table = file.read(items, {id, time});
    // The panel reads the times as everywhere, and names the line of what is wrong with them.
    const std::vector<double> no_score(table.n_rows(), rapport::missing_value<double>());
    const session_table panel =
        make_panel(file, {id, time, time, {}}, table.line, table.texts[0], table.texts[1], no_score, {}, {});
    std::vector<double> session(table.n_rows());
    for (rapport::index client = 0; client < panel.panel.n_clients(); ++client) {
      const auto series = panel.panel.series(client);
      for (rapport::index t = 0; t < series.size(); ++t) {
        const rapport::index row = panel.panel.first_row(client) + t;
        session[rapport::as_size(panel.panel.input_row(row))] = series.session[rapport::as_size(t)];
      }
    }
    const auto data = rapport::session_items::make(table.texts[0], session, to_matrix(table.numbers, table.n_rows()));
    if (!data) raise(data.error(), file.name());
    const analysis found = analyse_multilevel(*data, o->level);
    if (o->out.format == "json") return print_json(found);
    print(o->out.format == "csv" ? multilevel_csv(found.result) : multilevel_text(found.result));
    if (!found.complete) throw computation_error(found.result["warnings"][0].get<std::string>());
  });
}

}  // namespace program
