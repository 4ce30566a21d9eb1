//! The painter, seen through a terminal.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "test code")]

use std::num::NonZero;

use proptest::prelude::*;
use ratatui_core::style::Stylize;
use ratatui_core::text::{Line, Span};
use vt100::Parser;

use super::{Reflow, Screen};
use crate::picture::{Picture, Spot};

/// A terminal and what was written to it.
struct Desk {
    terminal: Parser,
    screen: Screen<Vec<u8>>,
    bytes: usize,
}

impl Desk {
    fn new(width: u16, rows: u16) -> Self {
        Desk {
            terminal: Parser::new(size(rows), size(width), 10_000),
            screen: Screen::new(Vec::new(), width, rows, Reflow::Cuts),
            bytes: 0,
        }
    }

    fn paint(&mut self, finished: &[&str], live: &[&str]) -> usize {
        let finished: Vec<Line<'_>> = finished.iter().map(|text| Line::from(*text)).collect();
        self.screen.paint(&finished, &picture(live)).unwrap();
        self.take()
    }

    fn take(&mut self) -> usize {
        let bytes = std::mem::take(self.screen.out());
        self.terminal.process(&bytes);
        self.bytes += bytes.len();
        bytes.len()
    }

    fn shown(&self) -> Vec<String> {
        let screen = self.terminal.screen();
        let mut rows: Vec<String> = screen.rows(0, screen.size().1.get()).collect();
        while rows.last().is_some_and(String::is_empty) {
            rows.pop();
        }
        rows
    }

    /// Scrollback and screen, from the first row on.
    fn everything(&mut self) -> Vec<String> {
        let width = self.terminal.screen().size().1.get();
        self.terminal.screen_mut().set_scrollback(usize::MAX);
        let mut all = Vec::new();
        loop {
            let back = self.terminal.screen().scrollback();
            if back == 0 {
                all.extend(self.shown());
                return all;
            }
            all.extend(self.terminal.screen().rows(0, width).next());
            self.terminal.screen_mut().set_scrollback(back - 1);
        }
    }
}

fn size(columns: u16) -> NonZero<u16> {
    NonZero::new(columns).unwrap()
}

fn picture(lines: &[&str]) -> Picture {
    let last = lines.len().saturating_sub(1);
    let column = lines.last().map_or(0, |line| u16::try_from(line.len()).unwrap());
    Picture {
        lines: lines.iter().map(|line| Line::from((*line).to_owned())).collect(),
        cursor: Some(Spot { column, row: last }),
    }
}

#[test]
fn finished_lines_stay_above_the_live_area() {
    let mut desk = Desk::new(40, 6);
    desk.paint(&[], &["> ", "status"]);
    assert_eq!(desk.shown(), [">", "status"]);
    desk.paint(&["one", "two"], &["> ", "status"]);
    assert_eq!(desk.shown(), ["one", "two", ">", "status"]);
    desk.paint(&["three", "four", "five"], &["> ", "status"]);
    assert_eq!(desk.shown(), ["two", "three", "four", "five", ">", "status"]);
    assert_eq!(desk.everything(), ["one", "two", "three", "four", "five", ">", "status"]);
}

#[test]
fn the_live_area_grows_and_shrinks() {
    let mut desk = Desk::new(20, 5);
    desk.paint(&["a"], &["x", "y"]);
    desk.paint(&[], &["x", "x2", "x3", "y"]);
    assert_eq!(desk.shown(), ["a", "x", "x2", "x3", "y"]);
    desk.paint(&[], &["y"]);
    assert_eq!(desk.shown(), ["a", "y"]);
    desk.paint(&["x", "x2"], &["y"]);
    assert_eq!(desk.shown(), ["a", "x", "x2", "y"]);
}

#[test]
fn nothing_is_written_where_nothing_changes() {
    let mut desk = Desk::new(20, 5);
    assert!(desk.paint(&[], &["x", "y"]) > 0);
    assert_eq!(desk.paint(&[], &["x", "y"]), 0);
}

/// Issue 3: one word added to a 40-line answer writes at most 400 bytes.
#[test]
fn a_word_costs_few_bytes_even_on_a_new_row() {
    let mut desk = Desk::new(80, 24);
    let footer =
        ["", "> a draft that is being written", "", "plan Plus 5h 94% · gpt-5.5 medium · ~/work · 71% left"];
    let answer: Vec<String> =
        (0..19).map(|line| format!("Line {line} of an answer with a few more words")).collect();
    let mut live: Vec<&str> = answer.iter().map(String::as_str).collect();
    live.extend(footer);
    desk.paint(&[], &live);
    let longer = format!("{} more", live[18]);
    let mut word = live.clone();
    word[18] = &longer;
    let same_row = desk.paint(&[], &word);
    assert!(same_row <= 100, "{same_row} bytes");
    // The first row leaves for the scrollback, the new word begins a row.
    let mut next: Vec<&str> = word[1..19].to_vec();
    next.push("anew");
    next.extend(footer);
    let new_row = desk.paint(&[word[0]], &next);
    assert!(new_row <= 400, "{new_row} bytes");
    assert_eq!(desk.shown().len(), 24);
    assert_eq!(desk.everything()[..3], answer[..3]);
}

/// A flood costs what its lines cost, and its words stand apart in what is written.
#[test]
fn many_finished_lines_are_written_once() {
    let mut desk = Desk::new(80, 24);
    let live: Vec<String> = (0..22).map(|row| format!("live {row}")).collect();
    let mut shown: Vec<&str> = live.iter().map(String::as_str).collect();
    desk.paint(&[], &shown);
    shown.push("> ");
    let lines: Vec<String> = (0..1_000).map(|line| format!("line {line} of the answer")).collect();
    let finished: Vec<&str> = lines.iter().map(String::as_str).collect();
    let written: usize = lines.iter().map(|line| line.len() + 2).sum();
    let bytes = desk.paint(&finished, &shown);
    assert!(bytes < written * 3 / 2, "{bytes} bytes for {written}");
    assert_eq!(desk.everything()[..1_000], lines);
    assert_eq!(desk.everything()[1_000..1_022], live);
}

/// The two ways a finished line takes look the same.
#[test]
fn a_flood_looks_like_what_comes_bit_by_bit() {
    let colours = |line: usize| {
        Line::from(vec![
            "• ".dim(),
            format!("line {line} ").cyan().bold(),
            "日本 é".underlined(),
            "\x1b[2Ja tab\tand".into(),
            Span::raw(" more".repeat(line % 9)),
        ])
    };
    let lines: Vec<Line<'_>> = (0..60).map(colours).collect();
    let look = |at_once: usize| {
        let mut desk = Desk::new(40, 12);
        for lines in lines.chunks(at_once) {
            desk.screen.paint(lines, &picture(&["> "])).unwrap();
        }
        desk.take();
        (desk.terminal.screen().contents_formatted(), desk.everything())
    };
    assert_eq!(look(60), look(1));
}

#[test]
fn wide_characters_and_small_terminals() {
    let mut desk = Desk::new(20, 6);
    desk.paint(&["日本語のテキスト", "👩‍👩‍👧 family"], &["é̂ x", "状態"]);
    assert_eq!(desk.shown()[0], "日本語のテキスト");
    assert_eq!(desk.shown()[3], "状態");
    for (width, rows) in [(1, 1), (1, 5), (2, 2), (20, 1)] {
        let mut desk = Desk::new(width, rows);
        for _ in 0..3 {
            desk.paint(&["hello", "日本"], &["x", "y", "z"]);
        }
    }
}

#[test]
fn a_narrower_terminal_gets_a_clean_live_area() {
    let mut desk = Desk::new(40, 8);
    desk.paint(&["old"], &["a line of the live area", "> "]);
    desk.terminal.screen_mut().set_size(size(8), size(24));
    desk.screen.resize(24, 8).unwrap();
    desk.take();
    desk.paint(&[], &["a line of the", "live area", "> "]);
    assert_eq!(desk.shown(), ["old", "a line of the", "live area", ">"]);
}

proptest! {
    /// Whatever comes and goes: the terminal shows the finished lines in order, none lost, none twice, then the live area.
    #[test]
    fn nothing_is_lost_or_repeated(
        steps in prop::collection::vec((prop_oneof![4 => 0_usize..9, 1 => 9_usize..60], 1_usize..9), 1..30),
        rows in 3_u16..9,
    ) {
        let mut desk = Desk::new(30, rows);
        let (mut all, mut number) = (Vec::new(), 0);
        let mut live = Vec::new();
        for (finished, height) in steps {
            let new: Vec<String> = (0..finished).map(|_| { number += 1; format!("finished {number}") }).collect();
            all.extend(new.iter().cloned());
            live = (0..height.min(usize::from(rows) - 1)).map(|row| format!("live {row} of {number}")).collect();
            let (new, shown): (Vec<&str>, Vec<&str>) =
                (new.iter().map(String::as_str).collect(), live.iter().map(String::as_str).collect());
            desk.paint(&new, &shown);
        }
        all.extend(live);
        prop_assert_eq!(desk.everything(), all);
    }
}
