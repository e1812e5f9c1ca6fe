/* model_watch.c - see model_watch.h. */
#include "model_watch.h"

#include <sys/stat.h>

static bool look(model_watch *seen, const char *path)
{
    struct stat file;
    if (stat(path, &file) != 0) return false;
    *seen = (model_watch){
        .path = path, .device = file.st_dev, .inode = file.st_ino, .size = file.st_size, .modified = file.st_mtim};
    return true;
}

void model_watch_begin(model_watch *watch, const char *path)
{
    *watch = (model_watch){.path = path};
    look(watch, path);
}

bool model_watch_has_changed(model_watch *watch)
{
    model_watch seen;
    if (!look(&seen, watch->path)) return false;
    bool is_same = seen.device == watch->device && seen.inode == watch->inode && seen.size == watch->size &&
                   seen.modified.tv_sec == watch->modified.tv_sec && seen.modified.tv_nsec == watch->modified.tv_nsec;
    *watch = seen;
    return !is_same;
}
