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

/// The rows of a model, sorted by client in order of first appearance; rows with a missing variable are left out.
struct sorted_rows {
  rapport::stats::nested_model_data<double> data{};
  std::vector<std::string> client{};     ///< of each cluster
  std::vector<std::string> group{};      ///< names of the groups
  std::vector<std::size_t> table_row{};  ///< of each row
};

/// \param group  the column of the third level, or empty
inline sorted_rows rows_of_case(const reference_table& table, const std::string& y,
                                const std::vector<std::string>& names, const random_part& random,
                                const std::string& group = "") {
  using rapport::as_size;
  std::vector<std::vector<double>> x;
  for (const auto& name : names) x.push_back(table.numbers(name));
  std::vector<std::vector<double>> z;
  for (const auto& name : random.terms) z.push_back(table.numbers(name));
  const auto score = table.numbers(y);
  const auto& id = table.texts(random.group);
  sorted_rows out;
  std::map<std::string, std::vector<std::size_t>> rows;
  for (std::size_t i = 0; i < table.n_rows; ++i) {
    bool complete = !std::isnan(score[i]);
    for (const auto& column : x) complete = complete && !std::isnan(column[i]);
    if (!complete) continue;
    auto& mine = rows[id[i]];
    if (mine.empty()) out.client.push_back(id[i]);
    mine.push_back(i);
  }
  rapport::index n = 0;
  for (const auto& client : out.client) n += std::ssize(rows[client]);
  auto& data = out.data;
  data.x.resize(n, std::ssize(x));
  data.z.resize(n, std::ssize(z));
  data.y.resize(n);
  using rapport::stats::random_structure;
  data.structure = random.correlated ? random_structure::correlated : random_structure::uncorrelated;
  rapport::index row = 0;
  for (const auto& client : out.client) {
    data.cluster_begin.push_back(row);
    for (const std::size_t i : rows[client]) {
      for (std::size_t j = 0; j < x.size(); ++j) data.x(row, static_cast<rapport::index>(j)) = x[j][i];
      for (std::size_t j = 0; j < z.size(); ++j) data.z(row, static_cast<rapport::index>(j)) = z[j][i];
      data.y(row) = score[i];
      out.table_row.push_back(i);
      ++row;
    }
    if (group.empty()) continue;
    const std::string& mine = table.texts(group)[rows[client][0]];
    auto at = std::find(out.group.begin(), out.group.end(), mine) - out.group.begin();
    if (at == std::ssize(out.group)) out.group.push_back(mine);
    data.group_of_cluster.push_back(at);
  }
  data.n_groups = std::ssize(out.group);
  data.cluster_begin.push_back(n);
  return out;
}

/// Reads the response of "lmer(y ~ ...".
inline std::string response_of(const std::string& call) {
  std::smatch found;
  REQUIRE(std::regex_search(call, found, std::regex(R"((\w+) ~)")));
  return found[1];
}

/// Replaces the column "commit" of the split cases by its parts within and between clients, over complete rows.
inline void add_split(reference_table& table) {
  const auto y = table.numbers("jsat");
  const auto x = table.numbers("commit");
  const auto t = table.numbers("time");
  const auto& id = table.texts("id");
  std::map<std::string, std::pair<double, double>> sums;
  for (std::size_t i = 0; i < y.size(); ++i) {
    if (std::isnan(y[i]) || std::isnan(x[i]) || std::isnan(t[i])) continue;
    sums[id[i]].first += x[i];
    sums[id[i]].second += 1;
  }
  std::vector<double> between;
  std::vector<double> within;
  for (std::size_t i = 0; i < y.size(); ++i) {
    between.push_back(sums[id[i]].first / sums[id[i]].second);
    within.push_back(x[i] - between[i]);
  }
  table.add("xb", between);
  table.add("xw", within);
  table.add("y", y);
  table.add("tt", t);
}

/// The call of a case, from "lmer(" on.
inline std::string lmer_call(const reference_case& r) {
  const json& calls = r.file["calls"];
  const std::string call = calls.is_string() ? calls.get<std::string>() : calls.begin().value().get<std::string>();
  return call.substr(call.find("lmer("));
}

}  // namespace rapport_test
