// SPDX-License-Identifier: BSL-1.0
#include <algorithm>
#include <charconv>
#include <cmath>
#include <memory>

#include <rapport/core/error_message.hpp>
#include <rapport/core/missing.hpp>

#include "score.hpp"

namespace program {

rapport::missing_rule parse_rule(const std::string& text) {
  if (text == "published") return rapport::published;
  if (text == "complete") return rapport::complete;
  const std::size_t colon = text.find(':');
  const std::string name = text.substr(0, colon);
  const char* const end = text.data() + text.size();
  const char* const digits = colon == std::string::npos ? end : text.data() + colon + 1;
  double fraction = 0;
  if (name == "prorate") {
    const auto parsed = std::from_chars(digits, end, fraction);
    if (parsed.ec == std::errc() && parsed.ptr == end && fraction > 0 && fraction <= 1)
      return rapport::prorate(fraction);
  }
  if (name == "at-least" || name == "at-most-missing") {
    int n = 0;
    const int least = name == "at-least" ? 1 : 0;
    const auto parsed = std::from_chars(digits, end, n);
    if (parsed.ec == std::errc() && parsed.ptr == end && n >= least && n <= rapport::max_items)
      return least == 1 ? rapport::at_least(n) : rapport::at_most_missing(n);
  }
  throw call_error(
      "--missing is published, complete, prorate:F with F above 0 and at most 1, at-least:N or at-most-missing:N, "
      "not '" +
      text + "'");
}

namespace {

/// Mean and SD of the scores that are there.
json moments(const std::vector<std::optional<double>>& scores, bool with_range) {
  std::size_t n = 0;
  double mean = 0;
  double squares = 0;
  double least = 0;
  double largest = 0;
  for (const auto& score : scores) {
    if (!score) continue;
    least = n == 0 ? *score : (std::min)(least, *score);
    largest = n == 0 ? *score : (std::max)(largest, *score);
    ++n;
    const double from_old = *score - mean;
    mean += from_old / static_cast<double>(n);
    squares += from_old * (*score - mean);
  }
  json out;
  out["mean"] = n > 0 ? json(mean) : json(nullptr);
  out["sd"] = n > 1 ? json(std::sqrt(squares / static_cast<double>(n - 1))) : json(nullptr);
  if (with_range) {
    out["min"] = n > 0 ? json(least) : json(nullptr);
    out["max"] = n > 0 ? json(largest) : json(nullptr);
  }
  return out;
}

/// The scores that have bands, in the order of the description.
std::vector<std::string> banded_scores(const rapport::instrument& form) {
  std::vector<std::string> out;
  for (int b = 0; b < form.n_bands(); ++b) {
    const std::string score(form.band_at(b).score);
    if (std::find(out.begin(), out.end(), score) == out.end()) out.push_back(score);
  }
  return out;
}

/// Why a form cannot be scored, without the words that only a program cares for.
std::string illegal_answer(const rapport::error& reason) {
  const std::string item = "item " + std::to_string(reason.column + 1) + ": ";
  const std::string value(rapport::number_text(reason.value));
  if (reason.code == rapport::errc::answer_out_of_range) {
    return item + value + " is outside " + rapport::number_text(reason.lower).c_str() + ".." +
           rapport::number_text(reason.upper).c_str();
  }
  if (reason.code == rapport::errc::answer_in_gap) return item + value + " is not one of the legal answers";
  return item + value + " is not a multiple of " + rapport::number_text(reason.lower).c_str();
}

/// The status of a form: that of its total; without a total, that of the subscale which is worst off.
rapport::score_status status_of(const rapport::instrument& form, const rapport::score_card& card) {
  if (form.has_total()) return card.total_status();
  auto worst = rapport::score_status::ok;
  for (int s = 0; s < card.n_subscales(); ++s) worst = (std::max)(worst, card.subscale_status(s));
  return worst;
}

std::string item_numbers(const rapport::item_set& items) {
  std::string out;
  for (const int item : items) out += (out.empty() ? "" : ",") + std::to_string(item);
  return out;
}

scored_form score_one(const rapport::instrument& form, const std::vector<std::string>& banded,
                      const std::vector<double>& answers, const score_request& request) {
  scored_form out;
  out.subscales.resize(static_cast<std::size_t>(form.n_subscales()));
  out.combined.resize(static_cast<std::size_t>(form.n_combined()));
  out.bands.resize(banded.size());
  const auto card = rapport::score(form, answers, {.missing = request.rule});
  if (!card) {
    const auto code = card.error().code;
    if (code != rapport::errc::answer_out_of_range && code != rapport::errc::answer_off_step &&
        code != rapport::errc::answer_in_gap) {
      raise(card.error());
    }
    out.status = "invalid";
    for (const double each : answers) out.n_missing += rapport::is_missing(each) ? 1 : 0;
    out.flags.push_back(illegal_answer(card.error()));
    return out;
  }
  out.status = to_string(status_of(form, *card));
  out.n_missing = card->n_missing();
  out.total = card->total();
  for (int s = 0; s < form.n_subscales(); ++s) out.subscales[static_cast<std::size_t>(s)] = card->subscale(s);
  for (int c = 0; c < form.n_combined(); ++c) out.combined[static_cast<std::size_t>(c)] = card->combined(c);
  for (std::size_t b = 0; b < banded.size(); ++b) out.bands[b] = card->band(banded[b]);
  for (int c = 0; c < card->n_cutoffs(); ++c) {
    if (card->meets_cutoff(c).value_or(false)) out.cutoffs.emplace_back(card->cutoff_at(c).label);
  }
  for (const int item : card->endorsed_risk_items()) out.risk_items.push_back(item);
  // Said whether or not it was asked for.
  if (!card->endorsed_risk_items().empty())
    out.flags.push_back("risk items endorsed: " + item_numbers(card->endorsed_risk_items()));
  if (out.n_missing > 0) out.flags.push_back("missing items " + item_numbers(card->missing_items()));
  if (request.flags) {
    const auto pattern = rapport::describe_responses(form, answers);
    if (!pattern) raise(pattern.error());
    for (int f = 0; f < rapport::n_pattern_flags; ++f) {
      const auto flag = static_cast<rapport::pattern_flag>(f);
      if (pattern->has(flag)) out.flags.emplace_back(to_string(flag));
    }
  }
  return out;
}

std::vector<std::optional<double>> totals_of(const scored_table& scored) {
  std::vector<std::optional<double>> out;
  for (const auto& form : scored.forms) out.push_back(form.total);
  return out;
}

std::vector<std::optional<double>> subscale_of(const scored_table& scored, std::size_t position) {
  std::vector<std::optional<double>> out;
  for (const auto& form : scored.forms) out.push_back(form.subscales[position]);
  return out;
}

std::vector<std::optional<double>> combined_of(const scored_table& scored, std::size_t position) {
  std::vector<std::optional<double>> out;
  for (const auto& form : scored.forms) out.push_back(form.combined[position]);
  return out;
}

}  // namespace

scored_table score_table(const csv_file& file, const score_request& request) {
  scored_table out;
  out.form = find_instrument(request.instrument).form;
  const rapport::instrument& form = *out.form;
  out.rule = describe(form, request.rule).view();
  out.banded = banded_scores(form);
  auto numbers = item_columns(file, request.items, form);
  for (const std::string& pair : request.compare) {
    const std::size_t equals = pair.rfind('=');
    if (equals == std::string::npos)
      throw call_error("--compare wants COLUMN=total or COLUMN=SUBSCALE, not '" + pair + "'");
    const std::string score = pair.substr(equals + 1);
    bool is_there = score == "total" ? form.has_total() : form.find_subscale(score) >= 0;
    for (int c = 0; c < form.n_combined(); ++c) {
      if (form.combined_at(c).id != score) continue;
      if (form.combined_at(c).n_parts > 1)
        throw call_error("--compare " + pair + ": '" + score + "' adds up several scores; compare these");
      is_there = true;
    }
    if (!is_there) {
      throw call_error("--compare " + pair + ": " + std::string(form.id()) + " has no score '" + score + "'");
    }
    numbers.push_back(file.column(pair.substr(0, equals)));
    out.audit.push_back({numbers.back().name, score, {}});
  }
  std::vector<csv_column> texts;
  for (const std::string& id : request.ids) {
    texts.push_back(file.column(id));
    out.id_names.push_back(id);
  }
  out.table = file.read(numbers, texts);

  const auto n_items = static_cast<std::size_t>(form.n_items());
  std::vector<double> answers(n_items);
  for (std::size_t row = 0; row < out.table.n_rows(); ++row) {
    for (std::size_t i = 0; i < n_items; ++i) answers[i] = out.table.numbers[i][row];
    out.forms.push_back(score_one(form, out.banded, answers, request));
  }

  if (!out.audit.empty()) {
    const std::vector<std::vector<double>> items(out.table.numbers.begin(),
                                                 out.table.numbers.begin() + static_cast<std::ptrdiff_t>(n_items));
    const auto matrix = to_matrix(items, out.table.n_rows());
    for (std::size_t a = 0; a < out.audit.size(); ++a) {
      const std::vector<double>& stored = out.table.numbers[n_items + a];
      const std::string subscale = out.audit[a].score == "total" ? "" : out.audit[a].score;
      const auto found = rapport::audit_stored_scores<double>(form, subscale, matrix, stored);
      if (!found) raise(found.error(), file.name());
      out.audit[a].found = *found;
    }
  }
  return out;
}

json score_summary(const scored_table& scored) {
  json out;
  out["n"] = scored.forms.size();
  for (const char* status : {"ok", "prorated", "incomplete", "invalid"}) {
    std::size_t count = 0;
    for (const auto& form : scored.forms) count += form.status == status ? 1U : 0U;
    out[std::string("n_") + status] = count;
  }
  out["total"] = moments(totals_of(scored), true);
  json subscales = json::object();
  for (int s = 0; s < scored.form->n_subscales(); ++s) {
    const std::string id(scored.form->subscale_at(s).id);
    subscales[id] = moments(subscale_of(scored, static_cast<std::size_t>(s)), false);
  }
  out["subscales"] = subscales;
  for (int c = 0; c < scored.form->n_combined(); ++c) {
    out["combined"][std::string(scored.form->combined_at(c).id)] =
        moments(combined_of(scored, static_cast<std::size_t>(c)), false);
  }
  return out;
}

json audit_json(const scored_table& scored) {
  json out = json::array();
  for (const auto& one : scored.audit) {
    json entry;
    entry["column"] = one.column;
    entry["score"] = one.score;
    entry["n"] = one.found.n;
    entry["n_equal"] = one.found.n_equal;
    entry["max_abs_difference"] = one.found.max_abs_difference;
    entry["n_invalid"] = one.found.n_invalid;
    entry["n_incomplete"] = one.found.n_incomplete;
    entry["n_explained"] = one.found.n_explained;
    entry["n_incomplete_explained"] = one.found.n_incomplete_explained;
    entry["explanation"] = one.found.explanation;
    entry["sentence"] = audit_sentence(one);
    out.push_back(entry);
  }
  return out;
}

std::string audit_sentence(const audited_column& one) {
  const auto& found = one.found;
  const auto share = [&](rapport::index part) {
    return std::to_string(part) + " of " + std::to_string(found.n) + " (" +
           decimals(100.0 * static_cast<double>(part) / static_cast<double>((std::max)(found.n, rapport::index{1})),
                    1) +
           " %)";
  };
  std::string text;
  if (found.n == 0) {
    text = one.column + ": no stored score belongs to a complete form";
    return found.explanation.empty() ? text : text + "; " + found.explanation;
  }
  text = one.column + ": the key of " + one.score + " reproduces " + share(found.n_equal) + " stored scores";
  if (found.n_invalid > 0)
    text += ", and makes no score of " + share(found.n_invalid) + " because of answers that are not legal";
  const bool is_explained = found.n_explained > found.n_equal;
  if (found.n_equal + found.n_invalid == found.n && !is_explained)
    return found.explanation.empty() ? text : text + "; " + found.explanation;
  if (found.max_abs_difference > 0)
    text += (found.n_equal == 0 ? "; they are" : "; the others are") + std::string(" off by up to ") +
            decimals(found.max_abs_difference, 2) + " points";
  if (!is_explained) {
    return text + ", and no small change of the key explains them" +
           (found.explanation.empty() ? "" : "; " + found.explanation);
  }
  return text + ". " + share(found.n_explained) + " agree if " + found.explanation;
}

std::string joint_sentence(const scored_table& scored) {
  std::vector<rapport::subscale_audit> audits;
  for (const auto& one : scored.audit) {
    if (one.score != "total") audits.push_back({one.score, &one.found});
  }
  return rapport::explain_together(audits);
}

std::string score_json(const scored_table& scored) {
  std::string text = "{\"instrument\":" + json(std::string(scored.form->id())).dump() +
                     ",\"missing_rule\":" + json(scored.rule).dump() + ",\"rows\":[";
  const auto& banded = scored.banded;
  for (std::size_t row = 0; row < scored.forms.size(); ++row) {
    const scored_form& form = scored.forms[row];
    json one;
    one["line"] = scored.table.line[row];
    one["id"] = json::object();
    for (std::size_t i = 0; i < scored.id_names.size(); ++i) one["id"][scored.id_names[i]] = scored.table.texts[i][row];
    one["status"] = form.status;
    one["n_missing"] = form.n_missing;
    one["total"] = maybe(form.total);
    one["subscales"] = json::object();
    for (int s = 0; s < scored.form->n_subscales(); ++s) {
      one["subscales"][std::string(scored.form->subscale_at(s).id)] =
          maybe(form.subscales[static_cast<std::size_t>(s)]);
    }
    for (int c = 0; c < scored.form->n_combined(); ++c) {
      one["combined"][std::string(scored.form->combined_at(c).id)] = maybe(form.combined[static_cast<std::size_t>(c)]);
    }
    for (std::size_t b = 0; b < banded.size(); ++b) {
      one["bands"][banded[b]] = form.bands[b].empty() ? json(nullptr) : json(form.bands[b]);
    }
    if (scored.form->n_cutoffs() > 0) one["cutoffs"] = form.cutoffs;
    if (scored.form->n_risk_items() > 0) one["risk_items"] = form.risk_items;
    one["flags"] = form.flags;
    text += (row == 0 ? "\n" : ",\n") + one.dump();
  }
  text += "\n],\"summary\":" + score_summary(scored).dump();
  if (!scored.audit.empty()) {
    text += ",\"audit\":" + audit_json(scored).dump();
    text += ",\"audit_together\":" + json(joint_sentence(scored)).dump();
  }
  return text + "}\n";
}

std::string joined(const std::vector<std::string>& parts) {
  std::string text;
  for (const auto& part : parts) text += (text.empty() ? "" : "; ") + part;
  return text;
}

namespace {

std::string joined(const std::vector<int>& parts) {
  std::string text;
  for (const int part : parts) text += (text.empty() ? "" : "; ") + std::to_string(part);
  return text;
}

}  // namespace

std::string score_csv(const scored_table& scored) {
  std::string text;
  for (const auto& name : scored.id_names) text += csv_field(name) + ',';
  text += "line,status,n_missing,total";
  for (int s = 0; s < scored.form->n_subscales(); ++s) text += ',' + std::string(scored.form->subscale_at(s).id);
  for (int c = 0; c < scored.form->n_combined(); ++c) text += ',' + std::string(scored.form->combined_at(c).id);
  for (const auto& score : scored.banded) text += ",band_of_" + score;
  if (scored.form->n_cutoffs() > 0) text += ",cutoffs";
  if (scored.form->n_risk_items() > 0) text += ",risk_items";
  text += ",flags\n";
  for (std::size_t row = 0; row < scored.forms.size(); ++row) {
    const scored_form& form = scored.forms[row];
    for (std::size_t i = 0; i < scored.id_names.size(); ++i) text += csv_field(scored.table.texts[i][row]) + ',';
    text += std::to_string(scored.table.line[row]) + ',' + form.status + ',' + std::to_string(form.n_missing) + ',';
    if (form.total) text += csv_field(*form.total);
    for (const auto& subscale : form.subscales) text += ',' + (subscale ? csv_field(*subscale) : std::string());
    for (const auto& score : form.combined) text += ',' + (score ? csv_field(*score) : std::string());
    for (const auto& band : form.bands) text += ',' + csv_field(band);
    if (scored.form->n_cutoffs() > 0) text += ',' + csv_field(joined(form.cutoffs));
    if (scored.form->n_risk_items() > 0) text += ',' + csv_field(joined(form.risk_items));
    text += ',' + csv_field(joined(form.flags)) + '\n';
  }
  return text;
}

}  // namespace program
