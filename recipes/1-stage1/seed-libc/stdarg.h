/* Variable arguments as the seed passes them, whatever its revision.
   It stands before musl's <stdarg.h>; the rest of the headers are musl's.

   Every TinyCC for x86-64 saves the argument registers on entry and leaves a record below the
   frame pointer. Since 2020 the record is a whole va_list (and `__builtin_va_start` is a macro,
   by which these revisions are known); in the 0.9.27 release it is only the offsets, and its
   libtcc1 worked out the pointers. Everything here passes integers and pointers alone, so the
   six integer registers and the stack are all there is to walk. */
#ifndef SEED_STDARG_H
#define SEED_STDARG_H

#ifdef __builtin_va_start
# define va_start(ap, last) __builtin_va_start(ap, last)
#else
typedef struct {
    unsigned int gp_offset, fp_offset;
    char *overflow_arg_area;
    char *reg_save_area;
} __builtin_va_list[1];
# define va_start(ap, last) seed_va_start(ap, __builtin_frame_address(0))
#endif

typedef __builtin_va_list va_list;
void seed_va_start(va_list ap, char *frame);
void *seed_va_arg(va_list ap);

#define va_arg(ap, type) (*(type *)seed_va_arg(ap))
#define va_end(ap)

#endif
