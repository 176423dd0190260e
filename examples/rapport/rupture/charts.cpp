// SPDX-License-Identifier: BSL-1.0
// Control charts as detectors.
#include <algorithm>

#include "offers.hpp"

namespace program {

namespace {

const std::map<std::string, rapport::chart_spread> spreads{{"own", rapport::chart_spread::own},
                                                           {"pooled", rapport::chart_spread::pooled}};

offer xmr_offer() {
  const rapport::xmr_chart defaults;
  return plain_offer(
      defaults,
      {{"median", "yes: median moving range; no: mean", "no"},
       {"baseline", "scored sessions that set center and spread; 0: all", std::to_string(defaults.n_baseline)},
       {"spread", "own or pooled moving ranges", word_of(defaults.spread, spreads)},
       {"rules", "how many of the four Western Electric rules are watched", std::to_string(defaults.n_rules)},
       {"min-sessions", "scored sessions that a series needs", std::to_string(defaults.min_sessions)}},
      "sigma of the chart",
      [](rapport::xmr_chart& chart, const std::string& key, const std::string& text) {
        if (key == "median") chart.by_median = to_yes_or_no(key, text);
        if (key == "baseline") chart.n_baseline = to_whole_number(key, text);
        if (key == "spread") chart.spread = to_choice(key, text, spreads);
        if (key == "rules")
          chart.n_rules = static_cast<int>(std::clamp<rapport::index>(to_whole_number(key, text), 0, 9));
        if (key == "min-sessions") chart.min_sessions = to_whole_number(key, text);
      },
      [](const rapport::xmr_chart&) { return 3.0; });
}

offer tukey_offer() {
  const rapport::tukey_chart defaults;
  return plain_offer(
      defaults,
      {{"factor", "fence in spreads of the fourths", csv_field(defaults.factor)},
       {"min-sessions", "scored sessions that a series needs", std::to_string(defaults.min_sessions)}},
      "spread of the fourths",
      [](rapport::tukey_chart& chart, const std::string& key, const std::string& text) {
        if (key == "factor") chart.factor = to_number(key, text);
        if (key == "min-sessions") chart.min_sessions = to_whole_number(key, text);
      },
      [](const rapport::tukey_chart& chart) { return chart.factor; });
}

offer cusum_offer() {
  const rapport::cusum_detector defaults;
  return plain_offer(
      defaults,
      {{"k", "allowance, in sigma", csv_field(defaults.k)},
       {"h", "limit, in sigma", csv_field(defaults.h)},
       {"baseline", "scored sessions that set the center", std::to_string(defaults.n_baseline)},
       {"spread", "own or pooled moving ranges", word_of(defaults.spread, spreads)}},
      "sigma of the chart",
      [](rapport::cusum_detector& chart, const std::string& key, const std::string& text) {
        if (key == "k") chart.k = to_number(key, text);
        if (key == "h") chart.h = to_number(key, text);
        if (key == "baseline") chart.n_baseline = to_whole_number(key, text);
        if (key == "spread") chart.spread = to_choice(key, text, spreads);
      },
      [](const rapport::cusum_detector& chart) { return chart.h; });
}

offer ewma_offer() {
  const rapport::ewma_detector defaults;
  return plain_offer(
      defaults,
      {{"lambda", "weight of the newest score", csv_field(defaults.lambda)},
       {"width", "of the limit, in SD of the average", csv_field(defaults.width)},
       {"baseline", "scored sessions that set the center", std::to_string(defaults.n_baseline)},
       {"spread", "own or pooled moving ranges", word_of(defaults.spread, spreads)}},
      "sigma of the chart",
      [](rapport::ewma_detector& chart, const std::string& key, const std::string& text) {
        if (key == "lambda") chart.lambda = to_number(key, text);
        if (key == "width") chart.width = to_number(key, text);
        if (key == "baseline") chart.n_baseline = to_whole_number(key, text);
        if (key == "spread") chart.spread = to_choice(key, text, spreads);
      },
      [](const rapport::ewma_detector& chart) { return chart.width; });
}

}  // namespace

std::vector<offer> chart_offers() { return {xmr_offer(), cusum_offer(), ewma_offer(), tukey_offer()}; }

}  // namespace program
