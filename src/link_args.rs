//! Build script: how the binary is linked. For the binary alone, so that tests keep their runtime.

fn main() {
    println!("cargo:rerun-if-changed=src/link_args.rs");
    println!("cargo:rerun-if-changed=src/rt/discard.ld");
    let root = std::env::var("CARGO_MANIFEST_DIR").expect("cargo names the package's directory");
    println!("cargo:rustc-link-arg-bins=-Wl,-T,{root}/src/rt/discard.ld");
    for arg in [
        "-nostartfiles", // `_start` is ours (src/rt/start.rs)
        "-nostdlib",     // nothing of libc or libgcc is wanted at run time
        "-static",       // no interpreter: it has to run where there is no library
        "-no-pie",       // nothing is relocated, so nothing has to relocate us
        "-Wl,--no-eh-frame-hdr", // no unwinder
        "-Wl,--build-id=none", // the same bytes from every directory
        "-Wl,-z,noseparate-code", // saves three pages of padding in the file
    ] {
        println!("cargo:rustc-link-arg-bins={arg}");
    }
}
