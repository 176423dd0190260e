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
#include <set>
#include <sstream>
#include <string>
#include <string_view>
#include <utility>
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

void table::add(const data_set& d, const std::string& key, const std::vector<double>& found, double floor) {
  if (!d.has(key)) return;
  const std::vector<double> wanted = d.numbers(key);
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
    {"exact_minres_p", 3e-5, "a tail probability near 1e-212 magnifies the seventh digit of its chi-square"},
    {"exact_minres_objective", 1e-6, "evaluated at communalities that the file itself gives to 1e-5"},
    {"exact_minres_chi2_bartlett", 1e-6, "the same"},
    {"polychoric_twostep_exact", 3e-7,
     "an optimum found by values of the likelihood alone, good to the root of their rounding; here the score is zero"},
    {"mbess_alpha_ci_hakstian_whalen", 5e-8, "its alpha comes from an optimiser, about 1e-8 off"},
};

double allowed_difference(const accuracy::line& one) {
  for (const weak_reference& weak : weak_references) {
    if (weak.key == one.quantity) return std::max(weak.allowed, one.allowed);
  }
  return one.allowed;
}

/// Values of the files that are not compared, with the reason; * stands for anything.
struct not_compared {
  std::string_view pattern;
  std::string_view why;
};

constexpr std::string_view scoring =
    "scores of persons and descriptions of items: the scoring module has its own tests";
constexpr std::string_view other_model = "another model or estimator than this module offers";
constexpr std::string_view same_number =
    "the same quantity of another program, or a rounded one: the exact value is compared";
constexpr std::string_view wrong_peer = "known to be wrong in the peer (see the definitions below)";
constexpr std::string_view not_reported = "not reported by this module";

constexpr not_compared left_out[] = {
    {"*_first20*", scoring},
    {"scoreItems_*", scoring},
    {"score_*", scoring},
    {"item_skew*", scoring},
    {"item_kurtosis*", scoring},
    {"n_total", scoring},
    {"n_complete", scoring},
    {"k", scoring},
    {"n", scoring},
    {"n_*", scoring},
    {"nfactors", scoring},
    {"levels", scoring},
    {"*_n", scoring},
    {"*_categories", scoring},
    {"*_table", scoring},
    {"*_fiml", other_model},
    {"cfa1_wlsmv_*", other_model},
    {"*_ml_polycor", other_model},
    {"*_se_polycor", other_model},
    {"*correct0.5", other_model},
    {"rot_*_f_identity_start", "a rotation from one start; the best of several is compared"},
    {"rot_*_varimax_raw", "varimax without Kaiser's normalization"},
    {"sl_*identity*", "a rotation from one start; the best of several is compared"},
    {"sl_*varimaxstart*", "a rotation from one start; the best of several is compared"},
    {"psych_*", same_number},
    {"irr_*", same_number},
    {"irrCAC_krippen*", same_number},
    {"*_irr_*", same_number},
    {"mbess_*", same_number},
    {"semtools_*", same_number},
    {"compRelSEM_*", same_number},
    {"icc_lmer*", same_number},
    {"*_icc_lmer*", same_number},
    {"lmer_*", same_number},
    {"*_psych_*", wrong_peer},
};

bool matches(std::string_view pattern, std::string_view text) {
  if (pattern.empty()) return text.empty();
  if (pattern.front() != '*')
    return !text.empty() && text.front() == pattern.front() && matches(pattern.substr(1), text.substr(1));
  for (std::size_t skip = 0; skip <= text.size(); ++skip) {
    if (matches(pattern.substr(1), text.substr(skip))) return true;
  }
  return false;
}

std::string_view reason_of(const std::string& key) {
  for (const not_compared& one : left_out) {
    if (matches(one.pattern, key)) return one.why;
  }
  return not_reported;
}

/// Digits that agree, at most 12: beyond, they are the rounding of one compiler or the other.
std::string digits_of(const accuracy::line& one) {
  if (!std::isfinite(one.difference)) return "none";
  const double digits = one.difference > 0 ? std::floor(-std::log10(one.difference)) : 12;
  return digits >= 12 ? "12+" : std::to_string(static_cast<int>(std::max(0.0, digits)));
}

/// Data sets that hold the same quantities share the word before the first underscore.
std::string family_of(const std::string& name) {
  const std::string word = name.substr(0, name.find('_'));
  if (word == "tetra") return "poly";
  return word == "icc" ? "agree" : word;
}

void print_family(const std::string& family, const std::vector<accuracy::line>& lines) {
  std::vector<std::string> names;
  std::vector<std::string> quantities;
  std::map<std::pair<std::string, std::string>, std::string> cells;
  const auto remember = [](std::vector<std::string>& list, const std::string& word) {
    if (std::find(list.begin(), list.end(), word) == list.end()) list.push_back(word);
  };
  for (const auto& one : lines) {
    if (family_of(one.data) != family) continue;
    remember(names, one.data);
    remember(quantities, one.quantity);
    const bool agrees = one.difference <= allowed_difference(one);
    cells[{one.quantity, one.data}] = agrees ? digits_of(one) : "differs (" + digits_of(one) + ")";
  }
  std::printf("\n| quantity |");
  for (const auto& name : names) std::printf(" %s |", name.c_str());
  std::printf("\n|---|");
  for (std::size_t i = 0; i < names.size(); ++i) std::printf("---|");
  std::printf("\n");
  for (const auto& quantity : quantities) {
    std::printf("| `%s` |", quantity.c_str());
    for (const auto& name : names) std::printf(" %s |", cells[{quantity, name}].c_str());
    std::printf("\n");
  }
}

void print_markdown(const accuracy::table& out, const std::map<std::string, std::set<std::string>>& untouched) {
  const auto agree = std::count_if(out.lines.begin(), out.lines.end(),
                                   [](const auto& one) { return one.difference <= allowed_difference(one); });
  std::printf("%zu comparisons, %td agree within what the reference is good to.\n", out.lines.size(), agree);
  std::vector<std::string> families;
  for (const auto& one : out.lines) {
    if (std::find(families.begin(), families.end(), family_of(one.data)) == families.end())
      families.push_back(family_of(one.data));
  }
  for (const auto& family : families) print_family(family, out.lines);
  std::printf("\nReferences that are less exact than their file says:\n\n");
  for (const auto& weak : weak_references) {
    std::printf("- `%s` (to %.0e): %s\n", std::string(weak.key).c_str(), weak.allowed, std::string(weak.why).c_str());
  }
  std::printf("\nValues of the files that are not compared:\n\n");
  for (const auto& [why, keys] : untouched) {
    std::printf("- %s:", why.c_str());
    for (const auto& key : keys) std::printf(" `%s`", key.c_str());
    std::printf("\n");
  }
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
    const std::string family = family_of(entry.path().stem().string());
    const bool other_subject = family == "cfa" || family == "irt" || family == "invariance";
    if (entry.path().extension() == ".json" && !other_subject) paths.push_back(entry.path());
  }
  std::sort(paths.begin(), paths.end());
  table out;
  std::map<std::string, std::set<std::string>> untouched;  // by reason
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
    const std::size_t first = out.lines.size();
    compare_all(d, out);
    std::set<std::string> touched;
    for (std::size_t i = first; i < out.lines.size(); ++i) touched.insert(out.lines[i].quantity);
    for (const auto& [key, value] : d.values.items()) {
      if (!touched.contains(key) && !value.is_null()) untouched[std::string(reason_of(key))].insert(key);
    }
  }
  int failed = 0;
  for (const line& one : out.lines) {
    const double allowed = allowed_difference(one);
    if (one.difference <= allowed) continue;
    ++failed;
    std::fprintf(stderr, "%-26s %-44s differs: %.2e (allowed %.0e): %.12g, reference %.12g\n", one.data.c_str(),
                 one.quantity.c_str(), one.difference, allowed, one.found, one.wanted);
  }
  if (markdown) {
    print_markdown(out, untouched);
  } else {
    std::printf("%zu comparisons, %d differ\n", out.lines.size(), failed);
  }
  return failed == 0 && !out.lines.empty() ? 0 : 1;
}
