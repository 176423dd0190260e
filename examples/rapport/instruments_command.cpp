// SPDX-License-Identifier: BSL-1.0
#include <memory>

#include "command.hpp"

namespace program {

namespace {

json item_list(const rapport::item_set& items) {
  json out = json::array();
  for (const int item : items) out.push_back(item);
  return out;
}

json instrument_json(const rapport::instruments::catalogue_entry& entry) {
  const rapport::instrument& form = *entry.key;
  json subscales = json::object();
  for (int s = 0; s < form.n_subscales(); ++s)
    subscales[std::string(form.subscale_at(s).id)] = item_list(form.subscale_at(s).items);
  json sources = json::array();
  for (std::size_t from = 0; from < entry.sources.size();) {
    const std::size_t end = (std::min)(entry.sources.find('\n', from), entry.sources.size());
    sources.push_back(std::string(entry.sources.substr(from, end - from)));
    from = end + 1;
  }
  return {{"id", std::string(form.id())},
          {"name", std::string(entry.name)},
          {"perspective", std::string(to_string(form.perspective()))},
          {"n_items", form.n_items()},
          {"min", form.min()},
          {"max", form.max()},
          {"step", form.step()},
          {"usable", "all"},
          {"subscales", subscales},
          {"reversed", item_list(form.reversed_items())},
          {"score", "sum"},
          {"verification", std::string(to_string(entry.verification))},
          {"caveat", std::string(entry.caveat)},
          {"licence", std::string(entry.licence)},
          {"sources", sources}};
}

std::string joined(const json& items) {
  std::string text;
  for (const json& each : items)
    text += (text.empty() ? "" : ", ") + (each.is_string() ? each.get<std::string>() : each.dump());
  return text.empty() ? "none" : text;
}

std::string whole_text(const json& one) {
  std::string text = one["id"].get<std::string>() + ": " + one["name"].get<std::string>() + "\n\n";
  text_table table({"what", "as it is"});
  table.add({"filled in by", one["perspective"]});
  table.add({"items", std::to_string(one["n_items"].get<int>())});
  table.add({"answers", csv_field(one["min"].get<double>()) + " to " + csv_field(one["max"].get<double>()) +
                            " in steps of " + csv_field(one["step"].get<double>())});
  table.add({"reversed items", joined(one["reversed"])});
  table.add({"total", "sum of all items, reversed ones counting " +
                          csv_field(one["min"].get<double>() + one["max"].get<double>()) + " - answer"});
  for (const auto& [name, items] : one["subscales"].items())
    table.add({"subscale " + name, "sum of items " + joined(items)});
  table.add({"key", one["verification"]});
  if (!one["caveat"].get<std::string>().empty()) table.add({"caveat", one["caveat"]});
  table.add({"licence", one["licence"]});
  for (const json& source : one["sources"]) table.add({"source", source});
  return text + table.str();
}

}  // namespace

void add_instruments_command(CLI::App& app) {
  struct options {
    output_options out;
    std::string show;
  };
  auto* command = app.add_subcommand("instruments", "the instruments that can be scored");
  auto o = std::make_shared<options>();
  add_output_options(*command, o->out);
  command->add_option("--show", o->show, "everything about this one");
  command->callback([o] {
    json all = json::array();
    for (const auto& entry : rapport::instruments::catalogue) {
      if (o->show.empty() || entry.key == find_instrument(o->show).key) all.push_back(instrument_json(entry));
    }
    if (o->out.format == "json") return print(json{{"instruments", all}}.dump(1) + "\n");
    if (o->out.format == "csv") {
      std::string text = "id,name,perspective,n_items,min,max,verification\n";
      for (const json& one : all) {
        text += csv_field(one["id"].get<std::string>()) + ',' + csv_field(one["name"].get<std::string>()) + ',' +
                one["perspective"].get<std::string>() + ',' + std::to_string(one["n_items"].get<int>()) + ',' +
                csv_field(one["min"].get<double>()) + ',' + csv_field(one["max"].get<double>()) + ',' +
                one["verification"].get<std::string>() + '\n';
      }
      return print(text);
    }
    if (!o->show.empty()) return print(whole_text(all[0]));
    text_table table({"id", "name", "items", "answers", "subscales", "key", "licence"});
    for (const json& one : all) {
      json names = json::array();
      for (const auto& [name, items] : one["subscales"].items()) names.push_back(name);
      table.add({one["id"], one["name"], std::to_string(one["n_items"].get<int>()),
                 csv_field(one["min"].get<double>()) + " to " + csv_field(one["max"].get<double>()), joined(names),
                 one["verification"], one["licence"]});
    }
    print(table.str());
  });
}

}  // namespace program
