// The Mongo-wire server of the development stack: FerretDB over SQLite, from its embeddable package.
//
// FerretDB's own command refuses to be built as a dependency, so this is its smallest caller:
//
//	mongowire -listen 127.0.0.1:27017 -data /some/folder
package main

import (
	"context"
	"flag"
	"log"
	"os/signal"
	"path/filepath"
	"syscall"

	"github.com/FerretDB/FerretDB/ferretdb"
)

func main() {
	listen := flag.String("listen", "127.0.0.1:27017", "address to answer on")
	data := flag.String("data", ".", "folder of the SQLite files")
	flag.Parse()

	folder, err := filepath.Abs(*data)
	if err != nil {
		log.Fatal(err)
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer stop()

	server, err := ferretdb.New(&ferretdb.Config{
		Listener:  ferretdb.ListenerConfig{TCP: *listen},
		Handler:   "sqlite",
		SQLiteURL: "file:" + folder + "/",
	})
	if err != nil {
		log.Fatal(err)
	}
	log.Printf("answering on %s, data in %s", *listen, folder)
	if err := server.Run(ctx); err != nil && ctx.Err() == nil {
		log.Fatal(err)
	}
}
