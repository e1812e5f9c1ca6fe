# libpurvey, shared and static, from the objects of all modules; headers, pkg-config file and man page beside it.
get_property(modules GLOBAL PROPERTY PURVEY_MODULES)
set(objects "")
foreach(module IN LISTS modules)
  list(APPEND objects $<TARGET_OBJECTS:${module}>)
endforeach()

foreach(kind IN ITEMS shared static)
  string(TOUPPER ${kind} upper)
  add_library(purvey_${kind} ${upper} ${objects})
  set_target_properties(purvey_${kind} PROPERTIES OUTPUT_NAME purvey VERSION ${PROJECT_VERSION}
                        SOVERSION ${PROJECT_VERSION_MAJOR} LINKER_LANGUAGE C)
  target_include_directories(purvey_${kind} PUBLIC $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include>)
  target_link_libraries(purvey_${kind} PRIVATE PkgConfig::sqlite3 PkgConfig::jansson PkgConfig::yaml PkgConfig::zlib
                        PkgConfig::zstd PkgConfig::xxhash OpenSSL::SSL OpenSSL::Crypto ${PURVEY_EXPAT}
                        Threads::Threads m)
endforeach()
# The archives in it stay its own: a program may have another OpenSSL beside it.
target_link_options(purvey_shared PRIVATE -Wl,--exclude-libs,ALL)
