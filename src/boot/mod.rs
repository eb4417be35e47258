//! The first process of a machine: it starts the work in a child, says how that ended, and powers
//! the machine off. It must not end itself, which would be a panic of the kernel.

pub mod disks;
pub mod image;

use crate::sys::process::{self, End};
use crate::sys::{fd, machine, time};
use crate::text;

/// What the kernel calls the first process of an initramfs.
pub const NAME: &[u8] = b"/init";

/// Does the work and powers off. The status goes to the console's last line, and to an I/O port,
/// where QEMU's isa-debug-exit makes it the emulator's own status.
pub fn init(work: impl FnOnce() -> i32, exit_port: Option<u16>) -> ! {
    let status = match process::fork(0) {
        Ok(None) => process::exit(work()),
        Ok(Some(child)) => wait(child),
        Err(errno) => {
            let _ = fd::write(2, text!("rawstrap: cannot start a process: @\n", errno).as_bytes());
            crate::error::Status::Host as i32
        }
    };
    let _ = fd::write(2, text!("rawstrap: status @\n", status).as_bytes());
    machine::sync();
    fd::drain(2); // what is still on its way to a serial line goes with the machine
    if let Some(port) = exit_port {
        let _ = machine::out(port, status as u8);
    }
    if let Err(errno) = machine::power_off() {
        let _ = fd::write(2, text!("rawstrap: cannot power off: @\n", errno).as_bytes());
    }
    loop {
        time::sleep_ms(1 << 20);
    }
}

/// Reaps whatever ends, until the child does.
fn wait(child: i32) -> i32 {
    loop {
        match process::wait4(-1, 0) {
            Ok((pid, End::Exit(status), _)) if pid == child => return status,
            Ok((pid, End::Signal(number), _)) if pid == child => return 128 + number,
            Ok(_) => {}
            Err(_) => return crate::error::Status::Defect as i32,
        }
    }
}
