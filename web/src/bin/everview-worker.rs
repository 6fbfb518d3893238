//! The dashboard's worker.

fn main() {
    everview_dashboard::work();
}
