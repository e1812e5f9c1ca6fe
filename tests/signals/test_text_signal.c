/* Names that are like those of past purchases. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include "signals/text_signal.h"
#include "support/question_case.h"
#include <math.h>

static question_case q;

static int tear_down(void **state)
{
    (void)state;
    question_case_deinit(&q);
    return 0;
}

#define LEARN(min_companies, purchases, ...)                                                                           \
    do {                                                                                                               \
        const shop_case learned = {PURCHASES(purchases), __VA_ARGS__};                                                 \
        question_case_init(&q, &learned, PV_SIGNAL_TEXT, min_companies);                                               \
        question_case_fit(&q);                                                                                         \
    } while (0)

/* Names of single letters: each run " x " is one n-gram and one word, so both cosines are equal. 5 products: "a b" of
 * one A and B, idf(a) = log(6/4) + 1 as three have it, idf(b) = idf(c) = idf(d) = log(6/3) + 1 or log(6/2) + 1. */
static const product_case letters[] = {PRODUCT("P", "A B"), PRODUCT("Q", "a c"), PRODUCT("R", "A D"), PRODUCT("S", "b"),
                                       PRODUCT("T", "z")};
static const purchase_case bought_p[] = {LINE("me", "P", "2020-03-01"), LINE("me", "P", "2020-03-05"),
                                         LINE("me", "T", "2020-03-02"), LINE("you", "Q", "2020-03-02")};

/* To the precision of float32. */
static void assert_near(double actual, double expected)
{
    if (!(fabs(actual - expected) <= 1e-6)) fail_msg("%.9g is not %.9g", actual, expected);
}

static double idf(double products_with)
{
    return log(6 / (1 + products_with)) + 1;
}

static void phi_is_the_mean_of_the_cosines_of_words_and_ngrams(void **state)
{
    (void)state;
    LEARN(1, bought_p, PRODUCTS(letters), .as_of = "2020-04-01");
    question_case_ask(&q, "me");
    const double a = idf(3), b = idf(2), c = idf(1);
    const double length_p = sqrt(a * a + b * b), length_q = sqrt(a * a + c * c);
    assert_near(phi_of(&q, "Q"), a * a / (length_p * length_q));
    assert_near(phi_of(&q, "R"), a * a / (length_p * length_q)); /* listed, sold to nobody yet */
    assert_near(phi_of(&q, "S"), b / length_p);
    assert_consistent(&q, 1e-12);
}

static void what_was_bought_gets_nothing(void **state)
{
    (void)state;
    LEARN(1, bought_p, PRODUCTS(letters), .as_of = "2020-04-01");
    question_case_ask(&q, "me");
    assert_close(phi_of(&q, "P"), 0);
    assert_close(phi_of(&q, "T"), 0);
    assert_says(&q, "P", true, NULL);
    question_case_ask_without(&q, "P");
    assert_close(phi_of(&q, "Q"), 0);
    assert_close(phi_of(&q, "P"), 0); /* T shares nothing with it */
    assert_consistent(&q, 1e-12);
    question_case_ask(&q, NULL);
    assert_close(phi_of(&q, "Q"), 0);
    assert_consistent(&q, 1e-12);
}

static void words_and_ngrams_weigh_the_same(void **state)
{
    (void)state;
    /* The words differ; of the n-grams " abc", "abcx" and "bcx " the first is shared. */
    static const product_case products[] = {PRODUCT("P", "abcx"), PRODUCT("Q", "abcy"), PRODUCT("T", "z")};
    LEARN(1, bought_p, PRODUCTS(products), .as_of = "2020-04-01");
    question_case_ask(&q, "me");
    const double shared = log(4.0 / 3) + 1, single = log(4.0 / 2) + 1;
    assert_near(phi_of(&q, "Q"), 0.5 * shared * shared / (shared * shared + 2 * single * single));
    assert_says(&q, "Q", true, "In name like abcx, which you bought last on 2020-03-05.");
    assert_int_equal(fact_of(&q, "Q", "words").kind, PV_FACT_NULL);
}

static void the_most_similar_past_purchase_is_the_evidence(void **state)
{
    (void)state;
    static const product_case products[] = {PRODUCT("P", "RED METAL LANTERN"), PRODUCT("Q", "WHITE METAL LANTERN"),
                                            PRODUCT("T", "METAL SIGN")};
    LEARN(5, bought_p, PRODUCTS(products), .as_of = "2020-04-01");
    question_case_ask(&q, "me");
    assert_int_equal(pieces_of(&q, "Q"), 1);
    assert_close(piece_of(&q, "Q", "P"), phi_of(&q, "Q"));
    assert_says(&q, "Q", true,
                "In name like RED METAL LANTERN, which you bought last on 2020-03-05 (in common: metal, lantern).");
    assert_text(fact_of(&q, "Q", "product").text, "P");
    assert_text(fact_of(&q, "Q", "name").text, "RED METAL LANTERN");
    assert_text(fact_of(&q, "Q", "words").text, "metal, lantern");
    assert_text(fact_of(&q, "Q", "last_date").text, "2020-03-05");
}

static void products_without_names_are_silent(void **state)
{
    (void)state;
    LEARN(1, bought_p, .as_of = "2020-04-01");
    question_case_ask(&q, "me");
    assert_close(phi_of(&q, "Q"), 0);
    assert_non_null(q.signal->silent(q.shop));
    assert_consistent(&q, 1e-12);
    question_case_deinit(&q);
    LEARN(1, bought_p, PRODUCTS(letters), .as_of = "2020-04-01");
    assert_null(q.signal->silent(q.shop));
}

static void one_thread_makes_the_same_table(void **state)
{
    (void)state;
    LEARN(1, bought_p, PRODUCTS(letters), .as_of = "2020-04-01");
    pv_tensors alone = {0};
    q.settings.threads = NULL;
    assert_int_equal(q.signal->fit(&alone, q.shop, &q.settings, NULL), PV_OK);
    for (size_t k = 0; k < alone.count; k++) {
        const pv_tensor *other = pv_tensors_find(&q.built.tensors, alone.items[k].name);
        assert_non_null(other);
        assert_int_equal(alone.items[k].shape[0], other->shape[0]);
        assert_memory_equal(alone.items[k].data, other->data, (size_t)other->shape[0] * pv_dtype_size(other->dtype));
    }
    pv_tensors_deinit(&alone);
}

static void tables_that_cannot_be_are_refused(void **state)
{
    (void)state;
    LEARN(1, bought_p, PRODUCTS(letters), .as_of = "2020-04-01");
    int32_t *product = tensor_data(&q.built.tensors, "text.product");
    const int32_t kept = product[0];
    product[0] = -1;
    assert_bind_refused(&q, "text");
    product[0] = 5;
    assert_bind_refused(&q, "text");
    product[0] = 0; /* itself */
    assert_bind_refused(&q, "text");
    product[0] = kept;
    float *similarity = tensor_data(&q.built.tensors, "text.similarity");
    const float kept_similarity = similarity[0];
    similarity[0] = NAN;
    assert_bind_refused(&q, "text");
    similarity[0] = 2;
    assert_bind_refused(&q, "text");
    similarity[0] = kept_similarity;
    int64_t *offset = tensor_data(&q.built.tensors, "text.offset");
    offset[1] = INT64_MAX;
    assert_bind_refused(&q, "text");
    offset[1] = -1;
    assert_bind_refused(&q, "text");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_teardown(name, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(phi_is_the_mean_of_the_cosines_of_words_and_ngrams),
        TEST(what_was_bought_gets_nothing),
        TEST(words_and_ngrams_weigh_the_same),
        TEST(the_most_similar_past_purchase_is_the_evidence),
        TEST(products_without_names_are_silent),
        TEST(one_thread_makes_the_same_table),
        TEST(tables_that_cannot_be_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
