// SPDX-License-Identifier: BSL-1.0
// Trend tests and tests for one change against R trend, strucchange and cpm.
#include <rapport/stats/change_point/search.hpp>
#include <rapport/stats/single_change.hpp>
#include <rapport/stats/step_trend.hpp>

#include "reference_file.hpp"

namespace rp = rapport;
namespace stats = rapport::stats;
using reference::json;

namespace {

void compare(reference::ledger& ledger, const std::string& where, const std::vector<double>& y, const json& wanted) {
  const auto close = [&](const std::string& quantity, double found, const json& value, double tolerance = 1e-9) {
    ledger.close(quantity, where, found, reference::number(value), tolerance);
  };
  const auto places = [](const std::vector<rp::index>& changes) {
    std::vector<double> out;
    for (const rp::index k : changes) out.push_back(static_cast<double>(k));
    return out;
  };
  const auto usable = [&](const char* key) { return wanted.contains(key) && !wanted[key].contains("error"); };
  if (usable("pettitt")) {
    const auto found = stats::pettitt<double>(y);
    close("Pettitt's U", found->statistic, wanted["pettitt"]["Ustar"]);
    close("Pettitt's p", found->p, wanted["pettitt"]["p"], 1e-6);
    ledger.equal("Pettitt's places", where, places(found->changes), reference::numbers(wanted["pettitt"]["K"]));
  }
  if (usable("mk")) {
    const json& mk = wanted["mk"];
    const auto found = stats::mann_kendall<double>(y);
    if (std::isnan(reference::number(mk["z"]))) {
      ledger.equal("constant series refused", where, found.has_value(), false);
    } else {
      close("Mann-Kendall S", static_cast<double>(found->s), mk["S"]);
      close("Mann-Kendall variance", found->variance, mk["varS"]);
      close("Mann-Kendall tau", found->tau_b, mk["tau"]);
      close("Mann-Kendall z", found->z, mk["z"]);
      close("Mann-Kendall p", found->p, mk["p"], 1e-6);
      if (usable("mk_nocont"))
        close("Mann-Kendall z without continuity correction",
              static_cast<double>(found->s) / std::sqrt(found->variance), wanted["mk_nocont"]["z"]);
      if (usable("kendall_tau_b")) close("Kendall's tau-b", found->tau_b, wanted["kendall_tau_b"]["tau"]);
    }
  }
  if (usable("sen")) {
    const auto found = stats::sen_slope<double>(y);
    const double nan = std::numeric_limits<double>::quiet_NaN();
    if (found) {
      close("Sen's slope", found->slope, wanted["sen"]["slope"]);
      close("Sen's interval", found->lower.value_or(nan), wanted["sen"]["lo"]);
      close("Sen's interval", found->upper.value_or(nan), wanted["sen"]["hi"]);
    }
  }
  if (usable("buishand_range")) {
    const auto found = stats::cumulative_sum_range<double>(y);
    const json& value = wanted["buishand_range"]["R_over_sqrt_n"];
    if (found && !std::isnan(reference::number(value))) close("range of the cumulative sum", found->statistic, value);
  }
}

/// Breaks of the mean with the least residual sum of squares, and the largest F of one break.
void compare_breaks(reference::ledger& ledger, const std::string& where, const std::vector<double>& y,
                    const json& wanted) {
  const auto n = static_cast<double>(y.size());
  const auto cost = stats::mean_cost<double>::make(y);
  const auto usable = [&](const char* key) { return wanted.contains(key) && !wanted[key].contains("error"); };
  if (usable("breakpoints") && wanted["breakpoints"].contains("RSS")) {
    const auto squares = reference::numbers(wanted["breakpoints"]["RSS"]);
    const auto each =
        stats::segment_neighborhood(*cost, std::ssize(squares), wanted["breakpoints"]["h"].get<rp::index>());
    for (std::size_t k = 0; k < std::min(each->size(), squares.size()); ++k) {
      if (std::isnan(squares[k])) continue;
      ledger.close("least squares with k breaks", where, (*each)[k].cost, squares[k], 1e-9);
      const double bic = n * (std::log(2 * 3.14159265358979323846) + 1 + std::log((*each)[k].cost / n)) +
                         std::log(n) * (2 * static_cast<double>(k) + 2);
      if ((*each)[k].cost > 1e-9)
        ledger.close("BIC with k breaks", where, bic, reference::number(wanted["breakpoints"]["BIC"][k]), 1e-9);
    }
  }
  if (usable("supF") && wanted["supF"].contains("F") && wanted["supF"]["F"].is_array()) {
    const auto all = reference::numbers(wanted["supF"]["F"]);
    const auto shortest = static_cast<rp::index>(y.size() - all.size() + 1) / 2;
    const auto each = stats::segment_neighborhood(*cost, 2, shortest);
    if (each->size() < 2 || !((*each)[1].cost > 1e-9)) return;
    const double within = (*each)[1].cost;
    ledger.close("sup F of one break", where, ((*each)[0].cost - within) / (within / (n - 2)),
                 reference::number(wanted["supF"]["statistic"]), 1e-9);
    ledger.equal("place of sup F", where, static_cast<double>((*each)[1].changes[0]),
                 reference::number(wanted["supF"]["breakpoint"]));
  }
}

/// The largest statistics over splits that leave two values on either side.
void compare_scans(reference::ledger& ledger, const std::string& where, const std::vector<double>& y,
                   const json& wanted) {
  const auto n = static_cast<double>(y.size());
  const auto largest = [](const json& all) {
    const auto each = reference::numbers(all);
    return std::max_element(each.begin(), each.end()) - each.begin();
  };
  for (const auto& [name, one] : wanted.items()) {
    if (one.contains("error")) continue;
    const auto at = largest(one["Ds"]);
    const double most = reference::number(one["Ds"][static_cast<std::size_t>(at)]);
    if (name == "Mann-Whitney") {
      const auto found = stats::mann_whitney_scan<double>(y);
      // The package leaves ties out of the variance.
      std::map<double, double> times;
      for (const double each : y) times[each] += 1;
      double ties = 0;
      for (const auto& [value, t] : times) ties += t * t * t - t;
      ledger.close("Mann-Whitney scan, ties not corrected", where,
                   found->statistic * std::sqrt(1 - ties / (n * n * n - n)), most, 1e-8);
      ledger.equal("its place", where, static_cast<long>(found->changes[0]), static_cast<long>(at + 1));
    } else if (name == "Student") {
      const auto each = stats::segment_neighborhood(*stats::mean_cost<double>::make(y), 2, 2);
      const double within = (*each)[1].cost;
      const double t = std::sqrt(((*each)[0].cost - within) / (within / (n - 2)));
      ledger.close("Student scan, over the SD of its t", where, t / std::sqrt((n - 2) / (n - 4)), most, 1e-8);
    } else {
      ledger.leave_out(
          "scans of cpm for which this library has no statistic: Bartlett, Mood, Lepage, Cramer-von Mises, "
          "GLR");
    }
  }
}

}  // namespace

int main(int argc, char** argv) {
  const auto folder = reference::folder("rupture");
  if (!std::filesystem::is_directory(folder)) return reference::skipped(folder);
  reference::ledger ledger;
  for (const auto& path : reference::files(folder, "trend_")) {
    const json one = reference::read(path);
    const auto data = reference::read_panel(folder / one["data"].get<std::string>());
    for (const auto& [client, wanted] : one["values"]["clients"].items()) {
      std::vector<double> y;
      for (const double score : data.at(client).score) {
        if (!std::isnan(score)) y.push_back(score);
      }
      const std::string where = path.stem().string() + " client " + client;
      compare(ledger, where, y, wanted);
      compare_breaks(ledger, where, y, wanted);
      for (const char* other : {"buishand_U", "snht", "OLS-CUSUM", "Rec-CUSUM"}) {
        if (wanted.contains(other))
          ledger.leave_out(
              "tests of one change that this library does not have: Buishand's U, SNHT, and the OLS and "
              "recursive CUSUM tests of strucchange; the range of the cumulative sum and Pettitt's test "
              "ask the same");
      }
    }
  }
  for (const auto& path : reference::files(folder, "cpm_")) {
    const json one = reference::read(path);
    const auto data = reference::read_panel(folder / one["data"].get<std::string>());
    for (const auto& [client, wanted] : one["values"]["clients"].items()) {
      if (!wanted.contains("batch")) continue;
      std::vector<double> y;
      for (const double score : data.at(client).score) {
        if (!std::isnan(score)) y.push_back(score);
      }
      compare_scans(ledger, path.stem().string() + " client " + client, y, wanted["batch"]);
      ledger.leave_out(
          "sequential detection of cpm: its limits are tables made by simulation; here the monitor and the "
          "charts are sequential");
    }
  }
  return ledger.verdict(argc, argv);
}
