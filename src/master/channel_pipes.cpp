// Distributed under the Boost Software License, Version 1.0.
// The pipes from the workers' log channels to the log process, as the master holds them.
#include "master/channel_pipes.hpp"

#include "net/error.hpp"

#include <fcntl.h>
#include <unistd.h>

namespace epollhost::master {
namespace {

// What a worker may write while the log process rests or waits for its disk. It is the most that an ordinary user may
// ask for; where the kernel refuses it, the pipe is smaller.
constexpr int pipe_bytes = 1024 * 1024;

constexpr std::int64_t retry_ns = 100'000'000; // a log process that stands still takes no message either

} // namespace

channel_pipes::channel_pipes(loop::io_context& loop) : loop_(loop) { loop_.remember(*this); }

channel_pipes::~channel_pipes() {
  disconnect();
  loop_.forget(*this);
}

std::vector<net::unique_fd> channel_pipes::open(const std::vector<std::string>& paths) {
  std::vector<net::unique_fd> writers;
  for (const std::string& path : paths) writers.push_back(make(path, channel_content::lines));
  pass();
  return writers;
}

net::unique_fd channel_pipes::open_recording(const std::string& path) {
  net::unique_fd writer = make(path, channel_content::recording);
  pass();
  return writer;
}

net::unique_fd channel_pipes::make(const std::string& path, channel_content content) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC | O_NONBLOCK) != 0) net::throw_last_error("pipe2 of a log channel");
  net::unique_fd writer(ends[1]);
  pipes_[++last_id_] = {path, net::unique_fd(ends[0]), content};
  ::fcntl(writer.get(), F_SETPIPE_SZ, pipe_bytes);
  return writer;
}

void channel_pipes::adopt(pipe p) {
  pipes_[++last_id_] = std::move(p);
  pass();
}

void channel_pipes::connect(net::unique_fd socket) {
  disconnect();
  socket_ = std::move(socket);
  if (const auto ec = loop_.watch_level(*this, socket_.get()))
    throw net::system_error(ec, "epoll_ctl of the log process");
  for (auto& [id, p] : pipes_) p.passed = false;
  pass();
}

void channel_pipes::disconnect() {
  if (!socket_) return;
  loop_.unwatch(*this, socket_.get());
  socket_.reset();
}

void channel_pipes::pass() {
  if (!socket_) return;
  for (auto& [id, p] : pipes_)
    if (!p.passed && !(p.passed = pass_channel(socket_.get(), id, p.content, p.path, p.reader.get())))
      return loop_.arm(*this, loop_.now_ns() + retry_ns);
}

void channel_pipes::on_event(std::uint32_t) {
  bool ended = false;
  while (const auto id = hear_channel_ended(socket_.get(), ended)) pipes_.erase(*id);
  if (ended) disconnect(); // waitpid says the rest: there will be another log process
}

} // namespace epollhost::master
