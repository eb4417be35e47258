//! The entry point: from the kernel's stack to `cli::main`.

use core::arch::naked_asm;

/// Where the kernel starts the process: argc, argv and envp lie on the stack
/// (System V ABI, x86-64 supplement, 3.4.1).
#[unsafe(no_mangle)]
#[unsafe(naked)]
unsafe extern "C" fn _start() -> ! {
    naked_asm!(
        "mov rdi, rsp",    // the argument block
        "xor ebp, ebp",    // the outermost frame, for debuggers
        "and rsp, -16",    // the ABI's alignment at a call
        "call {entry}",
        entry = sym entry,
    )
}

/// Turns the kernel's argument block into slices and runs the program.
unsafe extern "C" fn entry(stack: *const usize) -> ! {
    // SAFETY: the kernel lays out argc, argc pointers, null, the environment's pointers, null;
    // each points to a NUL-terminated string that lives as long as the process.
    let (args, env) = unsafe {
        let argc = *stack;
        let argv = stack.add(1) as *const *const core::ffi::c_char;
        (strings(argv), strings(argv.add(argc + 1)))
    };
    rawstrap::sys::process::exit(rawstrap::cli::main(&args, &env))
}

/// The strings of a null-terminated vector of C strings.
unsafe fn strings(mut vector: *const *const core::ffi::c_char) -> alloc::vec::Vec<&'static [u8]> {
    let mut all = alloc::vec::Vec::new();
    // SAFETY: as the caller promises.
    unsafe {
        while !(*vector).is_null() {
            all.push(core::ffi::CStr::from_ptr(*vector).to_bytes());
            vector = vector.add(1);
        }
    }
    all
}
