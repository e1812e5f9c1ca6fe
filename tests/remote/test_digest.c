#include "remote/digest.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

static void assert_digits(const unsigned char digest[PV_SHA256_SIZE], const char *digits)
{
    char printed[PV_SHA256_HEX];
    pv_sha256_print(printed, digest);
    assert_string_equal(printed, digits);
}

/* FIPS 180-4's examples: the empty message, one block, two blocks. */
static void published_messages_have_their_published_digests(void **state)
{
    (void)state;
    static const char *const cases[][2] = {{"", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
                                           {"abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
                                           {"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
                                            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"}};
    unsigned char digest[PV_SHA256_SIZE];
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
        assert_int_equal(pv_sha256_of(digest, pv_text_of(cases[k][0]), NULL), PV_OK);
        assert_digits(digest, cases[k][1]);
    }
    assert_int_equal(pv_sha256_of(digest, (pv_text){NULL, 0}, NULL), PV_OK);
    assert_digits(digest, cases[0][1]);
}

/* A million times "a", as FIPS 180-4 has it, in pieces that straddle blocks. */
static void pieces_come_to_the_digest_of_the_whole(void **state)
{
    (void)state;
    enum { SIZE = 1000000, PIECE = 997 };
    char piece[PIECE];
    unsigned char digest[PV_SHA256_SIZE];
    pv_sha256 *sha = NULL;
    memset(piece, 'a', sizeof piece);
    assert_int_equal(pv_sha256_create(&sha, NULL), PV_OK);
    for (size_t left = SIZE; left > 0;) {
        const size_t size = left < PIECE ? left : PIECE;
        assert_int_equal(pv_sha256_add(sha, piece, size, NULL), PV_OK);
        left -= size;
    }
    assert_int_equal(pv_sha256_end(digest, sha, NULL), PV_OK);
    pv_sha256_free(sha);
    assert_digits(digest, "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

/* RFC 4231, test cases 2 and 6: a short key, and one longer than a block. */
static void published_keys_have_their_published_codes(void **state)
{
    (void)state;
    char key[131];
    unsigned char code[PV_SHA256_SIZE];
    memset(key, 0xaa, sizeof key);
    assert_int_equal(pv_hmac_sha256(code, pv_text_of("Jefe"), pv_text_of("what do ya want for nothing?"), NULL), PV_OK);
    assert_digits(code, "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    assert_int_equal(pv_hmac_sha256(code, (pv_text){key, sizeof key},
                                    pv_text_of("Test Using Larger Than Block-Size Key - Hash Key First"), NULL),
                     PV_OK);
    assert_digits(code, "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}

static void an_empty_key_and_message_have_a_code(void **state)
{
    (void)state;
    unsigned char code[PV_SHA256_SIZE];
    assert_int_equal(pv_hmac_sha256(code, pv_text_of(""), pv_text_of(""), NULL), PV_OK);
    assert_digits(code, "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad");
}

/* A chain of keys is made in place. */
static void a_code_may_replace_its_key(void **state)
{
    (void)state;
    unsigned char apart[PV_SHA256_SIZE], in_place[PV_SHA256_SIZE];
    memset(in_place, 0x0b, sizeof in_place);
    const pv_text key = {(const char *)in_place, sizeof in_place};
    assert_int_equal(pv_hmac_sha256(apart, key, pv_text_of("Hi There"), NULL), PV_OK);
    assert_int_equal(pv_hmac_sha256(in_place, key, pv_text_of("Hi There"), NULL), PV_OK);
    assert_memory_equal(apart, in_place, sizeof apart);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(published_messages_have_their_published_digests),
        cmocka_unit_test(pieces_come_to_the_digest_of_the_whole),
        cmocka_unit_test(published_keys_have_their_published_codes),
        cmocka_unit_test(an_empty_key_and_message_have_a_code),
        cmocka_unit_test(a_code_may_replace_its_key),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
