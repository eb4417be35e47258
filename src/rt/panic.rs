//! A panic is a defect of rawstrap: say so, and abort.

/// In a release the message and the place that a panic comes with are not looked at: then the
/// compiler leaves all of them, and the code that would format them, out of the binary (a quarter
/// of it). A build without optimisation says where it was.
#[panic_handler]
fn panic(info: &core::panic::PanicInfo) -> ! {
    let text = match info.location() {
        Some(place) if cfg!(debug_assertions) => rawstrap::text!(" at @:@", place.file(), place.line()),
        _ => "",
    };
    for part in ["rawstrap: defect in rawstrap itself", text, "\n"] {
        let _ = rawstrap::sys::fd::write(2, part.as_bytes());
    }
    rawstrap::sys::process::exit(rawstrap::error::Status::Defect as i32)
}

/// The precompiled `core` and `alloc` name these two in tables that only an unwinder reads;
/// without optimisation nothing drops the references.
#[unsafe(no_mangle)]
extern "C" fn rust_eh_personality() {}
#[unsafe(no_mangle)]
extern "C" fn _Unwind_Resume() {}
