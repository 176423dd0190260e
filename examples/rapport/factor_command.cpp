// SPDX-License-Identifier: BSL-1.0
#include <rapport/core/failure.hpp>
#include <rapport/stats/factor_analysis.hpp>
#include <rapport/stats/factor_count.hpp>
#include <rapport/stats/polychoric.hpp>
#include <rapport/stats/rotation.hpp>

#include <memory>

#include "analysis.hpp"

namespace program {

namespace {

namespace stats = rapport::stats;

using matrix = stats::matrix<double>;

json rows_json(const matrix& m) {
  json out = json::array();
  for (rapport::index i = 0; i < m.rows(); ++i) {
    json row = json::array();
    for (rapport::index j = 0; j < m.cols(); ++j) row.push_back(m(i, j));
    out.push_back(std::move(row));
  }
  return out;
}

json list_json(const stats::vector<double>& v) { return json(std::vector<double>(v.data(), v.data() + v.size())); }

/// The correlations to analyse and the persons behind them.
struct correlations {
  matrix r{};
  rapport::index n = 0;
};

rapport::result<correlations> read_correlations(const scale_items& items, const factor_request& request,
                                                json& warnings) {
  const auto handling = request.missing == "pairwise" ? stats::missing_cells::pairwise : stats::missing_cells::listwise;
  const auto x = stats::as_matrix(items.answers);
  const auto c = stats::covariance(x, handling);
  if (!c) return c.error();
  if (!request.polychoric) {
    const auto r = stats::correlation_from_covariance(c->covariance);
    if (!r) return r.error();
    return correlations{*r, c->n()};
  }
  const auto p = stats::polychoric(x, handling);
  if (!p) return p.error();
  for (const auto& [i, j] : p->at_bound) {
    warnings.push_back("the polychoric correlation of " + items.item_names[rapport::as_size(i)] + " and " +
                       items.item_names[rapport::as_size(j)] + " stands on its bound: cells of their table are empty");
  }
  return correlations{p->correlation, c->n()};
}

void add_fit(json& out, const stats::factor_solution<double>& solution, const correlations& data) {
  const auto k = solution.n_items();
  const auto m = solution.n_factors();
  const auto fit =
      stats::compute_fit_indices<double>(solution.implied(), data.r, data.n, stats::factor_degrees_of_freedom(k, m), m,
                                         stats::fit_convention::exploratory);
  for (const char* key : {"objective", "chi_square", "df", "p", "rmsea", "tli", "cfi", "srmr", "rms_residual", "bic"})
    out[key] = nullptr;
  if (!fit) {
    out["warnings"].push_back(message(fit.error()).c_str());
    return;
  }
  out["objective"] = fit->discrepancy;
  out["chi_square"] = fit->chi_square;
  out["df"] = fit->df;
  out["p"] = maybe(fit->p);
  out["rmsea"] = {{"estimate", fit->rmsea},
                  {"ci", {fit->rmsea_interval.lower, fit->rmsea_interval.upper}},
                  {"level", fit->rmsea_interval.level}};
  out["tli"] = maybe(fit->tli);
  out["cfi"] = maybe(fit->cfi);
  out["srmr"] = fit->srmr;
  out["rms_residual"] = fit->rms_residual;
  out["bic"] = fit->bic;
}

void add_factor_count(json& out, const correlations& data, const factor_request& request) {
  for (const char* key : {"kmo", "kmo_items", "bartlett", "parallel_analysis", "map"}) out[key] = nullptr;
  if (const auto kmo = stats::kmo(data.r)) {
    out["kmo"] = kmo->overall;
    out["kmo_items"] = list_json(kmo->items);
  }
  if (const auto bartlett = stats::bartlett_test(data.r, data.n))
    out["bartlett"] = {{"chi_square", bartlett->statistic}, {"df", bartlett->df}, {"p", bartlett->p}};
  if (const auto parallel =
          stats::parallel_analysis(data.r, data.n, {.seed = request.seed, .threads = request.threads})) {
    out["parallel_analysis"] = {
        {"n_components", parallel->n_components}, {"reference", list_json(parallel->reference)}, {"quantile", 0.95}};
  }
  if (const auto map = stats::minimum_average_partial(data.r))
    out["map"] = {{"n_components", map->n_components}, {"average", map->average}};
}

stats::factor_method method_of(const std::string& name) {
  if (name == "minres") return stats::factor_method::minimum_residual;
  return name == "paf" ? stats::factor_method::principal_axis : stats::factor_method::maximum_likelihood;
}

stats::rotation_method rotation_of(const std::string& name) {
  if (name == "varimax") return stats::rotation_method::varimax;
  if (name == "promax") return stats::rotation_method::promax;
  if (name == "oblimin") return stats::rotation_method::oblimin;
  return name == "geomin" ? stats::rotation_method::geomin : stats::rotation_method::none;
}

std::string factor_text(const json& result, const std::vector<std::string>& names) {
  const auto shown = [](const json& x, int digits) { return x.is_null() ? std::string("-") : decimals(x, digits); };
  std::string text =
      std::to_string(result["n"].get<long>()) + " persons; " + result["status"].get<std::string>() + "\n";
  text += "chi-square " + shown(result["chi_square"], 2) + ", df " + std::to_string(result["df"].get<long>()) + ", p " +
          shown(result["p"], 4) + "; TLI " + shown(result["tli"], 3) + ", CFI " + shown(result["cfi"], 3) + ", SRMR " +
          shown(result["srmr"], 3);
  if (const json& rmsea = result["rmsea"]; !rmsea.is_null()) {
    text += ", RMSEA " + shown(rmsea["estimate"], 3) + " [" + shown(rmsea["ci"][0], 3) + ", " +
            shown(rmsea["ci"][1], 3) + "]";
  }
  text += "\nKMO " + shown(result["kmo"], 3);
  if (!result["parallel_analysis"].is_null())
    text += "; parallel analysis " + std::to_string(result["parallel_analysis"]["n_components"].get<long>());
  if (!result["map"].is_null()) text += ", MAP " + std::to_string(result["map"]["n_components"].get<long>());
  text += " components\n\n";
  const std::size_t m = result["factor_correlation"].size();
  std::vector<std::string> head{"item"};
  for (std::size_t f = 0; f < m; ++f) head.push_back("factor " + std::to_string(f + 1));
  head.emplace_back("uniqueness");
  text_table table(head);
  for (const std::string& name : names) {
    std::vector<std::string> row{name};
    for (std::size_t f = 0; f < m; ++f) row.push_back(shown(result["loadings"][name][f], 3));
    row.push_back(shown(result["uniqueness"][name], 3));
    table.add(row);
  }
  text += table.str();
  for (const json& warning : result["warnings"]) text += "\nnote: " + warning.get<std::string>();
  return text + "\n";
}

}  // namespace

analysis analyse_factors(const scale_items& items, const factor_request& request) {
  analysis out;
  json& result = out.result;
  result["n"] = items.answers.n_persons();
  result["warnings"] = json::array();
  const auto data = read_correlations(items, request, result["warnings"]);
  if (!data) {
    give_up(out, message(data.error()).c_str());
    return out;
  }
  result["n"] = data->n;
  const auto solution = stats::extract_factors(data->r, request.factors, {.method = method_of(request.method)});
  if (!solution) {
    give_up(out, message(solution.error()).c_str());
    return out;
  }
  const auto rotated = stats::rotate(solution->loadings, {.method = rotation_of(request.rotate)});
  if (!rotated) {
    give_up(out, message(rotated.error()).c_str());
    return out;
  }
  result["method"] = request.method;
  result["rotate"] = request.factors > 1 ? request.rotate : "none";
  result["status"] = std::string(to_string(solution->status));
  for (std::size_t j = 0; j < items.item_names.size(); ++j) {
    const auto row = static_cast<rapport::index>(j);
    result["loadings"][items.item_names[j]] = list_json(rotated->loadings.row(row).transpose());
    result["uniqueness"][items.item_names[j]] = solution->uniqueness(row);
  }
  result["factor_correlation"] = rows_json(rotated->factor_correlation);
  result["eigenvalues"] = list_json(stats::small_symmetric_eigen<double>(data->r).values.reverse());
  add_fit(result, *solution, *data);
  add_factor_count(result, *data, request);
  for (const rapport::index i : solution->heywood_items) {
    result["warnings"].push_back("Heywood case: the uniqueness of " + items.item_names[rapport::as_size(i)] +
                                 " stands on its lower bound");
  }
  if (solution->status == stats::factor_status::not_converged || !rotated->converged)
    give_up(out, "the factor solution did not converge: do not report these numbers");
  return out;
}

void add_factor_command(CLI::App& app) {
  struct options {
    input_options in;
    output_options out;
    factor_request request;
    std::string items;
  };
  auto* command = app.add_subcommand("factor", "exploratory factor analysis");
  auto o = std::make_shared<options>();
  add_input_options(*command, o->in);
  add_output_options(*command, o->out);
  command->add_option("--items", o->items, "item columns: q1,q2 or q1:q12 or 'q*'")->required();
  command->add_option("--factors", o->request.factors, "how many")->check(CLI::Range(1, 100))->capture_default_str();
  command->add_option("--method", o->request.method, "ml, minres or paf")
      ->check(CLI::IsMember({"ml", "minres", "paf"}))
      ->capture_default_str();
  command->add_option("--rotate", o->request.rotate, "none, varimax, promax, oblimin or geomin")
      ->check(CLI::IsMember({"none", "varimax", "promax", "oblimin", "geomin"}))
      ->capture_default_str();
  command->add_option("--missing", o->request.missing, "listwise or pairwise")
      ->check(CLI::IsMember({"listwise", "pairwise"}))
      ->capture_default_str();
  command->add_flag("--polychoric", o->request.polychoric, "of polychoric correlations");
  command->callback([o] {
    const csv_file file = open_table(o->in);
    const auto columns = file.columns(o->items);
    const csv_table table = file.read(columns, {});
    scale_items items;
    for (const csv_column& column : columns) items.item_names.push_back(column.name);
    items.answers = to_matrix(table.numbers, table.n_rows());
    o->request.seed = o->out.seed;
    o->request.threads = o->out.threads;
    const analysis found = analyse_factors(items, o->request);
    if (o->out.format == "json") return print_json(found);
    if (!found.result.contains("status")) throw computation_error(found.result["warnings"][0].get<std::string>());
    if (o->out.format == "csv") {
      std::string text = "item,factor,loading\n";
      for (const std::string& name : items.item_names) {
        const json& row = found.result["loadings"][name];
        for (std::size_t f = 0; f < row.size(); ++f)
          text += csv_field(name) + ',' + std::to_string(f + 1) + ',' + csv_field(row[f].get<double>()) + '\n';
      }
      print(text);
    } else {
      print(factor_text(found.result, items.item_names));
    }
    if (!found.complete) throw computation_error(found.result["warnings"].back().get<std::string>());
  });
}

}  // namespace program
