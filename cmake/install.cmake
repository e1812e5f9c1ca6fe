# What `cmake --install` gives for other programs: library, headers and pkg-config file. (apps/ install themselves.)
install(TARGETS purvey_shared purvey_static
        LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR}
        ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(DIRECTORY include/purvey DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}
        FILES_MATCHING PATTERN "*.h" PATTERN "*.def")

# The pkg-config file finds its prefix from where it lies: `cmake --install --prefix` may put it anywhere.
file(RELATIVE_PATH PURVEY_PC_TO_PREFIX "${CMAKE_INSTALL_FULL_LIBDIR}/pkgconfig" "${CMAKE_INSTALL_PREFIX}")
string(REGEX REPLACE "/$" "" PURVEY_PC_TO_PREFIX "${PURVEY_PC_TO_PREFIX}")
configure_file(cmake/purvey.pc.in purvey.pc @ONLY)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/purvey.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
