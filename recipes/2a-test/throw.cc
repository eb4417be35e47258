// A shared library that throws, and calls back what may throw.
#include <stdexcept>
#include <string>

struct Odd : std::runtime_error {
    int n;
    Odd(int n) : std::runtime_error("odd"), n(n) {}
};

int half(int n, void (*visit)(int))
{
    std::string guard("destroyed while unwinding");
    visit(n);
    if (n & 1)
        throw Odd(n);
    return n / 2;
}

static void ignore(int) {}
extern "C" int plugin(int n) { return half(n, ignore); }
