// SPDX-License-Identifier: BSL-1.0
// The command line of the benchmark programs.
//   --quick            shorter repetitions
//   --check_only       check the answers of the smaller sizes, measure nothing
//   --write_data=DIR   write the tables that peers read, and tables.tsv that lists them; measure nothing
// and all options of Google Benchmark.
// Exit status: 0 all answers right, 1 some answer wrong or a file not written, 2 unknown option, 3 nothing to run.
#include <fstream>
#include <iostream>
#include <set>
#include <string_view>

#include "measure.hpp"
#include "registry.hpp"

namespace {

int write_tables(const std::string& folder) {
  std::ofstream list(folder + "/tables.tsv", std::ios::app);
  std::set<std::string> written;
  for (const auto& table : bench::current_registry().tables) {
    list << table.name << '\t' << table.kind << '\t' << table.file << '\n';
    if (!written.insert(table.file).second) continue;
    std::ofstream out(folder + "/" + table.file);
    out.precision(17);
    table.write(out);
    if (!out.flush()) {
      std::cerr << "cannot write " << folder << "/" << table.file << '\n';
      return 1;
    }
  }
  return list.flush() ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  constexpr std::string_view data_option = "--write_data=";
  std::string data_folder;
  std::vector<char*> others;
  for (int i = 0; i < argc; ++i) {
    const std::string_view argument = argv[i];
    if (argument == "--quick") {
      bench::current_settings().quick = true;
    } else if (argument == "--check_only") {
      bench::current_settings().check_only = true;
    } else if (argument.substr(0, data_option.size()) == data_option) {
      data_folder = argument.substr(data_option.size());
    } else {
      others.push_back(argv[i]);
    }
  }
  int n_others = static_cast<int>(others.size());
  others.push_back(nullptr);
  benchmark::Initialize(&n_others, others.data());
  if (benchmark::ReportUnrecognizedArguments(n_others, others.data())) return 2;
  benchmark::AddCustomContext("allocations", bench::what_is_counted());
  benchmark::AddCustomContext("compiler", __VERSION__);

  for (const auto add_benchmarks : bench::current_registry().files) add_benchmarks();
  if (!data_folder.empty()) return write_tables(data_folder);
  const std::size_t n_run = benchmark::RunSpecifiedBenchmarks();
  for (const std::string& failure : bench::current_registry().failures) std::cerr << failure << '\n';
  if (n_run == 0) {
    std::cerr << "no benchmark has such a name\n";
    return 3;
  }
  return bench::current_registry().failures.empty() ? 0 : 1;
}
