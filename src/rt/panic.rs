//! A panic is a defect of rawstrap: say where, and abort.

use core::fmt::Write;

struct Stderr;

impl Write for Stderr {
    fn write_str(&mut self, s: &str) -> core::fmt::Result {
        let _ = rawstrap::sys::fs::write_fd(2, s.as_bytes());
        Ok(())
    }
}

#[panic_handler]
fn panic(info: &core::panic::PanicInfo) -> ! {
    let _ = writeln!(Stderr, "rawstrap: defect in rawstrap itself: {info}");
    rawstrap::sys::process::exit(rawstrap::error::Status::Defect as i32)
}

/// The precompiled `core` and `alloc` name these two in tables that only an unwinder reads;
/// without optimisation nothing drops the references.
#[unsafe(no_mangle)]
extern "C" fn rust_eh_personality() {}
#[unsafe(no_mangle)]
extern "C" fn _Unwind_Resume() {}
