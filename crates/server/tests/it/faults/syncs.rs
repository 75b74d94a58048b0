//! Each commit is on the disk before it is answered: counted as the system sees it. Under load one sync serves many.

use super::{Boss, SERVE};
use crate::cli::{Place, Server};
use crate::faults::wire::Wire;
use std::path::PathBuf;
use std::process::{Command, Stdio};

/// A server whose syncs are written to a file, each before the server learns that it is done.
struct Traced {
    server: Server,
    trace: PathBuf,
}

impl Traced {
    fn start(place: &Place) -> Traced {
        let found = Command::new("strace").arg("-V").stdout(Stdio::null()).stderr(Stdio::null()).status();
        assert!(
            found.is_ok_and(|status| status.success()),
            "strace is missing, which counts the syncs of a commit: install it (apt-get install strace)"
        );
        let trace = place.path().join("trace");
        let plain = place.command(&SERVE);
        let mut traced = Command::new("strace");
        // `-D`: the server, not strace, is our child, to be told to stop.
        traced.args(["-D", "-f", "-qq", "-e", "trace=fdatasync,fsync", "-o"]).arg(&trace);
        traced.arg(plain.get_program()).args(plain.get_args()).current_dir(place.path()).stdin(Stdio::null());
        for (name, _) in plain.get_envs() {
            traced.env_remove(name);
        }
        Traced { server: place.start_by(traced), trace }
    }

    /// How many were done so far.
    fn syncs(&self) -> usize {
        let trace = std::fs::read_to_string(&self.trace).unwrap();
        trace.lines().filter(|line| line.contains("sync") && line.ends_with("= 0")).count()
    }
}

#[test]
fn every_write_is_synced_before_it_is_answered() {
    let (place, boss) = Boss::set_up();
    let traced = Traced::start(&place);
    let mut wire = Wire::to(&traced.server.address).unwrap();
    for n in 0..20 {
        let before = traced.syncs();
        assert_eq!(boss.upsert(&mut wire, &format!("guest{n}@example.com"), "Guest").unwrap().status, 201);
        assert!(traced.syncs() > before, "write {n} was answered and not synced: {before} before");
    }
    assert_eq!(traced.server.stop("-TERM").0, Some(0));
}

#[test]
fn many_writes_at_once_share_their_syncs_and_none_is_answered_without() {
    const WRITERS: usize = 64;
    const WRITES: usize = 8;
    let (place, boss) = Boss::set_up();
    let traced = Traced::start(&place);
    let at_first = traced.syncs();
    std::thread::scope(|scope| {
        for writer in 0..WRITERS {
            let (traced, boss) = (&traced, &boss);
            scope.spawn(move || {
                let mut wire = Wire::to(&traced.server.address).unwrap();
                for n in 0..WRITES {
                    let before = traced.syncs();
                    let email = format!("guest{writer}-{n}@example.com");
                    assert_eq!(boss.upsert(&mut wire, &email, "Guest").unwrap().status, 201);
                    assert!(traced.syncs() > before, "{email} was answered and not synced");
                }
            });
        }
    });
    let syncs = traced.syncs() - at_first;
    assert!(syncs < WRITERS * WRITES / 2, "{syncs} syncs for {} writes are hardly shared", WRITERS * WRITES);
    assert_eq!(traced.server.stop("-TERM").0, Some(0));
}
