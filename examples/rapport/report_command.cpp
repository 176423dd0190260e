// SPDX-License-Identifier: BSL-1.0
// `rapport report`: the whole path from answers to a page.
#include <filesystem>
#include <memory>
#include <set>

#include "analysis.hpp"
#include "report/page.hpp"
#include "score.hpp"

namespace program {

namespace {

struct report_options {
  input_options in;
  output_options out;
  score_request request;
  rupture_request rupture;
  std::string rule = "published";
  std::string id;
  std::string session;
  std::string therapist;
  std::string outcome;
  std::string folder;
};

/// The items of the total and of each subscale, reversed items reversed, forms with illegal answers left out.
std::vector<scale_items> scales_of(const scored_table& scored, const std::vector<csv_column>& items) {
  const rapport::instrument& form = *scored.form;
  std::vector<std::size_t> rows;
  for (std::size_t row = 0; row < scored.forms.size(); ++row) {
    if (scored.forms[row].status != "invalid") rows.push_back(row);
  }
  const auto block = [&](const std::string& name, const rapport::item_set& set) {
    scale_items out;
    out.name = name;
    std::vector<std::vector<double>> columns;
    for (const int item : set) {
      const auto position = static_cast<std::size_t>(item - 1);
      out.item_names.push_back(items[position].name);
      columns.emplace_back();
      for (const std::size_t row : rows) {
        const double answer = scored.table.numbers[position][row];
        columns.back().push_back(counted_answer(form, item, answer));
      }
    }
    out.answers = to_matrix(columns, rows.size());
    return out;
  };
  std::vector<scale_items> out{block("total", form.total_items())};
  for (int s = 0; s < form.n_subscales(); ++s)
    out.push_back(block(std::string(form.subscale_at(s).id), form.subscale_at(s).items));
  return out;
}

/// Removes the figures that an earlier report left in the folder and that this one does not have.
void remove_old_figures(const std::filesystem::path& folder, const std::vector<figure>& general,
                        const std::vector<figure>& clients) {
  std::set<std::string> kept;
  for (const auto* group : {&general, &clients}) {
    for (const figure& each : *group) {
      if (!each.spec.is_null()) kept.insert(each.name + ".vl.json");
    }
  }
  std::error_code ignored;
  for (const auto& entry : std::filesystem::directory_iterator(folder / "figures", ignored)) {
    const std::string name = entry.path().filename().string();
    const bool is_figure =
        name.starts_with("client-") || name.starts_with("reliability.") || name.starts_with("curves.");
    if (is_figure && name.ends_with(".vl.json") && !kept.contains(name)) std::filesystem::remove(entry.path(), ignored);
  }
}

json facts_of(const chosen_instrument& chosen) {
  const rapport::instrument& form = *chosen.form;
  const auto* entry = chosen.entry;
  const auto range = total_range(form);
  json subscales = json::object();
  for (int s = 0; s < form.n_subscales(); ++s) {
    json items = json::array();
    for (const int item : form.subscale_at(s).items) items.push_back(item);
    subscales[std::string(form.subscale_at(s).id)] = items;
  }
  // What a score is divided by to lie on the scale of a single answer.
  const auto divisor = [](const rapport::score_metric& metric, int n_items) {
    return metric.times * (metric.kind == rapport::score_kind::mean ? 1 : n_items);
  };
  json divisors = {{"total", divisor(form.total_metric(), form.total_items().size())}};
  for (int s = 0; s < form.n_subscales(); ++s) {
    const auto subscale = form.subscale_at(s);
    divisors[std::string(subscale.id)] = divisor(subscale.metric, subscale.items.size());
  }
  const auto words = [](const rapport::score_metric& metric) {
    const std::string kind = metric.kind == rapport::score_kind::mean ? "mean" : "sum";
    return metric.times == 1 ? kind : kind + " times " + csv_field(metric.times);
  };
  json formula = {{"total", words(form.total_metric())}};
  for (int s = 0; s < form.n_subscales(); ++s)
    formula[std::string(form.subscale_at(s).id)] = words(form.subscale_at(s).metric);
  json reversed = json::array();
  for (const int item : form.reversed_items()) reversed.push_back(item);
  return {{"id", std::string(form.id())},
          {"name", std::string(entry != nullptr ? entry->name : form.id())},
          {"n_items", form.n_items()},
          {"min", form.min()},
          {"max", form.max()},
          {"total_min", range.lower},
          {"total_max", range.upper},
          {"item_mean_divisor", divisors},
          {"formula", formula},
          {"n_total_items", form.total_items().size()},
          {"subscales", subscales},
          {"reversed", reversed},
          {"verification", entry != nullptr ? std::string(to_string(entry->verification)) : "your own key"},
          {"caveat", std::string(entry != nullptr ? entry->caveat : std::string_view())}};
}

void run(report_options& o) {
  o.request.rule = parse_rule(o.rule);
  o.request.flags = true;
  const csv_file file = open_table(o.in);
  o.request.ids = {o.id, o.session};
  if (!o.therapist.empty()) o.request.ids.push_back(o.therapist);
  const chosen_instrument chosen = find_instrument(o.request.instrument);
  const rapport::instrument& form = *chosen.form;
  if (!form.has_total())
    throw call_error(std::string(form.id()) + " has no total, and a report follows the total over sessions");
  const scored_table scored = score_table(file, o.request);

  std::vector<double> totals;
  for (const auto& each : scored.forms) totals.push_back(each.total.value_or(rapport::missing_value<double>()));
  const rapport::score_range<double> range = total_range(form);
  const auto& texts = scored.table.texts;
  const std::vector<std::string> no_therapists;
  panel_columns columns{file.column(o.id), file.column(o.session), {}, {}};
  if (!o.therapist.empty()) columns.therapist = file.column(o.therapist);
  const session_table table = make_panel(file, columns, scored.table.line, texts[0], texts[1], totals,
                                         o.therapist.empty() ? no_therapists : texts[2], range);

  const std::string name =
      file.name() == "standard input" ? file.name() : std::filesystem::path(file.name()).filename().string();
  json results;
  results["rapport"] = RAPPORT_VERSION_STRING;
  results["input"] = {{"name", utf8_length(name) == name.size() ? name : "table"},
                      {"n_rows", scored.table.n_rows()},
                      {"n_clients", table.panel.n_clients()},
                      {"n_therapists", table.panel.n_therapists()},
                      {"has_dates", table.has_dates},
                      {"null_series", o.rupture.null_series},
                      {"seed", o.out.seed}};
  results["score"] = json::parse(score_json(scored));
  results["score"]["instrument_facts"] = facts_of(chosen);
  const analysis reliability = analyse_reliability(scales_of(scored, item_columns(file, o.request.items, form)), {});
  results["reliability"] = reliability.result;

  // Level is counted from the first session, or from day 0; where trends cannot be told apart, clients differ in level.
  growth_request curve;
  curve.center = table.has_dates ? 0 : 1;
  analysis growth = analyse_growth(table, curve);
  if (!growth.complete) {
    curve.random = "intercept";
    analysis simpler = analyse_growth(table, curve);
    if (simpler.complete) growth = std::move(simpler);
  }
  results["growth"] = growth.result;

  o.rupture.seed = o.out.seed;
  o.rupture.threads = o.out.threads;
  o.rupture.series = true;
  o.rupture.detectors = {"innovation", "drop-repair"};
  const analysis rupture = [&] {
    const progress working("drawing stable series");
    return analyse_rupture(table, o.rupture);
  }();
  results["rupture"] = rupture.result;
  if (!o.outcome.empty()) {
    columns.score = file.column(o.outcome);
    const csv_table outcome = file.read({columns.score}, {});
    const session_table other =
        make_panel(file, columns, scored.table.line, texts[0], texts[1], outcome.numbers[0], {}, std::nullopt);
    results["input"]["outcome"] = o.outcome;
    results["outcome"] = analyse_growth(other, curve).result;
  }

  const std::vector<figure> figures{distribution_figure(results), reliability_figure(results), curves_figure(results)};
  std::vector<figure> clients;
  for (const std::size_t client : charted_clients(results)) clients.push_back(client_figure(results, client));

  const std::filesystem::path folder(o.folder);
  output_files files;
  files.write(folder / "results.json", results.dump(1) + "\n");
  files.write(folder / "scores.csv", score_csv(scored));
  files.write(folder / "episodes.csv", episodes_csv(results["rupture"]));
  for (const std::vector<figure>* group : {&figures, static_cast<const std::vector<figure>*>(&clients)}) {
    for (const figure& each : *group) {
      if (!each.spec.is_null()) files.write(folder / "figures" / (each.name + ".vl.json"), each.spec.dump(1) + "\n");
    }
  }
  files.write(folder / "report.html", report_page(results, figures, clients));
  files.publish();
  remove_old_figures(folder, figures, clients);
  print(o.out.format == "json"
            ? results.dump(1) + "\n"
            : report_summary(results) + "\n" + (folder / "report.html").string() + " shows it all.\n");
  for (const analysis* part : {&reliability, static_cast<const analysis*>(&growth), &rupture}) {
    if (!part->complete) throw computation_error(part->result["warnings"][0].get<std::string>());
  }
}

}  // namespace

void add_report_command(CLI::App& app) {
  auto* command =
      app.add_subcommand("report", "the whole path: scores, audit, reliability, growth, rupture and repair, as a page");
  auto o = std::make_shared<report_options>();
  add_input_options(*command, o->in);
  add_output_options(*command, o->out);
  command->add_option("--instrument", o->request.instrument, "id from `rapport instruments`, or FILE.json")->required();
  command->add_option("--items", o->request.items, "item columns in the form's order: q1,q2 or q1:q12 or 'q*'")
      ->required();
  command->add_option("--id", o->id, "column with the client")->required();
  command->add_option("--session", o->session, "column with session number or date")->required();
  command->add_option("--therapist", o->therapist, "column with the therapist");
  command->add_option("--outcome", o->outcome, "column with an outcome measure");
  command->add_option("--missing", o->rule, "published, complete, or prorate:F")->capture_default_str();
  command->add_option("--compare", o->request.compare, "audit a stored score: COLUMN=total or COLUMN=SUBSCALE");
  command->add_option("--null", o->rupture.null_series, "simulated stable series per client; 0: no chance level")
      ->capture_default_str();
  command->add_option("--out", o->folder, "folder for report.html, results.json, scores.csv, episodes.csv and figures")
      ->required();
  command->callback([o] { run(*o); });
}

}  // namespace program
