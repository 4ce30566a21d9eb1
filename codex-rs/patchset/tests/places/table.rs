//! Each kind of place in files that are laid out in every way.

use codex_patchset::{Outcome, Series, Tree};

use crate::Stage;

/// `before`, with `insert` at the place.
#[track_caller]
fn check(at: &str, insert: &str, before: &str, after: &str) {
    let patched = Stage::new(before).apply(&[(at, insert)]).unwrap_or_else(|error| panic!("{at}: {error}"));
    assert_eq!(patched, after, "{at}\n{patched}");
}

#[test]
fn after_a_field() {
    let at = "after field A.one";
    check(at, "two: u8,\n", "struct A {\n    one: u8,\n}\n", "struct A {\n    one: u8,\n    two: u8,\n}\n");
    check(at, "two: u8,\n", "struct A { one: u8, x: u8 }\n", "struct A { one: u8, two: u8, x: u8 }\n");
    check(at, "two: u8,\n", "struct A { one: u8 }\n", "struct A { one: u8, two: u8, }\n");
    // Comments stay with what they are about; a comment can hold anything, and a doc comment belongs to what follows.
    check(
        at,
        "two: u8,\n",
        "struct A {\n  one: u8 // , }\n}\n",
        "struct A {\n  one: u8, // , }\n  two: u8,\n}\n",
    );
    check(
        at,
        "two: u8,\n",
        "struct A {\n\tone: u8, /* a */ // b\n\tx: u8,\n}\n",
        "struct A {\n\tone: u8, /* a */ // b\n\ttwo: u8,\n\tx: u8,\n}\n",
    );
    check(
        at,
        "two: u8,\n",
        "struct A {\n    one: u8, /* a\n    b */ x: u8,\n}\n",
        "struct A {\n    one: u8, two: u8, /* a\n    b */ x: u8,\n}\n",
    );
    check(
        at,
        "two: u8,\n",
        "struct A {\n    one: u8, /// of x\n    x: u8,\n}\n",
        "struct A {\n    one: u8, two: u8, /// of x\n    x: u8,\n}\n",
    );
    check(
        at,
        "/// Second.\ntwo: u8,\n",
        "struct A { one: Vec<\n    u8>, x: u8 }\n",
        "struct A { one: Vec<\n    u8>,\n/// Second.\ntwo: u8,\n x: u8 }\n",
    );
    check(
        at,
        "/// Second.\ntwo: u8,\n",
        "\u{feff}struct A {\r\n    one: u8,\r\n}\r\n",
        "\u{feff}struct A {\r\n    one: u8,\r\n    /// Second.\r\n    two: u8,\r\n}\r\n",
    );
    check(at, "two: u8,\n", "#!/bin/x\nstruct A { one: u8 }", "#!/bin/x\nstruct A { one: u8, two: u8, }");
    check(
        at,
        "two: u8,\n",
        "#![allow(x)]\nstruct A { one: u8 }",
        "#![allow(x)]\nstruct A { one: u8, two: u8, }",
    );
}

#[test]
fn in_literals() {
    let at = "in every literal of A";
    let check = |before: &str, after: &str| check(at, "two: 2,\n", before, after);
    check("fn f() { A { one: 1 } }", "fn f() { A { two: 2, one: 1 } }");
    check("fn f() { A {} }", "fn f() { A { two: 2, } }");
    check("fn f() { A {one:1} }", "fn f() { A { two: 2, one:1} }");
    check(
        "fn f() {\n    x::A { // {\n        one: 1,\n    }\n}\n",
        "fn f() {\n    x::A { // {\n        two: 2,\n        one: 1,\n    }\n}\n",
    );
    check(
        "impl A { fn f() -> Self { Self { one: 1 } } }",
        "impl A { fn f() -> Self { Self { two: 2, one: 1 } } }",
    );
    check(
        "fn f() { m!(A { one: 1 }, x::A { one: [A { one: 2 }] }); }",
        "fn f() { m!(A { two: 2, one: 1 }, x::A { two: 2, one: [A { two: 2, one: 2 }] }); }",
    );
    check(
        "#[cfg(test)] mod tests { fn f() { A { } } }",
        "#[cfg(test)] mod tests { fn f() { A { two: 2, } } }",
    );
    // No literals of the struct, or such as take the rest from elsewhere.
    for other in [
        "A { ..a }",
        "A { one: 1, ..a }",
        "E::A { one: 1 }",
        "m!(A { one: 1, ..a })",
        "m!(E::A { one: 1 })",
        "m!(struct A { one: u8 })",
        "m!(impl A { })",
        "m!(fn f() -> A { })",
        "matches!(a, A { one: 1 })",
        "m!(if let A { one } = a { })",
        "{ let A { one } = a; }",
        "{ fn g() { Self { one: 1 } } }",
    ] {
        let text = format!("fn f() {{ {other}; }}\nfn g() {{ A {{ one: 1 }}; }}\n");
        check(&text, &text.replace("fn g() { A {", "fn g() { A { two: 2,"));
    }
}

#[test]
fn a_literal_with_a_text_of_its_own() {
    let stage = Stage::new("fn f() { || A { one: 1 } }\nfn g() { A { one: 1 } }\n");
    let edits = [("in every literal of A", "two: 2,\n"), ("in the literal of A in fn f", "two: 3,\n")];
    assert_eq!(
        stage.apply(&edits).unwrap(),
        "fn f() { || A { two: 3, one: 1 } }\nfn g() { A { two: 2, one: 1 } }\n"
    );
}

#[test]
fn arms() {
    let at = "before arm E::A in fn f";
    let function = |arms: &str| format!("fn f() {{\n    match x {{\n{arms}    }}\n}}\n");
    let check_arms =
        |before: &str, after: &str| check(at, "E::N => 0,\n", &function(before), &function(after));
    check_arms(
        "        E::B => 1,\n        E::A => 2,\n",
        "        E::B => 1,\n        E::N => 0,\n        E::A => 2,\n",
    );
    check_arms(
        "        E::B => 1, // of B\n        // of A }\n        #[x]\n        y::E::A(1) | E::C if z => 2,\n",
        "        E::B => 1, // of B\n        E::N => 0,\n        // of A }\n        #[x]\n        y::E::A(1) | E::C if z => 2,\n",
    );
    check_arms(
        "        /* c\n        // d */ E::A => 2,\n",
        "        E::N => 0,\n        /* c\n        // d */ E::A => 2,\n",
    );
    check_arms(
        "        // Of nobody.\n\n        // Of A.\n        Some(&E::A) => 2,\n",
        "        // Of nobody.\n\n        E::N => 0,\n        // Of A.\n        Some(&E::A) => 2,\n",
    );
    check(
        at,
        "E::N => 0,\n",
        "fn f() { match x { E::B => 1, E::A => 2 } }",
        "fn f() { match x { E::B => 1, E::N => 0, E::A => 2 } }",
    );
    check(
        "before the last statement of arm Err(E::A) in fn T::f",
        "one();\n",
        "impl T { fn f() { match x { Err(E::A(e)) => {\n    a();\n    // why\n    return e;\n} } } }",
        "impl T { fn f() { match x { Err(E::A(e)) => {\n    a();\n    one();\n    // why\n    return e;\n} } } }",
    );
    check(
        "at the start of arm E::A in fn f",
        "one();\n",
        "fn f() { match x { E::A => {} } }",
        "fn f() { match x { E::A => { one(); } } }",
    );
}

#[test]
fn functions() {
    let start = "at the start of fn f";
    check(start, "a();\nb();\n", "fn f() {\n    c();\n}\n", "fn f() {\n    a();\n    b();\n    c();\n}\n");
    check(start, "a();\nb();\n", "fn f() {}\n", "fn f() {\n    a();\n    b();\n}\n");
    check(start, "a();\n", "fn f() { c() }\n", "fn f() { a(); c() }\n");
    check(
        start,
        "a();\n",
        "fn f() { #![x] #![y] // {\n  // of c\n  c()\n}\n",
        "fn f() { #![x] #![y] // {\n  a();\n  // of c\n  c()\n}\n",
    );
    let tail = "before the tail of fn T::f";
    check(
        tail,
        "a();\n\nb();\n",
        "impl x::T<u8> {\n    fn f() {\n        // c\n        c()\n    }\n}\n",
        "impl x::T<u8> {\n    fn f() {\n        a();\n\n        b();\n        // c\n        c()\n    }\n}\n",
    );
    check(tail, "a();\n", "impl T { fn f() { m!{} m!() } }", "impl T { fn f() { m!{} a(); m!() } }");
    let before = "before fn T::f";
    check(
        before,
        "fn new() {\n    x();\n}\n",
        "impl U for T { fn f() {} }\nimpl T {\n    // of f\n    /// F.\n    #[x]\n    async fn f() {}\n}\n",
        "impl U for T { fn f() {} }\nimpl T {\n    fn new() {\n        x();\n    }\n\n    // of f\n    /// F.\n    #[x]\n    async fn f() {}\n}\n",
    );
    // A function inside of a method is none of the type's; a test's is not looked at.
    check(
        start,
        "a();\n",
        "impl T { fn g() { fn h() {} } }\n#[cfg(test)] mod tests { fn f() {} }\n#[test] fn f() {}\nfn f() {}",
        "impl T { fn g() { fn h() {} } }\n#[cfg(test)] mod tests { fn f() {} }\n#[test] fn f() {}\nfn f() { a(); }",
    );
}

#[test]
fn items_entries_and_alternatives() {
    check(
        "after struct A",
        "struct N;\n",
        "struct A; // a\n\nstruct B;\n",
        "struct A; // a\n\nstruct N;\n\nstruct B;\n",
    );
    check("after struct A", "struct N;\n", "struct A {} struct B;", "struct A {}\n\nstruct N;\n\n struct B;");
    check(
        "after mod a",
        "mod n;\n",
        "mod a {}\n#[x]\nmod a;\nmod b;\n",
        "mod a {}\n#[x]\nmod a;\nmod n;\nmod b;\n",
    );
    check("after variant E::A", "N,\n", "enum E { A(u8) = 1 }", "enum E { A(u8) = 1, N, }");
    let at = "in the matches of fn f after E::A";
    check(at, "E::N\n", "fn f() { matches!(x, E::A) }", "fn f() { matches!(x, E::A | E::N) }");
    check(
        at,
        "E::N\n",
        "fn f() { matches!(x, | E::B\n    | E::A { .. } // a\n    | E::C if y) }",
        "fn f() { matches!(x, | E::B\n    | E::A { .. } // a\n    | E::N\n    | E::C if y) }",
    );
    let at = "beside entry A in macro m";
    let entry = "N => \"n\" {\n    {serialization}\n    params: u8,\n},\n";
    check(
        at,
        entry,
        "m! {\n    A => \"a\" { x }\n}\n",
        "m! {\n    A => \"a\" { x },\n    N => \"n\" {\n        params: u8,\n    },\n}\n",
    );
    check(
        at,
        entry,
        "m! {\n    B => {},\n    A => \"a\" { serialization: global(\"l\"), x }, // a\n}\n",
        "m! {\n    B => {},\n    A => \"a\" { serialization: global(\"l\"), x }, // a\n    N => \"n\" {\n        serialization: global(\"l\"),\n        params: u8,\n    },\n}\n",
    );
}

#[test]
fn what_is_missing_is_told_with_the_nearest() {
    let text = "struct Auth {\n    api_key: u8,\n}\nenum E { A, B }\nfn run(x: E) {\n    match x {\n        E::A => {}\n        E::B => f(),\n    }\n}\nimpl T { fn go() { g(); } }\nm! { One => {}, Two => {} }\n";
    for (at, told) in [
        (
            "after field Auth.api_kay",
            "looked for the field api_kay of struct Auth (login/src/lib.rs:1); nearest: api_key",
        ),
        (
            "after field Auht.x",
            "looked for struct Auht in the crate login; nearest: struct Auth (login/src/lib.rs:1)",
        ),
        ("after struct Zzzzzzzz", "looked for struct Zzzzzzzz in the crate login; nothing here is like it"),
        ("after variant E::AA", "looked for the variant AA of enum E (login/src/lib.rs:4); nearest: A"),
        ("before arm E::C in fn run", "looked for the arm E::C in fn run (login/src/lib.rs:5); nearest: E::"),
        (
            "before arm E::A in fn rum",
            "looked for fn rum in the crate login; nearest: fn run (login/src/lib.rs:5)",
        ),
        ("before the last statement of arm E::A in fn run", "is no block, or an empty one"),
        ("at the start of arm E::B in fn run", "is no block, or an empty one"),
        ("before the tail of fn T::go", "fn T::go (login/src/lib.rs:11) has no expression at its end"),
        ("in every literal of Auth", "struct Auth (login/src/lib.rs:1) has no literal here"),
        ("in the literal of Auth in fn run", "fn run (login/src/lib.rs:5) has no literal of Auth"),
        (
            "beside entry Tow in macro m",
            "looked for the entry Tow of macro m (login/src/lib.rs:12); nearest: Two",
        ),
        ("in the matches of fn run after E::A", "has no matches! with the alternative E::A"),
        ("after mod away", "looked for mod away in the crate login; nothing here is like it"),
    ] {
        let stage = Stage::new(text);
        let error = stage.apply(&[(at, "x\n")]).unwrap_err().to_string();
        assert!(
            error.starts_with(
                "this tree (version unknown, on which nobody tried the patches) does not have all places"
            ),
            "{error}"
        );
        let tree = Tree::open(&stage.root()).unwrap();
        let plan = codex_patchset::check(&tree, &stage.bundle(&[(at, "x\n")]), Series::Core).unwrap();
        let Outcome::Missing(sentence) = &plan.rows[0].outcome else { panic!("{at}: {:?}", plan.rows) };
        assert!(sentence.contains(told), "{at}: {sentence}");
        let text_now = std::fs::read_to_string(stage.root().join("login/src/lib.rs")).unwrap();
        assert_eq!(text_now, text, "{at}: the tree is untouched");
    }
}

#[test]
fn what_would_spoil_a_file_is_not_written() {
    for (text, at, insert, told) in [
        ("fn f() {}", "at the start of fn f", "let x = ;\n", "login/src/lib.rs:1 would not be read any more"),
        ("fn f() {", "at the start of fn f", "let x = 1;\n", "does not have all places of the series"),
        (
            "fn f() {}\nmod a { fn f() {} }",
            "at the start of fn f",
            "x();\n",
            "does not have all places of the series",
        ),
    ] {
        let stage = Stage::new(text);
        let error = stage.apply(&[(at, insert)]).unwrap_err().to_string();
        assert!(error.contains(told), "{error}");
        assert_eq!(std::fs::read_to_string(stage.root().join("login/src/lib.rs")).unwrap(), text);
        assert!(!stage.root().join(".codex-patch").exists());
    }
}
