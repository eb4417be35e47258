// What large C++17 programs lean on: closures in std::function, moves, variants, futures and threads, atomics,
// regular expressions, hash tables, files and directories, shared pointers, exceptions that cross threads.
#include <algorithm>
#include <any>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <filesystem>
#include <fstream>
#include <functional>
#include <future>
#include <iostream>
#include <map>
#include <memory>
#include <mutex>
#include <numeric>
#include <optional>
#include <random>
#include <regex>
#include <sstream>
#include <string>
#include <string_view>
#include <thread>
#include <tuple>
#include <unordered_map>
#include <variant>
#include <vector>

namespace fs = std::filesystem;

struct Argument {
    std::string_view name;
    std::function<bool(std::string const &, int *)> call;
};

// As cmake's command line does it: closures that hold others, moved into a table.
static std::vector<Argument> arguments(std::map<std::string, int> &seen)
{
    std::vector<Argument> all;
    for (auto name : {"-S", "-B", "--debug"})
        all.push_back({name, [&seen, name, count = std::make_unique<int>(0).release()](std::string const &v, int *to) {
            seen[name + v] = ++*count;
            return (*to += static_cast<int>(v.size())) > 0;
        }});
    std::sort(all.begin(), all.end(), [](auto const &a, auto const &b) { return a.name > b.name; });
    return all;
}

template<class... F> struct Overload : F... { using F::operator()...; };
template<class... F> Overload(F...) -> Overload<F...>;

template<std::size_t... I> constexpr auto squares(std::index_sequence<I...>) { return std::array{I * I...}; }
static_assert(squares(std::make_index_sequence<9>())[8] == 64);

static long double series(int n) { return n == 0 ? 0.0L : 1.0L / n + series(n - 1); }

int main()
{
    std::map<std::string, int> seen;
    int total = 0;
    for (auto &[name, call] : arguments(seen))
        for (auto text : {"x", "a longer text, which is not held in the string itself"})
            if (call(text, &total))
                std::cout << name << ' ';
    std::cout << total << ' ' << seen.size() << ' ' << seen.begin()->first << '\n';

    std::vector<std::variant<int, std::string, std::vector<double>>> mixed{7, std::string("seven"), std::vector{1.5, 2.5}};
    for (auto &v : mixed)
        std::visit(Overload{[](int i) { std::cout << i + 1; }, [](std::string const &s) { std::cout << s.size(); },
                            [](auto const &list) { std::cout << std::accumulate(list.begin(), list.end(), 0.0); }}, v);
    try {
        std::get<int>(mixed[1]);
    } catch (std::bad_variant_access const &) {
        std::cout << " bad variant";
    }
    std::any any = std::make_shared<std::string>("shared");
    std::weak_ptr<std::string> weak = std::any_cast<std::shared_ptr<std::string>>(any);
    std::cout << ' ' << *weak.lock() << weak.use_count();
    any.reset();
    std::cout << weak.expired() << '\n';

    std::mt19937_64 random(42);
    std::unordered_map<std::string, std::optional<unsigned>> table;
    for (int i = 0; i < 20000; i++)
        table[std::to_string(random() % 5000)] = i % 3 ? std::optional<unsigned>(i) : std::nullopt;
    auto none = std::count_if(table.begin(), table.end(), [](auto &entry) { return !entry.second; });
    std::cout << table.size() << ' ' << none << ' ' << random() << '\n';

    std::atomic<long> sum{0};
    std::mutex mutex;
    std::condition_variable ready;
    int waiting = 0;
    std::vector<std::thread> threads;
    for (int t = 1; t <= 4; t++)
        threads.emplace_back([&, t] {
            for (int i = 0; i < 10000; i++)
                sum.fetch_add(t, std::memory_order_relaxed);
            std::unique_lock hold(mutex);
            waiting++;
            ready.notify_all();
            ready.wait(hold, [&] { return waiting == 4; });
        });
    for (auto &thread : threads)
        thread.join();
    auto failing = std::async(std::launch::async, []() -> int { throw std::runtime_error("from a thread"); });
    try {
        failing.get();
    } catch (std::exception const &e) {
        std::cout << sum << ' ' << waiting << ' ' << e.what() << '\n';
    }

    std::string text = "gcc (GCC) 10.2.0, cmake 3.25.1";
    std::regex version("([0-9]+)\\.([0-9]+)\\.([0-9]+)");
    for (std::sregex_iterator i(text.begin(), text.end(), version), end; i != end; ++i)
        std::cout << (*i)[1] << '/' << (*i)[3] << ' ';
    std::cout << std::regex_replace(text, std::regex("[A-Z]+"), "<$&>") << '\n';

    fs::create_directories("tree/a/b");
    std::ofstream("tree/a/b/file") << std::string(1000, 'x');
    fs::create_symlink("b/file", "tree/a/link");
    std::uintmax_t bytes = 0;
    std::vector<std::string> names;
    for (auto &entry : fs::recursive_directory_iterator("tree")) {
        names.push_back(entry.path().filename());
        bytes += entry.is_regular_file() ? entry.file_size() : 0;
    }
    std::sort(names.begin(), names.end());
    for (auto &name : names)
        std::cout << name << ' ';
    std::cout << bytes << ' ' << fs::remove_all("tree") << ' ' << fs::path("a/../b/./c.tar.gz").lexically_normal() << '\n';

    std::ostringstream out;
    out.precision(18);
    out << series(1000) << ' ' << std::stold("0x1.8p+1") << ' ' << std::tuple_size_v<std::tuple<int, char>> << ' '
        << std::chrono::duration_cast<std::chrono::minutes>(std::chrono::hours(2)).count();
    std::cout << out.str() << std::endl;
}
