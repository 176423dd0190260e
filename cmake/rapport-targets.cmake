# SPDX-License-Identifier: BSL-1.0
# Three interface targets, from light to heavy. Link the lightest that has what you use.
#   rapport::core     scoring, instruments, data; nothing but the standard library
#   rapport::stats    the statistical core; Eigen, Boost.Math, threads
#   rapport::rapport  everything
# A fourth, rapport::compiled, is everything with the costly templates compiled once for double: not needed, but a project
# of several files builds in half the time.

set(rapport_include_dir ${CMAKE_CURRENT_SOURCE_DIR}/include)

# Headers that need something which no target brings; whoever includes them links it, nlohmann/json here.
set(rapport_opt_in "instruments/(from_json|detail/json_reader)[.]hpp$")

function(rapport_module name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "HEADERS;LINK")
  set(files)
  foreach(pattern IN LISTS arg_HEADERS)
    file(GLOB_RECURSE matches CONFIGURE_DEPENDS ${rapport_include_dir}/rapport/${pattern})
    list(APPEND files ${matches})
  endforeach()
  list(FILTER files EXCLUDE REGEX "${rapport_opt_in}")
  add_library(rapport_${name} INTERFACE)
  add_library(rapport::${name} ALIAS rapport_${name})
  set_target_properties(rapport_${name} PROPERTIES EXPORT_NAME ${name})
  target_compile_features(rapport_${name} INTERFACE cxx_std_20)
  target_sources(rapport_${name} INTERFACE
    FILE_SET HEADERS BASE_DIRS ${rapport_include_dir} FILES ${files})
  target_link_libraries(rapport_${name} INTERFACE ${arg_LINK})
endfunction()

rapport_module(core
  HEADERS version.hpp fwd.hpp scoring.hpp instruments.hpp
          core/*.hpp data/*.hpp instruments/*.hpp scoring/*.hpp)
# Installed with the others, but verified by the tests that use them.
target_sources(rapport_core INTERFACE
  FILE_SET opt_in TYPE HEADERS BASE_DIRS ${rapport_include_dir}
  FILES ${rapport_include_dir}/rapport/instruments/from_json.hpp ${rapport_include_dir}/rapport/instruments/detail/json_reader.hpp)
set_target_properties(rapport_core PROPERTIES INTERFACE_HEADER_SETS_TO_VERIFY HEADERS)
rapport_module(stats
  HEADERS stats.hpp stats/*.hpp
  LINK rapport_core Eigen3::Eigen $<IF:$<TARGET_EXISTS:Boost::headers>,Boost::headers,Boost::math> Threads::Threads)
rapport_module(rapport
  HEADERS rapport.hpp reliability.hpp growth.hpp rupture.hpp simulate.hpp
          reliability/*.hpp growth/*.hpp rupture/*.hpp simulate/*.hpp
  LINK rapport_core rapport_stats)

add_library(rapport_compiled STATIC EXCLUDE_FROM_ALL
  ${CMAKE_CURRENT_LIST_DIR}/compiled/stats.cpp ${CMAKE_CURRENT_LIST_DIR}/compiled/models.cpp)
add_library(rapport::compiled ALIAS rapport_compiled)
target_link_libraries(rapport_compiled PUBLIC rapport_rapport)
target_compile_definitions(rapport_compiled INTERFACE RAPPORT_COMPILED)
