/* What a C compiler and its libc owe each other: arithmetic, structs, varargs, floats, jumps. */
#include <float.h>
#include <limits.h>
#include <math.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct mixed { char c; double d; float f; long l[3]; };
struct bits { unsigned a : 3; int b : 5; unsigned long c : 40; };

static struct mixed change(struct mixed m, long by)
{
    m.c++, m.d *= by, m.f += by, m.l[2] -= by;
    return m;
}

static long double sum(int n, ...)
{
    va_list ap;
    long double s = 0;

    va_start(ap, n);
    while (n-- > 0)
        s += n & 1 ? va_arg(ap, double) : va_arg(ap, long double);
    va_end(ap);
    return s;
}

static int compare(const void *a, const void *b)
{
    return strcmp(*(char **)a, *(char **)b);
}

static jmp_buf back;
static sigjmp_buf out;
static void caught(int signal) { siglongjmp(out, signal); }
static int fib(int n) { return n < 2 ? n : fib(n - 1) + fib(n - 2); }

int main(void)
{
    struct mixed m = { 'a', 1.5, 2.5f, { 1, 2, 3 } };
    struct bits b = { 5, -7, 0x123456789aUL };
    char *words[] = { "one", "two", "three", "four", "five" };
    volatile int count = 0;
    unsigned i;
    unsigned long h = 1469598103934665603UL;

    m = change(m, 3);
    printf("%c %g %g %ld\n", m.c, m.d, m.f, m.l[2]);
    printf("%u %d %lx %d\n", b.a, b.b, (unsigned long)b.c, (int)sizeof b);
    printf("%.20Lg %La %d\n", sum(4, 1.25, 2.5L, 3.125, 4.0625L), 1.0L / 3, LDBL_MANT_DIG);
    printf("%ld %ld %lu %ld\n", LONG_MIN / 7, LONG_MIN % 7, ULONG_MAX / 10, -9L >> 1);
    printf("%d %lld %lu\n", (int)-2.9, (long long)1e18, (unsigned long)1.8e19);
    printf("%.15g %.15g %.15g\n", sqrt(2), sin(1), pow(2, 0.5));
    qsort(words, 5, sizeof *words, compare);
    for (i = 0; i < 5; i++)
        printf("%s ", words[i]);
    for (i = 0; i < 100000; i++)
        h = (h ^ (i * 2654435761u)) * 1099511628211UL;
    printf("%lx %d\n", h, fib(20));
    if (setjmp(back) < 3)
        count++, longjmp(back, count);
    signal(SIGSEGV, caught);
    if ((i = sigsetjmp(out, 1)) == 0)
        *(volatile int *)8 = 0;
    printf("jumps %d signal %u\n", count, i);
    return 7;
}
