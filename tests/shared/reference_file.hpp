// SPDX-License-Identifier: BSL-1.0
// Reference values that lie beside the project, if they do: reading them, comparing, and a verdict per quantity.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <limits>
#include <map>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <vector>

namespace reference {

using nlohmann::json;

/// The folder with the values of a topic, shared/reference/TOPIC beside the source folder.
inline std::filesystem::path folder(const std::string& topic) {
  return std::filesystem::path(RAPPORT_TEST_DIR).parent_path().parent_path() / "shared" / "reference" / topic;
}

/// A number as R writes it: NA and NaN are NaN.
inline double number(const json& value) {
  if (value.is_number()) return value.get<double>();
  if (value.is_boolean()) return value.get<bool>() ? 1 : 0;
  if (value.is_string() && value == "Inf") return std::numeric_limits<double>::infinity();
  if (value.is_string() && value == "-Inf") return -std::numeric_limits<double>::infinity();
  return std::numeric_limits<double>::quiet_NaN();
}

/// An array, or a scalar that stands for an array of one.
inline std::vector<double> numbers(const json& value) {
  std::vector<double> out;
  if (!value.is_array()) return {number(value)};
  for (const auto& each : value) out.push_back(number(each));
  return out;
}

/// A long table client,session,score in the order of the file; an empty score is NaN.
struct series {
  std::vector<double> session{};
  std::vector<double> score{};
};
using panel = std::map<std::string, series>;

inline panel read_panel(const std::filesystem::path& path) {
  std::ifstream file(path);
  panel out;
  std::string line;
  std::getline(file, line);
  while (std::getline(file, line)) {
    std::stringstream fields(line);
    std::string client, session, score;
    std::getline(fields, client, ',');
    std::getline(fields, session, ',');
    std::getline(fields, score, ',');
    auto& one = out[client];
    one.session.push_back(std::stod(session));
    const bool missing = score.empty() || score == "NA";
    one.score.push_back(missing ? std::numeric_limits<double>::quiet_NaN() : std::stod(score));
  }
  return out;
}

inline json read(const std::filesystem::path& path) {
  std::ifstream file(path);
  return json::parse(file);
}

/// Files of the folder whose names begin so, in order.
inline std::vector<std::filesystem::path> files(const std::filesystem::path& where, const std::string& prefix) {
  std::vector<std::filesystem::path> out;
  for (const auto& entry : std::filesystem::directory_iterator(where)) {
    const std::string name = entry.path().filename().string();
    if (name.starts_with(prefix) && name.ends_with(".json")) out.push_back(entry.path());
  }
  std::sort(out.begin(), out.end());
  return out;
}

/// Counts comparisons and keeps the worst difference of each quantity.
class ledger {
 public:
  /// Two numbers agree within a tolerance, relative or absolute below 1; both not numbers agree too.
  void close(const std::string& quantity, const std::string& where, double found, double wanted, double tolerance) {
    double off = 0;
    if (std::isnan(found) || std::isnan(wanted)) {
      off = std::isnan(found) && std::isnan(wanted) ? 0 : std::numeric_limits<double>::infinity();
    } else if (found != wanted) {
      off = std::fabs(found - wanted) / (std::max)(1.0, std::fabs(wanted));
    }
    auto& row = rows_[quantity];
    ++row.n;
    if (off > row.worst) row.worst = off;
    if (!(off <= tolerance)) complain(row, quantity, where, found, wanted);
  }
  /// Two values are equal.
  template <class T>
  void equal(const std::string& quantity, const std::string& where, const T& found, const T& wanted) {
    auto& row = rows_[quantity];
    ++row.n;
    if (found == wanted) return;
    std::stringstream a, b;
    if constexpr (requires { a << found; }) a << found, b << wanted;
    if (++row.failed <= 5)
      std::printf("%s, %s: %s instead of %s\n", quantity.c_str(), where.c_str(), a.str().c_str(), b.str().c_str());
  }
  /// Prints the table; 0 if all agree, 1 otherwise or if nothing was compared.
  int verdict() const {
    bool good = !rows_.empty();
    for (const auto& [quantity, row] : rows_) {
      std::printf("%-40s %8ld comparisons, worst difference %.1e, %ld failed\n", quantity.c_str(), row.n, row.worst,
                  row.failed);
      good = good && row.failed == 0;
    }
    return good ? 0 : 1;
  }

 private:
  struct tally {
    long n = 0;
    long failed = 0;
    double worst = 0;
  };
  static void complain(tally& of, const std::string& quantity, const std::string& where, double found, double wanted) {
    if (++of.failed <= 5)
      std::printf("%s, %s: %.17g instead of %.17g\n", quantity.c_str(), where.c_str(), found, wanted);
  }
  std::map<std::string, tally> rows_;
};

/// What a test says that has nothing to compare with.
inline int skipped(const std::filesystem::path& where) {
  std::printf("skipped: there is no folder %s with reference values\n", where.c_str());
  return 77;
}

}  // namespace reference
