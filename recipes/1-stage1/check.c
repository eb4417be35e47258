/* What every new compiler compiles and runs before it is used; 0 if its code does the right things. */
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int line;
#define CHECK(x) do { if (!(x)) { line = __LINE__; goto bad; } } while (0)

struct pair { int a; long b; unsigned low : 3, high : 13; char name[4]; };

static struct pair swap(struct pair p)
{
    struct pair q = p;

    q.a = p.b;
    q.b = p.a;
    q.high = p.low;
    q.low = p.high;
    return q;
}

static long sum(int n, ...)
{
    va_list ap;
    long s = 0;

    va_start(ap, n);
    while (n--)
        s += va_arg(ap, int);
    va_end(ap);
    return s;
}

static int fib(int n) { return n < 2 ? n : fib(n - 1) + fib(n - 2); }
static int by_size(const void *a, const void *b) { return *(const int *)a - *(const int *)b; }

static int target(void) { return 42; }
extern int aliased(void) __attribute__((weak, alias("target")));
extern int not_there(void) __attribute__((weak));

int main(int argc, char **argv)
{
    static const struct pair table[] = { { 1, -2, 5, 4097, "abc" }, [3] = { .name = "end" } };
    struct pair p = swap(table[0]);
    volatile unsigned long big = 0xfedcba9876543210;
    volatile double d = 1.0 / 3;
    volatile float f = 16777216.5f;
    volatile long double ld = 0x1.8p10L;
    int numbers[] = { 5, -1, 3, 0, 4 }, i;
    int (*call)(int) = fib;
    char text[64];

    CHECK(p.a == -2 && p.b == 1 && p.low == 1 && p.high == 5 && p.name[2] == 'c');
    CHECK(table[2].b == 0 && !strcmp(table[3].name, "end") && sizeof table == 96);
    CHECK(offsetof(struct pair, name) == 18);
    CHECK(call(15) == 610);
    CHECK(sum(9, 1, 2, 3, 4, 5, 6, 7, 8, -9) == 27);
    CHECK(big / 10 == 1836475854449306472 && big % 10 == 0 && big >> 60 == 15 && (long)big >> 60 == -1);
    CHECK((unsigned char)(signed char)-1 == 255 && (int)big == 0x76543210 && -7 / 2 == -3 && -7 % 2 == -1);
    CHECK(d * 3 == 1.0 && (int)(d * 100) == 33 && f == 16777216 && ld == 1536 && (double)big == 18364758544493064720.0);
    CHECK((unsigned long)(double)(1UL << 63) == 1UL << 63 && (float)d > d);
    CHECK(0.1 + 0.2 != 0.3 && 0.1L != (long double)0.1 && 1e-5 < 1e-4f && 1.0842021724855044340e-19L == 0x1p-63L);
    CHECK(3.4028234663852886e38 == 0x1.fffffep127 && 4.9406564584124654e-324 == 0x1p-1074 && 1.7976931348623157e308 == 0x1.fffffffffffffp1023);
    CHECK(aliased() == 42 && !not_there);
    qsort(numbers, 5, sizeof *numbers, by_size);
    for (i = 0; i < 4; i++)
        CHECK(numbers[i] < numbers[i + 1]);
    switch (numbers[4]) {
    case 0: case 5:
        break;
    default:
        CHECK(0);
    }
    sprintf(text, "%s %d %08x %-4dX %lu %c", "text", -3, 0xbeef, 7, big, '!');
    CHECK(!strcmp(text, "text -3 0000beef 7   X 18364758544493064720 !"));
    CHECK(strtod("6.25e-2", 0) == 0.0625);
    return 0;
bad:
    fprintf(stderr, "%s:%d\n", argv[0], line);
    return 1;
}
