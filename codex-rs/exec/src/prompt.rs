//! Where the prompt comes from: the argument, standard input, or both (wire-facts §6.2).

use std::io::Read;

use crate::ExecError;

/// Characters that one turn takes (wire-facts §5.3).
pub const CHARACTER_LIMIT: usize = 1 << 20;

/// Standard input, and whether a person types there.
pub enum Stdin<'a> {
    /// Nobody types: a file, a pipe or nothing.
    Piped(&'a mut dyn Read),
    /// A person's terminal; it is read only when nothing else says what to do.
    Terminal(&'a mut dyn Read),
}

/// The prompt of the turn.
///
/// No argument or `-` takes standard input; an argument with something piped in gets that appended in a
/// `<stdin>` block.
///
/// # Errors
/// When there is no prompt, or it is no text, or too large.
pub fn resolve(argument: Option<&str>, stdin: Stdin<'_>) -> Result<String, ExecError> {
    let named = argument.filter(|argument| *argument != "-");
    let piped = match (named, stdin) {
        (Some(_), Stdin::Terminal(_)) => String::new(),
        (None, Stdin::Terminal(stdin)) | (_, Stdin::Piped(stdin)) => read(stdin)?,
    };
    let piped_is_empty = piped.trim().is_empty();
    let prompt = match named {
        Some(named) if piped_is_empty => named.to_owned(),
        Some(named) => format!("{named}\n\n<stdin>\n{}\n</stdin>", piped.trim_end_matches('\n')),
        None => piped,
    };
    if prompt.trim().is_empty() {
        return Err(ExecError::NoPrompt);
    }
    if prompt.chars().count() > CHARACTER_LIMIT {
        return Err(ExecError::PromptTooLarge { limit: CHARACTER_LIMIT });
    }
    Ok(prompt)
}

fn read(stdin: &mut dyn Read) -> Result<String, ExecError> {
    // A character has at most four bytes; whatever is longer than this is too long in any case.
    let most = (CHARACTER_LIMIT * 4) as u64;
    let mut bytes = Vec::new();
    stdin.take(most + 1).read_to_end(&mut bytes).map_err(ExecError::Stdin)?;
    if bytes.len() as u64 > most {
        return Err(ExecError::PromptTooLarge { limit: CHARACTER_LIMIT });
    }
    String::from_utf8(bytes).map_err(|_| ExecError::PromptNotText)
}

#[cfg(test)]
mod tests;
