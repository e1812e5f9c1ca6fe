/* text_terms.c - see text_terms.h. */
#include "signals/text_terms.h"

#include <string.h>

void pv_text_fold(char *out, pv_text text)
{
    for (size_t k = 0; k < text.size; k++) {
        const unsigned char byte = (unsigned char)text.data[k];
        const bool is_ascii_capital = byte >= 'A' && byte <= 'Z';
        const bool is_latin_capital =
            k > 0 && (unsigned char)text.data[k - 1] == 0xC3 && byte >= 0x80 && byte <= 0x9E && byte != 0x97;
        out[k] = is_ascii_capital || is_latin_capital ? (char)(byte + 0x20) : (char)byte;
    }
}

static bool is_word_byte(char c)
{
    const unsigned char byte = (unsigned char)c;
    return byte >= 0x80 || (byte >= '0' && byte <= '9') || (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z');
}

static bool is_no_space(char c)
{
    return !(c == ' ' || (c >= '\t' && c <= '\r'));
}

static bool next_token(pv_text *token, pv_text *rest, bool (*belongs)(char))
{
    size_t first = 0, end;
    while (first < rest->size && !belongs(rest->data[first])) first++;
    for (end = first; end < rest->size && belongs(rest->data[end]);) end++;
    if (end == first) return false;
    *token = (pv_text){rest->data + first, end - first};
    *rest = (pv_text){rest->data + end, rest->size - end};
    return true;
}

bool pv_text_next_word(pv_text *word, pv_text *rest)
{
    return next_token(word, rest, is_word_byte);
}

bool pv_text_next_run(pv_text *run, pv_text *rest)
{
    return next_token(run, rest, is_no_space);
}

static bool has_word(pv_text text, pv_text word)
{
    for (pv_text other; pv_text_next_word(&other, &text);)
        if (pv_text_equal(other, word)) return true;
    return false;
}

bool pv_text_common_words(pv_text *common, pv_text a, pv_text b, int most, pv_arena *arena)
{
    char *out = pv_arena_allocate(arena, 2 * a.size, 1);
    if (!out) return false;
    *common = (pv_text){out, 0};
    pv_text word, rest = a;
    for (int n = 0; n < most && pv_text_next_word(&word, &rest);) {
        const pv_text before = {a.data, (size_t)(word.data - a.data)};
        if (!has_word(b, word) || has_word(before, word)) continue;
        if (n++ > 0) {
            memcpy(out + common->size, ", ", 2);
            common->size += 2;
        }
        memcpy(out + common->size, word.data, word.size);
        common->size += word.size;
    }
    return true;
}
