//! What is an image, and what is too large a one.

use super::*;

#[test]
fn an_image_over_the_limit_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("large.png");
    let file = File::create(&path).unwrap();
    file.set_len(image::LARGEST + 1).unwrap();
    let error = data_url(&path).unwrap_err().to_string();
    assert!(error.ends_with("is larger than 20 MiB; make it smaller."), "{error}");
}
