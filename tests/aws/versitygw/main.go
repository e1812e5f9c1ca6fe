// An S3 server for tests: versitygw over a folder. Its own program also brings the backends for other clouds and takes
// three times as long to build.
//
//	versitygw ADDRESS FOLDER VERSIONS [CERTIFICATE KEY]
//
// The keys of its one account are ROOT_ACCESS_KEY and ROOT_SECRET_KEY.
package main

import (
	"context"
	"log"
	"os"
	"os/signal"
	"syscall"

	"github.com/versity/versitygw/backend/meta"
	"github.com/versity/versitygw/backend/posix"
	"github.com/versity/versitygw/embedgw"
)

const (
	connections = 1024
	parts       = 10000
	copyMost    = 5 << 30
	concurrency = 5000
)

func main() {
	if len(os.Args) != 4 && len(os.Args) != 6 {
		log.Fatal("usage: versitygw ADDRESS FOLDER VERSIONS [CERTIFICATE KEY]")
	}
	options := posix.PosixOpts{
		VersioningDir:       os.Args[3],
		Concurrency:         concurrency,
		CopyObjectThreshold: copyMost,
	}
	backend, err := posix.New(os.Args[2], meta.XattrMeta{}, options)
	if err != nil {
		log.Fatal(err)
	}
	config := embedgw.Config{
		RootUserAccess:    os.Getenv("ROOT_ACCESS_KEY"),
		RootUserSecret:    os.Getenv("ROOT_SECRET_KEY"),
		Ports:             []string{os.Args[1]},
		MaxConnections:    connections,
		MaxRequests:       connections,
		MultipartMaxParts: parts,
		Quiet:             true,
		KeepAlive:         true,
	}
	if len(os.Args) == 6 {
		config.CertFile, config.KeyFile = os.Args[4], os.Args[5]
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := embedgw.RunVersityGW(ctx, backend, &config); err != nil {
		log.Fatal(err)
	}
}
