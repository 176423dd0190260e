// SPDX-License-Identifier: BSL-1.0
#include "analysis.hpp"

namespace program {

void give_up(analysis& of, const std::string& reason) {
  of.complete = false;
  of.result["warnings"].push_back(reason);
}

void print_json(const analysis& of) {
  print(of.result.dump(1) + "\n");
  if (!of.complete) throw computation_error(of.result["warnings"][0].get<std::string>());
}

}  // namespace program
