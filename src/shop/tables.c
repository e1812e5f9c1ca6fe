/* The ways in: a shop, a customer's history, a list of ids. */
#include "shop/tables.h"
#include "base/failure.h"
#include "shop/row_read_ahead.h"
#include "shop/shop_draft.h"
#include "shop/shop_source.h"
#include "shop/tables_read.h"
#include <stdlib.h>

void pv_tables_free(pv_tables *tables)
{
    if (tables == NULL) return;
    pv_interner_free(tables->user_ids);
    pv_interner_free(tables->product_ids);
    pv_interner_free(tables->order_ids);
    pv_purchase_table_deinit(&tables->purchases);
    free(tables->eligibility);
    pv_release(tables->products);
    pv_release(tables->users);
    pv_arena_free(tables->strings);
    free(tables);
}

static pv_status read_own_table(pv_table_kind kind, pv_shop_draft *draft, pv_shop_source *source, pv_error *error)
{
    static pv_status (*const readers[PV_TABLE_COUNT])(pv_shop_draft *, pv_row_source *, pv_error *) = {
        [PV_TABLE_PRODUCTS] = pv_read_products,
        [PV_TABLE_USERS] = pv_read_users,
        [PV_TABLE_ELIGIBILITY] = pv_read_eligibility,
    };
    pv_row_source *rows = NULL;
    pv_status status = source->open_table(&rows, source, kind, error);
    if (status != PV_OK || rows == NULL) return status;
    if (draft->scan->options->threads > 1) status = pv_row_read_ahead_open(&rows, rows, error);
    if (status != PV_OK) return status;
    status = kind == PV_TABLE_PURCHASES ? pv_read_purchases(draft, rows, PV_PURCHASES_OF_SHOP, error)
                                        : readers[kind](draft, rows, error);
    rows->free(rows);
    return status;
}

static pv_status read_table(pv_table_kind kind, pv_shop_draft *draft, pv_shop_source *source, pv_error *error)
{
    const pv_supplement *supplement = draft->scan->options->supplement;
    const pv_status status = read_own_table(kind, draft, source, error);
    if (status != PV_OK || supplement == NULL) return status;
    return supplement->add(supplement, draft, kind, error);
}

static void count_unlisted(pv_read_report *report, const pv_shop_draft *draft)
{
    for (int64_t product = 0; product < pv_interner_count(draft->products->ids); product++) {
        report->products_unlisted += !pv_catalog_is_listed(draft->products, product);
    }
}

pv_status pv_tables_read_source(pv_tables **tables, pv_shop_source *source, const pv_read_options *options,
                                pv_store_writer *writer, pv_read_report *report, pv_error *error)
{
    pv_table_scan scan;
    pv_shop_draft *draft = NULL;
    pv_tables *read = NULL;
    pv_status status = pv_table_scan_init(&scan, options, report, source->total_bytes, error);
    if (status != PV_OK) return status;
    scan.writer = writer;
    pv_content_hash_add(scan.hash, &source->settings_text, 1);
    PV_TRY(pv_shop_draft_create(&draft, source->settings, &scan, error));
    for (int kind = 0; kind < PV_TABLE_COUNT; kind++) PV_TRY(read_table((pv_table_kind)kind, draft, source, error));
    if (draft->products->n_listings > 0) count_unlisted(report, draft);
    PV_TRY(pv_shop_draft_finish(&read, draft, error));
    pv_content_hash_print(read->data_hash, scan.hash);
    PV_TRY(pv_table_scan_finish(&scan, error));
    *tables = read;
    read = NULL;
cleanup:
    if (status != PV_OK) pv_table_scan_keep_rejects(&scan);
    pv_tables_free(read);
    pv_shop_draft_free(draft);
    pv_table_scan_deinit(&scan);
    return status;
}

pv_status pv_tables_read(pv_tables **tables, const char *shop, const pv_read_options *options, pv_read_report *report,
                         pv_error *error)
{
    pv_shop_source *source = NULL;
    *report = (pv_read_report){0};
    pv_status status = pv_shop_source_open(&source, shop, error);
    if (status != PV_OK) return status;
    status = pv_tables_read_source(tables, source, options, NULL, report, error);
    source->free(source);
    return status;
}
