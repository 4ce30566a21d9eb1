//! Marks each step of a save so that tests see their order and can make any of them fail; nothing otherwise.

/// The steps of a save, in the order that makes it safe.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Step {
    CreateTemporary,
    SetMode,
    Write,
    SyncFile,
    Rename,
    SyncFolder,
}

#[cfg(not(test))]
#[inline(always)]
pub(crate) fn pass(_: Step) -> std::io::Result<()> {
    Ok(())
}

#[cfg(test)]
pub(crate) use recorder::pass;

#[cfg(test)]
pub(crate) mod recorder {
    //! The recording half, one record per test thread.

    use std::cell::Cell;
    use std::cell::RefCell;
    use std::io;

    use super::Step;

    thread_local! {
        static PASSED: RefCell<Vec<Step>> = const { RefCell::new(Vec::new()) };
        static FAIL_AT: Cell<Option<Step>> = const { Cell::new(None) };
    }

    pub(crate) fn pass(step: Step) -> io::Result<()> {
        PASSED.with_borrow_mut(|passed| passed.push(step));
        if FAIL_AT.get() == Some(step) { Err(rustix::io::Errno::NOSPC.into()) } else { Ok(()) }
    }

    pub(crate) fn run<T>(fail_at: Option<Step>, act: impl FnOnce() -> T) -> (T, Vec<Step>) {
        PASSED.with_borrow_mut(Vec::clear);
        FAIL_AT.set(fail_at);
        let outcome = act();
        FAIL_AT.set(None);
        (outcome, PASSED.take())
    }
}
