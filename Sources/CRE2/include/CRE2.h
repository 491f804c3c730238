#pragma once
// RE2 behind a C interface. Handles are immutable after compilation and may be used from any thread.

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct cre2_regex cre2_regex;
typedef struct cre2_text cre2_text;

/// Offsets of a group in the text; start is -1 when the group took no part in the match.
typedef struct {
    ptrdiff_t start;
    ptrdiff_t end;
} cre2_span;

/// RE2's error codes under names of our own (RE2::ErrorCode).
typedef enum {
    CRE2_OK = 0,
    CRE2_INTERNAL,
    CRE2_BAD_ESCAPE,
    CRE2_BAD_CHAR_CLASS,
    CRE2_BAD_CHAR_RANGE,
    CRE2_MISSING_BRACKET,
    CRE2_MISSING_PAREN,
    CRE2_UNEXPECTED_PAREN,
    CRE2_TRAILING_BACKSLASH,
    CRE2_REPEAT_ARGUMENT,
    CRE2_REPEAT_SIZE,
    CRE2_REPEAT_OP,
    CRE2_BAD_PERL_OP,
    CRE2_BAD_UTF8,
    CRE2_BAD_NAMED_CAPTURE,
    CRE2_PATTERN_TOO_LARGE,
} cre2_error;

/// Compiles; never fails with NULL except when memory is exhausted. Ask cre2_error_code afterwards.
cre2_regex *cre2_compile(const char *pattern, size_t count, bool dot_matches_newline, int64_t max_memory);
void cre2_free(cre2_regex *regex);

cre2_error cre2_error_code(const cre2_regex *regex);
const char *cre2_error_argument(const cre2_regex *regex, size_t *count);

/// Number of groups without the whole match.
int cre2_group_count(const cre2_regex *regex);
/// Name of group `index` (1…), or NULL when it has none.
const char *cre2_group_name(const cre2_regex *regex, int index, size_t *count);

/// Matches text[from...]; with `whole` the match must span all of the text. Fills `spans` (0 = whole match).
/// Bytes that are not UTF-8 count as U+FFFD, as in Go.
bool cre2_match(const cre2_regex *regex, const char *text, size_t count, size_t from, bool whole, cre2_span *spans,
                int span_count);

/// A text that is looked through many times: whether it is UTF-8 is found out once. The bytes must outlive it; NULL when
/// memory is exhausted.
cre2_text *cre2_text_prepare(const char *text, size_t count);
void cre2_text_free(cre2_text *text);
/// As cre2_match.
bool cre2_text_match(const cre2_text *text, const cre2_regex *regex, size_t from, bool whole, cre2_span *spans,
                     int span_count);

#ifdef __cplusplus
}
#endif
