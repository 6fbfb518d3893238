//! What is shown while the rest of it is still read.

use everview_protocol::session::OpeningState;

use super::Session;
use crate::worker::opening::{Opened, Opening, OpeningError, Step};

impl Session {
    /// Opens what has come of a file.
    pub(in crate::worker) fn open_early(&mut self, opened: Opened) {
        self.open(opened);
        self.is_arriving = true;
    }

    /// Reads on into what is shown, or aside where nothing is shown yet.
    ///
    /// # Errors
    ///
    /// Why it cannot be opened, or not read to its end.
    pub(in crate::worker) fn read_on(
        &mut self,
        opening: &mut Opening,
    ) -> Result<Step, OpeningError> {
        if !opening.is_shown() {
            return opening.step(None);
        }
        let engine = self.futures.root_mut();
        let step = opening.step(Some(engine));
        if self.budget.keep_now_and_then(engine) {
            self.previous = None;
        }
        step
    }

    /// How far a file has come at a time in milliseconds.
    pub(in crate::worker) fn progress(&self, opening: &Opening, now: f64) -> OpeningState {
        opening.state(now, opening.is_shown().then(|| self.futures.root()))
    }

    /// Takes in the last record of what is shown.
    pub(in crate::worker) fn finish_arriving(&mut self, opening: &mut Opening) {
        opening.finish_into(self.futures.root_mut());
        self.end_arriving();
    }

    /// Notes that nothing more is read. The browser may keep what has come.
    pub(in crate::worker) const fn end_arriving(&mut self) {
        self.is_arriving = false;
    }
}
