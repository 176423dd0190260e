// SPDX-License-Identifier: BSL-1.0
// ISO 8601 calendar dates as day numbers, so that sessions can be dated instead of counted.
#pragma once

#include <string_view>

#include <rapport/core/result.hpp>

namespace rapport {

namespace detail {

/// Reads `width` digits at `position`; -1 if there are none.
constexpr int read_digits(std::string_view text, std::size_t position, std::size_t width) noexcept {
  if (position + width > text.size()) return -1;
  int value = 0;
  for (const char c : text.substr(position, width)) {
    if (c < '0' || c > '9') return -1;
    value = value * 10 + (c - '0');
  }
  return value;
}

constexpr int days_in_month(int year, int month) noexcept {
  constexpr int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  const bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
  return month == 2 && leap ? 29 : days[month - 1];
}

}  // namespace detail

/// The day number of an ISO 8601 date, 1970-01-01 being 0, in the Gregorian calendar.
/// \param date  "2026-03-31"; a time of day behind it ("2026-03-31T14:30", "2026-03-31 14:30:05") adds its fraction
/// \return      days; whole for a plain date
/// Errors:      errc::invalid_date for anything else, including days that do not exist
/// Not for:     time zones: a time of day is taken as written
[[nodiscard]] constexpr result<double> days_from_date(std::string_view date) noexcept {
  error invalid{.code = errc::invalid_date, .function = "days_from_date", .subject = date};
  const int year = detail::read_digits(date, 0, 4);
  const int month = detail::read_digits(date, 5, 2);
  const int day = detail::read_digits(date, 8, 2);
  if (year < 0 || month < 1 || month > 12 || day < 1 || day > detail::days_in_month(year, month)) return invalid;
  if (date[4] != '-' || date[7] != '-') return invalid;

  // Years are counted from March, so that the leap day is the last of its year and months follow one formula.
  const int shifted_year = month > 2 ? year : year - 1;
  const int shifted_month = month > 2 ? month - 3 : month + 9;
  const int day_of_year = (153 * shifted_month + 2) / 5 + day - 1;
  // 719468 days lie between 0000-03-01 and 1970-01-01; no year before 0 can be written.
  const int before_year =
      shifted_year < 0 ? -366 : shifted_year * 365 + shifted_year / 4 - shifted_year / 100 + shifted_year / 400;
  const double days = before_year + day_of_year - 719468;
  if (date.size() == 10) return days;

  const int hour = detail::read_digits(date, 11, 2);
  const int minute = detail::read_digits(date, 14, 2);
  const bool has_seconds = date.size() == 19;
  const int second = has_seconds ? detail::read_digits(date, 17, 2) : 0;
  if (date[10] != 'T' && date[10] != ' ') return invalid;
  if (hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 59 || date[13] != ':')
    return invalid;
  if (has_seconds ? date[16] != ':' : date.size() != 16) return invalid;
  return days + (hour * 3600 + minute * 60 + second) / 86400.0;
}

}  // namespace rapport
