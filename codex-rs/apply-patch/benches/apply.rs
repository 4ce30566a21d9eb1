//! What a patch of a long file costs: 50 hunks in 50,000 lines, quoted well and badly.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "bench")]

use std::fmt::Write as _;
use std::hint::black_box;
use std::path::Path;

use codex_apply_patch::{parse, plan};
use criterion::{Criterion, criterion_group, criterion_main};

const LINES: usize = 50_000;
const HUNKS: usize = 50;

fn file() -> String {
    (0..LINES).fold(String::new(), |mut text, line| {
        match line % 4 {
            0 => writeln!(text, "    fn step_{line}(&self) -> usize {{"),
            1 => writeln!(text, "        self.total.wrapping_add({line}).rotate_left(3)"),
            2 => writeln!(text, "    }}"),
            _ => writeln!(text),
        }
        .unwrap();
        text
    })
}

/// Fifty hunks from top to bottom; `behind` stands behind every quoted line.
fn patch(behind: &str) -> String {
    let mut text = String::from("*** Begin Patch\n*** Update File: long.rs\n");
    for hunk in 0..HUNKS {
        let line = hunk * (LINES / HUNKS);
        let inner = line + 1;
        write!(
            text,
            "@@\n     fn step_{line}(&self) -> usize {{{behind}\n-        self.total.wrapping_add({inner}).rotate_left(3){behind}\n\
             +        self.total.wrapping_mul({inner})\n     }}{behind}\n"
        )
        .unwrap();
    }
    text + "*** End Patch\n"
}

fn apply(criterion: &mut Criterion) {
    let file = file().into_bytes();
    for (name, behind) in [("exact", ""), ("spaces behind", "  "), ("typographic", "\u{a0}")] {
        let text = patch(behind);
        criterion.bench_function(name, |bencher| {
            bencher.iter(|| {
                let patch = parse(black_box(&text)).unwrap();
                plan(&patch, Path::new("/w"), |_| Ok::<_, String>(Some(file.clone()))).unwrap()
            });
        });
    }
}

criterion_group!(benches, apply);
criterion_main!(benches);
