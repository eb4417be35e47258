//! The readers of ledgers: no panic, memory within 1 MiB and 400 bytes for each byte of the ledger;
//! a ledger compared with itself has no difference.
#![no_main]

use libfuzzer_sys::fuzz_target;
use rawstrap::ledger::{attest, compare, read, report, resume};
use rawstrap::list::{self, Loader, Plan};
use rawstrap_fuzz::memory;
use std::fs::File;
use std::os::fd::AsRawFd;
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

/// A path that leads to a file with these bytes, which has no name.
fn file(data: &[u8]) -> String {
    static FILE: OnceLock<File> = OnceLock::new();
    let file = FILE.get_or_init(|| {
        let path = std::env::temp_dir().join(format!("rawstrap-fuzz-{}", std::process::id()));
        let file = File::options().read(true).write(true).create_new(true).open(&path).unwrap();
        std::fs::remove_file(path).unwrap();
        file
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
