// SPDX-License-Identifier: BSL-1.0
#include "output.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <fstream>
#include <system_error>

#include "failures.hpp"

namespace program {

output_files::~output_files() {
  std::error_code ignored;
  for (const auto& [temporary, final_name] : waiting_) std::filesystem::remove(temporary, ignored);
}

void output_files::write(const std::filesystem::path& path, const std::string& content) {
  std::error_code why;
  if (path.has_parent_path()) std::filesystem::create_directories(path.parent_path(), why);
  auto temporary = path;
  temporary += ".partial";
  std::ofstream file(temporary, std::ios::binary);
  if (file) waiting_.emplace_back(temporary, path);
  file << content;
  file.close();
  if (!file) throw call_error(path.string() + " cannot be written; check the folder and the space left");
}

void output_files::publish() {
  // What can be known beforehand is looked at before the first file is replaced.
  for (const auto& [temporary, final_name] : waiting_) {
    std::error_code why;
    if (std::filesystem::is_directory(final_name, why)) throw call_error(final_name.string() + " is a directory");
  }
  for (const auto& [temporary, final_name] : waiting_) {
    std::error_code why;
    std::filesystem::rename(temporary, final_name, why);
    if (why) throw call_error(final_name.string() + " cannot be written: " + why.message());
  }
  waiting_.clear();
}

void print(const std::string& text) {
  const bool complete = std::fwrite(text.data(), 1, text.size(), stdout) == text.size() && std::fflush(stdout) == 0;
  if (!complete) throw call_error("standard output cannot be written");
}

namespace {

/// Columns on the screen: UTF-8 continuation bytes take none.
std::size_t width_of(const std::string& text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

bool looks_like_number(const std::string& text) {
  return !text.empty() && text.find_first_not_of("0123456789.+-e%<[], ") == std::string::npos;
}

}  // namespace

std::string text_table::str() const {
  const std::size_t n_columns = rows_.front().size();
  std::vector<std::size_t> width(n_columns, 0);
  std::vector<bool> is_numeric(n_columns, rows_.size() > 1);
  for (std::size_t r = 0; r < rows_.size(); ++r) {
    for (std::size_t c = 0; c < n_columns; ++c) {
      width[c] = (std::max)(width[c], width_of(rows_[r][c]));
      if (r > 0 && !looks_like_number(rows_[r][c])) is_numeric[c] = false;
    }
  }
  std::string out;
  for (const auto& row : rows_) {
    std::string line = " ";
    for (std::size_t c = 0; c < n_columns; ++c) {
      const std::string padding(width[c] - width_of(row[c]), ' ');
      line += ' ' + (is_numeric[c] ? padding + row[c] : row[c] + padding) + ' ';
    }
    line.erase(line.find_last_not_of(' ') + 1);
    out += line + '\n';
  }
  return out;
}

std::string decimals(double value, int digits) {
  if (!std::isfinite(value)) return "-";
  char buffer[400];
  const auto end = std::to_chars(buffer, buffer + sizeof buffer, value, std::chars_format::fixed, digits);
  std::string text(buffer, end.ptr);
  const bool is_zero = text.find_first_not_of("-0.") == std::string::npos;
  if (is_zero && text.front() == '-') text.erase(0, 1);
  return text;
}

std::string csv_field(const std::string& text) {
  if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
  std::string quoted = "\"";
  for (const char c : text) {
    quoted += c;
    if (c == '"') quoted += '"';
  }
  return quoted + '"';
}

std::string csv_field(double value) {
  if (!std::isfinite(value)) return {};
  char buffer[40];
  const auto end = std::to_chars(buffer, buffer + sizeof buffer, value);
  return {buffer, end.ptr};
}

}  // namespace program
