//! Where rawstrap's verdict is another one than the tool's, on purpose.

const OTHER_MACHINES: &str = "no source tarball has a reason to use it";
const SPARSE: &str = "no source tarball has one; it is a dozen formats";
const ABSOLUTE: &str = "GNU tar drops the slash; an archive with it is not meant for what it is used for here";

/// The end of a file's name, a part of what the test says about it, and the reason.
pub const DIFFERENCES: &[(&str, &str, &str)] = &[
    ("good-1-arm64-lzma2-1.xz", "xz reads it; xz: BCJ filter for another machine", OTHER_MACHINES),
    ("good-1-arm64-lzma2-2.xz", "xz reads it; xz: BCJ filter for another machine", OTHER_MACHINES),
    ("good-1-empty-bcj-lzma2.xz", "xz reads it; xz: BCJ filter for another machine", OTHER_MACHINES),
    ("good-1-sparc-lzma2.xz", "xz reads it; xz: BCJ filter for another machine", OTHER_MACHINES),
    (".Z.uu", "the format is compress", "GNU tar calls gzip for it; no source is packed so any more"),
    (".zst.uu", "the format is zstd", "GNU tar calls zstd for it; upstreams that use it have another one too"),
    ("compat_plexus_archiver_tar.tar.uu", "a single block of zeros", "a shorter archive must not go for the whole"),
    ("compat_tar_hardlink_1.tar.uu", "no end-of-archive entry", "a shorter archive must not go for the whole"),
    ("compat_solaris_tar_acl.tar.uu", "unknown typeflag", "GNU tar makes files of what it does not know"),
    ("gtar_sparse_1_13.tar.uu", "sparse file", SPARSE),
    ("gtar_sparse_1_17.tar.uu", "sparse file", SPARSE),
    ("gtar_sparse_1_17_posix00.tar.uu", "sparse file", SPARSE),
    ("gtar_sparse_1_17_posix01.tar.uu", "sparse file", SPARSE),
    ("gtar_sparse_1_17_posix10.tar.uu", "sparse file", SPARSE),
    ("tar_empty_filename.tar.uu", "empty name", "GNU tar takes it for the directory it unpacks into"),
    ("test_leading_slash.tar.uu", "absolute name", ABSOLUTE),
    ("test_patterns_2.tar.uu", "absolute name", ABSOLUTE),
    ("test_patterns_3.tar.uu", "absolute name", ABSOLUTE),
];
