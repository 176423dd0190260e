// SPDX-License-Identifier: BSL-1.0
// says: identifier<typename Clients::value_type>
#include <vector>

#include <rapport/data/session_panel.hpp>

// A floating-point number is no name: 1.0 and 0.1 + 0.9 would be two clients, or one.
#if defined(WRONG)
using id = double;
#else
using id = int;
#endif
bool legal(const std::vector<id>& client, const std::vector<double>& session, const std::vector<double>& score) {
  return rapport::session_panel::make(client, session, score).has_value();
}
