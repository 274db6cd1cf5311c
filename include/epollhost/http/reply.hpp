// Distributed under the Boost Software License, Version 1.0.
// Puts one answer into the output of its connection. Plugins may include this.

#ifndef EPOLLHOST_HTTP_REPLY_HPP
#define EPOLLHOST_HTTP_REPLY_HPP

#include <epollhost/http/detail/head_writer.hpp>
#include <epollhost/http/prepared.hpp>
#include <epollhost/http/response.hpp>
#include <epollhost/http/service.hpp>
#include <epollhost/plugin.hpp>

#include <cstddef>
#include <cstring>
#include <string>
#include <string_view>

namespace epollhost::http {

/// The output side of one request: knows the connection, whether the method is HEAD, and what the answer has to say of
/// the connection. Made by the session for one call of the service, which sends exactly one answer through it. [worker]
///
/// Output goes into the window; what is too large for it goes into the connection's queue, by the host's functions. The
/// session then ends its turn, so that back-pressure is looked at before the next request is.
class reply {
public:
  reply(io& out, service& shared, persistence kind, bool head_only) noexcept
      : out_{out}, shared_{shared}, kind_{kind}, head_only_{head_only} {}

  /// Send an answer made beforehand. It lives until `stop`.
  void send(prepared& answer) {
    append(answer.bytes(kind_, head_only_, shared_.clock()));
    if (!answer.rest().empty() && !head_only_) append_static(answer.rest());
  }

  /// Send a response. Its content may be as large as the host's bound of queued output; what passes it is kept in
  /// `service::left`, for the session to send later.
  void send(const response& answer) {
    std::string& head = shared_.scratch();
    head.clear();
    const std::string_view content = answer.content();
    detail::write_head(head, {answer.status(), kind_, shared_.clock().text(), answer.content_type(),
                              answer.field_lines(), content.size()});
    append(head);
    if (!content.empty() && !head_only_ && !is_bodiless(answer.status())) append(content);
  }

  /// Close the connection behind this answer. Before it is sent.
  void close() noexcept { kind_ = persistence::close; }

  persistence kind() const noexcept { return kind_; }

  /// Say whether an answer was sent.
  bool sent() const noexcept { return sent_; }

  /// Say whether output went past the window, into the queue.
  bool queued() const noexcept { return queued_; }

private:
  void append(std::string_view bytes) {
    sent_ = true;
    if (bytes.size() <= out_.room()) [[likely]] {
      std::memcpy(out_.cursor(), bytes.data(), bytes.size());
      out_.commit(bytes.size());
      return;
    }
    queue(bytes);
  }

  [[gnu::noinline, gnu::cold]] void queue(std::string_view bytes) {
    queued_ = true;
    std::string& left = shared_.left();
    if (!left.empty() || out_.host().write(out_.id(), bytes) != EH_OK) left += bytes;
  }

  [[gnu::noinline]] void append_static(std::string_view bytes) {
    queued_ = true;
    const auto nothing = [](void*) {}; // the bytes live as long as the plugin
    std::string& left = shared_.left();
    if (!left.empty() || out_.host().write_ref(out_.id(), bytes, nothing, nullptr) != EH_OK) left += bytes;
  }

  io& out_;
  service& shared_;
  persistence kind_;
  bool head_only_;
  bool sent_ = false;
  bool queued_ = false;
};

} // namespace epollhost::http

#endif
