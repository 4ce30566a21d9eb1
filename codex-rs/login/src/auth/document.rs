//! JSON objects of which we know some members: the others keep their place and their very bytes.

use serde::de::MapAccess;
use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};
use serde_json::value::RawValue;

use codex_redact::{Secret, stored};

use super::storage::TokenData;

/// The members of an object in the order they were found; those we know are only remembered by name.
#[derive(Clone, Default)]
pub(crate) struct Layout(Vec<Member>);

#[derive(Clone)]
enum Member {
    Known(&'static str),
    Unknown(String, Box<RawValue>),
}

/// The value of a known member, borrowed for writing.
#[derive(Serialize)]
#[serde(untagged)]
pub(crate) enum Field<'a> {
    Null,
    Text(&'a str),
    Secret(#[serde(serialize_with = "stored::serialize")] &'a Secret),
    Tokens(&'a TokenData),
}

impl Layout {
    /// Notes that the member `name` stood here; false where it did before.
    pub(crate) fn known(&mut self, name: &'static str) -> bool {
        let new = !self.0.iter().any(|member| matches!(member, Member::Known(known) if *known == name));
        self.0.push(Member::Known(name));
        new
    }

    /// Takes the value of a member we do not know.
    pub(crate) fn unknown<'de, A: MapAccess<'de>>(
        &mut self,
        name: String,
        map: &mut A,
    ) -> Result<(), A::Error> {
        let value = map.next_value::<Box<RawValue>>()?;
        self.0.push(Member::Unknown(name, value));
        Ok(())
    }

    /// Removes members we do not otherwise touch.
    pub(crate) fn forget(&mut self, names: &[&str]) {
        self.0.retain(|member| !matches!(member, Member::Unknown(name, _) if names.contains(&name.as_str())));
    }

    /// Whether a member we do not otherwise touch is there and not null.
    pub(crate) fn holds(&self, wanted: &str) -> bool {
        self.0.iter().any(
            |member| matches!(member, Member::Unknown(name, value) if name == wanted && value.get() != "null"),
        )
    }

    /// Writes what is there now: found members in their places, new ones behind them.
    pub(crate) fn write<S: Serializer>(
        &self,
        known: &[(&'static str, Option<Field<'_>>)],
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        for member in &self.0 {
            match member {
                Member::Unknown(name, value) => map.serialize_entry(name, value)?,
                Member::Known(name) => {
                    if let Some((_, Some(field))) = known.iter().find(|(known, _)| known == name) {
                        map.serialize_entry(name, field)?;
                    }
                }
            }
        }
        for (name, field) in known {
            if let (Some(field), false) = (field, self.found(name)) {
                map.serialize_entry(name, field)?;
            }
        }
        map.end()
    }

    fn found(&self, name: &str) -> bool {
        self.0.iter().any(|member| matches!(member, Member::Known(known) if *known == name))
    }
}

impl std::fmt::Debug for Layout {
    /// Unknown members may be secrets of others: only their number is shown.
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let unknown = self.0.iter().filter(|member| matches!(member, Member::Unknown(..))).count();
        write!(formatter, "Layout({unknown} unknown members)")
    }
}
