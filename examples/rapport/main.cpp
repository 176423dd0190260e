// SPDX-License-Identifier: BSL-1.0
// The command-line program: parses, calls the library, prints. No statistics live here.
#include <cstdio>
#include <exception>
#include <new>
#include <string>

#include "command.hpp"

int main(int argc, char** argv) {
  CLI::App app{"rapport: psychometrics of the therapeutic alliance"};
  app.set_version_flag("--version", "rapport " RAPPORT_VERSION_STRING);
  app.require_subcommand(1);
  program::add_report_command(app);
  program::add_score_command(app);
  program::add_reliability_command(app);
  program::add_agreement_command(app);
  program::add_multilevel_command(app);
  program::add_factor_command(app);
  program::add_growth_command(app);
  program::add_rupture_command(app);
  program::add_chart_command(app);
  program::add_changepoint_command(app);
  program::add_simulate_command(app);
  program::add_evaluate_command(app);
  program::add_instruments_command(app);

  const auto complain = [](const std::string& what, int status) {
    std::fprintf(stderr, "rapport: %s\n", what.c_str());
    return status;
  };
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& e) {
    if (e.get_exit_code() == 0) return app.exit(e);  // --help, --version
    // What is not known says more than what is missing for want of it.
    const auto unknown = app.remaining(true);
    const std::string what = unknown.empty() ? e.what() : "'" + unknown.front() + "' is not known here";
    return complain(what + "; --help lists what is", 1);
  } catch (const program::call_error& e) {
    return complain(e.what(), 1);
  } catch (const program::data_error& e) {
    return complain(e.what(), 2);
  } catch (const program::computation_error& e) {
    return complain(e.what(), 3);
  } catch (const std::bad_alloc&) {
    return complain("the data do not fit into memory", 3);
  } catch (const std::exception& e) {
    return complain(e.what(), 3);
  }
  return 0;
}
