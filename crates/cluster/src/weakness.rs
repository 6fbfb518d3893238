//! Rules to break on purpose, so that tests can see that their checks notice.

use core::fmt;

/// A rule that a simulated cluster can be told to break.
///
/// Only the simulator can tell a node or a follower to: a server has no way to set it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Weakness {
    /// Writes of deposed leaders are taken.
    NoFencing,
    /// Events count as committed when the leader alone has them.
    AckBeforeQuorum,
    /// Messages go out before what they promise is on disk.
    AckBeforeSync,
    /// A command that comes again is decided again.
    NoDeduplication,
    /// A candidate takes the longest log, also one of an older term.
    OldLogAdopted,
    /// A confirmation of an older term counts for the present one.
    StaleAckCounted,
    /// What was taken over counts as committed before a quorum has all of it.
    OldTermCounted,
    /// A restarted node has forgotten what it promised.
    PromiseForgotten,
    /// A candidate leads without what a quorum has and it lacks.
    NoCatchUp,
    /// A candidate leads without any promise of the others.
    NoPromise,
    /// A standby keeps events that its leader does not have.
    TailKept,
    /// A torn write counts as whole after a restart.
    TornWriteKept,
    /// A follower takes an event though the one before it is missing.
    GapSkipped,
    /// A follower takes an event that it has already.
    RepeatTaken,
    /// A follower keeps events that its leader does not have.
    RewindIgnored,
    /// A region puts changes of others at the end of its merged log, as they come.
    MergedByArrival,
    /// A region takes in a change though something that it had seen is missing.
    CausesIgnored,
    /// A synchronous primary confirms what half of its replicas have.
    FewerReplicas,
    /// What a server decided is appended though the stream has changed since.
    VersionIgnored,
    /// A node lets a client go on that lacks events which are not sent any more.
    HorizonIgnored,
    /// A client goes on from a snapshot that could not be restored.
    DamagedSnapshotTaken,
}

impl Weakness {
    /// All of them.
    pub const ALL: [Self; 21] = [
        Self::NoFencing,
        Self::AckBeforeQuorum,
        Self::AckBeforeSync,
        Self::NoDeduplication,
        Self::OldLogAdopted,
        Self::StaleAckCounted,
        Self::OldTermCounted,
        Self::PromiseForgotten,
        Self::NoCatchUp,
        Self::NoPromise,
        Self::TailKept,
        Self::TornWriteKept,
        Self::GapSkipped,
        Self::RepeatTaken,
        Self::RewindIgnored,
        Self::MergedByArrival,
        Self::CausesIgnored,
        Self::FewerReplicas,
        Self::VersionIgnored,
        Self::HorizonIgnored,
        Self::DamagedSnapshotTaken,
    ];

    /// Its name in reports.
    pub const fn name(self) -> &'static str {
        match self {
            Self::NoFencing => "no fencing",
            Self::AckBeforeQuorum => "acknowledged before the quorum",
            Self::AckBeforeSync => "acknowledged before the sync",
            Self::NoDeduplication => "no deduplication",
            Self::OldLogAdopted => "an old term's log adopted",
            Self::StaleAckCounted => "a stale acknowledgement counted",
            Self::OldTermCounted => "an old term's events counted too soon",
            Self::PromiseForgotten => "a promise forgotten",
            Self::NoCatchUp => "leading without catching up",
            Self::NoPromise => "leading without a promise",
            Self::TailKept => "a standby's tail kept",
            Self::TornWriteKept => "a torn write kept",
            Self::GapSkipped => "a gap skipped",
            Self::RepeatTaken => "a repeated event taken",
            Self::RewindIgnored => "a rewind ignored",
            Self::MergedByArrival => "changes merged as they come",
            Self::CausesIgnored => "a change before its causes",
            Self::FewerReplicas => "fewer replicas than promised",
            Self::VersionIgnored => "an append decided on another version taken",
            Self::HorizonIgnored => "events that are not sent any more left out",
            Self::DamagedSnapshotTaken => "a damaged snapshot taken",
        }
    }
}

impl fmt::Display for Weakness {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}
