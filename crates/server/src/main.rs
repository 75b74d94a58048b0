//! The program `rolebook`: the command line of the library beside it. Chooses the allocator, and knows nothing else.

use std::process::ExitCode;

/// Small under load: the system's own keeps what a wave of requests once took.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    rolebook::cli::run()
}
