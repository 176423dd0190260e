// SPDX-License-Identifier: BSL-1.0
// Hidden Markov models against reference recursions at fixed parameters against R depmixS4 and
// Python's statsmodels.
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

/// Two regimes that switch: the same model, begun in its steady state.
void compare_switching(reference::ledger& ledger, const std::string& where, const std::vector<double>& y,
                       const json& wanted) {
  const bool own_variances = wanted["param_names"].size() == 6;
  const auto model_of = [&](const std::vector<double>& p) {
    const double stay = p[0], come = p[1];
    const double first = come / (1 - stay + come);
    return stats::hidden_markov_model<double>{{first, 1 - first},
                                              {stay, 1 - stay, come, 1 - come},
                                              {p[2], p[3]},
                                              {std::sqrt(p[4]), std::sqrt(p[own_variances ? 5 : 4])}};
  };
  for (const char* at : {"fixed", "mle"}) {
    if (!wanted.contains(at) || wanted[at].contains("error")) continue;
    const json& one = wanted[at];
    const auto found = stats::decode_states<double>(model_of(reference::numbers(one["params"])), y);
    ledger.close(std::string("switching log-likelihood, ") + at, where, found->log_likelihood,
                 reference::number(one["llf"]), 1e-8);
    const auto smoothed = reference::numbers(one["smoothed_regime0"]);
    for (std::size_t t = 0; t < smoothed.size(); ++t)
      ledger.close(std::string("smoothed regime, ") + at, where, found->probability[2 * t], smoothed[t], 1e-8);
  }
  if (!own_variances || !wanted.contains("mle") || wanted["mle"].contains("error")) return;
  // A free beginning can only raise the maximum.
  const std::vector<std::vector<double>> series{y};
  const auto fit = stats::fit_hidden_markov<double>(std::span<const std::vector<double>>(series),
                                                    {.n_states = 2, .n_starts = 60, .n_steps = 20000});
  const double theirs = reference::number(wanted["mle"]["llf"]);
  ledger.equal("maximum not below that of switching", where, fit->log_likelihood >= theirs - 1e-3, true);
}

}  // namespace

int main(int argc, char** argv) {
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
  for (const auto& path : reference::files(folder, "markov_")) {
    const json one = reference::read(path);
    const auto data = reference::read_panel(folder / one["data"].get<std::string>());
    for (const auto& [client, wanted] : one["values"]["clients"].items()) {
      std::vector<double> y;
      for (const double score : data.at(client).score) {
        if (!std::isnan(score)) y.push_back(score);
      }
      for (const char* kind : {"K2_switchvar0", "K2_switchvar1"}) {
        if (wanted.contains(kind))
          compare_switching(ledger, path.stem().string() + " client " + client, y, wanted[kind]);
      }
    }
  }
  return ledger.verdict(argc, argv);
}
