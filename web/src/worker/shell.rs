//! Messages and bytes between the browser and what is open.

mod port;
mod scratch;
mod shelf;
mod stream;

use std::cell::RefCell;
use std::rc::Rc;

use everview_core::{Capsule, CapsuleError};
use everview_protocol::session::{Asked, Keeping, OpeningState, Reply, Request, Told, Update};
use gloo::timers::callback::Interval;
use gloo::timers::future::TimeoutFuture;
use wasm_bindgen_futures::spawn_local;

use super::kept::{self, ReopenError};
use super::opening::{Opened, Opening, OpeningError, Step};
use super::session::Session;
use port::Port;
use shelf::ShelfError;
use stream::{ByteStream, StreamError};

/// How long the worker works before it looks for messages, in milliseconds.
const SLICE: f64 = 20.0;

/// How often the simulated cluster moves on, and the page hears how far a file has come.
const TICK_MS: u32 = 100;

/// The most that a capsule holds.
const CAPSULE_BYTES: u64 = 64 << 20;

/// The worker, as long as it lives.
struct Shell {
    port: Port,
    session: RefCell<Session>,
    /// The file that is being opened: whoever opens or cancels takes another number.
    opening: RefCell<u32>,
    /// It, while it is read.
    arriving: RefCell<Option<Task>>,
    /// The file that waits for its mapping.
    waiting: RefCell<Option<Task>>,
    is_working: RefCell<bool>,
    is_keeping: RefCell<bool>,
    last_tick: RefCell<f64>,
}

/// A file on its way in and where its bytes come from.
#[derive(Clone)]
struct Task {
    number: u32,
    opening: Rc<RefCell<Opening>>,
    bytes: ByteStream,
}

/// Listens to the page.
pub(crate) fn start() {
    let port = Port::of_this_worker();
    report_panics();
    let shell = Rc::new(Shell {
        port: port.clone(),
        session: RefCell::new(Session::new()),
        opening: RefCell::new(0),
        arriving: RefCell::new(None),
        waiting: RefCell::new(None),
        is_working: RefCell::new(false),
        is_keeping: RefCell::new(false),
        last_tick: RefCell::new(js_sys::Date::now()),
    });
    let hearer = Rc::clone(&shell);
    port.listen(move |asked, file| hear(&hearer, asked, file));
    let clock = Rc::clone(&shell);
    Interval::new(TICK_MS, move || tick(&clock)).forget();
    port.tell(&Told::Update(Update::Ready));
    spawn_local(async move {
        // Without such a file, all stays in memory.
        if let Ok(storage) = scratch::open().await {
            with(&shell, |session| session.spill_to(storage));
        }
    });
}

fn hear(shell: &Rc<Shell>, Asked { id, request }: Asked, file: Option<web_sys::File>) {
    match request {
        Request::Simulate { seed } => {
            give_up(shell);
            with(shell, |session| session.answer(id, Request::Simulate { seed }));
        }
        Request::Scenario { text } => {
            give_up(shell);
            with(shell, |session| session.answer(id, Request::Scenario { text }));
        }
        Request::OpenFile { name } => {
            if let Some(file) = file {
                open_file(shell, name, &file);
            }
        }
        Request::OpenUrl { url } => {
            spawn_local(open_url(Rc::clone(shell), url));
            shell.port.tell(&Told::Reply { id, reply: Reply::Done });
        }
        Request::Reopen { name } => {
            spawn_local(reopen(Rc::clone(shell), name));
            shell.port.tell(&Told::Reply { id, reply: Reply::Done });
        }
        Request::OpenCapsule { bytes } => {
            spawn_local(open_capsule(Rc::clone(shell), "the capsule".into(), bytes));
            shell.port.tell(&Told::Reply { id, reply: Reply::Done });
        }
        Request::Kept => spawn_local(tell_kept(Rc::clone(shell), id)),
        Request::Forget { name } => spawn_local(forget(Rc::clone(shell), id, name)),
        Request::ConfirmMapping(mapping) => {
            if let Some(task) = shell.waiting.borrow_mut().take() {
                let confirmed = task.opening.borrow_mut().confirm(&mapping);
                match confirmed {
                    Ok(()) => spawn_local(read(Rc::clone(shell), task)),
                    Err(error) => fail(shell, task.opening.borrow().name(), &error),
                }
            }
            shell.port.tell(&Told::Reply { id, reply: Reply::Done });
        }
        Request::ShowOpening => {
            let shown =
                shell.arriving.borrow().as_ref().and_then(|it| it.opening.borrow_mut().show());
            if let Some(opened) = shown {
                with(shell, |session| session.open_early(opened));
                tell_progress(shell);
            }
            shell.port.tell(&Told::Reply { id, reply: Reply::Done });
        }
        Request::CancelOpening => {
            give_up(shell);
            shell.port.tell(&Told::Reply { id, reply: Reply::Done });
        }
        request => with(shell, |session| session.answer(id, request)),
    }
    flush(shell);
    work(shell);
}

fn with(shell: &Shell, act: impl FnOnce(&mut Session)) {
    act(&mut shell.session.borrow_mut());
}

fn flush(shell: &Shell) {
    with(shell, |session| session.drain().iter().for_each(|told| shell.port.tell(told)));
}

/// Lets the time pass for the simulated cluster.
fn tick(shell: &Rc<Shell>) {
    let now = js_sys::Date::now();
    let elapsed = now - shell.last_tick.replace(now);
    #[expect(clippy::cast_possible_truncation, reason = "the time between two ticks fits")]
    with(shell, |session| session.advance(elapsed as i64));
    tell_progress(shell);
    flush(shell);
    work(shell);
}

/// Tells how far the file has come that is being read.
fn tell_progress(shell: &Shell) {
    if let Some(Task { opening, .. }) = &*shell.arriving.borrow() {
        let session = shell.session.borrow();
        let state = session.progress(&opening.borrow(), js_sys::Date::now());
        shell.port.tell(&Told::Update(Update::Opening(Some(state))));
    }
}

/// Looks for events in slices, so that messages are heard in between.
fn work(shell: &Rc<Shell>) {
    if shell.is_working.replace(true) {
        return;
    }
    let shell = Rc::clone(shell);
    spawn_local(async move {
        loop {
            let begun = js_sys::Date::now();
            let mut is_busy = false;
            with(&shell, |session| {
                is_busy = session.work(&mut || SLICE < js_sys::Date::now() - begun);
            });
            flush(&shell);
            if !is_busy {
                break;
            }
            TimeoutFuture::new(0).await;
        }
        shell.is_working.replace(false);
        keep(&shell);
    });
}

/// Lets the browser keep what is open, until it keeps it as it is.
fn keep(shell: &Rc<Shell>) {
    if shell.is_keeping.replace(true) {
        return;
    }
    let shell = Rc::clone(shell);
    spawn_local(async move {
        loop {
            let parcel = shell.session.borrow_mut().parcel();
            let Some(parcel) = parcel else { break };
            let keeping = match shelf::keep(&parcel).await {
                Ok(()) => Keeping::Kept,
                Err(error) => Keeping::Failed { reason: error.to_string() },
            };
            with(&shell, |session| session.note_keeping(&parcel.name, keeping));
            flush(&shell);
        }
        shell.is_keeping.replace(false);
    });
}

async fn tell_kept(shell: Rc<Shell>, id: u32) {
    let reply =
        shelf::list().await.map_or_else(|error| Reply::Impossible(error.to_string()), Reply::Kept);
    shell.port.tell(&Told::Reply { id, reply });
}

async fn forget(shell: Rc<Shell>, id: u32, name: String) {
    let reply = match shelf::forget(&name).await {
        Ok(()) => {
            with(&shell, |session| session.note_keeping(&name, Keeping::Deleted));
            flush(&shell);
            Reply::Done
        }
        Err(error) => Reply::Impossible(error.to_string()),
    };
    shell.port.tell(&Told::Reply { id, reply });
}

/// Opens what the browser keeps.
async fn reopen(shell: Rc<Shell>, name: String) {
    let number = give_up(&shell);
    let state = OpeningState { name: name.clone(), ..OpeningState::default() };
    shell.port.tell(&Told::Update(Update::Opening(Some(state))));
    match shelf::read(&name).await {
        _ if *shell.opening.borrow() != number => {}
        Ok((about, events)) => match kept::reopen(&about, &events) {
            Ok(opened) => place(&shell, opened),
            Err(error) => fail(&shell, &name, &error),
        },
        Err(error) => fail(&shell, &name, &error),
    }
}

/// Opens a capsule: over the events in it, or over those of that name that the browser keeps.
async fn open_capsule(shell: Rc<Shell>, file: String, bytes: Vec<u8>) {
    let number = give_up(&shell);
    let capsule = match Capsule::from_bytes(&bytes, CAPSULE_BYTES) {
        Ok(mut capsule) => match capsule.events.take() {
            Some(events) => Ok((capsule, events)),
            None => match shelf::read(&capsule.name).await {
                Ok((_, events)) => Ok((capsule, events)),
                Err(_) => Err(CapsuleReason::Elsewhere { name: capsule.name }),
            },
        },
        Err(error) => Err(CapsuleReason::Read(error)),
    };
    if *shell.opening.borrow() != number {
        return;
    }
    let opened = capsule.and_then(|(capsule, events)| Ok(kept::uncapsule(capsule, &events)?));
    match opened {
        Ok((opened, told)) => {
            place(&shell, opened);
            shell.port.tell(&Told::Update(Update::Capsule(told)));
        }
        Err(error) => fail(&shell, &file, &error),
    }
}

/// Why a capsule cannot be opened.
#[derive(Debug, thiserror::Error)]
enum CapsuleReason {
    /// It cannot be read.
    #[error(transparent)]
    Read(CapsuleError),
    /// Its events are not here.
    #[error(
        "its events are not in it, but in {name}: open that first, so that this browser has them"
    )]
    Elsewhere {
        /// Where they are.
        name: String,
    },
    /// It cannot be replayed.
    #[error(transparent)]
    Replay(#[from] ReopenError),
}

/// Puts what was opened in the place of what is open.
fn place(shell: &Rc<Shell>, opened: Opened) {
    with(shell, |session| session.open(opened));
    flush(shell);
    work(shell);
}

/// Gives up the file that is being opened.
fn give_up(shell: &Shell) -> u32 {
    *shell.opening.borrow_mut() += 1;
    // Who waits for the bytes hears that there are no more.
    let given_up = [shell.waiting.take(), shell.arriving.take()];
    given_up.iter().flatten().for_each(|task| task.bytes.cancel());
    end_arriving(shell);
    shell.port.tell(&Told::Update(Update::Opening(None)));
    *shell.opening.borrow()
}

/// Notes that nothing more is read.
fn end_arriving(shell: &Shell) {
    *shell.arriving.borrow_mut() = None;
    with(shell, Session::end_arriving);
}

fn open_file(shell: &Rc<Shell>, name: String, file: &web_sys::File) {
    let number = give_up(shell);
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a whole number")]
    let total = Some(file.size() as u64);
    let opening = Opening::new(name, None, total, js_sys::Date::now());
    match ByteStream::of_blob(file) {
        Ok(bytes) => {
            let opening = Rc::new(RefCell::new(opening));
            spawn_local(read(Rc::clone(shell), Task { number, opening, bytes }));
        }
        Err(error) => fail(shell, opening.name(), &error),
    }
}

async fn open_url(shell: Rc<Shell>, url: String) {
    let number = give_up(&shell);
    let name =
        url.split(['?', '#']).next().unwrap_or(&url).rsplit('/').next().unwrap_or(&url).to_owned();
    let name = if name.is_empty() { url.clone() } else { name };
    let opening = Opening::new(name, Some(url.clone()), None, js_sys::Date::now());
    let state = opening.state(js_sys::Date::now(), None);
    shell.port.tell(&Told::Update(Update::Opening(Some(state))));
    match ByteStream::of_url(&url).await {
        _ if *shell.opening.borrow() != number => {}
        Ok(bytes) => {
            let opening = Rc::new(RefCell::new(opening));
            read(shell, Task { number, opening, bytes }).await;
        }
        Err(error) => fail(&shell, opening.name(), &error),
    }
}

/// Reads a file to its end, or until it has to be asked about.
async fn read(shell: Rc<Shell>, mut task: Task) {
    *shell.arriving.borrow_mut() = Some(task.clone());
    let mut slice = js_sys::Date::now();
    loop {
        if SLICE <= js_sys::Date::now() - slice {
            TimeoutFuture::new(0).await;
            slice = js_sys::Date::now();
        }
        if *shell.opening.borrow() != task.number {
            return;
        }
        let step = shell.session.borrow_mut().read_on(&mut task.opening.borrow_mut());
        match step {
            Ok(Step::Again) => {}
            Ok(Step::Hungry) => match task.bytes.next().await {
                _ if *shell.opening.borrow() != task.number => return,
                Ok(Some(bytes)) => task.opening.borrow_mut().feed(&bytes),
                Ok(None) => task.opening.borrow_mut().end(),
                Err(error) => return fail_reading(&shell, &task, &error),
            },
            Ok(Step::Asks(question)) => {
                *shell.arriving.borrow_mut() = None;
                shell.port.tell(&Told::Update(Update::Mapping(*question)));
                *shell.waiting.borrow_mut() = Some(task);
                return;
            }
            Ok(Step::Done) => return finish(shell, &task.opening).await,
            Err(error) => {
                task.bytes.cancel();
                return fail_reading(&shell, &task, &error);
            }
        }
    }
}

/// Puts a file that was read to its end in the place of what is open, unless it is shown already.
async fn finish(shell: Rc<Shell>, opening: &RefCell<Opening>) {
    let name = opening.borrow().name().to_owned();
    let capsule = opening.borrow_mut().capsule();
    if let Some(bytes) = capsule {
        return open_capsule(shell, name, bytes).await;
    }
    if opening.borrow().is_shown() {
        with(&shell, |session| session.finish_arriving(&mut opening.borrow_mut()));
        end_arriving(&shell);
        shell.port.tell(&Told::Update(Update::Opening(None)));
        flush(&shell);
        return work(&shell);
    }
    end_arriving(&shell);
    let opened = opening.borrow_mut().finish();
    match opened {
        Ok(opened) => place(&shell, opened),
        Err(error) => fail(&shell, &name, &error),
    }
}

/// Says why a file is not read on.
fn fail_reading(shell: &Rc<Shell>, task: &Task, error: &dyn Reason) {
    end_arriving(shell);
    let opening = task.opening.borrow();
    tell_failure(shell, opening.name(), opening.is_shown(), error);
    // What is shown stays, and the browser may keep it.
    work(shell);
}

/// Something that can be said in a sentence.
trait Reason: std::fmt::Display {}

impl Reason for OpeningError {}
impl Reason for ReopenError {}
impl Reason for CapsuleReason {}
impl Reason for ShelfError {}
impl Reason for StreamError {}

fn fail(shell: &Shell, name: &str, error: &dyn Reason) {
    tell_failure(shell, name, false, error);
}

fn tell_failure(shell: &Shell, name: &str, is_shown: bool, error: &dyn Reason) {
    let (name, reason) = (name.to_owned(), error.to_string());
    shell.port.tell(&Told::Update(Update::Opening(None)));
    shell.port.tell(&Told::Update(Update::OpeningFailed { name, reason, is_shown }));
}

/// Tells the page of a panic, which ends the worker.
fn report_panics() {
    std::panic::set_hook(Box::new(|panic| {
        let message = panic.to_string();
        Port::of_this_worker().tell(&Told::Update(Update::Crashed { message }));
    }));
}
