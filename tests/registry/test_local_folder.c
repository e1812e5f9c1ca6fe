/* Folders for what is fetched. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include "registry/local_folder.h"
#include "support/scratch_folder.h"
#include <string.h>
#include <sys/stat.h>

static void parents_are_made_and_what_is_there_is_kept(void **state)
{
    (void)state;
    scratch_folder folder;
    char path[SCRATCH_PATH_SIZE], file[SCRATCH_PATH_SIZE];
    struct stat info;
    assert_true(scratch_folder_create(&folder));
    scratch_path(path, &folder, "a/b/c");
    assert_int_equal(pv_local_folder_make(path, NULL), PV_OK);
    assert_int_equal(stat(path, &info), 0);
    assert_int_equal(info.st_mode & 0777, 0700);
    scratch_path(file, &folder, "a/b/c/kept");
    assert_true(scratch_write(file, "x", 1));
    assert_int_equal(pv_local_folder_make(path, NULL), PV_OK);
    assert_int_equal(stat(file, &info), 0);
    scratch_folder_remove(&folder);
}

static void a_file_in_the_way_is_an_error_that_names_it(void **state)
{
    (void)state;
    scratch_folder folder;
    pv_error error = {0};
    char path[SCRATCH_PATH_SIZE], file[SCRATCH_PATH_SIZE];
    assert_true(scratch_folder_create(&folder));
    scratch_path(file, &folder, "a");
    scratch_path(path, &folder, "a/b");
    assert_true(scratch_write(file, "x", 1));
    assert_int_equal(pv_local_folder_make(path, &error), PV_E_OUTPUT);
    assert_non_null(strstr(error.message, "a/b: cannot be made: "));
    assert_int_equal(pv_local_folder_make(file, &error), PV_E_OUTPUT);
    scratch_folder_remove(&folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parents_are_made_and_what_is_there_is_kept),
        cmocka_unit_test(a_file_in_the_way_is_an_error_that_names_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
