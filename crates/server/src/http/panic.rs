//! A panic is a defect of ours, and one request's trouble only: it becomes an error in the log and a 500. Done in the
//! one layer that every request passes, instead of a layer of its own, because each layer costs every request.

use std::any::Any;
use std::future::{Future, poll_fn};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::task::Poll;

/// What a panic left.
pub(crate) type Panic = Box<dyn Any + Send>;

/// Runs a future to its end or to its panic.
///
/// Nothing that the future owns is used after a panic, and what it shares is either behind locks of its own or rolled
/// back with its transaction; hence `AssertUnwindSafe`.
pub(crate) async fn catch<F: Future>(future: F) -> Result<F::Output, Panic> {
    let mut future = pin!(future);
    poll_fn(|context| match catch_unwind(AssertUnwindSafe(|| future.as_mut().poll(context))) {
        Ok(Poll::Pending) => Poll::Pending,
        Ok(Poll::Ready(output)) => Poll::Ready(Ok(output)),
        Err(panic) => Poll::Ready(Err(panic)),
    })
    .await
}

/// Sends panics to the log, with their place in the code, instead of to stderr as text. Called once, at the start.
pub(crate) fn log_panics() {
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(ToString::to_string).unwrap_or_default();
        tracing::error!(place, "a panic: {}", words(panic.payload()));
    }));
}

/// What a panic said.
pub(crate) fn words(payload: &(dyn Any + Send)) -> &str {
    let fixed = payload.downcast_ref::<&str>().copied();
    fixed.or_else(|| payload.downcast_ref::<String>().map(String::as_str)).unwrap_or("without words")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_future_that_ends_has_its_output() {
        let output = catch(async {
            tokio::task::yield_now().await;
            7
        });
        assert_eq!(output.await.ok(), Some(7));
    }

    #[tokio::test]
    async fn a_future_that_panics_is_caught_even_after_waiting() {
        let output = catch(async {
            tokio::task::yield_now().await;
            panic!("on purpose");
        });
        let panic: Panic = match output.await {
            Ok(()) => panic!("it should have panicked"),
            Err(panic) => panic,
        };
        assert_eq!(words(&*panic), "on purpose");
    }

    #[test]
    fn a_panic_is_logged_with_its_words() {
        assert_eq!(words(&"fixed"), "fixed");
        assert_eq!(words(&"formatted".to_owned()), "formatted");
        assert_eq!(words(&7), "without words");
    }
}
