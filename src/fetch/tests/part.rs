//! Parts: made, gone on with, waited for.

use super::*;
use crate::fetch::tests::scratch;
use crate::io::Write;

#[test]
fn a_part_gets_its_name_or_goes() {
    let dir = scratch("part");
    let part = Part::open(&dir, "f", &mut || panic!()).unwrap();
    assert_eq!(part.size(), Ok(0));
    part.leave();
    assert!(fs::stat(&format!("{dir}/.f.part")).is_err());
    file::replace(&format!("{dir}/from"), &[7; 100_000], 0o600).unwrap();
    let part = Part::open(&dir, "f", &mut || panic!()).unwrap();
    part.copy(&mut file::File::open(&format!("{dir}/from")).unwrap()).unwrap();
    part.leave();
    let part = Part::open(&dir, "f", &mut || panic!()).unwrap();
    assert_eq!((part.size(), part.head()), (Ok(100_000), [7; 16]));
    assert_eq!(part.hash(), file::sha256(&format!("{dir}/from")));
    part.finish().unwrap();
    assert_eq!(file::read(&format!("{dir}/f")).unwrap(), [7; 100_000]);
    assert!(fs::stat(&format!("{dir}/.f.part")).is_err());
    file::remove(&dir).unwrap();
}

/// Who waited finds a new part, not the one that has become the file.
#[test]
fn two_do_not_write_one_part() {
    let dir = scratch("lock");
    let first = Part::open(&dir, "f", &mut || panic!()).unwrap();
    file::File::append(&first.path, 0o666).unwrap().write(b"first").unwrap();
    let mut first = Some(first);
    let second = Part::open(&dir, "f", &mut || first.take().unwrap().finish().unwrap()).unwrap();
    assert_eq!(second.size(), Ok(0));
    assert_eq!(file::read(&format!("{dir}/f")).unwrap(), b"first");
    file::remove(&dir).unwrap();
}

#[test]
fn what_cannot_be_written_is_said() {
    let error = Part::open("/proc/nowhere", "f", &mut || ()).err().unwrap();
    assert_eq!(
        (error.status, &*error.message),
        (
            Status::Host,
            "cannot write into /proc/nowhere: no such file or directory (ENOENT); \
             another directory can be named with --downloads"
        )
    );
}
