//! Reading, writing, removing and appending through the public door.
#![allow(clippy::unwrap_used, clippy::panic, reason = "test helpers")]

use std::fs;
use std::fs::Permissions;
use std::os::unix::fs::MetadataExt;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::fs::chown;
use std::os::unix::fs::symlink;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use codex_durable_fs::*;

const NOBODY: u32 = 65534;

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().mode() & 0o777
}

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

#[test]
fn reading_tells_content_absence_and_exposure() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("file");
    assert!(read_private(&path, 10).unwrap().is_none());
    assert_eq!(exposure(&path).unwrap(), None);
    for (bits, expected) in [
        (0o600, Exposure::Private),
        (0o400, Exposure::Private),
        (0o644, Exposure::Wider(0o644)),
        (0o620, Exposure::Wider(0o620)),
    ] {
        fs::write(&path, "0123456789").unwrap();
        fs::set_permissions(&path, Permissions::from_mode(bits)).unwrap();
        let file = read_private(&path, 10).unwrap().unwrap();
        assert_eq!((file.bytes.as_slice(), file.exposure), (b"0123456789".as_slice(), expected));
        assert_eq!(exposure(&path).unwrap(), Some(expected));
        fs::remove_file(&path).unwrap();
    }
    fs::write(&path, "").unwrap();
    assert!(read_private(&path, 0).unwrap().unwrap().bytes.is_empty());
}

#[test]
fn reading_refuses_what_is_no_small_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("file");
    fs::write(&path, "0123456789").unwrap();
    let error = read_private(&path, 9).map(|_| ()).unwrap_err();
    assert!(matches!(error, FsError::TooLarge { limit: 9, .. }));
    assert!(error.to_string().ends_with("file is larger than 9 bytes; move it away or make it smaller"));

    let error = read_private(folder.path(), 9).map(|_| ()).unwrap_err();
    assert!(matches!(error, FsError::NotAFile { .. }), "{error}");

    let pipe = folder.path().join("pipe");
    rustix::fs::mkfifoat(rustix::fs::CWD, &pipe, rustix::fs::Mode::RUSR | rustix::fs::Mode::WUSR).unwrap();
    let error = read_private(&pipe, 9).map(|_| ()).unwrap_err();
    assert!(matches!(error, FsError::NotAFile { .. }), "{error}");

    let error = read_private(&path.join("below"), 9).map(|_| ()).unwrap_err();
    assert!(matches!(error, FsError::Io { action: Action::Read, .. }), "{error}");
    assert!(matches!(read_private(Path::new("/dev/zero"), 9), Err(FsError::NotAFile { .. })));
}

#[test]
fn an_unreadable_file_is_not_an_absent_one() {
    let folder = tempfile::tempdir().unwrap();
    fs::set_permissions(folder.path(), Permissions::from_mode(0o755)).unwrap();
    let path = folder.path().join("file");
    fs::write(&path, "secret").unwrap();
    fs::set_permissions(&path, Permissions::from_mode(0o000)).unwrap();
    // Root reads everything, so another user has to try. A copy of this binary runs from the temporary
    // folder because that user may not reach the build folder.
    let binary = folder.path().join("test-binary");
    fs::copy(std::env::current_exe().unwrap(), &binary).unwrap();
    let mut child = Command::new(&binary);
    child.args(["--exact", "child_cannot_read_or_write", "--ignored"]).env("CHILD_FOLDER", folder.path());
    if rustix::process::geteuid().is_root() {
        child.uid(NOBODY).gid(NOBODY);
    } else {
        fs::set_permissions(folder.path(), Permissions::from_mode(0o555)).unwrap();
    }
    let output = child.current_dir("/").output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
    fs::set_permissions(folder.path(), Permissions::from_mode(0o755)).unwrap();
    assert_eq!(names(folder.path()), ["file", "test-binary"]);
}

#[test]
#[ignore = "run by an_unreadable_file_is_not_an_absent_one"]
fn child_cannot_read_or_write() {
    let Some(folder) = std::env::var_os("CHILD_FOLDER") else { return };
    let path = Path::new(&folder).join("file");
    let denied = |error: FsError, tried: Action| match error {
        FsError::Io { action, source, .. } => {
            assert_eq!((action, source.kind()), (tried, std::io::ErrorKind::PermissionDenied));
        }
        other => panic!("{other}"),
    };
    denied(read_private(&path, 100).map(|_| ()).unwrap_err(), Action::Read);
    denied(write_private(&path, b"new").unwrap_err(), Action::Write);
    denied(write_file(&path, b"new").unwrap_err(), Action::Write);
    denied(append_line(&path, b"new", Durability::Buffered).unwrap_err(), Action::Append);
    denied(remove(&path).unwrap_err(), Action::Remove);
    denied(Lock::acquire(&path, Duration::ZERO).map(|_| ()).unwrap_err(), Action::Lock);
    denied(write_private(&path.with_file_name("x").join("y"), b"new").unwrap_err(), Action::CreateFolder);
}

#[test]
fn writing_makes_the_file_private_whatever_it_was() {
    for old in [None, Some(0o644), Some(0o666), Some(0o000), Some(0o400)] {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        if let Some(bits) = old {
            fs::write(&path, "a longer old content").unwrap();
            fs::set_permissions(&path, Permissions::from_mode(bits)).unwrap();
        }
        write_private(&path, b"new").unwrap();
        assert_eq!((fs::read(&path).unwrap().as_slice(), mode(&path)), (b"new".as_slice(), 0o600));
        assert_eq!(names(folder.path()), ["file"]);
    }
}

#[test]
fn writing_keeps_a_link_and_replaces_its_target() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("dotfiles")).unwrap();
    let target = folder.path().join("dotfiles/target");
    let link = folder.path().join("link");
    symlink("dotfiles/second", &link).unwrap();
    symlink("target", folder.path().join("dotfiles/second")).unwrap();
    // At first the target is missing, then it is replaced, removed, and made anew.
    for content in ["one", "two"] {
        write_private(&link, content.as_bytes()).unwrap();
        assert_eq!(fs::read_to_string(&target).unwrap(), content);
        assert!(link.is_symlink());
        assert_eq!(mode(&target), 0o600);
    }
    append_line(&link, b" and more", Durability::Synced).unwrap();
    assert_eq!(fs::read_to_string(&target).unwrap(), "two\n and more\n");
    assert!(remove(&link).unwrap());
    assert!(link.is_symlink() && !target.exists());
    assert!(!remove(&link).unwrap());
    assert_eq!(names(&folder.path().join("dotfiles")), ["second"]);
}

#[test]
fn writing_refuses_links_to_others() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    for name in ["open", "sticky", "ours"] {
        fs::create_dir(at(name)).unwrap();
    }
    fs::set_permissions(at("open"), Permissions::from_mode(0o777)).unwrap();
    fs::set_permissions(at("sticky"), Permissions::from_mode(0o1777)).unwrap();
    symlink("open/file", at("to-open")).unwrap();
    symlink(at("sticky/file"), at("to-sticky")).unwrap();
    symlink("../ours/file", at("open/back")).unwrap();
    symlink("open/back", at("by-way-of-open")).unwrap();
    let mut cases = vec![
        ("to-open", LinkDanger::OpenFolder),
        ("to-sticky", LinkDanger::OpenFolder),
        ("by-way-of-open", LinkDanger::OpenFolder),
    ];
    if rustix::process::geteuid().is_root() {
        fs::write(at("ours/theirs"), "theirs").unwrap();
        chown(at("ours/theirs"), Some(NOBODY), None).unwrap();
        symlink("ours/theirs", at("to-theirs")).unwrap();
        fs::create_dir(at("their-folder")).unwrap();
        chown(at("their-folder"), Some(NOBODY), None).unwrap();
        symlink("their-folder/file", at("to-their-folder")).unwrap();
        cases.extend([("to-theirs", LinkDanger::OtherUser), ("to-their-folder", LinkDanger::OtherUser)]);
    }
    for (link, expected) in cases {
        let refused = |error: FsError| match error {
            FsError::UnsafeLink { danger, .. } => assert_eq!(danger, expected, "{link}"),
            other => panic!("{link}: {other}"),
        };
        refused(write_private(&at(link), b"new").unwrap_err());
        refused(append_line(&at(link), b"new", Durability::Buffered).unwrap_err());
        refused(remove(&at(link)).unwrap_err());
    }
    assert_eq!(names(&at("open")), ["back"]);
    assert!(names(&at("sticky")).is_empty());
}

#[test]
fn writing_refuses_loops_and_folders() {
    let folder = tempfile::tempdir().unwrap();
    let link = folder.path().join("loop");
    symlink("loop", &link).unwrap();
    let error = write_private(&link, b"x").unwrap_err().to_string();
    assert!(error.contains("symbolic links"), "{error}");
    fs::create_dir(folder.path().join("folder")).unwrap();
    for write in [write_private, write_file] {
        let error = write(&folder.path().join("folder"), b"x").unwrap_err();
        assert!(matches!(error, FsError::NotAFile { .. }), "{error}");
    }
    assert!(matches!(remove(&folder.path().join("folder")), Err(FsError::NotAFile { .. })));
}

#[test]
fn removing_says_whether_there_was_a_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("file");
    fs::write(&path, "x").unwrap();
    assert!(remove(&path).unwrap());
    assert!(!remove(&path).unwrap());
    assert!(!remove(&folder.path().join("no/such/folder")).unwrap());
}

#[test]
fn output_goes_where_a_person_wants_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("out");
    fs::write(&path, "old, and longer").unwrap();
    fs::set_permissions(&path, Permissions::from_mode(0o640)).unwrap();
    symlink("out", folder.path().join("link")).unwrap();
    write_file(&folder.path().join("link"), b"new").unwrap();
    assert_eq!((fs::read_to_string(&path).unwrap().as_str(), mode(&path)), ("new", 0o640));
    write_file(Path::new("/dev/null"), b"gone").unwrap();
    assert_eq!(names(folder.path()), ["link", "out"]);
    let error = write_file(&folder.path().join("no/such"), b"x").unwrap_err();
    assert!(matches!(error, FsError::Io { action: Action::Write, .. }), "{error}");
}

#[test]
fn lines_are_appended_whole() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("made/lines");
    append_line(&path, b"one", Durability::Synced).unwrap();
    append_line(&path, b"two", Durability::Buffered).unwrap();
    fs::write(&path, "one\ntwo\ntor").unwrap();
    fs::set_permissions(&path, Permissions::from_mode(0o644)).unwrap();
    append_line(&path, b"three", Durability::Synced).unwrap();
    append_line(&path, b"", Durability::Synced).unwrap();
    assert_eq!(fs::read_to_string(&path).unwrap(), "one\ntwo\ntor\nthree\n\n");
    assert_eq!(mode(&path), 0o600);
    assert!(matches!(append_line(&path, b"a\nb", Durability::Synced), Err(FsError::LineBreak { .. })));
}

#[test]
fn many_writers_append_without_mixing() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("lines");
    std::thread::scope(|scope| {
        for writer in b'a'..b'e' {
            let path = &path;
            scope.spawn(move || {
                for length in 1..200 {
                    append_line(path, &vec![writer; length], Durability::Buffered).unwrap();
                }
            });
        }
    });
    let text = fs::read_to_string(&path).unwrap();
    assert!(text.lines().all(|line| line.bytes().all(|byte| byte == line.as_bytes()[0])));
    assert_eq!(text.lines().count(), 4 * 199);
}

#[test]
fn only_old_temporary_files_are_swept() {
    let folder = tempfile::tempdir().unwrap();
    let prefix = temporary_prefix(&folder.path().join("auth.json"));
    for name in [".auth.json.tmp-1-0", ".auth.json.tmp-2-7", "auth.json", ".other.json.tmp-1-0"] {
        fs::write(folder.path().join(name), "x").unwrap();
    }
    let written = fs::metadata(folder.path().join("auth.json")).unwrap().mtime();
    let hour = Duration::from_secs(3600);
    assert_eq!(sweep_stale(folder.path(), &prefix, hour, written + 3590).unwrap(), 0);
    assert_eq!(sweep_stale(folder.path(), &prefix, hour, written - 100_000).unwrap(), 0);
    assert_eq!(sweep_stale(folder.path(), &prefix, hour, written + 3700).unwrap(), 2);
    assert_eq!(names(folder.path()), [".other.json.tmp-1-0", "auth.json"]);
    assert_eq!(sweep_stale(&folder.path().join("absent"), &prefix, hour, 0).unwrap(), 0);
}

#[test]
fn shared_folders_come_and_go() {
    let folder = tempfile::tempdir().unwrap();
    let (path, file) = (folder.path().join("shared"), folder.path().join("shared/file"));
    assert!(create_directory(&path.join("inner")).is_err(), "only one at a time");
    create_directory(&path).unwrap();
    create_directory(&path).unwrap();
    fs::write(&file, "").unwrap();
    assert!(create_directory(&file).is_err());
    assert!(!remove_empty_directory(&path).unwrap());
    fs::remove_file(&file).unwrap();
    assert!(remove_empty_directory(&path).unwrap());
    assert!(remove_empty_directory(&path).unwrap(), "it is gone already");
    assert_eq!(names(folder.path()), [""; 0]);
}
