// Distributed under the Boost Software License, Version 1.0.
// What the symbolizer's child does: read the modules' files, say what it finds.
#ifndef EPOLLHOST_MASTER_SYMBOLIZE_HPP
#define EPOLLHOST_MASTER_SYMBOLIZE_HPP

#include "master/symbolizer.hpp"
#include "worker/crash_record.hpp"

namespace epollhost::master {

/// Write "INDEX TEXT\n" to `to` for each frame of which more can be said than module and offset: first the functions,
/// from the symbol tables, then again with file and line, where the module has DWARF and addr2line is installed. A file
/// with another build-id than the module had is not asked: it was replaced since. The program's own is open for that.
/// May crash, loop, or take long.
void symbolize(const crash_record& record, const symbolizer_options& options, int to);

} // namespace epollhost::master

#endif
