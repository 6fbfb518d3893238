//! What is simulated: the cluster of a scenario, regions, studies.

use everview_cluster::sim::Script;
use everview_protocol::session::{RegionsRequest, Reply, Source, Told, Update};

use super::super::cluster::Cluster;
use super::super::regions::RegionsRun;
use super::Session;

/// The longest scenario that is taken, in bytes.
const SCENARIO: usize = 100_000;

impl Session {
    pub(super) fn play_scenario(&mut self, text: String) -> Reply {
        if SCENARIO < text.len() {
            return Reply::Invalid(format!("expected at most {SCENARIO} bytes"));
        }
        match text.parse::<Script>() {
            Ok(script) if script.is_regional() => {
                return Reply::Invalid("expected one log, found one per region".into());
            }
            Ok(script) => self.follow_cluster(Source::Scenario { text }, Cluster::of(script)),
            Err(error) => return Reply::Invalid(error.to_string()),
        }
        Reply::Done
    }

    pub(super) fn change_regions(&mut self, request: RegionsRequest) -> Reply {
        let regions = self.regions.get_or_insert_with(RegionsRun::new);
        let done = match request {
            RegionsRequest::Watch { is_watched } => {
                regions.is_watched = is_watched;
                Ok(())
            }
            RegionsRequest::Restart => {
                *regions = RegionsRun::new();
                Ok(())
            }
            RegionsRequest::Step { text } => regions.step(&text),
            RegionsRequest::Restore { region, number } => regions.restore(region, number),
        };
        self.outbox.push(Told::Update(Update::Regions(regions.state())));
        done.map_or_else(Reply::Invalid, |()| Reply::Done)
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
