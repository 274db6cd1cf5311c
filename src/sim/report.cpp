// Distributed under the Boost Software License, Version 1.0.
// What the user sees: a progress bar, a table, a failure.
#include "sim/report.hpp"

#include <fmt/format.h>

#include <unistd.h>

#include <algorithm>
#include <cstdio>

namespace epollhost::sim {
namespace {

constexpr int width = 40;
constexpr std::chrono::milliseconds between{100};

std::string short_size(std::uint64_t bytes) {
  return bytes < 10'000'000 ? fmt::format("{} bytes", bytes) : fmt::format("{:.1f} MB", double(bytes) / 1e6);
}

} // namespace

progress_bar::progress_bar(std::uint64_t of)
    : of_(std::max<std::uint64_t>(1, of)), terminal_(::isatty(STDERR_FILENO)) {}

progress_bar::~progress_bar() {
  if (terminal_) std::fputs("\r\033[K", stderr);
}

void progress_bar::show(std::uint64_t done) {
  const auto now = std::chrono::steady_clock::now();
  if (!terminal_ || now - last_ < between) return;
  last_ = now;
  const int filled = static_cast<int>(done * width / of_);
  const double seconds = std::chrono::duration<double>(now - start_).count();
  fmt::print(stderr, "\r[{:#<{}}{:.<{}}] {} of {} seeds, {:.0f} a second ", "", filled, "", width - filled, done, of_,
             double(done) / std::max(seconds, 0.001));
  std::fflush(stderr);
}

std::string summary(const campaign_result& r, std::chrono::duration<double> took) {
  std::string out;
  const auto line = [&](std::string_view name, const std::string& value) {
    out += fmt::format("{:<18} {}\n", name, value);
  };
  const figures& f = r.sum;
  line("seeds", fmt::format("{} in {:.1f} s, {:.0f} a second", r.seeds, took.count(), double(r.seeds) / took.count()));
  line("connections", std::to_string(f.connections));
  line("input", short_size(f.bytes_sent));
  line("output", short_size(f.bytes_received));
  if (f.backends > 0) {
    line("to servers", std::to_string(f.backends));
    line("relayed to them", short_size(f.backend_bytes));
  }
  line("hooks called", std::to_string(f.hooks));
  line("simulated time", fmt::format("{:.1f} h", double(f.virtual_ns) / 3.6e12));
  line("faults injected", std::to_string(f.injected));
  for (std::size_t i = 0; i < net::sim::fault_count; ++i)
    line(fmt::format("  {}", to_string(static_cast<net::sim::fault>(i))), std::to_string(f.faults[i]));
  return out;
}

std::string explain(const outcome& o, const std::string& trace, std::size_t lines_most) {
  const auto lines = static_cast<std::size_t>(std::count(trace.begin(), trace.end(), '\n'));
  std::size_t from = 0;
  for (std::size_t skip = lines > lines_most ? lines - lines_most : 0; skip > 0; --skip)
    from = trace.find('\n', from) + 1;
  std::string out;
  if (from > 0) out += fmt::format("... {} lines before; --seed prints all of them\n", lines - lines_most);
  out += trace.substr(from);
  return out + fmt::format("FAILED ({}): {}\n", o.rule, o.what);
}

} // namespace epollhost::sim
