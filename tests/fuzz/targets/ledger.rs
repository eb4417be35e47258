//! The readers of ledgers: no panic, memory within 1 MiB and 400 bytes for each byte of the ledger;
//! a ledger compared with itself has no difference.
#![no_main]

use libfuzzer_sys::fuzz_target;
use rawstrap::ledger::{attest, compare, read, report, resume};
use rawstrap::list::{self, Loader, Plan};
use rawstrap_fuzz::memory;
use std::ffi::{c_char, c_int, c_uint};
use std::fs::File;
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};
use std::os::unix::fs::FileExt;
use std::sync::OnceLock;

/// What the ledgers of the corpus are about.
const LIST: &str = "path /bin\npackage p\nmkdir $OUT\nrun /bin/true\npackage q\nmkdir $OUT\ntest q\nrun /bin/true\n";

struct One;

impl Loader for One {
    fn load(&mut self, _: &str) -> Result<Vec<u8>, rawstrap::error::Error> {
        Ok(LIST.into())
    }
}

fn plan() -> &'static Plan {
    static PLAN: OnceLock<Plan> = OnceLock::new();
    PLAN.get_or_init(|| list::parse(&mut One, "l", 1).unwrap())
}

unsafe extern "C" {
    /// memfd_create(2)
    fn memfd_create(name: *const c_char, flags: c_uint) -> c_int;
}

/// A path that leads to a file with these bytes, in memory: a disk would take most of the time.
fn file(data: &[u8]) -> String {
    static FILE: OnceLock<File> = OnceLock::new();
    let file = FILE.get_or_init(|| {
        // SAFETY: a C string.
        let fd = unsafe { memfd_create(c"ledger".as_ptr(), 0) };
        assert!(fd >= 0, "{}", std::io::Error::last_os_error());
        // SAFETY: it is nobody else's.
        File::from(unsafe { OwnedFd::from_raw_fd(fd) })
    });
    file.set_len(0).unwrap();
    file.write_all_at(data, 0).unwrap();
    format!("/proc/self/fd/{}", file.as_raw_fd())
}

fuzz_target!(|data: &[u8]| {
    let plan = plan();
    let path = file(data);
    let used = memory::peak(true, || {
        let units: Vec<usize> = (0..plan.units.len()).collect();
        let _ = resume::last(&path, plan);
        if let Ok(position) = resume::position(&path, plan, &units) {
            assert!(position.done <= units.len());
        }
        let Ok(text) = std::str::from_utf8(data) else { return };
        let Ok(ledger) = read::read(text, "l") else { return };
        let mut names: Vec<_> = ledger.units.iter().map(|unit| (unit.kind, unit.name)).collect();
        names.sort();
        if let Some((_, first)) = compare::compare(&ledger, &ledger) {
            assert!(first.is_none() || names.windows(2).any(|two| two[0] == two[1]));
        }
        report::report(&ledger);
        attest::attest(&ledger, text, None);
    });
    assert!(used <= (1 << 20) + 400 * data.len(), "{used} bytes of memory for {} of ledger", data.len());
});
