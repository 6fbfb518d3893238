//! Clients that resume from logs that were lost in part and restored, by the million.

use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

use everview_cluster::sim::resumes::{self, Resumes};

/// How many seeds with lineages that come back are tried until one is noticed.
const CONTROL_SEEDS: u64 = 1_000;

/// Lets clients resume at least so often, on all cores; whether none was wrong, and one would have
/// been noticed.
pub(crate) fn run(count: u64) -> bool {
    let next = AtomicU64::new(0);
    let done = Mutex::new((Resumes::default(), 0_u64));
    let work = || {
        loop {
            let seed = next.fetch_add(1, Ordering::Relaxed);
            let outcome = resumes::run(seed, false);
            let Ok(mut done) = done.lock() else { return };
            match outcome {
                Ok(resumes) => done.0.add(resumes),
                Err(wrong) => {
                    println!("seed {seed}: {wrong}");
                    done.1 += 1;
                }
            }
            if count <= done.0.count || 10 <= done.1 {
                return;
            }
        }
    };
    let cores = thread::available_parallelism().map_or(1, usize::from);
    thread::scope(|scope| (0..cores).for_each(|_| drop(scope.spawn(work))));
    let (Resumes { count, rewound, started, damaged, interrupted, refused }, wrong) =
        done.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
    println!(
        "{count} resumes, {rewound} with a rewind, {started} from a snapshot, {damaged} with a damaged \
         one, {interrupted} interrupted, {refused} refused for a lower epoch, {wrong} wrong"
    );
    let noticed = (0..CONTROL_SEEDS).find_map(|seed| resumes::run(seed, true).err());
    match noticed {
        Some(noticed) => println!("lineages that come back: caught: {noticed}"),
        None => println!("lineages that come back: NOT caught in {CONTROL_SEEDS} seeds"),
    }
    wrong == 0 && noticed.is_some()
}
