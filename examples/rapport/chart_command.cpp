// SPDX-License-Identifier: BSL-1.0
#include <rapport/stats/control_chart.hpp>

#include <algorithm>
#include <cmath>
#include <map>
#include <memory>
#include <utility>

#include "analysis.hpp"

namespace program {

namespace {

namespace stats = rapport::stats;

struct violation {
  rapport::index index;  ///< from 0
  std::string rule;
};

/// A chart as it is printed.
struct chart {
  stats::chart_baseline<double> baseline{};
  json lower_limit{};
  json upper_limit{};
  std::vector<std::pair<std::string, std::vector<double>>> statistics{};
  std::vector<violation> violations{};
};

template <class T>
const T& accept(const rapport::result<T>& computed) {
  if (!computed) raise(computed.error());
  return *computed;
}

struct rule_name {
  const char* name;
  stats::chart_rule rule;
};
const std::map<std::string, std::vector<rule_name>> rule_sets{{"we",
                                                               {{"W1", stats::chart_rule::beyond_3_sigma},
                                                                {"W2", stats::chart_rule::two_of_three},
                                                                {"W3", stats::chart_rule::four_of_five},
                                                                {"W4", stats::chart_rule::eight_on_one_side}}},
                                                              {"nelson",
                                                               {{"N1", stats::chart_rule::beyond_3_sigma},
                                                                {"N2", stats::chart_rule::nine_on_one_side},
                                                                {"N3", stats::chart_rule::six_rising},
                                                                {"N4", stats::chart_rule::fourteen_alternating},
                                                                {"N5", stats::chart_rule::two_of_three},
                                                                {"N6", stats::chart_rule::four_of_five},
                                                                {"N7", stats::chart_rule::fifteen_within},
                                                                {"N8", stats::chart_rule::eight_outside}}}};

const std::map<std::string, stats::chart_sigma> sigmas{{"mr", stats::chart_sigma::moving_range},
                                                       {"median-mr", stats::chart_sigma::median_moving_range},
                                                       {"sd", stats::chart_sigma::sd}};

struct options {
  input_options in;
  output_options out;
  std::string y;
  std::string kind = "individuals";
  std::string rules = "we";
  std::string sigma = "mr";
  double lambda = 0.2;
  double width = 2.7;
  double k = 0.5;
  double h = 5;
  double head_start = 0;
  rapport::index baseline = 0;
  rapport::index span = 2;
};

/// The positions at which a chart signals, below and above, in their order.
template <class Chart>
std::vector<violation> signals(const Chart& plotted, rapport::index n) {
  std::vector<violation> out;
  for (rapport::index t = 0; t < n; ++t) {
    if (plotted.is_below(t)) out.push_back({t, "lower"});
    if (plotted.is_above(t)) out.push_back({t, "upper"});
  }
  return out;
}

chart make_chart(const options& o, std::span<const double> y) {
  chart out;
  out.baseline =
      accept(stats::estimate_chart_baseline(y, {.sigma = sigmas.at(o.sigma), .span = o.span, .n_first = o.baseline}));
  const auto& base = out.baseline;
  if (o.kind == "ewma") {
    const auto plotted = accept(stats::plot_ewma(y, base, o.lambda, o.width));
    out.lower_limit = plotted.lower_limit;
    out.upper_limit = plotted.upper_limit;
    out.statistics = {{"statistic", plotted.statistic}};
    out.violations = signals(plotted, std::ssize(y));
  } else if (o.kind == "cusum") {
    const auto plotted = accept(stats::plot_cusum(y, base, o.k, o.h, o.head_start));
    out.lower_limit = out.upper_limit = o.h;
    out.statistics = {{"statistic_lower", plotted.lower}, {"statistic_upper", plotted.upper}};
    out.violations = signals(plotted, std::ssize(y));
  } else {
    out.lower_limit = base.center - 3 * base.sigma;
    out.upper_limit = base.center + 3 * base.sigma;
    out.statistics = {{"statistic", {y.begin(), y.end()}}};
    for (const auto& [name, rule] : rule_sets.at(o.rules)) {
      for (const rapport::index t : stats::rule_violations<double>(y, base.center, base.sigma, rule))
        out.violations.push_back({t, name});
    }
    std::stable_sort(out.violations.begin(), out.violations.end(),
                     [](const violation& a, const violation& b) { return a.index < b.index; });
  }
  return out;
}

/// The rules that a value violates, or an empty text.
std::string rules_at(const chart& made, rapport::index t) {
  std::string text;
  for (const auto& each : made.violations) {
    if (each.index == t) text += (text.empty() ? "" : " ") + each.rule;
  }
  return text;
}

json limit_at(const json& limit, std::size_t t) { return limit.is_array() ? limit[t] : limit; }

void print_chart(const options& o, const chart& made, const std::vector<std::size_t>& lines) {
  const std::size_t n = made.statistics[0].second.size();
  if (o.out.format == "json") {
    analysis result;
    result.result = {{"kind", o.kind},
                     {"n", n},
                     {"n_baseline", made.baseline.n},
                     {"center", made.baseline.center},
                     {"sigma", made.baseline.sigma},
                     {"lower_limit", made.lower_limit},
                     {"upper_limit", made.upper_limit}};
    for (const auto& [name, values] : made.statistics) result.result[name] = values;
    json all = json::array();
    for (const auto& each : made.violations)
      all.push_back({{"index", each.index + 1}, {"rule", each.rule}, {"line", lines[rapport::as_size(each.index)]}});
    result.result["violations"] = std::move(all);
    return print_json(result);
  }
  std::vector<std::string> header{"index"};
  for (const auto& [name, values] : made.statistics) header.push_back(name);
  for (const char* name : {"lower_limit", "upper_limit", "rules"}) header.emplace_back(name);
  const bool as_csv = o.out.format == "csv";
  text_table table(header);
  std::string csv;
  for (const auto& name : header) csv += (csv.empty() ? "" : ",") + name;
  csv += '\n';
  for (std::size_t t = 0; t < n; ++t) {
    std::vector<std::string> row{std::to_string(t + 1)};
    const auto number = [&](double x) { row.push_back(as_csv ? csv_field(x) : decimals(x, 3)); };
    for (const auto& [name, values] : made.statistics) number(values[t]);
    number(limit_at(made.lower_limit, t).get<double>());
    number(limit_at(made.upper_limit, t).get<double>());
    row.push_back(rules_at(made, static_cast<rapport::index>(t)));
    if (as_csv) {
      for (std::size_t i = 0; i < row.size(); ++i) csv += (i == 0 ? "" : ",") + row[i];
      csv += '\n';
    } else {
      table.add(row);
    }
  }
  if (as_csv) return print(csv);
  print("center " + decimals(made.baseline.center, 4) + ", sigma " + decimals(made.baseline.sigma, 4) + " from " +
        std::to_string(made.baseline.n) + " values; " + std::to_string(made.violations.size()) + " violations\n\n" +
        table.str());
}

}  // namespace

void add_chart_command(CLI::App& app) {
  auto* command = app.add_subcommand("chart", "a control chart of one series");
  auto o = std::make_shared<options>();
  add_input_options(*command, o->in);
  add_output_options(*command, o->out);
  command->add_option("--y", o->y, "column with the values; missing ones are left out")->required();
  command->add_option("--kind", o->kind, "individuals, ewma or cusum")
      ->check(CLI::IsMember({"individuals", "ewma", "cusum"}))
      ->capture_default_str();
  command->add_option("--rules", o->rules, "run rules of the individuals chart: we or nelson")
      ->check(CLI::IsMember({"we", "nelson"}))
      ->capture_default_str();
  command->add_option("--lambda", o->lambda, "ewma: weight of the newest value")->capture_default_str();
  command->add_option("--width", o->width, "ewma: width of the limits, in sigma")->capture_default_str();
  command->add_option("--k", o->k, "cusum: allowance, in sigma")->capture_default_str();
  command->add_option("--h", o->h, "cusum: limit, in sigma")->capture_default_str();
  command->add_option("--head-start", o->head_start, "cusum: where both sums begin")->capture_default_str();
  command->add_option("--baseline", o->baseline, "values that set center and sigma; 0: all")->capture_default_str();
  command->add_option("--sigma", o->sigma, "mr, median-mr or sd")
      ->check(CLI::IsMember({"mr", "median-mr", "sd"}))
      ->capture_default_str();
  command->add_option("--span", o->span, "neighbors in one moving range")->capture_default_str();
  command->callback([o] {
    const csv_file file = open_table(o->in);
    const csv_table rows = file.read({file.column(o->y)}, {});
    std::vector<double> y;
    std::vector<std::size_t> lines;
    for (std::size_t row = 0; row < rows.n_rows(); ++row) {
      if (std::isnan(rows.numbers[0][row])) continue;
      y.push_back(rows.numbers[0][row]);
      lines.push_back(rows.line[row]);
    }
    print_chart(*o, make_chart(*o, y), lines);
  });
}

}  // namespace program
