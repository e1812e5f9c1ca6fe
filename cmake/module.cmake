# pv_module(NAME SOURCES a.c ... [USES module ...] [LIBRARIES target ...]): one layer of the library as a static library
# of its own, so that a layer that reaches upward does not link. All of them together make libpurvey.
set_property(GLOBAL PROPERTY PURVEY_MODULES "")
function(pv_module name)
  cmake_parse_arguments(module "" "" "SOURCES;USES;LIBRARIES" ${ARGN})
  add_library(pv_${name} STATIC ${module_SOURCES})
  target_include_directories(pv_${name} PUBLIC ${PROJECT_SOURCE_DIR}/include ${PROJECT_SOURCE_DIR}/src)
  list(TRANSFORM module_USES PREPEND pv_)
  target_link_libraries(pv_${name} PUBLIC ${module_USES} ${module_LIBRARIES})
  set_property(GLOBAL APPEND PROPERTY PURVEY_MODULES pv_${name})
endfunction()

# pv_test(NAME USES module ...): tests/<folder>/NAME.c, a cmocka program that ctest runs with the source folder as its
# working directory.
function(pv_test name)
  cmake_parse_arguments(test "" "" "SOURCES;USES;LABELS;LIBRARIES" ${ARGN})
  add_executable(${name} ${name}.c ${test_SOURCES})
  list(TRANSFORM test_USES PREPEND pv_)
  target_link_libraries(${name} PRIVATE ${test_USES} ${test_LIBRARIES} PkgConfig::cmocka m)
  add_test(NAME ${name} COMMAND ${name} WORKING_DIRECTORY ${PROJECT_SOURCE_DIR})
  if(test_LABELS)
    set_tests_properties(${name} PROPERTIES LABELS "${test_LABELS}")
  endif()
endfunction()
