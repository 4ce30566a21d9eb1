//! Editing: motions, cuts, undo, rows; and that no sequence of keys loses text or shows a key.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "test code")]

use proptest::prelude::*;

use super::*;

const KEY: &str = "sk-proj-abcdefghij0123456789";

/// The text with `|` where the cursor is.
fn shown(area: &TextArea) -> String {
    let (before, after) = area.text().split_at(area.cursor());
    format!("{before}|{after}")
}

/// An area made of such a text.
fn area(marked: &str) -> TextArea {
    let (before, after) = marked.split_once('|').unwrap();
    let mut area = TextArea::default();
    area.set(format!("{before}{after}"));
    area.cursor = before.len();
    area
}

#[test]
fn motions() {
    let table = [
        ("ab|c", Motion::Left, "a|bc"),
        ("e\u{301}|", Motion::Left, "|e\u{301}"),
        ("|👩‍👩‍👧x", Motion::Right, "👩‍👩‍👧|x"),
        ("|", Motion::Left, "|"),
        ("|", Motion::Right, "|"),
        ("one two.three|", Motion::WordLeft, "one two.|three"),
        ("one two.|three", Motion::WordLeft, "one |two.three"),
        ("one| two", Motion::WordRight, "one two|"),
        ("世界| two", Motion::WordLeft, "|世界 two"),
        ("ab\ncd|", Motion::LineStart, "ab\n|cd"),
        ("a|b\ncd", Motion::LineEnd, "ab|\ncd"),
    ];
    for (before, motion, after) in table {
        let mut area = area(before);
        area.go(motion);
        assert_eq!(shown(&area), after, "{before} {motion:?}");
    }
}

#[test]
fn deletions() {
    let table = [
        ("ab|c", Motion::Left, "a|c"),
        ("👍🏽|", Motion::Left, "|"),
        ("one two|", Motion::WordLeft, "one |"),
        ("|one two", Motion::WordRight, "| two"),
        ("a|b\ncd", Motion::LineEnd, "a|\ncd"),
        ("a|\ncd", Motion::LineEnd, "a|cd"),
        ("ab\nc|d", Motion::LineStart, "ab\n|d"),
        ("ab\n|cd", Motion::LineStart, "ab|cd"),
    ];
    for (before, motion, after) in table {
        let mut area = area(before);
        area.delete(motion, Cut::Kept);
        assert_eq!(shown(&area), after, "{before} {motion:?}");
        area.put_back();
        assert_eq!(area.text(), before.replace('|', ""), "{before} {motion:?} put back");
        area.undo();
        area.undo();
        assert_eq!(shown(&area), before, "{before} {motion:?} undone");
    }
}

#[test]
fn letters_typed_together_are_undone_together() {
    let mut area = TextArea::default();
    for letter in ["o", "n", "e", " ", "t", "w", "o"] {
        area.insert(letter);
    }
    area.undo();
    assert_eq!(shown(&area), "one |");
    area.undo();
    assert_eq!(shown(&area), "one|");
    area.undo();
    area.undo();
    assert_eq!(shown(&area), "|");
}

#[test]
fn what_was_hidden_cannot_be_cut_and_put_back() {
    let mut area = TextArea::default();
    area.insert("/add-api-key custom-secret");
    area.delete(Motion::WordLeft, Cut::Kept);
    area.put_back();
    assert_eq!(area.text(), "/add-api-key custom-");
}

#[test]
fn what_was_hidden_stays_so_when_its_shape_is_broken() {
    let mut area = TextArea::default();
    area.insert(KEY);
    area.go(Motion::Left);
    area.insert(" ");
    area.go(Motion::LineStart);
    area.insert("x");
    assert_eq!(area.hidden().first(), Some(&(1..area.text().len())));
    // The command's argument too, when the command goes.
    let mut area = TextArea::default();
    area.insert("/add-api-key abc");
    area.go(Motion::LineStart);
    area.delete(Motion::WordRight, Cut::Gone);
    assert_eq!((area.text(), area.hidden().first()), ("-api-key abc", Some(&(9..12))));
}

#[test]
fn rows_and_the_way_through_them() {
    let rows = |text: &str, room: usize| -> Vec<String> {
        let rows = layout::rows(text, &[], |_| None, room);
        rows.iter().map(|row| row.cells.iter().map(|cell| cell.text.as_str()).collect()).collect()
    };
    assert_eq!(rows("one two three", 8), ["one two ", "three"]);
    assert_eq!(rows("one two three", 7), ["one two ", "three"]);
    assert_eq!(rows("abcdefgh", 3), ["abc", "def", "gh"]);
    assert_eq!(rows("abc ", 3), ["abc ", ""]);
    assert_eq!(rows("a\n\nb", 3), ["a", "", "b"]);
    assert_eq!(rows("世界", 3), ["世", "界"]);
    assert_eq!(rows("世", 1), ["?"]);
    let mut area = area("one two three fo|ur\nx");
    let laid = layout::rows(area.text(), &[], |_| None, 8);
    let mut steps = Vec::new();
    for step in [Step::Up, Step::Up, Step::Up, Step::Down, Step::Down, Step::Down, Step::Down] {
        area.go_by_row(&laid, step);
        steps.push(shown(&area).replace('\n', "/"));
    }
    assert_eq!(
        steps,
        [
            "one two th|ree four/x",
            "on|e two three four/x",
            "on|e two three four/x",
            "one two th|ree four/x",
            "one two three fo|ur/x",
            "one two three four/x|",
            "one two three four/x|",
        ]
    );
}

#[derive(Debug, Clone)]
enum Act {
    Insert(String),
    Go(Motion),
    Delete(Motion, Cut),
    PutBack,
    Undo,
    Row(Step, usize),
}

fn motion() -> impl Strategy<Value = Motion> {
    use Motion::{Left, LineEnd, LineStart, Right, WordLeft, WordRight};
    prop::sample::select(vec![Left, Right, WordLeft, WordRight, LineStart, LineEnd])
}

fn act() -> impl Strategy<Value = Act> {
    let pieces = [
        "a",
        " ",
        "\n",
        "世",
        "e\u{301}",
        "\u{301}",
        "👩‍👩‍👧",
        "\u{200d}",
        "🇩",
        "sk-",
        "\t",
        "/add-api-key ",
        KEY,
    ];
    prop_oneof![
        prop::sample::select(pieces.to_vec()).prop_map(|text| Act::Insert(text.to_owned())),
        "\\PC{0,6}".prop_map(Act::Insert),
        motion().prop_map(Act::Go),
        (motion(), prop::sample::select(vec![Cut::Kept, Cut::Gone]))
            .prop_map(|(motion, cut)| Act::Delete(motion, cut)),
        Just(Act::PutBack),
        Just(Act::Undo),
        (prop::sample::select(vec![Step::Up, Step::Down]), 1..30usize)
            .prop_map(|(step, room)| Act::Row(step, room)),
    ]
}

proptest! {
    #[test]
    fn the_cursor_is_on_a_boundary_and_rows_lose_nothing(acts in prop::collection::vec(act(), 0..40), room in 1..30usize) {
        let mut area = TextArea::default();
        for act in acts {
            match act {
                Act::Insert(text) => {
                    let before = area.text().to_owned();
                    let at = area.cursor();
                    area.insert(&text);
                    let mut expected = before;
                    expected.insert_str(at, &text);
                    prop_assert_eq!(area.text(), expected);
                }
                Act::Go(motion) => area.go(motion),
                Act::Delete(motion, cut) => area.delete(motion, cut),
                Act::PutBack => area.put_back(),
                Act::Undo => area.undo(),
                Act::Row(step, room) => {
                    let rows = layout::rows(area.text(), &area.hidden(), |_| None, room);
                    area.go_by_row(&rows, step);
                }
            }
            prop_assert!(area.is_boundary(area.cursor()));
            let hidden = area.hidden();
            let rows = layout::rows(area.text(), &hidden, |_| None, room);
            // Each grapheme is drawn once, in order, and none that is hidden is drawn as it is.
            let mut places: Vec<usize> = rows.iter().flat_map(|row| row.cells.iter().map(|cell| cell.at)).collect();
            places.dedup();
            let graphemes: Vec<usize> =
                area.text().grapheme_indices(true).filter(|(_, text)| *text != "\n").map(|(at, _)| at).collect();
            prop_assert_eq!(places, graphemes);
            let drawn: String = rows.iter().flat_map(|row| row.cells.iter().map(|cell| cell.text.as_str())).collect();
            prop_assert!(!drawn.contains("sk-proj-abcdefghij"));
            for row in &rows {
                let width: usize = row.cells.iter().map(|cell| cell.width).sum();
                prop_assert!(width <= room + 1);
            }
            let (row, column) = layout::spot(&rows, area.cursor());
            prop_assert!(row < rows.len() && column <= room);
        }
    }
}
