// SPDX-License-Identifier: BSL-1.0
// Change points against the optimum of R changepoint's costs and against Python ruptures.
#include <rapport/stats/change_point/search.hpp>

#include "reference_file.hpp"

namespace rp = rapport;
namespace stats = rapport::stats;
using reference::json;

namespace {

const std::map<std::string, stats::penalty_kind> penalties{
    {"MBIC", stats::penalty_kind::mbic}, {"SIC", stats::penalty_kind::bic},
    {"AIC", stats::penalty_kind::aic},   {"Hannan-Quinn", stats::penalty_kind::hannan_quinn},
    {"SIC0", stats::penalty_kind::bic0}, {"None", stats::penalty_kind::none}};

std::vector<double> one_based(const std::vector<rp::index>& changes) {
  std::vector<double> out;
  for (const rp::index t : changes)
    out.push_back(static_cast<double>(t));  // first of the new one = last of the old, from 1
  return out;
}

template <class Cost>
void compare_fit(reference::ledger& ledger, const std::string& where, const Cost& cost, const json& fit,
                 rp::index least) {
  const std::string penalty_name = fit["penalty"];
  stats::change_penalty<double> penalty;
  if (penalty_name == "Manual") {
    penalty.value = fit["pen.value_in"].get<double>();
  } else if (penalties.contains(penalty_name)) {
    penalty = stats::make_penalty<double>(penalties.at(penalty_name), cost.size(), cost.n_parameters());
  }
  // Costs are differences of running sums: they are good to some 1e-15 of the cost of the whole series.
  const double whole = std::fabs(cost(0, cost.size()));
  const auto close = [&](const std::string& quantity, double found, double wanted) {
    ledger.close(quantity, where, found, wanted, 1e-9 + 1e-14 * whole / (std::max)(1.0, std::fabs(wanted)));
  };
  if (fit["method"] == "PELT") {
    ledger.close("penalty", where, penalty.value, fit["pen"].get<double>(), 1e-9);
    const auto exact = stats::optimal_partitioning(cost, penalty, least);
    const auto found = stats::pelt(cost, penalty, least);
    const double wanted = fit["optimal_total"].get<double>();
    close("optimum, optimal partitioning", exact->penalized, wanted);
    close("optimum, PELT", found->penalized, wanted);
    if (!fit["is_optimal"].get<bool>()) {
      ledger.leave_out(
          "changes by cpt's PELT that are not optimal (its pruning is wrong for minimum lengths and MBIC): "
          "here the optimum is reached");
      return;
    }
    // Where the same changes come out the sums agree too; ties may cut elsewhere.
    if (one_based(found->changes) == reference::numbers(fit["cpts"]))
      close("cost of the same changes", found->cost, fit["cost"].get<double>());
    ledger.equal(
        "changes as the package, or a tie", where,
        one_based(found->changes) == reference::numbers(fit["cpts"]) ||
            std::fabs(found->penalized - fit["total"].get<double>()) <= 1e-9 * (1 + std::fabs(wanted)) + 1e-14 * whole,
        true);
  } else if (fit["method"] == "AMOC") {  // where a change was accepted, it is the best one
    const auto each = stats::segment_neighborhood(cost, 2, least);
    const auto theirs = reference::numbers(fit["cpts"]);
    if (theirs.empty() || penalty_name == "MBIC" || each->size() < 2) return;
    if (theirs[0] < static_cast<double>(least) ||
        static_cast<double>(cost.size()) - theirs[0] < static_cast<double>(least))
      return ledger.leave_out("changes by cpt's AMOC nearer to the end than its minimum length");
    close("cost of the best single change", (*each)[1].cost, fit["cost"].get<double>());
  } else {  // SegNeigh: the best of up to Q segments
    const auto each = stats::segment_neighborhood(cost, fit["Q"].get<rp::index>(), least);
    double best = std::numeric_limits<double>::infinity();
    for (std::size_t k = 0; k < each->size(); ++k)
      best = (std::min)(best, (*each)[k].cost + static_cast<double>(k) * penalty.value);
    close("segment neighborhood", best, fit["total"].get<double>());
  }
}

void compare_r(reference::ledger& ledger, const std::string& where, const std::vector<double>& y, const json& client) {
  for (const json& fit : client["fits"]) {
    if (fit.contains("error") || fit.contains("test.stat")) {
      ledger.leave_out("calls that cpt refuses, and its CUSUM and CSS tests");
      continue;
    }
    if (fit["method"] == "BinSeg" || (fit["fun"] != "mean" && fit["method"] == "AMOC")) {
      ledger.leave_out(
          "cpt's BinSeg, and its AMOC of variances: they keep other distances from the ends than asked for");
      continue;
    }
    // A variance near 0 is decided by the package's floor.
    if (fit.contains("degenerate") && fit["degenerate"] != false) {
      ledger.leave_out("cpt's fits with a segment variance of 0: decided by its floor of 1e-11 and by rounding");
      continue;
    }
    const bool normal = fit["fun"] != "mean";
    const rp::index least = fit.contains("minseglen") ? fit["minseglen"].get<rp::index>() : normal ? 2 : 1;
    const std::string here = where + " " + fit["fun"].get<std::string>() + " " + fit["penalty"].get<std::string>();
    if (fit["fun"] == "mean") compare_fit(ledger, here, *stats::mean_cost<double>::make(y), fit, least);
    if (fit["fun"] == "meanvar") compare_fit(ledger, here, *stats::mean_variance_cost<double>::make(y), fit, least);
    if (fit["fun"] == "var") compare_fit(ledger, here, *stats::variance_cost<double>::make(y), fit, least);
  }
}

template <class Cost>
void compare_python(reference::ledger& ledger, const std::string& where, const Cost& cost, const std::string& model,
                    const json& client) {
  for (const auto& [name, fit] : client["fits"].items()) {
    if (fit.contains("error")) continue;
    int least = 0, k = 0;
    double factor = 0;
    if (std::sscanf(name.c_str(), ("pelt_" + model + "_ms%d_pen%lf").c_str(), &least, &factor) == 2 &&
        fit.contains("pen")) {
      const double penalty = reference::number(fit["pen"]);
      const auto found = stats::pelt(cost, {penalty}, least);
      const double theirs = reference::number(fit["cost"]) + penalty * static_cast<double>(fit["bkps"].size() - 1);
      // Its pruning misses some optima: ours is at least as good.
      ledger.equal("not worse than ruptures' Pelt, " + model, where + " " + name,
                   found->penalized <= theirs + 1e-9 * (1 + std::fabs(theirs)), true);
    }
    if (std::sscanf(name.c_str(), ("dynp_" + model + "_ms%d_k%d").c_str(), &least, &k) == 2) {
      const auto each = stats::segment_neighborhood(cost, k + 1, least);
      if (std::ssize(*each) <= k) continue;
      ledger.close("ruptures' Dynp, " + model, where + " " + name, (*each)[static_cast<std::size_t>(k)].cost,
                   reference::number(fit["cost"]), 1e-9);
    }
    if (std::sscanf(name.c_str(), ("binseg_" + model + "_ms%d_k%d").c_str(), &least, &k) == 2) {
      const auto split = stats::binary_segmentation(cost, {0.0}, least, k);
      // Of splits that gain the same it takes the last, here the first is taken: compared while the first split is unique.
      if (k == 1)
        ledger.close("ruptures' Binseg, one split, " + model, where + " " + name, split->cost,
                     reference::number(fit["cost"]), 1e-9);
      else
        ledger.leave_out("ruptures' Binseg beyond the first split: equal gains are resolved the other way round");
    }
    if (model == "l2" && std::sscanf(name.c_str(), "kernelcpd_linear_ms%d_k%d", &least, &k) == 2) {
      const auto each = stats::segment_neighborhood(cost, k + 1, least);
      if (std::ssize(*each) <= k) continue;
      std::vector<rp::index> changes;
      for (const json& end : fit["bkps"]) changes.push_back(end.get<rp::index>());
      double theirs = 0;
      rp::index begin = 0;
      for (const rp::index end : changes) theirs += cost(begin, end), begin = end;
      ledger.close("ruptures' KernelCPD, linear kernel", where + " " + name, (*each)[static_cast<std::size_t>(k)].cost,
                   theirs, 1e-9);
    }
  }
}

}  // namespace

int main(int argc, char** argv) {
  const auto folder = reference::folder("rupture");
  if (!std::filesystem::is_directory(folder)) return reference::skipped(folder);
  reference::ledger ledger;
  for (const char* prefix : {"cpt_", "rup_"}) {
    for (const auto& path : reference::files(folder, prefix)) {
      const json one = reference::read(path);
      const std::string name = path.stem().string();
      const auto data = reference::read_panel(folder / one["data"].get<std::string>());
      if (name == "cpt_crops_nile") {
        std::vector<double> y = data.begin()->second.score;
        for (double& each : y) each /= one["values"]["sd"].get<double>();
        const auto cost = stats::mean_cost<double>::make(y);
        const auto path_found = stats::penalty_path(*cost, 2.0, 40.0);
        const json& wanted = one["values"]["cpts_full"];
        ledger.equal("steps of CROPS", name, path_found->size(), wanted.size());
        for (std::size_t k = 0; k < (std::min)(path_found->size(), wanted.size()); ++k) {
          ledger.equal("changes of CROPS", name, one_based((*path_found)[k].best.changes),
                       reference::numbers(wanted[k]));
          ledger.close("penalties of CROPS", name, (*path_found)[k].from,
                       one["values"]["pen_value_full"][k].get<double>(), 1e-8);
        }
        continue;
      }
      for (const auto& [client, wanted] : one["values"]["clients"].items()) {
        std::vector<double> y;
        for (const double score : data.at(client).score) {
          if (!std::isnan(score)) y.push_back(score);
        }
        const std::string where = name + " client " + client;
        if (name.starts_with("cpt_")) {
          compare_r(ledger, where, y, wanted);
        } else {
          compare_python(ledger, where, *stats::mean_cost<double>::make(y), "l2", wanted);
          compare_python(ledger, where, *stats::median_cost<double>::make(y), "l1", wanted);
          compare_python(ledger, where, *stats::rank_cost<double>::make(y), "rank", wanted);
          for (const auto& [fit, unused] : wanted["fits"].items()) {
            for (const char* other : {"bottomup_", "window", "_normal_", "_rbf_"}) {
              if (fit.find(other) == std::string::npos) continue;
              ledger.leave_out(
                  "ruptures' BottomUp and Window, which miss the optimum by design, its kernel cost, and its normal "
                  "cost, "
                  "which adds 1e-6 to every variance");
              break;
            }
          }
        }
      }
    }
  }
  return ledger.verdict(argc, argv);
}
