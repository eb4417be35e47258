/* The main program of a standalone applet: what busybox's own appletlib.c does for all of them. */
#include <errno.h>

/* libbb.h keeps errno's address in a variable; this is the address. */
static int *get_perrno(void)
{
    return &errno;
}

#include "libbb.h"

const char *applet_name;

/* No usage texts: whoever needs one is not in this stage. */
void bb_show_usage(void)
{
    fprintf(stderr, "usage error: %s\n", applet_name);
    xfunc_die();
}

unsigned string_array_len(char **argv)
{
    unsigned n = 0;

    while (argv[n])
        n++;
    return n;
}

int MAIN(int argc, char **argv);

int main(int argc, char **argv)
{
#ifdef bb_cached_errno_ptr
    ASSIGN_CONST_PTR(&bb_errno, get_perrno());
#endif
    applet_name = APPLET;
    return MAIN(argc, argv);
}
