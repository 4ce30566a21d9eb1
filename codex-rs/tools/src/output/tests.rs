//! Caps and seams, as tables.

use super::*;

#[test]
fn head_and_tail_are_kept_and_the_gap_is_told() {
    let mut kept = KeptOutput::default();
    kept.push(b"first line\n");
    for _ in 0..300 {
        kept.push(&[b'x'; 10_000]);
    }
    kept.push("\nlast line é".as_bytes());
    let text = kept.text();
    assert!(text.starts_with("first line\nxxx"));
    assert!(text.ends_with("xxx\nlast line é"));
    let missing = kept.total() - 2 * KEPT_EACH_END;
    assert!(text.contains(&format!("\n… {missing} bytes of output left out here …\n")));
    assert!(text.len() < 2 * KEPT_EACH_END + 100);
}

#[test]
fn nothing_is_said_where_nothing_is_missing() {
    let mut kept = KeptOutput::default();
    for _ in 0..2 {
        kept.push(&vec![b'y'; KEPT_EACH_END]);
    }
    assert_eq!(kept.text(), "y".repeat(2 * KEPT_EACH_END));
}

#[test]
fn text_is_shortened_in_the_middle() {
    for (text, tokens, expected) in [
        ("short", 10, "short"),
        ("12345678", 2, "12345678"),
        ("123456789abc", 2, "1234\n… about 1 tokens of output left out here …\n9abc"),
        ("ääää12345678üüüü", 2, "ää\n… about 4 tokens of output left out here …\nüü"),
        ("äöüäöü", 1, "ä\n… about 2 tokens of output left out here …\nü"),
        ("anything", 0, "\n… about 2 tokens of output left out here …\n"),
    ] {
        let mut kept = KeptOutput::default();
        kept.push(text.as_bytes());
        assert_eq!(kept.excerpt(0, tokens), expected, "{text}");
    }
}

#[test]
fn a_character_torn_over_pieces_stays_whole() {
    for (pieces, expected) in [
        (vec![&b"a"[..], b"b"], "ab"),
        (vec![&b"\xc3"[..], b"\xa9"], "é"),
        (vec![&b"\xf0\x9f"[..], b"\x98", b"\x80!"], "😀!"),
        (vec![&b"\xff\xfe"[..], b"ok"], "\u{fffd}\u{fffd}ok"),
        (vec![&b"cut \xe2\x82"[..]], "cut \u{fffd}"),
        (vec![&b"\x80\x80\x80\x80"[..], b"z"], "\u{fffd}\u{fffd}\u{fffd}\u{fffd}z"),
    ] {
        let mut decoder = Decoder::default();
        let mut text: String = pieces.iter().map(|piece| decoder.push(piece)).collect();
        text.push_str(&decoder.finish());
        assert_eq!(text, expected);
    }
}
