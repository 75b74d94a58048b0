//! How much a thread of ours yields to the others. Knows nothing of what they do.

/// The calling thread's niceness from now on: 0 is as usual, 19 yields to everybody. A failure leaves it as it was, which is
/// no harm.
#[cfg(target_os = "linux")]
#[allow(unsafe_code)]
pub(crate) fn yield_to_others(niceness: i32) {
    // SAFETY: a plain system call on integers. On Linux niceness is a thread's own, and 0 is the calling thread.
    unsafe { libc::setpriority(libc::PRIO_PROCESS, 0, niceness) };
}

#[cfg(not(target_os = "linux"))]
pub(crate) fn yield_to_others(_: i32) {}
