// What a C++98 program leans on: streams, containers, algorithms, templates, RTTI, exceptions from a
// shared library and through it, threads, and a library opened by name.
#include <algorithm>
#include <functional>
#include <iomanip>
#include <iostream>
#include <map>
#include <numeric>
#include <set>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>
#include <pthread.h>
#ifdef PLUGIN
#include <dlfcn.h>
#endif

int half(int n, void (*visit)(int));

struct Shape { virtual ~Shape() {} virtual double area() const = 0; };
struct Square : Shape { double a; Square(double a) : a(a) {} double area() const { return a * a; } };
struct Disc : virtual Shape { double r; Disc(double r) : r(r) {} double area() const { return 3 * r * r; } };

static void negative(int n)
{
    if (n < 0)
        throw std::string("negative");
}

static void *work(void *arg)
{
    std::ostringstream out;
    for (int i = 0; i < 1000; i++)
        try {
            if (i % 10 == 0)
                throw i;
            out << i;
        } catch (int n) {
            out << n;
        }
    *static_cast<size_t *>(arg) = out.str().size();
    return 0;
}

int main()
{
    std::vector<int> v(100);
    for (size_t i = 0; i < v.size(); i++)
        v[i] = i * 37 % 101;
    std::sort(v.begin(), v.end(), std::greater<int>());
    std::cout << v.front() << ' ' << v.back() << ' ' << std::accumulate(v.begin(), v.end(), 0L) << '\n';

    std::map<std::string, std::set<int> > m;
    std::istringstream in("a 3 b 1 a 2 c 9 b 7");
    std::string key;
    for (int n; in >> key >> n; )
        m[key].insert(n);
    for (std::map<std::string, std::set<int> >::iterator i = m.begin(); i != m.end(); ++i)
        std::cout << i->first << '=' << *i->second.begin() << ' ';
    std::cout << std::setprecision(3) << std::fixed << 3.14159 << ' ' << std::hex << 255 << std::dec << '\n';

    Shape *shapes[] = { new Square(2), new Disc(1) };
    for (int i = 0; i < 2; i++)
        std::cout << shapes[i]->area() << (dynamic_cast<Disc *>(shapes[i]) ? " disc " : " square ");
    std::cout << '\n';

    for (int n = 2; n > -4; n -= 2 + (n == 0))
        try {
            std::cout << half(n, negative) << ' ';
            std::cout << half(n + 1, negative) << ' ';
        } catch (const std::runtime_error &e) {
            std::cout << e.what() << ' ';
        } catch (const std::string &s) {
            std::cout << s << ' ';
        }
    try {
        std::vector<int>().at(3);
    } catch (const std::out_of_range &) {
        std::cout << "range\n";
    }

    pthread_t threads[4];
    size_t sizes[4];
    for (int i = 0; i < 4; i++)
        pthread_create(&threads[i], 0, work, &sizes[i]);
    for (int i = 0; i < 4; i++)
        pthread_join(threads[i], 0), std::cout << sizes[i] << ' ';
#ifdef PLUGIN
    void *library = dlopen(PLUGIN, RTLD_NOW);
    int (*plugin)(int) = library ? (int (*)(int))dlsym(library, "plugin") : 0;
    std::cout << (plugin ? plugin(84) : -1);
#endif
    std::cout << std::endl;
}
