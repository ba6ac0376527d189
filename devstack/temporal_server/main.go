// The hosted Temporal server with its rows in PostgreSQL, as production runs it.
//
// The command of the server's own repository wants modules that nothing else here needs, and leaves database, tables
// and namespace to other commands. This one makes what is missing and then serves.
package main

import (
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	stdlog "log"
	"os"
	"time"

	"go.temporal.io/api/serviceerror"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/server/common/authorization"
	"go.temporal.io/server/common/config"
	"go.temporal.io/server/common/log"
	"go.temporal.io/server/common/metrics"
	"go.temporal.io/server/common/persistence"
	"go.temporal.io/server/common/persistence/sql"
	"go.temporal.io/server/common/persistence/sql/sqlplugin"
	_ "go.temporal.io/server/common/persistence/sql/sqlplugin/postgresql"
	_ "go.temporal.io/server/common/persistence/sql/sqlplugin/sqlite"
	"go.temporal.io/server/common/resolver"
	"go.temporal.io/server/schema"
	v12 "go.temporal.io/server/schema/postgresql/v12"
	"go.temporal.io/server/temporal"
	"google.golang.org/protobuf/types/known/durationpb"
)

const (
	patience  = 30 * time.Second
	retention = 24 * time.Hour
)

// main takes the server's configuration file and the namespace.
func main() {
	loaded, err := config.Load(config.WithConfigFile(os.Args[1]))
	check(err)
	check(prepare(loaded.Persistence.DataStores[loaded.Persistence.DefaultStore].SQL))
	authorizer, err := authorization.GetAuthorizerFromConfig(&loaded.Global.Authorization)
	check(err)
	server, err := temporal.NewServer(
		temporal.ForServices(temporal.DefaultServices),
		temporal.WithConfig(loaded),
		temporal.WithLogger(log.NewZapLogger(log.BuildZapLogger(loaded.Log))),
		temporal.WithAuthorizer(authorizer),
	)
	check(err)
	check(server.Start())
	check(register(loaded.PublicClient.HostPort, os.Args[2]))
	<-temporal.InterruptCh()
	check(server.Stop())
}

// prepare waits for PostgreSQL, then makes the database and its tables where they are missing.
func prepare(store *config.SQL) error {
	atServer := *store
	atServer.DatabaseName = "postgres"
	admin, err := connect(&atServer)
	for since := time.Now(); err != nil; admin, err = connect(&atServer) {
		if time.Since(since) > patience {
			return err
		}
		time.Sleep(200 * time.Millisecond)
	}
	defer func() { _ = admin.Close() }()
	if err := admin.CreateDatabase(store.DatabaseName); err != nil {
		return err
	}
	database, err := connect(store)
	if err != nil {
		return err
	}
	defer func() { _ = database.Close() }()
	if _, err := database.ReadSchemaVersion(store.DatabaseName); err == nil {
		return nil
	}
	return makeTables(database, store.DatabaseName)
}

func connect(store *config.SQL) (sqlplugin.AdminDB, error) {
	database, err := sql.NewSQLAdminDB(
		sqlplugin.DbKindMain, store, resolver.NewNoopResolver(), log.NewNoopLogger(), metrics.NoopMetricsHandler)
	if err != nil {
		return nil, err
	}
	// The connection is made when it is first used.
	if err := database.Exec("SELECT 1"); err != nil {
		_ = database.Close()
		return nil, err
	}
	return database, nil
}

func makeTables(database sqlplugin.AdminDB, name string) error {
	text, err := fs.ReadFile(schema.Assets(), "postgresql/v12/temporal/schema.sql")
	if err != nil {
		return err
	}
	statements, err := persistence.LoadAndSplitQueryFromReaders([]io.Reader{bytes.NewReader(text)})
	if err != nil {
		return err
	}
	for _, statement := range statements {
		if err := database.Exec(statement); err != nil {
			return err
		}
	}
	if err := database.CreateSchemaVersionTables(); err != nil {
		return err
	}
	return database.UpdateSchemaVersion(name, v12.Version, v12.Version)
}

// register makes the namespace; the server may need a moment before it takes calls.
func register(address string, namespace string) error {
	namespaces, err := client.NewNamespaceClient(client.Options{HostPort: address})
	if err != nil {
		return err
	}
	defer namespaces.Close()
	limited, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	for {
		err := namespaces.Register(limited, &workflowservice.RegisterNamespaceRequest{
			Namespace:                        namespace,
			WorkflowExecutionRetentionPeriod: durationpb.New(retention),
		})
		var known *serviceerror.NamespaceAlreadyExists
		if err == nil || errors.As(err, &known) {
			return nil
		}
		if limited.Err() != nil {
			return err
		}
		time.Sleep(200 * time.Millisecond)
	}
}

func check(err error) {
	if err != nil {
		stdlog.Fatal(err)
	}
}
