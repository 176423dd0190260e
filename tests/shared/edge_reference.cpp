// SPDX-License-Identifier: BSL-1.0
// Degenerate series: what R and Python packages say of them, and that nothing here answers a series that it cannot judge.
#include <rapport/rupture/sudden_change.hpp>
#include <rapport/stats/bayesian_change_point.hpp>
#include <rapport/stats/change_point/search.hpp>
#include <rapport/stats/control_chart.hpp>
#include <rapport/stats/single_change.hpp>
#include <rapport/stats/step_trend.hpp>

#include <functional>

#include "reference_file.hpp"

namespace rp = rapport;
namespace stats = rapport::stats;
using reference::json;

namespace {

/// What a call makes of a series: numbers to compare, or an error.
struct answer {
  std::optional<rp::error> error{};
  std::vector<double> numbers{};
  std::function<double(const std::vector<double>&)> price{};  // of the ends of segments, for ties
};

template <class Cost>
answer ends_of(const Cost& cost, const rp::result<stats::segmentation<double>>& found,
               const stats::change_penalty<double>& penalty) {
  if (!found) return {.error = found.error()};
  answer out;
  out.price = [cost, penalty](const std::vector<double>& ends) {
    std::vector<rp::index> changes;
    for (const double end : ends) changes.push_back(static_cast<rp::index>(end));
    changes.pop_back();
    return stats::detail::with_changes(cost, changes, penalty).penalized;
  };
  for (const rp::index t : found->changes) out.numbers.push_back(static_cast<double>(t));
  out.numbers.push_back(static_cast<double>(cost.size()));
  return out;
}

template <class Cost>
answer pelt_of(const std::vector<double>& y, const stats::change_penalty<double>& penalty, rp::index least) {
  const auto cost = Cost::make(y);
  return cost ? ends_of(*cost, stats::pelt(*cost, penalty, least), penalty) : answer{.error = cost.error()};
}

/// The best segmentation with k changes; no segments are an error of the packages.
template <class Cost>
answer best_of(const std::vector<double>& y, rp::index k, rp::index least) {
  const auto cost = Cost::make(y);
  if (!cost) return {.error = cost.error()};
  const auto each = stats::segment_neighborhood(*cost, k + 1, least);
  if (!each) return {.error = each.error()};
  if (std::ssize(*each) <= k) return {.error = rp::error{.code = rp::errc::too_few_rows}};
  return ends_of<Cost>(*cost, (*each)[static_cast<std::size_t>(k)], {});
}

stats::change_penalty<double> mbic(std::size_t n) {
  return stats::make_penalty<double>(stats::penalty_kind::mbic, static_cast<rp::index>(n), 1);
}

answer chart_of(const std::vector<double>& y) {
  const auto base = stats::estimate_chart_baseline<double>(std::span<const double>(y));
  if (!base) return {.error = base.error()};
  return {.numbers = {base->center, base->sigma, base->center - 3 * base->sigma, base->center + 3 * base->sigma}};
}

answer ewma_of(const std::vector<double>& y) {
  const std::span<const double> all(y);
  const auto base = stats::estimate_chart_baseline(all);
  if (!base) return {.error = base.error()};
  const auto chart = stats::plot_ewma(all, *base, 0.2, 3.0);
  if (!chart) return {.error = chart.error()};
  return {.numbers = chart->statistic};
}

answer cusum_of(const std::vector<double>& y) {
  const std::span<const double> all(y);
  const auto base = stats::estimate_chart_baseline(all);
  if (!base) return {.error = base.error()};
  const auto chart = stats::plot_cusum(all, *base, 0.5, 5.0);
  if (!chart) return {.error = chart.error()};
  return {.numbers = chart->upper};
}

answer pettitt_of(const std::vector<double>& y) {
  const auto found = stats::pettitt<double>(y);
  if (!found) return {.error = found.error()};
  return {.numbers = {found->statistic, found->p}};
}

answer kendall_of(const std::vector<double>& y) {
  const auto found = stats::mann_kendall<double>(y);
  if (!found) return {.error = found.error()};
  return {.numbers = {found->z, found->p, static_cast<double>(found->s), found->variance, found->tau_b}};
}

answer sen_of(const std::vector<double>& y) {
  const auto found = stats::sen_slope<double>(y);
  if (!found) return {.error = found.error()};
  return {.numbers = {found->slope}};
}

answer evidence_of(const std::vector<double>& y) {
  const auto found = stats::posterior_of_changes<double>(y, {0, 1, 1, 1}, 0.02);
  if (!found) return {.error = found.error()};
  return {.numbers = {found->log_evidence}};
}

answer sudden_gains_of(const std::vector<double>& y) {
  rp::response_matrix row(1, std::ssize(y));
  for (std::size_t t = 0; t < y.size(); ++t) row(0, static_cast<rp::index>(t)) = y[t];
  rp::sudden_change_rule rule;
  rule.cutoff = 2;
  const auto found = rp::find_sudden_changes(row, rule);
  if (!found) return {.error = found.error()};
  answer out;
  const auto add = [&](const std::optional<bool> rp::sudden_change_verdict::*which) {
    for (rp::index k = 0; k < found->n_pairs; ++k) {
      const auto& one = found->verdict(0, k).*which;
      out.numbers.push_back(one ? (*one ? 1 : 0) : std::numeric_limits<double>::quiet_NaN());
    }
  };
  add(&rp::sudden_change_verdict::size);
  add(&rp::sudden_change_verdict::share);
  add(&rp::sudden_change_verdict::stability);
  add(&rp::sudden_change_verdict::all);
  return out;
}

struct call {
  const char* name;                                        // in the file
  std::function<answer(const std::vector<double>&)> ours;  // on the same series
  std::function<std::vector<double>(const json&)> theirs;  // numbers of its value
  bool takes_missing = false;
};

std::vector<double> at(const json& value, std::initializer_list<const char*> keys) {
  std::vector<double> out;
  for (const char* key : keys) {
    for (const double each : reference::numbers(value[key])) out.push_back(each);
  }
  return out;
}

std::vector<call> calls() {
  using y = const std::vector<double>&;
  const auto cpts = [](const json& v) { return at(v, {"cpts"}); };
  const auto bkps = [](const json& v) { return reference::numbers(v); };
  using mean = stats::mean_cost<double>;
  using median = stats::median_cost<double>;
  using rank = stats::rank_cost<double>;
  return {{"cpt.mean PELT MBIC", [](y x) { return pelt_of<mean>(x, mbic(x.size()), 1); }, cpts},
          {"cpt.mean PELT Manual 1", [](y x) { return pelt_of<mean>(x, {1.0}, 1); }, cpts},
          {"cpt.mean PELT Manual 1 minseglen 3", [](y x) { return pelt_of<mean>(x, {1.0}, 3); }, cpts},
          {"qcc xbar.one", chart_of,
           [](const json& v) {
             return at(v, {"center", "sigma", "limits"});
           }},
          {"ewma", ewma_of, [](const json& v) { return at(v, {"y"}); }},
          {"cusum", cusum_of, [](const json& v) { return at(v, {"pos"}); }},
          {"pettitt.test", pettitt_of,
           [](const json& v) {
             return at(v, {"U", "p"});
           }},
          {"mk.test", kendall_of,
           [](const json& v) {
             return at(v, {"z", "p", "est"});
           }},
          {"sens.slope", sen_of, [](const json& v) { return at(v, {"b"}); }},
          {"identify_sg wide one client", sudden_gains_of, [](const json& v) { return at(v, {"v"}); }, true},
          {"Pelt l2 min_size=1 jump=1 pen=1", [](y x) { return pelt_of<mean>(x, {1.0}, 1); }, bkps},
          {"Pelt l2 min_size=2 jump=1 pen=1", [](y x) { return pelt_of<mean>(x, {1.0}, 2); }, bkps},
          {"Pelt l1 min_size=2 jump=1 pen=1", [](y x) { return pelt_of<median>(x, {1.0}, 2); }, bkps},
          {"Pelt rank min_size=2 jump=1 pen=1", [](y x) { return pelt_of<rank>(x, {1.0}, 2); }, bkps},
          {"Dynp l2 min_size=2 jump=1 n_bkps=1", [](y x) { return best_of<mean>(x, 1, 2); }, bkps},
          {"Dynp l2 min_size=2 jump=1 n_bkps=2", [](y x) { return best_of<mean>(x, 2, 2); }, bkps},
          {"Dynp l1 min_size=2 jump=1 n_bkps=1", [](y x) { return best_of<median>(x, 1, 2); }, bkps},
          {"Dynp l1 min_size=2 jump=1 n_bkps=2", [](y x) { return best_of<median>(x, 2, 2); }, bkps},
          {"Dynp rank min_size=2 jump=1 n_bkps=1", [](y x) { return best_of<rank>(x, 1, 2); }, bkps},
          {"Dynp rank min_size=2 jump=1 n_bkps=2", [](y x) { return best_of<rank>(x, 2, 2); }, bkps},
          {"bocpd own lam=50 (0,1,1,1)", evidence_of, [](const json& v) { return at(v, {"ev"}); }}};
}

bool all_finite(const std::vector<double>& all) {
  return std::all_of(all.begin(), all.end(), [](double x) { return std::isfinite(x); });
}

void compare(reference::ledger& ledger, const std::string& name, const call& one, const std::string& input,
             const std::vector<double>& y, const json& recorded) {
  const std::string where = name + " " + one.name + " of " + input;
  const auto found = one.ours(y);
  if (!one.takes_missing && !all_finite(y)) {
    ledger.equal("missing and infinite values refused", where, found.error.has_value(), true);
    return ledger.leave_out(
        "calls with missing or infinite values: packages compute on, refuse, or answer NaN; here an "
        "error names the place");
  }
  if (one.takes_missing && std::any_of(y.begin(), y.end(), [](double x) { return std::isinf(x); }))
    return ledger.leave_out("sudden gains of infinite scores");
  // Whatever comes out of a finite series, it is a number.
  if (!one.takes_missing && !found.error) ledger.equal("finite answers", where, all_finite(found.numbers), true);
  if (recorded.contains("error")) {
    return ledger.leave_out(found.error
                                ? "finite series that both refuse"
                                : "finite series that a package refuses: here one segment, or no pair of sessions");
  }
  const auto wanted = one.theirs(recorded["value"]);
  if (!one.takes_missing && !all_finite(wanted)) {
    ledger.equal("no number where a package says NaN", where, found.error.has_value(), true);
    return;
  }
  if (input == "big" && name == "edge_r" && std::string(one.name).starts_with("cpt")) {
    ledger.equal("the fall of 3 at a level of a thousand million", where, found.numbers, std::vector<double>{4, 8});
    return ledger.leave_out("changes that cpt loses under a large offset: found here");
  }
  if (found.error) {
    const bool meant = found.error->code == rp::errc::no_data || found.error->code == rp::errc::too_few_rows;
    ledger.equal("no answer only where there are too few values", where, meant, true);
    return ledger.leave_out("answers from too few values: the evidence of no value, a chart of one, a slope of two");
  }
  if (found.price && found.numbers != wanted) {
    const double ours = found.price(found.numbers);
    const double other = found.price(wanted);
    ledger.equal("other changes cost no more", where, ours <= other + 1e-9, true);
    return ledger.leave_out(
        ours < other - 1e-9 ? "changes by ruptures' Pelt that are not optimal under its minimum length"
                            : "other changes of exactly the same cost: of equals the earliest last change is taken");
  }
  ledger.equal("length of the answer", where, found.numbers.size(), wanted.size());
  for (std::size_t k = 0; k < std::min(wanted.size(), found.numbers.size()); ++k)
    ledger.close(one.name, where, found.numbers[k], wanted[k], 1e-9);
}

}  // namespace

int main(int argc, char** argv) {
  const auto folder = reference::folder("rupture");
  if (!std::filesystem::is_directory(folder)) return reference::skipped(folder);
  reference::ledger ledger;
  for (const auto& path : reference::files(folder, "edge_")) {
    const json values = reference::read(path)["values"];
    for (const call& one : calls()) {
      if (!values["results"].contains(one.name)) continue;
      for (const json& recorded : values["results"][one.name]) {
        const std::string input = recorded["input"];
        compare(ledger, path.stem().string(), one, input, reference::numbers(values["inputs"][input]), recorded);
      }
    }
  }
  return ledger.verdict(argc, argv);
}
