// SPDX-License-Identifier: BSL-1.0
// Reads comma-separated tables (RFC 4180) and refuses what is not one, with file, line and column.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace program {

/// How a table is written.
struct csv_dialect {
  char delimiter = ',';
  char decimal = '.';
  std::vector<std::string> missing{};      ///< texts that mean "missing", besides an empty cell, NA, NaN and .
  std::map<std::string, double> labels{};  ///< words that stand for numbers
};

/// A column of numbers or of texts, named in the header.
struct csv_column {
  std::string name{};
  std::size_t position = 0;  ///< in the header, from 0
};

/// The columns that were asked for, row by row.
struct csv_table {
  std::vector<std::size_t> line{};                ///< of each row in the file, from 1
  std::vector<std::vector<double>> numbers{};     ///< one vector per column of numbers; NaN is missing
  std::vector<std::vector<std::string>> texts{};  ///< one vector per column of texts; empty is missing

  [[nodiscard]] std::size_t n_rows() const noexcept { return line.size(); }
};

/// A table in memory, its header read.
class csv_file {
 public:
  /// Reads a file, or standard input if the path is "-".
  /// Throws call_error if it cannot be read; data_error if it is empty, has a NUL byte or another that is no UTF-8, a
  /// line of more than 1 MiB or a header that is no header.
  csv_file(const std::string& path, csv_dialect dialect);

  [[nodiscard]] const std::string& name() const noexcept { return name_; }
  [[nodiscard]] const std::vector<std::string>& header() const noexcept { return header_; }

  /// One column by its name. Throws call_error if there is none, data_error if there are two.
  [[nodiscard]] csv_column column(const std::string& wanted) const;

  /// Columns by a list of names, ranges and prefixes: "q1,q2", "q1:q12" in the header's order, "q*".
  [[nodiscard]] std::vector<csv_column> columns(const std::string& wanted) const;

  /// Reads the rows. Throws data_error for a row with another number of fields, an open quotation mark, text where a
  /// number is wanted, infinity, or no rows at all.
  [[nodiscard]] csv_table read(const std::vector<csv_column>& numbers, const std::vector<csv_column>& texts) const;

  /// "file:line" for messages.
  [[nodiscard]] std::string at(std::size_t line) const { return name_ + ":" + std::to_string(line); }
  /// "file:line, column 2 (name)" for messages.
  [[nodiscard]] std::string at(std::size_t line, const csv_column& column) const {
    return at(line) + ", column " + std::to_string(column.position + 1) + " (" + column.name + ")";
  }

  /// A cell as a number: NaN if it is missing. Throws data_error naming line, column and text.
  [[nodiscard]] double number(std::string_view cell, std::size_t line, const csv_column& column) const;
  [[nodiscard]] bool is_missing(std::string_view cell) const;

 private:
  [[nodiscard]] const char* read_record(const char* from, std::size_t line,
                                        std::vector<std::string_view>& fields) const;

  std::string name_;
  csv_dialect dialect_;
  std::string content_;
  std::vector<std::string> header_;
  const char* rows_begin_ = nullptr;
  std::size_t rows_line_ = 1;
};

/// How many bytes of a text are UTF-8, from its front; all of them if it is what it should be.
[[nodiscard]] std::size_t utf8_length(std::string_view text);

/// A field without surrounding blanks and quotation marks, doubled ones inside made single.
[[nodiscard]] std::string field_text(std::string_view field);

}  // namespace program
