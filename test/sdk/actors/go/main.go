// The conformance actor in Go: what each message has to do is in docs/sdk.md.
package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"sluice"
)

type object map[string]any

type fields struct {
	Then                         []string
	N                            any
	ID                           any
	Topic, Text, To, How, Pad    string
	Timeout, After, Every, Count int
	Many, Code                   int
}

func main() {
	sluice.Run(func(self *sluice.Self) sluice.Handlers {
		start := func(*sluice.Envelope) error {
			var args struct{ Greet string }
			if json.Unmarshal(self.Args, &args) != nil || args.Greet == "" {
				return nil
			}
			return self.Send(args.Greet, "Started", object{"name": self.Name, "key": orNil(self.Key)})
		}
		return sluice.Handlers{
			"Start": start,
			"Activate": func(env *sluice.Envelope) error {
				var args struct{ Woken string }
				if json.Unmarshal(self.Args, &args) != nil || args.Woken == "" {
					return start(env)
				}
				return self.Send(args.Woken, "Woken", object{"key": orNil(self.Key)})
			},
			"Ping": with(func(env *sluice.Envelope, got fields) error {
				return self.Reply(env, "Pong", object{"n": got.N})
			}),
			"Who": func(env *sluice.Envelope) error {
				me := object{"name": self.Name, "key": orNil(self.Key), "args": self.Args, "state": self.State}
				return self.Reply(env, "Me", me)
			},
			"Echo": func(env *sluice.Envelope) error { return self.Reply(env, "Echo", env.Message) },
			"Say": with(func(_ *sluice.Envelope, got fields) error {
				return self.Publish(got.Topic, "Said", object{"text": got.Text})
			}),
			"Tell": with(func(_ *sluice.Envelope, got fields) error {
				return self.Send(got.To, "Told", object{"text": got.Text})
			}),
			"Pass": with(func(env *sluice.Envelope, got fields) error {
				return self.Forward(env, env.Message, got.Then...)
			}),
			"Emit": func(env *sluice.Envelope) error { return self.Emit(env.Message) },
			"Ask": with(func(env *sluice.Envelope, got fields) error {
				var reply json.RawMessage
				err := self.Ask(got.To, "Question", object{"text": got.Text}, &reply, milliseconds(got.Timeout))
				var failure *sluice.ActorError
				if errors.As(err, &failure) {
					return self.Reply(env, "Answer", object{"code": failure.Code})
				}
				return self.Reply(env, "Answer", object{"reply": reply})
			}),
			"SetOnce": with(func(_ *sluice.Envelope, got fields) error {
				return self.Once(got.ID, milliseconds(got.After))
			}),
			"SetEvery": with(func(_ *sluice.Envelope, got fields) error {
				return self.Every(got.ID, milliseconds(got.Every))
			}),
			"Unset": with(func(_ *sluice.Envelope, got fields) error { return self.Cancel(got.ID) }),
			"Timeout": with(func(_ *sluice.Envelope, got fields) error {
				if got.ID == "fail" {
					return &sluice.ActorError{Code: "NO_FUNDS", Message: "too late"}
				}
				return self.Send("tester", "Ticked", object{"id": got.ID})
			}),
			"Add": func(env *sluice.Envelope) error {
				var got struct{ N int }
				var state struct {
					Count int `json:"count"`
				}
				if err := errors.Join(env.Into(&got), read(self.State, &state)); err != nil {
					return err
				}
				state.Count += got.N
				return errors.Join(self.Save(state), self.Reply(env, "Total", state))
			},
			"Note": with(func(_ *sluice.Envelope, got fields) error {
				note, err := json.Marshal(object{"note": got.Text})
				self.State = note
				return err
			}),
			"Load": func(env *sluice.Envelope) error {
				var state json.RawMessage
				return errors.Join(self.Load(&state), self.Reply(env, "Loaded", object{"state": state}))
			},
			"Fail": with(func(_ *sluice.Envelope, got fields) error {
				switch got.How {
				case "business":
					return &sluice.ActorError{Code: "NO_FUNDS", Message: got.Text, Details: object{"balance": 3}}
				case "fatal":
					return sluice.Fatal(errors.New(got.Text))
				}
				panic(got.Text)
			}),
			"Finish": func(env *sluice.Envelope) error {
				var got struct{ Reason string }
				return errors.Join(env.Into(&got), self.Finish(got.Reason))
			},
			"Exit": with(func(env *sluice.Envelope, got fields) error {
				if err := self.Reply(env, "Bye", object{}); err != nil || got.Code == 0 {
					return errors.Join(err, sluice.Leave)
				}
				return sluice.Fatal(errors.New("done for"))
			}),
			"Crowd": with(func(env *sluice.Envelope, got fields) error {
				for n := 0; n < got.Many; n++ {
					go func(n int) {
						time.Sleep(milliseconds(got.After))
						for at := 0; at < got.Count; at++ {
							_ = self.Send(got.To, "Item", object{"n": n*got.Count + at, "pad": got.Pad})
						}
					}(n)
				}
				return self.Reply(env, "Begun", object{})
			}),
			"Print": with(func(env *sluice.Envelope, got fields) error {
				fmt.Println(got.Text)
				return self.Reply(env, "Printed", object{})
			}),
			"Many": with(func(env *sluice.Envelope, got fields) error {
				for n := 0; n < got.Count; n++ {
					if err := self.Send(env.Sender, "Item", object{"n": n}); err != nil {
						return err
					}
				}
				return self.Reply(env, "Done", object{})
			}),
		}
	})
}

func with(handle func(*sluice.Envelope, fields) error) func(*sluice.Envelope) error {
	return func(env *sluice.Envelope) error {
		var got fields
		if err := env.Into(&got); err != nil {
			return err
		}
		return handle(env, got)
	}
}

func read(state json.RawMessage, target any) error {
	if len(state) == 0 {
		return nil
	}
	return json.Unmarshal(state, target)
}

func orNil(text string) any {
	if text == "" {
		return nil
	}
	return text
}

func milliseconds(count int) time.Duration { return time.Duration(count) * time.Millisecond }
