//! The first process of a machine: it starts the work in a child, says how that ended, and powers
//! the machine off. It must not end itself, which would be a panic of the kernel.

pub mod disks;
pub mod image;

use crate::sys::process;
use crate::sys::{fd, machine, time};
use crate::text;

/// What the kernel calls the first process of an initramfs.
pub const NAME: &[u8] = b"/init";

/// How a machine ends.
pub struct End {
    /// The status goes to this I/O port, where QEMU's isa-debug-exit makes it the emulator's own.
    pub exit_port: Option<u16>,
    /// It is not powered off.
    pub stay: bool,
}

/// Does the work and powers off. The status stands in the console's last line.
pub fn init(work: impl FnOnce() -> i32, end: &End) -> ! {
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
    if let Some(port) = end.exit_port {
        let _ = machine::out(port, status as u8);
    }
    if !end.stay
        && let Err(errno) = machine::power_off()
    {
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
            Ok((pid, process::End::Exit(status), _)) if pid == child => return status,
            Ok((pid, process::End::Signal(number), _)) if pid == child => return 128 + number,
            Ok(_) => {}
            Err(_) => return crate::error::Status::Defect as i32,
        }
    }
}
