// SPDX-License-Identifier: BSL-1.0
#include <rapport/reliability.hpp>

#include <memory>

#include "analysis.hpp"

namespace program {

namespace {

struct agreement_request {
  std::string kind = "icc";
  std::string weights = "none";
  std::string metric = "nominal";
  std::vector<double> categories{};
  double level = 0.95;
};

template <class Estimate>
json estimate_json(const Estimate& e) {
  return {{"estimate", e.estimate},
          {"se", maybe(e.standard_error)},
          {"ci", {e.interval.lower, e.interval.upper}},
          {"n", e.n},
          {"method", e.method},
          {"notes", e.notes}};
}

json kappa_json(const rapport::basic_kappa<double>& k) {
  json out = estimate_json(k);
  out["observed"] = k.observed;
  out["expected"] = k.expected;
  out["se_if_zero"] = maybe(k.standard_error_if_zero);
  out["z"] = maybe(k.z);
  out["p"] = maybe(k.p);
  out["n_categories"] = k.n_categories;
  return out;
}

/// Puts a result under its name; what cannot be had is null and its reason goes into the warnings.
template <class Result, class Convert>
void put(analysis& out, const char* name, const Result& found, const Convert& convert) {
  if (found) {
    out.result[name] = convert(*found);
  } else {
    out.result[name] = nullptr;
    give_up(out, message(found.error()).c_str());
  }
}

void add_icc(analysis& out, const rapport::stats::matrix<double>& x, const agreement_request& request) {
  const auto table = rapport::intraclass_correlations(x, request.level);
  out.result["icc"] = json::object();
  if (!table) {
    for (const auto form : rapport::all_icc_forms) out.result["icc"][std::string(to_string(form))] = nullptr;
    out.result["variance"] = nullptr;
    return give_up(out, message(table.error()).c_str());
  }
  for (const auto form : rapport::all_icc_forms) {
    const std::string name(to_string(form));
    const auto& one = table->of(form);
    if (!one) {
      out.result["icc"][name] = nullptr;
      give_up(out, name + " is not defined: the mean ratings of the targets do not vary beyond what raters leave");
      continue;
    }
    json entry = {{"estimate", one->estimate},
                  {"F", maybe(one->f)},
                  {"df1", one->df1},
                  {"df2", one->df2},
                  {"p", maybe(one->p)},
                  {"ci", {one->interval.lower, one->interval.upper}},
                  {"mcgraw_wong", mcgraw_wong_name(form)},
                  {"method", one->method},
                  {"notes", one->notes}};
    out.result["icc"][name] = std::move(entry);
  }
  const auto& a = table->anova;
  out.result["variance"] = {
      {"target", a.rows.variance}, {"rater", a.columns.variance}, {"residual", a.residual.variance}};
  out.result["mean_squares"] = {{"target", a.rows.mean_square},
                                {"rater", a.columns.mean_square},
                                {"residual", a.residual.mean_square},
                                {"within", a.mean_square_within()}};
  out.result["n"] = table->n;
  out.result["n_incomplete"] = table->n_incomplete;
}

void add_bland_altman(analysis& out, std::span<const double> first, std::span<const double> second,
                      const agreement_request& request) {
  put(out, "bland_altman",
      rapport::bland_altman<double>(first, second, {.coverage = request.level, .level = request.level}),
      [](const auto& found) {
        return json{{"bias", estimate_json(found.bias)},
                    {"sd", found.sd},
                    {"lower", estimate_json(found.lower)},
                    {"upper", estimate_json(found.upper)},
                    {"slope", found.slope ? estimate_json(*found.slope) : json(nullptr)},
                    {"intercept", maybe(found.intercept)},
                    {"n", found.n},
                    {"n_incomplete", found.n_incomplete}};
      });
}

analysis analyse_agreement(const std::vector<std::vector<double>>& raters, const rapport::stats::matrix<double>& x,
                           const agreement_request& request) {
  analysis out;
  out.result["warnings"] = json::array();
  const rapport::kappa_options options{.weights = request.weights == "linear" ? rapport::agreement_weights::linear
                                                  : request.weights == "quadratic"
                                                      ? rapport::agreement_weights::quadratic
                                                      : rapport::agreement_weights::none,
                                       .categories = request.categories,
                                       .level = request.level};
  if (request.kind == "icc") {
    add_icc(out, x, request);
  } else if (request.kind == "kappa") {
    put(out, "kappa", rapport::cohen_kappa<double>(raters[0], raters[1], options), kappa_json);
  } else if (request.kind == "fleiss") {
    const auto fleiss = rapport::fleiss_kappa(x, options);
    put(out, "fleiss", fleiss, kappa_json);
    put(out, "conger", rapport::conger_kappa(x, options), kappa_json);
    put(out, "brennan_prediger", rapport::brennan_prediger(x, options), kappa_json);
    put(out, request.weights == "none" ? "gwet_ac1" : "gwet_ac2", rapport::gwet_ac(x, options), kappa_json);
  } else if (request.kind == "krippendorff") {
    const auto metric = request.metric == "ordinal"    ? rapport::rating_metric::ordinal
                        : request.metric == "interval" ? rapport::rating_metric::interval
                        : request.metric == "ratio"    ? rapport::rating_metric::ratio
                                                       : rapport::rating_metric::nominal;
    put(out, "krippendorff", rapport::krippendorff_alpha(x, metric, request.level), [&](const auto& found) {
      json one = estimate_json(found);
      one["metric"] = request.metric;
      one["observed_disagreement"] = found.observed_disagreement;
      one["expected_disagreement"] = found.expected_disagreement;
      one["n_values"] = found.n_values;
      return one;
    });
  } else if (request.kind == "kendall") {
    put(out, "kendall", rapport::kendall_w(x), [](const auto& found) {
      return json{{"estimate", found.w},
                  {"uncorrected", found.w_uncorrected},
                  {"chi_square", found.chi_squared},
                  {"df", found.df},
                  {"p", found.p},
                  {"mean_rank_correlation", found.mean_rank_correlation},
                  {"has_ties", found.has_ties},
                  {"n", found.n},
                  {"n_incomplete", found.n_incomplete}};
    });
  } else {
    add_bland_altman(out, raters[0], raters[1], request);
  }
  return out;
}

/// Every object with an estimate, with the names on the way to it.
void collect(const json& value, const std::string& name, std::vector<std::pair<std::string, json>>& rows) {
  if (!value.is_object()) return;
  if (value.contains("estimate")) rows.emplace_back(name, value);
  for (const auto& [key, inner] : value.items()) collect(inner, name.empty() ? key : name + "." + key, rows);
}

std::string agreement_text(const json& result) {
  std::vector<std::pair<std::string, json>> rows;
  collect(result, "", rows);
  text_table table({"coefficient", "estimate", "lower", "upper", "p"});
  std::string methods;
  for (const auto& [name, one] : rows) {
    const auto shown = [&](const json& x) { return x.is_number() ? decimals(x.get<double>(), 3) : std::string("-"); };
    const bool has_interval = one.contains("ci");
    table.add({name, shown(one["estimate"]), has_interval ? shown(one["ci"][0]) : "-",
               has_interval ? shown(one["ci"][1]) : "-", one.contains("p") ? shown(one["p"]) : "-"});
    if (one.contains("method")) methods += name + ": " + one["method"].get<std::string>() + "\n";
    if (!one.contains("notes")) continue;
    for (const json& note : one["notes"]) methods += "  note: " + note.get<std::string>() + "\n";
  }
  return table.str() + "\n" + methods;
}

std::string agreement_csv(const json& result) {
  std::vector<std::pair<std::string, json>> rows;
  collect(result, "", rows);
  std::string text = "coefficient,estimate,se,lower,upper,p\n";
  for (const auto& [name, one] : rows) {
    const auto cell = [&](const json& x) { return x.is_number() ? csv_field(x.get<double>()) : std::string(); };
    const bool has_interval = one.contains("ci");
    text += csv_field(name) + ',' + cell(one["estimate"]) + ',' + cell(one.value("se", json())) + ',' +
            (has_interval ? cell(one["ci"][0]) + ',' + cell(one["ci"][1]) : ",") + ',' + cell(one.value("p", json())) +
            '\n';
  }
  return text;
}

}  // namespace

void add_agreement_command(CLI::App& app) {
  struct options {
    input_options in;
    output_options out;
    agreement_request request;
    std::string raters;
  };
  auto* command = app.add_subcommand("agreement", "how well raters, or two ways of measuring, agree");
  auto o = std::make_shared<options>();
  add_input_options(*command, o->in);
  add_output_options(*command, o->out);
  command->add_option("--raters", o->raters, "columns, one per rater; rows are what they rated")->required();
  command->add_option("--kind", o->request.kind, "icc, kappa, fleiss, krippendorff, kendall or bland-altman")
      ->check(CLI::IsMember({"icc", "kappa", "fleiss", "krippendorff", "kendall", "bland-altman"}))
      ->capture_default_str();
  command->add_option("--weights", o->request.weights, "of disagreements, for kappa and fleiss")
      ->check(CLI::IsMember({"none", "linear", "quadratic"}))
      ->capture_default_str();
  command->add_option("--metric", o->request.metric, "what the numbers mean, for krippendorff")
      ->check(CLI::IsMember({"nominal", "ordinal", "interval", "ratio"}))
      ->capture_default_str();
  command->add_option("--categories", o->request.categories, "all that could be used, for kappa and fleiss: 1,2,3")
      ->delimiter(',');
  command->add_option("--level", o->request.level, "of the intervals, and coverage of limits of agreement")
      ->capture_default_str();
  command->callback([o] {
    if (!(o->request.level > 0 && o->request.level < 1)) throw call_error("--level lies between 0 and 1");
    const csv_file file = open_table(o->in);
    const auto columns = file.columns(o->raters);
    if (columns.size() < 2) throw call_error("--raters names one column; agreement needs two");
    const bool wants_two = o->request.kind == "kappa" || o->request.kind == "bland-altman";
    if (wants_two && columns.size() != 2) {
      throw call_error("--kind " + o->request.kind + " compares two raters, but --raters names " +
                       std::to_string(columns.size()));
    }
    const csv_table table = file.read(columns, {});
    const auto answers = to_matrix(table.numbers, table.n_rows());
    const analysis found = analyse_agreement(table.numbers, rapport::stats::as_matrix(answers), o->request);
    if (o->out.format == "json") return print_json(found);
    print(o->out.format == "csv" ? agreement_csv(found.result) : agreement_text(found.result));
    if (!found.complete) throw computation_error(found.result["warnings"][0].get<std::string>());
  });
}

}  // namespace program
