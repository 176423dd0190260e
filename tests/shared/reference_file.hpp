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
#include <utility>
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

/// Counts comparisons and keeps the worst difference of each quantity in each case, the first word of `where`.
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
    auto& cell = cell_of(quantity, where);
    ++cell.n;
    cell.is_number = true;
    cell.worst = (std::max)(cell.worst, off);
    if (off <= tolerance) return;
    if (++cell.failed <= 5)
      std::printf("%s, %s: %.17g instead of %.17g\n", quantity.c_str(), where.c_str(), found, wanted);
  }
  /// Two values are equal.
  template <class T>
  void equal(const std::string& quantity, const std::string& where, const T& found, const T& wanted) {
    auto& cell = cell_of(quantity, where);
    ++cell.n;
    if (found == wanted) return;
    std::stringstream a, b;
    if constexpr (requires { a << found; }) a << found, b << wanted;
    if (++cell.failed <= 5)
      std::printf("%s, %s: %s instead of %s\n", quantity.c_str(), where.c_str(), a.str().c_str(), b.str().c_str());
  }
  /// A value of the file that is not to be reached, and why.
  void leave_out(const std::string& why, long n = 1) { left_out_[why] += n; }

  /// Prints the sums, or with --markdown the tables of a page; 0 if all agree, 1 otherwise or if nothing was compared.
  int verdict(int argc = 0, char** argv = nullptr) const {
    long n = 0, failed = 0;
    for (const auto& [at, cell] : cells_) n += cell.n, failed += cell.failed;
    if (argc > 1 && std::string(argv[1]) == "--markdown") {
      std::printf("%ld comparisons, %ld agree.\n", n, n - failed);
      for (const auto& family : families()) print_family(family);
      if (!left_out_.empty()) std::printf("\nNot compared:\n\n");
    } else {
      for (const auto& quantity : quantities_) print_sum(quantity);
    }
    for (const auto& [why, count] : left_out_) std::printf("- %ld: %s\n", count, why.c_str());
    return n > 0 && failed == 0 ? 0 : 1;
  }

 private:
  struct tally {
    long n = 0;
    long failed = 0;
    double worst = 0;
    bool is_number = false;
  };

  tally& cell_of(const std::string& quantity, const std::string& where) {
    const std::string name = where.substr(0, where.find(' '));
    if (std::find(cases_.begin(), cases_.end(), name) == cases_.end()) cases_.push_back(name);
    if (std::find(quantities_.begin(), quantities_.end(), quantity) == quantities_.end())
      quantities_.push_back(quantity);
    return cells_[{quantity, name}];
  }
  static std::string family_of(const std::string& name) { return name.substr(0, name.find('_')); }
  std::vector<std::string> families() const {
    std::vector<std::string> out;
    for (const auto& name : cases_) {
      if (std::find(out.begin(), out.end(), family_of(name)) == out.end()) out.push_back(family_of(name));
    }
    return out;
  }
  void print_sum(const std::string& quantity) const {
    tally sum;
    for (const auto& [at, cell] : cells_) {
      if (at.first != quantity) continue;
      sum.n += cell.n;
      sum.failed += cell.failed;
      sum.worst = (std::max)(sum.worst, cell.worst);
    }
    std::printf("%-40s %8ld comparisons, worst difference %.1e, %ld failed\n", quantity.c_str(), sum.n, sum.worst,
                sum.failed);
  }
  static std::string text_of(const tally& cell) {
    if (cell.failed > 0) return "differs (" + std::to_string(cell.failed) + " of " + std::to_string(cell.n) + ")";
    if (!cell.is_number) return "equal";
    // Beyond 12 digits it is the rounding of one compiler or the other.
    const double digits = cell.worst > 0 ? std::floor(-std::log10(cell.worst)) : 12;
    return digits >= 12 ? "12+" : std::to_string(static_cast<int>((std::max)(0.0, digits)));
  }
  void print_family(const std::string& family) const {
    std::vector<std::string> names;
    for (const auto& name : cases_) {
      if (family_of(name) == family) names.push_back(name);
    }
    std::printf("\n| `%s_` |", family.c_str());
    for (const auto& name : names)
      std::printf(" %s |", name.substr((std::min)(name.size(), family.size() + 1)).c_str());
    std::printf("\n|---|");
    for (std::size_t i = 0; i < names.size(); ++i) std::printf("---|");
    std::printf("\n");
    for (const auto& quantity : quantities_) {
      std::string row;
      bool any = false;
      for (const auto& name : names) {
        const auto at = cells_.find({quantity, name});
        any = any || at != cells_.end();
        row += at == cells_.end() ? "  |" : " " + text_of(at->second) + " |";
      }
      if (any) std::printf("| %s |%s\n", quantity.c_str(), row.c_str());
    }
  }

  std::vector<std::string> cases_;
  std::vector<std::string> quantities_;
  std::map<std::pair<std::string, std::string>, tally> cells_;
  std::map<std::string, long> left_out_;
};

/// What a test says that has nothing to compare with.
inline int skipped(const std::filesystem::path& where) {
  std::printf("skipped: there is no folder %s with reference values\n", where.c_str());
  return 77;
}

}  // namespace reference
