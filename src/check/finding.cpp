// Distributed under the Boost Software License, Version 1.0.
// What a careful reviewer says of a plugin.
#include "check/finding.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cassert>

namespace epollhost::check {
namespace {

constexpr severity error = severity::error, warning = severity::warning, note = severity::note;

const char* name_of(severity s) { return s == error ? "error" : s == warning ? "warning" : "note"; }

const std::vector<kind> all = {
    // ---- of the file
    {"no-table", error, "the host finds a plugin by this symbol and takes no file without it",
     "define `const eh_plugin epollhost_plugin = {...}` at namespace scope, with epollhost/plugin.h included before "
     "it"},
    {"static-tls", error,
     "the space for it is fixed when a program starts; once it is used up the plugin does not load",
     "build all of it, with its static libraries, without -ftls-model=initial-exec"},
    {"text-relocations", error,
     "its code must be writable while it is loaded, which hardened systems forbid, and no "
     "page of it is shared by the workers",
     "compile every part of it with -fPIC"},
    {"executable-stack", error,
     "the stack of the whole process becomes executable; newer C libraries refuse such a file",
     "find the object without a .note.GNU-stack section (often assembly), or link with -Wl,-z,noexecstack"},
    {"new-glibc", error, "the C library of this machine is older than what the plugin asks for, so it does not load",
     "build it on the oldest system that it is to run on"},
    {"exported-symbols", warning, "each exported name can be taken for one of the same name in a library",
     "compile with -fvisibility=hidden, or link with a version script that says `local: *;`"},
    {"unique-symbols", warning, "such a static is one for all objects of the process, whoever was there first",
     "compile with -fno-gnu-unique, or with -fvisibility=hidden"},
    {"constructors", warning, "they run while the file is loaded, before the plugin can refuse or log, also in trials",
     "do the work in `start`; make static objects constinit"},
    {"exit-handlers", warning, "workers end without a common exit, and after a crash not at all",
     "do the work in `stop`"},
    {"library-path", warning, "the host loads a sealed copy of the file, from which $ORIGIN leads nowhere",
     "link those libraries statically, or install them where the dynamic linker looks"},
    {"second-runtime", warning, "two runtimes of a language in one process fight over signals, threads or exceptions",
     "link one C++ library only; keep a runtime with its own threads in a process of its own"},
    {"old-openssl", warning, "two majors of OpenSSL in one process mix up their symbols", "build against OpenSSL 3"},
    {"no-debug-lines", note, "a report of a crash has names of functions, but no lines", "compile with -g1"},
    {"libraries", note, "they are loaded from the system at each start, unlike the plugin, of which a copy is taken",
     "nothing, if they are meant to be replaced under it; else link them statically"},
    // ---- of a run
    {"crash", error, "the worker dies with all its connections", "look at the stack; the conversation is named above"},
    {"hang", error, "the worker serves nobody meanwhile", "bound every loop by the input that there is"},
    {"read-past-input", error, "those bytes are another connection's, or no memory at all",
     "read in[0] to in[in_len - 1] only; there is no zero behind the input"},
    {"wrote-input", error, "the input belongs to the host, which gives it again where it was not consumed",
     "copy what is to be changed"},
    {"wrote-past-output", error, "what lies there is the host's", "write out[0] to out[out_cap - 1] only"},
    {"held-pointer", error, "the windows, and a state after `close`, are used for other connections afterwards",
     "copy what is needed later; leave bytes unconsumed to see them again"},
    {"in-used", error, "the host resets the connection", "consume no more than in_len"},
    {"out-used", error, "the host resets the connection", "write no more than out_cap"},
    {"answer", error, "the host resets the connection",
     "answer EH_KEEP, EH_CLOSE, EH_ABORT or EH_FAIL with known bits"},
    {"exception", error, "it cannot cross the boundary: the worker dies",
     "catch it in the hook and answer EH_FAIL, as plugin.hpp does"},
    {"wrong-thread", error, "the host answers EH_WRONG_THREAD and does nothing",
     "use post, and do it in `wake` or `tick`"},
    {"after-stop", error, "the host's table is gone then", "end every thread in `stop`"},
    {"invalid-argument", error, "the host answers EH_INVALID and does nothing", "keep to the ranges in plugin.h"},
    {"state-overflow", error, "what lies there is another connection's", "set state_size to the sizeof of the state"},
    {"changed-reference", error, "the peer gets the changed bytes", "leave bytes alone until their release has run"},
    {"never-rests", error, "the worker takes a whole processor", "wake, post and arm timers only for what is new"},
    {"unwritten-output", error, "the peer gets bytes of other connections, which lay there before",
     "count in out_used what was written and no more"},
    {"depends-on-cuts", warning, "a network cuts input as it likes, so some users get another answer",
     "leave an incomplete message unconsumed; set `want` if its length is known"},
    {"failed", warning, "the host resets the connection and counts it against the plugin",
     "refuse bad input by the protocol's own means; the log says what was thrown"},
    {"start-has-effects", warning, "`start` runs in trials too, at each check and reload",
     "begin threads and open what stays open in `run`"},
};

} // namespace

const std::vector<kind>& kinds() { return all; }

const kind& kind_named(std::string_view name) {
  const auto at = std::find_if(all.begin(), all.end(), [&](const kind& k) { return k.name == name; });
  assert(at != all.end());
  return *at;
}

finding make_finding(std::string_view name, std::string what) { return {&kind_named(name), std::move(what)}; }

std::string to_text(const finding& f) {
  std::string what = f.what;
  while (!what.empty() && what.back() == '\n') what.pop_back();
  for (std::size_t at = 0; (at = what.find('\n', at)) != what.npos; at += 5) what.replace(at, 1, "\n    ");
  return fmt::format("{}: {}\n  found: {}\n  why it matters: {}\n  remedy: {}\n", name_of(f.kind->severity),
                     f.kind->name, what, f.kind->why, f.kind->remedy);
}

} // namespace epollhost::check
