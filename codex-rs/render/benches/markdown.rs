//! What a long answer costs: each word with a layout after it, and the longest of those steps.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "bench"
)]

use std::time::{Duration, Instant};

use codex_render::Look;
use codex_render::highlight::Highlighter;
use codex_render::markdown::{Markdown, render};
use criterion::{Criterion, criterion_group, criterion_main};

const WORDS: usize = 20_000;

/// An answer as models write them: paragraphs, lists, code, a table now and then.
fn answer(words: usize) -> Vec<String> {
    let mut deltas: Vec<String> = Vec::with_capacity(words);
    let mut section = 0;
    while deltas.len() < words {
        section += 1;
        let text = format!(
            "## Part {section}\n\nThe **loop** in `turn.rs` asks the model, runs what it calls and asks again, until \
             nothing is left to do; see [the page](https://example.com/{section}). It is *short* on purpose, and every \
             step of it can be told to a person in one line.\n\n1. First one thing\n   - with a detail\n2. then another, \
             which is a little longer than the first one and wraps\n\n```rust\nfn main() {{\n    let x = {section};\n    \
             println!(\"{{x}}\"); // says it\n}}\n```\n\n| name | value |\n|---|---|\n| one | {section} |\n| two | 2 |\n\n",
        );
        deltas.extend(text.split_inclusive([' ', '\n']).map(str::to_owned));
    }
    deltas.truncate(words);
    deltas
}

fn one_block(words: usize, before: &str, between: impl Fn(usize) -> String) -> Vec<String> {
    std::iter::once(before.to_owned())
        .chain((0..words).map(|word| format!("word{}", between(word))))
        .collect()
}

/// Four columns, a cell at a time.
fn table(rows: usize) -> Vec<String> {
    let head = "| name | size | what it does | when |\n|---|--:|---|---|\n".to_owned();
    let cells = |row: usize| {
        let word = ["reads", "writes", "asks again", "waits for what comes"][row % 4];
        [
            format!("| `file_{row}.rs` "),
            format!("| {} ", row * 37),
            format!("| {word} "),
            format!("| {row} days |\n"),
        ]
    };
    std::iter::once(head).chain((0..rows).flat_map(cells)).collect()
}

/// A block that comes at once, as a long one does when a session is opened.
fn code_block(lines: usize) -> String {
    let code = include_str!("../src/wrap.rs").lines().cycle().take(lines);
    code.fold("```rust\n".to_owned(), |block, line| block + line + "\n") + "```\n"
}

/// Pushes and lays out; how long all of it and the longest step took.
fn stream(deltas: &[String]) -> (Duration, Duration) {
    let mut document = Markdown::new(Look::FULL);
    let (begun, mut longest) = (Instant::now(), Duration::ZERO);
    for delta in deltas {
        let step = Instant::now();
        document.push(delta);
        std::hint::black_box(document.lines(100));
        longest = longest.max(step.elapsed());
    }
    (begun.elapsed(), longest)
}

fn report(name: &str, deltas: &[String]) {
    let (all, longest) = stream(deltas);
    println!("{name}: {} deltas in {all:?}, longest step {longest:?}", deltas.len());
}

fn benches(criterion: &mut Criterion) {
    let deltas = answer(WORDS);
    report("mixed answer", &deltas);
    report("one paragraph", &one_block(WORDS, "", |_| " ".to_owned()));
    report(
        "one list",
        &one_block(WORDS, "", |word| if word % 12 == 11 { "\n- ".into() } else { " ".into() }),
    );
    report(
        "code",
        &one_block(WORDS, "```rust\n", |word| if word % 8 == 7 { "\n".into() } else { " ".into() }),
    );
    report(
        "code in an item",
        &one_block(4_000, "- x\n  ```rust\n", |word| if word % 8 == 7 { "\n  ".into() } else { " ".into() }),
    );
    report(
        "table",
        &one_block(4_000, "|a|b|\n|-|-|\n", |word| if word % 8 == 7 { " |\n|".into() } else { " | ".into() }),
    );
    report("table of 1,000 rows", &table(1_000));
    report("quote", &one_block(4_000, "> ", |word| if word % 8 == 7 { "\n> ".into() } else { " ".into() }));
    let mut group = criterion.benchmark_group("markdown");
    group.sample_size(10);
    group.bench_function("20,000 deltas with layout", |bencher| bencher.iter(|| stream(&deltas)));
    let whole = deltas.concat();
    group.bench_function("whole", |bencher| bencher.iter(|| render(&whole, 100, Look::FULL)));
    for lines in [40, 1_000] {
        let block = code_block(lines);
        group.bench_function(format!("{lines} lines of code"), |bencher| {
            bencher.iter(|| render(&block, 100, Look::FULL));
        });
    }
    group.bench_function("1,000 lines of code, colours only", |bencher| {
        let block = code_block(1_000);
        bencher.iter(|| {
            let mut highlighter = Highlighter::for_language("rust", Look::FULL).unwrap();
            block.lines().map(|line| highlighter.line(line).len()).sum::<usize>()
        });
    });
    group.finish();
}

criterion_group!(all, benches);
criterion_main!(all);
