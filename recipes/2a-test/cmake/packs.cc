// Compresses the words, many times over, in threads, and compares what comes out again.
#include <atomic>
#include <iostream>
#include <string>
#include <thread>
#include <vector>
#include <zlib.h>

#include "version.h"

extern "C" const char *const words[];
extern "C" const unsigned word_count;

static bool survives(const std::string &text, int level)
{
    uLongf size = compressBound(text.size());
    std::string packed(size, '\0');
    if (compress2(reinterpret_cast<Bytef *>(packed.data()), &size,
                  reinterpret_cast<const Bytef *>(text.data()), text.size(), level) != Z_OK)
        return false;
    std::string again(text.size(), '\0');
    uLongf length = again.size();
    return size < text.size()
        && uncompress(reinterpret_cast<Bytef *>(again.data()), &length,
                      reinterpret_cast<const Bytef *>(packed.data()), size) == Z_OK
        && length == text.size() && again == text;
}

int main()
{
    std::string text;
    for (int round = 0; round < 50; round++)
        for (unsigned i = 0; i < word_count; i++)
            text.append(words[i]).push_back(' ');

    std::atomic<int> good{0};
    std::vector<std::thread> workers;
    for (int level = 1; level <= 9; level++)
        workers.emplace_back([&, level] { good += survives(text, level); });
    for (auto &worker : workers)
        worker.join();

    std::cout << "packs " PACKS_VERSION " with zlib " << zlibVersion() << ": " << word_count << " words, "
              << text.size() << " bytes, " << (good == 9 ? "the same again" : "NOT the same") << '\n';
    return good == 9 ? 0 : 1;
}
