/* model_files.c - see model_files.h. */
#include "support/model_files.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>

static const char *or_empty(const char *text)
{
    return text ? text : "";
}

static void print_number(pv_buffer *out, double value)
{
    if (value != 0) pv_buffer_print(out, "%.17g", value);
}

static void save(pv_buffer *out, const scratch_folder *folder, const char *name)
{
    char path[SCRATCH_PATH_SIZE];
    scratch_path(path, folder, name);
    assert_false(out->failed);
    assert_true(scratch_write(path, out->data, out->size));
    pv_buffer_deinit(out);
}

static void write_purchases(const scratch_folder *folder, const shop_case *c)
{
    pv_buffer out = {0};
    pv_buffer_append_string(&out, "user_id,product_id,time,order_id,quantity,unit_price,discount\n");
    for (size_t r = 0; r < c->n_purchases; r++) {
        const purchase_case *row = &c->purchases[r];
        pv_buffer_print(&out, "%s,%s,%s,%s,", row->user, row->product, or_empty(row->time), or_empty(row->order));
        print_number(&out, row->quantity);
        pv_buffer_append_string(&out, ",");
        print_number(&out, row->unit_price);
        pv_buffer_append_string(&out, ",");
        print_number(&out, row->discount);
        pv_buffer_append_string(&out, "\n");
    }
    save(&out, folder, "user_purchases.csv");
}

static void write_products(const scratch_folder *folder, const shop_case *c)
{
    pv_buffer out = {0};
    pv_buffer_append_string(&out, "product_id,name,category,brand,price,discount\n");
    for (size_t p = 0; p < c->n_products; p++) {
        const product_case *row = &c->products[p];
        pv_buffer_print(&out, "%s,%s,%s,%s,", row->id, or_empty(row->name), or_empty(row->category),
                        or_empty(row->brand));
        print_number(&out, row->price);
        pv_buffer_append_string(&out, ",");
        print_number(&out, row->discount);
        pv_buffer_append_string(&out, "\n");
    }
    save(&out, folder, "products.csv");
}

static void write_users(const scratch_folder *folder, const shop_case *c)
{
    pv_buffer out = {0};
    pv_buffer_append_string(&out, "user_id,parent_id,country\n");
    for (size_t u = 0; u < c->n_users; u++)
        pv_buffer_print(&out, "%s,%s,%s\n", c->users[u].id, or_empty(c->users[u].parent),
                        or_empty(c->users[u].country));
    save(&out, folder, "users.csv");
}

void shop_files_write(const scratch_folder *folder, const shop_case *c)
{
    write_purchases(folder, c);
    write_products(folder, c);
    write_users(folder, c);
}

void model_file_write(const scratch_folder *folder, const char *name, const model_case *m)
{
    static const pv_metadata_pair metadata[] = {{"format_version", PV_MODEL_FORMAT},
                                                {"options", "{}"},
                                                {"data_hash", ""},
                                                {"as_of", ""},
                                                {"metrics", "{}"},
                                                {"weights", "{}"}};
    char path[SCRATCH_PATH_SIZE], checksum[PV_CHECKSUM_DIGITS + 1];
    scratch_path(path, folder, name);
    assert_int_equal(pv_safetensors_write(path, &m->built.tensors, metadata, sizeof metadata / sizeof *metadata,
                                          checksum, NULL, NULL),
                     PV_OK);
}

pv_model *model_file_open(const scratch_folder *folder, const model_case *m)
{
    char path[SCRATCH_PATH_SIZE];
    pv_model *model = NULL;
    pv_error error = {.message = ""};
    model_file_write(folder, "model", m);
    scratch_path(path, folder, "model");
    if (pv_model_open(&model, path, &error) != PV_OK) fail_msg("%s", error.message);
    return model;
}
