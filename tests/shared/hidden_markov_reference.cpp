// SPDX-License-Identifier: BSL-1.0
// Hidden Markov models against reference recursions at fixed parameters and against R depmixS4.
#include <rapport/stats/hidden_markov.hpp>

#include "reference_file.hpp"

namespace stats = rapport::stats;
using reference::json;

namespace {

std::vector<double> flat(const json& rows) {
  std::vector<double> out;
  for (const json& row : rows) {
    for (const double each : reference::numbers(row)) out.push_back(each);
  }
  return out;
}

void compare_fixed(reference::ledger& ledger, const std::string& where, const std::vector<double>& y,
                   const json& wanted) {
  const stats::hidden_markov_model<double> model{reference::numbers(wanted["pi"]), flat(wanted["A"]),
                                                 reference::numbers(wanted["mu"]), reference::numbers(wanted["sd"])};
  const auto found = stats::decode_states<double>(model, y);
  ledger.equal("accepted", where, found.has_value(), true);
  if (!found) return;
  ledger.close("log-likelihood", where, found->log_likelihood, reference::number(wanted["loglik"]), 1e-9);
  ledger.close("path log-likelihood", where, found->path_log_likelihood, reference::number(wanted["viterbi_loglik"]),
               1e-9);
  const auto gamma = flat(wanted["gamma"]);
  for (std::size_t k = 0; k < gamma.size(); ++k)
    ledger.close("state probabilities", where, found->probability[k], gamma[k], 1e-9);
  const auto path = reference::numbers(wanted["viterbi"]);
  bool same = true;
  for (std::size_t t = 0; t < path.size(); ++t) same = same && static_cast<double>(found->path[t] + 1) == path[t];
  ledger.equal("path", where, same, true);
}

void compare_fit(reference::ledger& ledger, const std::string& where, const std::vector<double>& y, const json& wanted,
                 int n_states) {
  if (wanted.contains("error") || wanted["degenerate"] != false) return;
  const std::vector<std::vector<double>> series{y};
  const auto found = stats::fit_hidden_markov<double>(std::span<const std::vector<double>>(series),
                                                      {.n_states = n_states, .n_starts = 60, .n_steps = 20000});
  ledger.equal("fitted", where, found.has_value(), true);
  if (!found) return;
  const double theirs = reference::number(wanted["loglik"]);
  // A higher likelihood is a better optimum.
  ledger.equal("maximum at least as high", where, found->log_likelihood >= theirs - 1e-4, true);
  if (std::fabs(found->log_likelihood - theirs) > 1e-4) return;
  double sd = 0;
  double mean = 0;
  for (const double each : y) mean += each / static_cast<double>(y.size());
  for (const double each : y) sd += (each - mean) * (each - mean) / static_cast<double>(y.size() - 1);
  const auto means = reference::numbers(wanted["mu"]);
  for (std::size_t j = 0; j < means.size(); ++j)
    ledger.close("means of the same maximum, in SD", where, found->model.mean[j] / std::sqrt(sd),
                 means[j] / std::sqrt(sd), 1e-3);
}

}  // namespace

int main() {
  const auto folder = reference::folder("rupture");
  if (!std::filesystem::is_directory(folder)) return reference::skipped(folder);
  reference::ledger ledger;
  for (const auto& path : reference::files(folder, "hmm_")) {
    const json one = reference::read(path);
    const auto data = reference::read_panel(folder / one["data"].get<std::string>());
    for (const auto& [client, wanted] : one["values"]["clients"].items()) {
      std::vector<double> y;
      for (const double score : data.at(client).score) {
        if (!std::isnan(score)) y.push_back(score);
      }
      const std::string where = path.stem().string() + " client " + client;
      for (const int n_states : {2, 3}) {
        const std::string name = "_K" + std::to_string(n_states);
        if (wanted.contains("fixed" + name)) compare_fixed(ledger, where + name, y, wanted["fixed" + name]);
        if (wanted.contains("mle" + name)) compare_fit(ledger, where + name, y, wanted["mle" + name], n_states);
      }
    }
  }
  return ledger.verdict();
}
