// SPDX-License-Identifier: BSL-1.0
// Answers to the items of a form, client by client and session by session; checked, and sorted so that order is no matter.
#pragma once

#include <algorithm>
#include <cmath>
#include <string_view>
#include <utility>
#include <vector>

#include <rapport/core/missing.hpp>
#include <rapport/core/result.hpp>
#include <rapport/data/response_matrix.hpp>
#include <rapport/data/session_panel.hpp>

namespace rapport {

/// The item answers of many clients over their sessions, sorted by client and session.
///
/// Clients are ordered by identifier, sessions by time. Rows without a single answer stay; analyses leave them out.
template <class Scalar>
class basic_session_items {
 public:
  /// A table of items in long form.
  /// \param client   identifiers, whole numbers or text, one per row
  /// \param session  session numbers or days, one per row
  /// \param items    rows x items; NaN is missing
  /// \return         the table, sorted
  /// Errors:         errc::size_mismatch; errc::no_data; errc::missing_id; errc::missing_session; errc::not_finite;
  ///                 errc::duplicate_session
  template <class Clients, class Sessions>
    requires detail::identifier<typename Clients::value_type>
  [[nodiscard]] static result<basic_session_items> make(const Clients& client, const Sessions& session,
                                                        const basic_response_matrix<Scalar>& items) {
    using std::isfinite;
    const index n = std::ssize(client);
    if (std::ssize(session) != n) return mismatch("session", std::ssize(session), n);
    if (items.n_persons() != n) return mismatch("items", items.n_persons(), n);
    if (n == 0 || items.n_items() == 0) return failed(errc::no_data);
    std::vector<std::string> name;
    std::vector<Scalar> time;
    for (index i = 0; i < n; ++i) {
      name.push_back(detail::id_text(client[as_size(i)]));
      time.push_back(static_cast<Scalar>(session[as_size(i)]));
      if (name.back().empty()) return failed(errc::missing_id, i, -1, "client");
      if (is_missing(time.back())) return failed(errc::missing_session, i);
      if (!isfinite(time.back())) return failed(errc::not_finite, i);
      for (index j = 0; j < items.n_items(); ++j) {
        if (!is_missing(items(i, j)) && !isfinite(items(i, j))) return failed(errc::not_finite, i, j);
      }
    }
    const auto clients = detail::index_ids(n, [&](index i) { return std::string_view(name[as_size(i)]); });
    std::vector<index> order(as_size(n));
    for (index i = 0; i < n; ++i) order[as_size(i)] = i;
    std::sort(order.begin(), order.end(), [&](index a, index b) {
      const index first = clients.of_row[as_size(a)];
      const index second = clients.of_row[as_size(b)];
      if (first != second) return first < second;
      return time[as_size(a)] != time[as_size(b)] ? time[as_size(a)] < time[as_size(b)] : a < b;
    });
    std::vector<Scalar> times = time;
    std::sort(times.begin(), times.end());
    times.erase(std::unique(times.begin(), times.end()), times.end());

    basic_session_items out;
    out.client_ids_ = clients.ids;
    out.n_sessions_ = std::ssize(times);
    out.items_ = basic_response_matrix<Scalar>(n, items.n_items());
    for (index row = 0; row < n; ++row) {
      const index input = order[as_size(row)];
      out.client_.push_back(clients.of_row[as_size(input)]);
      const auto at = std::lower_bound(times.begin(), times.end(), time[as_size(input)]);
      out.session_.push_back(at - times.begin());
      for (index j = 0; j < items.n_items(); ++j) out.items_(row, j) = items(input, j);
      if (row > 0 && out.client_[as_size(row - 1)] == out.client_.back() &&
          out.session_[as_size(row - 1)] == out.session_.back()) {
        error e = failed(errc::duplicate_session, input, -1, name[as_size(input)]);
        e.value = static_cast<double>(time[as_size(input)]);
        return e;
      }
    }
    return out;
  }

  [[nodiscard]] index n_clients() const noexcept { return std::ssize(client_ids_); }
  /// Different session times of all clients together.
  [[nodiscard]] index n_sessions() const noexcept { return n_sessions_; }
  [[nodiscard]] index n_rows() const noexcept { return items_.n_persons(); }
  [[nodiscard]] index n_items() const noexcept { return items_.n_items(); }
  /// The client of a row, 0 to n_clients() - 1.
  [[nodiscard]] index client_of_row(index row) const noexcept { return client_[as_size(row)]; }
  /// The session of a row among all session times, 0 to n_sessions() - 1.
  [[nodiscard]] index session_of_row(index row) const noexcept { return session_[as_size(row)]; }
  /// Rows x items, sorted by client and session.
  [[nodiscard]] const basic_response_matrix<Scalar>& items() const noexcept { return items_; }

 private:
  static error failed(errc code, index row = -1, index column = -1, std::string_view subject = {}) {
    return {.code = code, .function = "session_items", .row = row, .column = column, .subject = subject};
  }
  static error mismatch(std::string_view what, index found, index wanted) {
    error e = failed(errc::size_mismatch, -1, -1, what);
    e.value = static_cast<double>(found);
    e.lower = static_cast<double>(wanted);
    return e;
  }

  std::vector<std::string> client_ids_{};
  std::vector<index> client_{};
  std::vector<index> session_{};
  index n_sessions_ = 0;
  basic_response_matrix<Scalar> items_{};
};

/// The table that most programs use.
using session_items = basic_session_items<double>;

}  // namespace rapport
