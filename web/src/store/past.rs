//! The cluster as it was.

use everview_protocol::session::{ClusterState, Reply, Request};
use leptos::prelude::*;

use super::Store;
use crate::reactive::react;

impl Store {
    /// Whether the log's past is looked at, so that the cluster's is too.
    pub(crate) fn is_past(self) -> bool {
        self.session.with(|session| {
            session.as_ref().is_some_and(|open| {
                open.source.is_simulated() && !open.is_following && open.fork.is_none()
            })
        })
    }

    /// The cluster as it is, or as it was where the playhead stands.
    pub(crate) fn shown_cluster(self) -> Memo<Option<ClusterState>> {
        let is_past = Memo::new(move |_| self.is_past());
        Memo::new(move |_| {
            let simulated = self.simulated();
            if is_past.get() {
                simulated.past.with(|past| past.as_ref().map(|past| past.state.clone()))
            } else {
                simulated.cluster.get()
            }
        })
    }

    /// Goes to a moment of the cluster, at which the client had a certain event. Back leads to where
    /// the playhead was.
    pub(crate) fn jump_to_moment(self, position: u64, at_ms: u64) {
        self.is_playing.set(false);
        self.simulated().moment.set(Some((position, at_ms)));
        self.jump(position);
    }

    /// Asks how the cluster was, as long as the past is looked at, for one moment at a time.
    pub(super) fn keep_past(self) {
        let is_asked = RwSignal::new(false);
        let wanted = Memo::new(move |_| {
            let position = self.playhead.get();
            let moment = self.simulated().moment.get().filter(|(of, _)| *of == position);
            self.is_past().then_some((position, moment.map(|(_, at_ms)| at_ms)))
        });
        // Other events may stand at the same positions, and so may another cluster.
        let history = self.history();
        let answered = StoredValue::new(None);
        react(move || {
            let now = (wanted.get(), history.get());
            let Some((position, at_ms)) = now.0 else {
                answered.set_value(None);
                return self.simulated().past.set(None);
            };
            if is_asked.get() || answered.get_value() == Some(now) {
                return;
            }
            is_asked.set(true);
            answered.set_value(Some(now));
            self.ask(Request::ClusterAt { position, at_ms }, move |reply| {
                if let Reply::Cluster(past) = reply {
                    self.simulated().past.set(past.map(|past| *past));
                }
                is_asked.set(false);
            });
        });
    }
}
