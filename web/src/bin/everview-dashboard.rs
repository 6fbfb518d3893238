//! The dashboard's page.

fn main() {
    everview_dashboard::show();
}
