//! What is simulated: the cluster of a scenario, regions, studies.

use everview_cluster::sim::Script;
use everview_core::{Engine, Limits};
use everview_protocol::definitions;
use everview_protocol::session::{Onsets, RegionsRequest, Reply, Source, Told, Update};

use super::super::cluster::{Cluster, News};
use super::super::opening::Opened;
use super::super::proposal::{REGIONS, proposal};
use super::Session;

/// The longest scenario that is taken, in bytes.
const SCENARIO: usize = 100_000;

/// What the page of conflicts shows.
#[derive(Default)]
pub(super) struct RegionsPage {
    /// Regions with a log each beside what is open.
    pub(super) beside: Option<Cluster>,
    /// Whether somebody looks at it.
    pub(super) is_watched: bool,
}

impl Session {
    /// Where regions wrote without knowing of each other, after a position of the log itself.
    pub(super) fn conflicts_after(&self, after: u64) -> Onsets {
        let cluster = self.cluster.as_ref().filter(|_| self.futures.current().is_none());
        let positions = cluster.map(|cluster| cluster.conflicts_after(after)).unwrap_or_default();
        Onsets { positions, reached: self.futures.engine().head().get() }
    }

    /// Opens the simulated cluster of a seed.
    pub(in crate::worker) fn simulate(&mut self, seed: u64) {
        self.follow_cluster(Source::Simulation { seed }, Cluster::shop(seed));
    }

    /// Makes a cluster the source.
    fn follow_cluster(&mut self, source: Source, mut cluster: Cluster) {
        let mut engine = Engine::new(Limits::default());
        cluster.feed(&mut engine);
        let definitions =
            if cluster.is_regional() { REGIONS.to_owned() } else { proposal(cluster.is_shop()) };
        if let Ok(parsed) = definitions::parse(&definitions) {
            // The proposal is this program's own text, and a test holds it to be valid.
            let defined = engine.define(&parsed);
            debug_assert_eq!(defined, Ok(()));
            cluster.define(&parsed);
        }
        cluster.compare(&engine);
        self.open(Opened { source, engine, definitions, forks: Vec::new(), is_stored: false });
        self.cluster = Some(cluster);
    }

    /// Lets milliseconds pass for the cluster that is the source.
    pub(super) fn advance_cluster(&mut self, milliseconds: i64) {
        let Some(cluster) = &mut self.cluster else { return };
        cluster.advance(milliseconds);
        let engine = self.futures.root_mut();
        let (base, position) = (engine.log().base(), engine.position());
        let news = cluster.feed(engine);
        if news != News::Nothing {
            // At the head an engine follows by itself, which is not what somebody wants who went
            // there to look.
            engine.seek(if self.is_following { engine.head() } else { position });
        }
        if self.budget.keep_now_and_then(engine) {
            self.previous = None;
        }
        cluster.compare(engine);
        if let News::Rewind(to) = news {
            self.rewinds += 1;
            // Another future has its own events.
            if self.futures.current().is_none() {
                self.list.rewind(self.futures.root().log(), base, to);
            }
            self.diff.clear();
        }
        let decided = cluster.decided();
        self.outbox.push(Told::Update(Update::Cluster(Box::new(cluster.state()))));
        self.outbox.extend(
            decided
                .into_iter()
                .map(|(id, outcome)| Told::Reply { id, reply: Reply::Command(outcome) }),
        );
    }

    pub(super) fn play_scenario(&mut self, text: String) -> Reply {
        if SCENARIO < text.len() {
            return Reply::Invalid(format!("expected at most {SCENARIO} bytes"));
        }
        match text.parse::<Script>() {
            Ok(script) => self.follow_cluster(Source::Scenario { text }, Cluster::of(script)),
            Err(error) => return Reply::Invalid(error.to_string()),
        }
        Reply::Done
    }

    pub(super) fn change_regions(&mut self, request: RegionsRequest) -> Reply {
        let done = match request {
            RegionsRequest::Watch { is_watched } => {
                self.regions.is_watched = is_watched;
                Ok(())
            }
            RegionsRequest::Restart => match &self.source {
                Source::Scenario { text } if self.is_regional() => {
                    return self.play_scenario(text.clone());
                }
                _ => {
                    self.regions.beside = None;
                    Ok(())
                }
            },
            RegionsRequest::Step { text } => self.regions_shown().inject(&text),
            RegionsRequest::Restore { region, number } => {
                self.regions_shown().restore(region, number)
            }
        };
        self.tell_regions();
        done.map_or_else(Reply::Invalid, |()| Reply::Done)
    }

    /// Whether regions with a log each are the source.
    pub(super) fn is_regional(&self) -> bool {
        self.cluster.as_ref().is_some_and(Cluster::is_regional)
    }

    /// The regions with a log each that are the source, or those beside it.
    pub(super) fn regions_shown(&mut self) -> &mut Cluster {
        let source = self.cluster.as_mut().filter(|cluster| cluster.is_regional());
        source.unwrap_or_else(|| self.regions.beside.get_or_insert_with(Cluster::beside))
    }

    pub(super) fn tell_regions(&mut self) {
        let is_source = self.is_regional();
        let conflicts = self.regions_shown().conflicts(is_source);
        self.outbox.push(Told::Update(Update::Regions(conflicts)));
    }

    pub(super) fn inject(&mut self, text: &str) -> Reply {
        let Some(cluster) = &mut self.cluster else {
            return Reply::Impossible("a file has no cluster".into());
        };
        if let Err(problem) = cluster.inject(text) {
            return Reply::Invalid(problem);
        }
        self.outbox.push(Told::Update(Update::Cluster(Box::new(cluster.state()))));
        Reply::Done
    }

    /// Goes on with the study; whether there is more of it to do.
    pub(super) fn study_on(&mut self, is_due: &mut dyn FnMut() -> bool) -> bool {
        let Some(study) = &mut self.study else { return false };
        while study.is_running() && !is_due() {
            study.step();
        }
        if let Some(news) = study.news() {
            self.outbox.push(Told::Update(Update::Study(news)));
        }
        study.is_running()
    }
}
