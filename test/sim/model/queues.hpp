// Distributed under the Boost Software License, Version 1.0.
// Scripts about connections of which it is not decided at once what becomes of them.
#ifndef EPOLLHOST_TEST_SIM_MODEL_QUEUES_HPP
#define EPOLLHOST_TEST_SIM_MODEL_QUEUES_HPP

namespace epollhost::test {

/// On loopback that needs a listener whose queue is full; TCP asks it again a second later. They are not random since
/// each takes so long. What is seen is printed.
void play_queues();

} // namespace epollhost::test

#endif
