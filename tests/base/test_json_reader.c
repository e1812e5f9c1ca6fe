/* Values of JSON from outside: every reader, every fault, and where it says that the fault is. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include "base/json_reader.h"
#include <float.h>
#include <stdio.h>
#include <string.h>

static pv_json_document *document; /* of the test that runs */

static int free_document(void **state)
{
    (void)state;
    pv_json_document_free(document);
    document = NULL;
    return 0;
}

static pv_json_node parse(const char *text)
{
    pv_error error = {.message = ""};
    (void)free_document(NULL);
    if (pv_json_document_parse(&document, pv_text_of(text), &error) != PV_OK) fail_msg("%s", error.message);
    return pv_json_document_root(document);
}

static pv_json_node field(const pv_json_node *object, const char *name)
{
    const char *const names[] = {name};
    pv_json_node node = {NULL, NULL, {NULL, 0}, 0};
    pv_error error = {.message = ""};
    if (pv_json_object_fields(&node, object, names, 1, &error) != PV_OK) fail_msg("%s", error.message);
    return node;
}

static void assert_fault(pv_status status, const pv_error *error, const char *pointer, const char *message)
{
    assert_int_equal(status, PV_E_USAGE);
    assert_int_equal(error->status, PV_E_USAGE);
    assert_string_equal(error->field, pointer);
    assert_string_equal(error->message, message);
}

/* -- Kinds, objects, arrays ---------------------------------------------------------------------------------------- */

static void kinds_are_told_apart(void **state)
{
    (void)state;
    static const char *const texts[] = {"null", "[]", "{}", "\"\"", "0", "true"};
    for (int k = 0; k < 6; k++) {
        const pv_json_node node = parse(texts[k]);
        assert_false(pv_json_is_absent(&node));
        assert_int_equal(pv_json_is_null(&node), k == 0);
        assert_int_equal(pv_json_is_array(&node), k == 1);
        assert_int_equal(pv_json_is_object(&node), k == 2);
        assert_int_equal(pv_json_is_text(&node), k == 3);
    }
    const pv_json_node root = parse("{}"), absent = field(&root, "a");
    assert_true(pv_json_is_absent(&absent));
    assert_false(pv_json_is_null(&absent) || pv_json_is_array(&absent));
    assert_false(pv_json_is_object(&absent) || pv_json_is_text(&absent));
}

static void fields_are_found_by_name_and_unknown_ones_refused(void **state)
{
    (void)state;
    static const char *const names[] = {"user", "n", "mode"};
    pv_json_node nodes[3];
    pv_error error;
    pv_json_node root = parse("{\"mode\":null,\"n\":5}");
    assert_int_equal(pv_json_object_fields(nodes, &root, names, 3, &error), PV_OK);
    assert_true(pv_json_is_absent(&nodes[0]));
    assert_true(pv_json_is_null(&nodes[2]));
    int64_t n = 0;
    assert_int_equal(pv_json_read_integer(&n, &nodes[1], 1, 9, &error), PV_OK);
    assert_int_equal(n, 5);
    root = parse("{\"n\":5,\"nn\":1}");
    assert_fault(pv_json_object_fields(nodes, &root, names, 3, &error), &error, "/nn",
                 "unknown field \"nn\" (known here: user, n, mode)");
    root = parse("{\"\":5}");
    assert_fault(pv_json_object_fields(nodes, &root, names, 3, &error), &error, "/",
                 "unknown field \"\" (known here: user, n, mode)");
    root = parse("[]");
    assert_fault(pv_json_object_fields(nodes, &root, names, 3, &error), &error, "", "body [...]: expected an object");
    assert_int_equal(pv_json_object_fields(nodes, &root, names, 3, NULL), PV_E_USAGE);
}

static void unknown_names_are_quoted_and_cut_at_a_character(void **state)
{
    (void)state;
    static const char *const names[] = {"n"};
    pv_json_node node;
    pv_error error;
    pv_json_node root = parse("{\"a\\n\\\"b\":1}");
    assert_fault(pv_json_object_fields(&node, &root, names, 1, &error), &error, "/a?\"b",
                 "unknown field \"a?\"b\" (known here: n)");
    /* 39 letters and a character of two bytes: one byte of it would still fit */
    root = parse("{\"123456789012345678901234567890123456789\xc3\xa9\":1}");
    assert_fault(pv_json_object_fields(&node, &root, names, 1, &error), &error,
                 "/123456789012345678901234567890123456789\xc3\xa9",
                 "unknown field \"123456789012345678901234567890123456789...\" (known here: n)");
}

static void entries_stand_in_the_order_of_the_text(void **state)
{
    (void)state;
    pv_json_node root = parse("{\"z\":1,\"a\":2,\"\xc3\xa9\":3}"), entries[3];
    static const char *const keys[] = {"z", "a", "\xc3\xa9"};
    pv_error error;
    int64_t n = 0, value = 0;
    assert_int_equal(pv_json_object_size(&n, &root, 3, &error), PV_OK);
    assert_int_equal(n, 3);
    assert_int_equal(pv_json_object_entries(entries, &root, n, &error), PV_OK);
    for (int k = 0; k < 3; k++) {
        assert_true(pv_text_equal(entries[k].key, pv_text_of(keys[k])));
        assert_int_equal(pv_json_read_integer(&value, &entries[k], 1, 3, &error), PV_OK);
        assert_int_equal(value, k + 1);
    }
    assert_fault(pv_json_object_size(&n, &root, 2, &error), &error, "", "body: 3 fields, expected at most 2");
    root = parse("{\"columns\":{\"a\":1,\"\":2}}");
    const pv_json_node columns = field(&root, "columns");
    assert_fault(pv_json_object_entries(entries, &columns, 2, &error), &error, "/columns", "a field without a name");
    root = parse("5");
    assert_fault(pv_json_object_size(&n, &root, 2, &error), &error, "", "body 5: expected an object");
    assert_fault(pv_json_object_entries(entries, &root, 0, &error), &error, "", "body 5: expected an object");
}

static void elements_are_found_by_number(void **state)
{
    (void)state;
    pv_json_node root = parse("{\"ids\":[\"a\",\"b\"],\"x\":null}");
    static const char *const names[] = {"ids", "x"};
    pv_json_node nodes[2];
    pv_error error;
    int64_t n = 0;
    assert_int_equal(pv_json_object_fields(nodes, &root, names, 2, &error), PV_OK);
    assert_int_equal(pv_json_array_size(&n, &nodes[0], 2, &error), PV_OK);
    assert_int_equal(n, 2);
    const pv_json_node second = pv_json_array_element(&nodes[0], 1), third = pv_json_array_element(&nodes[0], 2);
    const pv_json_node before = pv_json_array_element(&nodes[0], -1);
    pv_text text;
    assert_int_equal(pv_json_read_text(&text, &second, 1, 9, &error), PV_OK);
    assert_true(pv_text_equal(text, pv_text_of("b")));
    assert_true(pv_json_is_absent(&third));
    assert_true(pv_json_is_absent(&before));
    assert_fault(pv_json_array_size(&n, &nodes[0], 1, &error), &error, "/ids", "ids: 2 elements, expected at most 1");
    assert_fault(pv_json_array_size(&n, &nodes[1], 1, &error), &error, "/x", "x null: expected an array");
}

/* -- Values -------------------------------------------------------------------------------------------------------- */

static void texts_have_a_least_and_a_most_number_of_bytes(void **state)
{
    (void)state;
    const pv_json_node root = parse("{\"user\":\"a\xc3\xa9/\\\"\\u00e9\"}"), user = field(&root, "user");
    const pv_json_node absent = field(&root, "user"), none = {NULL, &root, absent.key, 0};
    pv_text text;
    pv_error error;
    assert_int_equal(pv_json_read_text(&text, &user, 7, 7, &error), PV_OK);
    assert_int_equal(text.size, 7);
    assert_memory_equal(text.data, "a\xc3\xa9/\"\xc3\xa9", 7);
    assert_fault(pv_json_read_text(&text, &user, 8, 256, &error), &error, "/user",
                 "user \"a\xc3\xa9/\"\xc3\xa9\": expected a text of 8 to 256 bytes");
    assert_fault(pv_json_read_text(&text, &user, 0, 6, &error), &error, "/user",
                 "user \"a\xc3\xa9/\"\xc3\xa9\": expected a text of at most 6 bytes");
    assert_fault(pv_json_read_text(&text, &none, 1, 256, &error), &error, "/user",
                 "user missing: expected a text of 1 to 256 bytes");
    assert_int_equal(pv_json_read_text(&text, &none, 1, 256, NULL), PV_E_USAGE);
    const pv_json_node pair = parse("\"\\ud83d\\ude00\"");
    assert_int_equal(pv_json_read_text(&text, &pair, 4, 4, &error), PV_OK);
    assert_memory_equal(text.data, "\xf0\x9f\x98\x80", 4);
    const pv_json_node empty = parse("\"\"");
    assert_int_equal(pv_json_read_text(&text, &empty, 0, 9, &error), PV_OK);
    assert_non_null(text.data);
    assert_int_equal(text.size, 0);
}

/* Node `n` of {"n": TEXT}. The root stays where it is, as the node points to it. */
static pv_json_node n_of(const char *text)
{
    static pv_json_node root;
    char object[256];
    (void)snprintf(object, sizeof object, "{\"n\":%s}", text);
    root = parse(object);
    return field(&root, "n");
}

static void assert_integer(const char *text, int64_t expected)
{
    const pv_json_node node = n_of(text);
    int64_t value = 0;
    pv_error error = {.message = ""};
    if (pv_json_read_integer(&value, &node, INT64_MIN, INT64_MAX, &error) != PV_OK) fail_msg("%s", error.message);
    assert_true(value == expected);
}

static void assert_no_integer(const char *text, int64_t least, int64_t most, const char *message)
{
    const pv_json_node node = n_of(text);
    int64_t value = 42;
    pv_error error;
    assert_fault(pv_json_read_integer(&value, &node, least, most, &error), &error, "/n", message);
    assert_int_equal(value, 42);
}

static void integers_may_be_written_as_numbers(void **state)
{
    (void)state;
    assert_integer("5", 5);
    assert_integer("5.0", 5);
    assert_integer("1e3", 1000);
    assert_integer("-0", 0);
    assert_integer("-0.0", 0);
    assert_integer("-1.5e1", -15);
    assert_integer("9223372036854775807", INT64_MAX);
    assert_integer("-9223372036854775808", INT64_MIN);
    assert_integer("-9223372036854775808.0", INT64_MIN);
    assert_integer("9.223372036854774784e18", INT64_C(9223372036854774784)); /* largest double below 2^63 */
}

static void integers_out_of_range_are_refused(void **state)
{
    (void)state;
    assert_no_integer("0", 1, 1000, "n 0: expected 1 to 1000");
    assert_no_integer("1001", 1, 1000, "n 1001: expected 1 to 1000");
    assert_no_integer("1e4", 1, 1000, "n 10000.0: expected 1 to 1000");
    assert_no_integer("-1", 0, INT64_MAX, "n -1: expected at least 0");
    assert_no_integer("1", INT64_MIN, 0, "n 1: expected at most 0");
    assert_no_integer("5.5", 1, 1000, "n 5.5: expected an integer, 1 to 1000");
    assert_no_integer("9223372036854775808.0", INT64_MIN, INT64_MAX, "n 9.223372036854776e+18: expected an integer");
    assert_no_integer("-1e19", INT64_MIN, 5, "n -1e+19: expected an integer, at most 5");
    assert_no_integer("\"5\"", 1, 1000, "n \"5\": expected an integer, 1 to 1000");
    assert_no_integer("true", 1, INT64_MAX, "n true: expected an integer, at least 1");
    assert_no_integer("null", INT64_MIN, INT64_MAX, "n null: expected an integer");
    assert_no_integer("[]", 1, 2, "n [...]: expected an integer, 1 to 2");
    assert_no_integer("{}", 1, 2, "n {...}: expected an integer, 1 to 2");
}

static void integers_at_the_limits_are_taken(void **state)
{
    (void)state;
    pv_json_node node = n_of("1000");
    int64_t value = 0;
    pv_error error;
    assert_int_equal(pv_json_read_integer(&value, &node, 1, 1000, &error), PV_OK);
    assert_int_equal(value, 1000);
    node = n_of("1.0");
    assert_int_equal(pv_json_read_integer(&value, &node, 1, 1000, &error), PV_OK);
    assert_int_equal(value, 1);
}

static void assert_number(const char *text, double expected)
{
    const pv_json_node node = n_of(text);
    double value = 42;
    pv_error error = {.message = ""};
    if (pv_json_read_number(&value, &node, -DBL_MAX, DBL_MAX, &error) != PV_OK) fail_msg("%s", error.message);
    assert_true(value == expected);
}

static void assert_no_number(const char *text, double least, double most, const char *message)
{
    const pv_json_node node = n_of(text);
    double value = 42;
    pv_error error;
    assert_fault(pv_json_read_number(&value, &node, least, most, &error), &error, "/n", message);
    assert_true(value == 42);
}

static void numbers_may_be_written_as_integers(void **state)
{
    (void)state;
    assert_number("7", 7);
    assert_number("-7.25", -7.25);
    assert_number("1e-7", 1e-7);
    assert_number("9007199254740993", 9007199254740992); /* the nearest double */
    assert_number("1.7976931348623157e308", DBL_MAX);
    assert_number("5e-324", 5e-324);
    assert_number("1e-999", 0);
}

static void numbers_out_of_range_are_refused(void **state)
{
    (void)state;
    assert_no_number("1.5", 0, 1, "n 1.5: expected 0 to 1");
    assert_no_number("-1", 0, 1e9, "n -1: expected 0 to 1000000000");
    assert_no_number("-0.1", 0, DBL_MAX, "n -0.1: expected at least 0");
    assert_no_number("2", -DBL_MAX, 0.1, "n 2: expected at most 0.1");
    assert_no_number("\"1\"", 0, 1, "n \"1\": expected a number, 0 to 1");
    assert_no_number("false", -DBL_MAX, DBL_MAX, "n false: expected a number");
    const pv_json_node node = n_of("1"), gone = {NULL, node.parent, node.key, 0};
    double value;
    pv_error error;
    assert_int_equal(pv_json_read_number(&value, &node, 1, 1, &error), PV_OK);
    assert_fault(pv_json_read_number(&value, &gone, 0, 1, &error), &error, "/n",
                 "n missing: expected a number, 0 to 1");
}

static void booleans_are_true_or_false_only(void **state)
{
    (void)state;
    pv_json_node node = n_of("true");
    bool value = false;
    pv_error error;
    assert_int_equal(pv_json_read_boolean(&value, &node, &error), PV_OK);
    assert_true(value);
    node = n_of("false");
    assert_int_equal(pv_json_read_boolean(&value, &node, &error), PV_OK);
    assert_false(value);
    static const char *const others[][2] = {{"1", "n 1: expected true or false"},
                                            {"\"true\"", "n \"true\": expected true or false"},
                                            {"null", "n null: expected true or false"}};
    for (int k = 0; k < 3; k++) {
        node = n_of(others[k][0]);
        assert_fault(pv_json_read_boolean(&value, &node, &error), &error, "/n", others[k][1]);
    }
}

static void a_choice_is_one_of_the_texts(void **state)
{
    (void)state;
    static const char *const modes[] = {"mixed", "new", "reorder"};
    pv_json_node node = n_of("\"reorder\"");
    int choice = -1;
    pv_error error;
    assert_int_equal(pv_json_read_choice(&choice, &node, modes, 3, &error), PV_OK);
    assert_int_equal(choice, 2);
    static const char *const others[][2] = {{"\"New\"", "n \"New\": expected mixed, new or reorder"},
                                            {"\"newer\"", "n \"newer\": expected mixed, new or reorder"},
                                            {"\"\"", "n \"\": expected mixed, new or reorder"},
                                            {"1", "n 1: expected mixed, new or reorder"}};
    for (int k = 0; k < 4; k++) {
        node = n_of(others[k][0]);
        assert_fault(pv_json_read_choice(&choice, &node, modes, 3, &error), &error, "/n", others[k][1]);
        assert_int_equal(choice, 2);
    }
    assert_fault(pv_json_read_choice(&choice, &node, modes, 1, &error), &error, "/n", "n 1: expected mixed");
}

/* -- Pointers ------------------------------------------------------------------------------------------------------ */

static void a_pointer_leads_to_the_node(void **state)
{
    (void)state;
    const pv_json_node root = parse("{\"history\":[{},{\"quantity\":-1}],\"a/b~c\":[[5]],\"a b\":1}");
    static const char *const names[] = {"history", "a/b~c", "a b"};
    pv_json_node nodes[3];
    pv_error error;
    bool value;
    assert_int_equal(pv_json_object_fields(nodes, &root, names, 3, &error), PV_OK);
    const pv_json_node line = pv_json_array_element(&nodes[0], 1), quantity = field(&line, "quantity");
    assert_fault(pv_json_read_boolean(&value, &quantity, &error), &error, "/history/1/quantity",
                 "quantity -1: expected true or false");
    assert_fault(pv_json_read_boolean(&value, &line, &error), &error, "/history/1",
                 "history[1] {...}: expected true or false");
    const pv_json_node row = pv_json_array_element(&nodes[1], 0), cell = pv_json_array_element(&row, 0);
    assert_fault(pv_json_read_boolean(&value, &cell, &error), &error, "/a~1b~0c/0/0",
                 "\"a/b~c\"[0][0] 5: expected true or false");
    assert_fault(pv_json_read_boolean(&value, &nodes[2], &error), &error, "/a b", "\"a b\" 1: expected true or false");
    const pv_json_node array = parse("[7]"), element = pv_json_array_element(&array, 0);
    assert_fault(pv_json_read_boolean(&value, &element, &error), &error, "/0", "body[0] 7: expected true or false");
    assert_fault(pv_json_read_boolean(&value, &array, &error), &error, "", "body [...]: expected true or false");
}

static void a_failure_of_the_caller_has_the_pointer_too(void **state)
{
    (void)state;
    const pv_json_node root = parse("{\"history\":[{\"quantity\":0}]}"), history = field(&root, "history");
    const pv_json_node line = pv_json_array_element(&history, 0), quantity = field(&line, "quantity");
    pv_error error;
    assert_fault(pv_json_fail(&error, &quantity, "expected a number above %d", 0), &error, "/history/0/quantity",
                 "expected a number above 0");
    assert_int_equal(pv_json_fail(NULL, &quantity, "expected a number above %d", 0), PV_E_USAGE);
}

static void a_long_pointer_is_cut_at_a_character(void **state)
{
    (void)state;
    /* "/" and 62 letters just fit into the 63 bytes of a field */
    pv_json_node root = parse("{\"12345678901234567890123456789012345678901234567890123456789012\":1}"), node;
    pv_error error;
    assert_int_equal(pv_json_object_entries(&node, &root, 1, &error), PV_OK);
    (void)pv_json_fail(&error, &node, "x");
    assert_string_equal(error.field, "/12345678901234567890123456789012345678901234567890123456789012");
    /* 61 letters and one of two bytes do not */
    root = parse("{\"1234567890123456789012345678901234567890123456789012345678901\xc3\xa9\":1}");
    assert_int_equal(pv_json_object_entries(&node, &root, 1, &error), PV_OK);
    (void)pv_json_fail(&error, &node, "x");
    assert_string_equal(error.field, "/1234567890123456789012345678901234567890123456789012345678901");
}

static void the_pointer_of_the_deepest_node_is_whole_or_cut(void **state)
{
    (void)state;
    char text[2 * PV_JSON_DEPTH_MAX + 2] = "";
    memset(text, '[', PV_JSON_DEPTH_MAX);
    text[PV_JSON_DEPTH_MAX] = '5';
    memset(text + PV_JSON_DEPTH_MAX + 1, ']', PV_JSON_DEPTH_MAX);
    pv_json_node nodes[PV_JSON_DEPTH_MAX + 1];
    nodes[0] = parse(text);
    for (int k = 0; k < PV_JSON_DEPTH_MAX; k++) nodes[k + 1] = pv_json_array_element(&nodes[k], 0);
    int64_t value;
    pv_error error;
    assert_int_equal(pv_json_read_integer(&value, &nodes[PV_JSON_DEPTH_MAX], 5, 5, &error), PV_OK);
    assert_int_equal(pv_json_read_integer(&value, &nodes[PV_JSON_DEPTH_MAX], 6, 6, &error), PV_E_USAGE);
    assert_int_equal(strlen(error.field), 63); /* of 64 */
    assert_memory_equal(error.field, "/0/0/0/0", 8);
}

static void a_long_value_is_quoted_and_cut(void **state)
{
    (void)state;
    const pv_json_node node = n_of("\"1234567890123456789012345678901234567890X\"");
    bool value;
    pv_error error;
    assert_fault(pv_json_read_boolean(&value, &node, &error), &error, "/n",
                 "n \"1234567890123456789012345678901234567890...\": expected true or false");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(kinds_are_told_apart, free_document),
        cmocka_unit_test_teardown(fields_are_found_by_name_and_unknown_ones_refused, free_document),
        cmocka_unit_test_teardown(unknown_names_are_quoted_and_cut_at_a_character, free_document),
        cmocka_unit_test_teardown(entries_stand_in_the_order_of_the_text, free_document),
        cmocka_unit_test_teardown(elements_are_found_by_number, free_document),
        cmocka_unit_test_teardown(texts_have_a_least_and_a_most_number_of_bytes, free_document),
        cmocka_unit_test_teardown(integers_may_be_written_as_numbers, free_document),
        cmocka_unit_test_teardown(integers_out_of_range_are_refused, free_document),
        cmocka_unit_test_teardown(integers_at_the_limits_are_taken, free_document),
        cmocka_unit_test_teardown(numbers_may_be_written_as_integers, free_document),
        cmocka_unit_test_teardown(numbers_out_of_range_are_refused, free_document),
        cmocka_unit_test_teardown(booleans_are_true_or_false_only, free_document),
        cmocka_unit_test_teardown(a_choice_is_one_of_the_texts, free_document),
        cmocka_unit_test_teardown(a_pointer_leads_to_the_node, free_document),
        cmocka_unit_test_teardown(a_failure_of_the_caller_has_the_pointer_too, free_document),
        cmocka_unit_test_teardown(a_long_pointer_is_cut_at_a_character, free_document),
        cmocka_unit_test_teardown(the_pointer_of_the_deepest_node_is_whole_or_cut, free_document),
        cmocka_unit_test_teardown(a_long_value_is_quoted_and_cut, free_document),
    };
    return cmocka_run_group_tests_name("json_reader", tests, NULL, NULL);
}
