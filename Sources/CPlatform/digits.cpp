// Decimal digits of floating-point numbers, from the C++ library, which C's lacks.

#include "CPlatform.h"

#include <charconv>

int cplatform_shortest_digits(double value, uint8_t *digits, int *point) {
    char text[32];
    // d.ddde±xx
    const char *end = std::to_chars(text, text + sizeof text, value, std::chars_format::scientific).ptr;
    const char *next = text;
    int count = 0;
    for (; next < end && *next != 'e'; ++next) {
        if (*next != '.') digits[count++] = (uint8_t)*next;
    }
    int exponent = 0;
    bool negative = false;
    for (++next; next < end; ++next) {
        if (*next == '-') negative = true;
        if (*next >= '0' && *next <= '9') exponent = exponent * 10 + (*next - '0');
    }
    *point = (negative ? -exponent : exponent) + 1;
    return count;
}
