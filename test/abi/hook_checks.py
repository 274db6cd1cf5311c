# Distributed under the Boost Software License, Version 1.0.
# Tests that a class whose hook is misspelt or has another form does not compile, and that the compiler says why; and that
# what only looks so does compile.
import concurrent.futures
import pathlib
import shutil
import subprocess
import sys

root = pathlib.Path(__file__).resolve().parents[2] / "include"
DATA = "eh::next data(eh::io&) { return eh::next::keep; }"
FORM = "must have the form: epollhost::next "


def plugin(connection, more=""):
    return f"""#include <epollhost/plugin.hpp>
#include <functional>
namespace eh = epollhost;
struct base {{ eh::next timer(eh::io&) {{ return eh::next::keep; }} }};
struct it {{
  static constexpr auto about = eh::about{{"it", "1", "is it", ":1"}};
  {more}
  {connection}
}};
EPOLLHOST_PLUGIN(it)
"""


def with_hooks(text, more=""):
    return plugin(f"struct connection {{ {DATA} {text} }};", more)


def hook(name, form="eh::next {}(eh::io&)"):
    return "  " + form.format(name) + " { return eh::next::keep; }"


def served(more):
    return plugin("eh::task<> serve(eh::stream peer) { co_await peer.async_read_some(); }", more).replace("plugin.hpp", "async.hpp")


refused = [("data missing", plugin("struct connection {};"), "needs the public hook `data`: epollhost::next data(epollhost::io&)"),
           ("data by another name", plugin(f"struct connection {{ {hook('on_data')} }};"), "did you mean `data`?"),
           ("data misspelt", plugin(f"struct connection {{ {hook('dat')} }};"), "no hook `dat`, so it would never"),
           ("data private", plugin(f"class connection {{ {DATA} }};"), "needs the public hook `data`"),
           ("data a variable", plugin("struct connection { int data; };"), "needs the public hook `data`"),
           ("no connection", plugin(""), "needs a nested class `connection`"),
           ("close with io", with_hooks("void close(eh::io&) {}"), "must have the form: void close(eh_reason)"),
           ("close misspelt", with_hooks("void closed(eh_reason) {}"), "did you mean `close`?"),
           ("close as on_close", with_hooks("void on_close(eh_reason) {}"), "did you mean `close`?"),
           ("run with a parameter", with_hooks("", "void run(int) {}"), "void run()"),
           ("tick without one", with_hooks("", "void tick() {}"), "void tick(std::uint64_t)"),
           ("tick as on_tick", with_hooks("", "void on_tick(std::uint64_t) {}"), "did you mean `tick`?"),
           ("run with an answer", with_hooks("", "bool run() { return false; }"), "void run()"),
           ("tick with an answer", with_hooks("", "int tick(std::uint64_t) { return 1; }"), "void tick(std::uint64_t)"),
           ("connection beside serve", served(f"struct connection {{ {DATA} }};"), "has either `serve` or a nested class `connection`"),
           ("run with an answer beside serve", served("int run() { return 0; }"), "epollhost::task<> run()"),
           ("run as a task without serve", with_hooks("", "eh::task<> run() { co_return; }").replace("plugin.hpp", "async.hpp"), "void run()"),
           ("tick without a parameter beside serve", served("void tick() {}"), "void tick(std::uint64_t)"),
           ("options without schema", with_hooks("", "struct options { int x = 1; };"), "a plugin with `options` needs"),
           ("schema without options", with_hooks("", "static constexpr int schema = 1;"), "a plugin with a `schema` needs"),
           ("timr", with_hooks(hook("timr")), "did you mean `timer`?"),
           ("timeout", with_hooks(hook("timeout")), "did you mean `timer`?"),
           ("onOpen", with_hooks(hook("onOpen")), "did you mean `open`?"),
           ("a final class", plugin(f"struct connection final {{ {DATA} void drain() {{}} }};"), f"`drain` of a connection {FORM}drain")]
for name in ("open", "room", "timer", "wake", "drain"):
    refused += [(f"{name} without io", with_hooks(f"eh::next {name}() {{ return eh::next::keep; }}"), f"of a connection {FORM}{name}(epollhost::io&)"),
                (f"{name} with another answer", with_hooks(f"void {name}(eh::io&) {{}}"), f"of a connection {FORM}{name}(epollhost::io&)"),
                (f"on_{name}", with_hooks(hook(f"on_{name}")), f"did you mean `{name}`?")]

taken = [("tick and run beside serve", served("void tick(std::uint64_t) {} void run() {}")),
         ("a task run beside serve", served("eh::task<> run() { co_return; }")),
         ("a variable named like a hook", with_hooks("int timer = 0; static constexpr int room = 1; const int& wake = timer;")),
         ("a private variable", with_hooks("private: int timer = 0; bool open = true;")),
         ("a hook that may do with less", with_hooks("eh::next timer(const eh::io&) { return eh::next::keep; }")),
         ("a hook that throws nothing", with_hooks("eh::next timer(eh::io&) noexcept { return eh::next::keep; }")),
         ("a static hook", with_hooks("static eh::next timer(eh::io&) { return eh::next::keep; }")),
         ("a hook as an object", with_hooks("std::function<eh::next(eh::io&)> timer;")),
         ("a template", with_hooks("template <class I> eh::next wake(I&) { return eh::next::keep; }")),
         ("an inherited hook", plugin(f"struct connection : base {{ {DATA} }};")),
         ("a final class", plugin(f"struct connection final {{ {DATA} eh::next timer(eh::io&) {{ return eh::next::keep; }} }};")),
         ("a helper beside its hook", with_hooks(hook("timer") + hook("timeout") + hook("read"))),
         ("a helper of another form", with_hooks("void on_timer(int) {} void closed() {} int dat = 0;"))]

compilers = [c for c in ("g++", "clang++") if shutil.which(c)]


def compile_with(compiler, source):
    return subprocess.run([compiler, "-x", "c++", "-std=c++20", "-Wall", "-Wextra", "-Wpedantic", "-Werror",
                           "-fsyntax-only", "-I", str(root), "-"], input=source, text=True, capture_output=True, timeout=300)


def look(case):
    compiler, name, source, message = case
    done = compile_with(compiler, source)
    if message is None:
        return [] if done.returncode == 0 else [f"{compiler}: {name}: is refused:\n{done.stderr}"]
    if done.returncode == 0:
        return [f"{compiler}: {name}: compiles"]
    return [] if message in done.stderr else [f"{compiler}: {name}: the message lacks '{message}':\n{done.stderr}"]


cases = [(c, *case) for c in compilers for case in (refused if c == "g++" else refused[::4]) + [(*t, None) for t in taken]]
with concurrent.futures.ThreadPoolExecutor(2) as pool:
    failures = [fault for faults in pool.map(look, cases) for fault in faults]
for failure in failures:
    print(failure)
sys.exit(1 if failures else 0)
