// SPDX-License-Identifier: BSL-1.0
// Scores over sessions: who, when, how much; checked for order, duplicates and range.
#pragma once

#include <algorithm>
#include <cmath>
#include <concepts>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include <rapport/core/missing.hpp>
#include <rapport/core/result.hpp>
#include <rapport/data/response_matrix.hpp>

namespace rapport {

/// The legal scores of a series: its ends, and the distance between neighbours (0 if any value is possible).
template <class Scalar>
struct score_range {
  Scalar lower{};
  Scalar upper{};
  Scalar step{};
};

/// What session times count.
enum class session_time : unsigned char {
  number,  ///< session numbers: neighbours differ by 1, a larger step is a gap
  days     ///< days, usually since the client's first session
};

/// What else is known of a panel's scores and times.
template <class Scalar>
struct panel_options {
  std::optional<score_range<Scalar>> range{};  ///< legal scores; what lies outside is an error, and detectors use it
  session_time time = session_time::number;    ///< what the session column counts
};

/// One row of a long table.
template <class Scalar>
struct session_row {
  std::string client{};
  Scalar session{};         ///< session number, or days since the client's first session
  Scalar score{};           ///< NaN: the session took place, but there is no score
  std::string therapist{};  ///< empty if therapists are not known
};

/// One client's sessions in order of time; a view into a panel.
template <class Scalar>
struct session_series {
  std::span<const Scalar> session{};  ///< increasing
  std::span<const Scalar> score{};    ///< NaN where the session has no score
  panel_options<Scalar> options{};

  [[nodiscard]] index size() const noexcept { return std::ssize(score); }
  [[nodiscard]] const Scalar& operator[](index t) const noexcept { return score[as_size(t)]; }
  [[nodiscard]] bool is_observed(index t) const noexcept { return !is_missing((*this)[t]); }
};

namespace detail {

template <class T>
concept identifier = std::integral<T> || std::convertible_to<T, std::string_view>;

template <identifier T>
[[nodiscard]] std::string id_text(const T& id) {
  if constexpr (std::integral<T>) {
    return std::to_string(id);
  } else {
    return std::string(std::string_view(id));
  }
}

[[nodiscard]] constexpr bool is_number(std::string_view id) noexcept {
  for (const char c : id) {
    if (c < '0' || c > '9') return false;
  }
  return !id.empty();
}

/// Numbers by size and before words; words byte by byte: "2" < "10" < "A". The same in every locale.
[[nodiscard]] constexpr bool id_less(std::string_view a, std::string_view b) noexcept {
  const bool a_number = is_number(a);
  const bool b_number = is_number(b);
  if (a_number != b_number) return a_number;
  if (a_number) {
    const std::string_view a_digits = a.substr((std::min)(a.find_first_not_of('0'), a.size()));
    const std::string_view b_digits = b.substr((std::min)(b.find_first_not_of('0'), b.size()));
    if (a_digits.size() != b_digits.size()) return a_digits.size() < b_digits.size();
    if (a_digits != b_digits) return a_digits < b_digits;
  }
  return a < b;
}

/// Distinct identifiers in their order, and the position of each row's among them.
struct id_index {
  std::vector<std::string> ids{};
  std::vector<index> of_row{};
};

template <class IdOfRow>
[[nodiscard]] id_index index_ids(index n_rows, const IdOfRow& id_of_row) {
  std::unordered_map<std::string_view, index> first_seen;
  std::vector<std::string_view> seen;
  id_index out;
  out.of_row.reserve(as_size(n_rows));
  for (index row = 0; row < n_rows; ++row) {
    const auto [entry, is_new] = first_seen.try_emplace(id_of_row(row), std::ssize(seen));
    if (is_new) seen.push_back(entry->first);
    out.of_row.push_back(entry->second);
  }
  std::vector<index> order(seen.size());
  for (index i = 0; i < std::ssize(seen); ++i) order[as_size(i)] = i;
  std::sort(order.begin(), order.end(), [&](index a, index b) { return id_less(seen[as_size(a)], seen[as_size(b)]); });
  std::vector<index> rank(seen.size());
  for (index i = 0; i < std::ssize(order); ++i) {
    rank[as_size(order[as_size(i)])] = i;
    out.ids.emplace_back(seen[as_size(order[as_size(i)])]);
  }
  for (index& position : out.of_row) position = rank[as_size(position)];
  return out;
}

}  // namespace detail

/// The scores of many clients over their sessions, sorted by client and session.
///
/// Clients are ordered by identifier (numbers by size, then words), sessions by time, so results do not depend on the
/// order of the rows given. A row whose score is NaN stays: the session took place. Sessions without a row did not, or
/// are not known; models see the gap in the session numbers.
template <class Scalar>
class basic_session_panel {
 public:
  using row_type = session_row<Scalar>;

  /// A panel from three columns of a long table.
  /// \param client   identifiers, whole numbers or text, one per row
  /// \param session  session numbers, or days since the first session; any order
  /// \param score    scores; NaN is a session without a score
  /// \param options  the legal scores, if known, and what the session column counts
  /// \return         the panel, sorted
  /// Errors:         errc::size_mismatch; errc::no_data; errc::missing_id; errc::missing_session; errc::not_finite;
  ///                 errc::duplicate_session; errc::score_out_of_range
  template <class Clients, class Sessions, class Scores>
    requires detail::identifier<typename Clients::value_type>
  [[nodiscard]] static result<basic_session_panel> make(const Clients& client, const Sessions& session,
                                                        const Scores& score,
                                                        const panel_options<Scalar>& options = {}) {
    const index n = std::ssize(client);
    if (std::ssize(session) != n) return size_mismatch("session", std::ssize(session), n);
    if (std::ssize(score) != n) return size_mismatch("score", std::ssize(score), n);
    std::vector<row_type> rows;
    rows.reserve(as_size(n));
    for (std::size_t row = 0; row < as_size(n); ++row) {
      rows.push_back(
          {detail::id_text(client[row]), static_cast<Scalar>(session[row]), static_cast<Scalar>(score[row]), {}});
    }
    return from_rows(rows, options);
  }

  /// A panel from the rows of a long table, with therapists if every row names one.
  /// Errors:   as make; errc::missing_id too if some rows name a therapist and others do not
  [[nodiscard]] static result<basic_session_panel> from_rows(std::span<const row_type> rows,
                                                             const panel_options<Scalar>& options = {}) {
    const index n = std::ssize(rows);
    if (n == 0) return failed(errc::no_data);
    const bool with_therapists = !rows[0].therapist.empty();
    for (index i = 0; i < n; ++i) {
      const row_type& row = rows[as_size(i)];
      if (row.client.empty()) return failed(errc::missing_id, i, "client");
      if (row.therapist.empty() == with_therapists) {
        index without = with_therapists ? i : 0;
        return failed(errc::missing_id, without, "therapist");
      }
      if (is_missing(row.session)) return failed(errc::missing_session, i);
      if (!is_finite(row.session)) return failed(errc::not_finite, i, "session");
      if (is_missing(row.score)) continue;
      if (!is_finite(row.score)) return failed(errc::not_finite, i, "score");
      if (const auto& range = options.range; range && (row.score < range->lower || row.score > range->upper)) {
        error e = failed(errc::score_out_of_range, i);
        e.value = static_cast<double>(row.score);
        e.lower = static_cast<double>(range->lower);
        e.upper = static_cast<double>(range->upper);
        return e;
      }
    }
    return sorted(rows, options, with_therapists);
  }

  /// A panel from a wide table: one row per client, one column per session.
  /// \param client    identifiers, one per row
  /// \param sessions  the session number of each column
  /// \param scores    clients x sessions; NaN: no such session
  /// \param options   the legal scores, if known, and what the session column counts
  /// \return          the panel, sorted
  /// Errors:          as make
  template <class Clients>
    requires detail::identifier<typename Clients::value_type>
  [[nodiscard]] static result<basic_session_panel> from_wide(const Clients& client, std::span<const Scalar> sessions,
                                                             const basic_response_matrix<Scalar>& scores,
                                                             const panel_options<Scalar>& options = {}) {
    if (std::ssize(client) != scores.n_persons())
      return size_mismatch("client", std::ssize(client), scores.n_persons());
    if (std::ssize(sessions) != scores.n_items())
      return size_mismatch("sessions", std::ssize(sessions), scores.n_items());
    std::vector<row_type> rows;
    std::vector<index> wide_row;
    for (index i = 0; i < scores.n_persons(); ++i) {
      for (index j = 0; j < scores.n_items(); ++j) {
        if (is_missing(scores(i, j))) continue;
        rows.push_back({detail::id_text(client[as_size(i)]), sessions[as_size(j)], scores(i, j), {}});
        wide_row.push_back(i);
      }
    }
    auto panel = from_rows(rows, options);
    if (panel || panel.error().row < 0) return panel;
    error in_wide_table = panel.error();
    in_wide_table.row = wide_row[as_size(in_wide_table.row)];
    return in_wide_table;
  }

  [[nodiscard]] index n_clients() const noexcept { return std::ssize(client_ids_); }
  [[nodiscard]] index n_rows() const noexcept { return std::ssize(score_); }
  [[nodiscard]] index n_observed() const noexcept {
    return static_cast<index>(
        std::count_if(score_.begin(), score_.end(), [](const Scalar& y) { return !is_missing(y); }));
  }
  [[nodiscard]] index n_therapists() const noexcept { return std::ssize(therapist_ids_); }
  [[nodiscard]] const std::optional<score_range<Scalar>>& range() const noexcept { return options_.range; }
  [[nodiscard]] const panel_options<Scalar>& options() const noexcept { return options_; }

  [[nodiscard]] const std::string& client_id(index client) const noexcept { return client_ids_[as_size(client)]; }
  [[nodiscard]] const std::string& therapist_id(index therapist) const noexcept {
    return therapist_ids_[as_size(therapist)];
  }

  /// The rows of one client, [first, last), in the panel's own order.
  [[nodiscard]] index first_row(index client) const noexcept { return first_row_[as_size(client)]; }
  [[nodiscard]] index last_row(index client) const noexcept { return first_row_[as_size(client) + 1]; }
  /// Where a row of the panel stood in the input.
  [[nodiscard]] index input_row(index row) const noexcept { return input_row_[as_size(row)]; }
  /// The therapist of a row; -1 if therapists are not known.
  [[nodiscard]] index therapist_of_row(index row) const noexcept {
    return therapist_of_row_.empty() ? -1 : therapist_of_row_[as_size(row)];
  }

  /// One client's sessions; valid as long as the panel lives.
  [[nodiscard]] session_series<Scalar> series(index client) const noexcept {
    const auto first = as_size(first_row(client));
    const auto count = as_size(last_row(client)) - first;
    return {std::span(session_).subspan(first, count), std::span(score_).subspan(first, count), options_};
  }

 private:
  static bool is_finite(const Scalar& x) {
    using std::isfinite;
    return isfinite(x);
  }

  static error failed(errc code, index row = -1, std::string_view subject = {}) {
    return {.code = code, .function = "session_panel", .row = row, .subject = subject};
  }

  static error size_mismatch(std::string_view what, index found, index wanted) {
    error e = failed(errc::size_mismatch, -1, what);
    e.value = static_cast<double>(found);
    e.lower = static_cast<double>(wanted);
    return e;
  }

  static result<basic_session_panel> sorted(std::span<const row_type> rows, const panel_options<Scalar>& options,
                                            bool with_therapists) {
    const index n = std::ssize(rows);
    const auto clients = detail::index_ids(n, [&](index i) { return std::string_view(rows[as_size(i)].client); });
    std::vector<index> order(as_size(n));
    for (index i = 0; i < n; ++i) order[as_size(i)] = i;
    std::sort(order.begin(), order.end(), [&](index a, index b) {
      const index client_a = clients.of_row[as_size(a)];
      const index client_b = clients.of_row[as_size(b)];
      if (client_a != client_b) return client_a < client_b;
      const Scalar& time_a = rows[as_size(a)].session;
      const Scalar& time_b = rows[as_size(b)].session;
      return time_a != time_b ? time_a < time_b : a < b;
    });

    basic_session_panel panel;
    panel.options_ = options;
    panel.client_ids_ = clients.ids;
    panel.input_row_ = order;
    panel.session_.reserve(as_size(n));
    panel.score_.reserve(as_size(n));
    panel.first_row_.assign(1, 0);
    for (index i = 0; i < n; ++i) {
      const index input = order[as_size(i)];
      const row_type& row = rows[as_size(input)];
      if (i > 0) {
        const index before = order[as_size(i - 1)];
        const bool same_client = clients.of_row[as_size(before)] == clients.of_row[as_size(input)];
        if (!same_client) panel.first_row_.push_back(i);
        if (same_client && rows[as_size(before)].session == row.session) {
          error e = failed(errc::duplicate_session, input, row.client);
          e.value = static_cast<double>(row.session);
          return e;
        }
      }
      panel.session_.push_back(row.session);
      panel.score_.push_back(row.score);
    }
    panel.first_row_.push_back(n);

    if (with_therapists) {
      auto therapists =
          detail::index_ids(n, [&](index i) { return std::string_view(rows[as_size(order[as_size(i)])].therapist); });
      panel.therapist_ids_ = std::move(therapists.ids);
      panel.therapist_of_row_ = std::move(therapists.of_row);
    }
    return panel;
  }

  std::vector<std::string> client_ids_{};
  std::vector<std::string> therapist_ids_{};
  std::vector<index> first_row_{};
  std::vector<index> input_row_{};
  std::vector<index> therapist_of_row_{};
  std::vector<Scalar> session_{};
  std::vector<Scalar> score_{};
  panel_options<Scalar> options_{};
};

/// The panel that most programs use.
using session_panel = basic_session_panel<double>;

}  // namespace rapport
