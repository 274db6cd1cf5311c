// Distributed under the Boost Software License, Version 1.0.
//! A counter: each line is answered with the number of lines that came so far, on all connections together.
//!
//! A plugin in Rust without a crate. The first part is a mirror of what it uses of <epollhost/plugin.h>, where the contract
//! stands; the tables grow at their ends only, so the mirror stays good. Build it with
//! `rustc --edition 2021 --crate-type cdylib -O counter.rs -o counter.so`.

use std::ffi::c_void;
use std::os::raw::c_char; // where Debian 12 has it: rustc 1.63
use std::panic::{catch_unwind, AssertUnwindSafe};
use std::ptr::null;

// ---- the boundary ---------------------------------------------------------------------------------------------------

const ABI_MAJOR: u16 = 1;
const ABI_MINOR: u16 = 0;
const KEEP: u32 = 0;
const CLOSE: u32 = 1;
const FAIL: u32 = 3;
const SINGLE_WORKER: u32 = 1;
const INTEGER: u32 = 2;

#[repr(C)]
pub struct Io {
    size: u32,
    flags: u32,
    conn: u64,
    arg: u64,
    input: *const u8,
    in_len: u64,
    out: *mut u8,
    out_cap: u64,
    now_ns: i64,
    in_used: u64,
    out_used: u64,
    want: u64,
    deadline_ns: i64,
}

type Hook = extern "C" fn(*mut c_void, *mut c_void, *mut Io) -> u32;

#[repr(C)]
pub struct Hooks {
    size: u32,
    flags: u32,
    state_size: u32,
    state_align: u32,
    open: Option<Hook>,
    data: Option<Hook>,
    room: Option<Hook>,
    timer: Option<Hook>,
    wake: Option<Hook>,
    drain: Option<Hook>,
    close: Option<extern "C" fn(*mut c_void, *mut c_void, u32)>,
}

#[repr(C)]
pub struct Value {
    integer: i64,
    real: f64,
    text: *const c_char,
    text_len: u64,
}

#[repr(C)]
pub struct Setting {
    name: *const c_char,
    help: *const c_char,
    choices: *const c_char,
    kind: u32,
    flags: u32,
    fallback: Value,
    min: Value,
    max: Value,
}

#[repr(C)]
pub struct Instance {
    size: u32,
    flags: u32,
    start: Option<extern "C" fn(*const c_void, *const Value, *mut *mut c_void) -> i32>,
    run: Option<extern "C" fn(*mut c_void)>,
    tick: Option<extern "C" fn(*mut c_void, u64)>,
    stop: Option<extern "C" fn(*mut c_void)>,
}

#[repr(C)]
pub struct Plugin {
    size: u32,
    abi_major: u16,
    abi_minor: u16,
    host_minor_needed: u32,
    option_size: u32,
    option_count: u32,
    flags: u32,
    name: *const c_char,
    version: *const c_char,
    summary: *const c_char,
    listen: *const c_char,
    socket: *const c_void,
    options: *const Setting,
    instance: *const Instance,
    hooks: *const Hooks,
}

// What C says of them, and never takes back.
const _: () = assert!(size_of::<Io>() == 96 && size_of::<Hooks>() == 72 && size_of::<Instance>() == 40);
const _: () = assert!(size_of::<Value>() == 32 && size_of::<Setting>() == 128 && size_of::<Plugin>() == 88);

/// The tables are never written, so every thread may read them.
#[repr(transparent)]
pub struct Table<T>(T);
unsafe impl<T> Sync for Table<T> {}

const fn size_of<T>() -> u32 {
    std::mem::size_of::<T>() as u32
}

// ---- the counter ----------------------------------------------------------------------------------------------------

const LINE_MAX: usize = 1024;

struct Counter {
    lines: i64,
}

/// Answers the lines of `input` while their numbers fit into `out`. Bytes used, bytes written, and whether a line is too
/// long.
fn count(counter: &mut Counter, input: &[u8], out: &mut [u8]) -> (usize, usize, bool) {
    let (mut used, mut written) = (0, 0);
    loop {
        let rest = &input[used..];
        let end = rest.iter().position(|&b| b == b'\n');
        if end.unwrap_or(rest.len()) > LINE_MAX {
            return (used, written, true);
        }
        let answer = format!("{}\n", counter.lines + 1);
        match (end, out.get_mut(written..written + answer.len())) {
            (Some(end), Some(place)) => {
                place.copy_from_slice(answer.as_bytes());
                counter.lines += 1;
                written += answer.len();
                used += end + 1;
            }
            _ => return (used, written, false), // the rest of a line, or of the room, is still to come
        }
    }
}

/// No panic may cross the boundary: it ends this connection, and the host counts it.
extern "C" fn data(instance: *mut c_void, _state: *mut c_void, io: *mut Io) -> u32 {
    let work = AssertUnwindSafe(|| {
        // Valid during the call, and nobody else's: all hooks of a worker run on one thread.
        let (counter, io) = unsafe { (&mut *(instance as *mut Counter), &mut *io) };
        if io.in_len == 0 {
            return KEEP; // the end of the input; the pointer may be null then
        }
        let input = unsafe { std::slice::from_raw_parts(io.input, io.in_len as usize) };
        let out = unsafe { std::slice::from_raw_parts_mut(io.out, io.out_cap as usize) };
        let (used, written, too_long) = count(counter, input, out);
        io.in_used = used as u64;
        io.out_used = written as u64;
        if too_long { CLOSE } else { KEEP }
    });
    catch_unwind(work).unwrap_or(FAIL)
}

extern "C" fn start(_host: *const c_void, values: *const Value, instance: *mut *mut c_void) -> i32 {
    let lines = unsafe { (*values).integer };
    unsafe { *instance = Box::into_raw(Box::new(Counter { lines })) as *mut c_void };
    0
}

extern "C" fn stop(instance: *mut c_void) {
    drop(unsafe { Box::from_raw(instance as *mut Counter) });
}

const fn number(integer: i64) -> Value {
    Value { integer, real: 0.0, text: null(), text_len: 0 }
}

static OPTIONS: Table<[Setting; 1]> = Table([Setting {
    name: "from\0".as_ptr() as *const c_char,
    help: "the number before the first\0".as_ptr() as *const c_char,
    choices: null(),
    kind: INTEGER,
    flags: 0,
    fallback: number(0),
    min: number(0),
    max: number(i64::MAX / 2),
}]);

static INSTANCE: Table<Instance> =
    Table(Instance { size: size_of::<Instance>(), flags: 0, start: Some(start), run: None, tick: None, stop: Some(stop) });

static HOOKS: Table<Hooks> = Table(Hooks {
    size: size_of::<Hooks>(),
    flags: 0,
    state_size: 0,
    state_align: 0,
    open: None,
    data: Some(data),
    room: None,
    timer: None,
    wake: None,
    drain: None,
    close: None,
});

#[no_mangle]
pub static epollhost_plugin: Table<Plugin> = Table(Plugin {
    size: size_of::<Plugin>(),
    abi_major: ABI_MAJOR,
    abi_minor: ABI_MINOR,
    host_minor_needed: 0,
    option_size: size_of::<Setting>(),
    option_count: 1,
    flags: SINGLE_WORKER,
    name: "counter\0".as_ptr() as *const c_char,
    version: "0.1.0\0".as_ptr() as *const c_char,
    summary: "answers each line with its number\0".as_ptr() as *const c_char,
    listen: ":7003\0".as_ptr() as *const c_char,
    socket: null(),
    options: OPTIONS.0.as_ptr(),
    instance: &INSTANCE.0,
    hooks: &HOOKS.0,
});
