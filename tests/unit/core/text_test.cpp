// SPDX-License-Identifier: BSL-1.0
// Text of a fixed capacity: what fits, what is cut off, and that it is a plain value.
#include "rapport_test.hpp"

#include <cstring>
#include <string>
#include <string_view>
#include <type_traits>

#include <rapport/core/text.hpp>

using rapport::text;

TEST_CASE("a text is a plain value, usable in constant expressions", "[core][text]") {
  STATIC_REQUIRE(std::is_trivially_copyable_v<text<47>>);
  STATIC_REQUIRE(text<3>().empty());
  STATIC_REQUIRE(text<3>().view() == "");
  STATIC_REQUIRE(text<3>("abc") == "abc");
  STATIC_REQUIRE(text<3>("ab").append('c').append("") == "abc");
  STATIC_REQUIRE(text<3>("abc") != "abd");
  STATIC_REQUIRE(text<3>("abc") == text<3>(std::string_view("abc")));
  STATIC_REQUIRE(text<3>("abc") == std::string_view("abc"));
  STATIC_REQUIRE(std::string_view(text<3>("abc")) == "abc");
  STATIC_REQUIRE(!text<3>("abc").truncated());
  STATIC_REQUIRE(text<3>("abcd").truncated());
}

TEST_CASE("a text holds as many bytes as its capacity, cuts the rest and says so", "[core][text]") {
  const std::string alphabet = "abcdefghijklmnop";
  for (std::size_t length = 0; length <= alphabet.size(); ++length) {
    const std::string given = alphabet.substr(0, length);
    CAPTURE(given);
    const text<5> all_at_once(given);
    text<5> one_by_one;
    for (const char c : given) one_by_one.append(c);
    const std::string kept = length <= 5 ? given : "abcde";

    CHECK(all_at_once == kept.c_str());
    CHECK(all_at_once.size() == kept.size());
    CHECK(all_at_once.empty() == (length == 0));
    CHECK(all_at_once.truncated() == (length > 5));
    CHECK(all_at_once.truncated() != text<5>::fits(given));
    CHECK(std::strlen(all_at_once.c_str()) == kept.size());
    CHECK(one_by_one == all_at_once);
    CHECK(one_by_one.truncated() == all_at_once.truncated());
  }
}

TEST_CASE("appending keeps what stood before and returns the text itself", "[core][text]") {
  text<10> t("ab");
  CHECK(&t.append("cd") == &t);
  CHECK(&t.append('e') == &t);
  CHECK(t == "abcde");
  t.append("fghijKLM");
  CHECK(t == "abcdefghij");
  CHECK(t.truncated());

  text<10> copy = t;
  CHECK(copy == t);
  CHECK(copy.truncated());
  copy = text<10>("new");
  CHECK(copy == "new");
  CHECK(!copy.truncated());
  CHECK(t == "abcdefghij");
}

TEST_CASE("a text keeps every byte, a NUL in the middle included", "[core][text]") {
  const std::string_view with_nul("a\0b", 3);
  const text<8> t(with_nul);
  CHECK(t.size() == 3);
  CHECK((t.view() == with_nul));
  CHECK(!(t == "a"));

  std::string all_bytes;
  for (int byte = 0; byte < 256; ++byte) all_bytes.push_back(static_cast<char>(byte));
  CHECK((text<256>(all_bytes).view() == std::string_view(all_bytes)));
}

TEST_CASE("the largest text holds 65534 bytes", "[core][text]") {
  const std::string long_text(70000, 'x');
  const text<65534> t(long_text);
  CHECK(t.size() == 65534);
  CHECK(t.truncated());
  CHECK(t.c_str()[65534] == '\0');
}
