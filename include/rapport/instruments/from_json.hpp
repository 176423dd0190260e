// SPDX-License-Identifier: BSL-1.0
// An instrument from JSON, read while the program runs. Opt-in: needs nlohmann/json.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <rapport/instruments/detail/json_reader.hpp>
#include <rapport/instruments/instrument.hpp>

namespace rapport {

/// An instrument from its description in JSON, in the form of docs/instruments/instrument.schema.json.
///
/// The result is the same type that a constant has; it owns its texts and points to nothing.
/// \param description  a nlohmann::json, ordered or not
/// \param why          if given: the field that is wrong, as a JSON pointer, and what is wrong with it
/// \return      the instrument; it needs no further check
/// Errors:      errc::invalid_instrument, its subject the JSON pointer of the first field that is missing, unknown, of the
///              wrong kind, or in contradiction to what stands before it
/// Not for:     reading text in which a name may stand twice in an object: use instrument_from_json_text
template <class Json>
[[nodiscard]] result<instrument> instrument_from_json(const Json& description, field_error* why = nullptr) {
  detail::instrument_reader<Json> reader(description);
  std::optional<instrument> form = reader.read();
  if (why != nullptr) *why = reader.why();
  if (form) return *form;
  const std::string& field = reader.why().field;
  return error{.code = errc::invalid_instrument,
               .function = "instrument_from_json",
               .subject = field.empty() ? std::string_view("/") : std::string_view(field)};
}

/// An instrument from the text of its description.
/// \param text   JSON; a name that stands twice in an object is refused
/// \param why    if given: the field that is wrong, as a JSON pointer, and what is wrong with it
/// \return      the instrument; it needs no further check
/// Errors:      errc::invalid_instrument, its subject the JSON pointer of the first field that is wrong
[[nodiscard]] inline result<instrument> instrument_from_json_text(std::string_view text, field_error* why = nullptr) {
  using nlohmann::json;
  std::vector<std::set<std::string>> names;
  std::string twice;
  const auto watch = [&](int, json::parse_event_t event, json& value) {
    if (event == json::parse_event_t::object_start) names.emplace_back();
    if (event == json::parse_event_t::object_end) names.pop_back();
    if (event == json::parse_event_t::key && !names.back().insert(value.get<std::string>()).second && twice.empty())
      twice = value.get<std::string>();
    return true;
  };
  const json description = json::parse(text, watch, false);
  if (!description.is_discarded() && twice.empty()) return instrument_from_json(description, why);
  if (why != nullptr) {
    *why = {"", description.is_discarded() ? "this is not JSON" : "the name " + twice + " stands twice in one object"};
  }
  return error{.code = errc::invalid_instrument,
               .function = "instrument_from_json",
               .subject = description.is_discarded() ? std::string_view("not JSON") : std::string_view(twice)};
}

}  // namespace rapport
