// SPDX-License-Identifier: BSL-1.0
#include <rapport/growth.hpp>
#include <rapport/stats/distribution/normal.hpp>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <map>
#include <memory>

#include "analysis.hpp"

namespace program {

namespace {

/// The curve of a shape's name: "linear", "piecewise:4,8", ... Throws call_error if there is none.
rapport::time_coding coding_of_shape(const std::string& shape) {
  static const std::map<std::string, rapport::time_coding> plain{
      {"intercept", rapport::level{}},
      {"linear", rapport::linear{}},
      {"quadratic", rapport::quadratic{}},
      {"cubic", rapport::cubic{}},
      {"orthogonal-quadratic", rapport::orthogonal_quadratic{}},
      {"orthogonal-cubic", rapport::orthogonal_cubic{}},
      {"log", rapport::log_time{}},
      {"sqrt", rapport::sqrt_time{}}};
  static const std::map<std::string, rapport::time_shape> with_numbers{{"piecewise", rapport::time_shape::piecewise},
                                                                       {"linear+step", rapport::time_shape::step},
                                                                       {"asymptotic", rapport::time_shape::asymptotic}};
  if (const auto found = plain.find(shape); found != plain.end()) return found->second;
  const std::size_t colon = shape.find(':');
  const auto found = with_numbers.find(shape.substr(0, colon));
  if (colon != std::string::npos && found != with_numbers.end()) {
    std::vector<double> numbers;
    for (const std::string& text : CLI::detail::split(shape.substr(colon + 1), ',')) {
      double number = 0;
      const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), number);
      if (problem != std::errc() || end != text.data() + text.size()) {
        throw call_error("--shape " + shape + ": '" + text + "' is no number");
      }
      numbers.push_back(number);
    }
    return {found->second, numbers};
  }
  throw call_error("--shape: '" + shape +
                   "' is not known; shapes are intercept, linear, quadratic, cubic, orthogonal-quadratic, "
                   "orthogonal-cubic, log, sqrt, piecewise:KNOT,..., linear+step:TIME, asymptotic:RATE");
}

const std::map<std::string, rapport::random_terms>& random_parts() {
  static const std::map<std::string, rapport::random_terms> parts{
      {"none", rapport::random_terms::none},
      {"intercept", rapport::random_terms::intercept},
      {"slope", rapport::random_terms::slope},
      {"slope-uncorrelated", rapport::random_terms::slope_uncorrelated},
      {"all", rapport::random_terms::all}};
  return parts;
}

template <class Map>
std::vector<std::string> keys(const Map& map) {
  std::vector<std::string> out;
  for (const auto& [key, value] : map) out.push_back(key);
  return out;
}

json matrix_json(const rapport::stats::matrix<double>& m) {
  json rows = json::array();
  for (rapport::index i = 0; i < m.rows(); ++i) {
    rows.push_back(json::array());
    for (rapport::index j = 0; j < m.cols(); ++j) rows.back().push_back(m(i, j));
  }
  return rows;
}

json correlations(const rapport::stats::matrix<double>& c) {
  json rows = json::array();
  for (rapport::index i = 0; i < c.rows(); ++i) {
    rows.push_back(json::array());
    for (rapport::index j = 0; j < c.cols(); ++j) {
      const double product = c(i, i) * c(j, j);
      if (i == j) {
        rows.back().push_back(1);
      } else {
        rows.back().push_back(product > 0 ? json(std::clamp(c(i, j) / std::sqrt(product), -1.0, 1.0)) : json(nullptr));
      }
    }
  }
  return rows;
}

json named(const std::vector<std::string>& names, const rapport::stats::vector<double>& values) {
  json out = json::object();
  for (std::size_t i = 0; i < names.size() && static_cast<rapport::index>(i) < values.size(); ++i) {
    out[names[i]] = values(static_cast<rapport::index>(i));
  }
  return out;
}

const std::map<std::string, rapport::stats::residual_kind>& residual_kinds() {
  using rapport::stats::residual_kind;
  static const std::map<std::string, residual_kind> kinds{
      {"iid", residual_kind::independent},         {"ar1", residual_kind::autoregressive},
      {"ar1-rows", residual_kind::autoregressive}, {"car1", residual_kind::continuous},
      {"symmetric", residual_kind::symmetric},     {"unstructured", residual_kind::unstructured},
      {"by-time", residual_kind::stratified}};
  return kinds;
}

/// The kind of errors of an option's text. Throws call_error if there is none.
rapport::stats::residual_kind residual_of(const std::string& text) {
  if (text.starts_with("by:") && text.size() > 3) return rapport::stats::residual_kind::stratified;
  const auto found = residual_kinds().find(text);
  if (found != residual_kinds().end()) return found->second;
  throw call_error("--residual: '" + text +
                   "' is not known; errors are iid, ar1, ar1-rows, car1, symmetric, unstructured, by-time, by:COLUMN");
}

/// Numbers for the strata of rows, in order of first appearance, and their names.
struct numbered_strata {
  std::vector<rapport::index> of_row{};
  std::vector<std::string> names{};

  explicit numbered_strata(const std::vector<std::string>& texts) {
    for (const std::string& text : texts) {
      const auto at = std::find(names.begin(), names.end(), text);
      of_row.push_back(at - names.begin());
      if (at == names.end()) names.push_back(text);
    }
  }
};

json residual_json(const rapport::growth_fit& fit, const growth_request& request) {
  using rapport::stats::residual_kind;
  const auto& model = fit.model();
  const auto& parameters = model.residual_parameters;
  json out = {{"sd", fit.residual_sd()}, {"phi", nullptr}, {"kind", request.residual}};
  const bool one_correlation = model.residual == residual_kind::autoregressive ||
                               model.residual == residual_kind::continuous ||
                               model.residual == residual_kind::symmetric;
  if (one_correlation) out["phi"] = parameters[0];
  const auto& strata = fit.findings().strata;
  if (strata.empty()) return out;
  const numbered_strata named_strata(request.strata);
  const auto name = [&](std::size_t g) {
    if (!named_strata.names.empty()) return named_strata.names[static_cast<std::size_t>(strata[g])];
    return std::string(rapport::number_text(strata[g]));
  };
  json sd = json::object();
  if (model.residual == residual_kind::stratified) {
    for (std::size_t g = 0; g < strata.size(); ++g)
      sd[name(g)] = fit.residual_sd() * (g == 0 ? 1.0 : std::sqrt(parameters[g - 1]));
    out["sd_by"] = sd;
    return out;
  }
  rapport::stats::residual_weights<double> weights(model.residual, std::ssize(strata));
  std::vector<rapport::stats::matrix_jet<double>> numbers;
  for (const double each : parameters) numbers.push_back(rapport::stats::matrix_jet<double>::number(each));
  const rapport::stats::matrix<double> covariance = model.residual_var * weights.covariance(numbers).value();
  for (std::size_t g = 0; g < strata.size(); ++g) {
    const auto k = static_cast<rapport::index>(g);
    sd[name(g)] = std::sqrt(covariance(k, k));
  }
  out["sd_by"] = sd;
  out["corr"] = correlations(covariance);
  return out;
}

json fixed_json(const rapport::growth_fit& fit, bool with_df) {
  json out = json::array();
  for (const auto& each : fit.fixed()) {
    json one = {{"name", each.name}, {"estimate", each.estimate}, {"se", each.standard_error}};
    if (with_df) {
      one["df"] = each.df;
      one["t"] = each.t;
      one["p"] = each.p;
      one["ci"] = {each.interval.lower, each.interval.upper};
    } else {
      const double half = rapport::stats::normal_quantile((1 + each.interval.level) / 2) * each.standard_error;
      one["df"] = nullptr;
      one["t"] = each.t;
      one["p"] = 2 * rapport::stats::normal_upper_tail(std::abs(each.t));
      one["ci"] = {each.estimate - half, each.estimate + half};
    }
    out.push_back(std::move(one));
  }
  return out;
}

json growth_json(const rapport::growth_fit& fit, const growth_request& request) {
  const auto& names = fit.columns().fixed_names;
  const auto& how = fit.model().report;
  json out;
  out["n_obs"] = fit.n_obs();
  out["n_left_out"] = fit.columns().n_left_out;
  out["n_clients"] = fit.n_clients();
  out["n_therapists"] = fit.therapists().size();
  out["method"] = request.method;
  out["converged"] = how.status != rapport::stats::fit_status::not_converged;
  out["gradient_norm"] = how.gradient_norm;
  out["singular"] = how.status == rapport::stats::fit_status::boundary;
  out["report"] = fit.report();
  out["log_likelihood"] = fit.log_likelihood();
  out["criterion"] = fit.criterion();
  out["aic"] = fit.aic();
  out["bic_n_obs"] = fit.bic_n_obs();
  out["bic_n_clients"] = fit.bic_n_clients();
  out["shape"] = request.shape;
  out["center"] = request.center;
  out["df_method"] = request.df;
  out["level"] = request.level;
  out["ci_method"] = request.interval;
  out["fixed"] = fixed_json(fit, request.df != "none");
  out["fixed_covariance"] = matrix_json(fit.model().fixed_covariance);
  if (request.df == "kenward-roger") out["fixed_covariance_kr"] = matrix_json(fit.findings().fixed_covariance);
  json sd = json::object();
  const auto random_names = fit.random_names();
  for (std::size_t k = 0; k < random_names.size(); ++k)
    sd[random_names[k]] = fit.random_sd(static_cast<rapport::index>(k));
  out["random"] = {{"client", {{"sd", sd}, {"corr", correlations(fit.random_covariance())}}}};
  if (request.therapists) out["random"]["therapist"] = {{"sd", {{"(Intercept)", fit.therapist_sd()}}}};
  out["residual"] = residual_json(fit, request);
  out["r2"] = {{"marginal", fit.r2_marginal()}, {"conditional", fit.r2_conditional()}};
  out["icc"] = fit.icc();
  if (request.therapists) {
    out["icc_therapist"] = fit.icc_therapist();
    out["therapists"] = json::array();
    for (const auto& each : fit.therapists()) {
      json one = {{"id", each.id},
                  {"n_clients", each.n_clients},
                  {"effect", maybe(each.effect)},
                  {"se", maybe(each.standard_error)},
                  {"ci", nullptr}};
      if (each.interval) one["ci"] = {each.interval->lower, each.interval->upper};
      out["therapists"].push_back(std::move(one));
    }
  }
  out["clients"] = json::array();
  for (const auto& client : fit.client_curves()) {
    out["clients"].push_back({{"id", client.id},
                              {"n", client.n},
                              {"coefficients", named(names, client.coefficients)},
                              {"se", named(names, client.standard_errors)},
                              {"ols", named(names, client.ols)}});
  }
  return out;
}

std::string growth_text(const json& g) {
  const auto shown = [](const json& x, int digits) { return x.is_null() ? std::string("-") : decimals(x, digits); };
  if (g["fixed"].empty()) return "no growth curve could be fitted\n";
  std::string text = std::to_string(g["n_obs"].get<long>()) + " scores of " +
                     std::to_string(g["n_clients"].get<long>()) + " clients; " + g["shape"].get<std::string>() +
                     " curve by " + (g["method"] == "ml" ? "maximum likelihood" : "restricted maximum likelihood") +
                     ", time counted from " + std::string(rapport::number_text(g["center"].get<double>())) + "\n" +
                     g["report"].get<std::string>() + "\n\nMean curve (" +
                     (g["df_method"] == "none"            ? "normal distribution"
                      : g["df_method"] == "satterthwaite" ? "Satterthwaite degrees of freedom"
                                                          : "Kenward-Roger") +
                     ")\n";
  text_table fixed({"term", "estimate", "SE", "df", "t", "p",
                    std::string(rapport::number_text(100 * g["level"].get<double>(), 6)) + " % " +
                        (g["ci_method"] == "wald" ? "" : g["ci_method"].get<std::string>() + " ") + "interval"});
  for (const json& each : g["fixed"]) {
    const double p = each["p"];
    fixed.add({each["name"], shown(each["estimate"], 4), shown(each["se"], 4), shown(each["df"], 1),
               shown(each["t"], 2), p < 0.0001 ? "<0.0001" : decimals(p, 4),
               "[" + shown(each["ci"][0], 3) + ", " + shown(each["ci"][1], 3) + "]"});
  }
  text += fixed.str() + "\nBetween clients\n";
  text_table random({"term", "SD"});
  for (const auto& [name, sd] : g["random"]["client"]["sd"].items()) random.add({name, shown(sd, 4)});
  if (g["random"].contains("therapist"))
    random.add({"therapists", shown(g["random"]["therapist"]["sd"]["(Intercept)"], 4)});
  if (g["residual"].contains("sd_by")) {
    for (const auto& [name, sd] : g["residual"]["sd_by"].items()) random.add({"within clients, " + name, shown(sd, 4)});
  } else {
    random.add({"within clients (residual)", shown(g["residual"]["sd"], 4)});
  }
  text += random.str();
  if (!g["residual"]["phi"].is_null())
    text += "  correlation of neighbouring errors " + shown(g["residual"]["phi"], 3) + "\n";
  const json& corr = g["random"]["client"]["corr"];
  if (corr.size() == 2) text += "  correlation of level and trend " + shown(corr[0][1], 2) + "\n";
  text += "\n  share of variance between clients (ICC) " + shown(g["icc"], 3) + "; explained by the mean curve " +
          shown(g["r2"]["marginal"], 3) + ", by curve and clients " + shown(g["r2"]["conditional"], 3) +
          "\n  log-likelihood " + shown(g["log_likelihood"], 3) + ", AIC " + shown(g["aic"], 2) + ", BIC (clients) " +
          shown(g["bic_n_clients"], 2) + "\n";
  return text;
}

std::string growth_csv(const json& g) {
  std::string text = "name,estimate,se,df,t,p,lower,upper\n";
  for (const json& each : g["fixed"]) {
    text += csv_field(each["name"].get<std::string>());
    const auto add = [&](const json& number) {
      text += ',' + (number.is_null() ? std::string() : csv_field(number.get<double>()));
    };
    for (const char* key : {"estimate", "se", "df", "t", "p"}) add(each[key]);
    for (const json& end : each["ci"]) add(end);
    text += '\n';
  }
  return text;
}

/// What a reader of the numbers should know.
json notes_of(const rapport::growth_fit& fit) {
  json notes = json::array();
  if (const auto left_out = fit.columns().n_left_out; left_out > 0) {
    notes.push_back(std::to_string(left_out) + " scored sessions were left out because a covariate is missing");
  }
  if (fit.coding().random() == rapport::random_terms::slope_uncorrelated) {
    notes.push_back("level and trend are taken to be uncorrelated where time is " +
                    std::string(rapport::number_text(fit.coding().center())) +
                    "; with another --center this is another model");
  }
  return notes;
}

/// The columns that the options name, with their roles: moderators first, then covariates, then those that are split.
/// Throws call_error if a column has two roles, or a random slope and no role.
std::vector<rapport::growth_covariate> named_covariates(const csv_file& file, const std::string& moderators,
                                                        const std::string& covariates, const std::string& splits,
                                                        const std::string& slopes) {
  std::vector<rapport::growth_covariate> out;
  const auto find = [&](const std::string& name) {
    return std::find_if(out.begin(), out.end(), [&](const auto& each) { return each.name == name; });
  };
  const auto add = [&](const std::string& list, rapport::covariate_role role) {
    if (list.empty()) return;
    for (const csv_column& column : file.columns(list)) {
      if (find(column.name) != out.end()) throw call_error("column " + column.name + " is named twice");
      out.push_back({column.name, {}, role, false});
    }
  };
  add(moderators, rapport::covariate_role::moderator);
  add(covariates, rapport::covariate_role::main_effect);
  add(splits, rapport::covariate_role::split);
  if (!slopes.empty()) {
    for (const csv_column& column : file.columns(slopes)) {
      const auto found = find(column.name);
      if (found == out.end()) throw call_error("--random-slopes: " + column.name + " is none of the covariates");
      found->random_slope = true;
    }
  }
  return out;
}

/// Puts the intervals of another method in place of Wald's.
/// Errors: those of the method
rapport::result<void> put_intervals(json& found, const session_table& table, const rapport::growth_fit& fit,
                                    const growth_request& request) {
  if (request.interval == "wald") return {};
  const auto intervals =
      request.interval == "profile"
          ? rapport::profile_intervals(table.panel, fit.coding(), fit.options(), request.covariates)
          : rapport::bootstrap_intervals(
                table.panel, fit.coding(), fit.options(), request.covariates,
                {.replicates = request.replicates, .seed = request.seed, .threads = request.threads});
  if (!intervals) {
    for (json& each : found["fixed"]) each["ci"] = {nullptr, nullptr};
    return intervals.error();
  }
  for (std::size_t j = 0; j < intervals->size(); ++j)
    found["fixed"][j]["ci"] = {(*intervals)[j].lower, (*intervals)[j].upper};
  return {};
}

}  // namespace

const std::vector<std::string>& growth_random_parts() {
  static const std::vector<std::string> parts = keys(random_parts());
  return parts;
}

analysis analyse_growth(const session_table& table, const growth_request& request) {
  const auto coding =
      coding_of_shape(request.shape).centered_at(request.center).with(random_parts().at(request.random));
  const auto method = request.method == "ml" ? rapport::stats::likelihood::ml : rapport::stats::likelihood::reml;
  rapport::growth_options options{.method = method, .level = request.level, .time_name = request.time_name};
  if (request.df == "kenward-roger") options.df = rapport::growth_df::kenward_roger;
  options.therapists = request.therapists;
  options.errors = residual_of(request.residual);
  options.count_rows = request.residual == "ar1-rows";
  options.error_strata = numbered_strata(request.strata).of_row;
  const auto fit = rapport::fit_growth(table.panel, coding, options, request.covariates);
  analysis out;
  if (fit) {
    out.result = growth_json(*fit, request);
    out.result["warnings"] = json::array();
    if (fit->model().report.status == rapport::stats::fit_status::not_converged) give_up(out, fit->report());
    if (const auto put = put_intervals(out.result, table, *fit, request); !put)
      give_up(out, message(put.error()).c_str());
    for (json& note : notes_of(*fit)) out.result["warnings"].push_back(std::move(note));
    return out;
  }
  out.result = {{"n_obs", table.panel.n_observed()},
                {"n_clients", table.panel.n_clients()},
                {"n_therapists", request.therapists ? table.panel.n_therapists() : 0},
                {"method", request.method},
                {"converged", false},
                {"fixed", json::array()},
                {"clients", json::array()},
                {"warnings", json::array()}};
  if (fit.error().code == rapport::errc::invalid_option) raise(fit.error());
  give_up(out, message(fit.error()).c_str());
  return out;
}

void add_growth_command(CLI::App& app) {
  struct options {
    input_options in;
    output_options out;
    growth_request request;
    std::string id;
    std::string time;
    std::string y;
    std::string therapist;
    std::string moderators;
    std::string covariates;
    std::string splits;
    std::string slopes;
  };
  auto* command = app.add_subcommand("growth", "how scores change over sessions");
  auto o = std::make_shared<options>();
  add_input_options(*command, o->in);
  add_output_options(*command, o->out);
  command->add_option("--id", o->id, "column with the client")->required();
  command->add_option("--time", o->time, "column with session number or date")->required();
  command->add_option("--y", o->y, "column with the score")->required();
  command->add_option("--therapist", o->therapist, "column with the therapist, who gets a random intercept");
  command->add_option("--covariates", o->covariates, "columns that move the level");
  command->add_option("--moderators", o->moderators, "columns that move the level and every term of time");
  command->add_option("--center-within", o->splits, "columns split into the client's mean and the distance from it");
  command->add_option("--random-slopes", o->slopes, "covariates whose effect differs between clients");
  command
      ->add_option(
          "--shape", o->request.shape,
          "of the mean curve: intercept, linear, quadratic, cubic, orthogonal-quadratic, orthogonal-cubic, log, "
          "sqrt, piecewise:KNOT,..., linear+step:TIME, asymptotic:RATE")
      ->capture_default_str();
  command->add_option("--center", o->request.center, "the time that counts as 0")->capture_default_str();
  command->add_option("--random", o->request.random, "what differs between clients")
      ->check(CLI::IsMember(growth_random_parts()))
      ->capture_default_str();
  command->add_option("--method", o->request.method, "reml or ml")
      ->check(CLI::IsMember({"reml", "ml"}))
      ->capture_default_str();
  command
      ->add_option("--residual", o->request.residual,
                   "errors: iid, ar1, ar1-rows, car1, symmetric, unstructured, by-time, by:COLUMN")
      ->capture_default_str();
  command->add_option("--df", o->request.df, "satterthwaite, kenward-roger or none (normal)")
      ->check(CLI::IsMember({"satterthwaite", "kenward-roger", "none"}))
      ->capture_default_str();
  command
      ->add_option("--ci", o->request.interval,
                   "intervals of the mean curve: wald (t quantiles), profile (likelihood, ML) or bootstrap "
                   "(parametric, percentiles)")
      ->check(CLI::IsMember({"wald", "profile", "bootstrap"}))
      ->capture_default_str();
  command->add_option("--bootstrap", o->request.replicates, "replicates of --ci bootstrap")->capture_default_str();
  command->add_option("--level", o->request.level, "of the intervals")->capture_default_str();
  command->callback([o, command] {
    if (!std::isfinite(o->request.center)) throw call_error("--center is a number");
    o->request.time_name = o->time;
    o->request.seed = o->out.seed;
    o->request.threads = o->out.threads;
    (void)coding_of_shape(o->request.shape);
    const auto errors = residual_of(o->request.residual);
    if (o->request.shape == "intercept" && command->count("--random") == 0) o->request.random = "intercept";
    const bool confounded =
        errors == rapport::stats::residual_kind::symmetric || errors == rapport::stats::residual_kind::unstructured;
    if (confounded && command->count("--random") == 0) o->request.random = "none";
    const csv_file file = open_table(o->in);
    panel_columns columns{file.column(o->id), file.column(o->time), file.column(o->y), {}};
    std::vector<csv_column> texts{columns.client, columns.time};
    o->request.therapists = !o->therapist.empty();
    if (o->request.therapists) {
      columns.therapist = file.column(o->therapist);
      texts.push_back(columns.therapist);
    }
    const bool by_column = o->request.residual.starts_with("by:");
    if (by_column) texts.push_back(file.column(o->request.residual.substr(3)));
    auto& covariates = o->request.covariates;
    covariates = named_covariates(file, o->moderators, o->covariates, o->splits, o->slopes);
    std::vector<csv_column> numbers{columns.score};
    for (const auto& each : covariates) numbers.push_back(file.column(each.name));
    const csv_table rows = file.read(numbers, texts);
    if (by_column) o->request.strata = rows.texts.back();
    for (std::size_t k = 0; k < covariates.size(); ++k) covariates[k].values = rows.numbers[k + 1];
    const session_table table =
        make_panel(file, columns, rows.line, rows.texts[0], rows.texts[1], rows.numbers[0],
                   o->request.therapists ? rows.texts[2] : std::vector<std::string>(), std::nullopt);
    const progress working("fitting the curve");
    const analysis found = analyse_growth(table, o->request);
    if (o->out.format == "json") return print_json(found);
    print(o->out.format == "csv" ? growth_csv(found.result) : growth_text(found.result));
    if (!found.complete) throw computation_error(found.result["warnings"][0].get<std::string>());
    for (const json& note : found.result["warnings"])
      std::fprintf(stderr, "note: %s\n", note.get<std::string>().c_str());
  });
}

}  // namespace program
