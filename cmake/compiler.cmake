# One set of flags for everything. -ffp-contract=off: arm64 would fuse a*b+c otherwise and give other bits.
set(CMAKE_C_STANDARD 17)
set(CMAKE_C_STANDARD_REQUIRED ON)
set(CMAKE_C_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_C_VISIBILITY_PRESET hidden)
if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE Release CACHE STRING "Release or Debug" FORCE)
endif()

add_compile_definitions(_GNU_SOURCE)
add_compile_options(
  -ffp-contract=off -fno-math-errno
  -ffunction-sections -fdata-sections # a program that drops what it does not reach (bootstrap) is a third smaller
  -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Wdouble-promotion -Wstrict-prototypes -Wmissing-prototypes
  -Wcast-qual -Wundef -Wvla -Wformat=2 -Wwrite-strings)
if(PURVEY_WERROR)
  add_compile_options(-Werror)
endif()
if(PURVEY_SANITIZE)
  add_compile_options(-fsanitize=${PURVEY_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  add_link_options(-fsanitize=${PURVEY_SANITIZE})
endif()
