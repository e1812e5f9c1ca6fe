/* Views built by hand against their JSON, byte for byte. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <math.h>
#include <purvey/views.h>

#define TEXT(literal) {literal, sizeof(literal) - 1}
#define NOT_A_NUMBER ((double)NAN)

static void bought_together_prints_counts_and_rates(void **state)
{
    (void)state;
    const pv_related_item items[] = {{.product = TEXT("22699"),
                                      .name = TEXT("TEACUP \"ROSES\""),
                                      .weight = 0.25,
                                      .similarity = NOT_A_NUMBER,
                                      .buyers = 240,
                                      .also = 72,
                                      .rate = 0.3,
                                      .base_rate = 0.04,
                                      .gate = "out_of_stock"},
                                     {.product = TEXT("1"),
                                      .weight = 0.125,
                                      .similarity = NOT_A_NUMBER,
                                      .buyers = -1,
                                      .also = -1,
                                      .rate = NOT_A_NUMBER,
                                      .base_rate = NOT_A_NUMBER}};
    const pv_related related = {.product = TEXT("A"),
                                .name = TEXT("CAKESTAND"),
                                .category = TEXT("Kitchen"),
                                .model_id = "9f3c2a71",
                                .source = "bought_together",
                                .requested = 5,
                                .items = items,
                                .n_items = 2};
    char *json = NULL;
    assert_int_equal(pv_bought_together_json(&json, &related, NULL), PV_OK);
    assert_string_equal(
        json, "{\"item\":\"A\",\"name\":\"CAKESTAND\",\"model\":\"9f3c2a71\",\"source\":\"bought_together\","
              "\"fallback\":null,\"requested\":5,\"returned\":2,\"items\":["
              "{\"item\":\"22699\",\"rank\":1,\"name\":\"TEACUP \\\"ROSES\\\"\",\"weight\":0.25,\"buyers\":240,"
              "\"also\":72,\"rate\":0.3,\"base_rate\":0.04,\"gate\":\"out_of_stock\"},"
              "{\"item\":\"1\",\"rank\":2,\"name\":null,\"weight\":0.125,\"buyers\":null,\"also\":null,\"rate\":null,"
              "\"base_rate\":null,\"gate\":null}]}");
    pv_free(json);
}

static void substitutes_print_similarity_and_what_cannot_be_told(void **state)
{
    (void)state;
    const pv_related_item items[] = {{.product = TEXT("B"), .name = TEXT("SAW"), .similarity = 0.875}};
    const pv_related some = {.product = TEXT("A"),
                             .category = TEXT("Tools > Hand"),
                             .model_id = "9f3c2a71",
                             .source = "substitute",
                             .requested = 10,
                             .items = items,
                             .n_items = 1};
    const pv_related none = {
        .product = TEXT("A"), .model_id = "9f3c2a71", .fallback = TEXT("the product has no category"), .requested = 10};
    char *json = NULL;
    assert_int_equal(pv_substitutes_json(&json, &some, NULL), PV_OK);
    assert_string_equal(json, "{\"item\":\"A\",\"name\":null,\"category\":\"Tools > Hand\",\"model\":\"9f3c2a71\","
                              "\"source\":\"substitute\",\"fallback\":null,\"requested\":10,\"returned\":1,\"items\":["
                              "{\"item\":\"B\",\"rank\":1,\"name\":\"SAW\",\"similarity\":0.875,\"gate\":null}]}");
    pv_free(json);
    assert_int_equal(pv_substitutes_json(&json, &none, NULL), PV_OK);
    assert_string_equal(json, "{\"item\":\"A\",\"name\":null,\"category\":null,\"model\":\"9f3c2a71\",\"source\":null,"
                              "\"fallback\":\"the product has no category\",\"requested\":10,\"returned\":0,"
                              "\"items\":[]}");
    pv_free(json);
}

static void peers_print_what_is_shared(void **state)
{
    (void)state;
    const pv_shared_segment shared[] = {{TEXT("country"), TEXT("France")}};
    const pv_peer items[] = {{.company = TEXT("holding-7"),
                              .n_users = 2,
                              .similarity = 0.5,
                              .products = 40,
                              .common = 12,
                              .segments = shared,
                              .n_segments = 1}};
    const pv_peers peers = {.user = TEXT("17850"),
                            .model_id = "9f3c2a71",
                            .as_of = INT64_MIN,
                            .source = "peers",
                            .requested = 3,
                            .products = 30,
                            .candidates = 900,
                            .items = items,
                            .n_items = 1};
    char *json = NULL;
    assert_int_equal(pv_peers_json(&json, &peers, NULL), PV_OK);
    assert_string_equal(json, "{\"user\":\"17850\",\"model\":\"9f3c2a71\",\"as_of\":null,\"source\":\"peers\","
                              "\"fallback\":null,\"requested\":3,\"returned\":1,\"candidates\":900,\"products\":30,"
                              "\"items\":[{\"company\":\"holding-7\",\"rank\":1,\"users\":2,\"similarity\":0.5,"
                              "\"products\":40,\"common\":12,"
                              "\"segments\":[{\"column\":\"country\",\"value\":\"France\"}]}]}");
    pv_free(json);
}

static void an_audience_prints_users_with_the_fields_of_recommended_items(void **state)
{
    (void)state;
    const pv_filtered filtered[] = {{"excluded", 0}, {"not_known_yet", 0}, {"no_purchases", 3}};
    const pv_audience_user users[] = {{.user = TEXT("acme"),
                                       .rank = 1,
                                       .item = {.rank = 7,
                                                .kind = PV_KIND_REORDER,
                                                .score = 1.5,
                                                .base = 1.5,
                                                .probability = 0.25,
                                                .horizon_days = 28,
                                                .shown_share = NOT_A_NUMBER}},
                                      {.user = TEXT("zeta"),
                                       .rank = 2,
                                       .item = {.kind = PV_KIND_NEW,
                                                .score = 0.5,
                                                .base = 0.5,
                                                .probability = NOT_A_NUMBER,
                                                .shown_share = NOT_A_NUMBER}}};
    const pv_audience audience = {.product = TEXT("A"),
                                  .name = TEXT("CAKESTAND"),
                                  .model_id = "9f3c2a71",
                                  .as_of = 1291925461, /* 2010-12-09T20:11:01Z */
                                  .mode = PV_MODE_MIXED,
                                  .search = "all",
                                  .requested = 2,
                                  .considered = 45,
                                  .candidates = 42,
                                  .filtered = filtered,
                                  .n_filtered = 3,
                                  .users = users,
                                  .n_users = 2};
    char *json = NULL;
    assert_int_equal(pv_audience_json(&json, &audience, NULL), PV_OK);
    assert_string_equal(
        json, "{\"item\":\"A\",\"name\":\"CAKESTAND\",\"model\":\"9f3c2a71\",\"as_of\":\"2010-12-09T20:11:01Z\","
              "\"mode\":\"mixed\",\"search\":\"all\",\"requested\":2,\"returned\":2,\"considered\":45,"
              "\"candidates\":42,\"filtered\":{\"excluded\":0,\"not_known_yet\":0,\"no_purchases\":3},\"users\":["
              "{\"user\":\"acme\",\"rank\":1,\"own_rank\":7,\"kind\":\"reorder\",\"score\":1.5,\"base\":1.5,"
              "\"policy\":0.0,\"probability\":0.25,\"horizon_days\":28,\"reasons\":[],\"notes\":[],"
              "\"other_positive\":0.0,\"negative\":0.0,\"check\":{\"sum\":1.5,\"shown_share\":null}},"
              "{\"user\":\"zeta\",\"rank\":2,\"own_rank\":null,\"kind\":\"new\",\"score\":0.5,\"base\":0.5,"
              "\"policy\":0.0,\"probability\":null,\"horizon_days\":null,\"reasons\":[],\"notes\":[],"
              "\"other_positive\":0.0,\"negative\":0.0,\"check\":{\"sum\":0.5,\"shown_share\":null}}]}");
    pv_free(json);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bought_together_prints_counts_and_rates),
        cmocka_unit_test(substitutes_print_similarity_and_what_cannot_be_told),
        cmocka_unit_test(peers_print_what_is_shared),
        cmocka_unit_test(an_audience_prints_users_with_the_fields_of_recommended_items),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
