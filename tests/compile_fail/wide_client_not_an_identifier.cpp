// SPDX-License-Identifier: BSL-1.0
// says: identifier<typename Clients::value_type>
#include <span>
#include <string>
#include <vector>

#include <rapport/data/session_panel.hpp>

#if defined(WRONG)
using id = float;
#else
using id = std::string;
#endif
bool legal(const std::vector<id>& client, std::span<const double> sessions, const rapport::response_matrix& scores) {
  return rapport::session_panel::from_wide(client, sessions, scores).has_value();
}
