//! A wire to the server that can be cut: then a connection is still made, but nothing that is asked on it
//! arrives, and neither end hears of that.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use testkit::must;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;

/// How the server says that it is ready, which ends the making of a connection.
const READY: &[u8] = b"Z\0\0\0\x05I";

pub(crate) struct Wire {
    /// Where it begins, on this machine.
    pub(crate) port: u16,
    state: Arc<State>,
}

#[derive(Default)]
struct State {
    cut: AtomicBool,
    swallowed: Notify,
}

impl Wire {
    /// A whole wire to an address such as `127.0.0.1:5432`.
    pub(crate) async fn to(server: String) -> Self {
        let listener = must(TcpListener::bind("127.0.0.1:0").await);
        let port = must(listener.local_addr()).port();
        let state = Arc::new(State::default());
        let carried = Arc::clone(&state);
        tokio::spawn(async move {
            loop {
                let (near, _) = must(listener.accept().await);
                let far = must(TcpStream::connect(&server).await);
                tokio::spawn(carry(near, far, Arc::clone(&carried)));
            }
        });
        Self { port, state }
    }

    /// From now on connections that are made fall silent.
    pub(crate) fn cut(&self) {
        self.state.cut.store(true, Ordering::Relaxed);
    }

    /// From now on new connections are whole. The silent ones stay silent.
    pub(crate) fn mend(&self) {
        self.state.cut.store(false, Ordering::Relaxed);
    }

    /// Waits until something was asked that will not arrive.
    pub(crate) async fn swallowed(&self) {
        self.state.swallowed.notified().await;
    }
}

/// Carries a connection until one end closes it, or until it is made and the wire is cut.
async fn carry(mut near: TcpStream, mut far: TcpStream, state: Arc<State>) {
    let (mut asked, mut told) = ([0; 4096], [0; 4096]);
    let mut silent = false;
    loop {
        tokio::select! {
            read = near.read(&mut asked) => match read {
                Ok(1..) if silent => state.swallowed.notify_one(),
                Ok(count @ 1..) => must(far.write_all(&asked[..count]).await),
                _ => return,
            },
            read = far.read(&mut told) => match read {
                Ok(count @ 1..) => {
                    must(near.write_all(&told[..count]).await);
                    silent |= told[..count].ends_with(READY) && state.cut.load(Ordering::Relaxed);
                }
                _ => return,
            },
        }
    }
}
