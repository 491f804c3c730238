#define _GNU_SOURCE
#include "CPlatform.h"

#include <sys/stat.h>

static bool fill(int result, const struct stat *info, struct cplatform_file_status *status) {
    if (result != 0) return false;
    status->device = (uint64_t)info->st_dev;
    status->inode = (uint64_t)info->st_ino;
    status->size = (uint64_t)info->st_size;
    status->links = (uint64_t)info->st_nlink;
    status->modified_seconds = (int64_t)info->st_mtim.tv_sec;
    status->modified_nanoseconds = (int64_t)info->st_mtim.tv_nsec;
    status->is_regular = S_ISREG(info->st_mode);
    status->is_directory = S_ISDIR(info->st_mode);
    return true;
}

bool cplatform_path_status(const char *path, bool follow_links, struct cplatform_file_status *status) {
    struct stat info;
    return fill(follow_links ? stat(path, &info) : lstat(path, &info), &info, status);
}

bool cplatform_descriptor_status(int descriptor, struct cplatform_file_status *status) {
    struct stat info;
    return fill(fstat(descriptor, &info), &info, status);
}
