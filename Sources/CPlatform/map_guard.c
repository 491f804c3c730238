#define _GNU_SOURCE
#include "CPlatform.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

// The handler may run at any moment, on any thread, inside of anything: it reads this table, which only grows, with atomic
// loads, and calls nothing but mmap, which is one system call. Whoever reads a mapping keeps it from being unmapped meanwhile,
// so what the handler finds for the address of a read is that mapping and not one that came after it.

struct cplatform_guarded_map {
    /// 0 when the place is free. Written last when it is taken, first when it is given back.
    _Atomic(uintptr_t) start;
    _Atomic(size_t) count;
    _Atomic(uint64_t) lost;
    /// The next free place; only with the lock.
    struct cplatform_guarded_map *next;
};

enum { maps_in_block = 256 };

struct block {
    struct cplatform_guarded_map maps[maps_in_block];
    struct block *next;
};

static _Atomic(struct block *) blocks;
static _Atomic(uint64_t) all_lost;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct cplatform_guarded_map *free_maps;
static bool is_installed;
static size_t page_size;
static struct sigaction before;

static bool mend(uintptr_t address) {
    uintptr_t page = address & ~(uintptr_t)(page_size - 1);
    for (struct block *block = atomic_load(&blocks); block; block = block->next) {
        for (size_t index = 0; index < maps_in_block; index++) {
            struct cplatform_guarded_map *map = &block->maps[index];
            uintptr_t start = atomic_load(&map->start);
            if (start == 0 || page < start || page - start >= atomic_load(&map->count)) continue;
            // The place may have been taken for another mapping between the two.
            if (atomic_load(&map->start) != start) continue;
            // Counted first: who reads the zeros finds the count.
            atomic_fetch_add(&map->lost, 1);
            atomic_fetch_add(&all_lost, 1);
            int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED;
            return mmap((void *)page, page_size, PROT_READ, flags, -1, 0) != MAP_FAILED;
        }
    }
    return false;
}

static void on_bus_error(int signal, siginfo_t *info, void *context) {
    (void)context;
    int error = errno;
    bool is_from_kernel = info->si_code > 0;
    if (!is_from_kernel || !mend((uintptr_t)info->si_addr)) {
        // As if there were no handler here: an access that failed fails again, what was sent is sent again.
        sigaction(signal, &before, NULL);
        if (!is_from_kernel) raise(signal);
    }
    errno = error;
}

/// With the lock.
static bool install(void) {
    if (is_installed) return true;
    page_size = (size_t)sysconf(_SC_PAGESIZE);
    struct sigaction action = {.sa_sigaction = on_bus_error, .sa_flags = SA_SIGINFO | SA_ONSTACK | SA_RESTART};
    sigemptyset(&action.sa_mask);
    is_installed = sigaction(SIGBUS, &action, &before) == 0;
    return is_installed;
}

/// With the lock.
static bool add_block(void) {
    struct block *block = calloc(1, sizeof *block);
    if (!block) return false;
    for (size_t index = 0; index < maps_in_block; index++) {
        block->maps[index].next = index + 1 < maps_in_block ? &block->maps[index + 1] : NULL;
    }
    free_maps = block->maps;
    block->next = atomic_load(&blocks);
    atomic_store(&blocks, block);
    return true;
}

struct cplatform_guarded_map *cplatform_guard_map(const void *start, size_t count) {
    struct cplatform_guarded_map *map = NULL;
    pthread_mutex_lock(&lock);
    if (install() && (free_maps || add_block())) {
        map = free_maps;
        free_maps = map->next;
        atomic_store(&map->lost, 0);
        atomic_store(&map->count, count);
        atomic_store(&map->start, (uintptr_t)start);
    }
    pthread_mutex_unlock(&lock);
    return map;
}

void cplatform_unguard_map(struct cplatform_guarded_map *map) {
    pthread_mutex_lock(&lock);
    atomic_store(&map->start, 0);
    map->next = free_maps;
    free_maps = map;
    pthread_mutex_unlock(&lock);
}

uint64_t cplatform_lost_pages(const struct cplatform_guarded_map *map) { return atomic_load(&map->lost); }

uint64_t cplatform_all_lost_pages(void) { return atomic_load(&all_lost); }
