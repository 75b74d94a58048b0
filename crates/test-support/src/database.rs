//! A database for one test, on either engine, gone with it.

use crate::cluster;
use crate::{Dump, Fixture};
use postgres::NoTls;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

/// The engines that every behaviour is tested on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engine {
    Sqlite,
    Postgres,
}

impl Engine {
    /// Whether this run tests it.
    pub fn wanted(self) -> bool {
        self == Engine::Sqlite || std::env::var("ROLEBOOK_TEST_ENGINES").as_deref() != Ok("sqlite")
    }
}

/// A fresh, empty database. Dropped, it is deleted.
pub struct Database {
    url: String,
    place: Place,
}

enum Place {
    Sqlite { file: PathBuf, _folder: tempfile::TempDir },
    Postgres { name: String },
}

impl Fixture for Database {
    async fn fresh(engine: Engine) -> Database {
        Database::new(engine)
    }
}

impl Database {
    pub fn new(engine: Engine) -> Database {
        match engine {
            Engine::Sqlite => {
                let folder = tempfile::Builder::new().prefix("rolebook-test-").tempdir().unwrap();
                let file = folder.path().join("rolebook.db");
                Database { url: format!("sqlite:{}", file.display()), place: Place::Sqlite { file, _folder: folder } }
            }
            Engine::Postgres => {
                static NEXT: AtomicU32 = AtomicU32::new(1);
                let name = format!("t{}_{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
                // Left over from a process of the same number that was killed.
                off_runtime(|| {
                    let mut server = postgres::Client::connect(cluster::url(), NoTls)
                        .expect("the PostgreSQL server of ROLEBOOK_TEST_POSTGRES does not answer");
                    server.batch_execute(&format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)")).unwrap();
                    server.batch_execute(&format!("CREATE DATABASE {name}")).unwrap();
                });
                let (server, _) = cluster::url().rsplit_once('/').expect("ROLEBOOK_TEST_POSTGRES ends in a database");
                Database { url: format!("{server}/{name}"), place: Place::Postgres { name } }
            }
        }
    }

    /// As `--database` takes it.
    pub fn url(&self) -> &str {
        &self.url
    }

    pub fn engine(&self) -> Engine {
        match self.place {
            Place::Sqlite { .. } => Engine::Sqlite,
            Place::Postgres { .. } => Engine::Postgres,
        }
    }

    /// The embedded engine's file.
    pub fn file(&self) -> Option<&Path> {
        match &self.place {
            Place::Sqlite { file, .. } => Some(file),
            Place::Postgres { .. } => None,
        }
    }

    /// All that is stored, read from beside.
    pub fn dump(&self) -> Dump {
        match &self.place {
            Place::Sqlite { file, .. } => Dump::of_sqlite(&sqlite(file)),
            Place::Postgres { .. } => off_runtime(|| Dump::of_postgres(&mut self.postgres())),
        }
    }

    /// Runs statements without parameters from beside, behind the back of everything under test.
    pub fn execute(&self, sql: &str) {
        match &self.place {
            Place::Sqlite { file, .. } => sqlite(file).execute_batch(sql).unwrap(),
            Place::Postgres { .. } => off_runtime(|| self.postgres().batch_execute(sql).unwrap()),
        }
    }

    fn postgres(&self) -> postgres::Client {
        postgres::Client::connect(&self.url, NoTls).unwrap()
    }
}

fn sqlite(file: &Path) -> rusqlite::Connection {
    let connection = rusqlite::Connection::open(file).unwrap();
    connection.busy_timeout(std::time::Duration::from_secs(10)).unwrap();
    connection
}

/// This driver blocks, and refuses to do so on a thread of a runtime.
fn off_runtime<T: Send>(job: impl FnOnce() -> T + Send) -> T {
    std::thread::scope(|scope| match scope.spawn(job).join() {
        Ok(done) => done,
        Err(panic) => std::panic::resume_unwind(panic),
    })
}

impl Drop for Database {
    fn drop(&mut self) {
        if let Place::Postgres { name } = &self.place {
            let drop = format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)");
            off_runtime(|| {
                if let Ok(mut server) = postgres::Client::connect(cluster::url(), NoTls) {
                    server.batch_execute(&drop).ok();
                }
            });
        }
    }
}
