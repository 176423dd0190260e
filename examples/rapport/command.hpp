// SPDX-License-Identifier: BSL-1.0
// What the subcommands share: their options, their input, the shape of their output.
#pragma once

#include <CLI/CLI.hpp>
#include <cstdint>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include <rapport/data/response_matrix.hpp>
#include <rapport/data/session_panel.hpp>
#include <rapport/instruments/metadata.hpp>

#include "../common/csv_table.hpp"
#include "../common/failures.hpp"
#include "../common/output.hpp"

namespace program {

using json = nlohmann::ordered_json;

/// Where a table comes from and how it is written.
struct input_options {
  std::string path{};
  std::string delimiter = ",";
  std::string decimal = ".";
  std::vector<std::string> missing{};
  std::string labels{};
};

/// How results are printed and reproduced.
struct output_options {
  std::string format = "text";
  std::uint64_t seed = 20240229;
  rapport::index threads = 0;
};

void add_input_options(CLI::App& command, input_options& options);
void add_output_options(CLI::App& command, output_options& options);
/// An option for the seed of random numbers: a whole number, not negative.
void add_seed_option(CLI::App& command, std::uint64_t& seed, const std::string& meaning);

/// Opens the table that the options name.
[[nodiscard]] csv_file open_table(const input_options& options);

/// The catalogue's entry of an id. Throws call_error with the nearest ids if there is none.
[[nodiscard]] const rapport::instruments::catalogue_entry& find_entry(const std::string& id);

/// An instrument to score with.
struct chosen_instrument {
  const rapport::instruments::catalogue_entry* entry = nullptr;  ///< null if it comes from a file
  std::shared_ptr<const rapport::instrument> form{};
};

/// The instrument of an id, or the one that FILE.json describes. Throws call_error if there is none, if the file has a
/// field that is wrong, or if the key of the instrument is not established.
[[nodiscard]] chosen_instrument find_instrument(const std::string& id_or_file);

/// What an answer counts in scores: rescaled where the key says so, reversed where it is reversed; NaN stays.
[[nodiscard]] double counted_answer(const rapport::instrument& form, int item, double answer);

/// The least and largest total, and the distance between neighbours.
[[nodiscard]] rapport::score_range<double> total_range(const rapport::instrument& form);

/// The columns of an instrument's items. Throws call_error if there are more or fewer than items.
[[nodiscard]] std::vector<csv_column> item_columns(const csv_file& file, const std::string& items,
                                                   const rapport::instrument& form);

/// Answers as a matrix, forms x items.
[[nodiscard]] rapport::response_matrix to_matrix(const std::vector<std::vector<double>>& columns, std::size_t n_rows);

/// Scores over sessions, with what is needed to speak of them in the input's own words.
struct session_table {
  rapport::session_panel panel{};
  std::vector<std::string> time_text{};  ///< of each input row, as written
  bool has_dates = false;

  /// A time as written in the input: a number, or a date.
  [[nodiscard]] json time(rapport::index client, rapport::index position) const;
};

/// Where a panel's columns stand in the table, for messages.
struct panel_columns {
  csv_column client{};
  csv_column time{};
  csv_column score{};
  csv_column therapist{};  ///< not used if there are no therapists
};

/// A long table as a panel. Times are numbers, or ISO 8601 dates, which become days since the client's first session.
/// \param therapist  one text per row, or empty
/// Throws data_error naming line and column.
[[nodiscard]] session_table make_panel(const csv_file& file, const panel_columns& columns,
                                       const std::vector<std::size_t>& line, const std::vector<std::string>& client,
                                       const std::vector<std::string>& time, const std::vector<double>& score,
                                       const std::vector<std::string>& therapist,
                                       const std::optional<rapport::score_range<double>>& range);

/// A number that may not be there.
template <class Optional>
[[nodiscard]] json maybe(const Optional& value) {
  return value ? json(*value) : json(nullptr);
}

/// While it lives, says on a terminal's standard error every second what takes so long, from the third second on.
class progress {
 public:
  explicit progress(std::string what);
  ~progress();
  progress(const progress&) = delete;
  progress& operator=(const progress&) = delete;

 private:
  struct state;
  std::unique_ptr<state> state_;
};

// Each adds its subcommand; the callback throws a failure of failures.hpp.
void add_instruments_command(CLI::App& app);
void add_score_command(CLI::App& app);
void add_reliability_command(CLI::App& app);
void add_agreement_command(CLI::App& app);
void add_multilevel_command(CLI::App& app);
void add_factor_command(CLI::App& app);
void add_growth_command(CLI::App& app);
void add_rupture_command(CLI::App& app);
void add_chart_command(CLI::App& app);
void add_changepoint_command(CLI::App& app);
void add_simulate_command(CLI::App& app);
void add_evaluate_command(CLI::App& app);
void add_report_command(CLI::App& app);

}  // namespace program
