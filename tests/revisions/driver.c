/* The options of tcc that stage 1 asks a seed for, in front of any revision's libtcc. */
#include <stdio.h>
#include <string.h>

typedef struct TCCState TCCState;
TCCState *tcc_new(void);
int tcc_set_options(TCCState *, const char *);
int tcc_set_output_type(TCCState *, int);
int tcc_add_file(TCCState *, const char *);
int tcc_output_file(TCCState *, const char *);

enum { PROGRAM = 2, LIBRARY = 4 }; /* TCC_OUTPUT_EXE and TCC_OUTPUT_DLL since the release of 2017 */

int main(int argc, char **argv)
{
    static char options[1 << 16];
    const char *output = "a.out";
    int type = PROGRAM, files = 0;
    TCCState *state = tcc_new();

    for (int i = 1; i < argc; i++) {
        if (!strcmp(argv[i], "-o") && i + 1 < argc)
            output = argv[++i];
        else if (!strcmp(argv[i], "-shared"))
            type = LIBRARY;
        else if (argv[i][0] == '-')
            snprintf(options + strlen(options), sizeof options - strlen(options), "%s ", argv[i]);
        else
            argv[files++] = argv[i]; /* files is never beyond i */
    }
    tcc_set_options(state, options);
    tcc_set_output_type(state, type);
    for (int i = 0; i < files; i++)
        if (tcc_add_file(state, argv[i]) < 0)
            return 1;
    return tcc_output_file(state, output) < 0;
}
