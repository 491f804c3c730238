#define _GNU_SOURCE
#include "CPlatform.h"

#include <malloc.h>
#include <stdatomic.h>
#include <string.h>

// CRC-32C, reflected polynomial 0x82f63b78 (RFC 3720 appendix B.4).
static uint32_t table[8][256];
static atomic_int table_ready;

static void fill_table(void) {
    // Several threads may fill it at once at first use: they all write the same values into a local copy first.
    static atomic_flag filling = ATOMIC_FLAG_INIT;
    while (atomic_flag_test_and_set_explicit(&filling, memory_order_acquire)) {
    }
    if (!atomic_load_explicit(&table_ready, memory_order_relaxed)) {
        for (uint32_t i = 0; i < 256; i++) {
            uint32_t c = i;
            for (int k = 0; k < 8; k++) c = (c & 1) ? (c >> 1) ^ 0x82f63b78u : c >> 1;
            table[0][i] = c;
        }
        for (uint32_t i = 0; i < 256; i++) {
            uint32_t c = table[0][i];
            for (int k = 1; k < 8; k++) {
                c = table[0][c & 0xff] ^ (c >> 8);
                table[k][i] = c;
            }
        }
        atomic_store_explicit(&table_ready, 1, memory_order_release);
    }
    atomic_flag_clear_explicit(&filling, memory_order_release);
}

uint32_t cplatform_crc32c_portable(uint32_t seed, const void *bytes, size_t count) {
    if (!atomic_load_explicit(&table_ready, memory_order_acquire)) fill_table();
    const uint8_t *p = bytes;
    uint32_t c = ~seed;
    while (count >= 8) {
        uint32_t lo = c ^ ((uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24);
        c = table[7][lo & 0xff] ^ table[6][(lo >> 8) & 0xff] ^ table[5][(lo >> 16) & 0xff] ^ table[4][lo >> 24]
            ^ table[3][p[4]] ^ table[2][p[5]] ^ table[1][p[6]] ^ table[0][p[7]];
        p += 8;
        count -= 8;
    }
    while (count--) c = table[0][(c ^ *p++) & 0xff] ^ (c >> 8);
    return ~c;
}

#if defined(__x86_64__)
// The instruction gives its result three cycles after it begins, and one can begin in each: three stretches of LANE bytes are summed
// side by side. What a stretch adds is then moved behind the LANE bytes that follow it, which is linear in its 32 bits: four looks
// into a table.
#define LANE 1024
static uint32_t lane_shift[4][256];
static atomic_int lane_shift_ready;

// The checksum's register after as many zero bytes as a stretch has.
static uint32_t pass_lane(uint32_t c) {
    for (size_t i = 0; i < LANE; i++) c = table[0][c & 0xff] ^ (c >> 8);
    return c;
}

static void fill_lane_shift(void) {
    static atomic_flag filling = ATOMIC_FLAG_INIT;
    if (!atomic_load_explicit(&table_ready, memory_order_acquire)) fill_table();
    while (atomic_flag_test_and_set_explicit(&filling, memory_order_acquire)) {
    }
    if (!atomic_load_explicit(&lane_shift_ready, memory_order_relaxed)) {
        uint32_t bits[32];
        for (int bit = 0; bit < 32; bit++) bits[bit] = pass_lane(1u << bit);
        for (int byte = 0; byte < 4; byte++) {
            for (uint32_t value = 0; value < 256; value++) {
                uint32_t c = 0;
                for (int bit = 0; bit < 8; bit++)
                    if (value >> bit & 1) c ^= bits[byte * 8 + bit];
                lane_shift[byte][value] = c;
            }
        }
        atomic_store_explicit(&lane_shift_ready, 1, memory_order_release);
    }
    atomic_flag_clear_explicit(&filling, memory_order_release);
}

static inline uint32_t shift_lane(uint32_t c) {
    return lane_shift[0][c & 0xff] ^ lane_shift[1][c >> 8 & 0xff] ^ lane_shift[2][c >> 16 & 0xff] ^ lane_shift[3][c >> 24];
}

static inline uint64_t load64(const uint8_t *p) {
    uint64_t word;
    memcpy(&word, p, 8);
    return word;
}

__attribute__((target("sse4.2"))) static uint32_t crc32c_sse42(uint32_t seed, const void *bytes, size_t count) {
    const uint8_t *p = bytes;
    uint64_t c = ~seed;
    if (count >= 3 * LANE) {
        if (!atomic_load_explicit(&lane_shift_ready, memory_order_acquire)) fill_lane_shift();
        do {
            uint64_t second = 0, third = 0;
            for (size_t i = 0; i < LANE; i += 8) {
                c = __builtin_ia32_crc32di(c, load64(p + i));
                second = __builtin_ia32_crc32di(second, load64(p + LANE + i));
                third = __builtin_ia32_crc32di(third, load64(p + 2 * LANE + i));
            }
            c = shift_lane(shift_lane((uint32_t)c) ^ (uint32_t)second) ^ (uint32_t)third;
            p += 3 * LANE;
            count -= 3 * LANE;
        } while (count >= 3 * LANE);
    }
    while (count >= 8) {
        c = __builtin_ia32_crc32di(c, load64(p));
        p += 8;
        count -= 8;
    }
    uint32_t c32 = (uint32_t)c;
    while (count--) c32 = __builtin_ia32_crc32qi(c32, *p++);
    return ~c32;
}

uint32_t cplatform_crc32c(uint32_t seed, const void *bytes, size_t count) {
    if (__builtin_cpu_supports("sse4.2")) return crc32c_sse42(seed, bytes, count);
    return cplatform_crc32c_portable(seed, bytes, count);
}
#else
uint32_t cplatform_crc32c(uint32_t seed, const void *bytes, size_t count) {
    return cplatform_crc32c_portable(seed, bytes, count);
}
#endif

#if defined(__x86_64__)
#include <immintrin.h>

// Compares the needle's first and last byte with 32 places at once, and the rest only where both agree. Gives -2 with
// `*from` at the place to go on at when the end is too near for whole vectors, or when so many places agreed (text made
// for that) that another way is better.
__attribute__((target("avx2"))) static ptrdiff_t memmem_avx2(
    const uint8_t *haystack, size_t haystack_count, const uint8_t *needle, size_t needle_count, size_t *from) {
    const __m256i first = _mm256_set1_epi8((char)needle[0]);
    const __m256i last = _mm256_set1_epi8((char)needle[needle_count - 1]);
    size_t at = 0;
    size_t compared = 0;
    while (at + needle_count - 1 + 32 <= haystack_count) {
        __m256i front = _mm256_loadu_si256((const __m256i *)(haystack + at));
        __m256i back = _mm256_loadu_si256((const __m256i *)(haystack + at + needle_count - 1));
        uint32_t hits = (uint32_t)_mm256_movemask_epi8(
            _mm256_and_si256(_mm256_cmpeq_epi8(front, first), _mm256_cmpeq_epi8(back, last)));
        while (hits) {
            size_t place = at + (size_t)__builtin_ctz(hits);
            if (memcmp(haystack + place + 1, needle + 1, needle_count - 1) == 0) return (ptrdiff_t)place;
            compared += needle_count;
            hits &= hits - 1;
        }
        at += 32;
        if (compared > 4 * at + 4096) break;
    }
    *from = at;
    return -2;
}
#endif

ptrdiff_t cplatform_memmem(const void *haystack, size_t haystack_count, const void *needle, size_t needle_count) {
    if (needle_count == 0) return 0;
    if (haystack_count < needle_count) return -1;
    size_t from = 0;
#if defined(__x86_64__)
    if (needle_count > 1 && haystack_count >= 64 && __builtin_cpu_supports("avx2")) {
        ptrdiff_t found = memmem_avx2(haystack, haystack_count, needle, needle_count, &from);
        if (found != -2) return found;
    }
#endif
    const char *rest = (const char *)haystack + from;
    const char *found = memmem(rest, haystack_count - from, needle, needle_count);
    return found ? found - (const char *)haystack : -1;
}

static inline uint8_t folded(uint8_t byte) { return byte >= 'A' && byte <= 'Z' ? byte | 0x20 : byte; }

// A small letter is what both cases become with this bit; other bytes are compared as they are.
static inline uint8_t case_bit(uint8_t byte) { return byte >= 'a' && byte <= 'z' ? 0x20 : 0; }

static inline bool equals_folded(const uint8_t *bytes, const uint8_t *needle, size_t count) {
    for (size_t i = 0; i < count; i++)
        if (folded(bytes[i]) != needle[i]) return false;
    return true;
}

ptrdiff_t cplatform_memmem_folded(
    const void *haystack, size_t haystack_count, const void *needle, size_t needle_count) {
    if (needle_count == 0) return 0;
    if (haystack_count < needle_count) return -1;
    const uint8_t *h = haystack, *n = needle;
    const uint8_t first = n[0], last = n[needle_count - 1];
    const uint8_t first_bit = case_bit(first), last_bit = case_bit(last);
    const size_t end = haystack_count - needle_count + 1;
    size_t at = 0;
#if defined(__x86_64__)
    const __m128i firsts = _mm_set1_epi8((char)first), lasts = _mm_set1_epi8((char)last);
    const __m128i first_bits = _mm_set1_epi8((char)first_bit), last_bits = _mm_set1_epi8((char)last_bit);
    for (; at + 16 <= end; at += 16) {
        __m128i front = _mm_or_si128(_mm_loadu_si128((const __m128i *)(h + at)), first_bits);
        __m128i back = _mm_or_si128(_mm_loadu_si128((const __m128i *)(h + at + needle_count - 1)), last_bits);
        uint32_t hits = (uint32_t)_mm_movemask_epi8(
            _mm_and_si128(_mm_cmpeq_epi8(front, firsts), _mm_cmpeq_epi8(back, lasts)));
        for (; hits; hits &= hits - 1) {
            size_t place = at + (size_t)__builtin_ctz(hits);
            if (equals_folded(h + place, n, needle_count)) return (ptrdiff_t)place;
        }
    }
#endif
    for (; at < end; at++)
        if ((h[at] | first_bit) == first && equals_folded(h + at, n, needle_count)) return (ptrdiff_t)at;
    return -1;
}

ptrdiff_t cplatform_memrchr(const void *haystack, size_t count, uint8_t byte) {
    if (count == 0) return -1;
    const char *found = memrchr(haystack, byte, count);
    return found ? found - (const char *)haystack : -1;
}

bool cplatform_malloc_trim(size_t keep_bytes) { return malloc_trim(keep_bytes) != 0; }

size_t cplatform_malloc_usable_size(void *block) { return malloc_usable_size(block); }

bool cplatform_utf8_valid(const void *bytes, size_t count) {
    const uint8_t *p = bytes;
    const uint8_t *end = p + count;
    while (p < end) {
        if (end - p >= 8) {
            uint64_t word;
            memcpy(&word, p, 8);
            if (!(word & 0x8080808080808080ull)) {
                p += 8;
                continue;
            }
        }
        uint8_t b = *p;
        if (b < 0x80) {
            p++;
            continue;
        }
        // Table 3-7 of the Unicode standard: the second byte's range depends on the first.
        uint8_t low = 0x80, high = 0xbf;
        int more;
        if (b >= 0xc2 && b <= 0xdf) more = 1;
        else if (b >= 0xe0 && b <= 0xef) {
            more = 2;
            if (b == 0xe0) low = 0xa0;
            if (b == 0xed) high = 0x9f;
        } else if (b >= 0xf0 && b <= 0xf4) {
            more = 3;
            if (b == 0xf0) low = 0x90;
            if (b == 0xf4) high = 0x8f;
        } else return false;
        if (end - p <= more) return false;
        if (p[1] < low || p[1] > high) return false;
        for (int i = 2; i <= more; i++)
            if ((p[i] & 0xc0) != 0x80) return false;
        p += more + 1;
    }
    return true;
}
