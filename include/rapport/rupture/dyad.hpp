// SPDX-License-Identifier: BSL-1.0
// Two views of one therapy: congruence of ratings, ruptures that both or only one side shows, agreement with observers.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include <rapport/rupture/detect.hpp>
#include <rapport/stats/rate.hpp>

namespace rapport {

/// How the ratings of one dyad go together.
template <class Scalar>
struct basic_congruence {
  std::string client{};
  index n_common = 0;                               ///< sessions that both rated
  Scalar mean_difference{};                         ///< client minus therapist, points
  std::optional<Scalar> difference_sd{};            ///< of the differences around their mean; empty below 2 sessions
  std::optional<Scalar> correlation{};              ///< over sessions; empty below 3 sessions or without variance
  std::vector<std::optional<Scalar>> divergence{};  ///< client minus therapist, per session of the client's series
};

using congruence = basic_congruence<double>;

/// Congruence of each dyad.
/// \param client     ratings of clients
/// \param therapist  ratings of their therapists, under the clients' identifiers
/// \return           one entry per client of `client`, in its order; without common sessions n_common is 0
/// Missing:          a session counts if both rated it; the others have no divergence
/// Reference:        Marmarosh & Kivlighan (2012), Relationships among client and counselor agreement about the working
///                   alliance, doi 10.1037/a0028525
template <class Scalar>
[[nodiscard]] std::vector<basic_congruence<Scalar>> congruence_of(const basic_session_panel<Scalar>& client,
                                                                  const basic_session_panel<Scalar>& therapist) {
  using std::sqrt;
  std::unordered_map<std::string_view, index> position;
  for (index c = 0; c < therapist.n_clients(); ++c) position.emplace(therapist.client_id(c), c);
  std::vector<basic_congruence<Scalar>> out;
  for (index c = 0; c < client.n_clients(); ++c) {
    basic_congruence<Scalar> one;
    one.client = client.client_id(c);
    const auto y = client.series(c);
    one.divergence.resize(as_size(y.size()));
    std::vector<std::pair<Scalar, Scalar>> pairs;
    if (const auto found = position.find(client.client_id(c)); found != position.end()) {
      const auto theirs = therapist.series(found->second);
      for (index t = 0; t < y.size(); ++t) {
        const auto& time = y.session[as_size(t)];
        const auto same = std::lower_bound(theirs.session.begin(), theirs.session.end(), time);
        if (!y.is_observed(t) || same == theirs.session.end() || *same != time) continue;
        const index at = same - theirs.session.begin();
        if (!theirs.is_observed(at)) continue;
        pairs.emplace_back(y[t], theirs[at]);
        one.divergence[as_size(t)] = y[t] - theirs[at];
      }
    }
    one.n_common = std::ssize(pairs);
    if (!pairs.empty()) {
      const auto n = static_cast<Scalar>(one.n_common);
      Scalar mean_a(0), mean_b(0);
      for (const auto& [a, b] : pairs) mean_a += a / n, mean_b += b / n;
      Scalar aa(0), bb(0), ab(0), dd(0);
      for (const auto& [a, b] : pairs) {
        const Scalar u = a - mean_a;
        const Scalar v = b - mean_b;
        aa += u * u, bb += v * v, ab += u * v, dd += (u - v) * (u - v);
      }
      one.mean_difference = mean_a - mean_b;
      if (one.n_common >= 2) one.difference_sd = sqrt(Scalar(dd / (n - 1)));
      if (one.n_common >= 3 && aa > 0 && bb > 0) one.correlation = ab / sqrt(Scalar(aa * bb));
    }
    out.push_back(std::move(one));
  }
  return out;
}

/// Who shows a rupture.
enum class recognition : unsigned char { both, client_only, therapist_only };

/// The word for it, as programs print it.
[[nodiscard]] constexpr std::string_view to_string(recognition who) noexcept {
  switch (who) {
    case recognition::both: return "both";
    case recognition::client_only: return "client only";
    case recognition::therapist_only: return "therapist only";
  }
  return "unknown";
}

/// A rupture in one or both ratings of a dyad.
struct recognized_rupture {
  std::string client{};
  recognition seen_by = recognition::both;
  std::optional<std::size_t> of_client{};     ///< place among the episodes of the clients' ratings
  std::optional<std::size_t> of_therapist{};  ///< likewise of the therapists'
};

/// Ruptures of dyads by who shows them.
template <class Scalar>
struct basic_recognitions {
  std::vector<recognized_rupture> ruptures{};  ///< by client, then onset
  index n_both = 0;
  index n_client_only = 0;
  index n_therapist_only = 0;
  std::optional<basic_estimate<Scalar>> recognized{};  ///< share of clients' ruptures that the therapist's rating shows
  std::optional<basic_estimate<Scalar>> agreement{};   ///< share of all ruptures that both show
};

using recognitions = basic_recognitions<double>;

/// Pairs the ruptures of clients' and therapists' ratings.
/// Model:       two episodes of a client are one rupture if their onsets lie at most `tolerance` apart; in order of time,
///              each takes the first that is free
/// \param client     found in the clients' ratings
/// \param therapist  found in the therapists' ratings, under the clients' identifiers
/// \param tolerance  largest distance of onsets, in session times; not negative
/// \param level      confidence level
/// \return           classes, counts, shares with intervals by client
/// Errors:           errc::invalid_option
/// Not for:          blaming: a therapist's rating that stays up is no proof that the rupture was not noticed
template <class Scalar>
[[nodiscard]] result<basic_recognitions<Scalar>> recognize(const basic_detection<Scalar>& client,
                                                           const basic_detection<Scalar>& therapist,
                                                           const Scalar& tolerance = Scalar(1), double level = 0.95) {
  if (!(tolerance >= 0))
    return error{.code = errc::invalid_option,
                 .function = "recognize",
                 .value = static_cast<double>(tolerance),
                 .lower = 0,
                 .upper = 1e6,
                 .subject = "tolerance"};
  if (auto legal = check_level(level, "recognize"); !legal) return legal.error();
  std::unordered_map<std::string_view, std::vector<std::size_t>> theirs;
  for (std::size_t e = 0; e < therapist.episodes.size(); ++e) theirs[therapist.episodes[e].client].push_back(e);

  basic_recognitions<Scalar> out;
  std::vector<bool> taken(therapist.episodes.size(), false);
  std::unordered_map<std::string_view, std::array<index, 3>> counts;
  const auto add = [&](const std::string& id, recognition who, std::optional<std::size_t> a,
                       std::optional<std::size_t> b) {
    out.ruptures.push_back({id, who, a, b});
    ++counts[id][static_cast<std::size_t>(who)];
  };
  for (std::size_t e = 0; e < client.episodes.size(); ++e) {
    const auto& mine = client.episodes[e];
    std::optional<std::size_t> partner;
    if (const auto of_client = theirs.find(mine.client); of_client != theirs.end()) {
      for (const std::size_t k : of_client->second) {
        const Scalar apart = therapist.episodes[k].onset - mine.onset;
        if (partner || taken[k] || apart > tolerance || -apart > tolerance) continue;
        partner = k;
        taken[k] = true;
      }
    }
    add(mine.client, partner ? recognition::both : recognition::client_only, e, partner);
  }
  for (std::size_t k = 0; k < therapist.episodes.size(); ++k) {
    if (!taken[k]) add(therapist.episodes[k].client, recognition::therapist_only, std::nullopt, k);
  }
  const auto onset_of = [&](const recognized_rupture& r) {
    return r.of_client ? client.episodes[*r.of_client].onset : therapist.episodes[*r.of_therapist].onset;
  };
  std::stable_sort(out.ruptures.begin(), out.ruptures.end(), [&](const auto& a, const auto& b) {
    if (a.client != b.client) return detail::id_less(a.client, b.client);
    return onset_of(a) < onset_of(b);
  });
  std::vector<stats::cluster_count<Scalar>> recognized, agreed;
  std::string_view last;
  for (const auto& each : out.ruptures) {
    if (each.client == last) continue;
    last = each.client;
    const auto& [both, of_client, of_therapist] = counts.at(each.client);
    out.n_both += both;
    out.n_client_only += of_client;
    out.n_therapist_only += of_therapist;
    recognized.push_back({static_cast<Scalar>(both), static_cast<Scalar>(both + of_client)});
    agreed.push_back({static_cast<Scalar>(both), static_cast<Scalar>(both + of_client + of_therapist)});
  }
  out.recognized = stats::clustered_proportion<Scalar>(recognized, level);
  out.agreement = stats::clustered_proportion<Scalar>(agreed, level);
  return out;
}

/// A session in which observers, or a direct report, saw a rupture.
template <class Scalar>
struct basic_coded_session {
  std::string client{};
  Scalar session{};
};

using coded_session = basic_coded_session<double>;

/// Agreement of a detector with codes, session by session.
template <class Scalar>
struct basic_code_agreement {
  index n_both = 0;      ///< sessions that are coded and belong to an episode
  index n_coded = 0;     ///< coded only
  index n_detected = 0;  ///< in an episode only
  index n_neither = 0;
  std::optional<Scalar> kappa{};                        ///< Cohen's; empty if chance alone agrees always
  std::optional<basic_estimate<Scalar>> sensitivity{};  ///< share of coded sessions with a detected one near
  std::optional<basic_estimate<Scalar>> precision{};    ///< share of detected sessions with a coded one near
};

using code_agreement = basic_code_agreement<double>;

/// Compares episodes with sessions that were coded as ruptures.
/// Model:       a session is detected if it lies in an episode, from its onset to before its repair. Counts and kappa take
///              sessions exactly, sensitivity and precision with a tolerance
/// \param panel      the scores that the detector saw
/// \param found      what it found
/// \param codes      coded sessions, in any order; sessions without a score are left out
/// \param tolerance  scored sessions that count as near, not negative
/// \param level      confidence level
/// \return           counts, kappa, shares with intervals by client
/// Errors:           errc::invalid_option, also for a code of a client that the panel does not have (`row` is its place);
///                   errc::size_mismatch if `found` is not of this panel
/// Reference:        Cohen (1960), doi 10.1177/001316446002000104
template <class Scalar>
[[nodiscard]] result<basic_code_agreement<Scalar>> agreement_with_codes(
    const basic_session_panel<Scalar>& panel, const basic_detection<Scalar>& found,
    std::span<const basic_coded_session<Scalar>> codes, index tolerance = 1, double level = 0.95) {
  constexpr const char* function = "agreement_with_codes";
  if (tolerance < 0)
    return error{.code = errc::invalid_option,
                 .function = function,
                 .value = static_cast<double>(tolerance),
                 .lower = 0,
                 .upper = 1e6,
                 .subject = "tolerance"};
  if (auto legal = check_level(level, function); !legal) return legal.error();
  const index n = panel.n_clients();
  if (std::ssize(found.clients) != n)
    return error{.code = errc::size_mismatch,
                 .function = function,
                 .value = static_cast<double>(std::ssize(found.clients)),
                 .lower = static_cast<double>(n),
                 .subject = "the detection's clients"};
  std::unordered_map<std::string_view, index> client_of;
  std::vector<std::vector<char>> coded(as_size(n)), detected(as_size(n));
  for (index c = 0; c < n; ++c) {
    client_of.emplace(panel.client_id(c), c);
    coded[as_size(c)].assign(as_size(panel.series(c).size()), 0);
    detected[as_size(c)] = coded[as_size(c)];
  }
  for (std::size_t i = 0; i < codes.size(); ++i) {
    const auto client = client_of.find(codes[i].client);
    if (client == client_of.end())
      return error{.code = errc::invalid_option,
                   .function = function,
                   .row = static_cast<index>(i),
                   .value = static_cast<double>(codes[i].session),
                   .subject = "the client of a coded session"};
    const auto sessions = panel.series(client->second).session;
    const auto at = std::lower_bound(sessions.begin(), sessions.end(), codes[i].session);
    if (at != sessions.end() && *at == codes[i].session)
      coded[as_size(client->second)][static_cast<std::size_t>(at - sessions.begin())] = 1;
  }
  for (const auto& e : found.episodes) {
    auto& of_client = detected[as_size(e.client_position)];
    const index end = e.repair_at.value_or(std::ssize(of_client));
    for (index t = e.onset_at; t < end; ++t) of_client[as_size(t)] = 1;
  }
  basic_code_agreement<Scalar> out;
  std::vector<stats::cluster_count<Scalar>> hits(as_size(n)), right(as_size(n));
  for (index c = 0; c < n; ++c) {
    const auto y = panel.series(c);
    std::vector<std::pair<bool, bool>> sessions;  // coded, detected; scored sessions alone
    for (index t = 0; t < y.size(); ++t) {
      if (y.is_observed(t))
        sessions.emplace_back(coded[as_size(c)][as_size(t)] != 0, detected[as_size(c)][as_size(t)] != 0);
    }
    const index m = std::ssize(sessions);
    for (index t = 0; t < m; ++t) {
      const auto [is_coded, is_detected] = sessions[as_size(t)];
      ++(is_coded ? (is_detected ? out.n_both : out.n_coded) : (is_detected ? out.n_detected : out.n_neither));
      bool coded_near = false;
      bool detected_near = false;
      for (index k = (std::max)(index{0}, t - tolerance); k < m && k <= t + tolerance; ++k) {
        coded_near = coded_near || sessions[as_size(k)].first;
        detected_near = detected_near || sessions[as_size(k)].second;
      }
      if (is_coded) hits[as_size(c)].exposure += 1, hits[as_size(c)].events += detected_near ? 1 : 0;
      if (is_detected) right[as_size(c)].exposure += 1, right[as_size(c)].events += coded_near ? 1 : 0;
    }
  }
  const auto both = static_cast<Scalar>(out.n_both);
  const auto neither = static_cast<Scalar>(out.n_neither);
  const Scalar total = both + neither + static_cast<Scalar>(out.n_coded) + static_cast<Scalar>(out.n_detected);
  const Scalar row = both + static_cast<Scalar>(out.n_coded);
  const Scalar column = both + static_cast<Scalar>(out.n_detected);
  const Scalar by_chance = row * column + (total - row) * (total - column);
  if (total > 0 && by_chance < total * total)
    out.kappa = ((both + neither) * total - by_chance) / (total * total - by_chance);
  out.sensitivity = stats::clustered_proportion<Scalar>(hits, level);
  out.precision = stats::clustered_proportion<Scalar>(right, level);
  return out;
}

}  // namespace rapport
