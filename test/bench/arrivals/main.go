// Arrivals is the neutral server of `npm run bench`: it belongs to none of the load testers it is used with.
// It answers every request and notes when the request arrived and for how long it was held. Arrival is the kernel's
// own receive stamp (SO_TIMESTAMPNS), so a late wake-up of this process moves no arrival.
//
// It prints {"port": N} and serves until its stdin ends, then prints what it noted.
package main

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"io"
	"net"
	"os"
	"sync"
	"syscall"
	"time"
	"unsafe"
)

var (
	delay     = flag.Duration("delay", 0, "hold every request this long")
	stallFrom = flag.Duration("stall-from", 0, "begin to stall this long after the first request")
	stallFor  = flag.Duration("stall-for", 0, "answer what arrives in the stall at its end")
	response  = []byte("HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\ncontent-length: 2\r\n\r\nok")
	endOfHead = []byte("\r\n\r\n")
)

// notes has a row for each answered request, in nanoseconds since the first arrival. The clock is the wall clock, which
// is what the kernel stamps with.
type notes struct {
	mu           sync.Mutex
	firstNs      int64
	ArrivalNs    []int64 `json:"arrivalNs"`
	HeldNs       []int64 `json:"heldNs"`
	Connections  int     `json:"connections"`
	KernelStamps int     `json:"kernelStamps"`
}

func main() {
	flag.Parse()
	// On the listener, and so inherited: a request may be there before its connection is accepted.
	config := net.ListenConfig{Control: stampArrivals}
	listener, err := config.Listen(context.Background(), "tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	out := json.NewEncoder(os.Stdout)
	_ = out.Encode(map[string]int{"port": listener.Addr().(*net.TCPAddr).Port})
	noted := &notes{ArrivalNs: make([]int64, 0, 1<<17), HeldNs: make([]int64, 0, 1<<17)}
	go accept(listener, noted)
	_, _ = io.Copy(io.Discard, os.Stdin)
	noted.mu.Lock()
	_ = out.Encode(noted)
}

func stampArrivals(_, _ string, raw syscall.RawConn) error {
	return raw.Control(func(fd uintptr) {
		_ = syscall.SetsockoptInt(int(fd), syscall.SOL_SOCKET, syscall.SO_TIMESTAMPNS, 1)
	})
}

func accept(listener net.Listener, noted *notes) {
	for {
		connection, err := listener.Accept()
		if err != nil {
			return
		}
		noted.mu.Lock()
		noted.Connections++
		noted.mu.Unlock()
		go serve(connection.(*net.TCPConn), noted)
	}
}

func serve(connection *net.TCPConn, noted *notes) {
	defer connection.Close()
	raw, err := connection.SyscallConn()
	if err != nil {
		return
	}
	buffer, control := make([]byte, 16384), make([]byte, 256)
	filled := 0
	for {
		size, arrivalNs, byKernel := receive(raw, buffer[filled:], control)
		if size <= 0 {
			return
		}
		filled += size
		requests := bytes.Count(buffer[:filled], endOfHead)
		if requests == 0 && filled < len(buffer) {
			continue
		}
		filled = 0
		for ; requests > 0; requests-- {
			hold(noted.holdUntil(arrivalNs))
			noted.add(arrivalNs, time.Now().UnixNano()-arrivalNs, byKernel)
			if _, err := connection.Write(response); err != nil {
				return
			}
		}
	}
}

// receive waits for bytes. Without the kernel's stamp, an arrival is when we came to read it.
func receive(raw syscall.RawConn, buffer, control []byte) (size int, arrivalNs int64, byKernel bool) {
	var controlSize int
	var failure error
	err := raw.Read(func(fd uintptr) bool {
		size, controlSize, _, _, failure = syscall.Recvmsg(int(fd), buffer, control, 0)
		return failure != syscall.EAGAIN
	})
	if err != nil || failure != nil {
		return 0, 0, false
	}
	messages, _ := syscall.ParseSocketControlMessage(control[:controlSize])
	for _, message := range messages {
		if message.Header.Type == syscall.SCM_TIMESTAMPNS && len(message.Data) >= int(unsafe.Sizeof(syscall.Timespec{})) {
			return size, (*syscall.Timespec)(unsafe.Pointer(&message.Data[0])).Nano(), true
		}
	}
	return size, time.Now().UnixNano(), false
}

func (n *notes) holdUntil(arrivalNs int64) int64 {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.firstNs == 0 {
		n.firstNs = arrivalNs
	}
	stallNs := n.firstNs + stallFrom.Nanoseconds()
	if stalledNs := stallNs + stallFor.Nanoseconds(); arrivalNs >= stallNs && arrivalNs < stalledNs {
		return stalledNs
	}
	return arrivalNs + delay.Nanoseconds()
}

// hold sleeps in the kernel: the runtime's own timers may be a millisecond late.
func hold(untilNs int64) {
	for left := untilNs - time.Now().UnixNano(); left > 0; left = untilNs - time.Now().UnixNano() {
		span := syscall.NsecToTimespec(left)
		_ = syscall.Nanosleep(&span, nil)
	}
}

func (n *notes) add(arrivalNs, heldNs int64, byKernel bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.ArrivalNs = append(n.ArrivalNs, arrivalNs-n.firstNs)
	n.HeldNs = append(n.HeldNs, heldNs)
	if byKernel {
		n.KernelStamps++
	}
}
