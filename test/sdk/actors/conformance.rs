//! The conformance actor in Rust: what each message has to do is in docs/sdk.md.
#[path = "../../../actors/rust/sluice_actor.rs"]
mod sluice_actor;

use sluice_actor::{object, run, Actor, Envelope, Failure, Handled, Json, Me, LEAVE, UNKNOWN};
use std::time::Duration;

struct Conformance;

impl Actor for Conformance {
    fn receive(&mut self, me: &mut Me, env: &Envelope) -> Handled {
        let text = |name| env.msg(name).text().unwrap_or("").to_string();
        let ms = |name| Duration::from_millis(env.msg(name).integer().unwrap_or(0) as u64);
        match env.kind() {
            "Start" => {
                if let Some(to) = me.args.get("greet").text() {
                    me.send(
                        to,
                        "Started",
                        &object([("name", me.name.as_str().into()), ("key", key(me))]),
                    );
                }
            }
            "Activate" if me.args.get("woken").text().is_some() => {
                let to = me.args.get("woken").text().unwrap_or("").to_string();
                me.send(&to, "Woken", &object([("key", key(me))]));
            }
            "Ping" => me.reply(env, "Pong", &object([("n", env.msg("n").clone())])),
            "Who" => me.reply(
                env,
                "Me",
                &object([
                    ("name", me.name.as_str().into()),
                    ("key", key(me)),
                    ("args", me.args.clone()),
                    ("state", me.state.clone()),
                ]),
            ),
            "Echo" => me.reply(env, "Echo", env.message()),
            "Say" => me.publish(
                &text("topic"),
                "Said",
                &object([("text", env.msg("text").clone())]),
            ),
            "Tell" => me.send(
                &text("to"),
                "Told",
                &object([("text", env.msg("text").clone())]),
            ),
            "Pass" => {
                let then: Vec<&str> = env.msg("then").list().iter().filter_map(Json::text).collect();
                me.forward(env, env.message(), &then);
            }
            "Emit" => me.emit(env.message()),
            "Ask" => {
                let question = object([("text", env.msg("text").clone())]);
                match me.ask(&text("to"), "Question", &question, ms("timeout")) {
                    Ok(reply) => me.reply(env, "Answer", &object([("reply", reply)])),
                    Err(failure) => {
                        me.reply(env, "Answer", &object([("code", failure.code().into())]))
                    }
                }
            }
            "SetOnce" => me.once(env.msg("id").clone(), ms("after")),
            "SetEvery" => me.every(env.msg("id").clone(), ms("every")),
            "Unset" => me.cancel(env.msg("id").clone()),
            "Timeout" if text("id") == "fail" => {
                return Err(Failure::business("NO_FUNDS", "too late"))
            }
            "Timeout" => me.send("tester", "Ticked", &object([("id", env.msg("id").clone())])),
            "Add" => {
                let count = me.state.get("count").integer().unwrap_or(0)
                    + env.msg("n").integer().unwrap_or(0);
                me.save(object([("count", count.into())]));
                me.reply(env, "Total", &me.state);
            }
            "Note" => me.state = object([("note", env.msg("text").clone())]),
            "Load" => me.reply(env, "Loaded", &object([("state", me.load()?)])),
            "Fail" => {
                return Err(match text("how").as_str() {
                    "business" => Failure::Business {
                        code: "NO_FUNDS".to_string(),
                        message: text("text"),
                        details: object([("balance", 3.into())]),
                    },
                    "fatal" => Failure::Fatal(text("text")),
                    _ => panic!("{}", text("text")),
                })
            }
            "Finish" => me.finish(&text("reason")),
            "Exit" => {
                me.reply(env, "Bye", &object([]));
                return match env.msg("code").integer() {
                    Some(0) => LEAVE,
                    _ => Err(Failure::Fatal("done for".to_string())),
                };
            }
            "Crowd" => {
                let (many, count) = (env.msg("many").integer(), env.msg("count").integer());
                for n in 0..many.unwrap_or(0) {
                    let (outlet, to, after) = (me.outlet(), text("to"), ms("after"));
                    let (count, pad) = (count.unwrap_or(0), env.msg("pad").clone());
                    std::thread::spawn(move || {
                        std::thread::sleep(after);
                        for at in 0..count {
                            let item = [("n", (n * count + at).into()), ("pad", pad.clone())];
                            outlet.send(&to, "Item", &object(item));
                        }
                    });
                }
                me.reply(env, "Begun", &object([]));
            }
            "Print" => {
                println!("{}", text("text"));
                me.reply(env, "Printed", &object([]));
            }
            "Many" => {
                for n in 0..env.msg("count").integer().unwrap_or(0) {
                    me.send(env.sender(), "Item", &object([("n", n.into())]));
                }
                me.reply(env, "Done", &object([]));
            }
            _ => return UNKNOWN,
        }
        Ok(())
    }
}

fn key(me: &Me) -> Json {
    if me.key.is_empty() {
        Json::Null
    } else {
        me.key.as_str().into()
    }
}

fn main() {
    run(|| Conformance)
}
