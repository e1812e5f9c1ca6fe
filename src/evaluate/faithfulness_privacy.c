/* faithfulness_privacy.c - what sentences and facts tell of other customers: counts below the k rule, ids. */
#include "base/json_writer.h"
#include "base/text.h"
#include "evaluate/faithfulness_customer.h"
#include <string.h>

enum { ID_SIZE_LEAST = 4 }; /* shorter ids are words and numbers by chance */

/* --- counts ------------------------------------------------------------------------------------------------------- */

/* Facts that count other companies, whichever signal states them. */
static const char *const counts_of_others[] = {"buyers", "also", "again", "of", "companies"};

static bool counts_others(const pv_fact *fact)
{
    if (fact->kind != PV_FACT_INTEGER) return false;
    for (size_t k = 0; k < sizeof counts_of_others / sizeof *counts_of_others; k++)
        if (strcmp(fact->name, counts_of_others[k]) == 0) return true;
    return false;
}

/* --- ids ---------------------------------------------------------------------------------------------------------- */

/* Letters, digits and all that is not ASCII; what else an id holds lies between words. */
static bool is_word_byte(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (unsigned char)c >= 0x80;
}

static bool begins_word(pv_text text, size_t at)
{
    return at == 0 || !is_word_byte(text.data[at - 1]) || !is_word_byte(text.data[at]);
}

static bool ends_word(pv_text text, size_t end)
{
    return end == text.size || !is_word_byte(text.data[end]) || !is_word_byte(text.data[end - 1]);
}

/* True when `word` stands in the text as a word. */
static bool has_word(pv_text text, pv_text word)
{
    for (size_t at = 0; at + word.size <= text.size; at++)
        if (begins_word(text, at) && ends_word(text, at + word.size) &&
            memcmp(text.data + at, word.data, word.size) == 0)
            return true;
    return false;
}

/* What a reader knows the words of a statement to be: names of products and of what they share, no customers. */
typedef struct statement_words {
    const pv_shop *shop;
    int64_t asking; /* the user who is told */
    int32_t item;
    const pv_reason *reason;
} statement_words;

static bool is_of_product(pv_text word, const pv_shop *shop, int64_t product)
{
    return product >= 0 && (has_word(pv_ids_at(&shop->products.ids, product), word) ||
                            has_word(pv_shop_product_label(shop, product), word));
}

static bool is_value(const pv_texts *values, pv_text value)
{
    for (int64_t k = 0; k < values->count; k++)
        if (pv_text_equal(pv_texts_at(values, k), value)) return true;
    return false;
}

/* True when a fact's text is a value of the shop's own tables. */
static bool is_shop_value(pv_text value, const pv_shop *shop)
{
    return is_value(&shop->products.columns.values, value) || is_value(&shop->products.categories.paths, value) ||
           is_value(&shop->users.segments.values, value);
}

static bool is_number(pv_text word, int64_t number)
{
    char printed[PV_NUMBER_SIZE];
    const int size = pv_integer_print(printed, number);
    return word.size == (size_t)size && memcmp(word.data, printed, word.size) == 0;
}

/* "2020-02-29" */
static bool is_date(pv_text text)
{
    if (text.size != 10) return false;
    for (size_t k = 0; k < text.size; k++)
        if ((k == 4 || k == 7) ? text.data[k] != '-' : !(text.data[k] >= '0' && text.data[k] <= '9')) return false;
    return true;
}

static bool is_explained_by(pv_text word, const pv_fact *fact, const pv_shop *shop)
{
    const pv_ids *products = &shop->products.ids;
    for (int64_t k = 0; fact->kind == PV_FACT_NEAREST && k < fact->integer; k++)
        if (is_of_product(word, shop, pv_ids_find(products, fact->nearest[k].product))) return true;
    if (fact->kind == PV_FACT_INTEGER) return is_number(word, fact->integer);
    if (fact->kind != PV_FACT_TEXT || !fact->text.data) return false;
    if (is_of_product(word, shop, pv_ids_find(products, fact->text))) return true;
    return has_word(fact->text, word) && (is_date(fact->text) || is_shop_value(fact->text, shop));
}

/* True when the word is part of what the statement says of products, of the shop's categories, brands and segments, or
 * of its numbers and dates. */
static bool is_explained(pv_text word, const statement_words *words)
{
    if (is_of_product(word, words->shop, words->item)) return true;
    for (int64_t f = 0; f < words->reason->n_facts; f++)
        if (is_explained_by(word, &words->reason->facts[f], words->shop)) return true;
    return false;
}

/* True when another customer's id stands in the text as a word that nothing else explains. O(size^2 log users). */
static bool tells_id(pv_text text, const statement_words *words, size_t longest)
{
    const pv_ids *users = &words->shop->users.ids;
    for (size_t at = 0; at < text.size; at++) {
        if (!begins_word(text, at)) continue;
        for (size_t size = ID_SIZE_LEAST; size <= longest && at + size <= text.size; size++) {
            const pv_text word = {text.data + at, size};
            if (!ends_word(text, at + size)) continue;
            const int64_t user = pv_ids_find(users, word);
            if (user >= 0 && user != words->asking && !is_explained(word, words)) return true;
        }
    }
    return false;
}

/* --- statements --------------------------------------------------------------------------------------------------- */

static void add_statement(pv_faithfulness_tally *tally, const statement_words *words, int32_t min_companies)
{
    enum { ID_SIZE_MOST = 64 }; /* longer ids are not sought */
    const pv_reason *reason = words->reason;
    if (reason->text.data) {
        tally->texts++;
        tally->told_ids += tells_id(reason->text, words, ID_SIZE_MOST);
    }
    for (int64_t f = 0; f < reason->n_facts; f++) {
        const pv_fact *fact = &reason->facts[f];
        tally->facts++;
        tally->small_counts += counts_others(fact) && fact->integer > 0 && fact->integer < min_companies;
        if (fact->kind == PV_FACT_TEXT && fact->text.data) tally->told_ids += tells_id(fact->text, words, ID_SIZE_MOST);
    }
}

void pv_privacy_add(pv_faithfulness_tally *tally, const pv_item *item, const pv_shop *shop, int64_t asking,
                    int32_t min_companies)
{
    statement_words words = {shop, asking, (int32_t)pv_ids_find(&shop->products.ids, item->product), NULL};
    for (int64_t r = 0; r < item->n_reasons; r++) {
        words.reason = &item->reasons[r];
        add_statement(tally, &words, min_companies);
    }
    for (int64_t r = 0; r < item->n_notes; r++) {
        words.reason = &item->notes[r];
        add_statement(tally, &words, min_companies);
    }
}

void pv_measure_privacy(pv_sampled_customer *customer)
{
    const pv_ranker *ranker = customer->study->served;
    for (int64_t k = 0; k < customer->n; k++) {
        pv_privacy_add(&customer->tally, &customer->items[k], &ranker->shop, customer->user, ranker->min_companies);
        pv_privacy_add(&customer->tally, &customer->shown[k], &ranker->shop, customer->user, ranker->min_companies);
    }
}
