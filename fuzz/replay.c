/* replay.c - feed every file of a corpus folder to a fuzz target, without libFuzzer: `replay_fuzz_csv FOLDER`.
 *
 * The target aborts (or a sanitizer stops it) on a fault; an empty or unreadable corpus is a failure too, so that the
 * test cannot pass by doing nothing. */
#include <dirent.h>
#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool replay_file(const char *path, size_t size)
{
    /* One byte more than the input would hide reads past its end from the sanitizers. */
    uint8_t *data = malloc(size > 0 ? size : 1);
    FILE *file = fopen(path, "rb");
    const bool is_read = data != NULL && file != NULL && fread(data, 1, size, file) == size;
    if (file != NULL) fclose(file);
    if (is_read)
        LLVMFuzzerTestOneInput(data, size);
    else
        fprintf(stderr, "replay: %s: cannot read\n", path);
    free(data);
    return is_read;
}

int main(int argc, char **argv)
{
    if (argc != 2) {
        fprintf(stderr, "usage: %s FOLDER\n", argv[0]);
        return EXIT_FAILURE;
    }
    DIR *folder = opendir(argv[1]);
    if (folder == NULL) {
        fprintf(stderr, "replay: %s: cannot open\n", argv[1]);
        return EXIT_FAILURE;
    }
    int n_files = 0;
    bool is_good = true;
    for (const struct dirent *entry = readdir(folder); entry != NULL; entry = readdir(folder)) {
        char path[PATH_MAX];
        struct stat status;
        const int length = snprintf(path, sizeof path, "%s/%s", argv[1], entry->d_name);
        if (length < 0 || (size_t)length >= sizeof path || stat(path, &status) != 0) {
            fprintf(stderr, "replay: %s: cannot read\n", entry->d_name);
            is_good = false;
        } else if (S_ISREG(status.st_mode)) {
            is_good = replay_file(path, (size_t)status.st_size) && is_good;
            n_files++;
        }
    }
    closedir(folder);
    printf("%d inputs replayed\n", n_files);
    return is_good && n_files > 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
