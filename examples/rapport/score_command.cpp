// SPDX-License-Identifier: BSL-1.0
#include <algorithm>
#include <memory>

#include "score.hpp"

namespace program {

namespace {

std::string score_text(const scored_table& scored) {
  constexpr std::size_t most_rows = 40;
  std::vector<std::string> header = scored.id_names;
  header.insert(header.end(), {"line", "status", "total"});
  for (int s = 0; s < scored.form->n_subscales(); ++s) header.emplace_back(scored.form->subscale_at(s).id);
  for (int c = 0; c < scored.form->n_combined(); ++c) header.emplace_back(scored.form->combined_at(c).id);
  header.emplace_back("flags");
  text_table table(header);
  const auto shown = [](const std::optional<double>& x) {
    return x ? std::string(rapport::number_text(*x, 6)) : std::string("-");
  };
  for (std::size_t row = 0; row < (std::min)(most_rows, scored.forms.size()); ++row) {
    const scored_form& form = scored.forms[row];
    std::vector<std::string> cells;
    for (std::size_t i = 0; i < scored.id_names.size(); ++i) cells.push_back(scored.table.texts[i][row]);
    cells.insert(cells.end(), {std::to_string(scored.table.line[row]), form.status, shown(form.total)});
    for (const auto& subscale : form.subscales) cells.push_back(shown(subscale));
    for (const auto& score : form.combined) cells.push_back(shown(score));
    std::vector<std::string> remarks;
    for (const auto& band : form.bands) {
      if (!band.empty()) remarks.push_back(band);
    }
    remarks.insert(remarks.end(), form.cutoffs.begin(), form.cutoffs.end());
    remarks.insert(remarks.end(), form.flags.begin(), form.flags.end());
    cells.push_back(joined(remarks));
    table.add(cells);
  }
  std::string text = std::string(scored.form->id()) + ", missing answers: " + scored.rule + "\n\n" + table.str();
  if (scored.forms.size() > most_rows) {
    text += "  ... and " + std::to_string(scored.forms.size() - most_rows) + " more rows; --format csv prints all\n";
  }
  const json summary = score_summary(scored);
  text += "\n" + std::to_string(scored.forms.size()) + " forms: ";
  std::string counts;
  for (const char* status : {"ok", "prorated", "incomplete", "invalid"}) {
    const auto count = summary["n_" + std::string(status)].get<std::size_t>();
    if (count > 0) counts += (counts.empty() ? "" : ", ") + std::to_string(count) + " " + status;
  }
  text += counts + "\n\n";
  text_table means({"score", "mean", "SD"});
  const auto add = [&](const std::string& name, const json& of) {
    means.add(
        {name, of["mean"].is_null() ? "-" : decimals(of["mean"], 2), of["sd"].is_null() ? "-" : decimals(of["sd"], 2)});
  };
  if (scored.form->has_total()) add("total", summary["total"]);
  for (const auto& [name, of] : summary["subscales"].items()) add(name, of);
  if (summary.contains("combined")) {
    for (const auto& [name, of] : summary["combined"].items()) add(name, of);
  }
  text += means.str();
  for (const auto& one : scored.audit) text += "\naudit of " + audit_sentence(one) + "\n";
  const std::string together = joint_sentence(scored);
  if (!together.empty()) text += "\nthe audits together: " + together + "\n";
  return text;
}

}  // namespace

void add_score_command(CLI::App& app) {
  struct options {
    input_options in;
    output_options out;
    score_request request;
    std::string rule = "published";
    std::string ids;
  };
  auto* command = app.add_subcommand("score", "score questionnaires, one form per row");
  auto o = std::make_shared<options>();
  add_input_options(*command, o->in);
  add_output_options(*command, o->out);
  command->add_option("--instrument", o->request.instrument, "id from `rapport instruments`, or FILE.json")->required();
  command->add_option("--items", o->request.items, "item columns in the form's order: q1,q2 or q1:q12 or 'q*'")
      ->required();
  command->add_option("--id", o->ids, "columns that name the form, separated by commas");
  command->add_option("--missing", o->rule, "published, complete, prorate:F, at-least:N or at-most-missing:N")
      ->capture_default_str();
  command->add_option("--compare", o->request.compare,
                      "audit a stored score: COLUMN=total, COLUMN=SUBSCALE or a combined score");
  command->add_flag("--flags", o->request.flags, "also flag response patterns");
  command->callback([o] {
    o->request.rule = parse_rule(o->rule);
    const csv_file file = open_table(o->in);
    if (!o->ids.empty()) {
      for (const auto& column : file.columns(o->ids)) o->request.ids.push_back(column.name);
    }
    const scored_table scored = score_table(file, o->request);
    print(o->out.format == "json"  ? score_json(scored)
          : o->out.format == "csv" ? score_csv(scored)
                                   : score_text(scored));
  });
}

}  // namespace program
