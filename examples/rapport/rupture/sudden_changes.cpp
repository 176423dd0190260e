// SPDX-License-Identifier: BSL-1.0
// Sudden gains and losses, as R suddengains has them, and the corrected variant.
#include <cmath>

#include "offers.hpp"

namespace program {

namespace {

/// Sudden changes: the settings are those of R suddengains, on the scores as they stand in the table.
offer sudden_change_offer(const rapport::sudden_change_detector& preset) {
  const rapport::sudden_change_rule defaults;
  offer out;
  out.name = preset.info.name;
  out.info = preset.info;
  out.settings = {
      {"cutoff",
       "criterion 1, points; not positive where the raw score rises; none: not applied, unless --reliability or "
       "--sem is given",
       "none"},
      {"pct", "criterion 2, share of the raw score; negative where the raw score rises; none: not applied",
       csv_field(*defaults.share)},
      {"criteria", "those that are applied, of 123; 1 only if it has a cutoff", "123"},
      {"alpha", "of criterion 3", csv_field(defaults.alpha)},
      {"adjust", "yes: critical value by alpha and the scores present; no: as in critical", "yes"},
      {"critical", "critical value with adjust=no", csv_field(defaults.critical)},
      {"first", "yes: the first session lies before treatment (1to2 of the package)", "no"}};
  out.run = [preset, all = out.settings](const session_table& table, const rupture_request& request,
                                         const rapport::detect_options& detect_options, const settings& given) {
    rapport::sudden_change_detector detector = preset;
    auto& rule = detector.rule;
    detector.scores_turned = request.lower_is_better;
    const bool raw_rises = detector.finds_rises != detector.scores_turned;
    if (const auto of_score = asked_error(table, request))
      rule.cutoff = raw_rises ? -of_score->cutoff : of_score->cutoff;
    std::string criteria = "123";
    for (const auto& [key, text] : given) {
      const bool none = text == "none";
      if (key == "cutoff") rule.cutoff = none ? std::nullopt : std::optional<double>(to_number(key, text));
      if (key == "pct") rule.share = none ? std::nullopt : std::optional<double>(to_number(key, text));
      if (key == "criteria") criteria = text;
      if (key == "alpha") rule.alpha = to_number(key, text);
      if (key == "adjust") rule.adjust = to_yes_or_no(key, text);
      if (key == "critical") rule.critical = to_number(key, text);
      if (key == "first") rule.first_is_baseline = to_yes_or_no(key, text);
    }
    if (criteria.empty() || criteria.find_first_not_of("123") != std::string::npos)
      throw call_error("--option criteria is made of 1, 2 and 3, not '" + criteria + "'");
    const auto applied = [&](char which) { return criteria.find(which) != std::string::npos; };
    if (given.contains("criteria") && applied('1') && !rule.cutoff && criteria != "123")
      throw call_error("--option criteria=" + criteria + " needs --option cutoff=POINTS, --reliability or --sem");
    if (!applied('1')) rule.cutoff.reset();
    if (!applied('2')) rule.share.reset();
    rule.stability = applied('3');
    json about = detector_json(detector.info, all, given);
    json& options = about["options"];
    options["cutoff"] = maybe(rule.cutoff);
    options["pct"] = maybe(rule.share);
    options["criteria"] = std::string(rule.cutoff ? "1" : "") + (rule.share ? "2" : "") + (rule.stability ? "3" : "");
    about["unit"] = "points";
    about["unit_value"] = 1;
    about["threshold"] = maybe(rule.cutoff);
    const auto ready = detector.prepared(table.panel);
    if (!ready) return nothing_found(table, about, ready.error());
    const auto found = detect_over_clients(table, *ready, detect_options, request);
    if (!found) return nothing_found(table, about, found.error());
    const rapport::episode* before = nullptr;
    rapport::index nth = 0;
    return findings_json(table, *found, about, request, [&](const rapport::episode& e, json& one) {
      const bool again =
          before != nullptr && before->client_position == e.client_position && before->onset_at == e.onset_at;
      nth = again ? nth + 1 : 0;
      before = &e;
      const auto at = ready->at(table.panel.series(e.client_position), e.onset_at, nth);
      if (!at) return;
      const auto& [verdict, change] = *at;
      one["criteria"] = {{"1", maybe(verdict.size)}, {"2", maybe(verdict.share)}, {"3", maybe(verdict.stability)}};
      one["session_n"] = change.session;
      one["magnitude"] = maybe(change.magnitude);
      one["total_change"] = maybe(change.total_change);
      one["change_proportion"] = maybe(change.proportion);
      one["reversal_value"] = maybe(change.reversal_value);
      one["reversed"] = change.reversed;
      one["around"] = json::array();
      for (const auto& score : change.around) one["around"].push_back(maybe(score));
    });
  };
  return out;
}

offer corrected_sudden_change_offer() {
  const rapport::corrected_sudden_change defaults;
  offer out;
  out.name = defaults.info.name;
  out.info = defaults.info;
  out.settings = {{"cutoff", "least fall, points; none: one pooled within-client SD", "none"},
                  {"pct", "least fall as a share of the distance from the worst possible score; used with --min, --max",
                   csv_field(defaults.share)},
                  {"alpha", "of the t test, two-sided", csv_field(defaults.alpha)},
                  {"prior-df", "degrees of freedom that the pooled SD counts for", csv_field(defaults.prior_df)},
                  {"direction", "loss: falls of the alliance; gain: rises", "loss"}};
  out.run = [all = out.settings](const session_table& table, const rupture_request& request,
                                 const rapport::detect_options& detect_options, const settings& given) {
    rapport::corrected_sudden_change rule;
    if (const auto of_score = asked_error(table, request)) rule.cutoff = of_score->cutoff;
    for (const auto& [key, text] : given) {
      if (key == "cutoff" && text != "none") rule.cutoff = to_number(key, text);
      if (key == "pct") rule.share = to_number(key, text);
      if (key == "alpha") rule.alpha = to_number(key, text);
      if (key == "prior-df") rule.prior_df = to_number(key, text);
      if (key == "direction")
        rule.finds_rises = to_choice(key, text, std::map<std::string, bool>{{"loss", false}, {"gain", true}});
    }
    json about = detector_json(rule.info, all, given);
    about["unit"] = "t";
    const auto ready = rule.prepared(table.panel);
    if (!ready) return nothing_found(table, about, ready.error());
    about["options"]["cutoff"] = ready->least_jump();
    const auto found = detect_over_clients(table, *ready, detect_options, request);
    return found ? findings_json(table, *found, about, request) : nothing_found(table, about, found.error());
  };
  return out;
}

}  // namespace

std::vector<offer> sudden_change_offers() {
  return {sudden_change_offer(rapport::sudden_gains()), sudden_change_offer(rapport::sudden_losses()),
          corrected_sudden_change_offer()};
}

}  // namespace program
