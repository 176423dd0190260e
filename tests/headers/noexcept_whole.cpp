// SPDX-License-Identifier: BSL-1.0
// Every module used in a translation unit without exceptions: it compiles, without a stray throw.
#include "fail_hook.hpp"

#include <rapport/fwd.hpp>
#include <rapport/instruments/metadata.hpp>
#include <rapport/rapport.hpp>

double use_everything() {
  const auto simulated =
      rapport::simulate_therapies(rapport::instruments::wai_sr_client, {.n_clients = 12, .n_sessions = 8});
  if (!simulated) return -1;
  std::vector<std::string> client;
  std::vector<double> session;
  std::vector<double> total;
  rapport::response_matrix answers(std::ssize(simulated->forms), 12);
  for (rapport::index i = 0; i < std::ssize(simulated->forms); ++i) {
    const auto& form = simulated->forms[rapport::as_size(i)];
    client.push_back(form.client);
    session.push_back(static_cast<double>(form.session));
    const auto card = rapport::score(rapport::instruments::wai_sr_client, form.answers);
    total.push_back(card && card->total() ? *card->total() : rapport::missing_value<double>());
    for (rapport::index j = 0; j < 12; ++j) answers(i, j) = form.answers[rapport::as_size(j)];
  }
  const auto alpha = rapport::cronbach_alpha(answers);
  const auto panel = rapport::session_panel::make(client, session, total);
  if (!alpha || !panel) return -1;
  const auto fit = rapport::fit_growth(*panel, rapport::linear{}.random_slope());
  const auto found = rapport::detect(*panel, rapport::innovations(), {.null_series = 9});
  return fit && found ? alpha->estimate : -1;
}
