/* What a process of the room sees and may do: one line for each fact. Run by tests/room.rs. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <linux/keyctl.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <linux/vm_sockets.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/klog.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/utsname.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

/* "what: done" or "what: EPERM" */
static void tell(const char *what, long result)
{
	printf("%s: %s\n", what, result < 0 ? strerrorname_np(errno) : "done");
}

static void descriptors(void)
{
	struct stat s;
	char byte;

	for (int fd = 0; fd < 4096; fd++)
		if (fcntl(fd, F_GETFD) >= 0)
			printf("open %d\n", fd);
	fstat(0, &s);
	printf("stdin is %s %u:%u, reads %zd\n", S_ISCHR(s.st_mode) ? "device" : "else", major(s.st_rdev), minor(s.st_rdev),
	       read(0, &byte, 1));
}

static void signals(void)
{
	/* the kernel's own struct: what glibc keeps for itself is asked for too */
	struct { unsigned long handler, flags, restorer, mask; } action;
	unsigned long mask = ~0ul;

	for (int n = 1; n <= 64; n++)
		if (syscall(SYS_rt_sigaction, n, NULL, &action, 8) == 0 && action.handler != 0)
			printf("signal %d is not default\n", n);
	syscall(SYS_rt_sigprocmask, SIG_BLOCK, NULL, &mask, 8);
	printf("blocked %lx\n", mask);
}

static void processes(void)
{
	for (int pid = 1; pid < 1 << 20; pid++)
		if (kill(pid, 0) == 0 || errno != ESRCH)
			printf("process %s\n", pid == 1 ? "1" : pid == getpid() ? "itself" : "of another");
}

static void limit(const char *name, int which)
{
	struct rlimit limit;

	getrlimit(which, &limit);
	printf("limit %s %ld\n", name, limit.rlim_cur == RLIM_INFINITY ? -1 : (long)limit.rlim_cur);
}

static void process(void)
{
	struct utsname names;
	gid_t groups[64];
	int count = getgroups(64, groups);
	mode_t mask = umask(0);

	printf("umask %03o\n", mask);
	limit("core", RLIMIT_CORE);
	limit("nofile", RLIMIT_NOFILE);
	limit("stack", RLIMIT_STACK);
	printf("no_new_privs %d\n", prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0));
	printf("user %d %d group %d %d\n", getuid(), geteuid(), getgid(), getegid());
	for (int i = 0; i < count; i++)
		printf("more group %d\n", groups[i]);
	uname(&names);
	printf("host %s domain %s\n", names.nodename, names.domainname);
	printf("parent %d session %d\n", getppid(), getsid(0));
	printf("terminal %s\n", open("/dev/tty", O_RDWR) >= 0 ? "yes" : "no");
}

static void capabilities(void)
{
	struct __user_cap_header_struct header = { _LINUX_CAPABILITY_VERSION_3, 0 };
	struct __user_cap_data_struct data[2];
	unsigned long bounding = 0, ambient = 0;

	syscall(SYS_capget, &header, data);
	for (int n = 0; n < 64; n++) {
		if (prctl(PR_CAPBSET_READ, n, 0, 0, 0) == 1)
			bounding |= 1ul << n;
		if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_IS_SET, n, 0, 0) == 1)
			ambient |= 1ul << n;
	}
	printf("effective %x%08x\n", data[1].effective, data[0].effective);
	printf("permitted %x%08x\n", data[1].permitted, data[0].permitted);
	printf("inheritable %x%08x\n", data[1].inheritable, data[0].inheritable);
	printf("bounding %lx\nambient %lx\n", bounding, ambient);
}

static void network(int port, const char *abstract)
{
	struct sockaddr_in in = { AF_INET, htons(port), { htonl(INADDR_LOOPBACK) }, { 0 } };
	struct sockaddr_un un = { AF_UNIX, "" };
	struct if_nameindex *all = if_nameindex();
	int s = socket(AF_INET, SOCK_STREAM, 0);

	for (int i = 0; all && all[i].if_name; i++) {
		struct ifreq request = { 0 };
		strncpy(request.ifr_name, all[i].if_name, IFNAMSIZ - 1);
		ioctl(s, SIOCGIFFLAGS, &request);
		printf("interface %s %s\n", all[i].if_name, request.ifr_flags & IFF_UP ? "up" : "down");
	}
	tell("connect to the host's port", connect(s, (void *)&in, sizeof in));
	in.sin_addr.s_addr = htonl(0x01010101);
	tell("connect to the world", connect(socket(AF_INET, SOCK_STREAM, 0), (void *)&in, sizeof in));
	strcpy(un.sun_path + 1, abstract);
	s = socket(AF_UNIX, SOCK_STREAM, 0);
	tell("connect to the host's abstract socket",
	     connect(s, (void *)&un, offsetof(struct sockaddr_un, sun_path) + 1 + strlen(abstract)));
	/* among themselves the steps may talk */
	in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	in.sin_port = htons(4711);
	s = socket(AF_INET, SOCK_STREAM, 0);
	tell("listen", bind(s, (void *)&in, sizeof in) < 0 ? -1 : listen(s, 1));
	tell("connect to itself", connect(socket(AF_INET, SOCK_STREAM, 0), (void *)&in, sizeof in));
}

/* mount_setattr(2): takes MOUNT_ATTR_RDONLY away from /recipes. */
static long lift(void)
{
	unsigned long attributes[4] = { 0, 1, 0, 0 };

	return syscall(442, AT_FDCWD, "/recipes", 0, attributes, sizeof attributes);
}

/* open_by_handle_at(2), with which CAP_DAC_READ_SEARCH reaches every file of the stage's file system. */
static long by_handle(void)
{
	struct { struct file_handle head; char more[128]; } handle = { { 128, 0 }, "" };
	int top = open("/", O_RDONLY), mount;

	if (name_to_handle_at(AT_FDCWD, "/store", &handle.head, &mount, 0) < 0 && errno == EOPNOTSUPP)
		return errno = EPERM, -1; /* a file system without handles */
	return open_by_handle_at(top, &handle.head, O_RDONLY);
}

/* RTM_NEWLINK by netlink: the kernel's answer. */
static long interface(void)
{
	struct { struct nlmsghdr head; struct ifinfomsg info; struct rtattr attribute; char name[8]; } ask = {
		{ sizeof ask, RTM_NEWLINK, NLM_F_REQUEST | NLM_F_CREATE | NLM_F_ACK, 1, 0 },
		{ 0 }, { sizeof ask.attribute + sizeof ask.name, IFLA_IFNAME }, "new"
	};
	struct { struct nlmsghdr head; struct nlmsgerr error; } answer;
	int s = socket(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE);

	send(s, &ask, sizeof ask, 0);
	if (recv(s, &answer, sizeof answer, 0) < (ssize_t)sizeof answer || answer.error.error == 0)
		return 0;
	return errno = -answer.error.error, -1;
}

static void forbidden(void)
{
	char bytes[8];
	struct iovec here = { bytes, 8 }, there = { (void *)0x400000, 8 };

	mkdir("at", 0755);
	tell("mknod of a device", mknod("zero", S_IFCHR | 0666, makedev(1, 5)));
	tell("mknod of a disk", mknod("disk", S_IFBLK | 0666, makedev(8, 0)));
	tell("mount tmpfs", mount("tmpfs", "at", "tmpfs", 0, ""));
	tell("mount proc", mount("proc", "at", "proc", 0, ""));
	tell("bind", mount("/store", "at", "", MS_BIND, ""));
	tell("remount /recipes", mount("", "/recipes", "", MS_REMOUNT | MS_BIND, ""));
	tell("remount /", mount("", "/", "", MS_REMOUNT | MS_BIND, ""));
	tell("umount /recipes", umount2("/recipes", MNT_DETACH));
	tell("umount /dev", umount2("/dev", MNT_DETACH));
	tell("chroot", chroot("at"));
	tell("chown", chown("at", 1000, 1000));
	tell("setuid", setuid(1000));
	tell("sethostname", sethostname("x", 1));
	tell("nice up", setpriority(PRIO_PROCESS, 0, getpriority(PRIO_PROCESS, 0) - 1));
	tell("attach to PID 1", ptrace(PTRACE_ATTACH, 1, 0, 0));
	tell("seize PID 1", ptrace(PTRACE_SEIZE, 1, 0, 0));
	tell("read the memory of PID 1", process_vm_readv(1, &here, 1, &there, 1, 0));
	tell("write the memory of PID 1", process_vm_writev(1, &here, 1, &there, 1, 0));
	tell("take a descriptor of PID 1",
	     syscall(SYS_pidfd_getfd, syscall(SYS_pidfd_open, 1, 0), 3, 0));
	tell("open a tree of mounts", syscall(SYS_open_tree, AT_FDCWD, "/recipes", 1 /* OPEN_TREE_CLONE */));
	tell("lift the restrictions of a mount", lift());
	tell("make a file system", syscall(SYS_fsopen, "tmpfs", 0));
	tell("move a mount", mount("/recipes", "at", "", MS_MOVE, ""));
	tell("pivot_root", syscall(SYS_pivot_root, ".", "."));
	tell("open by handle", by_handle());
	tell("set the clock", settimeofday(&(struct timeval){ 1000000000, 0 }, NULL));
	tell("load a module", syscall(SYS_init_module, bytes, 8, ""));
	tell("reboot", syscall(SYS_reboot, 0xfee1dead, 672274793, 0, 0)); /* Ctrl-Alt-Del off */
	tell("accounting", syscall(SYS_acct, "zero"));
	tell("swap", syscall(SYS_swapon, "zero", 0));
	tell("the host's ports", syscall(SYS_iopl, 3));
	tell("namespaces without a user's", unshare(CLONE_NEWNS));
	tell("the kernel's log", klogctl(3, bytes, 8));
	tell("raw socket", socket(AF_INET, SOCK_RAW, IPPROTO_ICMP));
	tell("packet socket", socket(AF_PACKET, SOCK_RAW, 0));
	tell("new interface", interface());
	kill(1, SIGKILL); /* does nothing: PID 1 of a namespace has no such handler */
	kill(1, SIGTERM);
	tell("signal to PID 1", kill(1, SIGSTOP));
}

/* What belongs to the user or the host, whatever the namespaces. */
static void shared(void)
{
	char text[64];
	int families[] = { AF_VSOCK, AF_ALG, AF_BLUETOOTH, AF_TIPC };

	tell("session keyring", syscall(SYS_keyctl, KEYCTL_GET_KEYRING_ID, KEY_SPEC_SESSION_KEYRING, 0));
	tell("read the user's keyring", syscall(SYS_keyctl, KEYCTL_READ, KEY_SPEC_USER_KEYRING, text, sizeof text));
	tell("add a key", syscall(SYS_add_key, "user", "rawstrap", "x", 1, KEY_SPEC_PROCESS_KEYRING));
	tell("request a key", syscall(SYS_request_key, "user", "rawstrap", NULL, 0));
	for (unsigned n = 0; n < sizeof families / sizeof *families; n++) {
		sprintf(text, "socket of family %d", families[n]);
		tell(text, socket(families[n], families[n] == AF_ALG ? SOCK_SEQPACKET : SOCK_STREAM, 0));
	}
	for (int family = AF_UNIX; family <= AF_INET6; family += family == AF_UNIX ? 1 : AF_INET6 - AF_INET) {
		sprintf(text, "socket of family %d", family);
		tell(text, socket(family, SOCK_STREAM, 0));
	}
	tell("socket of netlink", socket(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE));
}

/* The same by the numbers of 32-bit programs: int 0x80. */
static void shared32(void)
{
	static const struct { const char *what; int number, first, second; } calls[] = {
		{ "session keyring", 288, KEYCTL_GET_KEYRING_ID, KEY_SPEC_SESSION_KEYRING },
		{ "add a key", 286, 0, 0 }, { "request a key", 287, 0, 0 }, { "the kernel's log", 103, 10, 0 },
		{ "socketcall", 102, 1, 0 }, { "socket of vsock", 359, AF_VSOCK, SOCK_STREAM },
		{ "TIOCSTI", 54, 0, TIOCSTI }, { "socket", 359, AF_UNIX, SOCK_STREAM }, { "getpid", 20, 0, 0 },
	};

	for (unsigned n = 0; n < sizeof calls / sizeof *calls; n++) {
		long result;

		__asm__ volatile("int $0x80" : "=a"(result) : "a"(calls[n].number), "b"(calls[n].first),
				 "c"(calls[n].second), "d"(0) : "memory");
		errno = result < 0 ? -(int)result : 0;
		tell(calls[n].what, result < 0 ? -1 : 0);
	}
}

/* Puts words into the terminal that is standard input; fork and setsid do not help. */
static void inject(void)
{
	tell("TIOCSTI", ioctl(0, TIOCSTI, "x"));
	tell("TIOCSTI in 64 bits", syscall(SYS_ioctl, 0, 0xffffffff00000000ul | TIOCSTI, "x"));
	tell("TIOCLINUX", ioctl(0, TIOCLINUX, "\3"));
	tell("size of the terminal", ioctl(0, TIOCGWINSZ, &(struct winsize){ 0 }));
}

/* Ways up from the root. */
static void escape(void)
{
	struct stat root, up;
	int top = open("/", O_RDONLY | O_DIRECTORY), deep;

	stat("/", &root);
	mkdir("/tmp/below", 0755);
	deep = open("/tmp/below", O_RDONLY | O_DIRECTORY);
	for (int n = 0; n < 64 && chdir("..") == 0; n++)
		;
	stat(".", &up);
	printf("chdir: %s\n", up.st_ino == root.st_ino && up.st_dev == root.st_dev ? "the root" : "OUT");
	tell("chroot", chroot("/tmp/below"));
	fchdir(top);
	for (int n = 0; n < 64 && chdir("..") == 0; n++)
		;
	stat(".", &up);
	printf("fchdir: %s\n", up.st_ino == root.st_ino && up.st_dev == root.st_dev ? "the root" : "OUT");
	rename("/tmp/below", "/store/p/moved"); /* a directory that was moved while somebody stands in it */
	fchdir(deep);
	for (int n = 0; n < 64 && chdir("..") == 0; n++)
		;
	stat(".", &up);
	printf("rename: %s\n", up.st_ino == root.st_ino && up.st_dev == root.st_dev ? "the root" : "OUT");
	tell("/proc/1/root", open("/proc/1/root", O_RDONLY));
	tell("sysrq", open("/proc/sysrq-trigger", O_WRONLY));
	tell("cgroup", open("/sys/fs/cgroup", O_RDONLY));
	tell("hard link of a source", link("/downloads/d", "/store/p/d"));
	tell("hard link of a recipe", link("/recipes/main.steps", "/store/p/main"));
	tell("rename of a recipe", rename("/recipes/main.steps", "/store/p/main"));
	tell("device without power", mknod("/store/p/white", S_IFCHR, makedev(0, 0)) < 0 ? -1 : open("/store/p/white", O_RDONLY));
	unlink("/store/p/white");
}

/* Namespaces of its own give a process every capability in them; what it was locked out of stays so. */
static void nested(void)
{
	if (unshare(CLONE_NEWUSER | CLONE_NEWNS) < 0) {
		printf("no namespace\n");
		return;
	}
	mount("", "/", "", MS_REC | MS_PRIVATE, "");
	tell("remount /recipes", mount("", "/recipes", "", MS_REMOUNT | MS_BIND, ""));
	tell("umount /recipes", umount2("/recipes", 0));
	tell("umount /dev", umount2("/dev", 0));
	tell("remount /dev", mount("", "/dev", "", MS_REMOUNT | MS_BIND, ""));
	tell("write", open("/recipes/main.steps", O_WRONLY));
	tell("mknod", mknod("zero", S_IFCHR | 0666, makedev(1, 5)));
}

/* A process that outlives its step, unless it is stopped: writes a file half a second later. */
static void stray(const char *file)
{
	pid_t middle = fork();

	if (middle != 0) {
		waitpid(middle, NULL, 0);
	} else {
		setsid();
		if (fork() != 0)
			_exit(0);
		for (int n = 1; n < 32; n++)
			signal(n, SIG_IGN);
		usleep(500000);
		close(open(file, O_WRONLY | O_CREAT, 0644));
		_exit(0);
	}
}

/* Takes memory until there is none (of 64 MiB), and cannot live without. */
static void fill(void)
{
	setrlimit(RLIMIT_AS, &(struct rlimit){ 64 << 20, 64 << 20 });
	for (;;)
		memset(malloc(1 << 20), 1, 1 << 20);
}

/* 32 processes, each of which goes on in a child of its own again and again, deaf to all signals. */
static void bomb(int leave)
{
	for (int n = 1; n < 32; n++)
		signal(n, SIG_IGN);
	for (int n = 0; n < 5; n++)
		if (fork() == 0) {
			setsid();
			leave = -1;
		}
	while (leave < 0 && usleep(30000) == 0) {
		pid_t next = fork();
		if (next > 0)
			_exit(0);
	}
	while (!leave)
		pause();
	usleep(100000);
}

int main(int argc, char **argv)
{
	const char *what = argc > 1 ? argv[1] : "";

	if (!strcmp(what, "descriptors"))
		descriptors();
	else if (!strcmp(what, "signals"))
		signals();
	else if (!strcmp(what, "process"))
		process();
	else if (!strcmp(what, "capabilities"))
		capabilities();
	else if (!strcmp(what, "network"))
		network(atoi(argv[2]), argv[3]);
	else if (!strcmp(what, "forbidden"))
		forbidden();
	else if (!strcmp(what, "nested"))
		nested();
	else if (!strcmp(what, "shared"))
		shared();
	else if (!strcmp(what, "shared32"))
		shared32();
	else if (!strcmp(what, "inject"))
		inject();
	else if (!strcmp(what, "escape"))
		escape();
	else if (!strcmp(what, "set-user-id"))
		tell("set-user-id", chmod(argv[2], 06755));
	else if (!strcmp(what, "fill"))
		fill();
	else if (!strcmp(what, "bomb"))
		bomb(!strcmp(argv[3], "leave"));
	else if (!strcmp(what, "stray"))
		stray(argv[2]);
	else if (!strcmp(what, "identity"))
		printf("user %d %d group %d %d\n", getuid(), geteuid(), getgid(), getegid());
	else if (!strcmp(what, "exists"))
		for (int i = 2; i < argc; i++)
			printf("%s: %s\n", argv[i], access(argv[i], F_OK) ? "no" : "yes");
	else if (!strcmp(what, "processes"))
		processes();
	else
		return 2;
	return 0;
}
