//! The one thread that starts processes.
//!
//! A command asks the system to be killed when the thread that started it ends, so that nothing outlives a killed
//! program of ours. A thread of the runtime may end before the program does; this one never does.

use std::io;
use std::sync::OnceLock;
use std::sync::mpsc::{Sender, channel, sync_channel};

use tokio::process::{Child, Command};
use tokio::runtime::Handle;

type Job = Box<dyn FnOnce() + Send>;

/// Starts the command from the thread that never ends. The calling thread waits for it, some tens of microseconds.
pub(super) fn start(mut command: Command) -> io::Result<Child> {
    static STARTER: OnceLock<io::Result<Sender<Job>>> = OnceLock::new();
    let gone = || io::Error::other("the thread that starts processes is gone");
    let starter = match STARTER.get_or_init(thread) {
        Ok(starter) => starter,
        Err(error) => return Err(io::Error::new(error.kind(), error.to_string())),
    };
    let (answer, answered) = sync_channel(1);
    // The runtime that is to wait for the process.
    let runtime = Handle::current();
    let job = move || {
        let _inside = runtime.enter();
        // Nobody waits any more: the process is dropped, and so killed.
        let _ = answer.send(command.spawn());
    };
    starter.send(Box::new(job)).map_err(|_| gone())?;
    answered.recv().map_err(|_| gone())?
}

fn thread() -> io::Result<Sender<Job>> {
    let (jobs, queue) = channel::<Job>();
    let work = move || {
        for job in queue {
            job();
        }
    };
    std::thread::Builder::new().name("process starter".to_owned()).spawn(work)?;
    Ok(jobs)
}
