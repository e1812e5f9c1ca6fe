/* The users of a model as one list in bytewise order, those with purchases and those without mixed in any way. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include "support/model_files.h"
#include <string.h>

#define USERS_MOST 8

static char ids[256][2];

/* The id that is this letter. */
static const char *id_of(char letter)
{
    ids[(unsigned char)letter][0] = letter;
    return ids[(unsigned char)letter];
}

/* Letters are users: `buying` have two purchases, `listed` stand in users.csv alone; `expected` are all of them. */
static void assert_order(const char *buying, const char *listed, const char *expected)
{
    purchase_case purchases[2 * USERS_MOST];
    user_case users[USERS_MOST];
    scratch_folder folder;
    model_case m;
    shop_case shop = {.purchases = purchases, .users = users};
    for (const char *letter = buying; *letter; letter++) {
        purchases[shop.n_purchases++] = (purchase_case)LINE(id_of(*letter), "P", "2020-01-01");
        purchases[shop.n_purchases++] = (purchase_case)LINE(id_of(*letter), "Q", "2020-02-01");
    }
    for (const char *letter = listed; *letter; letter++)
        users[shop.n_users++] = (user_case)USER(id_of(*letter), .country = "FR");
    model_case_init(&m, &shop, "als", 1);
    assert_true(scratch_folder_create(&folder));
    pv_model *model = model_file_open(&folder, &m);
    assert_int_equal(pv_model_user_count(model), strlen(expected));
    for (size_t u = 0; u < strlen(expected); u++) assert_text(pv_model_user(model, (int64_t)u), id_of(expected[u]));
    pv_model_free(model);
    model_case_deinit(&m);
    scratch_folder_remove(&folder);
}

static void each_user_stands_at_its_place(void **state)
{
    (void)state;
    assert_order("bdf", "aceg", "abcdefg");
    assert_order("aceg", "bdf", "abcdefg");
    assert_order("ab", "cdef", "abcdef");
    assert_order("ef", "abcd", "abcdef");
    assert_order("d", "abcefg", "abcdefg");
    assert_order("abcefg", "d", "abcdefg");
    assert_order("adh", "bcefg", "abcdefgh");
    assert_order("cd", "ab", "abcd");
    assert_order("abc", "", "abc");
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(each_user_stands_at_its_place)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
