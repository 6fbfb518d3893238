//! The worker, as the page sees it.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;

use everview_protocol::session::{Asked, Reply, Request, Told, Update};
use gloo::events::EventListener;
use js_sys::Array;
use serde::Serialize as _;
use wasm_bindgen::prelude::*;
use web_sys::{ErrorEvent, MessageEvent, Worker, WorkerOptions, WorkerType};

/// The script that starts the worker, beside the page.
const SCRIPT: &str = "./everview-worker_loader.js";

type Waiting = BTreeMap<u32, Box<dyn FnOnce(Reply)>>;

/// A worker and the questions it has not answered yet.
#[derive(Clone)]
pub(crate) struct Backend {
    inner: Rc<Inner>,
}

struct Inner {
    worker: Worker,
    asked: Cell<u32>,
    waiting: RefCell<Waiting>,
    /// What was sent before the worker listened; nothing once it does.
    unsent: RefCell<Option<Vec<Array>>>,
    listeners: RefCell<Vec<EventListener>>,
}

impl Backend {
    /// Starts the worker. `react` is called with everything that it tells unasked.
    ///
    /// # Errors
    ///
    /// What the browser says when it cannot start one.
    pub(crate) fn start(react: impl Fn(Update) + 'static) -> Result<Self, JsValue> {
        let options = WorkerOptions::new();
        options.set_type(WorkerType::Module);
        let worker = Worker::new_with_options(SCRIPT, &options)?;
        let inner = Rc::new(Inner {
            worker,
            asked: Cell::new(0),
            waiting: RefCell::default(),
            unsent: RefCell::new(Some(Vec::new())),
            listeners: RefCell::default(),
        });
        listen(&inner, Rc::new(react));
        Ok(Self { inner })
    }

    /// Sends a request whose reply nobody waits for.
    pub(crate) fn send(&self, request: Request) {
        self.ask(request, |_| {});
    }

    /// Sends a request; `answer` is called with its reply.
    pub(crate) fn ask(&self, request: Request, answer: impl FnOnce(Reply) + 'static) {
        let id = self.inner.asked.get() + 1;
        self.inner.asked.set(id);
        self.inner.waiting.borrow_mut().insert(id, Box::new(answer));
        if let Ok(message) = to_js(&Asked { id, request }) {
            self.inner.post(Array::of1(&message));
        }
    }

    /// Opens a file of this computer.
    pub(crate) fn open_file(&self, file: &web_sys::File) {
        let request = Request::OpenFile { name: file.name() };
        if let Ok(message) = to_js(&Asked { id: 0, request }) {
            self.inner.post(Array::of2(&message, file));
        }
    }
}

impl Inner {
    fn post(&self, message: Array) {
        match &mut *self.unsent.borrow_mut() {
            Some(unsent) => unsent.push(message),
            // Only data that cannot be copied is refused here, and there is none.
            None => drop(self.worker.post_message(&message)),
        }
    }

    fn hear(&self, told: Told, react: &dyn Fn(Update)) {
        match told {
            Told::Reply { id, reply } => {
                let answer = self.waiting.borrow_mut().remove(&id);
                if let Some(answer) = answer {
                    answer(reply);
                }
            }
            Told::Update(Update::Ready) => {
                let unsent = self.unsent.borrow_mut().take();
                unsent.into_iter().flatten().for_each(|message| self.post(message));
            }
            Told::Update(update) => react(update),
        }
    }
}

fn listen(inner: &Rc<Inner>, react: Rc<dyn Fn(Update)>) {
    let (hearer, reaction) = (Rc::downgrade(inner), Rc::clone(&react));
    let message = EventListener::new(&inner.worker, "message", move |event| {
        let data = event.unchecked_ref::<MessageEvent>().data();
        let (Some(inner), Ok(told)) = (hearer.upgrade(), serde_wasm_bindgen::from_value(data))
        else {
            return;
        };
        inner.hear(told, &*reaction);
    });
    let error = EventListener::new(&inner.worker, "error", move |event| {
        let message = event.dyn_ref::<ErrorEvent>().map(ErrorEvent::message).unwrap_or_default();
        let message =
            if message.is_empty() { "its script could not be loaded".into() } else { message };
        react(Update::Crashed { message });
    });
    inner.listeners.borrow_mut().extend([message, error]);
}

/// Numbers beyond 2^53 cross as `BigInt`, so that none is changed.
fn to_js(asked: &Asked) -> Result<JsValue, serde_wasm_bindgen::Error> {
    asked.serialize(
        &serde_wasm_bindgen::Serializer::new().serialize_large_number_types_as_bigints(true),
    )
}
