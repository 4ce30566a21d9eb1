//! Command lines read by a list of known options. What is not in the list is not allowed; nor are shortened names,
//! which GNU's programs take for the long ones.

/// The options a program may be given.
#[derive(Debug, Clone, Copy)]
pub(super) struct Options {
    /// Letters without a value; digits for `-5`.
    pub(super) short: &'static str,
    /// Letters that want a value, attached or as the next argument.
    pub(super) short_value: &'static str,
    /// Long names, alone or with `=value`.
    pub(super) long: &'static [&'static str],
    /// Long names that want a value, after `=` or as the next argument.
    pub(super) long_value: &'static [&'static str],
    /// What is not an option.
    pub(super) operands: Operands,
}

/// How many operands there may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Operands {
    /// Any number.
    Any,
    /// None.
    None,
    /// One, after all options: a second one would be written to.
    LastOne,
}

impl Options {
    /// Whether every argument is a known option, the value of one, or a permitted operand.
    pub(super) fn allow(&self, arguments: &[&str]) -> bool {
        let mut operands = 0;
        let mut rest = arguments.iter();
        let mut options_over = false;
        while let Some(argument) = rest.next() {
            let wants_value =
                match argument.strip_prefix('-').filter(|named| !named.is_empty() && !options_over) {
                    None => {
                        operands += 1;
                        continue;
                    }
                    Some(_) if self.operands == Operands::LastOne && operands > 0 => return false,
                    Some("-") => {
                        options_over = true;
                        continue;
                    }
                    Some(named) => match named.strip_prefix('-') {
                        Some(long) => self.long(long),
                        None => self.short(named),
                    },
                };
            match wants_value {
                Some(Value::Inside) => {}
                Some(Value::Next) if rest.next().is_some() => {}
                Some(Value::Next) | None => return false,
            }
        }
        match self.operands {
            Operands::Any => true,
            Operands::None => operands == 0,
            Operands::LastOne => operands <= 1,
        }
    }

    fn long(&self, argument: &str) -> Option<Value> {
        let (name, value) = match argument.split_once('=') {
            Some((name, _)) => (name, Value::Inside),
            None => (argument, Value::Next),
        };
        if self.long.contains(&name) {
            Some(Value::Inside)
        } else {
            self.long_value.contains(&name).then_some(value)
        }
    }

    /// A cluster such as `-nA3`.
    fn short(&self, cluster: &str) -> Option<Value> {
        for (position, letter) in cluster.char_indices() {
            if self.short_value.contains(letter) {
                let last = position + letter.len_utf8() == cluster.len();
                return Some(if last { Value::Next } else { Value::Inside });
            }
            if !self.short.contains(letter) {
                return None;
            }
        }
        Some(Value::Inside)
    }
}

/// Where an option's value is, if it has one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Value {
    Inside,
    Next,
}
