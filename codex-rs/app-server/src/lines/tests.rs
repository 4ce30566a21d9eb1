//! What counts as a line.

use tokio::io::BufReader;

use super::*;

/// Reads `input` through a buffer of 4 bytes with a cap of 8.
async fn lines_of(input: &[u8]) -> Vec<Option<String>> {
    let mut lines = Lines::new(BufReader::with_capacity(4, input), 8);
    let mut found = Vec::new();
    while let Some(line) = lines.next().await.unwrap() {
        found.push(match line {
            Line::Whole(text) => Some(String::from_utf8_lossy(text).into_owned()),
            Line::TooLong => None,
        });
    }
    found
}

#[tokio::test]
async fn lines_end_at_line_feeds_and_at_the_end() {
    let some = |text: &str| Some(text.to_owned());
    let table: [(&[u8], Vec<Option<String>>); 8] = [
        (b"", vec![]),
        (b"\n", vec![some("")]),
        (b"a\nbc\n", vec![some("a"), some("bc")]),
        (b"a\nhalf", vec![some("a"), some("half")]),
        (b"12345678\n", vec![some("12345678")]),
        (b"123456789\nnext\n", vec![None, some("next")]),
        (b"123456789", vec![None]),
        (b"12345678901234567890\n\n12345678901234567890\nx", vec![None, some(""), None, some("x")]),
    ];
    for (input, expect) in table {
        assert_eq!(lines_of(input).await, expect, "{:?}", String::from_utf8_lossy(input));
    }
}

#[tokio::test]
async fn a_line_over_the_cap_is_not_kept_while_it_is_skipped() {
    let long = vec![b'x'; 1_000_000];
    let mut lines = Lines::new(long.as_slice(), 8);
    assert_eq!(lines.next().await.unwrap(), Some(Line::TooLong));
    assert!(lines.line.capacity() <= 8);
}
