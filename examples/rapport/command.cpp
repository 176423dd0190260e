// SPDX-License-Identifier: BSL-1.0
#include "command.hpp"

#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cmath>
#include <condition_variable>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <map>
#include <mutex>
#include <thread>

#include <rapport/core/error_message.hpp>
#include <rapport/data/date.hpp>
#include <rapport/instruments/from_json.hpp>

namespace program {

void add_input_options(CLI::App& command, input_options& options) {
  command.add_option("--in", options.path, "table to read; - is standard input")->required();
  command.add_option("--delimiter", options.delimiter, "between fields; \\t is a tab")->capture_default_str();
  command.add_option("--decimal", options.decimal, "decimal sign")->capture_default_str();
  command.add_option("--na", options.missing, "text that means missing, besides an empty cell, NA, NaN and .");
  command.add_option("--labels", options.labels, "words that stand for numbers: \"Never=1,Rarely=2\"");
}

void add_output_options(CLI::App& command, output_options& options) {
  command.add_option("--format", options.format, "text, json or csv")
      ->check(CLI::IsMember({"text", "json", "csv"}))
      ->capture_default_str();
  add_seed_option(command, options.seed, "makes random results reproducible");
  command.add_option("--threads", options.threads, "0: all; results do not depend on it")
      ->check(
          [](const std::string& text) { return text.starts_with('-') ? "'" + text + "' is negative" : std::string(); })
      ->capture_default_str();
}

void add_seed_option(CLI::App& command, std::uint64_t& seed, const std::string& meaning) {
  // Conversions to unsigned take -1 for a very large number.
  command.add_option("--seed", seed, meaning)
      ->check(
          [](const std::string& text) { return text.starts_with('-') ? "'" + text + "' is negative" : std::string(); })
      ->capture_default_str();
}

namespace {

char one_character(const std::string& text, const char* option) {
  if (text == "\\t") return '\t';
  if (text.size() != 1 || text == "\"" || text == "\n") {
    throw call_error(std::string(option) + " is one character, not '" + text + "'");
  }
  return text[0];
}

std::map<std::string, double> read_labels(const std::string& text) {
  std::map<std::string, double> labels;
  for (std::size_t from = 0; from < text.size();) {
    const std::size_t comma = (std::min)(text.find(',', from), text.size());
    const std::string pair = text.substr(from, comma - from);
    from = comma + 1;
    const std::size_t equals = pair.rfind('=');
    double value = 0;
    const char* const end = pair.data() + pair.size();
    const char* const digits = equals == std::string::npos ? end : pair.data() + equals + 1;
    const auto parsed = std::from_chars(digits, end, value);
    if (parsed.ec != std::errc() || parsed.ptr != end || !std::isfinite(value)) {
      throw call_error("--labels wants word=number pairs separated by commas; '" + pair + "' is none");
    }
    std::string word = field_text(std::string_view(pair).substr(0, equals));
    if (!labels.emplace(word, value).second) throw call_error("--labels names '" + word + "' twice");
  }
  return labels;
}

/// How many letters must change to turn one id into the other, at most.
std::size_t distance(const std::string& a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t above = row[j];
      row[j] = (std::min)({row[j] + 1, row[j - 1] + 1, diagonal + (a[i - 1] == b[j - 1] ? 0U : 1U)});
      diagonal = above;
    }
  }
  return row[b.size()];
}

}  // namespace

csv_file open_table(const input_options& options) {
  csv_dialect dialect;
  dialect.delimiter = one_character(options.delimiter, "--delimiter");
  dialect.decimal = one_character(options.decimal, "--decimal");
  if (dialect.delimiter == dialect.decimal) throw call_error("--delimiter and --decimal are the same character");
  dialect.missing = options.missing;
  dialect.labels = read_labels(options.labels);
  return csv_file(options.path, std::move(dialect));
}

const rapport::instruments::catalogue_entry& find_entry(const std::string& id) {
  if (const auto* found = rapport::instruments::find(id)) return *found;
  std::string sentence = "there is no instrument '" + id + "'";
  // Those that begin alike; if none does, those with the fewest letters to change.
  std::vector<std::string_view> nearest;
  std::size_t fewest = 3;
  for (const auto& entry : rapport::instruments::catalogue) {
    const bool begins_alike = !id.empty() && entry.id.starts_with(id);
    const std::size_t away = begins_alike ? 0 : distance(id, entry.id);
    if (away > fewest || 3 * away > entry.id.size()) continue;
    if (away < fewest) nearest.clear();
    fewest = away;
    nearest.push_back(entry.id);
  }
  std::string near;
  for (const std::string_view other : nearest) near += (near.empty() ? "" : " or ") + std::string(other);
  throw call_error(sentence + (near.empty() ? "; `rapport instruments` lists them" : "; did you mean " + near + "?"));
}

namespace {

std::string whole_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw call_error(path + ": there is no such file");
  std::string text{std::istreambuf_iterator<char>(file), {}};
  if (file.bad()) throw call_error(path + ": cannot be read");
  return text;
}

}  // namespace

chosen_instrument find_instrument(const std::string& id_or_file) {
  if (id_or_file.ends_with(".json")) {
    rapport::field_error why;
    const auto form = rapport::instrument_from_json_text(whole_file(id_or_file), &why);
    if (!form) throw call_error(id_or_file + ": " + (why.field.empty() ? "" : why.field + ": ") + why.reason);
    return {nullptr, std::make_shared<const rapport::instrument>(*form)};
  }
  const auto& entry = find_entry(id_or_file);
  const auto key = rapport::instruments::find_key(id_or_file);
  if (!key) {
    throw call_error("the key of " + std::string(key.error().subject.view()) +
                     " is not established here: supply one (--instrument FILE.json)");
  }
  return {&entry, std::make_shared<const rapport::instrument>(**key)};
}

double counted_answer(const rapport::instrument& form, int item, double answer) {
  const rapport::answer_scale shown = form.scale_of(item);
  const rapport::answer_scale counts = form.counted_scale_of(item);
  const double counted = shown.min == counts.min && shown.max == counts.max
                             ? answer
                             : counts.min + (answer - shown.min) * (counts.max - counts.min) / (shown.max - shown.min);
  return form.reversed_items().contains(item) ? counts.min + counts.max - counted : counted;
}

rapport::score_range<double> total_range(const rapport::instrument& form) {
  const rapport::score_metric metric = form.total_metric();
  double lower = 0;
  double upper = 0;
  for (const int item : form.total_items()) {
    lower += form.counted_scale_of(item).min;
    upper += form.counted_scale_of(item).max;
  }
  const double n = metric.kind == rapport::score_kind::mean ? form.total_items().size() : 1;
  return {lower * metric.times / n, upper * metric.times / n, form.step() * metric.times / n};
}

std::vector<csv_column> item_columns(const csv_file& file, const std::string& items, const rapport::instrument& form) {
  auto columns = file.columns(items);
  if (columns.size() != static_cast<std::size_t>(form.n_items())) {
    throw call_error("--items names " + std::to_string(columns.size()) + " columns, but " + std::string(form.id()) +
                     " has " + std::to_string(form.n_items()) + " items");
  }
  return columns;
}

rapport::response_matrix to_matrix(const std::vector<std::vector<double>>& columns, std::size_t n_rows) {
  rapport::response_matrix out(static_cast<rapport::index>(n_rows), static_cast<rapport::index>(columns.size()));
  for (std::size_t j = 0; j < columns.size(); ++j) {
    for (std::size_t i = 0; i < n_rows; ++i) {
      out(static_cast<rapport::index>(i), static_cast<rapport::index>(j)) = columns[j][i];
    }
  }
  return out;
}

json session_table::time(rapport::index client, rapport::index position) const {
  const rapport::index row = panel.first_row(client) + position;
  if (has_dates) return time_text[rapport::as_size(panel.input_row(row))];
  return panel.series(client).session[rapport::as_size(position)];
}

session_table make_panel(const csv_file& file, const panel_columns& columns, const std::vector<std::size_t>& line,
                         const std::vector<std::string>& client, const std::vector<std::string>& time,
                         const std::vector<double>& score, const std::vector<std::string>& therapist,
                         const std::optional<rapport::score_range<double>>& range) {
  session_table out;
  out.time_text = time;
  const std::size_t n = line.size();
  const auto first_given = std::find_if(time.begin(), time.end(), [](const std::string& t) { return !t.empty(); });
  out.has_dates = first_given != time.end() && rapport::days_from_date(*first_given).has_value();

  std::vector<rapport::session_row<double>> rows(n);
  std::map<std::string, double> first_day;
  for (std::size_t i = 0; i < n; ++i) {
    auto& row = rows[i];
    row.client = client[i];
    row.score = score[i];
    if (!therapist.empty()) row.therapist = therapist[i];
    if (time[i].empty()) {
      row.session = rapport::missing_value<double>();
    } else if (out.has_dates) {
      const auto day = rapport::days_from_date(time[i]);
      if (!day) raise(day.error(), file.at(line[i], columns.time));
      row.session = *day;
      const auto [entry, is_new] = first_day.try_emplace(row.client, *day);
      entry->second = (std::min)(entry->second, *day);
    } else {
      try {
        row.session = file.number(time[i], line[i], columns.time);
      } catch (const data_error&) {
        throw data_error(file.at(line[i], columns.time) + ": '" + time[i] +
                         "' is neither a number nor a date such as 2026-03-31");
      }
    }
  }
  if (out.has_dates) {
    for (auto& row : rows) row.session -= first_day[row.client];
  }
  const auto kind = out.has_dates ? rapport::session_time::days : rapport::session_time::number;
  auto panel = rapport::session_panel::from_rows(rows, {range, kind});
  if (!panel) {
    rapport::error reason = panel.error();
    if (reason.row < 0) raise(reason, file.name());
    const auto row = rapport::as_size(reason.row);
    const csv_column& column = reason.code == rapport::errc::score_out_of_range ? columns.score
                               : reason.code != rapport::errc::missing_id       ? columns.time
                               : reason.subject == "client"                     ? columns.client
                                                                                : columns.therapist;
    const std::string where = file.at(line[row], column);
    const bool names_row = reason.code == rapport::errc::missing_id || reason.code == rapport::errc::missing_session;
    if (out.has_dates && reason.code == rapport::errc::duplicate_session) {
      throw data_error(where + ": client " + client[row] + " has two rows for " + time[row] + "; keep one of them");
    }
    reason.row = names_row ? static_cast<rapport::index>(line[row]) - 1 : -1;
    raise(reason, where);
  }
  out.panel = *std::move(panel);
  return out;
}

struct progress::state {
  std::mutex lock;
  std::condition_variable wake;
  bool done = false;
  std::thread teller;
};

progress::progress(std::string what) {
  if (isatty(STDERR_FILENO) == 0) return;
  state_ = std::make_unique<state>();
  state_->teller = std::thread([shared = state_.get(), what = std::move(what)] {
    std::unique_lock guard(shared->lock);
    for (int second = 1; !shared->wake.wait_for(guard, std::chrono::seconds(1), [&] { return shared->done; });
         ++second) {
      if (second > 2) std::fprintf(stderr, "\r%s: %d s", what.c_str(), second);
    }
    std::fprintf(stderr, "\r\033[K");
  });
}

progress::~progress() {
  if (!state_) return;
  {
    const std::lock_guard guard(state_->lock);
    state_->done = true;
  }
  state_->wake.notify_one();
  state_->teller.join();
}

}  // namespace program
