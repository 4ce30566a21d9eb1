//! The masked form of an API key.

use super::*;

#[test]
fn keys_are_masked_and_short_ones_show_nothing() {
    for (key, expect) in [
        ("sk-proj-0123456789abcdefghijVWXYZ", "sk-proj-***VWXYZ"),
        ("sk-0123456789abcdefghijklm", "sk-01234***ijklm"),
        ("sk-0123456789abcdefghijkl", "***"),
        ("", "***"),
    ] {
        assert_eq!(masked(&Secret::new(key)), expect);
    }
}
