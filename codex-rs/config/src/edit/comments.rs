//! Comments at the head of a file outlive the table that they happen to stand above.

use toml_edit::{DocumentMut, Item, Table, TableLike};

/// Comments that stood above a removed table and are not about it.
pub(super) struct Orphans {
    position: Option<isize>,
    text: String,
}

/// The comments above `removed` that a blank line keeps apart from it.
pub(super) fn orphans(removed: &Item) -> Option<Orphans> {
    let table = removed.as_table()?;
    let above = table.decor().prefix()?.as_str()?;
    let (text, _) = above.split_at(above.rfind("\n\n")? + 2);
    text.contains('#').then(|| Orphans { position: table.position(), text: text.to_owned() })
}

/// Puts them above what follows now.
pub(super) fn keep(document: &mut DocumentMut, orphans: Option<Orphans>) {
    let Some(Orphans { position, text }) = orphans else { return };
    let mut next = None;
    first_after(document.as_table(), position, &mut next);
    match next.and_then(|next| at(document.as_table_mut(), next)) {
        Some(table) => {
            let old = table.decor().prefix().and_then(|prefix| prefix.as_str()).unwrap_or_default();
            let joined = format!("{text}{}", old.trim_start_matches('\n'));
            table.decor_mut().set_prefix(joined);
        }
        None => {
            let old = document.trailing().as_str().unwrap_or_default();
            let joined = format!("{text}{old}");
            document.set_trailing(joined);
        }
    }
}

/// The least position of a table behind `position`.
fn first_after(table: &Table, position: Option<isize>, found: &mut Option<isize>) {
    for (_, item) in table.iter() {
        let Some(below) = item.as_table() else { continue };
        let is_header = !below.is_implicit() && !below.is_dotted();
        if is_header
            && below.position() > position
            && found.is_none_or(|least| below.position() < Some(least))
        {
            *found = below.position();
        }
        first_after(below, position, found);
    }
}

fn at(table: &mut Table, position: isize) -> Option<&mut Table> {
    for (_, item) in TableLike::iter_mut(table) {
        let Some(below) = item.as_table_mut() else { continue };
        if below.position() == Some(position) && !below.is_implicit() && !below.is_dotted() {
            return Some(below);
        }
        if let Some(found) = at(below, position) {
            return Some(found);
        }
    }
    None
}
