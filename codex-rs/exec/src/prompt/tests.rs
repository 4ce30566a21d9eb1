//! Every way to say what to do.

use super::{CHARACTER_LIMIT, Stdin, resolve};
use crate::ExecError;

fn piped(argument: Option<&str>, stdin: &str) -> Result<String, ExecError> {
    resolve(argument, Stdin::Piped(&mut stdin.as_bytes()))
}

#[test]
fn argument_and_standard_input_make_the_prompt() {
    for (argument, stdin, prompt) in [
        (Some("hello"), "", "hello"),
        (Some("hello"), " \n", "hello"),
        (Some("hello"), "a log\n", "hello\n\n<stdin>\na log\n</stdin>"),
        (Some("-"), "from a file\n", "from a file\n"),
        (None, "from a file", "from a file"),
    ] {
        assert_eq!(piped(argument, stdin).unwrap(), prompt, "{argument:?} {stdin:?}");
    }
}

#[test]
fn a_terminal_is_read_only_when_no_argument_says_what_to_do() {
    let typed = |argument| resolve(argument, Stdin::Terminal(&mut "typed\n".as_bytes())).unwrap();
    assert_eq!(typed(Some("hello")), "hello");
    assert_eq!(typed(None), "typed\n");
    assert_eq!(typed(Some("-")), "typed\n");
}

#[test]
fn what_is_no_prompt_is_refused() {
    assert!(matches!(piped(None, ""), Err(ExecError::NoPrompt)));
    assert!(matches!(piped(Some("-"), "\n\n"), Err(ExecError::NoPrompt)));
    assert!(matches!(piped(Some(""), ""), Err(ExecError::NoPrompt)));
    let binary = resolve(None, Stdin::Piped(&mut [0xff, 0xfe, 0x00].as_slice()));
    assert!(matches!(binary, Err(ExecError::PromptNotText)));
    let huge = "x".repeat(CHARACTER_LIMIT + 1);
    assert!(matches!(piped(None, &huge), Err(ExecError::PromptTooLarge { .. })));
    assert!(piped(None, &huge[..CHARACTER_LIMIT]).is_ok());
}
