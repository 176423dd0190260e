// SPDX-License-Identifier: BSL-1.0
// Control charts against R qcc, run lengths against R spc.
#include <rapport/stats/control_chart.hpp>
#include <rapport/stats/run_length.hpp>

#include "reference_file.hpp"

namespace rp = rapport;
namespace stats = rapport::stats;
using reference::json;
using stats::chart_rule;

namespace {

std::vector<double> one_based(const std::vector<rp::index>& positions) {
  std::vector<double> out;
  for (const rp::index t : positions) out.push_back(static_cast<double>(t + 1));
  return out;
}

struct comparison {
  reference::ledger& ledger;
  std::string where;
  double tolerance = 1e-10;

  void number(const std::string& quantity, double found, const json& wanted) const {
    ledger.close(quantity, where, found, reference::number(wanted), tolerance);
  }
  void indices(const std::string& quantity, const std::vector<double>& found, const json& wanted) const {
    ledger.equal(quantity, where, found, reference::numbers(wanted));
  }
  void series(const std::string& quantity, const std::vector<double>& found, const json& wanted) const {
    const auto all = reference::numbers(wanted);
    ledger.equal(quantity + ", length", where, found.size(), all.size());
    for (std::size_t t = 0; t < (std::min)(found.size(), all.size()); ++t)
      ledger.close(quantity, where, found[t], all[t], tolerance);
  }
};

const std::map<std::string, chart_rule> rules{
    {"N1", chart_rule::beyond_3_sigma}, {"N2", chart_rule::nine_on_one_side},
    {"N3", chart_rule::six_rising},     {"N4", chart_rule::fourteen_alternating},
    {"N5", chart_rule::two_of_three},   {"N6", chart_rule::four_of_five},
    {"N7", chart_rule::fifteen_within}, {"N8", chart_rule::eight_outside},
    {"W1", chart_rule::beyond_3_sigma}, {"W2", chart_rule::two_of_three},
    {"W3", chart_rule::four_of_five},   {"W4", chart_rule::eight_on_one_side}};

void compare_rules(const comparison& check, std::span<const double> y, double center, double sigma,
                   const json& wanted) {
  for (const auto& [name, rule] : rules)
    check.indices("rule " + name, one_based(stats::rule_violations(y, center, sigma, rule)), wanted[name]);
}

void compare_ewma(const comparison& check, std::span<const double> y, const stats::chart_baseline<double>& base,
                  double lambda, double width, const json& wanted) {
  const auto chart = stats::plot_ewma(y, base, lambda, width);
  check.ledger.equal("EWMA accepted", check.where, chart.has_value(), true);
  if (!chart) return;
  check.series("EWMA", chart->statistic, wanted["y"]);
  if (wanted.contains("lcl")) check.series("EWMA limits", chart->lower_limit, wanted["lcl"]);
  if (wanted.contains("ucl")) check.series("EWMA limits", chart->upper_limit, wanted["ucl"]);
  std::vector<double> beyond;
  for (rp::index t = 0; t < std::ssize(y); ++t) {
    if (chart->is_below(t) || chart->is_above(t)) beyond.push_back(static_cast<double>(t + 1));
  }
  check.indices("EWMA violations", beyond, wanted["violations"]);
}

void compare_cusum(const comparison& check, std::span<const double> y, const stats::chart_baseline<double>& base,
                   double k, double h, double head_start, const json& wanted) {
  const auto chart = stats::plot_cusum(y, base, k, h, head_start);
  if (!chart) {  // the package gives NaN where nothing varies
    check.ledger.equal("CUSUM refused", check.where, chart.error().code == rp::errc::zero_variance, true);
    check.ledger.equal("CUSUM refused", check.where, base.sigma, 0.0);
    return;
  }
  std::vector<double> negative, above, below;
  for (rp::index t = 0; t < std::ssize(y); ++t) {
    negative.push_back(-chart->lower[rp::as_size(t)]);
    if (chart->is_above(t)) above.push_back(static_cast<double>(t + 1));
    if (chart->is_below(t)) below.push_back(static_cast<double>(t + 1));
  }
  check.series("CUSUM", chart->upper, wanted["pos"]);
  check.series("CUSUM", negative, wanted["neg"]);
  check.indices("CUSUM violations", above, wanted["upper"]);
  check.indices("CUSUM violations", below, wanted["lower"]);
}

void compare_client(const comparison& check, const std::vector<double>& y, const json& wanted) {
  const std::span<const double> all(y);
  const auto base = stats::estimate_chart_baseline(all);
  check.ledger.equal("baseline accepted", check.where, base.has_value(), y.size() > 1);
  if (!base) return;
  const json& individuals = wanted["ichart_MR2"];
  check.number("center", base->center, individuals["center"]);
  check.number("sigma", base->sigma, individuals["sigma"]);
  check.number("limits", base->center - 3 * base->sigma, individuals["lcl"]);
  check.number("limits", base->center + 3 * base->sigma, individuals["ucl"]);
  check.indices("beyond",
                one_based(stats::rule_violations<double>(all, base->center, base->sigma, chart_rule::beyond_3_sigma)),
                individuals["beyond"]);
  for (const int length : {5, 7, 8, 9})
    check.indices("runs", one_based(stats::one_sided_runs<double>(all, base->center, length)),
                  individuals["runs" + std::to_string(length)]);
  for (const int span : {3, 5}) {
    const std::string name = "sigma_MR" + std::to_string(span);
    const auto wider = stats::estimate_chart_baseline(all, {.span = span});
    if (wider && wanted.contains(name)) check.number("sigma of wider ranges", wider->sigma, wanted[name]);
  }
  if (wanted.contains("sigma_SD_c4"))
    check.number("sigma by SD", stats::estimate_chart_baseline(all, {.sigma = stats::chart_sigma::sd})->sigma,
                 wanted["sigma_SD_c4"]);
  if (wanted.contains("rules") && !wanted["rules"].is_null())
    compare_rules(check, all, base->center, base->sigma, wanted["rules"]);
  for (const auto& [name, one] : wanted.items()) {
    double lambda = 0, width = 0, h = 0, shift = 0, head_start = 0;
    if (std::sscanf(name.c_str(), "ewma_l%lf_L%lf", &lambda, &width) == 2)
      compare_ewma(check, all, *base, lambda, width, one);
    if (std::sscanf(name.c_str(), "cusum_h%lf_shift%lf_hs%lf", &h, &shift, &head_start) == 3)
      compare_cusum(check, all, *base, shift / 2, h, head_start, one);
  }
  if (!wanted.contains("baseline5") || wanted["baseline5"].is_null()) return;
  const json& later = wanted["baseline5"];
  const auto first = stats::estimate_chart_baseline(all, {.n_first = 5});
  check.number("center of five", first->center, later["center"]);
  check.number("sigma of five", first->sigma, later["sigma"]);
  check.indices("beyond of five",
                one_based(stats::rule_violations<double>(all, first->center, first->sigma, chart_rule::beyond_3_sigma)),
                later["beyond"]);
  compare_rules(check, all, first->center, first->sigma, later["rules"]);
  compare_cusum(check, all, *first, 0.5, 4, 0, later["cusum_h4"]);
  compare_ewma(check, all, *first, 0.2, 2.7, later["ewma_l0.2_L2.7"]);
}

void compare_run_lengths(reference::ledger& ledger, const json& values) {
  const double tolerance = 1e-3;
  const auto close = [&](const char* quantity, const json& all, std::size_t i, double mean) {
    if (!all.is_array()) return;  // not every chart was computed
    const json& wanted = all[i];
    ledger.close(quantity, "spc_arl " + wanted.dump(), mean / reference::number(wanted), 1.0, tolerance);
  };
  for (const char* kind : {"cusum", "cusum_fir"}) {
    for (const json& one : values[kind]) {
      const double k = one["k"].get<double>(), h = one["h"].get<double>(), start = one["hs"].get<double>();
      for (std::size_t i = 0; i < one["mu"].size(); ++i) {
        const double shift = one["mu"][i].get<double>();
        close("CUSUM, one-sided", one["one_sided"], i, stats::cusum_run_length(k, h, shift, start)->mean);
        close("CUSUM, two-sided", one["two_sided"], i, *stats::two_sided_cusum_mean(k, h, shift, start));
      }
    }
  }
  for (const json& one : values["ewma"]) {
    const double lambda = one["lambda"].get<double>(), width = one["L"].get<double>();
    for (std::size_t i = 0; i < one["mu"].size(); ++i) {
      const double shift = one["mu"][i].get<double>();
      close("EWMA, asymptotic limits", one["two_sided_fix"], i,
            stats::ewma_run_length(lambda, width, shift, {.exact_limits = false})->mean);
      close("EWMA, exact limits", one["two_sided_vacl"], i, stats::ewma_run_length(lambda, width, shift)->mean);
    }
  }
  for (const json& one : values["crit"]["cusum_h_for_k0.5"])
    ledger.close("CUSUM limit", "spc_arl " + one.dump(), *stats::cusum_limit_for_mean(0.5, one["ARL0"].get<double>()),
                 reference::number(one["h_one"]), tolerance);
  for (const json& one : values["crit"]["cusum_h_for_k0.5"])
    ledger.close("mean at the two-sided CUSUM limit, relative", "spc_arl " + one.dump(),
                 *stats::two_sided_cusum_mean(0.5, one["h_two"].get<double>(), 0.0, 0.0) / one["ARL0"].get<double>(),
                 1.0, tolerance);
  for (const json& one : values["crit"]["ewma_L"]) {
    for (std::size_t i = 0; i < one["L"].size(); ++i)
      ledger.close("mean at the EWMA limit, relative", "spc_arl " + one.dump(),
                   stats::ewma_run_length(one["lambda"][i].get<double>(), one["L"][i].get<double>(), 0.0,
                                          {.exact_limits = false})
                           ->mean /
                       one["ARL0"].get<double>(),
                   1.0, tolerance);
  }
  for (const json& one : values["shewhart"])
    ledger.close(
        "3-sigma chart, relative", "spc_arl " + one.dump(),
        stats::ewma_run_length(1.0, 3.0, one["delta"].get<double>())->mean / reference::number(one["arl_3sigma"]), 1.0,
        tolerance);
}

}  // namespace

int main(int argc, char** argv) {
  const auto folder = reference::folder("rupture");
  if (!std::filesystem::is_directory(folder)) return reference::skipped(folder);
  reference::ledger ledger;
  for (const auto& path : reference::files(folder, "spc_")) {
    const json one = reference::read(path);
    const std::string name = path.stem().string();
    const json& values = one["values"];
    if (name == "spc_arl") {
      compare_run_lengths(ledger, values);
    } else if (name == "spc_rule_probes") {
      for (const auto& [probe, wanted] : values.items()) {
        const auto x = reference::numbers(wanted["x"]);
        compare_rules({ledger, name + " " + probe}, x, wanted["center"].get<double>(), wanted["sigma"].get<double>(),
                      wanted["rules"]);
      }
    } else {
      const auto data = reference::read_panel(folder / one["data"].get<std::string>());
      for (const auto& [client, wanted] : values["clients"].items()) {
        std::vector<double> y;
        for (const double score : data.at(client).score) {
          if (!std::isnan(score)) y.push_back(score);
        }
        compare_client({ledger, name + " client " + client}, y, wanted);
      }
    }
  }
  return ledger.verdict(argc, argv);
}
