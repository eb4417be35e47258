/* vfork-loop FILE N: starts FILE and waits for it, N times. What a step cannot cost less than. */
#define _DEFAULT_SOURCE
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

int main(int argc, char **argv)
{
    char *args[] = {argv[1], NULL}, *env[] = {NULL};

    for (int n = argc > 2 ? atoi(argv[2]) : 0; n > 0; n--) {
        int status;
        pid_t pid = vfork();

        if (pid == 0) {
            execve(args[0], args, env);
            _exit(127);
        }
        if (pid < 0 || waitpid(pid, &status, 0) != pid || status != 0)
            return 1;
    }
    return 0;
}
