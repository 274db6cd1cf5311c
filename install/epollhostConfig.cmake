# Distributed under the Boost Software License, Version 1.0.
# For plugin authors, after find_package(epollhost):
#   epollhost_add_plugin(echo echo.cpp)                 builds echo.so
#   epollhost_add_plugin_test(test echo.cpp test.cpp)   builds a program with the plugin in it, and runs it as a test
get_filename_component(epollhost_PREFIX "${CMAKE_CURRENT_LIST_DIR}/../../.." ABSOLUTE)
set(epollhost_PLUGIN_DIR "${epollhost_PREFIX}/lib/epollhost/plugins")

if(NOT TARGET epollhost::plugin)
  add_library(epollhost::plugin INTERFACE IMPORTED)
  set_target_properties(epollhost::plugin PROPERTIES
    INTERFACE_INCLUDE_DIRECTORIES "${epollhost_PREFIX}/include")
endif()

function(epollhost_add_plugin name)
  add_library(${name} MODULE ${ARGN})
  target_link_libraries(${name} PRIVATE epollhost::plugin)
  set_target_properties(${name} PROPERTIES
    PREFIX "" OUTPUT_NAME ${name} CXX_STANDARD 20 CXX_STANDARD_REQUIRED ON CXX_EXTENSIONS OFF
    C_VISIBILITY_PRESET hidden CXX_VISIBILITY_PRESET hidden)
endfunction()

function(epollhost_add_plugin_test name)
  find_package(Threads REQUIRED)
  add_executable(${name} ${ARGN})
  target_link_libraries(${name} PRIVATE epollhost::plugin Threads::Threads)
  set_target_properties(${name} PROPERTIES CXX_STANDARD 20 CXX_STANDARD_REQUIRED ON CXX_EXTENSIONS OFF)
  add_test(NAME ${name} COMMAND ${name})
endfunction()
