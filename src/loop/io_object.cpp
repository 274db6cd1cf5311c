// Distributed under the Boost Software License, Version 1.0.
// What an io_context calls: by event, by time, by its ready queue.
#include "loop/io_object.hpp"

namespace epollhost::loop {

void io_object::on_event(std::uint32_t) {}
void io_object::on_timer() {}
void io_object::on_ready() {}

} // namespace epollhost::loop
