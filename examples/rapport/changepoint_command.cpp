// SPDX-License-Identifier: BSL-1.0
#include <rapport/stats/change_point/scale.hpp>
#include <rapport/stats/change_point/search.hpp>

#include <charconv>
#include <cmath>
#include <map>
#include <memory>
#include <optional>

#include "analysis.hpp"

namespace program {

namespace {

namespace stats = rapport::stats;

struct options {
  input_options in;
  output_options out;
  std::string y;
  std::string cost = "mean";
  std::string search = "pelt";
  std::string penalty = "mbic";
  std::string scale;
  rapport::index min_size = 0;
  std::optional<rapport::index> max_changes;
};

const std::map<std::string, stats::penalty_kind> penalties{
    {"bic", stats::penalty_kind::bic}, {"bic0", stats::penalty_kind::bic0},       {"mbic", stats::penalty_kind::mbic},
    {"aic", stats::penalty_kind::aic}, {"hq", stats::penalty_kind::hannan_quinn}, {"none", stats::penalty_kind::none}};

std::optional<double> as_number(const std::string& text) {
  double value = 0;
  const char* const end = text.data() + text.size();
  const auto parsed = std::from_chars(text.data(), end, value);
  if (parsed.ec != std::errc() || parsed.ptr != end || !std::isfinite(value)) return std::nullopt;
  return value;
}

/// The searches that look at all pairs of positions are for series of at most so many values.
constexpr std::size_t longest_exhaustive = 20000;

template <class T>
const T& accept(const rapport::result<T>& computed) {
  if (!computed) raise(computed.error());
  return *computed;
}

double scale_of(const std::string& kind, const std::vector<double>& y) {
  if (kind == "none") return 1;
  const auto scale = kind == "mad" ? stats::difference_mad(std::span<const double>(y))
                                   : stats::series_deviation(std::span<const double>(y));
  return accept(scale);
}

struct outcome {
  stats::segmentation<double> best{};
  stats::change_penalty<double> penalty{};
};

template <class Cost>
outcome search(const options& o, const Cost& cost) {
  outcome out;
  if (const auto value = as_number(o.penalty)) {
    out.penalty.value = *value;
  } else {
    out.penalty = stats::make_penalty<double>(penalties.at(o.penalty), cost.size(), cost.n_parameters());
  }
  const rapport::index least = o.min_size > 0 ? o.min_size : cost.min_size();
  if (o.search == "binary") {
    out.best = accept(stats::binary_segmentation(cost, out.penalty, least, o.max_changes));
  } else if (o.search == "segments" || o.max_changes) {
    if (out.penalty.log_length) throw call_error("a largest number of changes needs another penalty than mbic");
    const auto each = accept(stats::segment_neighborhood(cost, o.max_changes.value_or(cost.size() - 1) + 1, least));
    for (std::size_t k = 0; k < each.size(); ++k) {
      auto one = each[k];
      one.penalized = one.cost + static_cast<double>(k) * out.penalty.value;
      if (k == 0 || one.penalized < out.best.penalized) out.best = one;
    }
  } else if (o.search == "optimal") {
    out.best = accept(stats::optimal_partitioning(cost, out.penalty, least));
  } else {
    out.best = accept(stats::pelt(cost, out.penalty, least));
  }
  return out;
}

outcome search_with_cost(const options& o, std::span<const double> y) {
  if (o.cost == "mean") return search(o, accept(stats::mean_cost<double>::make(y)));
  if (o.cost == "meanvar") return search(o, accept(stats::mean_variance_cost<double>::make(y)));
  if (o.cost == "var") return search(o, accept(stats::variance_cost<double>::make(y)));
  if (o.cost == "l1") return search(o, accept(stats::median_cost<double>::make(y)));
  if (o.cost == "rank") return search(o, accept(stats::rank_cost<double>::make(y)));
  return search(o, accept(stats::trend_cost<double>::make(y)));
}

json segments_json(const std::vector<double>& y, const std::vector<rapport::index>& changes) {
  json out = json::array();
  rapport::index begin = 0;
  for (std::size_t k = 0; k <= changes.size(); ++k) {
    const rapport::index end = k < changes.size() ? changes[k] : std::ssize(y);
    double mean = 0;
    double squares = 0;
    for (rapport::index t = begin; t < end; ++t) mean += y[rapport::as_size(t)] / static_cast<double>(end - begin);
    for (rapport::index t = begin; t < end; ++t)
      squares += (y[rapport::as_size(t)] - mean) * (y[rapport::as_size(t)] - mean);
    const json sd = end - begin > 1 ? json(std::sqrt(squares / static_cast<double>(end - begin - 1))) : json(nullptr);
    out.push_back({{"from", begin + 1}, {"to", end}, {"mean", mean}, {"sd", sd}});
    begin = end;
  }
  return out;
}

void run(const options& o) {
  if (!penalties.contains(o.penalty) && !as_number(o.penalty))
    throw call_error("--penalty is bic, bic0, mbic, aic, hq, none or a number, not '" + o.penalty + "'");
  if (o.min_size < 0) throw call_error("--min-size is not negative");
  if (o.max_changes && *o.max_changes < 0) throw call_error("--max-changes is not negative");
  const csv_file file = open_table(o.in);
  const csv_table rows = file.read({file.column(o.y)}, {});
  std::vector<double> y;
  for (const double each : rows.numbers[0]) {
    if (!std::isnan(each)) y.push_back(each);
  }
  if (y.empty()) raise({.code = rapport::errc::no_data, .function = "changepoint"});
  if (y.size() > longest_exhaustive && o.search != "binary" && (o.search != "pelt" || o.max_changes)) {
    throw call_error("--search optimal, --search segments and --max-changes try all pairs of at most " +
                     std::to_string(longest_exhaustive) + " values, not " + std::to_string(y.size()) +
                     "; --search pelt finds the same optimum, --search binary takes any number of changes");
  }
  // Ranks and likelihoods with a variance of their own need no scale; others do, unless the penalty is in points.
  const bool scaled = o.cost == "mean" || o.cost == "l1" || o.cost == "trend";
  const std::string scale_name = !o.scale.empty() ? o.scale : scaled && !as_number(o.penalty) ? "mad" : "none";
  const double scale = scale_of(scale_name, y);
  std::vector<double> divided = y;
  for (double& each : divided) each /= scale;
  const outcome found = search_with_cost(o, divided);

  json changes = json::array();
  for (const rapport::index t : found.best.changes) changes.push_back(t);
  const json segments = segments_json(y, found.best.changes);
  if (o.out.format == "json") {
    analysis result;
    result.result = {
        {"n", y.size()},
        {"changepoints", changes},
        {"segments", segments},
        {"cost", found.best.cost},
        {"penalty", found.penalty.value},
        {"penalized_cost", found.best.penalized},
        {"scale", scale},
        {"options", {{"cost", o.cost}, {"search", o.search}, {"penalty", o.penalty}, {"scale", scale_name}}}};
    return print_json(result);
  }
  const bool as_csv = o.out.format == "csv";
  text_table table({"from", "to", "mean", "sd"});
  std::string csv = "from,to,mean,sd\n";
  for (const json& each : segments) {
    const double sd = each["sd"].is_null() ? std::nan("") : each["sd"].get<double>();
    const std::string from = std::to_string(each["from"].get<long>());
    const std::string to = std::to_string(each["to"].get<long>());
    csv += from + ',' + to + ',' + csv_field(each["mean"].get<double>()) + ',' + csv_field(sd) + '\n';
    table.add({from, to, decimals(each["mean"].get<double>(), 3), decimals(sd, 3)});
  }
  print(as_csv ? csv
               : std::to_string(found.best.changes.size()) + " changes; cost " + decimals(found.best.cost, 3) +
                     ", penalty " + decimals(found.penalty.value, 3) + " per change\n\n" + table.str());
}

}  // namespace

void add_changepoint_command(CLI::App& app) {
  auto* command = app.add_subcommand("changepoint", "where one series changes");
  auto o = std::make_shared<options>();
  add_input_options(*command, o->in);
  add_output_options(*command, o->out);
  command->add_option("--y", o->y, "column with the values; missing ones are left out")->required();
  command->add_option("--cost", o->cost, "mean, meanvar, var, l1, rank or trend")
      ->check(CLI::IsMember({"mean", "meanvar", "var", "l1", "rank", "trend"}))
      ->capture_default_str();
  command->add_option("--search", o->search, "pelt, optimal, binary or segments")
      ->check(CLI::IsMember({"pelt", "optimal", "binary", "segments"}))
      ->capture_default_str();
  command->add_option("--penalty", o->penalty, "bic, bic0, mbic, aic, hq, none or a number")->capture_default_str();
  command->add_option("--min-size", o->min_size, "length of the shortest segment; 0: the cost's own")
      ->capture_default_str();
  command->add_option("--max-changes", o->max_changes, "changes at most");
  command
      ->add_option("--scale", o->scale,
                   "what values are divided by before: mad, sd or none; mad unless the penalty is a number")
      ->check(CLI::IsMember({"mad", "sd", "none"}));
  command->callback([o] { run(*o); });
}

}  // namespace program
