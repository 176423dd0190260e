// SPDX-License-Identifier: BSL-1.0
// Segments and regimes as detectors.
#include "offers.hpp"

namespace program {

namespace {

const std::map<std::string, rapport::chart_spread> spreads{{"own", rapport::chart_spread::own},
                                                           {"pooled", rapport::chart_spread::pooled}};

const std::map<std::string, rapport::stats::penalty_kind> penalties{{"bic", rapport::stats::penalty_kind::bic},
                                                                    {"bic0", rapport::stats::penalty_kind::bic0},
                                                                    {"mbic", rapport::stats::penalty_kind::mbic},
                                                                    {"aic", rapport::stats::penalty_kind::aic},
                                                                    {"hq", rapport::stats::penalty_kind::hannan_quinn}};

offer segments_offer() {
  const rapport::segment_detector defaults;
  return plain_offer(
      defaults,
      {{"penalty", "bic, bic0, mbic, aic, hq or a number, for scores divided by sigma",
        word_of(defaults.penalty, penalties)},
       {"min-size", "scored sessions in the shortest segment", std::to_string(defaults.min_size)},
       {"spread", "own or pooled moving ranges", word_of(defaults.spread, spreads)},
       {"restored", "share of the fall that counts as repaired", csv_field(defaults.restored)},
       {"min-sessions", "scored sessions that a series needs", std::to_string(defaults.min_sessions)}},
      "sigma by moving ranges",
      [](rapport::segment_detector& detector, const std::string& key, const std::string& text) {
        if (key == "penalty" && penalties.contains(text)) detector.penalty = penalties.at(text);
        if (key == "penalty" && !penalties.contains(text)) detector.penalty_value = to_number(key, text);
        if (key == "min-size") detector.min_size = to_whole_number(key, text);
        if (key == "spread") detector.spread = to_choice(key, text, spreads);
        if (key == "restored") detector.restored = to_number(key, text);
        if (key == "min-sessions") detector.min_sessions = to_whole_number(key, text);
      },
      [](const rapport::segment_detector& detector) { return maybe(detector.penalty_value); });
}

offer bocpd_offer() {
  const rapport::online_change_detector defaults;
  return plain_offer(
      defaults,
      {{"expected-length", "sessions between changes, on average", csv_field(defaults.expected_length)},
       {"probability", "of a young run, from which a change counts", csv_field(defaults.probability)},
       {"window", "sessions that a young run has lasted at most", std::to_string(defaults.window)},
       {"least-fall", "in SD within a regime", csv_field(defaults.least_fall)},
       {"min-sessions", "scored sessions that a series needs", std::to_string(defaults.min_sessions)}},
      "SD within a regime",
      [](rapport::online_change_detector& detector, const std::string& key, const std::string& text) {
        if (key == "expected-length") detector.expected_length = to_number(key, text);
        if (key == "probability") detector.probability = to_number(key, text);
        if (key == "window") detector.window = to_whole_number(key, text);
        if (key == "least-fall") detector.least_fall = to_number(key, text);
        if (key == "min-sessions") detector.min_sessions = to_whole_number(key, text);
      },
      [](const rapport::online_change_detector& detector) { return detector.probability; });
}

offer hmm_offer() {
  const rapport::state_detector defaults;
  return plain_offer(
      defaults,
      {{"states", "2 or 3; the lowest is the ruptured one", std::to_string(defaults.n_states)},
       {"starts", "searches of the fit", std::to_string(defaults.n_starts)},
       {"min-sessions", "scored sessions that a series needs", std::to_string(defaults.min_sessions)}},
      "SD within a state",
      [](rapport::state_detector& detector, const std::string& key, const std::string& text) {
        if (key == "states") detector.n_states = to_whole_number(key, text);
        if (key == "starts") detector.n_starts = to_whole_number(key, text);
        if (key == "min-sessions") detector.min_sessions = to_whole_number(key, text);
      },
      [](const rapport::state_detector&) { return json(nullptr); });
}

}  // namespace

std::vector<offer> regime_offers() { return {segments_offer(), bocpd_offer(), hmm_offer()}; }

}  // namespace program
