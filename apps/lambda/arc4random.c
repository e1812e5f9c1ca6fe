/* arc4random.c - random bytes for expat, which asks for a function that is newer than AWS Lambda's libc (glibc 2.36;
 * Amazon Linux 2023 has 2.34). Defined here, it is not asked of libc. */
#include <stdlib.h>
#include <sys/random.h>

void arc4random_buf(void *bytes, size_t size)
{
    char *at = bytes;
    while (size > 0) {
        const ssize_t got = getrandom(at, size, 0);
        if (got <= 0) continue; /* interrupted; nothing else can happen to a small request */
        at += got;
        size -= (size_t)got;
    }
}
