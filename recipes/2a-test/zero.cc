// T() and new T() zero what no constructor sets. Memory is filled with junk first; the status is the
// number of what was left in it.
#include <cstring>
#include <new>

struct Five { int n; Five() : n(5) {} };
struct Plain { int a, b; };
struct Mixed { int a; Five five; unsigned bits : 3; void *p; union { int u; long v; }; int many[4]; Plain plain; };
struct Derived : Plain { Five five; int own; };
struct Deep { Mixed mixed[2]; char c; };
struct Own { int kept; Own() {} };

static long room[64];

template<class T> static T *fresh()
{
    std::memset(room, 0xff, sizeof room);
    return new (room) T();
}

template<class T> static T *assigned()
{
    std::memset(room, 0xff, sizeof room);
    T *t = reinterpret_cast<T *>(room);
    *t = T();
    return t;
}

static int junk(const Mixed *m)
{
    return (m->a != 0) + (m->bits != 0) + (m->p != 0) + (m->v != 0) + (m->many[3] != 0) + (m->plain.b != 0)
        + (m->five.n != 5);
}

static int junk(const Derived *d)
{
    return (d->a != 0) + (d->b != 0) + (d->own != 0) + (d->five.n != 5);
}

int main()
{
    return junk(fresh<Mixed>()) + junk(assigned<Mixed>()) + junk(fresh<Derived>()) + junk(assigned<Derived>())
        + junk(&fresh<Deep>()->mixed[1]) + (fresh<Deep>()->c != 0) + (fresh<Own>()->kept != -1);
}
