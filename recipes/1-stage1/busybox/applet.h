/* The main program of a standalone applet: what busybox's own appletlib.c does for all of them. */
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
    ASSIGN_CONST_PTR(&bb_errno, __errno_location());    /* errno is (*bb_errno) in busybox */
    applet_name = APPLET;
    return MAIN(argc, argv);
}
