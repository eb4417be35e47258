/* A C library that is a shared object: libraries opened by name, threads and what is theirs alone, processes,
   and what lies about in memory. With -DPLUGIN it is the library, else the program that opens it. */
#ifdef PLUGIN
static __thread int calls = 40;
int plugin(int n) { return ++calls + n; }
#else
#include <dlfcn.h>
#include <errno.h>
#include <iconv.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>
#include <wchar.h>

static int (*plugin)(int);
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static sem_t done;
static int total;

static void *work(void *arg)
{
    int i;

    for (i = 0; i < 1000; i++)
        plugin(0);
    pthread_mutex_lock(&lock);
    total += plugin(*(int *)arg);
    pthread_mutex_unlock(&lock);
    sem_post(&done);
    return arg;
}

int main(int argc, char **argv)
{
    pthread_t threads[4];
    int numbers[4] = { 1, 2, 3, 4 }, i, status;
    void *library = dlopen(argv[argc - 1], RTLD_NOW), *result;
    char in[] = "na\xefve", out[16], *from = in, *to = out;
    size_t have = 5, room = sizeof out;
    iconv_t latin = iconv_open("UTF-8", "ISO-8859-1");

    if (!library || !(plugin = (int (*)(int))dlsym(library, "plugin")))
        return puts(dlerror()), 1;
    i = plugin(1);
    printf("%d %d %s\n", i, plugin(1), dlsym(library, "nothing") ? "found" : "not found");
    sem_init(&done, 0, 0);
    for (i = 0; i < 4; i++)
        pthread_create(&threads[i], 0, work, &numbers[i]);
    for (i = 0; i < 4; i++)
        sem_wait(&done), pthread_join(threads[i], &result);
    printf("%d %d\n", total, *(int *)result);
    iconv(latin, &from, &have, &to, &room);
    printf("%.*s %d\n", (int)(to - out), out, (int)room);
    fflush(stdout);
    if (fork() == 0)
        execl(argv[0], argv[0], "nowhere.so", (char *)0), _exit(99);
    wait(&status);
    result = mmap(0, 1 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    memset(result, 1, 1 << 20);
    printf("%d %d %d", WEXITSTATUS(status), munmap(result, 1 << 20), close(99));
    printf(" %s\n", strerror(errno));
    return 0;
}
#endif
