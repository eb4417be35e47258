/* musl's system calls for TinyCC, which has no operands in r8, r9 and r10: they are loaded from
   memory in the template. For every compiler the result is the same as musl's own file. */
#define __SYSCALL_LL_E(x) (x)
#define __SYSCALL_LL_O(x) (x)

#define SYSCALL(load, ...) \
	long ret; \
	__asm__ __volatile__ (load "syscall" : "=a"(ret) : "a"(n) __VA_ARGS__ : "rcx", "r11", "memory"); \
	return ret;

static __inline long __syscall0(long n)
{ SYSCALL("",) }

static __inline long __syscall1(long n, long a1)
{ SYSCALL("",, "D"(a1)) }

static __inline long __syscall2(long n, long a1, long a2)
{ SYSCALL("",, "D"(a1), "S"(a2)) }

static __inline long __syscall3(long n, long a1, long a2, long a3)
{ SYSCALL("",, "D"(a1), "S"(a2), "d"(a3)) }

static __inline long __syscall4(long n, long a1, long a2, long a3, long a4)
{ SYSCALL("mov %5,%%r10; ",, "D"(a1), "S"(a2), "d"(a3), "m"(a4)) }

static __inline long __syscall5(long n, long a1, long a2, long a3, long a4, long a5)
{ SYSCALL("mov %5,%%r10; mov %6,%%r8; ",, "D"(a1), "S"(a2), "d"(a3), "m"(a4), "m"(a5)) }

static __inline long __syscall6(long n, long a1, long a2, long a3, long a4, long a5, long a6)
{ SYSCALL("mov %5,%%r10; mov %6,%%r8; mov %7,%%r9; ",, "D"(a1), "S"(a2), "d"(a3), "m"(a4), "m"(a5), "m"(a6)) }

#undef SYSCALL

#define VDSO_USEFUL
#define VDSO_CGT_SYM "__vdso_clock_gettime"
#define VDSO_CGT_VER "LINUX_2.6"
#define VDSO_GETCPU_SYM "__vdso_getcpu"
#define VDSO_GETCPU_VER "LINUX_2.6"

#define IPC_64 0
