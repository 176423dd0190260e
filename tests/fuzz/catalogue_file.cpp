// SPDX-License-Identifier: BSL-1.0
#include "catalogue_file.hpp"

#include <cstdio>
#include <fstream>
#include <nlohmann/json.hpp>

#include <rapport/instruments/from_json.hpp>

std::vector<rapport::instrument> from_file(const char* path) {
  std::vector<rapport::instrument> forms;
  std::ifstream file(path);
  const auto catalogue = nlohmann::json::parse(file);
  for (const auto& entry : catalogue["instruments"]) {
    if (entry["key"].is_null()) continue;
    rapport::field_error why;
    const auto form = rapport::instrument_from_json(entry["key"], &why);
    if (!form) {
      std::fprintf(stderr, "%s: %s %s\n", entry["id"].dump().c_str(), why.field.c_str(), why.reason.c_str());
      return {};
    }
    forms.push_back(*form);
  }
  return forms;
}
