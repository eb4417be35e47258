//! The list parser: no panic, memory within 2 MiB and 400 bytes for each byte of the list; what it
//! makes of a step can be written and read again; errors name their place.
#![no_main]

use libfuzzer_sys::fuzz_target;
use rawstrap::error::{Error, Status};
use rawstrap::list::{self, Loader, Plan};
use rawstrap_fuzz::memory;

/// One list, which may include another.
struct Lists<'a>(&'a [u8]);

impl Loader for Lists<'_> {
    fn load(&mut self, path: &str) -> Result<Vec<u8>, Error> {
        match path {
            "l.steps" => Ok(self.0.to_vec()),
            "more.steps" => Ok(b"package more\nmkdir $OUT\n".to_vec()),
            _ => Err(Error::new(Status::List, "there is no such list")),
        }
    }
}

fn parse(text: &[u8]) -> Result<Plan, Error> {
    list::parse(&mut Lists(text), "l.steps", 2)
}

fuzz_target!(|data: &[u8]| {
    let used = memory::peak(true, || match parse(data) {
        Err(error) => {
            assert!(error.status == Status::List && error.message.starts_with("l.steps:"), "{}", error.message);
        }
        Ok(plan) => {
            for step in plan.units.iter().flat_map(|unit| &unit.steps) {
                assert!(!list::step(step).is_empty());
                assert!(!list::step_line(step).contains('\n'));
            }
        }
    });
    assert!(used <= (2 << 20) + 400 * data.len(), "{used} bytes of memory for {} of list", data.len());
});
