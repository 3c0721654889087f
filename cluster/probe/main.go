// Probe answers and makes the connections by which a network is measured.
//
//	probe serve tcp/8080 udp/53 ...          answer on these ports, of every address
//	probe connect [-from A] [-wait D] tcp/10.0.0.1/8080 udp/10.0.0.1/53 dns/10.0.0.1/53 ...
//
// connect tries all at once and writes a line for each, in their order: the target, and open, refused, silent or what else the system said.
// A UDP port is open when it answers; dns asks a real question, over UDP.
package main

import (
	"bufio"
	"errors"
	"flag"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"time"
)

const greeting = "turnstile\n"

// question asks for the A record of kubernetes.default.svc.cluster.local (RFC 1035, 4.1).
var question = append(append([]byte{0x74, 0x73, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0}, name("kubernetes.default.svc.cluster.local")...), 0, 1, 0, 1)

func name(text string) []byte {
	var encoded []byte
	for _, label := range strings.Split(text, ".") {
		encoded = append(append(encoded, byte(len(label))), label...)
	}
	return append(encoded, 0)
}

func main() {
	words, err := command(os.Args)
	if err != nil {
		fail(err.Error())
	}
	switch words[0] {
	case "serve":
		serve(words[1:])
	case "connect":
		connect(words[1:])
	default:
		fail("there is no command " + words[0])
	}
}

// command gives the words after the program's name. Called as a shell (sh -c "probe connect ..."), for its image has no other, it takes
// apart what the shell would, and runs nothing but itself.
func command(arguments []string) ([]string, error) {
	if filepath.Base(arguments[0]) == "sh" {
		if len(arguments) != 3 || arguments[1] != "-c" {
			return nil, errors.New("as a shell it knows sh -c 'probe ...' alone")
		}
		arguments = strings.Fields(arguments[2])
		if len(arguments) == 0 || arguments[0] != "probe" {
			return nil, errors.New("as a shell it runs probe alone")
		}
	}
	if len(arguments) < 2 {
		return nil, errors.New("probe serve PROTOCOL/PORT... or probe connect PROTOCOL/ADDRESS/PORT...")
	}
	return arguments[1:], nil
}

func fail(message string) {
	fmt.Fprintln(os.Stderr, "probe:", message)
	os.Exit(2)
}

func serve(ports []string) {
	for _, port := range ports {
		protocol, number, _ := strings.Cut(port, "/")
		var err error
		if protocol == "udp" {
			err = answerUDP(":" + number)
		} else {
			err = answerTCP(":" + number)
		}
		if err != nil {
			fail(err.Error())
		}
	}
	fmt.Println("ready")
	select {}
}

func answerTCP(address string) error {
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return err
	}
	go func() {
		for {
			connection, err := listener.Accept()
			if err != nil {
				return
			}
			connection.SetDeadline(time.Now().Add(5 * time.Second))
			fmt.Fprint(connection, greeting)
			connection.Close()
		}
	}()
	return nil
}

// answerUDP answers from the address that was asked (IP_PKTINFO): where every address is local, the kernel would choose another.
func answerUDP(address string) error {
	wanted, err := net.ResolveUDPAddr("udp4", address)
	if err != nil {
		return err
	}
	socket, err := net.ListenUDP("udp4", wanted)
	if err != nil {
		return err
	}
	raw, err := socket.SyscallConn()
	if err != nil {
		return err
	}
	var refused error
	if err := raw.Control(func(descriptor uintptr) {
		refused = syscall.SetsockoptInt(int(descriptor), syscall.IPPROTO_IP, syscall.IP_PKTINFO, 1)
	}); err != nil || refused != nil {
		return errors.Join(err, refused)
	}
	go func() {
		buffer, told := make([]byte, 1500), make([]byte, 128)
		for {
			_, size, _, from, err := socket.ReadMsgUDP(buffer, told)
			if err != nil {
				return
			}
			socket.WriteMsgUDP([]byte(greeting), asked(told[:size]), from)
		}
	}()
	return nil
}

// asked makes of what the kernel told of a packet what it must be told of the answer: in_pktinfo is the interface, the source to use,
// and the address that was asked.
func asked(told []byte) []byte {
	messages, err := syscall.ParseSocketControlMessage(told)
	if err != nil {
		return nil
	}
	for _, message := range messages {
		if message.Header.Level == syscall.IPPROTO_IP && message.Header.Type == syscall.IP_PKTINFO && len(message.Data) >= 12 {
			answer := append([]byte{}, told...)
			information := answer[syscall.CmsgLen(0):]
			clear(information[0:4])
			copy(information[4:8], information[8:12])
			return answer
		}
	}
	return nil
}

func connect(arguments []string) {
	flags := flag.NewFlagSet("connect", flag.ExitOnError)
	from := flags.String("from", "", "the address to come from")
	wait := flags.Duration("wait", time.Second, "how long to wait for an answer, three times")
	flags.Parse(arguments)
	results := make([]string, flags.NArg())
	var all sync.WaitGroup
	// More at once than this, and the refusals of a busy machine look like a policy's.
	limit := make(chan struct{}, 256)
	for index, target := range flags.Args() {
		all.Add(1)
		go func() {
			defer all.Done()
			limit <- struct{}{}
			defer func() { <-limit }()
			results[index] = attempt(target, *from, *wait)
		}()
	}
	all.Wait()
	output := bufio.NewWriter(os.Stdout)
	defer output.Flush()
	for index, target := range flags.Args() {
		fmt.Fprintln(output, target, results[index])
	}
}

// attempt tries three times: a lost packet is no denial.
func attempt(target, from string, wait time.Duration) string {
	parts := strings.Split(target, "/")
	if len(parts) != 3 {
		return "unreadable"
	}
	result := ""
	for range 3 {
		result = once(parts[0], net.JoinHostPort(parts[1], parts[2]), from, wait)
		if result == "open" || result == "refused" {
			break
		}
	}
	return result
}

func once(protocol, address, from string, wait time.Duration) string {
	network := protocol
	if protocol == "dns" {
		network = "udp"
	}
	dialer := net.Dialer{Timeout: wait}
	if from != "" {
		dialer.LocalAddr = local(network, from)
	}
	connection, err := dialer.Dial(network, address)
	if err != nil {
		return outcome(err)
	}
	defer connection.Close()
	connection.SetDeadline(time.Now().Add(wait))
	if network == "tcp" {
		return "open"
	}
	sent := []byte(greeting)
	if protocol == "dns" {
		sent = question
	}
	if _, err := connection.Write(sent); err != nil {
		return outcome(err)
	}
	if _, err := connection.Read(make([]byte, 1500)); err != nil {
		return outcome(err)
	}
	return "open"
}

func local(network, from string) net.Addr {
	if network == "udp" {
		return &net.UDPAddr{IP: net.ParseIP(from)}
	}
	return &net.TCPAddr{IP: net.ParseIP(from)}
}

func outcome(err error) string {
	var timeout net.Error
	switch {
	case errors.Is(err, syscall.ECONNREFUSED):
		return "refused"
	case errors.As(err, &timeout) && timeout.Timeout():
		return "silent"
	case errors.Is(err, syscall.EHOSTUNREACH), errors.Is(err, syscall.ENETUNREACH):
		return "unreachable"
	}
	return strings.ReplaceAll(err.Error(), " ", "-")
}
