// SPDX-License-Identifier: BSL-1.0
// Scoring a table of forms, for `rapport score` and `rapport report`.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <rapport/scoring/audit.hpp>
#include <rapport/scoring/response_pattern.hpp>
#include <rapport/scoring/score.hpp>

#include "command.hpp"

namespace program {

/// One scored form.
struct scored_form {
  std::string status{};  ///< ok, prorated, incomplete, invalid
  int n_missing = 0;
  std::optional<double> total{};
  std::vector<std::optional<double>> subscales{};
  std::vector<std::optional<double>> combined{};
  std::vector<std::string> bands{};    ///< of each score that has bands; empty without one
  std::vector<std::string> cutoffs{};  ///< the labels of those that are met
  std::vector<int> risk_items{};       ///< that are endorsed
  std::vector<std::string> flags{};
};

/// A stored score held against the key.
struct audited_column {
  std::string column{};
  std::string score{};  ///< "total" or a subscale
  rapport::score_audit found{};
};

/// A table of forms and their scores.
struct scored_table {
  std::shared_ptr<const rapport::instrument> form{};
  std::string rule{};
  std::vector<std::string> banded{};  ///< the scores that have bands
  csv_table table{};                  ///< its numbers: items, then stored scores; its texts: ids
  std::vector<std::string> id_names{};
  std::vector<scored_form> forms{};
  std::vector<audited_column> audit{};
};

/// What is to be scored.
struct score_request {
  std::string instrument{};
  std::string items{};
  std::vector<std::string> ids{};
  std::vector<std::string> compare{};  ///< "COL=total" or "COL=subscale"
  rapport::missing_rule rule = rapport::published;
  bool flags = false;
};

/// Parts with semicolons between them.
[[nodiscard]] std::string joined(const std::vector<std::string>& parts);

/// "published", "complete", "prorate:0.5", "at-least:3" or "at-most-missing:2". Throws call_error otherwise.
[[nodiscard]] rapport::missing_rule parse_rule(const std::string& text);

[[nodiscard]] scored_table score_table(const csv_file& file, const score_request& request);

/// {"n", "n_ok", ..., "total": {...}, "subscales": {...}}
[[nodiscard]] json score_summary(const scored_table& scored);
[[nodiscard]] json audit_json(const scored_table& scored);
/// What an audit found, in a sentence.
[[nodiscard]] std::string audit_sentence(const audited_column& one);
/// What audits of several subscales say together; empty if nothing.
[[nodiscard]] std::string joint_sentence(const scored_table& scored);
/// The whole result as text of JSON; rows are written one by one, so a million of them fit.
[[nodiscard]] std::string score_json(const scored_table& scored);
[[nodiscard]] std::string score_csv(const scored_table& scored);

}  // namespace program
