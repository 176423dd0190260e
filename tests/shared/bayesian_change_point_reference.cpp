// SPDX-License-Identifier: BSL-1.0
// Bayesian online change points against reference recursions.
#include <rapport/stats/bayesian_change_point.hpp>

#include "reference_file.hpp"

namespace stats = rapport::stats;
using reference::json;

int main(int argc, char** argv) {
  const auto folder = reference::folder("rupture");
  if (!std::filesystem::is_directory(folder)) return reference::skipped(folder);
  reference::ledger ledger;
  for (const auto& path : reference::files(folder, "bocpd_")) {
    const json one = reference::read(path);
    const auto data = reference::read_panel(folder / one["data"].get<std::string>());
    for (const auto& [client, wanted] : one["values"]["clients"].items()) {
      std::vector<double> y;
      for (const double score : data.at(client).score) {
        if (!std::isnan(score)) y.push_back(score);
      }
      const std::string where = path.stem().string() + " client " + client;
      if (!wanted.contains("runs")) continue;
      for (const json& run : wanted["runs"]) {
        const stats::normal_gamma_prior<double> prior{reference::number(run["mu0"]), reference::number(run["kappa0"]),
                                                      reference::number(run["alpha0"]),
                                                      reference::number(run["beta0"])};
        const double hazard = 1 / reference::number(run["lam"]);
        auto filter = stats::run_length_filter<double>::make(prior, hazard);
        ledger.equal("accepted", where, filter.has_value(), true);
        if (!filter) continue;
        for (std::size_t t = 0; t < y.size(); ++t) {
          filter->update(y[t]);
          const auto found = filter->run_length();
          if (run.contains("posterior") && t < run["posterior"].size()) {
            const auto all = reference::numbers(run["posterior"][t]);
            for (std::size_t r = 0; r < (std::min)(found.size(), all.size()); ++r)
              ledger.close("P(run length)", where, found[r], all[r], 1e-9);
          }
          if (run.contains("map_run_length")) {
            const auto best = std::max_element(found.begin(), found.end()) - found.begin();
            const double wanted_best = reference::number(run["map_run_length"][t]);
            const double gap = found[static_cast<std::size_t>(best)] - found[static_cast<std::size_t>(wanted_best)];
            ledger.equal("most probable run length", where, gap < 1e-9, true);
          }
        }
        ledger.close("log evidence", where, filter->log_evidence(), reference::number(run["log_evidence"]), 1e-9);
        const auto hindsight = stats::posterior_of_changes<double>(y, prior, hazard);
        ledger.close("log evidence in hindsight", where, hindsight->log_evidence,
                     reference::number(run["log_evidence"]), 1e-9);
      }
    }
  }
  return ledger.verdict(argc, argv);
}
