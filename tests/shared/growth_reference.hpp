// SPDX-License-Identifier: BSL-1.0
// Reference cases that lie beside the project: their tables, their formulas in R's notation, comparison within tolerance.
#pragma once

#include "rapport_test.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <regex>
#include <sstream>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

namespace rapport_test {

using json = nlohmann::json;

inline std::filesystem::path reference_folder() {
  return std::filesystem::path(RAPPORT_TEST_DIR) / ".." / ".." / "shared" / "reference" / "growth";
}

/// False where the folder is absent; says so.
inline bool have_references() {
  if (std::filesystem::is_directory(reference_folder())) return true;
  WARN("skipped: there is no folder " << reference_folder().string());
  return false;
}

/// A table of a reference case: columns by name, an empty cell is missing.
struct reference_table {
  std::map<std::string, std::vector<std::string>> columns{};
  std::size_t n_rows = 0;

  static reference_table read(const std::string& name) {
    std::ifstream file(reference_folder() / name);
    REQUIRE(file);
    reference_table out;
    std::vector<std::string> header;
    for (std::string line; std::getline(file, line);) {
      std::vector<std::string> cells;
      std::stringstream fields(line);
      for (std::string cell; std::getline(fields, cell, ',');) cells.push_back(cell);
      if (!line.empty() && line.back() == ',') cells.emplace_back();
      if (header.empty()) {
        header = cells;
        continue;
      }
      REQUIRE(cells.size() == header.size());
      for (std::size_t j = 0; j < cells.size(); ++j) out.columns[header[j]].push_back(cells[j]);
      ++out.n_rows;
    }
    return out;
  }

  [[nodiscard]] const std::vector<std::string>& texts(const std::string& name) const {
    const auto found = columns.find(name);
    REQUIRE(found != columns.end());
    return found->second;
  }

  /// A column, a product "a:b", a square "I(a^2)", or the constant "(Intercept)"; NaN where a cell is empty.
  [[nodiscard]] std::vector<double> numbers(const std::string& term) const {
    if (term == "(Intercept)" || term == "1") return std::vector<double>(n_rows, 1.0);
    if (const auto colon = term.find(':'); colon != std::string::npos) {
      auto product = numbers(term.substr(0, colon));
      const auto other = numbers(term.substr(colon + 1));
      for (std::size_t i = 0; i < n_rows; ++i) product[i] *= other[i];
      return product;
    }
    if (term.starts_with("I(")) {
      auto square = numbers(term.substr(2, term.find('^') - 2));
      for (double& x : square) x *= x;
      return square;
    }
    std::vector<double> out;
    for (const std::string& cell : texts(term)) {
      out.push_back(cell.empty() ? std::numeric_limits<double>::quiet_NaN() : std::stod(cell));
    }
    return out;
  }

  void add(const std::string& name, const std::vector<double>& values) {
    for (const double value : values) {
      char digits[40];
      std::snprintf(digits, sizeof digits, "%.17g", value);
      columns[name].push_back(std::isnan(value) ? "" : digits);
    }
  }
};

/// Compares the quantities of one case with its file, each within its declared tolerance.
struct reference_case {
  std::string name{};
  json file{};
  int checked = 0;

  static reference_case read(const std::string& name) {
    std::ifstream opened(reference_folder() / (name + ".json"));
    REQUIRE(opened);
    return {name, json::parse(opened)};
  }

  [[nodiscard]] bool has(const std::string& key) const { return file["values"].contains(key); }
  [[nodiscard]] const json& value(const std::string& key) const { return file["values"].at(key); }

  /// A list of numbers; a scalar counts as a list of one, a matrix row by row.
  [[nodiscard]] std::vector<double> list(const std::string& key) const {
    std::vector<double> out;
    flatten(value(key), out);
    return out;
  }
  [[nodiscard]] std::vector<std::string> names(const std::string& key) const {
    if (value(key).is_string()) return {value(key).get<std::string>()};
    return value(key).get<std::vector<std::string>>();
  }
  [[nodiscard]] double tolerance(const std::string& key) const {
    const json& all = file["tolerance"];
    return all.value(key, all.at("default").get<double>());
  }

  /// Compares a quantity, if the file has it. Differences are relative to the larger of the value and `floor`.
  void check(const std::string& key, const std::vector<double>& found, double floor = 0) {
    if (!has(key)) return;
    check_against(key, found, list(key), std::vector<double>(found.size(), floor));
  }
  void check(const std::string& key, double found, double floor = 0) { check(key, std::vector<double>{found}, floor); }
  void check_against(const std::string& key, const std::vector<double>& found, const std::vector<double>& wanted,
                     const std::vector<double>& floors) {
    INFO(name << ": " << key);
    REQUIRE(found.size() == wanted.size());
    for (std::size_t i = 0; i < found.size(); ++i) {
      const double allowed = tolerance(key) * (std::max)(std::fabs(wanted[i]), floors[i]);
      INFO("[" << i << "] " << rapport::number_text(found[i]).view() << " instead of "
               << rapport::number_text(wanted[i]).view());
      CHECK(std::fabs(found[i] - wanted[i]) <= (std::max)(allowed, 1e-300));
    }
    ++checked;
  }

  static void flatten(const json& from, std::vector<double>& into) {
    if (from.is_array()) {
      for (const json& each : from) flatten(each, into);
    } else {
      into.push_back(from.is_null() ? std::numeric_limits<double>::quiet_NaN() : from.get<double>());
    }
  }
};

/// Row by row.
template <class Matrix>
std::vector<double> as_list(const Matrix& m) {
  std::vector<double> out;
  for (rapport::index i = 0; i < m.rows(); ++i) {
    for (rapport::index j = 0; j < m.cols(); ++j) out.push_back(m(i, j));
  }
  return out;
}

/// One random part of a formula: "(days|id)".
struct random_part {
  std::vector<std::string> terms{};
  std::string group{};
  bool correlated = true;
};

/// The model of a reference case in numbers.
struct reference_model {
  std::vector<std::string> names{};  ///< of the fixed effects
  std::vector<random_part> random{};
  bool reml = true;
};

/// Reads "lmer(y ~ x + (x|id) + (1|school), ..., REML=TRUE)"; the fixed effects are those of beta_names.
inline reference_model parse_model(const reference_case& r, const std::string& call) {
  reference_model out;
  out.names = r.names("beta_names");
  out.reml = call.find("REML=TRUE") != std::string::npos;
  const std::regex part(R"(\(([^()|]*(?:\([^()]*\))?[^()|]*)(\|\|?)(\w+)\))");
  for (std::sregex_iterator at(call.begin(), call.end(), part), end; at != end; ++at) {
    random_part one{{}, (*at)[3], (*at)[2] == "|"};
    std::stringstream terms((*at)[1]);
    for (std::string term; std::getline(terms, term, '+');) {
      term.erase(std::remove(term.begin(), term.end(), ' '), term.end());
      if (term != "1") one.terms.push_back(term);
    }
    one.terms.insert(one.terms.begin(), "(Intercept)");
    out.random.push_back(one);
  }
  return out;
}

}  // namespace rapport_test
