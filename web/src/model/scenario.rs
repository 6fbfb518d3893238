//! The scenarios that come with the dashboard.

#[cfg(test)]
mod tests;

/// The scripts, each of which begins with what it is called and what there is to see.
pub(crate) const SCENARIOS: [&str; 13] = [
    include_str!("../../scenarios/leader_dies.txt"),
    include_str!("../../scenarios/zone_is_lost.txt"),
    include_str!("../../scenarios/store_is_lost.txt"),
    include_str!("../../scenarios/split.txt"),
    include_str!("../../scenarios/one_way.txt"),
    include_str!("../../scenarios/slow_links.txt"),
    include_str!("../../scenarios/clock_is_wrong.txt"),
    include_str!("../../scenarios/long_pause.txt"),
    include_str!("../../scenarios/disk_stalls.txt"),
    include_str!("../../scenarios/acknowledged_is_lost.txt"),
    include_str!("../../scenarios/snapshot.txt"),
    include_str!("../../scenarios/servers.txt"),
    include_str!("../../scenarios/regions.txt"),
];
