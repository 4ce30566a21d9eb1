//! A whole session as people have it: a repository with a failing test, which the model finds, mends and proves mended
//! through its tools, behind walls and without asking.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "test code")]

mod support;

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use codex_app_server_protocol::{
    ApprovalPolicy, CommandStatus, FileChangeKind, FileChangeStatus, SandboxMode, ServerNotification,
    ThreadItem, ThreadStartParams, TurnStatus,
};
use codex_fake_backend::Reply;
use serde_json::json;
use support::{Lab, backend};

const LIBRARY: &str = "# Words of a title as the name of a page.\n\
    slug() {\n    \
        printf '%s' \"$1\" | tr 'A-Z' 'a-z' | tr ' ' '_'\n\
    }\n";
const TEST: &str = ". lib/slug.sh\n\
    got=$(slug 'Hello Wide World')\n\
    [ \"$got\" = hello-wide-world ] || { echo \"FAILED: got $got\"; exit 1; }\n\
    echo ok\n";
const PATCH: &str = "*** Begin Patch\n\
    *** Update File: lib/slug.sh\n\
    @@ slug() {\n\
    -    printf '%s' \"$1\" | tr 'A-Z' 'a-z' | tr ' ' '_'\n\
    +    printf '%s' \"$1\" | tr 'A-Z' 'a-z' | tr ' ' '-'\n\
    *** Add File: CHANGES.md\n\
    +- Names of pages have dashes.\n\
    *** End Patch\n";

fn git(folder: &Path, arguments: &[&str]) -> String {
    let output = Command::new("git")
        .args(["-c", "user.name=Test", "-c", "user.email=test@localhost", "-c", "init.defaultBranch=main"])
        .args(arguments)
        .current_dir(folder)
        .env_clear()
        .env("PATH", "/usr/bin:/bin")
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .env("HOME", folder)
        .output()
        .unwrap();
    assert!(output.status.success(), "git {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

fn make_repository(project: &Path) {
    std::fs::remove_dir(project.join(".git")).unwrap();
    for (name, text) in [("lib/slug.sh", LIBRARY), ("tests/run.sh", TEST), ("README.md", "# Pages\n")] {
        let path = project.join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    git(project, &["init", "-q"]);
    git(project, &["add", "-A"]);
    git(project, &["commit", "-qm", "Pages"]);
}

/// Every file below a folder with its bytes, but for one folder.
fn snapshot(folder: &Path, but: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path == but {
            continue;
        }
        match path.is_dir() && !path.is_symlink() {
            true => found.extend(snapshot(&path, but)),
            false => {
                found.insert(path.display().to_string(), std::fs::read(&path).unwrap_or_default());
            }
        }
    }
    found
}

/// The files that are not the same in both.
fn changed<'a>(one: &'a BTreeMap<String, Vec<u8>>, two: &'a BTreeMap<String, Vec<u8>>) -> Vec<&'a String> {
    one.keys().chain(two.keys()).filter(|name| one.get(*name) != two.get(*name)).collect()
}

#[tokio::test]
async fn a_failing_test_is_found_mended_and_proved_mended() {
    let run = |command: &str| Reply::answer().call("exec_command", &json!({"cmd": command, "login": false}));
    let lab = Lab::new(backend([
        run("git log --oneline | wc -l; cat lib/slug.sh; sh tests/run.sh"),
        Reply::answer().custom_call("apply_patch", PATCH),
        run("sh tests/run.sh && git --no-optional-locks status --short"),
        // What lies beyond the walls stays as it is, also when a model tries.
        run("echo x > ../beside; echo x >> .git/config; echo x > $HOME/x; cat $HOME/auth.json"),
        Reply::text("The name of a page now has dashes; the test passes."),
    ]));
    make_repository(&lab.project);
    let world = lab.project.parent().unwrap().to_owned();
    let (outside, inside_git) = (snapshot(&world, &lab.project), snapshot(&lab.project.join(".git"), &world));
    let params = ThreadStartParams {
        sandbox: Some(SandboxMode::WorkspaceWrite),
        approval_policy: Some(ApprovalPolicy::OnRequest),
        // The test's own world lies there.
        config: json!({"sandbox_workspace_write.exclude_slash_tmp": true}).as_object().cloned(),
        ..ThreadStartParams::default()
    };
    let thread = lab.start(params).await.handle;
    let turn = lab.turn(&thread, "The test fails. Mend it.").await;
    assert_eq!(turn.status, TurnStatus::Completed);
    assert!(lab.sink.asked.lock().unwrap().is_empty(), "nothing of this is to be asked about");

    // What people saw.
    let items: Vec<ThreadItem> = lab
        .sink
        .all()
        .into_iter()
        .filter_map(|notification| match notification {
            ServerNotification::ItemCompleted(completed) => Some(completed.item),
            _ => None,
        })
        .filter(|item| !matches!(item, ThreadItem::UserMessage { .. }))
        .collect();
    let [
        ThreadItem::CommandExecution {
            status: failed,
            exit_code: Some(1),
            aggregated_output: Some(found),
            ..
        },
        ThreadItem::FileChange { changes, status: FileChangeStatus::Completed, .. },
        ThreadItem::CommandExecution {
            status: passed,
            exit_code: Some(0),
            aggregated_output: Some(proof),
            ..
        },
        ThreadItem::CommandExecution { aggregated_output: Some(tried), .. },
        ThreadItem::AgentMessage { text, .. },
    ] = items.as_slice()
    else {
        panic!("{items:#?}")
    };
    assert_eq!((*failed, *passed), (CommandStatus::Failed, CommandStatus::Completed));
    assert_eq!(found, &format!("1\n{LIBRARY}FAILED: got hello_wide_world\n"));
    assert_eq!(proof, "ok\n M lib/slug.sh\n?? CHANGES.md\n");
    assert!(!tried.contains("access_token"), "{tried}");
    assert!(text.ends_with("the test passes."));
    let shown: Vec<(&str, &FileChangeKind)> =
        changes.iter().map(|change| (change.path.rsplit('/').next().unwrap(), &change.kind)).collect();
    assert_eq!(
        shown,
        [("slug.sh", &FileChangeKind::Update { move_path: None }), ("CHANGES.md", &FileChangeKind::Add)]
    );
    assert!(
        changes[0].diff.contains("+    printf '%s' \"$1\" | tr 'A-Z' 'a-z' | tr ' ' '-'"),
        "{changes:#?}"
    );

    // What the model was told.
    let requests = lab.backend.model_requests();
    assert_eq!(requests.len(), 5);
    let last = requests.last().unwrap().body["input"].to_string();
    assert!(last.contains("Success. Updated the following files:"), "{last}");
    let verdict = lab.backend.verdict();
    assert!(verdict.refused.is_empty() && verdict.leaked.is_empty(), "{verdict:#?}");

    // What there is.
    let after = std::fs::read_to_string(lab.project.join("lib/slug.sh")).unwrap();
    assert_eq!(after, LIBRARY.replace('_', "-"));
    let changes = std::fs::read_to_string(lab.project.join("CHANGES.md")).unwrap();
    assert_eq!(changes, "- Names of pages have dashes.\n");
    assert_eq!(changed(&outside, &snapshot(&world, &lab.project)), Vec::<&String>::new());
    assert_eq!(changed(&inside_git, &snapshot(&lab.project.join(".git"), &world)), Vec::<&String>::new());
    assert_eq!(git(&lab.project, &["status", "--short"]), " M lib/slug.sh\n?? CHANGES.md\n");
}
