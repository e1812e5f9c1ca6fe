# Toolchain file for AWS Lambda on arm64: Debian's cross compiler, and Debian's arm64 archives in PURVEY_ARM64_ROOT, where
# deploy/arm64_root.sh puts them.
set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_SYSTEM_PROCESSOR aarch64)
set(CMAKE_C_COMPILER aarch64-linux-gnu-gcc)
set(CMAKE_LIBRARY_ARCHITECTURE aarch64-linux-gnu)
set(CMAKE_TRY_COMPILE_PLATFORM_VARIABLES PURVEY_ARM64_ROOT)
set(CMAKE_FIND_ROOT_PATH ${PURVEY_ARM64_ROOT})
set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
set(CMAKE_FIND_ROOT_PATH_MODE_LIBRARY ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_INCLUDE ONLY)
set(ENV{PKG_CONFIG_DIR} "")
set(ENV{PKG_CONFIG_LIBDIR} ${PURVEY_ARM64_ROOT}/usr/lib/aarch64-linux-gnu/pkgconfig)
set(ENV{PKG_CONFIG_SYSROOT_DIR} ${PURVEY_ARM64_ROOT})
# Headers of the libraries; those of libc are the compiler's own.
set(CMAKE_C_FLAGS_INIT "-isystem ${PURVEY_ARM64_ROOT}/usr/include -isystem ${PURVEY_ARM64_ROOT}/usr/include/aarch64-linux-gnu")
