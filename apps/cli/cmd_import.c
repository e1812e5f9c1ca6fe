/* cmd_import.c - `purvey import`: a shop's folder into one SQLite file. */
#include "command.h"

#include "process.h"
#include "progress_bar.h"
#include "read_notes.h"
#include "words.h"

typedef struct import_settings {
    common_settings common;
    const char *shop, *output;
} import_settings;

static const cli_option options[] = {{.name = "output",
                                      .letter = 'o',
                                      .kind = OPTION_TEXT,
                                      .offset = offsetof(import_settings, output),
                                      .argument = "FILE",
                                      .help = "SQLite file to write, replaced only when complete; bad rows go to "
                                              "FILE.rejects.csv"}};

static int print_summary(command_run *run, const import_settings *settings, const pv_read_report *report,
                         pv_part_time total)
{
    static const table_column columns[] = {{"", false, false}, {"", true, false}};
    char words[WORDS_SIZE];
    cli_table *table = table_create(columns, 2);
    if (table == NULL) return command_fail_memory(run);
    fprintf(run->out, "Stored %s in %s in %s.\n\n", fetched_address(&run->fetched, settings->shop), settings->output,
            duration_words(words, total.seconds));
    add_row_counts(table, report);
    bool is_whole = table_print(table, run->out, &run->terminal);
    table_free(table);
    return is_whole ? 0 : command_fail_memory(run);
}

static int import(command_run *run)
{
    import_settings settings = {.common = COMMON_DEFAULTS};
    pv_error error = {0};
    if (command_parse(run, &settings, &error) != PV_OK) return command_fail(run, &error);
    if (settings.output == NULL) {
        (void)usage_error(&error, "output", "-o FILE is missing");
        return command_fail(run, &error);
    }
    progress_bar bar;
    pv_read_report report = {0};
    pv_part_time start = process_time();
    progress_bar_init(&bar, settings.common.is_quiet);
    pv_status status = pv_import(settings.shop, settings.output, settings.common.max_bad_rows, progress_bar_update,
                                 &bar, &report, &error);
    progress_bar_end(&bar);
    if (status != PV_OK) return command_fail(run, &error);
    pv_part_time total = process_time();
    total.seconds -= start.seconds;
    total.cpu_seconds -= start.cpu_seconds;
    print_read_notes(run, &report, settings.output, settings.common.is_quiet);
    if (settings.common.format == FORMAT_TABLE)
        return settings.common.is_quiet ? 0 : print_summary(run, &settings, &report, total);
    char *json = NULL;
    if (pv_import_report_json(&json, &report, total, peak_memory_bytes(), &error) != PV_OK)
        return command_fail(run, &error);
    return command_print_report(run, settings.common.format, json);
}

const cli_command import_command = {
    .name = "import",
    .run = import,
    .summary = "store a shop's tables in one SQLite file",
    .synopsis = "SHOP -o shop.sqlite [options]",
    .description =
        "SHOP is a folder with user_purchases.csv and, if there are, products.csv, users.csv and shop.yaml.\n"
        "Training from the SQLite file gives the same model, byte for byte, as training from the folder.\n",
    .examples = "  purvey import examples/simple-shop -o shop.sqlite\n"
                "      reads the folder once; `purvey train shop.sqlite -o shop.model` then trains from the one file\n",
    .grammar = {.own = options,
                .n_own = sizeof options / sizeof options[0],
                .common = common_options,
                .n_common = COMMON_OPTION_COUNT,
                .argument = "SHOP",
                .argument_offset = offsetof(import_settings, shop)}};
