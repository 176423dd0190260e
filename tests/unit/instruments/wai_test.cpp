// SPDX-License-Identifier: BSL-1.0
// The keys of the Working Alliance Inventory, item by item.
#include "rapport_test.hpp"

#include <string_view>
#include <vector>

#include <rapport/instruments/wai.hpp>

using rapport::instrument;
using rapport::instruments::wai_36_client;
using rapport::instruments::wai_36_therapist;
using rapport::instruments::wai_sr_client;

namespace {

// The 36 items as they follow each other on the form: the letter of the subscale, small if the item is reversed.
// (Task, Bond, Goal.)
constexpr std::string_view wai_36_form =
    "bTgTBGtBgg"
    "tgTGtTBTBb"
    "BGBTGBgBbG"
    "tGtgTB";
// The same of the 12 items of the WAI-SR, none of which is reversed.
constexpr std::string_view wai_sr_form = "TTBGBGBGBTGT";

/// Compares a key with a form written as above.
void check_key(const instrument& key, std::string_view form) {
  REQUIRE(key.n_items() == static_cast<int>(form.size()));
  REQUIRE(key.n_subscales() == 3);
  REQUIRE(key.check());
  for (int item = 1; item <= key.n_items(); ++item) {
    const char letter = form[static_cast<std::size_t>(item - 1)];
    const bool is_reversed = letter == 't' || letter == 'b' || letter == 'g';
    CAPTURE(item);
    CHECK(key.reversed_items().contains(item) == is_reversed);
    CHECK(key.subscale_at(key.find_subscale("task")).items.contains(item) == (letter == 'T' || letter == 't'));
    CHECK(key.subscale_at(key.find_subscale("bond")).items.contains(item) == (letter == 'B' || letter == 'b'));
    CHECK(key.subscale_at(key.find_subscale("goal")).items.contains(item) == (letter == 'G' || letter == 'g'));
  }
}

/// How many items of a subscale are reversed.
int n_reversed(const instrument& key, std::string_view subscale) {
  int count = 0;
  for (const int item : key.subscale_at(key.find_subscale(subscale)).items)
    count += key.reversed_items().contains(item) ? 1 : 0;
  return count;
}

}  // namespace

TEST_CASE("the key of the WAI-36", "[instruments][wai]") {
  check_key(wai_36_client, wai_36_form);
  CHECK(wai_36_client.id() == "wai-36-client");
  CHECK(wai_36_client.min() == 1);
  CHECK(wai_36_client.max() == 7);
  CHECK(wai_36_client.step() == 1);
  CHECK(wai_36_client.perspective() == rapport::perspective::client);
  CHECK(wai_36_client.reversed_items().size() == 14);
  CHECK(wai_36_client.reversed_items().contains(29));  // data with 28 reversed instead are in circulation
  CHECK(!wai_36_client.reversed_items().contains(28));
}

TEST_CASE("the subscales of the WAI-36 divide its items into three times twelve", "[instruments][wai]") {
  for (const instrument* form : {&wai_36_client, &wai_36_therapist}) {
    int times_used[37] = {};
    for (int s = 0; s < form->n_subscales(); ++s) {
      CHECK(form->subscale_at(s).items.size() == 12);
      for (const int item : form->subscale_at(s).items) ++times_used[item];
    }
    for (int item = 1; item <= 36; ++item) CHECK(times_used[item] == 1);
    CHECK(n_reversed(*form, "task") == 5);
    CHECK(n_reversed(*form, "bond") == 3);
    CHECK(n_reversed(*form, "goal") == 6);
  }
}

TEST_CASE("the therapist form has the key of the client form", "[instruments][wai]") {
  check_key(wai_36_therapist, wai_36_form);
  CHECK(wai_36_therapist.id() == "wai-36-therapist");
  CHECK(wai_36_therapist.perspective() == rapport::perspective::therapist);
  CHECK(wai_36_therapist.min() == 1);
  CHECK(wai_36_therapist.max() == 7);
  CHECK(wai_36_therapist.step() == 1);
}

TEST_CASE("the key of the WAI-SR", "[instruments][wai]") {
  check_key(wai_sr_client, wai_sr_form);
  CHECK(wai_sr_client.id() == "wai-sr-client");
  CHECK(wai_sr_client.min() == 1);
  CHECK(wai_sr_client.max() == 5);
  CHECK(wai_sr_client.step() == 1);
  CHECK(wai_sr_client.reversed_items().empty());
  CHECK(wai_sr_client.perspective() == rapport::perspective::client);
  for (int s = 0; s < 3; ++s) CHECK(wai_sr_client.subscale_at(s).items.size() == 4);
}
