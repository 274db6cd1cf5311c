// Distributed under the Boost Software License, Version 1.0.
// Plays a recording again.
#include "sim/replay.hpp"

#include "cli/text.hpp"
#include "net/sim/kernel.hpp"
#include "sim/options.hpp"
#include "sim/recorded_stream.hpp"
#include "worker/record_settings.hpp"
#include "worker/worker.hpp"

#include <epollhost/plugin.h>
#include <fmt/format.h>
#include <signal.h>

#include <algorithm>
#include <charconv>
#include <cstring>
#include <deque>
#include <optional>
#include <set>
#include <utility>

namespace epollhost::sim {
namespace {

using record::kind;

constexpr std::int64_t second_signal_ns = 1'000'000;

std::uint64_t number_of(std::string_view text, const record::setting& of) {
  std::uint64_t n = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), n);
  if (error != std::errc() || end != text.data() + text.size() || n < of.least || n > of.most)
    throw bad_recording(
        fmt::format("its header has {} for {}; expected {} to {}", cli::in_quotes(text), of.name, of.least, of.most));
  return n;
}

worker_settings settings_of(const recording& r, const plugin_library& plugin, const std::vector<option_value>& values) {
  worker_settings s;
  s.idle_drain = std::chrono::nanoseconds::max(); // the recording says when
  s.name = plugin.describe().name;
  s.plugin_file = plugin.describe().file;
  s.values = values;
  for (const net::endpoint& at : r.listening) s.listen.push_back({.endpoint = at, .wildcard = false, .passed = {}});
  for (const record::setting& known : record::settings()) {
    const auto text = r.fact(known.name);
    if (text) known.set(s, number_of(*text, known));
  }
  return s;
}

bool is_call(kind k) {
  return k == kind::received || k == kind::sent || k == kind::sent_file || k == kind::socket_error ||
         k == kind::error_queue;
}

net::sim::kernel::options roomy() {
  net::sim::kernel::options out;
  out.descriptors_max = 1 << 20;
  return out;
}

class player final : public replay_listener {
public:
  player(const recording& what, const plugin_library& plugin, const std::vector<option_value>& values,
         const std::vector<std::string>& masked_lines, const std::function<void(const std::string&)>& line)
      : recording_(what), line_(line), kernel_(roomy()) {
    kernel_.set_clocks(what.clock_ns, what.wall_ns);
    kernel_.next_turn = [this](net::sim::kernel::turn& t) { return next_turn(t); };
    kernel_.connect_instead = [this](const net::endpoint& to, int& fd) { return connect(to, fd); };
    kernel_.look_up_instead = [this](const std::string& name, auto done) { look_up(name, std::move(done)); };
    kernel_.next_random = [this](void* bytes, std::size_t len) { return next_random(bytes, len); };
    make_streams(masked_lines);
    worker_.emplace(settings_of(what, plugin, values), plugin);
  }

  replay_result run() {
    worker_->run();
    if (at_ < recording_.frames.size()) differs(0, recording_.frames[at_].at, "the worker ends, expected to go on");
    worker_.reset();
    return result_;
  }

private:
  void make_streams(const std::vector<std::string>& masked_lines) {
    for (const recording::frame& f : recording_.frames) {
      if (f.what == kind::accepted || f.what == kind::attempted)
        streams_.push_back(
            std::make_unique<recorded_stream>(kernel_, *this, f.conn, recording_.peers[f.conn - 1], masked_lines));
      if (f.what == kind::attempted) attempts_.push_back(&f);
      if (f.what == kind::relayed) streams_[f.conn - 1]->set_relayed();
      if (is_call(f.what)) streams_[f.conn - 1]->add(f);
      if (f.what == kind::random) random_.push_back(f.bytes);
      if (f.what == kind::resolved && result_.turns == 0) tell_answer(f.number);
      if (f.what == kind::turn) ++result_.turns;
      if (f.what == kind::received) result_.received += f.bytes.size();
      if (f.what == kind::sent) result_.sent += f.bytes.size();
    }
    result_.connections = streams_.size();
    made_.resize(streams_.size());
  }

  // ---- turns

  // What the wait brought that ends now.
  bool next_turn(net::sim::kernel::turn& out) {
    const auto& frames = recording_.frames;
    while (at_ < frames.size() && frames[at_].what != kind::turn) ++at_; // it came within the turn before
    if (at_ == frames.size()) return end(), false;
    out.now_ns = frames[at_++].answer;
    for (std::size_t i = at_; i < frames.size() && frames[i].what != kind::turn; ++i) begin(frames[i], out);
    return true;
  }

  void begin(const recording::frame& f, net::sim::kernel::turn& out) {
    if (f.what == kind::event)
      tell_event(f, static_cast<std::uint32_t>(f.number), out);
    else if (f.what == kind::closed && made_[f.conn - 1])
      tell_event(f, made_[f.conn - 1]->end_relayed(f.number), out);
    else if (f.what == kind::accepted)
      begin_connection(f, out);
    else if (f.what == kind::resolved)
      tell_answer(f.number);
    else if (f.what == kind::draining && std::exchange(drains_, true))
      worker_->close_idle();
    else if (f.what == kind::draining)
      kernel_.raise(SIGTERM), ++signals_;
  }

  // A connection that was not made is told of where the plugin did not make it.
  void tell_event(const recording::frame& f, std::uint32_t events, net::sim::kernel::turn& out) {
    if (recorded_stream* const of = made_[f.conn - 1]; of && events) out.events.emplace_back(of, events);
  }

  recorded_stream& make(std::uint64_t conn) {
    auto& out = static_cast<recorded_stream&>(kernel_.adopt(std::move(streams_[conn - 1])));
    made_[conn - 1] = &out;
    return out;
  }

  void begin_connection(const recording::frame& f, net::sim::kernel::turn& out) {
    const recording::peer& p = recording_.peers[f.conn - 1];
    recorded_stream& ours = make(f.conn);
    net::sim::acceptor* const a = kernel_.bound(recording_.listening[p.address]);
    if (!a) return differs(f.conn, f.at, "nobody listens at its address any more");
    a->push(ours);
    const std::pair<net::sim::file*, std::uint32_t> event{a, EPOLLIN};
    if (std::find(out.events.begin(), out.events.end(), event) == out.events.end()) out.events.push_back(event);
    say(out.now_ns, fmt::format("connection {} from {} to {}", f.conn, to_string(p.peer), to_string(p.local)));
  }

  // ---- connections that the plugin makes

  // The attempts come in the order in which they were made.
  std::int64_t connect(const net::endpoint& to, int& fd) {
    if (attempts_.empty()) return refuse(to, "is not recorded");
    const recording::frame& f = *attempts_.front();
    const recording::peer& p = recording_.peers[f.conn - 1];
    if (to_string(p.peer) != to_string(to)) return refuse(to, fmt::format("was recorded to {}", to_string(p.peer)));
    attempts_.pop_front();
    const bool goes_on = record::goes_on(f.answer);
    say(kernel_.now_ns(), fmt::format("connection {} is begun to {}{}", f.conn, to_string(to),
                                      goes_on ? "" : fmt::format(": {}", std::strerror(static_cast<int>(-f.answer)))));
    if (goes_on) fd = kernel_.install({std::shared_ptr<net::sim::file>(), &make(f.conn)});
    return f.answer;
  }

  std::int64_t refuse(const net::endpoint& to, const std::string& why) {
    if (ended_) return -ECONNREFUSED;
    differs(0, attempts_.empty() ? recording_.cut_at : attempts_.front()->at,
            fmt::format("the plugin connects to {}, which {}", to_string(to), why));
    return -ECONNREFUSED;
  }

  void look_up(const std::string& name, std::function<void(net::resolver::answer)> done) {
    say(kernel_.now_ns(), fmt::format("{} is looked up", cli::in_quotes(name)));
    asked_.push_back(std::move(done));
    if (told_early_.contains(asked_.size())) answer(asked_.size());
  }

  void answer(std::uint64_t look_up) { asked_[look_up - 1](recording_.resolved.at(look_up)); }

  // It may be asked for later in the turn in whose end the answer is there already.
  void tell_answer(std::uint64_t look_up) {
    if (look_up <= asked_.size())
      answer(look_up);
    else
      told_early_.insert(look_up);
  }

  // All has been told; the worker ends, with whatever it has.
  void end() {
    line_(recording_.how == record::ending::limit    ? "the recording ends: its limit was reached"
          : recording_.how == record::ending::worker ? "the recording ends with the worker"
                                                     : fmt::format("the recording is cut off at byte {}: its worker "
                                                                   "did not end in order, or the file is not whole",
                                                                   recording_.cut_at));
    kernel_.next_turn = nullptr;
    check_end();
    ended_ = true;
    if (signals_++ == 0) kernel_.raise(SIGTERM);
    kernel_.at(kernel_.now_ns() + second_signal_ns, [this] { kernel_.raise(SIGTERM); });
  }

  void check_end() {
    for (const recording::frame& f : recording_.frames)
      if (f.what == kind::resolved && f.number > asked_.size())
        differs(0, f.at, "nothing is looked up, expected a name");
    for (const recording::frame* f : attempts_) differs(f->conn, f->at, "it is not begun");
    for (const recording::frame& f : recording_.frames)
      if (f.what == kind::closed && made_[f.conn - 1] && !made_[f.conn - 1]->is_closed())
        differs(f.conn, f.at, "it is open, expected to be closed");
    for (std::size_t i = 0; i < made_.size(); ++i)
      if (const recording::frame* const f = made_[i] ? made_[i]->next() : nullptr)
        differs(i + 1, f->at, "it does less than was recorded");
  }

  bool next_random(void* bytes, std::size_t len) {
    if (random_.empty() || random_.front().size() != len) return false;
    std::memcpy(bytes, random_.front().data(), len);
    random_.pop_front();
    return true;
  }

  // ---- what is said

  void say(std::int64_t now_ns, const std::string& what) {
    line_(fmt::format("{:14.6f} ms  {}", double(now_ns - recording_.clock_ns) / 1e6, what));
  }

  void tell(std::uint64_t conn, const std::string& what) override {
    if (!ended_) say(kernel_.now_ns(), fmt::format("connection {} {}", conn, what));
  }

  void differs(std::uint64_t conn, std::size_t at, const std::string& what) override {
    if (ended_) return;
    std::string text =
        fmt::format("byte {} of the recording: {}{}", at, conn ? fmt::format("connection {}: ", conn) : "", what);
    say(kernel_.now_ns(), "DIFFERS: " + text);
    if (result_.differences++ == 0) result_.first_difference = std::move(text);
  }

  const recording& recording_;
  const std::function<void(const std::string&)>& line_;
  net::sim::kernel kernel_;
  std::vector<std::unique_ptr<recorded_stream>> streams_; // that have not begun
  std::vector<recorded_stream*> made_;                    // that have, in the places of their numbers; the kernel's
  std::deque<const recording::frame*> attempts_;          // that the plugin has not made yet
  std::vector<std::function<void(net::resolver::answer)>> asked_; // look-ups, by their numbers
  std::set<std::uint64_t> told_early_;                            // answers to look-ups that are still to be asked for
  std::deque<std::string_view> random_;
  std::optional<worker> worker_;
  std::size_t at_ = 0; // frame
  unsigned signals_ = 0;
  bool ended_ = false, drains_ = false;
  replay_result result_;
};

} // namespace

std::vector<option_value> recorded_values(const recording& of, const plugin_description& plugin,
                                          const std::function<void(const std::string&)>& note) {
  const std::string_view name = of.fact("plugin").value_or(""), version = of.fact("plugin-version").value_or("");
  if (name != plugin.name)
    throw bad_recording(fmt::format("it is a recording of the plugin {}, and {} is {}; give the plugin that was "
                                    "recorded with --plugin",
                                    name, plugin.file, plugin.name));
  if (version != plugin.version)
    note(fmt::format("note: version {} was recorded, and {} has version {}", version, plugin.file, plugin.version));
  std::vector<option_value> out = default_values(plugin);
  for (std::size_t i = 0; i < out.size(); ++i) {
    const option_description& o = plugin.options[i];
    if (o.type == EH_SECRET && of.fact("secret." + o.name))
      note(
          fmt::format("note: the secret --{0}.{1} is not in a recording; give it with --{0}.{1}", plugin.name, o.name));
    const auto text = of.fact("option." + o.name);
    if (!text) continue;
    if (const auto value = record::to_value(o, *text))
      out[i] = *value;
    else
      note(fmt::format("note: {} is no value of --{}.{} any more; its default is taken", *text, plugin.name, o.name));
  }
  return out;
}

replay_result play(const recording& what, const plugin_library& plugin, const std::vector<option_value>& values,
                   const std::vector<std::string>& masked_lines, const std::function<void(const std::string&)>& line) {
  return player(what, plugin, values, masked_lines, line).run();
}

} // namespace epollhost::sim
