# kabuto_room(NAME [DEPENDS room…] [LIBRARIES lib…]): the library kabuto_NAME from every .cc of this folder
# that is not a test, and the test program NAME_test from every *_test.cc beside them.
function(kabuto_room name)
  cmake_parse_arguments(ROOM "" "" "DEPENDS;LIBRARIES;TEST_LIBRARIES" ${ARGN})
  file(GLOB sources CONFIGURE_DEPENDS *.cc)
  set(tests ${sources})
  list(FILTER sources EXCLUDE REGEX "_test\\.cc$")
  list(FILTER tests INCLUDE REGEX "_test\\.cc$")
  list(TRANSFORM ROOM_DEPENDS PREPEND kabuto_)
  add_library(kabuto_${name} STATIC ${sources})
  target_include_directories(kabuto_${name} PUBLIC ${CMAKE_SOURCE_DIR}/src PRIVATE ${CMAKE_BINARY_DIR}/generated)
  target_link_libraries(kabuto_${name} PUBLIC ${ROOM_DEPENDS} ${ROOM_LIBRARIES})
  kabuto_unit_tests(${name} SOURCES ${tests} LIBRARIES kabuto_${name} ${ROOM_TEST_LIBRARIES})
endfunction()

# kabuto_unit_tests(NAME SOURCES … LIBRARIES …): the GoogleTest program NAME_test, registered with ctest as one test.
function(kabuto_unit_tests name)
  cmake_parse_arguments(UNIT "" "" "SOURCES;LIBRARIES" ${ARGN})
  if(NOT UNIT_SOURCES OR KABUTO_FUZZ)
    return()
  endif()
  add_executable(${name}_test ${UNIT_SOURCES})
  if(NOT KABUTO_SANITIZE)
    # The whole run tests the sanitizer build; here they are built only when asked for.
    set_target_properties(${name}_test PROPERTIES EXCLUDE_FROM_ALL ON)
  endif()
  target_link_libraries(${name}_test PRIVATE ${UNIT_LIBRARIES} GTest::gtest_main)
  # Only to the files that ask for them, so that the compiler cache serves the others in every checkout.
  foreach(source ${UNIT_SOURCES})
    file(STRINGS ${source} asks REGEX "KABUTO_[A-Z]+_DIR|vectors_for_test" LIMIT_COUNT 1)
    if(asks)
      set_property(SOURCE ${source} APPEND PROPERTY COMPILE_DEFINITIONS
        KABUTO_SOURCE_DIR="${CMAKE_SOURCE_DIR}" KABUTO_VECTORS_DIR="${CMAKE_SOURCE_DIR}/../shared/vectors")
    endif()
  endforeach()
  add_test(NAME unit.${name} COMMAND ${CMAKE_SOURCE_DIR}/tests/unprivileged $<TARGET_FILE:${name}_test>)
  set_tests_properties(unit.${name} PROPERTIES LABELS unit TIMEOUT 300)
endfunction()
