//! The order of a save's steps, and what is left when any one of them fails.

use std::fs;

use super::*;
use crate::probe::recorder;

const ORDER: [Step; 6] =
    [Step::CreateTemporary, Step::SetMode, Step::Write, Step::SyncFile, Step::Rename, Step::SyncFolder];

#[test]
fn a_save_takes_its_steps_in_the_safe_order() {
    let folder = tempfile::tempdir().unwrap();
    let (outcome, steps) = recorder::run(None, || write_private(&folder.path().join("file"), b"new"));
    outcome.unwrap();
    assert_eq!(steps, ORDER);
}

#[test]
fn a_failing_step_leaves_old_or_new_and_no_litter() {
    for step in ORDER {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        fs::write(&path, "old").unwrap();
        let (outcome, _) = recorder::run(Some(step), || write_private(&path, b"new"));
        assert!(matches!(outcome, Err(FsError::Io { action: Action::Write, .. })), "{step:?}");
        let expected = if step == Step::SyncFolder { "new" } else { "old" };
        assert_eq!(fs::read_to_string(&path).unwrap(), expected, "{step:?}");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "{step:?}");
    }
}
