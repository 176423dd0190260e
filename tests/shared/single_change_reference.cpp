// SPDX-License-Identifier: BSL-1.0
// Trend tests and tests for one change against R trend.
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

}  // namespace

int main() {
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
      compare(ledger, path.stem().string() + " client " + client, y, wanted);
    }
  }
  return ledger.verdict();
}
