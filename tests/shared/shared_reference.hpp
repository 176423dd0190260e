// SPDX-License-Identifier: BSL-1.0
// Reference values in a folder `shared` beside the source folder: opened, read, compared within their own tolerance.
#pragma once

#include "rapport_test.hpp"

#include <cstdlib>
#include <fstream>
#include <optional>
#include <sstream>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

namespace rapport_test {

/// One reference file.
struct reference_file {
  std::string name{};
  std::string folder{};
  nlohmann::json root{};

  /// Opens a file by its path under shared/reference; empty, with a warning, if the folder is not there.
  [[nodiscard]] static std::optional<reference_file> open(const std::string& path) {
    const std::string reference = std::string(RAPPORT_TEST_DIR) + "/../../shared/reference/";
    std::ifstream in(reference + path);
    if (!in) {
      WARN("skipped: there is no " + reference + path);
      return std::nullopt;
    }
    reference_file out;
    out.name = path;
    out.folder = (reference + path).substr(0, (reference + path).rfind('/') + 1);
    out.root = nlohmann::json::parse(in);
    return out;
  }

  [[nodiscard]] double tolerance(const std::string& key) const { return root["tolerance"].at(key).get<double>(); }
  [[nodiscard]] double number(const std::string& key) const { return root["values"].at(key).get<double>(); }
  [[nodiscard]] double number(const std::string& key, std::size_t at) const {
    return root["values"].at(key).at(at).get<double>();
  }

  void check(const std::string& key, double found, double absolute = 1e-14) const {
    INFO(name << ": " << key);
    CHECK_CLOSE(found, number(key), tolerance(key), absolute);
  }
  void check(const std::string& key, const rapport::basic_interval<double>& found) const {
    INFO(name << ": " << key);
    CHECK_CLOSE(found.lower, number(key, 0), tolerance(key));
    CHECK_CLOSE(found.upper, number(key, 1), tolerance(key));
  }

  /// The data file, without its header and without `skip` leading columns; an empty field is NaN.
  [[nodiscard]] rapport::stats::matrix<double> table(rapport::index skip = 0) const {
    std::ifstream in(folder + root["data"].get<std::string>());
    REQUIRE(in);
    std::string line;
    std::getline(in, line);
    std::vector<std::vector<double>> rows;
    while (std::getline(in, line)) {
      std::vector<double> row;
      std::istringstream fields(line + ',');
      for (std::string field; std::getline(fields, field, ',');)
        row.push_back(field.empty() || field == "NA" ? std::numeric_limits<double>::quiet_NaN()
                                                     : std::strtod(field.c_str(), nullptr));
      rows.push_back(row);
    }
    REQUIRE_FALSE(rows.empty());
    const auto columns = static_cast<rapport::index>(rows[0].size());
    rapport::stats::matrix<double> out(static_cast<rapport::index>(rows.size()), columns - skip);
    for (rapport::index i = 0; i < out.rows(); ++i) {
      for (rapport::index j = 0; j < out.cols(); ++j)
        out(i, j) = rows[rapport::as_size(i)].at(rapport::as_size(j + skip));
    }
    return out;
  }
};

}  // namespace rapport_test
