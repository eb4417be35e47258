/* The C library and compiler as a program uses them; prints what 1-stage1-test.steps expects. */
#include <ctype.h>
#include <errno.h>
#include <fenv.h>
#include <fcntl.h>
#include <limits.h>
#include <locale.h>
#include <math.h>
#include <pthread.h>
#include <regex.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <wchar.h>

static double mean(int n, ...)
{
    va_list ap, again;
    double sum = 0;
    int i;

    va_start(ap, n);
    va_copy(again, ap);
    for (i = 0; i < n; i++)
        sum += va_arg(ap, double);
    if (va_arg(again, double) != 1)
        sum = NAN;
    va_end(again);
    va_end(ap);
    return sum / n;
}

static jmp_buf back;
static void jump(int depth) { if (depth) jump(depth - 1); else longjmp(back, 7); }

static volatile sig_atomic_t caught;
static void catch(int sig) { caught = sig; }

static void at_end(void) { puts("atexit"); }

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static int count;
static void *worker(void *unused)
{
    for (int i = 0; i < 10000; i++) {
        pthread_mutex_lock(&lock);
        count++;
        pthread_mutex_unlock(&lock);
    }
    return &count;
}

int main(int argc, char **argv)
{
    char text[100];
    int fds[2], status;
    pid_t child;
    FILE *f;

    atexit(at_end);
    setbuf(stdout, NULL);
    printf("%d %s\n", argc, argv[1]);
    printf("%g %.17g %Lg %a %e\n", mean(9, 1., 2., 3., 4., 5., 6., 7., 8., 18.), 0.1, 1e4000L, 1.5, 1e-300);
    printf("%.6f %.6f %.6f %.6Lf\n", sqrt(2), sin(1), pow(2, .5), expl(1));
    printf("%ld %lu %d %x %hhd\n", LONG_MIN, ULONG_MAX, INT_MIN, -1, 300);
    printf("%.15g %.15g\n", strtod("123456789.125", 0), atof("1e22") / 3);
    printf("%ld %ld %ld\n", lrint(2.5), lrint(3.5), (long)rint(-1.5));
    fesetround(FE_UPWARD);
    printf("%ld\n", lrint(2.25));
    fesetround(FE_TONEAREST);

    status = setjmp(back);
    if (!status)
        jump(5);
    printf("longjmp %d\n", status);

    signal(SIGUSR1, catch);
    raise(SIGUSR1);
    printf("signal %d\n", caught == SIGUSR1);

    pipe(fds);
    child = fork();
    if (child == 0) {
        dup2(fds[1], 1);
        execlp("echo", "echo", "from a child", (char *)NULL);
        _exit(127);
    }
    waitpid(child, &status, 0);
    status = read(fds[0], text, sizeof text);
    printf("fork %.*s", status, text);

    f = popen("tr a-z A-Z", "w");
    fputs("popen\n", f);
    printf("status %d\n", pclose(f));
    printf("system %d\n", WEXITSTATUS(system("exit 3")));

    f = fopen("file", "w+");
    fprintf(f, "%s %d\n", "line", 42);
    rewind(f);
    fscanf(f, "%99s %d", text, &status);
    printf("file %s %d\n", text, status);
    fclose(f);
    printf("errno %s\n", open("nothing", O_RDONLY) < 0 ? strerror(errno) : "?");

    pthread_t threads[4];
    for (int i = 0; i < 4; i++)
        if (pthread_create(&threads[i], NULL, worker, NULL))
            return 1;
    for (int i = 0; i < 4; i++)
        pthread_join(threads[i], NULL);
    printf("threads %d\n", count);

    regex_t re;
    regmatch_t m[2];
    regcomp(&re, "b(c+)d", REG_EXTENDED);
    printf("regex %d %d %d\n", regexec(&re, "abcccd", 2, m, 0), (int)m[1].rm_so, (int)m[1].rm_eo);

    time_t t = 86400 * 365;
    strftime(text, sizeof text, "%Y-%m-%d %H:%M", gmtime(&t));
    printf("time %s\n", text);

    char *p = NULL;
    for (size_t n = 1; n < 1 << 24; n *= 3)
        p = realloc(p, n), memset(p, n, n);
    free(p);
    setlocale(LC_ALL, "C.UTF-8");
    printf("wide %zu %ls\n", mbstowcs(NULL, "\xc3\xa9t\xc3\xa9", 0), L"\u00e9");
    return 5;
}
