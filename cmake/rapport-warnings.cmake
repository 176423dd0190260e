# SPDX-License-Identifier: BSL-1.0
# For the project's own programs; never part of what users link.

option(RAPPORT_WERROR "Treat warnings as errors in the project's own programs" ON)
set(RAPPORT_SANITIZE "" CACHE STRING "Sanitizers for the project's own programs, e.g. address,undefined")

add_library(rapport_development INTERFACE)
if(MSVC)
  target_compile_options(rapport_development INTERFACE /W4 /permissive- $<$<BOOL:${RAPPORT_WERROR}>:/WX>)
else()
  target_compile_options(rapport_development INTERFACE
    -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wdouble-promotion -Wold-style-cast
    $<$<BOOL:${RAPPORT_WERROR}>:-Werror>)
  if(RAPPORT_SANITIZE)
    target_compile_options(rapport_development INTERFACE
      -fsanitize=${RAPPORT_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
    target_link_options(rapport_development INTERFACE -fsanitize=${RAPPORT_SANITIZE})
  endif()
endif()

find_program(CCACHE ccache)
if(CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CCACHE})
endif()
