// SPDX-License-Identifier: BSL-1.0
// One data set with its reference values, and the table of comparisons.
#pragma once

#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include <rapport/stats/matrix.hpp>

namespace accuracy {

using json = nlohmann::json;

struct data_set {
  std::string name{};
  rapport::stats::matrix<double> x{};
  json values{};
  json tolerance{};

  [[nodiscard]] bool has(const std::string& key) const;
  [[nodiscard]] std::vector<double> numbers(const std::string& key) const;
  [[nodiscard]] double allowed(const std::string& key) const;
};

struct line {
  std::string data{};
  std::string quantity{};
  double difference = 0;
  double allowed = 0;
  double found = 0;
  double wanted = 0;
};

struct table {
  std::vector<line> lines{};

  /// Compares, if the data set has such a value. `floor`: the least size that a difference is measured against.
  void add(const data_set& d, const std::string& key, const std::vector<double>& found, double floor = 0);
  void add(const data_set& d, const std::string& key, double found, double floor = 0) {
    add(d, key, std::vector<double>{found}, floor);
  }
};

/// The numbers of a matrix, row by row.
template <class Derived>
[[nodiscard]] std::vector<double> numbers_of(const Eigen::MatrixBase<Derived>& m) {
  std::vector<double> out;
  for (rapport::index i = 0; i < m.rows(); ++i) {
    for (rapport::index j = 0; j < m.cols(); ++j) out.push_back(m(i, j));
  }
  return out;
}

/// Compares every quantity of a data set that the headers offer.
void compare_all(const data_set& d, table& out);

}  // namespace accuracy
