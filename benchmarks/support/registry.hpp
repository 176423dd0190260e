// SPDX-License-Identifier: BSL-1.0
// What the source files of a benchmark program have registered, and what went wrong.
#pragma once

#include <functional>
#include <iosfwd>
#include <string>
#include <vector>

namespace bench {

/// A table for peers in other languages.
struct peer_table {
  std::string name{};
  std::string kind{};
  std::string file{};
  std::function<void(std::ostream&)> write{};
};

/// The lists of this program.
struct registry {
  std::vector<void (*)()> files{};
  std::vector<peer_table> tables{};
  std::vector<std::string> failures{};
};

[[nodiscard]] registry& current_registry();

}  // namespace bench
