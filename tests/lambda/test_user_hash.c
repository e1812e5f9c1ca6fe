/* Hashes of users, against the test case 2 of RFC 4231 section 4.3. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include "user_hash.h"

static void it_begins_as_the_hmac_with_the_salt_as_its_key(void **state)
{
    (void)state;
    char digits[USER_HASH_SIZE];
    user_hash_key key = {.salt = pv_text_of("Jefe")};
    assert_int_equal(user_hash(digits, &key, pv_text_of("what do ya want for nothing?"), NULL), PV_OK);
    assert_string_equal(digits, "5bdcc146bf60754e");
}

static void without_a_salt_each_key_is_another_and_stays(void **state)
{
    (void)state;
    char first[USER_HASH_SIZE], again[USER_HASH_SIZE], other[USER_HASH_SIZE];
    user_hash_key key = {.salt = {0}}, another = {.salt = {0}};
    assert_int_equal(user_hash(first, &key, pv_text_of("a"), NULL), PV_OK);
    assert_int_equal(user_hash(again, &key, pv_text_of("a"), NULL), PV_OK);
    assert_int_equal(user_hash(other, &another, pv_text_of("a"), NULL), PV_OK);
    assert_string_equal(first, again);
    assert_string_not_equal(first, other);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_begins_as_the_hmac_with_the_salt_as_its_key),
        cmocka_unit_test(without_a_salt_each_key_is_another_and_stays),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
