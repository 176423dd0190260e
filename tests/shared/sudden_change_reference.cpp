// SPDX-License-Identifier: BSL-1.0
// Sudden gains and losses against R suddengains: every client, session and option set.
#include <rapport/rupture/sudden_change.hpp>
#include <rapport/rupture/sudden_change_summary.hpp>

#include <algorithm>
#include <set>

#include "reference_file.hpp"

namespace rp = rapport;
using reference::json;

namespace {

rp::sudden_change_rule rule_of(const json& variant) {
  rp::sudden_change_rule rule;
  if (variant["fun"] == "identify_sl") rule.direction = rp::jump_direction::rise;
  for (const auto& [key, value] : variant["options"].items()) {
    if (key == "sg_crit1_cutoff" && !value.is_null()) rule.cutoff = value.get<double>();
    if (key == "sg_crit2_pct") rule.share = value.is_null() ? std::nullopt : std::optional<double>(value.get<double>());
    if (key == "sg_crit3") rule.stability = value.get<bool>();
    if (key == "sg_crit3_alpha") rule.alpha = value.get<double>();
    if (key == "sg_crit3_adjust") rule.adjust = value.get<bool>();
    if (key == "sg_crit3_critical_value") rule.critical = value.get<double>();
    if (key == "identify_sg_1to2") rule.first_is_baseline = value.get<bool>();
  }
  return rule;
}

/// Clients x the sessions that are named "s3" and so on.
rp::response_matrix wide(const reference::panel& data, const std::vector<std::string>& ids, const json& columns) {
  rp::response_matrix out(static_cast<rp::index>(ids.size()), static_cast<rp::index>(columns.size()));
  for (std::size_t i = 0; i < ids.size(); ++i) {
    const auto& one = data.at(ids[i]);
    for (std::size_t j = 0; j < columns.size(); ++j) {
      const double session = std::stod(columns[j].get<std::string>().substr(1));
      for (std::size_t t = 0; t < one.session.size(); ++t) {
        if (one.session[t] == session) out(static_cast<rp::index>(i), static_cast<rp::index>(j)) = one.score[t];
      }
    }
  }
  return out;
}

char letter(const std::optional<bool>& each) { return !each ? 'N' : *each ? '1' : '0'; }
double plain(const std::optional<double>& x) { return x.value_or(std::numeric_limits<double>::quiet_NaN()); }
double rounded(double x) { return std::isnan(x) ? x : std::round(100 * x) / 100; }

struct comparison {
  reference::ledger& ledger;
  std::string where;
  double tolerance;

  void numbers(const std::string& quantity, double found, const json& wanted) const {
    ledger.close(quantity, where, found, reference::number(wanted), tolerance);
  }
  // Printed with two digits; a half may go either way.
  void two_digits(const std::string& quantity, double found, const json& wanted) const {
    ledger.close(quantity, where, rounded(found), reference::number(wanted), 0.0100001);
  }
};

void compare_by_change(const comparison& check, const std::vector<rp::sudden_change>& found, const json& wanted,
                       const std::vector<std::string>& ids) {
  const json& rows = wanted["rows"];
  check.ledger.equal("number of changes", check.where, found.size(), rows.size());
  for (std::size_t k = 0; k < (std::min)(found.size(), rows.size()); ++k) {
    const auto& c = found[k];
    const json& row = rows[k];
    check.ledger.equal("id", check.where, ids[rp::as_size(c.person)], std::to_string(row[0].get<long>()));
    check.ledger.equal("session", check.where, static_cast<long>(c.session), row[1].get<long>());
    check.ledger.equal("frequency", check.where, static_cast<long>(c.n_of_person), row[3].get<long>());
    for (std::size_t i = 0; i < 6; ++i) check.numbers("scores around the jump", plain(c.around[i]), row[4 + i]);
    check.numbers("magnitude", plain(c.magnitude), row[10]);
    check.numbers("total change", plain(c.total_change), row[11]);
    check.numbers("proportion", plain(c.proportion), row[12]);
    check.numbers("reversal value", plain(c.reversal_value), row[13]);
    check.ledger.equal("reversed", check.where, c.reversed, row[14].get<int>() == 1);
  }
  const auto summary = rp::summarize<double>(std::span<const rp::sudden_change>(found));
  const json& described = wanted["describe_bysg"];
  check.numbers("described n", static_cast<double>(summary.n), described["total_n"]);
  check.numbers("described reversals", static_cast<double>(summary.n_reversed), described["sg_reversal_n"]);
  check.two_digits("described multiple %",
                   100.0 * static_cast<double>(summary.n_multiple) / static_cast<double>(summary.n),
                   described["sg_multiple_pct"]);
  check.two_digits("described mean", plain(summary.mean_magnitude), described["sg_magnitude_m"]);
  check.two_digits("described sd", plain(summary.sd_magnitude), described["sg_magnitude_sd"]);
}

void compare_by_person(const comparison& check, const std::vector<rp::sudden_change>& found, const json& by_person,
                       std::size_t n_persons) {
  const std::map<std::string, rp::change_choice> choices{{"first", rp::change_choice::first},
                                                         {"last", rp::change_choice::last},
                                                         {"smallest", rp::change_choice::smallest},
                                                         {"largest", rp::change_choice::largest}};
  for (const auto& [name, wanted] : by_person.items()) {
    const auto chosen = rp::choose_changes<double>(found, static_cast<rp::index>(n_persons), choices.at(name));
    for (std::size_t i = 0; i < n_persons; ++i) {
      const bool any = chosen[i].has_value();
      const rp::sudden_change none;
      const auto& c = any ? found[rp::as_size(*chosen[i])] : none;
      const double nan = std::numeric_limits<double>::quiet_NaN();
      check.numbers("person's session", any ? static_cast<double>(c.session) : nan, wanted["sg_session_n"][i]);
      check.numbers("person's frequency", static_cast<double>(c.n_of_person), wanted["sg_freq_byperson"][i]);
      check.numbers("person's flag", any ? 1 : 0, wanted["sg_crit123"][i]);
      check.numbers("person's magnitude", plain(c.magnitude), wanted["sg_magnitude"][i]);
      check.numbers("person's reversal", any ? (c.reversed ? 1 : 0) : nan, wanted["sg_reversal"][i]);
    }
    const auto summary = rp::summarize<double>(found, chosen);
    const json& described = wanted["describe"];
    check.numbers("described persons", static_cast<double>(summary.n), described["total_n"]);
    check.numbers("described changes", static_cast<double>(summary.n_changes), described["sg_total_n"]);
    check.numbers("described persons with", static_cast<double>(summary.n_with), described["sg_n"]);
    check.numbers("described persons with more", static_cast<double>(summary.n_multiple), described["sg_multiple_n"]);
    check.numbers("described reversals", static_cast<double>(summary.n_reversed), described["sg_reversal_n"]);
    check.two_digits("described mean", plain(summary.mean_magnitude), described["sg_magnitude_m"]);
    check.two_digits("described sd", plain(summary.sd_magnitude), described["sg_magnitude_sd"]);
  }
}

void compare_variant(reference::ledger& ledger, const std::string& where, double tolerance,
                     const reference::panel& data, const json& variant) {
  const json& wanted = variant["identify"];
  std::vector<std::string> ids;
  if (wanted.contains("error")) {
    for (const auto& [id, one] : data) ids.push_back(id);
    const auto refused = rp::find_sudden_changes(wide(data, ids, variant["sg_var_list"]), rule_of(variant));
    ledger.equal("refused where the package refuses", where, refused.has_value(), false);
    return;
  }
  for (const auto& id : wanted["id"]) ids.push_back(std::to_string(id.get<long>()));
  const auto found = rp::find_sudden_changes(wide(data, ids, variant["sg_var_list"]), rule_of(variant));
  ledger.equal("accepted where the package accepts", where, found.has_value(), true);
  if (!found) return;
  for (std::size_t i = 0; i < ids.size(); ++i) {
    std::string c1, c2, c3, all;
    for (rp::index k = 0; k < found->n_pairs; ++k) {
      const auto& v = found->verdict(static_cast<rp::index>(i), k);
      c1 += letter(v.size);
      c2 += letter(v.share);
      c3 += letter(v.stability);
      all += letter(v.all);
    }
    ledger.equal("criterion 1", where, c1, wanted["crit1"][i].get<std::string>());
    ledger.equal("criterion 2", where, c2, wanted["crit2"][i].get<std::string>());
    ledger.equal("criterion 3", where, c3, wanted["crit3"][i].get<std::string>());
    ledger.equal("all criteria", where, all, wanted["crit123"][i].get<std::string>());
  }
  if (!variant["bysg"].is_object() || !variant["bysg"].contains("rows")) return;
  const comparison check{ledger, where, tolerance};
  compare_by_change(check, found->changes, variant["bysg"], ids);
  compare_by_person(check, found->changes, variant["bysg"]["byperson"], ids.size());
}

void compare_counts(const comparison& check, const json& wanted, const rp::response_matrix& scores, bool baseline) {
  const auto counts = rp::count_intervals(scores, baseline).value_or(rp::interval_counts{});
  check.numbers("intervals", static_cast<double>(counts.total), wanted["total_between_sess_intervals"]);
  check.numbers("intervals", static_cast<double>(counts.looked_at), wanted["total_between_sess_intervals_sg"]);
  check.numbers("intervals", static_cast<double>(counts.available), wanted["available_between_sess_intervals_sg"]);
  check.numbers("intervals", static_cast<double>(counts.not_available),
                wanted["not_available_between_sess_intervals_sg"]);
}

}  // namespace

int main(int argc, char** argv) {
  const auto folder = reference::folder("rupture");
  if (!std::filesystem::is_directory(folder)) return reference::skipped(folder);
  reference::ledger ledger;
  for (const auto& path : reference::files(folder, "sg_")) {
    const json one = reference::read(path);
    const json& values = one["values"];
    const double tolerance = one["tolerance"]["numbers"].get<double>();
    const auto data = reference::read_panel(folder / one["data"].get<std::string>());
    const std::string where = path.stem().string();
    json all_columns, without_baseline;
    std::vector<std::string> ids;
    for (const json& variant : values["variants"]) {
      compare_variant(ledger,
                      where + " " + variant["fun"].get<std::string>() + " " + variant["variant"].get<std::string>(),
                      tolerance, data, variant);
      if (variant["variant"] == "all_default") {
        without_baseline = variant["sg_var_list"];
        for (const auto& id : variant["identify"]["id"]) ids.push_back(std::to_string(id.get<long>()));
      }
      if (variant["variant"] == "one_to_two") all_columns = variant["sg_var_list"];
    }
    const comparison check{ledger, where, tolerance};
    const auto scores = wide(data, ids, without_baseline);
    compare_counts(check, values["count_intervals"], scores, false);
    compare_counts(check, values["count_intervals_1to2"], wide(data, ids, all_columns), true);
    const json& select = values["select_cases"];
    for (std::size_t i = 0; i < ids.size(); ++i) {
      std::vector<double> row;
      for (rp::index t = 0; t < scores.n_items(); ++t) row.push_back(scores(static_cast<rp::index>(i), t));
      ledger.equal("cases by pattern", where, rp::has_judgeable_pattern<double>(row),
                   select["pattern"]["select"][i].get<bool>());
    }
    for (const json& wanted : values["define_crit1_cutoff"]) {
      const auto cut = rp::reliable_cutoff(wanted["sd"].get<double>(), wanted["reliability"].get<double>());
      check.numbers("cutoff", cut->sem, wanted["standard_error_measurement"]);
      check.numbers("cutoff", cut->difference_se, wanted["standard_error_difference"]);
      check.numbers("cutoff", cut->cutoff, wanted["reliable_change_value"]);
    }
  }
  return ledger.verdict(argc, argv);
}
