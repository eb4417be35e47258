// The promotion of bit-fields: to int, if that holds all their values, whatever type they are declared with; not after
// a cast. The status is the number of what is wrong.
struct Bits {
    unsigned a : 16, b : 16, c : 3;
    bool d : 1;
    unsigned char e : 4;
    unsigned long l : 40, m : 20, n : 32;
    int s : 5;
};

template<class T> struct Holder {
    T bits;
    int largest(int so_far) const { return so_far < bits.a ? bits.a : so_far; }
};

template<class T> bool is_unsigned(T) { return T(-1) > T(0); }

int main()
{
    Bits x = { 5, 6, 2, true, 3, 7, 8, 9, -3 };
    Bits *p = &x;
    const Bits &r = x;
    volatile Bits v = x;
    Holder<Bits> holder = { x };
    int minus = -1, wrong = 0;

    wrong += !(minus < p->a) + !(minus < r.c) + !(minus < v.a) + !(minus < x.d) + !(minus < x.e) + !(minus < x.m);
    wrong += (minus < p->n) + (minus < (unsigned)p->a) + (minus < static_cast<unsigned>(r.a)) + (minus < unsigned(x.c));
    wrong += ((p->a - 6) >= 0) + ((r.c - 4) / 2 != -1) + (-p->a >= 0) + (~r.a >= 0) + ((x.s >> 1) != -2);
    wrong += !(minus < (wrong, p->a)) + !(minus < ++p->b) + !(minus < (p->b += 1));
    wrong += is_unsigned(x.a - 1) + is_unsigned(r.m + 1) + is_unsigned(x.a << 1) + !is_unsigned(x.n + 1);
    wrong += !is_unsigned(x.a) + (holder.largest(-1) != 5);
    p->a -= 6, wrong += p->a != 65535;
    p->c *= -1, wrong += p->c != 6;
    unsigned copy = p->a;
    wrong += (minus < copy);
    return wrong;
}
