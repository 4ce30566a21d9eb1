//! What is shown, and what is refused with which words.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "test code")]

use std::fs;
use std::os::unix::fs::symlink;
use std::sync::Arc;

use base64::Engine as _;
use codex_sandbox::{Network, Policy};

use super::*;

/// One grey dot each.
const PNG: &str =
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGOoBwAAgQCA05RTSgAAAABJRU5ErkJggg==";
const GIF: &[u8] = b"GIF89a\x01\0\x01\0\0\0\0\x2c\0\0\0\0\x01\0\x01\0\0\x02\x02\x44\x01\0\x3b";

#[test]
fn images_are_shown_and_everything_else_is_refused_with_a_reason() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().canonicalize().unwrap();
    let hidden = root.join("home");
    fs::create_dir_all(root.join("work/folder")).unwrap();
    fs::create_dir(&hidden).unwrap();
    let png = base64::engine::general_purpose::STANDARD.decode(PNG).unwrap();
    for (name, bytes) in [
        ("work/picture.png", png.as_slice()),
        ("work/text.png", b"no image"),
        ("work/empty.png", b""),
        ("work/cut.png", &png[..40]),
        ("outside.gif", GIF),
        ("home/secret.png", &png),
    ] {
        fs::write(root.join(name), bytes).unwrap();
    }
    fs::File::create(root.join("work/large.png")).unwrap().set_len(LARGEST + 1).unwrap();
    symlink(root.join("outside.gif"), root.join("work/link.png")).unwrap();
    symlink(&hidden, root.join("work/way")).unwrap();
    let policy = Policy::read_only(Network::Closed, std::slice::from_ref(&hidden));
    let files = Files::new(Arc::new(policy), &[hidden]);
    let view = |path: &str| {
        let arguments = json!({"path": path}).to_string();
        let viewing = Viewing::read(&arguments, &root.join("work")).unwrap();
        viewing.parts(&files).map_err(|bad| bad.to_string())
    };
    let url = |part: &Value| part["image_url"].as_str().unwrap().to_owned();
    let png_url = format!("data:image/png;base64,{PNG}");
    for (path, start) in [
        ("picture.png", png_url.as_str()),
        ("../outside.gif", "data:image/gif;base64,R0lGODlhAQABAAAAACwAAAAAAQABAAACAkQBADs="),
        ("link.png", "data:image/gif;base64,R0lGODlhAQABAAAAACwAAAAAAQABAAACAkQBADs="),
    ] {
        let parts = view(path).unwrap();
        assert_eq!(
            (parts.len(), parts[0]["type"].as_str(), url(&parts[0]).as_str()),
            (1, Some("input_image"), start)
        );
    }
    for (path, words) in [
        ("none.png", "does not exist"),
        ("folder", "is not a plain file"),
        ("text.png", "is no PNG, JPEG, GIF or WebP; convert it first"),
        ("cut.png", "is cut off or broken"),
        ("empty.png", "is no PNG, JPEG, GIF or WebP; convert it first"),
        ("large.png", "is larger than 20 MiB; make it smaller"),
        ("../home/secret.png", "is in a folder with credentials"),
        ("way/secret.png", "is in a folder with credentials"),
        ("/proc/self/environ", "is a part of the running system"),
    ] {
        let text = view(path).unwrap_err();
        assert!(text.starts_with("view_image was not done: `/") && text.contains(words), "{path}: {text}");
        assert!(text.ends_with('.') && !text.ends_with(".."), "{text}");
    }
}

#[test]
fn bad_arguments_are_told_to_the_model() {
    for (arguments, part) in [
        ("{}", "missing field `path`"),
        (r#"{"path":7}"#, "invalid type: integer"),
        (r#"{"path":""}"#, "`path` is empty"),
        (r#"{"path":"a\u0000b"}"#, "`path` holds a NUL character"),
    ] {
        let text = Viewing::read(arguments, Path::new("/tmp")).unwrap_err().to_string();
        assert!(text.starts_with("view_image was not done: ") && text.contains(part), "{arguments}: {text}");
    }
}
