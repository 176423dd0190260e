// SPDX-License-Identifier: BSL-1.0
#include <rapport/simulate.hpp>

#include <memory>

#include "simulation.hpp"

namespace program {

namespace {

std::string forms_csv(const rapport::simulated_therapies& simulated, int n_items) {
  std::string text = "client,therapist,session";
  for (int item = 1; item <= n_items; ++item) text += ",q" + std::to_string(item);
  text += '\n';
  for (const auto& form : simulated.forms) {
    text += form.client + ',' + form.therapist + ',' + std::to_string(form.session);
    for (const double answer : form.answers) text += ',' + csv_field(answer);
    text += '\n';
  }
  return text;
}

std::string truth_csv(const rapport::simulated_therapies& simulated) {
  std::string text = "client,pre,onset,nadir,repair,depth,pattern\n";
  for (const auto& r : simulated.ruptures) {
    text += r.client + ',' + std::to_string(r.pre) + ',' + std::to_string(r.onset) + ',' + std::to_string(r.nadir) +
            ',' + (r.repair ? std::to_string(*r.repair) : std::string()) + ',' + csv_field(r.depth) + ',' +
            std::string(to_string(r.pattern)) + '\n';
  }
  return text;
}

/// Options that answers do not know.
const char* const dyads_alone[] = {"--most-ruptures",
                                   "--therapist-sd",
                                   "--client-sd",
                                   "--trend-sd",
                                   "--state-sd",
                                   "--error-sd",
                                   "--autocorrelation",
                                   "--autocorrelation-sd",
                                   "--ruptures-per-20",
                                   "--mean-length",
                                   "--repair-fraction",
                                   "--therapist-level",
                                   "--level-agreement",
                                   "--state-agreement",
                                   "--recognition",
                                   "--therapist-only",
                                   "--shape"};

std::string scores_csv(const rapport::simulated_dyads& simulated) {
  std::string text = "client,therapist,session,score,therapist_score\n";
  for (std::size_t i = 0; i < simulated.client_ratings.size(); ++i) {
    const auto& row = simulated.client_ratings[i];
    text += row.client + ',' + row.therapist + ',' + csv_field(row.session) + ',' + csv_field(row.score) + ',' +
            csv_field(simulated.therapist_ratings[i].score) + '\n';
  }
  return text;
}

}  // namespace

void add_simulate_command(CLI::App& app) {
  struct options {
    rapport::therapy_options therapy;
    std::string instrument = "wai-sr-client";
    std::string out;
    std::string truth;
    bool scores = false;
    dyad_request dyads;
  };
  auto* command = app.add_subcommand("simulate", "therapies with known ruptures, answer by answer");
  auto o = std::make_shared<options>();
  auto& t = o->therapy;
  command->add_option("--clients", t.n_clients, "number of clients")->capture_default_str();
  command->add_option("--sessions", t.n_sessions, "planned sessions of each")->capture_default_str();
  command->add_option("--therapists", t.n_therapists, "number of therapists")->capture_default_str();
  command->add_option("--instrument", o->instrument, "form to fill in")->capture_default_str();
  command->add_option("--level", t.level, "mean latent alliance; 0 is the middle of the scale")->capture_default_str();
  command->add_option("--trend", t.trend, "mean latent change per session")->capture_default_str();
  command->add_option("--rupture-rate", t.rupture_rate, "probability that a therapy has a rupture")
      ->capture_default_str();
  command->add_option("--least-depth", t.least_depth, "of a rupture, latent SD")->capture_default_str();
  command->add_option("--largest-depth", t.largest_depth, "of a rupture, latent SD")->capture_default_str();
  command->add_option("--repair-probability", t.repair_probability, "that a rupture is repaired")
      ->capture_default_str();
  command->add_option("--missing-session", t.missing_session, "probability that a session has no form")
      ->capture_default_str();
  command->add_option("--missing-answer", t.missing_answer, "probability of a blank")->capture_default_str();
  command->add_option("--dropout", t.dropout, "probability of ending after a session")->capture_default_str();
  command
      ->add_option("--volatility-sd", t.volatility_sd,
                   "of the log of a client's factor of ups and downs; 0.3 in scores")
      ->capture_default_str();
  command
      ->add_option("--missed-after-rupture", t.missed_after_rupture,
                   "factor of --missing-session after a lowered session; 3 in scores")
      ->capture_default_str();
  command->add_flag("--scores", o->scores,
                    "write scores of client and therapist from 1 to 7 instead of answers; levels "
                    "and depths are then points, and defaults those of `evaluate --help`");
  add_dyad_options(*command, o->dyads);
  add_seed_option(*command, t.seed, "makes the therapies reproducible");
  command->add_option("--out", o->out, "file for the forms; standard output without it");
  command->add_option("--truth", o->truth, "file for the ruptures that were planted");
  command->callback([o, command] {
    output_files files;
    if (o->scores) {
      read_dyad_options(*command, o->dyads);
      o->dyads.dyads.seed = o->therapy.seed;
      const auto simulated = rapport::simulate_dyads(o->dyads.dyads);
      if (!simulated) raise(simulated.error());
      if (!o->truth.empty()) files.write(o->truth, truth_csv(*simulated));
      const std::string scores = scores_csv(*simulated);
      if (!o->out.empty()) files.write(o->out, scores);
      files.publish();
      if (o->out.empty()) print(scores);
      return;
    }
    for (const char* name : dyads_alone) {
      if (command->get_option(name)->count() > 0) throw call_error(std::string(name) + " needs --scores");
    }
    const chosen_instrument chosen = find_instrument(o->instrument);
    const rapport::instrument& form = *chosen.form;
    if (!form.has_one_scale())
      throw call_error(std::string(form.id()) + " has more than one range of answers; forms of it cannot be simulated");
    const auto simulated = rapport::simulate_therapies(form, o->therapy);
    if (!simulated) raise(simulated.error());
    if (!o->truth.empty()) files.write(o->truth, truth_csv(*simulated));
    const std::string forms = forms_csv(*simulated, form.n_items());
    if (!o->out.empty()) files.write(o->out, forms);
    files.publish();
    if (o->out.empty()) print(forms);
  });
}

}  // namespace program
