/* What busybox's kconfig and shell scripts do, for a stage that has neither make nor a shell:

       configure WANTED SOURCE…

   reads the names of all options (`config NAME`), all applets (`//applet:` lines) and which object
   each of them takes (`//kbuild:` lines) from busybox's sources, and the file WANTED, which says
   what is on; and writes
       include/autoconf.h   every option, on or off
       parts/NAME.c         what the applets that are on consist of; each includes one source
       applets/NAME.c       for each applet that is on, a main program of its own, see applet.h */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct wanted { char *name, *value; int used; } wanted[500];
static int n_wanted;

static void fail(const char *what, const char *name)
{
    fprintf(stderr, "configure: %s: %s\n", what, name);
    exit(1);
}

/* WANTED: words, each NAME, NAME=VALUE, PREFIX* or -NAME (off, whatever a PREFIX* says); # comments */
static void read_wanted(const char *path)
{
    static char text[20000];
    FILE *f = fopen(path, "r");
    char *s, *word;
    size_t n;

    if (!f)
        fail("cannot open", path);
    n = fread(text, 1, sizeof text - 1, f);
    fclose(f);
    text[n] = '\n';
    for (s = text; *s; ) {
        if (*s == '#')
            s += strcspn(s, "\n");
        else if (*s == ' ' || *s == '\n')
            s++;
        else {
            word = s;
            s += strcspn(s, " \n");
            *s++ = 0;
            wanted[n_wanted].name = word;
            word = strchr(word, '=');
            wanted[n_wanted].value = word ? word + 1 : "1";
            if (word)
                *word = 0;
            n_wanted++;
        }
    }
}

/* the value of an option that is on, or 0 */
static const char *value(const char *option)
{
    const char *v = 0;
    int i;

    for (i = 0; i < n_wanted; i++) {
        char *name = wanted[i].name;
        size_t n = strlen(name);

        if (name[0] == '-' && !strcmp(name + 1, option)) {
            wanted[i].used = 1;
            return 0;
        }
        if (name[n - 1] == '*' ? !strncmp(name, option, n - 1) : !strcmp(name, option)) {
            wanted[i].used = 1;
            v = wanted[i].value;
        }
    }
    return v;
}

/* copies the identifier (or [ or [[) at s, and gives what follows it and its blanks */
static char *identifier(char *s, char *to)
{
    while (strchr("[-_ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789", *s) && *s)
        *to++ = *s++;
    *to = 0;
    return s + strspn(s, " ");
}

static void option(FILE *out, char *line)
{
    static char seen[100000];       /* "\nNAME\nNAME\n": some are declared twice */
    char name[100], key[102];
    const char *v;

    identifier(line, name);
    sprintf(key, "\n%s\n", name);
    if (!*seen)
        strcpy(seen, "\n");
    if (strstr(seen, key))
        return;
    strcat(seen, key + 1);
    v = value(name);
    if (v)
        fprintf(out, "#define CONFIG_%s %s\n", name, v);
    fprintf(out, "#define ENABLE_%s %d\n#define IF_%s(...) %s\n#define IF_NOT_%s(...) %s\n",
            name, !!v, name, v ? "__VA_ARGS__" : "", name, v ? "" : "__VA_ARGS__");
}

/* IF_OPTION(APPLET(name, …)) or IF_OPTION(APPLET_KIND(name, main, …)), and for some IF_NOT_… around it */
static void applet(char *line)
{
    char option[100], kind[100], name[100], function[100], path[120];
    FILE *out;

    if (strncmp(line, "IF_", 3))
        return;
    line = identifier(line + 3, option);
    if (!value(option) || *line++ != '(')
        return;
    line = identifier(line + strspn(line, " "), kind);
    if (strncmp(kind, "APPLET", 6) || *line++ != '(')
        return;
    line = identifier(line + strspn(line, " "), name);
    strcpy(function, name);
    if (kind[6])
        identifier(line + 1 + strspn(line + 1, " "), function);

    sprintf(path, "applets/%s.c", name);
    out = fopen(path, "w");
    if (!out)
        fail("cannot create", path);
    fprintf(out, "#define APPLET \"%s\"\n#define MAIN %s_main\n#include \"applet.h\"\n", name, function);
    fclose(out);
}

/* lib-$(CONFIG_OPTION) += name.o … , with the sources in the folder of the file that says so */
static void part(char *line, const char *file)
{
    char option[100], name[100], path[120];
    int folder = strrchr(file, '/') + 1 - file;
    FILE *out;

    if (strncmp(line, "lib-$(CONFIG_", 13))
        return;
    line = strchr(identifier(line + 13, option), '=');
    if (!value(option))
        return;
    for (line++; line = identifier(line + strspn(line, " "), name), *name; line += strspn(line, ".o")) {
        sprintf(path, "parts/%s.c", name);
        out = fopen(path, "w");
        if (!out)
            fail("cannot create", path);
        fprintf(out, "#include \"%.*s%s.c\"\n", folder, file, name);
        fclose(out);
    }
}

int main(int argc, char **argv)
{
    static char line[10000];
    FILE *out = fopen("include/autoconf.h", "w"), *f;
    int i;

    read_wanted(argv[1]);
    for (i = 2; i < argc; i++) {
        if (!(f = fopen(argv[i], "r")))
            fail("cannot open", argv[i]);
        while (fgets(line, sizeof line, f)) {
            char *s = strncmp(line, "//config:", 9) ? line : line + 9;
            if (!strncmp(s, "config ", 7))
                option(out, s + 7);
            if (!strncmp(line, "//applet:", 9))
                applet(line + 9);
            if (!strncmp(line, "//kbuild:", 9))
                part(line + 9, argv[i]);
        }
        fclose(f);
    }
    fclose(out);
    for (i = 0; i < n_wanted; i++)
        if (!wanted[i].used)
            fail("there is no such option", wanted[i].name);
    return 0;
}
