# The libraries that purvey stands on as archives, for a program that must bring everything along: AWS Lambda has libc, libm
# and the loader. PURVEY_ARCHIVES: in the order of linking; empty where one is missing (then `bootstrap` is not built).
set(PURVEY_ARCHIVES "")
foreach(name IN ITEMS sqlite3 jansson yaml z zstd xxhash expat ssl crypto)
  find_library(PURVEY_ARCHIVE_${name} lib${name}.a)
  mark_as_advanced(PURVEY_ARCHIVE_${name})
  if(NOT PURVEY_ARCHIVE_${name})
    message(STATUS "no lib${name}.a: bootstrap (AWS Lambda) is not built")
    set(PURVEY_ARCHIVES "")
    break()
  endif()
  list(APPEND PURVEY_ARCHIVES ${PURVEY_ARCHIVE_${name}})
endforeach()
