# SPDX-License-Identifier: BSL-1.0
# Runs the benchmark programs (PROGRAMS, separated by |) just long enough to check every answer.
string(REPLACE "|" ";" programs "${PROGRAMS}")
list(LENGTH programs n_programs)
if(n_programs EQUAL 0)
  message(FATAL_ERROR "no programs to check")
endif()
foreach(program IN LISTS programs)
  execute_process(COMMAND ${program} --check_only RESULT_VARIABLE status OUTPUT_VARIABLE printed ERROR_VARIABLE printed)
  if(NOT status EQUAL 0)
    message(FATAL_ERROR "${program} --check_only: ${status}\n${printed}")
  endif()
  message(STATUS "${program}: answers right")
endforeach()
