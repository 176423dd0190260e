// SPDX-License-Identifier: BSL-1.0
// Instruments from JSON: the same as the constants, and errors that name the field.
#include <rapport/instruments/from_json.hpp>

#include "rapport_test.hpp"

#include <array>
#include <fstream>
#include <string>

#include <rapport/core/error_message.hpp>
#include <rapport/instruments/metadata.hpp>
#include <rapport/scoring/score.hpp>

using nlohmann::json;
using rapport::field_error;
using rapport::instrument_from_json;
using rapport::instrument_from_json_text;

namespace {

json small() {
  return json::parse(R"({"id": "my-scale", "edition": "1", "scoring_version": 2, "family": "mine",
    "perspective": "observer", "direction": "higher-better", "n_items": 6, "scale": {"min": 1, "max": 7},
    "reversed": [2, 5], "total": {"kind": "mean", "times": 10},
    "subscales": [{"id": "trust", "items": [1, 2, 3]}, {"id": "task", "items": [4, 5, 6], "missing": {"rule": "complete"}}],
    "combined": [{"id": "both", "of": [{"score": "trust", "weight": 2}, {"score": "task"}]}],
    "missing": {"rule": "at-most-missing", "n": 1},
    "bands": [{"score": "total", "label": "low", "from": 10, "to": 40, "to_open": true},
              {"score": "total", "label": "high", "from": 40, "to": 70}],
    "cutoffs": [{"score": "both", "label": "enough", "at": 20, "side": "above"}],
    "risk_items": [{"item": 6, "at_least": 5}]})");
}

/// The field that is refused, after a change of a good description.
template <class Change>
field_error refused(Change change) {
  json description = small();
  change(description);
  field_error why;
  const auto form = instrument_from_json(description, &why);
  REQUIRE(!form);
  CHECK(form.error().code == rapport::errc::invalid_instrument);
  CHECK(!why.reason.empty());
  const std::string sentence(rapport::message(form.error()).view());
  CHECK(sentence.find(why.field.substr(0, 47)) != std::string::npos);
  return why;
}

}  // namespace

TEST_CASE("a description in JSON gives the same instrument as a constant", "[instruments][json]") {
  constexpr auto wanted = rapport::instrument("my-scale", 6, {.min = 1, .max = 7})
                              .edition("1")
                              .scoring_version(2)
                              .family("mine")
                              .rated_by(rapport::perspective::observer)
                              .better(rapport::direction::higher)
                              .reversed({2, 5})
                              .total_as({.kind = rapport::score_kind::mean, .times = 10})
                              .subscale("trust", {1, 2, 3})
                              .subscale("task", {4, 5, 6})
                              .combined("both", {{"trust", 2}, {"task", 1}})
                              .missing(rapport::at_most_missing(1))
                              .missing("task", rapport::complete)
                              .band("total", "low", {.from = 10, .to = 40, .to_open = true})
                              .band("total", "high", {.from = 40, .to = 70})
                              .cutoff("both", "enough", {.at = 20, .side = rapport::cutoff_side::above})
                              .risk_item(6, 5);
  const auto read = instrument_from_json(small());
  REQUIRE(read);
  CHECK(read->id() == wanted.id());
  CHECK(read->edition() == wanted.edition());
  CHECK(read->scoring_version() == wanted.scoring_version());
  CHECK(read->family() == wanted.family());
  CHECK(read->perspective() == wanted.perspective());
  CHECK(read->direction() == wanted.direction());
  CHECK(read->published_rule() == wanted.published_rule());
  CHECK(read->subscale_at(1).rule == wanted.subscale_at(1).rule);
  CHECK(read->n_bands() == 2);
  const double blank = std::numeric_limits<double>::quiet_NaN();
  for (const auto& answers : {std::array<double, 6>{7, 1, 6, 5, 2, 5}, {1, 7, 1, 1, 7, 1}, {4, blank, 4, 4, 4, 4}}) {
    const auto a = rapport::score(*read, answers);
    const auto b = rapport::score(wanted, answers);
    REQUIRE(a);
    CHECK(a->total() == b->total());
    CHECK(a->subscale("trust") == b->subscale("trust"));
    CHECK(a->subscale("task") == b->subscale("task"));
    CHECK(a->score("both") == b->score("both"));
    CHECK(a->band("total") == b->band("total"));
    CHECK(a->meets_cutoff(0) == b->meets_cutoff(0));
    CHECK(a->endorsed_risk_items() == b->endorsed_risk_items());
  }
  // An ordered object, or text, is read alike; nothing points to either.
  const auto ordered = instrument_from_json(nlohmann::ordered_json::parse(small().dump()));
  REQUIRE(ordered);
  CHECK(ordered->subscale_at(0).items == read->subscale_at(0).items);
  REQUIRE(instrument_from_json_text(small().dump()));
}

TEST_CASE("a wrong field is named by its JSON pointer", "[instruments][json]") {
  CHECK(refused([](json& d) { d.erase("id"); }).field == "/id");
  CHECK(refused([](json& d) { d["id"] = ""; }).field == "/id");
  CHECK(refused([](json& d) { d["id"] = std::string(32, 'x'); }).field == "/id");
  CHECK(refused([](json& d) { d["edition"] = std::string(32, 'x'); }).field == "/edition");
  CHECK(refused([](json& d) { d["family"] = 3; }).field == "/family");
  CHECK(refused([](json& d) { d["scoring_version"] = 0; }).field == "/scoring_version");
  CHECK(refused([](json& d) { d["perspective"] = "parent"; }).reason == "one of client, therapist, observer is wanted");
  CHECK(refused([](json& d) { d["direction"] = "up"; }).field == "/direction");
  CHECK(refused([](json& d) { d["n_items"] = 129; }).field == "/n_items");
  CHECK(refused([](json& d) { d["n_items"] = 2.5; }).field == "/n_items");
  CHECK(refused([](json& d) { d["n_items"] = "6"; }).field == "/n_items");
  CHECK(refused([](json& d) { d["scale"]["max"] = 1; }).field == "/scale");
  CHECK(refused([](json& d) { d["scale"]["step"] = 0.3; }).field == "/scale");
  CHECK(refused([](json& d) { d["scale"].erase("min"); }).field == "/scale/min");
  CHECK(refused([](json& d) { d["scale"]["most"] = 7; }).field == "/scale/most");
  CHECK(refused([](json& d) { d["reversed"] = {2, 7}; }).field == "/reversed/1");
  CHECK(refused([](json& d) { d["reversed"] = {2, 2}; }).reason == "item 2 is listed twice");
  CHECK(refused([](json& d) { d["reversed"] = 2; }).field == "/reversed");
  CHECK(refused([](json& d) { d["unscored"] = {1}; }).field == "/subscales/0");
  CHECK(refused([](json& d) { d["total"]["kind"] = "median"; }).field == "/total/kind");
  CHECK(refused([](json& d) { d["total"]["times"] = 0; }).field == "/total/times");
  CHECK(refused([](json& d) { d["total"] = "sum"; }).field == "/total");
  CHECK(refused([](json& d) { d["subscales"][1]["id"] = "trust"; }).field == "/subscales/1");
  CHECK(refused([](json& d) { d["subscales"][1]["items"] = json::array(); }).field == "/subscales/1");
  CHECK(refused([](json& d) { d["subscales"][1].erase("items"); }).field == "/subscales/1/items");
  CHECK(refused([](json& d) { d["subscales"][1]["items"][2] = 0; }).field == "/subscales/1/items/2");
  CHECK(refused([](json& d) {
          d["subscales"][1]["missing"] = {{"rule", "guess"}};
        }).field == "/subscales/1/missing/rule");
  CHECK(refused([](json& d) { d["combined"][0]["of"][0]["score"] = "hope"; }).field == "/combined/0");
  CHECK(refused([](json& d) { d["combined"][0]["of"][1]["weight"] = "2"; }).field == "/combined/0/of/1/weight");
  CHECK(refused([](json& d) { d["missing"] = {{"rule", "prorate"}}; }).field == "/missing/fraction");
  CHECK(refused([](json& d) { d["missing"] = {{"rule", "prorate"}, {"fraction", 1.5}}; }).field == "/missing/fraction");
  CHECK(refused([](json& d) { d["missing"] = {{"rule", "complete"}, {"n", 1}}; }).field == "/missing/n");
  CHECK(refused([](json& d) { d["missing"] = {{"rule", "at-least"}, {"n", 0}}; }).field == "/missing/n");
  CHECK(refused([](json& d) { d["bands"][0]["to"] = 50; }).field == "/bands/1");
  CHECK(refused([](json& d) { d["bands"][0]["score"] = "hope"; }).field == "/bands/0");
  CHECK(refused([](json& d) { d["bands"][0]["to_open"] = 1; }).field == "/bands/0/to_open");
  CHECK(refused([](json& d) { d["cutoffs"][0]["side"] = "beyond"; }).field == "/cutoffs/0/side");
  CHECK(refused([](json& d) { d["risk_items"][0]["item"] = 7; }).field == "/risk_items/0");
  CHECK(refused([](json& d) { d["risk_items"][0].erase("at_least"); }).field == "/risk_items/0/at_least");
  CHECK(refused([](json& d) {
          d["item_scales"] = {{{"items", {1}}, {"min", 3}, {"max", 2}}};
        }).field == "/item_scales/0");
  CHECK(refused([](json& d) { d["legal_values"] = {1, 8}; }).field == "/legal_values");
  CHECK(refused([](json& d) { d["legal_values"] = {1, 4, 4}; }).field == "/legal_values/2");
  CHECK(refused([](json& d) { d["re/versed~"] = 1; }).field == "/re~1versed~0");
  field_error why;
  CHECK(!instrument_from_json(json::array(), &why));
  CHECK(why.field.empty());
}

TEST_CASE("text that is not JSON, or says a name twice, is refused", "[instruments][json]") {
  field_error why;
  CHECK(!instrument_from_json_text("{\"id\": ", &why));
  CHECK(why.reason == "this is not JSON");
  CHECK(!instrument_from_json_text(R"({"id": "a", "n_items": 2, "scale": {"min": 1, "max": 2}, "id": "b"})", &why));
  CHECK(why.reason == "the name id stands twice in one object");
  CHECK(instrument_from_json_text(R"({"id": "a", "n_items": 2, "scale": {"min": 1, "max": 2}})", &why));
  CHECK(why.reason.empty());
}

TEST_CASE("every key of the catalogue, read from its file, is the key of the headers", "[instruments][json]") {
  std::ifstream file(RAPPORT_TEST_DIR "/../docs/instruments/catalogue.json");
  REQUIRE(file);
  int n_read = 0;
  const json catalogue = json::parse(file);
  for (const json& entry : catalogue["instruments"]) {
    if (entry["key"].is_null()) continue;
    const std::string id = entry["id"];
    CAPTURE(id);
    const auto read = instrument_from_json(entry["key"]);
    REQUIRE(read);
    const auto* built_in = rapport::instruments::find(id)->key;
    REQUIRE(built_in != nullptr);
    CHECK(read->n_items() == built_in->n_items());
    CHECK(read->reversed_items() == built_in->reversed_items());
    CHECK(read->n_subscales() == built_in->n_subscales());
    CHECK(read->n_bands() == built_in->n_bands());
    CHECK(read->n_cutoffs() == built_in->n_cutoffs());
    CHECK(read->edition() == built_in->edition());
    CHECK(read->direction() == built_in->direction());
    ++n_read;
  }
  CHECK(n_read == 31);
}
