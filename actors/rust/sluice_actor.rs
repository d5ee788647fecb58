//! Actors for Sluice in Rust: one file, nothing but the standard library, on Linux.
//!
//! ```text
//! #[path = "sluice_actor.rs"]
//! mod sluice_actor;
//! use sluice_actor::{object, run, Actor, Envelope, Handled, Me, UNKNOWN};
//!
//! struct Pong;
//!
//! impl Actor for Pong {
//!     fn receive(&mut self, me: &mut Me, env: &Envelope) -> Handled {
//!         match env.kind() {
//!             "Ping" => me.reply(env, "Pong", &object([("count", env.msg("count").clone())])),
//!             _ => return UNKNOWN,
//!         }
//!         Ok(())
//!     }
//! }
//!
//! fn main() {
//!     run(|| Pong)
//! }
//! ```
//!
//! `run` calls the function for each instance. Threads send through an `Outlet`. What is printed goes to stderr. See
//! docs/sdk.md.
#![allow(dead_code)]

use std::cell::RefCell;
use std::collections::{HashMap, HashSet, VecDeque};
use std::fmt::{self, Write as _};
use std::fs::File;
use std::io::{Read, Write};
use std::os::fd::FromRawFd;
use std::panic::{catch_unwind, AssertUnwindSafe};
use std::process::exit;
use std::rc::Rc;
use std::sync::mpsc::{sync_channel, Receiver, RecvTimeoutError};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

const ASK_GRACE: Duration = Duration::from_millis(500); // The engine answers a late ask itself; only then do we give up.
const ASK_QUEUE_MAX: usize = 10_000; // Messages kept while an ask waits.
const LINE_BYTES_MAX: usize = 64 << 20;
const READ_BYTES: usize = 256 << 10;
const WRITE_BYTES: usize = 64 << 10;
const SLOW: Duration = Duration::from_micros(500); // After a handler this slow output is written at once,
const EAGER_MESSAGES: u32 = 64; // for so many messages.
const LATE_MAX: usize = 1000; // Asks given up whose late replies are dropped, and timers cancelled.
const DEPTH_MAX: usize = 512;

// --- JSON -------------------------------------------------------------------------------------------------------

/// A JSON value. Numbers are kept as they are written.
#[derive(Clone, Debug, PartialEq)]
pub enum Json {
    Null,
    Bool(bool),
    Number(String),
    Text(String),
    List(Vec<Json>),
    Object(Vec<(String, Json)>),
}

static NULL: Json = Json::Null;

/// An object of these members.
pub fn object<const N: usize>(members: [(&str, Json); N]) -> Json {
    Json::Object(
        members
            .into_iter()
            .map(|(name, value)| (name.to_string(), value))
            .collect(),
    )
}

impl Json {
    /// Reads one value, and nothing after it.
    pub fn parse(text: &str) -> Result<Json, String> {
        let mut parser = Parser {
            bytes: text.as_bytes(),
            at: 0,
        };
        let value = parser.value(0)?;
        parser.blanks();
        if parser.at < parser.bytes.len() {
            return Err(format!("more after the value, at {}", parser.at));
        }
        Ok(value)
    }

    /// A member; null where there is none.
    pub fn get(&self, name: &str) -> &Json {
        match self {
            Json::Object(members) => members
                .iter()
                .rev()
                .find(|(own, _)| own == name)
                .map_or(&NULL, |(_, value)| value),
            _ => &NULL,
        }
    }

    pub fn text(&self) -> Option<&str> {
        if let Json::Text(text) = self {
            Some(text)
        } else {
            None
        }
    }

    pub fn integer(&self) -> Option<i64> {
        if let Json::Number(text) = self {
            text.parse().ok()
        } else {
            None
        }
    }

    pub fn float(&self) -> Option<f64> {
        if let Json::Number(text) = self {
            text.parse().ok()
        } else {
            None
        }
    }

    pub fn list(&self) -> &[Json] {
        if let Json::List(items) = self {
            items
        } else {
            &[]
        }
    }

    fn write(&self, out: &mut String) {
        match self {
            Json::Null => out.push_str("null"),
            Json::Bool(value) => out.push_str(if *value { "true" } else { "false" }),
            Json::Number(text) => out.push_str(text),
            Json::Text(text) => quote(text, out),
            Json::List(items) => {
                out.push('[');
                for (place, item) in items.iter().enumerate() {
                    if place > 0 {
                        out.push(',');
                    }
                    item.write(out);
                }
                out.push(']');
            }
            Json::Object(members) => {
                out.push('{');
                for (place, (name, value)) in members.iter().enumerate() {
                    if place > 0 {
                        out.push(',');
                    }
                    quote(name, out);
                    out.push(':');
                    value.write(out);
                }
                out.push('}');
            }
        }
    }
}

impl fmt::Display for Json {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut out = String::new();
        self.write(&mut out);
        formatter.write_str(&out)
    }
}

impl From<&str> for Json {
    fn from(text: &str) -> Json {
        Json::Text(text.to_string())
    }
}

impl From<String> for Json {
    fn from(text: String) -> Json {
        Json::Text(text)
    }
}

impl From<i64> for Json {
    fn from(number: i64) -> Json {
        Json::Number(number.to_string())
    }
}

impl From<f64> for Json {
    /// What JSON cannot say (infinite, not a number) becomes null.
    fn from(number: f64) -> Json {
        if number.is_finite() {
            Json::Number(number.to_string())
        } else {
            Json::Null
        }
    }
}

impl From<bool> for Json {
    fn from(value: bool) -> Json {
        Json::Bool(value)
    }
}

fn quote(text: &str, out: &mut String) {
    out.push('"');
    for sign in text.chars() {
        match sign {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            sign if (sign as u32) < 0x20 => {
                let _ = write!(out, "\\u{:04x}", sign as u32); // Writing to a String does not fail.
            }
            sign => out.push(sign),
        }
    }
    out.push('"');
}

fn quoted(text: &str) -> String {
    let mut out = String::new();
    quote(text, &mut out);
    out
}

struct Parser<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl Parser<'_> {
    fn blanks(&mut self) {
        while matches!(self.bytes.get(self.at), Some(b' ' | b'\t' | b'\r' | b'\n')) {
            self.at += 1;
        }
    }

    fn fail<T>(&self, wanted: &str) -> Result<T, String> {
        Err(format!("expected {wanted} at {}", self.at))
    }

    fn take(&mut self, sign: u8) -> bool {
        let found = self.bytes.get(self.at) == Some(&sign);
        self.at += usize::from(found);
        found
    }

    fn word(&mut self, word: &str, value: Json) -> Result<Json, String> {
        if !self.bytes[self.at..].starts_with(word.as_bytes()) {
            return self.fail(word);
        }
        self.at += word.len();
        Ok(value)
    }

    fn value(&mut self, depth: usize) -> Result<Json, String> {
        if depth > DEPTH_MAX {
            return self.fail("less depth");
        }
        self.blanks();
        match self.bytes.get(self.at) {
            Some(b'{') => self.members(depth),
            Some(b'[') => self.items(depth),
            Some(b'"') => Ok(Json::Text(self.string()?)),
            Some(b'n') => self.word("null", Json::Null),
            Some(b't') => self.word("true", Json::Bool(true)),
            Some(b'f') => self.word("false", Json::Bool(false)),
            _ => self.number(),
        }
    }

    fn members(&mut self, depth: usize) -> Result<Json, String> {
        let mut members = Vec::new();
        self.at += 1;
        self.blanks();
        if self.take(b'}') {
            return Ok(Json::Object(members));
        }
        loop {
            self.blanks();
            if self.bytes.get(self.at) != Some(&b'"') {
                return self.fail("a name");
            }
            let name = self.string()?;
            self.blanks();
            if !self.take(b':') {
                return self.fail("a colon");
            }
            members.push((name, self.value(depth + 1)?));
            self.blanks();
            if self.take(b'}') {
                return Ok(Json::Object(members));
            }
            if !self.take(b',') {
                return self.fail("a comma");
            }
        }
    }

    fn items(&mut self, depth: usize) -> Result<Json, String> {
        let mut items = Vec::new();
        self.at += 1;
        self.blanks();
        if self.take(b']') {
            return Ok(Json::List(items));
        }
        loop {
            items.push(self.value(depth + 1)?);
            self.blanks();
            if self.take(b']') {
                return Ok(Json::List(items));
            }
            if !self.take(b',') {
                return self.fail("a comma");
            }
        }
    }

    fn number(&mut self) -> Result<Json, String> {
        let start = self.at;
        self.take(b'-');
        if !self.take(b'0') && self.digits() == 0 {
            return self.fail("a value");
        }
        if self.take(b'.') && self.digits() == 0 {
            return self.fail("a digit");
        }
        if self.take(b'e') || self.take(b'E') {
            let _ = self.take(b'+') || self.take(b'-');
            if self.digits() == 0 {
                return self.fail("a digit");
            }
        }
        Ok(Json::Number(
            String::from_utf8_lossy(&self.bytes[start..self.at]).into_owned(),
        ))
    }

    fn digits(&mut self) -> usize {
        let start = self.at;
        while self.bytes.get(self.at).is_some_and(u8::is_ascii_digit) {
            self.at += 1;
        }
        self.at - start
    }

    fn string(&mut self) -> Result<String, String> {
        let mut made = Vec::new();
        self.at += 1;
        loop {
            let start = self.at;
            while !matches!(
                self.bytes.get(self.at),
                None | Some(b'"' | b'\\' | 0..=0x1f)
            ) {
                self.at += 1;
            }
            made.extend_from_slice(&self.bytes[start..self.at]);
            match self.bytes.get(self.at) {
                Some(b'"') => {
                    self.at += 1;
                    // Parts of a str, cut at ASCII signs only, and whole characters.
                    return String::from_utf8(made).map_err(|error| error.to_string());
                }
                Some(b'\\') => {
                    let sign = self.escape()?;
                    made.extend_from_slice(sign.encode_utf8(&mut [0; 4]).as_bytes());
                }
                _ => return self.fail("a quotation mark"),
            }
        }
    }

    fn escape(&mut self) -> Result<char, String> {
        let sign = self.bytes.get(self.at + 1).copied();
        self.at += 2;
        Ok(match sign {
            Some(b'"') => '"',
            Some(b'\\') => '\\',
            Some(b'/') => '/',
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{c}',
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            Some(b'u') => return self.unicode(),
            _ => return self.fail("an escape"),
        })
    }

    /// A surrogate without its other half becomes U+FFFD.
    fn unicode(&mut self) -> Result<char, String> {
        let first = self.hex()?;
        if (0xd800..0xdc00).contains(&first) && self.bytes[self.at..].starts_with(b"\\u") {
            let place = self.at;
            self.at += 2;
            let second = self.hex()?;
            if (0xdc00..0xe000).contains(&second) {
                let both = 0x10000 + ((first - 0xd800) << 10) + (second - 0xdc00);
                return Ok(char::from_u32(both).unwrap_or('\u{fffd}'));
            }
            self.at = place;
        }
        Ok(char::from_u32(first).unwrap_or('\u{fffd}'))
    }

    fn hex(&mut self) -> Result<u32, String> {
        let digits = self
            .bytes
            .get(self.at..self.at + 4)
            .and_then(|part| std::str::from_utf8(part).ok());
        match digits.filter(|text| text.bytes().all(|sign| sign.is_ascii_hexdigit())) {
            Some(text) => {
                self.at += 4;
                u32::from_str_radix(text, 16).map_err(|error| error.to_string())
            }
            None => self.fail("four digits"),
        }
    }
}

// --- what an actor sees -----------------------------------------------------------------------------------------

/// What a handler gives back.
pub type Handled = Result<(), Failure>;

/// Why a message was not handled, or an ask not answered.
#[derive(Clone, Debug, PartialEq)]
pub enum Failure {
    /// The sender gets a failure reply; the actor goes on.
    Business {
        code: String,
        message: String,
        details: Json,
    },
    /// Told on stderr; one who asks gets HANDLER_ERROR; the actor goes on.
    Unexpected(String),
    /// The process exits with 1; its supervisor decides.
    Fatal(String),
    /// Nobody handles the type.
    Unknown,
    /// The process ends well: the message counts as handled, states are kept. `exit` would lose what was sent.
    Leave,
}

/// The actor ends its process well.
pub const LEAVE: Handled = Err(Failure::Leave);

/// The type of the message is not known.
pub const UNKNOWN: Handled = Err(Failure::Unknown);

impl Failure {
    pub fn business(code: &str, message: &str) -> Failure {
        Failure::Business {
            code: code.to_string(),
            message: message.to_string(),
            details: Json::Null,
        }
    }

    /// The code of a business error, such as that of an ask.
    pub fn code(&self) -> &str {
        if let Failure::Business { code, .. } = self {
            code
        } else {
            ""
        }
    }
}

/// One instance of an actor.
pub trait Actor {
    /// A message; Start comes first, Shutdown (or Deactivate) last, Timeout from timers.
    fn receive(&mut self, me: &mut Me, env: &Envelope) -> Handled;
}

/// A message as it came.
pub struct Envelope {
    pub raw: Json,
}

impl Envelope {
    fn field(&self, name: &str) -> &str {
        self.raw.get(name).text().unwrap_or("")
    }

    pub fn kind(&self) -> &str {
        self.field("message_type")
    }

    /// Who sent it; empty when nobody did.
    pub fn sender(&self) -> &str {
        self.field("sender_actor")
    }

    pub fn message_id(&self) -> &str {
        self.field("message_id")
    }

    pub fn correlation_id(&self) -> &str {
        self.field("correlation_id")
    }

    pub fn topic(&self) -> &str {
        self.field("topic")
    }

    /// The payload.
    pub fn message(&self) -> &Json {
        self.raw.get("message")
    }

    /// A field of the payload; null where there is none.
    pub fn msg(&self, name: &str) -> &Json {
        self.message().get(name)
    }

    pub fn is_ask(&self) -> bool {
        *self.raw.get("headers").get("ask") != Json::Null
    }

    fn renamed(&self, kind: &str) -> Envelope {
        let mut members = match &self.raw {
            Json::Object(members) => members.clone(),
            _ => Vec::new(),
        };
        members.retain(|(name, _)| name != "message_type");
        members.push(("message_type".to_string(), kind.into()));
        Envelope {
            raw: Json::Object(members),
        }
    }

    /// Nobody has sent it: the engine is told what has become of it.
    fn is_record(&self) -> bool {
        self.sender().is_empty()
            && !matches!(self.kind(), "Timeout" | "Reject")
            && self.is_answerable()
    }

    /// False for what answers something itself, for what the engine tells, and where nobody is to be answered: an error
    /// there is the actor's own.
    fn is_answerable(&self) -> bool {
        let is_answer = *self.raw.get("error") != Json::Null || !self.correlation_id().is_empty();
        self.is_ask()
            || self.is_routed()
            || (!is_answer && !self.message_id().is_empty() && !self.sender().starts_with('$'))
    }

    fn is_routed(&self) -> bool {
        matches!(self.raw.get("route"), Json::Object(_)) && !self.is_ask()
    }

    fn failure(&self) -> Option<Failure> {
        let error = self.raw.get("error");
        if *error == Json::Null {
            return None;
        }
        Some(Failure::Business {
            code: error.get("code").text().unwrap_or("ERROR").to_string(),
            message: error.get("message").text().unwrap_or("").to_string(),
            details: error.get("details").clone(),
        })
    }

    fn answer_head(&self) -> String {
        let mut head = String::new();
        for (name, value) in [
            ("receiver", self.sender()),
            ("correlation_id", self.message_id()),
        ] {
            if !value.is_empty() {
                let _ = write!(head, "\"{name}\":{},", quoted(value)); // Writing to a String does not fail.
            }
        }
        head
    }
}

/// What an actor is, and what it can do.
pub struct Me {
    pub name: String,
    /// Which instance of a keyed actor this is; empty when it is none.
    pub key: String,
    pub args: Json,
    /// What was saved last; saved when the instance is deactivated or shut down.
    pub state: Json,
    saved: String,
    by: String,
    link: Rc<Link>,
}

impl Me {
    /// Sends and goes on.
    pub fn send(&self, to: &str, kind: &str, message: &Json) {
        self.put(kind, &format!("\"receiver\":{},", quoted(to)), message);
    }

    /// To everybody whose `subscribe` matches.
    pub fn publish(&self, topic: &str, kind: &str, message: &Json) {
        self.put(kind, &format!("\"topic\":{},", quoted(topic)), message);
    }

    /// Answers a message; without anybody to answer nothing is sent.
    pub fn reply(&self, env: &Envelope, kind: &str, message: &Json) {
        let head = env.answer_head();
        if !head.is_empty() {
            self.put(kind, &head, message);
        }
    }

    /// To the next actor of the message's route, or to `happy-end` after the last; `then` come before that.
    pub fn forward(&self, env: &Envelope, message: &Json, then: &[&str]) {
        let mut route = env.raw.get("route").clone();
        if !matches!(route, Json::Object(_)) {
            route = object([("actors", Json::List(vec![self.name.as_str().into()]))]);
        }
        let ahead = route.get("current").integer().unwrap_or(0) as usize + 1;
        let mut actors = route.get("actors").list().to_vec();
        let place = ahead.min(actors.len());
        actors.splice(place..place, then.iter().map(|name| Json::from(*name)));
        if let Json::Object(members) = &mut route {
            members.retain(|(name, _)| name != "actors" && name != "current");
            members.push(("actors".to_string(), Json::List(actors)));
            members.push(("current".to_string(), (ahead as i64).into()));
        }
        let mut head = format!("\"route\":{route},");
        if let headers @ Json::Object(_) = env.raw.get("headers") {
            head += &format!("\"headers\":{headers},");
        }
        self.put(env.kind(), &head, message);
    }

    /// One JSON line on the actor's stdout stream, for byte actors.
    pub fn emit(&self, value: &Json) {
        self.put("", "", value);
    }

    /// Sends, waits for the reply and gives its payload. The code of a failure is that of the failure reply, or
    /// TIMEOUT, DEADLOCK, REJECTED, CLOSED.
    pub fn ask(
        &self,
        to: &str,
        kind: &str,
        message: &Json,
        timeout: Duration,
    ) -> Result<Json, Failure> {
        let id = new_id();
        let ask = timeout.as_millis();
        let head = format!(
            "\"receiver\":{},\"message_id\":\"{id}\",\"headers\":{{\"ask\":{ask}}},",
            quoted(to)
        );
        self.put(kind, &head, message);
        let reply = self.link.wait_for(&id, to, timeout)?;
        if let Some(failure) = reply.failure() {
            return Err(failure);
        }
        if reply.kind() == "Reject" && reply.sender() == "$engine" {
            let why = |name| reply.msg(name).text().unwrap_or("");
            return Err(Failure::business(why("code"), why("reason")));
        }
        Ok(reply.message().clone())
    }

    /// Keeps a state: a later Start or Activate brings it back.
    pub fn save(&mut self, state: Json) {
        self.state = state;
        self.saved = self.state.to_string();
        self.put("Save", "\"receiver\":\"$state\",", &self.state);
    }

    /// The state as it was last saved.
    pub fn load(&self) -> Result<Json, Failure> {
        let reply = self.ask("$state", "Load", &object([]), Duration::from_secs(5))?;
        Ok(reply.get("state").clone())
    }

    /// The run is over: its sources stop and every actor gets Shutdown. The reason may be empty.
    pub fn finish(&self, reason: &str) {
        let message = if reason.is_empty() {
            object([])
        } else {
            object([("reason", reason.into())])
        };
        self.send("$flow", "Finish", &message);
    }

    /// For a thread: sends at once, in the name of this instance.
    pub fn outlet(&self) -> Outlet {
        Outlet {
            output: self.link.output.clone(),
            by: self.by.clone(),
        }
    }

    /// A line of the run's log.
    pub fn log(&self, level: &str, text: &str) {
        self.send(
            "$log",
            "Log",
            &object([("level", level.into()), ("text", text.into())]),
        );
    }

    /// One Timeout {id} after so long; the id is a text or a number.
    pub fn once(&self, id: Json, after: Duration) {
        self.timer("Once", "after", (id, after));
    }

    /// A Timeout {id} every so often.
    pub fn every(&self, id: Json, every: Duration) {
        self.timer("Every", "every", (id, every));
    }

    /// No Timeout of it is handled from now on.
    pub fn cancel(&self, id: Json) {
        self.link
            .cancelled
            .borrow_mut()
            .add(format!("{id} {}", self.key));
        self.send("$timer", "Cancel", &object([("id", id)]));
    }

    /// Writes what has been sent so far now, not when the handler is done.
    pub fn flush(&self) {
        self.link.flush();
    }

    fn timer(&self, kind: &str, name: &str, (id, time): (Json, Duration)) {
        self.link
            .cancelled
            .borrow_mut()
            .members
            .remove(&format!("{id} {}", self.key));
        let ms = Json::Number((time.as_micros() as f64 / 1000.0).to_string());
        self.send("$timer", kind, &object([("id", id), (name, ms)]));
    }

    fn put(&self, kind: &str, head: &str, message: &Json) {
        self.link.line(kind, &format!("{head}{}", self.by), message);
    }
}

/// What threads send through; it can be cloned and given away.
#[derive(Clone)]
pub struct Outlet {
    output: Arc<Output>,
    by: String,
}

impl Outlet {
    pub fn send(&self, to: &str, kind: &str, message: &Json) {
        self.put(kind, &format!("\"receiver\":{},", quoted(to)), message);
    }

    pub fn publish(&self, topic: &str, kind: &str, message: &Json) {
        self.put(kind, &format!("\"topic\":{},", quoted(topic)), message);
    }

    pub fn emit(&self, value: &Json) {
        self.put("", "", value);
    }

    fn put(&self, kind: &str, head: &str, message: &Json) {
        self.output
            .line(kind, &format!("{head}{}", self.by), message);
        self.output.flush();
    }
}

fn new_id() -> String {
    let mut bytes = [0u8; 16];
    if let Err(error) =
        File::open("/dev/urandom").and_then(|mut source| source.read_exact(&mut bytes))
    {
        give_up(&format!("Cannot make an id: {error}"));
    }
    bytes[6] = bytes[6] & 0x0f | 0x40;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    format!(
        "{}-{}-{}-{}-{}",
        &hex[..8],
        &hex[8..12],
        &hex[12..16],
        &hex[16..20],
        &hex[20..]
    )
}

fn give_up(text: &str) -> ! {
    eprintln!("{text}");
    exit(1)
}

// --- the pipes --------------------------------------------------------------------------------------------------

/// A set that forgets its oldest members.
#[derive(Default)]
struct Recent {
    members: HashSet<String>,
    order: VecDeque<String>,
}

impl Recent {
    fn add(&mut self, text: String) {
        self.members.insert(text.clone());
        self.order.push_back(text);
        if self.order.len() > LATE_MAX {
            if let Some(oldest) = self.order.pop_front() {
                self.members.remove(&oldest);
            }
        }
    }
}

enum Waiting {
    Line(String),
    /// The place of a reply that an ask has taken: it is acknowledged after what came before it.
    Answered(Envelope),
}

/// The lines of the process.
struct Link {
    batches: Receiver<Vec<String>>,
    pending: RefCell<VecDeque<Waiting>>,
    is_open: RefCell<bool>,
    output: Arc<Output>,
    late: RefCell<Recent>,
    cancelled: RefCell<Recent>,
    acknowledges: bool,
}

/// Lines that are to be written, and where to. Threads write whole lines too.
struct Output {
    file: Mutex<File>,
    out: Mutex<String>,
}

impl Output {
    fn line(&self, kind: &str, head: &str, message: &Json) {
        let mut out = taken(&self.out);
        out.push('{');
        if !kind.is_empty() {
            out.push_str("\"message_type\":");
            quote(kind, &mut out);
            out.push(',');
        }
        out.push_str(head);
        out.push_str("\"message\":");
        message.write(&mut out);
        out.push_str("}\n");
        let is_full = out.len() > WRITE_BYTES;
        drop(out);
        if is_full {
            self.flush();
        }
    }

    fn add(&self, text: &str) {
        taken(&self.out).push_str(text);
    }

    fn flush(&self) {
        let mut file = taken(&self.file); // Taken first, so that what comes first is written first.
        let text = std::mem::take(&mut *taken(&self.out));
        if !text.is_empty() && file.write_all(text.as_bytes()).is_err() {
            exit(1); // Nobody reads any more.
        }
    }
}

/// What a panic has left is whole: nothing panics in the middle of a line.
fn taken<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Link {
    fn line(&self, kind: &str, head: &str, message: &Json) {
        self.output.line(kind, head, message);
    }

    fn flush(&self) {
        self.output.flush();
    }

    /// Waits for lines; false when the time is over first.
    fn fill(&self, limit: Option<Duration>) -> bool {
        let batch = match limit {
            None => self
                .batches
                .recv()
                .map_err(|_| RecvTimeoutError::Disconnected),
            Some(time) => self.batches.recv_timeout(time),
        };
        match batch {
            Ok(lines) => self
                .pending
                .borrow_mut()
                .extend(lines.into_iter().map(Waiting::Line)),
            Err(RecvTimeoutError::Disconnected) => *self.is_open.borrow_mut() = false,
            Err(RecvTimeoutError::Timeout) => return false,
        }
        true
    }

    fn wait_for(&self, id: &str, to: &str, timeout: Duration) -> Result<Envelope, Failure> {
        self.flush();
        let deadline = Instant::now() + timeout + ASK_GRACE;
        loop {
            if !*self.is_open.borrow() {
                return Err(Failure::business(
                    "CLOSED",
                    &format!("Input ended before '{to}' replied"),
                ));
            }
            let before = self.pending.borrow().len();
            if !self.fill(Some(deadline.saturating_duration_since(Instant::now()))) {
                self.late.borrow_mut().add(id.to_string());
                return Err(Failure::business(
                    "TIMEOUT",
                    &format!("No reply of '{to}' within {timeout:?}"),
                ));
            }
            let mut pending = self.pending.borrow_mut();
            for waiting in pending.iter_mut().skip(before) {
                let Waiting::Line(line) = waiting else {
                    continue;
                };
                let Some(env) =
                    decode(line).filter(|env| line.contains(id) && env.correlation_id() == id)
                else {
                    continue;
                };
                let answered = Envelope {
                    raw: env.raw.clone(),
                };
                *waiting = Waiting::Answered(answered);
                return Ok(env);
            }
            if pending.len() > ASK_QUEUE_MAX {
                self.late.borrow_mut().add(id.to_string());
                let text = format!("More than {ASK_QUEUE_MAX} messages came before the reply");
                return Err(Failure::business("OVERFLOW", &text));
            }
        }
    }

    fn ack(&self, env: &Envelope) {
        if self.acknowledges && !env.message_id().is_empty() {
            self.output
                .add(&format!("{{\"ack\":{}}}\n", quoted(env.message_id())));
        }
    }
}

fn decode(line: &str) -> Option<Envelope> {
    let raw = Json::parse(line).ok()?;
    let is_envelope = matches!(raw, Json::Object(_))
        && matches!(raw.get("message_type"), Json::Text(_) | Json::Null);
    is_envelope.then_some(Envelope { raw })
}

extern "C" {
    fn dup(fd: i32) -> i32;
    fn dup2(from: i32, to: i32) -> i32;
    fn fcntl(fd: i32, command: i32, value: i32) -> i32;
    fn close(fd: i32) -> i32;
}

/// Standard input and output for us alone: what is printed, here and by children, goes to stderr from now on.
fn take_pipes() -> (File, File) {
    const SET_FLAGS: i32 = 2;
    const CLOSE_ON_EXEC: i32 = 1;
    let null = File::open("/dev/null");
    // Calls of the C library with numbers only; each new descriptor gets one owner.
    unsafe {
        let (input, output) = (dup(0), dup(1));
        if input < 0 || output < 0 {
            give_up("sluice_actor: standard input or output is closed");
        }
        fcntl(input, SET_FLAGS, CLOSE_ON_EXEC);
        fcntl(output, SET_FLAGS, CLOSE_ON_EXEC);
        match null {
            Ok(file) => dup2(std::os::fd::AsRawFd::as_raw_fd(&file), 0),
            Err(_) => close(0),
        };
        dup2(2, 1);
        (File::from_raw_fd(input), File::from_raw_fd(output))
    }
}

/// Lines as they come, several at a time.
fn read_lines(mut input: File) -> Receiver<Vec<String>> {
    let (sender, receiver) = sync_channel(4);
    std::thread::spawn(move || {
        let mut held: Vec<u8> = Vec::new();
        let mut buffer = vec![0; READ_BYTES];
        loop {
            let count = input.read(&mut buffer).unwrap_or(0);
            let start = held.len();
            held.extend_from_slice(&buffer[..count]);
            let end = held[start..]
                .iter()
                .rposition(|byte| *byte == b'\n')
                .map(|place| start + place);
            let whole = if count == 0 {
                held.len()
            } else {
                end.map_or(0, |place| place + 1)
            };
            if whole > LINE_BYTES_MAX || (whole == 0 && held.len() > LINE_BYTES_MAX) {
                give_up(&format!(
                    "sluice_actor: a line of more than {LINE_BYTES_MAX} bytes"
                ));
            }
            let rest = held.split_off(whole);
            let lines: Vec<String> = held
                .split(|byte| *byte == b'\n')
                .filter(|line| !line.is_empty())
                .map(|line| String::from_utf8_lossy(line).into_owned())
                .collect();
            held = rest;
            if (!lines.is_empty() && sender.send(lines).is_err()) || count == 0 {
                return;
            }
        }
    });
    receiver
}

// --- the process ------------------------------------------------------------------------------------------------

struct Instance<A> {
    actor: A,
    me: Me,
}

struct Host<A, F: Fn() -> A> {
    make: F,
    link: Rc<Link>,
    name: String,
    own_key: String,
    args: Json,
    is_keyed: bool,
    instances: HashMap<String, Instance<A>>,
    order: Vec<String>,
    has_failed: bool,
    /// The actor wants its process to end, well.
    has_left: bool,
}

/// Serves an actor until Shutdown or the end of input, and exits the process: 0, or 1 after a fatal error.
pub fn run<A: Actor, F: Fn() -> A>(make: F) -> ! {
    let variable = |name| std::env::var(name).unwrap_or_default();
    let (input, output) = take_pipes();
    let link = Rc::new(Link {
        batches: read_lines(input),
        pending: RefCell::default(),
        is_open: RefCell::new(true),
        output: Arc::new(Output {
            file: Mutex::new(output),
            out: Mutex::default(),
        }),
        late: RefCell::default(),
        cancelled: RefCell::default(),
        acknowledges: variable("SLUICE_ACK") == "1",
    });
    let mut host = Host {
        make,
        link: link.clone(),
        name: variable("SLUICE_ACTOR"),
        own_key: String::new(),
        args: Json::Null,
        is_keyed: variable("SLUICE_SUPERVISOR") == "keyed",
        instances: HashMap::new(),
        order: Vec::new(),
        has_failed: false,
        has_left: false,
    };
    let ended = host.serve();
    link.flush();
    if let Err(text) = ended {
        give_up(&text);
    }
    exit(i32::from(host.has_failed))
}

impl<A: Actor, F: Fn() -> A> Host<A, F> {
    fn serve(&mut self) -> Result<(), String> {
        let mut eager = 0;
        let mut looked = Instant::now();
        loop {
            loop {
                let next = self.link.pending.borrow_mut().pop_front();
                let line = match next {
                    None => break,
                    Some(Waiting::Answered(env)) => {
                        self.link.ack(&env);
                        continue;
                    }
                    Some(Waiting::Line(line)) => line,
                };
                let Some(env) = decode(&line) else {
                    if !line.trim().is_empty() {
                        eprintln!(
                            "sluice_actor: not an envelope: {}",
                            line.chars().take(200).collect::<String>()
                        );
                    }
                    continue;
                };
                if !self.handle(&env)? {
                    return Ok(());
                }
                if self.has_left {
                    self.leave();
                    return Ok(());
                }
                let now = Instant::now();
                if now - looked > SLOW {
                    eager = EAGER_MESSAGES;
                }
                looked = now;
                if eager > 0 {
                    eager -= 1;
                    self.link.flush();
                }
            }
            self.link.flush();
            if !*self.link.is_open.borrow() {
                self.handle(&Envelope {
                    raw: object([("message_type", "Shutdown".into())]),
                })?;
                return Ok(());
            }
            self.link.fill(None);
            looked = Instant::now();
        }
    }

    fn key_of(&self, env: &Envelope) -> String {
        let key = env
            .field("receiver")
            .split_once('/')
            .map_or("", |(_, key)| key);
        if key == self.own_key {
            String::new()
        } else {
            key.to_string()
        }
    }

    /// One message; false after the last.
    fn handle(&mut self, env: &Envelope) -> Result<bool, String> {
        if matches!(env.kind(), "Start" | "Shutdown" | "Activate" | "Deactivate") {
            if matches!(env.sender(), "" | "$engine") {
                self.lifecycle(env)?;
                self.link.ack(env);
                return Ok(env.kind() != "Shutdown");
            }
            self.link.ack(env); // A forged one.
            return Ok(true);
        }
        let key = self.key_of(env);
        if !self.instances.contains_key(&key) {
            self.activate(
                &key,
                Json::Null,
                &Envelope {
                    raw: object([("message_type", "Start".into())]),
                },
            )?;
        }
        let outcome = if self.is_outdated(env, &key) {
            Ok(())
        } else {
            self.call(&key, env)
        };
        self.conclude(env, outcome)?;
        Ok(true)
    }

    fn call(&mut self, key: &str, env: &Envelope) -> Handled {
        let Some(Instance { actor, me }) = self.instances.get_mut(key) else {
            return Ok(());
        };
        let called = catch_unwind(AssertUnwindSafe(|| actor.receive(me, env)));
        called.unwrap_or_else(|_| Err(Failure::Unexpected("panic".to_string())))
    }

    /// What a failure of a handler means.
    fn conclude(&mut self, env: &Envelope, outcome: Handled) -> Result<(), String> {
        match outcome {
            Ok(()) => {}
            Err(Failure::Fatal(text)) => return Err(text),
            Err(Failure::Leave) => self.has_left = true,
            Err(Failure::Unknown) => self.refuse(env),
            Err(Failure::Business {
                code,
                message,
                details,
            }) if env.is_answerable() => self.fail(env, (&code, &message, &details)),
            Err(Failure::Business { code, message, .. }) => {
                eprintln!("{code}: {message}");
                self.broke(env, (&code, &message));
                return Ok(());
            }
            Err(Failure::Unexpected(text)) => {
                eprintln!("{text}");
                self.broke(env, ("HANDLER_ERROR", &text));
                return Ok(());
            }
        }
        self.link.ack(env);
        Ok(())
    }

    /// An error that is the actor's own: told to the one who asks, and to the engine.
    fn broke(&self, env: &Envelope, (code, text): (&str, &str)) {
        let acknowledges = self.link.acknowledges;
        if env.is_ask() || env.is_routed() || (!acknowledges && env.is_record()) {
            self.fail(env, (code, text, &NULL));
        }
        if env.is_routed() {
            return self.link.ack(env);
        }
        if acknowledges && !env.message_id().is_empty() {
            let (id, error) = (quoted(env.message_id()), error_text(code, text, &NULL));
            let nack = format!("{{\"nack\":{id},\"error\":{error}}}\n");
            self.link.output.add(&nack);
        }
    }

    /// The actor ends its process well: its states are kept.
    fn leave(&mut self) {
        for Instance { me, .. } in self.instances.values_mut() {
            if me.state != Json::Null && me.state.to_string() != me.saved {
                me.save(me.state.clone());
            }
        }
        if self.link.acknowledges {
            // What came after that is for its next process.
            let leave = "{\"receiver\":\"$flow\",\"message_type\":\"Leave\"}\n";
            self.link.output.add(leave);
        }
    }

    /// A late reply of an ask that was given up, or a Timeout of a cancelled timer.
    fn is_outdated(&self, env: &Envelope, key: &str) -> bool {
        if self
            .link
            .late
            .borrow()
            .members
            .contains(env.correlation_id())
        {
            return true;
        }
        let place = format!("{} {key}", env.msg("id"));
        env.kind() == "Timeout"
            && matches!(env.sender(), "" | "$timer")
            && self.link.cancelled.borrow().members.contains(&place)
    }

    fn lifecycle(&mut self, env: &Envelope) -> Result<(), String> {
        let given = env.msg("key").text().unwrap_or("").to_string();
        let mut key = self.key_of(env);
        if key.is_empty() && env.kind() != "Start" && given != self.own_key {
            key = given.clone();
        }
        match env.kind() {
            "Start" => {
                self.args = env.msg("args").clone();
                self.own_key = given;
                self.name = env.msg("name").text().unwrap_or(&self.name).to_string();
                if !self.is_keyed || !self.own_key.is_empty() {
                    self.activate("", env.msg("state").clone(), env)?;
                }
            }
            "Activate" => {
                self.is_keyed = true;
                self.activate(&key, env.msg("state").clone(), env)?;
            }
            "Deactivate" => self.end(&key, env)?,
            _ => {
                if self.instances.is_empty() && !self.is_keyed {
                    let start = Envelope {
                        raw: object([("message_type", "Start".into())]),
                    };
                    self.activate("", Json::Null, &start)?;
                }
                for key in self.order.clone() {
                    self.end(&key, env)?;
                }
            }
        }
        Ok(())
    }

    fn activate(&mut self, key: &str, state: Json, env: &Envelope) -> Result<(), String> {
        let own = if key.is_empty() { &self.own_key } else { key };
        let me = Me {
            name: self.name.clone(),
            key: own.to_string(),
            args: self.args.clone(),
            saved: state.to_string(),
            state,
            by: if self.is_keyed && !own.is_empty() {
                format!("\"sender_key\":{},", quoted(own))
            } else {
                String::new()
            },
            link: self.link.clone(),
        };
        self.instances.insert(
            key.to_string(),
            Instance {
                actor: (self.make)(),
                me,
            },
        );
        self.order.push(key.to_string());
        // An instance has Activate, or else Start; one with a process for each key has its own in Start.
        let mut started = UNKNOWN;
        if !self.own_key.is_empty() || !key.is_empty() {
            started = self.call(key, &env.renamed("Activate"));
        }
        if started == UNKNOWN {
            started = self.call(key, &env.renamed("Start"));
        }
        match started {
            Ok(()) | Err(Failure::Unknown) => Ok(()),
            Err(Failure::Leave) => {
                self.has_left = true;
                Ok(())
            }
            Err(failure) => Err(format!("{failure:?}")),
        }
    }

    /// The end of an instance: its last message, and its state saved.
    fn end(&mut self, key: &str, env: &Envelope) -> Result<(), String> {
        match self.call(key, env) {
            Ok(()) | Err(Failure::Unknown | Failure::Leave) => {}
            Err(Failure::Fatal(text)) => return Err(text),
            Err(failure) => {
                eprintln!("{failure:?}");
                self.has_failed = true;
            }
        }
        self.order.retain(|each| each != key);
        if let Some(Instance { mut me, .. }) = self.instances.remove(key) {
            if me.state != Json::Null
                && (env.kind() == "Deactivate" || me.state.to_string() != me.saved)
            {
                me.save(me.state.clone());
            }
        }
        Ok(())
    }

    /// Tells the sender that its message was not understood, unless that would answer an answer.
    fn refuse(&self, env: &Envelope) {
        let reason = format!("Unknown message type: {}", env.kind());
        if env.is_ask() || env.is_routed() || env.is_record() {
            return self.fail(env, ("UNKNOWN_TYPE", &reason, &NULL));
        }
        let is_answer = !env.correlation_id().is_empty() || *env.raw.get("error") != Json::Null;
        if is_answer
            || !env.topic().is_empty()
            || matches!(env.kind(), "Timeout" | "Reject")
            || env.sender().starts_with('$')
        {
            return;
        }
        if env.sender().is_empty() {
            return eprintln!("sluice_actor: {reason}");
        }
        let told = object([
            ("message_type", env.kind().into()),
            ("reason", reason.into()),
            ("code", "UNKNOWN_TYPE".into()),
            ("rejected_by", self.name.as_str().into()),
        ]);
        self.link
            .line("Reject", &(env.answer_head() + &self.by(env)), &told);
    }

    /// A failure reply; a message on a route goes to `error-end`.
    fn fail(&self, env: &Envelope, (code, message, details): (&str, &str, &Json)) {
        let error = error_text(code, message, details);
        if env.is_routed() {
            let mut head = format!("{}\"route\":{},", self.by(env), env.raw.get("route"));
            if let headers @ Json::Object(_) = env.raw.get("headers") {
                head += &format!("\"headers\":{headers},");
            }
            return self.link.line(env.kind(), &format!("{head}\"error\":{error},"), env.message());
        }
        if *env.raw.get("error") != Json::Null || env.message_id().is_empty() {
            return;
        }
        let head = format!("{}{}\"error\":{error},", env.answer_head(), self.by(env));
        self.link.line("Failure", &head, &NULL);
    }

    fn by(&self, env: &Envelope) -> String {
        let key = self.key_of(env);
        if self.is_keyed && !key.is_empty() {
            format!("\"sender_key\":{},", quoted(&key))
        } else {
            String::new()
        }
    }
}

fn error_text(code: &str, message: &str, details: &Json) -> String {
    let Json::Object(mut members) = object([("code", code.into()), ("message", message.into())])
    else {
        return String::new(); // Never: object makes objects.
    };
    if *details != Json::Null {
        members.push(("details".to_string(), details.clone()));
    }
    Json::Object(members).to_string()
}
