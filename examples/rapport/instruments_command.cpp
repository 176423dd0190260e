// SPDX-License-Identifier: BSL-1.0
#include <memory>

#include "command.hpp"

namespace program {

namespace {

using rapport::instruments::catalogue_entry;

json item_list(const rapport::item_set& items) {
  json out = json::array();
  for (const int item : items) out.push_back(item);
  return out;
}

json word_list(std::string_view words, char separator) {
  json out = json::array();
  for (std::size_t from = 0; from < words.size();) {
    const std::size_t end = (std::min)(words.find(separator, from), words.size());
    out.push_back(std::string(words.substr(from, end - from)));
    from = end + 1;
  }
  return out;
}

/// Text that may not be there.
json text_or_null(std::string_view text) { return text.empty() ? json(nullptr) : json(std::string(text)); }

json rule_json(const rapport::missing_rule& rule) {
  using kind = rapport::missing_rule::kind;
  switch (rule.how) {
    case kind::published: return nullptr;
    case kind::complete: return {{"rule", "complete"}};
    case kind::prorate: return {{"rule", "prorate"}, {"fraction", rule.fraction}};
    case kind::at_least: return {{"rule", "at-least"}, {"n", rule.n}};
    case kind::at_most_missing: return {{"rule", "at-most-missing"}, {"n", rule.n}};
  }
  return nullptr;
}

json metric_json(const rapport::score_metric& metric) {
  return {{"kind", metric.kind == rapport::score_kind::mean ? "mean" : "sum"}, {"times", metric.times}};
}

/// "sum", "mean", or "weighted" where a score is multiplied or an answer rescaled.
std::string kind_of_scores(const rapport::instrument& form) {
  bool weighted = false;
  bool mean = form.has_total() && form.total_metric().kind == rapport::score_kind::mean;
  if (form.has_total()) weighted = form.total_metric().times != 1;
  for (int s = 0; s < form.n_subscales(); ++s) {
    const rapport::score_metric metric = form.subscale_at(s).metric;
    weighted = weighted || metric.times != 1;
    mean = mean || metric.kind == rapport::score_kind::mean;
  }
  for (int item = 1; item <= form.n_items(); ++item)
    weighted = weighted || !(form.scale_of(item) == form.counted_scale_of(item));
  return weighted ? "weighted" : mean ? "mean" : "sum";
}

/// What the key says; nulls and empty lists where there is none.
void add_key(json& out, const catalogue_entry& entry) {
  out["subscales"] = json::object();
  out["reversed"] = json::array();
  out["score"] = nullptr;
  if (entry.key == nullptr) return;
  const rapport::instrument& form = *entry.key;
  for (int s = 0; s < form.n_subscales(); ++s)
    out["subscales"][std::string(form.subscale_at(s).id)] = item_list(form.subscale_at(s).items);
  out["reversed"] = item_list(form.reversed_items());
  out["score"] = kind_of_scores(form);
  out["edition"] = std::string(form.edition());
  out["scoring_version"] = form.scoring_version();
  out["direction"] = std::string(to_string(form.direction()));
  if (!form.has_one_scale()) {
    json ranges = json::array();
    json counted = json::array();
    for (int item = 1; item <= form.n_items(); ++item) {
      ranges.push_back({form.scale_of(item).min, form.scale_of(item).max});
      counted.push_back({form.counted_scale_of(item).min, form.counted_scale_of(item).max});
    }
    out["ranges"] = ranges;
    out["counted_ranges"] = counted;
  }
  out["unscored"] = item_list(form.unscored_items());
  out["total"] = nullptr;
  if (form.has_total()) {
    out["total"] = metric_json(form.total_metric());
    out["total"]["items"] = item_list(form.total_items());
  }
  out["metrics"] = json::object();
  for (int s = 0; s < form.n_subscales(); ++s) {
    json metric = metric_json(form.subscale_at(s).metric);
    if (const json own = rule_json(form.subscale_at(s).rule); !own.is_null()) metric["missing"] = own;
    out["metrics"][std::string(form.subscale_at(s).id)] = metric;
  }
  out["combined"] = json::object();
  for (int c = 0; c < form.n_combined(); ++c) {
    json parts = json::object();
    for (int p = 0; p < form.combined_at(c).n_parts; ++p)
      parts[std::string(form.combined_part(c, p).score)] = form.combined_part(c, p).weight;
    out["combined"][std::string(form.combined_at(c).id)] = parts;
  }
  const bool is_published = entry.provenance.missing != rapport::instruments::verification::none;
  out["missing"] = is_published ? rule_json(form.published_rule()) : json(nullptr);
  out["bands"] = json::array();
  for (int b = 0; b < form.n_bands(); ++b) {
    const auto band = form.band_at(b);
    out["bands"].push_back({{"score", std::string(band.score)},
                            {"label", std::string(band.label)},
                            {"from", band.range.from},
                            {"to", band.range.to},
                            {"from_open", band.range.from_open},
                            {"to_open", band.range.to_open}});
  }
  out["cutoffs"] = json::array();
  for (int c = 0; c < form.n_cutoffs(); ++c) {
    const auto cut = form.cutoff_at(c);
    out["cutoffs"].push_back({{"score", std::string(cut.score)},
                              {"label", std::string(cut.label)},
                              {"at", cut.cutoff.at},
                              {"side", std::string(to_string(cut.cutoff.side))}});
  }
  out["risk_items"] = json::array();
  for (int r = 0; r < form.n_risk_items(); ++r)
    out["risk_items"].push_back({{"item", form.risk_item_at(r).item}, {"at_least", form.risk_item_at(r).at_least}});
}

json provenance_json(const rapport::instruments::field_provenance& of) {
  const auto word = [](rapport::instruments::verification v) { return std::string(to_string(v)); };
  return {{"n_items", word(of.n_items)},     {"scale", word(of.scale)},     {"reversed", word(of.reversed)},
          {"subscales", word(of.subscales)}, {"missing", word(of.missing)}, {"bands", word(of.bands)},
          {"cutoffs", word(of.cutoffs)},     {"norms", word(of.norms)},     {"reliability", word(of.reliability)}};
}

json count_or_null(int n) { return n > 0 ? json(n) : json(nullptr); }

void add_published(json& out, const catalogue_entry& entry) {
  out["norms"] = json::array();
  for (const auto& each : entry.norms) {
    out["norms"].push_back({{"score", std::string(each.score)},
                            {"sample", std::string(each.sample)},
                            {"n", count_or_null(each.n)},
                            {"mean", each.mean},
                            {"sd", each.sd},
                            {"provenance", std::string(to_string(each.provenance))}});
  }
  out["reliability"] = json::array();
  for (const auto& each : entry.reliability) {
    out["reliability"].push_back({{"score", std::string(each.score)},
                                  {"statistic", std::string(each.statistic)},
                                  {"sample", std::string(each.sample)},
                                  {"n", count_or_null(each.n)},
                                  {"low", each.low},
                                  {"high", each.high},
                                  {"provenance", std::string(to_string(each.provenance))}});
  }
  out["reliable_change"] = json::array();
  for (const auto& each : entry.reliable_change) {
    out["reliable_change"].push_back({{"score", std::string(each.score)},
                                      {"value", each.value},
                                      {"basis", std::string(each.basis)},
                                      {"provenance", std::string(to_string(each.provenance))}});
  }
}

json instrument_json(const catalogue_entry& entry) {
  const bool has_range = entry.key != nullptr || entry.has_range;
  json out = {{"id", std::string(entry.id)},
              {"name", std::string(entry.name)},
              {"perspective", std::string(to_string(entry.perspective))},
              {"n_items", count_or_null(entry.n_items)},
              {"min", nullptr},
              {"max", nullptr},
              {"step", nullptr},
              {"usable", std::string(to_string(entry.usable))}};
  if (has_range) {
    out["min"] = entry.key != nullptr ? entry.key->min() : entry.min;
    out["max"] = entry.key != nullptr ? entry.key->max() : entry.max;
  }
  if (entry.key != nullptr) out["step"] = entry.key->step();
  add_key(out, entry);
  out["verification"] = std::string(to_string(entry.verification));
  out["validated"] = entry.validated;
  out["year"] = entry.year;
  out["family"] = std::string(entry.family);
  out["doi"] = text_or_null(entry.doi);
  out["measures"] = word_list(entry.measures, ' ');
  out["provenance"] = provenance_json(entry.provenance);
  add_published(out, entry);
  out["caveat"] = std::string(entry.caveat);
  out["licence"] = std::string(entry.licence);
  out["licence_class"] = std::string(to_string(entry.licence_kind));
  out["licence_provenance"] = std::string(to_string(entry.licence_provenance));
  out["sources"] = word_list(entry.sources, '\n');
  return out;
}

std::string joined(const json& items) {
  std::string text;
  for (const json& each : items)
    text += (text.empty() ? "" : ", ") + (each.is_string() ? each.get<std::string>() : each.dump());
  return text.empty() ? "none" : text;
}

std::string range_text(const json& one) {
  if (one["min"].is_null()) return "-";
  return csv_field(one["min"].get<double>()) + " to " + csv_field(one["max"].get<double>());
}

std::string metric_text(const json& metric) {
  const double times = metric["times"].get<double>();
  return metric["kind"].get<std::string>() + (times == 1 ? "" : " times " + csv_field(times));
}

std::string rule_text(const json& rule) {
  if (rule.is_null()) return "none published: complete forms only";
  const std::string name = rule["rule"];
  if (name == "prorate")
    return "prorated if at least " + csv_field(rule["fraction"].get<double>()) + " of the items are answered";
  if (name == "at-least") return "prorated if at least " + rule["n"].dump() + " items of each subscale are answered";
  if (name == "at-most-missing") return "prorated if at most " + rule["n"].dump() + " are missing";
  return "complete answers only";
}

void add_key_rows(text_table& table, const json& one) {
  table.add({"answers", range_text(one) + " in steps of " + csv_field(one["step"].get<double>())});
  if (one.contains("ranges")) {
    for (std::size_t i = 0; i < one["ranges"].size(); ++i) {
      const json& range = one["ranges"][i];
      const json& counted = one["counted_ranges"][i];
      if (range[0] == one["min"] && range[1] == one["max"]) continue;
      table.add({"answers to item " + std::to_string(i + 1),
                 range[0].dump() + " to " + range[1].dump() +
                     (range == counted ? "" : ", counted as " + counted[0].dump() + " to " + counted[1].dump())});
    }
  }
  table.add({"reversed items", joined(one["reversed"])});
  if (!one["unscored"].empty()) table.add({"in no score", joined(one["unscored"])});
  std::string total = "there is none";
  if (!one["total"].is_null()) {
    const json& items = one["total"]["items"];
    total =
        metric_text(one["total"]) + (items.size() == one["n_items"] ? " of all items" : " of items " + joined(items));
    if (!one["reversed"].empty())
      total +=
          ", reversed ones counting " + csv_field(one["min"].get<double>() + one["max"].get<double>()) + " - answer";
  }
  table.add({"total", total});
  for (const auto& [name, items] : one["subscales"].items()) {
    const json& metric = one["metrics"][name];
    table.add({"subscale " + name, metric_text(metric) + " of items " + joined(items) +
                                       (metric.contains("missing") ? "; " + rule_text(metric["missing"]) : "")});
  }
  for (const auto& [name, parts] : one["combined"].items()) {
    std::string text;
    for (const auto& [score, weight] : parts.items())
      text += (text.empty() ? "" : " + ") +
              (weight == 1 ? score : csv_field(weight.template get<double>()) + " x " + score);
    table.add({"combined " + name, text});
  }
  table.add({"missing answers", rule_text(one["missing"])});
  for (const json& band : one["bands"]) {
    table.add({"band of " + band["score"].get<std::string>(),
               band["label"].get<std::string>() + ": " + (band["from_open"] ? "above " : "") +
                   csv_field(band["from"].get<double>()) + " to " + (band["to_open"] ? "below " : "") +
                   csv_field(band["to"].get<double>())});
  }
  for (const json& cut : one["cutoffs"]) {
    table.add({"cut-off of " + cut["score"].get<std::string>(), cut["side"].get<std::string>() + " " +
                                                                    csv_field(cut["at"].get<double>()) + ": " +
                                                                    cut["label"].get<std::string>()});
  }
  for (const json& risk : one["risk_items"])
    table.add({"risk item", risk["item"].dump() + ", from " + csv_field(risk["at_least"].get<double>()) + " on"});
}

std::string whole_text(const json& one) {
  std::string text = one["id"].get<std::string>() + ": " + one["name"].get<std::string>() + "\n\n";
  text_table table({"what", "as it is"});
  table.add({"filled in by", one["perspective"]});
  table.add({"items", one["n_items"].is_null() ? "not known" : one["n_items"].dump()});
  table.add({"can be scored", one["usable"]});
  if (one["usable"] != "none") {
    add_key_rows(table, one);
  } else if (!one["min"].is_null()) {
    table.add({"answers", range_text(one)});
  }
  table.add({"key", one["usable"] == "none" ? "not established here: supply one (--instrument FILE.json)"
                                            : one["verification"].get<std::string>() +
                                                  (one["validated"] ? "" : "; the instrument is not validated")});
  for (const auto& [field, level] : one["provenance"].items()) {
    if (level != "none") table.add({"how sure: " + field, level});
  }
  for (const json& each : one["reliability"]) {
    const bool range = each["low"] != each["high"];
    table.add({each["statistic"].get<std::string>() + " of " + each["score"].get<std::string>(),
               (each["high"] == 1 ? "above " : "") + csv_field(each["low"].get<double>()) +
                   (range && each["high"] != 1 ? " to " + csv_field(each["high"].get<double>()) : "") + ", " +
                   each["sample"].get<std::string>()});
  }
  for (const json& each : one["norms"]) {
    table.add({"norm of " + each["score"].get<std::string>(), "mean " + csv_field(each["mean"].get<double>()) +
                                                                  ", SD " + csv_field(each["sd"].get<double>()) + ", " +
                                                                  each["sample"].get<std::string>()});
  }
  for (const json& each : one["reliable_change"]) {
    table.add({"reliable change of " + each["score"].get<std::string>(),
               csv_field(each["value"].get<double>()) + ", " + each["basis"].get<std::string>()});
  }
  table.add({"measures", joined(one["measures"])});
  if (!one["caveat"].get<std::string>().empty()) table.add({"caveat", one["caveat"]});
  table.add({"licence", one["licence"]});
  for (const json& source : one["sources"]) table.add({"source", source});
  return text + table.str();
}

std::string csv_text(const json& all) {
  const auto cell = [](const json& value) { return value.is_null() ? std::string() : csv_field(value.get<double>()); };
  std::string text = "id,name,perspective,n_items,min,max,usable,verification\n";
  for (const json& one : all) {
    text += csv_field(one["id"].get<std::string>()) + ',' + csv_field(one["name"].get<std::string>()) + ',' +
            one["perspective"].get<std::string>() + ',' + cell(one["n_items"]) + ',' + cell(one["min"]) + ',' +
            cell(one["max"]) + ',' + one["usable"].get<std::string>() + ',' + one["verification"].get<std::string>() +
            '\n';
  }
  return text;
}

}  // namespace

void add_instruments_command(CLI::App& app) {
  struct options {
    output_options out;
    std::string show;
  };
  auto* command = app.add_subcommand("instruments", "the instruments that are known, and what can be scored");
  auto o = std::make_shared<options>();
  add_output_options(*command, o->out);
  command->add_option("--show", o->show, "everything about this one");
  command->callback([o] {
    json all = json::array();
    if (!o->show.empty()) {
      all.push_back(instrument_json(find_entry(o->show)));
    } else {
      for (const auto& entry : rapport::instruments::catalogue) all.push_back(instrument_json(entry));
    }
    if (o->out.format == "json") return print(json{{"instruments", all}}.dump(1) + "\n");
    if (o->out.format == "csv") return print(csv_text(all));
    if (!o->show.empty()) return print(whole_text(all[0]));
    text_table table({"id", "name", "filled in by", "items", "answers", "subscales", "scorable", "key", "licence"});
    for (const json& one : all) {
      json names = json::array();
      for (const auto& [name, items] : one["subscales"].items()) names.push_back(name);
      table.add({one["id"], one["name"], one["perspective"], one["n_items"].is_null() ? "-" : one["n_items"].dump(),
                 range_text(one), joined(names), one["usable"], one["verification"], one["licence"]});
    }
    print(table.str());
  });
}

}  // namespace program
