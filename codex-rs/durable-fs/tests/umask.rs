//! Modes do not depend on the umask. Alone in its binary, because the umask belongs to the whole process.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::time::Duration;

use codex_durable_fs::Durability;
use codex_durable_fs::Lock;
use codex_durable_fs::append_line;
use codex_durable_fs::write_file;
use codex_durable_fs::write_private;
use rustix::fs::Mode;

#[test]
fn modes_do_not_depend_on_the_umask() {
    for umask in [0o000, 0o022, 0o077, 0o277] {
        let folder = tempfile::tempdir().unwrap();
        let home = folder.path().join("a/b");
        let before = rustix::process::umask(Mode::from_raw_mode(umask));
        write_private(&home.join("private"), b"x").unwrap();
        append_line(&home.join("lines"), b"x", Durability::Buffered).unwrap();
        drop(Lock::acquire(&home.join("lock"), Duration::ZERO).unwrap());
        write_file(&folder.path().join("output"), b"x").unwrap();
        rustix::process::umask(before);

        let mode = |path: &str| fs::metadata(folder.path().join(path)).unwrap().mode() & 0o777;
        for file in ["a/b/private", "a/b/lines", "a/b/lock"] {
            assert_eq!(mode(file), 0o600, "{file} under {umask:o}");
        }
        for created in ["a", "a/b"] {
            assert_eq!(mode(created), 0o700, "{created} under {umask:o}");
        }
        assert_eq!(mode("output"), 0o666 & !umask, "output under {umask:o}");
    }
}
