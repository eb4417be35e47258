/* The C library of the first link: as much as TinyCC needs to compile, assemble, archive and
   link, written for any compiler that can serve as a seed. No inline assembly, no aliases, no
   weak symbols, no floating point but in strtold, and memory is given back only to be given
   out again. It is part of nothing that stage 1 leaves. */
#include <stdarg.h>
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <sys/syscall.h>

/* ---- where the program begins: this has to stay the first function of the first file ----

   The seed links with -shared, as the release of 0.9.27 cannot link statically: it leaves the
   table of addresses (.got) empty. So this is a shared object that the kernel starts without
   any loader, at the first instruction of its text, and it relocates itself. Until that is done
   only local variables can be used. The frame pointer stands just below what the kernel left. */

int main(int argc, char **argv);
static char **environment;
static void relocate(long *sp);

void _start(void)
{
    long *sp = (long *)__builtin_frame_address(0) + 1;

    relocate(sp);
    environment = (char **)sp + 1 + *sp + 1;
    exit(main(*sp, (char **)(sp + 1)));
}

static void relocate(long *sp)
{
    Elf64_Phdr *phdr = 0;
    Elf64_Dyn *dyn = 0;
    Elf64_Sym *symbols = 0;
    Elf64_Rela *rela[2], *r;
    long size[2], base = 0;
    int n = 0, i;

    size[0] = size[1] = 0;
    sp += 1 + *sp + 1;                  /* argc, argv, 0 */
    while (*sp++)                       /* the environment, 0 */
        ;
    for (; *sp; sp += 2) {              /* the auxiliary vector */
        if (*sp == AT_PHDR)
            phdr = (Elf64_Phdr *)sp[1];
        if (*sp == AT_PHNUM)
            n = sp[1];
    }
    for (i = 0; i < n; i++) {
        if (phdr[i].p_type == PT_LOAD && phdr[i].p_offset == 0)
            base = (long)phdr - sizeof(Elf64_Ehdr) - phdr[i].p_vaddr;
        if (phdr[i].p_type == PT_DYNAMIC)
            dyn = (Elf64_Dyn *)(base + phdr[i].p_vaddr);
    }
    if (!dyn)
        return;                         /* linked statically after all */
    for (; dyn->d_tag; dyn++) {
        if (dyn->d_tag == DT_SYMTAB)
            symbols = (Elf64_Sym *)(base + dyn->d_un.d_ptr);
        if (dyn->d_tag == DT_RELA)
            rela[0] = (Elf64_Rela *)(base + dyn->d_un.d_ptr);
        if (dyn->d_tag == DT_RELASZ)
            size[0] = dyn->d_un.d_val;
        if (dyn->d_tag == DT_JMPREL)
            rela[1] = (Elf64_Rela *)(base + dyn->d_un.d_ptr);
        if (dyn->d_tag == DT_PLTRELSZ)
            size[1] = dyn->d_un.d_val;
    }
    for (i = 0; i < 2; i++)
        for (r = rela[i]; size[i] > 0; size[i] -= sizeof *r, r++) {
            long *at = (long *)(base + r->r_offset);
            Elf64_Sym *symbol = symbols + ELF64_R_SYM(r->r_info);
            int type = ELF64_R_TYPE(r->r_info);

            if (type == R_X86_64_RELATIVE)
                *at = base + r->r_addend;
            if (type == R_X86_64_GLOB_DAT || type == R_X86_64_JUMP_SLOT)
                *at = base + symbol->st_value;
            if (type == R_X86_64_64)
                *at = base + symbol->st_value + r->r_addend;
        }
}

/* ---- variable arguments; see stdarg.h ---- */

void seed_va_start(va_list ap, char *frame)
{
    unsigned int *record = (unsigned int *)(frame - 16);

    ap->gp_offset = record[0];
    ap->fp_offset = record[1];
    ap->overflow_arg_area = frame + record[2];
    ap->reg_save_area = frame - 176 - 16;
}

void *seed_va_arg(va_list ap)
{
    char *at;

    if (ap->gp_offset < 48) {
        at = ap->reg_save_area + ap->gp_offset;
        ap->gp_offset += 8;
    } else {
        at = ap->overflow_arg_area;
        ap->overflow_arg_area += 8;
    }
    return at;
}

/* Between 2021 and 2025 TinyCC subtracted from these to change a sign; later libtcc1s have them. */
unsigned int __mzerosf = 1u << 31;
unsigned long __mzerodf = 1ul << 63;

/* ---- the kernel ---- */

static int error_number;

int *__errno_location(void)
{
    return &error_number;
}

static long result(long r)
{
    if (r < 0 && r > -4096) {
        error_number = -r;
        return -1;
    }
    return r;
}

int open(const char *path, int flags, ...)
{
    va_list ap;
    int mode;

    va_start(ap, flags);
    mode = va_arg(ap, int);
    va_end(ap);
    return result(syscall(SYS_open, path, flags, mode));
}

int close(int fd) { return result(syscall(SYS_close, fd)); }
ssize_t read(int fd, void *buf, size_t n) { return result(syscall(SYS_read, fd, buf, n)); }
ssize_t write(int fd, const void *buf, size_t n) { return result(syscall(SYS_write, fd, buf, n)); }
off_t lseek(int fd, off_t off, int whence) { return result(syscall(SYS_lseek, fd, off, whence)); }
int unlink(const char *path) { return result(syscall(SYS_unlink, path)); }
int remove(const char *path) { return unlink(path); }
int execvp(const char *path, char *const argv[]) { return result(syscall(SYS_execve, path, argv, environment)); }
char *getcwd(char *buf, size_t size) { return result(syscall(SYS_getcwd, buf, size)) < 0 ? NULL : buf; }

/* The clock would only serve __DATE__ and -bench: it stands still. */
time_t time(time_t *t) { if (t) *t = 0; return 0; }
int gettimeofday(struct timeval *tv, void *tz) { tv->tv_sec = tv->tv_usec = 0; return 0; }
struct tm *localtime(const time_t *t) { static struct tm epoch; return &epoch; }

/* ---- memory: blocks of 2^k bytes with k in the 16 bytes before them, one list for each k ---- */

static void *free_list[64];

void *malloc(size_t n)
{
    static char *room, *room_end;
    int k = 5;
    size_t size;
    char *block;

    while (((size_t)1 << k) < n + 16)
        k++;
    size = (size_t)1 << k;
    if (free_list[k]) {
        block = free_list[k];
        free_list[k] = *(void **)(block + 16);
    } else {
        if (size > room_end - room) {
            size_t more = size > 0x1000000 ? size : 0x1000000;
            long at = result(syscall(SYS_mmap, 0, more, PROT_READ | PROT_WRITE,
                                     MAP_PRIVATE | MAP_ANONYMOUS, -1, (long)0));
            if (at == -1)
                return NULL;
            room = (char *)at;
            room_end = room + more;
        }
        block = room;
        room += size;
    }
    *(long *)block = k;
    return block + 16;
}

void free(void *p)
{
    if (p) {
        char *block = (char *)p - 16;
        long k = *(long *)block;
        *(void **)p = free_list[k];
        free_list[k] = block;
    }
}

void *realloc(void *p, size_t n)
{
    size_t had;
    void *q;

    if (!p)
        return malloc(n);
    had = ((size_t)1 << *(long *)((char *)p - 16)) - 16;
    if (n <= had)
        return p;
    q = malloc(n);
    if (q) {
        memcpy(q, p, had);
        free(p);
    }
    return q;
}

/* ---- strings ---- */

void *memcpy(void *to, const void *from, size_t n)
{
    char *t = to;
    const char *f = from;

    for (; n >= 8; n -= 8, t += 8, f += 8)
        *(long *)t = *(const long *)f;
    while (n--)
        *t++ = *f++;
    return to;
}

void *memmove(void *to, const void *from, size_t n)
{
    char *t = to;
    const char *f = from;

    if (t <= f)
        while (n--)
            *t++ = *f++;
    else
        while (n--)
            t[n] = f[n];
    return to;
}

void *memset(void *to, int c, size_t n)
{
    char *t = to;

    while (n--)
        *t++ = c;
    return to;
}

int memcmp(const void *a, const void *b, size_t n)
{
    const unsigned char *x = a, *y = b;

    for (; n; n--, x++, y++)
        if (*x != *y)
            return *x - *y;
    return 0;
}

size_t strlen(const char *s)
{
    const char *e = s;

    while (*e)
        e++;
    return e - s;
}

char *strcpy(char *to, const char *from)
{
    memcpy(to, from, strlen(from) + 1);
    return to;
}

char *strcat(char *to, const char *from)
{
    strcpy(to + strlen(to), from);
    return to;
}

int strncmp(const char *a, const char *b, size_t n)
{
    for (; n; n--, a++, b++) {
        if (*a != *b)
            return *(const unsigned char *)a - *(const unsigned char *)b;
        if (!*a)
            break;
    }
    return 0;
}

int strcmp(const char *a, const char *b)
{
    return strncmp(a, b, -1);
}

char *strchr(const char *s, int c)
{
    for (; *s != (char)c; s++)
        if (!*s)
            return NULL;
    return (char *)s;
}

char *strrchr(const char *s, int c)
{
    const char *e = s + strlen(s);

    for (; *e != (char)c; e--)
        if (e == s)
            return NULL;
    return (char *)e;
}

char *strstr(const char *s, const char *part)
{
    size_t n = strlen(part);

    for (; strncmp(s, part, n); s++)
        if (!*s)
            return NULL;
    return (char *)s;
}

/* ---- sorting: insertion, which keeps equal elements in order ---- */

void qsort(void *base, size_t n, size_t size, int (*compare)(const void *, const void *))
{
    char *b = base, *held = malloc(size);
    size_t i, j;

    for (i = 1; i < n; i++) {
        memcpy(held, b + i * size, size);
        for (j = i; j && compare(b + (j - 1) * size, held) > 0; j--)
            memcpy(b + j * size, b + (j - 1) * size, size);
        memcpy(b + j * size, held, size);
    }
    free(held);
}

/* ---- numbers ---- */

static int digit(int c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 32;
    return c >= 'a' && c <= 'z' ? c - 'a' + 10 : 99;
}

unsigned long strtoul(const char *s, char **end, int base)
{
    unsigned long v = 0;
    int negative;

    while (*s == ' ' || *s == '\t')
        s++;
    negative = *s == '-';
    if (*s == '-' || *s == '+')
        s++;
    if ((base == 0 || base == 16) && s[0] == '0' && (s[1] | 32) == 'x' && digit(s[2]) < 16) {
        s += 2;
        base = 16;
    } else if (base == 0)
        base = *s == '0' ? 8 : 10;
    while (digit(*s) < base)
        v = v * base + digit(*s++);
    if (end)
        *end = (char *)s;
    return negative ? -v : v;
}

unsigned long long strtoull(const char *s, char **end, int base) { return strtoul(s, end, base); }
long strtol(const char *s, char **end, int base) { return strtoul(s, end, base); }
int atoi(const char *s) { return strtoul(s, NULL, 10); }

long double ldexpl(long double x, int e)
{
    for (; e > 0; e--)
        x *= 2;
    for (; e < 0; e++)
        x /= 2;
    return x;
}

double ldexp(double x, int e)
{
    return ldexpl(x, e);
}

/* A decimal number, rounded once and correctly to a significand of `bits`, as any good library
   would give it; `lowest` is the weight of the last bit of a denormal. The digits are one long
   integer of 32-bit limbs; a negative exponent is divided out after a shift that keeps enough bits. */
#define LIMBS 2400

static long double decimal(const char *s, char **end, int bits, int lowest)
{
    static unsigned int limb[LIMBS];
    int n = 0, exponent = 0, point = 0, negative, sticky = 0, shift = 0, top, i, drop;
    unsigned long carry, m;
    const char *e;
    long double x;

    negative = *s == '-';
    if (*s == '-' || *s == '+')
        s++;
    for (; digit(*s) < 10 || (*s == '.' && !point); s++) {
        if (*s == '.') {
            point = 1;
            continue;
        }
        exponent -= point;
        if (n > 200) {          /* more than 1,900 digits: only whether one of them is not 0 */
            sticky |= *s != '0';
            exponent++;
            continue;
        }
        carry = digit(*s);
        for (i = 0; i < n; i++) {
            carry += (unsigned long)limb[i] * 10;
            limb[i] = carry;
            carry >>= 32;
        }
        if (carry)
            limb[n++] = carry;
    }
    if ((*s | 32) == 'e') {
        i = strtoul(s + 1, (char **)&e, 10);
        if (digit(e[-1]) < 10) {
            exponent += i;
            s = e;
        }
    }
    if (end)
        *end = (char *)s;
    if (n == 0 || exponent < -6900)
        return negative ? -0.0L : 0.0L;
    if (exponent > 5000)
        exponent = 5000;        /* infinite in any case */
    for (; exponent > 0; exponent--) {
        carry = 0;
        for (i = 0; i < n; i++) {
            carry += (unsigned long)limb[i] * 10;
            limb[i] = carry;
            carry >>= 32;
        }
        if (carry)
            limb[n++] = carry;
    }
    if (exponent < 0) {
        shift = -exponent / 9 + 5;      /* 10^9 < 2^32 */
        memmove(limb + shift, limb, n * sizeof *limb);
        memset(limb, 0, shift * sizeof *limb);
        n += shift;
        for (; exponent < 0; exponent++) {
            carry = 0;
            for (i = n; i-- > 0;) {
                carry = carry << 32 | limb[i];
                limb[i] = carry / 10;
                carry %= 10;
            }
            sticky |= carry != 0;
            while (!limb[n - 1])
                n--;
        }
    }
    /* the number is now limb[] * 2^(-32 * shift), a little more if sticky */
    for (top = 32 * n; !(limb[(top - 1) >> 5] >> ((top - 1) & 31) & 1); top--)
        ;
    drop = top - bits;
    if (drop - 32 * shift < lowest)
        drop = lowest + 32 * shift;
    m = 0;
    for (i = top - 1; i >= drop && i >= 0; i--)
        m = m << 1 | (limb[i >> 5] >> (i & 31) & 1);
    if (drop > 0 && drop <= top) {
        for (i = 0; i < drop - 1; i++)
            sticky |= limb[i >> 5] >> (i & 31) & 1;
        if ((limb[i >> 5] >> (i & 31) & 1) && (sticky || (m & 1)))
            if (++m == 0) {
                m = 1UL << 63;
                drop++;
            }
    }
    /* halves, because not every TinyCC converts 64 unsigned bits well */
    x = ldexpl((long double)(long)(m >> 32), 32) + (long double)(long)(m & 0xffffffff);
    x = ldexpl(x, (drop > 0 ? drop : 0) - 32 * shift);
    return negative ? -x : x;
}

long double strtold(const char *s, char **end) { return decimal(s, end, 64, -16445); }
double strtod(const char *s, char **end) { return decimal(s, end, 53, -1074); }
float strtof(const char *s, char **end) { return decimal(s, end, 24, -149); }

/* ---- streams: output is gathered, input comes straight from the kernel ---- */

struct _IO_FILE {
    int fd;
    int held;
    char data[8192];
};

static FILE out_stream = { 1 }, err_stream = { 2 };
FILE *const stdout = &out_stream;
FILE *const stderr = &err_stream;

int fflush(FILE *f)
{
    int at = 0;

    while (at < f->held) {
        int n = write(f->fd, f->data + at, f->held - at);
        if (n < 0)
            return EOF;
        at += n;
    }
    f->held = 0;
    return 0;
}

FILE *fdopen(int fd, const char *mode)
{
    FILE *f = malloc(sizeof *f);

    f->fd = fd;
    f->held = 0;
    return f;
}

FILE *fopen(const char *path, const char *mode)
{
    int fd = open(path, *mode == 'r' ? O_RDONLY : O_RDWR | O_CREAT | O_TRUNC, 0666);

    return fd < 0 ? NULL : fdopen(fd, mode);
}

int fclose(FILE *f)
{
    int failed = fflush(f) | close(f->fd);

    free(f);
    return failed;
}

size_t fwrite(const void *data, size_t size, size_t n, FILE *f)
{
    const char *d = data;
    size_t left = size * n;

    while (left) {
        size_t part = sizeof f->data - f->held;
        if (part > left)
            part = left;
        memcpy(f->data + f->held, d, part);
        f->held += part;
        d += part;
        left -= part;
        if (f->held == sizeof f->data && fflush(f))
            return 0;
    }
    if (f == stderr)
        fflush(f);
    return n;
}

size_t fread(void *data, size_t size, size_t n, FILE *f)
{
    size_t got = 0;

    while (got < size * n) {
        ssize_t part = read(f->fd, (char *)data + got, size * n - got);
        if (part <= 0)
            break;
        got += part;
    }
    return got / size;
}

int fseek(FILE *f, long off, int whence)
{
    fflush(f);
    return lseek(f->fd, off, whence) < 0 ? -1 : 0;
}

long ftell(FILE *f) { fflush(f); return lseek(f->fd, 0, SEEK_CUR); }
int fputs(const char *s, FILE *f) { return fwrite(s, strlen(s), 1, f) ? 0 : EOF; }
int fputc(int c, FILE *f) { char b = c; return fwrite(&b, 1, 1, f) ? c : EOF; }
int putchar(int c) { return fputc(c, stdout); }
int puts(const char *s) { return fputs(s, stdout) || fputc('\n', stdout) < 0 ? EOF : 0; }

/* ---- formats: %s %c %d %u %x %X, with -, 0, width, precision, l and ll ---- */

int vsnprintf(char *buf, size_t size, const char *fmt, va_list ap)
{
    static const char lower[] = "0123456789abcdef", upper[] = "0123456789ABCDEF";
    size_t len = 0;
    char num[24];

    for (; *fmt; fmt++) {
        int left = 0, zero = 0, width = 0, precision = -1, wide = 0, n, pad;
        const char *s, *digits = lower;
        unsigned long v;

        if (*fmt != '%') {
            if (len < size)
                buf[len] = *fmt;
            len++;
            continue;
        }
        for (fmt++; *fmt == '-' || *fmt == '0'; fmt++)
            if (*fmt == '-')
                left = 1;
            else
                zero = 1;
        if (*fmt == '*') {
            width = va_arg(ap, int);
            fmt++;
        } else
            width = strtoul(fmt, (char **)&fmt, 10);
        if (*fmt == '.') {
            if (*++fmt == '*') {
                precision = va_arg(ap, int);
                fmt++;
            } else
                precision = strtoul(fmt, (char **)&fmt, 10);
        }
        for (; *fmt == 'l'; fmt++)
            wide = 1;
        if (*fmt == 's') {
            s = va_arg(ap, char *);
            for (n = 0; n != precision && s[n]; n++)
                ;
        } else if (*fmt == '%') {
            s = "%";
            n = 1;
        } else if (*fmt == 'c') {
            num[0] = va_arg(ap, int);
            s = num;
            n = 1;
        } else {
            int base = (*fmt | 32) == 'x' ? 16 : 10, negative = 0;

            if (*fmt == 'X')
                digits = upper;
            v = wide ? va_arg(ap, unsigned long)
                : *fmt == 'd' ? (unsigned long)(long)va_arg(ap, int) : va_arg(ap, unsigned int);
            if (*fmt == 'd' && (long)v < 0) {
                negative = 1;
                v = -v;
            }
            n = sizeof num;
            do
                num[--n] = digits[v % base];
            while (v /= base);
            if (negative)
                num[--n] = '-';
            s = num + n;
            n = sizeof num - n;
        }
        for (pad = width - n; pad > 0 && !left; pad--, len++)
            if (len < size)
                buf[len] = zero ? '0' : ' ';
        for (; n > 0; n--, len++)
            if (len < size)
                buf[len] = *s++;
        for (; pad > 0; pad--, len++)
            if (len < size)
                buf[len] = ' ';
    }
    if (size)
        buf[len < size ? len : size - 1] = 0;
    return len;
}

int vfprintf(FILE *f, const char *fmt, va_list ap)
{
    static char text[8192];
    int n = vsnprintf(text, sizeof text, fmt, ap);

    fwrite(text, 1, n < sizeof text ? n : sizeof text - 1, f);
    return n;
}

int snprintf(char *buf, size_t size, const char *fmt, ...)
{
    va_list ap;
    int n;

    va_start(ap, fmt);
    n = vsnprintf(buf, size, fmt, ap);
    va_end(ap);
    return n;
}

int sprintf(char *buf, const char *fmt, ...)
{
    va_list ap;
    int n;

    va_start(ap, fmt);
    n = vsnprintf(buf, 0x10000, fmt, ap);
    va_end(ap);
    return n;
}

int fprintf(FILE *f, const char *fmt, ...)
{
    va_list ap;
    int n;

    va_start(ap, fmt);
    n = vfprintf(f, fmt, ap);
    va_end(ap);
    return n;
}

int printf(const char *fmt, ...)
{
    va_list ap;
    int n;

    va_start(ap, fmt);
    n = vfprintf(stdout, fmt, ap);
    va_end(ap);
    return n;
}

/* TinyCC reads one thing so: its own version, "%d.%d.%d". */
int sscanf(const char *s, const char *fmt, ...)
{
    va_list ap;
    int n;

    va_start(ap, fmt);
    for (n = 0; digit(*s) < 10; n++) {
        *va_arg(ap, int *) = strtoul(s, (char **)&s, 10);
        s += *s == '.';
    }
    va_end(ap);
    return n;
}

/* ---- the process ---- */

char *getenv(const char *name) { return NULL; }

void exit(int status)
{
    fflush(stdout);
    for (;;)
        syscall(SYS_exit_group, status);
}

void __assert_fail(const char *what, const char *file, int line, const char *function)
{
    fprintf(stderr, "%s:%d: assertion failed: %s\n", file, line, what);
    exit(134);
}
