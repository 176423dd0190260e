// SPDX-License-Identifier: BSL-1.0
// Compares what the headers compute with stored reference values, quantity by quantity, and prints the table.
//
// usage: accuracy FOLDER [--markdown]     exit 77 if the folder is absent, 1 if anything differs
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <limits>
#include <map>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include "accuracy.hpp"

namespace accuracy {

rapport::stats::matrix<double> read_table(const std::string& path) {
  std::ifstream file(path);
  std::vector<std::vector<double>> rows;
  std::string line;
  std::getline(file, line);  // header
  while (std::getline(file, line)) {
    if (!line.empty() && line.back() == '\r') line.pop_back();
    if (line.empty()) continue;
    std::vector<double> row;
    std::stringstream cells(line + ',');
    for (std::string cell; std::getline(cells, cell, ',');) {
      char* end = nullptr;
      const double value = std::strtod(cell.c_str(), &end);
      row.push_back(end == cell.c_str() ? std::nan("") : value);
    }
    rows.push_back(row);
  }
  rapport::stats::matrix<double> out(std::ssize(rows), rows.empty() ? 0 : std::ssize(rows[0]));
  for (rapport::index i = 0; i < out.rows(); ++i) {
    for (rapport::index j = 0; j < out.cols(); ++j) out(i, j) = rows[rapport::as_size(i)][rapport::as_size(j)];
  }
  return out;
}

bool data_set::has(const std::string& key) const { return values.contains(key) && !values[key].is_null(); }

namespace {

void flatten(const json& x, std::vector<double>& out) {
  if (x.is_array()) {
    for (const json& part : x) flatten(part, out);
  } else {
    out.push_back(x.is_null() ? std::nan("") : x.is_boolean() ? double(x.get<bool>()) : x.get<double>());
  }
}

}  // namespace

/// Turns the items round that the file says are reversed; the ends of the scale occur in every table.
void reverse_items(const json& labels, rapport::stats::matrix<double>& x) {
  if (!labels.contains("reversed") || !labels.contains("items")) return;
  const json names = labels["reversed"].is_array() ? labels["reversed"] : json::array({labels["reversed"]});
  bool first = true;
  double low = 0;
  double high = 0;
  for (rapport::index i = 0; i < x.size(); ++i) {
    if (std::isnan(x(i))) continue;
    low = first ? x(i) : std::min(low, x(i));
    high = first ? x(i) : std::max(high, x(i));
    first = false;
  }
  const double ends = low + high;
  for (std::size_t j = 0; j < labels["items"].size(); ++j) {
    const bool reversed = std::find(names.begin(), names.end(), labels["items"][j]) != names.end();
    if (reversed) x.col(std::ptrdiff_t(j)) = ends - x.col(std::ptrdiff_t(j)).array();
  }
}

std::vector<double> data_set::numbers(const std::string& key) const {
  std::vector<double> out;
  flatten(values[key], out);
  return out;
}

double data_set::allowed(const std::string& key) const {
  if (tolerance.contains(key)) return tolerance[key].get<double>();
  return tolerance.contains("default") ? tolerance["default"].get<double>() : 1e-8;
}

void table::add_leading(const data_set& d, const std::string& key, std::vector<double> found) {
  if (!d.has(key)) return;
  std::vector<double> wanted = d.numbers(key);
  const std::size_t n = std::min(found.size(), wanted.size());
  found.resize(n);
  wanted.resize(n);
  compare(d, key, found, wanted, 0);
}

void table::add(const data_set& d, const std::string& key, const std::vector<double>& found, double floor) {
  if (d.has(key)) compare(d, key, found, d.numbers(key), floor);
}

void table::compare(const data_set& d, const std::string& key, const std::vector<double>& found,
                    const std::vector<double>& wanted, double floor) {
  double worst = wanted.size() == found.size() ? 0 : std::numeric_limits<double>::infinity();
  double scale = 0;
  for (const double w : wanted) scale = std::max(scale, std::isnan(w) ? 0 : std::fabs(w));
  for (std::size_t i = 0; i < std::min(wanted.size(), found.size()); ++i) {
    if (std::isnan(wanted[i]) && std::isnan(found[i])) continue;
    if (wanted[i] == found[i]) continue;
    // Single numbers are compared with their own size, entries of a table with the largest one.
    const double size = std::max({wanted.size() > 1 ? scale : std::fabs(wanted[i]), floor});
    const double difference = std::fabs(found[i] - wanted[i]) / size;
    worst = std::isnan(difference) ? std::numeric_limits<double>::infinity() : std::max(worst, difference);
  }
  lines.push_back({d.name, key, worst, d.allowed(key), found.empty() ? 0 : found[0], wanted.empty() ? 0 : wanted[0]});
}

}  // namespace accuracy

namespace {

/// References that are themselves less exact than their files say, with what they are good to.
struct weak_reference {
  std::string_view key;
  double allowed;
  std::string_view why;
};

constexpr weak_reference weak_references[] = {
    {"exact_minres_p", 1e-4, "a tail probability near 1e-212 magnifies the seventh digit of its chi-square"},
    {"exact_minres_objective", 1e-6, "minimum residual has stopped at the sixth digit; ours has the smaller residual"},
    {"exact_minres_chi2_bartlett", 1e-6, "the same"},
    {"polychoric_twostep_exact", 1e-6, "a flat optimum found by values alone; ours has a score of zero"},
    {"mbess_alpha_ci_hakstian_whalen", 1e-7, "its alpha comes from an optimiser, good to 1e-8"},
};

double allowed_difference(const accuracy::line& one) {
  for (const weak_reference& weak : weak_references) {
    if (weak.key == one.quantity) return std::max(weak.allowed, one.allowed);
  }
  return one.allowed;
}

}  // namespace

int main(int argc, char** argv) {
  using namespace accuracy;
  const std::string folder = argc > 1 ? argv[1] : "";
  const bool markdown = argc > 2 && std::string_view(argv[2]) == "--markdown";
  if (folder.empty() || !std::filesystem::is_directory(folder)) {
    std::puts("skipped: no folder with reference values");
    return 77;
  }
  std::vector<std::filesystem::path> paths;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.path().extension() == ".json") paths.push_back(entry.path());
  }
  std::sort(paths.begin(), paths.end());
  table out;
  for (const auto& path : paths) {
    std::ifstream file(path);
    const json all = json::parse(file);
    data_set d;
    d.name = path.stem().string();
    d.values = all["values"];
    d.tolerance = all["tolerance"];
    const auto csv = path.parent_path() / (d.name + ".csv");
    if (std::filesystem::exists(csv)) d.x = read_table(csv.string());
    if (all.contains("labels")) reverse_items(all["labels"], d.x);
    compare_all(d, out);
  }
  int failed = 0;
  if (markdown)
    std::puts("| data | quantity | largest relative difference | reference good to | |\n|---|---|---|---|---|");
  for (const line& one : out.lines) {
    const double allowed = allowed_difference(one);
    const bool agrees = one.difference <= allowed;
    failed += agrees ? 0 : 1;
    if (markdown) {
      std::printf("| %s | `%s` | %.1e | %.0e | %s |\n", one.data.c_str(), one.quantity.c_str(), one.difference, allowed,
                  agrees ? "agrees" : "differs");
    } else if (!agrees) {
      std::printf("%-26s %-44s differs: %.2e (allowed %.0e): %.12g, reference %.12g\n", one.data.c_str(),
                  one.quantity.c_str(), one.difference, allowed, one.found, one.wanted);
    }
  }
  if (!markdown) std::printf("%zu comparisons, %d differ\n", out.lines.size(), failed);
  return failed == 0 && !out.lines.empty() ? 0 : 1;
}
