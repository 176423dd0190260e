// SPDX-License-Identifier: BSL-1.0
// Outputs that appear whole or not at all, and tables for people.
#pragma once

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

namespace program {

/// Files that are written under temporary names and take their own names together, when all are complete.
class output_files {
 public:
  output_files() = default;
  output_files(const output_files&) = delete;
  output_files& operator=(const output_files&) = delete;
  /// Removes what was not published.
  ~output_files();

  /// Writes a file beside its final place. Throws call_error if it cannot be written.
  void write(const std::filesystem::path& path, const std::string& content);
  /// Gives all files their names, replacing older ones.
  void publish();

 private:
  std::vector<std::pair<std::filesystem::path, std::filesystem::path>> waiting_;  // temporary, final
};

/// Writes to standard output at once. Throws call_error if it cannot take it.
void print(const std::string& text);

/// A table with columns aligned: texts to the left, numbers to the right.
class text_table {
 public:
  explicit text_table(std::vector<std::string> header) : rows_{std::move(header)} {}
  void add(std::vector<std::string> row) { rows_.push_back(std::move(row)); }
  [[nodiscard]] std::string str() const;

 private:
  std::vector<std::vector<std::string>> rows_;
};

/// A number for people: so many decimals, "-" if it is not there.
[[nodiscard]] std::string decimals(double value, int digits);

/// A field of a CSV file, quoted if it must be.
[[nodiscard]] std::string csv_field(const std::string& text);
/// A number that reads back to the same double; empty for NaN.
[[nodiscard]] std::string csv_field(double value);

}  // namespace program
