//! The bytes of a session: over TCP or a socket in the file system, counted.

use crate::settings::Address;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;

/// How much a server may still say.
#[derive(Clone, Debug)]
pub(crate) struct Meter {
    said: Arc<AtomicU64>,
    limit: u64,
}

impl Meter {
    pub(crate) fn new(limit: u64) -> Self {
        Self {
            said: Arc::default(),
            limit,
        }
    }

    /// The limit, if more was said.
    pub(crate) fn spent(&self) -> Option<u64> {
        (self.said.load(Ordering::Relaxed) > self.limit).then_some(self.limit)
    }
}

trait Duplex: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Duplex for T {}

/// A connection that fails once the server has said more than it may: the client holds an answer whole before anybody
/// sees it, so it has to be stopped here.
pub(crate) struct Wire {
    inner: Box<dyn Duplex>,
    meter: Meter,
}

impl Wire {
    pub(crate) async fn open(address: &Address, meter: Meter) -> io::Result<Self> {
        let inner: Box<dyn Duplex> = if address.is_socket() {
            socket(address).await?
        } else {
            let stream = match address.numeric {
                Some(numeric) => TcpStream::connect((numeric, address.port)).await?,
                None => TcpStream::connect((address.host.as_str(), address.port)).await?,
            };
            stream.set_nodelay(true)?;
            Box::new(stream)
        };
        Ok(Self { inner, meter })
    }
}

#[cfg(unix)]
async fn socket(address: &Address) -> io::Result<Box<dyn Duplex>> {
    let path = format!("{}/.s.PGSQL.{}", address.host, address.port);
    let path = match path.strip_prefix('@') {
        // Linux's abstract names.
        Some(rest) => format!("\0{rest}"),
        None => path,
    };
    Ok(Box::new(tokio::net::UnixStream::connect(path).await?))
}

#[cfg(not(unix))]
async fn socket(_: &Address) -> io::Result<Box<dyn Duplex>> {
    Err(io::Error::new(
        io::ErrorKind::Unsupported,
        "this machine has no such sockets",
    ))
}

impl AsyncRead for Wire {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buf.filled().len();
        let polled = Pin::new(&mut self.inner).poll_read(cx, buf);
        let more = buf.filled().len().saturating_sub(before) as u64;
        self.meter.said.fetch_add(more, Ordering::Relaxed);
        match self.meter.spent() {
            Some(limit) => Poll::Ready(Err(io::Error::other(format!(
                "the server says more than {limit} bytes"
            )))),
            None => polled,
        }
    }
}

impl AsyncWrite for Wire {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.inner).poll_write(cx, buf)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_shutdown(cx)
    }
}
