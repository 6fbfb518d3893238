//! Which of the states that a swarm must reach were reached.
//!
//! A generator of faults that never gets a cluster into trouble finds nothing. So the states that
//! rules are there for have names, and a swarm that does not reach one of them fails.

use core::fmt;

macro_rules! states {
    ($($(#[doc = $doc:literal])+ $name:ident = $shown:literal,)+) => {
        /// A state that a run may get into, and that a swarm of runs must.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Sometimes {
            $($(#[doc = $doc])+ $name,)+
        }

        impl Sometimes {
            /// All of them.
            pub const ALL: [Self; [$($shown),+].len()] = [$(Self::$name),+];

            /// What is so in it.
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$name => $shown,)+
                }
            }
        }
    };
}

states! {
    /// Two nodes believe that they lead.
    TwoLeaders = "two nodes believe that they lead",
    /// Two nodes have had the lease and want to lead.
    TwoCandidates = "two candidates at once",
    /// A node refused what a deposed one sent.
    WriteFenced = "a deposed leader's write is refused",
    /// A leader noticed that its lease runs out.
    LeaseLost = "a leader loses its lease",
    /// A leader heard of a later one.
    Deposed = "a leader hears of a later one",
    /// A leader or candidate noticed that it does not reach a quorum.
    NoQuorum = "a leader reaches no quorum",
    /// A leader stood still, and was deposed when it went on.
    WokeDeposed = "a leader wakes up deposed",
    /// A candidate took what it lacked from another node.
    CaughtUp = "a candidate catches up from another node",
    /// A candidate forgot a tail of its own.
    CandidateRewound = "a candidate rewinds",
    /// A standby forgot a tail that its leader does not have.
    StandbyRewound = "a standby rewinds",
    /// Events that were not acknowledged before their leader was gone were committed by the next.
    TailAdopted = "a dead leader's unacknowledged tail is committed",
    /// A term ended without an event.
    EmptyTerm = "a term without an event",
    /// A log went through five terms.
    FiveTerms = "a log of five terms",
    /// Nobody has led for longer than a lease.
    Leaderless = "nobody leads for longer than a lease",
    /// A node was suspected and was there.
    WronglySuspected = "a node is suspected and heard again",
    /// A leader handed over as it was told.
    HandedOver = "a leader hands over",
    /// A lease was given to another while the clock of its holder says that it is still valid.
    LeaseOverlaps = "a lease that its holder counts on is another's",
    /// A loss of power cost events that had not been synced.
    UnsyncedLost = "unsynced events are lost",
    /// A loss of power cost a promise that had not been synced.
    PromiseLost = "an unsynced promise is lost",
    /// The broken end of a log was cut off.
    TornTailCut = "a torn tail is cut",
    /// Events that had been taken out of a log came back with a crash.
    RewindUndone = "a crash undoes a rewind",
    /// A sync took longer than a leader may be quiet.
    SyncHeldUp = "a stalled disk silences a leader",
    /// A node of every zone but one was gone, and the others went on.
    ZoneGone = "a zone is gone and the cluster serves",
    /// No node runs.
    NobodyRuns = "no node runs",
    /// A machine was destroyed and the others went on.
    NodeGone = "a node is destroyed and the cluster serves",
    /// A retry was answered with what came of the command the first time.
    RetryAnswered = "a retry is answered as the first time",
    /// A leader stopped before it knew what came of a command.
    OutcomeUnknown = "a command's outcome is unknown at first",
    /// A command was decided against.
    Rejected = "a command is rejected",
    /// A command was decided by another node than the one it was first sent to.
    DecidedElsewhere = "a command is decided by the next leader",
    /// A client was sent to another node.
    SentElsewhere = "a client is sent to another node",
    /// A client waited at a node that did not lead until somebody did.
    ClientHeld = "a client waits for a leader to be found",
    /// A client was given an event without the one before it.
    ClientGap = "a client notices a gap",
    /// A client was given an event that it had.
    ClientRepeat = "a client is given an event twice",
    /// A client had events that were not in the leader's log.
    ClientRewound = "a client rewinds",
    /// They were of more than one term.
    ClientRewoundFar = "a client rewinds over two terms or more",
    /// A client lacked events that are not sent any more, and was given views to start from.
    ClientStarted = "a client starts from a snapshot",
    /// A client could not use a snapshot.
    SnapshotRefused = "a snapshot is refused",
    /// A client was sent something by a leader of an earlier epoch than one it had heard of.
    ClientHeardOld = "a client hears a leader of a lower epoch",
    /// A promotion lost acknowledged events, as asynchronous replication may.
    AcknowledgedLost = "an asynchronous promotion loses what was acknowledged",
    /// Two regions wrote to the same without knowing of each other, and a rule decided.
    ConflictDecided = "a rule decides between two regions",
    /// The same, and it is left to a person.
    ConflictOpen = "a conflict is left to a person",
    /// What was overruled was wanted back.
    Restored = "what was overruled is restored",
    /// A change came so late that others that had been folded follow it.
    MergedLate = "a region folds its log again from a late change",
    /// Regions that did not reach each other for more than a second both took writes, and learn of it.
    Rejoined = "regions that were parted learn what both did",
    /// A change came before one that it had seen.
    HeldBack = "a change waits for its cause",
    /// A region lost changes of others in a crash, and was sent them again.
    LearnedAgain = "a region is sent again what a crash took",
    /// Two servers decided about one stream at once: the second was refused and decided again.
    AppendRefused = "a server's append is refused and decided again",
    /// A server decided on the log of another term than the leader's.
    AppendOfOtherTerm = "an append decided in another term is refused",
    /// A command that went to two servers was found in the log by the second.
    DoneOnce = "a command sent to two servers is done once",
    /// A server got nowhere with a command for too long.
    GivenUp = "a server gives a command up",
    /// A server answered after the balancer had turned to another.
    AnswerDropped = "a server's late answer is dropped",
    /// The balancer leaves out a server whose answers are bad.
    ServerEjected = "a server is ejected",
    /// Health checks found a server gone.
    ServerUnwell = "health checks find a server gone",
    /// A server that was drained has nothing left to do.
    ServerDrained = "a server is drained",
    /// A server was gone and commands were decided.
    ServerGone = "a server is gone and the others serve",
    /// A command was sent nowhere, since the servers that serve have too much to do.
    Shed = "a command is shed",
    /// A client was told of the outcome of a command by a leader that had been replaced.
    LateReply = "a reply of a replaced leader arrives",
}

impl fmt::Display for Sometimes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// The states that were reached.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Coverage(u64);

impl Coverage {
    /// Notes that a state was reached.
    pub const fn reach(&mut self, state: Sometimes) {
        self.0 |= 1 << state as u64;
    }

    pub(super) const fn reach_if(&mut self, is_so: bool, state: Sometimes) {
        if is_so {
            self.reach(state);
        }
    }

    /// Whether a state was reached.
    pub const fn has(self, state: Sometimes) -> bool {
        self.0 >> state as u64 & 1 == 1
    }

    /// Those that either has.
    pub const fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// How many were reached.
    pub const fn count(self) -> u32 {
        self.0.count_ones()
    }

    /// Those that were not.
    pub fn missing(self) -> impl Iterator<Item = Sometimes> {
        Sometimes::ALL.into_iter().filter(move |state| !self.has(*state))
    }
}
