// SPDX-License-Identifier: BSL-1.0
// Detection of ruptures over a whole panel, alone and with its chance level.
#include <cmath>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <Eigen/Cholesky>

#include <rapport/core/random.hpp>
#include <rapport/rupture.hpp>
#include "data.hpp"
#include "measure.hpp"

namespace {

using rapport::as_size;
using rapport::index;

constexpr bench::study registry{"registry_10000x20", 10000, 20};
constexpr bench::study small_trial{"small_trial_60x16", 60, 16};

/// Growing clients, one in three with a fall of three points that lasts two sessions.
rapport::session_panel panel_with_ruptures(const bench::study& study) {
  auto rows = bench::growth_rows(study.clients, study.sessions, bench::schedule::balanced);
  rapport::random_stream random(bench::seed, 2);
  for (index c = 0; c < study.clients; ++c) {
    const index onset = 4 + random.below(study.sessions - 6);
    if (!random.chance(1.0 / 3)) continue;
    for (index s = onset; s < onset + 2; ++s) rows.y(c * study.sessions + s) -= 3;
  }
  return bench::panel_of(rows);
}

rapport::detect_options options(index null_series) {
  rapport::detect_options out;
  out.null_series = null_series;
  out.n_threads = 1;
  return out;
}

struct naive_episode {
  index pre;
  index onset;
  index nadir;
  std::optional<index> repair;
};

/// The default rule on one complete series, in plain loops: a run of falls of at least two units, back within half a
/// unit.
std::vector<naive_episode> naive_drop_repair(std::span<const double> y, double unit) {
  std::vector<naive_episode> out;
  const std::size_t n = y.size();
  for (std::size_t t = 0; t + 1 < n;) {
    std::size_t low = t;
    while (low + 1 < n && y[low + 1] < y[low]) ++low;
    if (low == t || y[t] - y[low] < 2 * unit) {
      ++t;
      continue;
    }
    std::size_t nadir = low;
    std::size_t s = low + 1;
    while (s < n && y[s] < y[t] - unit / 2) {
      if (y[s] < y[nadir]) nadir = s;
      ++s;
    }
    naive_episode found{static_cast<index>(t), static_cast<index>(t + 1), static_cast<index>(nadir), std::nullopt};
    if (s < n) found.repair = static_cast<index>(s);
    out.push_back(found);
    t = s < n ? s : nadir;
  }
  return out;
}

void check_drop_repair(const rapport::session_panel& panel, const rapport::detection& found) {
  double squares = 0;
  index df = 0;
  for (index c = 0; c < panel.n_clients(); ++c) {
    const auto y = panel.series(c).score;
    double mean = 0;
    for (const double each : y) mean += each / static_cast<double>(y.size());
    for (const double each : y) squares += (each - mean) * (each - mean);
    df += std::ssize(y) - 1;
  }
  const double unit = std::sqrt(squares / static_cast<double>(df));
  std::size_t at = 0;
  for (index c = 0; c < panel.n_clients(); ++c) {
    for (const auto& wanted : naive_drop_repair(panel.series(c).score, unit)) {
      bench::check(at < found.episodes.size(), "an episode is missing");
      const auto& episode = found.episodes[at++];
      const bool same = episode.client_position == c && episode.pre_at == wanted.pre &&
                        episode.onset_at == wanted.onset && episode.nadir_at == wanted.nadir &&
                        episode.repair_at == wanted.repair;
      bench::check(same, "an episode differs from the naive scan");
    }
  }
  bench::check(at == found.episodes.size(), "there are episodes that the naive scan does not find");
}

/// What the model expects of session t given those before, from the joint normal distribution written out.
rapport::stats::score_prediction<double> naive_prediction(const rapport::stats::session_model<double>& model,
                                                          const rapport::session_series<double>& y, index t) {
  const auto covariance = [&](index a, index b) {
    const double u = y.session[as_size(a)] - model.center;
    const double v = y.session[as_size(b)] - model.center;
    return model.intercept_var + model.intercept_slope_cov * (u + v) + model.slope_var * u * v +
           (a == b ? model.error_var : 0);
  };
  rapport::stats::matrix<double> past(t, t);
  rapport::stats::vector<double> with_now(t);
  rapport::stats::vector<double> deviation(t);
  for (index a = 0; a < t; ++a) {
    for (index b = 0; b < t; ++b) past(a, b) = covariance(a, b);
    with_now(a) = covariance(a, t);
    deviation(a) = y[a] - model.mean_at(y.session[as_size(a)]);
  }
  const Eigen::LLT<rapport::stats::matrix<double>> factor(past);
  return {model.mean_at(y.session[as_size(t)]) + with_now.dot(factor.solve(deviation)),
          std::sqrt(covariance(t, t) - with_now.dot(factor.solve(with_now)))};
}

void check_innovations(const rapport::session_panel& panel, const rapport::stats::session_model<double>& model,
                       const rapport::detection& found) {
  const double threshold = 2.3263478740408408;  // R 4.2.2: qnorm(.99), one false alarm in a hundred sessions
  std::size_t at = 0;
  for (index c = 0; c < panel.n_clients(); ++c) {
    const auto y = panel.series(c);
    const bool has_episode = at < found.episodes.size() && found.episodes[at].client_position == c;
    const index onset = has_episode ? found.episodes[at].onset_at : y.size();
    while (at < found.episodes.size() && found.episodes[at].client_position == c) ++at;
    if (c >= 500) continue;  // as far as the naive form is worth its time
    for (index t = 1; t < (std::min)(onset + 1, y.size()); ++t) {
      const auto wanted = naive_prediction(model, y, t);
      const auto& expected = found.clients[as_size(c)].expected[as_size(t)];
      bench::check(expected.has_value(), "a session is not judged");
      bench::check_close(expected->mean, wanted.mean, 1e-10, "the expected score");
      bench::check_close(expected->sd, wanted.sd, 1e-10, "its standard deviation");
      const bool is_rupture = (wanted.mean - y[t]) / wanted.sd > threshold;
      bench::check(is_rupture == (t == onset), "the first rupture is elsewhere");
    }
  }
  bench::check(at == found.episodes.size(), "episodes are not in the order of clients");
}

bench::subject_info about(const rapport::session_panel& panel, const char* floor) {
  return {.n = {{"clients", panel.n_clients()}, {"rows", panel.n_rows()}}, .floor = floor};
}

/// One pass over the scores.
double sum_of_scores(const rapport::session_panel& panel) {
  double sum = 0;
  for (index c = 0; c < panel.n_clients(); ++c) {
    for (const double score : panel.series(c).score) sum += score;
  }
  return sum;
}

void drop_repair(benchmark::State& state, const bench::study& study) {
  const auto panel = panel_with_ruptures(study);
  check_drop_repair(panel, rapport::detect(panel, rapport::drop_repair{}, options(0)).value());
  bench::compare(
      state, about(panel, "one pass over the scores"),
      [&] { return rapport::detect(panel, rapport::drop_repair{}, options(0)); }, [&] { return sum_of_scores(panel); });
}

void innovations(benchmark::State& state, const bench::study& study) {
  const auto panel = panel_with_ruptures(study);
  const auto model = rapport::stats::fit_session_model(panel).value();
  const auto detector = rapport::innovations(model);
  check_innovations(panel, model, rapport::detect(panel, detector, options(0)).value());
  bench::compare(
      state, about(panel, "one pass over the scores"), [&] { return rapport::detect(panel, detector, options(0)); },
      [&] { return sum_of_scores(panel); });
}

/// Episodes that each of the detectors finds, in the order of the list of must-haves.
std::vector<index> counts_of_must_haves(const rapport::session_panel& panel,
                                        const rapport::stats::session_model<double>& model) {
  std::vector<index> out;
  const auto judge = [&](const auto& detector) {
    out.push_back(rapport::detect(panel, detector, options(0)).value().count());
  };
  judge(rapport::drop_repair{});
  judge(rapport::stiles2004_like());
  judge(rapport::strauss2006_like());
  judge(rapport::stevens2007_like());
  judge(rapport::gumz2012());
  judge(rapport::xmr_chart{});
  judge(rapport::tukey_chart{});
  judge(rapport::cusum_detector{});
  judge(rapport::ewma_detector{});
  judge(rapport::sudden_losses());
  judge(rapport::corrected_sudden_change{});
  judge(rapport::segment_detector{});
  judge(rapport::pulse_scan(model));
  judge(rapport::innovations(model));
  judge(rapport::leave_one_out(model));
  judge(rapport::reliable_fall{.sem = 0.8});
  judge(rapport::residual_detector{});
  return out;
}

/// Detection alone by all of them, without the chance level.
void must_haves(benchmark::State& state, const bench::study& study) {
  const auto panel = panel_with_ruptures(study);
  const auto model = rapport::stats::fit_stable_clients(panel).value();
  for (const index count : counts_of_must_haves(panel, model))
    bench::check(count > 0, "a detector finds nothing in a panel in which one client in three has a rupture");
  bench::compare(
      state, about(panel, "one pass over the scores"), [&] { return counts_of_must_haves(panel, model); },
      [&] { return sum_of_scores(panel); });
}

void with_null(benchmark::State& state, const bench::study& study, index null_series) {
  const auto panel = panel_with_ruptures(study);
  const auto alone = rapport::detect(panel, rapport::drop_repair{}, options(0)).value();
  const auto found = rapport::detect(panel, rapport::drop_repair{}, options(null_series)).value();
  bench::check(found.count() == alone.count(), "the chance level changes what is found");
  bench::check(found.expected_if_stable.has_value() && *found.expected_if_stable > 0, "no expected number");
  // p is a count of series over their number plus one, and falls as the score of the same client rises.
  for (std::size_t e = 0; e < found.episodes.size(); ++e) {
    const auto& episode = found.episodes[e];
    const double count = episode.p_null.value() * static_cast<double>(null_series + 1);
    bench::check_close(count, std::round(count), 1e-9, "p times the number of series plus one");
    bench::check(count > 0.5 && count < static_cast<double>(null_series) + 1.5, "p is outside (0, 1]");
    if (e == 0 || found.episodes[e - 1].client_position != episode.client_position) continue;
    const auto& before = found.episodes[e - 1];
    bench::check((before.score > episode.score) <= (*before.p_null <= *episode.p_null), "p does not follow the score");
  }
  const auto again = rapport::detect(panel, rapport::drop_repair{}, options(null_series)).value();
  bench::check(again.expected_if_stable == found.expected_if_stable, "the same seed gives another number");

  auto info = about(panel, "drawing the normal numbers of the simulated series alone");
  info.n.emplace_back("null_series", null_series);
  rapport::random_stream random(bench::seed);
  const index n_normals = (panel.n_rows() + 2 * panel.n_clients()) * null_series;
  bench::compare(
      state, info, [&] { return rapport::detect(panel, rapport::drop_repair{}, options(null_series)); },
      [&] {
        double sum = 0;
        for (index i = 0; i < n_normals; ++i) sum += random.normal();
        return sum;
      });
}

const bench::registration add_all([] {
  for (const auto& study : {small_trial, registry}) {
    if (bench::current_settings().skips(study.clients * study.sessions)) continue;
    bench::add(std::string("models/detect_drop_repair/") + study.name,
               [=](benchmark::State& state) { drop_repair(state, study); });
    bench::add(std::string("models/detect_innovations/") + study.name,
               [=](benchmark::State& state) { innovations(state, study); });
    bench::add(std::string("models/detect_must_haves/") + study.name,
               [=](benchmark::State& state) { must_haves(state, study); });
  }
  bench::add(std::string("models/detect_drop_repair_with_null/") + small_trial.name,
             [](benchmark::State& state) { with_null(state, small_trial, 199); });
});

}  // namespace
