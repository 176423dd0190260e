// SPDX-License-Identifier: BSL-1.0
#include <rapport/scoring/score.hpp>

#include <algorithm>
#include <map>
#include <memory>

#include "analysis.hpp"

namespace program {

namespace {

std::string reliability_text(const json& result) {
  std::string text;
  for (const json& scale : result["scales"]) {
    text += scale["name"].get<std::string>() + ": " + std::to_string(scale["n"].get<long>()) + " persons, " +
            std::to_string(scale["k"].get<long>()) + " items";
    if (!scale["n_complete"].is_null()) text += ", " + std::to_string(scale["n_complete"].get<long>()) + " complete";
    text += "\n";
    const auto shown = [](const json& x, int digits) { return x.is_null() ? std::string("-") : decimals(x, digits); };
    const auto interval = [&](const json& ends) { return "[" + shown(ends[0], 3) + ", " + shown(ends[1], 3) + "]"; };
    if (!scale["alpha"].is_null()) {
      const json& alpha = scale["alpha"];
      text += "  Cronbach's alpha " + shown(alpha["estimate"], 3);
      if (!alpha["ci"].empty()) text += " " + interval(alpha["ci"].begin().value());
      text +=
          "  (" + alpha["method"].get<std::string>() + "; k/(k-1) (1 - sum of item variances / variance of the sum))\n";
      for (auto ci = alpha["ci"].begin(); alpha["ci"].size() > 1 && ci != alpha["ci"].end(); ++ci)
        text += "    " + ci.key() + " " + interval(ci.value()) + "\n";
      text += "  standardized " + shown(scale["alpha_standardized"], 3) + ", mean inter-item correlation " +
              shown(scale["mean_r"], 3) + ", standard error of measurement " + shown(scale["sem"], 2) +
              " points (SD of the sum x sqrt(1 - alpha))\n";
      if (const json& omega = scale["omega_total"]; !omega.is_null()) {
        text += "  omega " + shown(omega["estimate"], 3) + " " + interval(omega["ci"]) +
                "  (one factor, maximum likelihood, delta method)\n";
      }
      if (!scale["omega_hierarchical"].is_null()) {
        text += "  omega hierarchical " + shown(scale["omega_hierarchical"], 3) + ", total " +
                shown(scale["omega_schmid_leiman_total"], 3) + "  (Schmid-Leiman)\n";
      }
      text += "  lambda 2 " + shown(scale["lambda2"], 3) + ", lambda 6 " + shown(scale["lambda6"], 3);
      if (const json& halves = scale["split_half"]; !halves.is_null()) {
        text += "; split halves " + shown(halves["min"], 3) + " to " + shown(halves["max"], 3) + ", mean " +
                shown(halves["mean"], 3);
      }
      if (!scale["glb"].is_null()) text += "; greatest lower bound " + shown(scale["glb"], 3);
      text += "\n";
      if (scale.contains("alpha_ordinal") && !scale["alpha_ordinal"].is_null())
        text += "  ordinal alpha " + shown(scale["alpha_ordinal"], 3) + "  (not the reliability of the sum score)\n";
      if (scale.contains("omega_categorical") && !scale["omega_categorical"].is_null())
        text += "  categorical omega " + shown(scale["omega_categorical"]["estimate"], 3) + "  (Green-Yang)\n";
      for (const json& note : alpha["notes"]) text += "  note: " + note.get<std::string>() + "\n";
      if (scale.contains("not_computed")) {
        for (auto one = scale["not_computed"].begin(); one != scale["not_computed"].end(); ++one)
          text += "  " + one.key() + ": " + one.value().get<std::string>() + "\n";
      }
    }
    text += "\n";
    text_table table({"item", "n", "mean", "SD", "r with the rest", "alpha if dropped"});
    for (const json& item : scale["items"]) {
      table.add({item["name"], std::to_string(item["n"].get<long>()), shown(item["mean"], 2), shown(item["sd"], 2),
                 shown(item["r_drop"], 3), shown(item["alpha_if_dropped"], 3)});
    }
    text += table.str() + "\n";
  }
  return text;
}

std::string reliability_csv(const json& result) {
  std::string text = "scale,item,n,mean,sd,raw_r,r_drop,r_cor,std_r,alpha_if_dropped\n";
  for (const json& scale : result["scales"]) {
    for (const json& item : scale["items"]) {
      text += csv_field(scale["name"].get<std::string>()) + ',' + csv_field(item["name"].get<std::string>()) + ',' +
              std::to_string(item["n"].get<long>());
      for (const char* key : {"mean", "sd", "raw_r", "r_drop", "r_cor", "std_r", "alpha_if_dropped"}) {
        text += ',' + (item[key].is_null() ? std::string() : csv_field(item[key].get<double>()));
      }
      text += '\n';
    }
  }
  return text;
}

/// The kinds of interval in a list with commas. Throws call_error for one that is not known.
std::vector<std::string> interval_names(const std::string& list) {
  const std::vector<std::string> known{"feldt", "bonett", "duhachek",        "jackknife",
                                       "adf",   "fisher", "hakstian-whalen", "bootstrap"};
  if (list.empty()) return {};
  if (list == "all") return known;
  std::vector<std::string> out;
  for (std::size_t begin = 0; begin <= list.size();) {
    const std::size_t end = std::min(list.find(',', begin), list.size());
    const std::string name = list.substr(begin, end - begin);
    if (std::find(known.begin(), known.end(), name) == known.end())
      throw call_error("--ci does not know '" + name +
                       "'; it knows feldt, bonett, duhachek, jackknife, adf, "
                       "fisher, hakstian-whalen, bootstrap and all");
    out.push_back(name);
    begin = end + 1;
  }
  return out;
}

/// Turns answers round: lower + upper - answer. Throws data_error for one outside the range.
void reverse(const csv_file& file, csv_table& table, std::size_t column, const csv_column& name, double lower,
             double upper) {
  for (std::size_t row = 0; row < table.n_rows(); ++row) {
    double& answer = table.numbers[column][row];
    if (answer < lower || answer > upper) {
      throw data_error(file.at(table.line[row], name) + ": " + csv_field(answer) + " is outside " + csv_field(lower) +
                       ".." + csv_field(upper) + " and cannot be reversed");
    }
    answer = lower + upper - answer;
  }
}

/// The same rows of all columns.
rapport::response_matrix rows_of(const std::vector<std::vector<double>>& columns,
                                 const std::vector<std::size_t>& positions, const std::vector<std::size_t>& rows) {
  std::vector<std::vector<double>> chosen;
  for (const std::size_t position : positions) {
    chosen.emplace_back();
    for (const std::size_t row : rows) chosen.back().push_back(columns[position][row]);
  }
  return to_matrix(chosen, rows.size());
}

}  // namespace

void add_reliability_command(CLI::App& app) {
  struct options {
    input_options in;
    output_options out;
    reliability_request request;
    std::string items;
    std::string instrument;
    std::string reversed;
    std::string group;
    std::string intervals;
    std::optional<double> lower;
    std::optional<double> upper;
  };
  auto* command = app.add_subcommand("reliability", "how reliable a scale is");
  auto o = std::make_shared<options>();
  add_input_options(*command, o->in);
  add_output_options(*command, o->out);
  command->add_option("--items", o->items, "item columns: q1,q2 or q1:q12 or 'q*'")->required();
  auto* instrument = command->add_option("--instrument", o->instrument, "reverse and group items by this key");
  auto* reversed = command->add_option("--reverse", o->reversed, "columns to reverse; needs --min and --max");
  instrument->excludes(reversed);
  command->add_option("--min", o->lower, "smallest answer");
  command->add_option("--max", o->upper, "largest answer");
  command->add_option("--group", o->group, "a block for each value of this column");
  command->add_option("--level", o->request.level, "of the intervals")->capture_default_str();
  command->add_option(
      "--ci", o->intervals,
      "intervals for alpha: feldt,bonett,duhachek,jackknife,adf,fisher,hakstian-whalen,bootstrap, or all");
  command->add_flag("--ordinal", o->request.ordinal,
                    "also ordinal alpha and categorical omega (polychoric correlations)");
  command->add_option("--bootstrap", o->request.replicates, "replicates of the bootstrap")
      ->check(CLI::Range(99, 10000000))
      ->capture_default_str();
  command
      ->add_option("--missing", o->request.missing, "pairwise, listwise or fiml (maximum likelihood from all answers)")
      ->check(CLI::IsMember({"pairwise", "listwise", "fiml"}))
      ->capture_default_str();
  command->callback([o] {
    if (!(o->request.level > 0 && o->request.level < 1)) throw call_error("--level lies between 0 and 1");
    o->request.intervals = interval_names(o->intervals);
    o->request.seed = o->out.seed;
    o->request.threads = o->out.threads;
    const csv_file file = open_table(o->in);
    const auto chosen = o->instrument.empty() ? chosen_instrument() : find_instrument(o->instrument);
    const rapport::instrument* form = chosen.form.get();
    const auto columns = form != nullptr ? item_columns(file, o->items, *form) : file.columns(o->items);
    std::vector<csv_column> texts;
    if (!o->group.empty()) texts.push_back(file.column(o->group));
    csv_table table = file.read(columns, texts);

    std::vector<bool> is_reversed(columns.size(), false);
    if (form != nullptr) {
      std::vector<double> answers(columns.size());
      for (std::size_t row = 0; row < table.n_rows(); ++row) {
        for (std::size_t j = 0; j < columns.size(); ++j) answers[j] = table.numbers[j][row];
        const auto card = rapport::score(*form, answers);
        if (!card) raise(card.error(), file.at(table.line[row], columns[rapport::as_size(card.error().column)]));
      }
      for (std::size_t j = 0; j < columns.size(); ++j) {
        for (double& answer : table.numbers[j]) answer = counted_answer(*form, static_cast<int>(j) + 1, answer);
      }
    } else if (!o->reversed.empty()) {
      if (!o->lower || !o->upper || !(*o->lower < *o->upper))
        throw call_error("--reverse needs --min and --max, the ends of the scale");
      for (const csv_column& one : file.columns(o->reversed)) {
        const auto at = std::find_if(columns.begin(), columns.end(),
                                     [&](const csv_column& c) { return c.position == one.position; });
        if (at == columns.end()) throw call_error("--reverse names '" + one.name + "', which is not among --items");
        is_reversed[static_cast<std::size_t>(at - columns.begin())] = true;
      }
    }
    for (std::size_t j = 0; j < columns.size(); ++j) {
      if (is_reversed[j]) reverse(file, table, j, columns[j], *o->lower, *o->upper);
    }

    // Blocks: the total and each subscale, or the scale alone; for each group, or for everybody.
    std::vector<std::pair<std::string, std::vector<std::size_t>>> blocks;
    if (form == nullptr) {
      blocks.emplace_back("scale", std::vector<std::size_t>());
      for (std::size_t j = 0; j < columns.size(); ++j) blocks[0].second.push_back(j);
    } else if (form->has_total()) {
      blocks.emplace_back("total", std::vector<std::size_t>());
      for (const int item : form->total_items()) blocks[0].second.push_back(static_cast<std::size_t>(item - 1));
    }
    for (int s = 0; form != nullptr && s < form->n_subscales(); ++s) {
      blocks.emplace_back(std::string(form->subscale_at(s).id), std::vector<std::size_t>());
      for (const int item : form->subscale_at(s).items)
        blocks.back().second.push_back(static_cast<std::size_t>(item - 1));
    }
    std::map<std::string, std::vector<std::size_t>> groups;
    for (std::size_t row = 0; row < table.n_rows(); ++row)
      groups[texts.empty() ? "" : table.texts[0][row]].push_back(row);
    std::vector<scale_items> scales;
    for (const auto& [group, rows] : groups) {
      for (const auto& [name, positions] : blocks) {
        scale_items scale;
        scale.name = texts.empty() ? name : name + " (" + o->group + " = " + (group.empty() ? "missing" : group) + ")";
        for (const std::size_t position : positions) scale.item_names.push_back(columns[position].name);
        scale.answers = rows_of(table.numbers, positions, rows);
        scales.push_back(std::move(scale));
      }
    }

    const analysis found = analyse_reliability(scales, o->request);
    if (o->out.format == "json") return print_json(found);
    print(o->out.format == "csv" ? reliability_csv(found.result) : reliability_text(found.result));
    if (!found.complete) throw computation_error(found.result["warnings"][0].get<std::string>());
  });
}

}  // namespace program
