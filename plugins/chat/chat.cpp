// Distributed under the Boost Software License, Version 1.0.
// A chat room: whatever line a member sends, all members get, in one order.
#include <epollhost/plugin.hpp>
#include <epollhost/text.hpp>

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace eh = epollhost;

namespace {

/// What is said in one turn of the loop goes to everybody at once, so that a busy room costs one send for each member
/// and turn, and not one for each message. More than this goes at once.
constexpr std::size_t batch_bytes_max = 64 * 1024;

/// In front of a line stand the number of its member, ": ", and behind it the end of the line.
constexpr std::size_t frame_bytes_max = 24;

/// From this size on, it is kept once for all members and not copied for each.
constexpr std::size_t shared_bytes_min = 1024;

struct shared_text {
  std::string text;
  std::size_t holders = 0; ///< members who have not taken all of it yet, and who makes it

  static void release(void* self) {
    auto* const me = static_cast<shared_text*>(self);
    if (--me->holders == 0) delete me;
  }
};

/// What the kernel keeps for a member, who does not read, before the host does. Left to itself it would be megabytes.
constexpr std::int64_t kernel_bytes = 64 * 1024;

/// A terminal obeys control characters; no member shall command those of others.
void append_printable(std::string& to, std::string_view text) {
  eh::split_visible(text, [&](std::string_view run) { to += run; }, [&](std::string_view) { to += '?'; });
}

} // namespace

class chat {
public:
  struct options {
    eh::bytes line_max{1024};
    std::string_view topic = "anything";
  };

  // Its members share the room, so there is one worker, whatever --workers says.
  static constexpr auto about = eh::about{.name = "chat",
                                          .version = EPOLLHOST_VERSION,
                                          .summary = "a room in which everybody hears everybody",
                                          .listen = ":7007",
                                          .flags = EH_SINGLE_WORKER};
  static constexpr auto schema = eh::schema<options>(
      eh::option("line-max", &options::line_max, "the longest line; who sends a longer one is put out")
          .range(eh::bytes{1}, eh::bytes{64 * 1024}),
      eh::option("topic", &options::topic, "told to whoever comes in"));

  chat(eh::host functions, const options& chosen)
      : host_(functions), options_(chosen), here_(host_.gauge("members", "members in the room now")),
        heard_(host_.counter("messages", "lines that were said")), turn_bytes_max_(bytes_a_turn(host_)),
        line_max_(std::min<std::size_t>(options_.line_max, turn_bytes_max_ - frame_bytes_max)) {
    if (line_max_ < options_.line_max)
      host_.log(EH_LOG_WARNING, "--chat.output-max allows lines of " + std::to_string(line_max_) +
                                    " bytes, less than --chat.line-max; longer ones put out who sends them");
  }

  struct connection {
    chat& room;
    eh_conn_id id = 0;
    std::uint64_t number = 0; ///< among all who ever came
    std::size_t place = 0;    ///< among those who are there

    eh::next open(eh::io& io) {
      id = io.id();
      room.host_.set_option(id, EH_SO_SNDBUF, kernel_bytes); // without it there is more memory, and no other harm
      room.enter(*this);
      std::string greeting = "* you are number " + std::to_string(number) + ", " +
                             std::to_string(room.members_.size()) + " are here, the topic is ";
      append_printable(greeting, room.options_.topic);
      io.reply(greeting + "\n");
      return eh::next::keep;
    }

    eh::next data(eh::io& io) {
      for (;;) {
        const std::string_view input = io.input();
        const std::size_t end = std::min(input.find('\n'), input.size());
        if (end > room.line_max_) return eh::next::close;
        if (end == input.size()) return eh::next::keep; // the rest of the line is still to come
        if (!room.has_time_for(end)) return room.wait(*this);
        room.say(*this, io.take(end + 1).substr(0, end));
      }
    }

    // A reload has made a new room, and two would not hear each other.
    eh::next drain(eh::io& io) {
      io.reply("* the room closes\n");
      return eh::next::close;
    }

    void close(eh_reason) { room.leave(*this); }
  };

  // All that was said in one turn is with the host, and then with the kernel, before more is said.
  void tick(std::uint64_t) {
    tell_all();
    said_in_turn_ = 0;
    for (const eh_conn_id id : std::exchange(waiting_, {})) host_.resume(id);
  }

private:
  // What the room may say in a turn: half of what may be queued for a member. So a burst alone puts nobody out, only a
  // member who has left the other half unread.
  static std::size_t bytes_a_turn(eh::host host) {
    const auto* limits = static_cast<const eh_limits*>(host.table()->get_extension(host.table(), EH_LIMITS));
    return std::size_t(limits ? limits->output_max : EH_OUT_MIN) / 2;
  }

  bool has_time_for(std::size_t line) const { return said_in_turn_ + line + frame_bytes_max <= turn_bytes_max_; }

  // The rest of what it has sent comes again when the others have got what was said.
  eh::next wait(const connection& who) {
    waiting_.push_back(who.id);
    return eh::next::pause;
  }

  void enter(connection& who) {
    who.number = ++came_;
    who.place = members_.size();
    members_.push_back(&who);
    here_.set(members_.size());
  }

  void leave(const connection& who) {
    members_[who.place] = members_.back();
    members_[who.place]->place = who.place;
    members_.pop_back();
    here_.set(members_.size());
  }

  void say(const connection& who, std::string_view line) {
    heard_.add();
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (said_in_turn_ == 0) host_.post(0, 0); // `tick` comes when the others of this turn have spoken too
    const std::size_t before = said_.size();
    said_ += std::to_string(who.number) + ": ";
    append_printable(said_, line);
    said_ += '\n';
    said_in_turn_ += said_.size() - before;
    if (said_.size() > batch_bytes_max) tell_all();
  }

  // The host queues what a member does not take at once. Whoever leaves more there than --chat.output-max reads too
  // slowly for this room; to leave out some of the messages instead would be a lie.
  void tell_all() {
    if (said_.empty()) return; // it was too much to wait for `tick`
    if (said_.size() < shared_bytes_min) {
      for (const connection* member : members_) put_out_if(host_.write(member->id, said_), *member);
    } else {
      auto* const shared = new shared_text{said_, 1};
      for (const connection* member : members_) {
        ++shared->holders;
        const eh_status took = host_.write_ref(member->id, shared->text, shared_text::release, shared);
        if (took != EH_OK) --shared->holders;
        put_out_if(took, *member);
      }
      shared_text::release(shared);
    }
    said_.clear();
  }

  void put_out_if(eh_status took, const connection& member) {
    if (took != EH_OVER_LIMIT) return; // done, or gone
    host_.info("number " + std::to_string(member.number) + " reads too slowly, and is put out");
    host_.close(member.id, eh::next::abort);
  }

  eh::host host_;
  const options& options_;
  std::vector<connection*> members_;
  eh::metric here_, heard_; ///< shown by --status
  std::uint64_t came_ = 0;
  std::string said_; ///< and not told yet
  const std::size_t turn_bytes_max_, line_max_;
  std::size_t said_in_turn_ = 0;     ///< told or not; above 0 until `tick`
  std::vector<eh_conn_id> waiting_;  ///< who has more to say than this turn has time for
};

EPOLLHOST_PLUGIN(chat)
