//! The attacks: a name, a policy, a script, and whether the same script gets through without walls.
//!
//! An attack got through when it printed `ESCAPED` or a canary, or when something of the stage is not as it was.

use codex_sandbox::Mechanism;

/// What the attacker is allowed.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mode {
    ReadOnly,
    Workspace,
    Networked,
}

/// Whether the attack is known to work where there are no walls.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Control {
    /// Tried each time: the case counts only if it gets through.
    GetsThrough,
    /// Not tried, because it would harm this machine, needs root, or needs what this machine lacks.
    NotTried,
}

pub(crate) struct Case {
    pub(crate) name: &'static str,
    pub(crate) mode: Mode,
    pub(crate) script: &'static str,
    pub(crate) control: Control,
    /// The mechanisms that are known not to stop it; told in docs/security.md.
    pub(crate) open_under: &'static [Mechanism],
}

const fn case(name: &'static str, mode: Mode, script: &'static str) -> Case {
    Case { name, mode, script, control: Control::GetsThrough, open_under: &[] }
}

const fn untried(name: &'static str, mode: Mode, script: &'static str) -> Case {
    Case { name, mode, script, control: Control::NotTried, open_under: &[] }
}

use Mode::{Networked, ReadOnly, Workspace};

pub(crate) const CASES: &[Case] = &[
    // Credentials.
    case("read: credentials by their path, read-only", ReadOnly, "cat $HIDDEN/auth.json"),
    case("read: credentials by their path, workspace", Workspace, "cat $HIDDEN/auth.json"),
    case("read: credentials by `..`", Workspace, "cat $WS/../home/.codex/auth.json"),
    case("read: credentials by /proc/self/cwd", Workspace, "cat /proc/self/cwd/../home/.codex/auth.json"),
    case("read: credentials by /proc/self/root", Workspace, "cat /proc/self/root/$HIDDEN/auth.json"),
    case(
        "read: credentials by /proc/PID/root",
        Workspace,
        "cat /proc/$SUITE/root/$HIDDEN/auth.json /proc/$VICTIM/root/$HIDDEN/auth.json",
    ),
    case(
        "read: credentials by /proc/PID/cwd",
        Workspace,
        "cat /proc/$VICTIM/cwd/$HIDDEN/auth.json /proc/$VICTIM/cwd/../../../../../../../../$HIDDEN/auth.json",
    ),
    untried("read: credentials by /proc/1/root", Workspace, "cat /proc/1/root/$HIDDEN/auth.json"),
    case("read: credentials by an inherited descriptor", Workspace, "/bin/bash -c \"cat <&$FD\""),
    case("read: credentials by a descriptor of /proc/PID/fd", Workspace, "cat /proc/$SUITE/fd/$FD"),
    untried(
        "read: credentials by another case",
        Workspace,
        "cat $HOME/.CODEX/auth.json $HOME/.Codex/AUTH.JSON",
    ),
    case(
        "read: credentials by a link to the folder",
        Workspace,
        "ln -s $HIDDEN src/link && cat src/link/auth.json",
    ),
    case(
        "read: credentials by a link to the file",
        Workspace,
        "ln -s $HIDDEN/auth.json src/link && cat src/link",
    ),
    case("read: credentials by a hard link", Workspace, "ln $HIDDEN/auth.json src/link && cat src/link"),
    case("read: credentials moved away", Workspace, "mv $HIDDEN $WS/src/mine && cat src/mine/auth.json"),
    case(
        "read: credentials with the folder around them moved",
        Workspace,
        "mv $HOME $WS/src/mine; cat src/mine/.codex/auth.json",
    ),
    case(
        "read: credentials by their handle",
        Workspace,
        "$H handle $HIDDEN/auth.json; cat $HIDDEN/auth.json",
    ),
    case("read: a hidden folder in a workspace", Workspace, "cat inner/creds/auth.json"),
    case(
        "read: a hidden folder in a workspace, renamed",
        Workspace,
        "mv inner other; cat other/creds/auth.json inner/creds/auth.json",
    ),
    case("read: a hidden folder in a scratch folder", Workspace, "cat $SCRATCH/creds/auth.json"),
    case(
        "read: a hidden folder in a scratch folder, renamed",
        Workspace,
        "mv $SCRATCH/creds $SCRATCH/sub/mine; cat $SCRATCH/sub/mine/auth.json",
    ),
    case(
        "read: a hidden folder around a workspace",
        Workspace,
        "cat $LOCKED/auth.json $LOCKED/tree/ws3/../../auth.json",
    ),
    case("read: a list of a hidden folder", Workspace, "case $(ls $HIDDEN) in *auth*) echo ESCAPED;; esac"),
    case(
        "read: an archive of everything",
        Workspace,
        "cd $BASE && tar cf - home locked scratch ws 2>/dev/null | grep -ao CANARY-4711",
    ),
    case("write: credentials", Workspace, "echo wrong > $HIDDEN/auth.json"),
    case("write: a new file beside the credentials", Workspace, "echo wrong > $HIDDEN/new"),
    case(
        "write: credentials replaced by renaming",
        Workspace,
        "echo wrong > src/new; mv -f src/new $HIDDEN/auth.json",
    ),
    case("write: a hidden folder removed", Workspace, "rm -rf $HIDDEN"),
    case(
        "read: a hidden folder behind a link",
        Workspace,
        "cat $SCRATCH/lk/codex/real/auth.json $BASE/linked/real/auth.json",
    ),
    case("write: a link to a hidden folder removed", Workspace, "rm -f $SCRATCH/lk/codex"),
    case("write: a link to a hidden folder replaced", Workspace, "ln -sfn $WS/src $SCRATCH/lk/codex"),
    case("write: a link to a hidden folder moved", Workspace, "mv $SCRATCH/lk/codex $SCRATCH/sub/codex"),
    case(
        "write: the folder with a link to a hidden folder moved",
        Workspace,
        "mv $SCRATCH/lk $SCRATCH/sub/lk; mv $SCRATCH/lk/way $SCRATCH/sub/way && rmdir $SCRATCH/lk",
    ),
    // Files outside.
    case("write: a file outside, read-only", ReadOnly, "echo wrong > $OUT/file"),
    case(
        "write: the workspace, read-only",
        ReadOnly,
        "echo wrong > $WS/.git/config; echo x > $WS/src/new && echo ESCAPED",
    ),
    case("write: a file outside", Workspace, "echo wrong > $OUT/file"),
    case("write: a new file outside", Workspace, "echo wrong > $OUT/new"),
    case("write: a file outside, truncated", Workspace, "truncate -s 0 $OUT/file"),
    case("write: a file outside, removed", Workspace, "rm -f $OUT/file"),
    case("write: a file outside by `..`", Workspace, "echo wrong > src/../../outside/file"),
    case("write: a file outside by a link", Workspace, "ln -s $OUT/file src/link && echo wrong > src/link"),
    case(
        "write: a file outside by a link to its folder",
        Workspace,
        "ln -s $OUT src/link && echo wrong > src/link/file",
    ),
    case("write: a file outside by a hard link", Workspace, "ln $OUT/file src/link && echo wrong > src/link"),
    case("write: a file outside by /proc/self/cwd", Workspace, "echo wrong > /proc/self/cwd/../outside/file"),
    case("write: a file outside by /proc/PID/root", Workspace, "echo wrong > /proc/$VICTIM/root/$OUT/file"),
    case("write: a file outside by a descriptor opened again", Workspace, "$H reopen $OUT/file"),
    case(
        "write: a file outside by links that are swapped",
        Workspace,
        "i=0; while [ $i -lt 100 ]; do ln -sfn $OUT src/swap; echo wrong > src/swap/file; ln -sfn $WS/src src/swap; echo right > src/swap/other; i=$((i+1)); done 2>/dev/null",
    ),
    case(
        "write: a file moved out",
        Workspace,
        "echo wrong > src/new; mv src/new $OUT/new || cp src/new $OUT/new",
    ),
    case("write: a file outside moved in", Workspace, "mv $OUT/file src/mine"),
    case("write: files exchanged", Workspace, "$H exchange src/file $OUT/file"),
    case("write: the person's shell start-up", Workspace, "echo wrong >> $HOME/.bashrc"),
    case("write: the person's ssh keys", Workspace, "echo wrong >> $HOME/.ssh/authorized_keys"),
    case(
        "write: the person's services",
        Workspace,
        "mkdir -p $HOME/.config/systemd/user && echo wrong > $HOME/.config/systemd/user/evil.service",
    ),
    case("write: mode of a file outside", Workspace, "chmod 777 $OUT/file"),
    case("write: mode of a file outside by a descriptor", Workspace, "$H fd_chmod $OUT/file"),
    case("write: mode of the credentials", Workspace, "chmod 777 $HIDDEN/auth.json; chmod 777 $HIDDEN"),
    untried("write: owner of a file outside", Workspace, "chown 0 $OUT/file; chgrp 0 $OUT/file"),
    case("write: attributes of a file outside", Workspace, "$H xattr $OUT/file"),
    case("write: times of a file outside", Workspace, "touch -d 2001-01-01 $OUT/file"),
    untried(
        "write: system spools",
        Workspace,
        "echo wrong > /var/spool/cron/crontabs/codex-test && echo ESCAPED; echo wrong > /var/spool/cron/codex-test && echo ESCAPED; echo wrong > /etc/cron.d/codex-test && echo ESCAPED",
    ),
    case(
        "write: the system's folder for temporary files",
        ReadOnly,
        "echo wrong > /tmp/codex-escape-$VICTIM && rm /tmp/codex-escape-$VICTIM && echo ESCAPED",
    ),
    Case {
        open_under: &[Mechanism::Bubblewrap],
        ..case(
            "write: a named pipe outside",
            Workspace,
            "(echo wrong 1<> $OUT/pipe) 2>/dev/null && echo ESCAPED",
        )
    },
    // What is protected in a workspace.
    case("protected: a git hook", Workspace, "echo wrong > .git/hooks/pre-commit"),
    case("protected: git's settings", Workspace, "echo wrong >> .git/config"),
    case(
        "protected: git's settings by a link",
        Workspace,
        "ln -s ../.git src/git && echo wrong > src/git/config",
    ),
    case(
        "protected: git's settings by a hard link",
        Workspace,
        "ln .git/config src/link && echo wrong > src/link",
    ),
    case(
        "protected: git's settings by renaming",
        Workspace,
        "echo wrong > src/new && mv -f src/new .git/config",
    ),
    case(
        "protected: git's folder renamed",
        Workspace,
        "mv .git src/away && mkdir .git && echo wrong > .git/config",
    ),
    case("protected: git's folder removed", Workspace, "rm -rf .git"),
    case(
        "protected: the workspace renamed",
        Workspace,
        "cd .. && mv ws moved && echo wrong > moved/.git/config; mv moved ws",
    ),
    case(
        "protected: a folder around a workspace renamed",
        Workspace,
        "mv $SCRATCH/deep $SCRATCH/moved; echo wrong > $SCRATCH/moved/nest/ws2/.git/config; echo wrong > $WS2/.git/config; mv $SCRATCH/moved $SCRATCH/deep",
    ),
    case(
        "protected: the folder next to a workspace renamed",
        Workspace,
        "mv $SCRATCH/deep/nest $SCRATCH/deep/moved; echo wrong > $SCRATCH/deep/moved/ws2/.git/config; mv $SCRATCH/deep/moved $SCRATCH/deep/nest",
    ),
    case("protected: a file without a name given one", Workspace, "$H tmpfile src .git/hooks/pre-commit"),
    case(
        "protected: settings that do not exist yet",
        Workspace,
        "mkdir .codex && echo wrong > .codex/config.toml; mkdir .agents && echo wrong > .agents/x",
    ),
    case("protected: settings as a link", Workspace, "ln -s src .codex; ln -s src .agents"),
    case("protected: settings as a file", Workspace, "echo wrong > .codex; echo wrong > .agents"),
    case(
        "protected: settings by renaming a folder",
        Workspace,
        "mkdir src/made && echo wrong > src/made/config.toml && mv -T src/made .codex",
    ),
    case(
        "protected: settings in a nested workspace",
        Workspace,
        "mkdir -p $WS2/.codex && echo wrong > $WS2/.codex/config.toml",
    ),
    // Deeper in a workspace git has to work: tools fetch and clone there, and throw it away again. And whatever was kept
    // shut, a repository could come into being beside it.
    Case {
        open_under: &[Mechanism::Bubblewrap, Mechanism::Landlock],
        ..case(
            "protected: a hook of a repository deeper in a workspace",
            Workspace,
            "echo wrong > src/nested/.git/hooks/pre-commit && echo ESCAPED",
        )
    },
    Case {
        open_under: &[Mechanism::Bubblewrap, Mechanism::Landlock],
        ..case(
            "protected: a repository made deeper in a workspace",
            Workspace,
            "mkdir src/.git && echo wrong > src/.git/config && echo ESCAPED",
        )
    },
    case("protected: mode of a hook", Workspace, "chmod 777 .git/hooks .git/config"),
    // Other processes.
    case("process: environment of another", Workspace, "tr '\\0' '\\n' < /proc/$VICTIM/environ"),
    case("process: memory of another by /proc", Workspace, "$H mem_read $VICTIM"),
    case("process: memory of another by a call", Workspace, "$H vm_read $VICTIM"),
    case("process: ptrace", Workspace, "$H ptrace $VICTIM"),
    case(
        "process: a signal",
        Workspace,
        "kill -TERM $VICTIM && i=0 && while [ $i -lt 200 ] && kill -0 $VICTIM 2>/dev/null; do i=$((i+1)); done; [ -z \"$i\" ] || echo ESCAPED",
    ),
    case("process: a signal that tests only", Workspace, "kill -0 $VICTIM && echo ESCAPED"),
    case("process: a signal by a descriptor", Workspace, "$H pidfd_signal $VICTIM"),
    untried(
        "process: a signal to everybody",
        Workspace,
        "$H kill -1 15 >/dev/null; kill -0 $VICTIM && echo ESCAPED",
    ),
    case("process: a descriptor of another", Workspace, "$H pidfd_getfd $VICTIM"),
    case("process: priority of another", Workspace, "$H renice $VICTIM"),
    untried(
        "process: priority of every process of the person",
        Workspace,
        "sleep 30 & before=$(cut -d' ' -f19 /proc/$VICTIM/stat 2>/dev/null); $H renice_all >/dev/null; kill $!; \
         [ -n \"$before\" ] && [ \"$(cut -d' ' -f19 /proc/$VICTIM/stat)\" != \"$before\" ] && echo ESCAPED",
    ),
    case("process: limits of another", Workspace, "$H prlimit $VICTIM"),
    case("process: processors of another", Workspace, "$H affinity $VICTIM"),
    case("process: writing to another terminal", Workspace, "echo wrong > $TTY"),
    case(
        "process: reading keys of another terminal",
        Workspace,
        "dd if=$TTY bs=11 count=1 iflag=nonblock 2>/dev/null",
    ),
    untried("process: typing into a terminal", Workspace, "$H ioctl 21522; $H ioctl 21532"),
    case("process: shared memory by number", Workspace, "$H shm $SEGMENT"),
    case("process: shared memory by name, changed", Workspace, "echo wrong > $SHARED"),
    case("process: core dumps", Workspace, "[ \"$(ulimit -H -c)\" = 0 ] || echo ESCAPED"),
    case(
        "process: privileges by setuid programs",
        Workspace,
        "grep -q '^NoNewPrivs:.*0' /proc/self/status && echo ESCAPED",
    ),
    untried(
        "process: capabilities",
        Workspace,
        "grep -q '^CapEff:.*0000000000000000' /proc/self/status || echo ESCAPED; grep -q '^CapPrm:.*0000000000000000' /proc/self/status || echo ESCAPED",
    ),
    // The network and local services.
    case("network: TCP", Workspace, "$H tcp 127.0.0.1:$PORT"),
    case("network: TCP, read-only", ReadOnly, "$H tcp 127.0.0.1:$PORT"),
    case("network: UDP", Workspace, "$H udp 127.0.0.1:$UDP"),
    case("network: listening", Workspace, "$H listen"),
    case("network: IPv6", Workspace, "$H socket 10 1"),
    case("network: netlink", Workspace, "$H socket 16 3"),
    untried(
        "network: raw, packets, vsock, Bluetooth, kernel crypto",
        Networked,
        "$H socket 2 3 1; $H socket 17 3; $H socket 40 1; $H socket 31 3; $H socket 38 5",
    ),
    case("network: netlink where the network is open", Networked, "$H socket 16 3"),
    case("services: a socket in the file system", Workspace, "$H unix $OUT/socket"),
    case("services: a socket in the file system, network open", Networked, "$H unix $OUT/socket"),
    case("services: an abstract socket", Workspace, "$H abstract $ABSTRACT"),
    case("services: an abstract socket, network open", Networked, "$H abstract $ABSTRACT"),
    case("services: a datagram from a pair of sockets", Workspace, "$H pair $OUT/datagrams"),
    case("services: a datagram from a pair, network open", Networked, "$H pair $OUT/datagrams"),
    // The kernel.
    case("kernel: io_uring", Workspace, "$H io_uring"),
    case("kernel: a user namespace by unshare", Workspace, "$H unshare 268435456"),
    case("kernel: a user namespace by clone", Workspace, "$H clone 268435456"),
    case("kernel: a user namespace by clone3", Workspace, "$H clone3"),
    case("kernel: a mount in a user namespace", Workspace, "$H userns_mount"),
    untried(
        "kernel: the namespaces of another",
        Workspace,
        "$H setns /proc/$VICTIM/ns/mnt; $H setns /proc/$VICTIM/ns/user",
    ),
    case("kernel: a tree of mounts", Workspace, "$H open_tree /"),
    untried("kernel: a file system", Workspace, "$H fsopen tmpfs"),
    untried("kernel: chroot", Workspace, "$H chroot $WS"),
    case("kernel: a key", Workspace, "$H add_key"),
    case("kernel: the session's keys", Workspace, "$H keyctl"),
    untried("kernel: bpf and perf", Workspace, "$H bpf; $H perf"),
    case("kernel: userfaultfd", Workspace, "$H userfaultfd"),
    untried("kernel: x32 calls", Workspace, "$H x32"),
    untried("kernel: a device made", Workspace, "$H mknod src/mem 257"),
    untried(
        "kernel: memory and disks",
        Workspace,
        "for d in /dev/mem /dev/kmsg /dev/vda /dev/sda; do [ -e $d ] || continue; (echo wrong > $d) 2>/dev/null && echo ESCAPED; head -c1 $d >/dev/null 2>&1 && echo ESCAPED; done",
    ),
    untried(
        "kernel: settings",
        Workspace,
        "for f in /proc/sys/kernel/core_pattern /proc/sysrq-trigger /sys/power/state /proc/sys/vm/drop_caches /proc/mtrr; do (: >> $f) 2>/dev/null && echo ESCAPED; done",
    ),
    untried(
        "kernel: control groups",
        Workspace,
        "for f in /sys/fs/cgroup/cgroup.procs /sys/fs/cgroup/*/cgroup.procs; do (: >> $f) 2>/dev/null && echo ESCAPED; done; mkdir /sys/fs/cgroup/codex-test 2>/dev/null && echo ESCAPED",
    ),
];

/// What must go on working.
pub(crate) const ALLOWED: &[(&str, Mode, &str)] = &[
    (
        "a file of the workspace is read and written",
        Workspace,
        "cat file > src/copy && echo more >> file && echo WORKS",
    ),
    (
        "files in a folder of the workspace come, go and move",
        Workspace,
        "echo a > src/a && mv src/a src/b && mkdir src/d && mv src/b src/d/b && rm -r src/d && echo WORKS",
    ),
    (
        "a folder in scratch is written",
        Workspace,
        "echo a > $SCRATCH/sub/a && cat $SCRATCH/sub/a && echo WORKS",
    ),
    (
        "a workspace in a hidden folder is read and written",
        Workspace,
        "cat $LOCKED/tree/ws3/file && echo a > $LOCKED/tree/ws3/src/a && echo WORKS",
    ),
    (
        "a folder beside a link to a hidden folder is written",
        Workspace,
        "echo a > $SCRATCH/lk/way/a && cat $SCRATCH/lk/way/a && echo WORKS",
    ),
    ("a workspace in a scratch folder is written", Workspace, "echo a > $WS2/src/a && echo WORKS"),
    ("files outside are read", ReadOnly, "cat $OUT/file /etc/passwd > /dev/null && echo WORKS"),
    ("git's folder is read", ReadOnly, "cat .git/config && echo WORKS"),
    (
        "the usual devices work",
        ReadOnly,
        "head -c 9 /dev/urandom > /dev/null && echo x > /dev/null && echo WORKS",
    ),
    (
        "pipes, background jobs and signals to own children work",
        Workspace,
        "cat /dev/zero | head -c 9 > /dev/null; cat /dev/zero > /dev/null & kill $!; wait; echo WORKS",
    ),
    (
        "the network works where it is open",
        Networked,
        "case $($H tcp 127.0.0.1:$PORT; $H udp 127.0.0.1:9) in ESCAPED*ESCAPED) echo WORKS;; esac",
    ),
    (
        "the command is told where it is",
        Workspace,
        "[ -n \"$CODEX_SANDBOX\" ] && [ \"$CODEX_SANDBOX_NETWORK_DISABLED\" = 1 ] && echo WORKS",
    ),
];
