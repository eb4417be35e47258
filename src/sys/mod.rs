//! The kernel's interface: one safe function a system call.
