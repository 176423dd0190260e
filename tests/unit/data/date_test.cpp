// SPDX-License-Identifier: BSL-1.0
// Day numbers of dates: known days, a calendar counted day by day, times of day, and text that is no date.
#include "rapport_test.hpp"

#include <cstdio>
#include <string>
#include <string_view>

#include <rapport/data/date.hpp>

using rapport::days_from_date;
using rapport::errc;

namespace {

std::string two_digits(int n) { return {static_cast<char>('0' + n / 10), static_cast<char>('0' + n % 10)}; }

std::string date_text(int year, int month, int day) {
  return two_digits(year / 100) + two_digits(year % 100) + "-" + two_digits(month) + "-" + two_digits(day);
}

bool is_leap(int year) {
  if (year % 400 == 0) return true;
  if (year % 100 == 0) return false;
  return year % 4 == 0;
}

/// "Thirty days hath September, April, June and November ..."
int length_of_month(int year, int month) {
  switch (month) {
    case 4:
    case 6:
    case 9:
    case 11: return 30;
    case 2: return is_leap(year) ? 29 : 28;
    default: return 31;
  }
}

bool refused(std::string_view text) {
  const auto days = days_from_date(text);
  return !days && days.error().code == errc::invalid_date;
}

/// Whether a text has the form of the pattern, in which 'd' stands for a digit.
bool matches(std::string_view text, std::string_view pattern) {
  if (text.size() != pattern.size()) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool digit = text[i] >= '0' && text[i] <= '9';
    if (pattern[i] == 'd' ? !digit : text[i] != pattern[i]) return false;
  }
  return true;
}

/// The same question answered the naive way: match the whole form, then read the numbers.
bool is_legal(const std::string& text) {
  bool form = false;
  for (const char* time : {"", "Tdd:dd", " dd:dd", "Tdd:dd:dd", " dd:dd:dd"})
    form = form || matches(text, std::string("dddd-dd-dd") + time);
  if (!form) return false;
  const int year = std::stoi(text.substr(0, 4));
  const int month = std::stoi(text.substr(5, 2));
  const int day = std::stoi(text.substr(8, 2));
  if (month < 1 || month > 12 || day < 1 || day > length_of_month(year, month)) return false;
  if (text.size() > 10 && (std::stoi(text.substr(11, 2)) > 23 || std::stoi(text.substr(14, 2)) > 59)) return false;
  return text.size() < 19 || std::stoi(text.substr(17, 2)) <= 59;
}

}  // namespace

TEST_CASE("known days", "[data][date]") {
  STATIC_REQUIRE(*days_from_date("1970-01-01") == 0);
  STATIC_REQUIRE(*days_from_date("1970-01-02") == 1);
  STATIC_REQUIRE(*days_from_date("1969-12-31") == -1);
  STATIC_REQUIRE(*days_from_date("2000-01-01") == 10957);    // 946684800 seconds of Unix time
  STATIC_REQUIRE(*days_from_date("2001-09-09") == 11574);    // the day of Unix second 1000000000
  STATIC_REQUIRE(*days_from_date("2038-01-19") == 24855);    // the day of Unix second 2^31
  STATIC_REQUIRE(*days_from_date("1858-11-17") == -40587);   // the first day of the modified Julian date
  STATIC_REQUIRE(*days_from_date("1582-10-15") == -141427);  // the first Gregorian day, Julian day 2299161
  STATIC_REQUIRE(*days_from_date("0001-01-01") == -719162);
  STATIC_REQUIRE(*days_from_date("0000-03-01") == -719468);
  STATIC_REQUIRE(*days_from_date("0000-02-29") == -719469);  // year 0 is a leap year
  STATIC_REQUIRE(*days_from_date("0000-01-01") == -719528);
  STATIC_REQUIRE(*days_from_date("9999-12-31") == 2932896);
}

TEST_CASE("leap years", "[data][date]") {
  STATIC_REQUIRE(*days_from_date("2024-03-01") - *days_from_date("2024-02-28") == 2);
  STATIC_REQUIRE(*days_from_date("2023-03-01") - *days_from_date("2023-02-28") == 1);
  STATIC_REQUIRE(*days_from_date("2000-03-01") - *days_from_date("2000-02-28") == 2);
  STATIC_REQUIRE(*days_from_date("1900-03-01") - *days_from_date("1900-02-28") == 1);
  STATIC_REQUIRE(days_from_date("2024-02-29"));
  STATIC_REQUIRE(days_from_date("2000-02-29"));
  STATIC_REQUIRE(!days_from_date("1900-02-29"));
  STATIC_REQUIRE(!days_from_date("2023-02-29"));
  STATIC_REQUIRE(!days_from_date("2024-02-30"));
}

TEST_CASE("every day of ten thousand years follows the day before", "[data][date]") {
  double expected = -719528;
  std::string first_difference;
  for (int year = 0; year <= 9999; ++year) {
    for (int month = 1; month <= 12; ++month) {
      for (int day = 1; day <= length_of_month(year, month); ++day) {
        const std::string date = date_text(year, month, day);
        const auto found = days_from_date(date);
        if (first_difference.empty() && (!found || *found != expected)) first_difference = date;
        ++expected;
      }
    }
  }
  CHECK(first_difference == "");
  CHECK(expected == 2932897);
}

TEST_CASE("days and months that do not exist are refused", "[data][date]") {
  std::string first_difference;
  for (const int year : {0, 1, 4, 100, 400, 1900, 1999, 2000, 2024, 2026, 2100, 9999}) {
    for (int month = 0; month <= 99; ++month) {
      for (int day = 0; day <= 99; ++day) {
        const bool exists = month >= 1 && month <= 12 && day >= 1 && day <= length_of_month(year, month);
        const std::string date = date_text(year, month, day);
        if (first_difference.empty() && refused(date) == exists) first_difference = date;
      }
    }
  }
  CHECK(first_difference == "");
}

TEST_CASE("a time of day adds its fraction", "[data][date]") {
  STATIC_REQUIRE(*days_from_date("1970-01-01T00:00") == 0);
  STATIC_REQUIRE(*days_from_date("1970-01-01T12:00") == 0.5);
  STATIC_REQUIRE(*days_from_date("1970-01-02 18:00") == 1.75);
  STATIC_REQUIRE(*days_from_date("1970-01-02 18:00:00") == 1.75);
  STATIC_REQUIRE(*days_from_date("1969-12-31T06:00:00") == -0.75);
  // Dyadic fractions of a day of 86400 = 2^7 * 675 seconds are exact, others are the nearest double.
  CHECK(*days_from_date("1970-01-01T00:11:15") == 1.0 / 128);
  CHECK(*days_from_date("1970-01-01T14:30:05") == 52205.0 / 86400);
  CHECK(*days_from_date("1970-01-01T23:59:59") == 86399.0 / 86400);
  CHECK(*days_from_date("2026-03-31T23:59:59") < *days_from_date("2026-04-01"));
  CHECK(*days_from_date("2026-03-31T14:30") == *days_from_date("2026-03-31 14:30:00"));
}

TEST_CASE("every second of a day comes after the one before", "[data][date]") {
  double before = *days_from_date("2026-03-31") - 1;
  bool increasing = true;
  for (int second = 0; second < 86400; ++second) {
    const std::string time =
        "2026-03-31T" + two_digits(second / 3600) + ":" + two_digits(second / 60 % 60) + ":" + two_digits(second % 60);
    const auto now = days_from_date(time);
    increasing = increasing && now && *now > before;
    if (now) before = *now;
  }
  CHECK(increasing);
  CHECK(before < *days_from_date("2026-04-01"));
}

TEST_CASE("text that is not a date is refused", "[data][date]") {
  for (const char* text : {"",
                           " ",
                           "-",
                           "today",
                           "20260331",
                           "2026-3-31",
                           "2026-03-1",
                           "26-03-31",
                           "2026/03/31",
                           "2026.03.31",
                           "31.03.2026",
                           "31-03-2026",
                           "03/31/2026",
                           "2026-03",
                           "2026-03-",
                           "2026-W14-2",
                           "2026-090",
                           "-026-03-31",
                           "+2026-03-31",
                           "-2026-03-31",
                           "2026-+3-31",
                           "2026-03--1",
                           " 2026-03-31",
                           "2026-03-31 ",
                           "2026-03-31T",
                           "2026-03-31T1",
                           "2026-03-31T14",
                           "2026-03-31T14:",
                           "2026-03-31T14:3",
                           "2026-03-31T1430",
                           "2026-03-31T14:30:",
                           "2026-03-31T14:30:5",
                           "2026-03-31T14:30:005",
                           "2026-03-31T14:30:05Z",
                           "2026-03-31T14:30:05.5",
                           "2026-03-31T14:30Z",
                           "2026-03-31T14:30+01",
                           "2026-03-31T14:30+01:00",
                           "2026-03-31t14:30",
                           "2026-03-31_14:30",
                           "2026-03-31T24:00",
                           "2026-03-31T14:60",
                           "2026-03-31T14:30:60",
                           "2026-03-31T-1:30",
                           "2026-03-31T14.30",
                           "2026-03-31T14:30.05",
                           "2026-00-10",
                           "2026-13-01",
                           "2026-04-31",
                           "2026-01-00",
                           "2026-01-32",
                           "2O26-03-31",
                           "99999-01-01",
                           "2026-03-311"}) {
    CAPTURE(text);
    CHECK(refused(text));
  }
  CHECK(refused(std::string_view()));
  CHECK(refused(std::string_view("2026-03-31\0", 11)));
  CHECK(refused("２０２６-03-31"));  // digits of another script
}

TEST_CASE("a date cut short, or with one byte changed, is a date only if it has the form of one", "[data][date]") {
  std::string first_difference;
  for (const std::string whole : {"2024-02-29T14:30:05", "1999-12-31 23:59"}) {
    for (std::size_t length = 0; length <= whole.size(); ++length) {
      const std::string cut = whole.substr(0, length);
      if (refused(cut) == is_legal(cut)) first_difference = cut;
    }
    for (std::size_t place = 0; place < whole.size(); ++place) {
      for (int byte = 0; byte < 256; ++byte) {
        std::string changed = whole;
        changed[place] = static_cast<char>(byte);
        if (refused(changed) == is_legal(changed)) first_difference = changed;
      }
    }
  }
  CHECK(first_difference == "");
}

TEST_CASE("the error quotes the text", "[data][date]") {
  const auto days = days_from_date("31.3.2026");
  REQUIRE(!days);
  CHECK(days.error().subject == "31.3.2026");
  CHECK(std::string(rapport::message(days.error()).view()) ==
        "days_from_date: '31.3.2026' is not a calendar date; write it as 2026-03-31 [rapport.209]");
  const auto long_text = days_from_date(std::string(1000, '9'));
  REQUIRE(!long_text);
  CHECK(long_text.error().subject.truncated());
  CHECK(!rapport::message(long_text.error()).truncated());
}
