//! Unpacking to a disk, against GNU tar.

use super::*;
use crate::archive::disk::unpack_file;

/// Names, types, modes, times, link texts, sizes, and which names are one file.
const LIST: &str = "find . -mindepth 1 -printf '%p %y %m %T@ %l %s\\n' | sort; find . -type f | sort | xargs -r ls -i \
    | awk '{ if (!($1 in n)) n[$1] = NR; print n[$1], $2 }'; find . -type f | sort | xargs -r cksum";

fn path(dir: &Temp, name: &str) -> Vec<u8> {
    dir.0.join(name).into_os_string().into_encoded_bytes()
}

/// Unpacks with GNU tar and here, and compares.
fn compare(dir: &Temp, archive: &str, strip: u32) {
    dir.sh("[ ! -e ours ] || chmod -R u+w ours theirs; rm -rf theirs ours; mkdir theirs ours");
    dir.sh(&format!("cd theirs; tar xf ../{archive} --warning=no-timestamp --no-same-owner --no-same-permissions --strip-components={strip}"));
    unpack_file(&path(dir, archive), &path(dir, "ours"), strip, 1).unwrap();
    let theirs = String::from_utf8(dir.sh(&format!("cd theirs; {LIST}"))).unwrap();
    let ours = String::from_utf8(dir.sh(&format!("cd ours; {LIST}"))).unwrap();
    assert_eq!(ours, theirs);
    // Once more onto what is there.
    unpack_file(&path(dir, archive), &path(dir, "ours"), strip, 1).unwrap();
    assert_eq!(String::from_utf8(dir.sh(&format!("cd ours; {LIST}"))).unwrap(), theirs);
}

#[test]
fn as_gnu_tar() {
    let dir = Temp::new();
    dir.sh(
        "mkdir -p t/sub/deep t/closed t/empty; echo a >t/a; echo b >t/sub/b; echo c >t/sub/deep/c; : >t/nothing
        ln t/a t/sub/hard; ln -s ../a t/sub/soft; ln -s /nowhere t/absolute; ln -s a t/plain; ln t/sub/soft t/softhard; echo in >t/closed/in
        chmod 4755 t/a; chmod 666 t/sub/b; chmod 400 t/nothing; chmod 2775 t/sub; chmod 1777 t/empty
        head -c 200000 /dev/urandom >t/big
        touch -h -d @1000.25 t/sub/soft t/a t/sub/b t/sub t/empty; touch -d @-5 t/sub/deep
        touch -d @9999999999.999999999 t/sub/deep/c; chmod 555 t/closed; touch -d @7 . t",
    );
    for format in ["gnu", "posix"] {
        dir.sh(&format!("tar c --format={format} -f a.tar t; touch -d @7 t; tar c --format={format} -f dot.tar -C t ."));
        compare(&dir, "a.tar", 0);
        compare(&dir, "a.tar", 1);
        // A hard link to t/…, of which nothing is left: GNU tar fails there too.
        unpack_file(&path(&dir, "a.tar"), &path(&dir, "ours"), 2, 1).unwrap_err();
        compare(&dir, "dot.tar", 0);
        assert_eq!(dir.sh("stat -c '%a %y' ours"), dir.sh("stat -c '%a %y' theirs"));
        compare(&dir, "dot.tar", 1);
        // A later member of the same name.
        dir.sh("mkdir n; cd n; mkdir t; echo new >t/a; ln -s a t/empty; mkdir t/plain; tar rf ../a.tar t/a t/empty t/plain; rm -r t; cd ..; rmdir n");
        compare(&dir, "a.tar", 0);
    }
    for (option, name) in [("z", "a.tar.gz"), ("j", "a.tar.bz2")] {
        dir.sh(&format!("tar c{option}f {name} t"));
        compare(&dir, name, 0);
    }
}

#[test]
fn nothing_leaves_the_directory() {
    let dir = Temp::new();
    dir.sh("mkdir in out p; ln -s ../out p/way; tar cf a.tar -C p way; mkdir -p q/way; echo x >q/way/x; tar rf a.tar -C q way/x");
    let error = unpack_file(&path(&dir, "a.tar"), &path(&dir, "in"), 0, 1).unwrap_err();
    let (a, way) = (dir.0.join("a.tar"), dir.0.join("in/way"));
    let expected = format!(
        "cannot unpack {}: cannot make a file below {}: it is a symbolic link, which is not followed when unpacking",
        a.display(),
        way.display()
    );
    assert_eq!(error.message, expected);
    assert_eq!(dir.sh("ls out"), b"");
    // A link that was there before is not followed either, be it the file or above it.
    dir.sh("echo old >out/x; ln -s ../out in/d; ln -s ../out/x in/x; echo new >x; tar cf b.tar x; mkdir d; cp x d; tar cf c.tar d/x");
    unpack_file(&path(&dir, "b.tar"), &path(&dir, "in"), 0, 1).unwrap();
    unpack_file(&path(&dir, "c.tar"), &path(&dir, "in"), 0, 1).unwrap_err();
    assert_eq!(dir.sh("cat out/x in/x"), b"old\nnew\n");
    // A hard link to a symbolic link is one to the link, and writing it replaces it.
    dir.sh("rm -r in; mkdir in h; ln -s ../out/x h/s; ln h/s h/t; tar cf d.tar -C h s t; rm h/t; echo evil >h/t; tar rf d.tar -C h t");
    unpack_file(&path(&dir, "d.tar"), &path(&dir, "in"), 0, 1).unwrap();
    assert_eq!(dir.sh("cat out/x in/t"), b"old\nevil\n");
}

#[test]
fn failures_name_the_path() {
    let dir = Temp::new();
    dir.sh("mkdir -p in/x/y d; echo x >x; tar cf a.tar x; echo z >in/z; mkdir z; echo 1 >z/1; tar cf b.tar z/1; ln x y; tar cf c.tar x y; : >empty");
    dir.sh("tar cf d.tar --exclude=x x y 2>/dev/null; printf '\\050\\265\\057\\375abcdefgh' >e.zst; echo text >f");
    for (archive, expected) in [
        ("a.tar", "cannot replace IN/x: directory not empty (ENOTEMPTY)"),
        ("empty", "archive: the file is empty, at byte 0 of the compressed input"),
        ("e.zst", "archive: the format is zstd; gzip, bzip2, xz and plain tar are read, at byte 0 of the compressed input"),
        ("f", "tar: unexpected end of the archive, at byte 5 of the archive"),
    ] {
        let error = unpack_file(&path(&dir, archive), &path(&dir, "in"), 0, 1).expect_err(expected);
        let expected = expected.replace("IN", &dir.0.join("in").display().to_string());
        assert_eq!(error.message, format!("cannot unpack {}: {expected}", dir.0.join(archive).display()));
    }
    let missing = dir.0.join("missing").display().to_string();
    let error = unpack_file(missing.as_bytes(), &path(&dir, "in"), 0, 1).unwrap_err();
    assert!(error.message.contains(&missing), "{error:?}");
    unpack_file(&path(&dir, "a.tar"), missing.as_bytes(), 0, 1).unwrap_err();
}
