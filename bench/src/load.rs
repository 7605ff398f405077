//! The load: closed loops over keep-alive connections, driven by epoll.
//!
//! A connection sends its next request when it has the whole answer to the last. No request is left unanswered at the
//! end: what was asked is exactly what was answered, so that it can be compared with what was audited.

use crate::{
    failure::{Failure, Result},
    wire,
};
use rustix::{
    buffer::spare_capacity,
    event::{Timespec, epoll},
};
use std::{
    io::{ErrorKind, Read, Write},
    net::{SocketAddr, TcpStream},
    time::{Duration, Instant},
};

/// How long the last answers may take after the end.
const DRAIN: Duration = Duration::from_secs(20);

/// How long is waited before many connections are looked at again. A client that is woken for every single answer takes
/// the processor from the server it shares it with, once a request; one on another machine would not.
const PAUSE: Duration = Duration::from_micros(50);

/// What is asked, and what becomes of the answers.
pub(crate) trait Drive {
    /// Writes the next request and returns what it is known by; `None` when there are no more.
    fn next(&mut self, out: &mut Vec<u8>) -> Option<usize>;

    /// An answer to the request known by `mark`.
    fn answered(&mut self, mark: usize, status: u16, body: &[u8]) -> Result<()>;
}

/// Connections that are open and idle.
pub(crate) struct Fleet {
    epoll: rustix::fd::OwnedFd,
    lines: Vec<Line>,
}

struct Line {
    stream: TcpStream,
    out: Vec<u8>,
    bytes: Vec<u8>,
    filled: usize,
    /// The request that is under way.
    mark: Option<usize>,
}

impl Fleet {
    /// Opens so many connections.
    pub(crate) fn open(address: SocketAddr, count: usize) -> Result<Self> {
        let epoll = epoll::create(epoll::CreateFlags::CLOEXEC)?;
        let mut lines = Vec::with_capacity(count);
        for at in 0..count {
            let stream = TcpStream::connect(address)?;
            stream.set_nodelay(true)?;
            stream.set_nonblocking(true)?;
            let data = epoll::EventData::new_u64(at as u64);
            epoll::add(&epoll, &stream, data, epoll::EventFlags::IN)?;
            let (out, bytes) = (Vec::with_capacity(1024), vec![0; 16 * 1024]);
            lines.push(Line { stream, out, bytes, filled: 0, mark: None });
        }
        Ok(Self { epoll, lines })
    }

    /// Drives the connections until `end`, or until there is nothing left to ask. Returns how many were answered.
    pub(crate) fn drive(mut self, drive: &mut impl Drive, end: Instant) -> Result<u64> {
        let (mut answered, mut under_way) = (0, 0_usize);
        for line in &mut self.lines {
            under_way += usize::from(line.send(drive)?);
        }
        let mut events = Vec::with_capacity(self.lines.len());
        let tick = Timespec { tv_sec: 0, tv_nsec: 100_000_000 };
        while under_way > 0 {
            events.clear();
            epoll::wait(&self.epoll, spare_capacity(&mut events), Some(&tick))?;
            let now = Instant::now();
            for event in &events {
                let at = usize::try_from(event.data.u64()).unwrap_or(usize::MAX);
                let Some(line) = self.lines.get_mut(at) else { continue };
                if line.receive(drive)? {
                    answered += 1;
                    if now >= end || !line.send(drive)? {
                        under_way -= 1;
                    }
                }
            }
            if now > end + DRAIN {
                return Err(Failure::new(format!("{under_way} requests were not answered")));
            }
            if self.lines.len() > 1 {
                std::thread::sleep(PAUSE);
            }
        }
        Ok(answered)
    }
}

impl Line {
    /// Sends the next request; whether there was one.
    fn send(&mut self, drive: &mut impl Drive) -> Result<bool> {
        self.out.clear();
        self.mark = drive.next(&mut self.out);
        if self.mark.is_some() {
            // A socket without anything in it takes a request whole.
            self.stream.write_all(&self.out)?;
        }
        Ok(self.mark.is_some())
    }

    /// Reads what is there; whether that made the answer whole.
    fn receive(&mut self, drive: &mut impl Drive) -> Result<bool> {
        let Some(room) = self.bytes.get_mut(self.filled..) else { return Ok(false) };
        let count = match self.stream.read(room) {
            Ok(0) => return Err(Failure::new("a connection was closed under load")),
            Ok(count) => count,
            Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(false),
            Err(error) => return Err(error.into()),
        };
        self.filled += count;
        let Some(mark) = self.mark else { return Ok(false) };
        let Some(answer) = wire::answer(self.bytes.get(..self.filled).unwrap_or_default())? else {
            let full = self.filled == self.bytes.len();
            return if full { Err(Failure::new("an answer is too long")) } else { Ok(false) };
        };
        drive.answered(mark, answer.status, answer.body)?;
        self.filled = 0;
        Ok(true)
    }
}
