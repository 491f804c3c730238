#pragma once
// What Swift's Glibc module does not show, and instructions that need a target attribute.

#include <sys/timex.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/// CRC-32C (Castagnoli), finalised; `seed` is a previous result to continue from, 0 to start.
uint32_t cplatform_crc32c(uint32_t seed, const void *bytes, size_t count);

/// The same checksum computed with tables only; tests compare the two.
uint32_t cplatform_crc32c_portable(uint32_t seed, const void *bytes, size_t count);

/// Offset of the first occurrence of `needle`, or -1. An empty needle is found at 0.
ptrdiff_t cplatform_memmem(const void *haystack, size_t haystack_count, const void *needle, size_t needle_count);

/// Offset of the first occurrence of `needle`, whose ASCII letters are small ones, in ASCII letters of any case, or -1. An empty
/// needle is found at 0. Takes the product of both lengths at worst.
ptrdiff_t cplatform_memmem_folded(
    const void *haystack, size_t haystack_count, const void *needle, size_t needle_count);

/// Offset of the last byte equal to `byte`, or -1.
ptrdiff_t cplatform_memrchr(const void *haystack, size_t count, uint8_t byte);

/// Gives free heap pages back to the system; true when something was released.
bool cplatform_malloc_trim(size_t keep_bytes);

/// Bytes the allocator really reserved for a block.
size_t cplatform_malloc_usable_size(void *block);

/// True when the bytes are well-formed UTF-8 (no surrogates, no overlong forms).
bool cplatform_utf8_valid(const void *bytes, size_t count);

/// Starts a program in a process group of its own, with stdin from /dev/null, stdout and stderr to `output`, no other
/// descriptors and default signal handling. `death_signal` reaches it when the thread that called this ends, so call it
/// from a thread that lives as long as the process. Returns the process id, or a negative errno: that of exec included.
int cplatform_spawn(const char *path, char *const *arguments, char *const *environment, int output, int death_signal);

/// Bounds the allocator's arenas: each costs memory that the others cannot use.
void cplatform_limit_malloc_arenas(int arenas);

/// Asks for a cache line that is about to be read or written. Any address will do, mapped or not.
static inline void cplatform_prefetch(const void *address) { __builtin_prefetch(address); }

/// CLOCK_MONOTONIC in microseconds.
int64_t cplatform_monotonic_microseconds(void);

/// CLOCK_REALTIME in nanoseconds since 1970.
int64_t cplatform_realtime_nanoseconds(void);

/// What a file is. Swift sees `struct stat` through whichever module shows it first, which differs between builds.
struct cplatform_file_status {
    uint64_t device;
    uint64_t inode;
    uint64_t size;
    uint64_t links;
    int64_t modified_seconds;
    int64_t modified_nanoseconds;
    bool is_regular;
    bool is_directory;
};

/// Fills in `status` of what lies under `path`, of a link's target when `follow_links`; false with errno set on an error.
bool cplatform_path_status(const char *path, bool follow_links, struct cplatform_file_status *status);

/// The same of an open file.
bool cplatform_descriptor_status(int descriptor, struct cplatform_file_status *status);

/// A mapping that is guarded.
struct cplatform_guarded_map;

/// Guards a mapping of a file for reading. Where a page of it cannot be had (the file was cut, or the disk fails), the kernel
/// sends SIGBUS to who reads it: the handler puts a page of zeros there and counts it, and the read goes on. All other
/// signals of that number have the effect that they had before. Returns NULL with errno set when there is no memory.
struct cplatform_guarded_map *cplatform_guard_map(const void *start, size_t count);

/// Ends the guard; to be called before the mapping goes.
void cplatform_unguard_map(struct cplatform_guarded_map *map);

/// How many pages were put in the place of what could not be read, so far.
uint64_t cplatform_lost_pages(const struct cplatform_guarded_map *map);

/// The same over all mappings of the process, of those too that are gone.
uint64_t cplatform_all_lost_pages(void);

#ifdef __cplusplus
}
#endif
