# cmake -DINPUT=FILE -DOUTPUT=FILE.c -DNAME=symbol -DHEADER=file.h -P embed.cmake: the bytes of a file as a C array.
file(READ "${INPUT}" hex HEX)
string(LENGTH "${hex}" digits)
math(EXPR size "${digits} / 2")
string(REPEAT "[0-9a-f]" 64 line)
string(REGEX REPLACE "(${line})" "\\1\n" bytes "${hex}")
string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${bytes}")
file(WRITE "${OUTPUT}"
     "#include \"${HEADER}\"\n\nconst char ${NAME}[] = {\n${bytes}};\nconst size_t ${NAME}_size = ${size};\n")
