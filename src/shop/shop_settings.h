/* shop_settings.h - shop.yaml: how the files of a shop are called, written and meant.
 *
 * Holds:    pv_shop_settings and its parts, read from text.
 * Threads:  read-only after reading, but for the memory of the patterns: one reader at a time.
 * Source:   contract section 1.
 */
#ifndef PV_SHOP_SETTINGS_H
#define PV_SHOP_SETTINGS_H

#include "base/memory.h"
#include "shop/row_source.h"
#include "shop/text_pattern.h"

/* A name we know and the column of a file that holds it. */
typedef struct pv_column_mapping {
    pv_text name, column;
} pv_column_mapping;

typedef struct pv_column_mappings {
    pv_column_mapping *items; /* [count] */
    int32_t count;
} pv_column_mappings;

typedef struct pv_file_settings {
    const char *file; /* NULL: the standard name */
    char delimiter;   /* ',' */
    char decimal;     /* '.' or ',' */
    bool is_latin1;
    pv_column_mappings columns; /* standard name -> column of the file */
} pv_file_settings;

/* Which rows a rule of `skip` or `cancelled` hits. */
typedef struct pv_row_rule {
    pv_text column;
    enum { PV_RULE_EMPTY, PV_RULE_MATCHING, PV_RULE_NOT_MATCHING } kind;
    pv_text_pattern *pattern; /* NULL for PV_RULE_EMPTY */
} pv_row_rule;

typedef struct pv_shop_settings {
    pv_file_settings files[PV_TABLE_COUNT];
    const char *time_format; /* NULL: ISO 8601 */
    pv_row_rule *skip;       /* [n_skip] */
    int32_t n_skip;
    pv_row_rule *cancelled; /* nullable */
    bool discount_is_percent;
    double dislike_at; /* NaN: none */
    pv_column_mappings products_from_purchases, users_from_purchases;
    bool has_segments; /* shop.yaml names them (none, if the list is empty) */
    pv_text *segments; /* [n_segments] */
    int32_t n_segments;
    pv_text parent; /* data NULL: column parent_id */
    double purchase_weight;
    bool has_eligibility;
    pv_arena *strings; /* owns every text and array above */
} pv_shop_settings;

/* The settings of a shop without shop.yaml. */
pv_status pv_shop_settings_create(pv_shop_settings **settings, pv_error *error) PV_CHECKED;
/* Read the text of shop.yaml; empty text gives the defaults.
 * Errors: PV_E_INPUT "shop.yaml:3:12: ..." (line and column from 1), PV_E_MEMORY. */
pv_status pv_shop_settings_read(pv_shop_settings **settings, pv_text yaml, pv_error *error) PV_CHECKED;
void pv_shop_settings_free(pv_shop_settings *settings); /* accepts NULL */

#endif
