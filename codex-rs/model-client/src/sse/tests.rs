//! Tests: the stream grammar: rows, any chunking, a fuzz loop.

use proptest::prelude::*;

use super::{LONGEST_EVENT, SseParser, TooLong};

fn events(chunks: &[&[u8]]) -> Vec<String> {
    let mut parser = SseParser::default();
    let mut events = Vec::new();
    let mut take = |data: &[u8]| events.push(String::from_utf8_lossy(data).into_owned());
    for chunk in chunks {
        parser.feed(chunk, &mut take).unwrap();
    }
    parser.finish(&mut take).unwrap();
    events
}

#[test]
fn the_grammar() {
    let rows: [(&str, &[&str]); 14] = [
        ("", &[]),
        ("\n\n\n", &[]),
        ("data: one\n\n", &["one"]),
        ("data:one\n\n", &["one"]),
        ("data:  one\n\n", &[" one"]),
        ("data: one\r\n\r\ndata: two\r\rdata: three\n\n", &["one", "two", "three"]),
        ("data: one\ndata: two\n\n", &["one\ntwo"]),
        ("data\n\n", &[""]),
        ("data:\ndata:\n\n", &["\n"]),
        ("\u{feff}data: one\n\n", &["one"]),
        ("data: a\n\n\u{feff}data: b\n\n", &["a"]),
        (": comment\nevent: x\nid: 1\nretry: 5\ndata: one\nunknown\n\n", &["one"]),
        ("database: no\ndata: yes\n\n", &["yes"]),
        // The closing blank line is missing, or the last line's end too.
        ("data: one\n\ndata: two\ndata: three", &["one", "two\nthree"]),
    ];
    for (stream, expected) in rows {
        assert_eq!(events(&[stream.as_bytes()]), expected, "{stream:?}");
    }
}

#[test]
fn endless_lines_and_events_are_refused() {
    let chunk = vec![b'x'; LONGEST_EVENT / 4];
    let mut parser = SseParser::default();
    let fed: Vec<_> = (0..6).map(|_| parser.feed(&chunk, |_| panic!("no event"))).collect();
    assert_eq!(fed.iter().position(|fed| *fed == Err(TooLong)), Some(4));

    let line = [b"data: ", chunk.as_slice(), b"\n"].concat();
    let mut parser = SseParser::default();
    let fed: Vec<_> = (0..6).map(|_| parser.feed(&line, |_| panic!("no event"))).collect();
    assert!(fed.contains(&Err(TooLong)));
}

/// Cuts `stream` at these places, wherever they fall.
fn cut<'a>(stream: &'a [u8], places: &[prop::sample::Index]) -> Vec<&'a [u8]> {
    let mut places: Vec<_> = places.iter().map(|place| place.index(stream.len() + 1)).collect();
    places.sort_unstable();
    places.push(stream.len());
    let mut from = 0;
    places
        .into_iter()
        .map(|place| {
            let chunk = &stream[from..place];
            from = place;
            chunk
        })
        .collect()
}

proptest! {
    #[test]
    fn chunks_do_not_matter(
        parts in prop::collection::vec(prop_oneof![
            Just("data: "), Just("data"), Just(":"), Just("\n"), Just("\r"), Just("\r\n"), Just("\n\n"),
            Just("event: x"), Just("\u{feff}"), Just("wörld"), Just("{\"a\":1}"), Just(" "),
        ], 0..40),
        places in prop::collection::vec(any::<prop::sample::Index>(), 0..20),
    ) {
        let stream = parts.concat();
        let bytes = stream.as_bytes();
        let single: Vec<&[u8]> = bytes.chunks(1).collect();
        let whole = events(&[bytes]);
        prop_assert_eq!(&events(&cut(bytes, &places)), &whole);
        prop_assert_eq!(&events(&single), &whole);
    }

    #[test]
    fn any_bytes_are_read_without_harm(
        bytes in prop::collection::vec(any::<u8>(), 0..400),
        places in prop::collection::vec(any::<prop::sample::Index>(), 0..10),
    ) {
        prop_assert_eq!(events(&cut(&bytes, &places)), events(&[&bytes]));
    }

    #[test]
    fn what_is_written_is_read(texts in prop::collection::vec("[^\r\n]{0,40}(\n[^\r\n]{0,40}){0,3}", 0..8)) {
        let mut stream = String::new();
        for text in &texts {
            for line in text.split('\n') {
                stream.push_str(&format!("data: {line}\n"));
            }
            stream.push('\n');
        }
        prop_assert_eq!(events(&[stream.as_bytes()]), texts);
    }
}

/// A cheap fuzz loop: damaged copies of a real stream, in odd chunks, through the grammar and the events' reader.
#[test]
fn damaged_streams_do_no_harm() {
    let stream = concat!(
        "event: response.created\ndata: {\"type\":\"response.created\",\"response\":{\"id\":\"r\"}}\n\n",
        "data: {\"type\":\"response.output_item.added\",\"item\":{\"type\":\"message\",\"role\":\"assistant\",\"content\":[]}}\r\n\r\n",
        "data: {\"type\":\"response.output_text.delta\",\"item_id\":\"msg\",\"delta\":\"h\\u00e9llo \\ud83d\\ude00\"}\n\n",
        "data: {\"type\":\"error\",\"status\":429,\"error\":{\"type\":\"usage_limit_reached\",\"resets_at\":1}}\n\n",
        "data: {\"type\":\"response.completed\",\"response\":{\"usage\":{\"input_tokens\":1}}}\n\n",
    );
    let mut seed = 0x2545_F491_4F6C_DD1D_u64;
    let mut random = move |below: usize| {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        (seed % below as u64) as usize
    };
    for _ in 0..3000 {
        let mut bytes = stream.as_bytes().to_vec();
        for _ in 0..random(6) {
            let place = random(bytes.len());
            match random(3) {
                0 => bytes[place] = random(256) as u8,
                1 => bytes.truncate(place.max(1)),
                _ => bytes.insert(place, [b'\n', b'\r', b'"', 0, 0xff][random(5)]),
            }
        }
        let mut parser = SseParser::default();
        let mut read = 0;
        for chunk in bytes.chunks(1 + random(64)) {
            parser.feed(chunk, |data| read += usize::from(crate::events::read(data).is_some())).unwrap();
        }
        parser.finish(|data| read += usize::from(crate::events::read(data).is_some())).unwrap();
        assert!(read <= 8);
    }
}
