/* base64.c - see base64.h. */
#include "base64.h"

#include "base/failure.h"

/* 0 to 63; -1 for what is no digit. */
static int digit_value(char c)
{
    if (c >= 'A' && c <= 'Z') return c - 'A';
    if (c >= 'a' && c <= 'z') return c - 'a' + 26;
    if (c >= '0' && c <= '9') return c - '0' + 52;
    return c == '+' ? 62 : c == '/' ? 63 : -1;
}

/* Digits before the padding; -1 when text and padding do not make whole groups of four. */
static int64_t count_digits(pv_text text)
{
    if (text.size % 4 != 0) return -1;
    size_t n = text.size;
    while (n > 0 && text.size - n < 2 && text.data[n - 1] == '=') n--;
    return (int64_t)n;
}

pv_status base64_decode(pv_text *bytes, pv_text text, pv_arena *arena, pv_error *error)
{
    const int64_t n_digits = count_digits(text);
    unsigned char *out = pv_arena_allocate(arena, text.size / 4 * 3 + 1, 1);
    size_t size = 0;
    uint32_t bits = 0;
    if (out == NULL) return pv_fail_memory(error, "a body", text.size);
    if (n_digits < 0) return pv_fail(error, PV_E_USAGE, "body: its base64 ends too early");
    for (int64_t k = 0; k < n_digits; k++) {
        const int value = digit_value(text.data[k]);
        if (value < 0) return pv_fail_at(error, PV_E_USAGE, k, "body: byte %lld is no base64", (long long)k);
        bits = bits << 6 | (uint32_t)value;
        /* After the second, third and fourth digit of a group a byte is whole: 4, 2 and 0 bits are left over. */
        if (k % 4 != 0) out[size++] = (unsigned char)(bits >> (6 - 2 * (k % 4)));
    }
    *bytes = (pv_text){(const char *)out, size};
    return PV_OK;
}
