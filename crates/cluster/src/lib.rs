#![doc = include_str!("../README.md")]
#![no_std]

extern crate alloc;

pub mod availability;
pub mod balance;
pub mod clock;
pub mod conflict;
mod detector;
pub mod exchange;
mod failover;
mod follower;
mod history;
mod lease;
mod message;
mod node;
mod server;
pub mod sim;
mod snapshot;
pub mod study;
mod weakness;

use detector::Arrivals;
pub use detector::{Detection, Detector, Phi, Verdict};
pub use failover::{
    Durable, Input, Node, NodeConfig, Note, Output, Replication, Rewound, Serve, StepDown,
};
pub use follower::{Follower, FollowerConfig, FollowerInput, FollowerOutput, Health};
pub use history::{Cursor, History, Lineage, Term};
pub use lease::{
    Grant, Lease, LeaseAsk, LeaseRegister, LeaseReply, LeaseRequest, MemoryRegister,
    MemoryRegisterAt, Reading,
};
pub use message::{
    Answer, ClientId, Entry, Heartbeat, PeerMessage, Reply, Request, Response, Session, Ticket,
};
pub use node::{NodeId, Place, Region, Role, ServerId, Timing, Zone};
pub use server::{Server, ServerConfig, ServerInput, ServerNote, ServerOutput};
pub use snapshot::{Snapshot, SnapshotRefused};
use weakness::Weakness;
