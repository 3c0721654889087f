package boot

import (
	"fmt"
	"io"
	"net"
	"os"
	"sync"
)

// forward carries what arrives on a listening socket to an address of the node. The socket was opened on the machine's loopback
// before the node had a network of its own, and stays there: the only door, and it closes with this process.
func forward(fd int, to string) error {
	file := os.NewFile(uintptr(fd), "api")
	if file == nil {
		return fmt.Errorf("no listening socket at descriptor %d", fd)
	}
	listener, err := net.FileListener(file)
	if err != nil {
		return fmt.Errorf("descriptor %d is no listening socket: %w", fd, err)
	}
	_ = file.Close() // the listener has its own copy
	go func() {
		for {
			from, err := listener.Accept()
			if err != nil {
				return
			}
			go join(from, to)
		}
	}()
	return nil
}

func join(from net.Conn, address string) {
	defer func() { _ = from.Close() }()
	to, err := net.Dial("tcp", address)
	if err != nil {
		return
	}
	defer func() { _ = to.Close() }()
	var both sync.WaitGroup
	for _, way := range [][2]net.Conn{{from, to}, {to, from}} {
		both.Add(1)
		go func() {
			defer both.Done()
			_, _ = io.Copy(way[1], way[0])
			if c, ok := way[1].(*net.TCPConn); ok {
				_ = c.CloseWrite()
			}
		}()
	}
	both.Wait()
}
