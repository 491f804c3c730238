#include "CRE2.h"

#include <re2/re2.h>

#include <algorithm>
#include <cstring>
#include <map>
#include <new>
#include <string>
#include <vector>

struct cre2_regex {
    re2::RE2 re;
    std::map<int, std::string> names;
    cre2_regex(re2::StringPiece pattern, const re2::RE2::Options &options) : re(pattern, options) {
        if (re.ok()) names = re.CapturingGroupNames();
    }
};

namespace {

// Length of the well-formed UTF-8 sequence at p, or 0.
size_t sequence_length(const unsigned char *p, const unsigned char *end) {
    unsigned char b = *p;
    if (b < 0x80) return 1;
    unsigned char low = 0x80, high = 0xbf;
    size_t count;
    if (b >= 0xc2 && b <= 0xdf) count = 2;
    else if (b >= 0xe0 && b <= 0xef) {
        count = 3;
        if (b == 0xe0) low = 0xa0;
        if (b == 0xed) high = 0x9f;
    } else if (b >= 0xf0 && b <= 0xf4) {
        count = 4;
        if (b == 0xf0) low = 0x90;
        if (b == 0xf4) high = 0x8f;
    } else return 0;
    if (static_cast<size_t>(end - p) < count) return 0;
    if (p[1] < low || p[1] > high) return 0;
    for (size_t i = 2; i < count; i++)
        if ((p[i] & 0xc0) != 0x80) return 0;
    return count;
}

bool valid(const char *text, size_t count) {
    auto p = reinterpret_cast<const unsigned char *>(text);
    auto end = p + count;
    while (p < end) {
        if (end - p >= 8) {
            uint64_t word;
            memcpy(&word, p, 8);
            if (!(word & 0x8080808080808080ull)) {
                p += 8;
                continue;
            }
        }
        size_t n = sequence_length(p, end);
        if (n == 0) return false;
        p += n;
    }
    return true;
}

bool run(const cre2_regex *regex, re2::StringPiece text, size_t from, bool whole, cre2_span *spans, int span_count) {
    re2::StringPiece stack[16];
    std::vector<re2::StringPiece> heap;
    re2::StringPiece *groups = stack;
    if (span_count > 16) {
        heap.resize(span_count);
        groups = heap.data();
    }
    auto anchor = whole ? re2::RE2::ANCHOR_BOTH : re2::RE2::UNANCHORED;
    if (!regex->re.Match(text, from, text.size(), anchor, span_count ? groups : nullptr, span_count)) return false;
    for (int i = 0; i < span_count; i++) {
        if (groups[i].data() == nullptr) {
            spans[i] = {-1, -1};
        } else {
            ptrdiff_t start = groups[i].data() - text.data();
            spans[i] = {start, start + static_cast<ptrdiff_t>(groups[i].size())};
        }
    }
    return true;
}

}  // namespace

// Go reads every byte that is not UTF-8 as U+FFFD; RE2 lets such bytes match nothing.
struct cre2_text {
    const char *text;
    size_t count;
    bool is_valid;
    // Where it is not valid: what Go sees, and for every byte of it, and for the end, the offset in the original.
    std::string replaced;
    std::vector<size_t> origin;

    cre2_text(const char *text, size_t count) : text(text), count(count), is_valid(valid(text, count)) {
        if (is_valid) return;
        replaced.reserve(count + 16);
        origin.reserve(count + 17);
        auto begin = reinterpret_cast<const unsigned char *>(text);
        auto end = begin + count;
        for (auto p = begin; p < end;) {
            size_t at = p - begin;
            size_t n = sequence_length(p, end);
            if (n == 0) {
                replaced.append("\xef\xbf\xbd", 3);
                origin.insert(origin.end(), 3, at);
                p++;
            } else {
                for (size_t i = 0; i < n; i++) origin.push_back(at + i);
                replaced.append(reinterpret_cast<const char *>(p), n);
                p += n;
            }
        }
        origin.push_back(count);
    }

    bool match(const cre2_regex *regex, size_t from, bool whole, cre2_span *spans, int span_count) const {
        if (is_valid) return run(regex, re2::StringPiece(text, count), from, whole, spans, span_count);
        size_t replaced_from = std::lower_bound(origin.begin(), origin.end(), from) - origin.begin();
        if (!run(regex, replaced, replaced_from, whole, spans, span_count)) return false;
        for (int i = 0; i < span_count; i++) {
            if (spans[i].start < 0) continue;
            spans[i].start = origin[spans[i].start];
            spans[i].end = origin[spans[i].end];
        }
        return true;
    }
};

cre2_regex *cre2_compile(const char *pattern, size_t count, bool dot_matches_newline, int64_t max_memory) {
    re2::RE2::Options options;
    options.set_log_errors(false);
    options.set_max_mem(max_memory);
    options.set_dot_nl(dot_matches_newline);
    return new (std::nothrow) cre2_regex(re2::StringPiece(pattern, count), options);
}

void cre2_free(cre2_regex *regex) { delete regex; }

cre2_error cre2_error_code(const cre2_regex *regex) {
    switch (regex->re.error_code()) {
        case re2::RE2::NoError: return CRE2_OK;
        case re2::RE2::ErrorBadEscape: return CRE2_BAD_ESCAPE;
        case re2::RE2::ErrorBadCharClass: return CRE2_BAD_CHAR_CLASS;
        case re2::RE2::ErrorBadCharRange: return CRE2_BAD_CHAR_RANGE;
        case re2::RE2::ErrorMissingBracket: return CRE2_MISSING_BRACKET;
        case re2::RE2::ErrorMissingParen: return CRE2_MISSING_PAREN;
        case re2::RE2::ErrorUnexpectedParen: return CRE2_UNEXPECTED_PAREN;
        case re2::RE2::ErrorTrailingBackslash: return CRE2_TRAILING_BACKSLASH;
        case re2::RE2::ErrorRepeatArgument: return CRE2_REPEAT_ARGUMENT;
        case re2::RE2::ErrorRepeatSize: return CRE2_REPEAT_SIZE;
        case re2::RE2::ErrorRepeatOp: return CRE2_REPEAT_OP;
        case re2::RE2::ErrorBadPerlOp: return CRE2_BAD_PERL_OP;
        case re2::RE2::ErrorBadUTF8: return CRE2_BAD_UTF8;
        case re2::RE2::ErrorBadNamedCapture: return CRE2_BAD_NAMED_CAPTURE;
        case re2::RE2::ErrorPatternTooLarge: return CRE2_PATTERN_TOO_LARGE;
        default: return CRE2_INTERNAL;
    }
}

const char *cre2_error_argument(const cre2_regex *regex, size_t *count) {
    *count = regex->re.error_arg().size();
    return regex->re.error_arg().data();
}

int cre2_group_count(const cre2_regex *regex) { return regex->re.NumberOfCapturingGroups(); }

const char *cre2_group_name(const cre2_regex *regex, int index, size_t *count) {
    auto found = regex->names.find(index);
    if (found == regex->names.end()) return nullptr;
    *count = found->second.size();
    return found->second.data();
}

bool cre2_match(const cre2_regex *regex, const char *text, size_t count, size_t from, bool whole, cre2_span *spans,
                int span_count) {
    return cre2_text(text == nullptr ? "" : text, count).match(regex, from, whole, spans, span_count);
}

cre2_text *cre2_text_prepare(const char *text, size_t count) {
    return new (std::nothrow) cre2_text(text == nullptr ? "" : text, count);
}

void cre2_text_free(cre2_text *text) { delete text; }

bool cre2_text_match(const cre2_text *text, const cre2_regex *regex, size_t from, bool whole, cre2_span *spans,
                     int span_count) {
    return text->match(regex, from, whole, spans, span_count);
}
