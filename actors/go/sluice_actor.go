// Package sluice makes actors for Sluice in Go: one file, no dependencies.
//
//	func main() {
//		sluice.Run(func(self *sluice.Self) sluice.Handlers {
//			return sluice.Handlers{
//				"Ping": func(env *sluice.Envelope) error {
//					return self.Reply(env, "Pong", map[string]any{"count": 1})
//				},
//			}
//		})
//	}
//
// The function is called for each instance, so what it declares is the instance's own. Goroutines may send, ask and
// save at any time. What is printed goes to stderr. See docs/sdk.md.
package sluice

import (
	"bufio"
	"bytes"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime/debug"
	"strings"
	"sync"
	"syscall"
	"time"
)

const (
	askTimeout   = 5 * time.Second
	askGrace     = 500 * time.Millisecond // The engine answers a late ask itself; only then does this side give up.
	askQueueMax  = 10_000                 // Messages kept while an ask waits,
	queueMax     = 1000                   // and read ahead otherwise.
	lineBytesMax = 64 << 20
	readBytes    = 256 << 10
	writeBytes   = 64 << 10
	slow         = 500 * time.Microsecond // After a handler this slow each message's output is written at once,
	eagerCount   = 64                     // for so many messages.
	lateMax      = 1000                   // Asks given up whose late replies are dropped, and timers cancelled.
)

// Handlers by message type; "*" takes what has none of its own. Start, Shutdown, Timeout, Reject, Activate and
// Deactivate are types too. An *ActorError is a failure reply, an error from Fatal ends the process, any other error
// and a panic are told on stderr.
type Handlers map[string]func(env *Envelope) error

// ActorError is a business error: the sender gets it as a failure reply, or the one who asks as what Ask returns.
type ActorError struct {
	Code    string `json:"code"`
	Message string `json:"message"`
	Details any    `json:"details,omitempty"`
}

func (e *ActorError) Error() string { return e.Code + ": " + e.Message }

type fatalError struct{ error }

// Leave, given back by a handler, ends the process well: the message counts as handled, states are kept. os.Exit would
// lose what has been sent meanwhile.
var Leave = errors.New("the actor leaves")

// Fatal makes an error that ends the process with 1; its supervisor decides.
func Fatal(err error) error { return fatalError{err} }

// Envelope is a message as it came.
type Envelope struct {
	Type           string                     `json:"message_type"`
	Receiver       string                     `json:"receiver"`
	Sender         string                     `json:"sender_actor"`
	SenderEndpoint string                     `json:"sender_endpoint"`
	MessageID      string                     `json:"message_id"`
	CorrelationID  string                     `json:"correlation_id"`
	Priority       *int                       `json:"priority"`
	Topic          string                     `json:"topic"`
	Headers        map[string]json.RawMessage `json:"headers"`
	Route          json.RawMessage            `json:"route"`
	Failure        *ActorError                `json:"error"`
	Message        json.RawMessage            `json:"message"`
}

// IsAsk tells that the sender waits for a reply.
func (e *Envelope) IsAsk() bool { return e.Headers["ask"] != nil }

func (e *Envelope) isRouted() bool {
	return bytes.HasPrefix(bytes.TrimSpace(e.Route), []byte("{")) && !e.IsAsk()
}

// Nobody has sent it: the engine is told what has become of it.
func (e *Envelope) isRecord() bool {
	return e.Sender == "" && !isBuiltIn(e.Type) && e.isAnswerable()
}

// False for what answers something itself, for what the engine tells, and where nobody is to be answered: an error
// there is the actor's own.
func (e *Envelope) isAnswerable() bool {
	if e.IsAsk() || e.isRouted() {
		return true
	}
	isAnswer := e.Failure != nil || e.CorrelationID != ""
	return !isAnswer && e.MessageID != "" && !strings.HasPrefix(e.Sender, "$")
}

// Into reads the payload; null leaves what is there.
func (e *Envelope) Into(target any) error {
	if len(e.Message) == 0 {
		return nil
	}
	if err := json.Unmarshal(e.Message, target); err != nil {
		return &unreadable{fmt.Sprintf("Cannot read message %q: %v", e.Type, err)}
	}
	return nil
}

type unreadable struct{ text string }

func (e *unreadable) Error() string { return e.text }

// Self is what an actor is, and what it can do.
type Self struct {
	Name  string
	Key   string // Which instance of a keyed actor this is.
	Args  json.RawMessage
	State json.RawMessage // What was saved last; saved when the instance is deactivated or shut down.

	host     *host
	by       string
	saved    string
	handlers Handlers
}

// Send sends and goes on.
func (s *Self) Send(to, messageType string, message any) error {
	return s.put(messageType, `"receiver":`+quote(to)+",", message)
}

// Publish sends to everybody whose subscribe matches.
func (s *Self) Publish(topic, messageType string, message any) error {
	return s.put(messageType, `"topic":`+quote(topic)+",", message)
}

// Reply answers a message; without anybody to answer nothing is sent.
func (s *Self) Reply(env *Envelope, messageType string, message any) error {
	if env.Sender == "" && env.MessageID == "" {
		return nil
	}
	return s.put(messageType, answerHead(env), message)
}

// Forward sends to the next actor of the message's route, or to happy-end after the last; then come before that.
func (s *Self) Forward(env *Envelope, message any, then ...string) error {
	route := map[string]any{}
	if len(env.Route) > 0 && string(env.Route) != "null" {
		if err := json.Unmarshal(env.Route, &route); err != nil {
			return &unreadable{fmt.Sprintf("Cannot read the route of message %q: %v", env.Type, err)}
		}
	} else {
		route["actors"] = []any{s.Name}
	}
	actors, _ := route["actors"].([]any) // None is an empty route.
	current, _ := route["current"].(float64)
	ahead := min(int(current)+1, len(actors))
	changed := append([]any{}, actors[:ahead]...)
	for _, each := range then {
		changed = append(changed, each)
	}
	route["actors"] = append(changed, actors[ahead:]...)
	route["current"] = int(current) + 1
	encoded, err := encode(route)
	if err != nil {
		return err
	}
	head := `"route":` + string(encoded) + ","
	if len(env.Headers) > 0 {
		headers, _ := encode(env.Headers) // They were JSON.
		head += `"headers":` + string(headers) + ","
	}
	return s.put(env.Type, head, message)
}

// Emit writes one JSON line to the actor's stdout stream, for byte actors.
func (s *Self) Emit(value any) error { return s.put("", "", value) }

// Ask sends, waits for the reply and reads its payload into reply, which may be nil. Without a good reply it gives an
// *ActorError: its code is that of the failure reply, or TIMEOUT, DEADLOCK, REJECTED, CLOSED. A timeout of 0 is 5 s.
func (s *Self) Ask(to, messageType string, message any, reply any, timeout time.Duration) error {
	if timeout <= 0 {
		timeout = askTimeout
	}
	id := newID()
	head := fmt.Sprintf(`"receiver":%s,"message_id":"%s","headers":{"ask":%d},`, quote(to), id, timeout.Milliseconds())
	put := func() error { return s.put(messageType, head, message) }
	env, err := s.host.ask(id, to, timeout, put)
	switch {
	case err != nil:
		return err
	case env.Failure != nil:
		return env.Failure
	case env.Type == "Reject" && env.Sender == "$engine":
		var why struct{ Code, Reason string }
		_ = env.Into(&why) // The engine's own.
		return &ActorError{Code: why.Code, Message: why.Reason}
	case reply == nil:
		return nil
	}
	return env.Into(reply)
}

// Save keeps a state: a later Start or Activate brings it back.
func (s *Self) Save(state any) error {
	encoded, err := encode(state)
	if err != nil {
		return err
	}
	s.host.mutex.Lock()
	s.State = encoded
	s.saved = string(encoded)
	s.host.mutex.Unlock()
	return s.put("Save", `"receiver":"$state",`, encoded)
}

// Load reads the state as it was last saved.
func (s *Self) Load(state any) error {
	var reply struct{ State json.RawMessage }
	if err := s.Ask("$state", "Load", struct{}{}, &reply, 0); err != nil {
		return err
	}
	return json.Unmarshal(reply.State, state)
}

// Finish says that the run is over: its sources stop and every actor gets Shutdown. The reason may be empty.
func (s *Self) Finish(reason string) error {
	message := map[string]any{}
	if reason != "" {
		message["reason"] = reason
	}
	return s.Send("$flow", "Finish", message)
}

// Log writes a line of the run's log.
func (s *Self) Log(level, text string) error {
	return s.Send("$log", "Log", map[string]string{"level": level, "text": text})
}

// Once asks for one Timeout {id} after so long; the id is a text or a number.
func (s *Self) Once(id any, after time.Duration) error {
	return s.timer(id, "Once", map[string]any{"id": id, "after": milliseconds(after)})
}

// Every asks for a Timeout {id} every so often.
func (s *Self) Every(id any, every time.Duration) error {
	return s.timer(id, "Every", map[string]any{"id": id, "every": milliseconds(every)})
}

// Cancel ends a timer: no Timeout of it is handled from now on.
func (s *Self) Cancel(id any) error {
	s.host.cancelled.add(&s.host.mutex, timerPlace(s.Key, id))
	return s.Send("$timer", "Cancel", map[string]any{"id": id})
}

// Flush writes what has been sent so far now, not when the handler is done.
func (s *Self) Flush() { s.host.flush() }

func (s *Self) timer(id any, messageType string, message any) error {
	s.host.cancelled.remove(&s.host.mutex, timerPlace(s.Key, id))
	return s.Send("$timer", messageType, message)
}

func timerPlace(key string, id any) string {
	encoded, _ := encode(id) // A text or a number.
	return string(encoded) + " " + key
}

func milliseconds(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

func (s *Self) put(messageType, head string, message any) error {
	encoded, err := encode(message)
	if err != nil {
		return err
	}
	s.host.line(messageType, head+s.by, encoded)
	return nil
}

// --- the wire ---------------------------------------------------------------------------------------------------

func encode(value any) (json.RawMessage, error) {
	if raw, ok := value.(json.RawMessage); ok {
		if len(raw) == 0 {
			return json.RawMessage("null"), nil
		}
		return raw, nil
	}
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(out.Bytes(), []byte("\n")), nil
}

func quote(text string) string {
	encoded, _ := encode(text) // A text.
	return string(encoded)
}

func answerHead(env *Envelope) string {
	head := ""
	if env.Sender != "" {
		head += `"receiver":` + quote(env.Sender) + ","
	}
	if env.MessageID != "" {
		head += `"correlation_id":` + quote(env.MessageID) + ","
	}
	return head
}

func newID() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // Never fails on Linux.
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}

// A set that forgets its oldest members.
type recent struct {
	members map[string]bool
	order   []string
}

func (r *recent) add(mutex *sync.Mutex, text string) {
	mutex.Lock()
	defer mutex.Unlock()
	if r.members == nil {
		r.members = map[string]bool{}
	}
	r.members[text] = true
	r.order = append(r.order, text)
	if len(r.order) > lateMax {
		delete(r.members, r.order[0])
		r.order = r.order[1:]
	}
}

func (r *recent) remove(mutex *sync.Mutex, text string) {
	mutex.Lock()
	defer mutex.Unlock()
	delete(r.members, text)
}

func (r *recent) has(mutex *sync.Mutex, text string) bool {
	mutex.Lock()
	defer mutex.Unlock()
	return r.members[text]
}

// --- the process ------------------------------------------------------------------------------------------------

type host struct {
	make         func(self *Self) Handlers
	name         string
	ownKey       string
	args         json.RawMessage
	isKeyed      bool
	acknowledges bool
	instances    map[string]*Self
	order        []string
	eager        int
	hasFailed    bool
	current      *Envelope // The message that is handled.

	mutex     sync.Mutex // For what follows: goroutines of the actor send and ask too.
	came      *sync.Cond // Something was read, or taken.
	pending   []item
	isOpen    bool
	asks      map[string]chan *Envelope
	late      recent
	cancelled recent

	writing sync.Mutex // For what follows.
	output  *os.File
	out     bytes.Buffer
	resting int // While somebody waits what is sent is written at once.
}

// A line that waits, or the place of a reply that an ask has taken: it is acknowledged after what came before it.
type item struct {
	line     []byte
	answered *Envelope
}

// Run serves an actor until Shutdown or the end of input, and exits the process: 0, or 1 after a fatal error.
func Run(make func(self *Self) Handlers) {
	h := &host{
		make:         make,
		name:         os.Getenv("SLUICE_ACTOR"),
		isKeyed:      os.Getenv("SLUICE_SUPERVISOR") == "keyed",
		acknowledges: os.Getenv("SLUICE_ACK") == "1",
		instances:    map[string]*Self{},
		asks:         map[string]chan *Envelope{},
		isOpen:       true,
	}
	h.came = sync.NewCond(&h.mutex)
	go h.readLines(h.takePipes())
	err := h.serve()
	if errors.Is(err, Leave) {
		h.leave()
		err = nil
	}
	h.flush()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	if h.hasFailed {
		os.Exit(1)
	}
	os.Exit(0)
}

// From now on what is printed, here and by children, goes to stderr, and children read nothing of ours.
func (h *host) takePipes() *os.File {
	input, inputErr := syscall.Dup(0)
	output, outputErr := syscall.Dup(1)
	null, nullErr := syscall.Open(os.DevNull, syscall.O_RDONLY, 0)
	if inputErr != nil || outputErr != nil || nullErr != nil {
		h.output = os.Stdout
		return os.Stdin
	}
	syscall.CloseOnExec(input)
	syscall.CloseOnExec(output)
	_ = syscall.Dup3(null, 0, 0) // Without it, children would read ours.
	_ = syscall.Dup3(2, 1, 0)
	_ = syscall.Close(null)
	h.output = os.NewFile(uintptr(output), "stdout")
	return os.NewFile(uintptr(input), "stdin")
}

// Lines as they come, several at a time. A reply that is asked for goes to who asks, wherever that is.
func (h *host) readLines(input io.Reader) {
	reader := bufio.NewReaderSize(input, readBytes)
	for {
		var batch [][]byte
		var err error
		for err == nil && (len(batch) == 0 || hasLine(reader)) {
			var line []byte
			line, err = reader.ReadBytes('\n')
			line = bytes.TrimSuffix(line, []byte("\n"))
			if len(line) > lineBytesMax {
				fmt.Fprintf(os.Stderr, "sluice_actor: a line of more than %d bytes was left out\n", lineBytesMax)
			} else if len(line) > 0 {
				batch = append(batch, line)
			}
		}
		h.arrive(batch, err == nil)
		if err != nil {
			return
		}
	}
}

func (h *host) arrive(batch [][]byte, isOpen bool) {
	h.mutex.Lock()
	defer h.mutex.Unlock()
	for _, line := range batch {
		h.pending = append(h.pending, h.sort(line))
	}
	h.isOpen = isOpen
	if !isOpen || len(h.pending) > askQueueMax {
		for id, reply := range h.asks {
			delete(h.asks, id)
			close(reply)
		}
	}
	h.came.Broadcast()
	for isOpen && len(h.pending) > queueMax && len(h.asks) == 0 {
		h.came.Wait()
	}
}

func (h *host) sort(line []byte) item {
	if len(h.asks) == 0 || !bytes.Contains(line, []byte(`"correlation_id"`)) {
		return item{line: line}
	}
	env := decode(line)
	if env == nil || h.asks[env.CorrelationID] == nil {
		return item{line: line}
	}
	h.asks[env.CorrelationID] <- env
	delete(h.asks, env.CorrelationID)
	return item{answered: env}
}

func hasLine(reader *bufio.Reader) bool {
	held, _ := reader.Peek(reader.Buffered()) // As much as there is.
	return bytes.IndexByte(held, '\n') >= 0
}

func (h *host) serve() error {
	looked := time.Now()
	for {
		for next, isThere := h.next(); isThere; next, isThere = h.next() {
			if next.answered != nil {
				h.ack(next.answered)
				continue
			}
			env := decode(next.line)
			if env == nil {
				if text := string(bytes.TrimSpace(next.line)); text != "" {
					fmt.Fprintf(os.Stderr, "sluice_actor: not an envelope: %.200s\n", text)
				}
				continue
			}
			if isLast, err := h.handle(env); err != nil || isLast {
				return err
			}
			now := time.Now()
			if now.Sub(looked) > slow {
				h.eager = eagerCount
			}
			looked = now
			if h.eager > 0 {
				h.eager--
				h.flush()
			}
		}
		isOpen := h.rest(h.fill)
		if !isOpen {
			_, err := h.handle(&Envelope{Type: "Shutdown"})
			return err
		}
		looked = time.Now()
	}
}

func (h *host) next() (item, bool) {
	h.mutex.Lock()
	defer h.mutex.Unlock()
	if len(h.pending) == 0 {
		return item{}, false
	}
	next := h.pending[0]
	h.pending = h.pending[1:]
	if len(h.pending) == queueMax {
		h.came.Broadcast()
	}
	return next, true
}

// Waits for lines; false when none will come.
func (h *host) fill() bool {
	h.mutex.Lock()
	defer h.mutex.Unlock()
	for len(h.pending) == 0 && h.isOpen {
		h.came.Wait()
	}
	return len(h.pending) > 0
}

// Writes what there is, and meanwhile everything at once.
func (h *host) rest(wait func() bool) bool {
	h.addResting(1)
	defer h.addResting(-1)
	return wait()
}

func (h *host) addResting(change int) {
	h.writing.Lock()
	defer h.writing.Unlock()
	h.resting += change
	h.write()
}

func decode(line []byte) *Envelope {
	var env Envelope
	if len(line) == 0 || bytes.Equal(bytes.TrimSpace(line), []byte("null")) || json.Unmarshal(line, &env) != nil {
		return nil
	}
	return &env
}

func (h *host) line(messageType, head string, message json.RawMessage) {
	start := "{"
	if messageType != "" {
		start = `{"message_type":` + quote(messageType) + ","
	}
	h.put(start, head, `"message":`, string(message), "}\n")
}

func (h *host) put(parts ...string) {
	h.writing.Lock()
	defer h.writing.Unlock()
	for _, part := range parts {
		h.out.WriteString(part)
	}
	if h.resting > 0 || h.out.Len() > writeBytes {
		h.write()
	}
}

func (h *host) flush() {
	h.writing.Lock()
	defer h.writing.Unlock()
	h.write()
}

func (h *host) write() {
	if h.out.Len() == 0 {
		return
	}
	if _, err := h.output.Write(h.out.Bytes()); err != nil {
		os.Exit(1) // Nobody reads any more.
	}
	h.out.Reset()
}

// Writes an ask and waits for its reply; messages that come meanwhile are kept.
func (h *host) ask(id, to string, timeout time.Duration, put func() error) (*Envelope, error) {
	reply := make(chan *Envelope, 1)
	h.mutex.Lock()
	if !h.isOpen {
		h.mutex.Unlock()
		return nil, closed(to)
	}
	h.asks[id] = reply
	h.came.Broadcast()
	h.mutex.Unlock()
	if err := put(); err != nil {
		h.giveUp(id)
		return nil, err
	}
	h.addResting(1)
	defer h.addResting(-1)
	timer := time.NewTimer(timeout + askGrace)
	defer timer.Stop()
	select {
	case env := <-reply:
		if env != nil {
			return env, nil
		}
	case <-timer.C:
		h.giveUp(id)
		return nil, &ActorError{Code: "TIMEOUT", Message: fmt.Sprintf("No reply of '%s' within %v", to, timeout)}
	}
	h.mutex.Lock()
	isOpen := h.isOpen
	h.mutex.Unlock()
	if !isOpen {
		return nil, closed(to)
	}
	h.giveUp(id)
	text := fmt.Sprintf("More than %d messages came before the reply", askQueueMax)
	return nil, &ActorError{Code: "OVERFLOW", Message: text}
}

func closed(to string) *ActorError {
	return &ActorError{Code: "CLOSED", Message: "Input ended before '" + to + "' replied"}
}

func (h *host) giveUp(id string) {
	h.mutex.Lock()
	delete(h.asks, id)
	h.mutex.Unlock()
	h.late.add(&h.mutex, id)
}

// The actor ends its process well: what it had in hand is handled, and its states are kept.
func (h *host) leave() {
	if h.current != nil {
		h.ack(h.current)
	}
	for _, key := range h.order {
		if self := h.instances[key]; self != nil {
			h.saveUnsaved(self, false)
		}
	}
	if h.acknowledges { // What came after that is for its next process.
		h.put(`{"receiver":"$flow","message_type":"Leave"}`, "\n")
	}
}

func (h *host) ack(env *Envelope) {
	if h.acknowledges && env.MessageID != "" {
		h.put(`{"ack":`, quote(env.MessageID), "}\n")
	}
}

func (h *host) keyOf(env *Envelope) string {
	_, key, _ := strings.Cut(env.Receiver, "/")
	if key == h.ownKey {
		return ""
	}
	return key
}

// One message; true after the last.
func (h *host) handle(env *Envelope) (bool, error) {
	h.current = env
	switch env.Type {
	case "Start", "Shutdown", "Activate", "Deactivate":
		if env.Sender == "" || env.Sender == "$engine" {
			return env.Type == "Shutdown", h.lifecycle(env)
		}
		h.ack(env) // A forged one.
		return false, nil
	}
	key := h.keyOf(env)
	self := h.instances[key]
	if self == nil {
		made, err := h.activate(key, nil, &Envelope{Type: "Start"})
		if err != nil {
			return false, err
		}
		self = made
	}
	handler := self.handlers[env.Type]
	if handler == nil && !isBuiltIn(env.Type) {
		handler = self.handlers["*"]
	}
	if h.isOutdated(env) {
		h.ack(env)
		return false, nil
	}
	if handler == nil {
		h.refuse(env, "UNKNOWN_TYPE", "Unknown message type: "+env.Type)
		h.ack(env)
		return false, nil
	}
	return false, h.conclude(env, call(handler, env))
}

// What an error of a handler means.
func (h *host) conclude(env *Envelope, err error) error {
	var fatal fatalError
	var business *ActorError
	var wrong *unreadable
	switch {
	case err == nil:
	case errors.As(err, &fatal), errors.Is(err, Leave):
		return err
	case errors.As(err, &business) && env.isAnswerable():
		h.fail(env, business)
	case errors.As(err, &wrong):
		h.refuse(env, "BAD_MESSAGE", wrong.text)
	default:
		fmt.Fprintln(os.Stderr, err)
		broken := &ActorError{Code: "HANDLER_ERROR", Message: err.Error()}
		if business != nil {
			broken = &ActorError{Code: business.Code, Message: business.Message}
		}
		if env.IsAsk() || env.isRouted() || (!h.acknowledges && env.isRecord()) {
			h.fail(env, broken)
		}
		if env.isRouted() {
			h.ack(env)
			return nil
		}
		if h.acknowledges && env.MessageID != "" {
			body, _ := encode(broken) // Texts.
			h.put(`{"nack":`, quote(env.MessageID), `,"error":`, string(body), "}\n")
		}
		return nil
	}
	h.ack(env)
	return nil
}

// A panic is an error like others, with its stack.
func call(handler func(*Envelope) error, env *Envelope) (err error) {
	defer func() {
		if reason := recover(); reason != nil {
			err = fmt.Errorf("panic: %v\n%s", reason, debug.Stack())
		}
	}()
	return handler(env)
}

func isBuiltIn(messageType string) bool {
	switch messageType {
	case "Start", "Shutdown", "Timeout", "Reject", "Activate", "Deactivate":
		return true
	}
	return false
}

// A late reply of an ask that was given up, or a Timeout of a cancelled timer.
func (h *host) isOutdated(env *Envelope) bool {
	if env.CorrelationID != "" && h.late.has(&h.mutex, env.CorrelationID) {
		return true
	}
	if env.Type != "Timeout" || (env.Sender != "" && env.Sender != "$timer") {
		return false
	}
	var timer struct{ ID json.RawMessage }
	return env.Into(&timer) == nil && h.cancelled.has(&h.mutex, string(timer.ID)+" "+h.keyOf(env))
}

func (h *host) lifecycle(env *Envelope) error {
	var given struct {
		Name  string
		Key   string
		Args  json.RawMessage
		State json.RawMessage
	}
	if err := env.Into(&given); err != nil {
		return err
	}
	key := h.keyOf(env)
	if key == "" && env.Type != "Start" && given.Key != h.ownKey {
		key = given.Key
	}
	var err error
	switch env.Type {
	case "Start":
		h.args, h.ownKey = given.Args, given.Key
		if given.Name != "" {
			h.name = given.Name
		}
		if !h.isKeyed || given.Key != "" {
			_, err = h.activate("", given.State, env)
		}
	case "Activate":
		h.isKeyed = true
		_, err = h.activate(key, given.State, env)
	case "Deactivate":
		err = h.end(key, env)
	case "Shutdown":
		if len(h.instances) == 0 && !h.isKeyed {
			_, err = h.activate("", nil, &Envelope{Type: "Start"})
		}
		for _, each := range append([]string{}, h.order...) {
			err = errors.Join(err, h.end(each, env))
		}
	}
	if err == nil {
		h.ack(env)
	}
	return err
}

func (h *host) activate(key string, state json.RawMessage, env *Envelope) (*Self, error) {
	self := &Self{Name: h.name, Key: key, Args: h.args, State: state, host: h}
	if key == "" {
		self.Key = h.ownKey
	}
	if h.isKeyed && self.Key != "" {
		self.by = `"sender_key":` + quote(self.Key) + ","
	}
	self.saved = string(orNull(state))
	self.handlers = h.make(self)
	h.instances[key] = self
	h.order = append(h.order, key)
	started := self.handlers["Start"]
	// One with a process for each key has its own in Start.
	if activated := self.handlers["Activate"]; activated != nil && self.Key != "" {
		started = activated
	}
	if started == nil {
		return self, nil
	}
	return self, call(started, env)
}

func orNull(raw json.RawMessage) json.RawMessage {
	if len(raw) == 0 {
		return json.RawMessage("null")
	}
	return raw
}

// The end of an instance: its last handler, and its state saved.
func (h *host) end(key string, env *Envelope) error {
	self := h.instances[key]
	if self == nil {
		return nil
	}
	delete(h.instances, key)
	for at, each := range h.order {
		if each == key {
			h.order = append(h.order[:at:at], h.order[at+1:]...)
			break
		}
	}
	if handler := self.handlers[env.Type]; handler != nil {
		if err := call(handler, env); err != nil && !errors.Is(err, Leave) {
			fmt.Fprintln(os.Stderr, err)
			h.hasFailed = true
		}
	}
	return h.saveUnsaved(self, env.Type == "Deactivate")
}

func (h *host) saveUnsaved(self *Self, isDeactivated bool) error {
	h.mutex.Lock()
	state, saved := orNull(self.State), self.saved
	h.mutex.Unlock()
	if string(state) != "null" && (isDeactivated || string(state) != saved) {
		return self.Save(state)
	}
	return nil
}

// Tells the sender that its message was not understood, unless that would answer an answer.
func (h *host) refuse(env *Envelope, code, reason string) {
	if env.IsAsk() || env.isRouted() || env.isRecord() {
		h.fail(env, &ActorError{Code: code, Message: reason})
		return
	}
	if env.CorrelationID != "" || env.Failure != nil || env.Topic != "" || isBuiltIn(env.Type) {
		return
	}
	if env.Sender == "" {
		fmt.Fprintln(os.Stderr, "sluice_actor:", reason)
	}
	if env.Sender == "" || strings.HasPrefix(env.Sender, "$") {
		return
	}
	told, _ := encode(map[string]string{ // Texts.
		"message_type": env.Type, "reason": reason, "code": code, "rejected_by": h.name,
	})
	h.line("Reject", answerHead(env)+h.by(env), told)
}

// A failure reply; a message on a route goes to error-end.
func (h *host) fail(env *Envelope, failure *ActorError) {
	if !env.isRouted() && (env.Failure != nil || env.MessageID == "") {
		return
	}
	body, err := encode(failure)
	if err != nil {
		body, _ = encode(&ActorError{Code: failure.Code, Message: failure.Message}) // Texts.
	}
	if env.isRouted() {
		head := h.by(env) + `"route":` + string(env.Route) + ","
		if len(env.Headers) > 0 {
			headers, _ := encode(env.Headers) // They were JSON.
			head += `"headers":` + string(headers) + ","
		}
		h.line(env.Type, head+`"error":`+string(body)+",", orNull(env.Message))
		return
	}
	h.line("Failure", answerHead(env)+h.by(env)+`"error":`+string(body)+",", json.RawMessage("null"))
}

func (h *host) by(env *Envelope) string {
	if key := h.keyOf(env); h.isKeyed && key != "" {
		return `"sender_key":` + quote(key) + ","
	}
	return ""
}
