/* The option parser: every kind of value, its limits, and the one line that each mistake gets. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include "options.h"
#include <string.h>

typedef struct settings {
    const char *model, *user, *path;
    bool all;
    int64_t n, seed;
    double rate, days, share;
    int mode;
    text_list exclude;
} settings;

static const char *const modes[] = {"mixed", "new", "reorder", NULL};
static const cli_option own[] = {
    {.name = "n",
     .letter = 'n',
     .kind = OPTION_INTEGER,
     .offset = offsetof(settings, n),
     .minimum = 1,
     .maximum = 1000000,
     .argument = "N"},
    {.name = "user", .kind = OPTION_ID, .offset = offsetof(settings, user), .argument = "ID"},
    {.name = "output", .letter = 'o', .kind = OPTION_TEXT, .offset = offsetof(settings, path), .argument = "FILE"},
    {.name = "rate", .kind = OPTION_NUMBER, .offset = offsetof(settings, rate), .minimum = 0, .argument = "R"},
    {.name = "half-life", .kind = OPTION_POSITIVE, .offset = offsetof(settings, days), .argument = "DAYS"},
    {.name = "mode", .kind = OPTION_CHOICE, .offset = offsetof(settings, mode), .choices = modes},
    {.name = "exclude", .kind = OPTION_ID_LIST, .offset = offsetof(settings, exclude), .argument = "ID"},
    {.name = "all", .kind = OPTION_FLAG, .offset = offsetof(settings, all)}};
static const cli_option common[] = {
    {.name = "max-bad-rows", .kind = OPTION_SHARE, .offset = offsetof(settings, share), .argument = "SHARE"},
    {.name = "signals", .kind = OPTION_TEXT, .offset = offsetof(settings, path), .argument = "LIST"}};
static const option_grammar grammar = {.own = own,
                                       .n_own = sizeof own / sizeof own[0],
                                       .common = common,
                                       .n_common = sizeof common / sizeof common[0],
                                       .argument = "MODEL",
                                       .argument_offset = offsetof(settings, model)};

/* Parse words (ends with NULL). */
static pv_status parse(settings *out, pv_error *error, const char *const *words)
{
    int count = 0;
    while (words[count] != NULL) count++;
    *out = (settings){.n = 5, .mode = -1};
    *error = (pv_error){0};
    return options_parse(out, &grammar, count, words, error);
}

#define PARSE(out, error, ...) parse(out, error, (const char *[]){__VA_ARGS__, NULL})

static void values_follow_their_option_in_four_ways(void **state)
{
    (void)state;
    settings out;
    pv_error error;
    assert_int_equal(PARSE(&out, &error, "m", "--n", "7"), PV_OK);
    assert_int_equal(out.n, 7);
    assert_int_equal(PARSE(&out, &error, "--n=1", "m"), PV_OK);
    assert_int_equal(out.n, 1);
    assert_int_equal(PARSE(&out, &error, "-n", "1000000", "m"), PV_OK);
    assert_int_equal(out.n, 1000000);
    assert_int_equal(PARSE(&out, &error, "-n9", "m"), PV_OK);
    assert_int_equal(out.n, 9);
    assert_string_equal(out.model, "m");
}

static void what_is_not_given_keeps_its_default(void **state)
{
    (void)state;
    settings out;
    pv_error error;
    assert_int_equal(PARSE(&out, &error, "m"), PV_OK);
    assert_int_equal(out.n, 5);
    assert_int_equal(out.mode, -1);
    assert_null(out.user);
    assert_false(out.all);
}

static void every_kind_is_read(void **state)
{
    (void)state;
    settings out;
    pv_error error;
    assert_int_equal(PARSE(&out, &error, "m", "--user", "J\xc3\xb6rg 0017 ", "-o", "x.csv", "--rate", "1e-2",
                           "--half-life", "0.5", "--mode", "reorder", "--all", "--max-bad-rows", "5%"),
                     PV_OK);
    assert_string_equal(out.user, "J\xc3\xb6rg 0017 ");
    assert_string_equal(out.path, "x.csv");
    assert_float_equal(out.rate, 0.01, 0);
    assert_float_equal(out.days, 0.5, 0);
    assert_int_equal(out.mode, 2);
    assert_true(out.all);
    assert_float_equal(out.share, 0.05, 1e-15);
    assert_int_equal(PARSE(&out, &error, "m", "--max-bad-rows=0.25"), PV_OK);
    assert_float_equal(out.share, 0.25, 0);
}

static void a_list_collects_its_values_in_order(void **state)
{
    (void)state;
    settings out;
    pv_error error;
    assert_int_equal(PARSE(&out, &error, "--exclude", "a", "m", "--exclude=b=c"), PV_OK);
    assert_int_equal(out.exclude.count, 2);
    assert_string_equal(out.exclude.items[0], "a");
    assert_string_equal(out.exclude.items[1], "b=c");
    text_list_deinit(&out.exclude);
}

static void an_id_may_look_like_an_option(void **state)
{
    (void)state;
    settings out;
    pv_error error;
    assert_int_equal(PARSE(&out, &error, "m", "--user", "-17"), PV_OK);
    assert_string_equal(out.user, "-17");
    assert_int_equal(PARSE(&out, &error, "m", "--user=--all"), PV_OK);
    assert_string_equal(out.user, "--all");
    assert_int_equal(PARSE(&out, &error, "--", "-m"), PV_OK);
    assert_string_equal(out.model, "-m");
}

static void each_mistake_has_its_line(void **state)
{
    (void)state;
    static const struct {
        const char *words[5];
        const char *message, *field;
    } cases[] = {
        {{"m", "--n", "0"}, "--n 0: expected 1 to 1000000", "/n"},
        {{"m", "-n1000001"}, "-n 1000001: expected 1 to 1000000", "/n"},
        {{"m", "-n", "5x"}, "-n 5x: expected 1 to 1000000", "/n"},
        {{"m", "-n", "1.5"}, "-n 1.5: expected 1 to 1000000", "/n"},
        {{"m", "-n", "99999999999999999999"}, "-n 99999999999999999999: expected 1 to 1000000", "/n"},
        {{"m", "-n"}, "-n: the value (N) is missing", "/n"},
        {{"m", "--user", "--all"}, "--user: the value (ID) is missing", "/user"},
        {{"m", "--user", "-n", "3"}, "--user: the value (ID) is missing", "/user"},
        {{"m", "--user", "a", "--user=b"}, "--user is given twice", "/user"},
        {{"m", "--user="}, "--user: the value is empty", "/user"},
        {{"m", "--user", "\xff"}, "--user: the value is not valid UTF-8", "/user"},
        {{"m", "--rate", "-0.1"}, "--rate -0.1: expected a number of 0 or more", "/rate"},
        {{"m", "--rate", "nan"}, "--rate nan: expected a number of 0 or more", "/rate"},
        {{"m", "--rate", "1e999"}, "--rate 1e999: expected a number of 0 or more", "/rate"},
        {{"m", "--rate", "0x10"}, "--rate 0x10: expected a number of 0 or more", "/rate"},
        {{"m", "--half-life", "0"}, "--half-life 0: expected a number above 0", "/half_life"},
        {{"m", "--max-bad-rows", "101%"},
         "--max-bad-rows 101%: expected a share such as 0.01 or 1%, 0 to 1",
         "/max_bad_rows"},
        {{"m", "--max-bad-rows", "%"},
         "--max-bad-rows %: expected a share such as 0.01 or 1%, 0 to 1",
         "/max_bad_rows"},
        {{"m", "--mode", "New"}, "--mode New: expected mixed, new or reorder", "/mode"},
        {{"m", "--all=1"}, "--all takes no value", "/all"},
        {{"m", "--signls", "als"}, "unknown option --signls; did you mean --signals?", ""},
        {{"m", "--usr=3"}, "unknown option --usr; did you mean --user?", ""},
        {{"m", "--new-share", "0.5"}, "unknown option --new-share", ""},
        {{"m", "-x"}, "unknown option -x", ""},
        {{"m", "extra"}, "unexpected argument \"extra\"", ""},
        {{"--all"}, "MODEL is missing", ""},
        {{""}, "unexpected argument \"\"", ""},
    };
    for (size_t k = 0; k < sizeof cases / sizeof cases[0]; k++) {
        settings out;
        pv_error error;
        assert_int_equal(parse(&out, &error, cases[k].words), PV_E_USAGE);
        assert_int_equal(error.status, PV_E_USAGE);
        assert_string_equal(error.message, cases[k].message);
        assert_string_equal(error.field, cases[k].field);
    }
}

static void only_near_words_are_suggested(void **state)
{
    (void)state;
    static const char *const words[] = {"train", "recommend", "rank", NULL};
    assert_string_equal(nearest_word("trian", words), "train");
    assert_string_equal(nearest_word("recomend", words), "recommend");
    assert_string_equal(nearest_word("rnk", words), "rank");
    assert_null(nearest_word("evaluate", words));
    assert_null(nearest_word("", words));
    assert_null(nearest_word("a-word-far-longer-than-any-of-the-options-there-are", words));
}

static void utf8_is_checked_to_the_letter(void **state)
{
    (void)state;
    assert_true(is_valid_utf8("plain"));
    assert_true(is_valid_utf8("\xc3\xa9 \xe2\x82\xac \xf0\x9f\x94\xa9"));
    assert_false(is_valid_utf8("\xc3"));
    assert_false(is_valid_utf8("\xc0\x80"));         /* overlong */
    assert_false(is_valid_utf8("\xe0\x9f\xbf"));     /* overlong */
    assert_false(is_valid_utf8("\xed\xa0\x80"));     /* surrogate */
    assert_false(is_valid_utf8("\xf4\x90\x80\x80")); /* above U+10FFFF */
    assert_false(is_valid_utf8("a\x80"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_follow_their_option_in_four_ways),
        cmocka_unit_test(what_is_not_given_keeps_its_default),
        cmocka_unit_test(every_kind_is_read),
        cmocka_unit_test(a_list_collects_its_values_in_order),
        cmocka_unit_test(an_id_may_look_like_an_option),
        cmocka_unit_test(each_mistake_has_its_line),
        cmocka_unit_test(only_near_words_are_suggested),
        cmocka_unit_test(utf8_is_checked_to_the_letter),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
