// SPDX-License-Identifier: BSL-1.0
#include "csv_table.hpp"

#include <algorithm>
#include <boost/range/iterator_range.hpp>
#include <boost/spirit/home/x3.hpp>
#include <charconv>
#include <cmath>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <limits>

#include "failures.hpp"

namespace program {

namespace {

namespace x3 = boost::spirit::x3;

constexpr std::size_t longest_line = std::size_t{1} << 20;

std::string read_everything(const std::string& path) {
  if (path == "-") return {std::istreambuf_iterator<char>(std::cin), {}};
  std::error_code why;
  const auto status = std::filesystem::status(path, why);
  if (!std::filesystem::exists(status)) throw call_error(path + ": there is no such file");
  if (std::filesystem::is_directory(status)) throw call_error(path + " is a directory; name a file in it");
  std::ifstream file(path, std::ios::binary);
  if (!file) throw call_error(path + " cannot be read; check its permissions");
  std::string content{std::istreambuf_iterator<char>(file), {}};
  if (file.bad()) throw call_error(path + " could not be read to its end");
  return content;
}

/// Length of the UTF-8 character at the front of a text; 0 if there is none.
std::size_t character_length(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const std::size_t length = byte(0) < 0x80   ? 1
                             : byte(0) < 0xC2 ? 0
                             : byte(0) < 0xE0 ? 2
                             : byte(0) < 0xF0 ? 3
                             : byte(0) < 0xF5 ? 4
                                              : 0;
  if (length == 0 || length > text.size()) return 0;
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xC0U) != 0x80U) return 0;
  }
  const bool overlong = (byte(0) == 0xE0 && byte(1) < 0xA0) || (byte(0) == 0xF0 && byte(1) < 0x90);
  const bool surrogate = byte(0) == 0xED && byte(1) >= 0xA0;
  const bool beyond = byte(0) == 0xF4 && byte(1) >= 0x90;
  return overlong || surrogate || beyond ? 0 : length;
}

std::string_view trimmed(std::string_view text) {
  const auto is_blank = [](char c) { return c == ' ' || c == '\t'; };
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
  return text;
}

std::string list(const std::vector<std::string>& names) {
  std::string text;
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (i == 12 && names.size() > 14) return text + ", ... (" + std::to_string(names.size()) + " in all)";
    text += (i == 0 ? "" : ", ") + names[i];
  }
  return text;
}

}  // namespace

std::size_t utf8_length(std::string_view text) {
  std::size_t good = 0;
  while (good < text.size()) {
    const std::size_t length = character_length(text.substr(good));
    if (length == 0) break;
    good += length;
  }
  return good;
}

std::string field_text(std::string_view field) {
  if (field.size() < 2 || field.front() != '"') return std::string(trimmed(field));
  std::string text;
  for (std::size_t i = 1; i + 1 < field.size(); ++i) {
    text += field[i];
    if (field[i] == '"') ++i;  // the second of a doubled quotation mark
  }
  return std::string(trimmed(text));
}

csv_file::csv_file(const std::string& path, csv_dialect dialect)
    : name_(path == "-" ? "standard input" : path), dialect_(std::move(dialect)), content_(read_everything(path)) {
  const char* begin = content_.data();
  const char* const end = begin + content_.size();
  constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
  if (std::string_view(content_).starts_with(byte_order_mark)) begin += byte_order_mark.size();
  if (std::all_of(begin, end, [](char c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; })) {
    throw data_error(name_ + " is empty; a table needs a header and at least one row");
  }

  std::size_t line = 1;
  for (const char* from = begin; from < end; ++line) {
    const auto left = static_cast<std::size_t>(end - from);
    const char* const found = static_cast<const char*>(std::memchr(from, '\n', left));
    const char* const stop = found == nullptr ? end : found;
    if (static_cast<std::size_t>(stop - from) > longest_line) {
      throw data_error(at(line) + ": the line has " + std::to_string(stop - from) +
                       " bytes; lines of more than 1 MiB are not read, so this is probably no table");
    }
    if (const void* nul = std::memchr(from, '\0', static_cast<std::size_t>(stop - from))) {
      throw data_error(at(line) + ": byte " + std::to_string(static_cast<const char*>(nul) - from + 1) +
                       " is NUL; save the table as UTF-8 text");
    }
    const std::string_view text(from, static_cast<std::size_t>(stop - from));
    if (const std::size_t good = utf8_length(text); good < text.size()) {
      throw data_error(at(line) + ": byte " + std::to_string(good + 1) + " is no UTF-8; save the table as UTF-8 text");
    }
    from = stop + 1;
  }

  std::vector<std::string_view> fields;
  rows_begin_ = read_record(begin, 1, fields);
  rows_line_ = 1 + static_cast<std::size_t>(std::count(begin, rows_begin_, '\n'));
  for (const std::string_view field : fields) header_.push_back(field_text(field));
}

const char* csv_file::read_record(const char* from, std::size_t line, std::vector<std::string_view>& fields) const {
  const char delimiter = dialect_.delimiter;
  // RFC 4180: a field is quoted, quotation marks inside doubled, or free of them. (Boost.Tokenizer knows only backslashes.)
  const auto line_end = x3::char_("\r\n");
  const auto plain = *(x3::char_ - x3::char_(delimiter) - line_end - x3::char_('"'));
  const auto quoted = '"' >> *(~x3::char_('"') | x3::string("\"\"")) >> '"';
  const auto record = x3::raw[quoted | plain] % x3::omit[x3::char_(delimiter)];

  const char* const end = content_.data() + content_.size();
  const char* here = from;
  fields.clear();
  std::vector<boost::iterator_range<const char*>> found;
  x3::parse(here, end, record, found);
  for (const auto& range : found) fields.emplace_back(range.begin(), static_cast<std::size_t>(range.size()));
  if (here == end) return here;
  if (*here == '\r' && here + 1 < end && here[1] == '\n') return here + 2;
  if (*here == '\n') return here + 1;
  const char* line_begin = here;
  while (line_begin > from && line_begin[-1] != '\n') --line_begin;
  throw data_error(at(line + static_cast<std::size_t>(std::count(from, here, '\n'))) + ": byte " +
                   std::to_string(here - line_begin + 1) + ", field " + std::to_string(fields.size()) +
                   (*here == '"'    ? ": a quotation mark is not closed, or stands inside a field that is not quoted"
                    : *here == '\r' ? ": a carriage return without a line feed"
                                    : ": text behind a closing quotation mark"));
}

csv_column csv_file::column(const std::string& wanted) const {
  const auto found = std::find(header_.begin(), header_.end(), wanted);
  if (found == header_.end()) {
    throw call_error(name_ + " has no column '" + wanted + "'; its columns are " + list(header_));
  }
  if (std::find(found + 1, header_.end(), wanted) != header_.end()) {
    throw data_error(at(1) + ": two columns are called '" + wanted + "'; rename one of them");
  }
  return {wanted, static_cast<std::size_t>(found - header_.begin())};
}

std::vector<csv_column> csv_file::columns(const std::string& wanted) const {
  std::vector<csv_column> out;
  const auto add = [&](const csv_column& one) {
    const auto same = [&](const csv_column& other) { return other.position == one.position; };
    if (std::any_of(out.begin(), out.end(), same))
      throw call_error("column '" + one.name + "' is named twice in '" + wanted + "'");
    out.push_back(one);
  };
  for (std::size_t from = 0; from <= wanted.size();) {
    const std::size_t comma = (std::min)(wanted.find(',', from), wanted.size());
    const std::string part(trimmed(std::string_view(wanted).substr(from, comma - from)));
    from = comma + 1;
    const bool exact = std::find(header_.begin(), header_.end(), part) != header_.end();
    const std::size_t colon = part.find(':');
    if (part.empty()) {
      throw call_error("an empty column name in '" + wanted + "'");
    } else if (!exact && part.back() == '*') {
      const std::string prefix = part.substr(0, part.size() - 1);
      bool any = false;
      for (std::size_t i = 0; i < header_.size(); ++i) {
        if (!header_[i].starts_with(prefix)) continue;
        add(column(header_[i]));
        any = true;
      }
      if (!any)
        throw call_error(name_ + " has no column that begins with '" + prefix + "'; its columns are " + list(header_));
    } else if (!exact && colon != std::string::npos) {
      const csv_column first = column(part.substr(0, colon));
      const csv_column last = column(part.substr(colon + 1));
      if (last.position < first.position) throw call_error("the range '" + part + "' runs backwards in the header");
      for (std::size_t i = first.position; i <= last.position; ++i) add(column(header_[i]));
    } else {
      add(column(part));
    }
  }
  return out;
}

bool csv_file::is_missing(std::string_view cell) const {
  if (cell.empty() || cell == "NA" || cell == "NaN" || cell == "." || cell == "nan") return true;
  return std::find(dialect_.missing.begin(), dialect_.missing.end(), cell) != dialect_.missing.end();
}

double csv_file::number(std::string_view cell, std::size_t line, const csv_column& column) const {
  std::string unquoted;
  if (!cell.empty() && cell.front() == '"') {
    unquoted = field_text(cell);
    cell = unquoted;
  }
  cell = trimmed(cell);
  if (is_missing(cell)) return std::numeric_limits<double>::quiet_NaN();
  if (!dialect_.labels.empty()) {
    if (const auto label = dialect_.labels.find(std::string(cell)); label != dialect_.labels.end())
      return label->second;
  }
  std::string with_point;
  std::string_view digits = cell;
  if (dialect_.decimal != '.' && digits.find('.') == std::string_view::npos) {
    with_point = digits;
    std::replace(with_point.begin(), with_point.end(), dialect_.decimal, '.');
    digits = with_point;
  }
  if (digits.size() > 1 && digits.front() == '+') digits.remove_prefix(1);
  double value = 0;
  const char* const end = digits.data() + digits.size();
  const auto parsed = std::from_chars(digits.data(), end, value);
  const bool all_read = parsed.ec == std::errc() && parsed.ptr == end;
  if (all_read && std::isfinite(value)) return value;
  std::string shown(cell.substr(0, 40));
  throw data_error(
      at(line, column) + ": '" + shown + (cell.size() > 40 ? "...'" : "'") +
      (all_read || parsed.ec == std::errc::result_out_of_range
           ? " is not a finite number; mark it missing (NA)"
           : " is not a number; name it with --na if it means missing, or with --labels if it stands for a number"));
}

csv_table csv_file::read(const std::vector<csv_column>& numbers, const std::vector<csv_column>& texts) const {
  csv_table out;
  out.numbers.resize(numbers.size());
  out.texts.resize(texts.size());
  std::vector<std::string_view> fields;
  const char* const end = content_.data() + content_.size();
  std::size_t line = rows_line_;
  for (const char* from = rows_begin_; from < end;) {
    const char* const next = read_record(from, line, fields);
    const bool is_blank = fields.size() == 1 && trimmed(fields[0]).empty() && header_.size() > 1;
    const bool only_blanks_follow =
        is_blank && std::all_of(from, end, [](char c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; });
    if (only_blanks_follow) break;
    if (fields.size() != header_.size()) {
      throw data_error(at(line) + ": the row has " + std::to_string(fields.size()) + " fields, the header has " +
                       std::to_string(header_.size()));
    }
    out.line.push_back(line);
    for (std::size_t i = 0; i < numbers.size(); ++i) {
      out.numbers[i].push_back(number(fields[numbers[i].position], line, numbers[i]));
    }
    for (std::size_t i = 0; i < texts.size(); ++i) {
      std::string text = field_text(fields[texts[i].position]);
      if (is_missing(text)) text.clear();
      out.texts[i].push_back(std::move(text));
    }
    line += static_cast<std::size_t>(std::count(from, next, '\n'));
    from = next;
  }
  if (out.line.empty()) throw data_error(name_ + " has a header but no rows");
  return out;
}

}  // namespace program
