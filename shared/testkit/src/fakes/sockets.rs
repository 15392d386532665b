//! A gateway that keeps what was posted to its sockets.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex};

use domain::SocketId;
use domain::ports::{PostError, PostToSockets};

use super::cause;
use crate::port_checks::sockets::HoldSockets;
use crate::{lock, must};

/// What goes wrong once with a post.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SocketFault {
    /// It is certain that nothing was posted.
    NotPosted,
    /// No answer, and nothing was posted.
    UnknownBefore,
    /// No answer, and it was posted.
    UnknownAfter,
    /// It will never be posted.
    Refused,
}

/// A gateway with sockets.
#[derive(Clone, Debug, Default)]
pub struct FakeSockets(Arc<Mutex<Inner>>);

#[derive(Debug, Default)]
struct Inner {
    opened: usize,
    sockets: BTreeMap<SocketId, Client>,
    faults: VecDeque<SocketFault>,
    faults_of_closing: VecDeque<SocketFault>,
}

#[derive(Debug, Default)]
struct Client {
    is_cut: bool,
    received: Vec<String>,
}

impl FakeSockets {
    /// Opens a socket with this id.
    pub fn open(&self, socket: &SocketId) {
        lock(&self.0)
            .sockets
            .insert(socket.clone(), Client::default());
    }

    /// Its client is gone, as after a cut.
    pub fn cut(&self, socket: &SocketId) {
        if let Some(client) = lock(&self.0).sockets.get_mut(socket) {
            client.is_cut = true;
        }
    }

    /// What its client has received, oldest first, also of one that is gone.
    pub fn received(&self, socket: &SocketId) -> Vec<String> {
        let inner = lock(&self.0);
        let client = inner.sockets.get(socket);
        client.map(|it| it.received.clone()).unwrap_or_default()
    }

    /// Whether it is open.
    pub fn is_open(&self, socket: &SocketId) -> bool {
        lock(&self.0).client(socket).is_some()
    }

    /// Lets the next post go wrong; several queue up.
    pub fn fail_next(&self, fault: SocketFault) {
        lock(&self.0).faults.push_back(fault);
    }

    /// The next close fails so.
    pub fn fail_next_close(&self, fault: SocketFault) {
        lock(&self.0).faults_of_closing.push_back(fault);
    }
}

/// What goes wrong before anything is done.
fn before(fault: SocketFault) -> Option<PostError> {
    match fault {
        SocketFault::NotPosted => Some(PostError::NotPosted(cause("throttled"))),
        SocketFault::UnknownBefore => Some(PostError::Unknown(cause("no answer"))),
        SocketFault::Refused => Some(PostError::Refused(cause("not allowed"))),
        SocketFault::UnknownAfter => None,
    }
}

impl Inner {
    fn client(&mut self, socket: &SocketId) -> Option<&mut Client> {
        self.sockets.get_mut(socket).filter(|it| !it.is_cut)
    }
}

impl PostToSockets for FakeSockets {
    async fn post(&self, socket: &SocketId, message: &str) -> Result<(), PostError> {
        let mut inner = lock(&self.0);
        let fault = inner.faults.pop_front();
        if let Some(error) = fault.and_then(before) {
            return Err(error);
        }
        let client = inner.client(socket).ok_or(PostError::Gone)?;
        client.received.push(message.to_owned());
        match fault {
            Some(_) => Err(PostError::Unknown(cause("no answer"))),
            None => Ok(()),
        }
    }

    async fn close(&self, socket: &SocketId) -> Result<(), PostError> {
        let mut inner = lock(&self.0);
        let fault = inner.faults_of_closing.pop_front();
        if let Some(error) = fault.and_then(before) {
            return Err(error);
        }
        inner.client(socket).ok_or(PostError::Gone)?.is_cut = true;
        Ok(())
    }
}

impl HoldSockets for FakeSockets {
    async fn open_one(&self) -> SocketId {
        let mut inner = lock(&self.0);
        inner.opened += 1;
        let socket = must(SocketId::parse(&format!("socket{}=", inner.opened)));
        inner.sockets.insert(socket.clone(), Client::default());
        socket
    }

    async fn heard(&self, socket: &SocketId) -> Vec<String> {
        self.received(socket)
    }
}
