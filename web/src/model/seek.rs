//! One seek at a time, and the last wish wins.

#[cfg(test)]
mod tests;

/// Keeps a dragged playhead from sending more seeks than are answered.
#[derive(Debug, Default)]
pub(crate) struct SeekQueue {
    is_busy: bool,
    wanted: Option<u64>,
}

impl SeekQueue {
    /// Wishes for a position. Returns what to send now.
    pub(crate) fn want(&mut self, position: u64) -> Option<u64> {
        self.wanted = Some(position);
        self.next()
    }

    /// Notes that the last seek is done. Returns what to send now.
    pub(crate) fn done(&mut self) -> Option<u64> {
        self.is_busy = false;
        self.next()
    }

    /// Forgets the wish that waits for its turn, and returns it.
    pub(crate) fn forget(&mut self) -> Option<u64> {
        self.wanted.take()
    }

    /// Whether a seek is under way or wished for.
    pub(crate) fn is_busy(&self) -> bool {
        self.is_busy
    }

    fn next(&mut self) -> Option<u64> {
        if self.is_busy {
            return None;
        }
        let wanted = self.wanted.take();
        self.is_busy = wanted.is_some();
        wanted
    }
}
